"""The benchmarks: what they show of what was measured, and that they run. No time is asserted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import report as reporting
from measure import Case, Measured, Report, Sample, measure

BENCH = Path(__file__).parents[1] / "bench"


def measured(name: str, *cpu: float, **more: Any) -> Measured:
    return Measured(Case(name, lambda: Sample(0), **more), tuple(map(Sample, cpu)))


START = Report(
    "start",
    "What it costs",
    (
        measured("bare", 0.010, 0.020, 0.040),
        measured("floor", 0.040, 0.080, 0.200),
        measured("show", 0.080, 0.200, 0.200, base="floor", wanted="8 x bare"),
    ),
    base="bare",
    absent={"npm": "not on the PATH"},
)


def test_a_ratio_is_the_median_of_the_ratios_of_the_rounds() -> None:
    """Each round is compared with itself, since a machine may be slower in another one."""
    assert list(reporting.table(START)) == [
        "start: What it costs",
        "median of 3 rounds; ms: CPU of a process and its children, user + system",
        "          ms  x bare  x floor    wanted",
        "bare    20.0    1.00",
        "floor   80.0    4.00",
        "show   200.0    8.00     2.00  8 x bare",
        "absent: npm: not on the PATH",
    ]


def test_only_columns_that_say_something_are_shown() -> None:
    """Things per second, the time that passed and the memory are shown where they were measured."""
    sample = Sample(0.5, wall=1.5, memory=20_000_000)
    case = Case("all", lambda: sample, count=1000, note="two")
    report = Report("fleet", "Many", (Measured(case, (sample,)),), unit="files")
    assert list(reporting.table(report))[1:] == [
        "median of 1 round; ms: CPU of a process and its children, user + system",
        "        ms  files/s  wall ms  max MB  note",
        "all  500.0    2,000    1,500      20  two",
    ]


def test_the_json_has_every_round() -> None:
    """All that was measured, so that other ratios can be computed from it."""
    found = reporting.to_json([START], {"cores": 2})
    assert (found["schema"], found["machine"]) == (1, {"cores": 2})
    (benchmark,) = found["benchmarks"]
    assert benchmark["absent"] == {"npm": "not on the PATH"}
    show = benchmark["cases"][2]
    assert (show["cpu"], show["over_bare"], show["floor"], show["over_floor"]) == (
        [0.080, 0.200, 0.200], 8, "floor", 2,
    )  # fmt: skip
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize(("rounds", "runs"), [(1, 1), (3, 4)])
def test_cases_take_turns(rounds: int, runs: int) -> None:
    """Every round resets and runs each case once, and what runs before several rounds does not count."""
    done: list[str] = []

    def case(name: str) -> Case:
        def run() -> Sample:
            done.append(name)
            return Sample(len(done))

        return Case(name, run, reset=lambda: done.append(f"reset {name}"))

    first, _ = measure([case("a"), case("b")], rounds)
    assert done == ["reset a", "a", "reset b", "b"] * runs
    assert first.samples == tuple(Sample(4 * number + 2) for number in range(runs)[-rounds:])


def test_what_a_case_is_compared_with_runs_with_it() -> None:
    """Of the cases whose names have a text, none lacks the case that it is compared with."""
    cases = [Case(name, lambda: Sample(1), base) for name, base in (("a", None), ("b", None), ("show", "b"))]
    assert [each.case.name for each in measure(cases, 1, "sh")] == ["b", "show"]


def test_a_benchmark_runs(tmp_path: Path) -> None:
    """It prints a table, and writes JSON and a plot that have each case by its name."""
    output, plot = tmp_path / "out.json", tmp_path / "out.svg"
    code, out, err = bench("start", "--rounds=1", "--only=--version", f"--json={output}", f"--plot={plot}")
    assert (code, err) == (0, "")
    read = json.loads(output.read_text())
    names = [case["name"] for case in read["benchmarks"][0]["cases"]]
    assert names == ["python -I -c pass", "--version", "--version, by the script"]
    assert read["machine"]["cores"] == os.cpu_count()
    for name in names:
        assert name in out
        assert name in plot.read_text()


def test_the_name_of_no_benchmark_is_refused() -> None:
    """The message has the names of all benchmarks."""
    code, _, err = bench("begin")
    assert code == 2
    assert "there is no benchmark 'begin'; there are start, peers, history, fleet, readers, large" in err


def bench(*args: str) -> tuple[int, str, str]:
    """Run it; give its exit status and what it printed."""
    command = [sys.executable, str(BENCH / "run.py"), *args]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr
