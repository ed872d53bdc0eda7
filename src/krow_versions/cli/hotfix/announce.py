"""``hotfix announce``: what is sent to users."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from krow_versions.cli.hotfix.common import command, looked, opened, product, version_option
from krow_versions.cli.options import dry_run_option, yes_option
from krow_versions.cli.plans import keep
from krow_versions.hotfix import require_under_way
from krow_versions.hotfix.steps import FOLLOWED_UP_AFTER
from krow_versions.text.times import at
from krow_versions.workspace.hotfix.recording import noted, plan_keep

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings


@command("announce", "The text for users; --follow-up a day later.")
@product
@version_option
@click.option("--follow-up", is_flag=True, help="The status update after 24 hours.")
@yes_option
@dry_run_option
def announce(
    settings: Settings, *, name: str | None, version: str | None, follow_up: bool, yes: bool, dry_run: bool
) -> None:
    """Print the announcement of PRODUCT's hotfix, ready to be sent."""
    view = opened(settings, name, version, ask=False, shipped=True)
    seen = looked(settings, view)
    require_under_way(seen.record, seen.facts, view.context.calls.start())
    settings.data(view.text("follow_up" if follow_up else "announcement", seen).rstrip("\n"))
    channel = view.context.settings.channel
    if channel:
        settings.note(f"send it to {channel}")
    record = seen.record
    if record.is_tracked and not record.is_deployed:
        settings.warning(
            f"{view.name} {view.version} is not deployed, as far as is recorded: do not send it yet"
        )
        return
    if follow_up:
        due = record.deployed + FOLLOWED_UP_AFTER if record.deployed else None
        if due and settings.clock() < due:
            settings.warning(
                f"it speaks of 24 hours in production, which are over at {at(due)}: send it then; it is "
                "noted as written, and nobody will be reminded"
            )
    sent = "follow_up" if follow_up else "announcement"
    record = noted(view.context, seen.record, sent, settings.clock())
    if not dry_run:
        keep(settings, view.workspace, plan_keep(view.context, record, "announce"), yes=yes)
    if not follow_up:
        settings.note(f"when it is sent: {view.calls.tick('users-notified')}")
