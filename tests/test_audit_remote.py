"""What `audit --remote` finds; no hint about a tag moves or deletes what is published."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from krow_versions.findings import FINDINGS
from support.audits import NOW, clean

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from krow_versions.audit import Report
    from support.repositories import Repo

TAG = "krow-withus-web/prod-v1.4.0"
NEXT = "krow-withus-web/prod-v1.4.1"
# Of git: what moves, overwrites or deletes a tag that others have, or forces a push.
DESTROYS = re.compile(r"tag (?:\S+ )*(?:-d|-f|-af|--delete|--force)\b|push (?:\S+ )*(?:-f\b|--force|:|\+)")


def audit(root: Path, *, remote: bool = True) -> Report:
    return kv.Workspace.open(root).audit("web", remote=remote, now=NOW)


def about_remote(report: Report) -> list[tuple[str, str]]:
    """The findings that compare with the remote, and that about lightweight tags."""
    codes = [each for each in report.findings if each.code == "KV205" or each.code.startswith("KV6")]
    return [(each.code, each.about) for each in codes]


@pytest.fixture
def there(repo: Repo) -> Repo:
    """The remote: a repository in which everything agrees."""
    return clean(repo)


@pytest.fixture
def here(there: Repo, tmp_path: Path) -> Repo:
    return there.clone(tmp_path / "here")


def flatten(repo: Repo) -> None:
    """Fetch the commit of a tag as the tag, as CI systems do: lightweight here, annotated there."""
    commit = repo.git("rev-parse", f"{TAG}^{{}}")
    repo.git("fetch", "--quiet", "origin", f"+{commit}:refs/tags/{TAG}")


def run_hint(repo: Repo, report: Report, code: str) -> None:
    """Type what the hint of a finding says into a shell."""
    (hint,) = (each.hint for each in report.findings if each.code == code)
    subprocess.run(hint.rpartition(": ")[2], shell=True, cwd=repo.path, check=True)


def test_a_clone_that_is_like_its_remote_has_no_finding(here: Repo) -> None:
    """What is the same on both sides is no finding."""
    assert about_remote(audit(here.path)) == []


def test_a_lightweight_copy_of_an_annotated_tag_is_replaced_here(there: Repo, here: Repo) -> None:
    """A tag that only this clone has as a lightweight one: the hint is about the clone alone."""
    flatten(here)
    before = there.git("for-each-ref")
    assert about_remote(audit(here.path)) == [("KV205", TAG)]
    run_hint(here, audit(here.path), "KV205")
    assert there.git("for-each-ref") == before
    assert here.git("cat-file", "-t", f"refs/tags/{TAG}") == "tag"
    assert about_remote(audit(here.path)) == []


def test_a_tag_at_another_commit_is_found_and_replaced_here(there: Repo, here: Repo) -> None:
    """A tag that names something else here than there: what the remote has counts."""
    here.git("tag", "--delete", TAG)
    here.commit("fix: otherwise")
    here.tag(TAG)
    assert about_remote(audit(here.path)) == [("KV602", TAG)]
    run_hint(here, audit(here.path), "KV602")
    assert here.git("rev-parse", TAG) == there.git("rev-parse", TAG)
    assert about_remote(audit(here.path)) == []


def test_tags_on_one_side_only_are_found(there: Repo, here: Repo) -> None:
    """A release that only we know of, and one that we do not know of; each hint makes both sides the same."""
    here.tag(NEXT)
    assert about_remote(audit(here.path)) == [("KV603", NEXT)]
    run_hint(here, audit(here.path), "KV603")
    here.git("tag", "--delete", NEXT)
    assert about_remote(audit(here.path)) == [("KV604", NEXT)]
    run_hint(here, audit(here.path), "KV604")
    assert about_remote(audit(here.path)) == []
    assert here.git("rev-parse", NEXT) == there.git("rev-parse", NEXT)


def test_a_main_that_has_moved_there_is_found(there: Repo, here: Repo) -> None:
    """What is said of a branch is of the last fetch; that it has moved since is a note."""
    there.commit("feat: more")
    assert about_remote(audit(here.path)) == [("KV605", "main")]
    run_hint(here, audit(here.path), "KV605")
    assert about_remote(audit(here.path)) == []


@pytest.mark.parametrize("gone", [True, False], ids=["gone", "no remote"])
def test_a_remote_that_does_not_answer_is_a_finding(
    here: Repo, there: Repo, tmp_path: Path, gone: bool
) -> None:
    """Without an answer nothing is compared, and the report says so."""
    if gone:
        there.path.rename(tmp_path / "away")
    else:
        here.git("remote", "remove", "origin")
    report = audit(here.path)
    assert [code for code, _ in about_remote(report)] == ["KV601"]
    assert not report.ok
    [finding] = [each for each in report.findings if each.code == "KV601"]
    assert gone or "git remote add origin URL" in finding.hint


def test_without_the_option_nothing_is_asked(here: Repo, there: Repo, tmp_path: Path) -> None:
    """The remote is not asked unless that was requested: its absence is not even noticed."""
    there.path.rename(tmp_path / "away")
    assert about_remote(audit(here.path, remote=False)) == []


def lightweight(repo: Repo) -> None:
    repo.git("tag", "--delete", TAG)
    repo.tag(TAG, annotated=False)


SEEDS: dict[str, Callable[[Repo], object]] = {
    "lightweight": lightweight,
    "flattened": flatten,
    "misnamed": lambda repo: repo.tag("krow-withus-web/production-1.4.1"),
    "pre-release": lambda repo: repo.tag("krow-withus-web/prod-v1.5.0-rc.1"),
    "twice": lambda repo: repo.tag(f"{TAG}+6"),
    "broken": lambda repo: repo.write(f".git/refs/tags/{NEXT}", ""),
    "unpushed": lambda repo: repo.tag(NEXT),
}


@pytest.mark.parametrize("remote", [True, False])
@pytest.mark.parametrize("seed", SEEDS.values(), ids=SEEDS)
def test_no_hint_destroys(here: Repo, seed: Callable[[Repo], object], remote: bool) -> None:
    """Whatever is wrong with a tag: no hint moves, overwrites or deletes a published one."""
    seed(here)
    report = audit(here.path, remote=remote)
    assert report.findings
    assert not [each.hint for each in report.findings if DESTROYS.search(each.hint)]


@pytest.mark.parametrize(
    "kind", [kind for kind in FINDINGS.values() if kind.code[2] in "26"], ids=lambda k: k.code
)
def test_no_page_destroys(kind: object) -> None:
    """The page of a finding about tags advises nothing of the kind either."""
    assert not DESTROYS.search(FINDINGS[getattr(kind, "code", "")].to_markdown())
