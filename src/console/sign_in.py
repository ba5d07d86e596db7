"""A sign-in at a provider that has begun, and one that failed: what the console knows of it without the provider."""

from __future__ import annotations

import msgspec

__all__ = ["Begun", "SignInError"]


class SignInError(Exception):
    """Nobody is signed in; the message is for the reader."""


class Begun(msgspec.Struct, frozen=True):
    """What the reader's session keeps until they come back from the provider."""

    state: str
    nonce: str
    verifier: str
    next: str
