"""The line on a terminal that shows how far long work is; it is gone before anything else is printed."""

from __future__ import annotations

import os
from functools import partial
from itertools import count
from threading import Event, RLock, Thread
from typing import TYPE_CHECKING, Any, TextIO

import click

from krow_versions.values import define

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from krow_versions.progress import Tick
    from krow_versions.workspace.clock import Clock

_AFTER, _EVERY = 1.0, 0.1  # Seconds until the line is drawn, and between two drawings.
_WIDTH, _NARROW = 30, 5  # Columns of the bar, and with how few there is none.
_SHOW_CURSOR = "" if os.name == "nt" else "\033[?25h"  # click hides it.


class Line:
    """Draws the part of the work that is under way, once all of it has taken longer than a second.

    Drawing happens where the work says that a step is done. Only the first one may be due in the middle of a
    long step, so a thread waits for that one.
    """

    def __init__(self, stream: TextIO, clock: Clock, after: float = _AFTER) -> None:
        self._stream, self._clock, self._after = stream, clock, after
        self._begun = self._drawn = clock()
        self._part: _Part | None = None  # None: nothing is under way that may be drawn.
        self._bar: Any = None
        self._is_due = False
        self._lock = RLock()
        self._is_closed = Event()
        Thread(target=self._wait, daemon=True).start()

    def __call__(self, words: str, total: int | None) -> Tick:
        """Begin a part; see :class:`krow_versions.progress.Progress`."""
        part = _Part(words, total)
        self._see(part)
        return partial(self._tick, part)

    def clear(self) -> None:
        """Take the line away, until the next step."""
        with self._lock:
            self._erase()
            self._part = None

    def close(self) -> None:
        """Take the line away for good."""
        self._is_closed.set()
        self.clear()

    def _tick(self, part: _Part) -> None:
        part.done += 1
        self._see(part)

    def _see(self, part: _Part) -> None:
        """Draw *part*, if that is due: at its begin and at its end, and now and then in between."""
        with self._lock:
            if part is not self._part:
                self._erase()
                self._part = part
            is_news = part.done in {0, part.total} or self._seconds_since(self._drawn) >= _EVERY
            if is_news and self._has_become_due():
                self._draw(part)

    def _wait(self) -> None:
        while not self._is_due and not self._is_closed.wait(self._after):
            with self._lock:
                if self._part is not None and self._has_become_due():
                    self._draw(self._part)

    def _has_become_due(self) -> bool:
        self._is_due = self._is_due or self._seconds_since(self._begun) >= self._after
        return self._is_due

    def _draw(self, part: _Part) -> None:
        self._drawn = self._clock()
        if self._bar is None:
            self._bar = self._new_bar(part)
        if part.total is None:
            self._bar.bar_template = "%(label)s  %(info)s" if part.done else "%(label)s ..."
        if more := part.done - self._bar.pos:
            self._bar.update(more)
        else:
            self._bar.render_progress()

    def _new_bar(self, part: _Part) -> Any:
        counts = 0 if part.total is None else 2 * len(str(part.total)) + 1
        width = min(_WIDTH, self._columns() - len(f"{part.words}  []  ") - counts - 1)
        is_plain = part.total is None or width < _NARROW
        template = "%(label)s  %(info)s" if is_plain else "%(label)s  [%(bar)s]  %(info)s"
        steps: Iterable[int] = count() if part.total is None else range(part.total)
        return click.progressbar(
            steps, label=part.words, show_eta=False, show_percent=False, show_pos=True,
            bar_template=template, width=max(width, 1), file=self._stream,
        )  # fmt: skip

    def _columns(self) -> int:
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or 80
        except OSError:
            return 80

    def _erase(self) -> None:
        if self._bar is not None:
            self._stream.write(f"\r{' ' * (self._bar.max_width or 0)}\r{_SHOW_CURSOR}")
            self._stream.flush()
            self._bar = None

    def _seconds_since(self, moment: dt.datetime) -> float:
        return (self._clock() - moment).total_seconds()


@define
class _Part:
    """A part of the work, and how many of its steps are done."""

    words: str
    total: int | None
    done: int = 0
