"""A repository and the questions that are asked of it, each one process whatever the number of tags."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

import attrs

from krow_versions import files
from krow_versions.errors import UsageError
from krow_versions.git import blobs
from krow_versions.git.ancestry import read_graph
from krow_versions.git.pipes import MESSAGE_LIMIT
from krow_versions.git.process import encoded, run
from krow_versions.git.ref_list import NOT_IN_REFS, list_refs
from krow_versions.git.settings import read_settings
from krow_versions.text.escaping import quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from krow_versions.errors import FileTooLarge
    from krow_versions.git.settings import Setting


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

    def settings(self) -> tuple[Setting, ...]:
        """Give all configuration, read when first asked for: a repository opened anew reads it anew.

        Raises:
            GitError: git failed.
        """
        return self._settings

    @functools.cached_property
    def _settings(self) -> tuple[Setting, ...]:
        return read_settings(self.root)

    def under_way(self) -> str | None:
        """Look what git is in the middle of here: ``merge``, ``rebase`` …, or None."""
        for name, operation in _OPERATIONS.items():
            if files.status(name, root=self.git_dir) is not None:
                return operation
        return None

    def tags(self, prefixes: Sequence[str]) -> tuple[Tag, ...]:
        """List the tags below some folders of tags, in order of their names.

        Two processes; see :func:`list_refs` for what a damaged one costs.

        Args:
            prefixes: folders below ``refs/tags/``, such as ``krow-withus-web`` for
                ``krow-withus-web/prod-v0.1.0``; the empty string stands for all tags.

        Returns:
            Each tag once.

        Raises:
            UsageError: a prefix could not be part of a tag's name.
            GitError: git failed, or the history of HEAD is damaged.
        """
        refs = list_refs(self.root, map(_tag_folder, prefixes))
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


# What git leaves in its folder while it waits for the user (gitrepository-layout(5), wt-status.c).
_OPERATIONS = {
    "rebase-merge": "rebase",
    "rebase-apply": "rebase or am",
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "BISECT_LOG": "bisect",
}
_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def _tag_folder(prefix: str) -> str:
    """Make the pattern of `for-each-ref` that matches all below a folder, and nothing else."""
    if NOT_IN_REFS.search(prefix):
        raise UsageError(f"{quoted(prefix)} cannot be the beginning of a tag's name")
    return f"refs/tags/{prefix}/" if prefix else "refs/tags/"


def _request(revision: str, path: str) -> bytes:
    """Write what `cat-file` calls an object: see gitrevisions(7), `<rev>:<path>`."""
    full = revision == "HEAD" or revision.startswith("refs/") or _OBJECT_ID.fullmatch(revision)
    if not full or NOT_IN_REFS.search(revision):
        raise UsageError(f"{quoted(revision)} is no full ref name or object id")
    if any(part in {"", ".", ".."} for part in path.split("/")):
        raise UsageError(f"{quoted(path)} is no path from the top of a repository")
    return encoded(f"{revision}:{path}")


def subjects(repository: Repository, commits: Collection[str]) -> dict[str, str]:
    """Give the first line of some commits' messages, by their ids; one process.

    Args:
        repository: where they are.
        commits: full object ids.

    Raises:
        GitError: git failed, or one of them is no commit that is here.
    """
    if not commits:
        return {}
    # A NUL cannot be part of a message, so the lines between commits cannot be mistaken for one.
    arguments = ["rev-list", "--no-walk=unsorted", "--encoding=UTF-8", "--format=%x00%H %s", "--stdin"]
    stdin = encoded("".join(f"{commit}\n" for commit in commits))
    lines = run(arguments, cwd=repository.root, stdin=stdin, limit=MESSAGE_LIMIT).split(b"\n")
    told = (line[1:].partition(b" ") for line in lines if line.startswith(b"\0"))
    return {commit.decode("ascii"): subject.decode("utf-8", "replace") for commit, _, subject in told}
