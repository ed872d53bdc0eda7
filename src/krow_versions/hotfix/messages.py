"""Parse commit messages: the parts of a fix's message, the types of commits, the fix of a branch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from krow_versions.commits import SUBJECT, kind_of_subject
from krow_versions.text.escaping import several_lines

if TYPE_CHECKING:
    from krow_versions.commits import Commit
    from krow_versions.hotfix.facts import Facts

_LABEL = re.compile(r"(?P<label>Issue|Solution|Tested):[ \t]*(?P<text>.*)", re.IGNORECASE)
# Git's trailers, such as Signed-off-by, Co-authored-by and Change-Id, end the part before them.
_TRAILER = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)+: ")
_MARK = re.compile(r"HOTFIX for \S", re.IGNORECASE)


@attrs.frozen
class Form:
    """The parts of the message body of a fix; a missing part is empty.

    Attributes:
        marked: whether it says ``HOTFIX for …``.
        issue: what was broken.
        solution: what was changed.
        tested: how it was tested.
    """

    marked: bool = False
    issue: str = ""
    solution: str = ""
    tested: str = ""

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
    r"""Parse the body of a commit message; each part may have several lines.

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


def kind_of(commit: Commit) -> str:
    """Give the type of a commit in lower case, such as ``fix``; empty if its subject has none."""
    return kind_of_subject(commit.subject)


def summary_of(commit: Commit) -> str:
    """Give the subject of a commit without its type."""
    found = SUBJECT.fullmatch(commit.subject.strip())
    return found["text"] if found else commit.subject.strip()


def fixes(facts: Facts) -> tuple[Commit, ...]:
    """Give the ``fix:`` commits of the branch, newest first."""
    return tuple(commit for commit in facts.commits if kind_of(commit) == "fix")


def main_fix(facts: Facts | None) -> Commit | None:
    """Give the fix that the texts quote: the oldest with a complete message, or else the oldest."""
    found = fixes(facts)[::-1] if facts else ()
    complete = (commit for commit in found if not parse_commit(commit.body).missing)
    return next(complete, found[0] if found else None)
