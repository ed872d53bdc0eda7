"""The repository of a remote on GitHub, and making things there through ``gh``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from krow_versions import gh
from krow_versions.errors import OperationFailed
from krow_versions.pull_requests import MERGED, OPEN, repository_at
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted, safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from krow_versions import git


def place_of(repository: git.Repository, remote: str | None) -> str:
    """Give the repository of a remote on GitHub, ``HOST/OWNER/NAME``, where ``gh`` can be asked for it.

    Raises:
        OperationFailed: there is no ``gh`` program, no remote, or its address has another form.
    """
    if remote is None:
        raise OperationFailed("there is no remote")
    if not gh.is_here():
        raise OperationFailed("there is no gh program here")
    if place := gh.chosen():
        return place
    url = address_of(repository, remote)
    found = repository_at(url) or repository_at(_rewritten(repository, url))
    if found is None:
        raise OperationFailed(
            f"the address of {remote} is not that of a repository on GitHub: {quoted(safe(url))}",
            hint="if it is on GitHub, name it: export GH_REPO=HOST/OWNER/NAME",
        )
    return found


def address_of(repository: git.Repository, remote: str) -> str:
    """Give the first address of a remote as it is configured; empty if there is none."""
    key = f"remote.{remote}.url"
    return next((each.value for each in repository.settings() if each.key == key), "")


def head_at(repository: git.Repository, remote: str | None, place: str, branch: str) -> str:
    """Give how *place* names a branch of the remote: ``OWNER:BRANCH`` if the remote is a fork of it."""
    own = repository_at(address_of(repository, remote)) if remote else None
    owners = [each.split("/")[1] for each in (own or place, place)]
    return branch if owners[0].lower() == owners[1].lower() else f"{owners[0]}:{branch}"


def make(argv: Sequence[str], place: str) -> tuple[str, str]:
    """Run a ``gh ... create``; what somebody else has made meanwhile is found and used.

    Returns:
        Its page, empty for a label; and what is not as it was asked for, or an empty text.

    Raises:
        OperationFailed: it was not made.
    """
    answer = gh.execute(argv[1:], place, timeout=gh.ACT_LIMIT)
    kind = argv[1]
    if not answer.code:
        lines = answer.out.split()
        return "" if kind == "label" or not lines else safe(lines[-1]), ""
    is_taken = b"already exists" in answer.errors
    if kind == "label":
        return "", "" if is_taken else f"the label {quoted(argv[-1])} was not made: {answer.said}"
    is_merged = b"No commits between" in answer.errors
    if url := _made_meanwhile(argv, place, {OPEN, MERGED} if is_merged else {OPEN}):
        return safe(url), "" if is_taken or is_merged else f"{safe(url)} is there, but gh said: {answer.said}"
    label = _option(argv, "--label")
    if label and label.casefold() in answer.said.casefold():
        at = argv.index("--label")
        url, _ = make([*argv[:at], *argv[at + 2 :]], place)
        return url, f"it was opened without the label {quoted(label)}: {answer.said}"
    raise OperationFailed(f"gh ended with exit code {answer.code}: {answer.said}")


def _made_meanwhile(argv: Sequence[str], place: str, states: set[str]) -> str:
    """Give the page of the thing that ``gh ... create`` could not make, or an empty text."""
    if argv[1] == "release":
        release = gh.release(place, argv[3])
        return release.url if release else ""
    base = _option(argv, "--base")
    found = gh.pull_request(place, _option(argv, "--head"), base)
    return found.url if found and found.state in states and found.base == base else ""


def _option(argv: Sequence[str], name: str) -> str:
    return argv[argv.index(name) + 1] if name in argv else ""


def _rewritten(repository: git.Repository, url: str) -> str:
    """Apply ``url.BASE.insteadOf`` of git-config(1): the longest beginning that fits is replaced."""
    found = [
        (each.value, match[1])
        for each in repository.settings()
        if (match := _INSTEAD.fullmatch(each.key)) and each.value and url.startswith(each.value)
    ]
    start, base = max(found, key=lambda rule: len(rule[0]), default=("", ""))
    return base + url.removeprefix(start)


_INSTEAD = regex(r"url\.(.*)\.insteadof", re.DOTALL)
