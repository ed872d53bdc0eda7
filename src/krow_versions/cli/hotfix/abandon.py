"""``hotfix abandon``: end a hotfix that does not ship."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from krow_versions.cli.hotfix.common import command, looked, opened, product, version_option
from krow_versions.cli.hotfix.deciding import record_decision
from krow_versions.cli.options import as_json, dry_run_option, yes_option

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings


@command(
    "abandon",
    "End one that does not ship; nothing is deleted.",
    [
        ('krow-versions hotfix abandon --reason "Not a bug"', "nothing is deleted"),
    ],
)
@product
@version_option
@click.option("--reason", metavar="TEXT", required=True, help="Why it is not needed; it is recorded.")
@yes_option
@dry_run_option
@as_json
def abandon(
    settings: Settings,
    *,
    name: str | None,
    version: str | None,
    reason: str,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """End the hotfix of PRODUCT that does not ship; its branch stays, and a new start is a new record."""
    view = opened(settings, name, version)
    plan = view.plan_abandon(reason, seen=looked(settings, view), now=settings.clock())
    said = f"{view.name} {view.version} is abandoned"
    record_decision(settings, view, plan, said, yes=yes, dry_run=dry_run, as_json=as_json)
