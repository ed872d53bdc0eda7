"""Pins in `Cargo.toml` and `pyproject.toml`: exact requirements are found and moved, ranges are not."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krow_versions.errors import Unsupported
from krow_versions.formats import find_version, format_named, replace_version, set_version
from krow_versions.version import Version
from support.commands import run

if TYPE_CHECKING:
    from support.repositories import Repo


def moved(text: str, name: str, package: str, to: str = "1.4.1") -> str:
    """Move every pin of a package in a manifest to a version, one after the other."""
    known = format_named(name)
    assert known.packaging is not None
    for pin in list(known.packaging.pins(tomllib.loads(text))):
        if pin.package == package:
            text = replace_version(find_version(text, known.at(known, pin.key)), Version.parse(to))
    return text


CARGO_PINS = """\
[dependencies]
b = { path = "../b", version = "=1.4.0" }
renamed = { path = "../b", version = " = 1.4.0 ", package = "b" }
[dev-dependencies.b]
version = '=1.4.0' # =1.4.0
path = "../b"
[build-dependencies]
b.path = "../b"
b.version = "=1.4.0"
[target.'cfg(unix)'.dependencies]
b = { version = "=1.4.0", path = "../b" }
[workspace.dependencies]
b = { path = "../b", version = "=1.4.0" }
"""
CARGO_OTHERS = """\
[dependencies]
a = { path = "../b", version = "1.4.0" }
b = "=1.4.0"
c = { package = "b", version = "=1.4.0" }
d = { package = "b", path = "../b", version = "^1.4.0" }
e = { package = "b", path = "../b", version = "~1.4.0" }
f = { package = "b", path = "../b", version = "=1.4" }
g = { package = "b", path = "../b", version = ">=1.4.0, <2" }
h = { package = "b", path = "../b" }
i = { package = "x", path = "../x", version = "=1.4.0" }
j = { workspace = true }
"""
PYTHON_PINS = """\
[build-system]
requires = ["b==1.4.0"]
[project]
dependencies = [
    "B==1.4.0", # b==1.4.0
    'b [x, y] == 1.4.0 ; python_version > "3"',
    "b(==1.4.0)",
    "b===1.4.0",
    "b>=1,==1.4.0",
]
optional-dependencies.all = ["b==1.4.0"]
[dependency-groups]
dev = [{ include-group = "all" }, "b==1.4.0"]
[tool.poetry.dependencies]
b = "1.4.0"
[tool.poetry.group.dev.dependencies]
b = [{ version = "==1.4.0", python = ">=3" }, { version = "1.4.0" }]
[tool.uv]
dev-dependencies = ["b==1.4.0"]
[tool.uv.sources]
b = { workspace = true }
"""
PYTHON_OTHERS = """\
[project]
dependencies = [
    "b", "b>=1.4.0", "b~=1.4.0", "b!=1.4.0", "b<=1.4.0", "b==1.4.*", "b @ https://example.org/b==1.4.0",
    "b>1; platform_version=='1.4.0'", "bb==1.4.0", "c-b==1.4.0", "b[x==1.4.0]>1",
]
[tool.poetry.dependencies]
b = "^1.4.0"
python = "1.4.0"
[other]
dependencies = ["b==1.4.0"]
"""


@pytest.mark.parametrize(("name", "text"), [("cargo", CARGO_PINS), ("pyproject", PYTHON_PINS)])
def test_exact_requirements_are_pins(name: str, text: str) -> None:
    """In each table and spelling the version moves, and no other character does, not even of a comment."""
    lines = [line.partition(" #") for line in text.split("\n")]
    wanted = "\n".join(line.replace("1.4.0", "1.4.1") + mark + comment for line, mark, comment in lines)
    assert moved(text, name, "b") == wanted


@pytest.mark.parametrize(("name", "text"), [("cargo", CARGO_OTHERS), ("pyproject", PYTHON_OTHERS)])
def test_ranges_and_other_packages_are_no_pins(name: str, text: str) -> None:
    """What the next PATCH satisfies, what comes from a registry, and other names stay as they are."""
    assert moved(text, name, "b") == text


def test_of_0_0_z_a_caret_is_a_pin() -> None:
    """Cargo's 0.0.3, and ^0.0.3 of Cargo and Poetry, are ranges of one version; ~0.0.3 is not."""
    text = 'dependencies.b = {{ path = "../b", version = "{}" }}\n'
    poetry = 'tool.poetry.dependencies.b = "{}"\n'
    for spec, known, written, pinned in (
        ("0.0.3", "cargo", text, True),
        ("^0.0.3", "cargo", text, True),
        ("~0.0.3", "cargo", text, False),
        ("^0.0.3", "pyproject", poetry, True),
        ("~0.0.3", "pyproject", poetry, False),
    ):
        before = written.format(spec)
        after = written.format(spec.replace("0.0.3", "0.0.4")) if pinned else before
        assert moved(before, known, "b", "0.0.4") == after


