"""Talk to a running git: feed its input, drain its output, and stop at a time and at a size."""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from typing import BinaryIO, cast

from krow_versions.errors import GitError

OUTPUT_LIMIT = 512 << 20
"""Bytes that one process may print: far above every real answer, far below the memory of a machine."""
MESSAGE_LIMIT = 32 << 20
"""Bytes that one process may print of messages, of which text is made, many times as large."""
_CHUNK = 1 << 16


def converse(
    process: subprocess.Popen[bytes], stdin: bytes | None, timeout: float, limit: int
) -> tuple[bytearray, bytearray]:
    """Give *stdin* to a process, read all that it prints, and wait for its end.

    Unlike ``Popen.communicate`` this bounds the memory that the process can claim: a tag whose message
    has gigabytes is a few kilobytes in a pack.

    Raises:
        subprocess.TimeoutExpired: it took longer than *timeout* seconds; ``stderr`` is what it printed.
        GitError: it printed more than *limit* bytes.
        OSError: a pipe failed.
    """
    deadline = time.monotonic() + timeout
    printed = {cast("BinaryIO", process.stdout): bytearray(), cast("BinaryIO", process.stderr): bytearray()}
    output, words = printed.values()
    rest = memoryview(stdin or b"")
    try:
        with selectors.DefaultSelector() as selector:
            for stream in printed:
                selector.register(stream, selectors.EVENT_READ)
            if process.stdin is not None:
                os.set_blocking(process.stdin.fileno(), False)
                selector.register(process.stdin, selectors.EVENT_WRITE)
            while selector.get_map():
                for key, _ in selector.select(_left(process, deadline)):
                    if key.fileobj is process.stdin:
                        rest = _fed(key.fd, rest)
                        over = not rest
                    else:
                        over = _drained(key.fd, printed[cast("BinaryIO", key.fileobj)])
                        if len(output) + len(words) > limit:
                            raise _too_much(limit)
                    if over:
                        selector.unregister(key.fileobj)
                        cast("BinaryIO", key.fileobj).close()
        process.wait(_left(process, deadline))
    except subprocess.TimeoutExpired as expired:
        expired.stderr = bytes(words)
        raise
    return output, words


def _left(process: subprocess.Popen[bytes], deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise subprocess.TimeoutExpired(process.args, 0)
    return left


def _fed(fd: int, rest: memoryview) -> memoryview:
    """Write some of *rest*; give what is left, nothing when the process reads no more."""
    try:
        return rest[os.write(fd, rest[:_CHUNK]) :]
    except BlockingIOError:
        return rest
    except BrokenPipeError:  # Its exit code and words say why.
        return rest[:0]


def _drained(fd: int, into: bytearray) -> bool:
    """Read some output; say whether that was the end of it."""
    chunk = os.read(fd, _CHUNK)
    into += chunk
    return not chunk


def _too_much(limit: int) -> GitError:
    return GitError(
        f"git printed more than {limit >> 20} MiB, which no sound repository makes it do",
        hint="look for a tag or commit with a huge message: git cat-file --batch-check --batch-all-objects",
    )
