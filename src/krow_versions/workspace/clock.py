"""The one place that looks at the clock, for callers who do not say what time it is."""

from __future__ import annotations

import datetime as dt


def now() -> dt.datetime:
    """Give the present moment in the local time zone."""
    return dt.datetime.now().astimezone()


def today() -> dt.date:
    """Give the present day in the local time zone."""
    return now().date()
