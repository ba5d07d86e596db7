-- Which of these ids are stored, and on which date.
SELECT event_id, event_date FROM audit_event_ids WHERE event_id = ANY(%(ids)s)
