"""The checks of the CHANGELOG: each finds its own fault, and real tables have no findings."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from support import krow
from support.audits import HEADER, released

if TYPE_CHECKING:
    from pathlib import Path

    from support.repositories import Repo

NOW = dt.datetime(2026, 3, 5, 12, tzinfo=dt.UTC)
LOG = "apps/web/CHANGELOG.md"
ROWS = (
    "| 2026-01-01 | 1.4.0 | New |\n",
    "| 2025-12-01 | 1.3.1 | HOTFIX: Crash |\n",
    "| 2025-11-01 | 1.3.0 | Newer |\n",
    "| 2025-10-01 | 1.2.0 | Old |\n",
)
ALL = HEADER + "".join(ROWS)


def clean(repo: Repo) -> Repo:
    """All four products in production, each with its row, web with older ones, too."""
    return released(repo, web=ALL)


def found(repo: Repo, *names: str, now: dt.datetime = NOW) -> list[tuple[str, str | None, int | None, str]]:
    """Code, path, line and subject of every finding."""
    findings = kv.Workspace.open(repo.path).audit(*names, now=now).findings
    return [(each.code, each.path, each.line, each.about) for each in findings]


def swapped(first: int, second: int) -> str:
    rows = [*ROWS]
    rows[first], rows[second] = rows[second], rows[first]
    return HEADER + "".join(rows)


FAULTS = {
    "no table": ("# Changes\n", ("KV401", LOG, None, "")),
    "another table": ("| a | b |\n|---|---|\n", ("KV401", LOG, 1, "")),
    "two tables": (f"{ALL}\n{ALL}", ("KV401", LOG, 1, "")),
    "not UTF-8": (b"\xff", ("KV401", LOG, 1, "")),
    "no row of production": (HEADER + "".join(ROWS[1:]), ("KV403", LOG, 1, "1.4.0")),
    "no row at all": (f"# Web\n\n{HEADER}", ("KV403", LOG, 3, "1.4.0")),
    "one version twice": (f"{ALL}| 2025-10-01 | v1.2.0 | Old |\n", ("KV404", LOG, 7, "1.2.0")),
    "one version three times": (ALL + ROWS[3] * 2, ("KV404", LOG, 7, "1.2.0")),
    "one version with a build": (f"{ALL}| 2025-10-01 | 1.2.0+3 | Old |\n", ("KV404", LOG, 7, "1.2.0")),
    "two rows swapped": (swapped(1, 2), ("KV405", LOG, 5, "1.3.1")),
    "newest at the bottom": (HEADER + "".join((*ROWS[1:], ROWS[0])), ("KV405", LOG, 6, "1.4.0")),
    "a row at the wrong end": (
        f"{HEADER}{ROWS[3]}{ROWS[2]}{ROWS[0]}{ROWS[1]}",
        ("KV405", LOG, 6, "1.3.1"),
    ),
    "no date": (ALL.replace("2025-11-01", "in autumn"), ("KV406", LOG, 5, "1.3.0")),
    "an impossible date": (ALL.replace("2025-11-01", "2025-11-31"), ("KV406", LOG, 5, "1.3.0")),
    "an ambiguous date": (ALL.replace("2025-11-01", "05/03/2025"), ("KV406", LOG, 5, "1.3.0")),
    "the only date is impossible": (f"{HEADER}| 2026-02-30 | 1.4.0 | New |\n", ("KV406", LOG, 3, "1.4.0")),
    "a date in the future": (ALL.replace("2026-01-01", "2026-03-07"), ("KV407", LOG, 3, "1.4.0")),
}


@pytest.mark.parametrize(("text", "expected"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found_once(
    repo: Repo, text: str | bytes, expected: tuple[str, str, int | None, str]
) -> None:
    """Each fault gives exactly the finding that names it, with its line."""
    clean(repo).write(LOG, text)
    assert found(repo) == [expected]


SILENT = {
    "as it should be": ALL,
    "oldest first": HEADER + "".join(reversed(ROWS)),
    "a hotfix of an old release, by version": ALL.replace(ROWS[1], "| 2026-02-01 | 1.3.1 | HOTFIX |\n"),
    "two builds of one version": ALL.replace(ROWS[2], "| | 1.3.0+8 | New |\n| | 1.3.0+7 | Old |\n"),
    "a hotfix of an old release, by date": f"{HEADER}| 2026-02-01 | 1.3.2 | HOTFIX |\n{''.join(ROWS)}",
    "rows without a version": f"{HEADER}| | Unreleased | Soon |\n{''.join(ROWS)}",
    "an empty date": ALL.replace("2025-11-01", ""),
    "a date to come": f"{HEADER}| TBD | 1.5.0 | Soon |\n{''.join(ROWS)}",
    "a dash": ALL.replace("2025-11-01", "-"),
    "months only": f"{HEADER}| Aug 2025 | 1.4.0 | New |\n| Jul 2025 | 1.3.0 | Old |\n",
    "all ambiguous": f"{HEADER}| 03/05/2025 | 1.4.0 | New |\n| 02/04/2025 | 1.3.0 | Old |\n",
    "years in two digits": f"{HEADER}| 03/05/25 | 1.4.0 | New |\n| 02/04/25 | 1.3.0 | Old |\n",
    "no date column": "| Version | Change |\n|---|---|\n| 1.4.0 | New |\n| 1.3.0 | Old |\n",
    "tomorrow": ALL.replace("2026-01-01", "2026-03-06"),
    "release candidates": f"{HEADER}{ROWS[0]}| | 1.4.0-rc.10 | x |\n| | 1.4.0-rc.9 | x |\n",
    "with a mark and CRLF": "\ufeff" + ALL.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_no_fault_is_silent(repo: Repo, text: str) -> None:
    """The content of real tables is no finding, not even a note."""
    clean(repo).write(LOG, text)
    assert found(repo) == []


def test_no_changelog_is_found(repo: Repo) -> None:
    """One that was deleted is a warning; a product that has none gets a note with the way to make one."""
    clean(repo)
    (repo.path / LOG).unlink()
    (finding,) = kv.Workspace.open(repo.path).audit(now=NOW).findings
    assert (finding.code, finding.severity, finding.product, finding.path) == ("KV401", "warning", "web", LOG)
    repo.commit("chore: no CHANGELOG")
    report = kv.Workspace.open(repo.path).audit(now=NOW)
    (finding,) = report.findings
    assert (finding.code, finding.severity, finding.product, finding.path) == ("KV401", "note", "web", None)
    assert report.ok
    assert "krow-versions changelog init web" in finding.hint


def test_a_version_past_production_needs_its_row(repo: Repo) -> None:
    """The version in the files has a row from when it is past production, builds aside."""
    clean(repo)
    repo.write(krow.WEB, krow.package("1.5.0"))
    repo.write(krow.WEB_LOCK, krow.lock("1.5.0"))
    assert found(repo) == [("KV402", LOG, 1, "1.5.0")]
    (finding,) = kv.Workspace.open(repo.path).audit(now=NOW).findings
    command = finding.hint.removeprefix("add one: krow-versions ")
    assert command == "changelog add web --version 1.5.0 -m TEXT"
    workspace = kv.Workspace.open(repo.path)
    workspace.apply(workspace.plan_row("web", version="1.5.0", message="x", date=NOW.date()))
    assert found(repo) == []


def test_files_that_disagree_or_are_missing_are_the_only_finding(repo: Repo) -> None:
    """Which row is missing is not known then."""
    clean(repo)
    repo.write(krow.API, krow.package("0.4.0"))
    for path in (krow.WEB, krow.WEB_LOCK):
        (repo.path / path).unlink()
    codes = [code for code, *_ in found(repo)]
    assert set(codes) == {"KV101", "KV105"}


def test_nothing_is_past_production_before_the_first_release(repo: Repo) -> None:
    """Without a release no row is missing."""
    for path, text in krow.files().items():
        repo.write(path, text)
    repo.write("CHANGELOG.md", HEADER)
    repo.commit()
    codes = {code for code, *_ in found(repo)}
    assert not {code for code in codes if code.startswith("KV4")}


def test_a_pre_release_in_the_files_needs_no_row(repo: Repo) -> None:
    """What is in development is not past production."""
    clean(repo)
    repo.write(krow.WEB, krow.package("1.5.0-dev"))
    (repo.path / krow.WEB_LOCK).unlink()
    assert not {code for code, *_ in found(repo)} & {"KV402", "KV403"}


def test_a_release_that_is_not_in_this_checkout_needs_no_row(repo: Repo) -> None:
    """Its row comes with the release: an older commit, or another branch, gets the hint to merge it."""
    start = clean(repo).git("rev-parse", "HEAD")
    repo.write(krow.WEB, krow.package("1.4.1"))
    repo.write(krow.WEB_LOCK, krow.lock("1.4.1"))
    repo.write(LOG, ALL.replace(HEADER, f"{HEADER}| 2026-01-02 | 1.4.1 | HOTFIX: Crash |\n"))
    repo.commit()
    repo.tag("krow-withus-web/prod-v1.4.1")
    assert found(repo) == []
    repo.git("switch", "--quiet", "--detach", start)
    assert [code for code, *_ in found(repo)] == ["KV202"]


def test_every_release_since_the_lowest_row_needs_one(repo: Repo) -> None:
    """Releases from before the table was begun need none, and without the history none is looked for."""
    clean(repo)
    for version in ("1.1.0", "1.3.0", "1.3.2"):
        repo.tag(f"krow-withus-web/prod-v{version}")
    workspace = kv.Workspace.open(repo.path)
    (finding,) = (each for each in workspace.audit(history=True, now=NOW).findings if each.code == "KV403")
    assert (finding.path, finding.line, finding.about) == (LOG, 1, "1.3.2")
    command = "krow-versions changelog add web --version 1.3.2 --date 2026-01-01 -m TEXT"
    assert finding.hint == f"add one, and move it below the newer ones: {command}"
    assert found(repo) == []


def test_a_version_that_a_hotfix_may_not_have_needs_no_row(repo: Repo) -> None:
    """The version must be taken back, so it needs no row."""
    clean(repo).git("switch", "--quiet", "--create", "hotfix/krow-withus-web-v1.4.1")
    repo.write(krow.WEB, krow.package("1.6.0"))
    repo.write(krow.WEB_LOCK, krow.lock("1.6.0"))
    assert [code for code, *_ in found(repo)] == ["KV203"]


def test_our_own_commands_write_a_table_without_findings(repo: Repo) -> None:
    """After a bump with its row nothing is found, however often it is run."""
    clean(repo)
    repo.git("switch", "--quiet", "--create", "hotfix/krow-withus-web-v1.4.1")
    for day in (2, 3):
        workspace = kv.Workspace.open(repo.path)
        workspace.apply(workspace.plan_bump("web", message="Crash", date=dt.date(2026, 1, day)))
        repo.commit("fix: crash")
    assert found(repo, now=dt.datetime(2026, 1, 4, tzinfo=dt.UTC)) == []


def test_a_shared_table_is_reported_once(repo: Repo) -> None:
    """Versions of several products in one table are neither duplicates nor out of order."""
    clean(repo)
    for folder in ("staff", "client"):
        (repo.path / f"apps/mobile/apps/{folder}/CHANGELOG.md").unlink()
    rows = "| 2026-01-03 | 0.1.0 | Worker |\n| 2026-01-02 | 0.2.3 | Client |\n| oh | 0.1.0 | Old |\n"
    repo.write("CHANGELOG.md", HEADER + rows)
    assert found(repo) == [("KV406", "CHANGELOG.md", 5, "0.1.0")]


def test_today_is_that_of_the_clock(repo: Repo) -> None:
    """The day of *now* is the one in its own zone."""
    clean(repo).write(LOG, ALL.replace("2026-01-01", "2026-03-07"))
    west = NOW.replace(hour=23).astimezone(dt.timezone(dt.timedelta(hours=14)))
    assert west.date() == dt.date(2026, 3, 6)
    assert found(repo, now=west) == []
    assert found(repo)[0][0] == "KV407"


def test_cells_are_shown_escaped(repo: Repo) -> None:
    """What stands in a cell reaches no terminal raw."""
    clean(repo).write(LOG, ALL.replace("2025-11-01", "soon\x1b[2K\u202e"))
    (finding,) = kv.Workspace.open(repo.path).audit(now=NOW).findings
    assert finding.code == "KV406"
    assert "\x1b" not in finding.message
    assert "\u202e" not in finding.message


def test_real_tables_have_no_findings(repo: Repo, shared: Path) -> None:
    """Tables of public projects have only findings about real faults."""
    clean(repo)
    codes_by_file = {}
    for path in sorted((shared / "corpus").glob("changelog-*/*.md")):
        repo.write(LOG, path.read_bytes())
        codes = sorted(code for code, *_ in found(repo, "web", now=dt.datetime(2030, 1, 1, tzinfo=dt.UTC)))
        if "KV401" not in codes and codes not in ([], ["KV403"]):
            codes_by_file[path.name] = codes
    assert codes_by_file == {
        "pnp__sp-dev-fx-extensions__samples__react-command-singlepartapppage__README.md": ["KV403", "KV404"]
    }
