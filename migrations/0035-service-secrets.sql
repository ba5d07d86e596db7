-- Keys that all instances share and no person needs to know: made here, once, and kept with the data.
CREATE TABLE IF NOT EXISTS service_secrets (
    name       text        PRIMARY KEY,
    secret     bytea       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- gen_random_uuid() takes 122 bits from the operating system's generator; two of them are 244.
INSERT INTO service_secrets (name, secret)
VALUES ('cursors', decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'))
ON CONFLICT (name) DO NOTHING;
