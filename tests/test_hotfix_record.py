"""The record: texts are read back unchanged; all mistakes are reported at once."""

from __future__ import annotations

import datetime as dt
import tomllib
from typing import Any

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from krow_versions.errors import FileFormatError, FileTooLarge, InputError, Problems, members
from krow_versions.hotfix import (
    CRITICAL,
    Abandoned,
    Amended,
    Decision,
    Deployment,
    Done,
    Entry,
    Record,
    Said,
    read_record,
    record_text,
)
from krow_versions.hotfix.checklist import ITEMS
from krow_versions.text.escaping import printable
from krow_versions.version import Version
from support.records import anything, entries, records, ticks
from support.samples import APPROVAL, BRANCH, DECLARED, TAG, ZERO, minutes, record


@given(records)
@example(record())
@example(record(issue="caf\udce9", who="\ud83d\ude80"))
def test_a_record_comes_back(made: Record) -> None:
    """read(write(record)) is the record, and what is written is UTF-8 that harms no terminal."""
    text = record_text(made)
    assert read_record(text) == made
    assert record_text(read_record(text)) == text
    assert printable(text, keep="\n") == text
    assert text.encode("utf-8").decode("utf-8").startswith("# ")
    assert tomllib.loads(text)["schema"] == 2


# Entries that may collide: few moments, few boxes.
close = st.integers(0, 2).map(minutes)
rivals = st.one_of(
    st.builds(Done, at=close, who=st.sampled_from(["Ada", "Bob"]), box=ticks, undone=st.booleans()),
    st.builds(Amended, at=close, who=st.sampled_from(["Ada", "Bob"]), issue=st.sampled_from(["x", "y"])),
    st.builds(Abandoned, at=close, reason=st.just("x"), round=st.integers(1, 2)),
)
parts = st.lists(rivals, max_size=4).map(lambda found: record(*found))


@given(parts, parts, parts)
def test_records_merge_in_any_order(one: Record, two: Record, three: Record) -> None:
    """Merging is commutative, associative and idempotent, loses no entry, and invents none."""
    assert one.merged(two) == two.merged(one)
    assert one.merged(two).merged(three) == one.merged(two.merged(three))
    assert one.merged(one) == one
    assert {*one.merged(two).entries} == {*one.entries, *two.entries}
    assert record_text(one.merged(two)) == record_text(two.merged(one))


@given(parts, ticks, st.lists(st.booleans(), min_size=1, max_size=6), close)
def test_what_is_said_last_counts(known: Record, name: str, said: list[bool], at: dt.datetime) -> None:
    """Whoever ticks and unticks a box within one second, or with a clock that is behind, is believed."""
    for undone in said:
        known = known.adding(Done(at=at, box=name, undone=undone))
        assert known.is_ticked(name) is not undone
    amended = known.adding(Amended(at=at, issue="the newest"))
    declared = amended.declaration
    assert declared is None or declared.issue == "the newest"


FAR = st.sampled_from(
    [
        minutes(25 * 60),
        dt.datetime(9998, 12, 31, 23, 59, 59, tzinfo=dt.UTC),
        dt.datetime(2100, 1, 1, tzinfo=dt.UTC),
    ]
)


@given(parts, st.lists(entries, max_size=3), FAR, st.data())
def test_what_is_dated_far_ahead_counts_for_nothing(
    known: Record, wrong: list[Entry], far: dt.datetime, data: st.DataObject
) -> None:
    """A wrong clock, or a hand, cannot decide what counts, nor prevent what others say; nothing is lost."""
    late = [
        attrs.evolve(each, noted=far) if data.draw(st.booleans()) else attrs.evolve(each, at=far)
        for each in wrong
    ]
    ahead = tuple(late)
    alone = attrs.evolve(known, now=minutes(2))
    whole = attrs.evolve(alone, entries=(*known.entries, *ahead))
    new = Done(at=minutes(1), box="incident-documented")
    for before, after in ((alone, whole), (alone.adding(new), whole.adding(new))):
        assert {*after.ahead} == {*ahead}
        assert {*after.entries} == {*before.entries, *ahead}
        assert (after.rounds, after.declaration, after.ticks) == (
            before.rounds,
            before.declaration,
            before.ticks,
        )
        assert (after.is_tracked, after.abandoned) == (before.is_tracked, before.abandoned)
        assert read_record(record_text(after)) == after


