"""Record what people decided: shown in a dry run, else done at once, because a later entry corrects it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.cli.plans import carry_out, confirm, preview
from krow_versions.planning.actions import WriteRecord
from krow_versions.text.escaping import printable

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings
    from krow_versions.planning.plan import Plan
    from krow_versions.workspace.hotfix.view import HotfixView


def record_decision(
    settings: Settings, view: HotfixView, plan: Plan, done: str, *, yes: bool, dry_run: bool, as_json: bool
) -> None:
    """Apply a plan that records something, and print its notes.

    Args:
        settings: what the common options say.
        view: the hotfix.
        plan: the plan.
        done: what is so afterwards, or empty.
        yes: whether nothing is asked.
        dry_run: whether the plan is only shown.
        as_json: whether stdout is for the plan as data.
    """
    if dry_run:
        preview(settings, plan, as_json=as_json, undone="nothing was done")
        return
    for warning in plan.warnings:
        settings.warning(warning)
    if not all(isinstance(action, WriteRecord) for action in plan.actions):
        confirm(settings, "Do this?", plan, yes=yes, as_json=as_json)
    carry_out(settings, view.workspace, plan, as_json=as_json)
    for line in (*([done] if done and plan.actions else []), *plan.notes):
        settings.outcome(printable(line), as_json=as_json)
