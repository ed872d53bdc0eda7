"""JSON of any size: a long text is read as a short one is, and takes memory in proportion to its size."""

from __future__ import annotations

import functools
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from krow_versions import testing
from krow_versions.encoding import decode
from krow_versions.errors import (
    AmbiguousVersion,
    FileFormatError,
    FileTooLarge,
    InternalError,
    KrowVersionsError,
)
from krow_versions.formats import (
    MIB,
    Format,
    Scalar,
    find_version,
    format_named,
    replace_version,
    set_version,
)
from krow_versions.formats.json import read_json
from krow_versions.version import Version

if TYPE_CHECKING:
    from pathlib import Path

    from krow_versions.testing import Sample

LONG = " " * MIB  # Behind any text, this makes it a long one and changes nothing else in it.
NEW = Version.parse("9.9.9")


def outcome(text: str, name: str, key: str | None = None) -> tuple[str, ...]:
    """Set the version; give the new text without blanks at its end, or what the error says.

    Versions of Python word, and place, what is wrong with JSON in their own ways.
    """
    try:
        return ("edited", set_version(text, NEW, format=name, key=key).rstrip(" "))
    except KrowVersionsError as error:
        if error.message.startswith("invalid JSON"):
            return (type(error).__name__, "invalid JSON")
        return (type(error).__name__, error.message, str(error.key), str(error.line), str(error.column))


# --- a long text is read as a short one is ----------------------------------------------------

_KEYS = st.sampled_from(
    ["version", "packages", "", "expo", "private", "a", "a.b", "é", "\\u0076ersion", "version\\\\", "\\t"]
)
_BLANKS = st.sampled_from(["", "", "", " ", "\n", "\t\r\n  "])
_LEAVES = st.sampled_from(
    [
        *('"0.1.0"', '"0.1.0"', '"0.1.0"', '"\\ud800"', '"\\"],{"', '"\U0001f600"', '""', '"\\u00e9\\/"'),
        *("0", "-0", "1.50", "1E5", "-12e-3", "true", "false", "null", "[]", "{}", "9" * 5000),
    ]
)
WRONG = [
    *("NaN", "-Infinity", "Infinity", "01", "1.", "-", "+1", ".5", "1e", "tru", "nulll", "True", "'a'"),
    *('"\t"', '"\x1f"', '"\n"', '"\\x"', '"\\u12g4"', '"\\u123"', '"', '"\\', "[1,]", '{"a":1,}', "[,1]"),
    *("[1 2]", '{"a" 1}', "{1:2}", '{"a":}', '{"a"}', "{,}", "[", "]", "}", "{", ",", ":", "//", "/**/"),
    *("\x0b", "\xa0", "\ufeff", "", '"a":1', "1,,1", "1:1", '["a":1]', "{[]:1}", "{null}"),
]


@st.composite
def _texts(draw: st.DrawFn) -> str:
    """Draw JSON with the keys that formats look for; in one of two, some of it is broken."""

    def spaced(*parts: str) -> str:
        return "".join(draw(_BLANKS) + part for part in parts)

    def array(values: list[str]) -> str:
        return spaced("[", ",".join(map(spaced, values)), "]")

    def an_object(members: list[tuple[str, str]]) -> str:
        return spaced("{", ",".join(spaced(f'"{key}"', ":", value) for key, value in members), "}")

    def members(values: st.SearchStrategy[str]) -> st.SearchStrategy[list[tuple[str, str]]]:
        return st.lists(st.tuples(_KEYS, values), max_size=5)

    leaves = _LEAVES if draw(st.booleans()) else _LEAVES | st.sampled_from(WRONG)
    values = st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4).map(array) | members(inner).map(an_object),
        max_leaves=12,
    )
    text = an_object(draw(members(values))) if draw(st.integers(0, 9)) else draw(values)
    return spaced(text) + draw(_BLANKS) + draw(st.sampled_from(["", "", "", "", "", "]", "1", "{}"]))


@settings(max_examples=300)
@example('{"version":"0.1.0","packages":{"":{"version":"0.1.0"},"":{}}}', "package-lock")
@example('{"expo":{"version":"0.1.0"},"expo":1}', "expo")
@example('{"version":"0.1.0","\\u0076ersion":"0.1.0"}', "package-json")
@example('{"a":{"version":"0.1.0"},"version":"0.1.0"}', "package-json")
@example('{"a":[[[{"version":"0.1.0"}],[[[]]]]],"version":"0.1.0"}', "package-json")
@given(_texts(), st.sampled_from(["package-json", "package-lock", "expo", "json"]))
def test_a_long_text_is_read_as_a_short_one(text: str, name: str) -> None:
    """A long text is edited or refused as a short one is, in the same place and for the same reason."""
    assert outcome(text + LONG, name) == outcome(text, name)


@pytest.mark.fault(26)
@pytest.mark.parametrize("wrong", [each for each in WRONG if each])
def test_what_is_no_json_is_refused_wherever_it_stands(wrong: str) -> None:
    """In a long text nothing wrong is passed over, however deep and wherever it stands."""
    for depth in range(6):
        for opening, closing in (("[", "]"), ('{"a":', "}")):
            value = opening * depth + wrong + closing * depth
            for members in (f'"b":{value},"version":"0.1.0"', f'"version":"0.1.0","b":{value}'):
                with pytest.raises(FileFormatError):
                    set_version(f"{{{members}}}{LONG}", NEW, format="json")


@settings(max_examples=100)
@given(_texts(), st.sampled_from(["a.version", 'a."".version', '"a.b".a', "é", "packages"]))
def test_any_key_is_found_in_a_long_text(text: str, key: str) -> None:
    """A key path that a user gives is found in a long text where it is found in a short one."""
    long, short = outcome(text + LONG, "package-json", key), outcome(text, "package-json", key)
    assert long == short


@pytest.mark.fault(27)
@settings(max_examples=50)
@given(testing.package_jsons() | testing.package_locks() | testing.app_jsons(), testing.versions())
def test_a_long_version_file_keeps_the_laws(sample: Sample, new: Version) -> None:
    """What is read in a long file is what stands there, and only that changes."""
    long = attrs.evolve(sample, pieces=(*sample.pieces[:-1], sample.pieces[-1] + LONG))
    testing.law_read_sees_the_version(long)
    testing.law_set_is_exact(long, new)


def test_json_that_is_long_is_accepted_and_refused_as_the_suite_says(shared: Path) -> None:
    """JSONTestSuite: each document alone and beside a version, long, has the outcome that it has short."""
    wrong = {}
    for path in sorted((shared / "suites/json").rglob("*.json")):
        try:
            text = decode(path.read_bytes())
        except KrowVersionsError:
            continue
        for each in (text, f'{{"version": "0.1.0", "other": {text}}}', f'{{"a": [0, {text}, 0], "b": 1}}'):
            long, short = outcome(each + LONG, "json"), outcome(each, "json")
            if long[0] != short[0]:
                wrong[path.name, each] = (long, short)
    assert wrong == {}


@pytest.mark.parametrize("length", range(MIB - 12, MIB + 3))
def test_a_version_that_makes_a_text_long_is_proven(length: int) -> None:
    """Both texts of a proof are read in the same way, also when one is long and the other is not."""
    text = '{"version":"0.1.0"}'.ljust(length)
    for new in ("0.1.10", "10.10.10-rc.1"):
        assert set_version(text, new, format="json") == text.replace("0.1.0", new)
    text = text.replace("0.1.0", "10.10.10")
    assert set_version(text, "0.1.0", format="json") == text.replace("10.10.10", "0.1.0")


@attrs.frozen
class Lying(Scalar):
    """A scalar that is not written in its quotes, but as *other*."""

    other: str = ""

    def written(self, value: str) -> str:
        return self.other.replace("9.9.9", value)


@pytest.mark.parametrize("pad", ["", LONG], ids=["short", "long"])
@pytest.mark.parametrize("written", ['"9.9.9", "x": 1', '"9.9.8"', '"9.9.9"}', '{"":"9.9.9"}'])
def test_an_edit_that_changes_more_is_found_out(pad: str, written: str) -> None:
    """The proof is of long texts, too: whatever else than the version is written, it is our bug."""
    located = find_version('{"version":"0.1.0","a":[]}' + pad, format_named("json"))
    (place,) = located.places
    scalar = place.scalar
    lying = Lying(scalar.span, scalar.value, scalar.style, written)
    with pytest.raises(InternalError):
        replace_version(attrs.evolve(located, places=(attrs.evolve(place, scalar=lying),)), NEW)


def test_another_key_of_a_long_text_is_refused() -> None:
    """A format of another package must name the key that it reads: nothing is guessed, the error says so."""
    own = Format("own", read_json, lambda _: (("a",),), max_bytes=2 * MIB)
    text = '{"version":"0.1.0","a":"0.1.0"}'
    assert str(find_version(text, own).version) == "0.1.0"
    with pytest.raises(FileTooLarge, match="the key a is not looked for") as caught:
        find_version(text + LONG, own)
    assert caught.value.hint
    named = attrs.evolve(own, read=functools.partial(read_json, paths=(("a",),)))
    assert str(find_version(text + LONG, named).version) == "0.1.0"


@pytest.mark.fault(21)
@pytest.mark.parametrize("depth", [900, 990, 1000, 5000, 1_000_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[[],{"a":', "}]")])
def test_every_depth_of_long_json_is_edited_or_refused(depth: int, opening: str, closing: str) -> None:
    """A long text that is nested deeply is edited, or refused as such."""
    text = f'{{"version":"0.1.0","a":{opening * depth}0{closing * depth}}}{LONG}'
    levels = len(re.findall(r"[\[{]", text)) - text.count("[]") + 1
    if levels > 1000:
        with pytest.raises(FileFormatError, match="nested more than 1000 levels deep"):
            set_version(text, NEW, format="json")
    else:
        assert set_version(text, NEW, format="json") == text.replace("0.1.0", "9.9.9")


# --- memory -----------------------------------------------------------------------------------

# A tree of any of these takes from 10 to 120 times the size of the text.
_SIZE = 16 * MIB
_PROGRAM = """
import resource, sys
from pathlib import Path
from krow_versions.encoding import decode
from krow_versions.formats import set_version
name, path, space = sys.argv[1:]
set_version('{"version": "0.1.0"}', "9.9.9", format="json")
held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (held + int(space),) * 2)
text = decode(Path(path).read_bytes())
print(set_version(text, "9.9.9", format=name) == text.replace("0.1.0", "9.9.9"))
"""


def filled(item: str) -> str:
    return f'{{"version":"0.1.0","a":[{item * (_SIZE // len(item))}0]}}'


MANY = {
    "empty arrays": lambda: filled("[],"),
    "empty objects": lambda: filled("{},"),
    "numbers": lambda: filled("0,"),
    "short strings": lambda: filled('"ab",'),
    "objects": lambda: filled('{"a":0},'),
    "arrays of arrays": lambda: filled(f"{'[' * 400}{'],[],[' * 10_000}{']' * 400},"),
    "keys": lambda: '{"version":"0.1.0"' + "".join(f',"{n}":0' for n in range(_SIZE // 12)) + "}",
    "one string": lambda: f'{{"a":"{"x" * _SIZE}","version":"0.1.0"}}',
}


@pytest.mark.fault(24)
@pytest.mark.parametrize("kind", MANY)
def test_memory_is_a_small_multiple_of_the_size(tmp_path: Path, kind: str) -> None:
    """Whatever a file is full of, setting its version takes few times the file's size."""
    file = tmp_path / "package.json"
    file.write_text(MANY[kind](), encoding="utf-8")
    assert _SIZE * 0.9 < file.stat().st_size < _SIZE * 1.1
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, "package-json", str(file), str(8 * _SIZE)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr[-300:]) == ("True\n", "")


# --- a key that is written once ---------------------------------------------------------------

ONCE = {
    "plain": '{"name": "a", "version" :\t"0.1.0"}',
    "in a value before": '{"a": ["version"], "version": "0.1.0"}',
    "in an object before": '{"a": {"version": "9.9.9"}, "version": "0.1.0"}',
    "in an object, and spelled by an escape": '{"a": {"version": "9.9.9"}, "\\u0076ersion": "0.1.0"}',
    "behind escaped quotes": '{"a": "\\"version\\": \\"9.9.9\\"", "version": "0.1.0"}',
}


@pytest.mark.parametrize("text", ONCE.values(), ids=ONCE)
def test_a_key_that_is_written_once_is_that_at_the_top(text: str) -> None:
    """The version is that of the key at the top, also where the same characters stand elsewhere."""
    scalar = find_version(text, format_named("json")).places[0].scalar
    assert (scalar.value, scalar.span.start) == ("0.1.0", text.index('"0.1.0"'))


@pytest.mark.fault(11)
@pytest.mark.parametrize("key", ["version", "\\u0076ersion"])
def test_a_second_key_is_seen_however_it_is_spelled(key: str) -> None:
    """Two keys of one name are refused, also if they are not written alike."""
    with pytest.raises(AmbiguousVersion):
        find_version(f'{{"version": "0.1.0", "{key}": "0.2.0"}}', format_named("json"))
