"""Campaigns against the writing of files: kills, errors, interrupts, runs at once, links that are swapped.

Each is a law over the moments of a run. With HYPOTHESIS_PROFILE=nightly every moment is tried, by name and
often at random; else a few.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import attrs
import pytest

from support import child
from support.campaigns import (
    BUMP,
    CHANGING,
    LOOKING,
    Late,
    Trap,
    failure,
    kill,
    litter,
    renewed,
    run,
    send,
    texts,
    workspace,
)
from support.commands import MODULE
from support.hang import SECONDS
from support.krow import package
from support.scenes import DECLARED, NAME

if TYPE_CHECKING:
    from pathlib import Path

    from support.child import Result

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
FILES = 61 if LONG else 7
OLD, NEW = package("1.2.3").encode(), package("1.2.4").encode()


@attrs.frozen
class Case:
    """A command that writes, and the folder that it begins from.

    Attributes:
        template: the folder, which is copied.
        command: what is run there.
        again: the exit codes of the same command when all is written.
    """

    template: Path
    command: tuple[str, ...]
    again: tuple[int, ...] = (0,)


@pytest.fixture(scope="module")
def bump(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case(workspace(tmp_path_factory.mktemp("bump"), FILES), BUMP)


@pytest.fixture(scope="module")
def cases(bump: Case, made: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    """A case of every command that writes files."""
    bare = tmp_path_factory.mktemp("bare")
    shutil.copytree(bump.template / "a", bare, dirs_exist_ok=True)
    table = Case(workspace(tmp_path_factory.mktemp("table"), 3), ("changelog", "init", "a"), (3,))
    audit = ("audit", "--format", "json", "-o", "report.json")
    written = tmp_path_factory.mktemp("written")
    shutil.copytree(bump.template, written, dirs_exist_ok=True)
    (written / "report.json").write_text("{}\n")
    started = made[0] / "krow"
    return {
        "bump": bump,
        "changelog init": table,
        "init": Case(bare, ("init",), (3,)),
        "audit": Case(bump.template, audit, (0, 1)),
        "audit again": Case(written, audit, (0, 1)),
        "hotfix start": Case(started, ("hotfix", "start", NAME, *DECLARED), (0, 3)),
    }


KINDS = ("bump", "changelog init", "init", "audit", "audit again", "hotfix start")


def some(total: int, most: int, offset: int = 0) -> list[int]:
    """The numbers below *total*: all in a long run, else at most so many, spread out."""
    step = 1 if LONG else max(1, -(-total // most))
    return [*range(offset % step, total, step)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_command_clears_what_a_kill_has_left(
    cases: dict[str, Case], kind: str, tmp_path: Path
) -> None:
    """Killed after any change of the disk, every file is whole, and the same command ends in what a run
    makes that nobody disturbs; not one temporary is left, in git's own folder neither."""
    case, place = cases[kind], tmp_path / "place"
    trap = Trap()
    assert run(renewed(case.template, place), *case.command, first=trap).code in {0, 1}
    before, wanted = texts(case.template), texts(place)
    for number in some(trap.calls, 3, KINDS.index(kind)):
        renewed(case.template, place)
        result = run(place, *case.command, first=Trap(number, kill, after=True))
        assert result.code == -signal.SIGKILL, (number, result)
        for path, data in texts(place).items():
            assert data in {before.get(path), wanted[path]}, (number, path)
        result = run(place, *case.command)
        assert result.code in {0, 1, *case.again}, (number, result)
        assert (texts(place), litter(place)) == (wanted, []), number


def test_a_temporary_of_a_running_process_stays(bump: Case, tmp_path: Path) -> None:
    """What is left is cleared where all is right already, but not by a look, and not while another run has
    the lock: it may be its own."""
    place = renewed(bump.template, tmp_path / "place")
    assert run(place, *bump.command).code == 0
    left = place / "b/0001/.krow-versions-0123456789abcdef0123456789abcdef.tmp"
    left.touch()
    for look in ("-n", "--check"):
        assert run(place, *bump.command, look).code == 0
    lock = os.open(place / "b", os.O_RDONLY)
    try:
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX)
        assert run(place, *bump.command).code == 0
    finally:
        os.close(lock)
    assert left.exists()
    assert run(place, *bump.command).code == 0
    assert litter(place) == []


# --- errors ---------------------------------------------------------------------------------

