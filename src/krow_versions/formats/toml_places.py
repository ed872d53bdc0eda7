"""Versions inside the strings of a TOML text, such as ``b 0.4.0`` in a lock and ``b==1.4.0`` in a manifest.

A format says which strings hold one, and what stands around it. The document's data has the version alone
in the place of such a string, and what stands around it beside the keys, so that an edit is proven as
any other.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from krow_versions.edits import Span
from krow_versions.errors import Unsupported
from krow_versions.formats.model import Document, KeyPath, Scalar
from krow_versions.formats.proof import with_values
from krow_versions.formats.toml import read_toml
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable


@frozen
class Part:
    """What a string holds.

    Attributes:
        before: the characters before the version.
        version: the version, as it is written.
        after: the characters after it.
        read: the version as x.y.z and more, if it is written in another way.
        zero: whether only 0.0.z can stand there: ``^0.0.3`` has one version, and ``^0.1.0`` is a range.
    """

    before: str
    version: str
    after: str = ""
    read: str | None = None
    zero: bool = False


def read_places(
    text: str,
    find: Callable[[Any], dict[KeyPath, Part]],
    read: Callable[[str], Document] = read_toml,
) -> Document:
    """Parse TOML, and replace the strings that *find* returns by their versions.

    Args:
        text: the text.
        find: gets the data of the whole document; returns the parts of the strings at some key paths.
        read: parses the text.
    """
    document = read(text)
    data, parts = document.data, find(document.data)
    scalars = {path: document.locate(path) for path in parts}
    data = with_values(data, {path: part.read or part.version for path, part in parts.items()})
    around = {path: (part.before, part.after) for path, part in parts.items()}
    return Document({**data, _AROUND: around}, functools.partial(_locate, parts, scalars))


def places(data: Any) -> tuple[KeyPath, ...]:
    """Return the key paths that :func:`read_places` has replaced."""
    return tuple(data[_AROUND])


_AROUND = ("what stands around the versions",)  # Differs from every key of TOML, because they are strings.


@frozen
class _Respelled(Scalar):
    """A version that is written in another way than it is read."""

    as_written: str = ""

    def written(self, value: str) -> str:
        return super().written(self.as_written if value == self.value else value)


@frozen
class _OfZero(Scalar):
    """A version of a requirement that is exact only as long as it is 0.0.z."""

    def written(self, value: str) -> str:
        if not value.startswith("0.0."):
            raise Unsupported(
                f"a requirement of {self.value}, as it is written, is exact; one of {value} would be a range",
                hint="write it by hand, as exact or as the range that is meant",
            )
        return super().written(value)


def _locate(parts: dict[KeyPath, Part], scalars: dict[KeyPath, Scalar], path: KeyPath) -> Scalar:
    found, part = scalars[path], parts[path]
    scalar = found
    if part.before or part.after:
        start = found.span.start + len(found.style) + len(part.before)
        span = Span(start, found.span.end - len(found.style) - len(part.after))
        scalar = Scalar(span, part.version)
    if part.read is not None:
        return _Respelled(scalar.span, part.read, scalar.style, part.version)
    return _OfZero(scalar.span, scalar.value, scalar.style) if part.zero else scalar
