"""BufferedAuditStore: events from any thread, delivered by one thread in the background."""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
import time
import weakref
from contextlib import suppress
from typing import Any

import httpx

from datastorage_client.buffered.base import StoreBase
from datastorage_client.buffered.core import Batch, Core
from datastorage_client.buffered.encoding import Event
from datastorage_client.errors import StoreClosedError

__all__ = ["BufferedAuditStore"]

_log = logging.getLogger("datastorage_client")
#: Pause after a defect of ours in the loop, so that it neither ends nor spins.
_AFTER_A_DEFECT = 1.0


class BufferedAuditStore(StoreBase):
    """Takes audit events without waiting; one background thread delivers each exactly once, or reports it.

    base_url: of the service. token: a bearer token or a function that returns one, called again when one is refused.
    on_rejected(event, error): the service refused this event for good. on_dropped(event, reason): the event did not
    fit, or could not be delivered before the end. Both are called in the background thread; without them an error is
    logged.
    settings: a StoreSettings, or its fields as keywords. client_options: further arguments of httpx.Client, such as
    `verify`, `cert` or `transport`.

    Safe in threads, signal handlers and forked children: a child starts with an empty buffer and its own spill file.
    Raises ValueError naming the setting that is wrong, SpillError where the spill directory cannot be used.
    """

    def __init__(self, base_url: str, **arguments: Any) -> None:
        super().__init__(base_url, **arguments)
        self._closed = False
        self._complete = True
        self._http: httpx.Client | None = httpx.Client(**self._client_arguments())
        self._start_lock = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._core = core = self._new_core()
        self._start(core)
        atexit.register(self.close)
        _living.add(self)

    def store(self, event: Event) -> str | None:
        """Take an event, a dictionary or a generated model, and return its id; None where `when_full` dropped it.

        Without I/O and without waiting, unless `when_full` is `block`. The event is copied: changes afterwards have no
        effect. An event_id (UUIDv7) is minted where there is none.
        Raises InvalidEventError with every violation, BufferFullError, StoreClosedError.
        """
        event_id, payload = self._encoded(event)
        core = self._core or self._restarted()
        if self.settings.when_full == "block" and threading.current_thread() is not self._thread:
            taken, wake = self._offer_patiently(core, payload)
        else:
            taken, wake = core.offer(payload)
        if wake:
            self._wake.set()
        return event_id if taken else None

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until every event taken so far is delivered or reported; False after `timeout` seconds (None: no limit).

        Raises RuntimeError in a callback of the store, which would wait for itself.
        """
        core = self._core
        if core is None:
            return True
        if threading.current_thread() is self._thread:
            raise RuntimeError("flush cannot wait in a callback of the store")
        through = core.accepted()
        self._wake.set()
        with self._changed:
            done = self._changed.wait_for(lambda: core.settled(through), timeout)
        if not done:
            core.calm()
        return done

    def close(self, timeout: float | None = None) -> bool:
        """Take no more events and deliver what is there, for at most `timeout` seconds (None: `close_timeout`).

        Whether every event was delivered or reported as rejected. Of the others those in memory go to on_dropped, those
        in a spill file stay there for the next start. May be called again.
        """
        atexit.unregister(self.close)
        core, self._closed = self._core, True
        if core is None or self._thread is None:
            return True
        core.close()
        self._wake.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(self.settings.close_timeout if timeout is None else timeout)
        self._complete = self._report_lost(core) and self._complete
        with self._changed:
            self._changed.notify_all()
        return self._complete

    def __enter__(self) -> BufferedAuditStore:  # noqa: PYI034 - Self needs Python 3.11
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- the background thread ----------------------------------------------------------------------------------

    def _start(self, core: Core) -> None:
        self._changed = threading.Condition(core.lock)
        self._thread = threading.Thread(target=self._run, args=(core,), name="datastorage-audit", daemon=True)
        self._thread.start()
        if "multiprocessing.util" in sys.modules and _is_child_of_multiprocessing():
            # Such a child ends without atexit.
            sys.modules["multiprocessing.util"].Finalize(None, self.close, exitpriority=100)

    def _run(self, core: Core) -> None:
        http = self._http or httpx.Client(**self._client_arguments())
        self._http = http
        with http:
            while self._step(core, http):
                pass

    def _step(self, core: Core, http: httpx.Client) -> bool:
        try:
            self._report_dropped(core)
            wait = core.due()
            if wait is None and core.closed:
                return False
            if wait is None or wait > 0:
                self._wake.wait(wait)
                self._wake.clear()
            elif batch := core.take():
                self._deliver(core, http, batch)
            with self._changed:
                self._changed.notify_all()
        except Exception:  # noqa: BLE001 - events must go on whatever happens to one batch
            _log.exception("the audit store's thread goes on after a defect")
            time.sleep(_AFTER_A_DEFECT)
        return True

    def _deliver(self, core: Core, http: httpx.Client, batch: Batch) -> None:
        started = time.monotonic()
        answer: httpx.Response | Exception
        try:
            answer = http.request(**self._request(batch))
        except Exception as error:  # noqa: BLE001 - whatever it was, the events are kept and sent again
            answer = error
        self._settle(core, batch, answer, started)

    def _offer_patiently(self, core: Core, payload: bytes) -> tuple[bool, bool]:
        deadline = time.monotonic() + self.settings.block_timeout
        taken, wake = core.offer(payload, patient=True)
        while not taken:
            with self._changed:
                taken, wake = core.offer(payload, patient=True)
                if not taken and not self._changed.wait(deadline - time.monotonic()):
                    return core.offer(payload)
        return taken, wake

    # -- forks --------------------------------------------------------------------------------------------------

    def _restarted(self) -> Core:
        """The core of a forked child, made at its first event."""
        with self._start_lock:
            if self._closed:
                raise StoreClosedError("the audit store is closed")
            if self._core is None:
                core = self._new_core()
                self._start(core)
                self._core = core
            return self._core

    def _forget(self) -> None:
        """In a forked child: the parent delivers what is in the buffer, over its own connections."""
        core, self._core, self._thread = self._core, None, None
        _abandoned.append(self._http)
        self._http = None
        self._start_lock, self._wake = threading.Lock(), threading.Event()
        if self._auth is not None:
            self._auth.forked()
        if core is not None:
            with suppress(Exception):
                core.abandon()


_living: weakref.WeakSet[BufferedAuditStore] = weakref.WeakSet()
#: Connections of the parent: never closed in the child, which would end them for the parent too.
_abandoned: list[httpx.Client | None] = []


def _after_fork() -> None:
    for store in list(_living):
        store._forget()  # noqa: SLF001 - a function of this class in all but form


def _is_child_of_multiprocessing() -> bool:
    process = sys.modules.get("multiprocessing.process")
    return process is not None and process.parent_process() is not None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
