"""TOML: the standard library's ``tomllib`` reads and proves, a scan of the text finds the value."""

from __future__ import annotations

import functools
import re
from typing import Any

from krow_versions.errors import FileFormatError, InvalidVersion
from krow_versions.formats.model import (
    CORRECT,
    MAX_DEPTH,
    Format,
    KeyPath,
    ParsedDocument,
    Scalar,
    dotted,
    missing,
    value_at,
)
from krow_versions.formats.toml_scan import scan_toml


def read_toml(text: str) -> ParsedDocument:
    """Parse TOML 1.0."""
    import tomllib

    bomb = _MANY_PARTS.search(text)
    if bomb:
        raise FileFormatError(f"a key has more than {MAX_DEPTH} parts", hint=CORRECT).located(
            text, bomb.start()
        )
    try:
        data = tomllib.loads(text, parse_float=str)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(text, str(error)) from None
    except ValueError as error:  # A number or a date that is out of Python's range.
        raise FileFormatError(f"invalid TOML: {error}", hint=CORRECT) from None
    return ParsedDocument(data, functools.partial(_locate, text, data))


def _locate(text: str, data: Any, key_path: KeyPath) -> Scalar:
    value = value_at(data, key_path)
    if value is None:
        raise missing(data, key_path)
    if not isinstance(value, str):
        raise InvalidVersion(f"{dotted(key_path)} is {value!r:.40}, not a string", hint="put it in quotes")
    span = scan_toml(text, arrays=False).values[key_path]
    literal = span.of(text)
    # None are around a fraction, which is read as text.
    style = next((quotes for quotes in ('"""', "'''", '"', "'") if literal.startswith(quotes)), "")
    return Scalar(span, value, style)


def _syntax_error(text: str, message: str) -> FileFormatError:
    place = re.search(r" \(at (?:line ([0-9]+), column ([0-9]+)|end of document)\)$", message)
    if not place:
        return FileFormatError(f"invalid TOML: {message}", hint=CORRECT)
    error = FileFormatError(f"invalid TOML: {message[: place.start()]}", hint=CORRECT)
    if not place[1]:
        return error.located(text, len(text))
    line_start = 0
    for _ in range(int(place[1]) - 1):
        line_start = text.index("\n", line_start) + 1
    return error.located(text, min(line_start + int(place[2]) - 1, len(text)))


# A key or header of more than a hundred dotted parts: both parsers need minutes for one of 100,000.
_PART = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')"""
_MANY_PARTS = re.compile(rf"(?<![A-Za-z0-9_-])(?:{_PART}[ \t]*+\.[ \t]*+){{{MAX_DEPTH}}}")


TOML = Format("toml", read_toml, delimited=True)
