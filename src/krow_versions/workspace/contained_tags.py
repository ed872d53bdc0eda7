"""Which production tags a line contains, by commits or by contents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import releases
from krow_versions.values import evolve
from krow_versions.workspace.containment import Question, own_files

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from krow_versions import git
    from krow_versions.containment import Answer
    from krow_versions.snapshot import ProductState, TagState


Key = tuple[str, str, str]
"""The names of a product and of a tag, and the last commit of a line."""


def questions(
    graph: git.Graph, states: Sequence[ProductState], lines: Collection[str], prefixes: Mapping[str, str]
) -> dict[Key, Question]:
    """Ask which production tags some lines contain, and which of them they have undone.

    Only tags are asked for that decide what is in production: those above the newest that is an ancestor of
    the line, and that one itself if it is the PATCH of another.

    Args:
        graph: contains the commits of the lines and of the tags.
        states: with all tags of the products.
        lines: the last commits of the lines.
        prefixes: of the paths of each repository of the workspace, from the top of git's working tree.
    """
    return {
        (state.product.name, tag, line): question
        for line in lines
        for inside in (graph.ancestors([line]),)
        for state in states
        for tag, question in _questions(state, line, inside, prefixes[state.product.repo])
    }


def judged(
    state: ProductState, head: str, asked: Mapping[Key, Question], answers: Mapping[Question, Answer]
) -> ProductState:
    """Add to *state* which of its production tags HEAD contains, and which commit has undone one."""

    def of_tag(tag: TagState) -> TagState:
        question = asked.get((state.product.name, tag.name, head))
        if question is None:
            return tag
        answer = answers[question]
        return evolve(tag, contained=answer.contained, undone_by=answer.undone_by, by_merge=answer.by_merge)

    return evolve(state, tags=tuple(map(of_tag, state.tags)))


def _questions(
    state: ProductState, line: str, inside: frozenset[str], prefix: str
) -> Iterator[tuple[str, Question]]:
    """Yield questions by the names of tags; *inside* are the commits that the line contains."""
    tags = sorted(
        (tag for tag in releases.production(state.tags) if tag.commit), key=releases.core_of, reverse=True
    )
    own = own_files(state.product, state.product.repo, prefix, state.pins)
    for tag in tags:
        if tag.commit not in inside:
            yield tag.name, Question(tag.commit, line, own=own, whole=True)
            continue
        base = releases.below(tags, tag)
        if base is not None:
            yield tag.name, Question(tag.commit, line, base.commit, own)
        return
