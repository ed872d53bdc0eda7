"""Places: every place of a version and of a build in a text, read, written and proven together."""

from __future__ import annotations

import functools
import json
import pickle
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from krow_versions import Version, set_version
from krow_versions.errors import AmbiguousVersion, InternalError, InvalidVersion, Unsupported
from krow_versions.formats import Format, find_version, format_named, highest_build, replace_version
from krow_versions.formats.json import read_json
from support.apple import SHORT, app, plist, string

if TYPE_CHECKING:
    from krow_versions.formats import KeyPath, Kind
    from krow_versions.version import Held

KINDS: tuple[Kind, ...] = ("version", "build", "full", "quad")


def _kind(key: KeyPath, _: str) -> Kind:
    return next(kind for kind in KINDS if str(key[-1]).startswith(kind))


def _keys(data: dict[str, str]) -> tuple[KeyPath, ...]:
    return tuple((key,) for key in data if key.startswith(KINDS))


PLACES = Format("places", functools.partial(read_json, paths=()), _keys, kind=_kind)

numbers = st.integers(0, 99)
cores = st.builds(Version, numbers, numbers, numbers)
names = st.lists(st.sampled_from(KINDS), min_size=1, max_size=5)


@st.composite
def texts(draw: st.DrawFn) -> tuple[list[str], Version, int]:
    """The keys of a text, and the version and the build in it."""
    keys = [f"{kind} {number}" for number, kind in enumerate(draw(names))]
    return keys, draw(cores), draw(numbers)


def holding(keys: list[str], core: Version, build: int) -> str:
    """Write a text that holds a version and a build in all places, between other strings."""
    has_build = any(key.startswith("build") for key in keys)
    values = {
        "version": str(core),
        "build": str(build),
        "full": str(core if has_build else core.with_build(build)),
        "quad": f"{core}.0",
    }
    pairs = {key: values[key.split()[0]] for key in keys}
    return json.dumps({"name": str(core), **pairs, "other": str(build)}, indent=1)


@given(texts())
def test_all_places_together_are_the_version(text: tuple[list[str], Version, int]) -> None:
    """A file has its version from places of versions, and its build from places of builds."""
    keys, core, build = text
    found = find_version(holding(keys, core, build), PLACES)
    kinds = {key.split()[0] for key in keys}
    assert found.version == (None if kinds == {"build"} else core.with_build(found.build))
    assert found.build == (build if kinds & {"build", "full"} else None)
    assert [place.name for place in found.places] == [f'"{key}"' for key in keys]


@given(texts(), cores, numbers)
def test_every_place_is_written(text: tuple[list[str], Version, int], core: Version, build: int) -> None:
    """Setting a version and a build changes all places, nothing else, and only once."""
    keys, old, old_build = text
    before = find_version(holding(keys, old, old_build), PLACES)
    held: Held = build if before.version is None else core.with_build(None if before.build is None else build)
    after = replace_version(before, held)
    wanted = json.loads(holding(keys, core, build)) | {"name": str(old), "other": str(old_build)}
    assert after == json.dumps(wanted, indent=1)
    again = find_version(after, PLACES)
    assert again.held == held
    assert replace_version(again, held) is after
    assert replace_version(again, before.held) == before.text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"version 1": "1.4.0",\n"version 2": "1.4.1"}', "version disagree: line 1 .* says '1.4.0', line 2"),
        ('{"build 1": "41",\n\n"build 2": "42"}', "build disagree: line 1 .* says '41', line 3"),
        ('{"full": "1.4.0+41",\n"build": "42"}', "build disagree: line 1 .* line 2"),
        ('{"full": "1.4.0+41",\n"quad": "1.4.1.0"}', "version disagree: line 1 .* line 2"),
        ('{"full 1": "1.4.0+41",\n"full 2": "1.4.0"}', "version disagree: line 1 .* line 2"),
    ],
)
def test_places_that_disagree_are_one_refusal(text: str, message: str) -> None:
    """Which place is right is not guessed: all are named with their lines."""
    with pytest.raises(AmbiguousVersion, match=message):
        find_version(text, PLACES)


def test_the_highest_build_is_known_where_builds_disagree() -> None:
    """What a tag shipped counts also when its places disagreed."""
    assert highest_build('{"build 1": "41", "build 2": "42", "full": "1.0.0+7"}', PLACES) == 42


@pytest.mark.parametrize("value", ["", "4.2", "-1", "0x2a", "42 ", "four", "1_0"])
def test_a_build_is_a_whole_number(value: str) -> None:
    """Anything else is refused as what it is."""
    if value:
        with pytest.raises(InvalidVersion, match="is not a whole number"):
            find_version(json.dumps({"version": "1.0.0", "build": value}), PLACES)


