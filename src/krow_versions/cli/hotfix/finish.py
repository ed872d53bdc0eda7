"""``hotfix finish``: merge, tag and push."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import click

from krow_versions.cli.hotfix.common import command, looked, opened, product, version_option
from krow_versions.cli.options import as_json, dry_run_option, yes_option
from krow_versions.cli.plans import carry_out, confirm, preview, print_notes, shown
from krow_versions.errors import Conflict
from krow_versions.names import TAGS
from krow_versions.planning.actions import RunProgram, ShareRecord, WriteRecord

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings
    from krow_versions.hotfix import HotfixState
    from krow_versions.planning.plan import Plan
    from krow_versions.workspace.hotfix.view import HotfixView


@command(
    "finish",
    "Merge, tag and push: gates first, all or nothing.",
    [
        ("krow-versions hotfix finish -n", "show each step, do nothing"),
        ("krow-versions hotfix finish --yes", "merge, tag and push"),
    ],
)
@product
@version_option
@click.option("--run", is_flag=True, help="Make the GitHub Release with gh, too.")
@click.option(
    "--without-approval", metavar="REASON", help="Ship a commit that nobody approved; the reason is recorded."
)
@click.option(
    "--merged", metavar="COMMIT", help="Say which commit of main holds it, where git does not show that."
)
@click.option(
    "--carry-to",
    metavar="LINE",
    help="Bring what has shipped to another branch, such as main; no tag is made.",
)
@click.option("--no-fetch", is_flag=True, help="Fetch nothing: use what is known of the remote.")
@yes_option
@dry_run_option
@as_json
def finish(
    settings: Settings,
    *,
    name: str | None,
    version: str | None,
    run: bool,
    without_approval: str | None,
    merged: str | None,
    carry_to: str | None,
    no_fetch: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Bring PRODUCT's hotfix to main and tag it: gates, fetch, annotated tag, one atomic push.

    It is refused without an approval of exactly the commit that ships. A main that has moved on gets a
    merge; where a person must merge, it is refused, and the files are named. Run again after an
    interruption, it continues; when all is done, it says so.
    """
    view = opened(settings, name, version, acts=not dry_run)
    seen = looked(settings, view, fetch=not (no_fetch or dry_run))
    if carry_to is not None:
        fetched = not (no_fetch or dry_run)
        plan = view.plan_carry(carry_to, fetch=fetched, seen=seen)
        _carry(settings, view, plan, carry_to, yes=yes, dry_run=dry_run, as_json=as_json)
        return
    plan = view.plan_finish(release=run, seen=seen, without_approval=without_approval, merged=merged)
    say = functools.partial(settings.outcome, as_json=as_json)
    tag, remote = view.context.tag(seen.facts).removeprefix(TAGS), view.context.remote
    made = all(isinstance(action, RunProgram | WriteRecord | ShareRecord) for action in plan.actions)
    is_out = not plan.waiting and made
    older = seen.facts.newer is not None or seen.facts.undone
    done = f"{tag} is tagged" if older else f"{tag} is merged, tagged"
    if is_out:
        say(f"{done}{' and pushed' if remote else ''}: nothing to do")
    if dry_run:
        preview(settings, plan, as_json=as_json, undone=_UNDONE, by_hand=run)
        return
    _apply(settings, view, plan, yes=yes, as_json=as_json)
    if not is_out:
        lacking = view.context.settings.remote
        where = f" and pushed to {remote}" if remote else f"; there is no remote {lacking}"
        say(f"{done}{where}")
    for release in plan.by_hand:
        say(f"its GitHub Release is made by:\n{shown(release.command)}")
        if run:
            settings.note(
                f"{seen.facts.unseen or 'GitHub gave no answer'}: make the release by hand, then: "
                f"{view.calls.tick('github-release')}"
            )
    _say_next(settings, view, seen, is_out=is_out)


def _carry(
    settings: Settings, view: HotfixView, plan: Plan, line: str, *, yes: bool, dry_run: bool, as_json: bool
) -> None:
    """Show the plan that brings a hotfix to another branch, and apply it."""
    if dry_run:
        preview(settings, plan, as_json=as_json, undone=_UNDONE)
        return
    _apply(settings, view, plan, yes=yes, as_json=as_json)
    if plan.actions:
        settings.outcome(f"{line} has {view.version} now", as_json=as_json)


_UNDONE = "nothing was done; the remote was not fetched from"


def _apply(settings: Settings, view: HotfixView, plan: Plan, *, yes: bool, as_json: bool) -> None:
    """Show a plan, ask, and apply it.

    Raises:
        Conflict: what is left waits for people.
    """
    print_notes(settings, plan)
    if plan.actions:
        confirm(settings, "Do this?", plan, yes=yes, as_json=as_json)
    carry_out(settings, view.workspace, plan, as_json=as_json)
    if plan.waiting:
        raise Conflict(plan.waiting.why, hint=plan.waiting.way)


def _say_next(settings: Settings, view: HotfixView, seen: HotfixState, *, is_out: bool) -> None:
    """Print what is next after the tag."""
    deployed = seen.record.last_deployment is not None
    calls = view.calls
    known = view.production(seen)
    if deployed or known.is_above(view.version) or (is_out and not seen.record.is_tracked):
        settings.note(f"next: {calls.hotfix('status')}")
    elif known.deploy is not None:
        settings.note(f"next: {calls.hotfix('deploy', '--run')}")
    else:
        settings.note(f"next: deploy it by hand (no command is configured), then {calls.tick('deployed')}")
