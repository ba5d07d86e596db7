-- The entries from leaf `first` up to but not including `end`, in the pieces in which they were sealed.
SELECT substring(entries FROM 53 * (greatest(first, %(first)s) - first)::int + 1
                 FOR 53 * (least(size, %(end)s) - greatest(first, %(first)s))::int)
  FROM evidence_batches
 WHERE size > %(first)s AND first < %(end)s
 ORDER BY first
