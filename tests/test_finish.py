"""What main may look like on a server, and what ``hotfix finish`` does: the whole table, on real servers.

After each run it is compared what the server has and what is here, and what a second run does.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from typing import TYPE_CHECKING

import pytest

from support.commands import MODULE as PROGRAM
from support.commands import assert_refused, assert_told, done, run
from support.effort import LONG
from support.krow import SLUG, STAFF, pubspec
from support.releases import BASE, BRANCH, CHANGELOG, FINISH, FIXED, PRODUCT, START
from support.repositories import defuse, executable, fuse, hook, refs
from support.servers import BRANCH_REF, MERGES, TAG_REF, Server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.child import Result
    from support.servers import Refs

# The whole table is for `./dev long`: here one name that no default has stands for the others.
MAINS = ("main", "master", "trunk") if LONG else ("main", "trunk")
MOVES = (Server.move_main, Server.release_main)
REQUEST = f"merge/{BRANCH}"
REQUEST_REF = f"refs/heads/{REQUEST}"
NEWER = f"refs/tags/{SLUG}/prod-v0.2.0"


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A hotfix that is ready and approved here, for each name of the server's main: to be copied."""
    found = {}
    for main in MAINS:
        found[main] = tmp_path_factory.mktemp(main)
        Server.ready(found[main], main)
    return found


def copied(folder: Path, to: Path, main: str) -> Server:
    shutil.copytree(folder, to, symlinks=True, dirs_exist_ok=True)
    scene = Server.at(to, main)
    scene.ours.git("status")  # Git notes the new times of the files in the index.
    return scene


@pytest.fixture(params=MAINS if LONG else ["trunk"])
def server(prepared: dict[str, Path], tmp_path: Path, request: pytest.FixtureRequest) -> Server:
    return copied(prepared[request.param], tmp_path, request.param)


@pytest.fixture
def plain(prepared: dict[str, Path], tmp_path: Path) -> Server:
    """The server whose main is called ``main``."""
    return copied(prepared["main"], tmp_path, "main")


def tip(server: Server) -> str:
    found = server.here(BRANCH_REF)
    assert found is not None
    return found


def refused(server: Server, *words: str, code: int = 3, more: tuple[str, ...] = ()) -> Result:
    """Finish is refused with these words, and every ref of the server and of this clone is as it was."""
    before = server.refs()
    result = server.finish(*more)
    assert_told(result, code, *words)
    assert server.refs() == before
    return result


def finished(server: Server) -> Refs:
    """Finish ends well, and a second run has nothing to do and changes nothing."""
    done(server.finish())
    after = server.refs()
    assert after[0][TAG_REF] == after[1][TAG_REF]
    assert after[0].keys() <= {f"refs/heads/{server.main}", BRANCH_REF, TAG_REF, NEWER} | {
        f"refs/tags/{BASE}",
        "refs/tags/krow-withus-web/prod-v1.4.0",
    }
    again = done(server.finish())
    assert "nothing to do" in again.out
    assert server.refs() == after
    return after


# --- main is an ancestor of the branch ---------------------------------------------------------


@pytest.mark.parametrize("pushed", [False, True])
def test_main_moves_forward_to_the_branch(server: Server, pushed: bool) -> None:
    """Where main has not moved, main and tag arrive together at the tip, under the server's name of main."""
    if pushed:
        server.push_branch()
    there, here = finished(server)
    assert (server.there_main, server.there(TAG_REF)) == (tip(server), tip(server))
    assert here[f"refs/heads/{server.main}"] == there[f"refs/heads/{server.main}"]


def test_a_server_that_was_renamed_since(server: Server) -> None:
    """What the server's HEAD names now counts, not what this clone knows of it."""
    old, server = server.main, Server(server.remote, server.ours, server.theirs, "develop")
    server.remote.git("branch", "--move", old, "develop")
    done(server.finish())
    assert (server.there_main, server.there(f"refs/heads/{old}")) == (tip(server), None)


