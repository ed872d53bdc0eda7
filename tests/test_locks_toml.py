"""`Cargo.lock` and `uv.lock` follow the packages of the repository, as cargo and uv themselves want it."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import pytest

from krow_versions import read_version, set_version
from krow_versions.errors import AmbiguousVersion, KrowVersionsError, UsageError, VersionNotFound
from krow_versions.formats import find_version, format_named
from support.commands import run
from support.managers import cargo, cargo_agrees, uv, uv_agrees

if TYPE_CHECKING:
    from support.child import Result
    from support.repositories import Repo

CARGO = """\
version = 4

[[package]]
name = "a"
version = "0.4.0"
dependencies = [
 "b 0.4.0",
 "b 0.4.0 (registry+https://example.org/index)",
]

[[package]]
name = "b"
version = "0.4.0"

[[package]]
name = "b"
version = "0.4.0"
source = "registry+https://example.org/index"

[[patch.unused]]
name = "b"
version = "0.4.0"
"""
UV = """\
version = 1

[[package]]
name = "a-x"
version = "1.4.0rc1"
source = { editable = "packages/a" }
dependencies = [
    { name = "b", version = "0.2.0+5", source = { virtual = "." } },
    { name = "b", version = "0.2.0+5", source = { registry = "https://example.org/simple" } },
]

[[package]]
name = "b"
version = "0.2.0+5"
source = { registry = "https://example.org/simple" }

[[package]]
name = "b"
version = "0.2.0+5"
source = { virtual = "." }

[[package]]
name = "c"
source = { directory = "c" }
"""


# --- the formats -------------------------------------------------------------------------------


def changed(before: str, after: str) -> list[tuple[int, str]]:
    """Give the lines of *after* that are new, with their numbers."""
    pairs = zip(before.split("\n"), after.split("\n"), strict=True)
    return [(number, new) for number, (old, new) in enumerate(pairs, 1) if old != new]


def test_only_the_own_entry_of_a_name_moves() -> None:
    """An entry with a source is another package; a dependency without one is on the own package."""
    assert changed(CARGO, set_version(CARGO, "0.4.1", format="cargo-lock", key="b")) == [
        (7, ' "b 0.4.1",'),
        (13, 'version = "0.4.1"'),
        (22, 'version = "0.4.1"'),
    ]
    assert changed(UV, set_version(UV, "0.2.1+6", format="uv.lock", key="b")) == [
        (8, '    { name = "b", version = "0.2.1+6", source = { virtual = "." } },'),
        (19, 'version = "0.2.1+6"'),
    ]


@pytest.mark.parametrize("name", ["a-x", "A_X", "a.x", "A-_.x"])
def test_names_of_python_packages_are_compared_as_indexes_do(name: str) -> None:
    """PEP 503: case and separators do not matter."""
    assert str(read_version(UV, format="uv-lock", key=name)) == "1.4.0-rc.1"


@pytest.mark.parametrize(
    ("written", "read"),
    [("1.4.0rc1", "1.4.0-rc.1"), ("1.4.0a2", "1.4.0-a.2"), ("1.4.0.dev3", "1.4.0-dev.3"), ("1.4", "1.4.0")],
)
def test_a_version_of_python_is_read_as_semver_and_kept_as_written(written: str, read: str) -> None:
    """Uv writes the normal form of PEP 440; what is the same version is not written again."""
    text = UV.replace("1.4.0rc1", written)
    assert str(read_version(text, format="uv-lock", key="a-x")) == read
    assert set_version(text, read, format="uv-lock", key="a-x") == text
    assert set_version(text, "9.9.9", format="uv-lock", key="a-x") == UV.replace("1.4.0rc1", "9.9.9")


@pytest.mark.parametrize(
    ("text", "name", "key", "error", "words"),
    [
        (CARGO, "cargo-lock", None, AmbiguousVersion, "2 packages of its own"),
        (CARGO, "cargo-lock", "B", VersionNotFound, "no package 'B'"),
        (CARGO.replace("[[package]]", "[[other]]"), "cargo-lock", None, VersionNotFound, "no package"),
        (CARGO, "cargo-lock", " ", UsageError, "names no package"),
        (UV, "uv-lock", "c", VersionNotFound, "dynamic"),
        (UV, "uv-lock", "a-x b", AmbiguousVersion, "a-x 1.4.0rc1, b 0.2.0+5"),
    ],
)
def test_what_cannot_be_chosen_is_refused(
    text: str, name: str, key: str | None, error: type[KrowVersionsError], words: str
) -> None:
    """No name where several are there, a wrong name, a dynamic version, packages that disagree."""
    with pytest.raises(error, match=re.escape(words)) as caught:
        read_version(text, format=name, key=key)
    assert caught.value.hint


def test_several_packages_are_one_place() -> None:
    """The members of a workspace that have one version move together."""
    located = find_version(CARGO, format_named("cargo-lock", "a b"))
    assert [place.name for place in located.places] == [
        "package[0].version",
        "package[1].version",
        "patch.unused[0].version",
        "package[0].dependencies[0]",
    ]


@pytest.mark.parametrize(
    "text", ['package = "x"', "[package]\nname = 1", "[[package]]\ndependencies = 3\nname = 'b'"]
)
def test_a_lock_of_another_shape_has_no_entry(text: str) -> None:
    """What is valid TOML and no lock is refused as that, with no traceback."""
    for name in ("cargo-lock", "uv-lock"):
        with pytest.raises(VersionNotFound):
            read_version(text, format=name, key="b")


# --- with the package managers -----------------------------------------------------------------


def bump(repo: Repo, *options: str) -> Result:
    """Bump the product of the repository without a CHANGELOG."""
    return run("bump-patch", "app", "--no-changelog", *options, cwd=repo.path)


def released(repo: Repo, files: str, version: str) -> None:
    """Commit what is there as the release of the product with these version files."""
    repo.write("krow-versions.toml", f'[products.app]\nslug = "app"\nfiles = [{files}]\n')
    repo.commit()
    repo.tag(f"app/prod-v{version}")


def member(repo: Repo, name: str, version: str, more: str = "") -> None:
    """Write a package of Rust."""
    repo.write(f"{name}/src/lib.rs", "")
    repo.write(f"{name}/Cargo.toml", f'[package]\nname = "{name}"\n{version}\nedition = "2021"\n{more}')


WORKSPACE = """\
[workspace]
members = ["a", "b", "c"]
exclude = ["d"]
resolver = "2"

[workspace.package]
version = "0.4.0"

[workspace.dependencies]
b = { path = "b", version = "=0.4.0" }
"""


def cargo_workspace(repo: Repo) -> None:
    """Two members that inherit the version of the workspace, one that does not, and another package."""
    repo.write("Cargo.toml", WORKSPACE)
    member(
        repo,
        "a",
        "version.workspace = true",
        '[dependencies]\nb.workspace = true\nother = { path = "../d", package = "d" }\n',
    )
    member(repo, "b", "version = { workspace = true }")
    member(repo, "c", 'version = "0.4.0"')
    member(repo, "d", 'version = "0.4.0"')
    assert cargo(repo.path, "generate-lockfile")


def test_cargo_takes_the_lock_of_a_bumped_workspace(repo: Repo) -> None:
    """The entries of all members that inherit the version move with it, and no other; so does the pin."""
    cargo_workspace(repo)
    released(repo, '"Cargo.toml"', "0.4.0")
    assert cargo_agrees(repo.path)
    refused = bump(repo)
    assert refused.code == 3
    assert "Cargo.toml:10: requires exactly 0.4.0 of b, which becomes 0.4.1" in refused.err
    assert repo.git("status", "--porcelain") == ""
    assert bump(repo, "--pins").code == 0
    assert cargo_agrees(repo.path)
    lock = tomllib.loads((repo.path / "Cargo.lock").read_text())
    assert {entry["name"]: entry["version"] for entry in lock["package"]} == {
        "a": "0.4.1",
        "b": "0.4.1",
        "c": "0.4.0",
        "d": "0.4.0",
    }
    assert bump(repo, "--pins", "--check").code == 0


def test_cargo_takes_the_lock_of_a_bumped_member(repo: Repo) -> None:
    """A member with a version of its own has its entry in the lock of the workspace; a range is no pin."""
    repo.write("Cargo.toml", '[workspace]\nmembers = ["a", "b"]\nresolver = "2"\n')
    member(repo, "a", 'version = "0.7.0"', '[dependencies]\nb = { path = "../b", version = "0.4.0" }\n')
    member(repo, "b", 'version = "0.4.0"')
    assert cargo(repo.path, "generate-lockfile")
    released(repo, '"b/Cargo.toml"', "0.4.0")
    assert bump(repo).code == 0
    assert repo.git("diff", "--name-only").split() == [
        "Cargo.lock",
        "b/Cargo.toml",
    ]
    assert cargo_agrees(repo.path)


def test_a_lock_out_of_step_is_named_with_what_to_do(repo: Repo) -> None:
    """KV106 and the refusal of a bump name the command that brings it in step; then the bump works."""
    cargo_workspace(repo)
    lock = (repo.path / "Cargo.lock").read_text()
    repo.write("Cargo.lock", lock.replace('name = "a"\nversion = "0.4.0"', 'name = "a"\nversion = "0.3.9"'))
    released(repo, '"Cargo.toml"', "0.4.0")
    command = "cargo update --workspace --offline"
    audit = run("audit", cwd=repo.path)
    assert "KV106" in audit.out
    assert command in audit.out
    refused = bump(repo, "--pins")
    assert refused.code == 3
    assert command in refused.err
    assert cargo(repo.path, *command.split()[1:])
    assert "KV106" not in run("audit", cwd=repo.path).out
    assert bump(repo, "--pins").code == 0
    assert cargo_agrees(repo.path)


def python(repo: Repo, folder: str, name: str, version: str, more: str = "") -> None:
    """Write a package of Python that needs no build."""
    table = f'[project]\nname = "{name}"\nversion = "{version}"\nrequires-python = ">=3.11"\n'
    repo.write(f"{folder}/pyproject.toml", table + more)


SOURCES = "[tool.uv.sources]\nb = { workspace = true }\n"


def test_uv_takes_the_lock_of_a_bumped_workspace(repo: Repo) -> None:
    """A member has its entry in the lock of the workspace; pins in every kind of group move with it."""
    root = 'dependencies = ["B==0.2.0"]\n[dependency-groups]\ndev = ["b == 0.2.0"]\n'
    python(repo, ".", "Root.Proj", "1.0.0", f'{root}{SOURCES}[tool.uv.workspace]\nmembers = ["packages/*"]\n')
    extra = "[project.optional-dependencies]\nx = [\"b===0.2.0; python_version > '3'\"]\n"
    python(repo, "packages/a", "a_x", "0.2.0", extra + SOURCES)
    python(repo, "packages/b", "b", "0.2.0")
    assert uv(repo.path, "lock")
    released(repo, '"packages/*/pyproject.toml"', "0.2.0")
    assert uv_agrees(repo.path)
    refused = bump(repo)
    assert refused.code == 3
    assert "pyproject.toml:5: requires exactly 0.2.0 of b, which becomes 0.2.1" in refused.err
    assert bump(repo, "--pins").code == 0
    assert uv_agrees(repo.path)
    assert uv(repo.path, "lock", "--upgrade")  # Its first look at the requirements of members.
    lock = tomllib.loads((repo.path / "uv.lock").read_text())
    assert {entry["name"]: entry["version"] for entry in lock["package"]} == {
        "a-x": "0.2.1",
        "b": "0.2.1",
        "root-proj": "1.0.0",
    }


def test_uv_takes_the_lock_of_a_bumped_build(repo: Repo) -> None:
    """A build is a local version of PEP 440."""
    python(repo, ".", "app", "0.2.0+5")
    assert uv(repo.path, "lock")
    released(repo, '"pyproject.toml"', "0.2.0")
    assert bump(repo).code == 0
    assert 'version = "0.2.1+6"' in (repo.path / "uv.lock").read_text()
    assert uv_agrees(repo.path)


def test_a_dynamic_version_has_no_companion(repo: Repo) -> None:
    """uv leaves a dynamic version out of the lock: that is no error, and the lock stays as it is."""
    repo.write("pyproject.toml", '[project]\nname = "c"\ndynamic = ["version"]\n')
    repo.write("uv.lock", UV)
    repo.write("VERSION", "0.2.0\n")
    released(repo, '"VERSION"', "0.2.0")
    assert bump(repo).code == 0
    assert repo.git("diff", "--name-only") == "VERSION"


def test_a_prerelease_of_the_manifest_is_that_of_the_lock(repo: Repo) -> None:
    """1.4.0-alpha.1 in pyproject.toml is 1.4.0a1 in uv.lock: they agree; 1.4.0rc1 does not."""
    repo.write("pyproject.toml", '[project]\nname = "a_x"\nversion = "1.4.0-alpha.1"\n')
    repo.write("uv.lock", UV.replace("1.4.0rc1", "1.4.0a1"))
    released(repo, '"pyproject.toml"', "0.2.0")
    assert "KV106" not in run("audit", cwd=repo.path).out
    repo.write("uv.lock", UV)
    assert "KV106" in run("audit", cwd=repo.path).out
