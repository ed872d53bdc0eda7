"""Where it stands: ``hotfix status``, ``report`` and ``list``."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click

from krow_versions.cli.hotfix.common import command, opened, product, version_option
from krow_versions.cli.options import as_json, open_workspace
from krow_versions.cli.writing import keep_inside, roots_of, target_of, write_file
from krow_versions.hotfix import checklist_table
from krow_versions.workspace.clock import now
from krow_versions.workspace.hotfix.view import under_way

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings


@command("status", "Where it stands, and what is next.")
@product
@version_option
@click.option(
    "--done", metavar="BOX", multiple=True, help="Tick a box of the checklist, such as smoke-tests."
)
@as_json
def status(
    settings: Settings, *, name: str, version: str | None, done: tuple[str, ...], as_json: bool
) -> None:
    """Show steps, checklist and timeline of PRODUCT's hotfix, the limit, and what is next."""
    view, moment = opened(settings, name, version), now()
    ticked = view.tick(done, moment) if done else None
    found = view.status(moment, view.look(record=ticked))
    if found.unasked:
        settings.warning(found.unasked)
    if as_json:
        settings.json(found.to_json())
        return
    where = found.branch or "no branch, tag or record of it is here"
    settings.data(f"{view.name} {view.version}: {where}\n")
    settings.data(found.to_table().to_text())
    settings.data(f"\n{checklist_table(found.boxes).to_text()}")
    if found.timeline:
        settings.data(f"\n{found.timeline.to_table().to_text()}\n\n{found.timeline.limit}")
    settings.data(f"\nnext: {found.next_command}" if found.next else "\nnothing is left to do")


@command("report", "The incident document.")
@product
@version_option
@click.option("-o", "--output", metavar="FILE", help="Write it there, in place of an older one.")
def report(settings: Settings, *, name: str, version: str | None, output: str | None) -> None:
    """Write the incident document of PRODUCT's hotfix in Markdown."""
    view, moment = opened(settings, name, version), now()
    seen = view.look()
    text = view.report(moment, seen)
    if output is None or output == "-":
        settings.data(text.rstrip("\n"))
        return
    target = target_of(output)
    keep_inside(output, target, roots_of(view.workspace))
    for warning in write_file(target, text):
        settings.warning(warning)
    view.note_text("reported", moment, seen)
    settings.note(
        f"written: {output}; answer its questions, file it, then: "
        f"krow-versions hotfix status {view.name} --done incident-documented"
    )


@command("list", "All hotfixes under way.")
@as_json
def list_(settings: Settings, *, as_json: bool) -> None:
    """List the hotfixes that are under way in all repositories."""
    table = under_way(open_workspace(settings), now())
    if as_json:
        rows = [
            {
                key: value.isoformat() if isinstance(value, dt.datetime) else value
                for key, value in row.items()
            }
            for row in table.to_records()
        ]
        settings.json({"schema": 1, "hotfixes": rows})
    elif table.rows:
        settings.data(table.to_text())
    else:
        settings.note("no hotfix is under way")
