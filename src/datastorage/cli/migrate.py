"""`datastorage migrate`: bring the schema up to date."""

from __future__ import annotations

import sys

import click

from datastorage.cli.shared import CommandError, effective_settings

__all__ = ["migrate"]


@click.command()
@click.option("--check", is_flag=True, help="Only say what is not applied yet; exit code 1 if there is something.")
def migrate(check: bool) -> None:
    """Apply the migrations that the database lacks, as the owner of its tables: DATABASE_OWNER_URL, or DATABASE_URL.

    Safe to run from several places at once and to run again: an advisory lock lets one through at a time. Migrations
    only go forward. The logins of DATABASE_URL and DATABASE_READ_URL get the rights that they need, where they are
    others than the owner's.
    """
    settings = effective_settings()
    address = settings.owner_address
    if not address:
        raise CommandError("set DATABASE_URL to the database to migrate, postgresql://user:password@host:port/name")
    from addresses.postgres import places
    from datastorage.roles import login_of
    from datastorage.startup import cause_of
    from repository.errors import DatabaseUnavailableError, RepositoryError
    from repository.migrations import migrate as apply
    from repository.migrations import pending

    try:
        names = pending(address)
        if not check:
            apply(
                address,
                writer=login_of(settings.database_direct_url or settings.database_url),
                reader=login_of(settings.database_read_url),
            )
    except DatabaseUnavailableError as error:
        where = places(address)
        raise CommandError(f"PostgreSQL at {where} does not take the migrations now: {cause_of(error)}") from None
    except RepositoryError as error:
        raise CommandError(str(error)) from None
    for name in names:
        click.echo(f"{'pending' if check else 'applied'}  {name}")
    if not names:
        click.echo("The schema is up to date.")
    sys.exit(1 if check and names else 0)
