"""Packages of a package manager: their names, the workspaces that they are in, and how they pin each other.

A manifest, such as ``package.json``, has a :class:`Packaging`. Its pins are places of a version, like that of
the package itself: each has a key, which ``Format.at`` of the same format understands.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from krow_versions.edits import Span
from krow_versions.errors import Unsupported, VersionNotFound
from krow_versions.formats.model import Document, Format, KeyPath, Scalar, dotted, value_at
from krow_versions.formats.proof import with_values
from krow_versions.text.escaping import quoted
from krow_versions.values import evolve

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator


def globs_of(workspace: Any) -> Iterator[str]:
    """Yield the globs of the members in a table of Cargo or uv; those that are left out begin with ``!``."""
    for kind, sign in (("members", ""), ("exclude", "!")) if isinstance(workspace, dict) else ():
        found = workspace.get(kind)
        for each in found if isinstance(found, list) else ():
            if isinstance(each, str):
                yield f"{sign}{each}"


def inside(chosen: Format, path: KeyPath, pattern: re.Pattern[str]) -> Format:
    """Return *chosen* for a version that is only a part of the value at *path*, such as ``=1.4.0``.

    Args:
        chosen: the format of the whole text; its reader must be able to locate *path*.
        path: the key path of the value.
        pattern: matches the whole value, with the version as its group ``version``.
    """
    read = functools.partial(_read, chosen.read, path, pattern)
    return evolve(chosen, read=read, keys=functools.partial(_keys, path))


_PARTS = ("before", "version", "after")


def _keys(path: KeyPath, _: Any) -> tuple[KeyPath, ...]:
    return ((*path, "version"),)


def _read(read: Callable[[str], Document], path: KeyPath, pattern: re.Pattern[str], text: str) -> Document:
    """Parse *text*; the data has the value at *path* in three parts, so that one can be replaced."""
    document = read(text)
    value = value_at(document.data, path)
    found = pattern.fullmatch(value) if isinstance(value, str) else None
    data = document.data
    if found is not None:
        start, end = found.span("version")
        parts = dict(zip(_PARTS, (value[:start], value[start:end], value[end:]), strict=True))
        data = with_values(data, {path: parts})
    again = functools.partial(_read, document.again or read, path, pattern)
    return Document(data, functools.partial(_locate, text, document, path, pattern), again)


def _locate(text: str, document: Document, path: KeyPath, pattern: re.Pattern[str], key: KeyPath) -> Scalar:
    if key != (*path, "version"):
        return document.locate(key)
    whole = document.locate(path)
    found = pattern.fullmatch(whole.value)
    if found is None:
        raise VersionNotFound(
            f"{quoted(whole.value)} is no exact version", key=dotted(path), hint="see what it requires"
        ).located(text, whole.span.start)
    if whole.written(whole.value) != whole.span.of(text):
        raise Unsupported(
            "the version is written with escapes", hint="write it on one line, without escapes"
        ).located(text, whole.span.start)
    start = whole.span.start + len(whole.style)
    return Scalar(Span(start + found.start("version"), start + found.end("version")), found["version"])
