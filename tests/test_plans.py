"""The laws of plans: they are values, show what they do, and are done once or not at all."""

from __future__ import annotations

import datetime as dt
import json
import os
import pickle
import re
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import attrs
import pytest

import krow_versions as kv
from krow_versions.errors import ConcurrentEdit, GitError, PushRejected
from krow_versions.planning.actions import Push, PushedRef, WriteFile, WriteRecord
from krow_versions.planning.plan import HotfixStep, Waiting
from support.commands import run
from support.krow import STAFF, hotfix, pubspec
from support.releases import BASE, BRANCH, CHANGELOG, FINISH, FIXED, PRODUCT, START, TAG, Released
from support.repositories import refs
from support.untouched import as_before, untouched

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.repositories import Repo

NOW = dt.datetime(2026, 3, 5, 14, 0, tzinfo=dt.UTC)
NEWER = BASE.replace("0.1.0", "0.2.0")
DEVELOPMENT = BASE.replace("prod-v0.1.0", "dev-v0.1.0")
DEPLOY = '[products.worker-mobile]\ndeploy = ["deploy", "--tag={tag}"]\n'
# Processes of git that change nothing.
QUESTIONS = {
    *("rev-parse", "for-each-ref", "rev-list", "cat-file", "status", "remote", "config", "ls-remote"),
    *("merge-base", "var", "diff-tree", "diff-index", "hash-object", "check-attr"),
}

NAMED: tuple[str, list[str]] = ("update-ref", [])
"""Gives a tag that was pushed its name here; the command of the tag is shown above."""


def workspace(world: Released) -> kv.Workspace:
    return kv.Workspace.open(world.ours.path)


def plan_bump(world: Released) -> kv.Plan:
    return workspace(world).plan_bump(PRODUCT, message="Crash on login", date=NOW.date())


def plan_row(world: Released) -> kv.Plan:
    return workspace(world).plan_row(PRODUCT, message="Crash on login", date=NOW.date())


def plan_start(world: Released, *, fetch: bool = True) -> kv.Plan:
    return workspace(world).plan_hotfix(
        PRODUCT, issue="Nobody can log in", severity="Critical", impact="All workers", now=NOW, fetch=fetch
    )


def quiet_start(world: Released) -> kv.Plan:
    return plan_start(world, fetch=False)


def plan_pr(world: Released) -> kv.Plan:
    return workspace(world).hotfix(PRODUCT).plan_pr()


def plan_finish(world: Released, *, fetch: bool = True) -> kv.Plan:
    return workspace(world).hotfix(PRODUCT, "0.1.1").plan_finish(fetch=fetch, release=True)


def quiet_finish(world: Released) -> kv.Plan:
    return plan_finish(world, fetch=False)


def plan_deploy(world: Released) -> kv.Plan:
    return workspace(world).hotfix(PRODUCT).plan_deploy()


def fresh(world: Released) -> None:
    """No hotfix is started."""


def started(world: Released) -> None:
    workspace(world).apply(plan_start(world))


def started_and_left(world: Released) -> None:
    started(world)
    world.ours.git("switch", "--quiet", "main")


def ready(world: Released) -> None:
    started(world)
    world.fix()
    workspace(world).hotfix(PRODUCT).tick(["approval"], NOW)


def ready_on_main(world: Released) -> None:
    """Main is checked out, so that finishing moves files."""
    ready(world)
    world.ours.git("switch", "--quiet", "main")


def tagged(world: Released) -> None:
    """The push of an earlier run failed."""
    ready(world)
    world.ours.tag(TAG)


def finished(world: Released) -> None:
    ready(world)
    workspace(world).apply(plan_finish(world))
    world.ours.write("krow-versions.toml", DEPLOY)


