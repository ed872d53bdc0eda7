"""``hotfix deploy`` as a user meets it: what runs, what is recorded, and what a signal does."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess

import pytest

from krow_versions.workspace.clock import now
from krow_versions.workspace.hotfix.deploying import filled
from support.child import environment
from support.commands import MODULE, assert_refused, assert_told, done
from support.hang import SECONDS
from support.repositories import executable
from support.scenes import CONFIG, NAME, TAG, Scene
from support.untouched import untouched


def test_a_deployment_that_fails_is_recorded_and_run_again(finished: Scene) -> None:
    """The command's output passes through, its exit code is printed and kept; the next run may succeed."""
    result = finished.hotfix("deploy", "--run", "--yes", DEPLOY_FAILS="3")
    assert f"deploying {TAG} 0.1.1\n" in result.out
    assert_told(result, 4, "exit code 3", "hint:")
    assert finished.record()["deploy"]["exit_code"] == 3
    status = done(finished.hotfix("status", "--done", "github-release", "--json")).data
    (blocked,) = [step for step in status["steps"] if step["state"] == "blocked"]
    assert (blocked["title"], "exit code 3" in blocked["why"]) == ("Deploy", True)
    done(finished.hotfix("deploy", "--run", "--yes"))
    assert finished.record()["deploy"]["exit_code"] == 0


def test_times_are_those_of_the_clock_that_was_passed_in(finished: Scene) -> None:
    """The end of a deployment, and a tick after it, are noted by the clock of the command line."""
    before = now().replace(microsecond=0)
    done(finished.after(hours=2).hotfix("deploy", "--run", "--yes"))
    done(finished.after(hours=3).hotfix("status", "--done", "smoke-tests"))
    record, passed = finished.record(), now()
    for hours, found in ((2, record["deploy"]["at"]), (3, record["done"]["smoke-tests"])):
        later = dt.timedelta(hours=hours)
        assert before + later <= found <= passed + later


def test_a_signal_at_the_very_start_of_a_deployment_is_passed_on(finished: Scene) -> None:
    """A signal that comes as the program starts reaches it, however early: it never goes on without us."""
    script = "#!/bin/sh\ntrap 'kill $!; echo undone; exit 9' TERM\nsleep 20 & kill -TERM $PPID; wait\n"
    executable(finished.ours.path / "scripts/deploy.sh", script)
    for _ in range(5):
        result = finished.hotfix("deploy", "--run", "--yes")
        assert (result.code, result.out.splitlines()[1:]) == (4, ["undone"]), result


@pytest.mark.parametrize(("number", "to_all"), [(signal.SIGINT, True), (signal.SIGTERM, False)])
def test_an_interrupted_deployment_is_waited_for_and_recorded(
    finished: Scene, number: signal.Signals, to_all: bool
) -> None:
    """Ctrl-C reaches the program, other signals are passed on: it is waited for, and its end is noted."""
    script = (
        "#!/bin/sh\ntrap 'sleep 1; kill $!; echo undone; exit 9' INT TERM\nsleep 600 & echo began; wait\n"
    )
    executable(finished.ours.path / "scripts/deploy.sh", script)
    command = [*MODULE, "hotfix", "deploy", NAME, "--run", "--yes"]
    with subprocess.Popen(
        command, cwd=finished.ours.path, env=environment(finished.env()), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        while process.stdout.readline() not in ("began\n", ""):
            pass
        (os.killpg if to_all else os.kill)(process.pid, number)
        out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, out) == (4, "undone\n"), err
    assert "ended with exit code 9" in err
    assert finished.record()["deploy"]["exit_code"] == 9


def test_a_deploy_command_that_is_not_there_is_named(finished: Scene) -> None:
    """A command that cannot be started is exit 4, and no deployment is noted."""
    (finished.ours.path / "scripts/deploy.sh").unlink()
    with untouched(finished.ours, finished.remote):
        result = finished.hotfix("deploy", "--run", "--yes")
    assert_told(result, 4, "'./scripts/deploy.sh' cannot be started", "No such file", "hint:")


def test_a_deploy_command_that_is_not_configured_is_named(finished: Scene) -> None:
    """Without a command it is wrong usage: what to add to the configuration, or how to say it was done."""
    text = CONFIG.replace('deploy = ["./scripts/deploy.sh", "{tag}", "{version}"]\n', "")
    finished.ours.write("krow-versions.toml", text)
    with untouched(finished.ours, finished.remote):
        result = finished.hotfix("deploy", "--run", "--yes")
    assert_refused(result, f"[products.{NAME}]", "deploy = [", "--done deployed", code=2)


def test_what_is_not_on_the_remote_is_not_deployed(ready: Scene) -> None:
    """Before the tag is pushed there is nothing to deploy, and the way on is named."""
    with untouched(ready.ours, ready.remote):
        result = ready.hotfix("deploy", "--run", "--yes")
    assert_refused(result, "is not tagged", f"krow-versions hotfix finish {NAME}")
    ready.ours.tag(TAG)
    with untouched(ready.ours, ready.remote):
        result = ready.hotfix("deploy", "--run", "--yes")
    assert_refused(result, "is not on origin", f"krow-versions hotfix finish {NAME}")


def test_a_value_is_not_looked_at_for_placeholders() -> None:
    """What a person configured as the channel cannot become a tag."""
    found = filled(("./tell.sh", "{channel}: {tag}{x}"), {"{channel}": "{tag}", "{tag}": "v1"})
    assert found == ("./tell.sh", "{tag}: v1{x}")
