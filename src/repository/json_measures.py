"""How much JSON text is, before anybody stores it: its size with numbers written out, its members, its depth.

jsonb keeps `1e1000` in a few bytes and gives it back as a thousand digits (PostgreSQL manual, section 8.14): what
counts for every reader is the size written out, without exponents.
"""

from __future__ import annotations

import re
from decimal import Decimal

__all__ = [
    "MAX_DIGITS",
    "depth_of",
    "has_long_number",
    "has_more_commas",
    "members_of",
    "plain_digits",
    "size_written_out",
]

#: Digits that one number may have when it is written without an exponent.
MAX_DIGITS = 1000

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_STRING_OR_COMMA = re.compile(rb'"(?:[^"\\]|\\.)*"|,', re.DOTALL)
_EXPONENTIAL = re.compile(rb"([0-9]+)(?:\.([0-9]+))?[eE]([+-]?[0-9]+)")
_FILLED = re.compile(rb"[\[{](?=\s*[^\]}\s])")
#: One spelling for all digits and for both letters of exponents, so that a search needs no regular expression.
_SHAPES = bytes.maketrans(b"123456789E", b"000000000e")
_TOO_LONG = b"0" * (MAX_DIGITS + 1)
#: Exponents are looked at up to here; everything beyond is beyond every limit too.
_EXPONENT_CHARACTERS = 10


def plain_digits(number: Decimal) -> int:
    """Digits of a finite `number` without an exponent, the zeros before and behind the point included."""
    _sign, digits, exponent = number.as_tuple()
    return _digits(len(digits), int(exponent))


def has_long_number(text: bytes) -> bool:
    """Whether `text` has more than MAX_DIGITS digits in a row, be it in a string."""
    return _TOO_LONG in text.translate(_SHAPES)


def size_written_out(text: bytes, enough: int) -> int:
    """Bytes of JSON `text` with its numbers written without exponents.

    A lower bound where that is cheaper to find and no number has more than MAX_DIGITS: at most `enough` then.
    """
    if len(text) + MAX_DIGITS * text.translate(_SHAPES).count(b"0e") <= enough:
        return len(text)
    return len(text) + sum(map(_growth, _EXPONENTIAL.finditer(_STRING.sub(b"", text))))


def members_of(text: bytes, enough: int) -> int:
    """Members and items of JSON `text` at all depths, or a lower bound of at most `enough` where that is cheaper."""
    if text.count(b",") + text.count(b"{") + text.count(b"[") <= enough:
        return 0
    bare = _STRING.sub(b"0", text)
    return bare.count(b",") + len(_FILLED.findall(bare))


def has_more_commas(text: bytes, most: int) -> bool:
    """Whether JSON `text` has more than `most` commas outside of strings; looks no further than it must."""
    if text.count(b",") <= most:
        return False
    commas = 0
    for found in _STRING_OR_COMMA.finditer(text):
        commas += found[0] == b","
        if commas > most:
            return True
    return False


def depth_of(text: bytes, enough: int) -> int:
    """How deep JSON `text` nests, or a lower bound of at most `enough` where that is cheaper to find."""
    if text.count(b"{") + text.count(b"[") <= enough:
        return 0
    depth = deepest = 0
    for character in _STRING.sub(b"", text):
        if character in b"{[":
            depth += 1
            deepest = max(deepest, depth)
        elif character in b"}]":
            depth -= 1
    return deepest


def _digits(count: int, exponent: int) -> int:
    return count + exponent if exponent >= 0 else max(count, 1 - exponent)


def _growth(number: re.Match[bytes]) -> int:
    whole, fraction, exponent = number.groups(b"")
    power = int(exponent[:_EXPONENT_CHARACTERS]) - len(fraction)
    return max(0, _digits(len(whole) + len(fraction), power) - len(number[0]))
