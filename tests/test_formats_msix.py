"""The version of a Flutter app for Windows: it follows the pubspec where it is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from krow_versions import set_version
from krow_versions.encoding import decode
from krow_versions.errors import Unsupported
from krow_versions.formats import find_version, format_named

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
    assert [place.kind for place in located.places] == ["full", "quad"]
    new = "1.4.1+43" if "+" in before else "1.4.1"
    assert set_version(text, new, format="pubspec") == after
    assert set_version(after, before, format="pubspec") == text


@pytest.mark.parametrize(
    "msix", ["1.4.0.1", "1.4.0.42", "1.3.0.0", "11.4.0.0", "1.4.0", "", "[1.4.0.0]", "*other"]
)
def test_another_version_for_windows_is_no_place(msix: str) -> None:
    """Where it differs somebody counts it by hand: it stays."""
    text = f"x: &other 1.4.0.0\nversion: 1.4.0+42\nmsix_config:\n  msix_version: {msix}\n"
    assert len(find_version(text, PUBSPEC).places) == 1
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
    """A version for Windows in a real file refuses no file, and is no place where it differs."""
    files = [path for path in (shared / "corpus/pubspec").iterdir() if b"msix_version" in path.read_bytes()]
    found = [find_version(decode(path.read_bytes()), PUBSPEC) for path in files]
    assert [len(located.places) for located in found] == [1, 1, 1]
