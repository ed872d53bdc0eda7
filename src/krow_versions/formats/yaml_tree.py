"""YAML, by the events of ``ruamel.yaml``'s parser, which have exact offsets.

Events are used instead of ``compose``: they come one by one, so a nesting bomb is stopped at the
hundredth level instead of after minutes; aliases stay names, so an alias bomb or a cycle is never
expanded; and duplicate keys are seen.

ruamel follows YAML 1.1 in two points where files, and Dart's and Go's readers, follow 1.2: U+0085,
U+2028 and U+2029 end a line, and a tab is not white space. Both are replaced by substitutes of the same
length before parsing, so that offsets stay valid. Where it refuses what YAML 1.2 allows, its scanner is
corrected (:mod:`krow_versions.formats.yaml_scanner`); not everywhere, so no text that it refuses is called
invalid.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from krow_versions.edits import Span
from krow_versions.errors import (
    AmbiguousVersion,
    FileFormatError,
    InvalidVersion,
    KrowVersionsError,
    Unsupported,
    VersionNotFound,
)
from krow_versions.formats.missing import missing
from krow_versions.formats.model import CORRECT, MAX_DEPTH, Document, KeyPath, Scalar, dotted
from krow_versions.formats.yaml_scanner import make_lenient
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted
from krow_versions.values import define

if TYPE_CHECKING:
    from collections.abc import Iterator


def parse_yaml(text: str) -> Document:
    """Parse one YAML document whose top level is a mapping without duplicate keys."""
    tree = _Tree(text)
    for event in _events(text):
        tree.take(event)
    if not isinstance(tree.data, dict):
        raise VersionNotFound(f"the file {tree.kind}", hint="it needs a line such as version: 0.1.0")
    return Document(tree.data, functools.partial(_locate, text, tree))


def _locate(text: str, tree: _Tree, key_path: KeyPath) -> Scalar:
    if key_path not in tree.values:
        raise missing(tree.data, key_path)
    _require_unshared(text, tree, key_path)
    event, key_end = tree.values[key_path]
    start, end = event.start_mark.index, event.end_mark.index
    if start == end:  # The offset of an empty value is that of the next token, lines below.
        start = end = key_end
    style = getattr(event, "style", None) or ""
    problem: KrowVersionsError | None = None
    kind = type(event).__name__
    if kind == "AliasEvent":
        problem = Unsupported(f"the version is an alias of &{event.anchor}", hint=_WRITE)
    elif kind != "ScalarEvent":
        problem = InvalidVersion("the version is a list or a mapping, not text", hint=_WRITE)
    elif event.anchor is not None:
        problem = Unsupported(f"the version carries the anchor &{event.anchor}", hint=_WRITE)
    elif event.tag is not None:
        problem = Unsupported(f"the version carries the tag {event.tag}", hint=_WRITE)
    elif style in {"|", ">"}:
        problem = Unsupported("the version is a block scalar", hint=_WRITE)
    if problem:
        raise problem.located(text, start)
    return Scalar(Span(start, end), event.value, style)


def _require_unshared(text: str, tree: _Tree, key_path: KeyPath) -> None:
    """Refuse a version in a mapping that an alias repeats: an edit would change both."""
    for length in range(len(key_path)):
        anchor = tree.anchors.get(key_path[:length])
        if anchor in tree.aliases:
            problem = f"the version is in the mapping &{anchor}, which *{anchor} repeats elsewhere"
            raise Unsupported(
                problem, hint="write the version outside of it, or leave this file out"
            ).located(text, tree.aliases[anchor])


_WRITE = "write it on the line of its key, such as version: 0.1.0"
_MARKS = ("marks",)  # Differs from every key of YAML, because they are strings, or numbered.


@define(eq=False)
class _Level:
    """A mapping or sequence being read; ``path`` is None below a sequence or a complex key."""

    node: dict[Any, Any] | list[Any]
    path: KeyPath | None
    key: Any = None
    key_end: int = 0
    complex_keys: int = 0


class _Tree:
    """Builds plain data from events, and keeps the event of every value that has a key path."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.data: Any = None
        self.values: dict[KeyPath, tuple[Any, int]] = {}  # The event, and where its key ends.
        self.anchors: dict[KeyPath, str] = {}  # Those of mappings.
        self.aliases: dict[str, int] = {}  # Where an alias of each is.
        self._levels: list[_Level] = []
        self._documents = 0

    def take(self, event: Any) -> None:
        kind = type(event).__name__
        if kind in {"MappingStartEvent", "SequenceStartEvent"}:
            if len(self._levels) == MAX_DEPTH:
                raise FileFormatError(
                    f"the file is nested more than {MAX_DEPTH} levels deep", hint=CORRECT
                ).located(self.text, event.start_mark.index)
            # An anchor or tag is part of the data that is compared.
            marks = (event.anchor, event.tag and str(event.tag))
            value: Any = {_MARKS: marks} if any(marks) else {}
            node: dict[Any, Any] | list[Any] = value
            if kind == "SequenceStartEvent":
                node = []
                value = (*marks, node) if any(marks) else node
            path = self._put(event, value)
            if event.anchor and path is not None:
                self.anchors[path] = event.anchor
            self._levels.append(_Level(node, path))
        elif kind in {"MappingEndEvent", "SequenceEndEvent"}:
            self._levels.pop()
        elif kind == "AliasEvent":
            self.aliases.setdefault(event.anchor, event.start_mark.index)
            self._put(event, ("*", event.anchor))
        elif kind == "ScalarEvent":
            marks = (event.anchor, event.tag and str(event.tag))
            self._put(event, (*marks, event.value) if any(marks) else event.value)
        elif kind == "DocumentStartEvent":
            self._documents += 1
            if self._documents > 1:
                raise FileFormatError(
                    "there are several YAML documents in this file",
                    hint="a version file is one document: move the others to files of their own",
                ).located(self.text, event.start_mark.index)

    @property
    def kind(self) -> str:
        """What the document is, if it is no mapping."""
        if self.data is None:
            return "is empty"
        marked = isinstance(self.data, tuple)
        root = self.data[-1] if marked else self.data
        return f"is {'a list' if isinstance(root, list) else 'one value'}, not a mapping of keys"

    def _put(self, event: Any, value: Any) -> KeyPath | None:
        """Add *value* to the node being read; return its key path, or None if it has none."""
        if not self._levels:
            self.data = value
            return ()
        parent = self._levels[-1]
        if isinstance(parent.node, list):
            parent.node.append(value)
            return None
        if parent.key is None:
            parent.key, parent.key_end = self._key(parent, event, value), event.end_mark.index
            return None
        key, parent.key = parent.key, None
        parent.node[key] = value
        if parent.path is None or not isinstance(key, str):
            return None
        path = (*parent.path, key)
        self.values[path] = event, parent.key_end
        return path

    def _key(self, parent: _Level, event: Any, value: Any) -> Any:
        if not isinstance(value, str):  # A collection, an alias, or an anchored key: number it.
            parent.complex_keys += 1
            return (parent.complex_keys,)
        if value in parent.node:
            name = dotted((*(parent.path or ()), value))
            raise AmbiguousVersion(
                f"the key {name} is there twice", key=name, hint="remove one of the two: YAML allows only one"
            ).located(self.text, event.start_mark.index)
        return value


