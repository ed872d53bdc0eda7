"""Expo's app.json: the version, and the builds of iOS and of Android."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krow_versions.errors import AmbiguousVersion, InvalidVersion, KrowVersionsError, VersionNotFound
from krow_versions.formats import MIB, find_version, format_named, replace_version, set_version
from support.commands import run

if TYPE_CHECKING:
    from support.repositories import Repo

LONG = " " * MIB  # Behind any text, this makes it a long one and changes nothing else in it.
APP = """{
  "name": "app",
  "expo": {
    "version": "1.4.0",
    "runtimeVersion": "1.4.0",
    "ios": {"bundleIdentifier": "org.krow.app", "buildNumber": "42"},
    "android": {"versionCode": 42, "minSdkVersion": 42},
    "extra": {"buildNumber": "42", "versionCode": 42, "version": "1.4.0"}
  },
  "version": "1.4.0"
}
"""
RAISED = (
    APP.replace('"version": "1.4.0",\n    "r', '"version": "1.4.1",\n    "r')
    .replace('app", "buildNumber": "42"', 'app", "buildNumber": "43"')
    .replace('{"versionCode": 42, "min', '{"versionCode": 43, "min')
)


@pytest.mark.parametrize("pad", ["", LONG], ids=["short", "long"])
@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        (APP, "1.4.0+42", RAISED),
        (
            '{"expo":{"version":"1.4.0","ios":{"buildNumber":"1.4.0"},"android":{"versionCode":42}}}',
            "1.4.0+42",
            '{"expo":{"version":"1.4.1","ios":{"buildNumber":"1.4.1"},"android":{"versionCode":43}}}',
        ),
        (
            '{"expo":{"version":"1.4.0","ios":{"version":"1.4.0"},"android":{"version":"1.4.0"}}}',
            "1.4.0",
            '{"expo":{"version":"1.4.1","ios":{"version":"1.4.1"},"android":{"version":"1.4.1"}}}',
        ),
        (
            '{"expo":{"android":{"version\\u0043ode":42}, "version":"1.4.0","ios":null}}',
            "1.4.0+42",
            '{"expo":{"android":{"version\\u0043ode":43}, "version":"1.4.1","ios":null}}',
        ),
        (
            '{"version":"1.4.0","android":{"versionCode":42}}',
            "1.4.0",
            '{"version":"1.4.1","android":{"versionCode":42}}',
        ),
    ],
)
def test_the_version_and_both_builds_are_places(text: str, before: str, after: str, pad: str) -> None:
    """Only Expo's own keys move; runtimeVersion names native code, and other keys are something else."""
    located = find_version(text + pad, format_named("expo"))
    assert str(located.held) == before
    new = "1.4.1+43" if "+" in before else "1.4.1"
    assert set_version(text + pad, new, format="expo") == after + pad
    assert set_version(after + pad, before, format="expo") == text + pad


@pytest.mark.parametrize("pad", ["", LONG], ids=["short", "long"])
def test_without_a_version_the_file_has_only_builds(pad: str) -> None:
    """Expo takes a version that is not there from package.json, and the builds stay here."""
    text = '{"expo": {"ios": {"buildNumber": "42"}, "android": {"versionCode": 42}}}' + pad
    located = find_version(text, format_named("expo"))
    assert located.held == 42
    assert replace_version(located, 43) == text.replace("42", "43")
    with pytest.raises(VersionNotFound, match=r"expo\.version is not there") as caught:
        find_version('{"expo": {"ios": {}}}' + pad, format_named("expo"))
    assert "package.json" in str(caught.value.hint)


