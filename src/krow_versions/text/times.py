"""Format moments and durations for people and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

UNKNOWN = "not known"

_MINUTES = len("2026-03-05 14:02")


def at(moment: dt.datetime | None) -> str:
    """Format a moment to the minute, with its zone.

    >>> import datetime as dt
    >>> at(dt.datetime(2026, 3, 5, 14, 2, 59, tzinfo=dt.UTC))
    '2026-03-05 14:02 +00:00'
    """
    if moment is None:
        return UNKNOWN
    text = moment.isoformat(" ", "minutes")
    return f"{text[:_MINUTES]} {text[_MINUTES:]}"


def lasting(duration: dt.timedelta) -> str:
    """Format a duration in whole minutes, rounded down.

    >>> import datetime as dt
    >>> lasting(dt.timedelta(minutes=65)), lasting(dt.timedelta(days=1, seconds=59))
    ('1 h 05 min', '1 d 00 h 00 min')
    """
    minutes = int(abs(duration).total_seconds()) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    sign = "-" if duration.total_seconds() <= -60 else ""
    if days:
        return f"{sign}{days} d {hours:02d} h {rest:02d} min"
    return f"{sign}{hours} h {rest:02d} min" if hours else f"{sign}{rest} min"


def iso(moment: dt.date | None) -> str | None:
    """Format a day or a moment by ISO 8601; None for None."""
    return None if moment is None else moment.isoformat()


def is_naive(moment: dt.datetime) -> bool:
    """Whether *moment* is a naive datetime, without a zone."""
    return moment.utcoffset() is None
