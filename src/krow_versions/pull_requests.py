"""Pull requests and releases of GitHub as plain data, and the address of a remote's repository there."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, TypeVar

from krow_versions.errors import OperationFailed
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted
from krow_versions.text.times import is_naive
from krow_versions.values import evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_T = TypeVar("_T")

OPEN, MERGED, CLOSED = "OPEN", "MERGED", "CLOSED"
APPROVED = "APPROVED"


@frozen
class PullRequest:
    """A pull request, as GitHub showed it.

    Attributes:
        number: its number.
        url: its page.
        state: ``OPEN``, ``MERGED`` or ``CLOSED`` (without a merge).
        head: the full id of the newest commit of its branch.
        base: the name of the branch that it is for.
        decision: ``APPROVED``, ``CHANGES_REQUESTED``, ``REVIEW_REQUIRED``, or empty if no rule of the
            server asks for a review.
        approved_head: *head*, if exactly that commit is approved; else None.
        is_draft: whether it is marked as not ready.
        merge_commit: the full id of the commit that its merge made, according to the server; else None.
        created: when it was opened, or None if the server did not say.
        approved: when *approved_head* was approved first, or None if that is not known.
        others: the numbers of other pull requests of the same branch.
    """

    number: int
    url: str
    state: str
    head: str
    base: str
    decision: str = ""
    approved_head: str | None = None
    is_draft: bool = False
    merge_commit: str | None = None
    created: dt.datetime | None = None
    approved: dt.datetime | None = None
    others: tuple[int, ...] = ()

    @property
    def asks(self) -> bool:
        """Whether it asks for a review, or did so until it was merged."""
        return self.state != CLOSED


@frozen
class Release:
    """A release of GitHub.

    Attributes:
        url: its page.
        is_draft: whether only people who may write see it.
    """

    url: str
    is_draft: bool = False


FIELDS = (
    "number,url,state,isDraft,baseRefName,headRefOid,mergeCommit,reviewDecision,reviews,author,"
    "isCrossRepository,createdAt"
)
"""What ``gh pr view --json`` is asked for; gh 2.23 knows all of it."""


def parse_pull_request(text: str) -> PullRequest:
    """Read the answer of ``gh pr view --json``.

    Raises:
        OperationFailed: it is something else.
    """
    return _strictly(_pull_request, text)


def parse_pull_requests(text: str) -> tuple[PullRequest, ...]:
    """Read the answer of ``gh pr list --json``, without pull requests from forks.

    Raises:
        OperationFailed: it is something else.
    """
    return _strictly(
        lambda data: tuple(_pull_request(each) for each in data if not _flag(each, "isCrossRepository")), text
    )


def parse_labels(text: str) -> tuple[str, ...]:
    """Read the answer of ``gh label list --json name``; gh prints nothing if there is no label.

    Raises:
        OperationFailed: it is something else.
    """
    return _strictly(lambda data: tuple(_text(each, "name") for each in data), text.strip() or "[]")


def parse_release(text: str) -> Release:
    """Read the answer of ``gh release view --json url,isDraft``.

    Raises:
        OperationFailed: it is something else.
    """
    return _strictly(lambda data: Release(_url(data), _flag(data, "isDraft")), text)


def best(found: Iterable[PullRequest], base: str) -> PullRequest | None:
    """Choose the pull request that counts: one for *base* first, an open one, a merged one, the newest."""
    ranks = {OPEN: 2, MERGED: 1, CLOSED: 0}
    ordered = sorted(found, key=lambda each: (each.base == base, ranks[each.state], each.number))
    if not ordered:
        return None
    return evolve(ordered[-1], others=tuple(sorted(each.number for each in ordered[:-1])))


def repository_at(url: str) -> str | None:
    """Give ``HOST/OWNER/NAME`` for the address of a remote, or None if it is none of that form.

    >>> repository_at("git@github.com:krow/withus.git")
    'github.com/krow/withus'
    >>> repository_at("../withus.git")
    """
    found = _WITH_SCHEME.fullmatch(url) or _LIKE_SCP.fullmatch(url)
    if found is None:
        return None
    host = found["host"].lower().removeprefix("www.")
    return f"{'github.com' if host == 'ssh.github.com' else host}/{found['owner']}/{found['name']}"


def repository_named(name: str, default_host: str) -> str | None:
    """Give ``HOST/OWNER/NAME`` for a value of ``GH_REPO``: ``[HOST/]OWNER/NAME`` or an address."""
    if _NAMED.fullmatch(name):
        return name if name.count("/") == 2 else f"{default_host}/{name}"
    return repository_at(name)


# A name with a dot, so that neither a drive of Windows nor an alias of ssh counts as a server.
_HOST = r"(?P<host>[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)+)"
_PATH = r"/*(?P<owner>[A-Za-z0-9_-][A-Za-z0-9_.-]*)/(?P<name>[A-Za-z0-9_.-]+?)(?:\.git)?/*"
_WITH_SCHEME = regex(rf"(?:https?|ssh|git|git\+ssh)://(?:[^/\s@]*@)?{_HOST}(?::[0-9]*)?/{_PATH}")
_LIKE_SCP = regex(rf"(?:[^/\s@:]+@)?{_HOST}:{_PATH}")
_NAMED = regex(r"(?:[A-Za-z0-9][A-Za-z0-9.-]*/)?[A-Za-z0-9_][A-Za-z0-9_.-]*/[A-Za-z0-9_.-]+")
_ID = regex(r"[0-9a-f]{40}|[0-9a-f]{64}")
_TRUSTED = {"OWNER", "MEMBER"}
_INSIDERS = {*_TRUSTED, "COLLABORATOR"}


def _strictly(read: Callable[[Any], _T], text: str) -> _T:
    try:
        return read(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise OperationFailed(f"gh gave an unexpected answer: {quoted(text)}") from None


def _pull_request(data: Mapping[str, Any]) -> PullRequest:
    state, head, decision = _text(data, "state"), _id(data["headRefOid"]), _text(data, "reviewDecision")
    if state not in {OPEN, MERGED, CLOSED}:
        raise ValueError(state)
    approvals = _approvals(data, head) if state != CLOSED and decision == APPROVED else None
    merged = data["mergeCommit"] if state == MERGED else None
    return PullRequest(
        number=_typed(data["number"], int),
        url=_url(data),
        state=state,
        head=head,
        base=_text(data, "baseRefName"),
        decision=decision,
        approved_head=None if approvals is None else head,
        is_draft=_flag(data, "isDraft"),
        merge_commit=_id(merged["oid"]) if merged else None,
        created=_time(data.get("createdAt")),
        approved=min(filter(None, approvals or ()), default=None),
    )


def _approvals(data: Mapping[str, Any], head: str) -> list[dt.datetime | None] | None:
    """Give the times of the approvals that decide for exactly the newest commit; None if none does.

    The decision of the server stays ``APPROVED`` after another push, unless a rule dismisses stale reviews:
    "Managing a branch protection rule" in GitHub's manual. Neither the author nor somebody without
    rights can approve. A collaborator may only have the right to read, which ``gh`` does not show; then the
    decision can come from an approval of an older commit. So a collaborator's counts only where all
    approvals are of the newest commit. A member of the organization is believed to have the right.
    A server that lists no review at all has decided on the pull request as it is.
    """
    reviews = data["reviews"] or []
    author, last = _login(data), {}
    for review in sorted(reviews, key=lambda each: each["submittedAt"] or ""):
        if _text(review, "state") in {APPROVED, "CHANGES_REQUESTED", "DISMISSED"}:
            last[_login(review)] = review
    approvals = [review for login, review in last.items() if review["state"] == APPROVED and login != author]
    of_head = [review for review in approvals if review["commit"]["oid"] == head]
    counting = _INSIDERS if len(of_head) == len(approvals) else _TRUSTED
    found = [_time(each["submittedAt"]) for each in of_head if _text(each, "authorAssociation") in counting]
    return found if found or not reviews else None


def _login(data: Mapping[str, Any]) -> str:
    """Give who wrote it; empty for an account that is deleted."""
    return _text(data["author"], "login") if data["author"] else ""


def _text(data: Mapping[str, Any], key: str) -> str:
    return _typed(data[key], str)


def _flag(data: Mapping[str, Any], key: str) -> bool:
    return _typed(data[key], bool)


def _time(value: Any) -> dt.datetime | None:
    """Read a time; gh leaves none out that it is asked for, but a server may not know it."""
    if not value:
        return None
    found = dt.datetime.fromisoformat(value)
    if is_naive(found) or not 1 < found.year < dt.MAXYEAR:
        raise ValueError(value)
    return found


def _typed(value: Any, kind: type[_T]) -> _T:
    if type(value) is not kind:  # True is no number.
        raise TypeError(kind)
    return value


def _url(data: Mapping[str, Any]) -> str:
    url = _text(data, "url")
    if not url.startswith(("https://", "http://")):
        raise ValueError(url)
    return url


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError(text)
    return text
