"""Redis: stream, capacity, replay worker, dead letters. Knows no HTTP and no PostgreSQL."""
