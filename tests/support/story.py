"""A repository with a release and a main that has moved on, on which the effects of git are tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from support.repositories import Repo

BRANCH = "refs/heads/hotfix/app-v0.1.1"
TAG = "refs/tags/app/prod-v0.1.1"
KILL_PARENT = "kill -9 $PPID; sleep 0.2"


def head(repo: Repo) -> tuple[str, str]:
    return repo.git("symbolic-ref", "HEAD"), repo.git("rev-parse", "HEAD")


@pytest.fixture
def story(repo: Repo) -> Repo:
    """A release, tagged, and a main that has moved on: files changed, added and deleted."""
    repo.write("VERSION", "0.1.0\n")
    repo.write("gone", "of the release\n")
    repo.write("early", "of the release\n")  # Git writes it before the other one.
    repo.commit("release")
    repo.tag("app/prod-v0.1.0")
    repo.write("VERSION", "0.2.0\n")
    repo.write("new", "of main\n")
    (repo.path / "gone").unlink()
    (repo.path / "early").unlink()
    repo.commit("feat: next")
    return repo


@pytest.fixture
def base(story: Repo) -> str:
    return story.git("rev-parse", "refs/tags/app/prod-v0.1.0^{commit}")
