"""A guard against hanging, which measures nothing: what it stops would have taken minutes, or for ever."""

from __future__ import annotations

import contextlib
import signal
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 60


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
