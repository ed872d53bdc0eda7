"""``hotfix report``: the incident document, and what people say in it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import click

from krow_versions.cli.console import Settings
from krow_versions.cli.helping import Choice
from krow_versions.cli.hotfix.common import command, looked, opened, product, version_option
from krow_versions.cli.options import as_json, chosen_format, dry_run_option, offered_files, yes_option
from krow_versions.cli.plans import keep, print_notes
from krow_versions.cli.writing import keep_inside, require_ours, target_of, write_file
from krow_versions.errors import UsageError
from krow_versions.hotfix.postmortem import (
    AREAS,
    DOCUMENTED,
    FINAL,
    KINDS,
    STATES,
    Remarks,
    lacking,
    question,
    stage_of,
)
from krow_versions.hotfix.report import FORMATS, is_unchanged, schema, written
from krow_versions.text.escaping import quoted
from krow_versions.values import evolve
from krow_versions.workspace.hotfix.recording import noted, plan_keep
from krow_versions.workspace.signers import roots_of

if TYPE_CHECKING:
    from krow_versions.hotfix import Record
    from krow_versions.planning.commands import Calls


def _print_schema(ctx: click.Context, _: click.Parameter, value: Any) -> None:
    settings = ctx.find_object(Settings)
    if value and settings is not None:
        settings.json(schema())
        ctx.exit()


@command(
    "report",
    "The incident document.",
    [
        ("krow-versions hotfix report -o incident.md", "write the document"),
        ('krow-versions hotfix report --say root-cause="No token"', "record a fact"),
    ],
)
@product
@version_option
@click.option(
    "--format",
    "format_",
    type=Choice(tuple(FORMATS)),
    help="What to print; default: by the name of FILE, or markdown.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    shell_complete=offered_files,
    help="Write it to FILE, also over an older one of this program.",
)
@click.option("--replace", is_flag=True, help="Replace FILE even if people have changed it.")
@click.option("--say", metavar="FIELD=TEXT", multiple=True, help="Record a fact, such as root-cause=TEXT.")
@click.option("--action", metavar="WHAT", help="Record an action item, or change that of this id or text.")
@click.option("--kind", type=Choice(KINDS), help="What the action item is for.")
@click.option("--area", type=Choice(tuple(AREAS), case_sensitive=False), help="Where it belongs.")
@click.option("--owner", metavar="NAME", help="Who does it.")
@click.option("--due", metavar="DATE", help="The last day for it, as 2026-03-05.")
@click.option("--close-action", metavar="ID", multiple=True, help="Record that an action item is done.")
@click.option("--state", type=Choice(tuple(STATES)), help="How far it is; final ticks its box.")
@click.option(
    "--schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_schema,
    help="Print the JSON Schema of the JSON document, and exit.",
)
@yes_option
@dry_run_option
@as_json
def report(
    settings: Settings,
    *,
    name: str | None,
    version: str | None,
    format_: str | None,
    output: str | None,
    replace: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
    **said: Any,
) -> None:
    """Print the incident document of PRODUCT's hotfix, or record what people say in it.

    What was said is in the record of the hotfix. With --say, --action, --close-action or --state the
    document is printed only if a format or a file is asked for.
    """
    remarks, chosen = _remarks(**said), chosen_format(format_, as_json=as_json)
    if replace and output in {None, "-"}:
        raise UsageError("--replace is of a file, and none is written", hint="name it: -o FILE")
    view, moment = opened(settings, name, version, by_tag=True), settings.clock()
    target = None if output in {None, "-"} else target_of(output or "")
    if target is not None:
        keep_inside(output or "", target, roots_of(view.workspace))
        if not replace:
            require_ours(output or "", target, is_unchanged)
    seen = looked(settings, view)
    view.require_existing(seen)
    if remarks:
        plan = view.plan_remarks(remarks, moment, seen)
        if not keep(settings, view.workspace, plan, yes=yes, dry_run=dry_run):
            return
        print_notes(settings, plan)
        if chosen is None and output is None:
            return
        seen = evolve(seen, record=view.record())
    incident = view.incident(moment, seen)
    if target is None:
        settings.data(written(incident, chosen or "markdown").rstrip("\n"))
    elif dry_run:
        settings.note(f"not written: {output}")
    else:
        plan = plan_keep(view.context, noted(view.context, seen.record, moment), "report")
        keep(settings, view.workspace, plan, yes=yes)
        chosen = chosen or ("json" if target.endswith(".json") else "markdown")
        for warning in write_file(target, written(incident, chosen, sealed=True)):
            settings.warning(warning)
        settings.note(f"written: {output}{_next(view.calls, seen.record)}")


def _remarks(
    *, say: tuple[str, ...], action: str | None, due: str | None, close_action: tuple[str, ...], **more: Any
) -> Remarks:
    """Read the options that say something."""
    found = Remarks(
        facts=dict(_fact(each) for each in say), action=action, due=_day(due), closed=close_action, **more
    )
    if action is None and (found.kind or found.area or found.owner is not None or found.due):
        raise UsageError("--kind, --area, --owner and --due are of an action item", hint="add --action WHAT")
    return found


def _fact(given: str) -> tuple[str, str]:
    field, separator, text = given.partition("=")
    if not separator:
        raise UsageError(f"--say: {quoted(given)} has no =", hint="write it like --say root-cause=TEXT")
    return question(field).field, text


def _day(given: str | None) -> dt.date | None:
    try:
        return None if given is None else dt.date.fromisoformat(given)
    except ValueError:
        raise UsageError(f"--due: {quoted(given or '')} is no day", hint="write it like 2026-03-05") from None


def _next(calls: Calls, record: Record) -> str:
    if stage_of(record).state == FINAL:
        return ""
    if lacking(record):
        return f"; answer its questions, file it, then: {calls.tick(DOCUMENTED)}"
    return f"; nothing is missing: {calls.hotfix('report', f'--state {FINAL}')}"
