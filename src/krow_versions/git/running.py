"""Start a process, exchange data with it within a time and a size, and stop it with all that it started."""

from __future__ import annotations

import contextlib
import functools
import os
import selectors
import signal
import subprocess
import sys
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
ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""The signals that end a program; Windows has no SIGHUP."""
NOWHERE = f"{os.devnull}/none"
"""A path where nothing is: of a program that was not found, or of a file that must not be read."""
_CHUNK = 1 << 16


class TooMuch(Exception):  # Like ``TimeoutExpired``: who started the process names it.
    """A process has printed more than it may; the text says how much that is."""


def find_program(name: str, search_path: str) -> str | None:
    """Find a program in the folders of a search path, and nowhere else.

    Windows, and ``shutil.which`` there, looks in the current folder first: a clone can hold a ``git.exe``.
    """
    if sys.platform == "win32":
        places = (os.path.join(folder, f"{name}.exe") for folder in search_path.split(os.pathsep))
        return next(filter(os.path.isfile, places), None)
    else:  # noqa: RET505  So that type checkers leave out the other one.
        import shutil

        return shutil.which(name, path=search_path)


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
    exchange = _exchange_by_threads if sys.platform == "win32" else _exchange
    try:
        exchange(process, memoryview(stdin or b""), printed, deadline, limit)
        process.wait(_remaining(process, deadline))
    except subprocess.TimeoutExpired as expired:
        expired.stderr = bytes(errors)
        raise
    return output, errors


def _exchange(
    process: subprocess.Popen[bytes],
    rest: memoryview,
    printed: dict[BinaryIO, bytearray],
    deadline: float,
    limit: int,
) -> None:
    with selectors.DefaultSelector() as selector:
        for stream in printed:
            selector.register(stream, selectors.EVENT_READ)
        if process.stdin is not None:
            if sys.platform != "win32":  # For type checkers: nothing calls this there.
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
                    _require_within(limit, printed)
                if at_end:
                    selector.unregister(key.fileobj)
                    cast("BinaryIO", key.fileobj).close()


def _exchange_by_threads(
    process: subprocess.Popen[bytes],
    rest: memoryview,
    printed: dict[BinaryIO, bytearray],
    deadline: float,
    limit: int,
) -> None:
    """Exchange data where pipes cannot be waited for: select(2) of Windows knows sockets alone."""
    errors = list[Exception]()

    def read(stream: BinaryIO) -> None:
        try:
            while chunk := os.read(stream.fileno(), _CHUNK):
                printed[stream] += chunk
                _require_within(limit, printed)
        except (OSError, ValueError, TooMuch) as error:
            errors.append(error)
            process.kill()  # Then the other pipes end, too.

    def write(stream: BinaryIO) -> None:
        with contextlib.suppress(OSError, ValueError):  # Its exit code and its errors say why.
            stream.writelines(rest[start : start + _CHUNK] for start in range(0, len(rest), _CHUNK))
            stream.close()

    work: list[tuple[Callable[[BinaryIO], None], BinaryIO]] = [(read, stream) for stream in printed]
    if process.stdin is not None:
        work.append((write, cast("BinaryIO", process.stdin)))
    # One that is left at the end of the time ends with its pipe, when the process is stopped.
    threads = [threading.Thread(target=target, args=(stream,), daemon=True) for target, stream in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_remaining(process, deadline))
        if thread.is_alive():
            raise subprocess.TimeoutExpired(process.args, 0)
    if errors:
        raise errors[0]


def _require_within(limit: int, printed: dict[BinaryIO, bytearray]) -> None:
    if sum(map(len, printed.values())) > limit:
        raise TooMuch(f"more than {limit >> 20} MiB")


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
            for number in ENDING:
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
    """Stop a process group: by SIGTERM, on which git removes its locks, then by SIGKILL.

    Windows has no groups of processes: there, only what was started is stopped, which writes nothing.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
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
