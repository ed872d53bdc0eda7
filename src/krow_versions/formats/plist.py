"""``Info.plist``, of Apple's apps: XML property lists, by the byte offsets of ``expat``.

Source: Apple's PropertyList-1.0.dtd. The data is the tree of the list: a string is text, any other leaf
a pair of its tag and its text, and all repeated keys are kept.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from krow_versions.edits import Span
from krow_versions.errors import (
    AmbiguousVersion,
    FileFormatError,
    InvalidVersion,
    KrowVersionsError,
    Unsupported,
    VersionNotFound,
)
from krow_versions.formats.apple import build_kind, is_derived, only_derived, refused_build, refused_version
from krow_versions.formats.missing import missing
from krow_versions.formats.model import (
    CORRECT,
    MAX_DEPTH,
    Document,
    Format,
    KeyPath,
    Kind,
    Scalar,
    dotted,
    highest_plus,
    value_at,
)
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted
from krow_versions.values import define, frozen

if TYPE_CHECKING:
    from xml.parsers.expat import XMLParserType

VERSION, BUILD = "CFBundleShortVersionString", "CFBundleVersion"


def read_plist(text: str) -> Document:
    """Parse an XML property list whose top level is a dictionary."""
    if text.lstrip()[:1] in {"{", "/"}:
        raise Unsupported(
            "the file is a property list in the old style or in JSON",
            hint="convert it: plutil -convert xml1 FILE",
        )
    tree = _Tree(text)
    build = tree.leaves.get((BUILD,))
    derived: tuple[tuple[int, str], ...] = ()
    if build is not None and is_derived(build.value):
        line = text.count("\n", 0, tree.character(build.start)) + 1
        derived = ((line, f"{BUILD} is {quoted(build.value)}; {only_derived(BUILD, [build.value]).hint}"),)
    return Document(tree.data, functools.partial(_locate, text, tree), derived=derived)


def _locate(text: str, tree: _Tree, key_path: KeyPath) -> Scalar:
    for length in range(1, len(key_path) + 1):
        twice = tree.twice.get(key_path[:length])
        if twice is not None:
            raise AmbiguousVersion(
                f"the key {dotted(key_path[:length])} is there twice",
                key=dotted(key_path),
                hint="remove one of the two: which one is read depends on the reader",
            ).located(text, tree.character(twice))
    leaf = tree.leaves.get(key_path)
    if leaf is None:
        if value_at(tree.data, key_path) is None:
            raise missing(tree.data, key_path)
        raise InvalidVersion(f"{dotted(key_path)} is no string", hint=_WRITE)
    problem = _problem(key_path, leaf)
    if problem:
        raise problem.located(text, tree.character(leaf.start))
    end = tree.character(leaf.end)
    return Scalar(Span(end - len(leaf.value), end), leaf.value)


def _problem(key_path: KeyPath, leaf: _Leaf) -> KrowVersionsError | None:
    name = dotted(key_path)
    if leaf.tag != "string":
        return InvalidVersion(f"{name} is <{leaf.tag}>, not <string>", hint=_WRITE)
    if not leaf.value.strip():
        return VersionNotFound(f"{name} is empty", hint="write the version that is in production there")
    if is_derived(leaf.value):
        return only_derived(name, [leaf.value])
    if not leaf.plain:
        return Unsupported(f"{name} is written with a comment, CDATA or a reference", hint=_WRITE)
    return (refused_version if key_path == (VERSION,) else refused_build)(name, leaf.value)


def _keys(data: Any) -> tuple[KeyPath, ...]:
    """Return the two keys at the top, as far as they are there and literal."""
    there = {name: data[name] for name in (VERSION, BUILD) if name in data}
    literal = tuple(
        (name,) for name, value in there.items() if not (isinstance(value, str) and is_derived(value))
    )
    if literal:
        return literal
    if there:
        raise only_derived(next(iter(there)), there.values())
    raise VersionNotFound(
        f"there is neither {VERSION} nor {BUILD}",
        key=VERSION,
        hint="Xcode may set them from the project: name its project.pbxproj as the version file",
    )


def _is_app(data: Any) -> bool:
    return isinstance(data, dict) and data.get("CFBundlePackageType") not in {"FMWK", "BNDL"}


def _kind(key_path: KeyPath, value: str) -> Kind:
    return "version" if key_path == (VERSION,) else build_kind(value)


def _build_bound(data: bytes) -> int:
    return max(highest_plus(data), *map(int, _BUILD_VALUE.findall(data)), -1)


_BUILD_VALUE = regex(rb">([0-9]{1,256})<")
_WRITE = "write it as plain text, such as <string>1.4.0</string>"


# --- the tree ---------------------------------------------------------------------------------


@frozen
class _Leaf:
    """A value without children; the offsets count bytes.

    Attributes:
        tag: its element.
        value: its text.
        start: where its element begins.
        end: where its text ends.
        plain: whether its text is written without comments, CDATA sections and references.
    """

    tag: str
    value: str
    start: int
    end: int
    plain: bool


@define
class _Level:
    """An array or dictionary being read; ``path`` is None in an array."""

    node: dict[Any, Any] | list[Any]
    path: KeyPath | None
    key: str | None = None


class _Tree:
    """Builds plain data from the events of expat, and keeps the leaf of every value with a key path."""

    def __init__(self, text: str) -> None:
        from xml.parsers import expat  # Only here: few files are property lists.

        self.data: Any = None
        self.leaves: dict[KeyPath, _Leaf] = {}
        self.twice: dict[KeyPath, int] = {}  # Where the second key is.
        self._text, self._bytes = text, text.encode()
        self._levels: list[_Level] = []
        self._open: list[str] = []  # The elements being read.
        self._start, self._value, self._plain = 0, [""], True  # Of the leaf being read.
        # The encoding is given, because the text has been decoded: what the file declares is only checked.
        self._parser = expat.ParserCreate("UTF-8")
        self._listen(self._parser)
        try:
            self._parser.Parse(self._bytes, True)
        except expat.ExpatError as error:
            raise self._wrong(
                f"invalid XML: {expat.ErrorString(error.code)}", self._parser.ErrorByteIndex
            ) from None
        if not isinstance(self.data, dict):
            raise VersionNotFound(
                "the property list is no dictionary", hint="check whether this is an app's Info.plist"
            )

    def character(self, offset: int) -> int:
        """Return the offset in characters for one in bytes."""
        return len(self._bytes[:offset].decode("utf-8", "ignore"))

    def _listen(self, parser: XMLParserType) -> None:
        parser.XmlDeclHandler = self._declared
        parser.EntityDeclHandler = self._entity
        parser.StartElementHandler = self._started
        parser.EndElementHandler = self._ended
        parser.CharacterDataHandler = self._characters
        for event in ("Comment", "ProcessingInstruction", "StartCdataSection", "SkippedEntity"):
            setattr(parser, f"{event}Handler", self._interrupted)

    def _declared(self, _: str, encoding: str | None, __: int) -> None:
        name = (encoding or "utf-8").lower()
        similar = self._text.isascii() and name.startswith(("iso-8859-", "windows-125"))
        if not similar and name not in {"utf-8", "utf8", "us-ascii", "ascii"}:
            raise self._wrong(
                f"the file is UTF-8 but declares {quoted(name)}",
                hint='declare encoding="UTF-8", and check its text',
            )

    def _entity(self, *_: Any) -> None:
        raise self._wrong(
            "the file declares an entity", hint="write its text instead: property lists need none"
        )

    def _started(self, tag: str, _: dict[str, str]) -> None:
        above = self._open[-1] if self._open else None
        if len(self._open) == MAX_DEPTH:
            raise self._wrong(f"the file is nested more than {MAX_DEPTH} levels deep")
        if (above is None) != (tag == "plist"):
            raise self._wrong(
                f"there is <{tag:.40}> where <plist> must be", hint="check whether this is a property list"
            )
        if above in _LEAVES or tag not in _KNOWN:
            raise self._wrong(f"there is <{tag:.40}> where no property list has it")
        if above == "dict" and (tag == "key") != (self._levels[-1].key is None):
            raise self._wrong(f"there is <{tag}> where a {'value' if tag == 'key' else '<key>'} must be")
        if tag == "key" and above != "dict":
            raise self._wrong("there is a <key> outside of a dictionary")
        self._open.append(tag)
        self._start, self._value, self._plain = self._parser.CurrentByteIndex, [], True
        if tag in {"dict", "array"}:
            node: dict[Any, Any] | list[Any] = {} if tag == "dict" else []
            self._levels.append(_Level(node, self._put(node)))

    def _ended(self, tag: str) -> None:
        self._open.pop()
        if tag in _LEAVES:
            self._leaf(tag, "".join(self._value))
        elif tag != "plist" and self._levels.pop().key is not None:
            raise self._wrong("there is a <key> without a value")
        self._value = []

    def _leaf(self, tag: str, value: str) -> None:
        if tag == "key":
            self._levels[-1].key = value
            return
        end = self._parser.CurrentByteIndex
        path = self._put(value if tag == "string" else (tag, value))
        written = value.encode()
        plain = self._plain and self._bytes[end - len(written) - 1 : end] == b">" + written
        if path is not None:
            self.leaves[path] = _Leaf(tag, value, self._start, end, plain)

    def _put(self, value: Any) -> KeyPath | None:
        """Add *value* where it stands; return its key path, or None if it has none."""
        if not self._levels:
            if self.data is not None:
                raise self._wrong("there are several values at the top")
            self.data = value
            return ()
        parent = self._levels[-1]
        if isinstance(parent.node, list):
            parent.node.append(value)
            return None
        key, parent.key = parent.key or "", None
        path = None if parent.path is None else (*parent.path, key)
        if key in parent.node:
            if path is not None:
                self.twice.setdefault(path, self._start)
            parent.node[key, len(parent.node)] = value
            return None
        parent.node[key] = value
        return path

    def _characters(self, text: str) -> None:
        if self._open[-1] in _LEAVES:
            self._value.append(text)
        elif not text.isspace():
            hint = _PREPROCESSED if text.lstrip().startswith("#") else CORRECT
            raise self._wrong(f"there is text outside of a value: {quoted(text)}", hint=hint)

    def _interrupted(self, *_: Any) -> None:
        self._plain = False

    def _wrong(self, message: str, offset: int | None = None, hint: str = CORRECT) -> FileFormatError:
        place = self._parser.CurrentByteIndex if offset is None else offset
        return FileFormatError(message, hint=hint).located(self._text, self.character(max(place, 0)))


_PREPROCESSED = "Xcode preprocesses such a file: keep its version in the project's MARKETING_VERSION instead"
_LEAVES = frozenset({"key", "string", "integer", "real", "date", "data", "true", "false"})
_KNOWN = _LEAVES | {"plist", "dict", "array"}

PLIST = Format(
    "plist",
    read_plist,
    _keys,
    ("Info.plist",),
    private=_is_app,
    kind=_kind,
    build_bound=_build_bound,
    first_build="CFBundleVersion with the string 1",
    delimited=True,
)
