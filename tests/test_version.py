"""Versions: the grammar, the order, and the next PATCH, each against an oracle written here."""

from __future__ import annotations

import functools
import itertools
import os
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import semver
from hypothesis import example, given
from hypothesis import strategies as st

from krow_versions.errors import InputError, InvalidVersion, PrereleaseVersion
from krow_versions.testing import (
    law_next_patch_raises_only_patch,
    law_order_is_total,
    version_texts,
    versions,
)
from krow_versions.version import Version, with_highest
from support.hang import SECONDS
from support.suites import figures

if TYPE_CHECKING:
    from pathlib import Path

    from krow_versions.version import Held

ANY_VERSION = versions(prereleases=True)


def plus_one(digits: str) -> str:
    """Count up as one does on paper, so that the oracle knows nothing of int or of formatting."""
    if not digits:
        return "1"
    if digits[-1] == "9":
        return plus_one(digits[:-1]) + "0"
    return digits[:-1] + "0123456789"["0123456789".index(digits[-1]) + 1]


def compare(first: str, second: str) -> int:
    """Semver's rule 11, written out; then the build, none before any."""

    def sign(left: Any, right: Any) -> int:
        return int(left > right) - int(left < right)

    def parts(text: str) -> tuple[list[int], list[str], int]:
        rest, _, build = text.partition("+")
        core, _, prerelease = rest.partition("-")
        return [int(part) for part in core.split(".")], prerelease.split("."), int(build or -1)

    (core1, pre1, build1), (core2, pre2, build2) = parts(first), parts(second)
    if core1 != core2:
        return sign(core1, core2)
    if pre1 != pre2 and [""] in (pre1, pre2):
        return 1 if pre1 == [""] else -1
    for left, right in itertools.zip_longest(pre1, pre2):
        if left is None or right is None:
            return -1 if left is None else 1
        if left != right:
            if left.isdigit() != right.isdigit():
                return -1 if left.isdigit() else 1
            return sign(int(left), int(right)) if left.isdigit() else sign(left, right)
    return sign(build1, build2)


# --- the grammar ----------------------------------------------------------------------------


@pytest.mark.fault(39)
def test_valid_versions_of_semver_org_are_accepted(shared: Path) -> None:
    """What semver.org calls valid is read and written back, if its build is a whole number."""
    texts = (shared / "suites/semver/valid.txt").read_text().splitlines()
    builds = 0
    for text in texts:
        build = text.partition("+")[2]
        if build and not build.isdigit():
            builds += 1
            with pytest.raises(InvalidVersion) as caught:
                Version.parse(text)
            assert type(caught.value) is InvalidVersion
        else:
            assert str(Version.parse(text)) == text
    assert figures("semver.org, valid") == (len(texts), len(texts) - builds, 0, builds)


@pytest.mark.fault(38)
def test_invalid_versions_of_semver_org_are_refused(shared: Path) -> None:
    """What semver.org calls invalid is refused, as no version rather than as a bad build."""
    texts = (shared / "suites/semver/invalid.txt").read_text().splitlines()
    for text in texts:
        with pytest.raises(InvalidVersion) as caught:
            Version.parse(text)
        assert type(caught.value) is InvalidVersion
    assert figures("semver.org, invalid") == (len(texts), 0, len(texts), 0)


@pytest.mark.fault(38, 40)
@pytest.mark.parametrize(
    "text",
    [
        *("v0.1.0", " 0.1.0", "0.1.0 ", "0.1.0\n", "01.2.3", "", "0.1", "0.1.0.0", "0.1.0+", "0.1.0\x00"),
        *(
            "١.٢.٣",
            "１.2.3",
            "0.1.²",
            "0.1.0+٥",
            "0.1.0-é",
            "-0.1.0",
            "0.1.-1",
            "1_0.1.0",
            "0x1.0.0",
            "0.1.0-",
        ),
    ],
)
def test_nearly_versions_are_refused(text: str) -> None:
    """Blanks, a v, leading zeros, foreign digits are no version; a hint says what is."""
    with pytest.raises(InvalidVersion) as caught:
        Version.parse(text)
    assert caught.value.hint
    assert "\n  hint: " in str(caught.value)


@pytest.mark.fault(41)
@pytest.mark.parametrize("build", ["5.1", "abc", "-5", "0.20260414.1", "6.dev", "fork"])
def test_a_build_that_cannot_be_counted_is_refused(build: str) -> None:
    """Build metadata that is no whole number is an error of its own, which names it."""
    with pytest.raises(InvalidVersion) as caught:
        Version.parse(f"0.1.0+{build}")
    assert f"'{build}'" in caught.value.message
    assert caught.value.hint == "a build is counted up with every release: write it as digits, such as +5"


