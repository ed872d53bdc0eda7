"""The day of adoption, ``[audit] since``: what is older is not accused."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import krow_versions as kv
from krow_versions import audit as auditing
from krow_versions.audit.checks import CHECKS
from krow_versions.audit.model import CheckContext
from krow_versions.findings import FINDINGS
from krow_versions.history import read_history
from krow_versions.settings import Audit
from support.repositories import Repo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from krow_versions.audit import Report
    from krow_versions.snapshot import Snapshot

NOW = dt.datetime(2026, 9, 1, 12, tzinfo=dt.UTC)
CONFIG = """\
[products.shop]
files = ["package.json"]
changelog = "CHANGES.md"
[products.app]
files = ["app/pubspec.yaml"]
[tags]
production = "{slug}/v{version}"
signed = true
taggers = ["ada@example.org"]
[hotfix]
main  = "main"
lines = ["release/*"]
"""
TAGGERS = ("ada@example.org",)
ROWS = (
    ("2026-08-01", "1.9.0"),
    ("2026-02-30", "1.5.0"),
    ("2027-09-09", "1.4.2"),
    ("2026-03-03", "1.4.0"),
    ("2026-03-02", "1.3.0"),
    ("2026-03-02", "1.3.0"),
    ("2026-01-05", "1.1.0"),
    ("2026-01-06", "1.2.0"),
    ("2026-01-05", "1.0.0"),
)


def run(repo: Repo, day: str, *args: str) -> None:
    """Run git on a day."""
    when = f"{day}T12:00:00+00:00"
    subprocess.run(
        ["git", *args],
        cwd=repo.path,
        env=os.environ | {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when},
        check=True,
        capture_output=True,
    )


def commit(repo: Repo, day: str, version: str, message: str = "change", build: str = "") -> None:
    """Commit a version of both products on a day."""
    repo.write("package.json", f'{{"name": "shop", "version": "{version}"}}\n')
    repo.write("app/pubspec.yaml", f"name: app\npublish_to: none\nversion: {version}{build}\n")
    repo.write(f"work/{version}.txt", f"{day}\n")
    run(repo, day, "add", "--all")
    run(repo, day, "commit", f"--message={message}")


def tag(repo: Repo, day: str, name: str, *, annotated: bool = True, message: str = "Release") -> None:
    run(repo, day, "tag", *(["--annotate", f"--message={message}"] if annotated else []), name)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A repository with a fault of each kind, on days from January to August; its remote has others."""
    repo = Repo(tmp_path_factory.mktemp("since") / "faulty")
    repo.write("krow-versions.toml", CONFIG)
    rows = "".join(f"| {day} | {version} | Release |\n" for day, version in ROWS)
    repo.write("CHANGES.md", f"| Date | Version | Change |\n|---|---|---|\n{rows}")
    repo.write("app/CHANGELOG.md", "| Date | Version | Change |\n|---|---|---|\n| 2026-01-05 | 1.0.0 | x |\n")
    commit(repo, "2026-01-05", "1.0.0", build="+9")
    tag(repo, "2026-01-05", "shop/v1.0.0", annotated=False)
    tag(repo, "2026-01-05", "app/v1.0.0")
    run(repo, "2026-01-06", "switch", "--create", "hotfix/app-v1.1.0")
    commit(repo, "2026-01-06", "1.0.1", build="+9")
    run(repo, "2026-01-06", "switch", "main")
    commit(repo, "2026-01-20", "1.1.0", build="+8")
    tag(repo, "2026-01-20", "shop/v1.2.0", message="HOTFIX: more than PATCH")
    tag(repo, "2026-01-21", "shop/v1.2.0+1")
    tag(repo, "2026-01-22", "shop/1.2.0")
    run(repo, "2026-01-22", "tag", "shop/v1.2.0+2", "shop/v1.2.0")
    tag(repo, "2026-01-22", "app/v1.1.0")
    commit(repo, "2026-03-02", "1.4.0", build="+10")
    tag(repo, "2026-03-02", "shop/v1.4.0")
    tag(repo, "2026-03-02", "app/v1.4.0")
    run(repo, "2026-03-02", "branch", "release/1.4")
    run(repo, "2026-03-03", "switch", "--create", "hotfix/shop-v1.4.1")
    commit(repo, "2026-03-03", "1.4.1", "fix: lost", build="+11")
    tag(repo, "2026-03-03", "shop/v1.4.1")
    run(repo, "2026-03-04", "switch", "--create", "hotfix/shop-v1.4.2", "main")
    commit(repo, "2026-03-04", "1.4.2", build="+11")
    run(repo, "2026-03-05", "switch", "--create", "hotfix/app-login", "main")
    commit(repo, "2026-03-05", "1.4.1", build="+11")
    run(repo, "2026-03-06", "branch", "hotfix/nobody-v1.0.1")
    run(repo, "2026-05-01", "switch", "main")
    commit(repo, "2026-05-01", "1.3.0", build="+12")
    tag(repo, "2026-05-01", "shop/v1.3.0")
    commit(repo, "2026-04-01", "1.5.0", build="+13")
    tag(repo, "2026-04-01", "shop/v1.5.0")
    tag(repo, "2026-02-20", "app/v1.5.0")
    commit(repo, "2026-08-01", "1.9.0", build="+14")
    tag(repo, "2026-08-01", "shop/v1.9.0", annotated=False)
    tag(repo, "2026-08-01", "app/v1.9.0")
    server = Repo(repo.path.parent / "server", bare=True)
    repo.git("remote", "add", "origin", str(server.path))
    repo.git("push", "--quiet", "origin", "main", "refs/tags/shop/v1.0.0", "refs/tags/app/v1.4.0")
    server.git("tag", "--force", "app/v1.0.0", "main")
    repo.git("fetch", "--quiet", "--no-tags")
    return repo


