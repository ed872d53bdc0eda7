"""Ways in which people bring a hotfix to main that differ from the process: finish still ends well."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from support.commands import assert_told, done
from support.releases import PRODUCT, START
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