@pytest.mark.fault(44, 45)
@pytest.mark.parametrize("digits", [257, 4300, 4301, 5000, 1_000_000])
@pytest.mark.parametrize("shape", ["{}.0.0", "0.0.{}", "0.0.0+{}", "0.0.0-{}", "{}"])
def test_enormous_versions_are_refused_with_a_short_message(digits: int, shape: str) -> None:
    """Thousands of digits, or a megabyte, are a clear error and no bare ValueError."""
    with pytest.raises(InvalidVersion) as caught:
        Version.parse(shape.format("9" * digits))
    assert len(str(caught.value)) < 400


@pytest.mark.fault(117)
@pytest.mark.parametrize("limit", ["0", "640"])
def test_the_length_limit_does_not_lean_on_the_interpreter(limit: str) -> None:
    """Versions are bounded alike whatever the interpreter's own limit on digits is."""
    program = (
        "from krow_versions.version import Version\n"
        "for text in ('9' * 200_000 + '.0.0', '0.0.0+' + '9' * 200_000):\n"
        "    try: Version.parse(text)\n"
        "    except ValueError as error: print(type(error).__name__)\n"
        "print(Version.parse('0.1.0+' + '9' * 200).next_patch().build == 10 ** 200)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONINTMAXSTRDIGITS": limit},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    )
    assert done.stdout.split() == ["InvalidVersion", "InvalidVersion", "True"]


@given(version_texts(prereleases=True))
@example("0.27.2+002702")
@example("0.1.0+0")
@example("0.1.0+000")
def test_a_version_is_written_back_as_it_was(text: str) -> None:
    """What is parsed is written back to the character, zero padding included, and parses to the same."""
    version = Version.parse(text)
    assert str(version) == text
    assert Version.parse(str(version)) == version
    assert repr(version) == f"Version({text!r})"
    assert pickle.loads(pickle.dumps(version)) == version


@given(st.text(st.characters(codec="utf-8"), max_size=12) | st.text("0123456789.+-arc", max_size=12))
def test_any_text_is_a_version_or_an_error_of_ours(text: str) -> None:
    """Whatever the text, it is either a version that is written back the same, or InvalidVersion."""
    try:
        written = str(Version.parse(text))
    except InvalidVersion:
        written = text
    assert written == text


@pytest.mark.parametrize("value", [None, b"0.1.0", 1, 1.0, ["0.1.0"]])
def test_a_version_is_parsed_from_text_only(value: Any) -> None:
    """What is no text is refused with the name of its type."""
    with pytest.raises(InvalidVersion, match=type(value).__name__):
        Version.parse(value)


# --- the constructor ------------------------------------------------------------------------


@pytest.mark.fault(40)
@pytest.mark.parametrize("value", [True, False, -1, 1.0, "1", "١", 10**400])
@pytest.mark.parametrize("name", ["major", "minor", "patch", "build", "build_width"])
def test_parts_are_whole_numbers(name: str, value: Any) -> None:
    """Each number is an int from 0, of bounded size; True and '1' are none; the error names it."""
    parts: dict[str, Any] = {"major": 0, "minor": 1, "patch": 0, name: value}
    with pytest.raises(InvalidVersion, match=name):
        Version(**parts)


@pytest.mark.fault(44)
def test_a_number_too_long_to_print_is_refused_by_name() -> None:
    """An int over the interpreter's digit limit is InvalidVersion too, not a bare ValueError."""
    with pytest.raises(InvalidVersion, match="major"):
        Version(10**5000, 0, 0)


def test_a_prerelease_is_text() -> None:
    """A pre-release that is no text is InvalidVersion, as every other wrong part is."""
    with pytest.raises(InvalidVersion):
        Version(0, 1, 0, prerelease=1)  # type: ignore[arg-type]


def test_a_padding_that_cannot_be_written_is_refused() -> None:
    """A version that exists can be written: padding beyond any version's length is refused at once."""
    with pytest.raises(InvalidVersion, match="build_width"):
        str(Version(0, 1, 0, build=5, build_width=10**40))


@pytest.mark.parametrize("value", ["", "a+b", "01", "a..b", "é", ".", "a b", "rc.1\n"])
def test_a_prerelease_follows_the_grammar(value: str) -> None:
    """Identifiers are not empty, have no leading zeros, and hold only semver's characters."""
    with pytest.raises(InvalidVersion):
        Version(0, 1, 0, prerelease=value)


