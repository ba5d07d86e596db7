"""From credentials to a grant: API keys, tokens and client certificates, in one place."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from access.errors import InvalidCredentialsError, PolicyError
from access.grants import Grant, GrantCache
from access.jwks import Fetch, KeySet, fetcher
from access.keyring import KeyRing
from access.keys import KEY_PREFIX, parse, verified
from access.policy import CERTIFICATE_SUBJECT, EMPTY_POLICY, IssuerRule, Policy, load_policy
from access.tokens import TokenVerifier
from telemetry.logs import get_logger

__all__ = ["Authenticator"]

_CACHE_SIZE = 10_000
#: Seconds after which an API key is looked at again, so that its last use is noted.
_KEY_RECHECK = 30.0
#: Seconds between two looks at the access file.
_LOOK = 0.5
_log = get_logger(__name__)


class Authenticator:
    """Tells who a caller is and what they may do. One a process.

    path: the access file, if there is one; raises PolicyError if it cannot be used at the start. now: Unix time in
    seconds; monotonic: seconds, from any start. fetch_of: how the keys of an issuer are fetched.
    """

    def __init__(
        self,
        ring: KeyRing,
        path: Path | None = None,
        *,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        fetch_of: Callable[[IssuerRule], Fetch] = fetcher,
    ) -> None:
        self._ring = ring
        self._path = path
        self._now = now
        self._monotonic = monotonic
        self._fetch_of = fetch_of
        self._cache = GrantCache(size=_CACHE_SIZE, now=now)
        self._followers: list[asyncio.Task[None]] = []
        self._stamp = _stamp(path)
        self._sets: dict[str, tuple[IssuerRule, KeySet]] = {}
        self._use(load_policy(path) if path else EMPTY_POLICY)

    def forget(self) -> None:
        """Look at everybody's credentials again, at their next request."""
        self._cache.clear()

    def known(self, credentials: str) -> Grant | None:
        """The grant that these credentials proved before, while it may be used."""
        return self._cache.find(credentials)

    async def grant(self, credentials: str) -> Grant:
        """What the holder of `credentials`, an API key or a token, may do.

        Raises InvalidCredentialsError, AccessUnavailableError.
        """
        if credentials.startswith(KEY_PREFIX):
            key_id, secret = parse(credentials)
            now = self._now()
            grant = verified(await self._ring.find(key_id), secret, now)
            grant = msgspec.structs.replace(grant, expires=min(grant.expires, now + _KEY_RECHECK))
            self._ring.used(key_id)
        else:
            now = self._now()
            identity = await self._verifier.verify(credentials, now=now)
            scopes, limits = self._policy.of(identity.subject)
            grant = Grant(
                subject=identity.subject, scopes=scopes | identity.scopes, expires=identity.expires, limits=limits
            )
        self._cache.keep(credentials, grant)
        return grant

    def grant_of_certificate(self, name: str) -> Grant:
        """What the holder of a client certificate may do, that the server has verified. name: its common name.

        Raises InvalidCredentialsError for one without a name.
        """
        if not name or not name.isprintable():
            raise InvalidCredentialsError("subject")
        subject = CERTIFICATE_SUBJECT + name
        scopes, limits = self._policy.of(subject)
        return Grant(subject=subject, scopes=scopes, limits=limits)

    async def run(self) -> None:
        """Keep issuers' keys fresh and follow the access file, until cancelled."""
        try:
            self._follow_keys()
            while True:
                await asyncio.sleep(_LOOK)
                if (stamp := await asyncio.to_thread(_stamp, self._path)) != self._stamp:
                    self._stamp = stamp
                    self._reload()
        finally:
            for task in self._followers:
                task.cancel()

    def _reload(self) -> None:
        assert self._path is not None  # noqa: S101 - without a path the stamp never changes
        try:
            self._use(load_policy(self._path))
        except PolicyError as error:
            _log.error("the access file cannot be used; what it said before stays in force", error=str(error))
            return
        self._follow_keys()
        _log.info("the access file was read again", path=str(self._path))

    def _use(self, policy: Policy) -> None:
        self._policy = policy
        self._sets = {name: (rule, self._keys_of(name, rule)) for name, rule in policy.issuers.items()}
        self._verifier = TokenVerifier(self._sets)
        self.forget()

    def _keys_of(self, name: str, rule: IssuerRule) -> KeySet:
        """The keys of an issuer; those that are known, where nothing about it has changed."""
        known = self._sets.get(name)
        if known is not None and known[0] == rule:
            return known[1]
        return KeySet(name, self._fetch_of(rule), monotonic=self._monotonic, changed=self.forget)

    def _follow_keys(self) -> None:
        for task in self._followers:
            task.cancel()
        self._followers = [asyncio.create_task(keys.run(), name="jwks") for _, keys in self._sets.values()]


def _stamp(path: Path | None) -> tuple[int, int, int] | None:
    """What changes when the file does, also where it is a link that is turned (Kubernetes)."""
    try:
        found = path.stat() if path else None
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size) if found else None
