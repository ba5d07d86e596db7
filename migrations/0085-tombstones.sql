-- What is left of a month that was dropped: a note, signed as checkpoints are. See docs/evidence.md.
CREATE TABLE IF NOT EXISTS evidence_tombstones (
    month     date        NOT NULL CHECK (month = date_trunc('month', month::timestamp)::date),
    buried_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    note      text        NOT NULL,
    PRIMARY KEY (month, buried_at)
);
CREATE OR REPLACE TRIGGER evidence_tombstones_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence_tombstones
    FOR EACH STATEMENT EXECUTE FUNCTION evidence_refuse_change();
ALTER TABLE evidence_tombstones ENABLE ALWAYS TRIGGER evidence_tombstones_append_only;

-- How many events of each category an archived month has: categories have retentions of their own. NULL: not known.
ALTER TABLE audit_archives ADD COLUMN IF NOT EXISTS by_category jsonb;
