"""What commands load that read a plain CHANGELOG and write none: neither the parser nor what inserts."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from support.commands import run_anew
from support.krow import API, CLIENT, CORE, STAFF, WEB, checkout, files

if TYPE_CHECKING:
    from pathlib import Path

    from support.repositories import Repo

# What parses, what inserts, and what only CHANGELOGs without a version table need.
LATE = {
    "markdown_it",
    *(f"krow_versions.changelog.{name}" for name in ("insert", "table_insert", "section_insert", "style")),
    *(f"krow_versions.changelog.{name}" for name in ("section_style", "links", "groups")),
    *(f"krow_versions.changelog.{name}" for name in ("sections", "one_product", "headings")),
}
BUMPED = {"worker": "0.1.1+6", "client": "0.2.4+18", "web": "1.4.1", "api": "0.3.2"}
ALL = ("worker-mobile", "client-mobile", "web", "backend")


@pytest.fixture
def bumped(repo: Repo) -> Repo:
    """KROW's four products after a bump, each with its row."""
    checkout(repo)
    for path, text in files(**BUMPED).items():
        repo.write(path, text)
    for path, old, new in (
        (STAFF, "0.1.0", "0.1.1"),
        (CLIENT, "0.2.3", "0.2.4"),
        (WEB, "1.4.0", "1.4.1"),
        (API, "0.3.1", "0.3.2"),
        (CORE, "0.3.1", "0.3.2"),
    ):
        rows = f"| 2026-03-05 | {new} | HOTFIX: Crash |\n| 2026-01-02 | {old} | Begin |\n"
        changelog = f"# Changes\n\n| Date | Version | Change |\n| --- | --- | --- |\n{rows}"
        repo.write(f"{path.rpartition('/')[0]}/CHANGELOG.md", changelog)
    repo.commit("fix: crash")
    return repo


def loaded(*args: str, cwd: Path) -> tuple[int, set[str]]:
    """The exit code of a run of the program, and the modules that it has loaded at its end."""
    code = (
        "import sys, contextlib, io\nfrom krow_versions.cli import main\ncode = 0\n"
        "with contextlib.redirect_stdout(io.StringIO()):\n"
        f"    sys.argv = ['krow-versions', *{list(args)!r}]\n"
        "    try: code = main()\n    except SystemExit as end: code = end.code\n"
        "print(code or 0, *sys.modules)"
    )
    done = run_anew("-c", code, cwd=cwd, program=[sys.executable])
    first, *names = done.out.split()
    return int(first), {*names}


@pytest.mark.parametrize(
    "args",
    [
        ["show"],
        ["bump-patch", *ALL, "--check"],
        ["bump-patch", *ALL],
        ["audit"],
        ["changelog", "show", "web"],
    ],
    ids=" ".join,
)
def test_who_only_reads_loads_nothing_that_parses_or_writes(bumped: Repo, args: list[str]) -> None:
    """Where nothing is written, a plain CHANGELOG is never parsed in full, since the parser is not there."""
    code, names = loaded(*args, cwd=bumped.path)
    assert (code, names & LATE) == (0, set())
    assert bumped.git("status", "--porcelain") == ""


def test_who_writes_a_row_loads_the_parser(bumped: Repo) -> None:
    """A row is written after the proof of the parser only."""
    args = ("changelog", "add", "web", "--version", "1.4.2", "-m", "Crash")
    code, names = loaded(*args, cwd=bumped.path)
    assert code == 0
    assert {"markdown_it", "krow_versions.changelog.table_insert"} <= names
    assert names.isdisjoint({"krow_versions.changelog.section_style", "krow_versions.changelog.links"})
