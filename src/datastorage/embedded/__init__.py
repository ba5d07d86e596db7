"""PostgreSQL and a Redis-compatible server of our own, run from wheels as child processes.

For `datastorage dev` and for the tests. This package knows nothing of the API.
"""

from datastorage.embedded.directory import DataDirectory, default_data_dir, read_run_file
from datastorage.embedded.errors import (
    AccountError,
    DirectoryInUseError,
    EmbeddedError,
    MissingBinaryError,
    PortInUseError,
    StartError,
    UnreachableDirectoryError,
    WrongMajorError,
)
from datastorage.embedded.postgres import Postgres, embedded_postgres
from datastorage.embedded.privileges import server_account
from datastorage.embedded.process import Server, dies_with, free_port, require_free
from datastorage.embedded.supervisor import EmbeddedServers
from datastorage.embedded.valkey import Valkey, embedded_valkey

__all__ = [
    "AccountError",
    "DataDirectory",
    "DirectoryInUseError",
    "EmbeddedError",
    "EmbeddedServers",
    "MissingBinaryError",
    "PortInUseError",
    "Postgres",
    "Server",
    "StartError",
    "UnreachableDirectoryError",
    "Valkey",
    "WrongMajorError",
    "default_data_dir",
    "dies_with",
    "embedded_postgres",
    "embedded_valkey",
    "free_port",
    "read_run_file",
    "require_free",
    "server_account",
]
