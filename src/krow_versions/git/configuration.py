"""What configuration makes git run, and where a repository's own would lead it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from krow_versions.git.process import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from krow_versions.git.repository import Repository

# git-config(1): what steers how a remote is reached, by how its URL begins: programs, and where curl writes
# its cookies, whom it trusts and where it really connects to, with the user's credentials.
_HARMLESS = r"extraheader|postbuffer|version|lowspeedlimit|lowspeedtime|maxrequests|minsessions"
_BY_TRANSPORT = {
    "ssh": r"core\.sshcommand|ssh\.variant",
    "git": r"core\.gitproxy",
    "http": rf"core\.askpass|credential\..*|http\.(?:.*\.)?(?!(?:{_HARMLESS})$)[a-z]+",
}
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_LIKE_SCP = re.compile(r"[^/:]+:(?!:)")  # git-fetch(1): host:path, with no slash before the colon
_HELPER = re.compile(r"[^/:]+::")  # gitremote-helpers(7): runs git-remote-NAME
_FILTER = re.compile(r"filter\.(.*)\.(?:clean|smudge|process|required)", re.DOTALL)
_OWN = {"local", "worktree"}


def without_filters(repository: Repository) -> dict[str, str]:
    """Give the settings that turn off every filter that any configuration names.

    Raises:
        GitError: git failed.
    """
    found = (_FILTER.fullmatch(each.key) for each in repository.settings())
    names = {match[1] for match in found if match}
    off = {"clean": "", "smudge": "", "process": "", "required": "false"}
    return {f"filter.{name}.{part}": value for name in sorted(names) for part, value in off.items()}


def filtered_paths(repository: Repository, paths: Sequence[str]) -> frozenset[str]:
    """Give those of some paths that a filter is set for, by ``.gitattributes``; one process, or none.

    Raises:
        GitError: git failed.
    """
    if not paths:
        return frozenset()
    arguments = ["check-attr", "-z", "--stdin", "filter"]
    stdin = b"".join(os.fsencode(path) + b"\0" for path in paths)
    fields = run(arguments, cwd=repository.root, stdin=stdin).split(b"\0")[:-1]
    rows = zip(fields[::3], fields[2::3], strict=True)
    return frozenset(os.fsdecode(path) for path, value in rows if value not in {b"unspecified", b"unset"})


def steering(repository: Repository, remote: str) -> tuple[str, ...]:
    """List the keys of the repository's own configuration that steer how a remote is asked.

    They can name a program to run, a file to write (``http.cookieFile``), or a server that the user's
    credentials go to. The user's own configuration does not count: a clone cannot bring it. One process.

    Raises:
        GitError: git failed.
    """
    url = os.fsdecode(run(["ls-remote", "--get-url", "--", remote], cwd=repository.root)).removesuffix("\n")
    own = re.escape(f"remote.{remote}.")
    keys = re.compile(rf"{own}(?:uploadpack|vcs|proxy.*)|{_keys_of(url)}", re.DOTALL)
    found = [
        each.key
        for each in repository.settings()
        if each.scope in _OWN and keys.fullmatch(each.key) and each.value  # An empty helper forgets others.
    ]
    if _HELPER.match(url):
        found.append(f"remote.{remote}.url")
    return tuple(dict.fromkeys(found))


def _keys_of(url: str) -> str:
    """Give the pattern of the keys that count for a URL; what cannot be told from it counts wholly."""
    scheme = _SCHEME.match(url)
    if scheme is None:
        transport = "ssh" if _LIKE_SCP.match(url) else "file"
    else:
        transport = scheme[1].lower().removeprefix("git+").removesuffix("+git").replace("https", "http")
    if transport == "file" or (transport == "ssh" and os.environ.get("GIT_SSH_COMMAND")):
        return "(?!)"
    return _BY_TRANSPORT.get(transport, "|".join(_BY_TRANSPORT.values()))