Case = tuple["Callable[[Released], None]", "Callable[[Released], kv.Plan]"]
BUMPS: dict[str, Case] = {"bump": (fresh, plan_bump), "row": (fresh, plan_row)}
STEPS: dict[str, Case] = {
    "start": (fresh, plan_start),
    "start again": (started_and_left, plan_start),
    "pr": (ready, plan_pr),
    "finish": (ready, plan_finish),
    "finish, main checked out": (ready_on_main, plan_finish),
    "finish, tag there": (tagged, plan_finish),
    "deploy": (finished, plan_deploy),
}
CASES = BUMPS | STEPS


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[list[str]]]:
    """Puts `gh` and `deploy` on PATH; gives how they were called since it was last asked."""
    folder, log = tmp_path / "programs", tmp_path / "calls"
    folder.mkdir()
    log.touch()
    for name in ("gh", "deploy"):
        script = folder / name
        script.write_text(f'#!/bin/sh\n{{ printf "%s\\0" {name} "$@"; printf "\\2\\0"; }} >> {log}\n')
        script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def called() -> list[list[str]]:
        found = log.read_bytes().decode().split("\2\0")[:-1]
        log.write_bytes(b"")
        return [each.split("\0")[:-1] for each in found]

    return called


@pytest.fixture
def world(tmp_path: Path, calls: Callable[[], list[list[str]]]) -> Released:
    return Released.make(tmp_path / "world")


# --- values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES)
def test_a_plan_is_a_value(world: Released, case: str) -> None:
    """The same world gives an equal plan; it can be hashed, pickled, written as JSON, and never changed."""
    prepare, plan_of = CASES[case]
    prepare(world)
    plan, same = plan_of(world), plan_of(world)
    assert (plan, hash(plan)) == (same, hash(same))
    assert pickle.loads(pickle.dumps(plan)) == plan
    assert attrs.evolve(plan, notes=("other",)) != plan
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        plan.notes = ()  # type: ignore[misc]  # That is the test.
    assert json.loads(json.dumps(plan.to_json()))["changed"] is True
    assert "\n" not in repr(plan)


@pytest.mark.parametrize("case", STEPS)
def test_every_form_of_a_step_shows_the_same_commands(world: Released, case: str) -> None:
    """Text, table, HTML and JSON show one entry per action, in order, with its kind and command."""
    prepare, plan_of = CASES[case]
    prepare(world)
    plan = plan_of(world)
    data = plan.to_json(dry_run=True)
    assert [each["command"] for each in data["actions"]] == list(plan.commands)
    assert {*data} >= {"schema", "step", "product", "version", "actions", "by_hand", "changed", "dry_run"}
    assert (data["schema"], data["product"], data["version"]) == (1, PRODUCT, "0.1.1")
    assert all({"action", "repo"} <= each.keys() for each in data["actions"])
    rows = plan.to_table().to_records()
    assert [row["command"] for row in rows] == [*plan.commands, *(each.command for each in plan.by_hand)]
    assert "<table" in plan._repr_html_()
    assert repr(plan).startswith(f"<Plan: hotfix {data['step']} {PRODUCT} 0.1.1, ")


# --- shown, and done -------------------------------------------------------------------------------


def effect(args: list[str]) -> tuple[str, list[str], set[str]]:
    """What a call of git does: its subcommand, its refs and short ids, its options."""
    rest = [*args]
    while rest[0].startswith("-"):
        del rest[: 2 if rest[0] in {"-c", "-C"} else 1]
    command, *rest = rest
    options = {each for each in rest if each.startswith("--") and each != "--"}
    if "-m" in rest:
        at = rest.index("-m")
        del rest[at : at + 2]
    names = [re.sub(r"\b([0-9a-f]{12})[0-9a-f]{28}\b(\^\{commit\})?", r"\1", each) for each in rest]
    names = [re.sub(r"^(refs/.+):\1$", r"\1", each) for each in names]  # To its own name.
    # A new tag is pushed as the object that it is, before it has its name here.
    names = [re.sub(r"^[0-9a-f]{12}:(refs/tags/.+)$", r"\1", each) for each in names]
    return command, [each for each in names if not each.startswith("-")], options


