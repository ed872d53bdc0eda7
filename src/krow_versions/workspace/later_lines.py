"""What ships later than the fixes of a product: main, the branches of ``[hotfix] lines``, newer releases."""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING, Self

from krow_versions import git, releases
from krow_versions.containment import Standing
from krow_versions.names import HEADS, TAGS
from krow_versions.snapshot import Lacked, LineState
from krow_versions.text.paths import has_wildcard
from krow_versions.values import evolve, frozen
from krow_versions.workspace.containment import OwnFiles, Question, own_files

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from krow_versions.containment import Answer
    from krow_versions.settings import Hotfix
    from krow_versions.snapshot import ProductState, TagState


def sides(hotfix: Hotfix) -> tuple[str, str]:
    """Return the folders of refs of local branches and of remote-tracking branches."""
    return HEADS, f"refs/remotes/{hotfix.remote}/"


def listed_for(hotfix: Hotfix) -> tuple[str, ...]:
    """Return the names and the folders, with a slash at the end, of which some are branches of lines."""
    found = []
    for pattern in hotfix.lines:
        fixed = "/".join(itertools.takewhile(lambda part: not has_wildcard(part), pattern.split("/")))
        found.append(fixed if fixed == pattern else f"{fixed}/".removeprefix("/"))
    return tuple(dict.fromkeys(found))


def line_of(hotfix: Hotfix, ref: str) -> str | None:
    """Return the name of the branch of lines that a full name is of, here or on the remote, or None."""
    for side in sides(hotfix):
        name = ref.removeprefix(side)
        if name != ref and git.matching([name], hotfix.lines):
            return name
    return None


@frozen
class Later:
    """A line that ships later, and the commits that it ends at: here, and as last seen on the remote.

    Attributes:
        state: the line, of which it is not yet known what it lacks.
        commits: full ids.
    """

    state: LineState
    commits: tuple[str, ...]


def branches(hotfix: Hotfix, listed: Sequence[git.Ref], main: Sequence[git.Ref], shown: str) -> list[Later]:
    """Return main, if it exists, and the branches of lines.

    Args:
        hotfix: the settings.
        listed: the branches of the repository.
        main: those of them that are main, here and on the remote.
        shown: the name of main.
    """
    found = [
        Later(
            LineState("main", shown, tuple(each.ref for each in main)),
            tuple(dict.fromkeys(each.commit for each in main)),
        )
    ]
    by_name: dict[str, list[git.Ref]] = {}
    for ref in listed:
        name = line_of(hotfix, ref.ref)
        if name is not None and ref.commit and ref not in main:
            by_name.setdefault(name, []).append(ref)
    for name, refs in by_name.items():
        is_here = any(ref.ref.startswith(HEADS) for ref in refs)
        line = LineState(
            "branch", name if is_here else f"{hotfix.remote}/{name}", tuple(ref.ref for ref in refs)
        )
        found.append(Later(line, tuple(dict.fromkeys(ref.commit for ref in refs))))
    return found if main else found[1:]


def tags(state: ProductState, *, whole: bool) -> list[Later]:
    """Return the newest production tag; if *whole*, the newest of each MINOR, the newest ones of them."""
    newest: dict[tuple[int, ...], TagState] = {}
    for tag in sorted(_shipped(state), key=releases.core_of):
        newest[releases.core_of(tag)[:2]] = tag
    wanted = list(newest.values())[-_MOST_MINORS:] if whole else list(newest.values())[-1:]
    return [Later(LineState("tag", tag.name, (TAGS + tag.name,)), (tag.commit,)) for tag in wanted]


_MOST_MINORS = 20


@frozen
class Kinship:
    """How lines and production tags of one repository stand to each other by their commits.

    Attributes:
        graph: contains all of these.
        lines: the commits of all lines of all products.
        shipped: the commits of all production tags of all products.
    """

    graph: git.Graph
    lines: frozenset[str]
    shipped: frozenset[str]

    @classmethod
    def of(cls, graph: git.Graph, lines: Iterable[Later], states: Iterable[ProductState]) -> Self:
        """Take the commits of some lines and of the tags of some products."""
        shipped = (tag.commit for state in states for tag in _shipped(state))
        return cls(graph, frozenset(each for line in lines for each in line.commits), frozenset(shipped))

    @functools.cached_property
    def inside(self) -> Mapping[str, Container[str]]:
        """The commits that each line contains."""
        return self.graph.inside(self.lines)

    @functools.cached_property
    def held(self) -> git.Marks:
        """The production tags that each commit contains, by their commits."""
        return self.graph.held(self.shipped)