def _events(text: str) -> Iterator[Any]:
    parser = YAML(typ="safe", pure=True)  # The C parser is never used: 100,000 brackets kill the process.
    make_lenient(parser)
    try:
        yield from parser.parse(_readable(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = min(mark.index, len(text)) if mark else 0
        fault = FileFormatError(_UNREADABLE.format(error.problem or error.context), hint=_hint(text, at))
        raise fault.located(text, at) if mark else fault from None
    except ReaderError as error:
        character = text[error.position : error.position + 1]
        problem = _UNREADABLE.format(f"the character {quoted(character)} may not stand in it")
        raise FileFormatError(problem, hint="remove it").located(text, error.position) from None


_UNREADABLE = "this cannot be read as YAML: {}"


def _hint(text: str, at: int) -> str:
    if "\t" in text[text.rfind("\n", 0, at) + 1 : at + 1]:
        return f"{CORRECT}; YAML is indented with spaces"
    return f"{CORRECT}; where it is valid YAML, write it in a simpler way"


def _readable(text: str) -> str:
    """Replace what ruamel reads by the rules of YAML 1.1 by substitutes of the same length."""
    if _FOREIGN_BREAK.search(text):
        text = _FOREIGN_BREAK.sub(_unused_character(text), text)
    if "%YAML" in text:
        text = _LATER_YAML.sub(lambda match: f"{match[1]}2".ljust(len(match[0])), text)
    if "\t" in text:
        text = _SEPARATION.sub(lambda match: match[0].replace("\t", " "), text)
    return text


def _unused_character(text: str) -> str:
    used = set(text)
    return next(character for character in map(chr, range(0xE000, 0xF8FF)) if character not in used)


_FOREIGN_BREAK = regex("[\x85\u2028\u2029]")
# The specification (6.8.1) reads a later minor version as the one that is known.
_LATER_YAML = regex(r"^(%YAML[ ]+1\.)(?:[3-9]|[1-9][0-9]+)(?=[ \r\n])", re.MULTILINE)
# White space that may contain a tab: after anything but indentation, -, ? and :, where a tab would be
# indentation; and before a comment or the end of a line. Possessive repeats keep it linear in time.
_SEPARATION = regex(r"(?<=[^\s?:-])[ \t]++|(?<![ \t])[ \t]++(?=#|[\r\n]|\Z)")
