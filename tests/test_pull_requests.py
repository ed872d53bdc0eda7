"""What gh answers, as data: which pull request counts, which commit is approved, and where a remote is."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krow_versions.errors import OperationFailed
from krow_versions.pull_requests import (
    FIELDS,
    best,
    parse_labels,
    parse_pull_request,
    parse_pull_requests,
    parse_release,
    repository_at,
    repository_named,
)

TIP, OLDER = "a" * 40, "b" * 40
PLAIN: dict[str, Any] = {
    "number": 7, "url": "https://github.com/krow/withus/pull/7", "state": "OPEN", "isDraft": False,
    "baseRefName": "main", "headRefOid": TIP, "mergeCommit": None, "reviewDecision": "APPROVED",
    "reviews": [], "author": {"login": "author"}, "isCrossRepository": False,
}  # fmt: skip


def review(
    state: str = "APPROVED", commit: str = TIP, by: str = "colleague", at: int = 0, **more: Any
) -> Any:
    found = {
        "state": state,
        "commit": {"oid": commit},
        "author": {"login": by},
        "authorAssociation": "MEMBER",
    }
    return found | {"submittedAt": f"2026-03-05T10:{at:02}:00Z"} | more


APPROVALS: dict[str, tuple[dict[str, Any], bool]] = {
    "of the tip": ({"reviews": [review()]}, True),
    "of an older commit, which GitHub keeps": ({"reviews": [review(commit=OLDER)]}, False),
    "of an older commit, and again of the tip": ({"reviews": [review(commit=OLDER), review(at=1)]}, True),
    "of the tip by one, of an older one by another": (
        {"reviews": [review(), review(commit=OLDER, by="other")]},
        True,
    ),
    "dismissed": ({"reviews": [review("DISMISSED")], "reviewDecision": "REVIEW_REQUIRED"}, False),
    "dismissed, and still decided by another of an older commit": (
        {"reviews": [review("DISMISSED"), review(commit=OLDER, by="other")]},
        False,
    ),
    "taken back": (
        {"reviews": [review(), review("CHANGES_REQUESTED", at=1)], "reviewDecision": "CHANGES_REQUESTED"},
        False,
    ),
    "taken back, listed first": ({"reviews": [review("CHANGES_REQUESTED", at=1), review()]}, False),
    "with a comment afterwards": ({"reviews": [review(), review("COMMENTED", at=1)]}, True),
    "by the author": ({"reviews": [review(by="author")]}, False),
    "by an outsider, where one of an older commit counts": (
        {"reviews": [review(commit=OLDER), review(by="stranger", authorAssociation="NONE")]},
        False,
    ),
    "by a collaborator, who may only read, where another's of an older commit counts": (
        {"reviews": [review(authorAssociation="COLLABORATOR"), review(commit=OLDER, by="other")]},
        False,
    ),
    "by a collaborator, where another's of an older commit does not say what its author may": (
        {
            "reviews": [
                review(authorAssociation="COLLABORATOR"),
                review(commit=OLDER, by="other", authorAssociation="CONTRIBUTOR"),
            ]
        },
        False,
    ),
    "by a collaborator alone": ({"reviews": [review(authorAssociation="COLLABORATOR")]}, True),
    "by a collaborator and the owner": (
        {"reviews": [review(authorAssociation="COLLABORATOR"), review(by="o", authorAssociation="OWNER")]},
        True,
    ),
    "by somebody of whom nothing is said": ({"reviews": [review(authorAssociation="")]}, False),
    "by an account that is deleted": ({"reviews": [review(author=None)]}, True),
    "of a commit that is gone": ({"reviews": [review(commit="")]}, False),
    "without a rule that asks for one": ({"reviews": [review()], "reviewDecision": ""}, False),
    "of a merged one": ({"reviews": [review()], "state": "MERGED"}, True),
    "of one closed without a merge": ({"reviews": [review()], "state": "CLOSED"}, False),
    "decided without a review": ({"reviews": []}, True),
    "missing": ({"reviews": [], "reviewDecision": "REVIEW_REQUIRED"}, False),
}  # fmt: skip


@pytest.mark.parametrize("case", APPROVALS)
def test_an_approval_is_of_exactly_one_commit(case: str) -> None:
    """Approved is the newest commit alone, by the last word of somebody else who may approve."""
    changes, approved = APPROVALS[case]
    found = parse_pull_request(json.dumps(PLAIN | changes))
    assert found.approved_head == (TIP if approved else None)


def test_the_server_says_when() -> None:
    """A pull request was opened when the server says, and approved when its commit first was."""
    reviews = [review(commit=OLDER, by="other", at=1), review(at=7), review(by="third", at=9)]
    text = json.dumps(PLAIN | {"createdAt": "2026-03-05T09:30:00Z", "reviews": reviews})
    found = parse_pull_request(text)
    assert (found.created, found.approved) == (
        dt.datetime(2026, 3, 5, 9, 30, tzinfo=dt.UTC),
        dt.datetime(2026, 3, 5, 10, 7, tzinfo=dt.UTC),
    )
    silent = parse_pull_request(json.dumps(PLAIN))
    assert (silent.approved_head, silent.created, silent.approved) == (TIP, None, None)
    for wrong in ("yesterday", "2026-03-05T09:30:00", "9999-12-31T23:00:00Z"):
        with pytest.raises(OperationFailed):
            parse_pull_request(json.dumps(PLAIN | {"createdAt": wrong}))


def test_the_merge_is_only_that_of_a_merged_one() -> None:
    """A commit that GitHub only tried out for an open pull request is no merge."""
    merge = {"mergeCommit": {"oid": OLDER}}
    assert parse_pull_request(json.dumps(PLAIN | merge)).merge_commit is None
    assert parse_pull_request(json.dumps(PLAIN | merge | {"state": "MERGED"})).merge_commit == OLDER


def test_the_one_that_counts_is_for_main_and_open_or_merged() -> None:
    """One for main comes before one for another branch, then open, merged, closed, then the newest."""
    rows = [(1, "CLOSED", "main"), (2, "MERGED", "main"), (3, "CLOSED", "main"), (4, "OPEN", "other")]
    listed = [PLAIN | {"number": number, "state": state, "baseRefName": base} for number, state, base in rows]
    fork = PLAIN | {"number": 5, "isCrossRepository": True}
    found = parse_pull_requests(json.dumps([*listed, fork]))
    for order in (found, found[::-1]):
        chosen = best(order, "main")
        assert chosen is not None
        assert (chosen.number, chosen.others) == (2, (1, 3, 4))
    chosen = best(found, "other")
    assert chosen is not None
    assert chosen.number == 4
    assert best([], "main") is None


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://github.com/krow/withus.git", "github.com/krow/withus"),
        ("https://me:secret@GitHub.com/krow/withus", "github.com/krow/withus"),
        ("https://www.github.com/krow/withus/", "github.com/krow/withus"),
        ("http://github.localhost:8080/krow/withus.git", "github.localhost/krow/withus"),
        ("git@github.com:krow/with.us.git", "github.com/krow/with.us"),
        ("github.com:krow/withus", "github.com/krow/withus"),
        ("ssh://git@ssh.github.com:443/krow/withus.git", "github.com/krow/withus"),
        ("git://github.example.org/krow/withus", "github.example.org/krow/withus"),
        ("git@github.example.org:/krow_x/withus", "github.example.org/krow_x/withus"),
        ("/srv/git/krow/withus.git", None),
        ("../krow/withus.git", None),
        ("file:///srv/krow/withus.git", None),
        ("C:/krow/withus", None),
        ("git@work:krow/withus.git", None),
        ("https://gitlab.example.org/group/sub/withus.git", None),
        ("https://github.com/withus", None),
        ("https://-o.example.org/krow/withus", None),
        ("https://github.com/krow/withus?x=y", None),
        ("ext::sh -c touch% /tmp/x", None),
        ("", None),
    ],
)
def test_where_a_remote_is(url: str, place: str | None) -> None:
    """An address of git-fetch(1) with a server and two parts names a repository there; no other does."""
    assert repository_at(url) == place


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("krow/withus", "github.com/krow/withus"),
        ("github.example.org/krow/withus", "github.example.org/krow/withus"),
        ("https://github.example.org/krow/withus", "github.example.org/krow/withus"),
        ("withus", None),
        ("--web/x/y", None),
    ],
)
def test_what_a_user_names(name: str, place: str | None) -> None:
    """GH_REPO has the forms that gh knows."""
    assert repository_named(name, "github.com") == place


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(FIELDS.split(",")) | st.text(), inner),
    max_leaves=10,
)


@given(JSON, st.sampled_from(sorted(PLAIN)))
def test_an_unexpected_answer_is_one_error(value: Any, key: str) -> None:
    """Whatever gh prints is a value or the one error that says so; a field of a wrong type is never used."""
    for text in (json.dumps(value), json.dumps(PLAIN | {key: value}), str(value)):
        for parse in (parse_pull_request, parse_pull_requests, parse_labels, parse_release):
            with contextlib.suppress(OperationFailed):
                parse(text)
    for wrong in ({"url": "javascript:alert(1)"}, {"headRefOid": "main"}, {"state": "NEW"}, {"number": "7"}):
        with pytest.raises(OperationFailed):
            parse_pull_request(json.dumps(PLAIN | wrong))