@pytest.mark.parametrize("pad", ["", LONG], ids=["short", "long"])
@pytest.mark.parametrize(
    ("ios", "android", "error", "words"),
    [
        ('"42"', '"42"', InvalidVersion, ("a string, not a number", "without quotes")),
        ('"42"', "42.0", InvalidVersion, ("not a whole number", "as digits")),
        ('"42"', "4.2e1", InvalidVersion, ("not a whole number", "as digits")),
        ('"42"', "-42", InvalidVersion, ("not a whole number", "as digits")),
        ('"42"', "true", InvalidVersion, ("not a whole number", "as digits")),
        ("42", "42", InvalidVersion, ("not a string", "in quotes")),
        ('"4.2"', "42", InvalidVersion, ("'4.2' is not a whole number", "as digits")),
        ('"42a"', "42", InvalidVersion, ("'42a' is not a whole number", "as digits")),
        ('"42"', "43", AmbiguousVersion, ("line 2 (expo.ios.buildNumber) says '42', line 3", "highest")),
        ('"2.0.0"', "43", AmbiguousVersion, ("line 1 (expo.version) says '1.4.0', line 2", "by hand")),
    ],
)
def test_a_build_that_is_none_is_refused(
    ios: str, android: str, error: type[KrowVersionsError], words: tuple[str, str], pad: str
) -> None:
    """A build of another type or form, and builds that differ, are refused with what to write."""
    text = (
        f'{{"expo": {{"version": "1.4.0",\n"ios": {{"buildNumber": {ios}}},\n'
        f'"android": {{"versionCode": {android}}}}}}}{pad}'
    )
    with pytest.raises(error) as caught:
        find_version(text, format_named("expo"))
    assert words[0] in caught.value.message
    assert words[1] in str(caught.value.hint)
    assert caught.value.line in {2, 3}


@pytest.mark.parametrize("pad", ["", LONG], ids=["short", "long"])
def test_a_key_chooses_only_that_place(pad: str) -> None:
    """A key of the user leaves all other places alone, and knows what stands at it."""
    located = find_version(APP + pad, format_named("expo", "expo.android.versionCode"))
    assert located.held == 42
    assert (
        replace_version(located, 43)
        == APP.replace('{"versionCode": 42, "min', '{"versionCode": 43, "min') + pad
    )
    assert set_version(APP + pad, "1.4.1", format="expo", key="expo.version") == (
        APP.replace('"version": "1.4.0",\n    "r', '"version": "1.4.1",\n    "r') + pad
    )


NUMBERS = st.sampled_from(["7", "43", "007", "1" * 256])


@given(NUMBERS, NUMBERS, st.sampled_from(["buildNumber", "\\u0062uildNumber"]), st.booleans())
def test_no_build_is_above_the_bound(ios: str, other: str, key: str, colon: bool) -> None:
    """The bound of a build, found in the bytes of a file, is never below its build."""
    sign = " :\n" if colon else ":"
    text = f'{{"x":"{other}","expo":{{"version":"1.4.0","ios":{{"{key}"{sign}"{ios}"}}}}}}'
    build = find_version(text, format_named("expo")).build
    assert build is not None
    assert int(ios) == build <= format_named("expo").build_bound(text.encode())


def test_the_builds_of_both_stores_rise_above_every_tag(repo: Repo) -> None:
    """One build is given to both, above what any tag of the product shipped in either of them."""
    repo.write("krow-versions.toml", '[products.app]\nslug = "app"\nfiles = ["app.json"]\n')
    repo.write("app.json", APP.replace('"buildNumber": "42"', '"buildNumber": "61"', 1))
    repo.commit()
    repo.tag("app/dev-v1.3.0")
    repo.write("app.json", APP)
    repo.commit()
    repo.tag("app/prod-v1.4.0")
    done = run("bump-patch", "app", "--no-changelog", "--json", cwd=repo.path)
    assert done.code == 0, done.err
    (file,) = json.loads(done.out)["products"][0]["files"]
    assert (file["before"], file["after"]) == ("1.4.0+42", "1.4.1+62")
    assert [(place["key"], place["before"], place["after"]) for place in file["places"]] == [
        ("expo.version", "1.4.0", "1.4.1"),
        ("expo.ios.buildNumber", "42", "62"),
        ("expo.android.versionCode", "42", "62"),
    ]
    assert (repo.path / "app.json").read_text() == RAISED.replace("43", "62")
