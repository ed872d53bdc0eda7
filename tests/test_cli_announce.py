"""``hotfix announce`` as a user meets it: what is true, what is sent, and what is recorded of it."""

from __future__ import annotations

import contextlib
import re
import subprocess
import tomllib
from typing import TYPE_CHECKING

import pytest

from support.commands import assert_refused, assert_told, done
from support.repositories import Repo, executable
from support.scenes import BRANCH, CONFIG, DECLARED, NAME, TAG, Scene, fix
from support.untouched import untouched

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEND = '#!/bin/sh\ncat > sent.txt; echo "sent $*"; exit "${SEND_FAILS:-0}"\n'
NOTIFY = 'notify = ["./scripts/say.sh", "{channel}", "{product} {version}", "{tag}"]\n'
ANNOUNCED, FOLLOWED = "🚨 PRODUCTION HOTFIX DEPLOYED\n", "✅ HOTFIX STATUS UPDATE\n"


@pytest.fixture
def deployed(finished: Scene) -> Scene:
    """A hotfix that is deployed, and a program that sends texts."""
    (finished.ours.path / "krow-versions.toml").write_text(CONFIG + NOTIFY)
    executable(finished.ours.path / "scripts/say.sh", SEND)
    done(finished.hotfix("deploy", "--run", "--yes"))
    return finished


def sent(scene: Scene) -> str:
    """What the program got, or nothing if it did not run."""
    path = scene.ours.path / "sent.txt"
    return path.read_text() if path.exists() else ""


def record_file(scene: Scene) -> Path:
    """The file of the record."""
    (found,) = (scene.ours.path / ".git/krow-versions/hotfix").glob(f"*{NAME}-v0.1.1.toml")
    return found


@contextlib.contextmanager
def same_record(scene: Scene) -> Iterator[None]:
    """Fail unless the record holds the same afterwards."""
    before = record_file(scene).read_bytes()
    yield
    assert record_file(scene).read_bytes() == before


@pytest.mark.parametrize("flags", [(), ("--follow-up",), ("--rollback",), ("--done",), ("--send", "--yes")])
def test_what_is_not_true_yet_is_refused(ready: Scene, flags: tuple[str, ...]) -> None:
    """Before the deployment no text is printed, sent or recorded; a draft is printed, and called one."""
    with untouched(ready.ours, ready.remote):
        assert_refused(ready.hotfix("announce", *flags), "--draft")
        if "--send" not in flags and "--done" not in flags:
            draft = done(ready.hotfix("announce", *flags, "--draft"))
    if "--send" not in flags and "--done" not in flags:
        assert "this is a draft: " in draft.err
        assert "PRODUCTION" in draft.out or draft.out.startswith(FOLLOWED)


def test_a_failed_deployment_is_not_announced(finished: Scene) -> None:
    """A deployment that ended with an error is named, and nothing says that it is deployed."""
    assert finished.hotfix("deploy", "--run", "--yes", DEPLOY_FAILS="3").code == 4
    assert_refused(finished.hotfix("announce"), "is not deployed", "ended with exit code 3")


def test_looking_marks_nothing(deployed: Scene) -> None:
    """The announcement, the drafts and a dry run can be looked at as often as one likes."""
    with untouched(deployed.ours, deployed.remote):
        for _ in range(2):
            shown = done(deployed.hotfix("announce"))
            assert shown.out.startswith(ANNOUNCED)
            done(deployed.hotfix("announce", "--follow-up", "--draft"))
            assert done(deployed.hotfix("announce", "--json")).data["sent"] is None
            assert "scripts/say.sh" in done(deployed.hotfix("announce", "--send", "-n")).out
    assert f"krow-versions hotfix announce {NAME} --send" in shown.err
    assert "#emergency-releases" in shown.err


def test_a_text_is_sent_once(deployed: Scene) -> None:
    """The program gets the text that was shown on stdin, once; the next run says when and by whom."""
    text = done(deployed.hotfix("announce")).out
    result = done(deployed.hotfix("announce", "--send", "--yes"))
    assert sent(deployed) == text
    assert f"sent #emergency-releases {NAME} 0.1.1 {TAG}\n" in result.out
    assert result.err.splitlines()[-1].startswith("next: krow-versions hotfix ")
    assert tomllib.loads(record_file(deployed).read_text())["sent"][-1]["body"] == text
    (deployed.ours.path / "sent.txt").unlink()
    with untouched(deployed.ours, deployed.remote):
        again = done(deployed.hotfix("announce", "--send"))
        assert done(deployed.hotfix("announce", "--send", "--json")).data["changed"] is False
        assert done(deployed.hotfix("announce", "--done")).out.startswith("it was sent at ")
    assert re.search("it was sent at .* by Release Engineer", again.err)
    assert sent(deployed) == ""
    data = done(deployed.hotfix("announce", "--json")).data
    assert data["sent"]["who"] == "Release Engineer"
    assert data["sent"]["by_hand"] is False
    boxes = done(deployed.hotfix("status", "--json")).data["checklist"]
    assert next(box["done"] for box in boxes if box["id"] == "users-notified")


