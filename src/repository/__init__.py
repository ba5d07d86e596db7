"""PostgreSQL: pool, partitions, one module per table, SQL in named .sql files. Knows no HTTP and no queue."""
