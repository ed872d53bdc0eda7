"""A hotfix that has shipped, seen the next day from a clone that never had it, and has no record of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.commands import assert_refused, done, run
from support.releases import PRODUCT
from support.servers import MERGES, Server
from support.untouched import untouched

if TYPE_CHECKING:
    from pathlib import Path

    from support.child import Result
    from support.repositories import Repo

SAID = {
    "report": (
        "| Issue | Nobody can log in |",
        "| Solution | Ask before reading |",
        "| Tested | By hand on two phones |",
    ),
    "announce --draft": ("Issue: Nobody can log in", "Solution: Ask before reading"),
    "announce --follow-up --draft": ("Issue: Nobody can log in",),
}


@pytest.fixture(params=[*MERGES, "pushed", "moved"])
def shipped(request: pytest.FixtureRequest, tmp_path: Path) -> Server:
    """A hotfix that came to main in some way, and is tagged."""
    scene = Server.ready(tmp_path)
    if request.param in MERGES:
        scene.push_branch()
        if request.param != "fast-forward":
            scene.move_main()
        scene.merge(request.param)
    elif request.param == "moved":
        scene.move_main()
    done(scene.finish())
    return scene


def hotfix(clone: Repo, *args: str) -> Result:
    return run("hotfix", *args, cwd=clone.path)


@pytest.mark.parametrize("deleted", [True, False])
def test_what_tag_and_commits_say_is_read_from_them(shipped: Server, tmp_path: Path, deleted: bool) -> None:
    """Issue, solution and test are in report and announcements, however it was merged; nothing is written."""
    if deleted:
        shipped.delete_branch()
    clone = shipped.remote.clone(tmp_path / "tomorrow")
    with untouched(clone, shipped.remote):
        for command, words in SAID.items():
            for version in ((), ("--version", "0.1.1")):
                name, *options = command.split()
                text = done(hotfix(clone, name, PRODUCT, *options, *version)).out
                assert [word for word in words if word not in text] == [], text


@pytest.mark.parametrize("deleted", [True, False])
def test_what_may_be_deployed_is_not_deployed_again(shipped: Server, tmp_path: Path, deleted: bool) -> None:
    """Where nothing is recorded, no command advises to deploy, to finish or to declare it again."""
    if deleted:
        shipped.delete_branch()
    clone = shipped.remote.clone(tmp_path / "tomorrow")
    status = done(hotfix(clone, "status", PRODUCT, "--json")).data
    assert (status["version"], status["next_command"]) == ("0.1.1", None)
    for args in (("status", PRODUCT), ("list",), ("announce", PRODUCT, "--draft")):
        said = done(hotfix(clone, *args))
        for advice in ("hotfix deploy", "hotfix finish", "hotfix start", "next:"):
            assert advice not in said.out + said.err


def test_only_looking_takes_the_tag_for_the_hotfix(tmp_path: Path) -> None:
    """What acts needs a hotfix under way, or its version; so does a CI job with a detached HEAD."""
    scene = Server.ready(tmp_path)
    done(scene.finish())
    clone = scene.remote.clone(tmp_path / "tomorrow")
    for command in (("deploy", "--run", "--yes"), ("finish", "--yes"), ("pr",), ("check",)):
        assert_refused(hotfix(clone, command[0], PRODUCT, *command[1:]), "no hotfix of", "--version VERSION")
    clone.git("switch", "--quiet", "--detach")
    assert_refused(hotfix(clone, "status", PRODUCT), "no hotfix of", "--version VERSION")


def test_a_release_is_no_hotfix(tmp_path: Path) -> None:
    """Where a later release is in production, no hotfix is under way."""
    scene = Server.ready(tmp_path)
    done(scene.finish())
    scene.ours.git("tag", "--annotate", "-m", "0.2.0", "krow-withus-worker-mobile/prod-v0.2.0", "main")
    scene.ours.git("push", "--quiet", "origin", "--tags")
    clone = scene.remote.clone(tmp_path / "tomorrow")
    assert_refused(hotfix(clone, "status", PRODUCT), "no hotfix of", "--version VERSION")
