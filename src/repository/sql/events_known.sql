-- Which of these ids are stored, within the dates that they can be in, and on which date.
SELECT event_id, event_date
  FROM audit_events
 WHERE event_id = ANY(%(ids)s)
   AND event_date BETWEEN %(first)s AND %(last)s
