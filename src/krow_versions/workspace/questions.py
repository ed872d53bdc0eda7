"""What commits alone say of whether a line contains a release, and what is left to compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.containment import Answer, Standing
from krow_versions.values import frozen
from krow_versions.workspace.own_files import NO_FILES, OwnFiles

if TYPE_CHECKING:
    from collections.abc import Container

    from krow_versions import git


@frozen
class Question:
    """Whether a line contains a release, or what shall be one.

    Attributes:
        release: the commit of a tag, or the tip of a hotfix branch; a full id.
        line: the last commit of a branch, or the commit of another tag; a full id.
        base: the commit of the production tag that the release was started from, one PATCH below, or None.
            With it, only what came after it is asked for, and a line that contains the release by its commit
            is searched for a revert.
        own: the files that are not compared, unless the release changed no others.
        whole: whether all that the line lacks of the release is asked for, what is below *base* included.
    """

    release: str
    line: str
    base: str | None = None
    own: OwnFiles = NO_FILES
    whole: bool = False


@frozen
class Case:
    """A question that commits alone do not answer.

    Attributes:
        question: the question.
        start: the commit that the change is taken from.
        is_ancestor: whether the line contains the commit of the release.
    """

    question: Question
    start: str
    is_ancestor: bool

    @property
    def change(self) -> tuple[object, ...]:
        """What distinguishes its change from those of other cases: many lines are asked for the same one."""
        return self.start, self.question.release, self.question.own, self.is_ancestor


def case_of(graph: git.Graph, question: Question, inside: Container[str]) -> Case | Answer:
    """Answer a question by commits alone, if they do; *inside* are those that the line contains."""
    release, base = question.release, question.base
    if release in inside:
        start = graph.merge_base(base, release) if base else None
        if start is None or release in {start, question.line} or not _is_fix(graph, start, release):
            return Answer(Standing.ANCESTOR)
        return Case(question, start, is_ancestor=True)
    start = graph.newest_in(inside, release)
    if base is not None and not question.whole and (start is None or not graph.contains(start, base)):
        start = graph.merge_base(base, release)  # The line was cut before *base*.
    return Answer(Standing.ABSENT) if start is None else Case(question, start, is_ancestor=False)


def _is_fix(graph: git.Graph, start: str, release: str) -> bool:
    """Whether a release that a line contains is a fix that the line may have undone.

    One of more commits was developed in the line. To follow all of its files would take longer than the
    whole rest, and show what was developed further.
    """
    return len(graph.beyond(start, release)) <= _MOST_COMMITS


_MOST_COMMITS = 50
