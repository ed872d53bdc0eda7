"""The steps of a hotfix in any order, interrupted and disturbed, and what holds after every one of them.

A bare remote, our clone and a colleague's: all real. The steps are those of the library that the
command line calls; the hooks that interrupt them fail, or kill the git that called them.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import os
import re
import shutil
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from krow_versions.errors import Conflict, GitError, InputError, KrowVersionsError, PushRejected, Unsupported
from krow_versions.hotfix import Record, status
from krow_versions.planning.actions import Push, Tag
from krow_versions.version import Version
from krow_versions.workspace import Workspace
from krow_versions.workspace.hotfix.finding import open_hotfix
from krow_versions.workspace.hotfix.listing import under_way
from support import child
from support.commands import approve
from support.effort import THOROUGH
from support.krow import SLUG, STAFF, WEB, pubspec
from support.releases import BASE, BRANCH, FINISH, FIX, FIXED, PRODUCT, START, TAG, Released
from support.repositories import clear_locks, defuse, executable, fuse, refs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from krow_versions.hotfix import Facts
    from krow_versions.planning.plan import Plan
    from krow_versions.workspace.hotfix.view import HotfixView
    from support.repositories import Repo

MOMENT = dt.datetime(2026, 3, 5, 14, 0, tzinfo=dt.UTC)
TAGS, HEADS, MAIN = "refs/tags/", "refs/heads/", "refs/heads/main"
FOLDER = f"{HEADS}hotfix/{SLUG}-v"
PRODUCTION = f"{TAGS}{SLUG}/prod-v"
# What a hook of ours does to the git that called it.
DEEDS = {"fail": "exit 1", "kill": "kill -9 $PPID; sleep 0.2; exit 1"}
HERE = ("pre-push", "reference-transaction", "post-checkout", "post-merge")
THERE = ("pre-receive", "reference-transaction", "update")


class Hotfixes(RuleBasedStateMachine):
    """One product, its hotfixes one after the other, and people who come in between."""

    def __init__(self, world: Released) -> None:
        super().__init__()
        self.world, self.ours, self.theirs, self.remote = world, world.ours, world.theirs, world.remote
        self.minutes = itertools.count()
        self.mains: dict[str, str] = {}
        self.fixed: dict[tuple[str, str], str] = {}
        self.approved: set[str] = set()

    # --- what people and the library do ------------------------------------------------------------

    @initialize(
        phase=st.sampled_from(["nothing", "started", "ready", "tagged", "taken", "moved", "finished"]),
    )
    def begin(self, phase: str) -> None:
        if phase != "nothing":
            self.start()
        if phase not in {"nothing", "started"}:
            self.fix()
            self.approve()
        if phase == "tagged":  # The push failed.
            failing = fuse(self.ours, "pre-push", DEEDS["fail"])
            with contextlib.suppress(GitError):
                self.finish()
            defuse(failing)
        if phase == "taken":
            self.the_tag_is_taken()
        if phase == "moved":
            self.main_moves_on()
        if phase in {"taken", "moved", "finished"}:  # The first two are refused.
            self.finish()

    @rule()
    def start(self) -> None:
        with self.refusal():
            self.do_start()

    @rule()
    def fix(self) -> None:
        if self.on_hotfix():
            self.ours.write(FIXED, f"if (ready) login() // {next(self.minutes)}\n")
            self.ours.git("add", FIXED)
            self.ours.git("commit", "--quiet", "--message", FIX)
            self.bump()
            self.changelog()
            self.commit()

    @rule()
    def fix_only(self) -> None:
        if self.on_hotfix():
            self.ours.write(FIXED, f"if (ready) login() // {next(self.minutes)}\n")
            self.ours.commit(FIX)

    @rule()
    def bump(self) -> None:
        with self.refusal():
            workspace = self.workspace()
            workspace.apply(workspace.plan_bump(PRODUCT, changelog=False))

    @rule()
    def changelog(self) -> None:
        with self.refusal():
            workspace = self.workspace()
            workspace.apply(workspace.plan_row(PRODUCT, message="Crash on login", date=MOMENT.date()))

    @rule()
    def commit(self) -> None:
        if self.on_hotfix() and self.ours.git("status", "--porcelain"):
            self.ours.commit("chore: version")

    @rule()
    def check(self) -> None:
        if view := self.view():
            assert {gate.id for gate in view.gates()} >= {"branch", "base", "main"}

    @rule()
    def push_branch(self) -> None:
        if view := self.view():
            with self.refusal():
                plan = view.plan_pr()
                pushing = tuple(each for each in plan.actions if isinstance(each, Push))
                self.workspace().apply(attrs.evolve(plan, actions=pushing))  # Whether gh is here or not.

    @rule()
    def finish(self) -> None:
        if view := self.view():
            with self.refusal():
                self.workspace().apply(view.plan_finish())
                self.require_out(view)

    @rule()
    def approve(self) -> None:
        if view := self.view():
            facts = view.facts()
            with self.refusal():
                view.tick(["approval"], self.now())
                self.approved.add(facts.tip or facts.tag_at or "")
                assert {each.box.id: each.done for each in view.status(MOMENT).boxes}["approval"]

    @rule()
    def finish_approved(self) -> None:
        self.approve()
        self.finish()

    @rule()
    def amend(self) -> None:
        if self.on_hotfix() and self.ours.git("log", "-1", "--format=%s") == "chore: version":
            self.ours.git("commit", "--quiet", "--amend", "--message", "chore: version again")

    @rule(box=st.sampled_from(["review", "smoke-tests", "incident-documented"]))
    def tick(self, box: str) -> None:
        if (view := self.view()) and view.record().is_tracked:
            facts, before = view.facts(), view.record()
            try:
                assert box in view.tick([box], self.now()).ticks
            except Conflict:
                is_early = not (facts.commits or facts.merged) if box == "review" else not before.is_deployed
                assert is_early
                assert view.record() == before

    # --- interruptions --------------------------------------------------------------------------------

    @rule(name=st.sampled_from(HERE), deed=st.sampled_from([*DEEDS]), after=st.integers(1, 8))
    def start_interrupted(self, name: str, deed: str, after: int) -> None:
        try:
            plan = self.plan_start()
        except KrowVersionsError:
            return
        if not self.can_move():
            return
        burning = fuse(self.ours, name, DEEDS[deed], after)
        with contextlib.suppress(GitError):
            self.do_start()
            event("start was not interrupted")
        defuse(burning)
        clear_locks(self.ours)
        self.do_start()
        assert plan.step is not None
        view = open_hotfix(self.workspace(), PRODUCT, plan.step.version)
        assert view.facts().checked_out
        assert view.record().declaration is not None

    @rule(
        place=st.sampled_from([*(("ours", name) for name in HERE), *(("remote", name) for name in THERE)]),
        deed=st.sampled_from([*DEEDS]),
        after=st.integers(1, 8),
    )
    def finish_interrupted(self, place: tuple[str, str], deed: str, after: int) -> None:
        if not (view := self.view()):
            return
        try:
            plan = view.plan_finish()
        except KrowVersionsError:
            return
        burning = fuse(getattr(self, place[0]), place[1], DEEDS[deed], after)
        with contextlib.suppress(GitError):
            self.workspace().apply(plan)
            event("finish was not interrupted")
        defuse(burning)
        clear_locks(self.ours)
        for lock in self.remote.path.rglob("*.lock"):
            lock.unlink()
        self.workspace().apply(view.plan_finish())
        self.require_out(view)

    # --- what comes in between -------------------------------------------------------------------------

    @rule()
    def main_moves_on(self) -> None:
        self.world.move_main()

    @rule()
    def another_product_ships(self) -> None:
        tag = f"krow-withus-web/prod-v1.4.{next(self.minutes) + 1}"
        self.theirs.tag(tag, "origin/main")
        self.theirs.git("push", "--quiet", "origin", f"{TAGS}{tag}")

    @rule()
    def the_tag_is_taken(self) -> None:
        shipped = refs(self.remote, PRODUCTION.rpartition("/")[0])
        patch = len(shipped)
        self.theirs.git("fetch", "--quiet", "origin", f"{PRODUCTION}0.1.{patch - 1}")
        self.theirs.git("switch", "--quiet", "--detach", "FETCH_HEAD")
        self.theirs.write(STAFF, pubspec(f"0.1.{patch}+{5 + patch}"))
        self.theirs.commit("fix: theirs")
        self.theirs.git("tag", "--annotate", "--message=theirs", f"{SLUG}/prod-v0.1.{patch}")
        self.theirs.git("push", "--quiet", "origin", f"{PRODUCTION}0.1.{patch}")

    @rule()
    def the_branch_gets_a_commit(self) -> None:
        for branch in list(refs(self.remote, HEADS + "hotfix"))[-1:]:
            self.theirs.git("fetch", "--quiet", "origin", branch)
            self.theirs.git("switch", "--quiet", "--detach", "FETCH_HEAD")
            self.theirs.git("push", "--quiet", "origin", f"{self.theirs.commit('chore: comment')}:{branch}")

    @rule()
    def go_elsewhere(self) -> None:
        with contextlib.suppress(AssertionError):  # Git refuses to lose what is not committed.
            self.ours.git("switch", "--quiet", "main")

    @rule()
    def come_back(self) -> None:
        for branch in list(refs(self.ours, HEADS + "hotfix"))[-1:]:
            with contextlib.suppress(AssertionError):
                self.ours.git("switch", "--quiet", branch.removeprefix(HEADS))

    @rule()
    def merge_by_hand(self) -> None:
        branches = list(refs(self.ours, HEADS + "hotfix"))
        if branches and not self.ours.git("status", "--porcelain"):
            self.ours.git("switch", "--quiet", "main")
            self.ours.git("fetch", "--quiet", "origin", "main")
            with contextlib.suppress(AssertionError):
                self.ours.git("merge", "--quiet", "--no-edit", "FETCH_HEAD")
                self.ours.git("merge", "--quiet", "--no-ff", "--no-edit", branches[-1])
            if self.ours.git("status", "--porcelain", "--untracked-files=no"):
                self.ours.git("merge", "--abort")

    @rule()
    def delete_the_branch(self) -> None:
        view = self.view()
        if view and (facts := view.facts()).finished and facts.tip and not self.changed():
            self.ours.git("switch", "--quiet", "main")
            self.ours.git("branch", "--quiet", "--delete", "--force", facts.branch)

    @rule()
    def put_aside(self) -> None:
        self.ours.git("reset", "--quiet", "--hard")

    # --- what always holds -----------------------------------------------------------------------------

    @invariant()
    def main_only_moves_forward(self) -> None:
        """Neither here nor on the remote does main ever lose a commit."""
        for name, repo in (("ours", self.ours), ("remote", self.remote)):
            commit = repo.git("rev-parse", MAIN)
            if self.mains.get(name, commit) != commit:
                repo.git("merge-base", "--is-ancestor", self.mains[name], commit)
            self.mains[name] = commit

    @invariant()
    def tags_stay(self) -> None:
        """What the remote has had as a tag stays that tag, there and in every clone that has it."""
        there = refs(self.remote, TAGS)
        for name, repo in (("remote", self.remote), ("ours", self.ours)):
            own = refs(repo, TAGS)
            for tag, object_id in own.items():
                assert self.fixed.get((name, tag), object_id) == object_id
            for tag in own.keys() & there.keys():
                self.fixed.setdefault((name, tag), own[tag])
            assert {tag for at, tag in self.fixed if at == name} <= own.keys()

    @invariant()
    def only_what_is_approved_ships(self) -> None:
        """Each tag that we made names a commit that was approved, and no other."""
        names = self.ours.git(
            "for-each-ref", "--format=%(subject) %(*objectname)", PRODUCTION.rpartition("/")[0]
        )
        made = {line.rpartition(" ")[2] for line in names.splitlines() if line.startswith("HOTFIX")}
        assert made <= self.approved

    @invariant()
    def only_patches_ship(self) -> None:
        """At every tip a product is at its baseline or the PATCH of it; a tag has what it says."""
        for repo in (self.ours, self.remote):
            found = refs(repo, HEADS, PRODUCTION.rpartition("/")[0])
            for ref in found:
                core, _, build = self.version(repo, ref, STAFF).partition("+")
                patch = int(core.removeprefix("0.1."))
                assert build == str(5 + patch)
                if ref.startswith(FOLDER):
                    target = int(ref.removeprefix(f"{FOLDER}0.1."))
                    assert patch in {target - 1, target}
                elif ref.startswith(PRODUCTION):
                    assert ref == f"{PRODUCTION}{core}"
                assert '"version": "1.4.0"' in repo.git("show", f"{ref}:{WEB}")

    @invariant()
    def records_and_git_agree(self) -> None:
        """Status never fails, and what git shows is the same with a record and without one."""
        workspace = self.workspace()
        under_way(workspace, MOMENT)
        if not (view := self.view()):
            return
        seen = view.look()
        facts, record, gates = seen.facts, seen.record, seen.gates
        known = facts if facts.tip or facts.tag else None
        nothing = Record(record.product, record.slug, record.version)
        told = [status(PRODUCT, known, each, gates, MOMENT) for each in (record, nothing)]
        ticked = [[each for each in found.boxes if each.box.source == "git"] for found in told]
        assert ticked[0] == ticked[1]
        if known:  # Whether it is waited for depends on the step before; what it is about does not.
            steps = [each.steps[1] for each in told]
            second = [(step.state == "done", step.why, step.command) for step in steps]
            assert second[0] == second[1]
        if declared := record.declaration:
            assert (declared.branch, record.version) == (facts.branch, facts.version)
        with contextlib.suppress(KrowVersionsError):
            if view.plan_finish(fetch=False).is_empty:
                self.says_that_it_is_out(view, facts)

    def says_that_it_is_out(self, view: HotfixView, facts: Facts) -> None:
        event("a hotfix is out")
        found = view.status(MOMENT)
        boxes = {each.box.id: each.done for each in found.boxes}
        assert boxes["tag-created"]
        assert boxes["tag-pushed"]
        assert boxes["merged"] is not False
        assert found.steps[6].state == "done"
        assert facts.finished

    # --- helpers ------------------------------------------------------------------------------------------

    def workspace(self) -> Workspace:
        return Workspace.open(self.ours.path)

    def view(self) -> HotfixView | None:
        """The hotfix under way; None where there is none, or more than one."""
        try:
            return open_hotfix(self.workspace(), PRODUCT)
        except InputError:
            return None

    def now(self) -> dt.datetime:
        return MOMENT + dt.timedelta(minutes=next(self.minutes))

    def plan_start(self) -> Plan:
        return self.workspace().plan_hotfix(
            PRODUCT, issue="Nobody can log in", severity="critical", impact="All workers", now=self.now()
        )

    def do_start(self) -> None:
        self.workspace().apply(self.plan_start())

    def on_hotfix(self) -> bool:
        head = self.ours.git("symbolic-ref", "HEAD")
        version = head.removeprefix(FOLDER)
        return head != version and f"{PRODUCTION}{version}" not in refs(self.ours, TAGS)

    def changed(self) -> str:
        return self.ours.git("status", "--porcelain", "--untracked-files=no")

    def can_move(self) -> bool:
        return not self.changed()

    def version(self, repo: Repo, ref: str, path: str) -> str:
        lines = repo.git("show", f"{ref}:{path}").splitlines()
        return next(line for line in lines if line.startswith("version:")).split()[1]

    @contextlib.contextmanager
    def refusal(self) -> Iterator[None]:
        """Let pass what is refused, when nothing here has changed by it."""
        before = self.picture()
        try:
            yield
        except (InputError, Unsupported, PushRejected) as error:
            event(f"refused: {type(error).__name__}")
            after = self.picture()
            assert after[1:] == before[1:]
            there = refs(self.remote, TAGS).items()
            assert before[0].items() <= after[0].items() <= (before[0].items() | there)

    def picture(self) -> tuple[dict[str, str], dict[str, str], str, str]:
        head = self.ours.git("symbolic-ref", "HEAD")
        return refs(self.ours, TAGS), refs(self.ours, HEADS), head, self.ours.git("status", "--porcelain")

    def require_out(self, view: HotfixView) -> None:
        """Tagged at the tip, here and on the remote, whose main has it; nothing is left to push."""
        plan, facts = view.plan_finish(fetch=False), view.facts()
        assert not any(isinstance(action, Tag | Push) for action in plan.actions)
        assert facts.tip in {None, facts.tag_at}
        tag = view.context.tag(facts)
        assert refs(self.remote, tag) == refs(self.ours, tag) != {}
        self.remote.git("merge-base", "--is-ancestor", f"{tag}^{{commit}}", MAIN)


@pytest.mark.fault(93)
def test_steps_in_any_order(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever is done, interrupted or done by others: no promise of the process is broken."""
    folder, numbers = tmp_path_factory.mktemp("machine"), itertools.count()

    class Fresh(Hotfixes):
        def __init__(self) -> None:
            super().__init__(Released.make(folder / str(next(numbers))))

    run_state_machine_as_test(
        Fresh,
        settings=settings(
            max_examples=max(5, settings().max_examples // 25),
            stateful_step_count=12,
            suppress_health_check=[*HealthCheck],
            phases=[Phase.explicit, Phase.generate],  # To shrink real repositories takes minutes.
        ),
    )


# --- killed at every call of git ------------------------------------------------------------------------

GIT = shutil.which("git")
# At one call: git is killed before it does anything, or all is killed when git has done its work.
WRAPPER = f"""#!/bin/sh
echo >> "$KV_CALLS"
if [ "$(wc -l < "$KV_CALLS")" = "$KV_AT" ]; then
  [ "$KV_HOW" = git ] && kill -9 $$
  {GIT} "$@"
  kill -9 $PPID $$
fi
exec {GIT} "$@"
"""


def command(folder: Path, *args: str, at: int = 0, how: str = "git") -> tuple[int, str, int]:
    """Run ``hotfix`` in a process of its own; give exit code, words, and how often it called git."""
    calls = folder / "calls"
    calls.write_bytes(b"")
    wrapper = executable(folder / "bin/git", WRAPPER)
    dates = {f"GIT_{role}_DATE": "2026-03-05T14:00:00Z" for role in ("AUTHOR", "COMMITTER")}
    path = f"{wrapper.parent}:{os.environ['PATH']}"
    env = {"PATH": path, "KV_CALLS": str(calls), "KV_AT": str(at), "KV_HOW": how} | dates
    ended = child.run(folder / "ours", "hotfix", *args, env=env)
    return ended.code, ended.out + ended.err, len(calls.read_bytes())


def picture(folder: Path) -> frozenset[tuple[str, bytes]]:
    """What the three repositories hold, without what differs from run to run: times, and the index."""
    return frozenset(
        (str(path), re.sub(rb"(?m)^started = .*$", b"", path.read_bytes()))
        for path in folder.rglob("*")
        if path.is_file()
        and not {"objects", "logs"} & {*path.parts}
        and path.name != "index"
        and path.parent != folder
    )


def kill_at_each_call(before: Path, folder: Path, args: tuple[str, ...], how: str) -> Iterator[Released]:
    """Kill a command at its first call of git, its second, and so on; give what each leaves."""
    shutil.copytree(before, folder)
    code, words, calls = command(folder, *args)
    assert (code, calls > 10) == (0, True), words
    shutil.rmtree(folder)
    shutil.copytree(before, folder)
    seen = {picture(folder)}
    for at in range(1, calls + 1, 1 if THOROUGH else 4):
        code, words, _ = command(folder, *args, at=at, how=how)
        assert code in ({0, 4} if how == "git" else {-9}), f"call {at}: {code}: {words}"
        assert "Traceback" not in words
        found = picture(folder)
        world = Released.at(folder)
        assert clear_locks(world.ours) == []
        if found not in seen:  # Else it has been seen to end well from there.
            yield world
        seen.add(found)
        shutil.rmtree(folder)
        shutil.copytree(before, folder)


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("released")
    Released.make(folder)
    return folder


@pytest.fixture(scope="session")
def ready(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hotfix that can be finished."""
    folder = tmp_path_factory.mktemp("ready") / "here"
    shutil.copytree(released, folder)
    code, words, _ = command(folder, *START)
    assert code == 0, words
    Released.at(folder).fix()
    approve(Released.at(folder).ours.path, PRODUCT)
    return folder


def stands(world: Released) -> tuple[bool, bool, list[str]]:
    """Whether there is a branch, whether there is a record, and the states of steps 1 and 2."""
    view = open_hotfix(Workspace.open(world.ours.path), PRODUCT, Version.parse("0.1.1"))
    steps = view.status(MOMENT).steps
    return (
        view.facts().tip is not None,
        view.record().declaration is not None,
        [step.state for step in steps[:2]],
    )


@pytest.mark.fault(93)
@pytest.mark.parametrize("how", ["git", "all"])
def test_a_start_that_is_killed_is_started_again(released: Path, tmp_path: Path, how: str) -> None:
    """Killed at any call of git: status says what is missing, and the next start completes it."""
    seen = set()
    for world in kill_at_each_call(released, tmp_path / "x", START, how):
        branch, record, steps = stands(world)
        seen.add((branch, record))
        assert not record or branch
        assert (steps[0] == "done") == record
        code, words, _ = command(tmp_path / "x", *START)
        assert code == 0, words
        assert stands(world) == (True, True, ["done", "done"])
        assert world.ours.git("symbolic-ref", "--short", "HEAD") == BRANCH
        assert refs(world.ours)[HEADS + BRANCH] == world.ours.git("rev-parse", f"{BASE}^{{commit}}")
        assert world.ours.git("status", "--porcelain") == ""
    if THOROUGH and how == "all":
        assert seen >= {(True, False)}  # The record is written after the last call of git.


@pytest.mark.fault(93)
@pytest.mark.parametrize("how", ["git", "all"])
def test_a_finish_that_is_killed_is_finished_again(ready: Path, tmp_path: Path, how: str) -> None:
    """Killed at any call of git: the remote has main and tag or neither; the next run completes it."""
    seen = set()
    for world in kill_at_each_call(ready, tmp_path / "x", FINISH, how):
        tip = refs(world.ours)[HEADS + BRANCH]
        there = refs(world.remote)
        arrived = there[MAIN] == tip
        assert arrived == (TAGS + TAG in there)
        seen.add((TAGS + TAG in refs(world.ours), arrived, refs(world.ours)[MAIN] == tip))
        code, words, _ = command(tmp_path / "x", *FINISH)
        assert code == 0, words
        here, there = refs(world.ours), refs(world.remote)
        assert here[MAIN] == there[MAIN] == tip
        assert here[TAGS + TAG] == there[TAGS + TAG]
        assert world.ours.git("rev-parse", f"{TAG}^{{commit}}") == tip
        code, words, _ = command(tmp_path / "x", *FINISH)
        assert (code, "nothing to do" in words) == (0, True), words
    if THOROUGH and how == "all":
        assert seen >= {(False, False, False), (True, True, False), (True, True, True)}


def test_halves_are_reported_and_completed(released: Path, tmp_path: Path) -> None:
    """A branch without a record, or the reverse, is reported by status and completed by start."""
    folder = tmp_path / "x"
    shutil.copytree(released, folder)
    world = Released.at(folder)
    world.start_by_hand()
    assert stands(world) == (True, False, ["next", "done"])
    assert command(folder, *START)[0] == 0
    assert stands(world) == (True, True, ["done", "done"])
    world.ours.git("switch", "--quiet", "main")
    world.ours.git("branch", "--quiet", "--delete", BRANCH)
    assert stands(world) == (False, True, ["done", "blocked"])
    assert command(folder, *START)[0] == 0
    assert stands(world) == (True, True, ["done", "done"])
