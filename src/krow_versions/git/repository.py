"""A repository and the questions that are asked of it.

How many processes a question takes does not grow with the number of tags, unless some are damaged. How often
each is asked is its caller's business.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import attrs

from krow_versions import files
from krow_versions.errors import UsageError
from krow_versions.git import blobs
from krow_versions.git.pipes import MESSAGE_LIMIT
from krow_versions.git.process import Finished, encoded, execute, failure, run
from krow_versions.text.escaping import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from krow_versions.errors import FileTooLarge


@attrs.frozen
class Tag:
    """A tag as git knows it.

    Attributes:
        name: the name without ``refs/tags/``.
        object_id: the object that the tag names, not peeled; empty when the ref itself is broken.
        object_type: ``commit`` (a lightweight tag), ``tag`` (annotated), ``blob``, ``tree``, or
            ``missing`` when the tag or what it stands on cannot be read: it may be the newest
            release all the same, so never overlook it.
        reachable: whether HEAD contains it. Unreliable in a shallow repository.
        commit: the commit that it leads to in the end; empty when it leads to none that can be read.
        dated: when it was made, of a lightweight tag its commit, as git keeps it; empty when not known.
        subject: the first line of its message, of a lightweight tag that of its commit.
    """

    name: str
    object_id: str
    object_type: str
    reachable: bool
    commit: str = attrs.field(default="", eq=False)
    dated: str = attrs.field(default="", eq=False)
    subject: str = attrs.field(default="", eq=False)


@attrs.frozen
class Repository:
    """A work tree and where its HEAD stood when :func:`open_repository` looked.

    Attributes:
        root: absolute path of the work tree, symbolic links resolved.
        common_dir: absolute path of git's own folder, the same for all linked worktrees: where
            records live.
        git_dir: absolute folder of this working tree's own state, such as a merge under way.
        head: commit id of HEAD, None on a branch without a commit.
        branch: full name such as ``refs/heads/main``, None when HEAD is detached.
        shallow: whether history was cut off, so that ancestry cannot be relied on.
    """

    root: str
    common_dir: str
    git_dir: str
    head: str | None
    branch: str | None
    shallow: bool

    @property
    def under_way(self) -> str | None:
        """What git is in the middle of here: ``merge``, ``rebase`` …, or None."""
        for name, operation in _OPERATIONS.items():
            if files.status(name, root=self.git_dir) is not None:
                return operation
        return None

    def tags(self, prefixes: Sequence[str]) -> tuple[Tag, ...]:
        """List the tags below some folders of tags, in order of their names.

        Two processes; damaged tags and tags of tags take a few more, and none hides the others.

        Args:
            prefixes: folders below ``refs/tags/``, such as ``krow-withus-web`` for
                ``krow-withus-web/prod-v0.1.0``; the empty string stands for all tags.

        Returns:
            Each tag once.

        Raises:
            UsageError: a prefix could not be part of a tag's name.
            GitError: git failed, or the history of HEAD is damaged.
        """
        folders = tuple(sorted({_tag_folder(prefix) for prefix in prefixes}))
        if not folders:
            return ()  # No pattern would mean every ref.
        listing = execute(
            ["for-each-ref", f"--format={_FIELDS}", *folders], cwd=self.root, limit=4 * MESSAGE_LIMIT
        )
        rows = [_row(line) for line in lines_of(listing.stdout)]
        if listing.returncode or any(row.peeled_kind == b"tag" for row in rows):
            has_died = listing.returncode != 0
            arguments = ["for-each-ref", f"--format={_NAMES}", *folders]
            listing = execute(arguments, cwd=self.root)
            if listing.returncode:
                raise failure(arguments, listing, self.root)
            inspected = self._inspected([_row(line) for line in lines_of(listing.stdout)])
            readable = [row.ref for row in inspected if row.kind != b"missing"]
            told = {row.ref: row for row in (self._told(readable) if has_died else rows)}
            rows = [
                attrs.evolve(row, dated=told[row.ref].dated, subject=told[row.ref].subject)
                if row.ref in told
                else row
                for row in inspected
            ]
        history = self._history() if rows else frozenset()
        tags = [row.tag(reachable=row.peeled in history) for row in rows]
        return tuple(sorted(tags + _broken(listing, folders), key=lambda tag: tag.name))

    def blobs(
        self, wanted: Sequence[tuple[str, str]], *, limits: Mapping[str, int] | None = None
    ) -> tuple[bytes | FileTooLarge | None, ...]:
        """Read files as they are in commits; two processes, however many there are.

        Sizes are asked for before contents: three gigabytes of zeros are two megabytes in a clone.
        A symbolic link gives the text of the link, as git keeps it.

        Args:
            wanted: pairs of a revision (``HEAD``, a full ``refs/…`` name or a full object id; tags
                are peeled) and a path from the top of the repository. A path with a
                line break, or a carriage return at its end (git drops it), takes git 2.38.
            limits: the largest size in bytes by path; :data:`blobs.FILE_LIMIT` for the others.

        Returns:
            The content for each pair, in their order. None where the revision has no such file;
            also where the revision does not exist, so ask only for what :meth:`tags` listed as
            readable. An error, not raised, where the file is over its limit.

        Raises:
            UsageError: a revision or path of another form.
            FileTooLarge: all together are over :data:`blobs.TOTAL_LIMIT` bytes.
            Unsupported: a file is missing in a partial clone.
            GitError: git failed, or an object is corrupt.
        """
        requests = {pair: _request(*pair) for pair in wanted}
        found = blobs.read(self.root, requests, limits or {})
        return tuple(found[pair] for pair in wanted)

    def _history(self) -> frozenset[bytes]:
        """List all commits of HEAD.

        Not by ``for-each-ref --merged``: it takes as long, and when a commit of the history is
        missing it silently calls everything behind that unreachable, where this fails.
        """
        if self.head is None:
            return frozenset()
        return frozenset(run(["rev-list", self.head, "--"], cwd=self.root).splitlines())

    def _told(self, refs: Sequence[bytes]) -> Iterator[_Row]:
        """Ask for dates and subjects, of refs that can be read only."""
        for at in range(0, len(refs), _AT_ONCE):
            names = [os.fsdecode(ref) for ref in refs[at : at + _AT_ONCE]]
            arguments = ["for-each-ref", f"--format={_FIELDS}", *names]
            listing = run(arguments, cwd=self.root, limit=4 * MESSAGE_LIMIT)
            yield from map(_row, lines_of(listing))

    def _inspected(self, rows: Sequence[_Row]) -> list[_Row]:
        """Find out the types one by one, and peel tags of tags to the end.

        ``for-each-ref`` dies on one unreadable object as soon as it has to look at objects, and
        peels once only before git 2.45. Names and ids it always gives.
        """
        answers = self._inspect([each for row in rows for each in (row.object_id, row.object_id + b"^{}")])
        inspected = []
        for row, answer, answer_peeled in zip(rows, answers[::2], answers[1::2], strict=True):
            own, peeled = _CHECKED.fullmatch(answer), _CHECKED.fullmatch(answer_peeled)
            kind, end, its_kind = (own[2], peeled[1], peeled[2]) if own and peeled else (b"missing", b"", b"")
            inspected.append(attrs.evolve(row, kind=kind, peeled=end, peeled_kind=its_kind))
        return inspected

    def _inspect(self, requests: Sequence[bytes]) -> list[bytes]:
        """Ask for each object's type; nothing is the answer where git dies of the question."""
        arguments = ["cat-file", "--batch-check", "--buffer"]
        answers: list[bytes] = []
        while len(answers) < len(requests):
            stdin = b"".join(request + b"\n" for request in requests[len(answers) :])
            finished = execute(arguments, cwd=self.root, stdin=stdin)
            answers += finished.stdout.splitlines()
            if len(answers) < len(requests):
                if finished.returncode != _DIED:
                    raise failure(arguments, finished, self.root)
                answers.append(b"")
        return answers


