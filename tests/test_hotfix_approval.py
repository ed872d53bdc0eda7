"""The approval: it is of one commit, and nothing else ships."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

import krow_versions as kv
from krow_versions.errors import Conflict, InputError, UsageError, members
from krow_versions.hotfix import Approval, Record, consent, read_record, record_text
from krow_versions.planning.actions import Tag, WriteRecord
from krow_versions.text.escaping import printable
from support.commands import assert_refused, done
from support.krow import SLUG
from support.releases import BASE, BRANCH, FIXED, PRODUCT, TAG, Released
from support.repositories import Repo, refs
from support.scenes import NAME, Scene
from support.untouched import as_before, untouched

if TYPE_CHECKING:
    from pathlib import Path

DAY = dt.datetime(2026, 3, 5, 14, 0, tzinfo=dt.UTC)
TICK = f"krow-versions hotfix status {NAME} --done approval"
commits = st.sampled_from(["a" * 40, "b" * 40, "c" * 40])
words = st.text(st.characters(codec=None, exclude_categories=()), max_size=20)
entries = st.builds(
    Approval,
    tip=commits,
    at=st.integers(0, 10**6).map(lambda count: DAY + dt.timedelta(minutes=count)),
    who=words,
    reason=words | st.just(""),
)


@given(st.lists(entries, max_size=5), st.none() | commits, commits)
def test_only_what_was_said_of_this_commit_counts(said: list[Approval], head: str | None, tip: str) -> None:
    """A commit may ship if it is approved here or there, or has a reason to ship without; no other counts."""
    found = consent(said, head, tip)
    own = [each for each in said if each.tip == tip]
    assert found.approved == (head == tip or any(not each.reason for each in own))
    assert found.given == (head == tip or bool(own))
    assert printable(str(found)) == str(found)
    others = [each.tip for each in said if not each.reason and each.tip != tip]
    if not found.given:
        assert (f"the tip is {tip[:12]}" in str(found)) == bool(others or head)


@given(st.lists(entries, max_size=5))
def test_approvals_come_back(said: list[Approval]) -> None:
    """read(write(approvals)) are the approvals, and what is written harms no terminal."""
    made = NOTHING.adding(*said)
    text = record_text(made)
    assert read_record(text).approvals == made.approvals
    assert [each.tip for each in made.approvals] == [each.tip for each in said]
    assert printable(text, keep="\n") == text


NOTHING = Record("worker-mobile", SLUG, kv.Version(0, 1, 1))
WHOLE = record_text(NOTHING.adding(Approval(tip="a" * 40, at=DAY, who="Ada", reason="nobody is awake")))


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("schema = 2", "schema = 3", "schema", "of a newer schema"),
        ("a" * 40, "abc", "approved[0].tip", "is no full id of a commit"),
        ("at = 2026-03-05T14:00:00+00:00", "at = 2026-03-05", "approved[0].at", "not a date with a time"),
        ("who =", "wo =", "approved[0].wo", "there is no key 'wo'"),
        ("[[approved]]", "[approved]", "approved", "a table, not an array"),
    ],
)
def test_each_mistake_of_a_hand_is_named(old: str, new: str, key: str, says: str) -> None:
    """Approvals edited by hand are read strictly: the error names file and key."""
    assert old in WHOLE
    with pytest.raises((InputError, kv.Problems)) as refused:
        read_record(WHOLE.replace(old, new), "x/y.toml")
    (error,) = members(refused.value)
    assert (error.path, error.key, says in error.message) == ("x/y.toml", key, True), error


# --- on the command line ---------------------------------------------------------------------------------


def amend(repo: Repo) -> str:
    repo.git("commit", "--quiet", "--amend", "--message", "chore: version, said better")
    return repo.git("rev-parse", "HEAD")


def more(repo: Repo) -> str:
    repo.write(FIXED, "if (quite_ready) login()\n")
    return repo.commit("test: more")


def rebase(repo: Repo) -> str:
    """Rebase the two commits of the hotfix: others of the same content."""
    repo.git("rebase", "--quiet", "--force-rebase", f"refs/tags/{BASE}")
    return repo.git("rev-parse", "HEAD")


@pytest.mark.parametrize("change", [amend, more, rebase])
def test_another_commit_needs_another_approval(ready: Scene, change: object) -> None:
    """After an amend, a commit or a rebase, all commands say what was approved, and what is there."""
    old = ready.ours.git("rev-parse", "HEAD")
    new = change(ready.ours)  # type: ignore[operator]
    assert new != old
    words = f"approved was {old[:12]}, the tip is {new[:12]}"
    check = done(ready.hotfix("check"))
    assert words in check.out
    assert TICK in check.out
    status = done(ready.hotfix("status", "--json")).data
    (review,) = (step for step in status["steps"] if step["title"] == "Review")
    (box,) = (box for box in status["checklist"] if box["id"] == "approval")
    assert (review["state"] in {"next", "blocked"}, box["done"], box["note"]) == (True, False, words)
    with as_before(ready.ours), untouched(ready.remote):
        refused = ready.hotfix("finish", "--yes")
    assert_refused(refused, words, TICK, f"krow-versions hotfix finish {NAME} --without-approval REASON")
    ready.approve()
    done(ready.hotfix("finish", "--yes"))
    assert ready.there("refs/heads/main") == new


def test_what_was_approved_once_is_approved_when_it_is_back(ready: Scene) -> None:
    """An approval stays with its commit: after a commit that is taken back, it counts again."""
    old = ready.ours.git("rev-parse", "HEAD")
    more(ready.ours)
    assert ready.hotfix("finish", "--yes").code == 3
    ready.ours.git("reset", "--quiet", "--hard", old)
    done(ready.hotfix("finish", "--yes"))


@pytest.fixture
def colleague(ready: Scene, tmp_path: Path) -> Scene:
    """A clone of a colleague, with the branch of the hotfix checked out, and nothing recorded in it."""
    ready.ours.git("push", "--quiet", "origin", BRANCH)
    theirs = ready.remote.clone(tmp_path / "colleague", "--branch", BRANCH)
    return Scene(theirs, ready.remote, ready.bin)


def test_a_clone_without_a_record_can_approve(colleague: Scene) -> None:
    """Where nothing was declared finish refuses, too; an approval is noted, and nothing else."""
    with as_before(colleague.ours), untouched(colleague.remote):
        assert_refused(colleague.hotfix("finish", "--yes"), "is not approved", TICK)
    told = done(colleague.hotfix("status", "--done", "approval"))
    assert told.out.startswith("☑ approval: approved")
    (box,) = (
        each
        for each in done(colleague.hotfix("status", "--json")).data["checklist"]
        if each["id"] == "approval"
    )
    tip = colleague.ours.git("rev-parse", "HEAD")
    assert box["note"] == f"{tip[:12]} is approved by Release Engineer"
    folder = colleague.ours.path / ".git/krow-versions/hotfix"
    assert [file.name for file in folder.iterdir()] == [f"{SLUG}-v0.1.1.toml"]
    done(colleague.hotfix("finish", "--yes"))
    assert colleague.there("refs/heads/main") == tip


@pytest.mark.parametrize("where", ["ours", "colleague"])
def test_what_ships_without_approval_says_why(
    where: str, ready: Scene, request: pytest.FixtureRequest
) -> None:
    """--without-approval ships, records reason, name and time, and shows them before, and ever after."""
    scene = request.getfixturevalue("colleague") if where == "colleague" else ready
    tip = more(scene.ours)
    scene.ours.git("push", "--quiet", "origin", BRANCH)
    reason = "--without-approval=nobody | is\x1b[2K awake"
    with as_before(scene.ours), untouched(scene.remote):
        dry = done(scene.hotfix("finish", "-n", reason))
        declined = scene.hotfix("finish", reason)
    assert declined.code == 2
    said = f"{tip[:12]} ships without approval: nobody | is\\x1b[2K awake"
    assert said in dry.err
    assert f"# keeps {SLUG}-v0.1.1.toml in git's own folder" in dry.out
    shipped = done(scene.hotfix("finish", "--yes", reason))
    assert said in shipped.err
    assert scene.there("refs/heads/main") == tip
    text = (scene.ours.path / f".git/krow-versions/hotfix/{SLUG}-v0.1.1.toml").read_text()
    entry = read_record(text).approvals[-1]
    assert (entry.tip, entry.reason) == (tip, "nobody | is\x1b[2K awake")
    assert entry.who == "Release Engineer"
    assert said in done(scene.hotfix("check")).out
    boxes = done(scene.hotfix("status", "--json")).data["checklist"]
    assert printable(next(box["note"] for box in boxes if box["id"] == "approval")).startswith(said)
    assert "ships without approval: nobody" in done(scene.hotfix("report")).out
    with untouched(scene.ours, scene.remote):
        again = done(scene.hotfix("finish", "--yes", reason))
    assert "nothing to do" in again.out


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_reason_says_something(ready: Scene, reason: str) -> None:
    """An empty reason is a wrong use, and nothing is done."""
    with untouched(ready.ours, ready.remote):
        assert_refused(
            ready.hotfix("finish", "--yes", "--without-approval", reason), "reason is empty", code=2
        )


def test_a_reason_is_not_noted_where_the_tip_is_approved(ready: Scene) -> None:
    """Where the tip is approved, --without-approval changes nothing."""
    file = ready.ours.path / f".git/krow-versions/hotfix/{SLUG}-v0.1.1.toml"
    before = file.read_bytes()
    done(ready.hotfix("finish", "--yes", "--without-approval", "in a hurry"))
    assert file.read_bytes() == before


def test_a_refused_push_leaves_no_reason(ready: Scene) -> None:
    """When the server refuses, the record of the reason is taken back with the tag."""
    more(ready.ours)
    ready.remote.git("config", "receive.denyNonFastForwards", "true")
    (ready.remote.path / "hooks").mkdir(exist_ok=True)
    hook = ready.remote.path / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    with as_before(ready.ours), untouched(ready.remote):
        assert ready.hotfix("finish", "--yes", "--without-approval", "in a hurry").code == 3


def test_an_old_tick_approves_no_commit(ready: Scene) -> None:
    """An approval that an older version ticked is read, does not count, and that is said."""
    folder = ready.ours.path / ".git/krow-versions/hotfix"
    record = folder / f"{SLUG}-v0.1.1.toml"
    text = record.read_text()
    record.write_text(text[: text.index("[[approved]]")] + "[[approved]]\nat = 2026-03-05T14:25:00+00:00\n")
    for result in (
        done(ready.hotfix("check")).out,
        done(ready.hotfix("status")).out,
        ready.hotfix("finish", "--yes").err,
    ):
        assert "names no commit" in result
    ready.approve()
    done(ready.hotfix("finish", "--yes"))


def test_an_approval_is_noted_once(ready: Scene) -> None:
    """Ticked again, the approval keeps its time and its name."""
    file = ready.ours.path / f".git/krow-versions/hotfix/{SLUG}-v0.1.1.toml"
    before = file.read_bytes()
    done(ready.hotfix("status", "--done", "approval", GIT_COMMITTER_NAME="Grace"))
    assert file.read_bytes() == before


def test_without_a_commit_there_is_nothing_to_approve(fresh: Scene) -> None:
    """A hotfix without branch and tag cannot be approved; that names how to begin."""
    with untouched(fresh.ours):
        refused = fresh.hotfix("status", "--version", "0.1.1", "--done", "approval")
    assert_refused(refused, f"there is no branch {BRANCH}", f"krow-versions hotfix start {NAME}")


def test_the_library_ships_without_approval_for_a_reason(tmp_path: Path) -> None:
    """`plan_finish(without_approval=...)` gives a plan whose first action records the reason."""
    world = Released.make(tmp_path)
    world.start_by_hand()
    world.fix()
    view = kv.Workspace.open(world.ours.path).hotfix(PRODUCT)
    with untouched(world.ours, world.remote):
        plan = view.plan_finish(fetch=False, without_approval="nobody is awake", now=DAY)
        with pytest.raises(UsageError):
            view.plan_finish(fetch=False, without_approval=" ")
        with pytest.raises(Conflict):
            view.plan_finish(fetch=False)
    first = plan.actions[0]
    assert isinstance(first, WriteRecord)
    (entry,) = read_record(first.after).approvals
    assert (entry.reason, entry.at) == ("nobody is awake", DAY)
    kv.Workspace.open(world.ours.path).apply(plan)
    assert TAG in world.remote.git("tag")
    assert view.plan_finish(fetch=False).is_empty


# --- in any order ------------------------------------------------------------------------------------------


class Approvals(RuleBasedStateMachine):
    """A branch that is committed to, amended, rebased and taken back, and approvals in between."""

    def __init__(self, world: Released) -> None:
        super().__init__()
        self.ours = world.ours
        self.approved: set[str] = set()
        self.tips: list[str] = []
        self.numbers = itertools.count()

    @initialize()
    def begin(self) -> None:
        self.ours.git("switch", "--quiet", "--create", BRANCH, f"refs/tags/{BASE}")
        Released(self.ours, self.ours, self.ours).fix()

    @rule()
    def commit(self) -> None:
        self.ours.write(FIXED, f"if (ready) login() // {next(self.numbers)}\n")
        self.ours.commit("test: more")

    @rule()
    def amend(self) -> None:
        self.ours.git("commit", "--quiet", "--amend", "--message", f"chore: version {next(self.numbers)}")

    @rule()
    def rebase(self) -> None:
        rebase(self.ours)

    @rule()
    def take_back(self) -> None:
        self.ours.git("reset", "--quiet", "--hard", self.tips[0] if self.tips else "HEAD")

    @rule()
    def approve(self) -> None:
        self.view().tick(["approval"], DAY)
        self.approved.add(self.tip())

    @rule()
    def finish(self) -> None:
        """A plan ships the tip if exactly the tip was approved, and there is none if not."""
        tip = self.tip()
        self.tips.append(tip)
        if tip in self.approved:
            tags = [each for each in self.view().plan_finish(fetch=False).actions if isinstance(each, Tag)]
            assert [each.commit for each in tags] == [tip]
            return
        with pytest.raises(Conflict) as refused:
            self.view().plan_finish(fetch=False)
        assert "--done approval" in str(refused.value.hint)

    def view(self) -> kv.HotfixView:
        return kv.Workspace.open(self.ours.path).hotfix(PRODUCT)

    def tip(self) -> str:
        return refs(self.ours)[f"refs/heads/{BRANCH}"]


def test_only_what_was_approved_exactly_ships(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever is committed, amended, rebased or taken back: only a tip that was approved ships."""
    folder, numbers = tmp_path_factory.mktemp("approvals"), itertools.count()

    class Fresh(Approvals):
        def __init__(self) -> None:
            super().__init__(Released.make(folder / str(next(numbers))))

    run_state_machine_as_test(
        Fresh,
        settings=settings(
            max_examples=max(5, settings().max_examples // 20),
            stateful_step_count=10,
            suppress_health_check=[*HealthCheck],
            phases=[Phase.explicit, Phase.generate],  # To shrink real repositories takes minutes.
        ),
    )