@pytest.mark.parametrize("head", ["detached", "unborn"])
def test_a_server_without_a_default_branch(server: Server, head: str) -> None:
    """Where the server's HEAD names no branch, the default branch that this clone knows of counts."""
    at = server.there_main
    server.remote.git(
        *(
            ["update-ref", "--no-deref", "HEAD", str(at)]
            if head == "detached"
            else ["symbolic-ref", "HEAD", "refs/heads/nothing"]
        )
    )
    finished(server)
    assert server.there_main == tip(server)


def test_a_main_that_the_server_lacks_is_not_made(server: Server) -> None:
    """A configured main that the server does not have is refused, with the name of the server's HEAD."""
    server.ours.write("krow-versions.toml", '[hotfix]\nmain = "production"\n')
    refused(server, "origin has no branch 'production'", "none is made", f"HEAD of origin is '{server.main}'")


def test_an_empty_server_gets_no_main(plain: Server) -> None:
    """Nothing is pushed to a server that has no branch at all."""
    for ref in refs(plain.remote):
        plain.remote.git("update-ref", "-d", ref)
    refused(plain, "origin has no branch 'main'", "none is made")


def test_no_fetch_pushes_to_no_main_that_is_not_known(plain: Server) -> None:
    """Without a fetch a main that was never seen on the remote is not pushed either."""
    plain.ours.git("update-ref", "-d", "refs/remotes/origin/main")
    plain.ours.git("symbolic-ref", "--delete", "refs/remotes/origin/HEAD")
    before = plain.refs()
    assert_refused(plain.finish("--no-fetch"), "git fetch origin +refs/heads/main:refs/remotes/origin/main")
    assert plain.refs() == before


# --- main contains the branch already ----------------------------------------------------------


@pytest.mark.parametrize("deleted", [False, True])
@pytest.mark.parametrize("how", MERGES)
def test_main_has_the_branch(server: Server, how: str, deleted: bool) -> None:
    """A branch that the server merged is tagged on main, and nothing but the tag is pushed."""
    server.push_branch()
    main = server.merge(how)
    if deleted:
        server.delete_branch()
    there, here = finished(server)
    assert (server.there_main, server.there(TAG_REF)) == (main, main)
    assert here[f"refs/heads/{server.main}"] == main
    assert there.get(BRANCH_REF) == (None if deleted else tip(server))


@pytest.mark.parametrize("how", MERGES)
def test_main_has_the_branch_and_has_moved_on(plain: Server, how: str) -> None:
    """The tag is on the commit that brought the hotfix to main, not on what came after it."""
    plain.push_branch()
    merged = plain.merge(how)
    newer = plain.move_main()
    finished(plain)
    assert (plain.there_main, plain.there(TAG_REF)) == (newer, merged)


def test_a_merge_of_a_main_that_had_moved_on(plain: Server) -> None:
    """A merge commit with other content than the branch is not tagged: the tip is, as it was tested."""
    plain.push_branch()
    plain.move_main()
    merged = plain.merge("merge")
    finished(plain)
    assert (plain.there_main, plain.there(TAG_REF)) == (merged, tip(plain))


def test_a_merge_made_here_is_pushed(plain: Server) -> None:
    """Where main moved on and was merged with the hotfix here, main gets that merge, and the tip the tag."""
    plain.move_main()
    plain.ours.git("fetch", "--quiet", "origin")
    plain.ours.git("switch", "--quiet", "main")
    plain.ours.git("merge", "--quiet", "--ff-only", "origin/main")
    plain.ours.git("merge", "--quiet", "--no-ff", "--no-edit", BRANCH)
    merged = plain.here("refs/heads/main")
    finished(plain)
    assert (plain.there_main, plain.there(TAG_REF)) == (merged, tip(plain))


def test_main_here_has_more_than_the_server(plain: Server) -> None:
    """Commits of main that are here only are not pushed, and stay here."""
    plain.ours.git("switch", "--quiet", "main")
    plain.ours.write("mine.txt", "mine\n")
    mine = plain.ours.commit("feat: mine")
    finished(plain)
    assert (plain.there_main, plain.here("refs/heads/main")) == (tip(plain), mine)


