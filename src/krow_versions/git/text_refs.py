"""Texts in refs of their own: a commit on each holds one file, and its history is what was pushed before.

Such a ref is no branch and no tag, so no clone, pull or checkout brings it. The ref here has the same name as
on the remote, and is what was last seen there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.git import validation
from krow_versions.git.process import TIME_LIMIT, Reach, encoded, execute, failure, run
from krow_versions.git.remotes import NOT_INTERACTIVE, QUIET_FETCH, require_not_redirected, require_remote
from krow_versions.git.running import MESSAGE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from krow_versions.git.repository import Repository


def commit_text(repository: Repository, path: str, text: str, parents: Sequence[str], message: str) -> str:
    """Make a commit whose only file is *path*, and no ref; three processes, and none of them runs a program.

    Where git does not know who commits here, as on a runner of CI, the commit is made by "krow-versions".

    Args:
        repository: where the objects are written.
        path: the name of the file, without a slash.
        text: its text.
        parents: full ids.
        message: the message of the commit.

    Returns:
        The id of the commit.

    Raises:
        UsageError: a parent is no full id.
        GitError: git failed.
    """
    root = repository.root
    older = [part for each in parents for part in ("-p", validation.object_id(each))]
    blob = run(["hash-object", "-w", "--stdin"], cwd=root, stdin=text.encode("utf-8"))
    entry = b"100644 blob %s\t%s\0" % (blob.strip(), encoded(path))
    tree = run(["mktree", "-z"], cwd=root, stdin=entry).decode("ascii").strip()
    arguments = ["commit-tree", tree, *older]
    stdin = message.encode("utf-8")
    made = execute(arguments, cwd=root, stdin=stdin, settings=_ENCODING)
    if made.returncode:
        made = execute(arguments, cwd=root, stdin=stdin, settings=_ENCODING, variables=_NOBODY)
    if made.returncode:
        raise failure(arguments, made, root)
    return validation.object_id(made.stdout.decode("ascii").strip())


def fetch_texts(
    repository: Repository,
    remote: str,
    refs: Sequence[str],
    *,
    reach: Reach = Reach.ASK,
    timeout: float = TIME_LIMIT,
) -> None:
    """Fetch the commits of refs of texts, and move no ref: :func:`note_texts` does, when the text is read.

    Nothing else is fetched or changed; no hook and no maintenance runs.

    Args:
        repository: where they are fetched to.
        remote: the remote's name.
        refs: their full names; the remote has each of them.
        reach: ``ACT`` as a part of a push; else no program that the repository names runs.
        timeout: seconds.

    Raises:
        UsageError: there is no such remote, or a name of another form.
        GitError: the remote cannot be asked, or only with a program that the repository names; or git failed.
    """
    wanted = [validation.name(ref) for ref in refs]
    require_remote(repository, remote)
    if not wanted:
        return
    if reach is Reach.ASK:
        require_not_redirected(repository, remote, fetching=True)
    # A partial clone needs the contents, too: `--no-filter`.
    arguments = [*NOT_INTERACTIVE, *QUIET_FETCH, "--no-filter", "--no-write-commit-graph", "--", remote]
    run([*arguments, *wanted], cwd=repository.root, timeout=timeout, reach=reach)


def note_texts(repository: Repository, seen: Mapping[str, str]) -> None:
    """Note what the remote has: the commit of each ref of a text; one process, and no hook runs.

    Raises:
        UsageError: no full ref name or id.
        GitError: git failed, or a ref is locked.
    """
    lines = [f"update {validation.name(ref)} {validation.object_id(commit)}" for ref, commit in seen.items()]
    if lines:
        stdin = encoded("\n".join((*lines, "")))
        run(["update-ref", "--no-deref", "-m", "shared", "--stdin"], cwd=repository.root, stdin=stdin)


def parents_of(repository: Repository, commit: str) -> tuple[str, ...]:
    """Give the ids of the parents of a commit, by its id.

    Raises:
        UsageError: no full id.
        GitError: git failed, or there is no such commit.
    """
    text = run(["cat-file", "commit", validation.object_id(commit)], cwd=repository.root, limit=MESSAGE_LIMIT)
    lines = (line.partition(b" ") for line in text.partition(b"\n\n")[0].split(b"\n"))
    return tuple(value.decode("ascii") for name, _, value in lines if name == b"parent")


def kind_of(repository: Repository, object_id: str) -> str:
    """Give the kind of an object: ``commit``, ``tree``, ``blob`` or ``tag``.

    Raises:
        UsageError: no full id.
        GitError: git failed, or there is no such object.
    """
    return (
        run(["cat-file", "-t", validation.object_id(object_id)], cwd=repository.root).decode("ascii").strip()
    )


_ENCODING = {"i18n.commitEncoding": "UTF-8"}
_NOBODY = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "krow-versions"), ("EMAIL", "krow-versions@localhost"))
}
