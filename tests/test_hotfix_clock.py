"""The one clock of a hotfix: milestones, what they are measured from, and the limits."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import krow_versions as kv
from krow_versions.hotfix import (
    ANNOUNCEMENT,
    BOXES,
    CRITICAL,
    FOLLOW_UP,
    HIGH,
    MEDIUM,
    ROLLBACK_NOTICE,
    Abandoned,
    Approval,
    Decision,
    Deployment,
    Done,
    Entry,
    Facts,
    Record,
    Sent,
    check,
    incident_of,
    render,
    status,
    times_of,
    values,
)
from krow_versions.hotfix.checklist import ITEMS, TICKS
from krow_versions.hotfix.milestones import ALL, RECORD, WATCH, Reached, Times
from krow_versions.hotfix.possible import possible, require_possible
from krow_versions.hotfix.report import to_markdown
from krow_versions.hotfix.timeline import Timeline, measured
from krow_versions.planning.commands import Calls
from krow_versions.products import KROW
from krow_versions.pull_requests import PullRequest
from support.samples import BASE, BUMP, FIX, NAME, SETTINGS, TAG, ZERO, facts, minutes, record, shipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from krow_versions.hotfix.limits import Limit
    from krow_versions.tables import Tabular

IDS = [each.id for each in ALL]
SEVERITIES = st.sampled_from([CRITICAL, HIGH, MEDIUM])
MOMENTS = st.builds(
    lambda seconds, hours: (ZERO + dt.timedelta(seconds=seconds)).astimezone(
        dt.timezone(dt.timedelta(hours=hours))
    ),
    st.integers(-2 * 86400, 4 * 86400),
    st.integers(-3, 3),
)
PRINTED = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}) ([+-][0-9]{2}:[0-9]{2})")
GRACE = 4 * 60
LASTING = re.compile(r"(?:([0-9]+) d )?(?:([0-9]+) h )?([0-9]+) min")


@st.composite
def all_times(draw: st.DrawFn) -> Times:
    """Any times of any milestones, possible or not; the detection is known."""
    found = draw(st.dictionaries(st.sampled_from(IDS), MOMENTS)) | {"detected": draw(MOMENTS)}
    return {name: Reached(at, RECORD) for name, at in found.items()}


def read_time(text: str) -> dt.datetime | None:
    """The only time in a text, by a reader of its own."""
    found = PRINTED.findall(text)
    assert len(found) < 2, text
    return dt.datetime.fromisoformat(f"{found[0][0]}{found[0][1]}") if found else None


def read_duration(text: str) -> int | None:
    """The only duration in a text, in minutes, by a reader of its own."""
    found = LASTING.findall(text.replace("less than 1 min", "0 min"))
    assert len(found) < 2, text
    days, hours, minutes = (int(each or 0) for each in found[0]) if found else (0, 0, 0)
    return days * 1440 + hours * 60 + minutes if found else None


def apart(start: dt.datetime, end: dt.datetime) -> int:
    """The minutes between two times as printed."""
    return int((end - start).total_seconds()) // 60


def cells(table: Tabular) -> list[dict[str, str]]:
    """The rows of a table, read back from its Markdown."""
    lines = [line.strip("|").split("|") for line in table.to_markdown().splitlines()]
    head, _, *rows = [[cell.strip() for cell in line] for line in lines]
    return [dict(zip(head, row, strict=True)) for row in rows]


def assert_delay(row: dict[str, str], times: Times, now: dt.datetime) -> None:
    """The delay of a milestone is the time between those beside it, unless it is in time or over."""
    planned, actual = read_time(row["planned"]), read_time(row["actual"])
    assert planned is not None
    late = read_duration(row["behind plan"])
    if row["behind plan"].startswith("one time is wrong"):
        assert actual is not None
    elif row["milestone"] == "followed up" and late is None:
        assert "deployed" not in times or apart(planned, actual or now) <= GRACE or "rolled-back" in times
    elif actual is not None:
        assert (late or 0) == max(apart(planned, actual), 0)
    elif row["behind plan"] == "rolled back":
        assert "rolled-back" in times
    else:
        assert (late or 0) == max(apart(planned, now), 0)
        assert ("still open" in row["behind plan"]) == (late is not None)


@given(all_times(), SEVERITIES.map(lambda each: each.limit), MOMENTS)
def test_every_printed_duration_is_the_difference_of_printed_times(
    times: Times, severity: dt.timedelta | None, now: dt.datetime
) -> None:
    """What stands beside two times is the time between them, to the minute; never negative."""
    found = measured(times, severity, now)
    now = now.replace(second=0)
    assert "-" not in re.sub(PRINTED, "", f"{found}").replace("post-mortem", "").replace(
        "follow-up", ""
    ).replace("review-", "")
    for row in cells(found):
        assert_delay(row, times, now)
    for row in cells(found.limits_table()):
        due, actual, state = read_time(row["due"]), read_time(row["actual"]), row["state"]
        if (duration := read_duration(state)) is None:
            continue
        assert due is not None
        over = apart(due, actual or now)
        assert duration == (-over if "left" in state else over)
        assert "left" in state or "due" in state or "late" in state
        assert duration >= 0
    taken, *more = str(found.limit).split(", ")
    if (duration := read_duration(taken)) is not None:
        end = found.limit.ended
        assert duration == apart(
            times["detected"].at.replace(second=0), end.at.replace(second=0) if end else now
        )
        if "no limit" not in more:
            limit, *rest = more
            total = read_duration(limit)
            assert total is not None
            if rest:
                left = read_duration(rest[0])
                assert duration == (total + (left or 0) if "EXCEEDED" in rest[0] else total - (left or 0))
            assert ("EXCEEDED" in str(found.limit)) == (duration >= total and "just under" not in taken)


@given(all_times(), SEVERITIES.map(lambda each: each.limit), MOMENTS)
def test_data_says_what_the_tables_say(times: Times, severity: dt.timedelta | None, now: dt.datetime) -> None:
    """A milestone has one time wherever it is; seconds in data are differences of times in data."""
    found = measured(times, severity, now)
    data = found.to_json()
    seen: dict[str, set[str]] = {}
    for each in data["milestones"]:
        seen.setdefault(each["id"], set()).add(each["actual"])
        if each["late_seconds"] is not None:
            until = dt.datetime.fromisoformat(each["actual"]) if each["actual"] else now
            assert (
                each["late_seconds"]
                == (until - dt.datetime.fromisoformat(each["planned"])).total_seconds()
                > 0
            )
    for each in data["limits"]:
        seen.setdefault(each["until"], set()).add(each["actual"])
        seen.setdefault(each["from"], set()).add(each["started"])
        assert None in (each["late_seconds"], each["left_seconds"])
        assert (each["late_seconds"] or 0) >= 0 <= (each["left_seconds"] or 0)
        if each["started"] and each["limit_seconds"]:
            due = dt.datetime.fromisoformat(each["started"]) + dt.timedelta(seconds=each["limit_seconds"])
            assert each["due"] == due.isoformat()
    assert {name: len(each) for name, each in seen.items() if len(each) > 1} == {}
    for name, at in seen.items():
        expected = times[name].at.isoformat() if name in times else None
        assert at == {expected}


@given(all_times(), SEVERITIES.map(lambda each: each.limit), MOMENTS)
def test_the_plan_accuses_nothing_that_a_limit_calls_kept(
    times: Times, severity: dt.timedelta | None, now: dt.datetime
) -> None:
    """No row of the plan says late beside a limit that is kept; the follow-up has one due time and delay."""
    found = measured(times, severity, now)
    kept = {each.end for each in found.limits if each.state in {"kept", "reached"}}
    for row in cells(found):
        said = "".join(f"{name} {text}" for name, text in row.items() if text)
        assert NAMED[row["milestone"]] not in kept or "late" not in said
    (row_of,) = (each for each in found.to_json()["milestones"] if each["id"] == "followed-up")
    (limit,) = (each for each in found.to_json()["limits"] if each["id"] == "follow-up")
    if limit["started"]:
        assert (row_of["planned"], row_of["from"]) == (limit["due"], limit["from"])
        assert row_of["before"] or row_of["late_seconds"] == limit["late_seconds"]


@pytest.mark.parametrize(
    ("sent", "says", "behind"),
    [
        (24 * 60, "reached", ""),
        (27 * 60, "reached", ""),
        (30 * 60, "late by 6 h 00 min", "6 h 00 min"),
    ],
)
def test_a_follow_up_is_due_a_day_after_the_deployment(sent: float, says: str, behind: str) -> None:
    """The status update is due 24 h after the deployment, and late only when it was sent hours after that."""
    found = timed(now=3000, deployed=60, followed_up=60 + sent)
    (row,) = (each for each in cells(found) if each["milestone"] == "followed up")
    assert (states(found)["follow-up"], row["behind plan"]) == (says, behind)
    assert row["due"] == "+1 d 00 h 00 min from deployed"


OPEN = ("left", "open", "due", "late")


def test_what_cannot_come_any_more_is_not_open() -> None:
    """After a rollback the deployment is still reached, and nothing that followed from it is open or late."""
    said = record(deployed=minutes(44), ticks={"smoke-tests": minutes(50)})
    decided = said.adding(Decision(at=minutes(90), decided_by="Pia", reason="worse", to=BASE, from_=TAG))
    back = Deployment(at=minutes(91), tag=BASE, ended=minutes(95), exit_code=0, rollback=True)
    for known, why in ((decided, "to be rolled back"), (decided.adding(back), "rolled back")):
        state = status(NAME, shipped(), known, (), minutes(5000))
        assert state.timeline is not None
        rows = {row.milestone.id: row for row in state.timeline.rows}
        assert (rows["deployed"].actual, rows["verified"].actual) == (minutes(44), minutes(50))
        assert rows["deployed"].lateness == rows["verified"].lateness == "rolled back"
        assert rows["followed-up"].lateness == why
        limits = states(state.timeline)
        assert limits["watching"] == limits["follow-up"] == why
        assert limits["severity"] == "kept"
        with pytest.raises(kv.Conflict):
            require_possible(
                "x", None, minutes(99), possible("smoke-tests", times_of(known, None), None, Calls(NAME))
            )


def test_the_clock_of_an_abandoned_hotfix_has_stopped() -> None:
    """Nothing is open, due or late after the end, and the time until then stays the same."""
    said = record(Abandoned(at=minutes(300), reason="a configuration was wrong"))
    known = [status(NAME, facts(), said, (), minutes(now)).timeline for now in (301, 9000)]
    first, later = known
    assert first is not None
    assert later is not None
    assert str(first) == str(later)
    assert str(later.limit) == "5 h 00 min until it was abandoned, limit 4 h 00 min"
    assert not later.limit.exceeded
    for row in cells(later):
        assert row["actual"] or row["behind plan"] == "abandoned"
    assert not any(word in each.state for each in later.limits for word in OPEN)


BOXES_OF = {
    "severity": "declared", "tested": "fixed", "review": "review-requested", "approval": "approved",
    "tag-created": "tagged", "deployed": "deployed", "smoke-tests": "verified", "logs-watched": "watched",
    "users-notified": "notified", "incident-documented": "documented",
}  # fmt: skip
HEADER_OF = {"Detected": "detected", "Declared": "declared", "Deployed": "deployed", "Resolved": "resolved"}
NAMED = {each.label: each.id for each in ALL}


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Any record of a declared hotfix: entries of people and programs at any times, in any order."""
    ticks = st.builds(
        lambda at, box, undone: Done(at=at, box=box, undone=undone),
        MOMENTS,
        st.sampled_from(TICKS),
        st.booleans(),
    )
    deployments = st.builds(
        lambda at, took, code, rollback: Deployment(
            at=at, tag=TAG, ended=at + dt.timedelta(minutes=took), exit_code=code, rollback=rollback
        ),
        MOMENTS,
        st.integers(0, 40),
        st.sampled_from([0, 0, 1]),
        st.booleans(),
    )
    approvals = st.builds(lambda at, tip: Approval(at=at, tip=tip * 40), MOMENTS, st.sampled_from("bc"))
    decisions = st.builds(
        lambda at: Decision(at=at, decided_by="Grace", reason="worse", to=BASE, from_=TAG), MOMENTS
    )
    sent = st.builds(
        lambda at, text: Sent(at=at, text=text),
        MOMENTS,
        st.sampled_from([ANNOUNCEMENT, FOLLOW_UP, ROLLBACK_NOTICE]),
    )
    usual: list[Entry] = [Done(at=draw(MOMENTS), box=box) for box in TICKS if draw(st.booleans())]
    usual += [draw(each) for each in (deployments, approvals, sent) if draw(st.booleans())]
    found = draw(
        st.permutations(usual + draw(st.lists(st.one_of(ticks, deployments, decisions, sent), max_size=4)))
    )
    detected = draw(st.none() | MOMENTS)
    severity = draw(SEVERITIES)
    return record(*found, at=draw(MOMENTS), severity=severity, detected=detected)


