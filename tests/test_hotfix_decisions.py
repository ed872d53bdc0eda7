"""Decisions of people: deployments that are kept, corrections, the end of a hotfix, and rollbacks."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from krow_versions.workspace.clock import now
from support.commands import assert_refused, assert_told, done, run
from support.krow import SLUG
from support.repositories import executable
from support.scenes import BRANCH, DECLARED, NAME, TAG, Scene
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


# --- corrections -------------------------------------------------------------------------------


def test_what_was_declared_is_corrected(fresh: Scene) -> None:
    """One line says what changed; the commit template and every later text say the new words."""
    done(fresh.hotfix("start", *DECLARED))
    said = done(fresh.hotfix("amend", "--issue", "Crash on logout", "--severity", "high"))
    assert said.out == (
        f'{NAME} 0.1.1: issue "Crash on login" -> "Crash on logout", severity CRITICAL -> HIGH\n'
    )
    record = fresh.record()
    assert (record["issue"], str(record["severity"]), record["impact"]) == (
        "Crash on logout",
        "HIGH",
        "nobody can log in",
    )
    template = fresh.ours.path / f".git/krow-versions/hotfix/{SLUG}-v0.1.1.commit.txt"
    assert "Issue: Crash on logout" in template.read_text()
    assert "Crash on logout" in done(fresh.hotfix("report")).out
    with untouched(fresh.ours, fresh.remote):
        again = done(fresh.hotfix("amend", "--severity", "HIGH"))
    assert "nothing to do" in again.out


def test_the_clock_follows_when_it_was_detected(fresh: Scene) -> None:
    """A detection that is said later moves T-0, which the limit counts from."""
    done(fresh.hotfix("start", *DECLARED))
    detected = (now() - dt.timedelta(minutes=30)).replace(microsecond=0)
    done(fresh.hotfix("amend", "--detected", detected.isoformat()))
    assert status(fresh)["timeline"]["elapsed_seconds"] >= 30 * 60


def test_a_correction_says_something(fresh: Scene) -> None:
    """Without an option, or with one that makes no sense, it is wrong usage, and nothing is written."""
    done(fresh.hotfix("start", *DECLARED))
    later = (now() + dt.timedelta(hours=1)).isoformat()
    with untouched(fresh.ours, fresh.remote):
        assert_refused(fresh.hotfix("amend"), "--severity", code=2)
        assert_refused(fresh.hotfix("amend", "--issue", " "), code=2)
        assert_refused(fresh.hotfix("amend", "--severity", "urgent"), code=2)
        assert_refused(fresh.hotfix("amend", "--detected", later), code=2)
        done(fresh.hotfix("amend", "--issue", "x", "--dry-run"))


def test_what_is_not_declared_here_is_not_corrected(ready: Scene, tmp_path: Path) -> None:
    """In a clone without the declaration it is refused, and says where it can be done."""
    ready.ours.git("push", "--quiet", "origin", BRANCH)
    clone = ready.remote.clone(tmp_path / "colleague", "--branch", BRANCH)
    result = run("hotfix", "amend", NAME, "--issue", "x", cwd=clone.path)
    assert_refused(result, "is not declared in this clone", "hotfix start")


# --- the end of one that does not ship ---------------------------------------------------------


def test_a_hotfix_is_abandoned(ready: Scene) -> None:
    """Nothing is deleted; the way to do so is named; no command goes on with it; the list leaves it out."""
    refs = ready.ours.git("for-each-ref")
    said = done(ready.hotfix("abandon", "--reason", "It was the network"))
    assert f"{NAME} 0.1.1 is abandoned" in said.out
    assert f"{BRANCH} stays here, with 2 commits" in said.out
    assert f"git switch main && git branch --delete --force {BRANCH}" in said.out
    assert ready.ours.git("for-each-ref") == refs
    found = status(ready)
    assert (found["next_command"], found["abandoned"]["reason"]) == (None, "It was the network")
    assert "next" not in {step["state"] for step in found["steps"]}
    assert "abandoned" in done(ready.hotfix("status")).out
    assert done(ready.run("hotfix", "list", "--json")).data["hotfixes"] == []
    for command in (("pr",), ("finish", "--yes"), ("deploy",), ("announce",), ("amend", "--issue", "x")):
        assert_told(ready.hotfix(*command), 3, "abandoned", "It was the network", "hotfix start")


def test_what_is_tagged_is_not_abandoned(finished: Scene) -> None:
    """What is released stays released: a rollback is named."""
    with untouched(finished.ours, finished.remote):
        result = finished.hotfix("abandon", "--reason", "x")
    assert_refused(result, f"{TAG} is tagged", "hotfix rollback")


def test_a_new_start_is_a_new_record(ready: Scene) -> None:
    """It has its own issue, severity and clock; commits that were left on the branch are named."""
    done(ready.hotfix("abandon", "--reason", "It was the network"))
    other = ("--issue", "Wrong sums", "--severity", "high", "--impact", "accounting")
    began = ready.after(hours=2)
    said = done(began.hotfix("start", *other))
    assert "what the abandoned hotfix has left" in said.err
    assert "chore: version" in said.err
    record = ready.record()
    assert (record["issue"], str(record["severity"])) == ("Wrong sums", "HIGH")
    assert "Crash on login" not in done(began.hotfix("report")).out.partition("## Commits")[0]
    assert status(began)["timeline"]["elapsed_seconds"] < 60 * 60
    assert len(status(began)["deployments"]) == 0


def test_a_new_start_without_commits_is_silent(fresh: Scene) -> None:
    """A branch at its base is as good as a new one."""
    done(fresh.hotfix("start", *DECLARED))
    done(fresh.hotfix("abandon", "--reason", "x"))
    fresh.ours.git("switch", "--quiet", "main")
    assert "warning" not in done(fresh.hotfix("start", *DECLARED)).err


def test_a_start_whose_branch_was_dropped_is_not_continued(fresh: Scene) -> None:
    """Weeks later the old issue, severity and clock are refused; abandoned, it starts anew."""
    done(fresh.hotfix("start", *DECLARED))
    fresh.ours.git("switch", "--quiet", "main")
    fresh.ours.git("branch", "--quiet", "-D", BRANCH)
    other = ("--issue", "Wrong sums", "--severity", "high", "--impact", "accounting")
    for later in (fresh, fresh.after(days=21)):
        with untouched(fresh.remote):
            refused = later.hotfix("start", *other)
        assert_refused(refused, "neither here nor on the remote", "Crash on login", "hotfix abandon")
    # The hint is exactly what to type.
    hint = refused.err.partition("if this is another fault: krow-versions ")[2].partition(";")[0]
    done(later.run(*hint.replace("TEXT", "dropped").split()))
    done(later.hotfix("start", *other))
    assert fresh.record()["issue"] == "Wrong sums"
    assert status(later)["timeline"]["elapsed_seconds"] < 60 * 60


def test_an_old_start_is_not_continued_unasked(fresh: Scene) -> None:
    """Within a day the same command goes on; after that it is refused, and both ways are named."""
    done(fresh.hotfix("start", *DECLARED))
    done(fresh.after(hours=23).hotfix("start", *DECLARED))
    refused = fresh.after(hours=25).hotfix("start", *DECLARED)
    assert_refused(refused, "is not continued unasked", "hotfix status", "hotfix abandon")
