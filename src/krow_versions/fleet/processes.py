"""Worker processes of our own, as an executor.

Why not ``ProcessPoolExecutor``: each of its workers loads the caller's main module, so a script without
``if __name__ == "__main__"`` would run again in each of them; one worker that dies breaks all that the others
do; and it has no way to end at once.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from typing import IO, TYPE_CHECKING, Any, NoReturn, ParamSpec, TypeVar, cast

from krow_versions.errors import InternalError
from krow_versions.workspace.programs import answering

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")

# The folders of modules are given as arguments: what a notebook has added to them is in no variable.
_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from krow_versions.fleet.processes import serve; serve()"
_PATIENCE = 1.0  # Seconds for a worker to stop its git.


class Processes(Executor):
    """Runs functions in processes that load nothing of the caller; one that dies fails its own call alone.

    Each thread of a pool leads one process: it sends a call, and waits for the answer.
    """

    def __init__(self, jobs: int) -> None:
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="krow-versions")
        self._lock = threading.Lock()
        self._idle: list[subprocess.Popen[bytes]] = []
        self._all: set[subprocess.Popen[bytes]] = set()
        self._closed = False

    @staticmethod
    def possible() -> bool:
        """Whether this Python can be started again; not where it is a part of another program."""
        return bool(sys.executable) and not getattr(sys, "frozen", False)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a function of a module, in the next process that is free."""
        return self._threads.submit(self._call, fn, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002  It waits.
        """End all processes: with *cancel_futures* at once, with what they run; else when all is done."""
        self._threads.shutdown(wait=not cancel_futures, cancel_futures=cancel_futures)
        with self._lock:
            self._closed = True
            workers = [*self._all]
        for worker in workers:
            worker.terminate()
        patience = _PATIENCE  # For all of them together.
        try:
            for worker in workers:
                try:
                    worker.wait(patience)
                except subprocess.TimeoutExpired:
                    patience = 0.0
        finally:  # Also if Ctrl-C comes again: this process ends when its threads do.
            for worker in workers:
                worker.kill()
        self._threads.shutdown(wait=True)
        for worker in workers:
            self._end(worker)

    def close(self) -> None:
        """End all processes at once."""
        self.shutdown(cancel_futures=True)

    def _call(self, function: Callable[..., T], args: Any, kwargs: Any) -> T:
        worker = self._take()
        calls, answers = _streams(worker)
        try:
            pickle.dump((function, args, kwargs), calls)
            calls.flush()
            is_done, answer = pickle.load(answers)  # noqa: S301  They come from a process of our own.
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise BrokenExecutor(f"the worker process {worker.pid} {self._end(worker)}") from error
        except BaseException:
            self._end(worker)
            raise
        with self._lock:
            self._idle.append(worker)
        if not is_done:
            raise answer
        return cast("T", answer)

    def _take(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._closed:
                raise BrokenExecutor("the processes were ended")
            if self._idle:
                return self._idle.pop()
            flags = ["-I"] if sys.flags.isolated else []
            worker = subprocess.Popen(
                [sys.executable, *flags, "-c", _PROGRAM, *sys.path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                process_group=0 if os.name == "posix" else None,  # Ctrl-C is for this process alone.
            )
            self._all.add(worker)
            return worker

    def _end(self, worker: subprocess.Popen[bytes]) -> str:
        """Forget a process, and return how it ended."""
        with self._lock:
            self._all.discard(worker)
        for stream in _streams(worker):
            with contextlib.suppress(OSError):
                stream.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.wait(_PATIENCE)
        worker.kill()
        code = worker.wait()
        if code >= 0:
            return f"ended with exit code {code}"
        return f"was ended by {signal.Signals(-code).name}"


def _streams(worker: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    """Return what it reads, and what it writes."""
    return cast("IO[bytes]", worker.stdin), cast("IO[bytes]", worker.stdout)


def usable_cpus() -> int:
    """Return the number of CPUs that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def serve() -> None:
    """Be a worker: answer calls on standard input until it is closed."""
    calls = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    # What a call might read or print is no part of the conversation.
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    with answering(_end):
        try:
            while True:
                function, args, kwargs = pickle.load(calls)  # noqa: S301  They come from what started this.
                answers.write(_answer(function, args, kwargs))
                answers.flush()
        except (EOFError, pickle.UnpicklingError, BrokenPipeError):  # What started this is gone.
            os.dup2(nothing, answers.fileno())


def _answer(function: Callable[..., object], args: Any, kwargs: Any) -> bytes:
    """Call a function; return whether that went well, with its result, or with the error to raise."""
    try:
        return pickle.dumps((True, function(*args, **kwargs)))
    except Exception as error:  # noqa: BLE001  It is raised where the answer is awaited.
        try:
            return pickle.dumps((False, error))
        except Exception:  # noqa: BLE001  Not every error can be sent.
            return pickle.dumps((False, InternalError(f"{type(error).__name__}: {error}")))


def _end(number: int, _: object) -> NoReturn:
    """Unwind the call, which stops its git."""
    sys.exit(128 + number)
