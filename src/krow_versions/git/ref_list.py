"""List refs: one process whatever their number, and a few more when one is damaged."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from krow_versions.errors import GitError, UsageError
from krow_versions.git.process import execute, failure, run
from krow_versions.git.ref_files import asked, unlisted
from krow_versions.git.running import MESSAGE_LIMIT
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted
from krow_versions.values import evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from krow_versions.git.process import Finished


@frozen
class Ref:
    """A branch, tag or other ref, and the object that it names.

    Attributes:
        ref: its full name, such as ``refs/heads/main``.
        object_id: the object itself, not peeled; empty when the ref itself is broken.
        object_type: ``commit`` (a branch, a lightweight tag), ``tag`` (annotated), ``blob``, ``tree``, or
            ``missing`` when the ref or its object cannot be read: do not ignore such a tag, it may be
            the newest release.
        commit: the commit that it leads to, fully peeled; empty when none can be read.
        checked_out: the working tree whose HEAD is on this branch, or None.
        dated: the date of an annotated tag, or else of the commit, as git stores it (see
            :func:`krow_versions.commits.moment`); empty when not known.
        subject: the first line of the message of an annotated tag, or of the commit of a lightweight one.
        named: the name that an annotated tag has in its own object; empty for all others.
    """

    ref: str
    object_id: str
    object_type: str
    commit: str
    checked_out: str | None = None
    dated: str = ""
    subject: str = ""
    named: str = ""


def list_refs(root: str, patterns: Iterable[str], *, common: str | None = None) -> tuple[Ref, ...]:
    """List refs, each once, in order of their names.

    A pattern is a full name such as ``refs/heads/main``, or a folder with a slash at its end. One process;
    a damaged ref and a tag of a tag take a few more. A damaged ref does not hide the others.

    Args:
        root: a folder of the repository.
        patterns: the refs to list.
        common: the git folder that all working trees share, to compare the listing with its files.

    Raises:
        UsageError: a name that no ref can have.
        GitError: git failed, or left out refs that are in its files.
    """
    wanted = tuple(sorted(set(patterns)))
    for each in wanted:
        if not each.startswith("refs/") or NOT_IN_REFS.search(each.removesuffix("/")):
            raise UsageError(f"{quoted(each)} is no full ref name")
    if not wanted:
        return ()  # Without a pattern git lists every ref.
    arguments = ["for-each-ref", f"--format={_FIELDS}", *wanted]
    listing = execute(arguments, cwd=root, limit=4 * MESSAGE_LIMIT)
    rows = _rows(listing.stdout)
    if listing.returncode or any(row.peeled_kind == b"tag" for row in rows):
        rows, listing = _inspected(root, wanted, None if listing.returncode else rows)
    found = [*_wanted((row.to_ref() for row in rows), wanted), *_broken(listing, wanted)]
    if common is not None:
        _require_whole(root, wanted, common, found)
    return tuple(sorted(found, key=lambda each: each.ref))


# git-check-ref-format(1).
NOT_IN_REFS = regex(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^/|/$")
WARNED = regex(rb"^warning: ignoring (?:broken ref|ref with broken name) (refs/.+)$", re.MULTILINE)
_NAMES = "%(objectname) %(objecttype) %(*objectname) %(*objecttype) %(refname)"
_END = b"\0\n"  # The path of a working tree can hold a line break.
# Only for tags: the message of a branch's commit may be huge, and nobody needs it.
_SUBJECT = "%(if:equals=refs/tags)%(refname:rstrip=-2)%(then)%(contents:subject)%(end)"
_FIELDS = f"{_NAMES}%00%(creatordate:raw)%00{_SUBJECT}%00%(tag)%00%(worktreepath)%00"
_BARE = "%(objectname)    %(refname)%00%00%00%00%(worktreepath)%00"  # Does not read the object.
_CHECKED = regex(rb"([0-9a-f]{40,64}) ([a-z]+) [0-9]+")
_AT_ONCE = 500  # Names in one call, far below every limit of a command line.
_DIED = 128  # die() in usage.c


@frozen
class _Row:
    """The fields of one ref in the output of `for-each-ref`."""

    object_id: bytes
    kind: bytes
    peeled: bytes
    peeled_kind: bytes
    name: bytes
    dated: bytes = b""
    subject: bytes = b""
    named: bytes = b""
    checked_out: bytes = b""

    def to_ref(self) -> Ref:
        leads_to_commit = (self.peeled_kind or self.kind) == b"commit"
        return Ref(
            os.fsdecode(self.name),
            self.object_id.decode("ascii"),
            self.kind.decode("ascii"),
            self.peeled.decode("ascii") if leads_to_commit else "",
            os.fsdecode(self.checked_out) or None,
            self.dated.decode("ascii"),
            self.subject.decode("utf-8", "replace"),
            os.fsdecode(self.named),
        )


def _rows(output: bytes) -> list[_Row]:
    rows = []
    *lines, rest = output.split(_END)
    if rest:
        raise _cut_short("its last line is not whole")
    for line in lines:
        names, dated, subject, named, checked_out = line.split(b"\0", 4)
        object_id, kind, peeled, peeled_kind, name = names.split(b" ")  # No field can hold a space.
        peeled = peeled or object_id
        rows.append(_Row(object_id, kind, peeled, peeled_kind, name, dated, subject, named, checked_out))
    return rows


def _require_whole(root: str, wanted: Sequence[str], common: str, found: Iterable[Ref]) -> None:
    """Raise if git has left out refs that its own files hold: then the newest release may be missing.

    A ref that is made or deleted at this very moment is no fault: git is asked again for those.
    """
    missing = unlisted(common, wanted, {each.ref for each in found})
    if missing:
        again = {each.ref for each in list_refs(root, missing[:_AT_ONCE])}
        if left := unlisted(common, missing[:_AT_ONCE], again):
            raise _cut_short(f"{quoted(left[0])} is in its files")


def _cut_short(why: str) -> GitError:
    return GitError(
        f"git listed only a part of the refs: {why}",
        hint="run it again; if it stays so, see which git this is (git --version), and what git fsck says",
    )


def _inspected(root: str, wanted: Sequence[str], rows: Sequence[_Row] | None) -> tuple[list[_Row], Finished]:
    """Read the types one by one, and peel tags of tags fully.

    ``for-each-ref`` dies on an unreadable object when it has to read objects, and before git 2.45 it
    peels only once. It can always list names and ids. *rows* is None when it died.
    """
    arguments = ["for-each-ref", f"--format={_BARE}", *wanted]
    listing = execute(arguments, cwd=root)
    if listing.returncode:
        raise failure(arguments, listing, root)
    bare_rows = _rows(listing.stdout)
    types = _types(root, [each for row in bare_rows for each in (row.object_id, row.object_id + b"^{}")])
    inspected = []
    for row, own_type, peeled_type in zip(bare_rows, types[::2], types[1::2], strict=True):
        own, peeled = _CHECKED.fullmatch(own_type), _CHECKED.fullmatch(peeled_type)
        kind, end, its_kind = (own[2], peeled[1], peeled[2]) if own and peeled else (b"missing", b"", b"")
        inspected.append(evolve(row, kind=kind, peeled=end, peeled_kind=its_kind))
    if rows is None:
        rows = _full_rows(root, [row.name for row in inspected if row.kind != b"missing"])
    full = {row.name: row for row in rows}
    return [
        evolve(row, dated=each.dated, subject=each.subject, named=each.named)
        if (each := full.get(row.name))
        else row
        for row in inspected
    ], listing


def _types(root: str, requests: Sequence[bytes]) -> list[bytes]:
    """Read the type of each object; empty for an object on which git dies."""
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


def _full_rows(root: str, names: Sequence[bytes]) -> list[_Row]:
    """Read all fields of refs whose objects can be read."""
    found: list[_Row] = []
    for at in range(0, len(names), _AT_ONCE):
        arguments = ["for-each-ref", f"--format={_FIELDS}", *map(os.fsdecode, names[at : at + _AT_ONCE])]
        found += _rows(run(arguments, cwd=root, limit=4 * MESSAGE_LIMIT))
    return found


def _broken(listing: Finished, wanted: Sequence[str]) -> list[Ref]:
    """Return the refs that git leaves out with a warning: empty or garbled files."""
    return _wanted(
        (Ref(os.fsdecode(name), "", "missing", "") for name in WARNED.findall(listing.stderr)), wanted
    )


def _wanted(refs: Iterable[Ref], wanted: Sequence[str]) -> list[Ref]:
    """Remove refs that were not asked for: git reads each name as a folder too, and warns of other refs."""
    is_wanted = asked(wanted)
    return [each for each in refs if is_wanted(each.ref)]
