"""``hotfix list``: all hotfixes under way."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click

from krow_versions.cli.hotfix.common import COLUMNS, command, shipped
from krow_versions.cli.options import as_json, looks, offered_hotfixes, open_workspace
from krow_versions.tables import Table
from krow_versions.workspace.hotfix.listing import under_way

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings


@command(
    "list",
    "All hotfixes under way, those of colleagues, too.",
    [
        ("krow-versions hotfix list", "all that are under way"),
        ("krow-versions hotfix list --json", "as data"),
    ],
)
@click.option(
    "--version", metavar="VERSION", shell_complete=offered_hotfixes, help="Only those that ship this version."
)
@looks
@as_json
def list_(settings: Settings, *, version: str | None, as_json: bool) -> None:
    """List the hotfixes that are under way in all repositories, those of colleagues on the remotes, too."""
    wanted = None if version is None else str(shipped(version))
    found = under_way(open_workspace(settings), settings.clock())
    rows = [row for row in found.table.to_records() if wanted in {None, row["version"]}]
    for reason in (*found.unasked, *found.warnings):
        settings.warning(reason)
    if as_json:
        data = [
            {
                key: value.isoformat() if isinstance(value, dt.datetime) else value
                for key, value in row.items()
            }
            for row in rows
        ]
        settings.json({"schema": 1, "hotfixes": data})
    elif rows:
        columns = ("product", "version", "severity", "declared", "where")
        table = Table(columns, tuple(tuple(row[column] for column in columns) for row in rows))
        texts = [(row["branch"], row["next"]) for row in rows]
        below = [tuple(f"  {text}" for text in each if text) for each in texts]
        settings.data(table.to_text(COLUMNS, below))
    else:
        settings.note("no hotfix is under way")
