-- The months that the log knows.
SELECT month, seen::text AS seen, after FROM evidence_months
