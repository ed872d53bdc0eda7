"""Fill in the texts of the process; values are escaped and never read as placeholders or Markdown."""

from __future__ import annotations

import re
from string import Template
from typing import TYPE_CHECKING

from krow_versions.templates import check_template, text
from krow_versions.text.escaping import one_line, printable, several_lines
from krow_versions.text.markdown import inline, paragraphs
from krow_versions.text.times import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

# The placeholders whose values may have several lines.
_SEVERAL_LINES = {"contacts", "errors", "impact", "issue", "reason", "solution", "tested"}


def render(name: str, values: Mapping[str, str], templates: Mapping[str, str] | None = None) -> str:
    """Fill in the text called *name*.

    Args:
        name: the text.
        values: by placeholder; a missing one becomes "not known".
        templates: templates that replace built-in ones, by name of the text.

    Raises:
        UsageError: there is no text of that name.
        InputError: the template that replaces it is wrong.
    """
    wanted = text(name)
    template = (templates or {}).get(name)
    if template is None:
        template = wanted.template
    elif problems := check_template(name, template):
        raise problems[0].in_file("[hotfix.texts]", name)
    unsaid = "" if wanted.kind == "commit" else UNKNOWN
    filled = {name: _value(wanted.kind, name, values.get(name, "") or unsaid) for name in wanted.allowed}
    whole = printable(Template(template).substitute(filled), keep="\n\t")
    return one_line(whole) if wanted.kind == "line" else whole


def _value(kind: str, name: str, value: str) -> str:
    several = name in _SEVERAL_LINES
    if kind == "markdown":
        return paragraphs(value) if several else inline(value)
    if kind == "line" or not several:
        return one_line(value)
    # Indented, so that no line of a value looks like a line of the text.
    return re.sub(r"\n(?!\n)", "\n  ", several_lines(value))
