"""Push several refs in one transaction, all or none, never by force."""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING, NoReturn

from krow_versions.errors import GitError, GitMissing, KrowVersionsError, PushRejected
from krow_versions.git import validation
from krow_versions.git.configuration import is_on_this_machine
from krow_versions.git.inherited import has_hook
from krow_versions.git.locks import KILLED, REMEDY_THERE, named_there, seen
from krow_versions.git.process import Reach, execute, failure, last_lines, run
from krow_versions.git.refs import EFFECT_LIMIT, read_refs
from krow_versions.git.remotes import remote_refs, require_remote
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted, quoted_whole, safe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from krow_versions.git.process import Finished
    from krow_versions.git.repository import Repository


def push(
    repository: Repository, remote: str, refs: Mapping[str, str], *, timeout: float = EFFECT_LIMIT
) -> tuple[str, ...]:
    """Push branches and tags in one transaction: the remote takes all of them or none.

    The user's ``pre-push`` hook and credentials are used. Nothing is forced, and no other tag and no
    submodule is pushed. Pushing again is harmless. *refs* has, by full name of the ref on the remote, the id
    of an object or the full name of a ref here.

    Returns:
        The refs that moved, in order of their names; all of them when the answer was lost and the
        remote was found to have them.

    Raises:
        UsageError: there is no such remote, or a name or id of another form.
        PushRejected: nothing was pushed: the remote, or git, refused a ref; or the hook, the connection
            or git failed, and the remote was asked and does not have it; or it has no transactions.
        GitError: git was stopped or lost the answer, or the remote cannot be asked: it may still arrive.
    """
    specs = [f"{_source(refs[ref])}:{validation.name(ref)}" for ref in sorted(refs)]
    require_remote(repository, remote)
    if not specs:
        return ()
    arguments = [*_PUSH, "--", remote, *specs]
    try:
        finished = execute(arguments, cwd=repository.root, timeout=timeout, reach=Reach.ACT)
    except GitMissing:
        raise
    except GitError as stopped:
        return _ask_what_arrived(repository, remote, refs, stopped, timeout, is_over=False)
    answers = _answers(finished.stdout)
    taken = {ref for ref, (flag, _) in answers.items() if flag in _TAKEN}
    if not finished.returncode and taken == {*refs}:
        return tuple(ref for ref in sorted(refs) if answers[ref][0] != "=")
    refused = {ref: reason for ref, (flag, reason) in answers.items() if flag == "!"}
    is_lost = any(_LOST in reason for reason in refused.values())
    if refused and not is_lost:
        _reject(repository, remote, refused, finished)
    error = failure(arguments, finished, repository.root)
    if _NOT_ATOMIC in finished.stderr:
        hint = "nothing was pushed: main and the tag have to arrive together; update the server's git"
        raise PushRejected(error.message, reasons={}, hint=hint)
    if _SILENT.fullmatch(finished.stderr) and has_hook(repository, "pre-push"):
        error = GitError(f"{error.message}; a hook pre-push is here, and may have refused it")
    is_over = finished.returncode >= 0 and not is_lost
    return _ask_what_arrived(repository, remote, refs, error, timeout, is_over=is_over)


_PUSH = (
    "-c",
    "credential.interactive=false",
    "push",
    "--atomic",
    "--porcelain",
    "--no-force",
    "--no-follow-tags",
    "--recurse-submodules=no",
)
_TAKEN = {" ", "*", "="}
_ANSWER = regex(rb"([ +\-*!=])\t[^\t]*:([^\t:]+)\t(.*)")
_NOT_ATOMIC = b"does not support --atomic"
# All that git says when the hook `pre-push` refuses without a word.
_SILENT = regex(rb"error: failed to push some refs to [^\n]*\n")
_LOST = "failed to report status"
# The reason of a ref that was refused because another one was: send-pack.c, transport.c.
_COLLATERAL = regex(r"atomic (?:push|transaction) fail", re.IGNORECASE)
# A ref is not where it was when the push began: send-pack.c, receive-pack.c, refs.c.
_MOVED = regex(
    r"fetch first|non-fast-forward|already exists|stale info|cannot lock ref|incorrect old value|"
    r"failed to update ref"
)
_REASON = regex(r"\[[^\]]*\] \((.*)\)")


