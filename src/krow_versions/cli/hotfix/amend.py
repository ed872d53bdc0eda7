"""``hotfix amend``: correct what was declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from krow_versions.cli.helping import Words
from krow_versions.cli.hotfix.common import command, opened, product, version_option
from krow_versions.cli.hotfix.deciding import record_decision
from krow_versions.cli.hotfix.moments import past_moment
from krow_versions.cli.options import as_json, dry_run_option, yes_option
from krow_versions.hotfix import SEVERITIES, Severity
from krow_versions.workspace.hotfix.deciding import Correction

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings


@command(
    "amend",
    "Correct issue, severity, impact or times.",
    [
        ("krow-versions hotfix amend --severity HIGH", "it is less severe"),
        ('krow-versions hotfix amend --impact "all staff"', "more people are affected"),
    ],
)
@product
@version_option
@click.option("--issue", metavar="TEXT", help="What is broken.")
@click.option(
    "--severity",
    type=Words([each.name for each in SEVERITIES]),
    metavar="LEVEL",
    help="CRITICAL (< 1 h), HIGH (< 4 h) or MEDIUM.",
)
@click.option("--impact", metavar="TEXT", help="Who cannot do what.")
@click.option("--environment", metavar="NAME", help="Where it is broken.")
@click.option("--detected", metavar="TIME", help="When it was seen: 14:05 or 2026-03-05T14:05.")
@yes_option
@dry_run_option
@as_json
def amend(
    settings: Settings,
    *,
    name: str | None,
    version: str | None,
    issue: str | None,
    severity: str | None,
    impact: str | None,
    environment: str | None,
    detected: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Correct what was declared of PRODUCT's hotfix; what was said before stays in the record."""
    now = settings.clock()
    level = None if severity is None else Severity.parse(severity)
    correction = Correction(issue, level, impact, environment, past_moment("--detected", detected, now))
    correction.given()  # Wrong usage, whichever hotfix it is of.
    view = opened(settings, name, version, ask=False)
    plan = view.plan_amend(correction, now=now)
    record_decision(settings, view, plan, "", yes=yes, dry_run=dry_run, as_json=as_json)
