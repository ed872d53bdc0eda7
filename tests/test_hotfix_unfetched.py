"""A clone that has not fetched since a colleague's ``finish``: what the remote answered is believed."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from support.commands import assert_refused, assert_told, done, run
from support.releases import BRANCH, PRODUCT, START, TAG
from support.repositories import executable
from support.servers import Server
from support.untouched import untouched

if TYPE_CHECKING:
    from pathlib import Path

    from support.child import Result

FETCH = f"git fetch origin tag {TAG} main"
HAS = f"origin has the tag {TAG}, and it is not here"


@pytest.fixture(params=[True, False], ids=["shared", "not shared"])
def stale(tmp_path: Path, request: pytest.FixtureRequest) -> Server:
    """A colleague's clone knows the branch; since then the hotfix was finished, and perhaps deployed."""
    server = Server.make(tmp_path)
    for repo in (server.ours, server.theirs):
        (repo.path / ".git/info").mkdir(exist_ok=True)
        (repo.path / ".git/info/exclude").write_text("/krow-versions.toml\n/deploy.sh\n")
        share = str(request.param).lower()
        repo.write(
            "krow-versions.toml",
            f'[hotfix]\nshare = {share}\n[products.worker-mobile]\ndeploy = ["./deploy.sh", "{{tag}}"]\n',
        )
        executable(repo.path / "deploy.sh", "#!/bin/sh\n")
    done(server.hotfix(*START, "--yes"))
    server.fix()
    server.push_branch()
    server.theirs.git("fetch", "--quiet")
    server.theirs.git("switch", "--quiet", BRANCH)
    server.move_main()
    server.theirs.git("switch", "--quiet", BRANCH)
    done(server.hotfix("status", PRODUCT, "--done", "review", "--done", "approval", "--yes"))
    done(server.finish())
    if request.param:
        done(server.hotfix("deploy", PRODUCT, "--run", "--yes"))
    return server


def hotfix(server: Server, *args: str) -> Result:
    return run("hotfix", *args, cwd=server.theirs.path)


def test_what_the_remote_has_is_fetched_next(stale: Server) -> None:
    """Every command names the one that brings the tag here, and none claims what the answer contradicts."""
    with untouched(stale.ours, stale.remote):
        data = done(hotfix(stale, "status", PRODUCT, "--json")).data
        shown = done(hotfix(stale, "status", PRODUCT)).out
        (row,) = done(hotfix(stale, "list", "--json")).data["hotfixes"]
        report = done(hotfix(stale, "report", PRODUCT, "--version", "0.1.1")).out
        for refused in (
            ("deploy", PRODUCT),
            ("deploy", PRODUCT, "--run", "--yes"),
            ("next", PRODUCT),
            ("next", PRODUCT, "--yes"),
            ("next", PRODUCT, "-n"),
            ("finish", PRODUCT, "--carry-to", "main", "-n"),
            ("status", PRODUCT, "--done", "github-release", "--yes"),
            ("status", PRODUCT, "--done", "deployed", "--yes"),
        ):
            if "deployed" in refused and data["deployments"]:  # It is ticked.
                continue
            result = hotfix(stale, *refused)
            assert_refused(attrs_without_output(result), FETCH, HAS)
        assert_told(hotfix(stale, "finish", PRODUCT, "-n"), 0, f"warning: {HAS}: {FETCH}")
        assert_refused(hotfix(stale, "abandon", PRODUCT, "--reason", "x", "--yes"), TAG, "is tagged")
    assert data["next_command"] == row["next"] == FETCH
    assert shown.endswith(f"next: {FETCH}\n")
    (following,) = (step for step in data["steps"] if step["state"] in {"next", "blocked"})
    assert (following["title"], following["why"]) == ("Tag", HAS)
    boxes = {each["id"]: each["done"] for each in data["checklist"]}
    assert (boxes["merged"], boxes["tag-created"], boxes["tag-pushed"]) == (None, True, True)
    for text in (json.dumps(data), shown, report):
        assert "does not contain" not in text
        assert "hotfix finish" not in text
    late = [each["late_seconds"] for each in (data["timeline"] or {"milestones": ()})["milestones"]]
    assert [each for each in late if each] == []


def attrs_without_output(result: Result) -> Result:
    """The same result without what was printed before the refusal."""
    return type(result)(result.code, "", result.err)


def test_the_command_that_is_printed_brings_all_of_it(stale: Server) -> None:
    """Typed as it is printed, it makes both clones say the same."""
    subprocess.run(["sh", "-c", FETCH], cwd=stale.theirs.path, check=True, capture_output=True)
    ours, theirs = (
        done(run("hotfix", "status", PRODUCT, "--version", "0.1.1", "--json", cwd=repo.path)).data
        for repo in (stale.ours, stale.theirs)
    )
    states = {step["title"]: step["state"] for step in theirs["steps"]}
    assert (states["Merge"], states["Tag"] in {"done", "open"}) == ("done", True)
    boxes = {each["id"]: each["done"] for each in theirs["checklist"]}
    assert (boxes["merged"], boxes["tag-created"], boxes["tag-pushed"]) == (True, True, True)
    if theirs["deployments"]:
        assert ours["next_command"] == theirs["next_command"]
    assert FETCH not in json.dumps(theirs)


def test_a_clone_that_never_had_the_branch(stale: Server) -> None:
    """Where only the record is known, and the branch is gone on the remote, the tag is fetched, too."""
    stale.theirs.git("switch", "--quiet", "main")
    stale.theirs.git("branch", "--quiet", "--delete", "--force", BRANCH)
    stale.theirs.git("update-ref", "-d", f"refs/remotes/origin/{BRANCH}")
    stale.remote.git("update-ref", "-d", f"refs/heads/{BRANCH}")
    data = done(hotfix(stale, "status", PRODUCT, "--version", "0.1.1", "--json")).data
    assert data["next_command"].startswith(f"git fetch origin tag {TAG}")
    assert [step["title"] for step in data["steps"] if step["state"] in {"next", "blocked"}] == ["Tag"]
