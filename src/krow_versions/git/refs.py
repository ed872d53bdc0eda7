"""Single refs: read, require, update; create an annotated tag, which never moves."""

from __future__ import annotations

import contextlib
import getpass
import os
import re
from typing import TYPE_CHECKING

from krow_versions.errors import GitError, InputError, RefConflict, UsageError
from krow_versions.git import validation
from krow_versions.git.locks import require_unlocked
from krow_versions.git.process import Reach, execute, failure, last_lines, run, unexpected
from krow_versions.git.ref_list import list_refs
from krow_versions.git.running import MESSAGE_LIMIT
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from krow_versions.git.ref_list import Ref
    from krow_versions.git.repository import Repository

EFFECT_LIMIT = 300.0
"""Seconds for a command that changes a repository or asks a remote: hooks, filters, signing, networks."""


def branches(repository: Repository, refs: Sequence[str]) -> tuple[Ref, ...]:
    """List the branches that *refs* name, or that are below one of them that ends in ``/``, by name.

    A ref that does not point at a commit of this repository is left out.

    Raises:
        UsageError: a name that no ref can have.
        GitError: git failed.
    """
    return tuple(each for each in list_refs(repository.root, refs) if each.object_type == "commit")


def read_ref(repository: Repository, ref: str) -> Ref | None:
    """Read one branch or tag, by its full name; None when there is none.

    Raises:
        UsageError, GitError: as :func:`read_refs` says.
    """
    return read_refs(repository, [ref]).get(ref)


def read_refs(repository: Repository, refs: Iterable[str]) -> dict[str, Ref]:
    """Read branches and tags, by their full names; those that do not exist are left out. One process.

    Raises:
        UsageError: no full ref name.
        GitError: git failed, or a ref exists but cannot be read.
    """
    found = {each.ref: each for each in list_refs(repository.root, map(validation.full, refs))}
    for ref, each in found.items():
        if each.object_type == "missing":
            raise GitError(f"{quoted(ref)} cannot be read", hint="git fsck shows what is broken")
    return found


def resolve(repository: Repository, ref: str) -> str | None:
    """Return the id of the commit that a branch or tag leads to; None when there is no such ref.

    Raises:
        UsageError: no full ref name.
        GitError: git failed, or the ref leads to no commit.
    """
    found = read_ref(repository, ref)
    if found is not None and not found.commit:
        raise GitError(f"{quoted(ref)} names a {found.object_type} that leads to no commit")
    return found.commit if found else None


def object_ids(repository: Repository, patterns: Iterable[str]) -> dict[str, str]:
    """Return the object id of each ref, by full name; a pattern is one, or a folder of refs with ``/*``."""
    wanted = tuple(validation.full(each.removesuffix("/*")) for each in patterns)
    if not wanted:
        return {}
    lines = run(["for-each-ref", "--format=%(objectname) %(refname)", *wanted], cwd=repository.root)
    pairs = (line.split(b" ", 1) for line in lines.split(b"\n") if line)
    return {os.fsdecode(ref): object_id.decode("ascii") for object_id, ref in pairs}


def require_commit(repository: Repository, commit: str) -> None:
    """Raise a ``UsageError`` unless the object id is a commit of this repository."""
    validation.object_id(commit)
    request = f"{commit}^{{commit}}\n".encode("ascii")
    answer = run(["cat-file", "--batch-check"], cwd=repository.root, stdin=request)
    found = _CHECKED.fullmatch(answer)
    if found is None or found[1].decode("ascii") != commit:
        raise UsageError(f"{quoted(commit)} is no commit of this repository")


def require_room(repository: Repository, ref: str) -> None:
    """Raise a ``RefConflict`` when a ref that exists is a folder of this name, or the other way round."""
    parts = ref.split("/")
    above = ["/".join(parts[:end]) for end in range(3, len(parts))]
    for found in object_ids(repository, [ref, *above]):
        if found in above or found.startswith(f"{ref}/"):
            raise RefConflict(
                f"{quoted(ref)} cannot be made: {quoted(found)} is there, and git keeps one as the folder "
                "of the other",
                hint="rename or delete the one that is there, or choose another name",
            )


def update_refs(
    repository: Repository, commands: Iterable[str], *, message: str, timeout: float = EFFECT_LIMIT
) -> None:
    """Create, move or delete refs together, all or none; each only from its expected value.

    The commands are lines of ``git update-ref --stdin``, made of validated names; *message* is the entry
    in the reflog.

    Raises:
        GitError: a ref did not have its expected value, or is locked, or a hook declined.
    """
    run(
        ["update-ref", "--no-deref", "-m", message, "--stdin"],
        cwd=repository.root,
        stdin=b"".join(os.fsencode(line) + b"\n" for line in commands),
        timeout=timeout,
        reach=Reach.ACT,
    )


