"""Read what a few keys of a plain TOML text hold, without parsing the text in full."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from krow_versions.edits import Span
from krow_versions.formats.model import Outline, Scalar
from krow_versions.formats.toml_statements import path_of, read_statements

if TYPE_CHECKING:
    from krow_versions.formats.model import KeyPath
    from krow_versions.formats.toml_statements import Statements


def quick_toml(text: str, looks: tuple[KeyPath, ...]) -> Outline | None:
    """Read what is at the key paths *looks* without the parser, or return None; see ``Format.quick``."""
    plain = text.replace("\r\n", "\n")  # As tomllib does.
    mixed = len(plain) != len(text) and text.count("\n") != len(text) - len(plain)
    statements = None if mixed else read_statements(plain)
    data: dict[str, Any] = {}
    if statements is None or not all(_put(data, statements, path) for path in looks):
        return None
    return Outline(data, functools.partial(locate_quickly, text, plain, statements))


def read_value(written: str) -> Any:
    """Return a value of plain TOML as ``tomllib`` reads it.

    >>> read_value('"a"'), read_value("true"), read_value("[1, 2.50]")
    ('a', True, [1, '2.50'])
    """
    if _is_string(written):
        return written[1:-1]
    if written in {"true", "false"}:
        return written == "true"
    import tomllib

    return tomllib.loads(f"value = {written}", parse_float=str)["value"]


def locate_quickly(text: str, plain: str, statements: Statements, path: KeyPath) -> Scalar | None:
    r"""Return the string at *path* and its place, or None; *plain* is *text* with ``\n`` for ``\r\n``."""
    key = path_of(path)
    if key not in statements.values or not _is_string(written := statements.written(key)):
        return None
    start = statements.start(key)
    if text is not plain:
        start += plain.count("\n", 0, start)
    return Scalar(Span(start, start + len(written)), written[1:-1], written[0])


def _put(data: dict[str, Any], statements: Statements, path: KeyPath) -> bool:
    """Copy to *data* what is at *path*, if something is; return False if only the parser can say."""
    for above, written in _steps(path):
        if written in statements.values:
            _set(data, above, read_value(statements.written(written)))
            return True
        if written in statements.arrays:
            return False
    if written in statements.dotted:
        return written not in statements.tables and _put_dotted(data, statements, path, f"{written}.")
    return written not in statements.tables


def _is_string(written: str) -> bool:
    """Whether a value is a string on one line, without escapes."""
    return written[0] in "\"'" and "\\" not in written and written[:3] not in {'"""', "'''"}


def _put_dotted(data: dict[str, Any], statements: Statements, path: KeyPath, start: str) -> bool:
    """Copy a table that consists of dotted keys only."""
    for key in [key for key in statements.values if key.startswith(start)]:
        if '"' in key:
            return False
        _set(data, (*path, *key.removeprefix(start).split(".")), read_value(statements.written(key)))
    return True


def _set(data: dict[str, Any], path: KeyPath, value: Any) -> None:
    for part in path[:-1]:
        data = data.setdefault(str(part), {})
    data[str(path[-1])] = value


@functools.lru_cache
def _steps(path: KeyPath) -> tuple[tuple[KeyPath, str], ...]:
    """Return *path* and those above it, shortest first, each also as it is written in :class:`Statements`."""
    lengths = range(1, len(path) + 1)
    return tuple((path[:length], path_of(path[:length])) for length in lengths)
