-- The months that were written to archives: what reads, proofs and `datastorage partitions` know of them. Written by the
-- owner of the tables; docs/retention.md has the form of an archive.
CREATE TABLE IF NOT EXISTS audit_archives (
    month          date        PRIMARY KEY CHECK (month = date_trunc('month', month::timestamp)::date),
    event_count    bigint      NOT NULL CHECK (event_count >= 0),
    -- of the NDJSON text
    sha256         bytea       NOT NULL CHECK (octet_length(sha256) = 32),
    -- the manifest's path when it was written
    location       text        NOT NULL,
    -- the longest of its events
    retention_days integer     NOT NULL,
    archived_at    timestamptz NOT NULL DEFAULT now(),
    dropped_at     timestamptz
);
