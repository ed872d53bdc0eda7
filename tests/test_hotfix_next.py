"""``hotfix next``: from the committed fix to "nothing is left to do", one question a time."""

from __future__ import annotations

import datetime as dt
import os
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest

import krow_versions as kv
from krow_versions.cli.app import app
from krow_versions.hotfix import FOLLOW_UP
from krow_versions.text.times import at, lasting
from support import child
from support.clocks import ahead
from support.commands import assert_refused, assert_told, done, run
from support.krow import STAFF
from support.releases import CHANGELOG, FIX, FIXED, PRODUCT, START
from support.repositories import hook
from support.servers import BRANCH_REF, TAG_REF, Server
from support.untouched import untouched

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.child import Result

CONFIG = """\
[products.worker-mobile]
slug = "krow-withus-worker-mobile"
files = ["apps/mobile/apps/staff/pubspec.yaml"]
deploy = ["sh", "-c", "echo deploying {tag}"]

[hotfix]
channel = "#emergency-releases"
"""
HOURS = dt.timedelta(hours=1)
NEXT = ("hotfix", "next")


@pytest.fixture
def fixed(tmp_path: Path) -> Server:
    """A hotfix that is declared, and whose fix is committed."""
    server = Server.make(tmp_path / "scene")
    server.ours.write("krow-versions.toml", CONFIG)
    done(server.hotfix(*START))
    server.ours.write(FIXED, "fixed()\n")
    server.ours.git("commit", "--quiet", "--message", FIX, "--", FIXED)
    return server


def typed(server: Server, answer: str, *options: str, later: dt.timedelta = dt.timedelta()) -> Result:
    """Type `hotfix next` on a terminal, and an answer to its question."""
    master, terminal = os.openpty()
    try:
        os.write(master, answer.encode())
        return child.run(server.ours.path, *NEXT, *options, stdin=terminal, later=later)
    finally:
        os.close(terminal)
        os.close(master)


def walk(server: Server, until: str) -> None:
    """Answer yes to every question until the next step is the one that is named."""
    for _ in range(20):
        result = typed(server, "", "-n")
        if f", {until}: " in result.err:
            return
        done(typed(server, "y\n"))
    raise AssertionError(until)


def test_version_row_and_commit_are_one_step(fixed: Server) -> None:
    """After one question the files are bumped, with the fix as the row, and exactly they are committed."""
    before = fixed.ours.git("rev-parse", "HEAD")
    fixed.ours.write("notes.txt", "mine\n")
    result = done(typed(fixed, "y\n"))
    assert f"{STAFF}: 0.1.0+5 -> 0.1.1+6" in result.out
    assert "git commit --message 'chore: version 0.1.1' -- " in result.out
    assert fixed.ours.git("rev-parse", "HEAD^") == before
    assert set(fixed.ours.git("show", "--name-only", "--format=").split()) == {STAFF, CHANGELOG}
    assert "| 0.1.1 | HOTFIX: crash on login |" in (fixed.ours.path / CHANGELOG).read_text()
    assert "next: krow-versions hotfix next worker-mobile" in result.err


def test_an_interrupted_bump_is_committed_by_the_next_run(fixed: Server) -> None:
    """A hook declines the commit: the files stay bumped, and the next run commits them, and bumps nothing."""
    declining = hook(fixed.ours, "pre-commit", "echo not now >&2; exit 1")
    assert_told(typed(fixed, "y\n"), 4, "not now")
    declining.unlink()
    result = done(typed(fixed, "y\n"))
    assert "->" not in result.out
    assert fixed.ours.git("status", "--porcelain", "--untracked-files=no") == ""
    assert "0.1.1+6" in fixed.ours.git("show", f"HEAD:{STAFF}")


@pytest.mark.parametrize("until", ["Version", "Review", "Merge", "Tag", "Deploy", "Verify"])
def test_without_a_yes_nothing_is_done(fixed: Server, until: str) -> None:
    """With -n, by a no, and without a terminal, everything stays as it is, at each step."""
    walk(fixed, until)
    with untouched(fixed.ours, fixed.remote):
        shown = typed(fixed, "", "-n")
        assert typed(fixed, "n\n").code == 130
        nobody = run(*NEXT, cwd=fixed.ours.path)
    assert shown.code in {0, 3}
    assert nobody.code in {2, 3}
    assert "Traceback" not in shown.err + nobody.err


