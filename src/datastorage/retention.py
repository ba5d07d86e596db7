"""The retention policy as a service applies it: one instance at a time, as the owner of the tables."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from audit.archive_files import ArchiveError
from audit.months import MonthError, MonthKeeper, Step, plan
from datastorage import __version__
from datastorage.settings import Settings
from repository.errors import RepositoryError
from repository.months import BusyError, MonthStore
from repository.partitions import label
from telemetry.clock import new_event_id, utc_now
from telemetry.logs import get_logger

__all__ = ["retention_of"]

_log = get_logger(__name__)


def retention_of(settings: Settings) -> Callable[[], None] | None:
    """What upkeep calls in a thread of its own; None without a policy. It raises nothing."""
    keep, directory = settings.retention_months, settings.archive_directory
    if keep is None or directory is None:
        return None

    def apply() -> None:
        step: Step | None = None
        try:
            with closing(MonthStore(settings.owner_address)) as store:
                keeper = MonthKeeper(store, utc_now, new_event_id, made_by=f"datastorage {__version__}")
                for step in plan(
                    keeper.months(), keep, utc_now().date(), drop=settings.retention_drop, held=keeper.held
                ):
                    keeper.apply(step, directory)
                    _log.info("retention", act=step.act, month=label(step.month), why=step.why)
        except BusyError:
            return  # another worker does it
        except (MonthError, ArchiveError, RepositoryError) as error:
            at = {"act": step.act, "month": label(step.month)} if step else {}
            _log.warning("retention failed", error=str(error) or type(error).__name__, **at)

    return apply
