"""`datastorage erase`: members of one event's payload, under an order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

import click

from datastorage.cli.owner import owner_address, owner_error
from datastorage.cli.shared import CommandError, plain
from repository import erasure
from repository.errors import RepositoryError
from telemetry.clock import new_event_id

__all__ = ["erase"]

_POINTER = re.compile(r"/event_data(?:/(?:[^~/]|~[01])*)*")


@click.command()
@click.argument("event_id", type=click.UUID)
@click.option(
    "--path",
    "pointers",
    multiple=True,
    required=True,
    help="JSON Pointer of a member, /event_data/customer/email; may be given several times.",
)
@click.option("--order", required=True, help="Reference of the order or request, kept in the audit trail.")
@click.option("--reason", required=True, help="Why, kept in the audit trail: name nothing that is erased.")
@click.option("--dry-run", is_flag=True, help="Only say what would be erased.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(event_id: UUID, pointers: Sequence[str], order: str, reason: str, *, dry_run: bool, yes: bool) -> None:
    """Replace members of EVENT_ID's event_data by a marker, for good.

    An event tells what was erased, by whom, under which order; `verify` then says `redacted`. An event under a legal
    hold is not erased. Needs DATABASE_OWNER_URL, or DATABASE_URL where one address does everything. Archives,
    backups, exports and the queue keep what they have: docs/holds-and-erasure.md
    """
    if wrong := [pointer for pointer in pointers if not _POINTER.fullmatch(pointer)]:
        raise CommandError(f"--path {wrong[0]}: a member is named as /event_data/customer/email")
    address = owner_address("the database with the event")
    try:
        found = _found(address, event_id, pointers)
        for pointer, kind in zip(pointers, found.kinds, strict=True):
            click.echo(f"{'would erase' if dry_run else 'erases'}  {plain(pointer)} ({kind})")
        if found.archive:
            click.echo(f"the archive of its month is not changed: {plain(found.archive)}")
        if dry_run:
            return
        if not yes:
            click.confirm("It cannot be brought back. Erase it?", abort=True)
        erasure_id = new_event_id()
        erasure.erase(address, erasure_id, event_id, pointers, order=order, reason=reason)
    except erasure.ErasureRefusedError as error:
        raise CommandError(f"{error}: nothing was changed") from None
    except RepositoryError as error:
        raise owner_error(error) from None
    click.echo(f"erased; the event {erasure_id} tells of it")


def _found(address: str, event_id: UUID, pointers: Sequence[str]) -> erasure.Erasable:
    """The event, fit to be erased. Raises CommandError, RepositoryError."""
    found = erasure.look_at(address, event_id, pointers)
    if found is None:
        raise CommandError(f"no attached month has an event {event_id}")
    if found.holds:
        raise CommandError(f"the event is under legal hold: {plain(', '.join(found.holds))}")
    for pointer, kind in zip(pointers, found.kinds, strict=True):
        if not kind:
            raise CommandError(f"the event has no {plain(pointer)}")
    return found
