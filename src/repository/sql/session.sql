-- Which session of which database answers. A pooler shows its clients a process number of its own making.
SELECT pg_backend_pid() AS backend, session_user AS login, current_database() AS database, system_identifier FROM pg_control_system()
