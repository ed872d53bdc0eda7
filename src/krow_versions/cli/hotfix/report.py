"""``hotfix report``: the incident document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from krow_versions.cli.hotfix.common import command, opened, product, version_option
from krow_versions.cli.writing import keep_inside, roots_of, target_of, write_file

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings


@command("report", "The incident document.")
@product
@version_option
@click.option("-o", "--output", metavar="FILE", help="Write it there, in place of an older one.")
def report(settings: Settings, *, name: str, version: str | None, output: str | None) -> None:
    """Write the incident document of PRODUCT's hotfix in Markdown."""
    view, moment = opened(settings, name, version), settings.clock()
    seen = view.look()
    text = view.report(moment, seen)
    if output is None or output == "-":
        settings.data(text.rstrip("\n"))
        return
    target = target_of(output)
    keep_inside(output, target, roots_of(view.workspace))
    for warning in write_file(target, text):
        settings.warning(warning)
    view.note_text("written", moment, seen)
    settings.note(
        f"written: {output}; answer its questions, file it, then: "
        f"krow-versions hotfix status {view.name} --done incident-documented"
    )
