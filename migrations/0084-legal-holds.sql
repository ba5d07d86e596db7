-- Legal holds: which events must not leave, for which matter, and who said so. NULL in the scope is no condition.
CREATE TABLE IF NOT EXISTS legal_holds (
    hold_id        uuid        PRIMARY KEY,
    matter         text        NOT NULL,
    reason         text        NOT NULL,
    correlation_id text,
    resource_type  text,
    resource_id    text,
    actor_id       text,
    event_category text,
    since          timestamptz,
    until          timestamptz,
    -- whether somebody else than who placed it must release it
    second_person  boolean     NOT NULL,
    placed_by      text,
    placed_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT legal_holds_scope_check CHECK (num_nonnulls(correlation_id, resource_type, resource_id, actor_id,
                                                           event_category, since, until) > 0)
);

-- The end of a hold, once.
CREATE TABLE IF NOT EXISTS legal_hold_releases (
    hold_id     uuid        PRIMARY KEY REFERENCES legal_holds,
    reason      text        NOT NULL,
    released_by text,
    released_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE OR REPLACE FUNCTION legal_holds_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'legal holds are append-only: % is refused', TG_OP USING ERRCODE = 'check_violation';
END
$$;
CREATE OR REPLACE TRIGGER legal_holds_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON legal_holds
    FOR EACH STATEMENT EXECUTE FUNCTION legal_holds_refuse_change();
CREATE OR REPLACE TRIGGER legal_hold_releases_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON legal_hold_releases
    FOR EACH STATEMENT EXECUTE FUNCTION legal_holds_refuse_change();
ALTER TABLE legal_holds ENABLE ALWAYS TRIGGER legal_holds_append_only;
ALTER TABLE legal_hold_releases ENABLE ALWAYS TRIGGER legal_hold_releases_append_only;