def test_what_is_dated_ahead_counts_when_its_time_comes() -> None:
    """A clock that is two days ahead is no loss: what was said with it counts two days later."""
    later = record(Done(at=minutes(2 * 24 * 60), box="incident-documented"))
    assert not attrs.evolve(later, now=ZERO).is_ticked("incident-documented")
    assert attrs.evolve(later, now=minutes(24 * 60)).is_ticked("incident-documented")


@pytest.mark.parametrize("number", [2, 3, 9999])
def test_a_round_begins_after_the_one_before_is_abandoned(number: int) -> None:
    """A round that nothing led to hides nothing, and the next one can be written."""
    stray = Done(at=minutes(5), box="incident-documented", round=number)
    made = record().merged(attrs.evolve(record(), entries=(stray,)))
    assert (made.rounds, made.is_ticked("incident-documented")) == (1, False)
    assert made.declaration is not None
    over = made.adding(Abandoned(at=minutes(6), reason="x"))
    again = read_record(record_text(over.adding(DECLARED, new_round=over.abandoned is not None)))
    assert (again.rounds, again.abandoned, again.declaration is None) == (2, None, False)


def test_a_new_round_begins_anew() -> None:
    """After an abandoned hotfix nothing of the old record counts any more, and nothing is lost."""
    old = record(APPROVAL, ticks={"review": minutes(15)}).adding(
        Abandoned(at=minutes(20), reason="was staging")
    )
    assert old.abandoned is not None
    again = old.adding(attrs.evolve(DECLARED, at=minutes(90), issue="Blank page"), new_round=True)
    assert (again.ticks, again.approvals, again.abandoned, again.rounds) == ({}, (), None, 2)
    assert again.declaration is not None
    assert (again.declaration.issue, again.declaration.started) == ("Blank page", minutes(90))
    assert {*old.entries} < {*again.entries}


def test_an_amendment_corrects_what_it_names() -> None:
    """Of the declaration only what an amendment names changes; when it was declared stays."""
    declared = record(Amended(at=minutes(30), severity=CRITICAL, detected=minutes(-10))).declaration
    assert declared is not None
    assert (declared.severity, declared.issue, declared.started) == (CRITICAL, "Crash on login", minutes(4))
    assert declared.zero == minutes(-10)


def attempt(at: float, code: int | None = 0, *, rollback: bool = False, **more: Any) -> Deployment:
    """An attempt of a minute."""
    return Deployment(
        at=minutes(at), tag="t", ended=minutes(at + 1), exit_code=code, rollback=rollback, **more
    )


DECIDED = Decision(at=minutes(60), decided_by="Grace", reason="worse", to="t0", from_="t1")


@pytest.mark.parametrize(
    ("said", "deployed", "rolled_back"),
    [
        ([attempt(40, 1)], None, False),
        ([attempt(40, 1), attempt(45)], 46, False),
        ([attempt(40), attempt(45), attempt(50, 1)], 41, False),
        ([attempt(40), DECIDED], None, True),
        ([attempt(40), DECIDED, attempt(61, rollback=True)], None, True),
        ([attempt(40), DECIDED, attempt(61, rollback=True), attempt(90)], 91, False),
        ([Deployment(at=minutes(40), tag="t")], None, False),
        ([Deployment(at=minutes(40), tag="t"), attempt(40)], 41, False),
        ([attempt(40, None, by_hand=True), Done(at=minutes(50), box="deployed", undone=True)], None, False),
    ],
)
def test_which_deployment_counts(said: list[Entry], deployed: int | None, rolled_back: bool) -> None:
    """The first success since the last rollback counts; every attempt is kept, and its end completes it."""
    found = record(*said)
    assert found.deployed == (None if deployed is None else minutes(deployed))
    assert (found.rollback is not None) is rolled_back
    assert len({each.at for each in found.deployments}) == len(found.deployments)


@pytest.mark.parametrize("abandoned", [False, True])
def test_what_a_rollback_has_undone_is_known_in_every_round(abandoned: bool) -> None:
    """What was recorded until the decision counts, also where the hotfix was abandoned and begun anew."""
    begun = record()
    if abandoned:
        begun = begun.adding(Abandoned(at=minutes(5), reason="x"))
        begun = begun.adding(attrs.evolve(DECLARED, at=minutes(6)), new_round=True)
        assert begun.rounds == 2
    undone = begun.adding(attempt(40), DECIDED).undone
    assert undone is not None
    assert undone.deployed == minutes(41)


