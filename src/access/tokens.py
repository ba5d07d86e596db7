"""Bearer tokens: JSON Web Tokens of configured issuers, verified by PyJWT with pinned algorithms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import jwt

from access.errors import InvalidCredentialsError
from access.jwks import KeySet
from access.keys import KEY_SUBJECT
from access.policy import CERTIFICATE_SUBJECT, IssuerRule
from access.scopes import ALL_SCOPES

__all__ = ["Identity", "TokenVerifier"]

#: Seconds that the clocks of issuer and service may differ.
_LEEWAY = 30
_LONGEST = 8192
_LONGEST_SUBJECT = 255
_REQUIRED = ["iss", "sub", "aud", "exp"]
_REASONS: dict[type[Exception], str] = {
    jwt.ExpiredSignatureError: "expired",
    jwt.ImmatureSignatureError: "not_yet_valid",
    jwt.InvalidAudienceError: "audience",
    jwt.InvalidIssuerError: "issuer",
    jwt.InvalidSignatureError: "signature",
}


class Identity(NamedTuple):
    """Who a token speaks for, the scopes that it brings, and the Unix time at which it ends."""

    subject: str
    scopes: frozenset[str]
    expires: float


class TokenVerifier:
    """Verifies tokens of several issuers, each with its own keys."""

    def __init__(self, issuers: Mapping[str, tuple[IssuerRule, KeySet]]) -> None:
        self._issuers = issuers

    async def verify(self, token: str, *, now: float) -> Identity:
        """The identity that `token` proves. now: Unix time, for the age of the keys.

        Raises InvalidCredentialsError, AccessUnavailableError.
        """
        if len(token) > _LONGEST:
            raise InvalidCredentialsError("malformed")
        kid, issuer = _unverified(token)
        if issuer not in self._issuers:
            raise InvalidCredentialsError("issuer")
        rule, keys = self._issuers[issuer]
        key = await keys.key(kid)
        claims = _claims(token, key, rule)
        expires = min(claims["exp"] + _LEEWAY, now + keys.usable_seconds)  # ints of any size, where a float overflows
        return Identity(_subject(claims["sub"], rule), _scopes(claims, rule), expires)


def _unverified(token: str) -> tuple[str | None, str]:
    """The name of the key, and the issuer, to choose what to verify with; nothing else of it is used."""
    try:
        whole = jwt.decode_complete(token, options={"verify_signature": False})
        kid, issuer = whole["header"].get("kid"), whole["payload"].get("iss")
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError, RecursionError):
        raise InvalidCredentialsError("malformed") from None
    if not isinstance(issuer, str) or not isinstance(kid, str | None):
        raise InvalidCredentialsError("malformed")
    return kid, issuer


def _claims(token: str, key: jwt.PyJWK, rule: IssuerRule) -> dict[str, Any]:
    try:
        return jwt.decode(
            token,
            key=key,
            algorithms=[key.algorithm_name],
            audience=rule.audience,
            issuer=rule.issuer,
            leeway=_LEEWAY,
            options={"require": _REQUIRED},
        )
    except jwt.PyJWTError as error:
        raise InvalidCredentialsError(_REASONS.get(type(error), "malformed")) from None
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise InvalidCredentialsError("malformed") from None


def _subject(claimed: str, rule: IssuerRule) -> str:
    subject = rule.subject_prefix + claimed
    own = subject.startswith((KEY_SUBJECT, CERTIFICATE_SUBJECT)) or subject == "datastorage"
    if own or not claimed or len(subject) > _LONGEST_SUBJECT or not subject.isprintable():
        raise InvalidCredentialsError("subject")
    return subject


def _scopes(claims: Mapping[str, Any], rule: IssuerRule) -> frozenset[str]:
    """The scopes of the claim, a list or text (RFC 8693, section 4.2); unknown ones mean nothing."""
    claimed = claims.get(rule.scopes_claim, "") if rule.scopes_claim else ""
    listed = claimed.split() if isinstance(claimed, str) else claimed if isinstance(claimed, list) else ()
    return ALL_SCOPES & {one for one in listed if isinstance(one, str)}
