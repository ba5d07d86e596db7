"""Sending the events of a file, in batches, once each whatever happens on the way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx

from datastorage.cli.import_lines import BadLineError, Line, lines_of
from datastorage.cli.import_state import Progress, ProgressFile
from datastorage.cli.shared import CommandError, require_success
from datastorage.edge.contract import load_spec

__all__ = ["Importer", "Refusal"]

_BATCH = "/api/v1/audit/events/batch"
_BATCH_EVENTS = 500
_BATCH_BYTES = 4 << 20
_JSON = {"Content-Type": "application/json"}
_LENIENT = {**_JSON, "Prefer": "handling=lenient"}
_ABOUT_EVENTS = (400, 409, 413)
_PASSING = (429, 502, 503, 504)
_KEPT = {"created": "stored", "duplicate": "known", "queued": "queued"}
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0

Refusal = Callable[[Line, str], None]


class Importer:
    """One import. refuse: told of each line that is not stored and why. patience: seconds that an outage may last."""

    def __init__(self, client: httpx.Client, source: Path, refuse: Refusal, patience: float) -> None:
        self._client = client
        self._source = source
        self._refuse = refuse
        self._patience = patience
        self._file = ProgressFile(source, str(client.base_url))
        self.progress: Progress = self._file.read()
        self.resumed = self.progress.offset > 0
        #: Members with values that the service sets itself, and how many lines have them.
        self.left_behind: dict[str, int] = {}
        self._members = _request_members()

    def run(self, advance: Callable[[Progress], None]) -> None:
        """Send everything; `advance` is called after each batch. Raises CommandError where the service stays away."""
        done = self.progress
        for lines in _batches(lines_of(self._source, done.offset, done.lines)):
            late = self._send(lines)
            done.offset, done.lines = lines[-1].end, lines[-1].number
            done.waiting += [(line.offset, line.number - 1) for line in late]
            self._file.write(done)
            advance(done)
        self._send_late()
        self._file.remove()

    def _send_late(self) -> None:
        """Lines whose parents stand after them, again as long as that helps; then they are refused."""
        done = self.progress
        while done.waiting:
            lines = [next(lines_of(self._source, *place)) for place in done.waiting]
            late = [line for some in _batches(lines) for line in self._send(some)]
            if len(late) == len(lines):
                for line in late:
                    self._reject(line, "parent_event_id names no event, neither stored nor in the file")
                late = []
            done.waiting = [(line.offset, line.number - 1) for line in late]
            self._file.write(done)

    def _send(self, lines: Sequence[Line], waited: float = 0.0) -> list[Line]:
        """Send a batch, and again what the service cannot take now; the lines that have to wait for their parents."""
        good, events = [], []
        for line in lines:
            try:
                events.append(line.event(self._members))
            except BadLineError as error:
                self._reject(line, str(error))
            else:
                good.append(line)
        late, again = self._settle(good, self._results(events)) if good else ([], [])
        if again:
            pause = min(_FIRST_PAUSE + waited, _LONGEST_PAUSE)
            if waited + pause > self._patience:
                raise CommandError(
                    f"the service cannot take line {again[0].number} now: the same command goes on there"
                )
            time.sleep(pause)
            late += self._send(again, waited + pause)
        return late

    def _results(self, events: Sequence[bytes]) -> list[dict[str, Any]]:
        body = b"[" + b",".join(events) + b"]"
        response = self._post(body, _JSON)
        if response.status_code in _ABOUT_EVENTS:
            response = self._post(body, _LENIENT)
        if response.status_code in _ABOUT_EVENTS and len(events) > 1:
            half = len(events) // 2
            return [*self._results(events[:half]), *self._results(events[half:])]
        if response.status_code in _ABOUT_EVENTS:
            return [{"status": "rejected", "problem": response.json()}]
        results = require_success(response).json().get("results", [])
        if len(results) != len(events):
            raise CommandError(
                f"what answers at {self._client.base_url} is not DataStorage: say where it is with --url"
            )
        return list(results)

    def _settle(self, lines: Sequence[Line], results: Sequence[dict[str, Any]]) -> tuple[list[Line], list[Line]]:
        """Count what is done; the lines that wait for parents, and those that are to be sent again."""
        late, again = [], []
        for line, result in zip(lines, results, strict=True):
            status, problem = result["status"], result.get("problem", {})
            if counter := _KEPT.get(status):
                setattr(self.progress, counter, getattr(self.progress, counter) + 1)
                for name in line.left_behind():
                    self.left_behind[name] = self.left_behind.get(name, 0) + 1
            elif problem.get("status", 0) in _PASSING:
                again.append(line)
            elif _lacks_parent(problem):
                late.append(line)
            else:
                self._reject(line, str(problem.get("detail", status)))
        return late, again

    def _reject(self, line: Line, why: str) -> None:
        self.progress.rejected += 1
        self._refuse(line, why)

    def _post(self, body: bytes, headers: dict[str, str]) -> httpx.Response:
        """The answer; an outage is waited for."""
        deadline, pause = time.monotonic() + self._patience, _FIRST_PAUSE
        while True:
            try:
                response = self._client.post(_BATCH, content=body, headers=headers)
                if response.status_code not in _PASSING or time.monotonic() > deadline:
                    return response
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)


def _lacks_parent(problem: dict[str, Any]) -> bool:
    errors = problem.get("errors", [])
    return any(
        error["pointer"].endswith("/parent_event_id") and "names no event" in error["detail"] for error in errors
    )


def _batches(lines: Iterable[Line]) -> Iterator[list[Line]]:
    batch: list[Line] = []
    size = 0
    for line in lines:
        if batch and (len(batch) == _BATCH_EVENTS or size + len(line.text) > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += len(line.text) + 1
    if batch:
        yield batch


def _request_members() -> frozenset[str]:
    _, document = load_spec()
    schemas = document["components"]["schemas"]
    parts = [
        schemas[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
        for part in schemas["AuditEventRequest"]["allOf"]
    ]
    return frozenset(name for part in parts for name in part["properties"])
