"""Formats: in every one, exactly the version changes, and an independent parser sees just that."""

from __future__ import annotations

import itertools
import json
import plistlib
import tomllib
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from ruamel.yaml import YAML

from krow_versions import testing
from krow_versions.encoding import decode, encode
from krow_versions.errors import EncodingError
from krow_versions.formats import BUILT_IN, find_version, format_named, set_version
from support.gradle import gradle_projects, gradle_properties
from support.openstep import read_project

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

    from krow_versions.testing import Sample
    from krow_versions.version import Version


def named(name: str, samples: SearchStrategy[Sample]) -> SearchStrategy[Sample]:
    """The same documents, read in another format."""
    return samples.map(lambda sample: attrs.evolve(sample, format=name))


def plain_tomls() -> SearchStrategy[Sample]:
    """TOML documents with the version at the top, above one of Cargo's."""

    def put_above(sample: Sample) -> Sample:
        below = sample.text.removeprefix("\ufeff")
        return attrs.evolve(sample, pieces=("version = '", f"' # \n{below}"), format="toml")

    return testing.cargo_manifests().map(put_above)


KINDS = {
    "pubspec": testing.pubspecs,
    "chart": testing.charts,
    "package-json": testing.package_jsons,
    "expo": testing.app_jsons,
    "package-lock": testing.package_locks,
    "pyproject": testing.pyprojects,
    "cargo": testing.cargo_manifests,
    "cargo-lock": testing.cargo_locks,
    "uv-lock": testing.uv_locks,
    "gradle": gradle_projects,
    "gradle-properties": gradle_properties,
    "plist": testing.plists,
    "xcode": testing.xcode_projects,
    "text": testing.text_files,
    "yaml": lambda: named("yaml", testing.pubspecs()),
    "json": lambda: named("json", testing.package_jsons()),
    "toml": plain_tomls,
}


def yaml_leaves(text: str) -> Any:
    """Read by composing nodes: text for scalars, whatever they would be resolved to."""
    # ruamel takes U+2028 and U+0085 for line breaks, and no tab after a colon: see formats/yaml_tree.py.
    readable = text.replace("\u2028", " ").replace("\x85", " ").replace("\t", " ")

    def plain(node: Any, above: tuple[int, ...] = ()) -> Any:
        if id(node) in above:
            return "cycle"
        above = (*above, id(node))
        if node.id == "scalar":
            return node.value
        if node.id == "sequence":
            return [plain(item, above) for item in node.value]
        return [(plain(key, above), plain(value, above)) for key, value in node.value]

    pairs = plain(YAML().compose(readable))
    return {key if isinstance(key, str) else repr(key): value for key, value in pairs}


def json_leaves(text: str) -> Any:
    return json.loads(text, parse_int=str, parse_float=str, object_pairs_hook=Pairs)


class Pairs(dict[str, Any]):
    """An object with its members in order and its duplicates kept."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pairs) and list(self.items()) == list(other.items())

    __hash__ = None


READERS: dict[str, Callable[[str], Any]] = {
    "yaml": yaml_leaves,
    "json": json_leaves,
    "toml": lambda text: tomllib.loads(text, parse_float=str),
    "plist": lambda text: plistlib.loads(text.encode(), fmt=plistlib.FMT_XML),
    "xcode": read_project,
    "text": lambda text: {"text": text},
}
FAMILY = {
    **dict.fromkeys(("pubspec", "chart", "yaml"), "yaml"),
    **dict.fromkeys(("pyproject", "uv-lock", "cargo", "cargo-lock", "toml"), "toml"),
    **dict.fromkeys(("text", "gradle", "gradle-properties"), "text"),
    **{name: name for name in ("plist", "xcode")},
}


def with_versions(data: Any, format_name: str, new: str) -> Any:
    """Set the version in parsed data, at the places that each kind of file has by its own rules."""
    tables = {
        "package-lock": [data, data.get("packages", {}).get("", {})],
        "expo": [data.get("expo", data)],
        "pyproject": [data.get("project"), data.get("tool", {}).get("poetry")],
        "cargo": [data.get("package"), data.get("workspace", {}).get("package")],
    }
    if format_name in {"cargo-lock", "uv-lock"}:
        return in_lock(data, new)
    if format_name == "plist":
        places = {"CFBundleShortVersionString", "CFBundleVersion"}
        return {key: new if key in places and "$" not in value else value for key, value in data.items()}
    if format_name == "xcode":
        for key in ("C0", "C1", "C2"):
            settings = data["objects"][key]["buildSettings"]
            if "$" not in settings.get("MARKETING_VERSION", "$"):
                settings["MARKETING_VERSION"] = new
        return data
    for table in tables.get(format_name, [data]):
        if table and "version" in table:
            table["version"] = new
    return data


def in_lock(data: Any, new: str) -> Any:
    """Set the version of the one package of a lock that is no other repository's, wherever it stands."""
    foreign = ("registry", "git")
    own = [
        entry
        for entry in [*data["package"], *data.get("patch", {}).get("unused", [])]
        if entry["name"] == "app" and not any(word in str(entry.get("source", "")) for word in foreign)
    ]
    old = own[0]["version"]
    for entry in data["package"]:
        groups = [entry.get(kind, {}) for kind in ("optional-dependencies", "dev-dependencies")]
        lists = [entry.get("dependencies", []), *(each for group in groups for each in group.values())]
        for dependencies in lists:
            for index, each in enumerate(dependencies):
                if each == f"app {old}":
                    dependencies[index] = f"app {new}"
                elif isinstance(each, dict) and "version" in each and "registry" not in each["source"]:
                    each["version"] = new
    for entry in own:
        entry["version"] = new
    return data


