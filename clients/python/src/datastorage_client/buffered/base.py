"""What the threaded and the asyncio store share: settings, the request, reports and log lines."""

from __future__ import annotations

# Not at the first request, in the background: what a thread imports during a fork can never be imported in the child.
import encodings.idna  # noqa: F401
import gzip
import json
import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from datastorage_client._auth import BearerAuth, Token
from datastorage_client.buffered.core import Batch, Core, Stats
from datastorage_client.buffered.encoding import Event, encode_event
from datastorage_client.buffered.memory import Buffer, MemoryBuffer
from datastorage_client.buffered.metrics import expose
from datastorage_client.buffered.settings import StoreSettings
from datastorage_client.buffered.spill import SpillBuffer
from datastorage_client.buffered.verdicts import Verdict, judge
from datastorage_client.errors import FieldError, InvalidEventError, ProblemError

__all__ = ["OnDropped", "OnRejected", "StoreBase"]

_log = logging.getLogger("datastorage_client")
_PATH = "api/v1/audit/events/batch"
_HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}
#: Bytes below which gzip saves nothing.
_WORTH_COMPRESSING = 1024
#: Seconds between two log lines about the same outage.
_REMIND_EVERY = 60.0

OnRejected = Callable[[dict[str, Any], ProblemError], object]
OnDropped = Callable[[dict[str, Any], str], object]


class StoreBase:
    """The parts of a store that neither wait nor send."""

    def __init__(
        self,
        base_url: str,
        *,
        token: Token | None = None,
        on_rejected: OnRejected | None = None,
        on_dropped: OnDropped | None = None,
        settings: StoreSettings | None = None,
        client_options: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        if settings is not None and options:
            raise ValueError(f"give settings or {', '.join(options)}, not both")
        self.settings = settings or StoreSettings(**options)
        url = httpx.URL(base_url)
        if url.scheme not in {"http", "https"} or not url.host:
            raise ValueError(f"base_url must be the address of the service, such as http://host:8080; got {base_url!r}")
        self._url = str(url).rstrip("/") + "/"
        self._auth = None if token is None else BearerAuth(token)
        self._client_options = dict(client_options or {})
        self._on_rejected = on_rejected or _log_rejected
        self._on_dropped = on_dropped or _log_dropped
        self._event_max_bytes = min(self.settings.batch_max_bytes, self.settings.spill_bytes // 2)
        self._failing_since: float | None = None
        self._reminded_at = 0.0
        self._core: Core | None = None
        expose(self)

    def stats(self) -> Stats:
        """What was counted so far, and how full the buffer is."""
        core = self._core
        return core.snapshot() if core else Stats(capacity=self.settings.buffer_size)

    def _new_core(self) -> Core:
        buffer: Buffer
        if self.settings.spill_dir is None:
            buffer = MemoryBuffer(self.settings.buffer_size)
        else:
            buffer = SpillBuffer(Path(self.settings.spill_dir), self.settings.spill_bytes)
            if buffer.lost:
                _log.error(
                    "%d audit events are missing from the spill files in %s", buffer.lost, self.settings.spill_dir
                )
        return Core(self.settings, buffer)

    def _encoded(self, event: Event) -> tuple[str, bytes]:
        event_id, payload = encode_event(event)
        if len(payload) > self._event_max_bytes:
            detail = f"the event has {len(payload)} bytes; at most {self._event_max_bytes} fit into a request"
            raise InvalidEventError([FieldError("#", detail)])
        return event_id, payload

    def _client_arguments(self) -> dict[str, Any]:
        defaults = {"base_url": self._url, "auth": self._auth, "timeout": self.settings.timeout}
        return {**defaults, **self._client_options}

    def _request(self, batch: Batch) -> dict[str, Any]:
        body = batch.body()
        headers = {**_HEADERS, "Prefer": "handling=lenient"} if batch.lenient else dict(_HEADERS)
        if self.settings.compress and len(body) > _WORTH_COMPRESSING:
            body = gzip.compress(body, 1)
            headers["Content-Encoding"] = "gzip"
        return {"method": "POST", "url": _PATH, "content": body, "headers": headers}

    def _settle(self, core: Core, batch: Batch, answer: httpx.Response | Exception, started: float) -> None:
        """Judge the answer, report what was refused, then let the core go on."""
        if isinstance(answer, Exception):
            failure = f"{type(answer).__name__}: {answer}" if str(answer) else type(answer).__name__
            verdict = Verdict(again=list(range(len(batch.entries))), failure=failure)
        else:
            verdict = judge(batch.ids(), answer.status_code, answer.headers, answer.content)
        for index, problem in verdict.rejected:
            self._call(self._on_rejected, batch.entries[index].payload, problem)
        wait = core.finish(verdict, time.monotonic() - started)
        self._note(verdict, wait, core)

    def _note(self, verdict: Verdict, wait: float, core: Core) -> None:
        now = time.monotonic()
        if verdict.failure:
            if self._failing_since is None:
                self._failing_since, self._reminded_at = now, 0.0
            if now - self._reminded_at >= _REMIND_EVERY or not self._reminded_at:
                self._reminded_at = now
                _log.warning(
                    "audit events cannot be delivered to %s (%s); %d are kept, next try in %.1f s",
                    self._url, verdict.failure, core.unsettled(), wait,
                )  # fmt: skip
        elif self._failing_since is not None:
            _log.info("audit events are delivered again after %.1f s", now - self._failing_since)
            self._failing_since = None

    def _report_dropped(self, core: Core) -> None:
        for payload, reason in core.dropped():
            self._call(self._on_dropped, payload, reason)

    def _report_lost(self, core: Core) -> bool:
        """Stop for good and report what is lost by it; whether nothing was left over."""
        kept = core.unsettled() if self.settings.spill_dir is not None else 0
        lost = core.halt()
        self._report_dropped(core)
        for payload, reason in lost:
            self._call(self._on_dropped, payload, reason)
        if kept:
            _log.warning("%d audit events stay in %s for the next start", kept, self.settings.spill_dir)
        return not lost and not kept

    @staticmethod
    def _call(callback: Callable[[dict[str, Any], Any], object], payload: bytes, why: object) -> None:
        try:
            callback(json.loads(payload), why)
        except Exception:  # noqa: BLE001 - a callback may raise anything, and events must go on
            _log.exception("the callback for an audit event that was not delivered failed; the event: %r", payload)


def _log_rejected(event: dict[str, Any], problem: ProblemError) -> None:
    _log.error("audit event %s was refused: %s", event["event_id"], problem)


def _log_dropped(event: dict[str, Any], reason: str) -> None:
    _log.error("audit event %s of %s was dropped: %s", event["event_id"], event["correlation_id"], reason)
