"""Out to production: ``hotfix finish``, ``deploy`` and ``announce``."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click

from krow_versions.cli.asking import confirm, dry_run_option, yes_option
from krow_versions.cli.hotfix.common import (
    command,
    now,
    opened,
    product,
    run_or_fail,
    text_of,
    version_option,
)
from krow_versions.errors import Conflict, OperationFailed
from krow_versions.workspace import starting
from krow_versions.workspace.finishing import finish as finish_plan
from krow_versions.workspace.programs import is_here, run_program

if TYPE_CHECKING:
    from krow_versions.cli.output import Settings


@command("finish", "Merge, tag and push: gates first, all or nothing.")
@product
@version_option
@click.option("--run", is_flag=True, help="Make the GitHub Release with gh, too.")
@click.option("--no-fetch", is_flag=True, help="Trust what is known of the remote.")
@yes_option
@dry_run_option
def finish(
    settings: Settings,
    *,
    name: str,
    version: str | None,
    run: bool,
    no_fetch: bool,
    yes: bool,
    dry_run: bool,
) -> None:
    """Bring PRODUCT's hotfix to main and tag it: gates, fetch, fast-forward, annotated tag, one atomic push.

    When main has moved on it is refused, with the ways out. Run again after an interruption, it
    continues; when all is done, it says so.
    """
    view = opened(settings, name, version)
    if not (no_fetch or dry_run):
        for tag in starting.fetch(view.place):
            settings.warning(f"the tag {tag} is not the same here and on the remote; ours was kept")
    plan = view.plan_finish()
    tag = plan.tag.removeprefix("refs/tags/")
    release = ["gh", "release", "create", tag, "--verify-tag", "--title", tag]
    release += ["--notes", text_of(view, "release_notes")]
    record = view.record
    released = record is not None and "github-release" in record.ticks
    if plan.is_empty:
        settings.data(f"{tag} is merged, tagged{' and pushed' if view.place.remote else ''}: nothing to do")
    elif dry_run:
        settings.data("\n".join(f"  {step}" for step in plan.steps))
    else:
        confirm(settings, "Do this?", plan.steps, yes=yes)
        for note in finish_plan(plan):
            settings.warning(note)
        where = f" and pushed to {view.place.remote}" if plan.push else ""
        settings.data(f"{tag} is merged, tagged{where}")
    if released or view.place.remote is None:
        return
    settings.data(shlex.join(release))
    if run and not dry_run:
        if not is_here("gh"):
            settings.note("there is no gh program here: make the release by hand")
            return
        confirm(settings, "Make the GitHub Release?", [], yes=yes)
        run_or_fail(view, release, "gh")
        view.note("github-release", now())


@command("deploy", "Run the command that deploys the tag.")
@product
@version_option
@click.option("--run", is_flag=True, help="Run it; else it is only shown.")
@yes_option
@dry_run_option
def deploy(
    settings: Settings, *, name: str, version: str | None, run: bool, yes: bool, dry_run: bool
) -> None:
    """Show the configured command that deploys PRODUCT's hotfix, or run it and note how it ended."""
    view = opened(settings, name, version)
    command = view.deploy_command()
    facts = view.facts
    if not facts.finished:
        raise Conflict(
            f"{view.name} {view.version} is not tagged, so there is nothing to deploy",
            hint=f"krow-versions hotfix finish {view.name}",
        )
    if dry_run or not run:
        settings.data(shlex.join(command))
        return
    confirm(settings, f"Deploy {view.name} {view.version}?", [shlex.join(command)], yes=yes)
    code = run_program(command, cwd=view.root)
    view.note_deployment(now(), code)
    if code:
        raise OperationFailed(
            f"the command that deploys {view.name} ended with exit code {code}",
            hint="see what it printed; run it again when that is settled",
        )
    settings.note(f"{view.name} {view.version} is deployed")


@command("announce", "What to tell users; --follow-up a day later.")
@product
@version_option
@click.option("--follow-up", is_flag=True, help="The status update after 24 hours.")
def announce(settings: Settings, *, name: str, version: str | None, follow_up: bool) -> None:
    """Print the announcement of PRODUCT's hotfix, ready to be sent."""
    view = opened(settings, name, version, ask=False)
    settings.data(text_of(view, "follow_up" if follow_up else "announcement").rstrip("\n"))
    channel = view.place.settings.channel
    if channel:
        settings.note(f"send it to {channel}")
    if follow_up:
        view.note_follow_up(now())
    else:
        settings.note(f"when it is sent: krow-versions hotfix status {view.name} --done users-notified")
