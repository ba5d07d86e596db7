-- One writer at a time for ids that fall into the same bucket; in ascending order, so that writers never deadlock.
SELECT pg_advisory_xact_lock(%s, bucket) FROM unnest(%s::integer[]) AS bucket
