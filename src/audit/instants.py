"""The ways in which a query may write an instant."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

__all__ = ["FORMS", "InvalidInstantError", "parse_instant"]

#: What the error messages offer.
FORMS = "24h, 90m, 7d, 1h30m, 1.5d, 500ms, 2025-12-01, 2025-12-01T10:00:00 (UTC) or 2025-12-01T10:00:00+02:00"

_MICROSECONDS: dict[str, Decimal | int] = {
    "d": 86_400_000_000,
    "h": 3_600_000_000,
    "m": 60_000_000,
    "s": 1_000_000,
    "ms": 1_000,
    "us": 1,
    "µs": 1,
    "μs": 1,
    "ns": Decimal("0.001"),
}
_QUANTITY = re.compile(r"([0-9]{1,10}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})(d|h|ms|m|s|us|\u00b5s|\u03bcs|ns)")
_DURATION = re.compile(rf"(?:{_QUANTITY.pattern}){{1,16}}")
# A "+" that a client forgot to percent-encode arrives as a space, and means nothing else at this place.
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[Tt](\d{2}:\d{2}:\d{2})(\.\d{1,12})?([Zz]|[+ -]\d{2}:\d{2})?)?", re.ASCII)
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class InvalidInstantError(ValueError):
    """The text is in none of the forms that an instant may have."""


def parse_instant(text: str, now: datetime) -> datetime:
    """The instant that `text` means, aware, in UTC, to the microsecond (further digits are cut off).

    A duration counts back from `now`: decimal numbers, each with a unit, as Go's time.ParseDuration takes them without
    a sign, and `d` for 24 h. A date is its first instant in UTC, and a time without a zone is in UTC; with a zone it
    is RFC 3339, section 5.6. What lies before the year 1 is its first instant, what lies after 9999 its last.
    Raises InvalidInstantError.
    """
    if _DURATION.fullmatch(text):
        microseconds = sum(Decimal(n) * _MICROSECONDS[unit] for n, unit in _QUANTITY.findall(text))
        return now - timedelta(microseconds=min(int(microseconds), (now - _FIRST) // timedelta(microseconds=1)))
    if match := _INSTANT.fullmatch(text):
        day, time, fraction, zone = match.groups()
        offset = "+00:00" if zone is None or zone in "Zz" else zone.replace(" ", "+")
        try:
            return _in_utc(datetime.fromisoformat(f"{day}T{time or '00:00:00'}{(fraction or '')[:7]}{offset}"))
        except ValueError:
            pass
    raise InvalidInstantError(f"invalid time format; write {FORMS}")


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        return _FIRST if instant.year == 1 else _LAST