def shown(plan: kv.Plan) -> list[list[str]]:
    """The single commands that a plan shows, without what a shell takes for remarks."""
    words = [
        shlex.split(part)
        for command in plan.commands
        for part in re.split(r" && ", re.sub(r"(?m)(^|    )# .*$", "", command))
    ]
    return [each for each in words if each]


@pytest.mark.parametrize("case", STEPS)
def test_what_is_shown_is_what_is_run(
    world: Released, case: str, spy: Callable[[], list[list[str]]], calls: Callable[[], list[list[str]]]
) -> None:
    """The effects of git, by subcommand, refs and ids, are those of the commands shown, and in their order;
    the programs are called with exactly the arguments shown."""
    prepare, plan_of = CASES[case]
    prepare(world)
    plan = plan_of(world)
    spy(), calls()
    workspace(world).apply(plan)
    run = [effect(args) for args in spy()]
    run = [each for each in run if each[0] not in QUESTIONS and each[:2] != NAMED]
    git = [effect(words[1:]) for words in shown(plan) if words[0] == "git"]
    assert [each[:2] for each in run] == [each[:2] for each in git]
    assert all(wanted <= had for (_, _, wanted), (_, _, had) in zip(git, run, strict=True))
    assert calls() == [words for words in shown(plan) if words[0] != "git"]


def state(world: Released) -> tuple[object, ...]:
    """What typing commands can change: HEAD, branches, tags peeled, files, and the remote's refs."""
    peeled = "--format=%(refname) %(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)"
    there, here = (repo.git("for-each-ref", peeled) for repo in (world.remote, world.ours))
    return world.ours.git("symbolic-ref", "HEAD"), here, there, world.ours.git("status", "--porcelain")


@pytest.mark.parametrize("case", [case for case in STEPS if case != "deploy"])
def test_typing_what_is_shown_does_the_same(world: Released, case: str, tmp_path: Path) -> None:
    """The commands, typed in a shell, leave branches, tags, files and remote as applying the plan does."""
    prepare, plan_of = CASES[case]
    prepare(world)
    plan = plan_of(world)
    shutil.copytree(tmp_path / "world", tmp_path / "typed", symlinks=True)
    workspace(world).apply(plan)
    typed = Released.at(tmp_path / "typed")
    typed.ours.git("status")  # Git notes the new times of the files in the index.
    env = {**os.environ, "GIT_EDITOR": "echo HOTFIX >"}
    for command in plan.commands:
        subprocess.run(["bash", "-c", command], cwd=typed.ours.path, env=env, check=True, capture_output=True)
    assert state(typed) == state(world)


@pytest.mark.parametrize("case", CASES)
def test_what_is_done_needs_no_second_time(
    world: Released, case: str, calls: Callable[[], list[list[str]]]
) -> None:
    """After a plan was applied the next one is empty, and applying either does nothing. (A deployment can be
    planned again: whether it is needed again only people know.)"""
    prepare, plan_of = CASES[case]
    prepare(world)
    plan = plan_of(world)
    assert not plan.is_empty
    assert workspace(world).apply(plan).actions == plan.actions
    again = plan_of(world)
    assert again.is_empty or case == "deploy"
    calls()
    with untouched(world.ours, world.remote):
        assert case == "deploy" or workspace(world).apply(again) == kv.Applied()
        assert workspace(world).apply(plan) == kv.Applied()
    assert calls() == []


def undo(world: Released, case: str) -> None:
    """Make one effect of a plan another than planned."""
    if case in {"bump", "row"}:
        world.ours.write(CHANGELOG, (world.ours.path / CHANGELOG).read_text() + "\nmore\n")
    elif case.startswith("finish"):
        world.remote.git("update-ref", "-d", f"refs/tags/{TAG}")
    else:
        world.ours.git("switch", "--quiet", "--detach", "main~0")


@pytest.mark.parametrize("case", [case for case in CASES if case not in {"deploy", "pr"}])
def test_what_is_not_as_it_was_done_is_no_second_time(world: Released, case: str) -> None:
    """A plan that was applied is refused, as any other, where one of its effects is there no more."""
    prepare, plan_of = CASES[case]
    prepare(world)
    plan = plan_of(world)
    workspace(world).apply(plan)
    undo(world, case)
    with as_before(world.ours), pytest.raises(ConcurrentEdit):
        workspace(world).apply(plan)