# --- main has moved on, or takes no pushes -----------------------------------------------------


@pytest.mark.parametrize("moved", MOVES)
def test_main_has_moved_on(server: Server, moved: Callable[[Server], str]) -> None:
    """Main gets a merge, with its own version above the build that ships and the rows of both; the tag is at
    the tip that was tested."""
    main = moved(server)
    before = (server.ours.git("status", "--porcelain=v2"), server.ours.git("worktree", "list"))
    shown = server.hotfix("finish", PRODUCT, "--dry-run", "--no-fetch")
    assert shown.code == 0, shown
    refs_before = server.refs()
    there, here = finished(server)
    assert there.keys() == refs_before[0].keys() | {TAG_REF}
    assert server.remote.git("rev-list", "--parents", "-1", server.main).split()[1:] == [main, tip(server)]
    assert server.there(TAG_REF) == tip(server)
    assert here[f"refs/heads/{server.main}"] == there[f"refs/heads/{server.main}"]
    assert (server.ours.git("status", "--porcelain=v2"), server.ours.git("worktree", "list")) == before
    if moved is Server.release_main:
        assert "version: 0.2.0+7" in server.remote.git("show", f"{server.main}:{STAFF}")
        rows = server.remote.git("show", f"{server.main}:{CHANGELOG}")
        assert [row in rows for row in ("| 0.1.1 |", "| 0.2.0 |", "| 0.1.0 |")] == [True] * 3
    assert "if (ready)" in server.remote.git("show", f"{server.main}:{FIXED}")


def test_main_has_changed_what_the_fix_changed(server: Server) -> None:
    """Where a person must merge, the files are named, and the way by hand ends well as it is printed."""
    main = server.move_main(FIXED)
    words = (f"cannot be merged into {server.main} without a person", FIXED, f"git switch {server.main}")
    result = refused(server, *words)
    assert "worktree" not in server.ours.git("worktree", "list").partition("\n")[2]
    way = re.search(r"by hand: (git switch .+?); keep", result.err)
    assert way is not None
    run("-c", way[1], cwd=server.ours.path, program=["bash"])
    server.ours.write(FIXED, "if (ready) login()\nmore\n")
    server.ours.git("commit", "--quiet", "--all", "--no-edit")
    finished(server)
    assert server.remote.git("rev-list", "--parents", "-1", server.main).split()[1:] == [main, tip(server)]
    assert server.there(TAG_REF) == tip(server)


@pytest.mark.parametrize("moved", MOVES)
def test_a_main_that_has_moved_on_without_a_remote(plain: Server, moved: Callable[[Server], str]) -> None:
    """Without a remote main here gets the merge, and the tip the tag."""
    main = moved(plain)
    plain.ours.git("fetch", "--quiet", "origin")
    plain.ours.git("branch", "--force", "main", "origin/main")
    plain.ours.git("remote", "remove", "origin")
    done(plain.finish())
    assert plain.ours.git("rev-list", "--parents", "-1", "main").split()[1:] == [main, tip(plain)]
    assert plain.here(TAG_REF) == tip(plain)
    assert "nothing to do" in done(plain.finish()).out


@pytest.mark.parametrize("deleted", [False, True])
@pytest.mark.parametrize("moved", MOVES)
@pytest.mark.parametrize("how", [each for each in MERGES if each != "fast-forward"])
def test_main_has_the_contents(
    plain: Server, how: str, moved: Callable[[Server], str], deleted: bool
) -> None:
    """A branch that the server merged into a main that had moved on is found by its contents: tagged at the
    tip that was tested, and nothing else is pushed."""
    plain.push_branch()
    moved(plain)
    main = plain.merge(how)
    if deleted:
        plain.delete_branch()
    status = done(plain.hotfix("status", PRODUCT, "--json")).data if not plain.ours.git("fetch") else {}
    states = {step["title"]: step["state"] for step in status["steps"]}
    assert (states["Merge"], states["Tag"]) == ("done", "next")
    finished(plain)
    assert (plain.there_main, plain.there(TAG_REF)) == (main, tip(plain))


