"""Guards against hanging, which measure nothing: what they stop would have taken minutes, or for ever."""

from __future__ import annotations

import contextlib
import signal
from typing import TYPE_CHECKING, NoReturn, TypeVar

from krow_versions.errors import GitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SECONDS = 300  # Of the clock. What ends at all ends in a few, however busy the machine is.
T = TypeVar("T")


@contextlib.contextmanager
def no_hang() -> Iterator[None]:
    """Fail when the block does not come to an end."""

    def stop(number: int, frame: object) -> NoReturn:
        raise AssertionError(f"it hangs: stopped after {SECONDS} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def stopped_late(attempt: Callable[[float], T], reached: Path) -> T:
    """Run *attempt* with a time limit that is long enough for a program to make *reached* and then hang.

    How far a program gets in a second depends on the machine. So one that was stopped before it got
    there has proved nothing, and is run again with more time.
    """
    for limit in (1.5, 6, 24):
        try:
            return attempt(limit)
        except GitError:
            if reached.exists():
                raise
    return attempt(96)
