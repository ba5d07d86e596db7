-- Give up the ids of a portion of a month that is to be dropped; the table's key walks it in order.
WITH portion AS (
    SELECT event_id, event_date FROM public.{table} WHERE event_id > %(after)s ORDER BY event_id LIMIT %(limit)s
), gone AS (
    DELETE FROM audit_event_ids USING portion
     WHERE audit_event_ids.event_id = portion.event_id AND audit_event_ids.event_date = portion.event_date
)
SELECT event_id FROM portion ORDER BY event_id DESC LIMIT 1