@pytest.fixture(scope="module")
def whole(faulty: Repo) -> Report:
    """All that is found in it."""
    return kv.Workspace.open(faulty.path).audit(history=True, remote=True, now=NOW)


def found(snapshot: Snapshot, since: dt.date | None) -> list[auditing.Finding]:
    return [*auditing.audit(snapshot, Audit(since=since), NOW, history=True, taggers=TAGGERS).findings]


def occurrences(snapshot: Snapshot) -> Iterator[tuple[str, auditing.Occurrence]]:
    for state in snapshot.products:
        context = CheckContext(snapshot.catalog, state, NOW, history=read_history(state), taggers=TAGGERS)
        for check in CHECKS:
            yield from ((check.code, each) for each in check.run(context))


def test_most_kinds_of_the_past_are_in_this_repository(whole: Report) -> None:
    """The laws below are about something: of each group, most kinds are found here."""
    codes = {each.code for each in whole.findings}
    past = {kind.code for kind in FINDINGS.values() if kind.of_past}
    assert past - codes == {"KV208", "KV504", "KV701", "KV702"}


def test_each_kind_of_the_past_gives_the_day(whole: Report) -> None:
    """What a kind says of itself is what its check does: a day for what is past, none for what is now."""
    for code, each in occurrences(whole.snapshot):
        assert (each.day is not None) is FINDINGS[code].of_past, (code, each)


@settings(max_examples=30)
@given(since=st.dates(dt.date(2025, 12, 1), dt.date(2027, 12, 31)), days=st.integers(0, 400))
def test_a_later_day_accuses_no_more(whole: Report, since: dt.date, days: int) -> None:
    """With a later day there are the same findings, or fewer; their order stays."""
    earlier, later = (found(whole.snapshot, day) for day in (since, since + dt.timedelta(days)))
    assert later == [each for each in earlier if each in later]


def test_before_everything_it_changes_nothing(whole: Report) -> None:
    """A day before all dates is as none."""
    assert found(whole.snapshot, dt.date(2026, 1, 5)) == found(whole.snapshot, None)


def test_after_everything_the_past_is_not_accused(whole: Report) -> None:
    """A day after all dates leaves what is wrong today; what is left out is counted."""
    late = Audit(since=dt.date(2028, 1, 1))
    report = auditing.audit(whole.snapshot, late, NOW, history=True, taggers=TAGGERS)
    assert [each.code for each in report.findings if FINDINGS[each.code].of_past] == []
    assert report.earlier == len(whole.findings) - len(report.findings) > 0
    assert report.summary.endswith(f"({report.earlier} from before adoption) in shop, app")
    now = [each for each in whole.findings if not FINDINGS[each.code].of_past]
    assert [*report.findings] == now


def test_the_day_itself_is_accused(whole: Report) -> None:
    """The day is the first one that counts."""
    for since, is_found in ((dt.date(2026, 8, 1), True), (dt.date(2026, 8, 2), False)):
        names = [each.about for each in found(whole.snapshot, since) if each.code == "KV205"]
        assert ("shop/v1.9.0" in names) is is_found


def test_the_day_is_that_of_the_release_in_its_own_zone(tmp_path: Path) -> None:
    """A release of half past eleven at night is of that day, wherever it is looked at."""
    repo = Repo(tmp_path / "zone")
    repo.write("krow-versions.toml", CONFIG)
    commit(repo, "2026-03-01", "1.0.0")
    late = os.environ | {"GIT_COMMITTER_DATE": "2026-03-01T23:30:00-09:00"}
    subprocess.run(["git", "commit", "--allow-empty", "-mx"], cwd=repo.path, env=late, check=True)
    repo.git("tag", "shop/v1.0.0")
    snapshot = kv.Workspace.open(repo.path).audit(now=NOW).snapshot
    codes = {day: [each.code for each in found(snapshot, dt.date(2026, 3, day))] for day in (1, 2)}
    assert ("KV205" in codes[1], "KV205" in codes[2]) == (True, False)


def test_the_configuration_has_the_day(faulty: Repo, whole: Report) -> None:
    """The day of the file is that of the command."""
    faulty.write("krow-versions.toml", f'{CONFIG}[audit]\nsince = "2026-03-03"\n')
    report = kv.Workspace.open(faulty.path).audit(history=True, remote=True, now=NOW)
    faulty.write("krow-versions.toml", CONFIG)
    assert [*report.findings] == found(whole.snapshot, dt.date(2026, 3, 3))
