"""JSON text to Python values, digit for digit, and what no JSONB column can keep.

PostgreSQL's limits: text without U+0000, valid Unicode (manual, section 8.14), numbers of at most 131,072 digits
before and 16,383 after the decimal point (section 8.1.2).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import msgspec

from web.problems import Violation

__all__ = ["Decoded", "decode", "without_lone_surrogates"]

_MAX_WHOLE_DIGITS = 131072
_MAX_FRACTION_DIGITS = 16383
#: Python converts no more decimal digits to an int (sys.int_info.default_max_str_digits).
_MAX_INT_DIGITS = 4300
#: Shorter numbers without an exponent are always within PostgreSQL's limits.
_SURELY_SMALL = 4000
#: Any escape; group 1 is a surrogate that is not half of a pair (RFC 8259, section 7).
_ESCAPE = re.compile(
    rb"\\(?:[^u]|u(?![dD][89a-fA-F])|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F])|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
#: Stands for a number that even Decimal cannot hold; it is out of range for PostgreSQL too.
_BEYOND = Decimal("1e999999")


class Decoded(NamedTuple):
    """document: the value, integers exact, other numbers as Decimal, of duplicate keys the last one."""

    document: Any
    violations: list[Violation]


class _LookCloserError(ValueError):
    """A number that might be out of range."""


def _quick_number(text: str) -> Decimal:
    if len(text) > _SURELY_SMALL or "e" in text or "E" in text:
        number = Decimal(text)
        if not _fits(number):
            raise _LookCloserError
        return number
    return Decimal(text)


_decode_quickly = msgspec.json.Decoder(float_hook=_quick_number).decode


def decode(text: bytes, name: str = "body") -> Decoded:
    """Parse `text`. `name` is what messages call the whole.

    violations lists text that is not JSON (then document is None), and strings and numbers that cannot be stored,
    with JSON Pointers.
    """
    if b"\\u0000" not in text:
        try:
            return Decoded(_decode_quickly(text), [])
        except RecursionError:
            return _refused(name, "is nested too deep")
        except (ValueError, msgspec.MsgspecError, InvalidOperation):
            pass  # the thorough way below finds out what is wrong, and where
    return _decode_thoroughly(text, name)


def without_lone_surrogates(text: bytes) -> bytes:
    """`text` with each lone surrogate escape replaced by U+FFFD, byte for byte as long as before.

    Lets the other events of a batch be decoded; the one at fault is refused.
    """
    return _ESCAPE.sub(lambda match: rb"\ufffd" if match[1] else match[0], text)


def _refused(name: str, reason: str) -> Decoded:
    return Decoded(None, [Violation("#", f"{name} {reason}", name, "json")])


def _decode_thoroughly(text: bytes, name: str) -> Decoded:
    try:
        document = json.loads(
            text.decode("utf-8"), parse_int=_exact_int, parse_float=_exact_float, parse_constant=_no_constant
        )
    except UnicodeDecodeError as error:
        return _refused(name, f"is not valid UTF-8 at byte {error.start}")
    except json.JSONDecodeError as error:
        return _refused(name, f"is not valid JSON: {error.msg} (line {error.lineno}, column {error.colno})")
    except RecursionError:
        return _refused(name, "is nested too deep")
    except ValueError as error:
        return _refused(name, f"is not valid JSON: {error}")
    violations = [
        Violation(f"#{where}", message, where.rpartition("/")[2] or name, "storable")
        for where, message in _unstorable(document)
    ]
    return Decoded(_printable(document) if violations else document, violations)


def _exact_int(text: str) -> int | Decimal:
    return int(text) if len(text) < _MAX_INT_DIGITS else Decimal(text)


def _exact_float(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return _BEYOND


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _fits(number: Decimal) -> bool:
    _sign, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        return False
    return len(digits) + exponent <= _MAX_WHOLE_DIGITS and -exponent <= _MAX_FRACTION_DIGITS


def _unstorable(document: Any) -> Iterator[tuple[str, str]]:
    """Pointer (without `#`) and message for each string and number that PostgreSQL cannot keep."""
    pending: list[tuple[str, Any]] = [("", document)]
    while pending:
        where, value = pending.pop()
        field = where.rpartition("/")[2] or "body"
        if isinstance(value, dict):
            for key, item in value.items():
                place = f"{where}/{_text(key).replace('~', '~0').replace('/', '~1')}"
                if reason := _bad_text(key):
                    yield place, f"a key of {field} {reason}"
                pending.append((place, item))
        elif isinstance(value, list):
            pending.extend((f"{where}/{index}", item) for index, item in enumerate(value))
        elif isinstance(value, str) and (reason := _bad_text(value)):
            yield where, f"{field} {reason}"
        elif isinstance(value, Decimal) and not _fits(value):
            yield where, f"{field} is a number out of range: at most 131072 digits before and 16383 after the point"


def _bad_text(text: str) -> str:
    if "\x00" in text:
        return "contains the character U+0000, which cannot be stored"
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "contains a lone surrogate, which is not a character"
    return ""


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _printable(value: Any) -> Any:
    """`value` without lone surrogates, for the schema validator; the request is refused anyway."""
    if isinstance(value, dict):
        return {_text(key): _printable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_printable(item) for item in value]
    return _text(value) if isinstance(value, str) else value