@pytest.mark.parametrize("case", [case for case in CASES if case != "deploy"])
def test_what_stopped_anywhere_is_completed_by_the_next_plan(
    world: Released, case: str, tmp_path: Path
) -> None:
    """After any number of the actions, the next plan does the rest: all is as if it had been done at once."""
    prepare, plan_of = CASES[case]
    prepare(world)
    before, here = tmp_path / "before", tmp_path / "world"
    shutil.copytree(here, before, symlinks=True)
    plan = plan_of(world)
    workspace(world).apply(plan)
    whole = state(world), texts(world)
    for number in range(1, len(plan.actions)):
        shutil.rmtree(here)
        shutil.copytree(before, here, symlinks=True)
        world.ours.git("status")  # Git notes the new times of the files in the index.
        do_first(world, plan_of(world), number)
        assert (state(world), texts(world)) != whole
        workspace(world).apply(plan_of(world))
        assert (state(world), texts(world)) == whole


def do_first(world: Released, plan: kv.Plan, number: int) -> None:
    """Do only the first actions. Part of a bump is not applied: it shows more than it would write."""
    some = attrs.evolve(plan, actions=plan.actions[:number])
    if plan.step is not None:
        workspace(world).apply(some)
        return
    with untouched(world.ours), pytest.raises(kv.UsageError, match="does not write the files that it shows"):
        workspace(world).apply(some)
    for action in some.actions:
        assert isinstance(action, WriteFile)
        (world.ours.path / action.path).write_text(action.after, encoding="utf-8", newline="")


def texts(world: Released) -> dict[str, bytes]:
    """The files, and what is kept of hotfixes in git's own folder, without the times of ticks."""
    kept = (world.ours.path / ".git" / "krow-versions").rglob("*")
    paths = [world.ours.path / STAFF, world.ours.path / CHANGELOG, *(path for path in kept if path.is_file())]
    return {path.name: re.sub(rb"(?m)^[a-z-]+ = 2[0-9-]+T.*$", b"", path.read_bytes()) for path in paths}


def test_a_deployment_is_recorded(world: Released, calls: Callable[[], list[list[str]]]) -> None:
    """What a program's success ticks is in the record afterwards."""
    finished(world)
    calls()
    workspace(world).apply(plan_deploy(world))
    record = workspace(world).hotfix(PRODUCT).record()
    assert record is not None
    assert record.is_deployed
    assert calls() == [["deploy", f"--tag={TAG}"]]


@pytest.mark.parametrize(
    ("prepare", "args", "most"),
    [(fresh, START, 25), (ready, ("pr", PRODUCT, "--run", "--yes"), 20), (ready, FINISH, 24)],
    ids=["start", "pr", "finish"],
)
def test_a_step_takes_few_processes_of_git(
    world: Released,
    spy: Callable[[], list[list[str]]],
    prepare: Callable[[Released], None],
    args: tuple[str, ...],
    most: int,
) -> None:
    """One command asks git for the same thing only once."""
    prepare(world)
    spy()
    result = run("hotfix", *args, cwd=world.ours.path)
    assert result.code == 0, result
    assert len(spy()) <= most


@pytest.mark.parametrize("case", CASES)
def test_planning_changes_nothing(world: Released, case: str) -> None:
    """A plan that is made and shown leaves every byte here and on the remote."""
    prepare, plan_of = CASES[case]
    prepare(world)
    quiet = {"start": quiet_start, "start again": quiet_start}.get(case, plan_of)
    quiet = quiet_finish if case.startswith("finish") else quiet
    with untouched(world.ours, world.remote):
        plan = quiet(world)
        str(plan), plan.to_table(), plan.to_json(), plan.diff(), plan._repr_html_()


# --- the world has moved on ------------------------------------------------------------------------


