"""Formats: layouts that are odd and right, so that the version in them is edited."""

from __future__ import annotations

import pytest

from krow_versions.errors import FileFormatError
from krow_versions.formats import set_version


@pytest.mark.parametrize(
    "line",
    [
        "version   :   @   # keep @",
        "version: @  ",
        "'version': '@'",
        "{version: @, name: x}",
        '{"version":"@"}',
        "? version\n: @",
        "version:\n  @",
        "version:\t@ # tab",
        'version:  \t "@"',
        "a: &a [*a]\nversion: @",
        f"a: {'7' * 5000}\nversion: @",
    ],
)
def test_yaml_spacing_and_quoting_stay_as_they_are(line: str) -> None:
    """FAULTS 14, 16, 23, 30: every plain way to write the version is edited, and only there."""
    text = line.replace("@", "0.1.0+5", 1).replace("@", "0.1.0")
    assert set_version(text, "0.1.1+6", format="pubspec") == line.replace("@", "0.1.1+6", 1).replace(
        "@", "0.1.0"
    )


TABS = [
    *(
        "version: 0.1.0\t# c\n",
        "version: 0.1.0\t\n",
        "name: a\t# c\nversion: 0.1.0\n",
        "version: 0.1.0\n\t\nname: a\n",
    ),
    *(
        "version:\t\n  0.1.0\n",
        "{version: 0.1.0,\t'a': 1}",
        "{\n\t'version': 0.1.0\n}",
        "a: [1,\n\t2]\nversion: 0.1.0\n",
        "version\t: 0.1.0\n",
        "a: b\tc\nversion: 0.1.0\n",
        "a: 1\n\t\rversion: 0.1.0\n",  # A lone CR ends a line of YAML.
    ),
]


@pytest.mark.parametrize("text", TABS)
def test_tabs_may_separate(text: str) -> None:
    """FAULTS 30: a tab before a comment, at a line's end or on an empty line is no indentation."""
    assert set_version(text, "9.9.9", format="pubspec") == text.replace("0.1.0", "9.9.9")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "cargo",
            '[workspace.package]\nversion = "0.1.0"\n[[bin]]\nx = 1\n[workspace.dependencies]\ny = 1\n',
        ),
        ("pyproject", '[tool.poetry]\nversion = "0.1.0"\n[[a]]\nx = 1\n[tool.ruff]\ny = 1\n'),
    ],
)
def test_an_array_of_tables_may_stand_between_tables(name: str, text: str) -> None:
    """TOML tables may come in any order, arrays of tables between them."""
    assert set_version(text, "9.9.9", format=name) == text.replace("0.1.0", "9.9.9")


def test_a_tab_that_might_be_indentation_is_refused() -> None:
    """FAULTS 30: behind a dash a tab may be indentation, which YAML forbids; the hint says spaces."""
    with pytest.raises(FileFormatError, match="spaces"):
        set_version("a:\n  -\tb\nversion: 0.1.0\n", "9.9.9", format="pubspec")
