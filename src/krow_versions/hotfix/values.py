"""What the placeholders of the texts stand for, from the record, the commits and the configuration."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from krow_versions.hotfix.messages import main_fix, parse_commit, summary_of
from krow_versions.text.escaping import one_line
from krow_versions.text.times import at, lasting

if TYPE_CHECKING:
    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.record import Record
    from krow_versions.products import Catalog
    from krow_versions.settings import Hotfix


def values(facts: Facts, record: Record | None, catalog: Catalog, settings: Hotfix) -> dict[str, str]:
    """Give what each placeholder stands for; what nobody has said is left out.

    The people's words of the record come first, then those of the commit.
    """
    product = facts.state.product
    fix = main_fix(facts)
    form = parse_commit(fix.body if fix else "")
    found = {
        "branch": facts.branch,
        "channel": settings.channel or "",
        "contacts": "\n".join(
            f"{one_line(role)}: {one_line(reach)}" for role, reach in settings.contacts.items()
        ),
        "environment": "production",
        "issue": form.issue,
        "label": settings.label,
        "main": settings.main,
        "product": product.name,
        "slug": product.slug,
        "solution": form.solution,
        "summary": summary_of(fix) if fix else "",
        "tag": catalog.tags["production"].format(product.slug, facts.version),
        "tested": form.tested,
        "title": product.title or product.name,
        "version": str(facts.version),
    }
    if facts.base and facts.base.version:
        found |= {"base": facts.base.name, "base_version": str(facts.base.version)}
    if record:
        found |= _said(record)
    if not found["summary"]:
        found["summary"] = one_line(found["issue"])
    return {name: value for name, value in found.items() if value.strip()}


def _said(record: Record) -> dict[str, str]:
    limit = record.severity.limit
    said = {
        "environment": record.environment,
        "impact": record.impact,
        "issue": record.issue,
        "limit": f"to be fixed in less than {lasting(limit)}" if limit else "no limit",
        "severity": record.severity.name,
        "started": at(record.started),
        "detected": at(record.zero),
        "who": record.who,
    }
    if record.deployed is not None and record.is_deployed:
        said["deployed"] = at(record.deployed)
    told = record.ticks.get("users-notified")
    if told is not None:
        said["total"] = lasting(max(told - record.zero, dt.timedelta()))
    return {name: value for name, value in said.items() if value.strip()}
