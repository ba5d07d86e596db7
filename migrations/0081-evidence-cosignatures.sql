-- What witnesses say about the log: that the checkpoint of `size` entries is consistent with all that they saw before. The
-- newest one of each witness, for it covers what came before. line: a signature line of C2SP tlog-cosignature.
CREATE TABLE IF NOT EXISTS evidence_cosignatures (
    witness text        PRIMARY KEY,
    size    bigint      NOT NULL,
    line    text        NOT NULL CHECK (length(line) < 1000),
    at      timestamptz NOT NULL DEFAULT now()
);
