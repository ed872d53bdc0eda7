"""What every benchmark measures with: processes, rounds, and the values that are reported.

Every round runs every case once, and a ratio is the median of the rounds' own ratios: a machine that gets
slower or busier between rounds slows down both sides. Nothing is asserted, for times differ between machines.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import process_time
from typing import TYPE_CHECKING

from attrs import Factory, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

BARE = "python -I -c pass"
PROGRAM = (sys.executable, "-m", "krow_versions")
SCRIPT = str(Path(sys.executable).with_name("krow-versions"))


@frozen
class Options:
    """How much is measured, and where.

    Attributes:
        folder: an empty folder for repositories; removed afterwards.
        build: a folder that is kept, for what is installed once.
        rounds: how often each case runs, or None for what the benchmark needs.
        only: a part of the names of the cases to run, or "" for all.
        full: whether the sizes are those of the documentation and not the quick ones.
        corpus: a folder with real version files, or None.
    """

    folder: Path
    build: Path
    rounds: int | None = None
    only: str = ""
    full: bool = False
    corpus: Path | None = None

    def measure(self, cases: Sequence[Case], rounds: int) -> tuple[Measured, ...]:
        """Measure in so many rounds, unless others were asked for."""
        return measure(cases, self.rounds or rounds, self.only)


@frozen
class Sample:
    """One run of one case: its CPU seconds (user and system, children included), and other facts.

    Attributes:
        cpu: seconds of CPU.
        wall: seconds that passed, or None if they are not reported.
        memory: the greatest resident size in bytes, or None if it is not reported.
    """

    cpu: float
    wall: float | None = None
    memory: int | None = None


@frozen
class Case:
    """One thing that is measured, and what a table and a plot show of it.

    Attributes:
        name: what it is called in the table.
        run: does it once, and gives what it took.
        base: the case it is compared with, or None for that of the benchmark.
        wanted: the limit that we want to keep, as text; printed, never asserted.
        count: how many things one run handles; the table then has things per second.
        curve: the curve of the plot that it is a point of, or "" for a bar.
        size: where on that curve.
        note: further facts for the table.
        ours: whether it is a program or function of this project; others are grey in a plot.
        reset: what is done before each run, and not measured.
    """

    name: str
    run: Callable[[], Sample]
    base: str | None = None
    wanted: str = ""
    count: int | None = None
    curve: str = ""
    size: int | None = None
    note: str = ""
    ours: bool = True
    reset: Callable[[], object] | None = None


@frozen
class Measured:
    """A case with what it took in each round."""

    case: Case
    samples: tuple[Sample, ...]

    @property
    def cpu(self) -> float:
        """The median of the CPU seconds."""
        return median(each.cpu for each in self.samples)

    @property
    def wall(self) -> float | None:
        """The median of the seconds that passed, where they count."""
        found = [each.wall for each in self.samples if each.wall is not None]
        return median(found) if found else None

    @property
    def memory(self) -> int | None:
        """The greatest resident size of all rounds, where it counts."""
        return max((each.memory for each in self.samples if each.memory is not None), default=None)

    def over(self, other: Measured) -> float:
        """The median of the rounds' own ratios to another case."""
        pairs = zip(self.samples, other.samples, strict=True)
        return median(mine.cpu / theirs.cpu for mine, theirs in pairs)


@frozen
class Report:
    """The outcome of one benchmark.

    Attributes:
        name: the benchmark.
        title: one line of what was measured.
        measured: its cases, in order.
        base: the case that all are compared with, or None if there is no such case.
        unit: what ``count`` counts.
        axis: what ``size`` counts.
        against: what the other cases are called that cases are compared with.
        absent: what could not be measured here, and why.
    """

    name: str
    title: str
    measured: tuple[Measured, ...]
    base: str | None = None
    unit: str = ""
    axis: str = ""
    against: str = "floor"
    absent: Mapping[str, str] = Factory(dict)


def measure(cases: Sequence[Case], rounds: int, only: str = "") -> tuple[Measured, ...]:
    """Run every case once in each round, and before the first of several rounds.

    Args:
        cases: what is measured, in this order.
        rounds: how often.
        only: a part of the names of the cases to run, and with them those that they are compared with.
    """
    named = [case for case in cases if only in case.name]
    compared = {BARE, *(case.base for case in named)}
    cases = [case for case in cases if case in named or case.name in compared]
    samples: dict[str, list[Sample]] = {case.name: [] for case in cases}
    for number in range(0 if rounds > 1 else 1, rounds + 1):
        for case in cases:
            if case.reset is not None:
                case.reset()
            sample = case.run()
            if number:  # The run before them compiles what is not compiled yet, and fills the caches.
                samples[case.name].append(sample)
    return tuple(Measured(case, tuple(samples[case.name])) for case in cases)


def headline(doc: str | None) -> str:
    """The first line of a docstring."""
    return (doc or "").strip().partition("\n")[0]


def process(
    command: Sequence[str],
    folder: Path,
    *,
    codes: tuple[int, ...] = (0,),
    env: Mapping[str, str] | None = None,
    wall: bool = False,
    memory: bool = False,
) -> Sample:
    """Run one process to its end; what it took includes all processes that it started and waited for."""
    with tempfile.TemporaryFile() as output:
        before = os.times().elapsed
        started = subprocess.Popen(  # Waited for below: Popen itself asks for no resource usage.
            command,
            cwd=folder,
            env=os.environ | (env or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(started.pid, 0)
        passed = os.times().elapsed - before
        started.returncode = os.waitstatus_to_exitcode(status)
        if started.returncode not in codes:
            output.seek(0)
            words = output.read().decode(errors="replace").strip()
            sys.exit(f"bench: {' '.join(command)}: exit status {started.returncode}\n{words}")
    resident = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    taken = usage.ru_utime + usage.ru_stime
    return Sample(taken, passed if wall else None, resident if memory else None)


def ours(folder: Path, *args: str, codes: tuple[int, ...] = (0,)) -> Callable[[], Sample]:
    """Run ``krow-versions`` of this checkout."""
    return lambda: process([*PROGRAM, *args], folder, codes=codes)


def python(folder: Path, *args: str) -> Callable[[], Sample]:
    """Run this Python."""
    return lambda: process([sys.executable, *args], folder)


def call(function: Callable[[], object]) -> Callable[[], Sample]:
    """Call a function in this process."""

    def run() -> Sample:
        before = process_time()
        function()
        return Sample(process_time() - before)

    return run


@contextmanager
def settled(home: Path) -> Iterator[None]:
    """Let neither the user's settings of git and Python nor a surrounding repository count meanwhile."""
    usual = dict(os.environ)
    for name in tuple(os.environ):
        if name.startswith(
            ("GIT_", "PYTHON", "VIRTUAL_ENV")
        ):  # PYTHONDONTWRITEBYTECODE would compile us anew each time.
            del os.environ[name]
    os.environ.update(HOME=str(home), GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_NOSYSTEM="1")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(usual)