@pytest.mark.parametrize("value", ["1.4.0", "1.4.0.1", "1.4.0.0.0", "01.4.0.0", "1.4.0.00"])
def test_a_quad_ends_in_0(value: str) -> None:
    """The Microsoft Store keeps the fourth number for itself."""
    with pytest.raises(InvalidVersion, match="four numbers"):
        find_version(json.dumps({"quad": value}), PLACES)


def test_padding_of_a_build_is_kept() -> None:
    """A build of its own keeps its width, as a build behind a plus does."""
    before = find_version('{"version": "1.4.0", "build": "0099"}', PLACES)
    assert str(before.version) == "1.4.0+0099"
    assert before.version is not None
    assert replace_version(before, before.version.next_patch()) == '{"version": "1.4.1", "build": "0100"}'


def test_a_version_without_a_build_leaves_the_build() -> None:
    """Where the build stands by itself, nothing says what it should be."""
    before = find_version('{"version": "1.4.0", "build": "42"}', PLACES)
    assert replace_version(before, Version(1, 4, 1)) == '{"version": "1.4.1", "build": "42"}'


VERSIONS_ALONE = {
    "expo": '{"expo": {"version": "1.4.0", "ios": {}}}',
    "gradle": 'android { defaultConfig { versionName "1.4.0" } }',
    "plist": plist(SHORT, string("1.4.0")),
    "xcode": app("MARKETING_VERSION = 1.4.0;"),
}


@pytest.mark.parametrize("name", VERSIONS_ALONE)
def test_no_build_is_put_behind_a_version_that_stores_read(name: str) -> None:
    """Apple refuses ``1.4.1+6``: where a build has a key of its own that is not there, it is refused here."""
    text = VERSIONS_ALONE[name]
    with pytest.raises(Unsupported, match="no place for the build 6") as caught:
        set_version(text, "1.4.1+6", format=name)
    assert "set 1.4.1" in str(caught.value.hint)
    assert set_version(text, "1.4.1", format=name) == text.replace("1.4.0", "1.4.1")
    located = find_version(text, format_named(name))
    assert replace_version(located, Version(1, 4, 1, build=6)) == text.replace("1.4.0", "1.4.1")


def test_a_lie_about_one_of_several_places_is_found_out() -> None:
    """The proof is of every place."""
    before = find_version('{"version": "1.4.0", "build": "42", "x": ["9"]}', PLACES)
    lying = attrs.evolve(before.places[1], scalar=attrs.evolve(before.places[1].scalar, style="'"))
    with pytest.raises(InternalError):
        replace_version(attrs.evolve(before, places=(before.places[0], lying)), Version(1, 4, 1, build=43))


@pytest.mark.parametrize(
    ("data", "bound"), [(b'{"build": "42", "x": "12"}', 42), (b'{"build": "007+9"}', 9), (b"{}", -1)]
)
def test_any_number_may_be_a_build_of_its_own(data: bytes, bound: int) -> None:
    """A format that says what its places hold, and nothing of a bound, is not trusted to have only ``+N``."""
    assert PLACES.build_bound(data) == bound
    assert attrs.evolve(format_named("yaml"), kind=_kind).build_bound(data) == bound


@pytest.mark.parametrize(
    ("data", "bound"), [(b"version: 1.0.0+12\n# +7 and +013", 13), (b"1.0.0", -1), (b"+" + b"9" * 300, -1)]
)
def test_the_bound_of_a_build_is_found_without_parsing(data: bytes, bound: int) -> None:
    """It is never below the build of the file."""
    assert format_named("pubspec").build_bound(data) == bound


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("yaml", "a.b"),
        ("json", "a"),
        ("package-lock", "version"),
        ("gradle-properties", "VERSION"),
        ("toml", "a"),
    ],
)
def test_a_format_at_a_key_can_be_sent_to_another_process(name: str, key: str) -> None:
    """A pickled format finds the same keys."""
    chosen = format_named(name, key)
    again = pickle.loads(pickle.dumps(chosen))
    assert again.keys({}) == chosen.keys({})


def test_an_edit_that_changes_which_places_count_is_not_proven() -> None:
    """A format whose places depend on the version would find others in the text that it has written."""
    text = '{"version 1": "1.4.0", "version 2": "1.4.0"}'
    lying = attrs.evolve(PLACES, keys=lambda data: _keys(data)[: 1 + (data["version 1"] == "1.4.0")])
    with pytest.raises(InternalError):
        replace_version(find_version(text, lying), Version(1, 4, 1))


def test_the_zeros_of_a_version_are_not_those_of_its_build() -> None:
    """The width of a build is that of its own digits, also where only another place has the build."""
    found = find_version('{"version 1": "0.1.0", "full 2": "0.1.0+5"}', PLACES)
    assert found.version is not None
    after = replace_version(found, found.version.next_patch())
    assert after == '{"version 1": "0.1.1", "full 2": "0.1.1+6"}'
