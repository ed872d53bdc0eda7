"""A hotfix that has shipped is brought to the lines that ship later, by the rules of a merge, once."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from support.commands import assert_told, done
from support.krow import SLUG, STAFF, pubspec
from support.releases import BASE, BRANCH, FIXED, PRODUCT, START
from support.repositories import hook
from support.servers import TAG_REF, Server

if TYPE_CHECKING:
    from pathlib import Path

    from support.child import Result

LINE = "release/0.2"
CARRIED = f"carry/{LINE}/{BRANCH.rpartition('/')[2]}"


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hotfix of an older line that has shipped; main and a release branch at 0.2.0, which lack it."""
    folder = tmp_path_factory.mktemp("older")
    server = Server.older(folder)
    server.remote.git("branch", LINE, "main")
    done(server.finish())
    return folder


@pytest.fixture
def server(prepared: Path, tmp_path: Path) -> Server:
    shutil.copytree(prepared, tmp_path, symlinks=True, dirs_exist_ok=True)
    scene = Server.at(tmp_path)
    scene.ours.git("status")
    return scene


def configured(server: Server, text: str) -> None:
    (server.ours.path / ".git/info/exclude").write_text("krow-versions.toml\n")
    server.ours.write("krow-versions.toml", f"[hotfix]\n{text}\n")


def carry(server: Server, line: str, *options: str) -> Result:
    return server.hotfix("finish", PRODUCT, "--version", "0.1.1", "--carry-to", line, "--yes", *options)


def refused(server: Server, line: str, *words: str) -> None:
    """It is refused with these words, and every ref of the server and of this clone is as it was."""
    before = server.refs()
    assert_told(carry(server, line), 3, *words)
    assert server.refs() == before


@pytest.mark.parametrize("line", ["main", "refs/heads/main", "origin/main", LINE, f"origin/{LINE}"])
def test_it_is_carried_to_a_line(server: Server, line: str) -> None:
    """The line keeps its x.y.z, gets a build above the shipped one, both rows and the fix; no tag is made."""
    name = "main" if "main" in line else LINE
    before, main = server.refs(), server.there(f"refs/heads/{name}")
    shown = server.hotfix("finish", PRODUCT, "--version", "0.1.1", "--carry-to", line, "--dry-run")
    assert (shown.code, server.refs()) == (0, before) if name == "main" else shown
    done(carry(server, line))
    there, here = server.refs()
    changed = {ref for ref in there if there[ref] != before[0].get(ref)}
    assert changed == {f"refs/heads/{name}"}
    assert {ref for ref in here if here[ref] != before[1].get(ref)} <= {f"refs/heads/{name}"}
    made = server.remote.git("rev-list", "--parents", "-1", name).split()
    assert made[1:] == [main, server.there(TAG_REF)]
    assert "version: 0.2.0+9" in server.remote.git("show", f"{name}:{STAFF}")
    assert "if (ready)" in server.remote.git("show", f"{name}:{FIXED}")
    again = done(carry(server, line))
    assert f"{name} contains 0.1.1: nothing to do" in again.err
    assert server.refs() == (there, here)


@pytest.mark.parametrize("line", ["main", LINE])
def test_a_dry_run_warns_where_the_line_has_moved(server: Server, line: str) -> None:
    """What is shown was planned without a fetch; the warning is there only while the server has more."""
    server.ours.git("fetch", "--quiet", "origin")
    warning = f"origin's {line} has moved since the last fetch"
    assert warning not in done(carry(server, line, "--dry-run")).err
    tree = server.remote.git("rev-parse", f"{line}^{{tree}}")
    made = server.remote.git("commit-tree", tree, "-p", line, "-m", "chore: more")
    server.remote.git("update-ref", f"refs/heads/{line}", made)
    assert warning in done(carry(server, line, "--dry-run")).err
    assert warning not in done(carry(server, line)).err


