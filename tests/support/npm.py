"""A workspace of npm, and its lock as npm writes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from support.repositories import Repo

ROOT_LOCK, A, B, C = (
    "package-lock.json",
    "packages/a/package.json",
    "packages/b/package.json",
    "libs/c/package.json",
)
CONFIG = """\
[products.a]
files = ["packages/a/package.json"]

[products.b]
files = ["packages/b/package.json"]
"""
SECTIONS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


def manifest(name: str, version: str | None = "1.4.0", **more: Any) -> str:
    """A ``package.json``."""
    return json.dumps({"name": name, **({"version": version} if version else {}), **more}, indent=2) + "\n"


def lock_of(manifests: Mapping[str, str], version: int = 3) -> str:
    """The lock that npm 10 writes for members that require nothing from outside, by their paths."""
    data = {
        path.removesuffix("package.json").rstrip("/"): json.loads(text) for path, text in manifests.items()
    }
    packages: dict[str, Any] = {}
    old: dict[str, Any] = {}
    for folder, each in data.items():
        kept = {key: each[key] for key in ("version", *SECTIONS, "workspaces") if key in each}
        packages[folder] = kept if folder else {"name": each["name"], **kept}
        if folder:
            packages[f"node_modules/{each['name']}"] = {"resolved": folder, "link": True}
            requires = {
                name: text for section in SECTIONS[:3] for name, text in each.get(section, {}).items()
            }
            old[each["name"]] = {"version": f"file:{folder}", **({"requires": requires} if requires else {})}
    top = {"name": "root", "lockfileVersion": version, "requires": True, "packages": packages}
    return json.dumps(top | ({"dependencies": old} if version == 2 else {}), indent=2) + "\n"


def members(*, version: str = "1.4.0", root: Mapping[str, Any] | None = None, **pins: str) -> dict[str, str]:
    """The manifests of a workspace: ``a`` requires the packages in *pins*, ``c`` is no product."""
    spaces = {"workspaces": ["packages/*", "libs/c"]} if root is None else root
    return {
        "package.json": manifest("root", None, private=True, **spaces),
        C: manifest("c", None),
        A: manifest("a", "2.0.0", **({"dependencies": pins} if pins else {})),
        B: manifest("b", version),
    }


def fill(repo: Repo, manifests: Mapping[str, str], lock: str | None = None, *, config: str = CONFIG) -> Repo:
    """Commit a workspace with its lock and two products."""
    for path, text in manifests.items():
        repo.write(path, text)
    repo.write(ROOT_LOCK, lock_of(manifests) if lock is None else lock)
    repo.write("krow-versions.toml", config)
    repo.commit("feat: first")
    return repo
