-- How many rows one month has, and how many of them wait to be sealed.
SELECT count(*), count(*) FILTER (WHERE {window})
  FROM audit_events WHERE event_date >= {first} AND event_date < {end}
