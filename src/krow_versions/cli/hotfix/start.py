"""``hotfix start``: declare a hotfix, and make its branch from the production tag."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from krow_versions.cli.helping import Words
from krow_versions.cli.hotfix.common import command, shipped
from krow_versions.cli.hotfix.moments import past_moment
from krow_versions.cli.options import (
    as_json,
    dry_run_option,
    offered_tags,
    open_workspace,
    product_argument,
    yes_option,
)
from krow_versions.cli.plans import carry_out, confirm, preview, print_notes
from krow_versions.errors import UsageError
from krow_versions.hotfix import SEVERITIES, HotfixState, Severity
from krow_versions.hotfix.people import ADVICE
from krow_versions.planning.actions import ShareRecord
from krow_versions.text.escaping import printable, shell_word
from krow_versions.text.times import at
from krow_versions.values import evolve
from krow_versions.workspace.hotfix import starting
from krow_versions.workspace.hotfix.view import HotfixView

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings
    from krow_versions.workspace.protocols import Opened


@command(
    "start",
    "Declare it, and make its branch from the production tag.",
    [
        (
            "krow-versions hotfix start web --issue Crash --severity HIGH --impact shops",
            "declare it, and make its branch",
        ),
    ],
)
@product_argument()
@click.option("--issue", metavar="TEXT", required=True, help="What is broken.")
@click.option(
    "--severity",
    type=Words([each.name for each in SEVERITIES]),
    metavar="LEVEL",
    required=True,
    help="CRITICAL (< 1 h), HIGH (< 4 h) or MEDIUM.",
)
@click.option("--impact", metavar="TEXT", required=True, help="Who cannot do what.")
@click.option("--environment", metavar="NAME", default="production", help="Where it is broken.")
@click.option(
    "--from",
    "from_",
    metavar="TAG",
    shell_complete=offered_tags,
    help="Start from this production tag, not from the highest.",
)
@click.option(
    "--version", metavar="VERSION", help="The version that it ships: start from the PATCH below it."
)
@click.option("--detected", metavar="TIME", help="When it was seen: 14:05 or 2026-03-05T14:05; default: now.")
@click.option("--no-fetch", is_flag=True, help="Trust the tags that are here; the remote is not asked.")
@yes_option
@dry_run_option
@as_json
def start(
    settings: Settings,
    *,
    name: str,
    issue: str,
    severity: str,
    impact: str,
    environment: str,
    from_: str | None,
    version: str | None,
    detected: str | None,
    no_fetch: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Declare a hotfix of PRODUCT: note issue, severity and impact, start the clock, make the branch.

    The branch starts at the highest production tag and is named after the next PATCH, which no tag
    and no branch may have taken, here or on the remote. Tracked files must be clean.
    """
    began, level = settings.clock(), Severity.parse(severity)
    workspace = open_workspace(settings)
    for option, text in (("--issue", issue), ("--impact", impact), ("--environment", environment)):
        if not text.strip():
            raise UsageError(f"{option} is empty", hint=f'say it in a few words: {option} "..."')
    if version is not None and from_ is not None:
        raise UsageError("--from and --version contradict each other", hint="leave one of them out")
    declared = starting.declare(
        workspace,
        name,
        issue=issue,
        severity=level,
        impact=impact,
        now=began,
        environment=environment,
        from_=from_ if version is None else _below(workspace, name, version),
        detected=past_moment("--detected", detected, began),
        fetch=not (no_fetch or dry_run),
        acts=not dry_run,
    )
    plan, said = declared.plan, declared.record.declaration
    if dry_run:
        preview(settings, plan, as_json=as_json, undone="nothing was done; the remote was not asked")
        return
    if level.must_ask:
        settings.warning(f"{level}: {level.meaning}")
        confirm(settings, "Start a hotfix all the same?", plan, yes=yes, as_json=as_json)
    elif any(isinstance(action, ShareRecord) for action in plan.actions):
        confirm(settings, "Start it, and share its record?", plan, yes=yes, as_json=as_json)
    print_notes(settings, plan)
    carry_out(settings, workspace, plan, as_json=as_json)
    if said and not (as_json or settings.quiet):
        going_on = "starts anew on it" if declared.record.rounds > 1 else "continues it"
        where = f"is there already; this {going_on}" if declared.continues else f"starts at {said.base}"
        settings.data(f"{said.branch} {where}")
        settings.data(f"declared {at(said.started)}: {said.severity.name}, {said.severity.meaning}")
        _say_next(settings, workspace, declared)


def _below(workspace: Opened, name: str, version: str) -> str:
    """Give the name of the production tag one PATCH below ``--version``."""
    wanted, catalog = shipped(version), workspace.catalog
    if not wanted.patch:
        raise UsageError(
            f"--version: {wanted} is no PATCH of anything", hint="a hotfix raises the PATCH by 1"
        )
    below = evolve(wanted, patch=wanted.patch - 1)
    return catalog.tag(catalog.product(name), below)


def _say_next(settings: Settings, workspace: Opened, declared: starting.Start) -> None:
    """Print what the severities mean, whom to call, and what is next."""
    place, record = declared.context, declared.record
    view = HotfixView(workspace, place.product.name, place, record.version)
    settings.data("\n".join(ADVICE))
    settings.data(view.text("contacts", HotfixState(declared.facts, record, ())).rstrip("\n"))
    if not (place.settings.contacts and place.settings.channel):
        settings.data("what is not configured belongs in [hotfix]: contacts by role, and the channel")
    calls = view.calls
    commit = f"{calls.git} commit -a -t {shell_word(view.template())}"
    settings.data(
        f"next: fix it, then\n  {printable(commit)}\n"
        f"  {calls.other('bump-patch', '-m TEXT')}, and commit that\n"
        f"  {calls.hotfix('check')}\n"
        f"where it stands, and what is next, at any time: {calls.hotfix('status')}"
    )
