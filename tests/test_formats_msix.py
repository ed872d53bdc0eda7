"""The version of a Flutter app for Windows: it follows the pubspec where it is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from krow_versions import set_version
from krow_versions.encoding import decode
from krow_versions.errors import KrowVersionsError, Unsupported
from krow_versions.formats import find_version, format_named
from krow_versions.formats.pubspec import overriding_msix

if TYPE_CHECKING:
    from pathlib import Path

PUBSPEC = format_named("pubspec")


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        (
            "version: 1.4.0+42\nmsix_config:\n  msix_version: 1.4.0.0 # 1.4.0.0\n",
            "1.4.0+42",
            "version: 1.4.1+43\nmsix_config:\n  msix_version: 1.4.1.0 # 1.4.0.0\n",
        ),
        (
            "msix_config: {msix_version: '1.4.0.0'}\r\nversion: \"1.4.0\"\r\n",
            "1.4.0",
            "msix_config: {msix_version: '1.4.1.0'}\r\nversion: \"1.4.1\"\r\n",
        ),
    ],
)
def test_the_version_for_windows_follows(text: str, before: str, after: str) -> None:
    """Where it is the version and .0, both move, and nothing else."""
    located = find_version(text, PUBSPEC)
    assert str(located.held) == before
    assert overriding_msix(located.data) is None
    new = "1.4.1+43" if "+" in before else "1.4.1"
    assert set_version(text, new, format="pubspec") == after
    assert set_version(after, before, format="pubspec") == text


@pytest.mark.parametrize(
    ("msix", "found"),
    [
        ("1.4.0.1", "1.4.0.1"),
        ("1.4.0.42", "1.4.0.42"),
        ("1.3.0.0", "1.3.0.0"),
        ("11.4.0.0", "11.4.0.0"),
        ("1.4.0", "1.4.0"),
        ("", ""),
        ("[1.4.0.0]", None),
    ],
)
def test_another_version_for_windows_is_no_place(msix: str, found: str | None) -> None:
    """Where it differs somebody counts it by hand: it stays, and can be reported."""
    text = f"version: 1.4.0+42\nmsix_config:\n  msix_version: {msix}\n"
    located = find_version(text, PUBSPEC)
    assert overriding_msix(located.data) == found
    assert set_version(text, "1.4.1+43", format="pubspec") == text.replace("1.4.0+42", "1.4.1+43")


def test_one_that_cannot_be_edited_is_refused() -> None:
    """An anchor on a version that follows is refused, as on any version."""
    with pytest.raises(Unsupported, match="carries the anchor"):
        find_version("version: 1.4.0\nmsix_config:\n  msix_version: &windows 1.4.0.0\n", PUBSPEC)


def test_a_key_chooses_only_the_version_for_windows() -> None:
    """The key of the user is the only place, and is four numbers."""
    text = "version: 1.5.0+42\nmsix_config:\n  msix_version: 1.4.0.0\n"
    key = "msix_config.msix_version"
    assert set_version(text, "1.4.1", format="pubspec", key=key) == text.replace("1.4.0.0", "1.4.1.0")


def test_real_files_stay_readable(shared: Path) -> None:
    """A version for Windows in a real file refuses no file, and is known where it stays."""
    files = [path for path in (shared / "corpus/pubspec").iterdir() if b"msix_version" in path.read_bytes()]
    found = {}
    for path in files:
        try:
            found[path.name] = overriding_msix(find_version(decode(path.read_bytes()), PUBSPEC).data)
        except KrowVersionsError as error:
            found[path.name] = type(error).__name__
    assert sorted(map(str, found.values())) == ["1.0.1.0", "1.7.12.151", "3.16.1.0"]
