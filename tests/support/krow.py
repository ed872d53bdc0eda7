"""A KROW checkout for tests: the files of all four products in one real repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from support.repositories import Repo

STAFF = "apps/mobile/apps/staff/pubspec.yaml"
WORKER = "apps/mobile/apps/worker/pubspec.yaml"
CLIENT = "apps/mobile/apps/client/pubspec.yaml"
WEB = "apps/web/package.json"
WEB_LOCK = "apps/web/package-lock.json"
API = "backend/api/package.json"
CORE = "backend/core/package.json"
SLUG = "krow-withus-worker-mobile"
PROD = f"{SLUG}/prod-v0.1.0"


def pubspec(version: str, told: str = "0.1.0+5") -> str:
    """A pubspec with another version in comments, in a dependency and in a nested key."""
    return (
        f"# version: {told}\nname: krow\nversion: {version} # shipped {told}\n"
        f"environment:\n  version: 10.1.05\ndependencies:\n  other: {told}\n"
    )


def package(version: str, told: str = "1.4.0") -> str:
    """A package.json with another version in a dependency."""
    return f'{{\n  "name": "web",\n  "version": "{version}",\n  "dependencies": {{"x": "{told}"}}\n}}\n'


def lock(version: str, told: str = "1.4.0") -> str:
    """A package-lock.json of version 3: both places of its own version, and a dependency's."""
    return (
        f'{{"name": "web", "version": "{version}", "lockfileVersion": 3, "packages": {{\n'
        f'  "": {{"name": "web", "version": "{version}"}},\n'
        f'  "node_modules/x": {{"version": "{told}"}}\n}}}}\n'
    )


def files(
    worker: str = "0.1.0+5", client: str = "0.2.3+17", web: str = "1.4.0", api: str = "0.3.1"
) -> dict[str, str]:
    """The version files of the four products, by path."""
    return {
        STAFF: pubspec(worker),
        CLIENT: pubspec(client),
        WEB: package(web),
        WEB_LOCK: lock(web),
        API: package(api),
        CORE: package(api),
    }


def checkout(repo: Repo, *, tagged: bool = True, **versions: str) -> Repo:
    """Commit the four products, and tag each in production."""
    for path, text in files(**versions).items():
        repo.write(path, text)
    repo.commit("feat: first release")
    if tagged:
        for name, version in (
            ("worker-mobile", versions.get("worker", "0.1.0+5")),
            ("client-mobile", versions.get("client", "0.2.3+17")),
            ("web", versions.get("web", "1.4.0")),
            ("backend", versions.get("api", "0.3.1")),
        ):
            repo.tag(f"krow-withus-{name}/prod-v{version.partition('+')[0]}")
    return repo


def hotfix(repo: Repo, version: str = "0.1.0+5") -> Repo:
    """One product with its production tag at HEAD."""
    repo.write(STAFF, pubspec(version))
    repo.commit()
    repo.tag(f"{SLUG}/prod-v{version.partition('+')[0]}")
    return repo


def contents(root: Path) -> dict[str, bytes]:
    """The bytes of every file of a working tree, git's own aside."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }
