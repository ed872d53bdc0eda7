"""``hotfix list``: all hotfixes under way."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from krow_versions.cli.hotfix.common import command
from krow_versions.cli.options import as_json, open_workspace
from krow_versions.workspace.hotfix.listing import under_way

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings


@command("list", "All hotfixes under way, those of colleagues, too.")
@as_json
def list_(settings: Settings, *, as_json: bool) -> None:
    """List the hotfixes that are under way in all repositories, those of colleagues on the remotes, too."""
    found = under_way(open_workspace(settings), settings.clock())
    table = found.table
    for reason in (*found.unasked, *found.warnings):
        settings.warning(reason)
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
