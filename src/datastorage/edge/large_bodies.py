"""Large bodies are read in slices, one at a time, so that the requests beside them hardly notice.

One event loop serves them all, and what parses JSON or checks a schema does not let go of it by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any

import msgspec

from datastorage.edge.json_text import Decoded, decode
from datastorage.edge.schemas import SchemaValidator
from repository.json_measures import has_more_commas
from telemetry.metrics import REQUESTS_SHED
from web.problems import MAX_VIOLATIONS, Problem, Violation

__all__ = ["LARGE", "LargeBodies"]

#: Bytes from which on a body is large.
LARGE = 256 * 1024
#: Seconds that a large body has the loop for itself, before the others have it for as long.
_SLICE = 0.002
#: Seconds that a large body waits for those before it.
_PATIENCE = 5.0
_split = msgspec.json.Decoder(list[msgspec.Raw]).decode


class LargeBodies:
    """members: of one event or another object that is not in an array, at all depths; more are not even parsed."""

    def __init__(self, members: int) -> None:
        self._members = members
        self._turn = asyncio.Lock()

    async def check(self, text: bytes, validator: SchemaValidator) -> Decoded:
        """What json_text.decode and the validator say of `text`. Raises Problem service-unavailable."""
        async with self._in_turn() as pace:
            try:
                items = _split(text) if validator.is_array else None
            except (msgspec.MsgspecError, RecursionError):
                items = None
            if items is None:  # one object, or what is no JSON
                return self._checked(text, validator)
            if wrong := validator.of_array(items, "body"):
                return Decoded(None, wrong)
            found = _Found()
            for item in items:
                found.add(self._decoded(bytes(item)), validator)
                await pace.keep()
            return Decoded(found.document, found.violations, found.digits)

    def _checked(self, text: bytes, validator: SchemaValidator) -> Decoded:
        decoded = self._decoded(text)
        if decoded.document is None and decoded.violations:
            return decoded
        violations = [*decoded.violations, *validator.violations(decoded.document, "body")]
        return decoded._replace(violations=violations)

    def _decoded(self, text: bytes) -> Decoded:
        if has_more_commas(text, self._members):
            wrong = f"body has more than {self._members} members and items in one object"
            return Decoded(None, [Violation("#", wrong, "body", "exceeds_max_members")])
        return decode(text)

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[_Pace]:
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._turn.acquire()
        except TimeoutError:
            REQUESTS_SHED.labels("large").inc()
            raise Problem(
                "service-unavailable",
                "The service has as many large bodies in hand as it takes. Nothing was changed; ask again.",
                headers={"Retry-After": "1"},
            ) from None
        try:
            yield _Pace()
        finally:
            self._turn.release()


class _Pace:
    def __init__(self) -> None:
        self._began = perf_counter()

    async def keep(self) -> None:
        """Let the others run, if it is time."""
        spent = perf_counter() - self._began
        if spent >= _SLICE:
            await asyncio.sleep(min(spent, 5 * _SLICE))
            self._began = perf_counter()


class _Found:
    """What is known of an array whose items come one by one."""

    def __init__(self) -> None:
        self.document: list[Any] = []
        self.violations: list[Violation] = []
        self.digits = 0

    def add(self, item: Decoded, validator: SchemaValidator) -> None:
        index = len(self.document)
        self.document.append(item.document)
        self.digits += item.digits
        self.violations += [one._replace(pointer=f"#/{index}{one.pointer[1:]}") for one in item.violations]
        if not item.violations or item.document is not None:
            room = max(1, MAX_VIOLATIONS + 1 - len(self.violations))
            self.violations += validator.of_item(item.document, index, "body", room)
