"""What is shown of a benchmark: a table, JSON and a plot."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes

    from measure import Measured, Report

ROOT = Path(__file__).resolve().parents[1]


def table(report: Report) -> Iterator[str]:
    """Give the lines of a table: medians, and ratios that are medians of the rounds' own ratios."""
    rounds = max((len(found.samples) for found in report.measured), default=0)
    yield f"{report.name}: {report.title}"
    times = f"{rounds} round" + "s" * (rounds != 1)
    yield f"median of {times}; ms: CPU of a process and its children, user + system"
    rows = [headers(report), *(cells(report, found) for found in report.measured)]
    kept = [at for at in range(len(rows[0])) if at == 0 or any(row[at] for row in rows[1:])]
    widths = [max(len(row[at]) for row in rows) for at in kept]
    for row in rows:
        texts = [
            row[at].ljust(width) if at in (0, len(row) - 1) else row[at].rjust(width)
            for at, width in zip(kept, widths, strict=True)
        ]
        yield "  ".join(texts).rstrip()
    for name, reason in report.absent.items():
        yield f"absent: {name}: {reason}"


def headers(report: Report) -> list[str]:
    return [
        "",
        "ms",
        "x bare",
        f"x {report.against}",
        "wanted",
        f"{report.unit}/s",
        "wall ms",
        "max MB",
        "note",
    ]


def cells(report: Report, found: Measured) -> list[str]:
    case = found.case
    bare, floor = ratios(report, found)
    return [
        case.name,
        f"{found.cpu * 1000:.1f}",
        "" if bare is None else f"{bare:.2f}",
        "" if floor is None else f"{floor:.2f}",
        case.wanted,
        "" if case.count is None else f"{case.count / found.cpu:,.0f}",
        "" if found.wall is None else f"{found.wall * 1000:,.0f}",
        "" if found.memory is None else f"{found.memory / 1e6:,.0f}",
        case.note,
    ]


def ratios(report: Report, found: Measured) -> tuple[float | None, float | None]:
    """The ratio to the case that all are compared with, and to its own."""
    by_name = {each.case.name: each for each in report.measured}
    bare = by_name.get(report.base or "")
    floor = by_name.get(found.case.base or "")
    return (found.over(bare) if bare else None), (found.over(floor) if floor else None)


def to_json(reports: Sequence[Report], machine: dict[str, Any]) -> dict[str, Any]:
    """Give everything that was measured, each round included."""
    return {
        "schema": 1,
        "machine": machine,
        "benchmarks": [
            {
                "name": report.name,
                "title": report.title,
                "unit": report.unit,
                "axis": report.axis,
                "absent": dict(report.absent),
                "cases": [case_json(report, found) for found in report.measured],
            }
            for report in reports
        ],
    }


def case_json(report: Report, found: Measured) -> dict[str, Any]:
    case = found.case
    bare, floor = ratios(report, found)
    return {
        "name": case.name,
        "cpu": [each.cpu for each in found.samples],
        "wall": found.wall,
        "memory": found.memory,
        "over_bare": bare,
        "floor": case.base,
        "over_floor": floor,
        "wanted": case.wanted,
        "count": case.count,
        "curve": case.curve,
        "size": case.size,
        "note": case.note,
    }


def plot(reports: Sequence[Report], path: Path) -> None:
    """Draw one picture a benchmark, one below the other: curves where there are sizes, else bars."""
    import matplotlib as mpl  # Not at the top: a process inherits the size of the one that starts it.

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "krow-versions"  # The same figures give the same file.
    mpl.rcParams["svg.fonttype"] = "none"  # Text stays text, which is small and can be searched.
    from matplotlib import pyplot as plt

    heights = [4.0 if curves(report) else 0.8 + 0.28 * len(report.measured) for report in reports]
    figure, axes = plt.subplots(
        len(reports), figsize=(9, sum(heights)), height_ratios=heights, squeeze=False, layout="constrained"
    )
    for report, axis in zip(reports, axes[:, 0], strict=True):
        (draw_curves if curves(report) else draw_bars)(report, axis)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    plt.close(figure)


def curves(report: Report) -> dict[str, list[Measured]]:
    """The points of each curve."""
    points: dict[str, list[Measured]] = {}
    for found in report.measured:
        if found.case.curve:
            points.setdefault(found.case.curve, []).append(found)
    return points


def draw_curves(report: Report, axes: Axes) -> None:
    for name, points in curves(report).items():
        sizes = [found.case.size or 0 for found in points]
        axes.plot(sizes, [found.cpu for found in points], marker="o", label=name)
    axes.set(title=report.name, xlabel=report.axis, ylabel="CPU seconds", xscale="log", yscale="log")
    axes.grid(visible=True, alpha=0.3)
    axes.legend()


def draw_bars(report: Report, axes: Axes) -> None:
    values, label = bars(report)
    names = [found.case.name for found in report.measured]
    colours = ["#3b6ea5" if found.case.ours else "#a0a0a0" for found in report.measured]
    drawn = axes.barh(names, values, color=colours)
    axes.bar_label(
        drawn, [f"{value:,.3g}" if value < 1000 else f"{value:,.0f}" for value in values], padding=3
    )
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set(title=report.name, xlabel=label, xscale="log" if report.unit else "linear")


def bars(report: Report) -> tuple[list[float], str]:
    """The lengths of the bars, and what they are."""
    if report.unit:
        return [(found.case.count or 0) / found.cpu for found in report.measured], f"{report.unit}/s"
    if report.base:
        return [ratios(report, found)[0] or 0 for found in report.measured], f"x {report.base}"
    return [found.cpu * 1000 for found in report.measured], "ms of CPU"


def machine() -> dict[str, Any]:
    """Describe where it runs."""
    return {
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "git": said("git", "version").removeprefix("git version "),
        "commit": said("git", "-C", str(ROOT), "describe", "--always", "--dirty"),
        "date": datetime.now(UTC).date().isoformat(),
    }


def cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
