"""The incident document: one value with all that is known, in Markdown and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import UsageError
from krow_versions.hotfix.report.data import schema, to_json
from krow_versions.hotfix.report.markdown import to_markdown
from krow_versions.hotfix.report.model import Incident, incident_of
from krow_versions.hotfix.report.seal import is_unchanged, seal_json, seal_markdown
from krow_versions.text.escaping import ascii_json, quoted
from krow_versions.text.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "FORMATS",
    "Incident",
    "incident_of",
    "is_unchanged",
    "schema",
    "to_json",
    "to_markdown",
    "written",
]

FORMATS: dict[str, tuple[Callable[[Incident], str], Callable[[Incident], str]]] = {
    "markdown": (to_markdown, lambda incident: seal_markdown(to_markdown(incident))),
    "json": (
        lambda incident: f"{ascii_json(to_json(incident), indent=2)}\n",
        lambda incident: seal_json(to_json(incident)),
    ),
}
"""How a document is printed, and how it is written to a file, by format."""


def written(incident: Incident, format: str, *, sealed: bool = False) -> str:  # noqa: A002 - As the option.
    """Write the document.

    Args:
        incident: what is known.
        format: one of :data:`FORMATS`.
        sealed: whether to add the mark by which :func:`is_unchanged` knows the file.

    Raises:
        UsageError: there is no such format.
    """
    if format not in FORMATS:
        raise UsageError(
            f"there is no format {quoted(format)}", hint=did_you_mean(format, FORMATS, "the formats")
        )
    return FORMATS[format][sealed](incident)
