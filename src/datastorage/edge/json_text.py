"""JSON text to Python values, digit for digit, and what no JSONB column can keep.

PostgreSQL's limits: text without U+0000 and valid Unicode (manual, section 8.14). It would keep numbers of 131,072
digits, but gives them back written out, and no answer may be a thousand times the request: ours have at most 1,000.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

import msgspec

from repository.json_measures import MAX_DIGITS, has_long_number, plain_digits
from web.problems import MAX_VIOLATIONS, Violation

__all__ = ["STORABLE", "Decoded", "decode", "without_lone_surrogates"]

#: The text of a number may be this long: MAX_DIGITS with sign, point and exponent. Longer ones are not even converted.
_MAX_NUMBER = 2 * MAX_DIGITS
#: Any escape; group 1 is a surrogate that is not half of a pair (RFC 8259, section 7).
_ESCAPE = re.compile(
    rb"\\(?:[^u]|u(?![dD][89a-fA-F])|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F])|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
_TOO_LARGE = 10**MAX_DIGITS
#: Stands for a number that even Decimal cannot hold; it is out of range for PostgreSQL too.
_BEYOND = Decimal("1e999999")


#: Items of an array after which no more are looked at; no operation takes as many.
_MAX_ITEMS = 2000
#: The reason of violations of this module's rules.
STORABLE = "storable"
#: Where a value stands: the place of its container, and its key or index there; None for the document itself.
_Place: TypeAlias = "tuple[_Place, str | int] | None"


class Decoded(NamedTuple):
    """document: the value, integers exact, other numbers as Decimal, of duplicate keys the last one.

    digits: how many more bytes the text would have with its numbers written without exponents.
    """

    document: Any
    violations: list[Violation]
    digits: int = 0


class _LookCloserError(ValueError):
    """A number that might be out of range."""


class _Numbers:
    """Makes Decimals, and counts the digits that their exponents stand for."""

    def __init__(self) -> None:
        self.digits = 0

    def quick(self, text: str) -> Decimal:
        """Raises _LookCloserError for a number with too many digits, InvalidOperation for one beyond Decimal."""
        if len(text) > _MAX_NUMBER:
            raise _LookCloserError
        number = Decimal(text)
        if len(text) > MAX_DIGITS or "e" in text or "E" in text:
            if not _fits(number):
                raise _LookCloserError
            self._count(number, text)
        return number

    def thorough(self, text: str) -> Decimal:
        """_BEYOND stands for a number that is beyond Decimal."""
        try:
            number = Decimal(text) if len(text) <= _MAX_NUMBER else _BEYOND
        except InvalidOperation:
            return _BEYOND
        if _fits(number):
            self._count(number, text)
        return number

    def _count(self, number: Decimal, text: str) -> None:
        self.digits += max(0, plain_digits(number) - len(text))


def decode(text: bytes, name: str = "body") -> Decoded:
    """Parse `text`. `name` is what messages call the whole.

    violations lists text that is not JSON (then document is None), and strings and numbers that cannot be stored,
    with JSON Pointers.
    """
    if b"\\u0000" not in text and not has_long_number(text):
        numbers = _Numbers()
        try:
            return Decoded(msgspec.json.Decoder(float_hook=numbers.quick).decode(text), [], numbers.digits)
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
    numbers = _Numbers()
    try:
        document = json.loads(
            text.decode("utf-8"), parse_int=_exact_int, parse_float=numbers.thorough, parse_constant=_no_constant
        )
    except UnicodeDecodeError as error:
        return _refused(name, f"is not valid UTF-8 at byte {error.start}")
    except json.JSONDecodeError as error:
        return _refused(name, f"is not valid JSON: {error.msg} (line {error.lineno}, column {error.colno})")
    except RecursionError:
        return _refused(name, "is nested too deep")
    except ValueError as error:
        return _refused(name, f"is not valid JSON: {error}")
    violations = _unstorable(document, name)
    return Decoded(_printable(document) if violations else document, violations, numbers.digits)


def _exact_int(text: str) -> int | Decimal:
    return int(text) if len(text) <= _MAX_NUMBER else _BEYOND


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _fits(number: Decimal) -> bool:
    return number.is_finite() and plain_digits(number) <= MAX_DIGITS


def _unstorable(document: Any, name: str) -> list[Violation]:
    """The strings and numbers that cannot be kept: up to MAX_VIOLATIONS, then one for each item of an array."""
    found: list[Violation] = []
    if not isinstance(document, list):
        return list(islice(_unstorable_in(None, document, name), MAX_VIOLATIONS + 1))
    for index, item in enumerate(document):
        room = max(1, MAX_VIOLATIONS + 1 - len(found))
        found.extend(islice(_unstorable_in((None, index), item, name), room))
        if len(found) > _MAX_ITEMS:
            break
    return found


def _unstorable_in(place: _Place, value: Any, name: str) -> Iterator[Violation]:
    pending = [(place, value)]
    while pending:
        place, value = pending.pop()
        if isinstance(value, dict):
            for key, item in value.items():
                if reason := _bad_text(key):
                    field = _shown(place, name)
                    yield Violation(
                        _pointer((place, key)), f"a key of {field} {reason}", _shown((place, key), name), STORABLE
                    )
                pending.append(((place, key), item))
        elif isinstance(value, list):
            pending.extend(((place, index), item) for index, item in enumerate(value))
        elif reason := _bad_value(value):
            field = _shown(place, name)
            yield Violation(_pointer(place), f"{field} {reason}", field, STORABLE)


def _pointer(place: _Place) -> str:
    """The JSON Pointer to `place`; made for what is wrong only, since a long key may stand above many items."""
    parts: list[str] = []
    while place is not None:
        place, part = place
        parts.append(_text(str(part)).replace("~", "~0").replace("/", "~1"))
    return "".join(["#", *(f"/{part}" for part in reversed(parts))])


def _shown(place: _Place, name: str) -> str:
    return name if place is None else _text(str(place[1]))


def _bad_value(value: Any) -> str:
    if isinstance(value, str):
        return _bad_text(value)
    if (isinstance(value, Decimal) and not _fits(value)) or (type(value) is int and abs(value) >= _TOO_LARGE):
        return f"is a number out of range: more than {MAX_DIGITS} digits without an exponent"
    return ""


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
