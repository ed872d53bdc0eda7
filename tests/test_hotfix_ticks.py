"""Ticks of the checklist: refused before they can be true, noted late, corrected, taken back."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from krow_versions.errors import Conflict
from krow_versions.hotfix import BOXES, Done, Facts, Record, possible, read_record, require_possible, times_of
from krow_versions.hotfix.checklist import ITEMS
from krow_versions.planning.commands import Calls
from krow_versions.workspace.clock import now
from support.commands import assert_refused, done
from support.krow import SLUG
from support.samples import APPROVED, DEPLOYED, NAME, facts, minutes, record, shipped
from support.scenes import CONFIG, DECLARED, Scene
from support.untouched import untouched

if TYPE_CHECKING:
    from collections.abc import Sequence

SINCE_DEPLOYED = ("smoke-tests", "logs-watched", "users-notified", "incident-documented")
WATCHED = 44 + 120  # DEPLOYED is so 44 minutes after the detection.
EARLIEST: dict[str, tuple[Facts | None, Record, float]] = {
    "review": (facts(), record(), 14),
    "approval": (facts(), record(), 14),
    "deployed": (shipped(), APPROVED, 31),
    "github-release": (shipped(), APPROVED, 31),
    "smoke-tests": (shipped(), DEPLOYED, 44),
    "logs-watched": (shipped(), DEPLOYED, WATCHED),
    "users-notified": (shipped(), DEPLOYED, 44),
    "incident-documented": (shipped(), DEPLOYED, 44),
}
_NOT_DEPLOYED = [(shipped(), APPROVED), (shipped(), record(deployed=minutes(44), exit_code=1))]
TOO_EARLY: dict[str, Sequence[tuple[Facts | None, Record]]] = {
    "review": [
        (None, record()),
        (facts(tip=None, commits=()), record()),
        (facts(commits=()), record()),
    ],
    "approval": [(None, record()), (facts(tip=None), record()), (facts(commits=()), record())],
    "deployed": [(None, record()), (facts(), APPROVED), (shipped(tag_at="c" * 40), APPROVED)],
    "github-release": [(facts(), APPROVED), (shipped(tag_pushed=False), APPROVED)],
    **dict.fromkeys(SINCE_DEPLOYED, _NOT_DEPLOYED),
}


def test_people_say_minutes() -> None:
    """A time in the minute of the earliest moment counts as that moment: nobody types seconds."""
    ended = minutes(44).replace(second=42)
    found = possible("smoke-tests", times_of(record(deployed=ended), None), None, Calls(NAME))
    assert require_possible("smoke-tests", minutes(44), minutes(90), found) == ended
    assert require_possible("smoke-tests", minutes(45), minutes(90), found) == minutes(45)
    assert require_possible("smoke-tests", None, minutes(90), found) is None


def at_moment(box: str, known: Facts | None, said: Record, at: float | None, now: float) -> None:
    """Require that a box can be true at a moment."""
    moment = None if at is None else minutes(at)
    require_possible(box, moment, minutes(now), possible(box, times_of(said, known), known, Calls(NAME)))


def test_every_box_of_people_has_its_rule() -> None:
    """No box that people tick can be ticked at any time."""
    assert {box.id for box in BOXES if box.tickable} == EARLIEST.keys() == TOO_EARLY.keys()


@pytest.mark.parametrize("box", EARLIEST)
def test_a_box_can_be_true_from_its_moment_on(box: str) -> None:
    """At its moment and later it can be true; a minute earlier it could not."""
    known, said, earliest = EARLIEST[box]
    for after in (0, 500):
        at_moment(box, known, said, earliest + after, 1000)
    with pytest.raises(Conflict, match="cannot be true before"):
        at_moment(box, known, said, earliest - 1, 1000)


@pytest.mark.parametrize("box", EARLIEST)
def test_what_is_there_is_true_now(box: str) -> None:
    """Without a time, only the watching waits: the clocks of machines differ, and what is there, is there."""
    known, said, earliest = EARLIEST[box]
    at_moment(box, known, said, None, earliest)
    if box == "logs-watched":
        with pytest.raises(Conflict) as caught:
            at_moment(box, known, said, None, earliest - 90)
        assert caught.value.hint == "run it again in 1 h 30 min"
    else:
        at_moment(box, known, said, None, earliest - 90)


@pytest.mark.parametrize("box", TOO_EARLY)
def test_what_cannot_be_true_yet_is_refused(box: str) -> None:
    """Without what it speaks of, a box cannot be true at any time."""
    for known, said in TOO_EARLY[box]:
        for at in (None, 900):
            with pytest.raises(Conflict, match="cannot be true yet"):
                at_moment(box, known, said, at, 1000)


def boxes(scene: Scene) -> dict[str, Any]:
    """The checklist of the status."""
    return {each["id"]: each for each in done(scene.hotfix("status", "--json")).data["checklist"]}


@pytest.mark.parametrize("box", ["review", "approval"])
def test_the_production_tag_is_nothing_to_approve(fresh: Scene, box: str) -> None:
    """Right after the start, the branch has no commit of its own that could be reviewed."""
    done(fresh.hotfix("start", *DECLARED, "--yes"))
    with untouched(fresh.ours, fresh.remote):
        assert_refused(fresh.hotfix("status", "--done", box), f"{box} cannot be true yet", "no commit")


def test_nothing_is_ticked_before_it_is_true(ready: Scene) -> None:
    """On the way, each box is refused with exit code 3 until it can be true, and nothing is noted."""
    early = [*SINCE_DEPLOYED, *(item for items in ITEMS.values() for item in items)]
    with untouched(ready.ours, ready.remote):
        for box in ("deployed", "github-release", *early):
            assert_refused(ready.hotfix("status", "--done", box), f"{box} cannot be true yet")
    done(ready.hotfix("finish", "--yes"))
    with untouched(ready.ours, ready.remote):
        for box in early:
            assert_refused(ready.hotfix("status", "--done", box), f"{box} cannot be true yet", "deployed")
    done(ready.hotfix("deploy", "--run", "--yes"))
    with untouched(ready.ours, ready.remote):
        for box in ("logs-watched", *ITEMS["logs-watched"]):
            told = ready.after(hours=1).hotfix("status", "--done", box)
            assert_refused(told, f"{box} cannot be true before", "2 h 00 min after", "run it again in")
    later = ready.after(hours=2, minutes=1)
    for box in ("review", "github-release", *early):
        done(later.hotfix("status", "--done", box))
    assert {name for name, box in boxes(ready).items() if not box["done"]} == set()


def test_ticks_print_one_line(finished: Scene) -> None:
    """One line for each box says what it is now; the last says what is next, too; --quiet says nothing."""
    done(finished.hotfix("deploy", "--run", "--yes"))
    said = done(finished.hotfix("status", "--done", "launches", "--done", "core-features"))
    lines = said.out.splitlines()
    assert [line.partition(",")[0] for line in lines] == [
        "☑ launches: the application launches",
        "☑ core-features: core features work",
    ]
    assert all("; smoke-tests: 1 item to go" in line for line in lines)
    assert ["; next: krow-versions hotfix " in line for line in lines] == [False, True]
    quiet = done(finished.hotfix("status", "--done", "no-new-errors", "--quiet"))
    assert (said.err, quiet.out, quiet.err) == ("", "", "")
    before = boxes(finished)["smoke-tests"]["items"][1]["at"]
    undone = done(finished.hotfix("status", "--undo", "launches"))
    assert undone.out.startswith("☐ launches: the application launches, smoke-tests: 1 item to go; next: ")
    done(finished.after(hours=1).hotfix("status", "--done", "smoke-tests"))
    launches, features, _ = boxes(finished)["smoke-tests"]["items"]
    assert (features["at"], launches["at"] > before) == (before, True)  # A tick that is there keeps its time.


def test_a_tick_can_say_when_it_was(finished: Scene) -> None:
    """--at is kept with the moment of the note; again, it corrects the time; without it, a tick stays."""
    done(finished.hotfix("deploy", "--run", "--yes"))
    later = finished.after(hours=5)
    for hours in (1, 2):
        at = (now() + dt.timedelta(hours=hours)).replace(microsecond=0)
        done(later.hotfix("status", "--done", "smoke-tests", "--at", at.isoformat()))
        assert boxes(finished)["smoke-tests"]["at"] == at.isoformat()
    done(later.hotfix("status", "--done", "smoke-tests"))
    assert boxes(finished)["smoke-tests"]["at"] == at.isoformat()
    path = finished.ours.path / f".git/krow-versions/hotfix/{SLUG}-v0.1.1.toml"
    ticks = [each for each in read_record(path.read_text()).of(Done) if each.box == "smoke-tests"]
    assert [each.noted is not None and each.noted - each.at > dt.timedelta(hours=2) for each in ticks] == [
        True
    ] * 2
    with untouched(finished.ours):
        early = (now() - dt.timedelta(days=1)).isoformat()
        told = later.hotfix("status", "--done", "smoke-tests", "--at", early)
        assert_refused(told, "smoke-tests cannot be true before", "the end of the deployment")
        future = (now() + dt.timedelta(days=1)).isoformat()
        assert_refused(
            later.hotfix("status", "--done", "smoke-tests", "--at", future), "--at", "to come", code=2
        )
        assert_refused(later.hotfix("status", "--at", "14:05"), "--done", code=2)


def test_a_deployment_by_hand_can_be_corrected_and_taken_back(finished: Scene) -> None:
    """Its time is corrected by --at; it is taken back with what depends on it, and a command's end is not."""
    later = finished.after(hours=5)
    done(later.hotfix("status", "--done", "deployed"))
    at = (now() + dt.timedelta(hours=1)).replace(microsecond=0).isoformat()
    done(later.hotfix("status", "--done", "deployed", "--at", at, "--done", "smoke-tests"))
    assert boxes(finished)["deployed"]["at"] == at
    with untouched(finished.ours):
        told = later.hotfix("status", "--undo", "deployed")
        assert_refused(told, "smoke-tests", "cannot be true without the deployment")
    undoing = told.err.partition("hotfix status ")[2].split()
    done(later.run("hotfix", "status", *undoing))
    assert not boxes(finished)["deployed"]["done"]
    with untouched(finished.ours):
        assert_refused(later.hotfix("status", "--undo", "deployed"), "deployed is not ticked")
    done(later.hotfix("deploy", "--run", "--yes"))
    with untouched(finished.ours):
        for options in (["--undo", "deployed"], ["--done", "deployed", "--at", at]):
            assert_refused(later.hotfix("status", *options), "hotfix deploy has noted")


