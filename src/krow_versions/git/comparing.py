"""Compare the trees of many pairs of commits in one process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from krow_versions.commits import Entry, EntryChange
from krow_versions.git import validation
from krow_versions.git.process import encoded, run, unexpected
from krow_versions.regexes import regex
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from krow_versions.git.repository import Repository


@frozen
class Comparison:
    """What differs between commits.

    Attributes:
        changes: by pairs of an older and a newer commit, the paths that differ.
        subjects: of each newer commit, the first line of its message.
    """

    changes: Mapping[tuple[str, str], tuple[EntryChange, ...]]
    subjects: Mapping[str, str]


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
        return Comparison({}, {})
    arguments = ["diff-tree", "--stdin", "--always", "-r", "--raw", "-z", "--no-abbrev", "--no-renames"]
    arguments += ["--ignore-submodules=none"]
    arguments += ["--encoding=UTF-8", "--format=%H %s", "--"]
    if len(paths) <= _MOST_PATHS:
        arguments += [f":(top,literal){path}" for path in paths]
    # A line "COMMIT PARENT" compares the commit with that parent, whatever its parents are.
    lines = "".join(f"{validation.revision(new)} {validation.revision(old)}\n" for old, new in asked)
    output = run(arguments, cwd=repository.root, stdin=encoded(lines))
    found: list[list[EntryChange]] = []
    subjects: dict[str, str] = {}
    fields = iter(output.split(b"\0")[:-1])
    for field in fields:
        if match := _CHANGED.fullmatch(field):
            modes, ids = match.groups()[:2], match.groups()[2:]
            before, after = (_entry(*each) for each in zip(modes, ids, strict=True))
            found[-1].append(EntryChange(os.fsdecode(next(fields)), before, after))
        else:
            found.append([])
            commit, _, subject = field.partition(b" ")
            if len(found) > len(asked) or commit.decode("ascii", "replace") != asked[len(found) - 1][1]:
                raise unexpected(arguments, output, repository.root)
            subjects[asked[len(found) - 1][1]] = subject.decode("utf-8", "replace")
    if len(found) != len(asked):
        raise unexpected(arguments, output, repository.root)
    return Comparison(dict(zip(asked, map(tuple, found), strict=True)), subjects)


_MOST_PATHS = 500  # Far below every limit of a command line.
_CHANGED = regex(rb"\n?:([0-7]{6}) ([0-7]{6}) ([0-9a-f]{40,64}) ([0-9a-f]{40,64}) [A-Z]")


def _entry(mode: bytes, object_id: bytes) -> Entry | None:
    return Entry(mode.decode("ascii"), object_id.decode("ascii")) if mode.strip(b"0") else None
