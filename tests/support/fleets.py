"""Folders with many workspaces: each is a copy of one tiny repository, which git makes once."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from support.repositories import Repo

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = '[products.api]\nfiles = ["package.json"]\n[audit]\nstale_days = 9999\n'
PACKAGE = '{"name": "api", "version": "1.2.3"}\n'


def template(folder: Path) -> Path:
    """Make a workspace with one product, in production at 1.2.3, with an open hotfix of 1.2.4."""
    (folder / "empty").mkdir(parents=True)
    (folder / "one").mkdir()
    repo = Repo(folder)
    shutil.rmtree(folder / ".git")
    repo.path = folder / "one"
    repo.git("init", "--quiet", "--initial-branch=main", f"--template={folder / 'empty'}")
    repo.write("krow-versions.toml", CONFIG)
    repo.write("package.json", PACKAGE)
    repo.write("CHANGELOG.md", "| Date | Version | Change |\n|---|---|---|\n| 2026-01-01 | 1.2.3 | First |\n")
    repo.commit("feat: first")
    repo.tag("api/prod-v1.2.3")
    for version in ("1.2.9", "1.3.0", "1.2.10"):
        repo.tag(f"api/staging-v{version}")
    tree = repo.git("rev-parse", "HEAD^{tree}")
    fix = repo.git("commit-tree", tree, "-p", "HEAD", "-m", "fix: Crash")
    repo.git("update-ref", "refs/heads/hotfix/api-v1.2.4", fix)
    return repo.path


def copies(made: Path, *places: Path) -> list[str]:
    """Copy the workspace *made* to each of the places."""
    for place in places:
        shutil.copytree(made, place)
    return [str(place) for place in places]


def low(place: Path) -> Path:
    """Lower the version in a copy below the one in production, which is an error of an audit."""
    (place / "package.json").write_text(PACKAGE.replace("1.2.3", "1.2.2"))
    return place
