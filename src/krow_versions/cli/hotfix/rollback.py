"""``hotfix rollback``: deploy the last good version again, as the Product Owner decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from krow_versions.cli.hotfix.common import command, looked, opened, product, version_option
from krow_versions.cli.hotfix.deciding import record_decision
from krow_versions.cli.options import as_json, dry_run_option, offered_versions, yes_option
from krow_versions.cli.plans import carry_out, confirm, preview, print_notes
from krow_versions.errors import UsageError
from krow_versions.planning.actions import RunProgram, WriteRecord
from krow_versions.text.escaping import printable

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings
    from krow_versions.planning.plan import Plan
    from krow_versions.workspace.hotfix.view import HotfixView


@command(
    "rollback",
    "Deploy the last good version again.",
    [
        ('krow-versions hotfix rollback --reason "Crash" --decided-by "Ada"', "show it, do nothing"),
    ],
)
@product
@version_option
@click.option("--reason", metavar="TEXT", help="Why; it is recorded.")
@click.option("--decided-by", metavar="NAME", help="Who decided it: the Product Owner.")
@click.option(
    "--to",
    metavar="VERSION",
    shell_complete=offered_versions,
    help="The version to go back to; default: the last good one.",
)
@click.option("--run", is_flag=True, help="Record the decision and deploy; default: only show it.")
@click.option("--done", is_flag=True, help="Record that it was deployed by hand.")
@click.option("--again", is_flag=True, help="Roll back even if an attempt that did not end may still run.")
@yes_option
@dry_run_option
@as_json
def rollback(
    settings: Settings,
    *,
    name: str | None,
    version: str | None,
    reason: str | None,
    decided_by: str | None,
    to: str | None,
    run: bool,
    done: bool,
    again: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Show what a rollback of PRODUCT would undo; with --run, record who decided it, and deploy.

    The last good production tag is deployed by the same command as a hotfix. If that fails, the same command
    goes on; --reason and --decided-by may be left out then. Fixing forward afterwards is a new hotfix.
    """
    if done and (run or to or reason or decided_by):
        raise UsageError(
            "--done goes with no other decision",
            hint="decide it first with --run; --done says that it was deployed",
        )
    acts = run and not dry_run
    view = opened(settings, name, version, ask=not done, acts=acts)
    if done:
        plan = view.plan_rollback_done(now=settings.clock())
        said = f"{view.name} is rolled back"
        record_decision(settings, view, plan, said, yes=yes, dry_run=dry_run, as_json=as_json)
        if not dry_run:
            settings.note(f"next: {view.context.calls.hotfix('status')}")
        return
    seen = looked(settings, view)
    plan = view.plan_rollback(
        reason=reason,
        decided_by=decided_by,
        to=to,
        again=again or not acts,
        seen=seen,
        now=settings.clock(),
    )
    if not acts:
        preview(settings, plan, as_json=as_json, undone=_undone(plan))
        return
    _run(settings, view, plan, yes=yes, as_json=as_json)


def _undone(plan: Plan) -> str:
    """Say that nothing was done, and what --run does."""
    deploys = any(isinstance(action, RunProgram) for action in plan.actions)
    records = any(isinstance(action, WriteRecord) for action in plan.actions)
    if not deploys:
        return "nothing was done" + (": --run records the decision, and deploys nothing" if records else "")
    return f"nothing was done: --run {'records the decision and ' if records else ''}deploys"


def _run(settings: Settings, view: HotfixView, plan: Plan, *, yes: bool, as_json: bool) -> None:
    """Show the plan, ask, and carry it out."""
    print_notes(settings, plan)
    if plan.actions:
        confirm(settings, f"Roll {view.name} back?", plan, yes=yes, as_json=as_json)
    carry_out(settings, view.workspace, plan, as_json=as_json)
    deployed = [action.tag for action in plan.actions if isinstance(action, RunProgram)]
    if deployed:
        settings.outcome(printable(f"{deployed[0]} is deployed again"), as_json=as_json)
        settings.note(f"next: {view.context.calls.hotfix('status')}")
