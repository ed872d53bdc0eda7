"""A repository: its tags, its configuration, and files at commits, each in one or two git processes."""

from __future__ import annotations

import contextlib
import functools
import re
from typing import TYPE_CHECKING

from krow_versions import files
from krow_versions.errors import FileTooLarge, GitError, UsageError
from krow_versions.git.ancestry import read_graph
from krow_versions.git.configuration import read_settings
from krow_versions.git.process import encoded, execute, failure, run, unexpected
from krow_versions.git.ref_list import NOT_IN_REFS, list_refs
from krow_versions.git.running import MESSAGE_LIMIT, OUTPUT_LIMIT
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from krow_versions.git.configuration import Setting

FILE_LIMIT = 64 << 20
"""Bytes of one file at one commit, by default."""
TOTAL_LIMIT = OUTPUT_LIMIT - (1 << 20)
"""Bytes of all files that are read together."""


@frozen
class Tag:
    """A tag as git stores it.

    Attributes:
        name: the name without ``refs/tags/``.
        object_id, object_type, commit, dated, subject: as in :class:`Ref`.
        reachable: whether HEAD contains it. Unreliable in a shallow repository.
    """

    name: str
    object_id: str
    object_type: str
    reachable: bool
    commit: str = field(default="", eq=False)
    dated: str = field(default="", eq=False)
    subject: str = field(default="", eq=False)


@frozen
class Repository:
    """A work tree, with the HEAD that :func:`open_repository` found.

    Attributes:
        root: absolute path of the work tree, symbolic links resolved.
        common_dir: absolute path of git's own folder, the same for all linked worktrees:
            gitrepository-layout(5).
        git_dir: absolute path of the folder with the state of this work tree, such as a merge under way.
        head: commit id of HEAD, None on a branch without a commit.
        branch: full name such as ``refs/heads/main``, None when HEAD is detached.
        shallow: whether it is a shallow clone, in which ancestry is unreliable.
    """

    root: str
    common_dir: str
    git_dir: str
    head: str | None
    branch: str | None
    shallow: bool

    def settings(self) -> tuple[Setting, ...]:
        """Return the configuration in force; read once, until the repository is opened again.

        Raises:
            GitError: git failed.
        """
        return self._settings

    @functools.cached_property
    def _settings(self) -> tuple[Setting, ...]:
        return read_settings(self.root)

    def under_way(self) -> str | None:
        """Return the operation that git has not finished here, such as ``merge`` or ``rebase``, or None."""
        for name, operation in _OPERATIONS.items():
            if files.status(name, root=self.git_dir) is not None:
                return operation
        return None

    def tags(self, prefixes: Sequence[str]) -> tuple[Tag, ...]:
        """List the tags in some folders of tags, each once, in order of their names.

        Two processes; a damaged tag costs more, see :func:`list_refs`.

        Args:
            prefixes: folders below ``refs/tags/``, such as ``krow-withus-web`` for
                ``krow-withus-web/prod-v0.1.0``; the empty string for all tags.

        Raises:
            UsageError: a prefix cannot be part of a tag's name.
            GitError: git failed, or the history of HEAD is damaged.
        """
        refs = list_refs(self.root, map(_tag_folder, prefixes), common=self.common_dir)
        history = read_graph(self.root, [self.head] if refs and self.head else []).parents
        return tuple(
            Tag(
                each.ref.removeprefix("refs/tags/"),
                each.object_id,
                each.object_type,
                each.commit in history,
                each.commit,
                each.dated,
                each.subject,
            )
            for each in refs
        )

    def blobs(
        self, wanted: Sequence[tuple[str, str]], *, limits: Mapping[str, int] | None = None
    ) -> tuple[bytes | FileTooLarge | None, ...]:
        """Read files as they are in commits; one process, or two where there are many or large ones.

        Sizes are read before contents: three gigabytes of zeros are two megabytes in a clone.
        A symbolic link gives the text of the link, as git stores it.

        Args:
            wanted: pairs of a revision (``HEAD``, a full ``refs/…`` name or a full object id; tags are
                peeled) and a path from the top of the repository. A path with a line break, or a
                carriage return at its end (git drops it), needs git 2.38.
            limits: the largest size in bytes by path; :data:`FILE_LIMIT` for the others.

        Returns:
            The content for each pair, in their order. None where the revision has no such file, and
            also where the revision does not exist: ask only for revisions that :meth:`tags` listed as
            readable. An error, not raised, for a file over its limit.

        Raises:
            UsageError: a revision or path of another form.
            FileTooLarge: all files together are over :data:`TOTAL_LIMIT` bytes.
            Unsupported: a file is missing in a partial clone.
            GitError: git failed, or an object is corrupt.
        """
        return self.read(wanted, limits=limits)[0]

    def read(
        self,
        wanted: Sequence[tuple[str, str]],
        *,
        limits: Mapping[str, int] | None = None,
        ids: Collection[str] = (),
        limit: int = 0,
        total: int = 0,
    ) -> tuple[tuple[bytes | FileTooLarge | None, ...], dict[str, bytes | None]]:
        """Read files as :meth:`blobs` does, and further ones by the ids of their contents, together.

        Args:
            wanted: as of :meth:`blobs`.
            limits: as of :meth:`blobs`.
            ids: full ids of contents.
            limit: the largest size of these in bytes.
            total: the largest size of all of these together; the first ones come first.

        Returns:
            The answers of :meth:`blobs`; and by id, None for one over *limit* or *total*.
        """
        limits = limits or {}
        requests = {pair: _request(*pair) for pair in wanted}
        more = {each: encoded(each) for each in dict.fromkeys(ids)}
        objects, contents = _looked_up(self.root, dict.fromkeys((*requests.values(), *more.values())))
        found: dict[tuple[str, str], bytes | FileTooLarge | None] = dict.fromkeys(requests)
        fitting: dict[tuple[str, str], _Object] = {}
        for pair, request in requests.items():
            known, most = objects[request], limits.get(pair[1], FILE_LIMIT)
            if known is not None and known.size > most:
                found[pair] = FileTooLarge(f"{known.size} bytes, over the limit of {most} for such a file")
            elif known is not None:
                fitting[pair] = known
        small: dict[str, _Object] = {}
        for each, request in more.items():
            known = objects[request]
            if known is not None and known.size <= min(limit, total):
                small[each] = known
                total -= known.size
        needed = dict.fromkeys((*fitting.values(), *small.values()))
        _require_small(needed, self.root)
        if contents is None:
            contents = _contents(self.root, needed)
        found |= {pair: contents[known] for pair, known in fitting.items()}
        by_id = dict.fromkeys(more) | {each: contents[known] for each, known in small.items()}
        return tuple(found[pair] for pair in wanted), by_id


def subjects(repository: Repository, commits: Collection[str]) -> dict[str, str]:
    """Return the first line of the message of each commit, by its full id; one process.

    Raises:
        GitError: git failed, or an id is not a commit of this repository.
    """
    if not commits:
        return {}
    # No message can hold a NUL, so only header lines begin with one.
    arguments = ["rev-list", "--no-walk=unsorted", "--encoding=UTF-8", "--format=%x00%H %s", "--stdin"]
    stdin = encoded("".join(f"{commit}\n" for commit in commits))
    lines = run(arguments, cwd=repository.root, stdin=stdin, limit=MESSAGE_LIMIT).split(b"\n")
    pairs = (line[1:].partition(b" ") for line in lines if line.startswith(b"\0"))
    return {commit.decode("ascii"): subject.decode("utf-8", "replace") for commit, _, subject in pairs}


# The files of an unfinished operation: gitrepository-layout(5), and wt-status.c.
_OPERATIONS = {
    "rebase-merge": "rebase",
    "rebase-apply": "rebase or am",
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "BISECT_LOG": "bisect",
}
_OBJECT_ID = regex(r"[0-9a-f]{40}|[0-9a-f]{64}")
_HEADER = regex(rb"([0-9a-f]{40,64}) ([a-z]+) ([0-9]+)\n")
_SUBMODULE = regex(rb"[0-9a-f]{40,64} submodule\n")  # Newer versions; others print `missing`.
_ERROR = regex(rb"^(?:error|fatal): ", re.MULTILINE)


def _tag_folder(prefix: str) -> str:
    """Return the pattern of `for-each-ref` that matches everything in a folder of tags, and nothing else."""
    if NOT_IN_REFS.search(prefix):
        raise UsageError(f"{quoted(prefix)} cannot be the beginning of a tag's name")
    return f"refs/tags/{prefix}/" if prefix else "refs/tags/"


def _request(revision: str, path: str) -> bytes:
    """Return the name of a file at a revision, `<rev>:<path>` of gitrevisions(7)."""
    full = revision == "HEAD" or revision.startswith("refs/") or _OBJECT_ID.fullmatch(revision)
    if not full or NOT_IN_REFS.search(revision):
        raise UsageError(f"{quoted(revision)} is no full ref name or object id")
    if any(part in {"", ".", ".."} for part in path.split("/")):
        raise UsageError(f"{quoted(path)} is no path from the top of a repository")
    return encoded(f"{revision}:{path}")


