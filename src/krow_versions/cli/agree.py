"""``agree``: whether the version files of each product agree, quickly, for a hook before a commit."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from krow_versions import files
from krow_versions.audit.render import plain
from krow_versions.audit.render.text import to_text
from krow_versions.cli.console import paint
from krow_versions.cli.helping import command
from krow_versions.cli.options import as_json, common, offered_files, open_workspace, pass_settings
from krow_versions.text.words import listed
from krow_versions.workspace.agreeing import agreement_of

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings

FOUND = 1
MOST = 5  # Names of files that are not there.


@command(
    examples=[
        ("krow-versions agree", "every product"),
        ("krow-versions agree apps/web/package.json", "the product that has this file"),
    ]
)
@click.argument("paths", metavar="[FILE]...", nargs=-1, shell_complete=offered_files)
@as_json
@common
@pass_settings
def agree(settings: Settings, paths: tuple[str, ...], *, as_json: bool) -> int:
    """See whether the version files of each product agree: versions, builds and locks.

    With FILE, only the products that have one of these files are checked; a folder stands for its files.
    Files are read as they are on the disk, without tags and history, so this is quick enough for a hook
    before each commit. An audit finds more.
    """
    gone = [path for path in paths if files.status(files.real_path(path)) is None]
    if gone:
        settings.warning(f"no such file: {listed(gone, MOST)}")
    report = agreement_of(open_workspace(settings), paths)
    if as_json:
        settings.json(report.to_json())
    elif report.findings:
        painted = paint if settings.colored(sys.stdout) else plain
        settings.data(to_text(report, painted, most=None))
    settings.note(report.summary if report.products else "none of these is a version file of a product")
    return FOUND if report.reaches("warning") else 0
