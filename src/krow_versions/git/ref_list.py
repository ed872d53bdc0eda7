"""Refs as git lists them: one process whatever their number, and a few more where one is damaged."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import attrs

from krow_versions.errors import UsageError
from krow_versions.git.pipes import MESSAGE_LIMIT
from krow_versions.git.process import execute, failure, run
from krow_versions.text.escaping import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from krow_versions.git.process import Finished


@attrs.frozen
class Ref:
    """What a branch, tag or other ref names.

    Attributes:
        ref: its full name, such as ``refs/heads/main``.
        object_id: the object itself, not peeled; empty when the ref itself is broken.
        object_type: ``commit`` (a branch, a lightweight tag), ``tag`` (annotated), ``blob``, ``tree``, or
            ``missing`` when the ref or what it stands on cannot be read: a tag may be the newest
            release all the same, so never overlook it.
        commit: the commit that it leads to in the end; empty when it leads to none that can be read.
        checked_out: the working tree whose HEAD is on this branch, None when there is none.
        dated: when it was made, of a branch or lightweight tag its commit, as git keeps it (see
            :func:`krow_versions.commits.moment`); empty when not known.
        subject: of a tag, the first line of its message; of a lightweight one, that of its commit.
    """

    ref: str
    object_id: str
    object_type: str
    commit: str
    checked_out: str | None = None
    dated: str = ""
    subject: str = ""


def list_refs(root: str, patterns: Iterable[str]) -> tuple[Ref, ...]:
    """List the refs of some names and folders, each once, in order of their names.

    One process. One that is damaged takes a few more, as do tags of tags, and none hides the others.

    Args:
        root: the work tree to ask in.
        patterns: full names such as ``refs/heads/main``, and folders with a slash at the end.

    Raises:
        UsageError: a name that no ref can have.
        GitError: git failed.
    """
    wanted = tuple(sorted(set(patterns)))
    for each in wanted:
        if not each.startswith("refs/") or NOT_IN_REFS.search(each.removesuffix("/")):
            raise UsageError(f"{quoted(each)} is no full ref name")
    if not wanted:
        return ()  # No pattern would mean every ref.
    arguments = ["for-each-ref", f"--format={_FIELDS}", *wanted]
    listing = execute(arguments, cwd=root, limit=4 * MESSAGE_LIMIT)
    rows = _rows(listing.stdout)
    if listing.returncode or any(row.peeled_kind == b"tag" for row in rows):
        rows, listing = _inspected(root, wanted, None if listing.returncode else rows)
    found = [*_wanted((row.value() for row in rows), wanted), *_broken(listing, wanted)]
    return tuple(sorted(found, key=lambda each: each.ref))


# git-check-ref-format(1); what it allows and is awkward in `<revision>:<path>` does not get here.
NOT_IN_REFS = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^/|/$")
WARNED = re.compile(rb"^warning: ignoring (?:broken ref|ref with broken name) (refs/.+)$", re.MULTILINE)
_NAMES = "%(objectname) %(objecttype) %(*objectname) %(*objecttype) %(refname)"
_END = b"\0\n"  # The path of a working tree can hold a line break.
# A branch is at a commit whose message may be huge, and nobody asks for its subject.
_SUBJECT = "%(if:equals=refs/tags)%(refname:rstrip=-2)%(then)%(contents:subject)%(end)"
_FIELDS = f"{_NAMES}%00%(creatordate:raw)%00{_SUBJECT}%00%(worktreepath)%00"
_BARE = "%(objectname)    %(refname)%00%00%00%(worktreepath)%00"  # Asks for nothing of the object.
_CHECKED = re.compile(rb"([0-9a-f]{40,64}) ([a-z]+) [0-9]+")
_AT_ONCE = 500  # Names in one call, far below every limit of a command line.
_DIED = 128  # git's exit code when it gives up by itself, `die()` in usage.c


def lines_of(output: bytes) -> list[bytes]:
    """Split git's output where it ends its lines; a carriage return is part of what it tells."""
    return output.split(b"\n")[:-1]