@st.composite
def seen(draw: st.DrawFn) -> Facts:
    """What git and the server say of a hotfix that has shipped, at any times."""
    pull = PullRequest(
        number=7,
        url="https://github.com/krow/withus/pull/7",
        state="OPEN",
        head="b" * 40,
        base="main",
        approved_head=draw(st.sampled_from([None, "b" * 40])),
        created=draw(st.none() | MOMENTS),
        approved=draw(st.none() | MOMENTS),
    )
    commits = [attrs.evolve(each, date=draw(MOMENTS)) for each in (BUMP, FIX, FIX)]
    return shipped(
        tagged=draw(st.none() | MOMENTS),
        commits=tuple(commits),
        pull_request=draw(st.none() | st.just(pull)),
    )


def sections(text: str) -> dict[str, list[dict[str, str]]]:
    """The tables of a Markdown document by the heading above each, read by a reader of its own."""
    found: dict[str, list[dict[str, str]]] = {}
    heading = ""
    head: list[str] | None = None
    for line in text.splitlines():
        if line.startswith("#"):
            heading, head = line.lstrip("# "), None
        elif line.startswith("| "):
            row = [each.strip() for each in re.split(r"(?<!\\)\|", line)[1:-1]]
            if head is None:
                head = row
            elif set(row[0]) != {"-"}:
                found.setdefault(heading, []).append(dict(zip(head, row, strict=True)))
        else:
            head = None
    return found