def commit(world: Released) -> None:
    world.ours.git("commit", "--quiet", "--allow-empty", "--message=later")


def switch(world: Released) -> None:
    world.ours.git("switch", "--quiet", "--detach")


def tag(world: Released) -> None:
    world.ours.tag(TAG, BASE)


def untag(world: Released) -> None:
    world.ours.git("tag", "--delete", TAG)


def lightweight(world: Released) -> None:
    world.ours.git("tag", "--force", "--no-sign", TAG, f"{TAG}^{{commit}}")


def newer(world: Released) -> None:
    world.ours.tag(NEWER)


def released_no_more(world: Released) -> None:
    world.ours.git("tag", "--delete", BASE)


def shipped(world: Released) -> None:
    world.ours.tag(DEVELOPMENT)


def base(world: Released) -> None:
    world.ours.git("tag", "--force", "--annotate", "--message=x", BASE, commit_of(world.ours))


def commit_of(repo: Repo) -> str:
    return repo.git("commit-tree", "-m", "other", "HEAD^{tree}")


def branch(world: Released) -> None:
    world.ours.git("branch", BRANCH)


def move_branch(world: Released) -> None:
    world.ours.git("branch", "--force", BRANCH, commit_of(world.ours))


def main_here(world: Released) -> None:
    world.ours.git("update-ref", "refs/heads/main", commit_of(world.ours))


def fetched(world: Released) -> None:
    world.move_main()
    world.ours.git("fetch", "--quiet")


def record(world: Released) -> None:
    folder = world.ours.path / ".git/krow-versions/hotfix"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{BRANCH.removeprefix('hotfix/')}.toml").write_text("mine\n")


def file(world: Released) -> None:
    world.ours.write(STAFF, pubspec("0.1.0+9"))


MOVES = [
    ("bump", file, STAFF),
    ("bump", commit, "HEAD has moved from main at"),
    ("bump", switch, "HEAD has moved from main at"),
    ("bump", tag, f"'{TAG}' was made"),
    ("bump", base, f"'{BASE}' has moved from"),
    ("bump", shipped, f"'{DEVELOPMENT}' was made"),
    ("bump", released_no_more, f"'{BASE}' was deleted"),
    ("start", commit, "HEAD has moved from main at"),
    ("start", switch, "HEAD has moved from main at"),
    ("start", tag, f"'refs/tags/{TAG}' has moved from nothing to"),
    ("start", base, f"'refs/tags/{BASE}' has moved from"),
    ("start", newer, f"the production tag of {PRODUCT} was '{BASE}', and is '{NEWER}'"),
    ("start", branch, f"'refs/heads/{BRANCH}' has moved from nothing to"),
    ("start", record, BRANCH.removeprefix("hotfix/")),
    ("start again", move_branch, f"'refs/heads/{BRANCH}' has moved from"),
    ("pr", commit, f"'refs/heads/{BRANCH}' has moved from"),
    ("pr", switch, "HEAD has moved from"),
    ("finish", commit, "HEAD has moved from"),
    ("finish", switch, "HEAD has moved from"),
    ("finish", tag, f"'refs/tags/{TAG}' has moved from nothing to"),
    ("finish", main_here, "'refs/heads/main' has moved from"),
    ("finish", fetched, "'refs/remotes/origin/main' has moved from"),
    ("finish, main checked out", move_branch, f"'refs/heads/{BRANCH}' has moved from"),
    ("finish, tag there", untag, f"'refs/tags/{TAG}' has moved from"),
    ("finish, tag there", lightweight, f"'refs/tags/{TAG}' has moved from"),
    ("deploy", untag, f"'refs/tags/{TAG}' has moved from"),
    ("deploy", lightweight, f"'refs/tags/{TAG}' has moved from"),
    ("deploy", commit, "HEAD has moved from"),
]


