"""The ways in which a query may write an instant."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

__all__ = ["FORMS", "InvalidInstantError", "parse_instant"]

#: What the error messages offer.
FORMS = "24h, 90m, 7d, 1h30m, 2025-12-01, 2025-12-01T10:00:00 (UTC) or 2025-12-01T10:00:00+02:00"

_AGO = re.compile(
    r"(?=\d)(?:(?P<days>\d{1,7})d)?(?:(?P<hours>\d{1,8})h)?(?:(?P<minutes>\d{1,9})m)?(?:(?P<seconds>\d{1,10})s)?",
    re.ASCII,
)
# A "+" that a client forgot to percent-encode arrives as a space, and means nothing else at this place.
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[Tt](\d{2}:\d{2}:\d{2})(\.\d{1,12})?([Zz]|[+ -]\d{2}:\d{2})?)?", re.ASCII)


class InvalidInstantError(ValueError):
    """The text is in none of the forms that an instant may have."""


def parse_instant(text: str, now: datetime) -> datetime:
    """The instant that `text` means, aware, in UTC, to the microsecond (further digits are cut off).

    A duration (days, hours, minutes, seconds, largest first; a day is 24 h) counts back from `now`. A date is its
    first instant in UTC, and a time without a zone is in UTC; with a zone it is RFC 3339, section 5.6.
    Raises InvalidInstantError, also for what lies outside the years 1 to 9999.
    """
    try:
        if ago := _AGO.fullmatch(text):
            return now - timedelta(**{unit: int(n) for unit, n in ago.groupdict(default="0").items()})
        if match := _INSTANT.fullmatch(text):
            day, time, fraction, zone = match.groups()
            offset = "+00:00" if zone is None or zone in "Zz" else zone.replace(" ", "+")
            written = f"{day}T{time or '00:00:00'}{(fraction or '')[:7]}{offset}"
            return datetime.fromisoformat(written).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidInstantError(f"invalid time format; write {FORMS}")
