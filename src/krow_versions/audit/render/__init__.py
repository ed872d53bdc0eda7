"""The output formats of an audit: one module each, with its ``FORMAT``.

Findings quote files, tags, branches and commits. Whatever they contain, one finding is one line, and every
control, bidirectional and invisible character is escaped.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING

from krow_versions.audit.render.model import OutputFormat, Reader, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DEFAULT", "FORMATS", "OutputFormat", "Reader", "format_of", "plain"]

DEFAULT = "text"


def _formats() -> Iterator[OutputFormat]:
    for module in pkgutil.iter_modules(__path__):
        found = getattr(import_module(f"{__name__}.{module.name}"), "FORMAT", None)
        if found is not None:
            yield found


FORMATS = {each.name: each for each in sorted(_formats(), key=lambda each: (each.name != DEFAULT, each.name))}
"""All formats by name: every module of this folder that has a ``FORMAT``."""


def format_of(file: str | None) -> OutputFormat:
    """Return the format for the name of a file, by its ending; the default one for other endings.

    >>> format_of("report.sarif.json").name, format_of("report").name
    ('sarif', 'text')
    """
    endings = {ending: each for each in FORMATS.values() for ending in each.endings}
    found = [ending for ending in endings if (file or "").lower().endswith(ending)]
    return endings[max(found, key=len)] if found else FORMATS[DEFAULT]