def test_what_lacks_it_is_said(server: Server) -> None:
    """Main and the configured lines that lack the fix are named with the command, and no others."""
    configured(server, 'lines = ["release/*"]')
    shown = done(server.finish()).err
    assert f"main lacks 0.1.1: krow-versions hotfix finish {PRODUCT} --version 0.1.1 --carry-to main" in shown
    assert f"{LINE} lacks 0.1.1: " in shown
    done(carry(server, LINE))
    done(carry(server, "main"))
    assert "--carry-to" not in done(server.finish()).err


def test_it_has_to_ship_first(tmp_path: Path) -> None:
    """What is not tagged and pushed is carried nowhere."""
    server = Server.older(tmp_path)
    refused(server, "main", "0.1.1 has not shipped", f"hotfix finish {PRODUCT} ships it")


def test_a_line_that_is_not_there(server: Server) -> None:
    """A branch that the server lacks is not made."""
    refused(server, "release/9", "origin has no branch 'release/9'", "git branch --list --all")


def test_a_line_that_has_changed_what_the_fix_changed(server: Server) -> None:
    """Where a person must merge, the files are named, and nothing changes."""
    server.move_main(FIXED)
    refused(server, "main", "cannot be merged into main without a person", FIXED, "git switch main")


def test_a_line_that_has_undone_it(server: Server) -> None:
    """What a line has undone is not brought back unasked."""
    done(carry(server, "main"))
    undone = server.revert_main(str(server.there_main))
    refused(server, "main", f"main had 0.1.1, and has undone it with {undone[:12]}")


def test_an_older_line_is_not_merged_into(server: Server) -> None:
    """A merge that would bring more than the fix is refused: the line needs a hotfix of its own."""
    server.remote.git("branch", "release/0.1", f"{BASE}^{{commit}}")
    done(server.hotfix("start", PRODUCT, *START[2:], "--from", f"{SLUG}/prod-v0.2.0"))
    server.fix("0.2.1", 10)
    server.approve()
    done(server.hotfix("finish", PRODUCT, "--version", "0.2.1", "--yes"))
    before = server.refs()
    result = server.hotfix(
        "finish", PRODUCT, "--version", "0.2.1", "--carry-to", "release/0.1", "--yes", "--no-fetch"
    )
    assert result.code == 3
    result = server.hotfix("finish", PRODUCT, "--version", "0.2.1", "--carry-to", "release/0.1", "--yes")
    assert_told(result, 3, f"release/0.1 lacks {SLUG}/prod-v0.2.0", "would bring more than the fix")
    assert server.refs() == before


def test_a_line_gets_nothing_but_a_patch(server: Server) -> None:
    """A release line below the fix is not raised to another MINOR."""
    server._their(LINE)
    server.theirs.write(STAFF, pubspec("0.0.9+4"))
    server._set(f"refs/heads/{LINE}", server.theirs.commit("chore: back"))
    refused(server, LINE, "raises nothing but PATCH")


def test_a_protected_line(server: Server) -> None:
    """Where the server declines the push nothing changes; the pull request's way leads to the end."""
    script = f'while read -r a b ref; do [ "$ref" != refs/heads/{LINE} ] || exit 1; done'
    hook(server.remote, "pre-receive", script)
    refused(server, LINE, 'set merge = "pull-request"', CARRIED)
    configured(server, 'merge = "pull-request"')
    before = server.refs()
    assert_told(carry(server, LINE), 3, CARRIED, f"gh pr create --base {LINE} --head {CARRIED}")
    after = server.refs()
    assert (after[0].keys() - before[0].keys(), after[1]) == ({f"refs/heads/{CARRIED}"}, before[1])
    assert_told(carry(server, LINE), 3, CARRIED)
    assert server.refs() == after
    server._their(LINE)
    server.theirs.git("merge", "--quiet", "--squash", f"origin/{CARRIED}")
    server._set(f"refs/heads/{LINE}", server.theirs.commit("HOTFIX: Crash on login (#2)"))
    server.remote.git("update-ref", "-d", f"refs/heads/{CARRIED}")
    assert "nothing to do" in done(carry(server, LINE)).err
