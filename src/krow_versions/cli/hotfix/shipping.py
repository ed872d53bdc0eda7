"""Out to production: ``hotfix finish``, ``deploy`` and ``announce``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from krow_versions.cli.hotfix.common import command, opened, product, version_option
from krow_versions.cli.options import as_json, dry_run_option, yes_option
from krow_versions.cli.plans import carry_out, confirm, preview, say_doubts, shown
from krow_versions.hotfix.steps import FOLLOW_UP
from krow_versions.names import TAGS
from krow_versions.planning.actions import RunProgram
from krow_versions.text.times import at
from krow_versions.workspace.clock import now

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings


@command("finish", "Merge, tag and push: gates first, all or nothing.")
@product
@version_option
@click.option("--run", is_flag=True, help="Make the GitHub Release with gh, too.")
@click.option("--no-fetch", is_flag=True, help="Trust what is known of the remote.")
@yes_option
@dry_run_option
@as_json
def finish(
    settings: Settings,
    *,
    name: str,
    version: str | None,
    run: bool,
    no_fetch: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Bring PRODUCT's hotfix to main and tag it: gates, fetch, fast-forward, annotated tag, one atomic push.

    When main has moved on it is refused, with the ways out. Run again after an interruption, it
    continues; when all is done, it says so.
    """
    view = opened(settings, name, version, acts=not dry_run)
    seen = view.look(fetch=not (no_fetch or dry_run))
    plan = view.plan_finish(release=run, seen=seen)
    say = settings.note if as_json else settings.data
    tag, remote = view.context.tag(view.version).removeprefix(TAGS), view.context.remote
    is_out = all(isinstance(action, RunProgram) for action in plan.actions)
    if is_out:
        say(f"{tag} is merged, tagged{' and pushed' if remote else ''}: nothing to do")
    if dry_run:
        undone = "nothing was done; the remote was not fetched from"
        preview(settings, plan, as_json=as_json, undone=undone)
        return
    say_doubts(settings, plan)
    if plan.actions:
        confirm(settings, "Do this?", plan, yes=yes, as_json=as_json)
    carry_out(settings, view.workspace, plan, as_json=as_json)
    if not is_out:
        lacking = view.context.settings.remote
        where = f" and pushed to {remote}" if remote else f"; there is no remote {lacking}"
        say(f"{tag} is merged, tagged{where}")
    for release in plan.by_hand:
        say(f"its GitHub Release is made by:\n{shown(release.command)}")
        if run:
            settings.note(
                "there is no gh program here: make the release by hand, then: "
                f"krow-versions hotfix status {view.name} --done github-release"
            )
    deployed = seen.record is not None and seen.record.is_deployed
    following = f"status {view.name}" if deployed else f"deploy {view.name} --run"
    settings.note(f"next: krow-versions hotfix {following}")


@command("deploy", "Run the command that deploys the tag.")
@product
@version_option
@click.option("--run", is_flag=True, help="Run it; else it is only shown.")
@yes_option
@dry_run_option
@as_json
def deploy(
    settings: Settings, *, name: str, version: str | None, run: bool, yes: bool, dry_run: bool, as_json: bool
) -> None:
    """Show the configured command that deploys PRODUCT's hotfix, or run it and note how it ended."""
    view = opened(settings, name, version, acts=run and not dry_run)
    plan = view.plan_deploy()
    if dry_run or not run:
        if as_json:
            settings.json(plan.to_json(dry_run=True))
        else:
            settings.data(str(plan))
        settings.note("nothing was done: --run runs it")
        return
    confirm(settings, f"Deploy {view.name} {view.version}?", plan, yes=yes, as_json=as_json)
    carry_out(settings, view.workspace, plan, as_json=as_json)
    settings.note(
        f"{view.name} {view.version} is deployed\n"
        f"next: try it, then krow-versions hotfix status {view.name} --done smoke-tests"
    )


@command("announce", "What to tell users; --follow-up a day later.")
@product
@version_option
@click.option("--follow-up", is_flag=True, help="The status update after 24 hours.")
def announce(settings: Settings, *, name: str, version: str | None, follow_up: bool) -> None:
    """Print the announcement of PRODUCT's hotfix, ready to be sent."""
    view = opened(settings, name, version, ask=False)
    seen = view.look()
    settings.data(view.text("follow_up" if follow_up else "announcement", seen).rstrip("\n"))
    channel = view.context.settings.channel
    if channel:
        settings.note(f"send it to {channel}")
    record = seen.record
    if record is not None and not record.is_deployed:
        settings.warning(
            f"{view.name} {view.version} is not deployed, as far as is recorded: do not send it yet"
        )
        return
    if follow_up:
        due = record.deployed + FOLLOW_UP if record and record.deployed else None
        if due and now() < due:
            settings.warning(
                f"it speaks of 24 hours in production, which are over at {at(due)}: send it then; it is "
                "noted as written, and nobody will be reminded"
            )
        view.note_text("followed_up", now(), seen)
    else:
        view.note_text("announced", now(), seen)
        settings.note(f"when it is sent: krow-versions hotfix status {view.name} --done users-notified")