CODES = (errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ENOMEM, errno.EMFILE)


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_at_any_call(cases: dict[str, Case], kind: str, tmp_path: Path) -> None:
    """Whatever call of the operating system fails, and why: all is written, or nothing is and the exit code
    is 4. Nothing is left beside it, and it is no bug of ours."""
    case, place = cases[kind], tmp_path / "place"
    names = (*CHANGING, *LOOKING)
    trap = Trap(names=names)
    run(renewed(case.template, place), *case.command, first=trap)
    before, wanted = texts(case.template), texts(place)
    for code in CODES if LONG else [CODES[KINDS.index(kind)]]:
        for number in some(trap.calls, 3, 7 * KINDS.index(kind)):
            renewed(case.template, place)
            result = run(place, *case.command, first=Trap(number, failure(code), names))
            assert result.code in {0, 4, *case.again} - {3}, (number, errno.errorcode[code], result)
            assert ("Traceback" in result.err, litter(place)) == (False, []), (number, code, result)
            if kind == "hotfix start":  # What its other actions leave is another law.
                continue
            held = texts(place)
            if result.code == 1:  # A finding that a file could not be read.
                assert json.loads(held.pop("report.json"))["findings"]
                assert held == {path: data for path, data in before.items() if path != "report.json"}
            else:
                assert held == (before if result.code == 4 else wanted), (number, result)


# --- interrupts -----------------------------------------------------------------------------


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_an_interrupt_at_any_change(bump: Case, after: bool, tmp_path: Path) -> None:
    """Interrupted at any change of the disk: 130, and what is said is true: nothing was written, what was
    written has been restored, or everything was written."""
    place = tmp_path / "place"
    trap = Trap()
    assert run(renewed(bump.template, place), *bump.command, first=trap).code == 0
    before, wanted = texts(bump.template), texts(place)
    for number in some(trap.calls, 5, int(after)):
        signal_ = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)[number % 3]
        renewed(bump.template, place)
        result = run(place, *bump.command, first=Trap(number, send(signal_), after=after))
        assert result.code == 130, (number, result)
        assert "Traceback" not in result.err
        assert texts(place) == (wanted if "everything was written" in result.err else before), (
            number,
            result,
        )
        assert litter(place) == []
        assert "restored" in result.err or "was written" in result.err, (number, result)


def test_an_interrupt_at_any_call_after_the_last_rename(bump: Case, tmp_path: Path) -> None:
    """Interrupted at any call of a function after the last rename: everything is kept; the exit code is 130
    and it is said that everything was written, or the output is complete."""
    place = tmp_path / "place"
    late = Late(FILES, None, signal.SIGTERM)
    done = run(renewed(bump.template, place), *bump.command, first=late)
    assert (done.code, late.calls > 100) == (0, True)
    wanted = texts(place)
    for number in some(late.calls, 8):
        renewed(bump.template, place)
        result = run(place, *bump.command, first=Late(FILES, number, signal.SIGTERM))
        assert (texts(place), litter(place)) == (wanted, []), (number, result)
        assert "Traceback" not in result.err, (number, result)
        if result.code == 130:
            assert "everything was written" in result.err, (number, result)
        else:
            assert result.out == done.out, (number, result)


# --- many at once, many files, links --------------------------------------------------------


def at_once(place: Path, command: tuple[str, ...], count: int) -> list[Result]:
    """Run a command so many times at once, each in its own process."""
    others: list[Result] = []
    first = run(
        place,
        *command,
        meanwhile=lambda: others.extend(at_once(place, command, count - 1) if count > 1 else []),
    )
    return [first, *others]


def test_eight_runs_at_once(bump: Case, tmp_path: Path) -> None:
    """Of eight runs at once one writes; each other finds all done, is refused or gives up; the files are
    bumped once, and nothing is left."""
    for _ in range(105 if LONG else 1):
        place = renewed(bump.template, tmp_path / "place")
        results = at_once(place, bump.command, 8)
        codes = {result.code for result in results}
        assert 0 in codes, results
        assert codes <= {0, 3, 4}, results
        assert not any("Traceback" in result.err for result in results)
        assert {path.read_bytes() for path in place.glob("*/*/package.json")} == {NEW}
        assert litter(place) == []


