"""Brings each target up to date, in a thread of its own: one that is away delays neither sealing nor the others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from evidence.checkpoint import Checkpoint
from evidence.note import Signature, Signer, sign_note
from evidence.publish import Publisher, PublishError
from evidence.sealer import HaltError
from evidence.shared_store import SharedStore
from repository.errors import RepositoryError
from telemetry.logs import get_logger
from telemetry.metrics import LOG_PUBLISH_FAILURES, LOG_PUBLISHED_AT, LOG_PUBLISHED_SIZE

__all__ = ["Publication"]

#: Seconds between two checkpoints that are published while events keep coming; a store counts its writes.
_INTERVAL = 1.0
#: Seconds until the first and the last repetition of what failed; each is twice the one before.
_FIRST_RETRY, _LAST_RETRY = 1.0, 60.0
#: Seconds that a sealer waits at its start for the checkpoints that are published.
_FIRST_CHECK = 5.0
_log = get_logger(__name__)


class _Lane:
    """One target. checked: whether its checkpoint was looked at since sealing began; done: the note that it has."""

    def __init__(self, publisher: Publisher) -> None:
        self.publisher = publisher
        self.checked = False
        self.done: str | None = None
        self.failures = 0
        self.retry_at = 0.0


class Publication:
    """Publishes the newest checkpoint at each of `publishers`, again and again until it is there.

    All of them get the same checkpoints, one every second at the most, so that witnesses cosign the same ones. signers:
    who signs them; none leaves them unsigned. wait: seconds until the first repetition, the clock is a monotonic one.
    """

    def __init__(
        self,
        publishers: Sequence[Publisher],
        stored: SharedStore,
        signers: Sequence[Signer],
        *,
        interval: float = _INTERVAL,
        first_retry: float = _FIRST_RETRY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lanes = [_Lane(publisher) for publisher in publishers]
        self._stored = stored
        self._signers = signers
        self._interval = interval
        self._first_retry = first_retry
        self._clock = clock
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._checkpoint: Checkpoint | None = None
        self._cosignatures: list[Signature] = []
        self._next_at = 0.0
        self._contradiction: HaltError | None = None

    def begin(self) -> None:
        """Compare the log with what is published, waiting 5 s at the most for the targets. Raises HaltError."""
        with self._changed:
            self._contradiction = None
            self._checkpoint = None
            for lane in self._lanes:
                lane.checked, lane.done, lane.retry_at = False, None, 0.0
            self._start()
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._contradiction or all(one.checked for one in self._lanes), _FIRST_CHECK)
        self._require_agreement()

    def offer(self, checkpoint: Checkpoint | None) -> None:
        """Publish `checkpoint`, the newest one, as soon as it may be; never waits. Raises HaltError.

        To be called in each of the sealer's rounds.
        """
        self._require_agreement()
        with self._changed:
            if checkpoint is not None and checkpoint != self._checkpoint and self._clock() >= self._next_at:
                self._checkpoint, self._cosignatures = checkpoint, []
                self._next_at = self._clock() + self._interval
                self._changed.notify_all()
            for lane in self._lanes:
                if self._checkpoint and lane.done == self._note_for(lane):
                    LOG_PUBLISHED_AT.labels(lane.publisher.name).set(time.time())

    def end(self) -> None:
        """Publish nothing more until `begin`: this is no longer the sealer."""
        with self._changed:
            self._checkpoint = None
        self._stored.release()

    def _require_agreement(self) -> None:
        if self._contradiction is not None:
            raise HaltError(str(self._contradiction))

    def _start(self) -> None:
        if not self._threads:
            for lane in self._lanes:
                LOG_PUBLISH_FAILURES.labels(lane.publisher.name)  # from 0, or rate() does not see the first failure
            self._threads = [threading.Thread(target=self._work, args=(lane,), daemon=True) for lane in self._lanes]
            for thread in self._threads:
                thread.start()

    def _work(self, lane: _Lane) -> None:
        while True:
            checkpoint, note = self._next_job(lane)
            try:
                if checkpoint is None:
                    lane.publisher.check(self._stored)
                    cosignatures = []
                else:
                    cosignatures = lane.publisher.publish(self._stored, checkpoint, note)
            except HaltError as error:
                with self._changed:
                    self._contradiction = error
                    lane.checked = True
                    self._changed.notify_all()
            except (PublishError, RepositoryError) as error:
                self._failed(lane, error)
            except Exception as error:  # noqa: BLE001 - publishing goes on, whatever it is
                _log.exception("publishing failed unexpectedly", target=lane.publisher.name)
                self._failed(lane, error)
            else:
                self._succeeded(lane, checkpoint, note, cosignatures)

    def _next_job(self, lane: _Lane) -> tuple[Checkpoint | None, str]:
        """Wait for something to do: a check, or a checkpoint that the target does not have."""
        with self._changed:
            while True:
                wait = None
                if self._contradiction is None:
                    if not lane.checked:
                        return None, ""
                    note = self._note_for(lane)
                    if self._checkpoint is not None and lane.done != note:
                        wait = lane.retry_at - self._clock()
                        if wait <= 0:
                            return self._checkpoint, note
                self._changed.wait(wait)

    def _note_for(self, lane: _Lane) -> str:
        if self._checkpoint is None:
            return ""
        others = self._cosignatures if lane.publisher.takes_cosignatures else []
        text = self._checkpoint.text
        return sign_note(text, self._signers, others) if self._signers else text

    def _succeeded(
        self, lane: _Lane, checkpoint: Checkpoint | None, note: str, cosignatures: Sequence[Signature]
    ) -> None:
        with self._changed:
            lane.checked = True
            if checkpoint is not None:
                lane.done = note
                LOG_PUBLISHED_SIZE.labels(lane.publisher.name).set(checkpoint.size)
                LOG_PUBLISHED_AT.labels(lane.publisher.name).set(time.time())
                if lane.failures:
                    _log.info("publishing works again", target=lane.publisher.name)
                lane.failures, lane.retry_at = 0, 0.0
            if checkpoint == self._checkpoint:
                self._cosignatures += cosignatures
            self._changed.notify_all()

    def _failed(self, lane: _Lane, error: Exception) -> None:
        LOG_PUBLISH_FAILURES.labels(lane.publisher.name).inc()
        if not lane.failures:
            _log.warning("publishing failed", target=lane.publisher.name, error=str(error))
        with self._changed:
            lane.checked = True
            lane.retry_at = self._clock() + min(_LAST_RETRY, self._first_retry * 2**lane.failures)
            lane.failures = min(lane.failures + 1, 10)
            self._changed.notify_all()
