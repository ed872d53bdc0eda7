r"""A quick reader for the plain YAML that most version files are written in.

It knows a subset of YAML, and hands everything else over to the parser. In the subset each line says by
itself what it is. What is read there is what the parser reads, by these rules of
https://yaml.org/spec/1.2.2:

- Characters (5.1): printable ones; no tab, no BOM, none of the breaks of YAML 1.1 (U+0085, U+2028, U+2029).
  A line ends with ``\n`` or ``\r\n`` (5.4). A comment begins a line, or follows a space (6.6).
- One document (9.1), perhaps behind a line ``---``. No line begins with another mark of documents, or with an
  indicator that is not named here.
- Block mappings (8.2.2), the outermost at column 0. A key is a word of ASCII letters, digits and
  ``_ . / $ -``, perhaps with more of them behind colons, or a quoted scalar without escapes. It is far below
  the limit for keys (7.4.2), and neither ``?`` nor ``<<``. The colon follows at once, then a space or the end
  of the line. No key is twice in a mapping: a mapping is a dict here, too.
- Block sequences (8.2.1): a dash, spaces, and a value on this line, or a key, with which a mapping begins
  ([195] compact mapping). They may be at the column of the key that they belong to ([201] seq-space).
- A line is indented more than the one before only below a key without a value. A line that is indented less
  is at the column of a mapping or a sequence around it (6.1).
- Plain scalars (7.3.3) begin with no indicator (5.3); no colon in them is before a space, and no ``#`` behind
  one. The value of a key may go on in lines that begin likewise and are indented more than the key, without
  blank lines and comments between; a break with the spaces around it is one space (6.5).
- Quoted scalars on one line (7.3.1, 7.3.2), with the escapes ``\" \\ \/ \n \t``.
- Plain and quoted scalars may begin on the line below their key, indented more (8.2.2).
- Flow collections on one line (7.4): a list of words and quoted scalars, or a mapping with at most one.
- Block scalars (8.1) of a key, with ``-`` or without a chomping indicator (8.1.1.2). The first line is not
  blank, so it gives the indentation (8.1.1.1); each other one is empty or has at least that, in a folded one
  exactly that. The line after them is not indented more than the key.

Tests compare all of it with the parser: of generated texts, of real files, and of the suite of YAML.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from krow_versions.edits import Span
from krow_versions.formats.model import Outline, Scalar, value_at
from krow_versions.regexes import regex

if TYPE_CHECKING:
    from krow_versions.formats.model import KeyPath


_DEEPEST = 50  # Mappings and sequences in each other; the parser has a limit, too.


class _NotPlain(Exception):
    """The text is not in the subset."""


def outline_of(text: str) -> Outline | None:
    """Read *text* if it is in the subset; the data is then that of the parser. Return None if it is not."""
    try:
        data = _tree(_lines_of(text))
    except _NotPlain:
        return None
    return Outline(data, functools.partial(_locate, text, data))


def _lines_of(text: str) -> str:
    r"""Return *text* with all line ends as ``\n``, the last one included."""
    if not (text.isascii() or all(map(_is_printable, set(text)))):
        raise _NotPlain
    lines = text.replace("\r\n", "\n") if "\r" in text else text
    if lines.endswith("\n"):
        return lines
    if re.search(r"[|>]-?[ ]*\n", lines):  # Whether its last line ends is part of a block scalar.
        raise _NotPlain
    return f"{lines}\n"


def _tree(lines: str) -> dict[str, Any]:
    data: dict[str, Any] = {}
    # The mappings and sequences around a line, outermost first. The column of a mapping counts twice, and a
    # sequence counts as one more, because it may be inside of a mapping at the same column.
    around: list[tuple[int, Any]] = [(0, data)]
    node: Any = data
    at, empty, other = 0, "", ""  # The second is the key in the line before, if it has no value.
    for indent, dash, key, written, _, other in _LINE.findall(lines):  # noqa: B007 - The last one counts.
        if not (key or dash):
            if not written:
                break
            if not empty or 2 * len(indent) <= at or written[0] in _NEVER_BELOW:
                raise _NotPlain
            node[empty] = _value(written)
            empty = ""
            continue
        column = 2 * len(indent) + 1 if dash else 2 * len(indent)
        if column != at:
            node, at = _enter(around, column, empty), column
        value = _value(written) if written and (written[0] in _NOT_PLAIN or "\n" in written) else written
        if not key:
            node.append(value)
            empty = ""
            continue
        if dash:
            inner: dict[str, Any] = {}
            at = column - 1 + 2 * len(dash)
            node.append(inner)
            around.append((at, inner))
            node = inner
        name = key[1:-1] if key[0] in "\"'" else key
        if name in node:
            raise _NotPlain
        node[name] = value
        empty = "" if written else name
    if other or not data:
        raise _NotPlain
    return data


def _enter(around: list[tuple[int, Any]], column: int, empty: str) -> Any:
    """Go to the mapping or sequence at *column*: a new one, the value of the key *empty*, or one around."""
    if column > around[-1][0]:
        if not empty or len(around) > _DEEPEST:
            raise _NotPlain
        inner: Any = [] if column % 2 else {}
        around[-1][1][empty] = inner
        around.append((column, inner))
        return inner
    while around[-1][0] > column:
        around.pop()
    if around[-1][0] != column:
        raise _NotPlain
    return around[-1][1]


def _is_printable(character: str) -> bool:
    """Whether *character* is ASCII, or printable, no break in any version of YAML, and no BOM."""
    return (
        character < "\x7f"
        or ("\xa0" <= character <= "\ud7ff" and character not in "\u2028\u2029")
        or ("\ue000" <= character <= "\ufffd" and character != "\ufeff")
        or character > "\uffff"
    )


def _value(written: str) -> Any:
    """Return the value of a scalar or a flow collection."""
    first = written[0]
    if first == '"' and "\\" not in written:
        return written[1:-1]
    if first == '"':
        return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), written[1:-1])
    if first == "'":
        return written[1:-1].replace("''", "'")
    if first in "|>":
        return _block(written)
    if first in "[{":
        found = _COLLECTION.fullmatch(written)
        if found is None:
            raise _NotPlain
        if first == "{":
            return {found[1]: _value(found[2])} if found[1] else {}
        return [_value(each) for each in _ATOMS.findall(written)]
    return " ".join(line.strip(" ") for line in written.split("\n"))


def _block(written: str) -> str:
    header, first, *others = written.split("\n")
    column = len(first) - len(first.lstrip(" "))
    lines = [line[column:] for line in (first, *others)]
    end = "" if "-" in header else "\n"
    if header[0] == "|":
        return "\n".join(lines) + end
    if any(line[:1] == " " for line in lines):
        raise _NotPlain
    return re.sub(r"\n(\n*)", lambda breaks: breaks[1] or " ", "\n".join(lines)) + end


def _locate(text: str, data: dict[str, Any], key_path: KeyPath) -> Scalar | None:
    """Return the scalar at *key_path*; None if it is no scalar on the line of its key."""
    value = value_at(data, key_path)
    if not isinstance(value, str) or not value:
        return None
    end, indent = 0, ""
    for depth, key in enumerate(key_path):
        if depth:  # The column of a mapping is that of its first line.
            first = _FIRST.match(text, end)
            if first is None:
                return None
            indent = first[1]
        # A line that begins so is that of the key: all else of the mapping is indented more.
        name = f"{indent}{key}:"
        start = 0 if not depth and text.startswith(name) else text.find(f"\n{name}", end) + 1
        if not text.startswith(name, start) or not _inside(text[end:start], indent):
            return None
        end = start + len(name)
        if text[end : end + 1] not in _BEHIND_KEY:  # It is the beginning of a longer key, a:b of a:b:c.
            return None
    while text[end : end + 1] == " ":
        end += 1
    style = text[end] if text[end] in "\"'" else ""
    written = f"{style}{value}{style}"
    if not text.startswith(written, end) or (style and style in value):
        return None
    return Scalar(Span(end, end + len(written)), value, style)


def _inside(lines: str, indent: str) -> bool:
    """Whether no line after the first is indented less, so that it may be of another mapping."""
    return not indent or all(line.startswith(indent) for line in lines.split("\n")[1:] if line.strip(" \r"))


# --- the grammar of a line --------------------------------------------------------------------

# Possessive repeats (``*+``) do not backtrack, so matching is linear in time.
_ANY = r"[^\x00-\x1f\x7f]"
_INK = r"[^\x00-\x20\x7f]"
_WORD = r"[^\x00-\x20\x7f:\#]"
_BEGIN = r"""[^\x00-\x20\x7f\-?:,\[\]{}\#&*!|>'"%@`]"""
_PLAIN = rf"{_BEGIN}{_WORD}*+(?:(?:[ ]++|:|\#){_WORD}++)*+"
_QUOTED = r"""(?:
    "[^\x00-\x1f\x7f"\\]*+ (?: \\["\\/nt] [^\x00-\x1f\x7f"\\]*+ )*+"
  | '[^\x00-\x1f\x7f']*+ (?: '' [^\x00-\x1f\x7f']*+ )*+'
)"""
_BLANK = rf"(?: [ ]*+ (?: \#{_ANY}*+ )?+ \n )*+"
_KEY = r"[A-Za-z0-9_][A-Za-z0-9_./$-]{0,99}+"
_LONG_KEY = (
    rf"""{_KEY} (?: :{_KEY} ){{0,3}}+ | "[^\x00-\x1f\x7f"\\]{{1,200}}+" | '[^\x00-\x1f\x7f']{{1,200}}+'"""
)
_BEHIND_KEY = " \r\n"
_FLOW = r"[A-Za-z0-9_./^<=~+-]"
_NOT_PLAIN = "\"'|>[{"
_NEVER_BELOW = "|>[{"
_ESCAPED = {"n": "\n", "t": "\t"}
_ESCAPE = regex(r"\\(.)")
_FIRST = regex(r"(?:[ ]*+(?:#[^\n]*+)?\r?\n)++([ ]*+)")


_ATOM = rf"(?: [A-Za-z0-9_./^<=~] {_FLOW}*+ (?: :{_FLOW}++ )*+ | {_QUOTED} )"
# A line with what belongs to it: indent, dash, key, value; or all that is not in the subset.
_LINE = regex(
    rf"""
    (?: \A {_BLANK} ---[ ]*+ \n )?+ {_BLANK}
    (?:
        ([ ]*+) (-[ ]++)?+ (?: ({_LONG_KEY}) : (?=[ \n]) )?+ [ ]*+
        ( {_QUOTED}
        | \[ [^\x00-\x1f\x7f\[\]{{}}\#]*+ \]
        | \{{ [^\x00-\x1f\x7f\[\]{{}}\#]*+ \}}
        | {_PLAIN} (?(2)|(?: [ ]*+ \n \1 [ ]++ {_PLAIN} )*+)
        | (?(2)(?!)) [|>]-?+ [ ]*+ \n (\1[ ]++) {_INK} {_ANY}*+
          (?: \n++ \5 [ ]*+ {_INK} {_ANY}*+ )*+ (?= \n++ (?!\1[ ]) )
        | (?(3)|(?!))
        ) [ ]*+ (?: (?<=[ ]) \#{_ANY}*+ )?+ \n
      | \Z
      | ([\s\S]++)
    )""",
    re.VERBOSE,
)
_ATOMS = regex(_ATOM, re.VERBOSE)
# A list of atoms, or a mapping with one at most: its key and its value are groups.
_COLLECTION = regex(
    rf"""\[ [ ]*+ (?: {_ATOM} (?: [ ]*+ , [ ]*+ {_ATOM} )*+ [ ]*+ )? \]
    | \{{ [ ]*+ (?: ({_KEY}) : [ ]++ ({_ATOM}) [ ]*+ )? \}}""",
    re.VERBOSE,
)