def test_what_is_shown_can_be_typed(deployed: Scene) -> None:
    """The command that is shown, typed into a shell, gives the program the same text."""
    text = done(deployed.hotfix("announce")).out
    shown = done(deployed.hotfix("announce", "--send", "--dry-run")).out
    subprocess.run(["sh", "-c", shown], cwd=deployed.ours.path, check=True, capture_output=True)
    assert sent(deployed) == text


def test_sending_is_asked_about(deployed: Scene) -> None:
    """Without a terminal it needs --yes; on one, the text is shown first, and no answer but yes sends it."""
    with untouched(deployed.ours, deployed.remote):
        assert_told(deployed.hotfix("announce", "--send"), 2, "no terminal to ask on", "--yes")
        refused = deployed.at_terminal("hotfix", "announce", NAME, "--send", answer="n\n")
    assert refused.code != 0
    assert ANNOUNCED in refused.out
    agreed = deployed.at_terminal("hotfix", "announce", NAME, "--send")
    assert agreed.code == 0, agreed
    assert sent(deployed).startswith(ANNOUNCED)


def test_a_program_that_fails_sent_nothing(deployed: Scene) -> None:
    """Its exit code is named, nothing is recorded, and the next run sends it."""
    with same_record(deployed):
        result = deployed.hotfix("announce", "--send", "--yes", SEND_FAILS="5")
    assert_told(result, 4, "./scripts/say.sh ended with exit code 5", "hint:")
    executable(deployed.ours.path / "scripts/say.sh", "#!/bin/sh\nexit 0\n")  # It reads nothing.
    done(deployed.hotfix("announce", "--send", "--yes"))
    assert done(deployed.hotfix("announce", "--json")).data["sent"]


def test_without_a_program_people_send_and_say_so(finished: Scene) -> None:
    """Without [hotfix] notify, --send names the setting and --done, which records who sent it by hand."""
    done(finished.hotfix("deploy", "--run", "--yes"))
    assert_refused(finished.hotfix("announce", "--send", "--yes"), "notify = [", "--done", code=2)
    assert (
        f"when it is sent: krow-versions hotfix announce {NAME} --done"
        in done(finished.hotfix("announce")).err
    )
    with same_record(finished):
        assert "would be recorded" in done(finished.hotfix("announce", "--done", "-n")).out
    noted = done(finished.hotfix("announce", "--done"))
    assert "by Release Engineer" in noted.out
    assert noted.err.splitlines()[-1].startswith("next: krow-versions hotfix ")
    assert tomllib.loads(record_file(finished).read_text())["sent"][-1]["body"].startswith(ANNOUNCED)
    found = done(finished.hotfix("announce", "--json")).data
    assert (found["sent"]["by_hand"], found["name"], found["channel"]) == (
        True,
        "announcement",
        "#emergency-releases",
    )


def test_a_follow_up_has_its_time_and_what_people_counted(deployed: Scene) -> None:
    """Before 24 hours are over it is refused; then the hours are counted, and errors are what was said."""
    assert_refused(deployed.hotfix("announce", "--follow-up"), "which are over at", "--follow-up --draft")
    deployed = deployed.after(hours=25, minutes=1)
    text = done(deployed.hotfix("announce", "--follow-up", "--errors", "2, both old")).out
    assert text.startswith(FOLLOWED)
    assert "(25 hours ago)\nErrors since: 2, both old\n" in text
    unsaid = done(deployed.hotfix("announce", "--follow-up"))
    assert "Errors since: not known\n" in unsaid.out
    assert "announce worker-mobile --follow-up --errors TEXT --send sends it" in unsaid.err
    done(deployed.hotfix("announce", "--follow-up", "--errors", "2, both old", "--send", "--yes"))
    assert sent(deployed) == text
    assert tomllib.loads(record_file(deployed).read_text())["sent"][-1]["errors"] == "2, both old"
    assert done(deployed.hotfix("announce", "--follow-up", "--json")).data["text"] == text


