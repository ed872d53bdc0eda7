"""Programs that are neither ours nor git: ``gh``, and the command that deploys a product."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING

from krow_versions.errors import OperationFailed
from krow_versions.text.escaping import quoted
from krow_versions.workspace.signals import answering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType


def is_here(name: str) -> bool:
    """Tell whether a program of that name is on PATH."""
    return shutil.which(name) is not None


def run_program(command: Sequence[str], *, cwd: str) -> int:
    """Run a program to its end, in the user's own terminal and environment; give its exit code.

    A signal that ends it gives the code that a shell would: 128 and its number. Ctrl-C is for the program
    to answer, which a terminal sends it to as well: it may have to undo half of what it did, so it is
    waited for, never killed. Other signals that would end us are passed on to it.

    Raises:
        OperationFailed: it cannot be started.
    """
    with _patient() as pass_to:
        try:
            process = subprocess.Popen([*command], cwd=cwd)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise OperationFailed(
                f"{quoted(command[0])} cannot be started: {reason}",
                hint="see that it is there and may be executed",
            ) from None
        pass_to(process)
        code = process.wait()
    return 128 - code if code < 0 else code


@contextlib.contextmanager
def _patient() -> Iterator[Callable[[subprocess.Popen[bytes]], None]]:
    """Let no signal come between us and the end of the process that is given to what this yields.

    From before it is started: else a signal ends us while the program, just started, goes on alone.
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
