"""``history``: every release of a product."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from krow_versions.audit.render.json import written
from krow_versions.cli.helping import Choice, command
from krow_versions.cli.options import (
    as_json,
    chosen_format,
    common,
    open_workspace,
    pass_settings,
    product_argument,
)

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings
    from krow_versions.history import History

FORMATS = ("text", "json", "csv", "markdown")
_WARNINGS_SHOWN = 20


@command(
    examples=[
        ("krow-versions history web", "every release, the newest first"),
        ("krow-versions history web --format csv", "for a spreadsheet"),
    ]
)
@product_argument()
@click.option("--format", "format_", type=Choice(FORMATS), help="What to print; default: text.")
@as_json
@common
@pass_settings
def history(settings: Settings, name: str, *, format_: str | None, as_json: bool) -> None:
    """List every release of PRODUCT, of every stage, the newest first.

    The build is the highest of its files at the tag; days are counted since the release before.
    """
    chosen = chosen_format(format_, as_json=as_json)
    releases = open_workspace(settings).history(name)
    if chosen == "json":
        settings.data(written(releases.to_json()))
    elif chosen == "csv":
        settings.data(releases.to_csv().removesuffix("\n"))
    elif chosen == "markdown":
        settings.data(releases.to_markdown())
    else:
        settings.data(str(releases))
    _warn(settings, releases)


def _warn(settings: Settings, releases: History) -> None:
    """Warn of files that could not be read at their tags: their builds are unknown."""
    faults = [(each, file) for each in releases.releases for file in each.files if file.error is not None]
    shown = faults if settings.verbose else faults[:_WARNINGS_SHOWN]
    for each, file in shown:
        message = file.error.message if file.error else ""
        settings.warning(f"{each.tag}:{file.path}: {message}")
    if len(shown) < len(faults):
        settings.warning(f"and {len(faults) - len(shown)} more; --verbose shows all")
    if not releases.releases:
        settings.note(f"{releases.product} has no releases yet")
