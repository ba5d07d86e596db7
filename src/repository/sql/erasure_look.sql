-- An event that is to be erased: where it is, what its members are, which holds cover it, and where its month's archive is.
SELECT e.event_date, e.event_type, e.correlation_id,
       ARRAY(SELECT coalesce(jsonb_typeof(e.event_data #> audit_event_path(pointer)), '')
               FROM unnest(%(pointers)s::text[]) WITH ORDINALITY AS asked (pointer, n) ORDER BY n) AS kinds,
       ARRAY(SELECT matter || ' (' || hold_id || ')' FROM audit_event_holds(e) ORDER BY hold_id) AS holds,
       (SELECT location FROM audit_archives WHERE month = date_trunc('month', e.event_date::timestamp)::date) AS archive
  FROM audit_event_ids AS known
  JOIN audit_events AS e ON e.event_id = known.event_id AND e.event_date = known.event_date
 WHERE known.event_id = %(event_id)s
