"""Compare the trees of many pairs of commits in one process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from krow_versions.commits import Entry, EntryChange
from krow_versions.git import validation
from krow_versions.git.process import encoded, run, unexpected
from krow_versions.regexes import regex
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Mapping, Sequence

    from krow_versions.git.repository import Repository


@frozen
class Comparison:
    """What differs between commits.

    Attributes:
        root: a folder of their repository.
        subjects: of each newer commit, the first line of its message.
        fields: what git printed, by pairs of an older and a newer commit: only some of it may be needed.
    """

    root: str
    subjects: Mapping[str, str]
    fields: Mapping[tuple[str, str], Sequence[bytes]] = field(repr=False)

    def changes(self, old: str, new: str, paths: Container[str] | None = None) -> tuple[EntryChange, ...]:
        """Return the paths that differ between two commits, or those of *paths* that do.

        Raises:
            GitError: no supported git prints this.
        """
        fields = self.fields[old, new]
        return tuple(
            self._change(header, path)
            for header, path in zip(fields[::2], map(os.fsdecode, fields[1::2]), strict=True)
            if paths is None or path in paths
        )

    def _change(self, header: bytes, path: str) -> EntryChange:
        match = _CHANGED.fullmatch(header)
        if match is None:
            raise unexpected(["diff-tree"], header, self.root)
        old_mode, new_mode, old_id, new_id = match.groups()
        return EntryChange(path, _entry(old_mode, old_id), _entry(new_mode, new_id))


def compare(
    repository: Repository, pairs: Collection[tuple[str, str]], paths: Collection[str] = ()
) -> Comparison:
    """List the paths that differ between the two commits of each pair, full ids; one process, or none.

    Contents are not read, and no program of the user runs. A renamed file is a removed and an added one.

    Args:
        repository: where the commits are.
        pairs: each an older and a newer commit; they may be the same.
        paths: if given, other paths may be left out.

    Raises:
        UsageError: a revision of another form.
        GitError: git failed, or a commit is missing.
    """
    asked = tuple(dict.fromkeys(pairs))
    if not asked:
        return Comparison(repository.root, {}, {})
    arguments = ["diff-tree", "--stdin", "--always", "-r", "--raw", "-z", "--no-abbrev", "--no-renames"]
    arguments += ["--ignore-submodules=none"]
    arguments += ["--encoding=UTF-8", "--format=%H %s", "--", *_specs(paths)]
    # A line "COMMIT PARENT" compares the commit with that parent, whatever its parents are.
    lines = "".join(f"{validation.revision(new)} {validation.revision(old)}\n" for old, new in asked)
    output = run(arguments, cwd=repository.root, stdin=encoded(lines))
    fields = output.split(b"\0")
    starts = []
    at = 0
    while at < len(fields) - 1:
        if fields[at].startswith((b":", b"\n:")):
            at += 2
        else:
            starts.append(at)
            at += 1
    if at != len(fields) - 1 or len(starts) != len(asked):
        raise unexpected(arguments, output, repository.root)
    found: dict[tuple[str, str], Sequence[bytes]] = {}
    subjects: dict[str, str] = {}
    for pair, start, end in zip(asked, starts, [*starts[1:], at], strict=True):
        commit, _, subject = fields[start].partition(b" ")
        if commit.decode("ascii", "replace") != pair[1]:
            raise unexpected(arguments, output, repository.root)
        found[pair] = fields[start + 1 : end]
        subjects[pair[1]] = subject.decode("utf-8", "replace")
    return Comparison(repository.root, subjects, found)


def _specs(paths: Collection[str]) -> list[str]:
    """Return pathspecs for *paths*: for many of them, those of the folders that they are in."""
    places = {*paths}
    depth = max((path.count("/") for path in places), default=0)
    while len(places) > _MOST_PATHS and depth:
        places = {"/".join(path.split("/")[:depth]) for path in places}
        depth -= 1
    return [f":(top,literal){path}" for path in sorted(places)] if len(places) <= _MOST_PATHS else []


_MOST_PATHS = 500  # Far below every limit of a command line.
_CHANGED = regex(rb"\n?:([0-7]{6}) ([0-7]{6}) ([0-9a-f]{40,64}) ([0-9a-f]{40,64}) [A-Z]")


def _entry(mode: bytes, object_id: bytes) -> Entry | None:
    return Entry(mode.decode("ascii"), object_id.decode("ascii")) if mode.strip(b"0") else None
