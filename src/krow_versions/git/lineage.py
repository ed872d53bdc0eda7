"""Which commit contains which, and where branches stand: what an audit asks of git."""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING

import attrs

from krow_versions.errors import UsageError
from krow_versions.files.paths import safe_parts
from krow_versions.git.process import encoded, execute, run
from krow_versions.git.repository import NOT_IN_REFS, lines_of
from krow_versions.text.escaping import quoted
from krow_versions.text.paths import has_wildcard, is_match

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from krow_versions.git.repository import Repository


@attrs.frozen
class Branch:
    """A branch as git knows it.

    Attributes:
        ref: its full name, such as ``refs/heads/main`` or ``refs/remotes/origin/main``.
        commit: the commit that it is at.
        dated: when that was committed, as git keeps it: see :func:`krow_versions.log.moment`.
    """

    ref: str
    commit: str
    dated: str


def branches(repository: Repository, refs: Sequence[str]) -> tuple[Branch, ...]:
    """List the branches that are called as one of *refs*, or are below one that ends in ``/``.

    One process, in order of their names; what is no branch at a commit that is here is left out.
    One that is damaged takes three more, and hides no other.

    Raises:
        UsageError: a name that no ref can have.
        GitError: git failed.
    """
    for ref in refs:
        if not ref.startswith("refs/") or NOT_IN_REFS.search(ref.removesuffix("/")):
            raise UsageError(f"{quoted(ref)} is no full ref name")
    if not refs:
        return ()  # No pattern would mean every ref.
    fields = "--format=%(objecttype) %(objectname) %(refname) %(committerdate:raw)"
    listing = execute(["for-each-ref", fields, *refs], cwd=repository.root)
    output = listing.stdout
    if listing.returncode:
        readable = _readable(repository, refs)
        output = run(["for-each-ref", fields, *readable], cwd=repository.root) if readable else b""
    rows = (line.split(b" ", 3) for line in lines_of(output))
    # Git takes a name without a slash for a folder, too.
    below = tuple(ref for ref in refs if ref.endswith("/"))
    found = (
        Branch(os.fsdecode(ref), commit.decode("ascii"), raw.decode("ascii"))
        for kind, commit, ref, raw in rows
        if kind == b"commit"
    )
    return tuple(branch for branch in found if branch.ref in refs or branch.ref.startswith(below))


def _readable(repository: Repository, refs: Sequence[str]) -> list[str]:
    """List the refs whose objects git can read: one of the others makes ``for-each-ref`` die."""
    names = run(["for-each-ref", "--format=%(objectname) %(refname)", *refs], cwd=repository.root)
    rows = [line.split(b" ", 1) for line in lines_of(names)]
    stdin = b"".join(b"%s\n" % object_id for object_id, _ in rows)
    answers = lines_of(run(["cat-file", "--batch-check", "--buffer"], cwd=repository.root, stdin=stdin))
    return [
        os.fsdecode(ref)
        for (_, ref), answer in zip(rows, answers, strict=True)
        if not answer.endswith(b" missing")
    ]


def tracked(repository: Repository, patterns: Sequence[str]) -> tuple[str, ...]:
    """List the files in the index that match any of some globs, as ``files.find`` reads them.

    Git's own globs would see hidden files, ``node_modules`` and all that is below a folder called
    so. What a sparse checkout leaves out, and submodules, do not count.

    Args:
        repository: whose index.
        patterns: paths or globs from the top of the repository.

    Raises:
        UnsafePath: a pattern leads elsewhere.
        GitError: git failed.
    """
    wanted = [safe_parts(pattern) for pattern in patterns]
    if not wanted:
        return ()
    listing = run(["ls-files", "-z", "-t", "--stage", "--", *map(_top, wanted)], cwd=repository.root)
    paths = []
    for entry in listing.split(b"\0")[:-1]:
        told, _, path = entry.partition(b"\t")
        tag, mode, _ = told.split(b" ", 2)
        if tag != b"S" and mode != b"160000":
            paths.append(os.fsdecode(path))
    # A file in conflict is there once for each side.
    return tuple(
        path for path in dict.fromkeys(paths) if any(fits(path.split("/"), parts) for parts in wanted)
    )


def _top(parts: Sequence[str]) -> str:
    """Write the folder that a pattern is below, or the path that it is, as git takes it literally."""
    fixed = [*itertools.takewhile(lambda part: not has_wildcard(part), parts)]
    return f":(top,literal){'/'.join(fixed)}" if fixed else ":(top)"


def fits(path: Sequence[str], pattern: Sequence[str]) -> bool:
    """Tell whether the parts of a path fit the segments of a glob.

    Keeps the set of segments that can come next, so that no way of sharing out the parts between
    several ``**`` is tried twice: at most as many steps as parts times segments.
    """
    end = len(pattern)
    following = {0}
    for name in path:
        reached, following = following, set()
        for index, segment in enumerate(pattern):
            if index in reached:
                deep, last = segment == "**", index == end - 1
                if deep and not last:
                    reached.add(index + 1)  # It stands for no folder.
                if is_match(name, segment):
                    following.update({index} if deep else (), () if deep and not last else {index + 1})
    return end in following


@attrs.frozen
class Graph:
    """Commits and their parents.

    Attributes:
        parents: of every commit, parents before children.
    """

    parents: Mapping[str, tuple[str, ...]] = attrs.field(repr=False)

    def ancestors(self, tips: Iterable[str]) -> frozenset[str]:
        """List *tips* and all commits that they contain; a commit that is not here has none."""
        found: set[str] = set()
        waiting = [tip for tip in tips if tip in self.parents]
        while waiting:
            commit = waiting.pop()
            if commit not in found:
                found.add(commit)
                waiting += self.parents[commit]
        return frozenset(found)

    def highest_below(self, ranks: Mapping[str, int]) -> dict[str, int]:
        """For each ranked commit, find the highest rank among the commits that it contains, itself aside.

        Takes time in proportion to the commits, however many are ranked.

        Args:
            ranks: commits and how high each counts.

        Returns:
            Commit and rank; a commit that contains no other ranked one is not in it.
        """
        below: dict[str, int] = {}
        for commit, parents in self.parents.items():
            best = max((max(below.get(each, -1), ranks.get(each, -1)) for each in parents), default=-1)
            if best >= 0:
                below[commit] = best
        return {commit: below[commit] for commit in ranks if commit in below}


def graph(repository: Repository, tips: Iterable[str]) -> Graph:
    """Read all commits that *tips* contain; one process.

    Where history was cut off (a shallow clone), so is the graph.

    Args:
        repository: where the commits are.
        tips: full object ids of commits that are here.

    Raises:
        GitError: git failed, or a commit of the history is missing.
    """
    wanted = sorted(set(tips))
    if not wanted:
        return Graph({})
    stdin = encoded("".join(f"{tip}\n" for tip in wanted))
    listed = run(
        ["rev-list", "--parents", "--topo-order", "--reverse", "--stdin"], cwd=repository.root, stdin=stdin
    )
    rows = (line.split(" ") for line in listed.decode("ascii").splitlines())
    return Graph({commit: tuple(parents) for commit, *parents in rows})
