"""What a repository's own configuration would make git run."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from krow_versions.git.process import run, unexpected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.git.repository import Repository

# git-config(1): what names a program that git runs to reach a remote. `NAME::` in a URL is one, too.
_REACHING = re.compile(
    r"core\.(?:sshcommand|gitproxy|askpass)|credential\.(?:.*\.)?helper|remote\..*\.(?:uploadpack|vcs)",
    re.DOTALL,
)
_ADDRESS = re.compile(r"(?:remote\..*\.url|url\..*\.insteadof)", re.DOTALL)
_HELPER = re.compile(r"(?:url\.)?[^/:]*::", re.DOTALL)
_FILTER = re.compile(r"filter\.(.*)\.(?:clean|smudge|process|required)", re.DOTALL)
_OWN = {"local", "worktree"}


def without_filters(repository: Repository) -> dict[str, str]:
    """Give the settings that turn off every filter that any configuration names; one process.

    Raises:
        GitError: git failed.
    """
    found = (_FILTER.fullmatch(key) for _, key, _ in _settings(repository))
    names = {match[1] for match in found if match}
    off = {"clean": "", "smudge": "", "process": "", "required": "false"}
    return {f"filter.{name}.{part}": value for name in sorted(names) for part, value in off.items()}


def programs_for_asking(repository: Repository) -> tuple[str, ...]:
    """List the keys of the repository's own configuration by which asking a remote would run a program.

    The user's own configuration does not count: a clone cannot bring it. One process.

    Raises:
        GitError: git failed.
    """
    return tuple(
        dict.fromkeys(
            key
            for scope, key, value in _settings(repository)
            if scope in _OWN
            and (_REACHING.fullmatch(key) or (_ADDRESS.fullmatch(key) and _names_helper(key, value)))
        )
    )


def _names_helper(key: str, value: str) -> bool:
    return bool(_HELPER.match(value) or _HELPER.match(key))


def _settings(repository: Repository) -> Iterator[tuple[str, str, str]]:
    """Read all configuration: scope, key and value; included files have the scope of what includes them."""
    arguments = ["config", "--list", "--show-scope", "--includes", "-z"]
    output = run(arguments, cwd=repository.root)
    fields = output.split(b"\0")[:-1]
    if len(fields) % 2:
        raise unexpected(arguments, output, repository.root)
    for scope, entry in zip(fields[::2], fields[1::2], strict=True):
        key, _, value = os.fsdecode(entry).partition("\n")
        yield scope.decode("ascii", "replace"), key, value
