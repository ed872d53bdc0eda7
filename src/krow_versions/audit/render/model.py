"""The output formats of an audit, and the values besides the report that they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.audit.report import MOST
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from krow_versions.audit.report import Report


def plain(text: str, _: str) -> str:
    """Return *text* without colours."""
    return text


@frozen
class Reader:
    """Values about the reader of the output; a format calls only the functions that it needs.

    Attributes:
        folders: returns the folder of each repository by its name, relative to where the output is read,
            '/'-separated; ``""`` for that folder itself, None for a repository outside of it.
        program: returns the version of krow-versions, and the URL of its documentation without a '/' at
            the end, or None.
        paint: returns a text in colours; called with the text, and the severity or ``product``.
        most: of a kind with more findings than this, the first are shown and the others counted; None if
            each is to be shown. Formats for programs have all findings whatever it is.
    """

    folders: Callable[[], Mapping[str, str | None]]
    program: Callable[[], tuple[str, str | None]]
    paint: Callable[[str, str], str] = plain
    most: int | None = MOST


@frozen
class OutputFormat:
    """One format of a report.

    Attributes:
        name: its name for ``--format``.
        about: who reads it, in a few words.
        render: returns the text, without a line break at its end.
        endings: the endings of file names for which it is the default.
        summary: returns Markdown for the summary of a job on GitHub, or None.
    """

    name: str
    about: str
    render: Callable[[Report, Reader], str] = field(repr=False)
    endings: tuple[str, ...] = ()
    summary: Callable[[Report], str] | None = field(default=None, repr=False)
