"""The subjects of the commits since a product's release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from krow_versions import git, releases
from krow_versions.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from krow_versions.snapshot import ProductState, TagState
    from krow_versions.version import Version


class Seen(Protocol):
    """A repository and the commits that are known of it."""

    @property
    def repository(self) -> git.Repository: ...

    @property
    def graph(self) -> git.Graph: ...


def commits_of_log(seen: Seen, state: ProductState, since: Version | None) -> Iterator[str]:
    """Yield the commits whose subjects may be needed, before it is known which releases HEAD contains."""
    head = seen.repository.head
    if head is None or state.changelog is None:
        return
    tags = [tag for tag in releases.production(state.tags) if tag.commit and _is_of(tag, since)]
    reached = releases.highest(tag for tag in tags if tag.reachable)
    starts = {
        tag.commit
        for tag in tags
        if tag is reached
        or (not tag.reachable and (reached is None or releases.core_of(tag) > releases.core_of(reached)))
    }
    yield from _single(seen, _on_one_side(seen.graph, head, starts))


def _on_one_side(graph: git.Graph, head: str, starts: set[str]) -> Iterator[str]:
    """Yield the commits that HEAD has beyond any of some releases, and those of these that it lacks."""
    if len(starts) <= 1:
        for start in starts:
            yield from (*graph.beyond(start, head), *graph.beyond(head, start))
        return
    marks = graph.within({head, *starts})
    every = sum(marks.bits.values())
    yield from (commit for commit, found in marks.found.items() if found != every)


def subjects_since_release(
    seen: Seen, states: Iterable[ProductState], since: Version | None, known: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """List the subjects of the commits since the production tag, by the names of products.

    Commits of a release that HEAD has under other commits are left out by their subjects.

    Args:
        seen: the repository.
        states: the products with a CHANGELOG in it; it is known which releases HEAD contains.
        since: from the production tag of this version, or else from the highest.
        known: subjects of commits; one process asks for the others, if there are any.
    """
    head = seen.repository.head
    wanted: dict[str, tuple[list[str], list[str]]] = {}
    for state in states:
        start = releases.highest(tag for tag in releases.contained(state.tags) if _is_of(tag, since))
        if head and start and state.changelog:
            newer = _single(seen, seen.graph.beyond(start.commit, head))
            wanted[state.product.name] = newer, _single(seen, seen.graph.beyond(head, start.commit))
    unknown = {each for own in wanted.values() for each in (*own[0], *own[1]) if each not in known}
    subjects = {**known, **git.subjects(seen.repository, unknown)}
    found = {}
    for name, (newer, shipped) in wanted.items():
        old = {subjects[each] for each in shipped}
        own = (subjects[each] for each in newer)
        found[name] = tuple(each for each in own if _PULLED.sub("", each) not in old)
    return found


# A server adds the number of the pull request to the subject of a squashed commit.
_PULLED = regex(r" \(#[0-9]+\)$")


def _is_of(tag: TagState, version: Version | None) -> bool:
    return version is None or releases.core_of(tag) == version.core


def _single(seen: Seen, commits: Iterable[str]) -> list[str]:
    """Leave out merges."""
    return [commit for commit in commits if len(seen.graph.parents[commit]) <= 1]