def create_tag(
    repository: Repository,
    tag: str,
    commit: str,
    message: str,
    *,
    sign: bool = False,
    timeout: float = EFFECT_LIMIT,
) -> str:
    """Create an annotated tag unless it exists; signed with *sign*, or when ``tag.gpgSign`` is set.

    The message is kept as it is, lines that begin with ``#`` too; a line break is added at its end when
    it has none, because a signature must begin a line. *tag* is a full name, *commit* a full id.

    Returns:
        The id of the tag object; of the existing one if it is annotated and names that commit.

    Raises:
        UsageError: an invalid name, id or message, or no such commit.
        RefConflict: a tag of that name exists, but is lightweight or names something else; or another
            ref needs the same path.
        InputError: git does not know who the tagger is.
        Busy: the tag is locked.
        GitError: git, or signing, failed; the tag does not exist.
    """
    short = validation.tag(tag)
    content = message_content(message)
    require_commit(repository, commit)
    if found := read_ref(repository, tag):
        _require_same(short, found, commit)
        return found.object_id
    require_room(repository, tag)
    committer(repository)
    require_unlocked(repository, [tag])
    arguments = [*making(sign=sign), "--", short, commit]
    error = None
    try:
        finished = execute(arguments, cwd=repository.root, stdin=content, timeout=timeout, reach=Reach.ACT)
        if finished.returncode:
            error = failure(arguments, finished, repository.root)
    except GitError as stopped:
        error = stopped
    made = read_ref(repository, tag)
    if made is None:
        raise error or GitError(f"git reported success, but there is no tag {quoted(short)}")
    _require_same(short, made, commit)
    return made.object_id


def tag_message(repository: Repository, object_id: str) -> str:
    """Read the message of an annotated tag, by its full id, without a signature and with bytes replaced.

    Raises:
        UsageError: no full id.
        GitError: git failed, or there is no such tag.
    """
    arguments = ["cat-file", "tag", validation.object_id(object_id)]
    content = run(arguments, cwd=repository.root, limit=MESSAGE_LIMIT)
    message = content.partition(b"\n\n")[2].decode("utf-8", "replace")
    return _SIGNATURE.split(message)[0]


def committer(repository: Repository) -> str:
    """Return the name with which git commits and tags here.

    Raises:
        InputError: git does not know it.
        GitError: git was killed.
    """
    arguments = ["var", "GIT_COMMITTER_IDENT"]
    finished = execute(arguments, cwd=repository.root)
    if finished.returncode < 0:
        raise failure(arguments, finished, repository.root)
    if finished.returncode:
        reason = last_lines(finished.stderr).rpartition("; ")[2]
        raise InputError(
            f"git does not know who commits and tags here: {reason}",
            hint="git config user.name 'Your Name', and git config user.email you@example.com",
        )
    match = _IDENTITY.fullmatch(finished.stdout)
    if match is None:
        raise unexpected(arguments, finished.stdout, repository.root)
    return match[1].decode("utf-8", "replace")


def identity(repository: Repository) -> str:
    """Return the name of :func:`committer`; where git knows none, as on a runner of CI, that of the login.

    It is empty where the account has no name either, as in some containers.
    """
    try:
        return committer(repository)
    except InputError:
        with contextlib.suppress(KeyError, OSError):
            return getpass.getuser()
        return ""


_SIGNATURE = regex(r"^-----BEGIN [A-Z ]+-----$", re.MULTILINE)
_CHECKED = regex(rb"([0-9a-f]{40,64}) commit [0-9]+\n")
_IDENTITY = regex(rb"(.*?) ?<[^<>]*> [0-9]+ [+-][0-9]+\n")


def making(*, sign: bool) -> list[str]:
    """Give the arguments with which git makes the object of a tag; its message is the input."""
    # ``--annotate`` would switch ``tag.forceSignAnnotated`` off: git-config(1).
    return ["tag", "--sign" if sign else "--annotate", "--cleanup=verbatim", "--file=-"]


def message_content(message: str) -> bytes:
    """Encode the message of a tag, with a line break at its end."""
    if "\0" in message or not message.strip():
        raise UsageError("the message of a tag needs some text, without NUL")
    try:
        return (message if message.endswith("\n") else f"{message}\n").encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(
            f"the message of the tag holds {quoted(message[error.start])}, which is no character"
        ) from None


def _require_same(short: str, found: Ref, commit: str) -> None:
    if found.object_type == "tag" and found.commit == commit:
        return
    if found.commit == commit:
        what = "a lightweight one, without date and message"
    elif found.commit:
        what = f"at {found.commit}, not at {commit}"
    else:
        what = f"a {found.object_type} that leads to no commit"
    raise RefConflict(
        f"the tag {quoted(short)} is there already: {what}",
        hint="a release that is out keeps its tag; see who made it: git show",
    )
