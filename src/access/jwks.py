"""The public keys of an issuer: fetched in the background, used for an hour while their source is away."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import httpx
import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from access.errors import AccessUnavailableError, InvalidCredentialsError
from access.policy import IssuerRule
from telemetry.logs import get_logger

__all__ = ["ALGORITHMS", "KeySet", "fetcher"]

#: The only algorithms that a signature may have; each belongs to one kind of key.
ALGORITHMS = frozenset(("RS256", "ES256", "EdDSA"))
#: Seconds between two fetches that nobody asked for, and at the least between two that an unknown key asked for.
_REGULAR, _LEAST = 300.0, 10.0
#: Seconds that keys may be used after they were last fetched.
_USABLE = 3600.0
#: Seconds that a fetch may take, and that a request waits for one.
_FETCH_TIMEOUT, _PATIENCE = 5.0, 2.0
_LARGEST = 1024 * 1024
_RSA_BITS = 2048
_log = get_logger(__name__)

Fetch = Callable[[], Awaitable[bytes]]


class KeySet:
    """The keys of one issuer. fetch: returns the JWKS document, or raises. monotonic: seconds, from any start.

    changed: called when keys came or went, so that what was granted on them is looked at again.
    """

    def __init__(
        self, name: str, fetch: Fetch, *, monotonic: Callable[[], float], changed: Callable[[], None] = lambda: None
    ) -> None:
        self._name = name
        self._fetch = fetch
        self._monotonic = monotonic
        self._changed = changed
        self._keys: dict[str, jwt.PyJWK] = {}
        self._tried_at = self._fetched_at = float("-inf")
        self._refreshing: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Keep the keys fresh until cancelled."""
        while True:
            await asyncio.shield(self._start())
            await asyncio.sleep(_REGULAR if self._monotonic() - self._fetched_at < _REGULAR else _LEAST)

    @property
    def usable_seconds(self) -> float:
        """How long the present keys may still be used."""
        return self._fetched_at + _USABLE - self._monotonic()

    async def key(self, kid: str | None) -> jwt.PyJWK:
        """The key called `kid`; without a name the only key there is. An unknown one is worth a fetch every 10 s.

        Raises InvalidCredentialsError, AccessUnavailableError.
        """
        key = self._find(kid)
        if key is None and self._may_help():
            await asyncio.wait([self._start()], timeout=_PATIENCE)
            key = self._find(kid)
        if self.usable_seconds <= 0:
            raise AccessUnavailableError(f"the keys of {self._name} are not known")
        if key is None:
            raise InvalidCredentialsError("unknown_signer")
        return key

    def _find(self, kid: str | None) -> jwt.PyJWK | None:
        if self.usable_seconds <= 0:
            return None
        if kid is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(kid or "")

    def _may_help(self) -> bool:
        return self._refreshing is not None or self._monotonic() - self._tried_at >= _LEAST

    def _start(self) -> asyncio.Task[None]:
        if self._refreshing is None:
            self._tried_at = self._monotonic()
            self._refreshing = asyncio.create_task(self._refresh(), name="jwks refresh")
        return self._refreshing

    async def _refresh(self) -> None:
        try:
            async with asyncio.timeout(_FETCH_TIMEOUT):
                keys = _keys_of(await self._fetch())
        except Exception as error:  # noqa: BLE001 - whatever keeps the keys from being had, the known ones go on
            _log.warning("the keys of a token issuer cannot be fetched", issuer=self._name, cause=type(error).__name__)
            return
        finally:
            self._refreshing = None
        self._fetched_at = self._monotonic()
        if _thumbprints(keys) != _thumbprints(self._keys):
            self._keys = keys
            self._changed()
            _log.info("keys of a token issuer", issuer=self._name, keys=sorted(keys))


def fetcher(rule: IssuerRule) -> Fetch:
    """Reads the issuer's JWKS: a file, or an address."""
    if not rule.jwks.startswith(("https://", "http://")):
        path = Path(rule.jwks.removeprefix("file://"))
        return lambda: asyncio.to_thread(path.read_bytes)

    async def fetch() -> bytes:
        verify = ssl.create_default_context(cafile=str(rule.ca_file) if rule.ca_file else None)
        headers = {}
        if rule.token_file:  # read each time: Kubernetes replaces it
            headers["Authorization"] = f"Bearer {rule.token_file.read_text(encoding='ascii').strip()}"
        async with httpx.AsyncClient(verify=verify, timeout=_FETCH_TIMEOUT) as client:
            response = (await client.get(rule.jwks, headers=headers)).raise_for_status()
        return response.content

    return fetch


def _keys_of(document: bytes) -> dict[str, jwt.PyJWK]:
    """The keys that may sign tokens, by their kid. Raises ValueError where there is none."""
    if len(document) > _LARGEST:
        raise ValueError("the JWKS is too large")
    listed: Iterable[Any] = msgspec.json.decode(document)["keys"]
    keys = {str(one.get("kid", "")): key for one in listed if (key := _usable(one)) is not None}
    if not keys:
        raise ValueError("the JWKS has no key that may sign tokens")
    return keys


def _usable(declared: Any) -> jwt.PyJWK | None:
    if declared.get("use", "sig") != "sig":
        return None
    try:
        key = jwt.PyJWK(declared)
    except jwt.PyJWTError:
        return None
    weak = isinstance(key.key, RSAPublicKey) and key.key.key_size < _RSA_BITS
    return key if key.algorithm_name in ALGORITHMS and not weak else None


def _thumbprints(keys: dict[str, jwt.PyJWK]) -> dict[str, Any]:
    return {kid: key._jwk_data for kid, key in keys.items()}  # noqa: SLF001 - PyJWT has no public way to compare keys