def test_a_fix_that_was_picked(plain: Server) -> None:
    """A cherry-pick of the fix onto main counts: main has it."""
    plain.push_branch()
    plain.release_main()
    plain.theirs.git("fetch", "--quiet", "origin")
    plain.theirs.git("cherry-pick", f"origin/{BRANCH}~1")
    main = plain._onto_main(plain.theirs.git("rev-parse", "HEAD"))
    finished(plain)
    assert (plain.there_main, plain.there(TAG_REF)) == (main, tip(plain))


@pytest.mark.parametrize("moved", [None, *MOVES])
@pytest.mark.parametrize("how", ["merge", "squash"])
def test_main_has_undone_it(plain: Server, how: str, moved: Callable[[Server], str] | None) -> None:
    """A hotfix that main has undone is not contained: the commit is named, and people decide."""
    plain.push_branch()
    if moved:
        moved(plain)
    merged = plain.merge(how)
    undone = plain.revert_main(merged)
    refused(plain, f"main had the hotfix, and has undone it with {undone[:12]}", "decide with those")
    status = done(plain.hotfix("status", PRODUCT)).out
    assert f"undone it with {undone[:12]}" in status
    assert f"next: git show {undone[:12]}" in status
    plain.revert_main(undone)
    finished(plain)


def moved_and_squashed(server: Server) -> str:
    """Merge it as one commit in which people have moved the file and written the fix anew; give that."""
    server.push_branch()
    server._their(server.main)
    server.theirs.git("merge", "--quiet", "--squash", f"refs/remotes/origin/{BRANCH}")
    server.theirs.git("rm", "--quiet", "--force", FIXED)
    server.theirs.write(f"{FIXED}.new", "entirely = 'another text'\n")
    return server._onto_main(server.theirs.commit("HOTFIX: Crash on login (#1)"))


def test_people_say_which_commit_of_main_holds_it(plain: Server) -> None:
    """Where git does not show it, a person names the commit: the tested tip is tagged, and it is recorded."""
    plain.ours.write("krow-versions.toml", '[hotfix]\nmerge = "pull-request"\n')
    main = moved_and_squashed(plain)
    refused(plain, "is not merged")
    refused(plain, "is not on origin/main", more=("--merged", tip(plain)))
    refused(plain, "full id", code=2, more=("--merged", main[:12]))
    shown = done(plain.finish("--merged", main, "-n"))
    assert f"merged as {main[:12]}, says" in shown.err
    done(plain.finish("--merged", main))
    assert (plain.there_main, plain.there(TAG_REF)) == (main, tip(plain))
    message = plain.remote.git("for-each-ref", "--format=%(contents)", TAG_REF)
    assert f"Merged as {main[:12]}, says" in message
    finished(plain)
    (box,) = (
        each
        for each in done(plain.hotfix("status", PRODUCT, "--json")).data["checklist"]
        if each["id"] == "merged"
    )
    assert (box["done"], box["note"].startswith(f"merged as {main[:12]}, says ")) == (True, True)
    assert f"{tip(plain)[:12]} is merged as {main[:12]}" in done(plain.hotfix("report", PRODUCT)).out


def test_main_undoes_it_after_it_shipped(plain: Server) -> None:
    """What is out is out: finish says that main has undone it, and has nothing to do."""
    done(plain.finish())
    plain.revert_main(tip(plain), f"{tip(plain)}~1")
    result = done(plain.finish())
    assert ("nothing to do" in result.out, "has undone it with" in result.err) == (True, True)


@pytest.mark.parametrize("how", MERGES)
def test_a_protected_main(server: Server, how: str) -> None:
    """Where the server declines pushes to main nothing changes, and the pull request leads to the end."""
    server.protect()
    words = (
        "pull request.",
        "nothing has changed",
        f"hotfix pr {PRODUCT} --run",
        f"hotfix finish {PRODUCT} tags",
    )
    refused(server, *words)
    refused(server, *words)
    server.push_branch()
    refused(server, *words)
    main = server.merge(how)
    finished(server)
    assert (server.there_main, server.there(TAG_REF)) == (main, main)


