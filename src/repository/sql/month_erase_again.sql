-- Erase in a restored table, which has no triggers yet, what was erased of an event.
UPDATE public.{table} SET event_data = audit_event_redacted(event_data, %(pointers)s::text[], %(erasure)s)
 WHERE event_id = %(event_id)s
