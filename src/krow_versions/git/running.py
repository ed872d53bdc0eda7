"""Start a process, exchange data with it within a time and a size, and stop it with all that it started."""

from __future__ import annotations

import contextlib
import functools
import os
import selectors
import signal
import subprocess
import threading
import time
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import FrameType

OUTPUT_LIMIT = 512 << 20
"""Bytes that one process may print: far above every real answer, far below the memory of a machine."""
MESSAGE_LIMIT = 32 << 20
"""Bytes of messages that one process may print; as decoded text they take several times the memory."""
_CHUNK = 1 << 16


class TooMuch(Exception):  # Like ``TimeoutExpired``: who started the process names it.
    """A process has printed more than it may; the text says how much that is."""


def run_to_end(
    name: str,
    command: Sequence[bytes],
    *,
    failed: Callable[[str], Exception],
    cwd: str,
    env: Mapping[str, str],
    stdin: bytes | None,
    timeout: float,
    limit: int,
) -> tuple[int, bytes, bytes]:
    """Run a program to its end, whatever its exit code.

    Args:
        name: what people call it.
        command: the program and its arguments.
        failed: makes the error to raise, from what is wrong.
        cwd: the folder to run in.
        env: its whole environment.
        stdin: its input; None for no input.
        timeout: seconds after which it is stopped.
        limit: bytes that it may print.

    Returns:
        Its exit code, output and errors.

    Raises:
        Exception: of *failed*, if it cannot be started, took too long or printed too much.
    """
    try:
        with started(command, cwd=cwd, env=env, has_input=stdin is not None) as process:
            output, errors = communicate(process, stdin, timeout, limit)
    except subprocess.TimeoutExpired:
        raise failed(f"{name} was stopped after {timeout:g} s") from None
    except TooMuch as error:
        raise failed(f"{name} was stopped, because it printed {error}") from None
    except OSError as error:
        raise failed(f"{name} cannot be started: {error.strerror or error}") from error
    return process.returncode, bytes(output), bytes(errors)


@contextlib.contextmanager
def started(
    command: Sequence[bytes], *, cwd: str, env: Mapping[str, str], has_input: bool
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process in its own process group; stop the group if an exception leaves the block.

    Raises:
        OSError: it cannot be started.
    """
    process: subprocess.Popen[bytes] | None = None
    try:
        with _signals_deferred():
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=env,
                stdin=subprocess.PIPE if has_input else subprocess.DEVNULL,
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
            with process:  # Closes its pipes and waits for its end.
                pass


def communicate(
    process: subprocess.Popen[bytes], stdin: bytes | None, timeout: float, limit: int
) -> tuple[bytearray, bytearray]:
    """Send *stdin* to a process, read its output and its errors, and wait for its end.

    Unlike ``Popen.communicate``, the memory is bounded: a tag with a message of gigabytes takes a few
    kilobytes in a pack.

    Raises:
        subprocess.TimeoutExpired: it took longer than *timeout* seconds; ``stderr`` is what it printed.
        TooMuch: it printed more than *limit* bytes.
        OSError: a pipe failed.
    """
    deadline = time.monotonic() + timeout
    printed = {cast("BinaryIO", process.stdout): bytearray(), cast("BinaryIO", process.stderr): bytearray()}
    output, errors = printed.values()
    rest = memoryview(stdin or b"")
    try:
        with selectors.DefaultSelector() as selector:
            for stream in printed:
                selector.register(stream, selectors.EVENT_READ)
            if process.stdin is not None:
                os.set_blocking(process.stdin.fileno(), False)
                selector.register(process.stdin, selectors.EVENT_WRITE)
            while selector.get_map():
                for key, _ in selector.select(_remaining(process, deadline)):
                    if key.fileobj is process.stdin:
                        rest = _write_some(key.fd, rest)
                        at_end = not rest
                    else:
                        chunk = os.read(key.fd, _CHUNK)
                        printed[cast("BinaryIO", key.fileobj)] += chunk
                        at_end = not chunk
                        if len(output) + len(errors) > limit:
                            raise TooMuch(f"more than {limit >> 20} MiB")
                    if at_end:
                        selector.unregister(key.fileobj)
                        cast("BinaryIO", key.fileobj).close()
        process.wait(_remaining(process, deadline))
    except subprocess.TimeoutExpired as expired:
        expired.stderr = bytes(errors)
        raise
    return output, errors


@contextlib.contextmanager
def _signals_deferred() -> Iterator[None]:
    """Handle the signals that would end this process after the block.

    ``Popen`` starts the process before it returns: after an interrupt in between, nobody could stop it.
    """
    if threading.current_thread() is not threading.main_thread():  # Only the main thread gets signals.
        yield
        return
    arrived: list[Callable[[], object]] = []
    try:
        with contextlib.ExitStack() as stack:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                handler = signal.getsignal(number)
                if callable(handler):  # Not where it is ignored, as under ``nohup``, nor the default action.
                    stack.callback(signal.signal, number, handler)
                    signal.signal(number, functools.partial(_defer, arrived, handler))
            yield
    finally:
        for handle in arrived:
            handle()


def _defer(
    arrived: list[Callable[[], object]],
    handler: Callable[[int, FrameType | None], object],
    number: int,
    frame: FrameType | None,
) -> None:
    arrived.append(functools.partial(handler, number, frame))


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop a process group: by SIGTERM, on which git removes its locks, then by SIGKILL."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        try:
            os.killpg(process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=1)
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def _remaining(process: subprocess.Popen[bytes], deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise subprocess.TimeoutExpired(process.args, 0)
    return seconds


def _write_some(fd: int, rest: memoryview) -> memoryview:
    """Write some of *rest* and return what is left; nothing when the process has closed its input."""
    try:
        return rest[os.write(fd, rest[:_CHUNK]) :]
    except BlockingIOError:
        return rest
    except BrokenPipeError:  # Its exit code and its errors say why.
        return rest[:0]