def test_a_protected_main_that_is_pushed_to(plain: Server) -> None:
    """With ``merge = "push"`` a server that declines is not led around by a pull request."""
    plain.ours.write("krow-versions.toml", '[hotfix]\nmerge = "push"\n')
    plain.protect()
    result = refused(plain, "nothing has changed", "let the server take pushes to main")
    assert "hotfix pr" not in result.err


def test_a_protected_tag(plain: Server) -> None:
    """A server that declines the tag gets nothing, and no way around is offered."""
    script = f'[ "$1" != {TAG_REF} ] || {{ echo "no tags" >&2; exit 1; }}'
    declining = hook(plain.remote, "update", script)
    refused(plain, TAG_REF, "no tags", "when the server allows it, run it again", code=4)
    declining.unlink()
    finished(plain)


@pytest.mark.parametrize("how", MERGES)
def test_a_main_that_changes_by_pull_requests(plain: Server, how: str) -> None:
    """With ``merge = "pull-request"`` the branch alone is pushed, once, and then its merge is waited for."""
    (plain.ours.path / ".git/info/exclude").write_text("krow-versions.toml\n")
    plain.ours.write("krow-versions.toml", '[hotfix]\nmerge = "pull-request"\n')
    there, here = plain.refs()
    assert_told(plain.finish(), 3, "by pull requests only", f"hotfix pr {PRODUCT} --run")
    assert plain.refs() == (there | {BRANCH_REF: tip(plain)}, here)
    shown = done(plain.finish("--dry-run")).out
    assert "nothing" not in shown.replace("nothing was tagged", "")
    assert "by pull requests only" in shown
    assert f"hotfix pr {PRODUCT} --run" in shown
    data = done(plain.finish("--dry-run", "--json")).data
    assert "by pull requests only" in data["waiting"]
    assert f"hotfix pr {PRODUCT} --run" in data["way"]
    refused(plain, f"that of {BRANCH} is not merged", "nothing was tagged")
    main = plain.merge(how)
    finished(plain)
    assert (plain.there_main, plain.there(TAG_REF)) == (main, main)


def pull_request_setting(server: Server) -> None:
    (server.ours.path / ".git/info/exclude").write_text("krow-versions.toml\n")
    server.ours.write("krow-versions.toml", '[hotfix]\nmerge = "pull-request"\n')


@pytest.mark.parametrize(
    ("setting", "how"),
    [(False, "squash"), (True, "merge"), *([(False, "merge"), (True, "squash")] if LONG else [])],
)
def test_a_protected_main_that_has_moved_on(plain: Server, setting: bool, how: str) -> None:
    """The pull request holds the merge, by the same rules; when that is merged, the tip is tagged."""
    plain.protect()
    plain.release_main()
    if setting:
        pull_request_setting(plain)
        plain.push_branch()
    refused(plain, f"hotfix pr {PRODUCT} --run", "tags what is there")
    before = plain.refs()
    shown = done(plain.hotfix("pr", PRODUCT, "--run", "--yes"))
    assert f"the pull request is of {REQUEST}, which holds the merge" in shown.err
    there, here = plain.refs()
    assert (there.keys() - before[0].keys(), here) == (
        {REQUEST_REF} | ({BRANCH_REF} - before[0].keys()),
        before[1],
    )
    main = plain.there_main
    assert plain.remote.git("rev-list", "--parents", "-1", REQUEST).split()[1:] == [main, tip(plain)]
    assert "version: 0.2.0+7" in plain.remote.git("show", f"{REQUEST}:{STAFF}")
    done(plain.hotfix("pr", PRODUCT, "--run", "--yes"))
    assert plain.refs() == (there, here)
    refused(plain, f"hotfix pr {PRODUCT} --run")
    assert "merge/" not in run("audit", "--remote", cwd=plain.ours.path).out
    plain.move_main()
    done(plain.hotfix("pr", PRODUCT, "--run", "--yes"))
    assert plain.refs()[0][REQUEST_REF] == there[REQUEST_REF]
    merged = plain.merge(how, REQUEST)
    plain.remote.git("update-ref", "-d", REQUEST_REF)
    finished(plain)
    assert (plain.there_main, plain.there(TAG_REF)) == (merged, tip(plain))