def by_report(text: str, limits: Iterable[Limit]) -> Iterator[tuple[str, dt.datetime | None]]:
    """Every time of a milestone in the incident document, read back."""
    tables = sections(text)
    header = header_of(text)
    yield from ((name, read_time(header[label])) for label, name in HEADER_OF.items())
    for row in tables["Plan"]:
        yield NAMED[row["milestone"]], read_time(row["actual"])
    for row, each in zip(tables["Time limits"], limits, strict=True):
        yield each.end, read_time(row["actual"])
    boxes = {each.label: BOXES_OF[each.id] for each in BOXES if each.id in BOXES_OF}
    for label, more in re.findall(r"^- \[x\] ([^(\n]*?)(?: \((.*)\))?$", text, re.MULTILINE):
        if label in boxes:
            yield boxes[label], read_time(more)


def by_data(data: dict[str, Any]) -> Iterator[tuple[str, dt.datetime | None]]:
    """Every time of a milestone in the data of a status."""
    for each in data["checklist"]:
        if each["id"] in BOXES_OF and each["done"]:
            yield BOXES_OF[each["id"]], read_iso(each["at"])
    for each in data["timeline"]["milestones"]:
        yield each["id"], read_iso(each["actual"])
    for each in data["timeline"]["limits"]:
        yield each["until"], read_iso(each["actual"])
        yield each["from"], read_iso(each["started"])


