"""No fix is lost: main, release branches and newer releases that lack what an older release fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from krow_versions.errors import Conflict
from support import krow
from support.audits import NOW, clean
from support.commands import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.repositories import Repo

SLUG = "krow-withus-web"
LINE = "release/1.5"
CODES = {"KV204", "KV209", "KV210"}
LOGIN, SEARCH = "apps/web/login.ts", "apps/web/search.ts"
BEFORE = "login() {\n  open();\n}\n"
FIXED = BEFORE.replace("  open();\n", "  if (!token) return;\n  open();\n")


def tag_of(version: str) -> str:
    return f"{SLUG}/prod-v{version}"


def say(repo: Repo, version: str) -> None:
    repo.write(krow.WEB, krow.package(version))
    repo.write(krow.WEB_LOCK, krow.lock(version))
    repo.commit(f"chore: {version}")


def hotfix(repo: Repo, version: str = "1.4.1", path: str = LOGIN, text: str = FIXED) -> None:
    """Ship a fix of the release one PATCH below from its own branch, and stay there."""
    base = f"{version.rpartition('.')[0]}.{int(version.rpartition('.')[2]) - 1}"
    repo.git("switch", "--quiet", "--create", f"hotfix/{SLUG}-v{version}", tag_of(base))
    repo.write(path, text)
    repo.commit("fix: crash")
    say(repo, version)
    repo.tag(tag_of(version))


@pytest.fixture
def cut(repo: Repo) -> Repo:
    """Web 1.4.0 in production, and a release branch at 1.5.0, cut before the hotfix 1.4.1, which main has."""
    repo.write(LOGIN, BEFORE)
    repo.write("krow-versions.toml", '[hotfix]\nlines = ["release/*"]\n')
    clean(repo).git("switch", "--quiet", "--create", LINE)
    repo.write(SEARCH, "search();\n")
    repo.commit("feat: search")
    say(repo, "1.5.0")
    hotfix(repo)
    repo.git("switch", "--quiet", "main")
    repo.git("merge", "--quiet", "--ff-only", f"hotfix/{SLUG}-v1.4.1")
    return repo


def lost(repo: Repo, *, history: bool = False, path: Path | None = None) -> list[tuple[str, str, str]]:
    """What an audit finds of lines that lack a fix: code, severity, and what it is about."""
    report = kv.Workspace.open(path or repo.path).audit(history=history, now=NOW)
    assert all(found.hint for found in report.findings)
    return [(each.code, each.severity, each.about) for each in report.findings if each.code in CODES]


ON_LINE = ("KV209", "warning", f"{tag_of('1.4.1')} on {LINE}")
IN_TAG = ("KV210", "error", f"{tag_of('1.4.1')} in {tag_of('1.5.0')}")


def test_a_release_branch_lacks_a_fix_before_and_after_it_is_tagged(cut: Repo) -> None:
    """It is found on the branch, and when that is shipped, in its tag too, with ``--history`` and without."""
    assert lost(cut) == lost(cut, history=True) == [ON_LINE]
    cut.tag(tag_of("1.5.0"), LINE)
    found = [IN_TAG, ("KV204", "warning", tag_of("1.5.0")), ON_LINE]
    assert lost(cut) == lost(cut, history=True) == found


def merge(repo: Repo) -> None:
    repo.git("merge", "--quiet", "--strategy-option=ours", "--no-edit", tag_of("1.4.1"))


def pick(repo: Repo) -> None:
    repo.git("cherry-pick", "-x", f"{tag_of('1.4.1')}~1")


def squash(repo: Repo) -> None:
    repo.git("merge", "--squash", "--quiet", "--strategy-option=ours", tag_of("1.4.1"))
    repo.commit("HOTFIX: crash (#1)")


def by_hand(repo: Repo) -> None:
    repo.write(LOGIN, FIXED.replace("open();\n", "open();\n  more();\n"))
    repo.commit("fix: crash, and more")


@pytest.mark.parametrize("way", [merge, pick, squash, by_hand])
def test_a_fix_that_came_to_the_branch_by_any_way_is_there(cut: Repo, way: Callable[[Repo], None]) -> None:
    """Contents are compared; a fix that is undone on the branch is lost again, and the commit is named."""
    cut.git("switch", "--quiet", LINE)
    way(cut)
    assert lost(cut) == []
    cut.write(LOGIN, BEFORE)
    undone_by = cut.commit("chore: clean up")
    (found,) = [each for each in kv.Workspace.open(cut.path).audit(now=NOW).findings if each.code in CODES]
    assert (found.code, found.severity, found.about) == ON_LINE
    assert undone_by[:12] in found.message
    assert f"git revert {undone_by[:12]}" in found.hint


def test_a_branch_counts_once_here_and_on_the_remote(cut: Repo, tmp_path: Path) -> None:
    """The fix is looked for here and as last fetched: one of the two must have it."""
    clone = cut.clone(tmp_path / "clone")
    remote = (*ON_LINE[:2], f"{tag_of('1.4.1')} on origin/{LINE}")
    assert lost(clone) == [remote]
    clone.git("switch", "--quiet", LINE)
    assert lost(clone) == [ON_LINE]
    pick(clone)
    assert lost(clone) == []


@pytest.mark.parametrize(
    ("version", "there"), [("1.5.0", True), ("1.4.0", True), ("1.3.9", False), ("2.0.0", True), ("", False)]
)
def test_a_branch_is_not_asked_for_fixes_of_newer_minors(cut: Repo, version: str, there: bool) -> None:
    """A branch of an older MINOR ships no later, one of the same MINOR does, one without it never."""
    cut.git("switch", "--quiet", "--orphan", "release/old")
    cut.write(LOGIN, BEFORE)
    if version:
        say(cut, version)
    cut.commit("feat: all")
    cut.git("switch", "--quiet", "main")
    found = ("KV209", "warning", f"{tag_of('1.4.1')} on release/old")
    assert (found in lost(cut)) is there


def test_a_branch_from_before_the_files_moved_is_known_by_its_releases(cut: Repo) -> None:
    """Where a branch has none of the version files of today, it counts by the releases that it contains."""
    cut.git("mv", "apps/web", "web")
    cut.write(
        "krow-versions.toml",
        f'[products.web]\nslug = "{SLUG}"\nfiles = ["web/package.json"]\n[hotfix]\nlines = ["release/*"]\n',
    )
    cut.commit("chore: move the web")
    assert ON_LINE in lost(cut)


def test_every_fix_that_main_lacks_is_found_not_only_the_newest(cut: Repo) -> None:
    """An older fix that never came to main is found when a newer release did; each fix is one finding."""
    cut.git("switch", "--quiet", "main")
    cut.git("reset", "--quiet", "--hard", tag_of("1.4.0"))
    hotfix(cut, "1.4.2", SEARCH, "found();\n")
    cut.git("switch", "--quiet", "main")
    cut.write(SEARCH, "one();\n")
    say(cut, "1.6.0")
    cut.tag(tag_of("1.6.0"))
    both = [("KV204", "warning", tag_of(version)) for version in ("1.4.1", "1.4.2")]
    assert [each for each in lost(cut) if each[0] == "KV204"] == both
    cut.git("cherry-pick", f"{tag_of('1.4.1')}~1")
    assert [each for each in lost(cut) if each[0] == "KV204"] == both[1:]


def test_a_fix_that_is_part_of_a_later_one_is_there_with_it(cut: Repo) -> None:
    """Where a line has all of the later fix under another commit, the first is not missed."""
    cut.git("switch", "--quiet", "main")
    cut.git("reset", "--quiet", "--hard", tag_of("1.4.0"))
    hotfix(cut, "1.4.2", LOGIN, FIXED.replace("!token", "token == null"))
    cut.git("switch", "--quiet", "main")
    assert {each for each in lost(cut) if each[0] == "KV204"} == {
        ("KV204", "warning", tag_of("1.4.1")),
        ("KV204", "warning", tag_of("1.4.2")),
    }
    cut.git("merge", "--squash", "--quiet", tag_of("1.4.2"))
    cut.commit("HOTFIX: crash")
    assert [each for each in lost(cut) if each[0] == "KV204"] == []


def test_older_minors_are_looked_at_with_the_history(cut: Repo) -> None:
    """Without ``--history`` only the newest release counts: what is superseded is the past."""
    cut.tag(tag_of("1.5.0"), LINE)
    cut.git("switch", "--quiet", "main")
    say(cut, "1.6.0")
    cut.tag(tag_of("1.6.0"))
    assert IN_TAG not in lost(cut)
    assert IN_TAG in lost(cut, history=True)


def test_only_branches_that_are_named_are_lines(cut: Repo) -> None:
    """A branch that no pattern fits is not asked, and no pattern makes a hotfix branch a stray."""
    cut.git("branch", "--quiet", "--move", LINE, "release/1/5")
    assert lost(cut) == []
    for pattern in ("release/**", "release/1/5", "*/1/?", "**"):
        cut.write("krow-versions.toml", f'[hotfix]\nlines = ["{pattern}"]\n')
        assert ("KV209", "warning", f"{tag_of('1.4.1')} on release/1/5") in lost(cut)
        codes = {each.code for each in kv.Workspace.open(cut.path).audit(now=NOW).findings}
        assert "KV501" not in codes


def test_a_known_gap_can_be_ignored_with_a_reason(cut: Repo) -> None:
    """The finding of one fix on one line is named by both."""
    cut.write(
        "krow-versions.toml",
        '[hotfix]\nlines = ["release/*"]\n[[audit.ignore]]\ncode = "KV209"\nreason = "given up"\n'
        f'until = 2030-01-01\nabout = "{ON_LINE[2]}"\n',
    )
    assert lost(cut) == []


def test_the_audit_prints_it(cut: Repo) -> None:
    """At the command line it is a finding like any other, and the exit code is 1."""
    result = run("audit", "web", cwd=cut.path)
    assert result.code == 1
    assert f"{LINE} lacks what {tag_of('1.4.1')} fixed" in result.out


@pytest.mark.parametrize(
    ("before", "fixed", "later"),
    [
        ("", "  if (!token) return;\n", "  requireToken();\n"),
        ("  retry(3);\n", "  retry(5);\n", "  await backoff(user);\n"),
        ("", "  token.expires += 60;\n", "  class Session {\n    ttl = 3600;\n  }\n"),
    ],
)
def test_a_fix_that_was_developed_further_is_there(repo: Repo, before: str, fixed: str, later: str) -> None:
    """Whatever other lines main makes of those of a fix, and however unlike, the fix is not undone."""
    whole = "login() {\n  open();\n%s  close();\n}\n"
    repo.write(LOGIN, whole % before)
    clean(repo)
    hotfix(repo, text=whole % fixed)
    repo.git("switch", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-ff", "--no-edit", tag_of("1.4.1"))
    repo.write(LOGIN, whole % later)
    repo.commit("refactor: login")
    assert lost(repo) == []
    assert kv.Workspace.open(repo.path).plan_bump("web").products[0].target.core == (1, 4, 2)
    repo.write(LOGIN, whole % before)
    undone_by = repo.commit("chore: tidy")
    with pytest.raises(Conflict, match=undone_by[:12]):
        kv.Workspace.open(repo.path).plan_bump("web")


def test_a_fix_that_is_removed_beside_later_edits_is_undone(repo: Repo) -> None:
    """Lines of a fix that go without others in their place are undone, whatever came beside them."""
    repo.write(LOGIN, BEFORE)
    clean(repo)
    hotfix(repo)
    repo.git("switch", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-ff", "--no-edit", tag_of("1.4.1"))
    repo.write(LOGIN, FIXED.replace("  open();\n", "  log();\n  open();\n"))
    repo.commit("feat: log")
    assert lost(repo) == []
    repo.write(LOGIN, BEFORE.replace("  open();\n", "  log();\n  open();\n"))
    repo.commit("chore: tidy")
    assert [code for code, _, _ in lost(repo)] == ["KV204"]


@pytest.mark.parametrize("way", ["--ff-only", "--no-ff"])
@pytest.mark.parametrize("moves", [False, True])
@pytest.mark.parametrize("by_merge", [False, True])
def test_the_hint_about_what_undid_a_fix_brings_it_back(
    repo: Repo, way: str, *, moves: bool, by_merge: bool
) -> None:
    """However a fix came to main, and whether a commit or a merge undid it, the command works."""
    repo.write(LOGIN, BEFORE)
    clean(repo)
    hotfix(repo)
    repo.git("switch", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-edit", way, tag_of("1.4.1"))
    if moves:
        repo.write("README", "more\n")
        repo.commit("feat: more")
    if by_merge:
        repo.git("switch", "--quiet", "--create", "undo")
    repo.git("revert", "--no-edit", f"{tag_of('1.4.1')}~1")
    if by_merge:
        repo.git("switch", "--quiet", "main")
        repo.git("merge", "--quiet", "--no-ff", "--no-edit", "undo")
    workspace = kv.Workspace.open(repo.path)
    (found,) = [each for each in workspace.audit(now=NOW).findings if each.code in CODES]
    with pytest.raises(Conflict) as caught:
        workspace.plan_bump("web")
    command = str(caught.value.hint).partition("bring it back: ")[2].partition(";")[0]
    assert found.hint.endswith(f"then {command}")
    repo.git(*command.split()[1:], "--no-edit")
    assert lost(repo) == []
    assert kv.Workspace.open(repo.path).plan_bump("web").products[0].target.core == (1, 4, 2)
