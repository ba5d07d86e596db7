"""`datastorage migrate`: bring the schema up to date."""

from __future__ import annotations

import sys

import click

from datastorage.cli.shared import CommandError, effective_settings

__all__ = ["migrate"]


@click.command()
@click.option("--check", is_flag=True, help="Only say what is not applied yet; exit code 1 if there is something.")
def migrate(check: bool) -> None:
    """Apply the migrations that the database at DATABASE_URL lacks.

    Safe to run from several places at once and to run again: an advisory lock lets one through at a time. Migrations
    only go forward.
    """
    address = effective_settings().database_url
    if address is None:
        raise CommandError("set DATABASE_URL to the database to migrate, postgresql://user:password@host:port/name")
    from addresses.postgres import places
    from datastorage.startup import cause_of
    from repository.errors import DatabaseUnavailableError, RepositoryError
    from repository.migrations import migrate as apply
    from repository.migrations import pending

    try:
        names = pending(address.get_secret_value())
        if not check:
            apply(address.get_secret_value())
    except DatabaseUnavailableError as error:
        where = places(address.get_secret_value())
        raise CommandError(f"PostgreSQL at {where} does not take the migrations now: {cause_of(error)}") from None
    except RepositoryError as error:
        raise CommandError(str(error)) from None
    for name in names:
        click.echo(f"{'pending' if check else 'applied'}  {name}")
    if not names:
        click.echo("The schema is up to date.")
    sys.exit(1 if check and names else 0)