def test_the_laws_are_tried_on_every_format() -> None:
    """What is registered has documents to try it on."""
    assert set(KINDS) == set(BUILT_IN)


@pytest.mark.fault(3, 6, 7, 8, 27, 28, 29, 30, 31)
@pytest.mark.parametrize("kind", KINDS)
def test_every_format_keeps_the_laws(kind: str) -> None:
    """What is read is what stands there, and only that changes, in every format."""

    @given(KINDS[kind](), testing.versions())
    def laws(sample: Sample, new: Version) -> None:
        testing.law_read_sees_the_version(sample)
        testing.law_set_is_exact(sample, new)

    laws()


@given(testing.version_files(), testing.versions())
def test_twice_is_as_once_and_back_is_as_before(sample: Sample, new: Version) -> None:
    """Promise 2: setting a version again changes nothing, and setting the old one gives the old text."""
    testing.law_set_is_idempotent(sample, new)
    testing.law_set_can_be_undone(sample, new)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if FAMILY.get(kind) != "text"])
def test_an_independent_parser_sees_one_value_changed(kind: str) -> None:
    """What another parser reads after is what it read before, with nothing but the version replaced."""
    read = READERS[FAMILY.get(kind, "json")]

    @given(KINDS[kind](), testing.versions(prereleases=True))
    def law(sample: Sample, new: Version) -> None:
        if not find_version(sample.text, format_named(kind)).takes_build:
            new = new.with_build(None)
        before = read(sample.text.removeprefix("\ufeff"))
        after = read(set_version(sample.text, new, format=kind).removeprefix("\ufeff"))
        assert after == with_versions(before, kind, str(new))

    law()


@given(testing.version_files())
def test_the_place_of_the_version_is_known(sample: Sample) -> None:
    """`Located` gives the spans of the version in the text without its BOM, quotes included."""
    text = sample.text
    located = find_version(text, format_named(sample.format))
    body = text.removeprefix("\ufeff")
    lengths = [len(piece.removeprefix("\ufeff")) for piece in sample.pieces[:-1]]
    starts = [end + number * len(sample.written) for number, end in enumerate(itertools.accumulate(lengths))]
    scalars = sorted((place.scalar for place in located.places), key=lambda scalar: scalar.span)
    assert [scalar.span.start + len(scalar.style) for scalar in scalars] == starts
    assert [scalar.span.of(body) for scalar in scalars] == [
        f"{scalar.style}{sample.written}{scalar.style}" for scalar in scalars
    ]
    if body == text:  # With a BOM, see the next test.
        assert located.line == text[: located.places[0].scalar.span.start].count("\n") + 1
    assert set_version(text, sample.version, format=sample.format) is text


@pytest.mark.fault(3)
def test_a_bom_does_not_move_the_line() -> None:
    """The line of the version is the same with a BOM and without."""
    assert find_version("\ufeff\n0.1.0\n", format_named("text")).line == 2


@pytest.mark.fault(3)
@given(testing.version_files())
def test_bytes_become_text_and_back(sample: Sample) -> None:
    """Decoding and encoding are inverse, with and without a BOM, whatever the line ends."""
    data = sample.text.encode()
    assert encode(decode(data)) == data


@pytest.mark.fault(1, 2, 5)
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"version: 0.1.0\nname: \xff\n", "line 2: byte 0xff at offset 21 is not UTF-8"),
        (b"version: 0.1.0\n# \xed\xa0\x80\n", "line 2: byte 0xed at offset 17 is not UTF-8"),
        (b"version: 0.1.0\n\xc3", "line 2: byte 0xc3 at offset 15 is not UTF-8"),
        ("version: 0.1.0\n".encode("utf-16"), "line 1: the file is UTF-16, not UTF-8"),
        (b"\xfe\xff" + "version: 0.1.0\n".encode("utf-16-be"), "line 1: the file is UTF-16, not UTF-8"),
        ("version: 0.1.0\n".encode("utf-32"), "line 1: the file is UTF-32, not UTF-8"),
        (
            "version: 0.1.0\n".encode("utf-16-le"),
            "line 1: the file looks like UTF-16 or UTF-32 without a mark",
        ),
        (
            "version: 0.1.0\n".encode("utf-32-be"),
            "line 1: the file looks like UTF-16 or UTF-32 without a mark",
        ),
        (b"name: a\nversion: 0.1.0\n\x00", "line 3: there is a NUL byte at offset 23"),
    ],
)
def test_bytes_that_are_not_utf8_are_refused_by_name(data: bytes, words: str) -> None:
    """The error says which encoding or which byte it is, on which line, and what to do."""
    with pytest.raises(EncodingError) as caught:
        decode(data)
    assert str(caught.value).split("\n")[0] == words
    assert caught.value.hint