def header_of(text: str) -> dict[str, str]:
    """The table at the top of the incident document."""
    return {row["what"]: row["said"] for row in next(iter(sections(text).values()))}


def read_iso(text: str | None) -> dt.datetime | None:
    """A time of data, to the minute."""
    return None if text is None else dt.datetime.fromisoformat(text).replace(second=0)


@given(records(), seen(), MOMENTS)
def test_no_two_numbers_of_a_hotfix_contradict_each_other(
    said: Record, known: Facts, now: dt.datetime
) -> None:
    """A milestone has one time in report, timeline, limits, checklist and data; durations are differences."""
    gates = check(known, KROW, approvals=said.approvals)
    text = to_markdown(incident_of(known, said, gates, catalog=KROW, settings=SETTINGS, now=now))
    state = status(NAME, known, said, gates, now)
    assert state.timeline is not None
    times: dict[str, set[dt.datetime | None]] = {}
    for name, at in (*by_report(text, state.timeline.limits), *by_data(state.to_json())):
        times.setdefault(name, set()).add(at)
    assert {name: at for name, at in times.items() if len(at) > 1} == {}
    (detected,), (resolved,) = times["detected"], times["resolved"]
    assert detected is not None
    took = header_of(text)["From detection to resolution"]
    if resolved is None:
        assert took == "not known"
    elif read_duration(took) is None:
        assert took == "resolved before it was detected"
        assert resolved <= detected
    else:
        assert read_duration(took) == apart(detected, resolved)
    (total,) = (each for each in state.to_json()["checklist"] if each["id"] == "total-time")
    assert (total["note"] or "not known") == took


@given(records(), seen(), MOMENTS)
def test_texts_say_what_the_checklist_says(said: Record, known: Facts, now: dt.datetime) -> None:
    """Every time in a text is that of a milestone, or of a limit from one; what it claims is ticked."""
    times = {name: each.at for name, each in times_of(said, known).items()}
    day = dt.timedelta(hours=24)
    may = {
        each.replace(second=0)
        for each in (
            *times.values(),
            *(times["deployed"] + after for after in (WATCH, day) if "deployed" in times),
            *(times[name] + day for name in ("resolved",) if name in times),
        )
    }
    filled = values(known, said, KROW, SETTINGS, now=now)
    for name in (ANNOUNCEMENT, FOLLOW_UP, ROLLBACK_NOTICE):
        for found in PRINTED.findall(render(name, filled)):
            assert dt.datetime.fromisoformat("".join(found)) in may, name
    if said.is_deployed:
        state = status(NAME, known, said, check(known, KROW, approvals=said.approvals), now)
        done = {each.box.id: each.done for each in state.boxes}
        text = render(ANNOUNCEMENT, filled)
        assert ("& verified" in text) == done["smoke-tests"]
        assert ("were watched until" in text) == done["logs-watched"]


