"""Who may call an operation: asked once, as soon as the operation is known and before its body is read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, NamedTuple

from access.authenticator import Authenticator
from access.errors import AccessUnavailableError, InvalidCredentialsError
from access.grants import ANONYMOUS, Grant
from access.rate_limits import Bucket, RateLimits
from access.scopes import Requirement
from datastorage.edge.contract import Operation
from datastorage.edge.exchange import Exchange, exchange_of
from telemetry.context import subject
from telemetry.logs import get_logger
from telemetry.metrics import AUTHENTICATION_FAILURES, RATE_LIMITED
from web.problems import Problem

__all__ = ["CERTIFICATE", "Gate", "Guard", "Refusal"]

#: Where the server puts the common name of a client certificate that it has verified, in the scope's extensions.
CERTIFICATE = "datastorage.certificate"
_ADMIN = "ops:admin"
_CHALLENGE = 'Bearer realm="datastorage"'
#: Failed authentications that an address is allowed each second, once it had those that it may have at once.
_FAILURES_PER_SECOND = 1
_log = get_logger(__name__)


class Refusal(NamedTuple):
    """An administrative call that was refused. subject is empty where the caller proved nothing."""

    operation_id: str
    subject: str
    address: str
    reason: str


class Guard:
    """Checks callers.

    failures: authentications of one address that may fail at once. refused: told of every administrative call that is
    not let through.
    """

    def __init__(
        self,
        authenticator: Authenticator,
        limits: RateLimits,
        *,
        failures: int = 100,
        refused: Callable[[Refusal], None] = lambda _refusal: None,
    ) -> None:
        self._authenticator = authenticator
        self._failures = failures
        self._limits = limits
        self._refused = refused

    async def admit(self, operation: str, required: Requirement, exchange: Exchange, scope: Any) -> Grant:
        """The caller's grant, if it is enough. Raises Problem: 401, 403, 429, 503."""
        address = scope["client"][0] if scope.get("client") else ""
        try:
            grant = await self.grant_of(exchange.headers.get("authorization", ""), scope)
        except InvalidCredentialsError as error:
            raise await self._unauthorized(operation, required, error.reason, address) from None
        except AccessUnavailableError as error:
            _log.warning("credentials cannot be checked", cause=str(error))
            raise _unavailable() from None
        if not required.satisfied_by(grant.scopes):
            self._tell(required, Refusal(operation, grant.subject, address, "scope"))
            raise _forbidden(required)
        if grant.limits.requests_per_second is not None:
            await self._take(grant, exchange)
        return grant

    async def grant_of(self, header: str, scope: Any) -> Grant:
        """What the holder of these credentials may do. Raises InvalidCredentialsError, AccessUnavailableError."""
        if header[:7].lower() != "bearer ":
            certificate = scope.get("extensions", {}).get(CERTIFICATE)
            if certificate is None or header:
                raise InvalidCredentialsError("malformed" if header else "missing")
            return self._authenticator.grant_of_certificate(certificate)
        credentials = header[7:].strip()
        known = self._authenticator.known(credentials)
        return known if known is not None else await self._authenticator.grant(credentials)

    async def _unauthorized(self, operation: str, required: Requirement, reason: str, address: str) -> Problem:
        """401, or 429 for an address that failed too often. Nothing tells which part of the credentials was wrong."""
        AUTHENTICATION_FAILURES.labels(reason).inc()
        bucket = await self._limits.take(f"failed:{address}", per_second=_FAILURES_PER_SECOND, burst=self._failures)
        if not bucket.allowed:
            return _too_many("authentication failed too often from this address", bucket, "failures")
        _log.info("authentication failed", reason=reason, client=address)
        self._tell(required, Refusal(operation, "", address, reason))
        if reason == "missing":
            detail = "Credentials are needed: send `Authorization: Bearer` with an API key or a token."
            return Problem("unauthorized", detail, headers={"WWW-Authenticate": _CHALLENGE})
        challenge = f'{_CHALLENGE}, error="invalid_token"'
        return Problem("unauthorized", "The credentials are not valid.", headers={"WWW-Authenticate": challenge})

    async def _take(self, grant: Grant, exchange: Exchange) -> None:
        bucket = await self._limits.take(
            grant.subject, per_second=grant.limits.requests_per_second or 1, burst=grant.limits.burst
        )
        if not bucket.allowed:
            raise _too_many("this caller's request rate is exceeded", bucket, "subject")
        exchange.answer_headers.update(bucket.headers)

    def _tell(self, required: Requirement, refusal: Refusal) -> None:
        if any(_ADMIN in group for group in required.groups):
            _log.warning("administrative call refused", operation=refusal.operation_id, subject=refusal.subject)
            self._refused(refusal)


class Gate:
    """In the place of Connexion's SecurityMiddleware, which knows no scopes of bearer tokens.

    guard: None while authentication is off; then everybody may do everything. public_pages: whether what is no
    operation (the contract, Swagger UI, problem pages) is open to everybody, or to every valid caller. mounts: paths
    below which an application signs its callers in itself.
    """

    def __init__(
        self,
        operations: Mapping[str, Operation],
        guard: Guard | None,
        *,
        public_pages: bool,
        mounts: Collection[str] = (),
    ) -> None:
        self._mounts = frozenset(mounts)
        pages = None if public_pages else Requirement(())
        self._required = {"": pages, **{name: operation.required for name, operation in operations.items()}}.__getitem__
        self._guard = guard

    def wrapping(self, next_app: Callable[[Any, Any, Any], Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        """The ASGI application that lets a request through to `next_app`, or raises Problem."""

        async def check(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                exchange = exchange_of(scope)
                exchange.operation_id = name = scope["extensions"]["connexion_routing"]["operation_id"] or ""
                if self._guard is None:
                    exchange.grant = ANONYMOUS
                elif (required := self._needed(name, scope["path"])) is not None:
                    exchange.grant = await self._guard.admit(name, required, exchange, scope)
                    subject.set(exchange.grant.subject)
            await next_app(scope, receive, send)

        return check

    def _needed(self, name: str, path: str) -> Requirement | None:
        """What a request must prove; None for nothing."""
        mounted = not name and f"/{path[1:].partition('/')[0]}" in self._mounts
        return None if mounted else self._required(name)


def _forbidden(required: Requirement) -> Problem:
    challenge = f'{_CHALLENGE}, error="insufficient_scope", scope="{required.names}"'
    return Problem("forbidden", f"This operation needs the scope {required}.", headers={"WWW-Authenticate": challenge})


def _too_many(what: str, bucket: Bucket, kind: str) -> Problem:
    RATE_LIMITED.labels(kind).inc()
    headers = bucket.headers
    detail = f"{what[0].upper()}{what[1:]}: ask again in {headers['Retry-After']} s."
    return Problem("too-many-requests", detail, headers=headers)


def _unavailable() -> Problem:
    detail = "Credentials cannot be checked now. Nothing was changed; ask again."
    return Problem("service-unavailable", detail, headers={"Retry-After": "1"})