# What git leaves in its folder while it waits for the user (gitrepository-layout(5), wt-status.c).
_OPERATIONS = {
    "rebase-merge": "rebase",
    "rebase-apply": "rebase or am",
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "BISECT_LOG": "bisect",
}
_AT_ONCE = 500  # Names in one call, far below every limit of a command line.
_DIED = 128  # git's exit code when it gives up by itself, `die()` in usage.c
_FIELDS = (
    "%(objectname) %(objecttype) %(*objectname) %(*objecttype) %(refname)"
    "%00%(creatordate:raw)%00%(contents:subject)"
)
_NAMES = "%(objectname)    %(refname)%00%00"
_CHECKED = re.compile(rb"([0-9a-f]{40,64}) ([a-z]+) [0-9]+")
WARNED = re.compile(rb"^warning: ignoring (?:broken ref|ref with broken name) (refs/.+)$", re.MULTILINE)
# git-check-ref-format(1); what it allows and is awkward in `<revision>:<path>` does not get here.
NOT_IN_REFS = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^/|/$")
_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def _tag_folder(prefix: str) -> str:
    """Make the pattern of `for-each-ref` that matches all below a folder, and nothing else."""
    if NOT_IN_REFS.search(prefix):
        raise UsageError(f"{quoted(prefix)} cannot be the beginning of a tag's name")
    return f"refs/tags/{prefix}/" if prefix else "refs/tags/"