OF_DEPLOYMENT = [
    each for box in ("smoke-tests", "logs-watched", "users-notified") for each in (box, *ITEMS.get(box, ()))
]
courses = st.lists(
    st.one_of(
        st.builds(Done, at=st.integers(30, 90).map(minutes), box=st.sampled_from([*OF_DEPLOYMENT, "review"])),
        st.builds(Done, at=st.integers(30, 90).map(minutes), box=st.just("deployed"), undone=st.just(True)),
        st.integers(30, 90).map(lambda at: attempt(at, None, by_hand=True)),
        st.builds(attempt, st.integers(30, 90), st.sampled_from([0, 1, None]), rollback=st.booleans()),
        st.integers(30, 90).map(lambda at: attrs.evolve(DECIDED, at=minutes(at))),
    ),
    max_size=8,
).map(lambda entries: record().merged(attrs.evolve(record(), entries=tuple(entries))))


@given(courses)
@example(record(attempt(40), DECIDED, Done(at=minutes(70), box="smoke-tests")))
def test_nothing_is_ticked_of_a_deployment_that_does_not_count(known: Record) -> None:
    """Whenever, and in whichever clone, something was ticked: while nothing is deployed it does not count.

    Otherwise it is not from before the deployment that counts. Users are notified of a rollback, too.
    """
    found = {name: each for name, each in known.ticks.items() if name in OF_DEPLOYMENT}
    back = known.rollback.deployment if known.rollback and known.rollback.is_done else None
    if known.deployment:
        assert [each for each in found.values() if each.at < known.deployment.at] == []
    elif known.decision or any(each.succeeded and not each.rollback for each in known.of(Deployment)):
        notified = found.pop("users-notified", None)
        assert found == {}
        assert notified is None or (back and back.ended and notified.at >= back.ended)


FIRST = """\
schema = 1
product = "worker-mobile"
slug = "krow-withus-worker-mobile"
version = "0.1.1"
base = "krow-withus-worker-mobile/prod-v0.1.0"
branch = "hotfix/krow-withus-worker-mobile-v0.1.1"
issue = "Crash on login"
severity = "HIGH"
impact = "Nobody can log in"
environment = "production"
who = "Ada"
detected = 2026-03-05T14:00:00+00:00
started = 2026-03-05T14:04:00+00:00
followed_up = 2026-03-06T15:00:00+00:00
notes = "x"

[deploy]
at = 2026-03-05T14:44:00+00:00
exit_code = 0

[done]
review = 2026-03-05T14:15:00+00:00
approval = 2026-03-05T14:25:00+00:00
"""


def test_a_record_of_an_older_version_is_read() -> None:
    """What schema 1 held is known, its approval names no commit, and it is written in schema 2."""
    read = read_record(FIRST)
    assert read.declaration is not None
    assert attrs.evolve(read.declaration, who="") == record().declaration
    assert read.deployed == minutes(44)
    assert [each.tip for each in read.approvals] == [""]
    assert (read.is_ticked("review"), read.said("notes")) == (True, "x")
    assert read_record(record_text(read)) == read


@given(anything)
def test_no_text_becomes_another_field(text: str) -> None:
    """Whatever one field holds, the others stay as they were."""
    read = read_record(record_text(record(Said(at=ZERO, field="notes", text=text), issue=text)))
    assert read.declaration is not None
    assert (read.declaration.branch, read.ticks) == (BRANCH, {})
    assert read.declaration.started == minutes(4)


def test_a_record_reads_well() -> None:
    """The file is one line of explanation, and a table per entry, in the order of the process."""
    lines = record_text(record(who="Ada", ticks={"review": minutes(15)}, deployed=minutes(40))).split("\n")
    assert lines[0].startswith("# What people said of this hotfix")
    assert 'issue = "Crash on login"' in lines
    assert "detected = 2026-03-05T14:00:00+00:00" in lines
    assert lines[-10:] == [
        *["[[done]]", "at = 2026-03-05T14:15:00+00:00", 'box = "review"', ""],
        *["[[deployed]]", "at = 2026-03-05T14:40:00+00:00", f'tag = "{TAG}"'],
        *["ended = 2026-03-05T14:40:00+00:00", "exit_code = 0", ""],
    ]