def test_the_merge_of_a_pull_request_follows_main(plain: Server) -> None:
    """Where main moves on so that the merge is in conflict again, the same branch gets a further merge."""
    plain.protect()
    plain.release_main()
    done(plain.hotfix("pr", PRODUCT, "--run", "--yes"))
    first = plain.there(REQUEST_REF)
    plain._their("main")
    plain.theirs.write(STAFF, pubspec("0.3.0+9"))
    main = plain._onto_main(plain.theirs.commit("feat: 0.3.0"))
    done(plain.hotfix("pr", PRODUCT, "--run", "--yes"))
    assert plain.remote.git("rev-list", "--parents", "-1", REQUEST).split()[1:] == [main, first]
    assert "version: 0.3.0+9" in plain.remote.git("show", f"{REQUEST}:{STAFF}")
    plain.merge("squash", REQUEST)
    plain.remote.git("update-ref", "-d", REQUEST_REF)
    finished(plain)
    assert plain.there(TAG_REF) == tip(plain)


def test_a_merge_by_hand_into_a_protected_main(plain: Server) -> None:
    """A person's merge in main of this clone is what the pull request holds."""
    plain.protect()
    plain.move_main()
    plain.move_main(FIXED)
    plain.ours.git("fetch", "--quiet", "origin")
    plain.ours.git("switch", "--quiet", "main")
    plain.ours.git("merge", "--quiet", "--ff-only", "origin/main")
    plain.ours.git("merge", "--quiet", "--no-edit", "-X", "theirs", BRANCH)
    refused(plain, f"hotfix pr {PRODUCT} --run")
    done(plain.hotfix("pr", PRODUCT, "--run", "--yes"))
    assert plain.there(REQUEST_REF) == plain.here("refs/heads/main")
    plain.merge("squash", REQUEST)
    plain.remote.git("update-ref", "-d", REQUEST_REF)
    plain.ours.git("reset", "--quiet", "--hard", "origin/main")
    finished(plain)
    assert plain.there(TAG_REF) == tip(plain)


def test_a_pull_request_that_needs_a_person(plain: Server) -> None:
    """Where a person must merge, the branch is pushed for the review, and the way to the merge is printed."""
    plain.protect()
    plain.move_main(FIXED)
    shown = done(plain.hotfix("pr", PRODUCT, "--run", "--yes"))
    assert f"git switch --no-track -c {REQUEST} origin/main" in shown.err
    assert (plain.there(BRANCH_REF), plain.there(REQUEST_REF)) == (tip(plain), None)


# --- the branch differs here and there ---------------------------------------------------------


def test_a_colleague_is_ahead(server: Server) -> None:
    """Commits of the branch that are not here are not left out; the command of the hint brings them."""
    server.push_branch()
    theirs = server.colleague_commits()
    refused(
        server, f"origin's branch {BRANCH} has 1 commit that is not here", f"merge --ff-only origin/{BRANCH}"
    )
    server.ours.git("merge", "--quiet", "--ff-only", f"origin/{BRANCH}")
    server.approve()
    finished(server)
    assert (server.there_main, server.there(TAG_REF)) == (theirs, theirs)


def test_a_colleague_has_rebased(server: Server) -> None:
    """Where the branch was written anew on the server, both sides are named, and no push is forced."""
    server.push_branch()
    server.colleague_rebases()
    result = refused(
        server,
        "has 1 commit that is not here, and lacks 1 commit of the branch here",
        f"reset --keep origin/{BRANCH}",
    )
    assert "force" not in result.err
    server.ours.git("reset", "--quiet", "--keep", f"origin/{BRANCH}")
    server.approve()
    finished(server)