def test_a_clone_that_knows_nothing_announces_nothing(deployed: Scene, tmp_path: Path) -> None:
    """Where nothing is recorded, it is not known whether it is deployed; a draft has what the tag says."""
    subprocess.run(["git", "clone", "--quiet", deployed.remote.path, tmp_path / "next"], check=True)
    clone = Repo(tmp_path / "next")
    args = ("hotfix", "announce", NAME, "--version", "0.1.1")
    with untouched(clone, deployed.remote):
        assert_refused(
            deployed.run(*args, cwd=clone.path), "nothing is recorded here", "share = true", "--draft"
        )
        draft = done(deployed.run(*args, "--draft", cwd=clone.path)).out
    for line in ("Severity: CRITICAL", "Issue: Crash on login", "Impact: nobody can log in"):
        assert f"{line}\n" in draft


@pytest.mark.parametrize(
    "flags",
    [
        ("--draft", "--send"),
        ("--draft", "--done"),
        ("--send", "--done"),
        ("--follow-up", "--rollback"),
        ("--errors", "0"),
        ("--rollback", "--errors", "0"),
    ],
)
def test_options_that_contradict_each_other_are_wrong_usage(deployed: Scene, flags: tuple[str, ...]) -> None:
    """What makes no sense together is exit 2, and nothing is done."""
    with untouched(deployed.ours, deployed.remote):
        assert_refused(deployed.hotfix("announce", *flags), code=2)


def test_quiet_commands_that_act_print_nothing(fresh: Scene) -> None:
    """With -q they print errors, questions and the output of the programs that they run, and nothing else."""
    scene = fresh
    scene.program("say", SEND)
    for command in (
        ("start", *DECLARED),
        ("pr", "--run", "--yes"),
        ("status", "--done", "review", "--done", "approval"),
        ("finish", "--yes"),
        ("status", "--done", "github-release"),
        ("deploy", "--run", "--yes"),
        ("announce", "--send", "--yes"),
        ("announce", "--done"),
    ):
        if command[0] == "announce":
            notify = NOTIFY.replace("./scripts/say.sh", "say")
            (scene.ours.path / "krow-versions.toml").write_text(CONFIG + notify)
        result = done(scene.hotfix(command[0], *command[1:], "-q"))
        ran = {
            "deploy": f"deploying {TAG} 0.1.1\n",
            "announce": "sent #emergency-releases worker-mobile 0.1.1",
        }
        if command[1] == "--done":
            ran = {}
        assert result.out.startswith(ran.get(command[0], "")), command
        assert result.out.count("\n") == (command[0] in ran), command
        assert result.err == "", command
        if command[0] == "start":
            fix(scene.ours)
            done(scene.run("bump-patch", NAME, "-m", "Crash"))
            scene.ours.commit("chore: version")
    assert (
        done(scene.hotfix("status", "-q")).out
        == f"next: krow-versions hotfix status {NAME} --done smoke-tests\n"
    )
    assert done(scene.hotfix("announce", "-q")).out.startswith(ANNOUNCED)


def test_a_tick_prints_one_line(deployed: Scene) -> None:
    """What is ticked, and what is next."""
    done(deployed.hotfix("status", "--done", "github-release"))
    result = done(deployed.hotfix("status", "--done", "smoke-tests"))
    assert result.out.startswith("☑ smoke-tests: smoke tests passed, ")
    assert result.out.endswith(f"; next: krow-versions hotfix announce {NAME} --send\n")
    assert (result.out.count("\n"), result.err) == (1, "")


def test_a_program_that_main_has_since_is_found(finished: Scene) -> None:
    """A hotfix branch has the configuration of its production tag; what main says since counts, too."""
    done(finished.hotfix("deploy", "--run", "--yes"))
    ours = finished.ours
    ours.git("switch", "--quiet", "main")
    ours.write("krow-versions.toml", CONFIG + NOTIFY)
    ours.commit("chore: configuration")
    ours.git("push", "--quiet", "origin", "main")
    ours.git("switch", "--quiet", BRANCH)
    executable(ours.path / "scripts/say.sh", SEND)
    assert f"{NAME} --send" in done(finished.hotfix("announce")).err
    done(finished.hotfix("announce", "--send", "--yes"))
    assert sent(finished).startswith(ANNOUNCED)