@frozen
class _Object:
    """The content of a file; files with equal content are one object."""

    object_id: bytes
    size: int


def _framing(requests: Collection[bytes]) -> tuple[bytes, list[str]]:
    """Return the end of each request, and the options for it. ``-z`` needs git 2.38: only if necessary."""
    needs_nul = any(b"\n" in request or request.endswith(b"\r") for request in requests)
    return (b"\0", ["-z"]) if needs_nul else (b"\n", [])


def _objects(root: str, requests: Collection[bytes]) -> list[_Object | None]:
    """Read id and size of each file; None for a file that does not exist."""
    end, options = _framing(requests)
    arguments = ["cat-file", "--batch-check", "--buffer", *options]
    output = _cat_file(root, arguments, b"".join(request + end for request in requests))
    parsed = _parsed(output, requests)
    if parsed is None:
        raise unexpected(arguments, output, root)
    return parsed[0]


def _parsed(
    output: bytes, requests: Collection[bytes], *, whole: bool = False
) -> tuple[list[_Object | None], dict[_Object, bytes]] | None:
    """Parse the output of `cat-file --batch-check` or, if *whole*, of `cat-file --batch`.

    Returns:
        The objects and, if *whole*, their contents; None if the output has another form.
    """
    objects: list[_Object | None] = []
    contents: dict[_Object, bytes] = {}
    at = 0
    for request in requests:
        known = None
        if header := _HEADER.match(output, at):
            object_id, kind, size = header.groups()
            at = header.end()
            known = _Object(object_id, int(size)) if kind == b"blob" else None
            if whole:
                end = at + int(size)
                if output[end : end + 1] != b"\n":
                    return None
                if known is not None:
                    contents[known] = output[at:end]
                at = end + 1
        elif output.startswith(missing := request + b" missing\n", at):
            at += len(missing)
        elif submodule := _SUBMODULE.match(output, at):
            at = submodule.end()
        else:
            return None
        objects.append(known)
    return (objects, contents) if at == len(output) else None


def _require_small(objects: Collection[_Object], root: str) -> None:
    if (total := sum(known.size for known in objects)) > TOTAL_LIMIT:
        raise FileTooLarge(
            f"{len(objects)} versions of the files that are needed hold {total >> 20} MiB together, over the "
            f"limit of {TOTAL_LIMIT >> 20} MiB",
            path=root,
            hint="name one product at a time; git log --stat shows which file is so large",
        )


def _looked_up(
    root: str, requests: Collection[bytes]
) -> tuple[dict[bytes, _Object | None], dict[_Object, bytes] | None]:
    """Look up id and size of each file, with the contents if there are few and they are small."""
    if not requests:
        return {}, {}
    if len(requests) <= _MOST_AT_ONCE:
        with contextlib.suppress(GitError):  # They are too large, or the usual way says what is wrong.
            end, options = _framing(requests)
            arguments = ["cat-file", "--batch", "--buffer", *options]
            stdin = b"".join(request + end for request in requests)
            output = _cat_file(root, arguments, stdin, limit=_AT_ONCE_LIMIT)
            parsed = _parsed(output, requests, whole=True)
            if parsed is not None:
                return dict(zip(requests, parsed[0], strict=True)), parsed[1]
    return dict(zip(requests, _objects(root, requests), strict=True)), None


_MOST_AT_ONCE = 2000
_AT_ONCE_LIMIT = 32 << 20


def _contents(root: str, objects: Collection[_Object]) -> dict[_Object, bytes]:
    """Read each object once."""
    if not objects:
        return {}
    arguments = ["cat-file", "--batch", "--buffer"]
    output = _cat_file(root, arguments, b"".join(known.object_id + b"\n" for known in objects))
    parsed = _parsed(output, [known.object_id for known in objects], whole=True)
    if parsed is None or parsed[1].keys() != set(objects):
        raise unexpected(arguments, output, root)
    return parsed[1]


def _cat_file(root: str, arguments: Sequence[str], stdin: bytes, *, limit: int = OUTPUT_LIMIT) -> bytes:
    """Run `cat-file`, which reports a corrupt object as `missing`, with exit code 0 and an error message."""
    finished = execute(arguments, cwd=root, stdin=stdin, limit=limit)
    if finished.returncode or _ERROR.search(finished.stderr):
        raise failure(arguments, finished, root)
    return finished.stdout
