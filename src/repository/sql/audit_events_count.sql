-- How many events pass the filter, up to a ceiling.
SELECT count(*) FROM (SELECT FROM audit_events WHERE {conditions} LIMIT {ceiling}) AS counted
