"""Suites of texts by others: hostile strings wherever a text comes in, and GitHub's examples of tables."""

from __future__ import annotations

import datetime as dt
import json
import re
from functools import partial
from typing import TYPE_CHECKING

import pytest

from krow_versions.changelog import ChangelogRow, cell_text, hotfix_text, insert_row, new_changelog, read_rows
from krow_versions.changelog.document import parse
from krow_versions.errors import InternalError, KrowVersionsError
from krow_versions.formats import BUILT_IN, set_version
from krow_versions.names import is_slug
from krow_versions.text.escaping import printable
from krow_versions.version import Version
from support.suites import figures

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

AROUND = {  # Files that have a version and a build before or behind a hostile string, as it is written there.
    "json": '{"other": %s, "version": "0.1.0"}\n',
    "package-json": '{"name": %s, "version": "0.1.0"}\n',
    "expo": '{"expo": {"name": %s, "version": "0.1.0"}}\n',
    "toml": 'other = %s\nversion = "0.1.0"\n',
    "cargo": '[package]\nname = %s\nversion = "0.1.0"\n',
    "pyproject": '[project]\nname = %s\nversion = "0.1.0"\n',
    "yaml": "other: %s\nversion: 0.1.0\n",
    "pubspec": "name: %s\nversion: 0.1.0\n",
    "gradle": 'android {\n    defaultConfig {\n        x %s\n        versionName "0.1.0"\n    }\n}\n',
    "gradle-properties": "other=%s\nversion=0.1.0\n",
    "plist": (
        '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict>'
        "<key>Other</key><string>%s</string><key>CFBundleShortVersionString</key><string>0.1.0</string></dict></plist>\n"
    ),
    "xcode": (
        "{ rootObject = P; objects = { P = { isa = PBXProject; targets = (T); buildConfigurationList = L; };"
        ' T = { isa = PBXNativeTarget; productType = "com.apple.product-type.application";'
        " buildConfigurationList = L; };"
        " L = { isa = XCConfigurationList; buildConfigurations = (A); };"
        " A = { isa = XCBuildConfiguration; name = Release; buildSettings = { X = %s;"
        " MARKETING_VERSION = 0.1.0; }; }; }; }\n"
    ),
}


@pytest.fixture
def strings(shared: Path) -> list[str]:
    """Give the strings of the big list of naughty strings."""
    found: list[str] = json.loads((shared / "suites/strings/naughty.json").read_text(encoding="utf-8"))
    assert len(found) > 200
    return found


def tried(function: Callable[..., object], *args: str) -> object:
    """Give what a function gives, or None if it refuses in words that can be shown; a bug is no refusal."""
    try:
        return function(*args)
    except InternalError:
        raise
    except KrowVersionsError as error:
        words = str(error)
    assert printable(words, keep="\n") == words
    return None


@pytest.mark.parametrize("name", sorted(AROUND.keys() & BUILT_IN.keys()))
def test_a_hostile_string_beside_a_version_is_left_or_refused(strings: list[str], name: str) -> None:
    """As it is, or quoted, in any format: only the version changes, or the file is refused; never a crash."""
    edited = refused = 0
    for string in strings:
        for written in (string, json.dumps(string), json.dumps(string, ensure_ascii=False)):
            text = AROUND[name] % written
            before, _, after = text.rpartition("0.1.0")
            result = tried(partial(set_version, text, "9.9.9", format=name))
            assert result in {None, f"{before}9.9.9{after}"}, written
            edited, refused = edited + (result is not None), refused + (result is None)
    assert figures(f"naughty strings in {name}") == (edited + refused, edited, refused, 0)


def test_a_hostile_string_is_a_version_or_a_name_only_if_it_is_written_so(strings: list[str]) -> None:
    """What is a version is written as it was; a slug is plain ASCII; a key is found or refused."""
    versions = slugs = 0
    for string in strings:
        if (version := tried(Version.parse, string)) is not None:
            assert str(version) == string
            versions += 1
        if is_slug(string):
            assert re.fullmatch(r"[A-Za-z0-9._/-]+", string)
            slugs += 1
        for name in ("json", "yaml", "toml", "text"):
            tried(partial(set_version, "version: 0.1.0\n", "9.9.9", format=name, key=string))
    assert figures("naughty strings as a version") == (len(strings), versions, len(strings) - versions, 0)
    assert figures("naughty strings as a slug") == (len(strings), slugs, len(strings) - slugs, 0)


@pytest.mark.fault(37)
def test_a_hostile_message_is_one_row(strings: list[str]) -> None:
    """Any message becomes one row that reads back, or is refused because it is empty."""
    rows = 0
    before = insert_row(new_changelog("App"), ChangelogRow(dt.date(2026, 1, 1), Version(0, 0, 1), "First"))
    for number, string in enumerate(strings):
        try:
            message = hotfix_text(string)
        except KrowVersionsError:
            assert not cell_text(string).strip() or cell_text(string).strip(" :\u3000") == "HOTFIX", string
            continue
        row = ChangelogRow(dt.date(2026, 1, 1), Version(0, 1, number), message)
        text = insert_row(before, row)
        assert len(text.splitlines()) == len(before.splitlines()) + 1
        assert [each.text for each in read_rows(text)] == [message, "First"]
        rows += 1
    assert figures("naughty strings as a message") == (len(strings), rows, len(strings) - rows, 0)


EXAMPLE = re.compile(r"^`{32} example[^\n]*\n(.*?)^\.\n(.*?)^`{32}$", re.MULTILINE | re.DOTALL)


def test_tables_are_those_of_github(shared: Path) -> None:
    """Each table of the specification's examples is read, with as many rows and cells, and no other."""
    examples = EXAMPLE.findall((shared / "suites/gfm/extensions.txt").read_text(encoding="utf-8"))
    wrong, tables = {}, 0
    for markdown, html in examples:
        expected = [
            [len(re.findall("<t[hd]", row)) for row in re.findall(r"<tr>.*?</tr>", table, re.DOTALL)]
            for table in re.findall(r"^<table>.*?</table>", html, re.MULTILINE | re.DOTALL)
        ]
        found = [[len(row) for row in (table.header, *table.rows)] for table in parse(markdown).tables]
        tables += len(expected)
        if found != expected:
            wrong[markdown] = (found, expected)
    assert wrong == {}
    assert figures("cmark-gfm, tables") == (tables, tables, 0, 0)
