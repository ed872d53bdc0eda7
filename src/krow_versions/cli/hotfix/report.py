"""``hotfix report``: the incident document, and what people say in it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import attrs
import click

from krow_versions.cli.console import Settings
from krow_versions.cli.hotfix.common import command, looked, opened, product, version_option
from krow_versions.cli.options import as_json, chosen_format, dry_run_option, yes_option
from krow_versions.cli.plans import keep
from krow_versions.cli.writing import keep_inside, require_ours, roots_of, target_of, write_file
from krow_versions.errors import UsageError
from krow_versions.hotfix.postmortem import (
    AREAS,
    DOCUMENTED,
    FINAL,
    KINDS,
    STATES,
    Remarks,
    find_action,
    lacking,
    question,
    stage_of,
)
from krow_versions.hotfix.report import FORMATS, is_unchanged, schema, written
from krow_versions.text.escaping import quoted
from krow_versions.workspace.hotfix.recording import noted, plan_keep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.hotfix import Record
    from krow_versions.planning.commands import Calls


def _print_schema(ctx: click.Context, _: click.Parameter, value: Any) -> None:
    settings = ctx.find_object(Settings)
    if value and settings is not None:
        settings.json(schema())
        ctx.exit()


@command("report", "The incident document.")
@product
@version_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(tuple(FORMATS)),
    help="What to print; default: by the name of FILE, or markdown.",
)
@click.option("-o", "--output", metavar="FILE", help="Write it there, in place of an older one of ours.")
@click.option("--replace", is_flag=True, help="Replace FILE also if people have changed it.")
@click.option("--say", metavar="FIELD=TEXT", multiple=True, help="Record a fact, such as root-cause=TEXT.")
@click.option("--action", metavar="WHAT", help="Record an action item, or change that of this id or text.")
@click.option("--kind", type=click.Choice(KINDS), help="What the action item is for.")
@click.option("--area", type=click.Choice(tuple(AREAS), case_sensitive=False), help="Where it belongs.")
@click.option("--owner", metavar="NAME", help="Who does it.")
@click.option("--due", metavar="DATE", help="The last day for it, as 2026-03-05.")
@click.option("--close-action", metavar="ID", multiple=True, help="Record that an action item is done.")
@click.option("--state", type=click.Choice(tuple(STATES)), help="How far it is; final ticks its box.")
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
    say: tuple[str, ...],
    action: str | None,
    kind: str | None,
    area: str | None,
    owner: str | None,
    due: str | None,
    close_action: tuple[str, ...],
    state: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Print the incident document of PRODUCT's hotfix, or record what people say in it.

    What was said is in the record of the hotfix. With --say, --action, --close-action or --state the
    document is printed only if a format or a file is asked for.
    """
    if action is None and (kind or area or owner is not None or due):
        raise UsageError("--kind, --area, --owner and --due are of an action item", hint="add --action WHAT")
    facts = dict(_fact(each) for each in say)
    remarks = Remarks(
        facts=facts,
        action=action,
        kind=kind,
        area=area,
        owner=owner,
        due=_day(due),
        closed=close_action,
        state=state,
    )
    chosen = chosen_format(format_, as_json=as_json)
    view, moment = opened(settings, name, version, shipped=True), settings.clock()
    target = None if output in {None, "-"} else target_of(output or "")
    if target is not None:
        keep_inside(output or "", target, roots_of(view.workspace))
        if not replace:
            require_ours(output or "", target, is_unchanged)
    seen = looked(settings, view)
    seen = attrs.evolve(seen, record=view.remarked(remarks, moment, seen) if remarks else seen.record)
    record = noted(view.context, seen.record, "written", moment) if target is not None else seen.record
    plan = plan_keep(view.context, record, "report")
    if not keep(settings, view.workspace, plan, yes=yes, dry_run=dry_run):
        return
    if remarks:
        for line in _recorded(remarks, record):
            settings.note(line)
        if chosen is None and output is None:
            return
    incident = view.incident(moment, seen)
    if target is None:
        settings.data(written(incident, chosen or "markdown").rstrip("\n"))
        return
    chosen = chosen or ("json" if target.endswith(".json") else "markdown")
    for warning in write_file(target, written(incident, chosen, sealed=True)):
        settings.warning(warning)
    settings.note(f"written: {output}{_next(view.context.calls, seen.record)}")


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


def _recorded(remarks: Remarks, record: Record) -> Iterator[str]:
    """Say what was recorded, one thing a line, and what is still missing."""
    if remarks.facts:
        yield f"recorded: {', '.join(remarks.facts)}"
    for each in (remarks.action, *remarks.closed):
        found = find_action(record, each) if each is not None else None
        if found is not None:
            state = "done" if found.done else f"{found.area}, {found.kind}"
            yield f"recorded: {found.id} ({state}): {found.what}"
    if remarks.state:
        yield f"the incident document is {STATES[remarks.state].lower()}"
    lacks = lacking(record)
    if lacks:
        yield f"to be said before it is final: {', '.join(each.what for each in lacks)}"


def _next(calls: Calls, record: Record) -> str:
    if stage_of(record).state == FINAL:
        return ""
    if lacking(record):
        return f"; answer its questions, file it, then: {calls.tick(DOCUMENTED)}"
    return f"; nothing is missing: {calls.hotfix('report', f'--state {FINAL}')}"
