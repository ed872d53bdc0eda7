"""The only module that reads the clock; all others ask the clock that their workspace was given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TypeAlias

Clock: TypeAlias = Callable[[], dt.datetime]
"""Gives the present moment, with its zone."""


def now() -> dt.datetime:
    """Return the present moment in the local time zone."""
    return dt.datetime.now().astimezone()
