"""Runs of the program that are killed with every git that they started, as by a power cut.

Each git has a process group of its own, so all processes are found by a variable in their environment.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import subprocess
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from support.commands import MODULE

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARK = "KV_KILLED_TOGETHER"
# Long enough for every run: what hangs is a failure.
_LIMIT = 120.0


def started(folder: Path, args: Sequence[str], mark: str = "") -> subprocess.Popen[bytes]:
    """Start the program in a process of its own; every git that it starts has the *mark*, too."""
    return subprocess.Popen(
        [*MODULE, *args],
        cwd=folder,
        env={**os.environ, _MARK: mark},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def length(folder: Path, args: Sequence[str]) -> float:
    """Run the program to its end; give the seconds that it took."""
    began = time.monotonic()
    with started(folder, args) as process:
        assert process.wait(_LIMIT) == 0
    return time.monotonic() - began


def killed(folder: Path, args: Sequence[str], after: float, begun: Path | None = None) -> bool:
    """Kill the program and its gits after some seconds; give whether it was killed before its end.

    With *begun* the seconds count from when that file is there.
    """
    mark = uuid.uuid4().hex
    with started(folder, args, mark) as process:
        while begun is not None and not begun.exists() and process.poll() is None:
            pass  # To sleep would miss a git that is fast.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(after)
        alive = process.poll() is None
        process.kill()  # First: it starts no more of them.
    while left := _marked(f"{_MARK}={mark}".encode("ascii")):
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    return alive


def followed(words: str) -> list[Path]:
    """Do exactly what a message says about locks, here and on the remote; give what was removed."""
    removing = re.findall(
        r"(?<=delete that file: )rm .*?(?=; then run it)", words.replace("those files", "that file")
    )
    named = [path for command in removing for path in shlex.split(command)[1:]]
    if "whoever runs the server removes exactly that file" in words:
        named += re.findall(r"git's lock '(/[^']*)' has been there since [^,]*, on", words)
    for path in named:
        os.unlink(path)
    return [Path(path) for path in named]


def _marked(mark: bytes) -> list[int]:
    """List the processes with that variable that have not ended."""
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if folder.name.isdigit() and mark in (folder / "environ").read_bytes():
                found.append(int(folder.name))
    return found