@given(records())
def test_a_box_with_items_is_done_when_all_of_them_are(said: Record) -> None:
    """Whatever was ticked and taken back in whatever order: the box counts exactly when its items do."""
    late, ticks = minutes(10_000), tuple(each for each in said.entries if isinstance(each, Done))
    said = attrs.evolve(said, entries=ticks)  # Where nothing was deployed and then rolled back.
    for box, items in ITEMS.items():
        assert said.is_ticked(box) == all(said.is_ticked(item) for item in items)
        if said.is_ticked(box):
            assert said.ticks[box].at == max(said.ticks[item].at for item in items)
        ticked = said.adding(Done(at=late, box=box))
        assert [ticked.ticks[item].at for item in (box, *items)] == [late] * (len(items) + 1)
        undone = ticked.adding(Done(at=minutes(9_999), noted=late, box=items[0], undone=True))
        assert not undone.is_ticked(box)
        assert undone.is_ticked(items[1])


def test_a_rollback_ends_what_was_ticked_of_the_deployment() -> None:
    """After the decision to roll back, smoke tests, watching and news of that deployment do not count."""
    boxes = ("smoke-tests", "logs-watched", "users-notified", "review")
    said = record(deployed=minutes(44), ticks=dict.fromkeys(boxes, minutes(200)))
    decided = said.adding(Decision(at=minutes(210), decided_by="Grace", reason="worse", to=BASE, from_=TAG))
    assert sorted(decided.ticks) == ["review"]
    offline = decided.adding(Done(at=minutes(300), box="smoke-tests"))
    assert sorted(offline.ticks) == ["review"]
    again = decided.adding(
        Deployment(at=minutes(290), tag=TAG, ended=minutes(291), exit_code=0),
        Done(at=minutes(300), box="smoke-tests"),
    )
    assert again.ticks["smoke-tests"].at == minutes(300)
    assert not again.is_ticked("logs-watched")


def timed(now: float, **minutes: float) -> Timeline:
    """A hotfix of severity HIGH, its milestones so many minutes after its detection."""
    times = {name.replace("_", "-"): ZERO + dt.timedelta(minutes=after) for name, after in minutes.items()}
    found = {name: Reached(at, RECORD) for name, at in ({"detected": ZERO} | times).items()}
    return measured(found, HIGH.limit, ZERO + dt.timedelta(minutes=now))


def states(found: Timeline) -> dict[str, str]:
    """What is said of each limit that says something."""
    return {each.id: each.state for each in found.limits if each.state}


def test_each_limit_has_its_own_start() -> None:
    """Approval from the review request, deployment from the approval, the rest from the deployment."""
    assert states(timed(now=20, review_requested=10)) == {
        "severity": "3 h 40 min left",
        "approval": "5 min left",
        "total": "3 h 40 min left",
    }
    assert states(timed(now=75, review_requested=10, approved=30)) == {
        "severity": "2 h 45 min left",
        "approval": "late by 5 min",
        "deployment": "late by 15 min, still open",
        "total": "2 h 45 min left",
    }
    found = timed(
        now=1700, deployed=50, watched=175, notified=100, resolved=175, approved=20, review_requested=5
    )
    assert states(found) == {
        "severity": "kept",
        "approval": "kept",
        "deployment": "kept",
        "watching": "reached",
        "follow-up": "due since 3 h 30 min",
        "post-mortem": "late by 1 h 25 min, still open",
        "total": "kept",
    }


def test_impossible_times_are_named() -> None:
    """A tag from before the declaration, a deployment from before the detection: said, with no duration."""
    found = timed(now=60, declared=20, tagged=10, deployed=-5)
    late = {row.milestone.id: row.lateness for row in found.rows if row.lateness}
    declared = 'one time is wrong: it is before "severity known, branch made"'
    assert late["tagged"] == late["deployed"] == declared
    assert str(found.limit) == 'one time is wrong: it is before "fault detected"'
    assert found.limit.contradicts
    early = timed(now=-60)
    assert str(early.limit) == "fault detected is later than now: compare the clocks"
    assert early.to_json()["elapsed_seconds"] is None
