"""The retention policy as a service applies it: one instance at a time, as the owner of the tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing

from audit.archive_files import ArchiveError
from audit.months import Dropped, MonthError, MonthKeeper
from audit.retention_plan import Step, plan
from datastorage import __version__
from datastorage.sealing import signers_of
from datastorage.settings import Settings
from evidence.note import KeyFormatError
from evidence.tombstone import Tombstone, section_of, tombstone_note
from repository.errors import RepositoryError
from repository.months import BusyError, MonthStore
from repository.partitions import label
from telemetry.clock import new_event_id, utc_now
from telemetry.logs import get_logger

__all__ = ["keeper_of", "least_days_of", "retention_of"]

_log = get_logger(__name__)


def least_days_of(settings: Settings) -> Mapping[str, int]:
    """For how many days events of a category are kept at the least."""
    return {str(category): days for category, days in settings.retention_categories.items()}


def keeper_of(store: MonthStore, settings: Settings) -> MonthKeeper:
    """What acts on months as the settings say. Raises KeyFormatError, without showing a key."""
    signers = signers_of(settings)

    def tombstone(dropped: Dropped) -> str:
        section, size = section_of(dropped.month, dropped.log)
        stone = Tombstone(
            origin=dropped.origin,
            month=dropped.month,
            events=dropped.events,
            archive=dropped.archive,
            size=size,
            leaves=section.leaves,
            first=section.first,
            last=section.last,
            root=section.root,
            dropped=dropped.at,
            by=dropped.by,
        )
        return tombstone_note(stone, signers)

    return MonthKeeper(
        store,
        utc_now,
        new_event_id,
        made_by=f"datastorage {__version__}",
        tombstone=tombstone,
        least_days=least_days_of(settings),
    )


def retention_of(settings: Settings) -> Callable[[], None] | None:
    """What upkeep calls in a thread of its own; None without a policy. It raises nothing."""
    keep, directory = settings.retention_months, settings.archive_directory
    if keep is None or directory is None:
        return None

    def apply() -> None:
        step: Step | None = None
        try:
            with closing(MonthStore(settings.owner_address)) as store:
                keeper = keeper_of(store, settings)
                for step in plan(
                    keeper.months(),
                    keep,
                    utc_now().date(),
                    drop=settings.retention_drop,
                    held=keeper.held,
                    least_days=least_days_of(settings),
                ):
                    keeper.apply(step, directory)
                    _log.info("retention", act=step.act, month=label(step.month), why=step.why)
        except BusyError:
            return  # another worker does it
        except (MonthError, ArchiveError, RepositoryError, KeyFormatError) as error:
            at = {"act": step.act, "month": label(step.month)} if step else {}
            _log.warning("retention failed", error=str(error) or type(error).__name__, **at)

    return apply