def test_an_approval_can_be_corrected_and_taken_back(ready: Scene) -> None:
    """An approval that was noted late has its own time; taken back, the commit is not approved any more."""
    at = (now() + dt.timedelta(hours=1)).replace(microsecond=0).isoformat()
    later = ready.after(hours=3)
    done(later.hotfix("status", "--done", "approval", "--at", at))
    assert boxes(ready)["approval"]["at"] == at
    done(later.hotfix("status", "--undo", "approval"))
    assert boxes(ready)["approval"]["done"] is False
    assert_refused(later.hotfix("finish", "--yes"), "not approved")
    with untouched(ready.ours):
        assert_refused(later.hotfix("status", "--undo", "approval"), "approval is not ticked")
        assert_refused(later.hotfix("status", "--undo", "tag-created"), "git shows it")
    done(later.hotfix("status", "--done", "approval"))
    assert boxes(ready)["approval"]["done"] is True


def test_where_nothing_is_declared_git_is_enough(finished: Scene) -> None:
    """In a clone without a declaration, boxes of a hotfix that git knows are ticked by the same rules."""
    clone = finished.remote.clone(finished.bin.parent / "colleague")
    theirs = Scene(clone, finished.remote, finished.bin)
    clone.write("krow-versions.toml", CONFIG)
    version = ("--version", "0.1.1")
    with untouched(clone):
        assert_refused(theirs.hotfix("status", *version, "--done", "smoke-tests"), "not deployed")
        early = (now() - dt.timedelta(days=1)).isoformat()
        told = theirs.hotfix("status", *version, "--done", "deployed", "--at", early)
        assert_refused(told, "deployed cannot be true before", "its tag")
        unknown = theirs.hotfix("status", "--version", "0.1.7", "--done", "deployed")
        assert_refused(unknown, "nothing is recorded here", "hotfix start")
    done(theirs.hotfix("status", *version, "--done", "deployed"))
    done(theirs.hotfix("status", *version, "--done", "smoke-tests"))
    found = {
        each["id"]: each["done"]
        for each in done(theirs.hotfix("status", *version, "--json")).data["checklist"]
    }
    assert (found["deployed"], found["smoke-tests"], found["logs-watched"]) == (True, True, False)