def test_the_branch_here_is_ahead(server: Server) -> None:
    """What the server's branch lacks was not reviewed there: it is pushed first."""
    server.push_branch()
    server.ours.write("apps/mobile/apps/staff/lib/more.dart", "more()\n")
    server.ours.commit("test: cover it")
    server.approve()
    refused(
        server, f"the branch {BRANCH} here has 1 commit that origin's lacks", f"hotfix pr {PRODUCT} --run"
    )
    server.push_branch()
    finished(server)


def test_the_branch_was_deleted_and_not_merged(server: Server) -> None:
    """A branch that somebody deleted on the server is not shipped as if nothing had happened."""
    server.push_branch()
    server.delete_branch()
    refused(server, f"origin had the branch {BRANCH} and has it no more", f"git push origin {BRANCH}")
    server.push_branch()
    finished(server)


# --- an older line -----------------------------------------------------------------------------


def test_an_older_line(tmp_path: Path) -> None:
    """A hotfix below a version in production is tagged and main stays; its release is not the latest."""
    server = Server.older(tmp_path)
    main = server.there_main
    result = server.hotfix(*FINISH, "--dry-run")
    assert_words = ("is an older line" in result.err, "refs/heads/main" in result.out, "merge" in result.out)
    assert (result.code, *assert_words) == (0, True, False, False), result
    shown = done(server.finish())
    assert "--latest=false" in shown.out
    carrying = f"main lacks 0.1.1: krow-versions hotfix finish {PRODUCT} --version 0.1.1 --carry-to main"
    assert carrying in shown.err
    assert f"{NEWER.removeprefix('refs/tags/')}, in production, lacks 0.1.1, too" in shown.err
    finished(server)
    assert (server.there_main, server.there(TAG_REF)) == (main, tip(server))


# --- pushes that are refused, races, interruptions -----------------------------------------------


def test_a_client_hook_that_declines(server: Server) -> None:
    """A ``pre-push`` hook of ours that fails leaves no tag here, and production is what it was."""
    declining = hook(server.ours, "pre-push", "exit 1")
    refused(server, "nothing was pushed", "a hook pre-push is here", "correct that, then run it", code=4)
    declining.unlink()
    finished(server)


def test_a_hook_is_named_only_where_it_can_be_the_cause(plain: Server, tmp_path: Path) -> None:
    """One in another folder counts where git looks there; one that says why, or that never runs, does not."""
    silent = hook(plain.ours, "pre-push", "exit 1")
    silent.chmod(0o644)
    protecting = hook(plain.remote, "pre-receive", "exit 1")
    assert "pre-push" not in refused(plain, "refused").err
    protecting.unlink()
    silent.unlink()
    hook(plain.ours, "pre-push", "echo not on Fridays >&2; exit 1")
    assert "may have" not in refused(plain, "not on Fridays", code=4).err
    executable(tmp_path / "hooks/pre-push", "#!/bin/sh\nexit 1\n")
    plain.ours.git("config", "core.hooksPath", str(tmp_path / "hooks"))
    refused(plain, "may have refused it", code=4)


@pytest.mark.parametrize("moment", ["pre-receive", "post-receive"])
def test_a_server_that_dies_in_the_push(plain: Server, moment: str) -> None:
    """No tag is here that the server lacks, whether the push arrived or not; later the same run ends well."""
    dying = fuse(plain.remote, moment, "kill -9 $PPID; sleep 0.2")
    result = plain.finish()
    there, here = plain.refs()
    assert result.code == (4 if moment == "pre-receive" else 0), result
    assert (TAG_REF in there) is (moment == "post-receive")
    assert here.get(TAG_REF) == there.get(TAG_REF)
    defuse(dying)
    finished(plain)


def test_a_remote_that_is_gone(plain: Server) -> None:
    """A remote that does not answer is named, and nothing changes."""
    gone = plain.remote.path.with_name("gone.git")
    plain.remote.path.rename(gone)
    before = refs(plain.ours)
    assert_told(plain.finish(), 4, "does not appear to be a git repository", "--no-fetch")
    assert_told(plain.finish("--no-fetch"), 4, "does not appear to be a git repository")
    assert refs(plain.ours) == before
    gone.rename(plain.remote.path)
    finished(plain)


