"""A real terminal for the messages of the command line, and what is on its screen."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import itertools
import os
import pty
import re
import struct
import termios
import tty
from typing import TYPE_CHECKING

import attrs

from support import child
from support.audits import NOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from krow_versions.workspace.clock import Clock
    from support.child import Result

CURSOR = {"\033[?25l": False, "\033[?25h": True}
_CONTROLS = re.compile(r"(\033\[\?25[lh]|[\r\n])")


@attrs.frozen
class Screen:
    """What was written to a terminal.

    Attributes:
        drawings: each line as it was before it was taken away or overwritten, without blank ones.
        lines: what is on the screen at the end.
        has_cursor: whether the cursor is to be seen at the end.
    """

    drawings: tuple[str, ...]
    lines: tuple[str, ...]
    has_cursor: bool

    @classmethod
    def of(cls, written: str) -> Screen:
        """Do what a terminal does with carriage returns, line feeds and the cursor."""
        drawings, lines, has_cursor, column = [], [""], True, 0
        for part in _CONTROLS.split(written):
            if part in CURSOR:
                has_cursor = CURSOR[part]
            elif part == "\r":
                drawings += [lines[-1].rstrip()] if lines[-1].strip() else []
                column = 0
            elif part == "\n":
                lines.append("")
                column = 0
            else:
                before = lines[-1].ljust(column)
                lines[-1] = before[:column] + part + before[column + len(part) :]
                column += len(part)
        return cls(tuple(drawings), tuple(line.rstrip() for line in lines), has_cursor)


@contextlib.contextmanager
def terminal(columns: int = 80) -> Iterator[tuple[int, int]]:
    """Open a terminal that changes nothing of what is written: where it is read, and where it is written."""
    reads, writes = pty.openpty()
    tty.setraw(writes)
    fcntl.ioctl(writes, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    try:
        yield reads, writes
    finally:
        for each in (reads, writes):
            with contextlib.suppress(OSError):
                os.close(each)


def run_watched(
    folder: Path, *args: str, clock: Clock, columns: int = 80, first: Callable[[], object] = lambda: None
) -> tuple[Result, Screen]:
    """Run a command whose messages go to a terminal, without colour; its result is without them."""
    written = bytearray()
    with terminal(columns) as (reads, writes):

        def watch() -> None:
            os.close(writes)
            with contextlib.suppress(OSError):  # All who write have ended.
                while chunk := os.read(reads, 1 << 16):
                    written.extend(chunk)

        result = child.run(
            folder, *args, env={"NO_COLOR": "1"}, stderr=writes, clock=clock, meanwhile=watch, first=first
        )
    return result, Screen.of(written.decode())


def jumping(seconds: float = 2) -> Clock:
    """A clock that is ahead by that much more each time that it is asked."""
    asked = itertools.count()
    return lambda: NOW + dt.timedelta(seconds=seconds * next(asked))
