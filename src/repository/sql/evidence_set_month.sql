-- Write down how far a month is sealed.
INSERT INTO evidence_months (month, seen, after) VALUES (%s, %s, %s)
ON CONFLICT (month) DO UPDATE SET seen = excluded.seen, after = excluded.after
