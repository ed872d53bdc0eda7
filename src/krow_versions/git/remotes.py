"""Remotes, by name only: list their refs, and fetch them."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from krow_versions.errors import GitError, UsageError
from krow_versions.git import validation
from krow_versions.git.configuration import redirecting_keys
from krow_versions.git.process import Reach, execute, failure, run, unexpected
from krow_versions.git.refs import EFFECT_LIMIT, object_ids
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted, shell_word
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from krow_versions.git.configuration import Setting
    from krow_versions.git.repository import Repository


@frozen
class RemoteRef:
    """The object that a branch or tag of a remote names.

    Attributes:
        object_id: the object; for an annotated tag, the tag object.
        peeled: the object that an annotated tag leads to; otherwise *object_id*.
    """

    object_id: str
    peeled: str


@frozen
class RemoteState:
    """What a remote has of the refs that it was asked for.

    Attributes:
        refs: branches and tags that exist, by full name.
        head: the full name of the branch that its HEAD names, if that exists; its value is in *refs*, too.
    """

    refs: Mapping[str, RemoteRef]
    head: str | None = None


@frozen
class DifferingTag:
    """A tag that differs between this repository and a remote; the one here was kept.

    Attributes:
        ref: its full name.
        ours: the object that it names here.
        theirs: the object that it names on the remote.
    """

    ref: str
    ours: str
    theirs: str


def remote_names(repository: Repository) -> tuple[str, ...]:
    """List the names of the remotes, as ``git remote`` does.

    Raises:
        GitError: git failed.
    """
    return names_of_remotes(repository.settings())


def names_of_remotes(settings: Iterable[Setting]) -> tuple[str, ...]:
    """List the names of the remotes of a configuration, in order."""
    found = (_REMOTE.fullmatch(each.key) for each in settings)
    return tuple(sorted({match[1] for match in found if match}))


def require_remote(repository: Repository, remote: str) -> None:
    """Raise unless *remote* is the name of a remote: a URL or an option could name programs to run.

    Raises:
        UsageError: there is no remote of that name.
    """
    names = remote_names(repository)
    if remote not in names:
        raise UsageError(
            f"there is no remote {quoted(remote)} here",
            hint=f"remotes are {', '.join(map(quoted, names))}"
            if names
            else "git remote add NAME URL adds one",
        )
    validation.full(f"refs/remotes/{remote}")  # Rejects what looks like an option too.


def require_not_redirected(repository: Repository, remote: str, *, fetching: bool = False) -> None:
    """Raise when the repository's own configuration decides how the remote is reached, or fetched from."""
    if found := redirecting_keys(repository.root, repository.settings(), remote, fetching=fetching):
        keys = ", ".join(map(quoted, found))
        raise GitError(
            f"{quoted(remote)} was not asked: the repository's own configuration says which program runs, or "
            f"where it connects and writes: {keys}",
            hint="if you trust it, set it in your own configuration (git config --global), and take it out "
            "here: " + "; ".join(f"git config --unset-all {shell_word(key)}" for key in found),
        )


def remote_refs(
    repository: Repository,
    remote: str,
    patterns: Sequence[str],
    *,
    timeout: float = EFFECT_LIMIT,
    reach: Reach = Reach.ASK,
) -> dict[str, RemoteRef]:
    """List branches and tags of a remote that exist, by full name, without fetching them."""
    return dict(ask_remote(repository, remote, patterns, timeout=timeout, reach=reach).refs)