def allow(files: int, free: int | None = None) -> None:
    """Allow this process so many open files; and take all but *free* of them."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    taken: list[int] = []
    with contextlib.suppress(OSError):
        while free is not None:
            taken.append(os.dup(0))
    for fd in taken[: free or 0]:
        os.close(fd)


def test_more_folders_than_files_may_be_open(tmp_path: Path) -> None:
    """A change of any number of files in any number of folders needs only so many descriptors."""
    folders, limit = (1500, 256) if LONG else (150, 128)
    place = workspace(tmp_path, folders)
    result = run(place, *BUMP, first=functools.partial(allow, limit))
    assert result.code == 0, result
    assert {path.read_bytes() for path in place.glob("*/*/package.json")} == {NEW}
    assert litter(place) == []


def test_where_too_few_files_may_be_open(bump: Case, tmp_path: Path) -> None:
    """Where not even a few files may be open, nothing is written, and the limit and the remedy are named."""
    place = renewed(bump.template, tmp_path / "place")
    before, results = texts(place), []
    for free in range(20):
        results.append(run(place, *BUMP, first=functools.partial(allow, 32, free)))
        if results[-1].code == 0:
            break
        assert (results[-1].code, texts(place), litter(place)) == (4, before, []), results[-1]
        assert "Traceback" not in results[-1].err
    assert results[-1].code == 0
    assert any("32 files open" in each.err and "ulimit -n" in each.err for each in results), results


@pytest.mark.parametrize("what", ["folder", "file"])
def test_a_racing_process_swaps_links(bump: Case, what: str, tmp_path: Path) -> None:
    """While another process swaps a folder or a file for a link that leads out, nothing is written outside,
    and when it has ended, the same command ends well."""
    outside, stop = tmp_path / "outside", tmp_path / "stop"
    outside.mkdir()
    (outside / "package.json").write_bytes(OLD)

    def swap(place: Path) -> None:
        path = place / "b/0001"
        target = outside
        if what == "file":
            path, target = path / "package.json", outside / "package.json"
        aside = path.with_name("aside")
        while not stop.exists():
            path.rename(aside)
            path.symlink_to(target)
            time.sleep(random.random() / 500)
            path.unlink()
            aside.rename(path)
            time.sleep(random.random() / 100)

    for _ in range(120 if LONG else 1):
        place = renewed(bump.template, tmp_path / "place")
        racer = os.fork()
        if not racer:
            os._exit(child.forked(functools.partial(swap, place)))
        try:
            results = [run(place, *bump.command) for _ in range(3)]
        finally:
            stop.touch()
            assert os.waitpid(racer, 0)[1] == 0
            stop.unlink()
        assert {result.code for result in results} <= {0, 3, 4}, results
        assert not any("Traceback" in result.err for result in results)
        assert (outside / "package.json").read_bytes() == OLD
        assert [path.name for path in outside.iterdir()] == ["package.json"]
        result = run(place, *bump.command)
        assert result.code == 0, result
        assert {path.read_bytes() for path in place.glob("*/*/package.json")} == {NEW}
        assert litter(place) == []


# --- real processes -------------------------------------------------------------------------


def started(place: Path, *before: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*before, *MODULE, *BUMP], cwd=place, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def test_a_program_that_is_killed_at_any_time(bump: Case, tmp_path: Path) -> None:
    """Killed at a random time, every file is whole, and the next run finishes and leaves nothing."""
    place = renewed(bump.template, tmp_path / "place")
    begun = time.monotonic()
    started(place).communicate(timeout=SECONDS)
    whole = time.monotonic() - begun
    for _ in range(1255 if LONG else 2):
        renewed(bump.template, place)
        process = started(place)
        time.sleep(whole * random.uniform(0.4, 1))  # The first part of it is the start of Python.
        process.kill()
        process.communicate(timeout=SECONDS)
        assert {path.read_bytes() for path in place.glob("*/*/package.json")} <= {OLD, NEW}
        assert run(place, *BUMP).code == 0
        assert {path.read_bytes() for path in place.glob("*/*/package.json")} == {NEW}
        assert litter(place) == []


@pytest.mark.skipif(not LONG or not shutil.which("strace"), reason="for nightly, where strace is")
@pytest.mark.parametrize("call", ["close", "fsync", "renameat", "write"])
@pytest.mark.parametrize("fault", ["error=EIO", "error=ENOSPC", "signal=KILL"])
def test_the_system_itself_fails_a_call(bump: Case, call: str, fault: str, tmp_path: Path) -> None:
    """Where the kernel fails a call of the program, from the start of Python to its end, or kills it there:
    all is written, or nothing is; it is no bug of ours; the next run finishes."""
    place, noted = tmp_path / "place", tmp_path / "noted"
    trace = ("strace", "-o", str(noted), "-e", f"trace={call}")
    renewed(bump.template, place)
    started(place, *trace).communicate(timeout=SECONDS)
    total = noted.read_text().count(f"{call}(")
    for number in range(max(1, total - 250), total + 1):  # Before that, Python loads modules.
        renewed(bump.template, place)
        process = started(place, *trace, "-e", f"inject={call}:{fault}:when={number}")
        _, err = process.communicate(timeout=SECONDS)
        held = {path.read_bytes() for path in place.glob("*/*/package.json")}
        assert held <= {OLD, NEW}
        if "KILL" not in fault:
            assert process.returncode not in {70, 1}, (number, err)
            assert held in ({OLD}, {NEW}), (number, err)
            assert (held == {NEW}) == (process.returncode == 0), (number, err)
            assert litter(place) == [], (number, err)
        assert run(place, *BUMP).code == 0
        assert (held := {path.read_bytes() for path in place.glob("*/*/package.json")}) == {NEW}
        assert litter(place) == []