def _source(text: str) -> str:
    return validation.name(text) if _is_name(text) else validation.object_id(text)


def _is_name(source: str) -> bool:
    return source.startswith("refs/")


def _answers(output: bytes) -> dict[str, tuple[str, str]]:
    """Parse git-push(1), "OUTPUT": flag and reason of each ref. With several URLs the worst counts."""
    answers: dict[str, tuple[str, str]] = {}
    for line in output.split(b"\n"):
        if match := _ANSWER.fullmatch(line):
            flag, ref, summary = match[1].decode("ascii"), os.fsdecode(match[2]), match[3]
            if answers.get(ref, ("", ""))[0] != "!":
                text = safe(summary.decode("utf-8", "replace"))
                inner = _REASON.fullmatch(text)
                answers[ref] = (flag, inner[1] if inner else text)
    return answers


def _reject(repository: Repository, remote: str, refused: dict[str, str], finished: Finished) -> NoReturn:
    """Raise with the refs that are the cause first, and the messages of the remote's hooks."""
    reasons = dict(sorted(refused.items(), key=lambda item: (bool(_COLLATERAL.search(item[1])), item[0])))
    listed = ", ".join(f"{quoted(ref)} ({reason})" for ref, reason in reasons.items())
    lines = [line for line in finished.stderr.split(b"\n") if line.startswith(b"remote:")]
    said = last_lines(b"\n".join(lines))
    lock = named_there(finished.stderr)
    if lock:  # A program works there, or was killed, so that another try may help.
        said = f"{_lock_there(repository, remote, lock)}: {KILLED}"
    own = [reason for reason in reasons.values() if not _COLLATERAL.search(reason)]
    error = PushRejected(
        f"{quoted(remote)} refused {listed}{f': {said}' if said else ''}",
        reasons=reasons,
        moved=lock is not None or any(map(_MOVED.search, own or [said])),
        hint=f"nothing was pushed; {REMEDY_THERE if lock else 'git fetch shows what the remote has'}",
    )
    error.lock = lock
    raise error


def _lock_there(repository: Repository, remote: str, path: str) -> str:
    """Name a lock of a remote; since when it is there is known if that is on this machine."""
    with contextlib.suppress(KrowVersionsError):
        urls = run(["remote", "get-url", "--push", "--all", "--", remote], cwd=repository.root).split(b"\n")
        if is_on_this_machine(os.fsdecode(urls[0])) and (lock := seen(path, repository.root)):
            return f"{lock}, on {quoted(remote)}"
    return f"git's lock {quoted_whole(path)} is there, on {quoted(remote)}"


def _ask_what_arrived(
    repository: Repository,
    remote: str,
    refs: Mapping[str, str],
    error: GitError,
    timeout: float,
    *,
    is_over: bool,
) -> tuple[str, ...]:
    """Return the refs if the remote has all of them although its answer was lost; otherwise raise *error*.

    If *is_over*, the remote is not at work on the push any more: what it lacks will not arrive.
    """
    hint = error.hint or "pushing again is harmless"
    try:
        there = remote_refs(repository, remote, [*refs], timeout=timeout, reach=Reach.ACT)
        ours = read_refs(repository, filter(_is_name, refs.values()))
        asked = _same_place(repository, remote)
    except GitError:
        asked, there, ours = False, {}, {}
    if not asked:
        raise GitError(f"{error.message}; whether it arrived is not known", hint=hint) from error
    wanted = {ref: ours[source].object_id if source in ours else source for ref, source in refs.items()}
    lacking = [ref for ref in sorted(refs) if ref not in there or there[ref].object_id != wanted[ref]]
    if lacking:
        missing = ", ".join(map(quoted, lacking))
        message = f"{error.message}; the remote was asked, and does not have {missing}"
        if is_over:
            raise PushRejected(message, reasons={}, hint=error.hint or "nothing was pushed") from error
        raise GitError(message, hint=hint) from error
    return tuple(sorted(refs))


def _same_place(repository: Repository, remote: str) -> bool:
    """Return whether fetch and push use the same URLs: git-config(1), ``remote.NAME.pushurl``."""
    fetched, pushed = (
        run(["remote", "get-url", *options, "--all", "--", remote], cwd=repository.root)
        for options in ((), ("--push",))
    )
    return fetched == pushed
