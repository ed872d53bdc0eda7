"""Builds that a store would refuse: what an audit and ``show`` say; following the hint corrects it."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from support.commands import done, run
from support.krow import SLUG, STAFF, pubspec
from support.releases import BASE, BRANCH, FIXED, PRODUCT, TAG, Released

if TYPE_CHECKING:
    from pathlib import Path

    from support.repositories import Repo

BUILDS = ("KV211", "KV212")
LINES = f"""
[repos]
mobile = "ours"
[products.worker-mobile]
slug = "{SLUG}"
repo = "mobile"
files = ["{STAFF}"]
[hotfix]
lines = ["release/*"]
"""


@pytest.fixture
def world(tmp_path: Path) -> Released:
    """0.1.0+5 is in production, and nothing else has shipped."""
    return Released.make(tmp_path)


def at(repo: Repo, version: str, branch: str = "", *, start: str = "", push: bool = True) -> None:
    """Commit a version of the app, on a branch if one is named, made at *start* if that is given."""
    if branch:
        repo.git("switch", "--quiet", *(["--create", branch, start] if start else [branch]))
    repo.write(STAFF, pubspec(version))
    repo.commit(f"chore: {version}")
    if push:
        repo.git("push", "--quiet", "--set-upstream", "origin", "HEAD")


def hotfix(repo: Repo, version: str = "0.1.1+6", *, ship: bool = True, back: bool = True) -> None:
    """Make the hotfix 0.1.1 from production; ship it, and go back to main."""
    repo.git("switch", "--quiet", "--create", BRANCH, f"refs/tags/{BASE}")
    repo.write(FIXED, "fixed()\n")
    at(repo, version)
    if ship:
        repo.tag(TAG)
        repo.git("push", "--quiet", "origin", f"refs/tags/{TAG}")
    if back:
        repo.git("switch", "--quiet", "main")


def merge(repo: Repo, version: str) -> None:
    """Merge the hotfix into main, which keeps its version."""
    repo.git("switch", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-edit", "--no-ff", "--strategy=ours", BRANCH)
    repo.write(FIXED, "fixed()\n")
    repo.write(STAFF, pubspec(version))
    repo.git("add", "--all")
    repo.git("commit", "--quiet", "--amend", "--no-edit")
    repo.git("push", "--quiet", "origin", "HEAD")


def found(repo: Repo) -> list[tuple[str, str, str | None, int | None]]:
    """What an audit says about builds: id, what it is about, where."""
    report = kv.Workspace.open(repo.path).audit(PRODUCT)
    return [(each.code, each.about, each.path, each.line) for each in report.findings if each.code in BUILDS]


def follow(repo: Repo) -> str:
    """Type what the first hint about a build says; give that."""
    report = kv.Workspace.open(repo.path).audit(PRODUCT)
    hint = next(each.hint for each in report.findings if each.code in BUILDS)
    commands = re.split(r", then |, and ", hint.rpartition(": ")[2])
    assert commands.pop() == "commit it"
    for command in commands:
        program, *words = shlex.split(command)
        if program == "git":
            repo.git(*words)
        else:
            assert program == "krow-versions"
            done(run(*words, cwd=repo.path))
    repo.commit("chore: raise the build")
    repo.git("push", "--quiet", "origin", "HEAD")
    return hint


def test_a_main_whose_build_has_shipped_is_found_and_corrected(world: Released) -> None:
    """Main at 0.2.0+6, the hotfix shipped 0.1.1+6: build 6 has shipped; after the hint all is clean."""
    at(world.ours, "0.2.0+6")
    hotfix(world.ours)
    assert found(world.ours) == [("KV211", "main", STAFF, 3)]
    merge(world.ours, "0.2.0+6")
    assert found(world.ours) == [("KV211", "main", STAFF, 3)]
    assert "krow-versions bump-build worker-mobile" in follow(world.ours)
    assert "version: 0.2.0+7 " in (world.ours.path / STAFF).read_text()
    report = kv.Workspace.open(world.ours.path).audit(PRODUCT)
    assert {each.code for each in report.findings} <= {"KV402", "KV403"}  # Nobody has written rows.


@pytest.mark.parametrize("shipped", [6, 7, 99])
@pytest.mark.parametrize("stage", ["staging", "dev"])
def test_every_stage_counts(world: Released, shipped: int, stage: str) -> None:
    """A build of staging or development that is not below is as bad as one of production."""
    at(world.ours, f"0.1.9+{shipped}")
    world.ours.tag(f"{SLUG}/{stage}-v0.1.9")
    at(world.ours, "0.2.0+6")
    assert found(world.ours) == [("KV211", "main", STAFF, 3)]
    at(world.ours, f"0.2.0+{shipped + 1}")
    assert found(world.ours) == []


def test_a_build_may_go_from_stage_to_stage(world: Released) -> None:
    """What shipped to staging under this very version is the build that goes to production."""
    at(world.ours, "0.2.0+6")
    for name in (f"{SLUG}/dev-v0.2.0", f"{SLUG}/staging-v0.2.0", f"{SLUG}/prod-v0.2.0"):
        world.ours.tag(name)
        assert found(world.ours) == []


def test_what_is_in_production_is_no_next_release(world: Released) -> None:
    """A checkout of a release, and a hotfix that was just merged, are right, whatever shipped since."""
    ours = world.ours
    hotfix(ours, back=False)
    assert found(ours) == []  # On the branch of the hotfix that shipped.
    ours.git("switch", "--quiet", "main")
    assert found(ours) == []  # Main is still at the release before.
    ours.git("merge", "--quiet", "--ff-only", BRANCH)
    assert found(ours) == []
    at(ours, "0.2.0+9")
    ours.tag(f"{SLUG}/prod-v0.2.0")
    for name in (BASE, TAG, f"{SLUG}/prod-v0.2.0"):
        ours.git("switch", "--quiet", "--detach", name)
        assert found(ours) == []


@pytest.mark.parametrize("branch", ["release/0.2", BRANCH])
def test_a_line_that_is_not_checked_out_is_found(world: Released, branch: str) -> None:
    """A release branch, and an open hotfix branch, of which only the remote knows, have no file to show."""
    ours = world.ours
    (ours.path.parent / "krow-versions.toml").write_text(LINES)
    at(ours, "0.2.0+6" if branch != BRANCH else "0.1.1+6", branch, start=f"refs/tags/{BASE}")
    ours.git("switch", "--quiet", "main")
    at(ours, "0.3.0+6")
    ours.tag(f"{SLUG}/staging-v0.3.0")
    assert found(ours) == [("KV211", branch, None, None)]
    ours.git("branch", "--quiet", "--delete", "--force", branch)
    assert found(ours) == [("KV211", f"origin/{branch}", None, None)]
    hint = follow(ours)
    assert f"git switch {branch}" in hint
    assert found(ours) == []


def test_the_side_of_a_branch_that_is_ahead_is_judged(world: Released) -> None:
    """A main that a colleague has corrected is clean before it is pulled; one that is bad there is found."""
    ours, theirs = world.ours, world.theirs
    at(ours, "0.2.0+6")
    hotfix(ours)
    theirs.git("pull", "--quiet")
    assert found(theirs) == [("KV211", "main", STAFF, 3)]
    follow(theirs)
    ours.git("fetch", "--quiet")
    assert found(ours) == []
    at(theirs, "0.3.0+6")
    ours.git("fetch", "--quiet")
    assert found(ours) == [("KV211", "main", None, None)]
    assert "git pull --ff-only" in follow(ours)
    assert found(ours) == []


def test_what_is_checked_out_counts_where_it_is_ahead(world: Released) -> None:
    """A feature branch with a build that has shipped is found; an old commit of main is not."""
    ours = world.ours
    at(ours, "0.2.0+6")
    old = ours.git("rev-parse", "HEAD")
    hotfix(ours)
    at(ours, "0.2.0+7")
    assert found(ours) == []
    ours.git("switch", "--quiet", "--detach", old)
    assert found(ours) == []
    at(ours, "0.3.0+6", "feature", start="main")
    assert found(ours) == [("KV211", "feature", STAFF, 3)]


def test_a_hotfix_that_is_merged_before_it_ships_is_judged_where_it_is_checked_out(world: Released) -> None:
    """Its branch is still what will be tagged; elsewhere a merged branch is done with."""
    ours = world.ours
    hotfix(ours, ship=False)
    merge(ours, "0.2.0+6")
    ours.tag(f"{SLUG}/staging-v0.2.0")
    assert found(ours) == []
    ours.git("switch", "--quiet", BRANCH)
    assert found(ours) == [("KV211", BRANCH, STAFF, 3)]
    ours.git("switch", "--quiet", "--detach")
    assert found(ours) == [("KV211", BRANCH, STAFF, 3)]


def test_the_hint_of_a_detached_head_leads_to_the_branch(world: Released) -> None:
    """A commit on a detached HEAD would be lost: the branch of the line is to be switched to first."""
    at(world.ours, "0.2.0+6")
    hotfix(world.ours)
    merge(world.ours, "0.2.0+6")
    world.ours.git("switch", "--quiet", "--detach", "origin/main")
    assert found(world.ours) == [("KV211", "main", STAFF, 3)]
    assert "git switch main, then krow-versions bump-build" in follow(world.ours)
    assert found(world.ours) == []


def test_files_that_are_not_committed_yet_count_where_they_are(world: Released) -> None:
    """Right after ``bump-build`` an audit is clean: what is on disk is the newest state of the branch."""
    at(world.ours, "0.2.0+6")
    hotfix(world.ours)
    done(run("bump-build", PRODUCT, cwd=world.ours.path))
    assert found(world.ours) == []


def test_two_lines_with_one_build_that_has_not_shipped_are_found(world: Released) -> None:
    """Main and an open hotfix branch would ship the same build; the hint makes them differ."""
    ours = world.ours
    at(ours, "0.2.0+6")
    hotfix(ours, ship=False)
    assert found(ours) == [("KV212", f"main and {BRANCH}", None, None)]
    theirs = world.theirs
    theirs.git("pull", "--quiet")
    assert found(theirs) == [("KV212", f"main and origin/{BRANCH}", None, None)]
    assert "--above-build 6" in follow(ours)
    assert "version: 0.2.0+7 " in (ours.path / STAFF).read_text()
    assert found(ours) == []
    theirs.git("fetch", "--quiet")
    assert found(theirs) == []


def test_one_version_on_two_lines_is_one_build(world: Released) -> None:
    """A feature branch, a merged branch and a second branch at the same version are no collision."""
    ours = world.ours
    at(ours, "0.2.0+6")
    at(ours, "0.2.0+6", "feature", start="main")
    assert found(ours) == []
    hotfix(ours, ship=False)
    merge(ours, "0.2.0+7")
    at(ours, "0.3.0+6")
    assert found(ours) == []  # The hotfix branch is merged: nothing ships from there.


def test_a_product_without_builds_has_none_to_find(world: Released) -> None:
    """Versions without builds never collide."""
    ours = world.ours
    for branch, version in (("main", "0.2.0"), (BRANCH, "0.1.1")):
        at(
            ours,
            version,
            "" if branch == "main" else branch,
            start="" if branch == "main" else f"refs/tags/{BASE}",
        )
    assert found(ours) == []


def test_show_warns_as_an_audit_does(world: Released) -> None:
    """The build of the files that are checked out, and the command that raises it."""
    at(world.ours, "0.2.0+6")
    hotfix(world.ours)
    warned = run("show", PRODUCT, cwd=world.ours.path)
    assert "build 6 has shipped as 0.1.1" in warned.err
    assert "krow-versions bump-build worker-mobile" in warned.err
    done(run("bump-build", PRODUCT, cwd=world.ours.path))
    assert "has shipped" not in run("show", PRODUCT, cwd=world.ours.path).err


def test_a_shallow_clone_cannot_be_judged(world: Released) -> None:
    """Where tags may be missing nothing is said about builds: KV002 says why."""
    at(world.ours, "0.2.0+6")
    hotfix(world.ours)
    shallow = world.remote.clone(world.ours.path.parent / "shallow", "--depth=1")
    assert found(shallow) == []
    assert "KV002" in {each.code for each in kv.Workspace.open(shallow.path).audit(PRODUCT).findings}
