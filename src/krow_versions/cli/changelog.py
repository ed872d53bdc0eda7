"""``changelog``: add an entry, show the entries, make a file with an empty table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from krow_versions.changelog import VersionTable, find_releases
from krow_versions.changelog.cells import plain
from krow_versions.cli.helping import group
from krow_versions.cli.options import (
    as_json,
    common,
    date_option,
    day,
    open_workspace,
    pass_settings,
    product_argument,
)
from krow_versions.cli.plans import show_and_apply
from krow_versions.errors import KrowVersionsError
from krow_versions.files import WRITTEN
from krow_versions.tables import Table
from krow_versions.text.times import iso

if TYPE_CHECKING:
    from krow_versions.changelog import ReadRow
    from krow_versions.cli.console import Settings

_WIDTH = 100  # Characters of a section that are shown.


@group(
    examples=[
        ("krow-versions changelog show web", "what it has"),
        ('krow-versions changelog add web -m "Crash on login"', "add the next PATCH"),
    ]
)
@common
def changelog() -> None:
    """Add a row or section to a product's CHANGELOG, show all of them, or make one with an empty table."""


@changelog.command(
    short_help="Add the row or section of the next PATCH.",
    examples=[
        ('krow-versions changelog add web -m "Crash on login" -n', "show it"),
        ('krow-versions changelog add web -m "Crash on login"', "write it"),
    ],
)
@product_argument()
@click.option("-m", "--message", metavar="TEXT", help="What changed; default: the only fix: commit.")
@date_option
@click.option("--version", metavar="VERSION", help="The version to add; default: the next PATCH.")
@click.option("-n", "--dry-run", is_flag=True, help="Show the change as a diff, write nothing.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when something would be added.")
@as_json
@common
@pass_settings
def add(
    settings: Settings,
    name: str,
    *,
    message: str | None,
    date: str | None,
    version: str | None,
    dry_run: bool,
    check: bool,
    as_json: bool,
) -> int:
    """Add the next PATCH of PRODUCT to its CHANGELOG, as a row or a section, and change nothing else."""
    workspace = open_workspace(settings)
    plan = workspace.plan_row(name, message=message, date=day(date), version=version)
    return show_and_apply(settings, workspace, plan, dry_run=dry_run, check=check, as_json=as_json)


@changelog.command(
    "show",
    short_help="Show the rows or sections of the CHANGELOG.",
    examples=[
        ("krow-versions changelog show web", "date, version and text"),
        ("krow-versions changelog show web --json", "as data"),
    ],
)
@product_argument()
@as_json
@common
@pass_settings
def show_rows(settings: Settings, name: str, *, as_json: bool) -> None:
    """Show the CHANGELOG of PRODUCT: the rows of its version table, or its sections in short."""
    view = open_workspace(settings)[name]
    state = view.read_changelog()
    if state.error is not None:
        raise state.error
    try:
        found = find_releases(state.text, heading=state.heading)
    except KrowVersionsError as error:
        raise error.in_file(state.path) from None
    if as_json:
        listed = [_row(row) for row in found.rows]
        settings.json(
            {"schema": 1, "product": view.name, "repo": state.repo, "path": state.path, "rows": listed}
        )
        return
    cells = [
        (str(row.date or "?"), str(row.version or "?"), row.text)
        if isinstance(found, VersionTable)
        else (str(row.date or ""), str(row.version or row.cells[0]), _in_short(row.summary))
        for row in found.rows
    ]
    settings.data(Table(("date", "version", "change"), tuple(cells)).to_text())


@changelog.command(
    short_help="Make a CHANGELOG with an empty table.",
    examples=[
        ("krow-versions changelog init backend", "a CHANGELOG with an empty table"),
    ],
)
@product_argument()
@common
@pass_settings
def init(settings: Settings, name: str) -> None:
    """Make a CHANGELOG with an empty version table for PRODUCT, if it has none."""
    path = open_workspace(settings)[name].init_changelog()
    settings.written = lambda: WRITTEN
    settings.data(f"{path}: made, with an empty version table")


def _in_short(summary: str) -> str:
    text = plain(summary)
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH].rstrip()}…"


def _row(row: ReadRow) -> dict[str, Any]:
    return {
        "line": row.line,
        "date": iso(row.date),
        "version": str(row.version) if row.version else None,
        "text": row.text,
    }
