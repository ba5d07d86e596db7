"""What the commands share that work in the database as the owner of its tables."""

from __future__ import annotations

from datastorage.cli.shared import CommandError, effective_settings
from datastorage.embedded import default_data_dir, read_run_file
from repository.errors import RepositoryError

__all__ = ["owner_address", "owner_error"]

_HINTS = {
    "42501": ": DATABASE_OWNER_URL must name the owner of the tables",
    "42P01": ": run `datastorage migrate` first",
}


def owner_address(database: str) -> str:
    """The owner's address from the settings, or that of the running `datastorage dev`.

    database: what messages call the database. Raises CommandError where neither is there.
    """
    running = read_run_file(default_data_dir()) or {}
    address: str = effective_settings().owner_address or running.get("database_owner_url", "")
    if not address:
        raise CommandError(f"set DATABASE_OWNER_URL (or DATABASE_URL) to {database}")
    return address


def owner_error(error: RepositoryError) -> CommandError:
    """`error` as the command line says it, with what to do about a login or a schema that does not fit."""
    return CommandError(f"{error}{_HINTS.get(error.sqlstate or '', '')}")
