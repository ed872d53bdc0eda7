"""`gradle.properties`: which properties are the version and the build, and what is refused."""

from __future__ import annotations

import pytest

from krow_versions.errors import (
    AmbiguousVersion,
    InvalidVersion,
    KrowVersionsError,
    Unsupported,
    VersionNotFound,
)
from krow_versions.formats import find_version, format_named, read_version, set_version

PROPERTIES = format_named("gradle.properties")


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("VERSION_NAME=1.4.0\nVERSION_CODE=42\n", "1.4.0+42"),
        ("versionCode: 42\nversionName: 1.4.0", "1.4.0+42"),
        ("appVersionName 1.4.0\r\nappVersionCode 42\r\n", "1.4.0+42"),
        ("projectVersionName=1.4.0-alpha02\nprojectVersionCode=042\n", "1.4.0-alpha02+042"),
        ("version = 1.4.0+42\n", "1.4.0+42"),
        ("version=1.4.0\nbuildNumber=42", "1.4.0+42"),
        ("mod_version=1.4.0\rminecraft_version=1.21.3\r", "1.4.0"),
        ("GROUP=a\nVERSION_NAME=1.4.0-SNAPSHOT\nkotlin_version=2.2.20\nndkVersion=29.0.1", "1.4.0-SNAPSHOT"),
        ("VERSIONCODE=999999999", "999999999"),
        ("version=1.4.0\nVERSION_CODE=42\nstaff.versionCode=7", "1.4.0+42"),
    ],
)
def test_the_usual_names_are_known(text: str, held: str) -> None:
    """The version and the build of a project have one of a few names, in any spelling, and move together."""
    found = find_version(text, PROPERTIES)
    assert str(found.held) == held
    assert PROPERTIES.build_bound(text.encode()) >= (found.build or -1)
    if found.version is not None:
        new = found.version.with_build(None if found.build is None else 43)
        assert found.build is None or "43" in set_version(text, new, format="gradle-properties")


@pytest.mark.parametrize(
    ("text", "error", "says", "advice"),
    [
        (
            "version=1.4.0\nVERSION_NAME=1.4.0",
            AmbiguousVersion,
            "'version', 'VERSION_NAME'",
            'key = "version"',
        ),
        (
            "versionCode=1\nbuildNumber=2",
            AmbiguousVersion,
            "the build: 'versionCode', 'buildNumber'",
            "key =",
        ),
        ("version=1.4.0\nappVersionCode=1\nlibVersionCode=2", AmbiguousVersion, "may be the build", "rename"),
        ("version=1.4.0\nversion=1.5.0", AmbiguousVersion, "2 times", "Gradle takes the last"),
        ("kotlin_version=1.4.0", VersionNotFound, "no property", 'key = "VERSION_NAME"'),
        ("", VersionNotFound, "no property", 'key = "VERSION_NAME"'),
        ("version=", VersionNotFound, "empty", "write"),
        ("version=1.4.0 ", Unsupported, "blanks behind the value", "remove"),
        ("version=1.\\\n  4.0", Unsupported, "a backslash", "on one line"),
        ("version=1.4\\u002e0", Unsupported, "a backslash", "without escapes"),
        ("version=1.4.0\\", Unsupported, "a backslash", "on one line"),
        ("version=1.4", InvalidVersion, "'1.4' is", "1.4.0"),
        ("version='1.4.0'", InvalidVersion, "is not a version", "three numbers"),
        ("versionCode=0x2A", InvalidVersion, "'0x2A' is not a whole number", "digits"),
        ("# version=1.4.0\\\nversion2=1.4.0", VersionNotFound, "no property", "key ="),
        ("a=b\\\nversion=1.4.0", VersionNotFound, "no property", "key ="),
    ],
)
def test_what_cannot_be_known_or_edited_is_refused(
    text: str, error: type[KrowVersionsError], says: str, advice: str
) -> None:
    """Several candidates are named; a value with escapes or over several lines is no place."""
    with pytest.raises(error) as caught:
        find_version(text, PROPERTIES)
    assert says in caught.value.message
    assert advice in (caught.value.hint or "")


SEVERAL = (
    "version=9.9.9\nSTAFF_VERSION_NAME = 1.4.0\nSTAFF_VERSION_CODE = 42\nmagisk.versionCode=7\na\\ b=1.5.0\n"
)


@pytest.mark.parametrize(
    ("key", "held"),
    [
        ("version", "9.9.9"),
        ("STAFF_VERSION_NAME", "1.4.0+42"),
        ("STAFF_VERSION_CODE", "42"),
        ("magisk.versionCode", "7"),
        ("a b", "1.5.0"),
    ],
)
def test_a_key_is_the_name_of_a_property(key: str, held: str) -> None:
    """A chosen version brings the build that is called as it is; a dot in a name is a dot."""
    found = find_version(SEVERAL, format_named("gradle-properties", key))
    assert str(found.held) == held


def test_a_chosen_property_moves_with_its_build_and_nothing_else_does() -> None:
    """Both lines of the chosen version change."""
    after = set_version(SEVERAL, "1.4.1+43", format="gradle-properties", key="STAFF_VERSION_NAME")
    assert after == SEVERAL.replace("1.4.0", "1.4.1").replace("= 42", "= 43")


def test_a_key_that_is_missing_is_refused() -> None:
    """The error names the key."""
    with pytest.raises(VersionNotFound, match="other"):
        read_version(SEVERAL, format="gradle-properties", key="other")
