"""Tampering with tags on a server: what a clone from before it sees, and what a clone made after it.

Every world is real: a bare remote, keys of ssh-keygen, tags that git signs. Mallory can push whatever he
wants, but has no key of a known signer.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import attrs
import pytest

import krow_versions as kv
from support.commands import run
from support.krow import package
from support.repositories import Repo
from support.signing import Key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Found = set[tuple[str, str]]

CONFIG = '[products.web]\nslug = "web"\nfiles = ["package.json"]\n'
VERSIONS = ("1.0.0", "1.0.1", "1.0.2")
FIRST, TAG, NEWEST, NEXT = (f"web/prod-v{each}" for each in (*VERSIONS, "1.0.3"))
TABLE = "| Date | Version | Change |\n|---|---|---|\n"


@attrs.frozen
class World:
    """A server with three signed releases, a clone from before anything happened, and Mallory's clone.

    Attributes:
        folder: where they are; beside them are keys and a signers file.
    """

    folder: Path

    @property
    def remote(self) -> Repo:
        return Repo(self.folder / "remote.git")

    @property
    def before(self) -> Repo:
        return Repo(self.folder / "before")

    @property
    def mallory(self) -> Repo:
        repo = Repo(self.folder / "mallory")
        repo._minutes = 1000
        return repo

    @property
    def signers(self) -> Path:
        """The file of the known signers, outside of every clone."""
        return self.folder / "signers"

    @classmethod
    def make(cls, folder: Path) -> World:
        world = cls(folder)
        release, expired = (Key.make(folder / "keys", name) for name in ("release", "expired"))
        Key.make(folder / "keys", "stranger")
        world.signers.write_text(release.line() + expired.line('valid-before="20251231"'))
        remote = Repo(folder / "remote.git", bare=True)
        ours = Repo(folder / "before")
        ours.write("krow-versions.toml", CONFIG)
        rows = ""
        release.signs(ours)
        for version in VERSIONS:
            rows = f"| 2026-01-01 | {version} | Release |\n{rows}"
            ours.write("CHANGELOG.md", TABLE + rows)
            ours.write("package.json", package(version))
            ours.commit(f"feat: {version}")
            ours.tag(f"web/prod-v{version}")
        ours.git("remote", "add", "origin", "../remote.git")
        ours.git("push", "--quiet", "--set-upstream", "origin", "main", "--tags")
        remote.clone(folder / "mallory").git("remote", "set-url", "origin", "../remote.git")
        return world

    def key(self, name: str) -> Key:
        return Key(self.folder / "keys" / name, f"{name}@example.org")

    def fresh(self) -> Repo:
        """A clone that is made now."""
        return self.remote.clone(self.folder / "fresh")

    def retag(self, name: str, target: str, *, by: str | None = None, annotated: bool = True) -> None:
        """Mallory makes a tag anew, signed by a key or not, and forces it onto the server."""
        mallory = self.mallory
        if by is not None:
            self.key(by).signs(mallory)
        commit = mallory.git("rev-parse", f"{target}^{{commit}}")
        if mallory.git("tag", "--list", name):
            mallory.git("tag", "--delete", name)
        mallory.tag(name, commit, annotated=annotated)
        mallory.git("push", "--quiet", "--force", "origin", f"refs/tags/{name}")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tampered")
    World.make(folder)
    return folder


@pytest.fixture
def world(prepared: Path, tmp_path: Path) -> World:
    shutil.copytree(prepared, tmp_path, symlinks=True, dirs_exist_ok=True)
    return World(tmp_path)


def found(repo: Repo, signers: Path | None = None) -> Found:
    """Id and subject of each finding of an audit that asks the remote."""
    report = kv.Workspace.open(repo.path).audit(remote=True, signers=signers)
    assert report.ok is not bool(report.findings)
    return {(each.code, each.about) for each in report.findings}


def both(world: World) -> tuple[Found, Found]:
    """What is found in the clone from before, and in a new one with the signers."""
    return found(world.before), found(world.fresh(), world.signers)


def moved(world: World) -> None:
    world.retag(TAG, "main")


def moved_by_a_signer(world: World) -> None:
    world.retag(NEWEST, FIRST, by="release")


def deleted(world: World) -> None:
    world.mallory.git("push", "--quiet", "origin", "--delete", f"refs/tags/{TAG}")


def made_anew(world: World) -> None:
    world.retag(TAG, TAG)


def made_anew_by_a_stranger(world: World) -> None:
    world.retag(TAG, TAG, by="stranger")


def moved_by_a_stranger(world: World) -> None:
    world.retag(TAG, FIRST, by="stranger")


def signed_by_an_expired_key(world: World) -> None:
    world.retag(TAG, TAG, by="expired")


def made_lightweight(world: World) -> None:
    world.retag(TAG, TAG, annotated=False)


def of_another_release(world: World) -> None:
    world.remote.git("update-ref", f"refs/tags/{TAG}", f"refs/tags/{FIRST}")


def changed_after_signing(world: World) -> None:
    text = world.remote.git("cat-file", "tag", TAG) + "\n"
    commit = world.remote.git("rev-parse", f"{TAG}^{{commit}}")
    other = world.remote.git("rev-parse", f"{FIRST}^{{commit}}")
    forged = world.remote.git("hash-object", "-t", "tag", "-w", "--stdin", stdin=text.replace(commit, other))
    world.remote.git("update-ref", f"refs/tags/{TAG}", forged)


def released_unsigned(world: World) -> None:
    mallory = world.mallory
    mallory.write("package.json", package("1.0.3"))
    mallory.write("CHANGELOG.md", f"{TABLE}| 2026-01-01 | 1.0.3 | Release |\n")
    mallory.commit("feat: 1.0.3")
    mallory.tag(NEXT)
    mallory.git("push", "--quiet", "origin", "main", f"refs/tags/{NEXT}")


# By tampering: what the clone from before finds, and what a new clone finds with the signers.
TAMPERINGS: list[tuple[Callable[[World], None], Found, Found]] = [
    (moved, {("KV602", TAG)}, {("KV213", TAG)}),
    (moved_by_a_signer, {("KV602", NEWEST)}, {("KV301", NEWEST)}),
    (moved_by_a_stranger, {("KV602", TAG)}, {("KV213", TAG)}),
    (deleted, {("KV603", TAG)}, set()),
    (made_anew, {("KV602", TAG)}, {("KV213", TAG)}),
    (made_anew_by_a_stranger, {("KV602", TAG)}, {("KV213", TAG)}),
    (signed_by_an_expired_key, {("KV602", TAG)}, {("KV213", TAG)}),
    (made_lightweight, {("KV602", TAG)}, {("KV205", TAG), ("KV213", TAG)}),
    (of_another_release, {("KV602", TAG)}, {("KV215", TAG)}),
    (changed_after_signing, {("KV602", TAG)}, {("KV213", TAG)}),
    (released_unsigned, {("KV604", NEXT), ("KV605", "main")}, {("KV213", NEXT)}),
]


def test_an_untampered_server_has_no_finding(world: World) -> None:
    """Where nobody has tampered, nothing is found, by old and by new clones."""
    assert both(world) == (set(), set())


@pytest.mark.parametrize(
    ("tamper", "before", "after"), TAMPERINGS, ids=lambda each: getattr(each, "__name__", "")
)
def test_a_tampering_is_found(
    world: World, tamper: Callable[[World], None], before: Found, after: Found
) -> None:
    """Each gives exactly its findings: by what the old clone has, and by what the new one can verify."""
    tamper(world)
    assert both(world) == (before, after)


def test_a_deleted_release_leaves_a_gap(world: World) -> None:
    """A clone from before says that the tag may have been deleted; one made afterwards sees it by the history
    alone: a version is missing."""
    deleted(world)
    (finding,) = kv.Workspace.open(world.before.path).audit(remote=True).findings
    assert (finding.code, "was deleted there" in finding.message) == ("KV603", True)
    assert "ask who deleted it" in str(finding.hint)
    report = kv.Workspace.open(world.fresh().path).audit(history=True, remote=True, signers=world.signers)
    assert [(each.code, each.about) for each in report.findings] == [("KV305", NEWEST)]


def test_the_command_line_ends_with_one(world: World) -> None:
    """In a job of CI a tampering is an exit code, and no hint lets anybody change what is published."""
    made_anew_by_a_stranger(world)
    for repo, options in ((world.before, ()), (world.fresh(), ("--signers", str(world.signers)))):
        result = run("audit", "--remote", *options, cwd=repo.path)
        assert (result.code, TAG in result.out) == (1, True), result
        assert "--force" not in result.out
        assert "--delete" not in result.out


@pytest.mark.parametrize("target", [TAG, NEWEST])
def test_one_version_under_two_shapes_of_tags_is_found(world: World, target: str) -> None:
    """A product may have several patterns: two tags of one version are found, at one commit or at two."""
    repo = world.before
    patterns = 'tags = { production = ["{slug}/prod-v{version}", "v{version}"] }\n'
    repo.write("krow-versions.toml", CONFIG + patterns)
    repo.tag("v1.0.1", f"{target}^{{commit}}")
    report = kv.Workspace.open(repo.path).audit()
    assert [(each.code, each.about) for each in report.findings] == [("KV207", TAG)]
    assert "v1.0.1, web/prod-v1.0.1" in report.findings[0].message


@pytest.mark.fault(97)
def test_a_hotfix_does_not_start_from_a_tag_that_differs(world: World) -> None:
    """Start fetches: where the server has another object of the base, at the same commit, it is refused."""
    world.retag(NEWEST, NEWEST, by="stranger")
    declared = ("--issue", "x", "--severity", "HIGH", "--impact", "y")
    result = run("hotfix", "start", "web", *declared, "--yes", cwd=world.before.path)
    assert (result.code, f"the tag {NEWEST} is not the same here and on" in result.err) == (3, True), result