def ask_remote(
    repository: Repository,
    remote: str,
    patterns: Sequence[str],
    *,
    head: bool = False,
    timeout: float = EFFECT_LIMIT,
    reach: Reach = Reach.ASK,
) -> RemoteState:
    """Ask a remote for branches and tags, and with *head* for its default branch; one process.

    A pattern is a full name, or a folder such as ``refs/tags/krow-withus-web/*`` with everything below.
    *reach* is ``ACT`` as a part of a fetch or push.

    Raises:
        UsageError: there is no such remote, or a pattern of another form.
        GitError: the remote cannot be asked, or only with a program that the repository names.
    """
    wanted = [validation.pattern(pattern) for pattern in patterns]
    require_remote(repository, remote)
    if not wanted and not head:
        return RemoteState({})
    # git-ls-remote(1) matches the end of names; a peeled tag must be asked for by its own name.
    names = [*wanted, *(f"{each}^{{}}" for each in wanted if not each.endswith("*"))]
    names += ["HEAD"] if head else []
    options = ["--quiet", "--symref"] if head else ["--quiet"]
    arguments = [*NOT_INTERACTIVE, "ls-remote", *options, "--", remote, *names]
    if reach is Reach.ASK:
        require_not_redirected(repository, remote)
    output = run(arguments, cwd=repository.root, timeout=timeout, reach=reach)
    own: dict[str, str] = {}
    peeled: dict[str, str] = {}
    default = None
    *lines, rest = output.split(b"\n")
    if rest:
        raise unexpected(["ls-remote"], output, repository.root)
    for line in lines:
        object_id, tab, ref = line.partition(b"\t")
        if not tab:
            raise unexpected(["ls-remote"], output, repository.root)
        name = os.fsdecode(ref.removesuffix(b"^{}"))
        if name == "HEAD" and object_id.startswith(b"ref: refs/heads/"):
            default = validation.name(os.fsdecode(object_id.removeprefix(b"ref: ")))
        elif name == "HEAD" and default is not None:
            own[default] = object_id.decode("ascii")
        if any(name == each or (each[-1] == "*" and name.startswith(each[:-1])) for each in wanted):
            (peeled if ref.endswith(b"^{}") else own)[name] = object_id.decode("ascii")
    refs = {name: RemoteRef(object_id, peeled.get(name, object_id)) for name, object_id in own.items()}
    return RemoteState(refs, default)


def fetch(
    repository: Repository, remote: str, refs: Sequence[str], *, timeout: float = EFFECT_LIMIT
) -> tuple[DifferingTag, ...]:
    """Fetch branches of a remote to ``refs/remotes/REMOTE/…``, and its tags to ``refs/tags/…``.

    The refspecs of the user's configuration are not used: nothing is deleted, no local branch moves, no
    tag is replaced, no submodule is fetched, and no maintenance runs in the background. A ref is a full
    name, which must exist, or a folder such as ``refs/heads/hotfix/*``.

    Returns:
        The tags that differ from the remote's; those here were kept, and everything else was fetched.

    Raises:
        UsageError: there is no such remote, or a ref of another form.
        GitError: git failed, a ref does not exist, or a ref could not be updated.
    """
    wanted = [validation.pattern(ref) for ref in refs]
    require_remote(repository, remote)
    if not wanted:
        return ()
    arguments = [*NOT_INTERACTIVE, *QUIET_FETCH, "--", remote, *(_refspec(remote, ref) for ref in wanted)]
    finished = execute(arguments, cwd=repository.root, timeout=timeout, reach=Reach.ACT)
    if not finished.returncode:
        return ()
    error = failure(arguments, finished, repository.root)
    if finished.returncode != _SOME_REFUSED:
        raise error
    theirs = remote_refs(repository, remote, wanted, timeout=timeout, reach=Reach.ACT)
    ours = object_ids(repository, [_destination(remote, ref) for ref in wanted])
    differing = []
    for ref, there in theirs.items():
        here = ours.get(_destination(remote, ref))
        if here != there.object_id:
            if here is None or not ref.startswith("refs/tags/"):
                raise error
            differing.append(DifferingTag(ref, here, there.object_id))
    if not differing:
        raise error
    return tuple(sorted(differing, key=lambda tag: tag.ref))


# remote.c ignores names that begin with a slash.
_REMOTE = regex(r"remote\.([^/].*)\.[^.]*", re.DOTALL)
NOT_INTERACTIVE = ("-c", "credential.interactive=false")
# git-config(1): `fetch.prune`, `remote.NAME.tagOpt`, `submodule.recurse` and others change these defaults.
QUIET_FETCH = (
    "fetch",
    "--quiet",
    "--refmap=",
    "--no-tags",
    "--no-force",
    "--no-prune",
    "--no-prune-tags",
    "--no-auto-maintenance",
    "--no-recurse-submodules",
    "--no-write-fetch-head",
)
_SOME_REFUSED = 1


def _destination(remote: str, ref: str) -> str:
    if ref.startswith("refs/tags/"):
        return ref
    return f"refs/remotes/{remote}/{ref.removeprefix('refs/heads/')}"


def _refspec(remote: str, ref: str) -> str:
    forced = "" if ref.startswith("refs/tags/") else "+"  # A remote-tracking branch follows its remote.
    return f"{forced}{ref}:{_destination(remote, ref)}"
