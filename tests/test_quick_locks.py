"""The quick reader of ``Cargo.lock`` and ``uv.lock`` answers as the parser does, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krow_versions.formats import Format, find_version, format_named
from krow_versions.formats.toml import pays
from support.quick import answered


@pytest.fixture(autouse=True, scope="module")
def _at_once() -> None:
    """Let as many short texts be read as are left to the parser at first."""
    while not pays(""):
        pass


def cargo(*packages: str) -> str:
    return "# @generated\nversion = 3\n" + "".join(f"\n[[package]]\n{package}" for package in packages)


def lock_of(name: str, key: str | None) -> Format:
    return format_named(name, key)


APP = 'name = "app"\nversion = "0.1.0"\n'
OTHER = 'name = "b"\nversion = "1.2.3"\nsource = "registry+https://example.org"\nchecksum = "00"\n'
NEEDS = 'name = "c"\nversion = "0.2.0"\ndependencies = [\n "app",\n "b 1.2.3",\n]\n'
EDITABLE = 'name = "app"\nversion = "0.1.0rc1"\nsource = { editable = "." }\n'
REGISTRY = 'name = "b"\nversion = "1.2.3"\nsource = { registry = "https://example.org" }\n'
REGISTRY += 'wheels = [\n  { url = "u", hash = "h", size = 1 },\n]\n'
METADATA = '\n[package.metadata]\nrequires-dist = [{ name = "b" }]\n'

KNOWN = {
    "Rust": ("cargo-lock", None, cargo(APP, OTHER)),
    "Rust, one of several": ("cargo-lock", "app", cargo(APP, NEEDS, OTHER)),
    "Rust, two of several": ("cargo-lock", "app c", cargo(APP.replace("1", "2"), OTHER, NEEDS)),
    "Rust, with metadata": (
        "cargo-lock",
        None,
        cargo(OTHER, APP) + '\n[metadata]\n"checksum b 1.2.3" = "00"\n',
    ),
    "Python": ("uv-lock", None, cargo(EDITABLE, REGISTRY, REGISTRY) + METADATA),
    "Python, one of several": ("uv-lock", "App", cargo(EDITABLE + METADATA, REGISTRY)),
    "Python, two of one name": ("uv-lock", None, cargo(EDITABLE, REGISTRY, EDITABLE.replace('"."', '"c"'))),
    "Python, a dynamic one": ("uv-lock", "app", cargo(EDITABLE, 'name = "c"\nsource = { virtual = "c" }\n')),
}
LEFT = {
    "a dependency with a version": ("cargo-lock", "app", cargo(APP, NEEDS.replace('"app"', '"app 0.1.0"'))),
    "two of one name": ("cargo-lock", None, cargo(APP, APP.replace("0.1.0", "0.2.0"))),
    "a package of the root": ("cargo-lock", None, f"[root]\n{APP}{cargo(OTHER)}"),
    "an unused patch": ("cargo-lock", "app", cargo(APP) + f"\n[[patch.unused]]\n{APP}"),
    "a source in a table": ("uv-lock", None, cargo(APP + '[package.source]\neditable = "."\n')),
    "a source in dotted keys": ("uv-lock", None, cargo(APP + 'source.editable = "."\n')),
    "an escape": ("cargo-lock", None, cargo(APP.replace("app", "a\\\\pp"))),
    "CRLF": ("cargo-lock", None, cargo(APP).replace("\n", "\r\n")),
    "no package of its own": ("cargo-lock", None, cargo(OTHER)),
    "two packages of its own": ("cargo-lock", None, cargo(APP, NEEDS)),
    "nothing": ("cargo-lock", None, ""),
    "a dynamic version": ("uv-lock", None, cargo('name = "c"\nsource = { virtual = "." }\n')),
    "one package, not a list": ("cargo-lock", None, f"[package]\n{APP}"),
    "a key of a hundred parts in a comment": ("cargo-lock", None, cargo(APP + f"# {'a.' * 100}a\n")),
    "a name that is a table": ("cargo-lock", None, cargo(APP, 'name = { a = 1 }\nversion = "0.1.0"\n')),
    "a version that is a number": ("cargo-lock", "app", cargo('name = "app"\nversion = 1\n')),
    "a key twice": ("cargo-lock", None, cargo(APP + 'name = "app"\n')),
}


@pytest.mark.parametrize(("name", "key", "text"), KNOWN.values(), ids=KNOWN)
def test_a_plain_lock_is_read_quickly(name: str, key: str | None, text: str) -> None:
    """Own entries of a lock are found without the parser where nothing depends on their versions."""
    assert answered(text, lock_of(name, key))


@pytest.mark.parametrize(("name", "key", "text"), LEFT.values(), ids=LEFT)
def test_what_is_not_plain_is_left_to_the_parser(name: str, key: str | None, text: str) -> None:
    """Locks with versions in other places, or with none, are left to the parser."""
    assert not answered(text, lock_of(name, key))


PIECES = st.sampled_from(
    [
        *(
            "[[package]]\n",
            "[[package]]\n",
            APP,
            OTHER,
            NEEDS,
            EDITABLE,
            REGISTRY,
            METADATA,
            "[root]\n",
            "\n",
        ),
        *(
            'name = "app"\n',
            'version = "0.1.0"\n',
            "version = 3\n",
            'source = "x"\n',
            'source.virtual = "."\n',
        ),
        *(
            'source = { virtual = "a" }\n',
            "[[patch.unused]]\n",
            "[metadata]\n",
            "[package.source]\n",
            "# app 0.1.0\n",
        ),
        *('dependencies = ["app 0.1.0"]\n', 'dependencies = [{ name = "app", version = "0.1.0" }]\n'),
        "[package.optional-dependencies]\n",
        'x = [\n  { name = "app", version = "0.1.0rc1", source = { editable = "." } },\n]\n',
    ]
)


@given(
    st.lists(PIECES, max_size=8).map("".join),
    st.sampled_from(["cargo-lock", "uv-lock"]),
    st.sampled_from([None, "app", "app c", "b"]),
)
def test_any_lock_is_read_as_the_parser_reads_it(text: str, name: str, key: str | None) -> None:
    """Entries and dependencies in any order are read as by the parser, or not at all."""
    answered(text, lock_of(name, key))


def test_a_long_lock_is_read_without_the_parser() -> None:
    """A lock of megabytes is read quickly, also if it is the first text of a process."""
    text = cargo(*(OTHER.replace('"b"', f'"b{number}"') for number in range(20_000)), APP)
    located = find_version(text, format_named("cargo-lock"))
    assert located.quick
    assert located.line == text.count("\n")


def test_many_places_are_left_to_the_parser() -> None:
    """Each place is looked for in the whole text, so that a lock of thousands of them would take minutes."""
    package = '[[package]]\nname="a"\nversion="0.1.0"\n'
    other = package.replace('"a"', '"b"')
    chosen = format_named("cargo-lock", "a")
    assert find_version(package * 100 + other * 5_000, chosen).quick
    assert not find_version(package * 101 + other * 5_000, chosen).quick
