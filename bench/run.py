"""Run benchmarks: `./dev bench` runs all of them in a quick form, `./dev bench NAME` runs one."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
from pathlib import Path

import report as reporting
from measure import Options, Report, settled

# Those that report the memory of processes come before those that make this one large: a process is counted
# with the size of the one that starts it.
NAMES = ("start", "peers", "history", "fleet", "readers", "large")
BUILD = Path(__file__).resolve().parents[1] / "build" / "bench"


def main() -> None:
    given = arguments()
    machine = reporting.machine()
    say("  ".join(f"{key}: {value}" for key, value in machine.items()))
    reports: list[Report] = []
    for name in sorted(given.names or NAMES, key=NAMES.index):
        with tempfile.TemporaryDirectory(prefix="krow-bench-") as folder, settled(Path(folder)):
            options = Options(Path(folder), BUILD, given.rounds, given.only, given.full, given.corpus)
            for report in importlib.import_module(name).run(options):
                if report.measured:
                    say("", *reporting.table(report))
                    reports.append(report)
                    write(given.json, reporting.to_json(reports, machine))
    if not reports:
        sys.exit(f"bench: no case has {given.only!r} in its name")
    reporting.plot(reports, given.plot)
    say("", f"written: {given.json}, {given.plot}")


def write(path: Path, found: dict[str, object]) -> None:
    """After each table, so that what was measured is there if a later one fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"default: all of {', '.join(NAMES)}")
    parser.add_argument("--rounds", type=int, metavar="N", help="how often each case runs")
    parser.add_argument("--only", default="", metavar="TEXT", help="cases with TEXT in their names")
    parser.add_argument("--full", action="store_true", help="large sizes; takes long")
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="readers: real files, too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="default: build/bench/NAME.json")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="default: build/bench/NAME.svg")
    given = parser.parse_args()
    for name in given.names:
        if name not in NAMES:
            parser.error(f"there is no benchmark {name!r}; there are {', '.join(NAMES)}")
    if given.rounds is not None and given.rounds < 1:
        parser.error("--rounds: 1 or more")
    stem = "-".join(given.names) or "all"
    given.json = given.json or BUILD / f"{stem}.json"
    given.plot = given.plot or BUILD / f"{stem}.svg"
    return given


def say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
