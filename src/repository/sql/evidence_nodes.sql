-- The hashes of one level from number `first` up to but not including `end`.
SELECT hash FROM evidence_nodes WHERE level = %(level)s AND n >= %(first)s AND n < %(end)s ORDER BY n
