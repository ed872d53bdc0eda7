"""Annotated tags: made once, signed where the user signs, never moved."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from krow_versions.errors import GitError, InputError, RefConflict, UsageError
from krow_versions.git import validation
from krow_versions.git.process import Reach, execute, failure, last_words, unexpected
from krow_versions.git.refs import EFFECT_LIMIT, read_ref, require_commit, require_room
from krow_versions.git.working_tree import require_unlocked
from krow_versions.text.escaping import quoted

if TYPE_CHECKING:
    from krow_versions.git.ref_list import Ref
    from krow_versions.git.repository import Repository


def create_tag(
    repository: Repository, tag: str, commit: str, message: str, *, timeout: float = EFFECT_LIMIT
) -> str:
    """Make an annotated tag, unless it is there; signed where ``tag.gpgSign`` says so.

    The message is kept as it is, lines that begin with ``#`` too; a line break at its end is added
    where it has none, because a signature must begin a line.

    Args:
        repository: where.
        tag: full name, ``refs/tags/…``.
        commit: full id of a commit.
        message: what the tag says.
        timeout: seconds, signing included.

    Returns:
        The id of the tag object; the same when an annotated tag of that name names that commit.

    Raises:
        UsageError: a name, id or message that cannot be, or no such commit.
        RefConflict: a tag of that name is there, but lightweight, or names something else; or another name
            excludes it.
        InputError: git does not know who tags.
        Busy: the tag is locked.
        GitError: git, or signing, failed; there is no such tag.
    """
    short = validation.tag(tag)
    content = _content(message)
    require_commit(repository, commit)
    if found := read_ref(repository, tag):
        _require_same(short, found, commit)
        return found.object_id
    require_room(repository, tag)
    committer(repository)
    require_unlocked(repository, [tag])
    arguments = ["tag", "--annotate", "--cleanup=verbatim", "--file=-", "--", short, commit]
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


def committer(repository: Repository) -> str:
    """Give the name under which git commits and tags here, for records.

    Raises:
        InputError: git does not know it.
        GitError: git was killed.
    """
    arguments = ["var", "GIT_COMMITTER_IDENT"]
    finished = execute(arguments, cwd=repository.root)
    if finished.returncode < 0:
        raise failure(arguments, finished, repository.root)
    if finished.returncode:
        last = last_words(finished.stderr).rpartition("; ")[2]
        raise InputError(
            f"git does not know who commits and tags here: {last}",
            hint="git config user.name 'Your Name', and git config user.email you@example.com",
        )
    match = _IDENTITY.fullmatch(finished.stdout)
    if match is None:
        raise unexpected(arguments, finished.stdout, repository.root)
    return match[1].decode("utf-8", "replace")


_IDENTITY = re.compile(rb"(.*?) ?<[^<>]*> [0-9]+ [+-][0-9]+\n")


def _content(message: str) -> bytes:
    """Encode a message that git can keep, with a line break at its end."""
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