@attrs.frozen
class _Row:
    """What `for-each-ref` says of one tag."""

    object_id: bytes
    kind: bytes
    peeled: bytes
    peeled_kind: bytes
    ref: bytes
    dated: bytes = b""
    subject: bytes = b""

    def tag(self, *, reachable: bool) -> Tag:
        name = os.fsdecode(self.ref.removeprefix(b"refs/tags/"))
        leads_to_commit = (self.peeled_kind or self.kind) == b"commit"
        object_id, kind, peeled, dated = (
            each.decode("ascii") for each in (self.object_id, self.kind, self.peeled, self.dated)
        )
        commit = peeled if leads_to_commit else ""
        return Tag(name, object_id, kind, reachable, commit, dated, self.subject.decode("utf-8", "replace"))


def lines_of(output: bytes) -> list[bytes]:
    """Split git's output where it ends its lines; a carriage return is part of what it tells."""
    return output.split(b"\n")[:-1]


def _row(line: bytes) -> _Row:
    names, dated, subject = line.split(b"\0", 2)
    object_id, kind, peeled, peeled_kind, ref = names.split(b" ")  # No field can hold a space.
    return _Row(object_id, kind, peeled or object_id, peeled_kind, ref, dated, subject)


def _broken(listing: Finished, folders: tuple[str, ...]) -> list[Tag]:
    """Find the refs that git leaves out with a warning: empty or garbled files."""
    below = tuple(os.fsencode(folder) for folder in folders)
    return [
        _Row(b"", b"missing", b"", b"", ref).tag(reachable=False)
        for ref in WARNED.findall(listing.stderr)
        if ref.startswith(below)
    ]


def _request(revision: str, path: str) -> bytes:
    """Write what `cat-file` calls an object: see gitrevisions(7), `<rev>:<path>`."""
    full = revision == "HEAD" or revision.startswith("refs/") or _OBJECT_ID.fullmatch(revision)
    if not full or NOT_IN_REFS.search(revision):
        raise UsageError(f"{quoted(revision)} is no full ref name or object id")
    if any(part in {"", ".", ".."} for part in path.split("/")):
        raise UsageError(f"{quoted(path)} is no path from the top of a repository")
    return encoded(f"{revision}:{path}")


def subjects(repository: Repository, since: str) -> tuple[str, ...]:
    """List the first lines of the commits that HEAD contains and *since* does not, merges aside.

    Args:
        repository: where HEAD is taken from.
        since: a full ``refs/…`` name or object id.

    Raises:
        GitError: git failed, or there is no such revision.
    """
    if repository.head is None:
        return ()
    # A NUL cannot be part of a message, so the lines between commits cannot be mistaken for one.
    arguments = [
        "rev-list",
        "--no-merges",
        "--encoding=UTF-8",
        "--format=%x00%s",
        repository.head,
        f"^{since}",
        "--",
    ]
    lines = run(arguments, cwd=repository.root, limit=MESSAGE_LIMIT).split(b"\n")
    return tuple(line[1:].decode("utf-8", "replace") for line in lines if line.startswith(b"\0"))
