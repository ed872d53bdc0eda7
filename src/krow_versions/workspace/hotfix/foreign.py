"""Which commits of a hotfix branch are foreign: main's own, not those that main has from the branch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import InputError
from krow_versions.values import evolve

if TYPE_CHECKING:
    from krow_versions import git
    from krow_versions.hotfix import Facts
    from krow_versions.snapshot import PastFile
    from krow_versions.version import Version
    from krow_versions.workspace.git_state import RepositoryState


def foreign(graph: git.Graph, main: str, base: str, tip: str) -> set[str]:
    """Give the commits after *base* that *tip* has from main: not those of a state that main has merged."""
    shared = {*graph.beyond(base, tip)} - {*graph.beyond(main, tip)}
    states = {*graph.mainline(tip, base)}
    for at in graph.mainline(main, base) if shared else ():
        first, *others = graph.parents[at] or ("",)
        for merged in states.intersection(others):
            shared -= {*graph.beyond(first, merged)}
    return shared


def moved_to(facts: Facts, seen: RepositoryState, tip: str, prefix: str) -> bool:
    """Whether the branch has commits of main because main was moved forward to an earlier state of it.

    Commits alone do not show that: it is so if that state had the version that the hotfix ships already.
    """
    base, graph = facts.base.commit if facts.base else "", seen.graph
    at = graph.merge_base(str(facts.main), tip)
    own = [file for file in facts.at_tip if file.data]
    if not graph.contains(tip, base) or at is None or at not in graph.mainline(tip, base) or not own:
        return False
    read = seen.repository.blobs([(at, f"{prefix}{file.path}") for file in own])
    return all(
        isinstance(data, bytes) and _version(evolve(file, data=data, known=None)) == facts.version
        for file, data in zip(own, read, strict=True)
    )


def _version(file: PastFile) -> Version | None:
    """Give the version of a file, without its build; None if it has none that can be read."""
    try:
        version = file.version()
        return version and version.with_build(None)
    except InputError:
        return None