def test_yes_does_what_a_program_can_do_and_says_nothing_for_people(fixed: Server) -> None:
    """With --yes the walk stops where people have to say something: exit code 3, and the command."""
    boxes = []
    for _ in range(20):
        result = run(*NEXT, "--yes", cwd=fixed.ours.path)
        if result.code == 0:
            continue
        said = result.err.splitlines()[-1].partition("krow-versions ")[2]
        assert_refused(attrs_without_output(result), "only a person can say it", f"krow-versions {said}")
        boxes.append(said.partition("--done ")[2].split()[0])
        if boxes[-1] == "smoke-tests":
            break
        done(run(*said.partition("    #")[0].split(), cwd=fixed.ours.path))
    assert boxes == ["review", "approval", "smoke-tests"]
    record = kv.Workspace.open(fixed.ours.path).hotfix().record()
    assert record.is_deployed
    assert not record.is_ticked("smoke-tests")


def attrs_without_output(result: Result) -> Result:
    """The same result without what was printed before the refusal."""
    return child.Result(result.code, "", result.err)


def test_what_has_its_time_is_waited_for(fixed: Server) -> None:
    """Logs are watched for two hours after the deployment: until then each run says for how long."""
    walk(fixed, "Tell")
    for _ in ("the announcement", "the release"):
        done(typed(fixed, "y\n"))
    with untouched(fixed.ours, fixed.remote):
        result = typed(fixed, "y\n", later=dt.timedelta(minutes=20))
        assert_refused(result, "waits for 1 h ", "then: krow-versions hotfix next worker-mobile")
    asked = typed(fixed, "n\n", later=2 * HOURS + dt.timedelta(minutes=1))
    assert asked.code == 130
    assert "watched for 2 hours" in asked.err