@pytest.mark.fault(67)
@pytest.mark.parametrize(("case", "move", "said"), MOVES, ids=lambda each: getattr(each, "__name__", each))
def test_a_plan_of_another_world_does_nothing(
    world: Released,
    case: str,
    move: Callable[[Released], None],
    said: str,
    calls: Callable[[], list[list[str]]],
) -> None:
    """Where what a plan was made from has changed, it says what, and every byte stays as it is."""
    prepare, plan_of = CASES[case]
    prepare(world)
    plan = plan_of(world)
    move(world)
    calls()
    with untouched(world.ours, world.remote), pytest.raises(ConcurrentEdit) as error:
        workspace(world).apply(plan)
    assert said in str(error.value)
    assert calls() == []


def test_a_remote_that_has_moved_takes_nothing(world: Released) -> None:
    """A push that the remote refuses leaves no tag behind, and says which ref it was."""
    ready(world)
    plan = plan_finish(world)
    moved = world.move_main()
    with as_before(world.ours), untouched(world.remote), pytest.raises(PushRejected) as error:
        workspace(world).apply(plan)
    assert "'refs/heads/main'" in str(error.value)
    assert refs(world.remote)["refs/heads/main"] == moved


def test_what_was_kept_is_taken_away_when_there_is_no_branch(world: Released) -> None:
    """A configuration saved before the switch is removed if the branch cannot be made."""
    world.ours.write("krow-versions.toml", DEPLOY)
    plan = plan_start(world)
    assert isinstance(plan.actions[0], WriteRecord)
    (world.ours.path / f".git/refs/heads/{BRANCH}.lock").parent.mkdir(parents=True)
    (world.ours.path / f".git/refs/heads/{BRANCH}.lock").touch()
    with as_before(world.ours), pytest.raises(kv.Busy):
        workspace(world).apply(plan)
    assert [*(world.ours.path / ".git/krow-versions/hotfix").iterdir()] == []


def main_elsewhere(world: Released) -> None:
    world.ours.git("worktree", "add", "--quiet", "../elsewhere", "main")


def main_edited(world: Released) -> None:
    world.ours.git("switch", "--quiet", "main")
    world.ours.write(FIXED, "edited\n")


def alone(world: Released) -> None:
    ready(world)
    world.ours.git("remote", "remove", "origin")


@pytest.mark.parametrize(
    ("block", "said"),
    [(main_elsewhere, "main is checked out in"), (main_edited, f"differ from HEAD: {FIXED}")],
)
def test_without_a_remote_a_main_that_cannot_move_is_refused(
    world: Released, block: Callable[[Released], None], said: str
) -> None:
    """Where it is known that main here cannot be brought forward, planning says so."""
    alone(world)
    block(world)
    with untouched(world.ours), pytest.raises(kv.Conflict) as error:
        quiet_finish(world)
    assert said in error.value.message


def test_without_a_remote_a_main_that_does_not_move_leaves_no_tag(world: Released) -> None:
    """The tag is taken back if main cannot be brought forward after all."""
    alone(world)
    world.ours.git("switch", "--quiet", "main")
    plan = quiet_finish(world)
    world.ours.write(FIXED, "edited\n")
    with as_before(world.ours), pytest.raises(kv.Conflict):
        workspace(world).apply(plan)


def failing_hook(world: Released) -> None:
    hook = world.ours.path / ".git/hooks/pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho run the tests first >&2\nexit 1\n")
    hook.chmod(0o755)


def dead_service(world: Released) -> None:
    world.ours.git("config", "remote.origin.receivepack", "false")


def no_transactions(world: Released) -> None:
    world.remote.git("config", "receive.advertiseAtomic", "false")


@pytest.mark.parametrize("block", [failing_hook, dead_service, no_transactions])
def test_a_push_that_did_not_arrive_leaves_no_tag(world: Released, block: Callable[[Released], None]) -> None:
    """Where the remote certainly has nothing of it, the tag is taken back; the hint says what to do."""
    ready(world)
    plan = plan_finish(world)
    block(world)
    with as_before(world.ours), untouched(world.remote), pytest.raises(PushRejected) as error:
        workspace(world).apply(plan)
    assert "correct that, then run it again" in str(error.value)
    assert not hasattr(error.value, "__notes__")


