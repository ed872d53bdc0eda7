"""Values for a notebook that a test runs in a kernel."""

from __future__ import annotations

import datetime as dt

from krow_versions.history import History, Release
from krow_versions.version import Version


def history() -> History:
    """Three releases of two stages."""
    day = dt.datetime(2026, 3, 5, 14, 2, tzinfo=dt.UTC)
    releases = [
        Release(f"t{at}", "production" if at % 2 else "staging", Version(0, 1, at), None, day, "")
        for at in range(3)
    ]
    return History("web", tuple(releases))
