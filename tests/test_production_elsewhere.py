"""Production that HEAD lacks: what a bump, ``show`` and an audit say, after real merges of any kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from krow_versions.errors import Conflict
from support import krow
from support.commands import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.repositories import Repo

WORKER = "worker-mobile"
PROD = f"{krow.SLUG}/prod-v"
BRANCH = f"hotfix/{krow.SLUG}-v0.1.1"
LOGIN = "apps/mobile/apps/staff/lib/login.dart"
BEFORE = "void login() {\n  ask();\n  open();\n}\n\nvoid logout() {\n  close();\n}\n"
FIXED = BEFORE.replace("  open();\n", "  if (token == null) return;\n  open();\n")


@pytest.fixture
def fixed(repo: Repo) -> Repo:
    """Main with a release, and a hotfix of it on its branch: a fix, a bump, a tag."""
    repo.write(LOGIN, BEFORE)
    repo.write("CHANGELOG.md", "| Date | Version | Change |\n|---|---|---|\n")
    krow.checkout(repo)
    repo.git("switch", "--quiet", "--create", BRANCH)
    repo.write(LOGIN, FIXED)
    repo.commit("fix: Crash on login")
    repo.write(krow.STAFF, krow.pubspec("0.1.1+6"))
    repo.write("CHANGELOG.md", "| Date | Version | Change |\n|---|---|---|\n| 2026-03-05 | 0.1.1 | Crash |\n")
    repo.commit("chore: version 0.1.1")
    repo.tag(f"{PROD}0.1.1")
    repo.git("switch", "--quiet", "main")
    return repo


def moved(repo: Repo) -> None:
    """Develop main further, in the same file, too."""
    repo.write(LOGIN, (repo.path / LOGIN).read_text().replace("  close();\n", "  close();\n  forget();\n"))
    repo.write("README.md", "more\n")
    repo.commit("feat: forget on logout")


def squash(repo: Repo) -> None:
    repo.git("merge", "--squash", "--quiet", BRANCH)
    repo.commit("HOTFIX: Crash on login (#1)")


def rebase(repo: Repo) -> None:
    repo.git("switch", "--quiet", "--create", "again", BRANCH)
    repo.git("commit", "--quiet", "--amend", "--no-edit", "--reset-author")
    repo.git("rebase", "--quiet", "--force-rebase", "main")
    repo.git("switch", "--quiet", "main")
    repo.git("merge", "--quiet", "--ff-only", "again")


def pick(repo: Repo) -> None:
    repo.git("cherry-pick", "-x", f"{BRANCH}~1")
    repo.write(krow.STAFF, krow.pubspec("0.1.1+6"))
    repo.commit("chore: version 0.1.1")


def update(repo: Repo) -> None:
    """Merge main into the hotfix first, tag that, then squash."""
    repo.git("switch", "--quiet", BRANCH)
    repo.git("merge", "--quiet", "--no-edit", "--no-ff", "main")
    repo.git("tag", "--force", "-m", "again", f"{PROD}0.1.1")
    repo.git("switch", "--quiet", "main")
    squash(repo)


def merge(repo: Repo) -> None:
    repo.git("merge", "--quiet", "--no-ff", "--no-edit", BRANCH)


WAYS = (squash, rebase, pick, update, merge)


def baseline(repo: Repo) -> str:
    return str(kv.Workspace.open(repo.path)[WORKER].baseline.version)


def next_of(repo: Repo) -> str:
    return str(kv.Workspace.open(repo.path).plan_bump(WORKER).products[0].target)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("when", ["never", "before", "after", "both"])
def test_a_release_that_came_by_any_way_is_contained(
    fixed: Repo, way: Callable[[Repo], None], when: str
) -> None:
    """After a squash, a rebase, a cherry-pick or a merge, of a main that moves or not, 0.1.2 is next."""
    if when in {"before", "both"}:
        moved(fixed)
    way(fixed)
    if when in {"after", "both"}:
        moved(fixed)
    assert baseline(fixed) == "0.1.1+6"
    assert next_of(fixed) == "0.1.2+7"


@pytest.mark.parametrize("way", WAYS)
def test_a_fix_that_shipped_is_not_listed_again(fixed: Repo, way: Callable[[Repo], None]) -> None:
    """The row of 0.1.2 is the only fix after 0.1.1, under whatever commits 0.1.1 came to main."""
    way(fixed)
    fixed.git("commit", "--quiet", "--amend", "--message=fix: Crash on login (#1)")
    fixed.write("lib/other", "other\n")
    fixed.commit("fix: Crash on logout")
    row = kv.Workspace.open(fixed.path).plan_bump(WORKER).products[0].changelog
    assert row is not None
    assert "| 0.1.2 | HOTFIX: Crash on logout |" in row.text_after


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("moves", [False, True])
def test_a_fix_that_was_reverted_is_not_contained(
    fixed: Repo, way: Callable[[Repo], None], moves: bool
) -> None:
    """A revert on main is refused and named, whatever its message; applied again, the fix is contained."""
    way(fixed)
    if moves:
        moved(fixed)
    text = (fixed.path / LOGIN).read_text()
    fixed.write(LOGIN, text.replace("  if (token == null) return;\n", ""))
    reverted = fixed.commit("feat: easier login")
    if moves:
        moved(fixed)
    with pytest.raises(Conflict, match=f"{reverted[:12]} has undone it") as caught:
        next_of(fixed)
    assert f"git revert {reverted}" in str(caught.value.hint)
    fixed.git("revert", "--no-edit", reverted)
    assert next_of(fixed) == "0.1.2+7"


def test_production_that_head_lacks_is_refused_and_each_way_out_works(fixed: Repo) -> None:
    """The refusal names the tag; its merge, and its version as the one in production, both allow the bump."""
    with pytest.raises(Conflict) as caught:
        next_of(fixed)
    error = caught.value
    assert (str(error.baseline), str(error.target), str(error.found)) == ("0.1.0+5", "0.1.1", "0.1.1")
    assert f"{PROD}0.1.1" in error.message
    assert f"git merge {PROD}0.1.1" in str(error.hint)
    assert "krow-versions hotfix start worker-mobile" in str(error.hint)
    assert "name the version that is in production: 0.1.1" in str(error.hint)
    fixed.git("merge", "--quiet", f"{PROD}0.1.1")
    assert next_of(fixed) == "0.1.2+7"


def test_a_higher_tag_on_a_side_branch_that_only_bumps_is_refused(repo: Repo) -> None:
    """0.1.2 on a side branch: main at 0.1.0 bumps to nothing; ``show`` says the same, in every form."""
    krow.checkout(repo)
    repo.git("switch", "--quiet", "--create", "side")
    repo.write(krow.STAFF, krow.pubspec("0.1.2+7"))
    repo.commit("chore: 0.1.2")
    repo.tag(f"{PROD}0.1.2")
    repo.git("switch", "--quiet", "main")
    for command in (["bump-patch", WORKER], ["show", WORKER], ["show", WORKER, "--json"]):
        result = run(*command, cwd=repo.path)
        assert result.code == 3, command
        assert f"0.1.2 is in production ({PROD}0.1.2)" in result.err
    shown = run("show", WORKER, "--json", cwd=repo.path).data["products"][0]
    assert (shown["baseline"], shown["next"]) == ("0.1.0+5", None)
    table = kv.Workspace.open(repo.path).show(WORKER)
    assert [row[3:5] for row in table.rows] == [("0.1.0+5", "?")]
    assert "0.1.1" not in kv.Workspace.open(repo.path)._repr_html_().partition("Problems")[0]
    found = kv.Workspace.open(repo.path).audit(WORKER).findings
    assert [each.about for each in found if each.code == "KV204"] == [f"{PROD}0.1.2"]
    assert next_of_from(repo, "0.1.2") == "0.1.3+8"


def next_of_from(repo: Repo, version: str) -> str:
    repo.write(krow.STAFF, krow.pubspec("0.1.2+7"))
    return str(kv.Workspace.open(repo.path).plan_bump(WORKER, from_=version).products[0].target)


@pytest.mark.parametrize("place", ["branch", "worktree", "remote", "elsewhere", "taken"])
def test_the_hotfix_branch_of_an_older_line_may_lack_what_is_newer(
    repo: Repo, tmp_path: Path, place: str
) -> None:
    """On it, or detached at it, its own next PATCH is right, unless that was released."""
    krow.checkout(repo)
    repo.git("branch", BRANCH)
    repo.write(krow.STAFF, krow.pubspec("0.2.0+6"))
    repo.commit("feat: second")
    repo.tag(f"{PROD}0.2.0")
    at = repo
    if place in {"branch", "taken"}:
        repo.git("switch", "--quiet", BRANCH)
        if place == "taken":
            repo.git("switch", "--quiet", "--create", "other")
            repo.commit("fix: elsewhere")
            repo.tag(f"{PROD}0.1.1")
            repo.git("switch", "--quiet", BRANCH)
    elif place == "worktree":
        repo.git("worktree", "add", "--quiet", str(tmp_path / "tree"), BRANCH)
        at = type(repo)(tmp_path / "tree")
    elif place == "remote":
        at = repo.clone(tmp_path / "clone")
        at.git("checkout", "--quiet", "--detach", f"origin/{BRANCH}")
    else:
        repo.git("switch", "--quiet", "--create", "topic", BRANCH)
    if place in {"elsewhere", "taken"}:
        with pytest.raises(Conflict, match="does not contain it"):
            next_of(at)
    else:
        assert next_of(at) == "0.1.1+7"


def test_a_fix_in_a_version_file_alone_is_compared_whole(repo: Repo) -> None:
    """Where a release changed nothing else, its version files are compared: a dependency can be a fix."""
    krow.checkout(repo)
    repo.git("switch", "--quiet", "--create", BRANCH)
    text = krow.pubspec("0.1.1+6").replace("  other: 0.1.0+5\n", "  other: 0.1.0+6\n")
    repo.write(krow.STAFF, text)
    repo.commit("fix: Crash in a dependency")
    repo.tag(f"{PROD}0.1.1")
    repo.git("switch", "--quiet", "main")
    with pytest.raises(Conflict):
        next_of(repo)
    squash(repo)
    assert next_of(repo) == "0.1.2+7"
    repo.write("README.md", "more\n")
    repo.commit("docs: more")
    assert next_of(repo) == "0.1.2+7"


def test_a_later_revert_of_a_feature_does_not_undo_a_release(repo: Repo) -> None:
    """An ordinary release of many commits is still contained when main reverts one that is no fix."""
    krow.checkout(repo)
    for name in "abc":
        repo.write(f"lib/{name}", f"{name} = 1\n")
        repo.commit(f"feat: {name}")
    repo.write("lib/d", "d = 1\n")
    repo.commit("fix: d")
    repo.write(krow.STAFF, krow.pubspec("0.1.1+6"))
    repo.commit("chore: 0.1.1")
    repo.tag(f"{PROD}0.1.1")
    repo.git("revert", "--no-edit", "HEAD~4")
    assert next_of(repo) == "0.1.2+7"
    repo.git("rm", "--quiet", "lib/d")
    repo.commit("chore: tidy")
    with pytest.raises(Conflict, match="has undone it"):
        next_of(repo)


def binary(repo: Repo, way: str) -> None:
    """Fix something that is no text: a picture, a mode, an empty file, a link."""
    if way == "binary":
        repo.write("picture", b"\0two")
    elif way == "mode":
        (repo.path / "script").chmod(0o755)
    elif way == "empty":
        repo.write("__init__.py", "")
    elif way == "delete":
        (repo.path / "extra").unlink()
    else:
        (repo.path / "link").unlink()
        (repo.path / "link").symlink_to("script")


@pytest.mark.parametrize("way", ["binary", "mode", "empty", "delete", "link"])
def test_what_is_no_text_is_compared_as_a_whole(repo: Repo, way: str) -> None:
    """Pictures, modes, empty files, removed files and links: there after a squash, not before it."""
    repo.write("picture", b"\0one")
    repo.write("script", "#!/bin/sh\n")
    repo.write("extra", "more\n")
    (repo.path / "link").symlink_to("picture")
    krow.checkout(repo)
    repo.git("switch", "--quiet", "--create", BRANCH)
    binary(repo, way)
    repo.commit("fix: it")
    repo.write(krow.STAFF, krow.pubspec("0.1.1+6"))
    repo.commit("chore: 0.1.1")
    repo.tag(f"{PROD}0.1.1")
    repo.git("switch", "--quiet", "main")
    repo.write("picture", b"\0three" if way == "binary" else b"\0four")
    repo.commit("feat: another picture")
    with pytest.raises(Conflict):
        next_of(repo)
    repo.git("checkout", "--quiet", f"{BRANCH}~1", ".")
    if way == "delete":
        repo.git("rm", "--quiet", "extra")
    repo.write(krow.STAFF, krow.pubspec("0.1.1+6"))
    repo.commit("HOTFIX (#1)")
    repo.write("picture", b"\0four" if way != "binary" else b"\0two")
    repo.commit("feat: another picture")
    assert next_of(repo) == "0.1.2+7"


@pytest.mark.parametrize(("version", "refused"), [("0.0.9", False), ("0.1.1", True)])
def test_a_damaged_history_behind_a_side_tag_hides_no_other(
    repo: Repo, version: str, *, refused: bool
) -> None:
    """Of a tag with a broken history nothing is known: a newer one stops a bump, an older one does not."""
    krow.checkout(repo)
    repo.git("switch", "--quiet", "--create", "side")
    lost = repo.commit("chore: one")
    repo.commit("chore: two")
    repo.tag(f"{PROD}{version}")
    repo.git("switch", "--quiet", "main")
    repo.git("branch", "--quiet", "-D", "side")
    (repo.path / ".git/objects" / lost[:2] / lost[2:]).unlink()
    codes = [each.about for each in kv.Workspace.open(repo.path).audit().findings if each.code == "KV208"]
    assert codes == [f"{PROD}{version}"]
    if refused:
        with pytest.raises(Conflict, match=f"{PROD}{version} cannot be read"):
            next_of(repo)
    else:
        assert next_of(repo) == "0.1.1+6"


def test_one_of_several_fixes_that_is_undone_makes_a_release_not_contained(fixed: Repo) -> None:
    """A hotfix with two fixes, of which main has undone one, is not contained, and the commit is named."""
    fixed.git("switch", "--quiet", BRANCH)
    fixed.git("tag", "--delete", f"{PROD}0.1.1")
    fixed.write("apps/mobile/apps/staff/lib/search.dart", "found();\n")
    fixed.commit("fix: search")
    fixed.tag(f"{PROD}0.1.1")
    fixed.git("switch", "--quiet", "main")
    fixed.git("merge", "--quiet", "--no-ff", "--no-edit", BRANCH)
    assert baseline(fixed) == "0.1.1+6"
    fixed.git("revert", "--no-edit", f"{BRANCH}~2")
    undone_by = fixed.git("rev-parse", "HEAD")
    with pytest.raises(Conflict, match=undone_by[:7]):
        next_of(fixed)


@pytest.mark.parametrize(
    ("resolved", "there"),
    [
        ("  if (token == null) return;\n  log();\n  open();\n", True),
        ("  log();\n  if (token == null) return;\n  open();\n", True),
        ("  log();\n  open();\n", False),
    ],
)
def test_new_lines_of_a_fix_count_near_their_place(fixed: Repo, resolved: str, *, there: bool) -> None:
    """Who resolves a conflict may put the lines of the fix on either side of a line that was added."""
    fixed.write(LOGIN, BEFORE.replace("  open();\n", "  log();\n  open();\n"))
    fixed.commit("feat: log")
    fixed.write(LOGIN, BEFORE.replace("  open();\n", resolved))
    fixed.write(krow.STAFF, krow.pubspec("0.1.1+6"))
    fixed.commit("HOTFIX: Crash on login (#1)")
    states = kv.Workspace.open(fixed.path)[WORKER].state.tags
    assert [tag.contained for tag in states if tag.name == f"{PROD}0.1.1"] == [there]


def ship(repo: Repo, login: str) -> None:
    """Release 0.1.1 from its branch, with a fix that leaves *login*, and go back to main."""
    krow.checkout(repo)
    repo.git("switch", "--quiet", "--create", BRANCH)
    repo.write(LOGIN, login)
    repo.commit("fix: Crash on login")
    repo.write(krow.STAFF, krow.pubspec("0.1.1+6"))
    repo.commit("chore: version 0.1.1")
    repo.tag(f"{PROD}0.1.1")
    repo.git("switch", "--quiet", "main")


def test_an_equal_change_at_another_place_is_not_the_fix(repo: Repo) -> None:
    """Where the same lines stand twice, a change of the others has the same patch, and is not the fix."""
    block = "block\n{\nx\ny\nz\nretry=1\np\nq\nr\n}\n"
    fixed, other = block + block.replace("=1", "=2"), block.replace("=1", "=2") + block
    repo.write(LOGIN, block + block)
    ship(repo, fixed)
    repo.write(LOGIN, other)
    repo.commit("feat: try again at the start")
    with pytest.raises(Conflict, match="does not contain it"):
        kv.Workspace.open(repo.path).plan_bump(WORKER)
    repo.write(LOGIN, block.replace("=1", "=2") * 2)
    repo.commit("fix: Crash on login, too")
    repo.write(krow.STAFF, krow.pubspec("0.1.1+6"))
    assert kv.Workspace.open(repo.path).plan_bump(WORKER).products[0].baseline.version.core == (0, 1, 1)


def test_a_reverted_merge_is_undone_though_main_had_other_lines(repo: Repo) -> None:
    """What main had before the merge is back, and that was not what the fix replaced."""
    ship(repo, FIXED)
    repo.write(LOGIN, "draft();\n")
    repo.commit("feat: draft")
    repo.git("merge", "--quiet", "--no-ff", "-X", "theirs", "--no-edit", BRANCH)
    assert kv.Workspace.open(repo.path).plan_bump(WORKER).products[0].target.core == (0, 1, 2)
    repo.git("revert", "--no-edit", "-m", "1", "HEAD")
    undone = repo.git("rev-parse", "HEAD")
    repo.write(krow.STAFF, krow.pubspec("0.1.1+6"))
    with pytest.raises(Conflict, match=f"the commit {undone[:12]} has undone it"):
        kv.Workspace.open(repo.path).plan_bump(WORKER)
