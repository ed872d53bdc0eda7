"""What a statement of a build script sets, and from where a value comes that is not written there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from krow_versions.edits import Span
from krow_versions.formats.gradle_blocks import Group
from krow_versions.formats.model import Scalar
from krow_versions.regexes import regex
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from krow_versions.formats.gradle_blocks import Item


@frozen
class Setting:
    """A name that a statement sets.

    Attributes:
        target: the name, with the names that qualify it.
        value: what it is set to; of an expression, its text.
        is_literal: whether it is a literal.
        start: where the statement starts.
        is_declared: whether the statement declares the name, as a variable.
    """

    target: tuple[str, ...]
    value: Scalar
    is_literal: bool
    start: int
    is_declared: bool


def read_setting(text: str, items: Sequence[Item]) -> Setting | None:
    """Return what a statement sets, or None if it sets nothing.

    >>> from krow_versions.formats.gradle_blocks import statements
    >>> from krow_versions.formats.gradle_tokens import scan
    >>> [statement] = statements(scan('project.version = "1.4.0"', kotlin=False))
    >>> found = read_setting('project.version = "1.4.0"', statement.items)
    >>> found.target, found.value.value
    (('version',), '1.4.0')
    """
    names, index, declared = _names(text, items, _without_condition(items))
    if not names or index == len(items) or items[index - 1].text in (".", "?."):
        return None
    item = items[index]
    if item.text == "=" or (item.text in _CHANGES and names[-1] in PROPERTIES):
        value = list(items[index + 1 :])
    elif not declared and _is_argument(names[-1], item):
        value = list(items[index:])
    else:
        return None
    names[-1] = _SETTERS.get(names[-1], names[-1])
    while len(value) == 1 and isinstance(value[0], Group) and value[0].kind == "(":
        value = value[0].items
    if not value:
        return None
    first, span = value[0], Span(value[0].start, value[-1].end)
    target = tuple(
        name for place, name in enumerate(names) if place == len(names) - 1 or name not in _PROJECT
    )
    if len(value) == 1 and item.text not in _CHANGES and first.kind in ("string", "escaped", "number"):
        style = "" if first.kind == "number" else first.text
        inner = text[span.start + len(style) : span.end - len(style)]
        return Setting(target, Scalar(span, inner, style), True, items[0].start, declared)
    return Setting(target, Scalar(span, span.of(text)), False, items[0].start, declared)


def _is_argument(name: str, item: Item) -> bool:
    if isinstance(item, Group) and item.kind == "(":
        return name in PROPERTIES or name in _SETTERS
    return name in PROPERTIES and item.kind in _VALUES


def from_project(setting: Setting, variables: dict[str, Setting]) -> bool:
    """Whether a value is the version of the project itself, and not a variable of that name."""
    expression = setting.value.value
    hidden = VERSION in variables and variables[VERSION].is_declared and "roject" not in expression
    return bool(_PROJECT_VERSION.fullmatch(expression)) and not hidden


@frozen
class Source:
    """From where a value comes.

    Attributes:
        says: the words about it.
        advice: what to do; ``{}`` in it stands for *subject*, or for those of several values.
        subject: the name of a property, or the line that sets a variable, as a template.
    """

    says: str
    advice: str
    subject: str = ""


def source_of(text: str, setting: Setting, variables: dict[str, Setting]) -> Source:
    """Find from where a value comes, in the script as far as it says so."""
    expression = setting.value.value
    seen: set[str] = set()
    while True:
        expression = expression[:_LONGEST]
        shown = f"derives from {_in_one_line(expression)}"
        if _FLUTTER.search(expression):
            return Source(
                f"{shown}, which Flutter reads from pubspec.yaml", "name pubspec.yaml as the version file"
            )
        if match := _CATALOG.search(expression):
            return Source(
                f"{shown}, a version catalog", _IN_CATALOG, f"versions.{match[1].replace('.', '-')}"
            )
        name = _variable(expression)
        found = variables.get(name) if name not in seen else None
        if found is None:
            return _elsewhere(expression, shown)
        seen.add(name)
        if found.is_literal:
            line = text.count("\n", 0, found.start) + 1
            return by_template(text, found, f"{shown}, which line {line} sets")
        expression = found.value.value


def by_template(text: str, found: Setting, says: str = "") -> Source:
    """Return the source of a value that another setting has, with its line as a template of ``text``."""
    style, start = found.value.style, found.value.span.start
    before = text[max(found.start, text.rfind("\n", 0, start) + 1) : start].lstrip()
    return Source(says, _TEMPLATE, f"{before}{style}{'{version}' if style else '{build}'}{style}")


def derived_builds(
    text: str, codes: Iterable[Setting], names: Sequence[Setting], variables: dict[str, Setting]
) -> tuple[tuple[int, str], ...]:
    """Describe each versionCode that comes from elsewhere, by its line, its source, and what to do.

    Where templates can read it, they must read the version, too: a file has one format.
    """
    found = []
    for code in codes:
        source = source_of(text, code, variables)
        beside = [by_template(text, name) for name in names[:1]] if source.advice == _TEMPLATE else []
        line = text.count("\n", 0, code.value.span.start) + 1
        found.append((line, f"versionCode {source.says}; {advise([*beside, source])}"))
    return tuple(found)


def advise(sources: Iterable[Source]) -> str:
    """Say what to do about values that come from *sources*; the same advice is given once."""
    subjects: dict[str, list[str]] = {}
    for source in sources:
        subjects.setdefault(source.advice, []).append(source.subject)
    return "; ".join(
        advice.format(json.dumps("\n".join(about), ensure_ascii=False))
        if advice == _TEMPLATE
        else advice.format(" and ".join(about))
        for advice, about in subjects.items()
    )


def _elsewhere(expression: str, shown: str) -> Source:
    if match := _PROPERTY.search(expression):
        return Source(f"{shown}, a property", _IN_FILE, match[1])
    if "getenv" in expression or "getProperty" in expression:
        return Source(f"{shown}, which is set outside", _WRITE)
    if name := _variable(expression):
        return Source(f"{shown}, which is not set in this file", _IN_FILE, name)
    return Source(f"{shown}, which is computed", _WRITE)


def _in_one_line(expression: str) -> str:
    line = " ".join(expression.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}..."


def _without_condition(items: Sequence[Item]) -> int:
    """Return where the statement behind ``if (...)`` or ``else`` starts."""
    start = 0
    while start < len(items) and items[start].text in ("if", "else"):
        start += 2 if items[start].text == "if" else 1
    return start


def _names(text: str, items: Sequence[Item], start: int) -> tuple[list[str], int, bool]:
    """Return the dotted name that a statement starts with, where it ends, and whether it is declared."""
    names: list[str] = []
    declared = False
    for index in range(start, len(items)):
        item, before = items[index], items[index - 1].text if index > start else "."
        if item.kind == "name" and before in (".", "?."):
            names.append(item.text)
        elif item.kind == "name" and names[-1:] and names[-1] not in PROPERTIES:
            names, declared = [item.text], True  # Such as "def name", "private val name".
        elif names and item.text == ":":
            rest = range(index, len(items))
            return names, next((at for at in rest if items[at].text == "="), len(items)), True
        elif isinstance(item, Group) and item.kind == "[" and _only_string(item):
            string = item.items[0]  # extra["name"] = ...
            names.append(text[string.start + len(string.text) : string.end - len(string.text)])
        elif item.text not in (".", "?."):
            return names, index, declared
    return names, len(items), declared


def _only_string(group: Group) -> bool:
    return [item.kind for item in group.items] == ["string"]


def _variable(expression: str) -> str:
    """Return the name of a variable, if the expression is one, or converts one."""
    match = _NAME.fullmatch(expression)
    return match[1].rpartition(".")[2] if match else ""


PROPERTIES = (NAME, CODE, VERSION) = ("versionName", "versionCode", "version")
_SETTERS = {"setVersionName": NAME, "setVersionCode": CODE, "setVersion": VERSION}
_CHANGES = ("+=", "-=", "*=", "?=")
_VALUES = ("name", "string", "number", "template", "escaped", "other")
_SHOWN = 60
_LONGEST = 1000  # Of an expression; some patterns take a time that grows with the square of its length.
_IN_FILE = "name the file that sets {}, such as gradle.properties, as the version file"
_IN_CATALOG = 'name gradle/libs.versions.toml as the version file, with format = "toml" and key = "{}"'
_TEMPLATE = 'read these lines with format = "text" and key = {}'
_WRITE = "name the file that has the version, or write it here as a literal"
_PROJECT = ("project", "this", "rootProject", "it")
_PROJECT_VERSION = regex(
    r"""["']?\$?\{?(?:(?:root)?[pP]roject\.)?version(?:\.toString\(\)|\s+as\s+String)?\}?["']?"""
)
_FLUTTER = regex(r"\bflutter(?:\.version|Version|VersionName|VersionCode|\.get)|['\"]flutter\.version")
_CATALOG = regex(r"\blibs\.versions\.([A-Za-z][\w.]*?)(?:\.get\(\).*)?$")
_NAME = regex(
    r"""["']?\$?\{?\(?((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)\)?(?:!!|\.to\w+\(\)|\.get\(\)|\s+as\s+\w+)*\}?["']?"""
)
_PROPERTY = regex(r"""(?:[pP]roperty|extra|properties|ext)\s*[(\[.]\s*["']?([A-Za-z_][\w.]*)""")
