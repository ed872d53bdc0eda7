"""The only module that reads the clock."""

from __future__ import annotations

import datetime as dt


def now() -> dt.datetime:
    """Return the present moment in the local time zone."""
    return dt.datetime.now().astimezone()


def today() -> dt.date:
    """Return the present day in the local time zone."""
    return now().date()
