"""The decision how a hotfix is finished: total over what main may look like, and never against the server."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from krow_versions.hotfix import Case, Facts, Landing, difference, land
from krow_versions.products import KROW
from krow_versions.settings import AUTO, MERGES, PULL_REQUEST, PUSH, Hotfix
from krow_versions.snapshot import ProductState, RepoState, TagState
from krow_versions.version import Version

TIP, MAIN, HERE, ON_MAIN = (digit * 40 for digit in "abcd")
TAG = TagState("krow-withus-web/prod-v1.4.1", reachable=True, stage="production", version=Version(1, 4, 1))
NEWER = TagState("krow-withus-web/prod-v1.5.0", reachable=False, stage="production", version=Version(1, 5, 0))
STATE = ProductState(KROW.product("web"), RepoState(".", "."), ())
PLAIN = Facts(
    STATE,
    Version(1, 4, 1),
    "hotfix/krow-withus-web-v1.4.1",
    tip=TIP,
    remote="origin",
    main=MAIN,
    main_there=MAIN,
    remote_main=True,
    branch_pushed=True,
    branch_there=TIP,
)
# What is there, besides PLAIN; the setting; how it is finished, which commit is tagged, what main gets.
ROWS = {
    "main is an ancestor": ({}, AUTO, Case.FORWARD, TIP, TIP),
    "main is an ancestor, by a push": ({}, PUSH, Case.FORWARD, TIP, TIP),
    "main is an ancestor, by the pull request": ({}, PULL_REQUEST, Case.REVIEW, TIP, None),
    "main contains the tip": ({"merged": True}, AUTO, Case.CONTAINED, TIP, None),
    "main has its content": ({"landed": ON_MAIN, "behind": 1}, AUTO, Case.CONTAINED, ON_MAIN, None),
    "main has it, by the pull request": ({"landed": ON_MAIN}, PULL_REQUEST, Case.CONTAINED, ON_MAIN, None),
    "main has it, and it is tagged": (
        {"landed": ON_MAIN, "tag": TAG, "tag_at": TIP},
        AUTO,
        Case.CONTAINED,
        TIP,
        None,
    ),
    "main has moved on": ({"behind": 2}, AUTO, Case.MOVED, TIP, None),
    "main has moved on, by the pull request": ({"behind": 2}, PULL_REQUEST, Case.REVIEW, TIP, None),
    "main has undone it": ({"undone": True, "behind": 2}, AUTO, Case.UNDONE, TIP, None),
    "main has undone it, by the pull request": ({"undone": True}, PULL_REQUEST, Case.UNDONE, TIP, None),
    "merged here": ({"merged": True, "main": HERE, "behind": 1}, AUTO, Case.MERGED_HERE, TIP, HERE),
    "merged here, by the pull request": (
        {"merged": True, "main": HERE},
        PULL_REQUEST,
        Case.REVIEW,
        TIP,
        None,
    ),
    "an older line": ({"newer": NEWER, "behind": 2}, AUTO, Case.OLDER, TIP, None),
    "an older line, by the pull request": ({"newer": NEWER}, PULL_REQUEST, Case.OLDER, TIP, None),
    "the server has no main": ({"remote_main": False}, AUTO, Case.MISSING, TIP, None),
    "main is not known": ({"main": None, "main_there": None}, AUTO, Case.MISSING, TIP, None),
    "main was never fetched": ({"main": HERE, "main_there": None}, AUTO, Case.MISSING, TIP, None),
    "no remote": ({"remote": None, "main_there": None, "remote_main": None}, AUTO, Case.FORWARD, TIP, TIP),
    "no remote, merged": (
        {"remote": None, "main_there": None, "remote_main": None, "merged": True},
        PULL_REQUEST,
        Case.CONTAINED,
        TIP,
        None,
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_the_table(row: str) -> None:
    """Each row of the table of what main may look like leads to its case, its tag and its main."""
    changes, merge, *expected = ROWS[row]
    assert land(attrs.evolve(PLAIN, **changes), Hotfix(merge=merge)) == Landing(*expected)  # type: ignore[arg-type]


def test_nothing_to_land() -> None:
    """Without a branch and a tag there is nothing to finish."""
    assert land(attrs.evolve(PLAIN, tip=None), Hotfix()) is None


ANY = st.builds(
    Facts,
    st.just(STATE),
    st.just(Version(1, 4, 1)),
    st.just(PLAIN.branch),
    tip=st.sampled_from([None, TIP]),
    tag=st.sampled_from([None, TAG]),
    tag_at=st.sampled_from([TIP, ON_MAIN]),
    tag_landed=st.booleans(),
    main=st.sampled_from([None, MAIN, HERE]),
    main_there=st.sampled_from([None, MAIN]),
    main_here=st.sampled_from([None, MAIN, HERE]),
    behind=st.integers(0, 2),
    merged=st.booleans(),
    undone=st.booleans(),
    landed=st.sampled_from([None, TIP, ON_MAIN]),
    newer=st.sampled_from([None, NEWER]),
    remote=st.sampled_from([None, "origin"]),
    remote_main=st.sampled_from([None, False, True]),
    branch_there=st.sampled_from([None, TIP, HERE]),
    branch_was_there=st.booleans(),
    branch_pushed=st.sampled_from([None, False, True]),
    tag_pushed=st.sampled_from([None, False, True]),
    ahead=st.integers(0, 2),
    lacking=st.sampled_from([None, 0, 1]),
)


@given(ANY, st.sampled_from(sorted(MERGES)))
def test_every_state_has_one_answer(facts: Facts, merge: str) -> None:
    """Whatever is there, main gets nothing unless the remote is known to have it, and may be pushed to."""
    landing = land(facts, Hotfix(merge=merge))
    assert (landing is None) == (facts.tip is None and facts.tag is None)
    if landing is None:
        return
    if landing.main is not None:
        assert landing.case in {Case.FORWARD, Case.MERGED_HERE}
        assert facts.newer is None
        assert facts.remote is None or (facts.main_there is not None and facts.remote_main is not False)
        assert facts.remote is None or merge != PULL_REQUEST
    if facts.newer is not None:
        assert landing.case is Case.OLDER
    assert landing.commit in {facts.tip, facts.tag_at, facts.landed}


@given(ANY)
def test_a_difference_has_a_command_that_forces_nothing(facts: Facts) -> None:
    """What differs has its words and a command; none deletes or forces anything on the server."""
    found = difference(facts)
    if facts.branch_pushed is not False:
        assert found is None
    if found is not None:
        assert found.why
        assert found.task.command.startswith(("git ", "krow-versions "))
        assert "force" not in found.task.command + found.more
        assert "--delete" not in found.task.command + found.more
