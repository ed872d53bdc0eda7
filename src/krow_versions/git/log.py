"""History: commits between two revisions, what they change, and whether one contains the other."""

from __future__ import annotations

import datetime as dt
import os
import re
from typing import TYPE_CHECKING

from krow_versions.commits import Change, Commit, moment
from krow_versions.errors import Unsupported
from krow_versions.git import validation
from krow_versions.git.process import execute, failure, run, unexpected
from krow_versions.git.running import MESSAGE_LIMIT
from krow_versions.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from krow_versions.git.repository import Repository


def commits(repository: Repository, since: str, until: str) -> tuple[Commit, ...]:
    """List the commits that *until* contains and *since* does not, newest first, children before parents.

    A revision is ``HEAD``, a full ``refs/…`` name or a full object id.

    Raises:
        UsageError: a revision of another form.
        GitError: git failed, or there is no such revision.
    """
    return _listed(repository, ["--date-order", *_range(since, until), "--"])


def known_commits(repository: Repository, ids: Iterable[str]) -> tuple[Commit, ...]:
    """Give those of the commits with these full ids that are here.

    Raises:
        UsageError: one is no full id.
        GitError: git failed.
    """
    wanted = "".join(f"{validation.object_id(each)}^{{commit}}\n" for each in ids)
    arguments = ["--no-walk=unsorted", "--ignore-missing", "--stdin"]
    return _listed(repository, arguments, wanted.encode()) if wanted else ()


def _listed(repository: Repository, arguments: list[str], stdin: bytes | None = None) -> tuple[Commit, ...]:
    arguments = ["rev-list", "--encoding=UTF-8", "--date=raw", f"--format={_FORMAT}", *arguments]
    output = run(arguments, cwd=repository.root, stdin=stdin, limit=MESSAGE_LIMIT)
    # No message can hold a NUL. Before the first field is git's own header line.
    fields = output.split(b"\0")
    if len(fields) % 6 != 1:
        raise unexpected(arguments, output, repository.root)
    rows = zip(*(iter(fields[:-1]),) * 6, strict=True)
    return tuple(
        Commit(
            id=object_id.decode("ascii"),
            subject=subject.decode("utf-8", "replace"),
            body=body.decode("utf-8", "replace"),
            date=moment(date.decode("ascii", "replace")) or _UNKNOWN,
            parents=len(parents.split()),
        )
        for _, object_id, parents, date, subject, body in rows
    )


def changes(repository: Repository, base: str, tip: str) -> tuple[Change, ...]:
    """Count the lines that differ in each path between two commits; no diff program of the user runs.

    A renamed file counts as one deleted and one added file, a submodule as a text of one line. A revision
    is ``HEAD``, a full ``refs/…`` name or a full object id.

    Raises:
        UsageError: a revision of another form.
        GitError: git failed, or there is no such revision.
    """
    arguments = ["diff-tree", "-r", "--numstat", "-z", "--no-ext-diff", "--no-textconv", "--no-renames"]
    arguments += ["--ignore-submodules=none", validation.revision(base), validation.revision(tip), "--"]
    output = run(arguments, cwd=repository.root)
    found = []
    for entry in output.split(b"\0")[:-1]:
        match = _COUNTED.fullmatch(entry)
        if match is None:
            raise unexpected(arguments, output, repository.root)
        added, deleted = (None if each == b"-" else int(each) for each in match.groups()[:2])
        found.append(Change(os.fsdecode(match[3]), added, deleted))
    return tuple(found)


def count(repository: Repository, since: str, until: str) -> int:
    """Count the commits that *until* contains and *since* does not. Too few in a shallow repository.

    Raises:
        UsageError: a revision of another form.
        GitError: git failed, or there is no such revision.
    """
    return int(run(["rev-list", "--count", *_range(since, until), "--"], cwd=repository.root))


def trees(repository: Repository, commits: Iterable[str]) -> dict[str, str]:
    """Return the tree of each commit, by their full ids; one process, or none.

    Raises:
        GitError: git failed, or an id is not a commit of this repository.
    """
    wanted = [validation.object_id(each) for each in dict.fromkeys(commits)]
    if not wanted:
        return {}
    arguments = ["rev-list", "--no-walk=unsorted", "--format=%T", "--stdin"]
    output = run(
        arguments, cwd=repository.root, stdin="".join(f"{each}\n" for each in wanted).encode("ascii")
    )
    lines = output.decode("ascii").splitlines()
    if len(lines) != 2 * len(wanted):
        raise unexpected(arguments, output, repository.root)
    return dict(zip((line.removeprefix("commit ") for line in lines[::2]), lines[1::2], strict=True))


def is_ancestor(repository: Repository, ancestor: str, descendant: str) -> bool:
    """Return whether *descendant* contains *ancestor*, or is the same.

    Raises:
        UsageError: a revision of another form.
        Unsupported: the answer is no, but the clone is shallow.
        GitError: git failed, or there is no such revision.
    """
    revisions = [validation.revision(each) for each in (ancestor, descendant)]
    arguments = ["merge-base", "--is-ancestor", *revisions]
    finished = execute(arguments, cwd=repository.root)
    if finished.returncode not in {0, 1}:
        raise failure(arguments, finished, repository.root)
    if finished.returncode and repository.shallow:
        raise cut_off()
    return not finished.returncode


def cut_off() -> Unsupported:
    """Make the error for ancestry that is not known in a shallow clone."""
    return Unsupported(
        "this is a shallow clone: whether one commit contains another is not known",
        hint="git fetch --unshallow",
    )


_FORMAT = "%x00%H%x00%P%x00%ad%x00%s%x00%b%x00"
_COUNTED = regex(rb"([0-9]+|-)\t([0-9]+|-)\t(.+)", re.DOTALL)
_UNKNOWN = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def _range(since: str, until: str) -> list[str]:
    return [validation.revision(until), f"^{validation.revision(since)}"]
