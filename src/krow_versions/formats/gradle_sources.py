"""What a statement of a build script sets, and from where a value comes that is not written there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from krow_versions.edits import Span
from krow_versions.formats.gradle_blocks import Group
from krow_versions.formats.model import Scalar
from krow_versions.text.escaping import printable, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from krow_versions.formats.gradle_blocks import Item


@attrs.frozen
class Setting:
    """A name that a statement sets.

    Attributes:
        target: the name, with the names that qualify it.
        value: what it is set to; of an expression, its text.
        is_literal: whether it is a literal.
        start: where the statement starts.
    """

    target: tuple[str, ...]
    value: Scalar
    is_literal: bool
    start: int


def read_setting(text: str, items: Sequence[Item]) -> Setting | None:
    """Return what a statement sets, or None if it sets nothing.

    >>> from krow_versions.formats.gradle_blocks import statements
    >>> from krow_versions.formats.gradle_tokens import scan
    >>> [statement] = statements(scan('project.version = "1.4.0"', kotlin=False))
    >>> found = read_setting('project.version = "1.4.0"', statement.items)
    >>> found.target, found.value.value
    (('version',), '1.4.0')
    """
    start = _without_condition(items)
    names, index = _names(text, items, start)
    if not names or index == len(items):
        return None
    item = items[index]
    if item.text == "=" or (item.text in _CHANGES and names[-1] in _SETTERS.values()):
        value = list(items[index + 1 :])
    elif names[-1] in _SETTERS.values() and item.kind in _VALUES:
        value = list(items[index:])
    elif isinstance(item, Group) and item.kind == "(" and names[-1] in (*_SETTERS, *_SETTERS.values()):
        value = list(items[index:])
    else:
        return None
    names[-1] = _SETTERS.get(names[-1], names[-1])
    while len(value) == 1 and isinstance(value[0], Group) and value[0].kind == "(":
        value = value[0].items
    if not value:
        return None
    first, span = value[0], Span(value[0].start, value[-1].end)
    target = tuple(name for place, name in enumerate(names) if place == len(names) - 1 or name not in _PROJECT)
    if len(value) == 1 and item.text not in _CHANGES and first.kind in ("string", "number"):
        style = first.text if first.kind == "string" else ""
        inner = text[span.start + len(style) : span.end - len(style)]
        return Setting(target, Scalar(span, inner, style), True, items[0].start)
    return Setting(target, Scalar(span, span.of(text)), False, items[0].start)


def from_project(setting: Setting) -> bool:
    """Whether a value is the version of the project itself."""
    return bool(_PROJECT_VERSION.fullmatch(setting.value.value))


def source_of(
    text: str, setting: Setting, variables: dict[str, Setting], *, is_build: bool
) -> tuple[str, str]:
    """Say from where a value comes, and what to do."""
    expression = setting.value.value
    seen: set[str] = set()
    while True:
        shown = f"derives from {printable(' '.join(expression.split()))[:60]}"
        if _FLUTTER.search(expression):
            return f"{shown}, which Flutter reads from pubspec.yaml", "name pubspec.yaml as the version file"
        if match := _CATALOG.search(expression):
            entry = match[1].replace(".", "-")
            return f"{shown}, a version catalog", (
                f'name gradle/libs.versions.toml with format = "toml" and key = "versions.{entry}"'
            )
        name = _variable(expression)
        found = variables.get(name) if name and name not in seen else None
        if found is None:
            break
        seen.add(name)
        line = text.count("\n", 0, found.start) + 1
        if found.is_literal:
            return f"{shown}, which line {line} sets", _by_template(text, found, is_build=is_build)
        expression = found.value.value
    return _elsewhere(expression, shown)


def _elsewhere(expression: str, shown: str) -> tuple[str, str]:
    if match := _PROPERTY.search(expression):
        return f"{shown}, a property", (
            f"name the file that sets {match[1]}, such as gradle.properties, as the version file"
        )
    if "getenv" in expression or "getProperty" in expression:
        return f"{shown}, which is set outside", "name the file that has the version, or write it here as a literal"
    if match := _NAME.fullmatch(expression):
        last = match[1].rpartition(".")[2]
        return f"{shown}, which is not set in this file", (
            f"name the file that sets {last}, such as gradle.properties, or with a template of the format text"
        )
    return f"{shown}, which is computed", "name the file that has the version, or write it here as a literal"


def _by_template(text: str, found: Setting, *, is_build: bool) -> str:
    style = found.value.style
    place = "{build}" if is_build else "{version}"
    line_start = text.rfind("\n", 0, found.value.span.start) + 1
    before = text[max(found.start, line_start) : found.value.span.start]
    return f"read that line with format = \"text\" and key = '{before}{style}{place}{style}'"


def _without_condition(items: Sequence[Item]) -> int:
    """Return where the statement behind ``if (...)`` or ``else`` starts."""
    start = 0
    while start < len(items) and items[start].text in ("if", "else"):
        start += 2 if items[start].text == "if" else 1
    return start


def _names(text: str, items: Sequence[Item], start: int) -> tuple[list[str], int]:
    """Return the dotted name that starts a statement, and where it ends; of a declaration, its name."""
    names: list[str] = []
    index = start
    while index < len(items):
        item = items[index]
        if item.kind == "name":
            # Two names in a row: a declaration such as "def name" or "private val name".
            names = [*names, item.text] if index > start and items[index - 1].text in (".", "?.") else [item.text]
        elif item.text == ":" and index + 1 < len(items):
            end = next((at for at in range(index, len(items)) if items[at].text == "="), len(items))
            return names, end
        elif isinstance(item, Group) and item.kind == "[" and len(item.items) == 1 and item.items[0].kind == "string":
            string = item.items[0]  # extra["name"] = ...
            names = [*names, text[string.start + len(string.text) : string.end - len(string.text)]]
        elif item.text not in (".", "?."):
            break
        index += 1
        if names and names[-1] in _SETTERS.values() and index < len(items) and items[index].kind in _VALUES:
            break
    return names, index


def _variable(expression: str) -> str:
    """Return the name of a variable, if the expression is one, or converts one."""
    match = _NAME.fullmatch(expression)
    return match[1].rpartition(".")[2] if match else ""


_SETTERS = {"setVersionName": "versionName", "setVersionCode": "versionCode", "setVersion": "version"}
_CHANGES = ("+=", "-=", "*=", "?=")
_VALUES = ("name", "string", "number", "template", "escaped", "other", "op", "[")
_PROJECT = ("project", "this", "rootProject", "it")
_PROJECT_VERSION = re.compile(
    r"""["']?\$?\{?(?:(?:root)?[pP]roject\.)?version(?:\.toString\(\)|\s+as\s+String)?\}?["']?"""
)
_FLUTTER = re.compile(r"\bflutter(?:\.version|Version|VersionName|VersionCode|\.get)|['\"]flutter\.version")
_CATALOG = re.compile(r"\blibs\.versions\.([A-Za-z][\w.]*?)(?:\.get\(\).*)?$")
_NAME = re.compile(
    r"""["']?\$?\{?\(?((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)\)?(?:!!|\.to\w+\(\)|\.get\(\)|\s+as\s+\w+)*\}?["']?"""
)
_PROPERTY = re.compile(
    r"""(?:[pP]roperty|extra|properties|ext)\s*[(\[.]\s*["']?([A-Za-z_][\w.]*)"""
)
