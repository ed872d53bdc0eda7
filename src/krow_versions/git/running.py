"""A process that is there as long as a block runs, and that no interrupt leaves behind."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import subprocess
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import FrameType


@contextlib.contextmanager
def started(
    command: Sequence[bytes], *, cwd: str, env: Mapping[str, str], fed: bool
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process in a group of its own; stop the whole group if an exception leaves the block.

    Args:
        command: the program and its arguments.
        cwd: the folder to run in.
        env: its variables.
        fed: whether it has a standard input; else there is nothing to read.

    Raises:
        OSError: it cannot be started.
    """
    process: subprocess.Popen[bytes] | None = None
    try:
        with _signals_later():
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=env,
                stdin=subprocess.PIPE if fed else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        yield process
    except BaseException:
        if process is not None:
            _stop(process)
        raise
    finally:
        if process is not None:
            with process:  # Closes its pipes, and waits for its end.
                pass


@contextlib.contextmanager
def _signals_later() -> Iterator[None]:
    """Answer the signals that would end us when the block is over.

    ``Popen`` has a process before it gives it back: who is interrupted between the two can never stop it.
    """
    if threading.current_thread() is not threading.main_thread():  # Which alone gets signals.
        yield
        return
    arrived: list[Callable[[], object]] = []
    try:
        with contextlib.ExitStack() as stack:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                handler = signal.getsignal(number)
                if callable(handler):  # Neither ignored, as under ``nohup``, nor the end without a word.
                    stack.callback(signal.signal, number, handler)
                    signal.signal(number, functools.partial(_note, arrived, handler))
            yield
    finally:
        for answer in arrived:
            answer()


def _note(
    arrived: list[Callable[[], object]],
    handler: Callable[[int, FrameType | None], object],
    number: int,
    frame: FrameType | None,
) -> None:
    arrived.append(functools.partial(handler, number, frame))


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop a process and all that it started: politely, so that git removes its locks, then surely."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        try:
            os.killpg(process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=1)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