@frozen
class Fixes:
    """Asks which fixes of a product a line lacks.

    A fix is a production tag with the one that it was started from, one PATCH below.

    Attributes:
        state: the product, with all its tags.
        kinship: of its repository.
        prefix: of the paths of the product's repository, from the top of git's working tree.
    """

    state: ProductState
    kinship: Kinship
    prefix: str

    def questions(self, line: Later) -> Iterator[Question]:
        """Yield all that :meth:`lacked` needs.

        Whether a line has undone a fix that it contains is asked for the fixes of the two newest MINORs that
        it contains: a fix that is older has been developed further since, or its loss was found before.
        """
        fixes = self._fixes(line)
        for commit in line.commits if fixes else ():
            inside = self.kinship.inside[commit]
            minors = {releases.core_of(tag)[:2] for tag in self._shipped if tag.commit in inside}
            recent = sorted(minors)[-2:]
            for fix, base in fixes:
                if fix.commit not in inside:
                    yield self._own(fix, base, commit)
                    yield self._whole(fix, commit)
                elif releases.core_of(fix)[:2] in recent:
                    yield self._own(fix, base, commit)

    def lacked(self, line: Later, answers: Mapping[Question, Answer]) -> LineState:
        """Add to a line the fixes that none of its commits contains."""
        fixes = self._fixes(line)
        lacks = {fix.name: Lacked(fix.name) for fix, _ in fixes}
        for commit in line.commits:
            in_later = self._in_later(fixes, commit, answers)
            for fix, base in fixes:
                answer = answers.get(self._own(fix, base, commit))
                if answer is None or answer.contained or fix.name in in_later:
                    lacks.pop(fix.name, None)
                elif fix.name in lacks and answer.standing is Standing.REVERTED:
                    lacks[fix.name] = Lacked(fix.name, True, answer.undone_by, answer.by_merge)
        if not lacks:
            return line.state
        inside = [self.kinship.inside[commit] for commit in line.commits]
        newest = releases.highest(tag for tag in self._shipped if any(tag.commit in each for each in inside))
        return evolve(line.state, contains=newest.name if newest else None, lacks=tuple(lacks.values()))

    def _in_later(
        self, fixes: Sequence[tuple[TagState, TagState]], commit: str, answers: Mapping[Question, Answer]
    ) -> set[str]:
        """Name those that are part of a later fix, all of which *commit* has under other commits."""
        found: set[str] = set()
        parts = 0
        for _, same in itertools.groupby(reversed(fixes), lambda pair: releases.core_of(pair[0])):
            asked = [(fix, answers.get(self._whole(fix, commit))) for fix, _ in same]
            for fix, answer in asked:
                if answer is not None and answer.contained:
                    parts |= self.kinship.held.of(fix.commit)
            # What it contains by its commit was not asked.
            found |= {fix.name for fix, answer in asked if answer is not None and parts & self._mark(fix)}
        return found

    def _mark(self, tag: TagState) -> int:
        return self.kinship.held.bits[tag.commit]

    def _fixes(self, line: Later) -> Sequence[tuple[TagState, TagState]]:
        """List the fixes that a line must have, lowest first, each with the release that it starts from.

        A release must have those below it; one that contains a higher release by mistake (KV302) is none.
        """
        if line.state.kind != "tag":
            return self._every
        own = next(tag for tag in self._shipped if tag.name == line.state.name)
        below = itertools.takewhile(
            lambda pair: releases.core_of(pair[0]) < releases.core_of(own), self._every
        )
        held = self.kinship.held
        return [pair for pair in below if not held.has(pair[0].commit, own.commit)]

    @functools.cached_property
    def _every(self) -> list[tuple[TagState, TagState]]:
        by_core: dict[tuple[int, int, int], TagState] = {}
        for tag in self._shipped:
            by_core.setdefault(releases.core_of(tag), tag)
        found = []
        for fix in self._shipped:
            major, minor, patch = releases.core_of(fix)
            if base := by_core.get((major, minor, patch - 1)):
                found.append((fix, base))
        return found

    def _own(self, fix: TagState, base: TagState, commit: str) -> Question:
        return Question(fix.commit, commit, base.commit, self._files)

    def _whole(self, fix: TagState, commit: str) -> Question:
        return Question(fix.commit, commit, own=self._files, whole=True)

    @functools.cached_property
    def _shipped(self) -> list[TagState]:
        return sorted(_shipped(self.state), key=releases.core_of)

    @functools.cached_property
    def _files(self) -> OwnFiles:
        return own_files(self.state.product, self.state.product.repo, self.prefix, self.state.pins)


def _shipped(state: ProductState) -> list[TagState]:
    return [tag for tag in releases.production(state.tags) if tag.commit]
