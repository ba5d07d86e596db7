"""Signing in at an OpenID Connect provider: authorization code flow with PKCE (RFC 7636), state and nonce.

The ID token that comes of it is the reader's token from then on; the API checks it like any other.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import msgspec
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from requests import RequestException

from console.sign_in import Begun, SignInError
from telemetry.logs import get_logger

__all__ = ["Provider"]

#: Seconds that the provider gets for an answer, and for which its configuration is remembered.
_TIMEOUT, _REMEMBERED = 4.0, 3600.0
_LOCAL = frozenset(("127.0.0.1", "localhost", "::1"))
_ENDPOINTS = ("authorization_endpoint", "token_endpoint")
_log = get_logger(__name__)


class Provider:
    """One provider. ca_file: CA of its certificate, where it is not a public one. monotonic: seconds, from any start.

    Every method takes back: where the provider sends the reader to, as it knows the address; raises SignInError.
    """

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        client_secret: str | None,
        scope: str,
        ca_file: Path | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = urlsplit(issuer).netloc
        self._issuer = issuer
        self._client = {"client_id": client_id, "client_secret": client_secret, "scope": scope}
        self._verify = str(ca_file) if ca_file else True
        self._monotonic = monotonic
        self._known: tuple[float, Mapping[str, str]] | None = None

    def begin(self, back: str, following: str) -> tuple[str, Begun]:
        """Where to send the reader, and what to remember. following: the page that they want."""
        nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        with self._session(back) as session:
            address, state = session.create_authorization_url(
                self._configuration()["authorization_endpoint"], nonce=nonce, code_verifier=verifier
            )
        return address, Begun(state, nonce, verifier, following)

    def finish(self, arrived: str, begun: Begun, back: str) -> str:
        """The ID token for the code in the address `arrived`; its signature and times are still to be checked."""
        told = dict(parse_qsl(urlsplit(arrived).query))
        if "code" not in told:
            raise SignInError(f"{self.name} signed nobody in: {told.get('error', 'it gave no code')[:60]}.")
        endpoint = self._configuration()["token_endpoint"]
        try:
            with self._session(back, state=begun.state) as session:
                answer = session.fetch_token(
                    endpoint, authorization_response=arrived, code_verifier=begun.verifier, timeout=_TIMEOUT
                )
            token = str(answer["id_token"])
            claims = jwt.decode(token, options={"verify_signature": False})
        except AuthlibBaseError as error:
            raise self._failed(str(error.error)[:60], error) from None
        except (RequestException, ValueError, KeyError, TypeError, jwt.PyJWTError) as error:
            raise self._failed("it gave no ID token", error) from None
        if claims.get("iss") != self._issuer or not _same(claims.get("nonce"), begun.nonce):
            raise SignInError(f"The answer of {self.name} belongs to another sign-in. Try again.")
        return token

    def _failed(self, why: str, error: Exception) -> SignInError:
        _log.warning("signing in at the provider failed", provider=self.name, cause=type(error).__name__)
        return SignInError(f"{self.name} signed nobody in: {why}.")

    def _session(self, back: str, **more: Any) -> Any:
        session = OAuth2Session(**self._client, redirect_uri=back, code_challenge_method="S256", **more)
        session.verify = self._verify
        return session

    def _configuration(self) -> Mapping[str, str]:
        """What the provider publishes about itself (OpenID Connect Discovery 1.0)."""
        now = self._monotonic()
        if self._known is None or now - self._known[0] > _REMEMBERED:
            self._known = now, self._discovered()
        return self._known[1]

    def _discovered(self) -> Mapping[str, str]:
        address = self._issuer.rstrip("/") + "/.well-known/openid-configuration"
        try:
            with self._session("") as session:
                answer = session.request("GET", address, withhold_token=True, timeout=_TIMEOUT)
            answer.raise_for_status()
            found = msgspec.convert(answer.json(), dict[str, Any])
        except (RequestException, AuthlibBaseError, ValueError) as error:
            raise self._failed("its configuration cannot be read", error) from None
        endpoints = {name: str(found.get(name, "")) for name in _ENDPOINTS}
        if found.get("issuer") != self._issuer or not all(map(_is_safe, endpoints.values())):
            raise SignInError(f"What {self.name} publishes about itself cannot be used: its issuer or its endpoints.")
        return endpoints


def _is_safe(address: str) -> bool:
    """Whether nobody on the way reads or changes what is sent there."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)


def _same(one: object, other: str) -> bool:
    return isinstance(one, str) and secrets.compare_digest(one.encode(), other.encode())
