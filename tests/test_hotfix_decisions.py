"""Decisions of people: deployments that are kept, corrections, the end of a hotfix, and rollbacks."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from krow_versions.workspace.clock import now
from support.commands import assert_refused, assert_told, done, run
from support.krow import SLUG
from support.repositories import executable
from support.scenes import BRANCH, CONFIG, DECLARED, NAME, TAG, Scene
from support.untouched import untouched

if TYPE_CHECKING:
    from pathlib import Path

NEWER = f"{SLUG}/prod-v0.2.0"
# Deploys, and keeps what is in production.
SERVES = '#!/bin/sh\n[ -z "$DEPLOY_FAILS" ] || exit "$DEPLOY_FAILS"; echo "$1" > {}/production\n'


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
    shown = " ".join(done(finished.hotfix("status")).out.split())
    assert "exit code 3" in shown
    assert "succeeded" in shown
    reported = done(finished.hotfix("report", "--format", "json")).data["deployments"]
    assert [each["exit_code"] for each in reported] == [3, 0]


def test_a_deployment_that_is_killed_leaves_its_start(finished: Scene) -> None:
    """Its start is in the record, and nobody knows how it ended; --again is one more attempt."""
    executable(finished.ours.path / "scripts/deploy.sh", "#!/bin/sh\nkill -9 $PPID\n")
    assert finished.hotfix("deploy", "--run", "--yes").code == -9
    (attempt,) = status(finished)["deployments"]
    assert (attempt["ended"], attempt["exit_code"]) == (None, None)
    said = status(finished, "--done", "github-release")
    (step,) = [each for each in said["steps"] if each["title"] == "Deploy"]
    assert (step["state"], "how it ended is not known" in step["why"]) == ("blocked", True)
    executable(finished.ours.path / "scripts/deploy.sh", "#!/bin/sh\n")
    done(finished.hotfix("deploy", "--run", "--again", "--yes"))
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
        hour = fresh.after(hours=2).hotfix("amend", "--detected", (now() + dt.timedelta(hours=1)).isoformat())
        assert_refused(hour, "after the declaration", code=2)
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
    ticking = [("status", option, "approval", "--yes") for option in ("--done", "--undo")]
    for command in (
        *(("pr",), ("finish", "--yes"), ("deploy",), ("announce",), ("amend", "--issue", "x")),
        *ticking,
    ):
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
    assert "declared: CRITICAL" not in done(began.hotfix("report")).out
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


# --- rollbacks ---------------------------------------------------------------------------------

DECIDED = ("--reason", "Nobody can pay", "--decided-by", "Pia Owner")
BASE = f"{SLUG}/prod-v0.1.0"


@pytest.fixture
def deployed(finished: Scene) -> Scene:
    """A hotfix that was deployed, by a command that keeps what is in production."""
    executable(finished.ours.path / "scripts/deploy.sh", SERVES.format(finished.bin.parent))
    done(finished.hotfix("deploy", "--run", "--yes"))
    assert serving(finished) == TAG
    return finished


def serving(scene: Scene) -> str:
    """What is in production."""
    return (scene.bin.parent / "production").read_text().strip()


def test_a_rollback_is_shown_first(deployed: Scene) -> None:
    """Without --run it shows what it would undo and what it would do, and does nothing."""
    with untouched(deployed.ours, deployed.remote):
        for more in ((), ("--run", "--dry-run")):
            said = done(deployed.hotfix("rollback", *DECIDED, *more))
            assert f"./scripts/deploy.sh {BASE} 0.1.0" in said.out
            assert "from 0.1.1 to 0.1.0 would undo 1 release (0.1.1) with 2 commits" in said.err
            assert "a store refuses build 5 after 6" in said.err
            assert "nothing was done" in said.err
    assert serving(deployed) == TAG


def test_status_says_what_a_rollback_would_undo(deployed: Scene) -> None:
    """Releases, commits and builds are there before anything is decided, so that it can be."""
    assert status(deployed)["rollback"] == {
        "from": "0.1.1",
        "to": "0.1.0",
        "tag": BASE,
        "releases": ["0.1.1"],
        "commits": 2,
        "builds": {"from": 6, "to": 5},
        "store_refuses": True,
    }
    assert "would undo 1 release (0.1.1) with 2 commits" in done(deployed.hotfix("status")).out


def test_the_last_good_version_is_deployed_again(deployed: Scene) -> None:
    """Who decided it, and why, is recorded first; every text knows it; the hotfix is not deployed again."""
    said = done(deployed.hotfix("rollback", *DECIDED, "--run", "--yes"))
    assert f"{BASE} is deployed again" in said.out
    assert serving(deployed) == BASE
    found = status(deployed, "--done", "github-release")
    assert [(each["tag"], each["rollback"]) for each in found["deployments"]] == [(TAG, False), (BASE, True)]
    rolled = found["rolled_back"]
    assert (rolled["from"], rolled["to"], rolled["done"]) == (TAG, BASE, True)
    assert (rolled["decided_by"], rolled["reason"]) == ("Pia Owner", "Nobody can pay")
    (step,) = [each for each in found["steps"] if each["title"] == "Deploy"]
    assert step["state"] == "open"
    (box,) = [each for each in found["checklist"] if each["id"] == "deployed"]
    assert (box["done"], box["note"]) == (False, step["why"])
    assert step["why"].startswith("rolled back to 0.1.0 ")
    assert step["why"].endswith("decided by Pia Owner: Nobody can pay")
    assert "hotfix deploy" not in found["next_command"]
    assert "rolled back to 0.1.0" in done(deployed.run("hotfix", "list")).out
    reported = done(deployed.hotfix("report")).out
    assert "Nobody can pay" in reported
    assert "Pia Owner" in reported


def test_a_rollback_twice_does_nothing_more(deployed: Scene) -> None:
    """The same command again goes no further back; an older one that is named is a new decision."""
    done(deployed.hotfix("rollback", *DECIDED, "--run", "--yes"))
    with untouched(deployed.ours, deployed.remote):
        for to in ((), ("--to", "0.1.0")):
            again = done(deployed.hotfix("rollback", *DECIDED, *to, "--run", "--yes"))
            assert "nothing to do" in again.err
        for version in ("0.1.1", "0.1.2"):
            refused = deployed.hotfix("rollback", *DECIDED, "--to", version, "--run", "--yes")
            assert_refused(refused, "not older")
        assert_refused(deployed.hotfix("rollback", *DECIDED, "--to", "0.0.1"), "no production tag of 0.0.1")


def test_after_a_rollback_the_hotfix_is_deployed_only_when_asked(deployed: Scene) -> None:
    """A deployment that is asked for explicitly supersedes the rollback."""
    done(deployed.hotfix("rollback", *DECIDED, "--run", "--yes"))
    done(deployed.hotfix("deploy", "--run", "--yes"))
    assert serving(deployed) == TAG
    assert status(deployed)["rolled_back"] is None


def test_a_rollback_that_fails_goes_on(deployed: Scene) -> None:
    """The decision and the attempt are kept; the next run needs not to say again who decided."""
    failed = deployed.hotfix("rollback", *DECIDED, "--run", "--yes", DEPLOY_FAILS="7")
    assert_told(failed, 4, "exit code 7")
    found = status(deployed, "--done", "github-release")
    assert (found["rolled_back"]["done"], found["deployments"][-1]["exit_code"]) == (False, 7)
    assert found["next_command"].endswith("hotfix rollback worker-mobile --run")
    done(deployed.hotfix("rollback", "--run", "--yes"))
    assert serving(deployed) == BASE
    path = deployed.ours.path / f".git/krow-versions/hotfix/{SLUG}-v0.1.1.toml"
    assert path.read_text().count("[[decided]]") == 1


def test_somebody_decides_a_rollback(deployed: Scene) -> None:
    """Without a reason, or without who decided, it is wrong usage, and nothing is done."""
    with untouched(deployed.ours, deployed.remote):
        for missing in (DECIDED[:2], DECIDED[2:], ()):
            result = deployed.hotfix("rollback", *missing, "--run", "--yes")
            assert_refused(result, "Product Owner", code=2)


def test_a_rollback_by_hand(deployed: Scene) -> None:
    """Without a command the decision is recorded, and what to do by hand; --done records that it was done."""
    text = CONFIG.replace('deploy = ["./scripts/deploy.sh", "{tag}", "{version}"]\n', "")
    deployed.ours.write("krow-versions.toml", text)
    said = done(deployed.hotfix("rollback", *DECIDED, "--run", "--yes"))
    assert f"deploy {BASE} by hand" in said.err
    assert "hotfix rollback worker-mobile --done" in said.err
    assert status(deployed)["rolled_back"]["done"] is False
    noted = done(deployed.hotfix("rollback", "--done"))
    assert noted.err.splitlines()[-1] == "next: krow-versions hotfix status worker-mobile"
    assert status(deployed)["rolled_back"]["done"] is True
    assert status(deployed)["deployments"][-1]["by_hand"] is True
    assert_refused(deployed.hotfix("rollback", "--done"), "rolled back to 0.1.0")


def test_what_the_remote_lacks_is_not_deployed_again(deployed: Scene) -> None:
    """The older tag has to be where it is deployed from."""
    deployed.remote.git("update-ref", "-d", f"refs/tags/{BASE}")
    result = deployed.hotfix("rollback", *DECIDED, "--run", "--yes")
    assert_refused(result, f"{BASE} is not on origin")


def test_a_rollback_before_the_fix_ships(ready: Scene) -> None:
    """Production goes back below the release that is broken; the hotfix can be finished and deployed then."""
    ready.ours.tag(f"{SLUG}/prod-v0.0.9", f"{BASE}^{{}}")
    ready.ours.git("push", "--quiet", "origin", f"{SLUG}/prod-v0.0.9")
    executable(ready.ours.path / "scripts/deploy.sh", SERVES.format(ready.bin.parent))
    done(ready.hotfix("rollback", *DECIDED, "--run", "--yes"))
    assert serving(ready) == f"{SLUG}/prod-v0.0.9"
    ready.ours.git("checkout", "--quiet", "--", "scripts")
    finished = done(ready.hotfix("finish", "--yes"))
    assert "rolled back to 0.0.9" in finished.err
    executable(ready.ours.path / "scripts/deploy.sh", SERVES.format(ready.bin.parent))
    done(ready.hotfix("deploy", "--run", "--yes"))
    assert serving(ready) == TAG


def test_an_older_line_is_deployed_by_a_rollback(finished: Scene) -> None:
    """What a refused deployment names is exactly what to type, and then it is deployed."""
    finished.ours.tag(NEWER)
    finished.ours.git("push", "--quiet", "origin", NEWER)
    executable(finished.ours.path / "scripts/deploy.sh", SERVES.format(finished.bin.parent))
    refused = finished.hotfix("deploy", "--run", "--yes")
    hint = refused.err.partition("decides: krow-versions ")[2].split()
    done(finished.run(*hint, "--yes"))
    assert serving(finished) == TAG


def test_a_start_a_moment_ago_goes_on_without_its_branch(fresh: Scene) -> None:
    """Where the branch is gone, the same words continue within a day; other words are another fault."""
    done(fresh.hotfix("start", *DECLARED))
    fresh.ours.git("switch", "--quiet", "main")
    fresh.ours.git("branch", "--quiet", "-D", BRANCH)
    assert_refused(fresh.after(days=2).hotfix("start", *DECLARED), "neither here nor on the remote")
    done(fresh.hotfix("start", *DECLARED))
    assert fresh.ours.git("branch", "--show-current") == BRANCH


def test_a_rollback_where_the_deployment_is_not_recorded(finished: Scene, tmp_path: Path) -> None:
    """A clone that knows nothing goes back below the tag; one that was not asked says what to name."""
    finished.ours.tag(f"{SLUG}/prod-v0.0.9", f"{BASE}^{{}}")
    finished.ours.git("push", "--quiet", "origin", f"{SLUG}/prod-v0.0.9")
    clone = finished.remote.clone(tmp_path / "colleague")
    args = ("hotfix", "rollback", NAME, "--version", "0.1.1", *DECIDED)
    assert "from 0.1.1 to 0.1.0" in done(run(*args, cwd=clone.path)).err
    said = done(finished.hotfix("rollback", *DECIDED))
    assert "from 0.1.0 to 0.0.9" in said.err
    assert f"{TAG} is tagged, and no deployment of it is recorded here" in said.err
    named = done(finished.hotfix("rollback", *DECIDED, "--to", "0.1.0"))
    assert "from 0.1.1 to 0.1.0" in named.err
