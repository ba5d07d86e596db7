"""The order of versions: Semantic Versioning 2.0.0, section 11, as text that sorts."""

from __future__ import annotations

import re

__all__ = ["version_key"]

_VERSION = re.compile(
    r"v?(?P<numbers>[0-9]+(?:\.[0-9]+){0,2})(?:-(?P<pre>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
#: Code points in this order: the end of an identifier, digits, letters, and what stands for a release.
_END, _RELEASE = "!", "~"


def version_key(version: str) -> str | None:
    """Text whose order by code points is the order of versions; None for a version that is not semantic.

    A leading `v` does not count, missing numbers are 0 (`1.2` is `1.2.0`), build metadata is ignored. Pre-releases come
    before their release.
    """
    match = _VERSION.fullmatch(version)
    if match is None:
        return None
    numbers = [*match["numbers"].split("."), "0", "0"][:3]
    pre = _RELEASE if match["pre"] is None else _END + "".join(_identifier(part) for part in match["pre"].split("."))
    return "".join(_number(number) for number in numbers) + pre


def _identifier(part: str) -> str:
    """Numbers come before words, and fewer identifiers before more."""
    return ("0" + _number(part) if part.isdigit() else "1" + part) + _END


def _number(digits: str) -> str:
    """Longer numbers are larger: the length goes first."""
    plain = digits.lstrip("0")
    return f"{len(plain):02d}{plain}"
