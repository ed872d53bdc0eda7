"""Clocks that are ahead of that of this machine, and the command line that is started with one."""

from __future__ import annotations

import datetime as dt
import re
import shlex
import sys
from typing import TYPE_CHECKING

from krow_versions.workspace.clock import now

if TYPE_CHECKING:
    from pathlib import Path

    from krow_versions.workspace.clock import Clock

NOW = dt.timedelta()
# In a page of the documentation: for the examples after it, that much time has passed.
SHIFT = re.compile(r"<!-- clock: \+(?P<number>[0-9]+) (?P<unit>min|h|d) -->")
_UNITS = {"min": "minutes", "h": "hours", "d": "days"}
_PROGRAM = """\
import datetime as dt, sys
from krow_versions.cli import main
from krow_versions.workspace.clock import now
seconds = float(sys.argv.pop(1))
sys.argv[0] = "krow-versions"
main(clock=lambda: now() + dt.timedelta(seconds=seconds))
"""


def ahead(later: dt.timedelta) -> Clock:
    """A clock that is ahead of that of this machine."""
    return lambda: now() + later


def launcher(later: dt.timedelta) -> tuple[str, ...]:
    """The program with such a clock, to be followed by its arguments."""
    return (sys.executable, "-P", "-c", _PROGRAM, f"{later.total_seconds()}")


def install(folder: Path, later: dt.timedelta) -> None:
    """Make ``krow-versions`` in *folder* the program with such a clock."""
    folder.mkdir(exist_ok=True)
    script = folder / "krow-versions"
    script.write_text(f'#!/bin/sh\nexec {shlex.join(launcher(later))} "$@"\n', encoding="utf-8")
    script.chmod(0o755)


def passed(text: str) -> dt.timedelta:
    """The time that has passed by what a page says before an example."""
    found = (dt.timedelta(**{_UNITS[each["unit"]]: int(each["number"])}) for each in SHIFT.finditer(text))
    return sum(found, NOW)
