"""The signals that end a program, and who answers them meanwhile."""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def answering(answer: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """Call *answer* with the number of each signal that would end the program, until the block ends.

    A signal that is ignored stays ignored: that is how ``nohup`` works. Outside of the main thread,
    which alone gets signals, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught = [each for each in ENDING if signal.getsignal(each) != signal.SIG_IGN]
    before = {number: signal.signal(number, answer) for number in caught}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
