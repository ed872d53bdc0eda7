"""Strategies of records: any entries, of any people, with any texts."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from krow_versions.hotfix import (
    ANNOUNCEMENT,
    BOXES,
    FOLLOW_UP,
    SEVERITIES,
    Abandoned,
    ActionItem,
    Amended,
    Approval,
    Decision,
    Declared,
    Deployment,
    Done,
    Entry,
    Merged,
    Record,
    Said,
    Sending,
    Sent,
)
from krow_versions.version import Version

# Everything Python calls text, lone surrogates included.
anything = st.text(st.characters(codec=None, exclude_categories=()), max_size=40) | st.sampled_from(
    [
        '"""',
        "'''\n",
        "\\",
        '\\"',
        "\r\n",
        "\r",
        "\0\x1b[2K\x7f\x85\u2028",
        "🚨 ✅\u202e",
        "]\n[[done]]\nmerged = 1",
        "#",
        "\udce9",
        "\ud83d\ude80",
    ]
)
zones = st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=-9, minutes=-30)), ZoneInfo("Europe/Berlin")])
moments = st.datetimes(dt.datetime(1850, 1, 1), dt.datetime(2200, 1, 1), timezones=zones)  # noqa: DTZ001
ticks = st.sampled_from([box.id for box in BOXES if box.tickable and box.id != "deployed"])


commits = st.sampled_from(["a" * 40, "b" * 64])
when: dict[str, Any] = {
    "at": moments,
    "who": anything,
    "noted": st.none() | moments,
    "round": st.integers(1, 3),
}
perhaps = st.none() | anything
entries: st.SearchStrategy[Entry] = st.one_of(
    st.builds(
        Declared,
        **when,
        **dict.fromkeys(("base", "branch", "issue", "impact", "environment"), anything),
        severity=st.sampled_from(SEVERITIES),
        detected=st.none() | moments,
    ),
    st.builds(
        Amended,
        **when,
        **dict.fromkeys(("issue", "impact", "environment"), perhaps),
        severity=st.none() | st.sampled_from(SEVERITIES),
        detected=st.none() | moments,
    ),
    st.builds(Done, **when, box=ticks, undone=st.booleans()),
    st.builds(Approval, **when, tip=commits, reason=anything),
    st.builds(Merged, **when, tip=commits, commit=commits),
    st.builds(
        Deployment,
        **when,
        tag=anything,
        ended=st.none() | moments,
        exit_code=st.none() | st.integers(-255, 255),
        by_hand=st.booleans(),
        rollback=st.booleans(),
    ),
    st.builds(Decision, **when, **dict.fromkeys(("decided_by", "reason", "to", "from_"), anything)),
    st.builds(
        Sent,
        **when,
        text=st.sampled_from([ANNOUNCEMENT, FOLLOW_UP]),
        by_hand=st.booleans(),
        errors=anything,
        body=anything,
    ),
    st.builds(Sending, **when, text=st.sampled_from([ANNOUNCEMENT, FOLLOW_UP]), over=st.booleans()),
    st.builds(Said, **when, field=anything, text=anything),
    st.builds(
        ActionItem,
        **when,
        **dict.fromkeys(("id", "what", "owner"), anything),
        kind=st.sampled_from(["prevent", "mitigate", "detect"]),
        area=st.sampled_from(["tests", "CI", "monitoring"]),
        due=st.none() | st.dates(),
        done=st.booleans(),
    ),
    st.builds(Abandoned, **when, reason=anything),
)
versions = st.builds(Version, *[st.integers(0, 10**9)] * 3)
records = st.builds(Record, anything, anything, versions, st.lists(entries, max_size=6).map(tuple))
