"""``hotfix status``: where it stands, and what is next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from krow_versions.cli.hotfix.common import command, looked, opened, product, version_option
from krow_versions.cli.options import as_json, dry_run_option, yes_option
from krow_versions.cli.plans import keep
from krow_versions.hotfix import checklist_table
from krow_versions.workspace.hotfix.recording import plan_keep, plan_share

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings


@command("status", "Where it stands, and what is next.")
@product
@version_option
@click.option(
    "--done", metavar="BOX", multiple=True, help="Tick a box of the checklist, such as smoke-tests."
)
@click.option("--share", is_flag=True, help="Share what is recorded here, if records are shared.")
@yes_option
@dry_run_option
@as_json
def status(
    settings: Settings,
    *,
    name: str | None,
    version: str | None,
    done: tuple[str, ...],
    share: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Show steps, checklist and timeline of PRODUCT's hotfix, the limit, and what is next."""
    view, moment = opened(settings, name, version, shipped=True), settings.clock()
    warned: tuple[str, ...] = ()
    if done or share:
        warned = view.context.receive(view.version)
        for warning in warned:
            settings.warning(warning)
        plan = plan_keep(view.context, view.ticked(done, moment), "status")
        plan = plan_share(view.context, view.version) if share and plan.is_empty else plan
        if not keep(settings, view.workspace, plan, yes=yes, dry_run=dry_run, as_json=as_json):
            return
    seen = looked(settings, view, warned=warned)
    found = view.status(moment, seen)
    if found.unasked:
        settings.warning(found.unasked)
    if seen.unshared:
        sharing = view.context.calls.hotfix("status", "--share")
        settings.note(f"{view.context.remote} lacks a part of what is recorded here; to share it: {sharing}")
    if as_json:
        settings.json(found.to_json())
        return
    where = found.branch or "no branch, tag or record of it is here"
    settings.data(f"{view.name} {view.version}: {where}\n")
    settings.data(found.to_table().to_text())
    settings.data(f"\n{checklist_table(found.boxes).to_text()}")
    if found.deployments.rows:
        settings.data(f"\n{found.deployments.to_text()}")
    if found.timeline:
        settings.data(f"\n{found.timeline.to_table().to_text()}\n\n{found.timeline.limit}")
    settings.data(f"\n{found.following}")
