-- The events of one month that tell of an erasure: which event, and its digest since.
SELECT event_id, (event_data->>'event_id')::uuid, decode(event_data->>'digest', 'hex')
  FROM audit_events
 WHERE event_type = 'datastorage.event.erased' AND recorded_by = 'datastorage'
   AND event_date >= {first} AND event_date < {end}
