"""The timeline: planned against actual, and the limit of the severity."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krow_versions.hotfix import CRITICAL, HIGH, MEDIUM, MILESTONES, Severity, timeline
from support.samples import ZERO, facts, minutes, record, shipped

if TYPE_CHECKING:
    from krow_versions.hotfix import Facts, Record
    from krow_versions.hotfix.timeline import Timeline


def planned(said: Record, known: Facts | None, now: dt.datetime) -> Timeline:
    """The timeline of a declared hotfix."""
    found = timeline(said, known, now)
    assert found is not None
    return found


def test_the_milestones_are_those_of_the_process() -> None:
    """T-0, then 5, 15, 30, 45, 60, 120 minutes, and a day."""
    after = [each.after // dt.timedelta(minutes=1) for each in MILESTONES if each.after is not None]
    assert after == [0, 5, 15, 30, 45, 60, 120, 1440]


def test_times_come_from_git_and_people() -> None:
    """Times come from git where it has them, the others from the record; none is invented."""
    said = record(
        ticks={"review": minutes(17), "smoke-tests": minutes(58), "users-notified": minutes(90)},
        deployed=minutes(50),
        exit_code=0,
    )
    found = {row.milestone.id: row for row in planned(said, shipped(), minutes(100)).rows}
    assert {name: row.actual for name, row in found.items()} == {
        "detected": ZERO,
        "declared": minutes(4),
        "fixed": minutes(14),
        "tagged": minutes(31),
        "deployed": minutes(50),
        "verified": minutes(58),
        "resolved": None,
        "followed-up": None,
    }
    assert {name: row.late for name, row in found.items() if row.late} == {
        "tagged": dt.timedelta(minutes=1),
        "deployed": dt.timedelta(minutes=5),
    }


def test_what_is_open_is_late_by_now() -> None:
    """A milestone that was due and is not reached is late by now, and says that it is open."""
    found = planned(record(), facts(), minutes(47.5))
    late = {row.milestone.id: row.late for row in found.rows if row.late}
    assert late == {"tagged": dt.timedelta(minutes=17.5), "deployed": dt.timedelta(minutes=2.5)}
    assert "2 min, still open" in str(found)
    watched = record(ticks={"logs-watched": minutes(170), "users-notified": minutes(90)})
    rows = {row.milestone.id: row.actual for row in planned(watched, None, minutes(200)).rows}
    assert rows["resolved"] == minutes(170)


def test_without_git_its_times_are_not_known() -> None:
    """Without facts, nothing else stands for the time of the fix or of the tag."""
    rows = {r.milestone.id: r.actual for r in planned(record(ticks={"review": ZERO}), None, ZERO).rows}
    assert (rows["fixed"], rows["tagged"]) == (None, None)


@pytest.mark.parametrize(
    ("severity", "after", "exceeded", "says"),
    [
        (CRITICAL, 59, False, "59 min so far, limit 1 h 00 min, 1 min left"),
        (CRITICAL, 60, True, "1 h 00 min so far, limit 1 h 00 min, EXCEEDED by 0 min"),
        (HIGH, 239, False, "3 h 59 min so far, limit 4 h 00 min, 1 min left"),
        (HIGH, 300, True, "5 h 00 min so far, limit 4 h 00 min, EXCEEDED by 1 h 00 min"),
        (MEDIUM, 9999, False, "6 d 22 h 39 min so far, no limit"),
    ],
)
def test_less_than_the_limit_is_in_time(severity: Severity, after: int, exceeded: bool, says: str) -> None:
    """The limit is *less than* its hours, from the detection on."""
    limit = planned(record(severity=severity), None, minutes(after)).limit
    assert (limit.exceeded, str(limit)) == (exceeded, says)


def test_a_deployment_stops_the_clock() -> None:
    """The elapsed time stops at a deployment, but not at a failed one."""
    went_well = planned(record(deployed=minutes(50)), None, minutes(900)).limit
    assert (went_well.elapsed, went_well.stopped) == (dt.timedelta(minutes=50), True)
    failed = planned(record(deployed=minutes(50), exit_code=1), None, minutes(900)).limit
    assert (failed.elapsed, failed.stopped, failed.exceeded) == (dt.timedelta(minutes=900), False, True)


@given(st.integers(-1000, 100_000), st.sampled_from([CRITICAL, HIGH, MEDIUM]))
def test_time_only_adds_up(after: int, severity: Severity) -> None:
    """Elapsed and remaining make the limit; a clock that runs backwards makes nothing negative."""
    found = planned(record(severity=severity), facts(), minutes(after))
    assert found.limit.elapsed is not None
    assert found.limit.elapsed >= dt.timedelta()
    if found.limit.limit is not None:
        assert found.limit.remaining is not None
        assert found.limit.elapsed + found.limit.remaining == found.limit.limit
    due = [row.planned for row in found.rows]
    assert due == sorted(due)
    assert found.to_json()["exceeded"] == found.limit.exceeded