@attrs.frozen
class _Row:
    """What `for-each-ref` says of one ref."""

    object_id: bytes
    kind: bytes
    peeled: bytes
    peeled_kind: bytes
    name: bytes
    dated: bytes = b""
    subject: bytes = b""
    checked_out: bytes = b""

    def value(self) -> Ref:
        leads_to_commit = (self.peeled_kind or self.kind) == b"commit"
        return Ref(
            os.fsdecode(self.name),
            self.object_id.decode("ascii"),
            self.kind.decode("ascii"),
            self.peeled.decode("ascii") if leads_to_commit else "",
            os.fsdecode(self.checked_out) or None,
            self.dated.decode("ascii"),
            self.subject.decode("utf-8", "replace"),
        )


def _rows(output: bytes) -> list[_Row]:
    return [_row(line) for line in output.split(_END)[:-1]]


def _row(line: bytes) -> _Row:
    names, dated, subject, checked_out = line.split(b"\0", 3)
    object_id, kind, peeled, peeled_kind, name = names.split(b" ")  # No field can hold a space.
    return _Row(object_id, kind, peeled or object_id, peeled_kind, name, dated, subject, checked_out)


def _inspected(root: str, wanted: Sequence[str], rows: Sequence[_Row] | None) -> tuple[list[_Row], Finished]:
    """Find out the types one by one, and peel tags of tags to the end.

    ``for-each-ref`` dies on one unreadable object as soon as it has to look at objects, and
    peels once only before git 2.45. Names and ids it always gives.

    Args:
        root: the work tree to ask in.
        wanted: names and folders.
        rows: what git listed, or None where it died.
    """
    arguments = ["for-each-ref", f"--format={_BARE}", *wanted]
    listing = execute(arguments, cwd=root)
    if listing.returncode:
        raise failure(arguments, listing, root)
    named = _rows(listing.stdout)
    answers = _inspect(root, [each for row in named for each in (row.object_id, row.object_id + b"^{}")])
    inspected = []
    for row, answer, answer_peeled in zip(named, answers[::2], answers[1::2], strict=True):
        own, peeled = _CHECKED.fullmatch(answer), _CHECKED.fullmatch(answer_peeled)
        kind, end, its_kind = (own[2], peeled[1], peeled[2]) if own and peeled else (b"missing", b"", b"")
        inspected.append(attrs.evolve(row, kind=kind, peeled=end, peeled_kind=its_kind))
    if rows is None:
        rows = _told(root, [row.name for row in inspected if row.kind != b"missing"])
    told = {row.name: row for row in rows}
    return [
        attrs.evolve(row, dated=told[row.name].dated, subject=told[row.name].subject)
        if row.name in told
        else row
        for row in inspected
    ], listing


def _inspect(root: str, requests: Sequence[bytes]) -> list[bytes]:
    """Ask for each object's type; nothing is the answer where git dies of the question."""
    arguments = ["cat-file", "--batch-check", "--buffer"]
    answers: list[bytes] = []
    while len(answers) < len(requests):
        stdin = b"".join(request + b"\n" for request in requests[len(answers) :])
        finished = execute(arguments, cwd=root, stdin=stdin)
        answers += finished.stdout.splitlines()
        if len(answers) < len(requests):
            if finished.returncode != _DIED:
                raise failure(arguments, finished, root)
            answers.append(b"")
    return answers


def _told(root: str, names: Sequence[bytes]) -> list[_Row]:
    """Ask for dates and subjects, of refs that can be read only."""
    found: list[_Row] = []
    for at in range(0, len(names), _AT_ONCE):
        asked = map(os.fsdecode, names[at : at + _AT_ONCE])
        found += _rows(
            run(["for-each-ref", f"--format={_FIELDS}", *asked], cwd=root, limit=4 * MESSAGE_LIMIT)
        )
    return found


def _broken(listing: Finished, wanted: Sequence[str]) -> list[Ref]:
    """Find the refs that git leaves out with a warning: empty or garbled files."""
    return _wanted(
        (Ref(os.fsdecode(name), "", "missing", "") for name in WARNED.findall(listing.stderr)), wanted
    )


def _wanted(refs: Iterable[Ref], wanted: Sequence[str]) -> list[Ref]:
    """Leave out what was not asked for: git takes every name for a folder, too, and warns of other refs."""
    folders = tuple(each for each in wanted if each.endswith("/"))
    return [each for each in refs if each.ref in wanted or each.ref.startswith(folders)]