def test_how_long_it_waits_is_between_the_times_that_are_shown(
    fixed: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """At 15:00:59 until 16:00:30 are shown as 15:00 and 16:00, so it waits for 1 h."""
    walk(fixed, "Tell")
    for _ in ("the announcement", "the release"):
        done(typed(fixed, "y\n"))
    deployed = kv.Workspace.open(fixed.ours.path).hotfix().record().deployed
    assert deployed is not None
    due = deployed + 2 * HOURS
    moment = (due - HOURS).replace(second=59)
    monkeypatch.chdir(fixed.ours.path)
    with pytest.raises(SystemExit) as ended:
        app.main([*NEXT], clock=lambda: moment)
    assert ended.value.code == 3
    assert f"waits for {lasting(HOURS)}, until {at(due)}" in capsys.readouterr().err


def test_a_pull_request_is_waited_for(fixed: Server) -> None:
    """Where main changes by pull requests, `next` waits for its merge, and then tags what is there."""
    fixed.ours.write("krow-versions.toml", f'{CONFIG}merge = "pull-request"\n')
    walk(fixed, "Merge")
    with untouched(fixed.ours, fixed.remote):
        assert_refused(typed(fixed, "y\n"), "waiting for the merge of the pull request")
    fixed.merge("squash")
    done(typed(fixed, "y\n"))
    assert fixed.there(TAG_REF) == fixed.there_main


@pytest.mark.parametrize("state", ["changed", "clean", "merging"])
def test_a_fix_that_is_not_committed_is_for_people(fixed: Server, state: str) -> None:
    """Without a committed fix, and in the middle of a merge, the command of git is printed, exit code 3."""
    fixed.ours.git("reset", "--quiet", "--keep", "HEAD~")
    if state == "changed":
        fixed.ours.write(FIXED, "fixed()\n")
    if state == "merging":
        fixed.ours.git("switch", "--quiet", "--create", "other")
        fixed.ours.write(FIXED, "theirs()\n")
        fixed.ours.git("commit", "--quiet", "--all", "--message=other")
        fixed.ours.git("switch", "--quiet", "-")
        fixed.ours.write(FIXED, "ours()\n")
        fixed.ours.git("commit", "--quiet", "--all", "--message", FIX)
        with pytest.raises(AssertionError):
            fixed.ours.git("merge", "other")
    with untouched(fixed.ours, fixed.remote):
        result = typed(fixed, "y\n")
    assert_refused(result, "git status" if state == "merging" else "git commit -a -t ")


def test_a_revert_gets_a_row_too(fixed: Server) -> None:
    """The row of a revert, or of several fixes, is what the message of the main one says is the issue."""
    fixed.ours.write(FIXED, "fixed() // twice\n")
    fixed.ours.git("commit", "--quiet", "--all", "--message", FIX.replace("crash on login", "once more"))
    done(typed(fixed, "y\n"))
    assert "| 0.1.1 | HOTFIX: Nobody can log in |" in (fixed.ours.path / CHANGELOG).read_text()


def test_from_python_the_next_step_is_a_plan(fixed: Server) -> None:
    """`plan_next` plans what a program can do; what people say is a Conflict with the command."""
    workspace = kv.Workspace.open(fixed.ours.path)
    workspace.apply(workspace.hotfix().plan_next())
    workspace.apply(workspace.hotfix().plan_next())
    assert fixed.there(BRANCH_REF) == fixed.ours.git("rev-parse", "HEAD")
    with pytest.raises(kv.Conflict) as refused:
        workspace.hotfix().plan_next()
    assert refused.value.hint == "krow-versions hotfix status worker-mobile --done review"
    fixed.approve()
    workspace.apply(workspace.hotfix().plan_next())
    assert fixed.there(TAG_REF) is not None


def test_from_python_a_text_is_sent_by_the_program(fixed: Server) -> None:
    """Where a program sends texts, that is planned, too; the status update only when it is due."""
    fixed.ours.write("krow-versions.toml", f'{CONFIG}notify = ["cat"]\n')
    walk(fixed, "Verify")
    done(typed(fixed, "y\n"))
    workspace = kv.Workspace.open(fixed.ours.path)
    workspace.apply(workspace.hotfix().plan_next())
    workspace.hotfix().tick(["github-release"])
    assert workspace.hotfix().record().sent(kv.hotfix.ANNOUNCEMENT) is not None
    with pytest.raises(kv.Conflict, match="logs are watched until"):
        workspace.hotfix().plan_next()


def test_a_shared_record_is_not_asked_about_again(fixed: Server) -> None:
    """What a person says is recorded and shared after one question."""
    fixed.ours.write("krow-versions.toml", f"{CONFIG}share = true\n")
    for _ in range(4):
        assert done(typed(fixed, "y\n")).err.count("[y/N]") == 1
    assert fixed.remote.git("for-each-ref", "refs/krow-versions/") != ""
    assert kv.Workspace.open(fixed.ours.path).hotfix().record().approvals


def test_data_is_json(fixed: Server) -> None:
    """With --json each run prints one object, and the questions go to stderr."""
    steps = [typed(fixed, "y\n", "--json").data.get("step") for _ in range(2)]
    assert steps == ["next", "pr"]


@pytest.mark.parametrize("until", ["Version", "Review", "Deploy", "Verify"])
def test_what_a_person_must_say_is_json_too(fixed: Server, until: str) -> None:
    """With --json -n each step prints one object; where a person must answer, what it waits for, exit 3."""
    walk(fixed, until)
    with untouched(fixed.ours, fixed.remote):
        shown = typed(fixed, "", "-n", "--json")
    data = shown.data
    assert (data["changed"] and shown.code == 0) or data["waiting"]
    assert shown.code == (3 if "number" in data else 0)
    if shown.code:
        assert data["way"] in shown.err
        assert (data["dry_run"], data["product"], data["version"]) == (True, PRODUCT, "0.1.1")
        assert data["title"] == until


# --- how much is typed, from the committed fix to "nothing is left to do" ----------------------------

BY_HAND = (
    ("krow-versions bump-patch worker-mobile", 0),
    ('git commit -qam "chore: version 0.1.1"', 0),
    ("krow-versions hotfix pr worker-mobile --run", 0),
    ("krow-versions hotfix status worker-mobile --done review --done approval", 0),
    ("krow-versions hotfix finish worker-mobile", 0),
    ("krow-versions hotfix deploy worker-mobile --run", 0),
    ("krow-versions hotfix status worker-mobile --done smoke-tests", 0),
    ("krow-versions hotfix announce worker-mobile", 0),
    ("krow-versions hotfix announce worker-mobile --done", 0),
    ("krow-versions hotfix status worker-mobile --done github-release", 0),
    ("krow-versions hotfix status worker-mobile --done logs-watched", 3),
    ("krow-versions hotfix announce worker-mobile --follow-up --errors 0", 28),
    ("krow-versions hotfix announce worker-mobile --follow-up --errors 0 --done", 28),
    ("krow-versions hotfix report worker-mobile -o incident.md", 28),
    ("krow-versions hotfix status worker-mobile --done incident-documented", 28),
)
"""Each command of the fast path without `next`, and how many hours after the first it is typed."""
NEXT_LINE = "krow-versions hotfix next"
COUNTED = "Errors since the deployment: "
"""The question of the status update, which has no answer yes."""
AGAIN = len("\u2191\n")  # The arrow that brings the last line back, and Enter.


def type_line(server: Server, line: str, later: dt.timedelta, answers: str = "y\n") -> int:
    """Type a line on a terminal, and the answers to its questions; give the number of questions."""
    if line.startswith("git "):
        server.ours.git(*shlex.split(line)[1:])
        return 0
    master, terminal = os.openpty()
    try:
        os.write(master, answers.encode())
        result = child.run(server.ours.path, *shlex.split(line)[1:], stdin=terminal, later=later)
    finally:
        os.close(terminal)
        os.close(master)
    return done(result).err.count("[y/N]") + result.err.count(COUNTED)


def is_over(server: Server, later: dt.timedelta) -> bool:
    done_: bool = child.run(server.ours.path, "hotfix", "status", "--json", later=later).data["done"]
    return done_


def test_how_much_is_typed(
    tmp_path: Path, fixed: Server, record_property: Callable[[str, str], None]
) -> None:
    """Both ways are walked, from the fix to the end; the page says how many commands, questions and keys."""
    shutil.copytree(fixed.ours.path.parent, tmp_path / "again", symlinks=True)
    other = Server.at(tmp_path / "again")
    by_hand = [type_line(other, line, hours * HOURS) for line, hours in BY_HAND]
    assert is_over(other, 28 * HOURS)
    keys = sum(len(line) + 1 + len("y\n") * asked for (line, _), asked in zip(BY_HAND, by_hand, strict=True))
    asked, waited = [], [3 * HOURS, 28 * HOURS]
    later = dt.timedelta()
    while not is_over(fixed, later):
        if "waits for" in typed(fixed, "", "-n", later=later).err:
            later = waited.pop(0)
        counts = "--errors TEXT" in typed(fixed, "", "-n", later=later).err
        if counts:
            nobody = child.run(fixed.ours.path, *NEXT, "--yes", later=later)
            command = "say it: krow-versions hotfix announce worker-mobile --follow-up --errors TEXT --done"
            assert_refused(nobody, "only a person can say it", command)
        asked.append(type_line(fixed, NEXT_LINE, later, "0\ny\n" if counts else "y\n"))
        assert asked[-1] <= 1 + counts
    workspace = attrs.evolve(kv.Workspace.open(fixed.ours.path), clock=ahead(28 * HOURS))
    sent = workspace.hotfix().record().sent(FOLLOW_UP)
    assert sent is not None
    assert (sent.errors, "Errors since: 0\n" in sent.body) == ("0", True)
    typed_once = len(NEXT_LINE) + 1 + AGAIN * (len(asked) - 1) + len("y\n") * sum(asked)
    rows = (
        f"| command by command | {len(by_hand)} | {sum(by_hand)} | {keys} |",
        f"| `hotfix next`, brought back with ↑ | {len(asked)} times the same | {sum(asked)} | {typed_once} |",
    )
    for row in rows:
        record_property("summary", row)
    page = (Path(__file__).parents[1] / "docs/tutorial-hotfix.md").read_text(encoding="utf-8")
    assert [row for row in rows if row not in page] == []
