"""Parse commit messages: the parts of a fix's message, the types of commits, the fix of a branch."""

from __future__ import annotations

import bisect
import re
from typing import TYPE_CHECKING

import attrs

from krow_versions.commits import SUBJECT, kind_of_subject
from krow_versions.regexes import regex
from krow_versions.text.escaping import several_lines
from krow_versions.text.times import UNKNOWN
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from krow_versions.commits import Commit
    from krow_versions.hotfix.facts import Facts

_LABEL = regex(r"(?P<label>Issue|Solution|Tested|Impact|Severity):[ \t]*(?P<text>.*)", re.IGNORECASE)
# Git's trailers, such as Signed-off-by, Co-authored-by and Change-Id, end the part before them; so does
# what `finish --without-approval` and `--merged` add to the message of a tag.
_TRAILER = regex(r"(?:[A-Za-z]+(?:-[A-Za-z]+)+|Without approval): |Merged as [0-9a-f]+")
_NOT_KNOWN = regex(rf"^\w+: {UNKNOWN}$", re.MULTILINE)
_MARK = regex(r"HOTFIX for \S", re.IGNORECASE)
_TAGGED = regex(r"HOTFIX:\s*", re.IGNORECASE)
# What git writes itself: git-revert(1), and `-x` of git-cherry-pick(1).
_UNDOING = regex(r'(?:Revert|Reapply) "')
_UNDONE = regex(r"This reverts commit ([0-9a-f]{7,64})\b")
_PICKED = regex(r"\(cherry picked from commit (?!0+\))([0-9a-f]{40}|[0-9a-f]{64})\)")


@frozen
class Form:
    """The parts of the message of a fix or of a production tag; a missing part is empty.

    Attributes:
        marked: whether it says ``HOTFIX for …``.
        issue: what was broken.
        solution: what was changed.
        tested: how it was tested.
        impact: who could not do what; only tags must say it.
        severity: how bad it was; only tags must say it.
    """

    marked: bool = False
    issue: str = ""
    solution: str = ""
    tested: str = ""
    impact: str = ""
    severity: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The labels of the missing parts."""
        parts = {
            "HOTFIX for production": self.marked,
            "Issue:": self.issue,
            "Solution:": self.solution,
            "Tested:": self.tested,
        }
        return tuple(name for name, part in parts.items() if not part)


def parse_commit(body: str) -> Form:
    r"""Parse the body of a message; each part may have several lines.

    >>> parse_commit("HOTFIX for production\n\nIssue: a\n  b\nTested: c\n").missing
    ('Solution:',)
    """
    found: dict[str, list[str]] = {}
    marked, open_part = False, None
    for line in body.replace("\r\n", "\n").split("\n"):
        label = _LABEL.fullmatch(line)
        if label:
            open_part = found.setdefault(label["label"].lower(), [])
            open_part.append(label["text"])
        elif _TRAILER.match(line):
            open_part = None
        elif open_part is not None:
            open_part.append(line)
        else:
            marked = marked or _MARK.match(line.strip()) is not None
    return Form(marked, **{name: several_lines("\n".join(lines)) for name, lines in found.items()})


def form_of(facts: Facts, commit: Commit) -> Form:
    """Give the parts of a fix's message; a part that it lacks is that of the commit it was picked from."""
    form = parse_commit(commit.body)
    picked = {*picked_from(commit)}
    for origin in (each for each in facts.origins if each.id in picked):
        other = parse_commit(origin.body)
        form = Form(
            *(ours or theirs for ours, theirs in zip(attrs.astuple(form), attrs.astuple(other), strict=True))
        )
    return form


def form_of_tag(message: str) -> Form:
    """Give the parts of the message of a production tag; what it calls not known is missing."""
    return parse_commit(_NOT_KNOWN.sub("", message))


def picked_from(commit: Commit) -> tuple[str, ...]:
    """Give the ids of the commits that ``git cherry-pick -x`` names in a message."""
    return tuple(_PICKED.findall(commit.body))


def wanted_origins(facts: Facts) -> tuple[str, ...]:
    """Give the ids of the commits whose messages complete those of the fixes, if they are known."""
    lacking = [commit for commit in fixes(facts) if parse_commit(commit.body).missing]
    return tuple(each for commit in lacking for each in picked_from(commit))


def is_undoing(commit: Commit) -> bool:
    """Whether ``git revert`` wrote its subject: ``Revert "..."``, or ``Reapply "..."`` for a second one."""
    return _UNDOING.match(commit.subject.strip()) is not None


def kind_of(commit: Commit) -> str:
    """Give the type of a commit in lower case, such as ``fix``; empty if its subject has none.

    To take back what broke production is a fix.
    """
    return "fix" if is_undoing(commit) else kind_of_subject(commit.subject)


def summary_of(commit: Commit) -> str:
    """Give the subject of a commit without its type."""
    found = SUBJECT.fullmatch(commit.subject.strip())
    return found["text"] if found else commit.subject.strip()


def summary_of_tag(message: str) -> str:
    """Give the first line of a tag's message without the mark of a hotfix."""
    return _TAGGED.sub("", message.partition("\n")[0].strip())


def is_of_hotfix(subject: str) -> bool:
    """Whether the first line of a tag's message says that the tag is that of a hotfix.

    >>> is_of_hotfix("HOTFIX: crash on login"), is_of_hotfix("Release 0.2.0")
    (True, False)
    """
    return _TAGGED.match(subject) is not None


def standing(commits: Iterable[Commit]) -> tuple[Commit, ...]:
    """Leave out the commits that a later one of them takes back, and those that only do that.

    Args:
        commits: newest first.
    """
    commits = tuple(commits)
    ids = sorted(commit.id for commit in commits)
    found: list[Commit] = []
    gone: set[str] = set()
    for commit in commits:
        if commit.id in gone:
            continue
        undoes = is_undoing(commit) or kind_of(commit) == "revert"
        undone = [each for name in dict.fromkeys(_UNDONE.findall(commit.body)) for each in _begun(ids, name)]
        if undoes and undone:
            gone.update(undone)
        else:
            found.append(commit)
    return tuple(found)


def _begun(ids: Sequence[str], name: str) -> Sequence[str]:
    """Give those of sorted *ids* that begin with *name*."""
    return ids[bisect.bisect_left(ids, name) : bisect.bisect_left(ids, f"{name}g")]


def fixes(facts: Facts) -> tuple[Commit, ...]:
    """Give the fixes of the branch, newest first: ``fix:`` commits, and reverts of what is in production.

    Without any of them a commit of the type ``revert:`` counts.
    """
    commits = standing(facts.commits)
    found = tuple(commit for commit in commits if kind_of(commit) == "fix")
    return found or tuple(commit for commit in commits if kind_of(commit) == "revert")


def main_fix(facts: Facts | None) -> Commit | None:
    """Give the fix that the texts quote: the oldest with a complete message, or else the oldest."""
    found = fixes(facts)[::-1] if facts else ()
    complete = (commit for commit in found if facts and not form_of(facts, commit).missing)
    return next(complete, found[0] if found else None)
