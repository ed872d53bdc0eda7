"""Versions and builds that a file of another build tool writes out, whatever their form.

A format finds the places that it can edit, and refuses the rest. Here nothing is refused: ``1.0`` and
``2024a`` are values that a store would see, too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from krow_versions.edits import lines_in
from krow_versions.encoding import BOM
from krow_versions.errors import KrowVersionsError
from krow_versions.formats.model import dotted
from krow_versions.formats.yaml import plain_yaml, read_yaml
from krow_versions.regexes import regex
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.formats.model import Document, KeyPath

Kind = Literal["version", "build"]


@frozen
class Written:
    """A value that is written out in a file.

    Attributes:
        key: the key as the file has it, such as ``versionCode``.
        kind: whether it is a version or a build.
        value: the value, without quotes.
        line: its line, from 1.
        target: the target of Xcode that has it; empty if there is none.
    """

    key: str
    kind: Kind
    value: str
    line: int
    target: str = ""


def gradle_values(text: str) -> tuple[Written, ...]:
    r"""Find ``versionName`` and ``versionCode`` that are written out in a build script of Gradle.

    An expression is not: ``flutter.versionCode``, ``code.toInteger()``, ``"1.$minor"``, ``base + 1``.

    >>> [each.value for each in gradle_values('versionCode 42 // 41\nversionName = flutter.versionName')]
    ['42']
    """
    return tuple(_gradle(text))


def plist_values(text: str) -> tuple[Written, ...]:
    """Find the version and the build in a property list of XML, those with variables included.

    Raises:
        FileFormatError, Unsupported: the text is no such list.
    """
    from krow_versions.formats.plist import read_plist  # Most products have no such file.

    body = text.removeprefix(BOM)
    document = read_plist(body)
    found = ((key, kind, document.data.get(key)) for key, kind in _PLIST.items())
    return tuple(
        Written(key, kind, value, _line(body, document, (key,)))
        for key, kind, value in found
        if isinstance(value, str)
    )


def _line(body: str, document: Document, key: KeyPath) -> int:
    """Return the line of a value, also of one that cannot be edited."""
    try:
        return body.count("\n", 0, document.locate(key).span.start) + 1
    except KrowVersionsError as error:
        return error.line or 1


def msix_value(text: str) -> Written | None:
    """Find the version of a package for Windows in a pubspec, or None."""
    if "msix_version" not in text:
        return None
    body = text.removeprefix(BOM)
    try:
        outline = plain_yaml(body)
        found = (outline and outline.locate(_MSIX)) or read_yaml(body).locate(_MSIX)
    except KrowVersionsError:
        return None
    return Written(dotted(_MSIX), "version", found.value, body.count("\n", 0, found.span.start) + 1)


def _gradle(text: str) -> Iterator[Written]:
    line_of = lines_in(text)
    tokens = [match for match in _TOKEN.finditer(text) if match.lastgroup != "space"]
    kinds = [match.lastgroup for match in tokens]
    words = [match[0] for match in tokens]
    for at, word in enumerate(words):
        if word not in _GRADLE or kinds[at] != "word":
            continue
        before = words[at - 1] if at else ""
        if before in _DEFINING or (before == "." and words[at - 2] not in {"defaultConfig", "it", "this"}):
            continue
        first = at + 1
        while first < len(words) and words[first] in {"=", "("}:
            first += 1
        if first == len(words) or kinds[first] not in {"number", "string"} or _goes_on(words, tokens, first):
            continue
        value = words[first].strip("\"'") if kinds[first] == "string" else words[first].replace("_", "")
        if "$" not in value or words[first].startswith("'"):
            yield Written(word, _GRADLE[word], value, line_of(tokens[at].start()))


def _goes_on(words: list[str], tokens: list[re.Match[str]], at: int) -> bool:
    """Whether the value at *at* is the beginning of an expression, such as ``1 + base``."""
    following = at + 1
    while following < len(words) and words[following] == ")":
        following += 1
    if following == len(words) or words[following] not in _OPERATORS:
        return False
    between = tokens[at].string[tokens[at].end() : tokens[following].start()]
    return words[following] == "." or "\n" not in between


_MSIX = ("msix_config", "msix_version")
_PLIST: dict[str, Kind] = {"CFBundleShortVersionString": "version", "CFBundleVersion": "build"}
_GRADLE: dict[str, Kind] = {"versionName": "version", "versionCode": "build"}
_DEFINING = {"def", "val", "var", "int", "String", "Integer"}
_OPERATORS = {"+", "-", "*", "/", "%", ".", "?", "[", "as"}
# A string that does not end is one, too, so that a text of openings takes no time.
_TOKEN = regex(
    r"""
    (?P<space> \s+ | //[^\n]* | /\*(?:[^*]|\*(?!/))*+(?:\*/|\Z) )
    | (?P<string> \"{3}(?:[^"\\]|\\.|"(?!""))*+(?:\"{3}|\Z) | '{3}(?:[^'\\]|\\.|'(?!''))*+(?:'{3}|\Z)
        | "(?:[^"\\\n]|\\.)*+"? | '(?:[^'\\\n]|\\.)*+'? )
    | (?P<word> [A-Za-z_][A-Za-z0-9_]* )
    | (?P<number> [0-9][0-9_]* )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)
