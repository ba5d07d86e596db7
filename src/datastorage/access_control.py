"""Who may do what, put together from the settings: the guard of the edge, and what keeps it up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from access.authenticator import Authenticator
from access.keyring import KeyRing, bootstrap_key
from access.rate_limits import RateLimits
from audit.self_audit_log import SelfAuditLog
from datastorage.edge.gate import Guard, Refusal
from datastorage.settings import Settings
from dlq import command_client
from repository.access_keys import AccessKeyTable
from telemetry.clock import utc_now
from telemetry.context import request_id
from telemetry.logs import get_logger

__all__ = ["AccessControl", "refusals_into", "remind"]

#: Seconds between two reminders that everybody may do everything.
_REMIND = 3600.0
_OPEN = "authentication is off: everybody who can reach the service may read and write everything"
_log = get_logger(__name__)


class AccessControl:
    """Everything of one process that concerns its callers. Built before the event loop.

    Raises PolicyError where the access file cannot be used.
    """

    def __init__(
        self, settings: Settings, *, address: str, queue_address: str, refused: Callable[[Refusal], None]
    ) -> None:
        self.guard: Guard | None = None
        #: What runs beside the requests, by name.
        self.loops: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {}
        #: What /health/ready warns of.
        self.warnings: tuple[str, ...] = ()
        if not settings.authenticates:
            if not settings.on_loopback:
                self.warnings = (_OPEN,)
                self.loops = {"open access": remind}
            return
        ring = KeyRing(AccessKeyTable(address), clock=utc_now, settled=_settled(settings), changed=self._forget)
        self._authenticator = Authenticator(ring, settings.access_path)
        limits = RateLimits(command_client(queue_address, timeout=settings.redis_timeout))
        self.guard = Guard(self._authenticator, limits, failures=settings.auth_failures, refused=refused)
        self.loops = {"API keys": ring.run, "access file": self._authenticator.run}

    def _forget(self) -> None:
        self._authenticator.forget()


def refusals_into(log: SelfAuditLog) -> Callable[[Refusal], None]:
    """Makes an audit event of each administrative call that is refused."""

    def refused(refusal: Refusal) -> None:
        log.note(
            "datastorage.access.refused",
            correlation_id=request_id.get() or refusal.operation_id,
            resource=("operation", refusal.operation_id),
            data={"subject": refusal.subject, "address": refusal.address, "reason": refusal.reason},
            category="orchestration",
            outcome="failure",
        )

    return refused


def _settled(settings: Settings) -> dict[str, Any]:
    if settings.bootstrap_key is None:
        return {}
    key = bootstrap_key(settings.bootstrap_key.get_secret_value())
    return {key.key_id: key}


async def remind(sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
    """Warn that everybody may do everything, now and each hour, until cancelled."""
    while True:
        _log.warning(_OPEN, mend="set DATASTORAGE_AUTH=on")
        await sleep(_REMIND)
