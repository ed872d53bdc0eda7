"""Ways in which people bring a hotfix to main that differ from the process: finish still ends well."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from support.commands import assert_told, done
from support.releases import BRANCH, FIXED, PRODUCT, START
from support.servers import BRANCH_REF, TAG_REF, Server

if TYPE_CHECKING:
    from pathlib import Path

MORE = "apps/mobile/apps/staff/lib/more.dart"


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ways")
    Server.ready(folder)
    return folder


@pytest.fixture
def server(prepared: Path, tmp_path: Path) -> Server:
    """A hotfix that is ready and approved here: a copy of one."""
    shutil.copytree(prepared, tmp_path, symlinks=True, dirs_exist_ok=True)
    scene = Server.at(tmp_path)
    scene.ours.git("status")  # Git notes the new times of the files in the index.
    return scene


def test_the_only_remote_has_another_name(server: Server) -> None:
    """Where no remote is configured and there is one of another name, that one gets the hotfix."""
    server.ours.git("remote", "rename", "origin", "upstream")
    done(server.finish())
    tip = server.here(BRANCH_REF)
    assert (server.there_main, server.there(TAG_REF)) == (tip, tip)


@pytest.mark.parametrize("configured", [False, True])
def test_a_remote_that_is_not_known_which(server: Server, configured: bool) -> None:
    """Where the remote is not here, and which other one is meant is not said, nothing is done."""
    server.ours.git("remote", "rename", "origin", "upstream")
    if configured:
        server.ours.write("krow-versions.toml", '[hotfix]\nremote = "server"\n')
    else:
        server.ours.git("remote", "add", "mine", "../theirs")
    before = server.refs()
    for command in (("finish", PRODUCT, "--yes"), ("pr", PRODUCT), START):
        assert_told(server.hotfix(*command), 3, "upstream", "[hotfix] remote = ")
    assert server.refs() == before


@pytest.mark.parametrize("how", ["merge", "fast-forward"])
def test_main_has_an_earlier_state_of_the_branch(server: Server, how: str) -> None:
    """Commits of the branch that main has only from the branch are not foreign: the rest is merged, and the
    tip gets the tag."""
    server.push_branch()
    server.merge(how)
    server.ours.write(MORE, "more()\n")
    server.ours.git("add", "--all")
    server.ours.git("commit", "--quiet", "--reuse-message", "HEAD~1")
    server.push_branch()
    server.approve()
    done(server.finish())
    assert server.there(TAG_REF) == server.here(BRANCH_REF)
    assert "more()" in server.remote.git("show", f"main:{MORE}")


@pytest.mark.parametrize("deleted", [False, True])
@pytest.mark.parametrize("followed", [False, True])
@pytest.mark.parametrize("how", ["merge", "squash", None])
def test_main_was_merged_into_the_branch_on_the_server(
    server: Server, how: str | None, followed: bool, deleted: bool
) -> None:
    """What the button "Update branch" adds is not what was tested: the newest commit below it is shipped,
    whether main has it already or not, and whether people took the merge into the branch here or not."""
    tip = server.here(BRANCH_REF)
    server.push_branch()
    server.move_main()
    server.update_branch()
    server.ours.git("fetch", "--quiet", "origin")
    if followed:
        server.ours.git("merge", "--quiet", "--ff-only", f"origin/{BRANCH}")
    if how:
        server.merge(how)
    if deleted and how:
        server.delete_branch()
    server.ours.git("fetch", "--quiet", "origin")
    shown = done(server.hotfix("status", PRODUCT)).out
    assert f"next: krow-versions hotfix finish {PRODUCT}" in shown
    done(server.finish())
    assert server.there(TAG_REF) == tip
    assert "nothing to do" in done(server.finish()).out


@pytest.mark.fault(92)
def test_a_lock_is_left_on_the_server(server: Server) -> None:
    """A lock that a killed program left on the server is no protection: it is named, and nothing changes."""
    lock = server.remote.path / "refs/heads/main.lock"
    lock.touch()
    before = server.refs()
    assert_told(server.finish(), 4, "main.lock", "run it again")
    assert server.refs() == before
    lock.unlink()
    done(server.finish())


def test_a_lightweight_tag_is_published(server: Server) -> None:
    """A lightweight tag at the tip that the server has stays, and counts as the tag, with a warning."""
    server.push_branch()
    name = TAG_REF.removeprefix("refs/tags/")
    server.ours.git("push", "--quiet", "origin", f"{BRANCH}:{TAG_REF}")
    server.ours.git("fetch", "--quiet", "origin", f"{TAG_REF}:{TAG_REF}")
    shown = done(server.finish())
    assert f"the tag {name} is a lightweight one" in shown.err
    assert server.there_main == server.here(BRANCH_REF)
    assert "nothing to do" in done(server.finish()).out
    assert "next: git show" not in done(server.hotfix("status", PRODUCT)).out


def test_a_merge_under_way(server: Server) -> None:
    """In the middle of a merge the next thing is to end that: git refuses to leave the branch."""
    server.move_main()
    server.move_main("apps/mobile/apps/staff/lib/login.dart")
    server.ours.git("fetch", "--quiet", "origin")
    server.ours.git("switch", "--quiet", "main")
    server.ours.git("merge", "--quiet", "--ff-only", "origin/main")
    with pytest.raises(AssertionError):
        server.ours.git("merge", "--quiet", "--no-ff", BRANCH)
    assert done(server.hotfix("status", PRODUCT)).out.endswith("next: git status\n")


def test_a_pull_request_is_waited_for(server: Server) -> None:
    """With ``merge = "pull-request"`` and a pushed branch the merge is waited for: finish is not next."""
    (server.ours.path / ".git/info/exclude").write_text("krow-versions.toml\n")
    server.ours.write("krow-versions.toml", '[hotfix]\nmerge = "pull-request"\n')
    server.push_branch()
    steps = {step["title"]: step for step in done(server.hotfix("status", PRODUCT, "--json")).data["steps"]}
    assert steps["Merge"]["state"] == "blocked"
    assert "waiting for the merge of the pull request" in steps["Merge"]["why"]


@pytest.mark.parametrize("deleted", [False, True])
@pytest.mark.parametrize("moved", [False, True])
def test_conflicts_that_people_solved_for_the_pull_request(
    server: Server, moved: bool, deleted: bool
) -> None:
    """What the server squashed is known by the merge that the pull request held, as its hint makes it."""
    server.protect()
    server.move_main()
    server.move_main(FIXED)
    name = f"merge/{BRANCH}"
    server.ours.git("fetch", "--quiet", "origin")
    server.ours.git("switch", "--quiet", "--no-track", "-c", name, "origin/main")
    with pytest.raises(AssertionError):
        server.ours.git("merge", "--quiet", "--no-ff", BRANCH)
    server.ours.write(FIXED, "both()\n")
    server.ours.git("commit", "--quiet", "--all", "--message", "Merge the hotfix")
    server.ours.git("push", "--quiet", "origin", name)
    server.push_branch()
    done(server.hotfix("pr", PRODUCT, "--run", "--yes"))
    server.merge("squash", name)
    if moved:
        server.move_main("later.txt")
    if deleted:
        server.remote.git("update-ref", "-d", f"refs/heads/{name}")
    done(server.finish())
    assert server.there(TAG_REF) == server.here(BRANCH_REF)
    assert "nothing to do" in done(server.finish()).out
