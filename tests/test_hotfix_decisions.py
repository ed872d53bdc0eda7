"""Decisions of people: deployments that are kept, corrections, the end of a hotfix, and rollbacks."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from krow_versions.workspace.clock import now
from support.commands import assert_refused, assert_told, done, run
from support.krow import SLUG
from support.repositories import executable
from support.scenes import NAME, TAG, Scene
from support.untouched import untouched

if TYPE_CHECKING:
    from pathlib import Path

NEWER = f"{SLUG}/prod-v0.2.0"
# Deploys, and keeps what is in production.
SERVES = '#!/bin/sh\necho "$1" > "$PRODUCTION"; exit "${DEPLOY_FAILS:-0}"\n'


def status(scene: Scene, *args: str) -> dict[str, Any]:
    """What ``hotfix status --json`` says."""
    data: dict[str, Any] = done(scene.hotfix("status", *args, "--json")).data
    return data


# --- deployments -------------------------------------------------------------------------------


def test_every_attempt_is_kept(finished: Scene) -> None:
    """One that failed and one that succeeded, within the same second too, each with its end and by whom."""
    before = now().replace(microsecond=0)
    assert finished.hotfix("deploy", "--run", "--yes", DEPLOY_FAILS="3").code == 4
    done(finished.hotfix("deploy", "--run", "--yes"))
    found = status(finished)["deployments"]
    who = finished.ours.git("var", "GIT_COMMITTER_IDENT").partition(" <")[0]
    for each in found:
        began, ended = (
            dt.datetime.fromisoformat(each.pop("started")),
            dt.datetime.fromisoformat(each.pop("ended")),
        )
        assert before <= began <= ended <= now()
    same = {"tag": TAG, "by_hand": False, "rollback": False}
    assert [each | {"who": ""} for each in found] == [
        same | {"exit_code": code, "who": ""} for code in (3, 0)
    ]
    assert all(who in each["who"] for each in found)
    for text in (done(finished.hotfix("status")).out, done(finished.hotfix("report")).out):
        assert "ended with exit code 3" in text
        assert "succeeded" in text


def test_a_deployment_that_is_killed_leaves_its_start(finished: Scene) -> None:
    """Its start is in the record, and nobody knows how it ended; the next attempt is one more."""
    executable(finished.ours.path / "scripts/deploy.sh", "#!/bin/sh\nkill -9 $PPID\n")
    assert finished.hotfix("deploy", "--run", "--yes").code == -9
    (attempt,) = status(finished)["deployments"]
    assert (attempt["ended"], attempt["exit_code"]) == (None, None)
    said = status(finished, "--done", "github-release")
    (step,) = [each for each in said["steps"] if each["title"] == "Deploy"]
    assert (step["state"], "how it ended is not known" in step["why"]) == ("blocked", True)
    executable(finished.ours.path / "scripts/deploy.sh", "#!/bin/sh\n")
    done(finished.hotfix("deploy", "--run", "--yes"))
    assert [each["exit_code"] for each in status(finished)["deployments"]] == [None, 0]


def test_a_deployment_from_a_clone_without_a_declaration_is_recorded(finished: Scene, tmp_path: Path) -> None:
    """What a colleague or a CI job deploys is recorded in that clone, though nothing is declared there."""
    clone = finished.remote.clone(tmp_path / "colleague")
    args = ("hotfix", "deploy", NAME, "--version", "0.1.1", "--run", "--yes")
    done(run(*args, cwd=clone.path))
    said = done(run("hotfix", "status", NAME, "--version", "0.1.1", "--json", cwd=clone.path)).data
    assert [(each["tag"], each["exit_code"]) for each in said["deployments"]] == [(TAG, 0)]


def test_an_older_version_is_not_deployed(finished: Scene) -> None:
    """Where a higher production tag exists, the deployment is refused, and a rollback is named."""
    finished.ours.tag(NEWER)
    finished.ours.git("push", "--quiet", "origin", NEWER)
    with untouched(finished.ours, finished.remote):
        result = finished.hotfix("deploy", "--run", "--yes")
    assert_refused(result, f"{NEWER}, the highest production tag", "hotfix rollback", "--to 0.1.1")
    assert_told(finished.hotfix("deploy"), 3, "hotfix rollback")


def test_what_was_deployed_counts_without_its_tag(finished: Scene) -> None:
    """A higher version that was deployed as far as is recorded makes an older one a rollback."""
    finished.ours.tag(NEWER)
    finished.ours.git("push", "--quiet", "origin", NEWER)
    done(finished.run("hotfix", "deploy", NAME, "--version", "0.2.0", "--run", "--yes"))
    finished.ours.git("tag", "--delete", NEWER)
    result = finished.hotfix("deploy", "--run", "--yes")
    assert_refused(result, f"{NEWER} is in production since", "hotfix rollback")
