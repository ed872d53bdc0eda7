"""What an output format of an audit is, and what it may ask for beside the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from krow_versions.audit.report import Report


def plain(text: str, _: str) -> str:
    """Give a text no colours."""
    return text


@attrs.frozen
class Reader:
    """What is known of whoever reads the output; each is asked for only where a format needs it.

    Attributes:
        folders: gives, by its name, the folder of each repository relative to where the output is read,
            '/'-separated, ``""`` for that itself; None for one that is elsewhere.
        program: gives the version of krow-versions, and the URL of its documentation, without a '/' at
            its end, or None.
        paint: gives a text its colours, called with the text, and the severity or ``product``.
    """

    folders: Callable[[], Mapping[str, str | None]]
    program: Callable[[], tuple[str, str | None]]
    paint: Callable[[str, str], str] = plain


@attrs.frozen
class OutputFormat:
    """One way to write a report.

    Attributes:
        name: how ``--format`` calls it.
        about: who reads it, in a few words.
        render: gives the text, without a line break at its end.
        endings: of the names of files that get this format where none is asked for.
        summary: gives Markdown that goes into the summary of a job on GitHub as well, or None.
    """

    name: str
    about: str
    render: Callable[[Report, Reader], str] = attrs.field(repr=False)
    endings: tuple[str, ...] = ()
    summary: Callable[[Report], str] | None = attrs.field(default=None, repr=False)
