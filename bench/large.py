"""What large files cost: locks of 5 MB, and a CHANGELOG table of 5,000 rows."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from itertools import cycle
from typing import TYPE_CHECKING

import documents
import krow_versions as kv
from measure import Case, Options, Report, call, headline

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SIZE = 5_000_000
ROWS = 5_000


def run(options: Options) -> list[Report]:
    # Two texts in turn, so that nothing that is kept of the last text can help.
    npm = [documents.package_lock(SIZE, f"1.4.{patch}") for patch in (1, 2)]
    cargo = [documents.cargo_lock(SIZE, f"1.4.{patch}") for patch in (1, 2)]
    changelogs = [documents.changelog(rows) for rows in (ROWS, ROWS + 1)]
    row = kv.ChangelogRow(dt.date(2026, 3, 5), kv.Version(1, 0, 0), "HOTFIX: Crash on login")
    json_floor, toml_floor = "package-lock.json: json", "Cargo.lock: tomllib"
    cases = [
        case(json_floor, json.loads, npm),
        case("package-lock.json: read", read("package-lock"), npm, json_floor, "60 ms"),
        case("package-lock.json: set", write("package-lock"), npm, json_floor, "200 ms"),
        case(toml_floor, tomllib.loads, cargo),
        case("Cargo.lock: read", read("cargo-lock", "web"), cargo, toml_floor),
        case("Cargo.lock: set", write("cargo-lock", "web"), cargo, toml_floor),
        case(f"CHANGELOG of {ROWS:,} rows: read", kv.read_rows, changelogs),
        case(f"CHANGELOG of {ROWS:,} rows: insert", lambda text: kv.insert_row(text, row), changelogs),
    ]
    return [Report("large", headline(__doc__), options.measure(cases, 3), against="parser")]


def case(
    name: str,
    function: Callable[[str], object],
    texts: Sequence[str],
    base: str | None = None,
    wanted: str = "",
) -> Case:
    turns = cycle(texts)
    size = f"{len(texts[0]) / 1e6:.1f} MB"
    return Case(
        name,
        call(lambda: function(next(turns))),
        base,
        wanted,
        note=size,
        ours=function not in (json.loads, tomllib.loads),
    )


def read(format: str, key: str | None = None) -> Callable[[str], object]:  # noqa: A002 - as kv names it.
    return lambda text: kv.read_version(text, format=format, key=key)


def write(format: str, key: str | None = None) -> Callable[[str], object]:  # noqa: A002 - as kv names it.
    return lambda text: kv.set_version(text, "1.4.3", format=format, key=key)
