"""Make a tag in two steps: the object first, and the ref only when the remote has the tag.

A tag that is here and nowhere else looks like a release that is out. ``git tag`` makes object and ref at
once, and only it signs as the user has configured. So it runs in a small repository of its own, in git's own
folder, which uses the objects and the configuration of this one; its refs are thrown away.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from krow_versions import files
from krow_versions.errors import GitError, KrowVersionsError
from krow_versions.git import validation
from krow_versions.git.configuration import flag
from krow_versions.git.inherited import inherited
from krow_versions.git.locks import require_unlocked
from krow_versions.git.objects import is_sha256
from krow_versions.git.opening import first_line
from krow_versions.git.own_folder import FOLDER, own_folder
from krow_versions.git.process import Reach, encoded, execute, failure, run
from krow_versions.git.refs import (
    EFFECT_LIMIT,
    committer,
    making,
    message_content,
    require_room,
    update_refs,
)
from krow_versions.text.escaping import quoted

if TYPE_CHECKING:
    from krow_versions.git.repository import Repository


def tag_object(
    repository: Repository,
    tag: str,
    commit: str,
    message: str,
    *,
    sign: bool = False,
    timeout: float = EFFECT_LIMIT,
) -> str:
    """Make the object of an annotated tag, and no ref; signed with *sign*, or when ``tag.gpgSign`` is set.

    The message is kept as :func:`create_tag` does. A run that was killed leaves a folder in git's own one,
    which the next run removes. Only one run makes a tag at a time.

    Returns:
        The id of the object, which nothing names yet.

    Raises:
        UsageError: an invalid name, id or message.
        InputError: git does not know who the tagger is.
        Busy: another run makes a tag or a merge here.
        UnsafePath: the folder leads out of git's own folder.
        FileSystemError: git's own folder cannot be written.
        GitError: git, or signing, failed.
    """
    short, content = validation.tag(tag), message_content(message)
    arguments = [*making(sign=sign), "--", short, validation.object_id(commit)]
    with own_folder(repository) as home:
        try:
            _prepare(repository, home, long_ids=is_sha256(commit))
            folder = os.path.join(home, _FOLDER)
            finished = execute(
                arguments,
                cwd=repository.root,
                stdin=content,
                timeout=timeout,
                reach=Reach.ACT,
                settings=inherited(repository),
                variables={
                    "GIT_DIR": folder,
                    "GIT_OBJECT_DIRECTORY": os.path.join(home, "objects"),
                    "GIT_WORK_TREE": repository.root,
                },
            )
            if finished.returncode:
                committer(repository)
                raise failure(arguments, finished, repository.root)
            made = first_line(folder, tag)
        finally:
            with contextlib.suppress(KrowVersionsError):  # The next run tries again, and says why.
                files.remove_folder(home, _FOLDER)
    if not made:
        raise GitError(f"git reported success, but there is no tag {quoted(short)}")
    return validation.object_id(made)


def signs_tags(repository: Repository) -> bool:
    """Whether the configuration has annotated tags signed: ``tag.gpgSign``, ``tag.forceSignAnnotated``."""
    settings = repository.settings()
    return any(flag(settings, key) for key in ("tag.gpgsign", "tag.forcesignannotated"))


def verify_tag(repository: Repository, object_id: str, *, timeout: float = EFFECT_LIMIT) -> None:
    """Let git verify the signature of a tag, with the programs and the keys that the user has configured.

    Raises:
        GitError: the signature does not fit the object, or the key is not known to the user's program.
    """
    arguments = ["verify-tag", validation.object_id(object_id)]
    run(arguments, cwd=repository.root, timeout=timeout, reach=Reach.ACT)


def require_taggable(repository: Repository, tag: str, object_id: str) -> None:
    """Raise unless the ref of a new tag could be set now; a hook of the user is asked, too.

    Raises:
        RefConflict: another ref needs the same path.
        Busy: the tag is locked.
        GitError: the tag exists, or a hook declined it.
    """
    commands = [
        "start",
        f"create {validation.name(tag)} {validation.object_id(object_id)}",
        "prepare",
        "abort",
    ]
    try:
        update_refs(repository, commands, message="tag: rehearsed")
    except GitError:
        require_unlocked(repository, [tag])
        require_room(repository, tag)
        raise


def set_tag(repository: Repository, tag: str, object_id: str) -> None:
    """Set the ref of a new tag.

    Raises:
        GitError: the tag exists, or is locked, or a hook declined it.
    """
    update_refs(
        repository, [f"create {validation.name(tag)} {validation.object_id(object_id)}"], message="tag"
    )


def _prepare(repository: Repository, home: str, *, long_ids: bool) -> None:
    """Make the small repository anew."""
    # git follows no include for what says of which kind a repository is: gitrepository-layout(5).
    kind = 'version = 1\n[extensions]\n\tobjectFormat = "sha256"' if long_ids else "version = 0"
    settings = f"[core]\n\trepositoryFormat{kind}\n[include]\n"
    for own in (repository.common_dir + "/config", repository.git_dir + "/config.worktree"):
        path = own.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        settings += f'\tpath = "{path}"\n'
    files.remove_folder(home, _FOLDER)
    files.make_folder(home, f"{_FOLDER}/refs")
    for name, text in (("HEAD", "ref: refs/heads/none\n"), ("config", settings)):
        files.create(home, f"{_FOLDER}/{name}", encoded(text))


_FOLDER = f"{FOLDER}/tagging"
