-- Where the event with this id is.
SELECT event_date FROM audit_event_ids WHERE event_id = %(event_id)s
