-- Erasure under an order: named members of an event's payload give way to a marker, by one function and no other way.

-- Which event was erased where, for the trigger, for restores and for repetitions. erasure_id: the event that tells of it,
-- with order, reason and login. original_sha256: of event_data's text before the first erasure of the event.
CREATE TABLE IF NOT EXISTS audit_erasures (
    erasure_id      uuid        PRIMARY KEY,
    event_id        uuid        NOT NULL,
    event_date      date        NOT NULL,
    pointers        text[]      NOT NULL CHECK (cardinality(pointers) > 0),
    original_sha256 bytea       NOT NULL CHECK (octet_length(original_sha256) = 32),
    transaction     xid8        NOT NULL DEFAULT pg_current_xact_id(),
    erased_at       timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX IF NOT EXISTS idx_audit_erasures_event ON audit_erasures (event_id);

CREATE OR REPLACE FUNCTION audit_erasures_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'erasures are append-only: % is refused', TG_OP USING ERRCODE = 'check_violation';
END
$$;
CREATE OR REPLACE TRIGGER audit_erasures_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_erasures
    FOR EACH STATEMENT EXECUTE FUNCTION audit_erasures_refuse_change();
ALTER TABLE audit_erasures ENABLE ALWAYS TRIGGER audit_erasures_append_only;

-- The path of a JSON Pointer below event_data: '/event_data/a~1b/0' is {a/b,0}, '/event_data' is {}.
CREATE OR REPLACE FUNCTION audit_event_path(pointer text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY(SELECT replace(replace(token, '~1', '/'), '~0', '~')
                   FROM unnest(string_to_array(pointer, '/')) WITH ORDINALITY AS t (token, n)
                  WHERE n > 2 ORDER BY n)
$$;

-- event_data with {"$erased": erasure} in the places of the pointers; what is not there stays away.
CREATE OR REPLACE FUNCTION audit_event_redacted(data jsonb, pointers text[], erasure uuid) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    pointer text;
    path    text[];
    marker  jsonb := jsonb_build_object('$erased', erasure);
BEGIN
    FOREACH pointer IN ARRAY pointers LOOP
        path := public.audit_event_path(pointer);
        data := CASE WHEN cardinality(path) = 0 THEN marker ELSE jsonb_set(data, path, marker, false) END;
    END LOOP;
    RETURN data;
END
$$;

-- The SHA-256 of an event's canonical bytes, version audit_event/1, as the log has it (docs/evidence.md).
CREATE OR REPLACE FUNCTION audit_event_digest(e audit_events) RETURNS bytea
LANGUAGE sql STABLE SET timezone = 'UTC' SET datestyle = 'ISO' AS $$
    SELECT sha256('\x0020'::bytea || string_agg(
        coalesce(int4send(octet_length(convert_to(value, 'UTF8'))) || convert_to(value, 'UTF8'), '\xffffffff'::bytea),
        ''::bytea ORDER BY n))
      FROM unnest(ARRAY[
        'audit_event/1', e.event_id::text, e.event_version::text,
        (extract(epoch FROM e.event_timestamp) * 1000000)::bigint::text, e.event_date::text, e.event_type::text,
        e.event_category::text, e.event_action::text, e.event_outcome::text, e.actor_type::text, e.actor_id::text,
        abbrev(e.actor_ip), e.resource_type::text, e.resource_id::text, e.resource_name::text, e.correlation_id::text,
        e.parent_event_id::text, e.parent_event_date::text, e.trace_id::text, e.span_id::text, e.namespace::text,
        e.cluster_name::text, e.event_data::text, e.event_metadata::text, e.severity::text, e.duration_ms::text,
        e.error_code::text, e.error_message, e.retention_days::text, e.is_sensitive::text,
        (extract(epoch FROM e.recorded_at) * 1000000)::bigint::text, e.recorded_by::text
      ]) WITH ORDINALITY AS field (value, n)
$$;

-- The legal holds in force that cover an event.
CREATE OR REPLACE FUNCTION audit_event_holds(e audit_events) RETURNS SETOF legal_holds LANGUAGE sql STABLE AS $$
    SELECT * FROM public.legal_holds AS h
     WHERE NOT EXISTS (SELECT FROM public.legal_hold_releases AS r WHERE r.hold_id = h.hold_id)
       AND (h.correlation_id IS NULL OR h.correlation_id = e.correlation_id)
       AND (h.resource_type IS NULL OR h.resource_type = e.resource_type)
       AND (h.resource_id IS NULL OR h.resource_id = e.resource_id)
       AND (h.actor_id IS NULL OR h.actor_id = e.actor_id)
       AND (h.event_category IS NULL OR h.event_category = e.event_category)
       AND (h.since IS NULL OR h.since <= e.event_timestamp)
       AND (h.until IS NULL OR h.until >= e.event_timestamp)
$$;

-- What was recorded stays as it was recorded, whoever asks; but for the one change that audit_event_erase is making.
CREATE OR REPLACE FUNCTION audit_events_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_LEVEL = 'ROW' THEN
        IF EXISTS (SELECT FROM public.audit_erasures AS x
                    WHERE x.event_id = OLD.event_id AND x.event_date = OLD.event_date
                      AND x.transaction = pg_current_xact_id_if_assigned()
                      AND NEW.event_data = public.audit_event_redacted(OLD.event_data, x.pointers, x.erasure_id))
           AND to_jsonb(NEW) - 'event_data' = to_jsonb(OLD) - 'event_data' THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'audit events are append-only: % is refused', TG_OP USING ERRCODE = 'check_violation';
END
$$;

-- Erase members of an event's payload, and record that: order, reason and login, the digest of the event as it was and as
-- it is now. Returns the latter. Waits for holds that are being placed, and lets none be placed until it is done.
-- SQLSTATE DSE01: no such event in an attached month. DSE02: a pointer names nothing in event_data, or what was erased
-- before. DSE03: the event is under a legal hold. DSE04: an event that tells of an erasure.
CREATE OR REPLACE FUNCTION audit_event_erase(
    erasure uuid, victim uuid, pointers text[], order_reference text, why text) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    old      public.audit_events;
    new      public.audit_events;
    pointer  text;
    value    jsonb;
    instant  timestamptz := clock_timestamp();
    original bytea;
BEGIN
    LOCK TABLE public.legal_holds IN SHARE MODE;
    SELECT e.* INTO old FROM public.audit_event_ids AS known
      JOIN public.audit_events AS e ON e.event_id = known.event_id AND e.event_date = known.event_date
     WHERE known.event_id = victim
       FOR UPDATE OF e;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no event % in an attached month', victim USING ERRCODE = 'DSE01';
    END IF;
    IF old.event_type = 'datastorage.event.erased' THEN
        RAISE EXCEPTION 'an event that tells of an erasure is not erased' USING ERRCODE = 'DSE04';
    END IF;
    IF EXISTS (SELECT FROM public.audit_event_holds(old)) THEN
        RAISE EXCEPTION 'the event % is under a legal hold', victim USING ERRCODE = 'DSE03';
    END IF;
    FOREACH pointer IN ARRAY pointers LOOP
        value := CASE WHEN pointer ~ '^/event_data(/|$)' THEN old.event_data #> public.audit_event_path(pointer) END;
        IF value IS NULL OR EXISTS (SELECT FROM public.audit_erasures AS x WHERE x.event_id = victim
                                       AND value = jsonb_build_object('$erased', x.erasure_id)) THEN
            RAISE EXCEPTION 'there is nothing to erase at %', pointer USING ERRCODE = 'DSE02';
        END IF;
    END LOOP;
    SELECT original_sha256 INTO original FROM public.audit_erasures WHERE event_id = victim ORDER BY erased_at LIMIT 1;
    INSERT INTO public.audit_erasures (erasure_id, event_id, event_date, pointers, original_sha256)
    VALUES (erasure, victim, old.event_date, pointers,
            coalesce(original, sha256(convert_to(old.event_data::text, 'UTF8'))));
    UPDATE public.audit_events SET event_data = public.audit_event_redacted(event_data, pointers, erasure)
     WHERE event_id = victim AND event_date = old.event_date RETURNING * INTO new;
    PERFORM public.audit_events_make_month(instant::date);
    INSERT INTO public.audit_events (
        event_id, event_version, event_timestamp, event_date, event_type, event_category, event_action, event_outcome,
        actor_type, actor_id, resource_type, resource_id, correlation_id, namespace, cluster_name, severity, recorded_by,
        event_data)
    VALUES (
        erasure, '1.0', instant, instant::date, 'datastorage.event.erased', 'orchestration', 'erased', 'success',
        'service', 'datastorage', 'audit_event', victim::text, old.correlation_id, old.namespace, old.cluster_name, 'info',
        'datastorage', jsonb_build_object(
            'event_id', victim, 'event_date', old.event_date, 'paths', pointers, 'order', order_reference, 'reason', why,
            'login', session_user, 'digest_before', encode(public.audit_event_digest(old), 'hex'),
            'digest', encode(public.audit_event_digest(new), 'hex')));
    RETURN public.audit_event_digest(new);
END
$$;
REVOKE EXECUTE ON FUNCTION audit_event_erase(uuid, uuid, text[], text, text) FROM PUBLIC;
