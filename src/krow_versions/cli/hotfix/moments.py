"""Options that take a moment, such as ``--detected`` and ``--at``."""

from __future__ import annotations

import datetime as dt

from krow_versions.errors import UsageError
from krow_versions.text.escaping import quoted


def past_moment(option: str, text: str | None, now: dt.datetime) -> dt.datetime | None:
    """Read a moment that is not to come: a time, the last such one, or a day and a time; default zone: local.

    Args:
        option: its name, for messages.
        text: as it was typed, or None if it was not given.
        now: the present moment.

    Raises:
        UsageError: it is no time, still to come, or not one moment in the local zone.
    """
    if text is None:
        return None
    try:
        past = [[each for each in found if each <= now] for found in map(_moments, _readings(text, now))]
    except (ValueError, OverflowError):
        raise UsageError(
            f"{option}: {quoted(text)} is no time", hint="write it like 14:05 or 2026-03-05T14:05"
        ) from None
    found = next(filter(None, past), None)
    if found is None:
        raise UsageError(f"{option}: {quoted(text)} is still to come", hint="say when it was")
    if len(found) > 1:
        why = "was twice" if found[0].time() == found[1].time() else "was never"
        zoned = " or ".join(each.isoformat(timespec="minutes") for each in found)
        raise UsageError(
            f"{option}: in the time zone of this machine {quoted(text)} {why}, because its clocks changed",
            hint=f"write it with its offset: {zoned}",
        )
    return found[0]


def _readings(text: str, now: dt.datetime) -> list[dt.datetime]:
    """Give what a text can mean, the likeliest first: after midnight, 23:50 was yesterday."""
    if len(text) > len("14:05:00"):
        return [dt.datetime.fromisoformat(text)]
    time = dt.time.fromisoformat(text)
    today = now.astimezone(time.tzinfo).date()
    return [dt.datetime.combine(day, time) for day in (today, today - dt.timedelta(days=1))]


def _moments(reading: dt.datetime) -> list[dt.datetime]:
    """Give the moment of a reading; two for a local time that is twice, or skipped, when clocks change."""
    if reading.tzinfo is not None:
        return [reading]
    return sorted({reading.replace(fold=fold).astimezone() for fold in (0, 1)})
