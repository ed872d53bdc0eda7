"""What starting costs: the CPU time of whole commands, git included."""

from __future__ import annotations

from typing import TYPE_CHECKING

import krow
from krow import MOBILE, WEB
from measure import BARE, SCRIPT, Case, Options, Report, headline, ours, process, python

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from measure import Sample

FLOOR, JSON_FLOOR = "floor for YAML", "floor for JSON"
# What any such program has to do: import what it stands on, and ask git once.
JSON_IMPORTS = "import attrs, click, json, semver, subprocess"
ASK = 'subprocess.run(["git", "rev-parse", "--show-toplevel"], capture_output=True, check=True)'


def run(options: Options) -> list[Report]:
    plain = krow.make(options.folder / "plain")
    bumped = krow.make(options.folder / "bumped")
    written = krow.make(options.folder / "written")
    rows = krow.make(options.folder / "rows", changelogs=True)
    ours(bumped, "bump-patch", MOBILE)()

    def fresh(path: Path, *args: str) -> tuple[Callable[[], Sample], Callable[[], object]]:
        return ours(path, *args), lambda: krow.restore(path)

    write, reset = fresh(written, "bump-patch", MOBILE)
    write_web, _ = fresh(written, "bump-patch", WEB)
    write_row, reset_row = fresh(rows, "bump-patch", MOBILE, "-m", "Crash on login", "--date", "2026-03-05")
    cases = [
        Case(BARE, python(plain, "-I", "-c", "pass"), ours=False),
        Case(FLOOR, python(plain, "-c", f"{JSON_IMPORTS}, ruamel.yaml\n{ASK}"), ours=False),
        Case(JSON_FLOOR, python(plain, "-c", f"{JSON_IMPORTS}\n{ASK}"), ours=False),
        Case("--version", ours(plain, "--version"), wanted="3 x bare"),
        Case("--version, by the script", lambda: process([SCRIPT, "--version"], plain), wanted="3 x bare"),
        Case("--help", ours(plain, "--help"), wanted="3 x bare"),
        Case("completion, by the script", completion(plain), wanted="3 x bare"),
        Case("show", ours(plain, "show"), wanted="8 x bare"),
        Case(
            "bump-patch --check", ours(plain, "bump-patch", MOBILE, "--check", codes=(1,)), wanted="8 x bare"
        ),
        Case("bump-patch, all is right", ours(bumped, "bump-patch", MOBILE), wanted="8 x bare"),
        Case("bump-patch, written", write, FLOOR, "1.25 x floor", reset=reset),
        Case("bump-patch web, written", write_web, JSON_FLOOR, "1.25 x floor", reset=reset),
        Case("bump-patch, with a row", write_row, FLOOR, reset=reset_row),
        Case("audit of four products", ours(plain, "audit"), wanted="14 x bare"),
        Case("audit, with CHANGELOGs", ours(rows, "audit")),
    ]
    return [Report("start", headline(__doc__), options.measure(cases, 15), BARE)]


def completion(folder: Path) -> Callable[[], Sample]:
    """Complete a command, by the protocol of click for bash."""
    asked = {
        "_KROW_VERSIONS_COMPLETE": "bash_complete",
        "COMP_WORDS": "krow-versions bum",
        "COMP_CWORD": "1",
    }
    return lambda: process([SCRIPT], folder, env=asked)
