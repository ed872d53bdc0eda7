"""What files, commits and refs say, read without the package: the second opinion of the state machine."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from posixpath import dirname
from typing import TYPE_CHECKING

import attrs

from support.krow import API, CLIENT, CORE, STAFF, WEB, WEB_LOCK

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from support.repositories import Repo

STAGES = {"production": "prod", "staging": "staging", "development": "dev"}
PUBSPEC = re.compile(rb"^version: *(?P<version>[0-9A-Za-z.+-]+)", re.MULTILINE)
JSON = re.compile(rb'"version": *"(?P<version>[^"]*)"')


@attrs.frozen(repr=False)
class Product:
    """A product of the workspace: where its versions, its CHANGELOG and its code are."""

    name: str
    repo: str
    files: tuple[str, ...]
    log: str
    code: str

    def __repr__(self) -> str:
        return self.name

    @property
    def slug(self) -> str:
        return f"krow-withus-{self.name}"

    def tag(self, version: str, stage: str = "production") -> str:
        return f"refs/tags/{self.slug}/{STAGES[stage]}-v{version}"

    def branch(self, version: str) -> str:
        return f"refs/heads/hotfix/{self.slug}-v{version}"


PRODUCTS = (
    Product("worker-mobile", "mobile", (STAFF,), f"{dirname(STAFF)}/CHANGELOG.md", f"{dirname(STAFF)}/lib"),
    Product(
        "client-mobile", "mobile", (CLIENT,), f"{dirname(CLIENT)}/CHANGELOG.md", f"{dirname(CLIENT)}/lib"
    ),
    Product("web", "web", (WEB, WEB_LOCK), "apps/web/CHANGELOG.md", "apps/web/src"),
    Product("backend", "backend", (API, CORE), "CHANGELOG.md", "backend/api/src"),
)
REPOS = ("mobile", "web", "backend")


def products_in(repo: str) -> list[Product]:
    return [each for each in PRODUCTS if each.repo == repo]


# --- versions ---------------------------------------------------------------------------------------


def places(path: str, data: bytes) -> list[tuple[int, int]]:
    """Where the version of a file stands: in a pubspec once, in a lock twice, else the first time."""
    count = 2 if path.endswith("lock.json") else 1
    found = (PUBSPEC if path.endswith(".yaml") else JSON).finditer(data)
    return [each.span("version") for each, _ in zip(found, range(count), strict=False)]


def versions(path: str, data: bytes) -> set[str]:
    return {data[start:end].decode("ascii", "replace") for start, end in places(path, data)}


def spliced(path: str, data: bytes, version: str) -> bytes:
    """Write a version to its places, and nothing else."""
    for start, end in reversed(places(path, data)):
        data = data[:start] + version.encode() + data[end:]
    return data


def core(version: str) -> tuple[int, ...]:
    """MAJOR, MINOR and PATCH."""
    return tuple(int(each) for each in version.partition("+")[0].split("."))


def build(version: str) -> int:
    """The build, or -1."""
    return int(version.partition("+")[2] or -1)


def held(product: Product, files: dict[str, bytes]) -> str | None:
    """The one version that all files of a product have, or None where they have not."""
    found: set[str] = set()
    for path in product.files:
        found |= versions(path, files.get(path, b"")) or {""}
    (first, *more) = found
    return first if first and not more else None


def next_minor(version: str) -> str:
    major, minor, _ = core(version)
    return f"{major}.{minor + 1}.0"


def patched(version: str) -> tuple[int, ...]:
    major, minor, patch = core(version)
    return major, minor, patch + 1


# --- repositories -----------------------------------------------------------------------------------


def refs_of(git_folder: Path) -> dict[str, str]:
    """Every ref of a repository, as its files have it: full name to the id of its object; HEAD as written."""
    packed = git_folder / "packed-refs"
    lines = packed.read_text().splitlines() if packed.exists() else []
    found = {line[41:]: line[:40] for line in lines if line[0] not in "#^"}
    for path in (git_folder / "refs").rglob("*"):
        if path.is_file() and path.suffix != ".lock":
            found[path.relative_to(git_folder).as_posix()] = path.read_text().strip()
    return found | {"HEAD": (git_folder / "HEAD").read_text().strip()}


class Trees:
    """The files, parents and ids of commits; each is read once."""

    def __init__(self) -> None:
        self._files: dict[str, dict[str, bytes]] = {}
        self._peeled: dict[str, str] = {}

    def peel(self, repo: Repo, object_id: str) -> str:
        """The commit that an object leads to."""
        if object_id not in self._peeled:
            self._peeled[object_id] = repo.git("rev-parse", f"{object_id}^{{commit}}")
        return self._peeled[object_id]

    def files(self, repo: Repo, object_id: str) -> dict[str, bytes]:
        """The files of a commit."""
        commit = self.peel(repo, object_id)
        if commit not in self._files:
            command = ("git", "archive", "--format=tar", commit)
            archive = subprocess.run(command, cwd=repo.path, capture_output=True, check=True).stdout
            with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
                members = [(each.name, tar.extractfile(each)) for each in tar if each.isfile()]
                self._files[commit] = {name: file.read() for name, file in members if file}
        return self._files[commit]

    def fixes(self, repo: Repo, object_id: str, product: Product) -> set[str]:
        """The fixes of a product that a commit has: each is a file of its own."""
        return {path for path in self.files(repo, object_id) if path.startswith(f"{product.code}/fix_")}


def production(product: Product, refs: Iterable[str]) -> list[str]:
    """The versions of a product's production tags, lowest first."""
    start = product.tag("")
    found = (ref.removeprefix(start) for ref in refs if ref.startswith(start))
    return sorted((each for each in found if re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", each)), key=core)


def shipped(product: Product, refs: Iterable[str]) -> dict[str, str]:
    """Every tag of a product, of any stage: its full name to the version in it."""
    pattern = re.compile(rf"refs/tags/{product.slug}/(?:prod|staging|dev)-v(?P<version>[0-9.]+)")
    return {ref: found["version"] for ref in refs if (found := pattern.fullmatch(ref))}