@pytest.mark.parametrize(
    ("name", "text", "key"),
    [
        ("cargo", 'dependencies.b = { path = "../b", version = "0.0.3" }\n', "dependencies.b.version"),
        ("cargo", 'dependencies.b = { path = "../b", version = "^0.0.3" }\n', "dependencies.b.version"),
        ("pyproject", 'tool.poetry.dependencies.b = "^0.0.3"\n', "tool.poetry.dependencies.b"),
    ],
)
def test_a_caret_of_0_0_z_cannot_go_to_another_minor(name: str, text: str, key: str) -> None:
    """``^0.1.0`` would be a range, so what was exact is not moved there; 0.0.z is."""
    with pytest.raises(Unsupported, match=r"one of 0\.1\.0 would be a range") as caught:
        set_version(text, "0.1.0", format=name, key=key)
    assert "by hand" in str(caught.value.hint)
    assert set_version(text, "0.0.4", format=name, key=key) == text.replace("0.0.3", "0.0.4")


def test_a_package_that_uv_takes_from_elsewhere_is_not_the_sibling() -> None:
    """An index, a git repository or an archive in tool.uv.sources says so."""
    text = 'project.dependencies = ["b==1.4.0"]\n[tool.uv.sources]\nB = {{ {} = "x" }}\n'
    for source, pinned in (("index", False), ("git", False), ("url", False), ("path", True)):
        before = text.format(source)
        assert moved(before, "pyproject", "b") == (before.replace("1.4.0", "1.4.1") if pinned else before)


@given(st.recursive(st.text(max_size=3) | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["dependencies", "target", "tool", "uv", "poetry", "project", "sources", "group", "b", "version", "path"]), inner)))  # fmt: skip  # noqa: E501
def test_a_manifest_of_any_shape_can_be_asked(data: object) -> None:
    """Tables where lists are expected, and the other way round, have no pins, and raise nothing."""
    for name in ("cargo", "pyproject"):
        packaging = format_named(name).packaging
        assert packaging is not None
        if isinstance(data, dict):
            assert all(pin.key for pin in packaging.pins(data))


def test_a_pin_in_another_product_is_refused_with_its_place(repo: Repo) -> None:
    """A bump of one product names the pin in the manifest of another one, and moves it with --pins."""
    repo.write("b/pyproject.toml", '[project]\nname = "b"\nversion = "1.4.0"\n')
    repo.write(
        "a/pyproject.toml", '[project]\nname = "a"\nversion = "2.0.0"\ndependencies = [\n "b==1.4.0",\n]\n'
    )
    repo.write(
        "krow-versions.toml",
        '[products.a]\nslug = "a"\nfiles = ["a/pyproject.toml"]\n'
        '[products.b]\nslug = "b"\nfiles = ["b/pyproject.toml"]\n',
    )
    repo.commit()
    refused = run("bump-patch", "b", "--no-changelog", cwd=repo.path)
    assert refused.code == 3
    assert "a/pyproject.toml:5: requires exactly 1.4.0 of b" in refused.err
    assert run("bump-patch", "b", "--no-changelog", "--pins", cwd=repo.path).code == 0
    assert '"b==1.4.1"' in (repo.path / "a/pyproject.toml").read_text()
