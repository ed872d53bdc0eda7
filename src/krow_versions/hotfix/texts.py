"""Fill in the texts of the process; values are escaped and never read as placeholders or Markdown."""

from __future__ import annotations

import re
from string import Template
from typing import TYPE_CHECKING

from krow_versions.hotfix.clock import times_of
from krow_versions.hotfix.messages import form_of, main_fix, parse_commit, summary_of, summary_of_tag
from krow_versions.hotfix.milestones import total
from krow_versions.templates import check_template, text
from krow_versions.text.escaping import one_line, printable, several_lines
from krow_versions.text.markdown import inline, paragraphs
from krow_versions.text.times import UNKNOWN, at, lasting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.record import Declaration, Record
    from krow_versions.products import Catalog
    from krow_versions.settings import Hotfix

# The placeholders whose values may have several lines.
_SEVERAL_LINES = {"contacts", "impact", "issue", "solution", "tested"}


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


def values(facts: Facts, record: Record, catalog: Catalog, settings: Hotfix) -> dict[str, str]:
    """Give the value of each placeholder; unknown ones are left out.

    What people said in the record takes precedence over the commit message, and that over the tag's.
    """
    product = facts.state.product
    fix = main_fix(facts)
    form = form_of(facts, fix) if fix else parse_commit(facts.tag_message)
    found = {
        "branch": facts.branch,
        "channel": settings.channel or "",
        "contacts": "\n".join(
            f"{one_line(role)}: {one_line(reach)}" for role, reach in settings.contacts.items()
        ),
        "environment": "production",
        "issue": form.issue,
        "label": settings.label,
        "main": facts.main_name,
        "product": product.name,
        "slug": product.slug,
        "solution": form.solution,
        "summary": summary_of(fix) if fix else summary_of_tag(facts.tag_message),
        "tag": catalog.tags["production"].format(product.slug, facts.version),
        "tested": form.tested,
        "title": product.title or product.name,
        "version": str(facts.version),
    }
    if facts.base and facts.base.version:
        found |= {"base": facts.base.name, "base_version": str(facts.base.version)}
    declared = record.declaration
    found |= _declared(declared) if declared else {}
    if record.deployed is not None:
        found["deployed"] = at(record.deployed)
    times = times_of(record, facts)
    found["total"] = total(times)
    if "resolved" in times:
        found["resolved"] = at(times["resolved"].at)
    if not found["summary"]:
        found["summary"] = one_line(found["issue"])
    return {name: value for name, value in found.items() if value.strip(" \n") not in ("", UNKNOWN)}


def _value(kind: str, name: str, value: str) -> str:
    several = name in _SEVERAL_LINES
    if kind == "markdown":
        return paragraphs(value) if several else inline(value)
    if kind == "line" or not several:
        return one_line(value)
    # Indented, so that no line of a value looks like a line of the text.
    return re.sub(r"\n(?!\n)", "\n  ", several_lines(value))


def _declared(record: Declaration) -> dict[str, str]:
    limit = record.severity.limit
    found = {
        "environment": record.environment,
        "impact": record.impact,
        "issue": record.issue,
        "limit": f"to be fixed in less than {lasting(limit)}" if limit else "no limit",
        "severity": record.severity.name,
        "started": at(record.started),
        "detected": at(record.zero),
        "who": record.who,
    }
    return {name: value for name, value in found.items() if value.strip()}