@given(ANY_VERSION, st.none() | st.integers(0, 2_100_000_000))
def test_with_build_changes_only_the_build(version: Version, build: int | None) -> None:
    """Another build leaves the rest of the version as it is, and the version unchanged."""
    before = str(version)
    after = version.with_build(build)
    assert (after.core, after.prerelease, after.build) == (version.core, version.prerelease, build)
    assert str(version) == before


def test_a_version_cannot_be_changed() -> None:
    """Versions are values: nothing can be assigned to them."""
    with pytest.raises(AttributeError):
        Version(0, 1, 0).patch = 1  # type: ignore[misc]


# --- the order ------------------------------------------------------------------------------


@given(ANY_VERSION, ANY_VERSION, ANY_VERSION)
def test_the_order_is_total(first: Version, second: Version, third: Version) -> None:
    """Of two versions exactly one of less, equal, greater holds; and the order is transitive."""
    law_order_is_total(first, second, third)


SMALL = st.builds(
    "{}.{}.{}{}{}".format,
    *[st.integers(0, 1)] * 3,
    st.sampled_from(["", "-0", "-1", "-10", "-a", "-a.0", "-a.b", "-A", "-0a", "--"]),
    st.sampled_from(["", "+0", "+5", "+05", "+10"]),
)


@pytest.mark.fault(48)
@given(SMALL, SMALL)
@example("0.1.0", "0.1.0+0")
@example("0.1.0+9", "0.1.0+10")
@example("0.0.9", "0.0.10")
def test_the_order_is_that_of_the_specification(first: str, second: str) -> None:
    """Precedence is semver's rule 11, then the build as a number, none before any."""
    left, right = Version.parse(first), Version.parse(second)
    expected = compare(first, second)
    assert ((left > right) - (left < right), left == right) == (expected, expected == 0)


@given(SMALL, SMALL)
def test_without_builds_the_order_is_that_of_semver(first: str, second: str) -> None:
    """Where neither has a build, the order is that of the semver library."""
    bare = [text.partition("+")[0] for text in (first, second)]
    left, right = (Version.parse(text) for text in bare)
    assert (left > right) - (left < right) == semver.Version.parse(bare[0]).compare(bare[1])


@pytest.mark.fault(48)
@given(SMALL, SMALL)
def test_equal_versions_have_equal_hashes(first: str, second: str) -> None:
    """Equality and hash agree, so a set keeps +5 and +6 apart and +5 and +05 together."""
    left, right = Version.parse(first), Version.parse(second)
    assert len({left, right}) == (1 if compare(first, second) == 0 else 2)


@given(st.lists(SMALL, max_size=8))
def test_sorting_agrees_with_the_specification(texts: list[str]) -> None:
    """A sorted list of versions is the one that the specification's comparison gives."""
    by_us = [str(version) for version in sorted(Version.parse(text) for text in texts)]
    assert by_us == sorted(texts, key=functools.cmp_to_key(compare))


@pytest.mark.fault(48)
def test_other_types_are_neither_equal_nor_in_order() -> None:
    """Comparing with what is no version is False or TypeError, never a parse."""
    others: list[object] = ["0.1.0", (0, 1, 0), None, "junk"]
    assert [Version(0, 1, 0) == other for other in others] == [False] * 4
    with pytest.raises(TypeError):
        assert Version(0, 1, 0) < "0.1.1"


# --- the next PATCH -------------------------------------------------------------------------


@pytest.mark.fault(41)
@given(version_texts())
@example("0.1.0+5")
@example("0.27.2+002702")
@example("0.1.9+099")
@example("0.1.99+999")
@example("0.1.0+0")
@example("0.1.0+2147483647")
def test_next_patch_counts_patch_and_build_as_on_paper(text: str) -> None:
    """PATCH and build are each one more, and the build's zero padding keeps its width."""
    core, plus, build = text.partition("+")
    major, minor, patch = core.split(".")
    counted = plus_one(build) if plus else ""
    assert str(Version.parse(text).next_patch()) == f"{major}.{minor}.{plus_one(patch)}{plus}{counted}"


@given(versions())
def test_next_patch_is_a_hotfix(version: Version) -> None:
    """Only PATCH and the build are raised, by one each, and the result is newer."""
    law_next_patch_raises_only_patch(version)


