"""``hotfix status``: where it stands, and what is next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from krow_versions.cli.hotfix.common import command, opened, product, version_option
from krow_versions.cli.options import as_json

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings

COLUMNS = 100
"""How many columns of a terminal the status has at most."""


@command("status", "Where it stands, and what is next.")
@product
@version_option
@click.option(
    "--done", metavar="BOX", multiple=True, help="Tick a box of the checklist, such as smoke-tests."
)
@as_json
def status(
    settings: Settings, *, name: str | None, version: str | None, done: tuple[str, ...], as_json: bool
) -> None:
    """Show steps, checklist and timeline of PRODUCT's hotfix, the limit, and what is next."""
    view, moment = opened(settings, name, version), settings.clock()
    ticked = view.tick(done, moment) if done else None
    found = view.status(moment, view.look(record=ticked))
    if found.unasked:
        settings.warning(found.unasked)
    if as_json:
        settings.json(found.to_json())
        return
    if done:
        settings.outcome(f"✓ {', '.join(done)} done; {found.following}")
    else:
        settings.data(found.following if settings.quiet else found.to_text(COLUMNS))
