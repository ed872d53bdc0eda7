"""Where the keys and values of a TOML text stand, proven by ``tomllib``."""

from __future__ import annotations

import contextlib
import tomllib
from typing import TYPE_CHECKING, Any

import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from krow_versions.encoding import decode
from krow_versions.formats.toml import scan_toml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from krow_versions.formats.toml import TomlPath

WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=4)
VALUES = st.recursive(
    WORDS | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=10,
)


def assert_found(text: str) -> None:
    """Assert that the scan finds every leaf of what tomllib reads, and tomllib reads the same at its span."""
    tree = tomllib.loads(text, parse_float=str)
    found, shallow = scan_toml(text), scan_toml(text, arrays=False)
    for path, leaf in leaves(tree):
        literal = found.values[path].of(text)
        assert tomllib.loads(f"key = {literal}", parse_float=str)["key"] == leaf
        assert path in found.keys
        if all(isinstance(part, str) for part in path):
            assert shallow.values[path] == found.values[path]
    assert shallow.values.items() <= found.values.items()


def leaves(node: Any, path: TomlPath = ()) -> Iterator[tuple[TomlPath, Any]]:
    if not isinstance(node, dict | list):
        yield path, node
        return
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        yield from leaves(value, (*path, key))


@given(st.dictionaries(WORDS, VALUES, max_size=4))
def test_every_value_of_a_document_is_found(tree: dict[str, Any]) -> None:
    """What tomlkit writes is found where tomllib reads it: in tables, inline tables and arrays."""
    assert_found(tomlkit.dumps(tree))


def test_every_value_of_the_suite_is_found(shared: Path) -> None:
    """In every valid document of toml-test the scan and tomllib see the same values, in any spelling."""
    files = sorted((shared / "suites/toml/valid").rglob("*.toml"))
    assert len(files) > 100
    for file in files:
        assert_found(decode(file.read_bytes()).removeprefix("\ufeff"))


def test_every_value_of_real_files_is_found(shared: Path) -> None:
    """The same in the TOML files of the corpus; templates among them are no TOML."""
    checked = 0
    for file in sorted((shared / "corpus").rglob("*.toml")):
        with contextlib.suppress(tomllib.TOMLDecodeError):
            assert_found(decode(file.read_bytes()).removeprefix("\ufeff"))
            checked += 1
    assert checked > 50
