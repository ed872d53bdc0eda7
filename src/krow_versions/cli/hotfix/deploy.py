"""``hotfix deploy``: run the command that deploys the tag."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from krow_versions.cli.hotfix.common import command, looked, opened, product, version_option
from krow_versions.cli.options import as_json, dry_run_option, yes_option
from krow_versions.cli.plans import carry_out, confirm, not_run, print_notes

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings


@command(
    "deploy",
    "Run the command that deploys the tag.",
    [
        ("krow-versions hotfix deploy", "show the command"),
        ("krow-versions hotfix deploy --run --yes", "run it, and note how it ended"),
    ],
)
@product
@version_option
@click.option("--run", is_flag=True, help="Run it; default: only show it.")
@click.option("--again", is_flag=True, help="Deploy even if an attempt that did not end may still run.")
@yes_option
@dry_run_option
@as_json
def deploy(
    settings: Settings,
    *,
    name: str | None,
    version: str | None,
    run: bool,
    again: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Show the configured command that deploys PRODUCT's hotfix, or run it and note how it ended."""
    view = opened(settings, name, version, acts=run and not dry_run)
    plan = view.plan_deploy(looked(settings, view), settings.clock(), again=again or not run or dry_run)
    print_notes(settings, plan)
    if dry_run or not run:
        if as_json:
            settings.json(plan.to_json(dry_run=True))
        else:
            settings.data(str(plan))
        settings.note(not_run("runs it", run=run))
        return
    confirm(settings, f"Deploy {view.name} {view.version}?", plan, yes=yes, as_json=as_json)
    carry_out(settings, view.workspace, plan, as_json=as_json)
    settings.note(
        f"{view.name} {view.version} is deployed\nnext: try it, then {view.calls.tick('smoke-tests')}"
    )
