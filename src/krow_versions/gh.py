"""The door to GitHub: its program ``gh``, run where it can see no repository.

Each process names the repository on GitHub itself (``--repo``), and runs in the top folder of the file
system, where a ``git`` that it starts finds no repository. So what the repository here configures cannot
make it run anything. It cannot prompt, and has a time limit.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from krow_versions import git
from krow_versions.errors import OperationFailed
from krow_versions.git.process import encoded, last_lines
from krow_versions.git.running import NOWHERE, find_program, run_to_end
from krow_versions.pull_requests import (
    FIELDS,
    OPEN,
    best,
    parse_labels,
    parse_pull_request,
    parse_pull_requests,
    parse_release,
    repository_named,
)
from krow_versions.text.escaping import shell_word
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from krow_versions.pull_requests import PullRequest, Release

LOOK_LIMIT = 20.0
"""Seconds that a question may take."""
ACT_LIMIT = 120.0
"""Seconds that it may take to make something."""


@frozen
class Answer:
    """The exit code, output and errors of a process of ``gh``."""

    code: int
    out: str
    errors: bytes

    @property
    def said(self) -> str:
        """The end of its errors on one line, safe to show."""
        return last_lines(self.errors) or f"exit code {self.code}"


def is_here() -> bool:
    """Whether there is a program ``gh`` in an absolute folder of PATH."""
    return find_program("gh", _environment("")["PATH"]) is not None


def chosen() -> str | None:
    """Give the repository, ``HOST/OWNER/NAME``, that the user has chosen by ``GH_REPO``; None if none."""
    name = os.environ.get("GH_REPO", "")
    return repository_named(name, os.environ.get("GH_HOST") or "github.com") if name else None


def pull_request(place: str, head: str, base: str) -> PullRequest | None:
    """Find the pull request of a branch: an open one if there is one, and for *base* if there is one.

    Args:
        place: the repository on GitHub, ``HOST/OWNER/NAME``.
        head: the name of the branch, or ``OWNER:NAME`` of a fork's.
        base: the name of the branch that it should be for.

    Raises:
        OperationFailed: GitHub cannot be asked, or gave an unexpected answer.
    """
    answer = execute(["pr", "view", "--repo", place, "--json", FIELDS, "--", head], place)
    if answer.code:
        if b"no pull requests found for branch" in answer.errors:
            return None
        raise _failure("pr view", answer)
    found = parse_pull_request(answer.out)
    if (found.state, found.base) == (OPEN, base) or ":" in head:
        return found
    # It is the newest one, or an open one for another branch: another one may count more.
    asked = ["pr", "list", "--repo", place, f"--head={head}", "--state=all", "--json", FIELDS]
    listed = execute(asked, place)
    return found if listed.code else best(parse_pull_requests(listed.out), base) or found


def has_label(place: str, label: str) -> bool:
    """Whether there is a label; case does not count.

    Raises:
        OperationFailed: GitHub cannot be asked, or gave an unexpected answer.
    """
    asked = ["label", "list", "--repo", place, f"--search={label}", "--limit=100", "--json", "name"]
    answer = execute(asked, place)
    if answer.code:
        raise _failure("label list", answer)
    return label.casefold() in map(str.casefold, parse_labels(answer.out))


def release(place: str, tag: str) -> Release | None:
    """Find the release of a tag.

    Raises:
        OperationFailed: GitHub cannot be asked, or gave an unexpected answer.
    """
    answer = execute(["release", "view", "--repo", place, "--json", "url,isDraft", "--", tag], place)
    if answer.code:
        if b"release not found" in answer.errors:
            return None
        raise _failure("release view", answer)
    return parse_release(answer.out)


def execute(args: Sequence[str], place: str, *, timeout: float = LOOK_LIMIT) -> Answer:
    """Run ``gh`` and give its answer, whatever the exit code.

    Args:
        args: command and arguments; they name *place*.
        place: the repository on GitHub, ``HOST/OWNER/NAME``.
        timeout: seconds after which it is stopped.

    Raises:
        OperationFailed: it could not be started, took too long, printed too much, or is not logged in.
    """
    host = place.partition("/")[0]
    env = _environment(host)
    program = "gh"
    if sys.platform == "win32":
        program = find_program(program, env["PATH"]) or f"{NOWHERE}/gh"
    command = [encoded(each) for each in (program, *args)]
    code, output, errors = run_to_end(
        f"gh {args[0]}",
        command,
        failed=OperationFailed,
        cwd=os.sep,
        env=env,
        stdin=None,
        timeout=timeout,
        limit=_OUTPUT_LIMIT,
    )
    if code == _NOT_LOGGED_IN:
        raise OperationFailed(
            f"gh is not logged in to {host}", hint=f"gh auth login --hostname {shell_word(host)}"
        )
    return Answer(code, output.decode("utf-8", "replace"), errors)


_NOT_LOGGED_IN = 4  # "gh help exit-codes"
_OUTPUT_LIMIT = 16 << 20
_FORCED = {
    "GH_PROMPT_DISABLED": "1",
    "GH_NO_UPDATE_NOTIFIER": "1",
    "GH_NO_EXTENSION_UPDATE_NOTIFIER": "1",
    "GH_SPINNER_DISABLED": "1",
    "GH_PAGER": "cat",
    "NO_COLOR": "1",
    "GIT_DIR": os.devnull,  # `gh pr create` starts git, even with --repo.
}
# Names a repository, pretends a terminal, or prints requests; "gh help environment". With CODESPACES an
# older gh gives GITHUB_TOKEN to every enterprise server.
_LEFT_OUT = {"GH_REPO", "GH_FORCE_TTY", "GH_DEBUG", "DEBUG", "CLICOLOR_FORCE", "CODESPACES"}
_FOR_GITHUB = {"GH_TOKEN", "GITHUB_TOKEN"}
_FOR_ENTERPRISE = {"GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"}


def _environment(host: str) -> dict[str, str]:
    """Build the environment of a process that asks *host*.

    The address of a remote may come from a stranger, and ``gh`` gives the tokens for an enterprise server to
    any host that is not GitHub's own: they stay out unless the user names the host, by ``GH_HOST`` or
    ``GH_REPO``. The tokens for GitHub itself go to its own hosts, and to that in ``GH_HOST``.
    """
    host, named = host.lower(), os.environ.get("GH_HOST", "").lower()
    chosen_host = (chosen() or "").partition("/")[0].lower()
    out = set(_LEFT_OUT)
    if host not in {"github.com", named} and not host.endswith(".ghe.com"):
        out |= _FOR_GITHUB
    if host not in {named, chosen_host}:
        out |= _FOR_ENTERPRISE
    kept = {name: value for name, value in os.environ.items() if name not in out}
    return git.environment(kept, git.Reach.LOOK) | _FORCED


def _failure(command: str, answer: Answer) -> OperationFailed:
    return OperationFailed(f"gh {command} failed: {answer.said}")
