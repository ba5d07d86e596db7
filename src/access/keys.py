"""API keys: `ds_<id>_<secret>`. The secret has 256 random bits, so that its plain SHA-256 cannot be turned back."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime
from typing import NamedTuple

import msgspec

from access.errors import InvalidCredentialsError
from access.grants import NO_LIMITS, Grant, Limits

__all__ = ["KEY_PREFIX", "KEY_SUBJECT", "ApiKey", "NewKey", "digest", "mint", "parse", "verified"]

KEY_PREFIX = "ds_"
#: What the subject of every API key begins with; no token's subject may.
KEY_SUBJECT = "key:"
_SECRET_BYTES = 32
_FORM = re.compile(r"ds_([a-z0-9]{1,32})_([A-Za-z0-9_-]{32,128})")
#: Stands in for the digest of a key that does not exist, so that both cases take the same time.
_NOBODY = bytes(32)


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it is stored: everything but its secret."""

    key_id: str
    name: str
    secret_sha256: bytes
    scopes: frozenset[str]
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    limits: Limits = NO_LIMITS

    @property
    def subject(self) -> str:
        """Who the holder is; the same for a key and the one that replaces it."""
        return KEY_SUBJECT + self.name

    def grant(self) -> Grant:
        """What the holder may do."""
        expires = self.expires_at.timestamp() if self.expires_at else float("inf")
        return Grant(subject=self.subject, scopes=self.scopes, expires=expires, limits=self.limits)


class NewKey(NamedTuple):
    """A key just made. text is shown once and stored nowhere."""

    key_id: str
    text: str
    secret_sha256: bytes


def mint() -> NewKey:
    """A new key."""
    key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(_SECRET_BYTES)
    return NewKey(key_id, f"{KEY_PREFIX}{key_id}_{secret}", digest(secret))


def parse(text: str) -> tuple[str, str]:
    """The id and the secret of a key's text. Raises InvalidCredentialsError."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise InvalidCredentialsError("malformed")
    return found[1], found[2]


def digest(secret: str) -> bytes:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode("ascii")).digest()


def verified(known: ApiKey | None, secret: str, now: float) -> Grant:
    """The grant of the stored key if `secret` is its secret and it is valid at the Unix time `now`.

    Raises InvalidCredentialsError.
    """
    matches = hmac.compare_digest(known.secret_sha256 if known else _NOBODY, digest(secret))
    if known is None or not matches:
        raise InvalidCredentialsError("unknown")
    if known.revoked_at is not None:
        raise InvalidCredentialsError("revoked")
    grant = known.grant()
    if grant.expires <= now:
        raise InvalidCredentialsError("expired")
    return grant
