-- Opens one month and its primary key as a look-up would.
SELECT event_id FROM audit_events
 WHERE event_id = %(event_id)s AND event_date BETWEEN %(first)s AND %(last)s
