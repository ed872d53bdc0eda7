"""The real npm: an install that was clean is clean after a bump, and the lock is as npm would write it."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from support.npm import ROOT_LOCK, A, B, C, fill, manifest

if TYPE_CHECKING:
    from support.repositories import Repo

NPM = shutil.which("npm")
pytestmark = pytest.mark.skipif(NPM is None, reason="npm is not installed")
GIVEN = {
    "package.json": manifest(
        "root", None, private=True, workspaces=["packages/*", "libs/c"], devDependencies={"b": "1.4.0"}
    ),
    A: manifest("a", "2.0.0", dependencies={"b": "=1.4.0"}, peerDependencies={"@scope/c": "0.0.3"}),
    B: manifest("b", "1.4.0", license="MIT"),
    C: manifest("@scope/c", "0.0.3", optionalDependencies={"b": "v1.4.0"}, devDependencies={"a": "^2.0.0"}),
}
CONFIG = "".join(f'[products.{name}]\nfiles = ["{path}"]\n' for name, path in (("a", A), ("b", B), ("c", C)))


def npm(repo: Repo, *arguments: str) -> int:
    """Run npm without the network."""
    quiet = ("--offline", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=silent")
    env = os.environ | {
        "npm_config_cache": str(repo.path.parent / "cache"),
        "npm_config_update_notifier": "false",
    }
    return subprocess.run([str(NPM), *arguments, *quiet], cwd=repo.path, env=env, check=False).returncode


@pytest.mark.parametrize("version", ["2", "3"])
def test_npm_installs_what_a_bump_leaves(repo: Repo, version: str) -> None:
    """npm ci is clean before and after, fails without the pins, and npm would not change the lock."""
    fill(repo, GIVEN, "{}\n", config=CONFIG)
    (repo.path / ROOT_LOCK).unlink()
    lock = ("install", "--package-lock-only", "--lockfile-version", version)
    assert (npm(repo, *lock), npm(repo, "ci")) == (0, 0)
    repo.write(".gitignore", "node_modules\n")
    repo.commit("chore: lock")
    workspace = kv.Workspace.open(repo.path)
    with pytest.raises(kv.Problems):
        workspace.plan_bump("b")
    repo.write(B, GIVEN[B].replace("1.4.0", "1.4.1"))
    assert npm(repo, "ci") != 0
    repo.git("checkout", "--quiet", ".")
    workspace.apply(workspace.plan_bump("a", "b", "c", pins=True))
    after = (repo.path / ROOT_LOCK).read_text(encoding="utf-8")
    assert npm(repo, "ci") == 0
    assert npm(repo, *lock) == 0
    assert (repo.path / ROOT_LOCK).read_text(encoding="utf-8") == after
