-- The transparency log over audit_events: which transaction wrote a row, and what is sealed. See docs/evidence.md.
-- The constant default does not rewrite the table; rows that are there now share it, and are sealed by month and id.
ALTER TABLE audit_events ADD COLUMN IF NOT EXISTS seal_xid xid8 NOT NULL DEFAULT '0';
ALTER TABLE audit_events ALTER COLUMN seal_xid SET DEFAULT pg_current_xact_id();
CREATE INDEX IF NOT EXISTS idx_audit_events_seal_xid ON audit_events (seal_xid);

-- One row for the database: the log's name, and which PostgreSQL cluster it grows in.
CREATE TABLE IF NOT EXISTS evidence_log (
    only_one  boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    origin    text    NOT NULL,
    cluster   bigint  NOT NULL
);

-- The entries in their order. A batch is what one transaction of the sealer appended: the leaves from `first` up to but
-- not including `size`; `root` is that of the tree of `size` leaves; `seen` is the snapshot up to which all is sealed.
CREATE TABLE IF NOT EXISTS evidence_batches (
    first     bigint      PRIMARY KEY,
    size      bigint      NOT NULL UNIQUE CHECK (size > first),
    root      bytea       NOT NULL CHECK (octet_length(root) = 32),
    entries   bytea       NOT NULL CHECK (octet_length(entries) = 53 * (size - first)),
    seen      pg_snapshot NOT NULL,
    cluster   bigint      NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT now()
);
-- Compressing hashes is of no use, and EXTERNAL lets a part be read without the whole.
ALTER TABLE evidence_batches ALTER COLUMN entries SET STORAGE EXTERNAL;
CREATE INDEX IF NOT EXISTS idx_evidence_batches_seen ON evidence_batches (pg_snapshot_xmax(seen));

-- Hashes over complete subtrees: node n of level l covers 256^l leaves. Level 0, the leaves, is made from the entries.
CREATE TABLE IF NOT EXISTS evidence_nodes (
    level smallint NOT NULL CHECK (level BETWEEN 1 AND 7),
    n     bigint   NOT NULL,
    hash  bytea    NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (level, n)
);

-- The months that the log knows. seen: how far a month is sealed, where that is not as far as the newest batch says (it
-- was detached or could not be read). after: rows that are older than the log are sealed up to this id; NULL when all are.
CREATE TABLE IF NOT EXISTS evidence_months (
    month date PRIMARY KEY,
    seen  pg_snapshot,
    after uuid
);
INSERT INTO evidence_months (month, after)
SELECT DISTINCT date_trunc('month', event_date)::date, '00000000-0000-0000-0000-000000000000'::uuid
  FROM audit_events WHERE seal_xid = '0'
ON CONFLICT (month) DO NOTHING;

-- What is sealed stays as it was sealed.
CREATE OR REPLACE FUNCTION evidence_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is append-only: % is refused', TG_OP USING ERRCODE = 'check_violation';
END
$$;
CREATE OR REPLACE TRIGGER evidence_batches_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence_batches
    FOR EACH STATEMENT EXECUTE FUNCTION evidence_refuse_change();
CREATE OR REPLACE TRIGGER evidence_nodes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence_nodes
    FOR EACH STATEMENT EXECUTE FUNCTION evidence_refuse_change();
ALTER TABLE evidence_batches ENABLE ALWAYS TRIGGER evidence_batches_append_only;
ALTER TABLE evidence_nodes ENABLE ALWAYS TRIGGER evidence_nodes_append_only;
