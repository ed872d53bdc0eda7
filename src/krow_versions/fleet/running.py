"""Audit many workspaces with any executor: few are submitted at a time, and none is kept that was given."""

from __future__ import annotations

import contextlib
import os
from itertools import chain
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeAlias

from krow_versions import files
from krow_versions.errors import KrowVersionsError, UsageError
from krow_versions.fleet.looking import look
from krow_versions.fleet.processes import Processes, usable_cpus
from krow_versions.fleet.report import WorkspaceReport

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Generator, Iterable, Iterator
    from concurrent.futures import Executor, Future

SUBMITTED = 128
"""Workspaces that an executor of the caller has at a time, whatever the number of its workers."""
_AHEAD = 4  # The same for each worker process of our own.
Place: TypeAlias = "str | WorkspaceReport | None"
"""A path; a report, which is passed on; None where there is nothing yet."""


def audit_many(
    paths: Iterable[str | os.PathLike[str]], executor: Executor | None = None
) -> Iterator[WorkspaceReport]:
    """Audit the workspace around each path, and yield a report of each as soon as it is there.

    What is wrong with one workspace is in its report, also if it is gone, or the process that had it died.
    Few paths are submitted at a time, and no report is kept: there may be any number of them. Closing the
    iterator cancels what has not begun. An audit reads the clock, as :meth:`Workspace.audit` does.

    Args:
        paths: folders, as for :meth:`Workspace.open`; each is taken when it is needed.
        executor: any executor, which stays open; its workers must see the same files. None for processes
            of our own, one for each CPU, which end with the iterator; one path is audited in this process.

    Raises:
        UsageError: *paths* is one path.
    """
    if isinstance(paths, str | bytes | os.PathLike):
        raise UsageError(f"{paths!r} is one path, not several", hint="write it in a list: [path]")
    places = (os.fspath(path) for path in paths)
    if executor is not None:
        return audit_with(places, executor, SUBMITTED)
    return audit_here(places, usable_cpus())


def audit_here(
    places: Iterable[Place], jobs: int, now: dt.datetime | None = None
) -> Generator[WorkspaceReport]:
    """Audit in *jobs* processes; in this process, and in order, if that is one.

    Args:
        places: what to audit.
        jobs: how many workspaces are audited at the same time, at least 1.
        now: the moment, with its zone, instead of the clock's.
    """
    rest = iter(places)
    alone: str | None = None
    for place in rest:
        if isinstance(place, WorkspaceReport):
            yield place
        elif place is None:
            continue
        elif jobs == 1 or not Processes.possible():
            yield look(place, _absolute(place), now)
        elif alone is None:
            alone = place  # For one, no process is started.
        else:
            with contextlib.closing(Processes(jobs)) as executor:
                yield from audit_with(chain((alone, place), rest), executor, jobs * _AHEAD, now)
            return
    if alone is not None:
        yield look(alone, _absolute(alone), now)


def audit_with(
    places: Iterable[Place], executor: Executor, most: int, now: dt.datetime | None = None
) -> Generator[WorkspaceReport]:
    """Audit with *executor*, which has at most *most* workspaces at a time; see :func:`audit_here`."""
    pending: dict[Future[WorkspaceReport], str] = {}
    done: SimpleQueue[Future[WorkspaceReport]] = SimpleQueue()
    try:
        for place in places:
            if isinstance(place, WorkspaceReport):
                yield place
            elif place is not None:
                try:
                    future = executor.submit(look, place, _absolute(place), now)
                except RuntimeError as error:  # It is broken, or was shut down.
                    yield _failed(place, error)
                    continue
                pending[future] = place
                future.add_done_callback(done.put)
            while len(pending) >= most or not done.empty():
                yield _report(pending, done.get())
        while pending:
            yield _report(pending, done.get())
    finally:
        for future in pending:
            future.cancel()


def _absolute(path: str) -> str:
    """Return *path* for workers with another current folder; an error is left to the audit."""
    try:
        return files.absolute(path) if path else path
    except KrowVersionsError:
        return path


def _report(pending: dict[Future[WorkspaceReport], str], future: Future[WorkspaceReport]) -> WorkspaceReport:
    path = pending.pop(future)
    try:
        return future.result()
    except Exception as error:  # noqa: BLE001  Its worker died, or the executor has an error of its own.
        return _failed(path, error)


def _failed(path: str, error: Exception) -> WorkspaceReport:
    said = str(error) or "no reason is known"
    return WorkspaceReport(
        path,
        error=f"it was not audited, because its worker failed: {type(error).__name__}: {said}; "
        "hint: audit it alone; if that fails, too, see whether the machine has enough memory",
    )