WHOLE = record_text(record(ticks={"review": minutes(15)}, deployed=minutes(40)))


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("schema = 2\n", "", "schema", "schema must be 2"),
        ("schema = 2", "schema = true", "schema", "schema must be 2"),
        ("schema = 2", "schema = 3", "schema", "of a newer schema"),
        ('issue = "Crash on login"', "issue = 3", "declared[0].issue", "is a whole number, not text"),
        ('issue = "Crash on login"\n', "", "declared[0]", "the key 'issue' is missing"),
        ("issue =", "isue =", "declared[0]", "the key 'issue' is missing"),
        ('version = "0.1.1"', 'version = "0.1"', "version", "is not a version"),
        ('version = "0.1.1"', 'version = "0.1.1+6"', "version", "must be three numbers"),
        ('version = "0.1.1"', 'version = "0.1.1-rc.1"', "version", "must be three numbers"),
        ('"HIGH"', '"HIHG"', "declared[0].severity", "there is no severity"),
        ("T14:04:00+00:00", "T14:04:00", "declared[0].at", "has no zone"),
        ("2026-03-05T14:04:00+00:00", "2026-03-05", "declared[0].at", "is a date, not a date with a time"),
        ("2026-03-05T14:04:00+00:00", "0001-01-01T00:00:00+23:00", "declared[0].at", "beyond"),
        ('"review"', '"merged"', "done[0].box", "is not a box that people tick"),
        ("exit_code = 0", "exit_code = 1.0", "deployed[0].exit_code", "not a whole number"),
        ("exit_code = 0", "exit_code = 99999999999", "deployed[0].exit_code", "is above"),
        ("exit_code = 0", f"exit_code = 0x{'f' * 5000}", "deployed[0].exit_code", "is above"),
        ("[[done]]", "[done]", "done", "a table, not an array"),
    ],
)
def test_each_mistake_names_file_line_and_key(old: str, new: str, key: str | None, says: str) -> None:
    """A record edited by hand is read strictly: the error names the file, line and key, and what is wrong."""
    assert old in WHOLE
    text = WHOLE.replace(old, new)
    with pytest.raises((InputError, Problems)) as refused:
        read_record(text, "krow/hotfix.toml")
    errors = members(refused.value)
    assert (errors[0].path, errors[0].key) == ("krow/hotfix.toml", key)
    assert says in errors[0].message
    written = (key or "").rpartition(".")[2].partition("[")[0]
    lines = [
        at for at, line in enumerate(text.split("\n"), 1) if written and line.strip("[").startswith(written)
    ]
    assert errors[0].line == (lines[0] if lines else None)


def test_all_mistakes_are_reported_at_once() -> None:
    """Independent mistakes come together, an unknown key with what was probably meant."""
    text = WHOLE.replace("issue =", "isue =").replace('"HIGH"', "1").replace('"review"', '"reviw"')
    with pytest.raises(Problems) as refused:
        read_record(text)
    assert {error.key: (error.hint or "")[:20] for error in members(refused.value)} == {
        "declared[0]": "add it",
        "declared[0].severity": "put it in quotes",
        "declared[0].isue": "did you mean issue? ",
        "done[0].box": "did you mean review?",
    }


@pytest.mark.parametrize(
    "text",
    [
        "a = ",
        "a = 1\na = 2",
        "a = " + "[" * 100_000,
        "a = " + "9" * 5000,
        "\x00",
        "= 1",
        "schema = 2\n\x1b = 2",
    ],
)
def test_broken_toml_is_an_error_of_ours(text: str) -> None:
    """Any text that the parser refuses is reported as a broken file, with its name."""
    with pytest.raises(FileFormatError) as refused:
        read_record(text, "r.toml")
    assert refused.value.path == "r.toml"
    assert "\x1b" not in str(refused.value)


def test_a_broken_line_is_named() -> None:
    """The error has line and column where the parser knows them."""
    with pytest.raises(FileFormatError) as refused:
        read_record("schema = 2\nissue = x\n", "r.toml")
    assert (refused.value.line, refused.value.column) == (2, 9)


def test_a_huge_file_is_no_record() -> None:
    """A file longer than any record is refused before it is parsed; a BOM is accepted."""
    with pytest.raises(FileTooLarge):
        read_record("#" * 300_000)
    assert read_record("\ufeff" + WHOLE) == read_record(WHOLE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"at": ZERO.replace(tzinfo=None)},
        {"ticks": {"review": ZERO.replace(tzinfo=None)}},
        {"ticks": {"merged": ZERO}},
        {"ticks": {"x = 1\n[deploy]": ZERO}},
    ],
)
def test_a_record_holds_only_what_it_may(wrong: dict[str, Any]) -> None:
    """A time without zone, a tick that people do not make, and a pre-release are in no record."""
    with pytest.raises(InputError):
        record(**wrong)


def test_no_pre_release_is_a_hotfix() -> None:
    """A hotfix ships a production version."""
    with pytest.raises(InputError):
        Record("x", "x", Version(1, 0, 0, "rc.1"))