def test_a_push_that_may_have_arrived_leaves_no_tag(world: Released) -> None:
    """Where the remote cannot be asked there is no tag here, and the next run has what the remote has."""
    ready(world)
    plan = plan_finish(world)
    world.remote.path.rename(away := world.remote.path.with_name("away"))
    with pytest.raises(GitError, match="not known"):
        workspace(world).apply(plan)
    assert f"refs/tags/{TAG}" not in refs(world.ours)
    away.rename(world.remote.path)
    workspace(world).apply(plan_finish(world))
    assert refs(world.remote)[f"refs/tags/{TAG}"] == refs(world.ours)[f"refs/tags/{TAG}"]


def test_a_tag_that_is_there_is_pushed_as_it_was_seen(world: Released) -> None:
    """The push names the tag object, so that a tag of the same name cannot go instead."""
    tagged(world)
    (push,) = (action for action in plan_finish(world).actions if isinstance(action, Push))
    seen = refs(world.ours)[f"refs/tags/{TAG}"]
    assert PushedRef(f"refs/tags/{TAG}", seen) in push.refs


def test_json_has_what_was_done(world: Released) -> None:
    """What was not done is not among the actions printed; the warnings say why."""
    ready(world)
    main_edited(world)
    result = run("hotfix", *FINISH, "--json", cwd=world.ours.path)
    assert result.code == 0, result
    data = json.loads(result.out)
    assert [each["action"] for each in data["actions"]] == ["tag", "push"]
    assert [each for each in data["warnings"] if each.startswith("main here was not brought forward: ")]
    assert data["changed"] is True


@pytest.mark.parametrize("code", [0, 3])
def test_a_deployment_that_cannot_be_noted(world: Released, tmp_path: Path, code: int) -> None:
    """The error says how the program ended, and why that is not in the record."""
    finished(world)
    plan = plan_deploy(world)
    file = world.ours.path / ".git/krow-versions/hotfix" / f"{BRANCH.removeprefix('hotfix/')}.toml"
    (tmp_path / "programs/deploy").write_text(f"#!/bin/sh\necho damaged > {file}\nexit {code}\n")
    with pytest.raises(kv.OperationFailed, match=f"ended with exit code {code}, which could not be noted"):
        workspace(world).apply(plan)
    with pytest.raises(kv.InputError, match=re.escape(file.name)):
        workspace(world).apply(plan)


def test_a_rollback_that_cannot_be_noted(world: Released, tmp_path: Path) -> None:
    """The hint is how a rollback is recorded by hand: it is no deployment of the hotfix."""
    finished(world)
    workspace(world).apply(plan_deploy(world))
    plan = workspace(world).hotfix(PRODUCT).plan_rollback(reason="Nobody can pay", decided_by="Pia")
    file = world.ours.path / ".git/krow-versions/hotfix" / f"{BRANCH.removeprefix('hotfix/')}.toml"
    (tmp_path / "programs/deploy").write_text(f"#!/bin/sh\necho damaged > {file}\n")
    with pytest.raises(kv.OperationFailed) as failed:
        workspace(world).apply(plan)
    assert str(failed.value.hint).endswith(f"then: krow-versions hotfix rollback {PRODUCT} --done")


def test_a_record_that_cannot_be_read_stops_a_deployment(
    world: Released, calls: Callable[[], list[list[str]]]
) -> None:
    """Nothing runs whose end could not be noted."""
    finished(world)
    plan = plan_deploy(world)
    record(world)
    calls()
    with untouched(world.ours, world.remote), pytest.raises(kv.InputError):
        workspace(world).apply(plan)
    assert calls() == []


@pytest.mark.parametrize("case", ["deploy", "finish", "bump"])
def test_a_plan_for_other_repositories_does_nothing(
    world: Released, case: str, calls: Callable[[], list[list[str]]]
) -> None:
    """A plan is applied only where its repositories and its product are."""
    prepare, plan_of = CASES[case]
    prepare(world)
    plan = plan_of(world)
    root = world.ours.path.parent
    (root / "krow-versions.toml").write_text(
        '[repos]\nmobile = "ours"\n[products.worker-mobile]\nrepo = "mobile"\n'
    )
    calls()
    with untouched(world.ours, world.remote), pytest.raises(kv.Conflict, match="for other repositories"):
        kv.Workspace.open(root).apply(plan)
    assert calls() == []


