"""The sealer's process, and the keys and places that the settings name."""

from __future__ import annotations

import os
import signal
import threading
import time
from types import FrameType
from uuid import uuid4

from datastorage.log_places import publishers_of
from datastorage.settings import Settings
from evidence.note import Signer
from evidence.publication import Publication
from evidence.service import SealingService
from evidence.shared_store import SharedStore
from repository.sealing import SealingStore
from telemetry.metrics import LOG_KEYS, LOG_SEALING, LOG_TARGETS

__all__ = ["announce_log", "log_warnings", "run_sealer", "signers_of"]

#: Seconds that the round at hand gets to finish.
_ENDING = 2.0


def signers_of(settings: Settings) -> list[Signer]:
    """The keys that sign checkpoints. Raises KeyFormatError, without showing a key."""
    text = settings.log_key.get_secret_value() if settings.log_key else ""
    return [Signer.parse(line) for line in text.splitlines() if line.strip()]


def log_warnings(settings: Settings) -> tuple[str, ...]:
    """What readiness has to say about the log."""
    if settings.sealing == "off" or settings.log_key:
        return ()
    return ("sealing is on and log_key is not set: checkpoints of the transparency log are unsigned",)


def announce_log(settings: Settings) -> None:
    """Tell by metrics what is set, so that alerts know what to expect. Raises KeyFormatError, without showing a key."""
    LOG_SEALING.set(settings.sealing == "on")
    LOG_KEYS.set(len(signers_of(settings)))
    LOG_TARGETS.set(settings.log_targets if settings.sealing == "on" else 0)


def _end_soon() -> None:
    """End the process although PostgreSQL does not answer: a batch is one transaction, and nobody waits for it."""
    time.sleep(_ENDING)
    os._exit(0)


def run_sealer(settings: Settings) -> None:
    """Seal until SIGTERM or SIGINT; a batch that hangs then is left to the next sealer, whole."""
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        threading.Thread(target=_end_soon, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    signers = signers_of(settings)

    def connect() -> SealingStore:
        return SealingStore(settings.direct_address)

    SealingService(
        connect,
        origin=settings.log_origin or (signers[0].verifier.name if signers else f"datastorage/{uuid4().hex}"),
        interval=settings.seal_interval,
        publication=Publication(publishers_of(settings), SharedStore(connect), signers),
    ).run(stop)
