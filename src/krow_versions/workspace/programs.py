"""Programs that are neither ours nor git, such as a deploy command, and the signals that end a program."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import threading
from typing import TYPE_CHECKING

from krow_versions.errors import OperationFailed
from krow_versions.git.running import ENDING
from krow_versions.text.escaping import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType


def run_program(command: Sequence[str], *, cwd: str, stdin: str = "") -> int:
    """Run a program to its end, in the user's own terminal and environment; give its exit code.

    If a signal ends it, the code is 128 plus its number, as in a shell. A terminal sends Ctrl-C to the
    program as well; it may have work to undo, so it is waited for, never killed. Other signals that
    would end this process are passed on to it.

    Args:
        command: the program and its arguments.
        cwd: the folder to run in.
        stdin: the text that it gets on its standard input, if it reads it; empty: that of this program.

    Raises:
        OperationFailed: it cannot be started.
    """
    with _patient() as pass_to:
        try:
            given = subprocess.PIPE if stdin else None
            process = subprocess.Popen([*command], cwd=cwd, stdin=given)
        except (OSError, ValueError) as error:
            raise _not_startable(command, error) from None
        pass_to(process)
        process.communicate(stdin.encode() if stdin else None)
        code = process.returncode
    return 128 - code if code < 0 else code


def require_startable(command: Sequence[str], *, cwd: str) -> None:
    """Refuse a program that is named by its path and is not there, or may not be executed.

    Raises:
        OperationFailed: so it is.
    """
    if os.sep not in command[0]:
        return  # It is looked for in PATH.
    try:
        path = os.path.join(cwd, command[0])
        os.stat(path)
        if not os.access(path, os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except (OSError, ValueError) as error:
        raise _not_startable(command, error) from None


def _not_startable(command: Sequence[str], error: OSError | ValueError) -> OperationFailed:
    reason = error.strerror if isinstance(error, OSError) else error
    return OperationFailed(
        f"{quoted(command[0])} cannot be started: {reason}",
        hint="see that it is there and may be executed; a hotfix branch has the files of its production tag",
    )


@contextlib.contextmanager
def answering(answer: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """Call *answer* with the number of each signal that would end the program, until the block ends.

    An ignored signal stays ignored, as ``nohup`` requires. Only the main thread receives signals, so in
    other threads nothing changes.
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


@contextlib.contextmanager
def _patient() -> Iterator[Callable[[subprocess.Popen[bytes]], None]]:
    """Pass signals on to the process that is given to the yielded function, until the block ends.

    Enter it before the start: otherwise a signal could end this process and leave the program running.
    """
    process: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def pass_on(number: int, _: FrameType | None) -> None:
        if number == signal.SIGINT:
            return
        if process is None:
            early.append(number)
        else:
            process.send_signal(number)

    def pass_to(started: subprocess.Popen[bytes]) -> None:
        nonlocal process
        process = started
        while early:
            process.send_signal(early.pop())

    with answering(pass_on):
        yield pass_to