def test_main_moves_between_fetch_and_push(server: Server) -> None:
    """A race that is lost changes nothing; the next run sees the new main."""
    push = f"unset GIT_DIR; git -C {shlex.quote(str(server.theirs.path))} push -q origin HEAD:{server.main}"
    server.theirs.git("switch", "--quiet", "--detach", f"origin/{server.main}")
    server.theirs.write("notes.txt", "more\n")
    server.theirs.commit("feat: more")
    fuse(server.ours, "pre-push", push)
    before = server.refs()
    result = server.finish()
    assert (result.code, "run it again" in result.err) == (4, True), result
    assert server.refs()[1] == before[1]
    finished(server)
    assert server.there(TAG_REF) == tip(server)


@pytest.mark.parametrize("moved", MOVES)
def test_a_dry_run_warns_where_main_has_moved(plain: Server, moved: Callable[[Server], str]) -> None:
    """What is shown was planned without a fetch; the warning is there only while the server has more."""
    warning = "origin's main has moved since the last fetch"
    assert warning not in done(plain.finish("--dry-run")).err
    moved(plain)
    assert warning in done(plain.finish("--dry-run")).err
    assert any(warning in each for each in done(plain.finish("--dry-run", "--json")).data["warnings"])
    plain.ours.git("fetch", "--quiet", "origin")
    assert warning not in done(plain.finish("--dry-run")).err


def test_two_people_finish_at_once(server: Server, tmp_path: Path) -> None:
    """Of two who finish the same hotfix at once one wins; the other's next run finds it done."""
    server.push_branch()
    server.release_main()
    other = server.another(tmp_path / "other")
    done(other.hotfix(*START))
    other.approve()
    command = f"cd {shlex.quote(str(other.ours.path))} && unset GIT_DIR && {shlex.join(PROGRAM)}"
    fuse(server.ours, "pre-push", f"{command} hotfix {shlex.join(FINISH)} >&2")
    result = server.finish()
    assert (result.code, "run it again" in result.err) == (4, True), result
    assert server.here(TAG_REF) is None
    finished(server)
    assert done(other.finish()).code == 0
    assert refs(other.ours)[TAG_REF] == refs(server.ours)[TAG_REF] == refs(server.remote)[TAG_REF]


# At the n-th call of git the program that called it is killed when git is done.
KILLER = """\
#!/bin/sh
echo >> {calls}
n=$(wc -l < {calls})
{git} "$@"; code=$?
[ "$n" = "${{KILL_AFTER:-0}}" ] && kill -9 $PPID
exit $code
"""


def test_a_run_that_is_killed_at_any_call(prepared: dict[str, Path], tmp_path: Path) -> None:
    """Killed at any call of git, the merge included, no tag is here that the server lacks, and the next run
    ends well and leaves no working tree."""
    calls = tmp_path / "calls"
    spy = {"calls": shlex.quote(str(calls)), "git": shutil.which("git")}
    path = f"{executable(tmp_path / 'bin/git', KILLER.format(**spy)).parent}:{os.environ['PATH']}"
    number = 0
    while True:
        number += 1 if LONG or number < 1 else 3
        calls.write_text("")
        server = copied(prepared["main"], tmp_path / f"{number}", "main")
        main = server.release_main()
        result = server.finish(PATH=path, KILL_AFTER=str(number))
        if result.code == 0:
            break
        there, here = server.refs()
        assert here.get(TAG_REF) in {None, there.get(TAG_REF)}, number
        assert (there["refs/heads/main"] != main) == (TAG_REF in there), number
        done(server.finish())
        there, here = server.refs()
        assert (here[TAG_REF], server.there(TAG_REF)) == (there[TAG_REF], tip(server)), number
        assert server.ours.git("worktree", "list").count("\n") == 0, number
        assert {ref.split("/")[1] for ref in refs(server.ours)} == {"heads", "tags", "remotes"}
        shutil.rmtree(tmp_path / f"{number}")
    assert 10 < number <= 34