# --- several repositories --------------------------------------------------------------------------


def test_where_there_are_several_repositories_commands_name_the_folder(world: Released) -> None:
    """With several repositories, each git command and each program says where it runs."""
    root = world.ours.path.parent
    (root / "other").mkdir()
    (root / "krow-versions.toml").write_text(
        '[repos]\nmobile = "ours"\nother = "other"\n[products.worker-mobile]\nrepo = "mobile"\n'
        'deploy = ["deploy", "{tag}"]\n'
    )
    ws = kv.Workspace.open(root)
    plans = [ws.plan_hotfix(PRODUCT, issue="x", severity="HIGH", impact="y", now=NOW)]
    ws.apply(plans[0])
    world.fix()
    ws.hotfix(PRODUCT).tick(["approval"], NOW)
    for plan_of in (
        kv.HotfixView.plan_pr,
        lambda view: view.plan_finish(release=True),
        kv.HotfixView.plan_deploy,
    ):
        plans.append(plan_of(ws.hotfix(PRODUCT)))
        ws.apply(plans[-1])
    commands = [part for plan in plans for command in plan.commands for part in command.split(" && git")]
    assert len(commands) > 8
    here = str(world.ours.path)
    named = [command for command in commands if not command.startswith("# ")]
    for command in named:
        assert command.removeprefix("git").startswith((f" -C {here} ", f"cd {here} && ")), command
    assert plans[0].actions[0].repo == "mobile"


def test_a_bump_writes_each_file_once(world: Released) -> None:
    """A plan of several products names a shared file once, with all its changes."""
    plan = plan_bump(world)
    writes = [action for action in plan.actions if isinstance(action, WriteFile)]
    assert len({action.path for action in writes}) == len(writes) == len(plan.changes)
    assert plan.commands == tuple(f"$EDITOR {action.path}" for action in writes)


@pytest.mark.parametrize("actions", [(), (WriteRecord(".", "a.toml", None, "b"),)])
def test_a_plan_that_waits_is_not_done(actions: tuple[WriteRecord, ...]) -> None:
    """Text, table and data say what it waits for and what to do; "nothing to do" is of other plans."""
    step = HotfixStep("finish", "web", kv.Version.parse("1.4.1"))
    plan = kv.Plan(actions=actions, step=step, waiting=Waiting("it is not <merged>", "merge it"))
    data = plan.to_json()
    assert (data["waiting"], data["way"]) == ("it is not <merged>", "merge it")
    for shown in (str(plan), plan._repr_html_().replace("&lt;", "<").replace("&gt;", ">")):
        assert "it is not <merged>" in shown
        assert "merge it" in shown
        assert "nothing to do" not in shown
    assert "waits" in repr(plan)
    assert "nothing to do" not in repr(plan)
    idle = attrs.evolve(plan, actions=(), waiting=None)
    assert [text.count("nothing to do") for text in (str(idle), repr(idle))] == [1, 1]
    assert "nothing to do" in idle._repr_html_()
    assert (idle.to_json()["waiting"], idle.to_json()["way"]) == (None, None)


def test_a_plan_without_proof_shows_the_same_and_is_not_applied(repo: Repo) -> None:
    """``--check`` proves nothing: it shows what the plan shows, and nobody can apply it."""
    hotfix(repo)
    here = kv.Workspace.open(repo.path)
    proved, shown = (here.plan_bump(PRODUCT, date=NOW.date(), proven=each) for each in (True, False))
    assert attrs.evolve(shown, proven=True) == proved
    assert not shown.is_empty
    with untouched(repo), pytest.raises(kv.UsageError, match="only shows what would change"):
        here.apply(shown)