@pytest.mark.fault(47)
@pytest.mark.parametrize("text", ["0.1.0-rc.1", "5.4.6-beta+250922184", "2.1.5-wip"])
def test_a_prerelease_has_no_next_patch(text: str) -> None:
    """A pre-release is not in production, so no hotfix starts from it."""
    with pytest.raises(PrereleaseVersion) as caught:
        Version.parse(text).next_patch()
    assert isinstance(caught.value, InputError)
    assert "name the version that is in production" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("1.4", "write 1.4.0"),
        ("1", "write 1.0.0"),
        ("v1.4.0", "write 1.4.0"),
        ("V1.4", "write 1.4.0"),
        (" 01.04.0+7 ", "write 1.4.0+7"),
        ("v1.4+007", "write 1.4.0+007"),
        ("1.4+a", "write three numbers without leading zeros"),
        ("1.4.0.0", "write three numbers without leading zeros"),
        ("1.4.x", "write three numbers without leading zeros"),
        ("1.4+1+2", "write three numbers without leading zeros"),
        ("", "write three numbers without leading zeros"),
    ],
)
def test_what_is_nearly_a_version_is_written_out_in_the_hint(text: str, hint: str) -> None:
    """Where the numbers are clear, the hint is what to write; else it is the shape."""
    with pytest.raises(InvalidVersion) as refused:
        Version.parse(text)
    assert type(refused.value) is InvalidVersion
    assert str(refused.value.hint).startswith(hint)
    assert (str(refused.value.hint) == hint) == (hint[6].isdigit())


def test_a_prerelease_of_python_is_named_as_one() -> None:
    """``2.5.0.dev0`` is a pre-release, with the way to begin a hotfix; a plain mistake is none."""
    with pytest.raises(PrereleaseVersion, match=r"2\.5\.0\.dev0.* is a pre-release as Python") as refused:
        Version.parse("2.5.0.dev0")
    assert "hotfix start" in str(refused.value.hint)


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ([], "0.1.1"),
        ([Version(0, 1, 0)], "0.1.1"),
        ([Version.parse("0.1.0+007"), 6], "0.1.1+007"),
        ([Version.parse("0.1.0+007"), 8], "0.1.1+8"),
        ([8, 8], "0.1.1+8"),
        ([8, Version.parse("0.1.0+08")], "0.1.1+8"),
        ([Version.parse("0.1.0+08"), 8], "0.1.1+08"),
        ([Version.parse("0.2.0+7"), Version.parse("0.1.0+8")], "0.1.1+8"),
    ],
)
def test_the_highest_build_is_taken_as_it_is_written(held: list[Held], expected: str) -> None:
    """Of several files the highest build counts, with its own padding; of equal ones, the first."""
    assert str(with_highest(Version(0, 1, 1, build=99), held)) == expected


@pytest.mark.parametrize(
    ("text", "build", "expected"),
    [("0.1.0+99", 7, "0.1.0+7"), ("0.1.0+099", 7, "0.1.0+007"), ("0.1.0+0", 12, "0.1.0+12")],
)
def test_only_a_padded_build_has_a_width(text: str, build: int, expected: str) -> None:
    """A build that is written without zeros gets none."""
    assert str(Version.parse(text).with_build(build)) == expected


def test_the_longest_version_is_one() -> None:
    """A text of 256 characters is read; one more is refused, with how a version looks."""
    longest = f"0.0.{'9' * 252}"
    assert str(Version.parse(longest)) == longest
    with pytest.raises(InvalidVersion, match="257 characters long") as refused:
        Version.parse(f"{longest}9")
    assert "three numbers" in str(refused.value.hint)


def test_a_part_that_is_refused_has_a_reason() -> None:
    """The error names the part, the kind of value that was given, or the pre-release that is none."""
    with pytest.raises(InvalidVersion, match="minor must be a whole number, not a str"):
        Version(0, "1", 0)  # type: ignore[arg-type]
    with pytest.raises(InvalidVersion, match="patch is greater than any real one") as refused:
        Version(0, 0, 10**257)
    assert "three numbers" in str(refused.value.hint)
    for wrong in ("a+b", "01", "", "é"):
        with pytest.raises(InvalidVersion, match=r"is not a pre-release|is not a version"):
            Version(0, 1, 0, prerelease=wrong)
    with pytest.raises(PrereleaseVersion, match=r"1\.0\.0-rc\.1") as no_patch:
        Version.parse("1.0.0-rc.1").next_patch()
    assert "name the version that is in production" in str(no_patch.value.hint)


@pytest.mark.parametrize("width", [257, 10**15])
def test_a_width_that_no_build_has_is_refused(width: int) -> None:
    """It is refused as a number, before anything of that length is written."""
    with pytest.raises(InvalidVersion, match="build_width"):
        Version(1, 0, 0, build=1, build_width=width)
