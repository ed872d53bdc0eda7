"""A hotfix seen from where it was not made: a CI job, a colleague's clone, and a clone of the next day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from support.commands import assert_refused, done, run
from support.releases import BASE, BRANCH, FIXED, PRODUCT, START, TAG, Released
from support.repositories import refs
from support.untouched import as_before, untouched

if TYPE_CHECKING:
    from pathlib import Path

    from support.child import Result
    from support.repositories import Repo

TRACKED = f"refs/remotes/origin/{BRANCH}"
SWITCH = f"git switch {BRANCH}"


@pytest.fixture
def world(tmp_path: Path) -> Released:
    """A hotfix that is pushed, and ready for its review."""
    made = Released.make(tmp_path)
    done(run("hotfix", *START, cwd=made.ours.path))
    made.fix()
    made.ours.git("push", "--quiet", "origin", BRANCH)
    return made


@pytest.fixture
def job(world: Released, tmp_path: Path) -> Repo:
    """A CI job: HEAD is detached at the branch as fetched, and there is no local one."""
    clone = world.remote.clone(tmp_path / "job")
    clone.git("switch", "--quiet", "--detach", TRACKED)
    clone.git("branch", "--quiet", "--delete", "--force", "main")
    return clone


def hotfix(repo: Repo, *args: str) -> Result:
    return run("hotfix", *args, cwd=repo.path)


def test_a_job_checks_what_was_pushed(job: Repo) -> None:
    """`check`, `status`, `pr` and `report` work from the remote-tracking branch; nothing is changed."""
    with as_before(job):
        check = done(hotfix(job, "check", PRODUCT))
        assert f"{BRANCH}, found as {TRACKED}" in check.out
        assert "✗" not in check.out
        assert "nothing uncommitted" in check.out
        status = done(hotfix(job, "status", PRODUCT, "--json")).data
        assert (status["version"], status["next_command"]) == ("0.1.1", SWITCH)
        assert "Nobody can log in" in done(hotfix(job, "pr", PRODUCT)).out
        assert "| Issue | Nobody can log in |" in done(hotfix(job, "report", PRODUCT)).out
        (row,) = done(hotfix(job, "list", "--json")).data["hotfixes"]
        assert (row["version"], row["branch"], row["next"]) == ("0.1.1", BRANCH, SWITCH)


def test_a_job_fails_on_what_was_pushed(job: Repo, world: Released) -> None:
    """The gates judge the commit that was pushed, and the working tree of the job, which is that commit."""
    job.write(f"{FIXED}.new", "")
    assert "not known to git" in hotfix(job, "check", PRODUCT).out
    world.ours.write(FIXED, "feature()\n")
    world.ours.commit("feat: more")
    world.ours.git("push", "--quiet", "origin", BRANCH)
    (job.path / f"{FIXED}.new").unlink()
    done(hotfix(job, "check", PRODUCT))
    job.git("fetch", "--quiet")
    job.git("switch", "--quiet", "--detach", TRACKED)
    check = hotfix(job, "check", PRODUCT)
    assert (check.code, "no part of a hotfix" in check.out) == (1, True)


def test_head_picks_among_several(job: Repo, world: Released) -> None:
    """Where several hotfixes were pushed, a job judges that of its HEAD; elsewhere --version is needed."""
    other = BRANCH.replace("0.1.1", "0.2.1")
    world.theirs.git("switch", "--quiet", "--detach", f"refs/tags/{BASE}")
    tag = BASE.replace("0.1.0", "0.2.0")
    world.theirs.tag(tag)
    world.theirs.write(FIXED, "other()\n")
    world.theirs.commit("fix: other")
    world.theirs.git("push", "--quiet", "origin", f"refs/tags/{tag}", f"HEAD:refs/heads/{other}")
    job.git("fetch", "--quiet", "--tags")
    assert done(hotfix(job, "status", PRODUCT, "--json")).data["version"] == "0.1.1"
    job.git("switch", "--quiet", "--detach", f"refs/remotes/origin/{other}")
    assert done(hotfix(job, "status", PRODUCT, "--json")).data["version"] == "0.2.1"
    job.git("switch", "--quiet", "--detach", f"refs/tags/{BASE}")
    assert_refused(hotfix(job, "check", PRODUCT), "several hotfixes", "--version")
    assert hotfix(job, "check", PRODUCT, "--version", "0.1.1").code == 0


@pytest.fixture
def alone(job: Repo) -> Repo:
    """A job whose only trace of the branch is HEAD: the commit was fetched, and no ref of it."""
    for ref in refs(job, "refs/remotes"):
        job.git("update-ref", "--no-deref", "-d", ref)
    return job


def test_a_detached_head_alone_needs_the_version(alone: Repo) -> None:
    """Without any branch, HEAD is judged where the version is named; without that, it is asked for."""
    refused = hotfix(alone, "check", PRODUCT)
    assert_refused(refused, f"no hotfix of {PRODUCT} is under way", "--version VERSION")
    with as_before(alone):
        check = done(hotfix(alone, "check", PRODUCT, "--version", "0.1.1"))
    assert f"{BRANCH}, found as HEAD" in check.out
    assert hotfix(alone, "check", PRODUCT, "--version", "0.1.2").code == 1


def test_no_head_ships_that_is_no_branch(alone: Repo, world: Released) -> None:
    """A detached HEAD is looked at; it is not finished, and no pull request is opened for it."""
    done(hotfix(alone, "status", PRODUCT, "--version", "0.1.1", "--done", "approval"))
    world.remote.git("update-ref", "-d", f"refs/heads/{BRANCH}")  # Or a fetch would bring it.
    with untouched(world.remote):
        with as_before(alone):
            finish = hotfix(alone, "finish", PRODUCT, "--version", "0.1.1", "--yes", "--no-fetch")
        for refused in (finish, hotfix(alone, "pr", PRODUCT, "--version", "0.1.1", "--run", "--yes")):
            assert (refused.code, f"there is no branch {BRANCH}" in refused.err) == (3, True), refused


def test_main_is_no_hotfix(world: Released, tmp_path: Path) -> None:
    """A HEAD that main contains, or that starts elsewhere, does not count as a hotfix that is named."""
    clone = world.remote.clone(tmp_path / "clone", "--single-branch", "--branch", "main")
    clone.write("more", "")
    clone.commit("feat: more")
    clone.git("push", "--quiet", "origin", "main")
    clone.git("switch", "--quiet", "--detach", "main")
    assert kv.Workspace.open(clone.path).hotfix(PRODUCT, "0.1.1").facts().tip is None
    clone.git("switch", "--quiet", "--detach", f"refs/tags/{BASE}")
    assert kv.Workspace.open(clone.path).hotfix(PRODUCT, "0.1.1").facts().tip is None


def test_a_local_branch_counts_before_the_remote_one(world: Released) -> None:
    """Where both are there, the local branch is the hotfix, also when it has other commits."""
    world.ours.write(FIXED, "if (quite_ready) login()\n")
    tip = world.ours.commit("test: more")
    facts = kv.Workspace.open(world.ours.path).hotfix(PRODUCT).facts()
    assert (facts.tip, facts.tip_here, facts.found_as) == (tip, tip, None)


def test_a_job_can_finish(job: Repo, world: Released) -> None:
    """What was pushed and approved can be finished without a local branch."""
    done(hotfix(job, "status", PRODUCT, "--done", "approval"))
    tip = job.git("rev-parse", "HEAD")
    done(hotfix(job, "finish", PRODUCT, "--yes"))
    there = refs(world.remote)
    assert there["refs/heads/main"] == tip
    assert world.remote.git("rev-parse", f"refs/tags/{TAG}^{{commit}}") == tip


# --- the next day ----------------------------------------------------------------------------------------


@pytest.fixture
def next_day(world: Released, tmp_path: Path) -> Repo:
    """A fresh clone after the hotfix was shipped, and its branch deleted."""
    done(hotfix(world.ours, "status", PRODUCT, "--done", "approval"))
    done(hotfix(world.ours, "finish", PRODUCT, "--yes"))
    world.ours.git("push", "--quiet", "origin", "--delete", BRANCH)
    return world.remote.clone(tmp_path / "next")


@pytest.mark.parametrize("fix", [True, False], ids=["commit", "tag alone"])
def test_a_fresh_clone_reads_what_tag_and_commits_say(next_day: Repo, world: Released, fix: bool) -> None:
    """Issue, solution and tests are those of the fix commit, or else of the tag's message."""
    if not fix:  # As after a squash on the server whose subject is no `fix:`.
        base = next_day.git("rev-parse", f"refs/tags/{BASE}^{{commit}}")
        next_day.git("switch", "--quiet", "--detach", base)
        next_day.git("checkout", f"refs/tags/{TAG}", "--", ".")
        next_day.git("commit", "--quiet", "--message=HOTFIX: crash on login (#7)")
        message = next_day.git("for-each-ref", "--format=%(contents)", f"refs/tags/{TAG}")
        next_day.git("tag", "--force", "--annotate", f"--message={message}", TAG)
        next_day.git("switch", "--quiet", "main")
    version = ("--version", "0.1.1")
    report = done(hotfix(next_day, "report", PRODUCT, *version)).out
    assert "| Issue | Nobody can log in |" in report
    assert "| Solution | Ask before reading |" in report
    assert "| Tested | By hand on two phones |" in report
    assert FIXED in report
    told = done(hotfix(next_day, "announce", PRODUCT, *version, "--follow-up", "--draft")).out
    assert "Issue: Nobody can log in" in told
    assert world.ours.git("rev-parse", "HEAD")


def test_a_fresh_clone_does_not_say_to_deploy_again(next_day: Repo) -> None:
    """Where nothing is recorded of a hotfix that is out, it is not said that it is not deployed."""
    status = done(hotfix(next_day, "status", PRODUCT, "--version", "0.1.1"))
    assert "deploy" not in status.out.splitlines()[-1]
    assert status.out.endswith("\nwhether more is left to do is not known here\n")
    data = done(hotfix(next_day, "status", PRODUCT, "--version", "0.1.1", "--json")).data
    assert (data["next_command"], data["done"]) == (None, False)
    again = done(hotfix(next_day, "finish", PRODUCT, "--version", "0.1.1", "--yes"))
    assert "nothing to do" in again.out
    assert again.err.endswith(f"next: krow-versions hotfix status {PRODUCT} --version 0.1.1\n")
