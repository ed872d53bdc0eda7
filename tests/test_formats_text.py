"""The format `text`: templates of lines and marks, with a version, a build, or both in several places."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krow_versions import set_version
from krow_versions.errors import (
    AmbiguousVersion,
    InputError,
    InvalidVersion,
    KrowVersionsError,
    VersionNotFound,
)
from krow_versions.formats import find_version, format_named, read_version, replace_version
from support.commands import run

if TYPE_CHECKING:
    from support.repositories import Repo

GRADLE = """android {
    defaultConfig {
        minSdk 21
        versionCode 42 // of the store
        versionName "1.4.0"
    }
}
"""
BOTH = 'versionName "{version}"\nversionCode {build}\n'
RAISED = GRADLE.replace("Code 42", "Code 43").replace("1.4.0", "1.4.1")


def held(text: str, key: str | None = None) -> str:
    """What stands in a text, as JSON writes it."""
    return str(find_version(text, format_named("text", key)).held)


# --- templates ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "key", "before", "after"),
    [
        (GRADLE, BOTH, "1.4.0+42", RAISED),
        (GRADLE, 'versionCode {build}\r\n\r\nversionName "{version}"\r\n', "1.4.0+42", RAISED),
        (GRADLE, '\n    versionCode {build}\n    versionName "{version}"\n    ', "1.4.0+42", RAISED),
        ("APP_VERSION=1.4.0+42\n", "APP_VERSION={version}+{build}", "1.4.0+42", "APP_VERSION=1.4.1+43\n"),
        ("x v1.4.0 (42) y", "v{version} ({build})", "1.4.0+42", "x v1.4.1 (43) y"),
        ("b 0042: 1.4.0", "b {build}: {version}", "1.4.0+0042", "b 0043: 1.4.1"),
        ("v1.4.0.42", "v{version}.{build}", "1.4.0+42", "v1.4.1.43"),
        ("1.4.0\r\n42\r\n", "{version}\n{build}", "1.4.0+42", "1.4.1\r\n43\r\n"),
        ("v1.4.0+42 # 42\n", "v{version} # {build}", "1.4.0+42", "v1.4.1+43 # 43\n"),
        ("a{b {42}: 1.4.0", "a{b {{build}}: {version}", "1.4.0+42", "a{b {43}: 1.4.1"),
        ("v1.4.0 (42)\n", "v{version}\n({build})", "1.4.0+42", "v1.4.1 (43)\n"),
    ],
)
def test_templates_find_a_version_and_a_build(text: str, key: str, before: str, after: str) -> None:
    """Each line of the key finds its own line; blank lines and indentation of several do not count."""
    assert held(text, key) == before
    assert set_version(text, "1.4.1+43", format="text", key=key) == after
    assert set_version(after, "1.4.0+42", format="text", key=key) == text


@pytest.mark.parametrize(
    ("text", "key", "after"),
    [
        ("versionCode 42\n", "versionCode {build}", "versionCode 43\n"),
        ("\ufeff42\n", "{build}", "\ufeff43\n"),
        ("# 42\n 42 \n", " {build} ", "# 42\n 43 \n"),
    ],
)
def test_a_file_may_have_only_a_build(text: str, key: str, after: str) -> None:
    """A template without a version makes a file that has only a build, whose version stands elsewhere."""
    located = find_version(text, format_named("text", key))
    assert (located.version, located.held) == (None, 42)
    assert replace_version(located, 43) == after
    with pytest.raises(VersionNotFound, match="but no version"):
        read_version(text, format="text", key=key)


@pytest.mark.parametrize(
    ("text", "key", "keys"),
    [
        (GRADLE, BOTH, ['"versionName \\"{version}\\""', '"versionCode {build}"']),
        (
            "v1.4.0 (42)",
            "v{version} ({build})",
            ['"v{version} ({build})".version', '"v{version} ({build})".build'],
        ),
    ],
)
def test_a_place_is_called_by_its_template(text: str, key: str, keys: list[str]) -> None:
    """What finds a place is its key in plans and in JSON."""
    named = [place.name for place in find_version(text, format_named("text", key)).places]
    assert named == [name.replace("\\", "") for name in keys]


@pytest.mark.parametrize(
    ("key", "error", "message"),
    [
        (
            "versionCode {build}\nversionNumber {version}",
            VersionNotFound,
            "no line like 'versionNumber {version}'",
        ),
        (
            "versionCode {version}",
            InvalidVersion,
            "'42' on the line like 'versionCode {version}' is a whole number",
        ),
        ("minSdk {build}\nversionCode {build}", AmbiguousVersion, "line 3 .* says '21', line 4 .* says '42'"),
        ("{build}", VersionNotFound, "no line like '{build}'"),
        ('versionName "{version}"\nName "{version}"', VersionNotFound, "no line like 'Name"),
        ('versionName "{version}"\n "{version}"', AmbiguousVersion, "two templates match the same place"),
    ],
)
def test_a_template_that_does_not_fit_is_refused(
    key: str, error: type[KrowVersionsError], message: str
) -> None:
    """Every template must match exactly one line, and no two the same place."""
    with pytest.raises(error, match=message) as caught:
        set_version(GRADLE, "1.4.1+43", format="text", key=key)
    assert caught.value.hint


def test_two_matching_lines_are_named() -> None:
    """Where several lines match, the error says which, and that the template needs more of the line."""
    text = GRADLE + '// versionName "1.3.0"\n'
    with pytest.raises(AmbiguousVersion, match="lines 5, 8") as caught:
        held(text, BOTH)
    assert caught.value.line == 8


@pytest.mark.parametrize("number", ["0x2A", "4.2", "42L", "4_2", "-42", "x42", "", "９"])
def test_what_is_no_whole_number_is_no_build(number: str) -> None:
    """A hexadecimal number, a decimal one, one with a suffix and one inside a word are not half-read."""
    with pytest.raises(VersionNotFound, match="no line like"):
        held(f"versionCode {number}\n", "versionCode {build}")


@pytest.mark.parametrize(
    "key",
    [
        "a {build}{version}",
        "{build} {build}",
        "x\n{version}",
        "\n\n",
        "{version}\n",
        "a {builds}",
    ],
)
def test_a_template_has_each_placeholder_once(key: str) -> None:
    """Placeholders side by side, twice or misspelt, and a line without one, are refused."""
    with pytest.raises(InputError, match="is not a line template"):
        held("a 42\n", key)


# --- marks ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        (
            'versionCode 42 // krow-versions\nversionName "1.4.0" // krow-versions\n',
            "1.4.0+42",
            'versionCode 43 // krow-versions\nversionName "1.4.1" // krow-versions\n',
        ),
        (
            "a = '1.4.0' # krow-versions\nb = '1.4.0' # krow-versions\n",
            "1.4.0",
            "a = '1.4.1' # krow-versions\nb = '1.4.1' # krow-versions\n",
        ),
        ("# krow-versions moves this:\nv: 1.4.0 # krow-versions\n", "1.4.0", None),
        ("v: 1.4.0 # krow-versions\n# see krow-versions.toml, line 2\n", "1.4.0", None),
        (
            "code=042 # krow-versions\nv=1.4.0 # krow-versions",
            "1.4.0+042",
            "code=043 # krow-versions\nv=1.4.1 # krow-versions",
        ),
        (
            "v=1.4.0+42 # krow-versions\n(42) # krow-versions",
            "1.4.0+42",
            "v=1.4.1+43 # krow-versions\n(43) # krow-versions",
        ),
    ],
)
def test_marked_lines_carry_versions_and_builds(text: str, before: str, after: str | None) -> None:
    """Several lines may be marked: each has one version, or else one whole number, which is a build."""
    assert held(text) == before
    assert set_version(text, "1.4.1+43" if "+" in before else "1.4.1", format="text") == (
        after or text.replace("1.4.0", "1.4.1")
    )


@pytest.mark.parametrize(
    ("text", "error", "line"),
    [
        ("\nv 1.4.0 1.4.1 # krow-versions", AmbiguousVersion, 2),
        ("\ncode 42 43 # krow-versions", AmbiguousVersion, 2),
        ("v 1.4.0 # krow-versions\nv 1.4.1 # krow-versions", AmbiguousVersion, 2),
        ("c 42 # krow-versions\nc 43 # krow-versions", AmbiguousVersion, 2),
        ("c 42 # krow-versions\nv 1.4 # krow-versions", VersionNotFound, 2),
        ("c 4_2 # krow-versions\nv 1.4.0 # krow-versions", VersionNotFound, 1),
        ("a\nb # krow-versions", VersionNotFound, None),
    ],
)
def test_a_marked_line_that_is_not_clear_is_refused(
    text: str, error: type[KrowVersionsError], line: int | None
) -> None:
    """Two of a kind on one line, lines that disagree, and a number of another form are not guessed about."""
    with pytest.raises(error) as caught:
        held(text)
    assert caught.value.line == line
    assert caught.value.hint


# --- both -----------------------------------------------------------------------------------

LINES = st.lists(
    st.sampled_from(
        (
            *(
                "versionCode 42",
                "versionCode 42 // krow-versions",
                'versionName "1.4.0+7"',
                "v 1.4.0 # krow-versions",
            ),
            *(
                "+99",
                "b 007 # krow-versions",
                "9" * 300,
                "versionCode 43",
                "42",
                "\u2028+12",
                "krow-versions 5+6",
            ),
        )
    ),
    max_size=5,
)


@given(LINES, st.sampled_from((None, BOTH, "versionCode {build}", "{build}", 'versionName "{version}"')))
def test_no_build_is_above_the_bound(lines: list[str], key: str | None) -> None:
    """The bound of a build, found in the bytes of a file, is never below its build."""
    text, chosen = "\n".join(lines), format_named("text", key)
    try:
        build = find_version(text, chosen).build
    except KrowVersionsError:
        return
    assert (build or -1) <= chosen.build_bound(text.encode())


@pytest.mark.parametrize(
    ("key", "other"),
    [("versionCode {version}", "versionCode {build}"), ('versionName "{build}"', 'versionName "{version}"')],
)
def test_the_other_placeholder_is_named(key: str, other: str) -> None:
    """A build where the template has a version, or the other way round: the hint is right when it is done."""
    with pytest.raises(InputError) as caught:
        find_version(GRADLE, format_named("text", key))
    right, wrong = re.findall("{[a-z]+}", str(caught.value.hint))
    assert key.replace(wrong, right) == other
    assert find_version(GRADLE, format_named("text", other)).held


def test_a_version_and_its_code_move_together_above_every_tag(repo: Repo) -> None:
    """The build of a file rises above what any tag shipped, wherever it stood in the file then."""
    repo.write(
        "krow-versions.toml",
        '[products.app]\nslug = "app"\n'
        'files = [{ path = "app/build.gradle", format = "text", key = """\n'
        'versionName "{version}"\nversionCode {build}\n""" }]\n',
    )
    repo.write("app/build.gradle", GRADLE.replace("Code 42", "Code 61").replace("1.4.0", "1.5.0"))
    repo.commit()
    repo.tag("app/staging-v1.5.0")
    repo.write("app/build.gradle", GRADLE)
    repo.commit()
    repo.tag("app/prod-v1.4.0")
    shown = run("bump-patch", "app", "--no-changelog", "--json", cwd=repo.path)
    assert shown.code == 0, shown.err
    (file,) = json.loads(shown.out)["products"][0]["files"]
    assert (file["before"], file["after"]) == ("1.4.0+42", "1.4.1+62")
    assert [(place["kind"], place["line"], place["before"], place["after"]) for place in file["places"]] == [
        ("full", 5, "1.4.0", "1.4.1"),
        ("build", 4, "42", "62"),
    ]
    text = (repo.path / "app/build.gradle").read_text()
    assert text == GRADLE.replace("Code 42", "Code 62").replace("1.4.0", "1.4.1")
    assert run("bump-patch", "app", "--no-changelog", "--check", cwd=repo.path).code == 0
