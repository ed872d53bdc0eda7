"""Out to production: ``hotfix finish``, ``deploy`` and ``announce``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from krow_versions.cli.asking import confirm, dry_run_option, yes_option
from krow_versions.cli.hotfix.common import command, opened, product, run_gh, text_of, version_option
from krow_versions.errors import Conflict, OperationFailed, RefConflict
from krow_versions.hotfix.steps import FOLLOW_UP
from krow_versions.names import TAGS
from krow_versions.text.escaping import printable, shell_command
from krow_versions.text.times import at
from krow_versions.workspace.clock import now
from krow_versions.workspace.hotfix import starting
from krow_versions.workspace.hotfix.finishing import finish as finish_plan
from krow_versions.workspace.programs import is_here, run_program

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings
    from krow_versions.workspace.hotfix.view import HotfixView


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
    view = opened(settings, name, version, acts=not dry_run)
    if not (no_fetch or dry_run):
        _fetch(settings, view)
    plan = view.plan_finish()
    tag = plan.tag.removeprefix(TAGS)
    release = ["gh", "release", "create", tag, "--verify-tag", "--title", tag]
    release += ["--notes", text_of(view, "release_notes")]
    remote = view.place.remote
    released = remote is None or view.is_ticked("github-release")
    make = run and not released and is_here("gh")
    if plan.is_empty:
        settings.data(f"{tag} is merged, tagged{' and pushed' if remote else ''}: nothing to do")
    steps = [*plan.steps, *([shell_command(release)] if make else [])]
    if dry_run:
        settings.data("\n".join(f"  {step}" for step in steps or ["nothing"]))
        settings.note("nothing was done; the remote was not fetched from")
        return
    if plan.message is not None and view.record is not None and not view.is_ticked("approval"):
        settings.warning(
            f"nobody has ticked that it is approved: krow-versions hotfix status {view.name} --done approval"
        )
    if steps:
        confirm(settings, "Do this?", steps, yes=yes)
    if not plan.is_empty:
        for note in finish_plan(plan):
            settings.warning(note)
        where = f" and pushed to {remote}" if remote else f"; there is no remote {view.place.settings.remote}"
        settings.data(f"{tag} is merged, tagged{where}")
    if make:
        run_gh(view, release, "github-release")
    elif not released:
        _tell_release(settings, view, release, run=run)
    record = view.record
    deployed = record is not None and record.is_deployed
    following = f"status {view.name}" if deployed else f"deploy {view.name} --run"
    settings.note(f"next: krow-versions hotfix {following}")


def _tell_release(settings: Settings, view: HotfixView, release: list[str], *, run: bool) -> None:
    """Print how the GitHub Release is made, and what to say when it is made by hand."""
    settings.data(f"its GitHub Release is made by:\n{shell_command(release)}")
    if run:
        settings.note(
            "there is no gh program here: make the release by hand, then: "
            f"krow-versions hotfix status {view.name} --done github-release"
        )


def _fetch(settings: Settings, view: HotfixView) -> None:
    """Bring what the remote has; a tag of this hotfix that differs there is the end of it."""
    own = view.place.tag(view.version).removeprefix(TAGS)
    for tag in starting.bring(view.place):
        if tag == own:
            raise RefConflict(
                f"the tag {tag} is not the same here and on {view.place.remote}; it is never moved, and "
                "nothing was changed",
                hint=f"the one there may be out already: if so, git tag --delete {tag} forgets the one here",
            )
        settings.warning(f"the tag {tag} is not the same here and on {view.place.remote}; ours was kept")


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
    view = opened(settings, name, version, acts=run and not dry_run)
    command = view.deploy_command()
    facts = view.facts
    if facts.tag is not None and not facts.finished:
        raise Conflict(
            f"{facts.branch} is not at {facts.tag.name}: it has moved since, or the tag is somebody else's",
            hint=f"{view.git} log {facts.tag.name}..{facts.branch} shows what the tag lacks; a fix that came "
            "later needs a hotfix of its own",
        )
    if not facts.finished:
        raise Conflict(
            f"{view.name} {view.version} is not tagged, so there is nothing to deploy",
            hint=f"krow-versions hotfix finish {view.name}",
        )
    if facts.tag_pushed is False and view.place.remote is not None:
        raise Conflict(
            f"the tag of {view.name} {view.version} is not on {view.place.remote}, where it is deployed from",
            hint=f"krow-versions hotfix finish {view.name}",
        )
    if dry_run or not run:
        settings.data(printable(shell_command(command)))
        settings.note("nothing was done: --run runs it")
        return
    confirm(settings, f"Deploy {view.name} {view.version}?", [shell_command(command)], yes=yes)
    code = run_program(command, cwd=view.root)
    view.note_deployment(now(), code)
    if code:
        raise OperationFailed(
            f"the command that deploys {view.name} ended with exit code {code}",
            hint="see what it printed above, and run it again when that is settled; the failure is noted",
        )
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
    settings.data(text_of(view, "follow_up" if follow_up else "announcement").rstrip("\n"))
    channel = view.place.settings.channel
    if channel:
        settings.note(f"send it to {channel}")
    record = view.record
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
        view.note_text("followed_up", now())
    else:
        view.note_text("announced", now())
        settings.note(f"when it is sent: krow-versions hotfix status {view.name} --done users-notified")
