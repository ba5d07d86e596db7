-- The statements of this database that took the most time altogether; pg_stat_statements keeps no values.
SELECT calls,
       round(total_exec_time)::float8 AS total_ms,
       round(mean_exec_time::numeric, 3)::float8 AS mean_ms,
       round(max_exec_time)::float8 AS max_ms,
       rows,
       shared_blks_hit AS blocks_hit,
       shared_blks_read AS blocks_read,
       left(query, 2000) AS statement
FROM pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY total_exec_time DESC
LIMIT 20
