"""Which production tags a line contains, by commits or by contents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions import releases
from krow_versions.workspace.containment import Question, own_files, standings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from krow_versions import git
    from krow_versions.containment import Answer
    from krow_versions.snapshot import ProductState, TagState


def answers_for(
    repository: git.Repository,
    graph: git.Graph,
    states: Sequence[ProductState],
    lines: Collection[str],
    prefixes: Mapping[str, str],
) -> dict[tuple[str, str, str], Answer]:
    """Ask which production tags some lines contain, and which of them they have undone.

    Only tags are asked for that decide what is in production: those above the newest that is an ancestor of
    the line, and that one itself if it is the PATCH of another. In a shallow clone nothing is asked.

    Args:
        repository: the repository of the products' tags.
        graph: contains the commits of the lines and of the tags.
        states: with all tags of the products.
        lines: the last commits of the lines.
        prefixes: of the paths of each repository of the workspace, from the top of git's working tree.

    Returns:
        Answers by the name of the product, the name of the tag and the line.

    Raises:
        GitError: git failed.
    """
    if repository.shallow:
        return {}
    asked = {
        (state.product.name, tag, line): question
        for line in lines
        for state in states
        for tag, question in _questions(graph, state, line, prefixes[state.product.repo])
    }
    answers = standings(repository, graph, asked.values())
    return {key: answers[question] for key, question in asked.items()}


def contained(
    repository: git.Repository, graph: git.Graph, states: Sequence[ProductState], prefixes: Mapping[str, str]
) -> tuple[ProductState, ...]:
    """Add to *states* which of their production tags HEAD contains; as :func:`answers_for`."""
    head = repository.head
    if head is None:
        return tuple(states)
    found = answers_for(repository, graph, states, [head], prefixes)

    def judged(name: str, tag: TagState) -> TagState:
        answer = found.get((name, tag.name, head))
        if answer is None:
            return tag
        return attrs.evolve(tag, contained=answer.contained, undone_by=answer.undone_by)

    return tuple(
        attrs.evolve(state, tags=tuple(judged(state.product.name, tag) for tag in state.tags))
        for state in states
    )


def _questions(
    graph: git.Graph, state: ProductState, line: str, prefix: str
) -> Iterator[tuple[str, Question]]:
    """Yield questions by the names of tags."""
    tags = sorted(
        (tag for tag in releases.production(state.tags) if tag.commit), key=releases.core_of, reverse=True
    )
    own = own_files(state.product, state.product.repo, prefix)
    for tag in tags:
        if not graph.contains(line, tag.commit):
            yield tag.name, Question(tag.commit, line, own=own, whole=True)
            continue
        base = releases.below(tags, tag)
        if base is not None:
            yield tag.name, Question(tag.commit, line, base.commit, own)
        return
