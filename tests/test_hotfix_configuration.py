"""The configuration on the branch of a hotfix, which has the files of the production tag."""

from __future__ import annotations

from typing import TYPE_CHECKING

import krow_versions as kv
from released import Released
from test_cli import run

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """\
[products.app]
slug = "krow-withus-worker-mobile"
files = ["apps/mobile/apps/staff/pubspec.yaml"]
deploy = ["./deploy.sh", "{tag}"]

[hotfix]
contacts = { "Release Engineer" = "call 1" }
"""
START = ("hotfix", "start", "app", "--issue", "Crash", "--severity", "HIGH", "--impact", "All")


def configured_late(folder: Path) -> Released:
    """A configuration that was committed after the production tag, and pushed."""
    made = Released.make(folder)
    made.ours.write("krow-versions.toml", CONFIG)
    made.ours.commit("chore: describe the products")
    made.ours.git("push", "--quiet", "origin", "main")
    return made


def test_what_was_in_force_counts_on_the_branch(tmp_path: Path) -> None:
    """Products, contacts and the deploy command are known on a branch that has no configuration yet."""
    made = configured_late(tmp_path)
    before = kv.Workspace.open(made.ours.path)
    assert run(*START, cwd=made.ours.path).code == 0
    assert not (made.ours.path / "krow-versions.toml").exists()

    there = kv.Workspace.open(made.ours.path)
    assert (there.catalog, there.repos, there.config) == (before.catalog, before.repos, before.config)
    assert run("hotfix", "status", "app", cwd=made.ours.path).code == 0
    assert run("bump-patch", "app", "--no-changelog", cwd=made.ours.path).code == 0


def test_it_counts_nowhere_else(tmp_path: Path) -> None:
    """On another branch without a configuration, KROW's own products are there, as ever."""
    made = configured_late(tmp_path)
    run(*START, cwd=made.ours.path)
    made.ours.git("switch", "--quiet", "--create", "other")
    assert kv.Workspace.open(made.ours.path).source is None


def test_it_counts_in_a_linked_working_tree(tmp_path: Path) -> None:
    """Git's own folder is found from a linked working tree, too."""
    made = configured_late(tmp_path)
    run(*START, cwd=made.ours.path)
    branch = made.ours.git("symbolic-ref", "--short", "HEAD")
    made.ours.git("switch", "--quiet", "main")
    made.ours.git("worktree", "add", "--quiet", str(tmp_path / "linked"), branch)
    assert list(kv.Workspace.open(tmp_path / "linked")) == ["app"]


def test_one_that_was_broken_by_hand_is_named(tmp_path: Path) -> None:
    """A kept configuration that is wrong is told with its file."""
    made = configured_late(tmp_path)
    run(*START, cwd=made.ours.path)
    kept = next((made.ours.path / ".git" / "krow-versions" / "hotfix").glob("*.config.toml"))
    kept.write_text(kept.read_text() + "\n[what]\n")
    refused = run("show", cwd=made.ours.path)
    assert refused.code == 2
    assert kept.name in refused.err
