-- API keys: everything but their secrets. The service reads them and notes their use; only the owner makes them.
CREATE TABLE IF NOT EXISTS access_keys (
    key_id              varchar(32)      PRIMARY KEY,
    name                varchar(100)     NOT NULL,
    secret_sha256       bytea            NOT NULL,
    scopes              text[]           NOT NULL,
    -- NULL: no limit of that kind
    categories          text[],
    namespaces          text[],
    clusters            text[],
    requests_per_second double precision,
    burst               integer          NOT NULL DEFAULT 1,
    created_at          timestamptz      NOT NULL DEFAULT now(),
    created_by          varchar(255)     NOT NULL DEFAULT session_user,
    expires_at          timestamptz,
    revoked_at          timestamptz,
    last_used_at        timestamptz,
    CONSTRAINT access_keys_secret_sha256_check CHECK (octet_length(secret_sha256) = 32),
    CONSTRAINT access_keys_rate_check CHECK (requests_per_second > 0 AND burst >= 1)
);

-- Every process keeps the keys in memory and learns from this that they changed; a use alone changes nothing.
CREATE OR REPLACE FUNCTION access_keys_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('access_keys', '');
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER access_keys_tell
    AFTER INSERT OR DELETE OR UPDATE OF name, secret_sha256, scopes, categories, namespaces, clusters,
                                        requests_per_second, burst, expires_at, revoked_at ON access_keys
    FOR EACH STATEMENT EXECUTE FUNCTION access_keys_tell();
