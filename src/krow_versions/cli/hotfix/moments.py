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
        UsageError: it is no time, or still to come.
    """
    if text is None:
        return None
    try:
        if len(text) <= len("14:05:00"):
            time = dt.time.fromisoformat(text)
            found = dt.datetime.combine(now.date(), time)
            if found.astimezone() > now:  # After midnight, 23:50 was yesterday.
                found = dt.datetime.combine(now.date() - dt.timedelta(days=1), time)
        else:
            found = dt.datetime.fromisoformat(text)
        found = found.astimezone() if found.tzinfo is None else found
    except (ValueError, OverflowError):
        raise UsageError(
            f"{option}: {quoted(text)} is no time", hint="write it like 14:05 or 2026-03-05T14:05"
        ) from None
    if found > now:
        raise UsageError(f"{option}: {quoted(text)} is still to come", hint="say when it was")
    return found
