"""``hotfix status``: where it stands, and what is next; ticks of the checklist."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from krow_versions.cli.helping import Words
from krow_versions.cli.hotfix.common import COLUMNS, command, looked, opened, product, version_option
from krow_versions.cli.hotfix.moments import past_moment
from krow_versions.cli.options import as_json, dry_run_option, yes_option
from krow_versions.cli.plans import keep
from krow_versions.errors import UsageError
from krow_versions.hotfix import require_tickable
from krow_versions.hotfix.checklist import TICKABLE
from krow_versions.text.times import at as shown_time
from krow_versions.text.words import counted
from krow_versions.values import evolve
from krow_versions.workspace.hotfix.recording import plan_keep, plan_share

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings
    from krow_versions.hotfix import Status


@command(
    "status",
    "Where it stands, and what is next.",
    [
        ("krow-versions hotfix status", "steps, checklist, timeline"),
        ("krow-versions hotfix status --done approval", "tick a box of the checklist"),
        ("krow-versions hotfix status --json", "as data"),
    ],
)
@product
@version_option
@click.option(
    "--done",
    type=Words(TICKABLE),
    metavar="BOX",
    multiple=True,
    help="Tick a box of the checklist, or an item, such as launches.",
)
@click.option("--at", metavar="TIME", help="When that was: 14:05 or 2026-03-05T14:05; default: now.")
@click.option("--undo", type=Words(TICKABLE), metavar="BOX", multiple=True, help="Take a tick back.")
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
    at: str | None,
    undo: tuple[str, ...],
    share: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Show steps, checklist and timeline of PRODUCT's hotfix, the limits, and what is next.

    With --done or --undo, note that and print one line for each box. What cannot be true yet is refused.
    """
    view, moment = opened(settings, name, version, by_tag=True), settings.clock()
    if at is not None and not done:
        raise UsageError("--at says when a box was done, and no --done names one", hint="add --done BOX")
    seen = looked(settings, view)
    if not (done or undo):
        view.require_existing(seen)
    if done or undo or share:
        record = view.ticked(done, moment, at=past_moment("--at", at, moment), undo=undo, seen=seen)
        plan = plan_keep(view.context, record, "status")
        plan = plan_share(view.context, view.version) if share and plan.is_empty else plan
        if not keep(settings, view.workspace, plan, yes=yes, dry_run=dry_run, as_json=as_json):
            return
        seen = evolve(seen, record=record, gates=view.gates(seen.facts, record.approvals), unshared=False)
    found = view.status(moment, seen)
    if found.unasked:
        settings.warning(found.unasked)
    if seen.unshared:
        sharing = view.context.calls.hotfix("status", "--share")
        settings.note(f"{view.context.remote} lacks a part of what is recorded here; to share it: {sharing}")
    if as_json:
        settings.json(found.to_json())
    elif done or undo:
        lines = [_line(found, each) for each in (*undo, *done)]
        settings.outcome("\n".join(lines) + f"; {found.following}")
    else:
        settings.data(found.following if settings.quiet else found.to_text(COLUMNS))


def _line(found: Status, name: str) -> str:
    """Say in one line what a box, or an item of one, is now."""
    box, name = require_tickable(name)
    (checked,) = (each for each in found.boxes if each.box == box)
    is_done, label, more = checked.done, box.label, checked.when
    for item, when in checked.items:
        if item.id == name:
            left = sum(1 for _, ticked in checked.items if ticked is None)
            is_done, label = when is not None, item.label
            more = f"{shown_time(when)}; " if when else ""
            more += f"{box.id}: {counted(left, 'item')} to go" if left else f"{box.id} is done"
    return f"{'☑' if is_done else '☐'} {name}: {label}{f', {more}' if more else ''}"
