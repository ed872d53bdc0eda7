"""The status: the next step and its command, from any facts and any record."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from krow_versions.hotfix import BOXES, CRITICAL, ROLLBACK_NOTICE, Decision, Deployment, Said, Sent, tick
from krow_versions.hotfix.done import checklist
from krow_versions.hotfix.gates.model import FAILED, PASSED, UNKNOWN, WARNING, Gate
from krow_versions.snapshot import RepoState
from krow_versions.text.escaping import printable
from support.samples import (
    APPROVAL,
    APPROVED,
    BASE,
    BRANCH,
    BUMP,
    CHANGELOG,
    DECLARED,
    DEPLOYED,
    FIX,
    FOLLOWED,
    NAME,
    PUBSPEC,
    RELEASED,
    TAG,
    TELL,
    facts,
    minutes,
    of,
    past,
    record,
    said,
    shipped,
    state,
    table,
    ticked,
)

if TYPE_CHECKING:
    from krow_versions.hotfix import Facts, Record
    from krow_versions.hotfix.gates.model import Verdict

START = f"krow-versions hotfix start {NAME} --issue TEXT --severity LEVEL --impact TEXT"
STATUS = f"krow-versions hotfix status {NAME}"
FINISH = f"krow-versions hotfix finish {NAME}"
FRESH: dict[str, Any] = {
    "state": state("0.1.0+5"),
    "commits": (),
    "changes": (),
    "at_tip": (past("0.1.0+5"),),
    "changelog_at_tip": table("0.1.0"),
}


TOLD = said(
    said(APPROVED, deployed=minutes(44)), ticks=dict.fromkeys(("smoke-tests", "users-notified"), minutes(50))
)
ROLLBACK = Decision(at=minutes(55), decided_by="Pia", reason="worse", to=BASE, from_=TAG)


STORY: list[tuple[Facts | None, Record | None, int, str, str, str]] = [
    (None, None, 1, "next", "nothing is declared", START),
    (None, record(), 2, "blocked", "is recorded, but not here: find its last commit", "git reflog"),
    (facts(**FRESH), None, 1, "next", "the branch is there, but nothing is recorded here", START),
    (facts(**FRESH), record(impact=" "), 1, "next", "issue or impact is not said", START),
    (
        facts(**FRESH, based=False),
        record(),
        2,
        "blocked",
        "does not start from",
        f"krow-versions hotfix check {NAME}",
    ),
    (facts(**FRESH), record(), 3, "next", "there is no fix: commit yet", "git commit --all"),
    (facts(**FRESH, dirty=("a.dart",)), record(), 3, "next", "not committed: a.dart", "git commit --all"),
    (facts(**FRESH, checked_out=False), record(), 3, "next", "is not checked out", f"git switch {BRANCH}"),
    (
        facts(**FRESH | {"commits": (attrs.evolve(FIX, body=""),)}),
        record(),
        3,
        "next",
        "lacks",
        "git commit --amend",
    ),
    (
        facts(**FRESH | {"commits": (attrs.evolve(FIX, subject="feat: x"), FIX)}),
        record(),
        3,
        "blocked",
        "no part of a hotfix",
        f"krow-versions hotfix check {NAME}",
    ),
    (
        facts(**FRESH | {"changes": facts().changes[1:2], "commits": (FIX,)}),
        record(),
        4,
        "next",
        "must be 0.1.1+6",
        f"krow-versions bump-patch {NAME}",
    ),
    (
        facts(
            **FRESH
            | {
                "changes": facts().changes[1:2],
                "commits": (FIX,),
                "state": state(),
                "dirty": (PUBSPEC, CHANGELOG),
            }
        ),
        record(),
        4,
        "next",
        "changed, but not committed",
        "git commit --all",
    ),
    (
        facts(changelog_at_tip=table("0.1.0")),
        record(),
        5,
        "next",
        "not committed",
        f"krow-versions changelog add {NAME} -m TEXT",
    ),
    (facts(), record(), 6, "next", "the branch is not pushed", f"krow-versions hotfix pr {NAME} --run"),
    (
        facts(branch_pushed=True),
        record(),
        6,
        "next",
        "the review is not asked for",
        f"krow-versions hotfix pr {NAME} --run",
    ),
    (
        facts(remote=None, branch_pushed=None),
        record(),
        6,
        "next",
        "there is no remote",
        f"krow-versions hotfix status {NAME} --done review",
    ),
    (
        facts(branch_pushed=True),
        record(ticks={"review": minutes(16)}),
        6,
        "blocked",
        "waiting for the approval",
        f"krow-versions hotfix status {NAME} --done approval",
    ),
    (facts(dirty=(PUBSPEC,)), record(), 6, "blocked", "not committed", f"krow-versions hotfix check {NAME}"),
    (facts(branch_pushed=True), APPROVED, 7, "next", "main does not contain the hotfix", FINISH),
    (facts(branch_pushed=True, behind=2), APPROVED, 7, "next", "moved on by 2 commits", FINISH),
    (
        facts(undone=True, undone_by="f" * 40),
        APPROVED,
        7,
        "blocked",
        "has undone it with ffffffffffff",
        f"git show {'f' * 12}",
    ),
    (facts(branch_pushed=True, dirty=("x",)), APPROVED, 3, "next", "not committed: x", "git commit --all"),
    (facts(merged=True), APPROVED, 7, "next", "main is not pushed", FINISH),
    (facts(merged=True, main_pushed=True), APPROVED, 8, "next", "merged, but not tagged", FINISH),
    (shipped(tag_pushed=False), APPROVED, 8, "next", f"{TAG} is made, but not pushed", FINISH),
    (shipped(tag_pushed=None), APPROVED, 8, "blocked", "could not be asked", STATUS),
    (shipped(tag_at="e" * 40), APPROVED, 8, "blocked", "a tag never moves", f"git show {TAG}"),
    (
        shipped(tag_annotated=False, tag_pushed=False),
        APPROVED,
        8,
        "blocked",
        "no annotated tag",
        f"git show {TAG}",
    ),
    (shipped(), APPROVED, 9, "next", "not deployed", f"krow-versions hotfix deploy {NAME} --run"),
    (
        shipped(),
        said(APPROVED, deployed=minutes(44)),
        *(10, "next", "smoke-tests", f"krow-versions hotfix status {NAME} --done smoke-tests"),
    ),
    (shipped(), TOLD, 8, "next", "--done github-release", f"{FINISH} --run"),
    (shipped(), RELEASED, 9, "next", "not deployed", f"krow-versions hotfix deploy {NAME} --run"),
    (
        shipped(remote=None, tag_pushed=None),
        APPROVED,
        9,
        "next",
        "",
        f"krow-versions hotfix deploy {NAME} --run",
    ),
    (shipped(tip=None, merged=False), RELEASED, 9, "next", "", f"krow-versions hotfix deploy {NAME} --run"),
    (
        shipped(),
        said(RELEASED, deployed=minutes(44), exit_code=3),
        9,
        "blocked",
        "exit code 3",
        f"krow-versions hotfix deploy {NAME} --run",
    ),
    (
        shipped(),
        DEPLOYED,
        10,
        "next",
        "smoke-tests",
        f"krow-versions hotfix status {NAME} --done smoke-tests",
    ),
    (
        shipped(),
        ticked("smoke-tests"),
        11,
        "next",
        "users",
        f"krow-versions hotfix announce {NAME} --done",
    ),
    (
        shipped(),
        ticked("smoke-tests", "users-notified"),
        10,
        "blocked",
        "logs are watched until 2026-03-05 16:44",
        f"krow-versions hotfix status {NAME} --done logs-watched",
    ),
    (
        shipped(),
        ticked("smoke-tests", "logs-watched"),
        11,
        "next",
        f"users are not notified: send what krow-versions hotfix announce {NAME} prints",
        f"krow-versions hotfix announce {NAME} --done",
    ),
    (
        shipped(),
        TELL,
        11,
        "blocked",
        "due at 2026-03-06 14:44",
        f"krow-versions hotfix announce {NAME} --follow-up --errors TEXT --done",
    ),
    (
        shipped(),
        FOLLOWED,
        11,
        "next",
        "the incident is not documented",
        f"krow-versions hotfix report {NAME} -o incident-{NAME}-0.1.1.md",
    ),
    (
        shipped(),
        FOLLOWED.adding(Said(at=minutes(1510), field="written", text="")),
        11,
        "next",
        "answer its questions",
        f"krow-versions hotfix status {NAME} --done incident-documented",
    ),
]


def test_the_watching_ends_after_two_hours() -> None:
    """Two hours after the deployment, the watching is what is to be ticked next."""
    step = of(shipped(), ticked("smoke-tests"), now=44 + 120).next
    assert step is not None
    assert (step.number, step.state, step.why) == (10, "next", "logs-watched is not ticked")


@pytest.mark.parametrize("case", STORY, ids=lambda case: f"{case[2]}-{case[3]}-{case[4][:20]}")
def test_the_next_step_is_named(case: tuple[Facts | None, Record | None, int, str, str, str]) -> None:
    """For every state of a hotfix, the status names the step, why it is not done, and the exact command."""
    known, said, number, state_, why, command = case
    found = of(known, said)
    step = found.next
    assert step is not None
    assert (step.number, step.state, step.command) == (number, state_, command), step
    assert why in step.why
    assert found.next_command == command


def test_another_checkout_goes_on_without_a_record() -> None:
    """Without a record, a merged hotfix is not declared again: the approval is what finish needs."""
    for known in (shipped(tag_pushed=False), facts(merged=True)):
        found = of(known, None)
        assert found.steps[0].state == "open"
        assert "another checkout may have it" in found.steps[0].why
        assert (found.next_command, found.timeline) == (
            f"krow-versions hotfix status {NAME} --done approval",
            None,
        )


@pytest.mark.parametrize(
    "known",
    [
        shipped(),
        shipped(tag_pushed=None, unasked="it is down"),
        shipped(undone=True, tag_pushed=None),
        shipped(merged=False, tag_pushed=False),
        facts(),
        None,
    ],
)
@pytest.mark.parametrize("code", [None, 7])
@pytest.mark.parametrize("before", [APPROVED, TOLD])
def test_a_rollback_that_is_decided_comes_first(
    known: Facts | None, code: int | None, before: Record
) -> None:
    """Whatever else is missing, a rollback that is not carried out, or failed, is the next step."""
    attempt = Deployment(at=minutes(56), tag=BASE, ended=minutes(57), exit_code=code, rollback=True)
    found = of(known, before.adding(ROLLBACK, *([attempt] if code else [])))
    assert found.next is not None
    assert (found.next.title, found.next.state) == ("Deploy", "blocked")
    assert found.next_command == f"krow-versions hotfix rollback {NAME} --run"
    assert [each.title for each in found.steps if each.state in {"next", "blocked"}] == ["Deploy"]


@pytest.mark.parametrize("code", [0, 3])
@pytest.mark.parametrize("back", [0, 7, None])
def test_the_box_of_what_was_rolled_back_names_the_rollback(code: int, back: int | None) -> None:
    """However the deployment ended, and however far the rollback came: that is what is said of it."""
    attempt = Deployment(at=minutes(56), tag=BASE, ended=minutes(57), exit_code=back, rollback=True)
    rolled = [ROLLBACK, *([attempt] if back is not None else [])]
    known = said(RELEASED, deployed=minutes(44), exit_code=code).adding(*rolled)
    (box,) = (each for each in of(shipped(), known).boxes if each.box.id == "deployed")
    assert (box.done, box.at) == (False, None)
    assert "decided by Pia: worse" in box.when
    assert ("rolled back to 0.1.0" in box.when) == (back == 0)


def test_the_release_waits_for_the_notice_of_a_rollback() -> None:
    """After a rollback users hear of it first; then the GitHub Release is the next step."""
    attempt = Deployment(at=minutes(56), tag=BASE, ended=minutes(57), exit_code=0, rollback=True)
    back = TOLD.adding(ROLLBACK, attempt)
    assert of(shipped(), back).next_command == f"krow-versions hotfix announce {NAME} --rollback --done"
    noticed = back.adding(Sent(at=minutes(59), text=ROLLBACK_NOTICE))
    assert of(shipped(), noticed).next_command == f"{FINISH} --run"


def test_without_facts_nothing_of_git_is_done() -> None:
    """If git knows no hotfix, the steps that depend on it are open, whatever was ticked."""
    assert {step.state for step in of(None, DEPLOYED).steps[2:8]} == {"open"}


def test_what_is_changed_after_the_approval_blocks_the_merge() -> None:
    """An approved hotfix with a version file changed since is not merged."""
    step = of(facts(branch_pushed=True, dirty=(PUBSPEC,)), APPROVED).next
    assert step is not None
    assert (step.number, step.state, step.command) == (7, "blocked", f"krow-versions hotfix check {NAME}")


@pytest.mark.parametrize(
    ("said", "number", "state_"), [(record(), 6, "next"), (APPROVED, 7, "next")], ids=["open", "approved"]
)
def test_a_main_that_has_moved_on_stops_nothing(said: Record, number: int, state_: str) -> None:
    """The review goes on while main moves; the merge says by how much."""
    step = of(facts(behind=2), said).next
    assert step is not None
    assert (step.number, step.state) == (number, state_)
    assert ("moved on by 2 commits" in step.why) == (number == 7)


def test_what_else_fails_blocks_the_review_although_main_has_undone_it() -> None:
    """A failing gate blocks the review whether or not main has undone the hotfix as well."""
    step = of(facts(undone=True, dirty=(PUBSPEC,)), record()).next
    assert step is not None
    assert (step.number, step.state, step.command) == (6, "blocked", f"krow-versions hotfix check {NAME}")


def test_a_finished_hotfix_needs_nothing() -> None:
    """With all done there is no next step, and every box is ticked."""
    done = tick(FOLLOWED, "incident-documented", minutes(1600))
    found = of(shipped(), done)
    assert (found.is_done, found.next_command) == (True, None)
    assert {step.state for step in found.steps} == {"done"}
    assert [each.box.id for each in found.boxes if not each.done] == []
    assert str(found).endswith("\nnothing is left to do")


def test_a_status_shows_itself() -> None:
    """In Jupyter and at a prompt, status and timeline show their rows, and ``repr`` one line."""
    found = of(facts(), record())
    assert repr(found) == f"<Status of {NAME} 0.1.1: 5 of 11 steps done>"
    assert "<table" in found._repr_html_()
    assert found.timeline is not None
    assert "<table" in found.timeline._repr_html_()
    assert str(found).endswith(f"\nnext: krow-versions hotfix pr {NAME} --run")


LONG = "so long a word/that-it-has-to-be-broken" * 9


@given(
    st.sampled_from([None, facts(), shipped(), facts(dirty=(LONG,), branch=f"hotfix/{LONG}")]), st.booleans()
)
def test_a_status_fits_a_terminal(known: Facts | None, hostile: bool) -> None:
    """No line has more than 100 columns, whatever was said, but for a command that is to be typed."""
    words: dict[str, Any] = {"issue": LONG, "impact": "\n".join([LONG] * 3)} if hostile else {}
    for case in (
        record(**words),
        said(record(**words), ticks={"smoke-tests": minutes(50)}, deployed=minutes(44)),
    ):
        *lines, following = of(known, case, 60 * 24 * 400).to_text(100).split("\n")
        assert [line for line in lines if len(line) > 100] == []
        assert following.startswith(("next: ", "nothing", "whether"))


def test_what_is_next_is_explained_and_what_follows_is_not() -> None:
    """The reason of a later step is not shown: it is mostly what the next step lacks, once more."""
    shown = of(facts(at_tip=(past("0.1.0+5"),)), record())
    rows = shown.to_table().rows
    assert [row[0] for row in rows if row[3]] == ["4"]
    assert [step.number for step in shown.steps if step.why][:2] == [4, 6]


def test_a_status_says_what_it_is_about_and_whom_to_call() -> None:
    """Severity with its meaning, issue, impact, contacts, channel; what a hotfix is for, until it is out."""
    begun, out = of(facts(), record()), of(shipped(), DEPLOYED)
    for text in (begun.to_text(100), out.to_text(100)):
        for words in (
            "HIGH: must be fixed in less than 4 hours",
            "Crash on login",
            "Nobody can log in",
            "Product Owner: not configured (decides: rollback or hotfix)",
            "#emergency-releases",
        ):
            assert words in text
    assert "CRITICAL < 1 h, HIGH < 4 h" in begun.to_text(100)
    assert "CRITICAL < 1 h" not in out.to_text(100)
    elsewhere = of(shipped(tag_message="HOTFIX: x\n\nSeverity: HIGH\nImpact: all\n"), None)
    assert "HIGH: must be fixed in less than 4 hours (from the tag)" in elsewhere.to_text(100)
    assert elsewhere.to_json()["said"]["impact"] == {"value": "all", "source": "tag"}


def test_what_was_due_yesterday_is_no_longer_blocked() -> None:
    """After a day the status update is not waited for, but due."""
    assert of(shipped(), TELL, now=24 * 60 + 44).next.state == "next"  # type: ignore[union-attr]


def test_boxes_are_recomputed() -> None:
    """What git shows is never stored: the record has only the boxes of people."""
    boxes = {each.box.id: each.done for each in of(facts(), record()).boxes}
    assert [name for name, done in boxes.items() if done] == [
        *["severity", "branch", "tested", "version", "changelog", "commit-message"]
    ]
    without = {each.box.id: each.done for each in of(None, None).boxes}
    assert not any(without.values())
    assert without["merged"] is None
    assert {
        each.box.id: each.done for each in of(facts(behind=1, at_tip=(past("0.1.0+5"),)), record()).boxes
    }["version"] is False


@pytest.mark.parametrize("base", [PASSED, WARNING, FAILED, UNKNOWN])
@pytest.mark.parametrize("made", [PASSED, WARNING, FAILED, UNKNOWN])
def test_a_box_follows_its_gates(made: Verdict, base: Verdict) -> None:
    """A box is open when a gate of it failed, not known when one is not known, else done: a warning is no
    failure, and the step of that gate is done with it, too."""
    gates = [Gate("branch", "", made, ""), Gate("base", "", base, "")]
    expected = False if FAILED in (made, base) else None if UNKNOWN in (made, base) else True
    assert {each.box.id: each.done for each in checklist(facts(), record(), gates)}["branch"] is expected


@pytest.mark.parametrize(
    ("box", "known"),
    [("branch", facts(checked_out=False)), ("changelog", facts(state=state(changelog=None)))],
)
def test_what_is_done_with_a_warning_is_done(box: str, known: Facts) -> None:
    """HEAD on another branch, or a product without a CHANGELOG: the gate warns, step and box are done."""
    found = of(known, record())
    assert {each.id: each.verdict for each in found.gates}[box] == WARNING
    assert {each.box.id: each.done for each in found.boxes}[box] is True
    assert [step.state for step in found.steps[:5]] == ["done"] * 5


@pytest.mark.parametrize(
    ("known", "number", "state_", "command"),
    [
        (
            facts(dirty=("x",), state=state(repo=RepoState(".", "/r", branch=BRANCH, under_way="merge"))),
            3,
            "blocked",
            "git status",
        ),
        (
            facts(**FRESH | {"changes": facts().changes[1:2], "commits": (FIX,), "dirty": (PUBSPEC,)}),
            4,
            "next",
            f"krow-versions bump-patch {NAME}",
        ),
        (
            facts(state=state(repo=RepoState(".", "/r", branch=BRANCH, shallow=True))),
            4,
            "blocked",
            f"krow-versions hotfix check {NAME}",
        ),
    ],
    ids=["merge", "other version", "shallow"],
)
def test_a_command_that_would_not_help_is_not_next(
    known: Facts, number: int, state_: str, command: str
) -> None:
    """Nothing is committed in the middle of a merge, nor a file that is changed and not at the target; and
    what cannot be judged is not bumped once more."""
    step = of(known, record()).next
    assert step is not None
    assert (step.number, step.state, step.command) == (number, state_, command)


def test_without_a_record_nothing_is_said_of_what_came_after_the_tag() -> None:
    """Where nothing is recorded of a hotfix that is out, nobody is sent to deploy it a second time."""
    found = of(shipped(), None)
    assert (found.next_command, found.is_done) == (None, False)
    assert {step.state for step in found.steps[8:]} == {"open"}
    assert all(step.why.startswith("not known") for step in found.steps[8:])
    assert str(found).endswith("\nwhether more is left to do is not known here")


UNTESTED = attrs.evolve(FIX, body=FIX.body.replace("Tested:", "Tried:"))


@pytest.mark.parametrize(
    ("box", "known", "said", "done"),
    [
        ("tested", facts(commits=(UNTESTED,)), None, False),
        ("merged", facts(), None, False),
        ("merged", shipped(tip=None, merged=False), None, None),
        ("severity", facts(), record(impact=" "), False),
        ("total-time", shipped(), record(ticks={"users-notified": minutes(60)}), False),
        ("total-time", shipped(), TELL, True),
    ],
)
def test_a_box_holds_what_is_known_and_no_more(
    box: str, known: Facts, said: Record | None, done: bool | None
) -> None:
    """A fix says Tested:, a branch that is gone leaves the merge unknown, and time counts to a deployment."""
    (found,) = (each for each in of(known, said).boxes if each.box.id == box)
    assert found.done is done
    assert found.at is None or box == "tested"


flags = st.booleans()
known_or_not = st.none() | st.booleans()


@st.composite
def situations(draw: st.DrawFn) -> Facts:
    """Facts of any kind, even such as no repository can be in."""
    base = draw(st.sampled_from([facts(), facts(**FRESH), shipped()]))
    under_way = RepoState(".", "/r", branch=draw(st.sampled_from([None, "main", BRANCH])), under_way="rebase")
    return attrs.evolve(
        base,
        state=draw(
            st.sampled_from([state(), state("0.1.0+5"), state(repo=under_way), state(changelog=None)])
        ),
        tip=draw(st.sampled_from([base.tip, None])),
        checked_out=draw(flags),
        base=draw(st.sampled_from([base.base, None])),
        based=draw(flags),
        commits=draw(st.sampled_from([(), (FIX,), (BUMP, FIX), (BUMP,)])),
        dirty=draw(st.sampled_from([(), (PUBSPEC,), ("x",)])),
        main=draw(st.sampled_from([None, "a" * 40])),
        behind=draw(st.integers(0, 2)),
        merged=draw(flags),
        tag=draw(st.sampled_from([base.tag, None])),
        tag_at=draw(st.sampled_from([base.tag_at, "e" * 40])),
        tag_annotated=draw(flags),
        remote=draw(st.sampled_from([None, "origin"])),
        branch_pushed=draw(known_or_not),
        main_pushed=draw(known_or_not),
        tag_pushed=draw(known_or_not),
    )


people = st.none() | st.builds(
    lambda boxes, failed, severity: record(
        APPROVAL,
        ticks={box: minutes(30) for box in boxes},
        severity=severity,
        deployed=None if failed is None else minutes(40),
        exit_code=failed,
    ),
    st.sets(st.sampled_from([b.id for b in BOXES if b.tickable and b.id != "deployed"])),
    st.none() | st.integers(0, 2),
    st.sampled_from([DECLARED.severity, CRITICAL]),
)
COMMAND = re.compile(
    r"krow-versions (hotfix (start|check|pr|finish|deploy|announce|status|report)|bump-patch|changelog add) "
    rf"{NAME}( .*)?|git (commit|switch|show) .+|git (status|reflog)"
)


@given(st.none() | situations(), people)
def test_every_situation_has_one_next_step(known: Facts | None, said: Record | None) -> None:
    """There is at most one step to do, all before it are done, and its command is one that there is."""
    found = of(known, said)
    states = [step.state for step in found.steps]
    assert [step.number for step in found.steps] == list(range(1, 12))
    if found.next is None:
        assert set(states) <= {"done", "open"}
    else:
        at = found.next.number - 1
        assert set(states[:at]) <= {"done", "open"}
        assert set(states[at + 1 :]) <= {"done", "open"}
        assert COMMAND.fullmatch(str(found.next_command))
    data = found.to_json()
    assert json.loads(json.dumps(data)) == data
    assert printable(str(found), keep="\n") == str(found)


@given(situations(), people)
def test_the_record_never_contradicts_git(known: Facts, said: Record | None) -> None:
    """Ticks do not change the boxes that git decides: they are the same with any record and with none."""
    told = {each.box.id: each.done for each in of(known, said).boxes if each.box.source == "git"}
    assert told == {each.box.id: each.done for each in of(known, None).boxes if each.box.source == "git"}
    if not (known.tag and known.tag_annotated):
        assert not told["tag-created"]
        assert not (told["tag-pushed"] and known.tag is None)


def test_a_rollback_is_announced_once_also_if_the_hotfix_was() -> None:
    """Who was notified of the hotfix is to be notified of the rollback; then the incident is documented."""
    decision = Decision(at=minutes(70), decided_by="Pat", reason="x", to=BASE, from_=TAG)
    back = Deployment(at=minutes(72), tag=BASE, ended=minutes(75), exit_code=0, rollback=True)
    rolled_back = said(TELL, decision, back)
    assert str(of(shipped(), rolled_back).next_command).endswith("announce worker-mobile --rollback --done")
    notified = rolled_back.adding(Sent(at=minutes(80), text="rollback_notice"))
    assert "announce" not in str(of(shipped(), notified).next_command)
