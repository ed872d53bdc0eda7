"""Up to the review: ``hotfix start``, ``check`` and ``pr``."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click

from krow_versions.cli.asking import confirm, dry_run_option, yes_option
from krow_versions.cli.hotfix.common import command, opened, product, run_gh, text_of, version_option
from krow_versions.cli.options import as_json, as_typed, open_workspace
from krow_versions.errors import Conflict, UsageError
from krow_versions.hotfix import Severity, failed, gates_table
from krow_versions.text.escaping import quoted, shell_command, shell_word
from krow_versions.text.times import at
from krow_versions.text.words import by_number, counted, listed
from krow_versions.workspace.clock import now
from krow_versions.workspace.hotfix import starting
from krow_versions.workspace.hotfix.view import open_hotfix
from krow_versions.workspace.programs import is_here

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings

FOUND = 1


@command("start", "Declare it, and make its branch from the production tag.")
@product
@click.option("--issue", metavar="TEXT", required=True, help="What is broken.")
@click.option("--severity", metavar="LEVEL", required=True, help="CRITICAL (< 1 h), HIGH (< 4 h) or MEDIUM.")
@click.option("--impact", metavar="TEXT", required=True, help="Who cannot do what.")
@click.option("--environment", metavar="NAME", default="production", help="Where it is broken.")
@click.option("--from", "from_", metavar="TAG", help="Start from this production tag, not from the highest.")
@click.option("--detected", metavar="TIME", help="When it was seen, as 14:05 or 2026-03-05T14:05; now else.")
@click.option("--no-fetch", is_flag=True, help="Trust the tags that are here; the remote is not asked.")
@yes_option
@dry_run_option
def start(
    settings: Settings,
    *,
    name: str,
    issue: str,
    severity: str,
    impact: str,
    environment: str,
    from_: str | None,
    detected: str | None,
    no_fetch: bool,
    yes: bool,
    dry_run: bool,
) -> None:
    """Declare a hotfix of PRODUCT: note issue, severity and impact, start the clock, make the branch.

    The branch starts at the highest production tag and is named after the next PATCH, which no tag
    and no branch may have taken, here or on the remote. Tracked files must be clean.
    """
    began, level = now(), Severity.parse(severity)
    issue, impact, environment = as_typed(issue), as_typed(impact), as_typed(environment)
    workspace = open_workspace(settings)
    plan = starting.plan_start(
        workspace,
        name,
        issue=issue,
        severity=level,
        impact=impact,
        now=began,
        environment=environment,
        from_=from_,
        detected=_moment(detected, began),
        fetch=not (no_fetch or dry_run),
        acts=not dry_run,
    )
    record = plan.record
    steps = [
        f"git switch {record.branch}" if plan.exists else f"git switch --create {record.branch} {record.base}"
    ]
    if plan.dirty:
        raise Conflict(
            f"there are changes that are not committed: {listed(plan.dirty)}; nothing was changed",
            hint="commit them, or put them aside: git stash, and git stash pop when the hotfix is out",
        )
    if dry_run:
        settings.data("\n".join(f"  {step}" for step in steps))
        if plan.unknown:
            settings.note(
                "whether these differ cannot be told without their filter, and git status tells: "
                f"{listed(plan.unknown)}"
            )
        settings.note("nothing was done; the remote was not asked")
        return
    if level.must_ask:
        settings.warning(f"{level}: {level.meaning}")
        confirm(settings, "Start a hotfix all the same?", steps, yes=yes)
    view = open_hotfix(workspace, name, record.version)
    if (record.issue, record.severity, record.impact) != (issue, level, impact):
        settings.warning(
            f"it was declared already at {at(record.started)}, and what was said then stays; to change it, "
            f"edit {view.records.path(record.version)}"
        )
    if view.place.remote is None:
        settings.note(
            f"there is no remote {view.place.settings.remote} here: only the tags and branches of this "
            "clone count, and nothing will be pushed"
        )
    *notes, template = starting.start(workspace, view.records, plan)
    for note in notes:
        settings.warning(note)
    said = "is there already; this continues it" if plan.exists else f"starts at {record.base}"
    settings.data(f"{record.branch} {said}")
    settings.data(f"declared {at(record.started)}: {record.severity.name}, {record.severity.meaning}")
    if view.place.settings.contacts or view.place.settings.channel:
        settings.data(text_of(view, "contacts").rstrip("\n"))
    else:
        settings.note("nobody to call is configured: contacts and channel belong in [hotfix]")
    settings.data(
        f"next: fix it, then\n  {view.git} commit --all --template {shell_word(template)}\n"
        f"  krow-versions bump-patch {view.name} -m TEXT, and commit that\n"
        f"  krow-versions hotfix check {view.name}\n"
        f"where it stands, and what is next, at any time: krow-versions hotfix status {view.name}"
    )


@command("check", "Every gate with its verdict, and what to do.")
@product
@version_option
@as_json
def check(settings: Settings, *, name: str, version: str | None, as_json: bool) -> int:
    """Judge the hotfix of PRODUCT by every gate; exit 1 when one fails."""
    view = opened(settings, name, version, ask=False)
    gates = view.gates(view.facts)
    wrong = failed(gates)
    if as_json:
        settings.json(
            {
                "schema": 1,
                "product": view.name,
                "version": str(view.version),
                "ok": not wrong,
                "gates": [gate.to_json() for gate in gates],
            }
        )
    else:
        settings.data(gates_table(gates).to_text())
    return FOUND if wrong else 0


@command("pr", "Title, body and command of the pull request.")
@product
@version_option
@click.option("--run", is_flag=True, help="Push the branch and open the pull request with gh.")
@yes_option
@dry_run_option
def pr(settings: Settings, *, name: str, version: str | None, run: bool, yes: bool, dry_run: bool) -> None:
    """Show the pull request of PRODUCT's hotfix; with --run, push the branch and open it."""
    view = opened(settings, name, version, acts=run and not dry_run)
    facts = view.facts
    if facts.tip is None:
        raise Conflict(f"there is no branch {facts.branch}", hint=f"krow-versions hotfix start {view.name}")
    title, body = text_of(view, "pr_title").strip(), text_of(view, "pr_body")
    options = view.place.settings
    command = ["gh", "pr", "create", "--base", options.main, "--head", facts.branch, "--title", title]
    command += ["--label", options.label, "--body"]
    settings.data(f"{title}\n\n{body}")
    pushing = view.place.remote is not None and not facts.branch_pushed
    steps = [f"{view.git} push {view.place.remote} {facts.branch}"] if pushing else []
    wrong = failed(view.gates(facts))
    if wrong:
        gates = f"{counted(len(wrong), 'gate')} {by_number(len(wrong), 'fails', 'fail')}"
        settings.warning(f"{gates}: krow-versions hotfix check {view.name} says what to do")
    if dry_run or not run:
        settings.data("\n".join([*steps, shell_command([*command, body])]))
        settings.note("nothing was done: --run pushes the branch and opens the pull request")
        return
    by_hand = f"then: krow-versions hotfix status {view.name} --done review"
    if view.place.remote is None:
        raise Conflict(
            f"there is no remote {options.remote} here, so there is nowhere to open a pull request",
            hint=f"have it reviewed with the text above, {by_hand}",
        )
    here = is_here("gh")
    if here:
        steps.append(f"{shell_command(command)} …    # the text above")
    if steps:
        confirm(settings, "Do this?", steps, yes=yes)
    view.push_branch()
    if not here:
        settings.note(f"there is no gh program here: open the pull request with the text above, {by_hand}")
        return
    run_gh(view, [*command, body], "review")
    settings.note(f"when it is approved: krow-versions hotfix status {view.name} --done approval")


def _moment(text: str | None, today: dt.datetime) -> dt.datetime | None:
    """Read the last such time of a day, or a day and a time; without a zone, it is the local one."""
    if text is None:
        return None
    try:
        if len(text) <= len("14:05:00"):
            time = dt.time.fromisoformat(text)
            found = dt.datetime.combine(today.date(), time)
            if found.astimezone() > today:  # After midnight, 23:50 was yesterday.
                found = dt.datetime.combine(today.date() - dt.timedelta(days=1), time)
        else:
            found = dt.datetime.fromisoformat(text)
        found = found.astimezone() if found.tzinfo is None else found
    except (ValueError, OverflowError):
        raise UsageError(
            f"--detected: {quoted(text)} is no time", hint="write it like 14:05 or 2026-03-05T14:05"
        ) from None
    if found > today:
        raise UsageError(
            f"--detected: {quoted(text)} is still to come", hint="say when the fault was first seen"
        )
    return found
