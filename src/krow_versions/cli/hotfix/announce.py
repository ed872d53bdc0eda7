"""``hotfix announce``: what is sent to users."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from krow_versions.cli.hotfix.common import command, opened, product, version_option
from krow_versions.hotfix import require_under_way
from krow_versions.hotfix.milestones import FOLLOWED_UP_AFTER
from krow_versions.text.times import at

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings


@command("announce", "The text for users; --follow-up a day later.")
@product
@version_option
@click.option("--follow-up", is_flag=True, help="The status update after 24 hours.")
def announce(settings: Settings, *, name: str | None, version: str | None, follow_up: bool) -> None:
    """Print the announcement of PRODUCT's hotfix, ready to be sent."""
    view = opened(settings, name, version, ask=False)
    seen = view.look()
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
        view.note_text("follow_up", settings.clock(), seen)
    else:
        view.note_text("announcement", settings.clock(), seen)
        settings.note(f"when it is sent: {view.calls.tick('users-notified')}")
