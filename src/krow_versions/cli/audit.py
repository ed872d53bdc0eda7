"""``audit``: whether files, tags, branches and CHANGELOGs agree, in every output format."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from krow_versions import files
from krow_versions.audit.render import DEFAULT, FORMATS, Reader, format_of, plain
from krow_versions.audit.report import MOST
from krow_versions.cli.about import program
from krow_versions.cli.console import paint
from krow_versions.cli.helping import Choice, command
from krow_versions.cli.options import (
    as_json,
    chosen_format,
    common,
    offered_files,
    open_workspace,
    pass_settings,
    product_argument,
)
from krow_versions.cli.writing import keep_inside, target_of, write_file
from krow_versions.findings import SEVERITIES
from krow_versions.text.escaping import printable
from krow_versions.workspace.signers import roots_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from krow_versions.cli.console import Settings
    from krow_versions.workspace import Workspace

FOUND = 1


@command(
    examples=[
        ("krow-versions audit", "exit 1 with errors or warnings"),
        ("krow-versions audit web --history", "its releases, too"),
        ("krow-versions audit -o report.html", "a page for people"),
    ]
)
@product_argument(metavar="[PRODUCT]...")
@click.option("--history", is_flag=True, help="Check every release, too.")
@click.option("--remote", is_flag=True, help="Ask the remote about tags and branches, too.")
@click.option("--incidents", is_flag=True, help="Look for overdue post-mortems and action items, too.")
@click.option(
    "--signers",
    metavar="FILE",
    shell_complete=offered_files,
    help="Verify production tags by the keys in FILE, too.",
)
@click.option(
    "--format",
    "format_",
    type=Choice(tuple(FORMATS)),
    help="What to print; default: by the name of FILE, or text.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    shell_complete=offered_files,
    help="Write it to FILE, whole or not at all; - is stdout.",
)
@click.option(
    "--fail-on",
    type=Choice(SEVERITIES),
    default="warning",
    show_default=True,
    help="Exit 1 if a finding of this severity or above was found, or if tags or history are missing.",
)
@click.option("--all", "all_", is_flag=True, help="Show all findings of each kind, not only the first.")
@as_json
@common
@pass_settings
def audit(
    settings: Settings,
    names: tuple[str, ...],
    *,
    history: bool,
    remote: bool,
    incidents: bool,
    signers: str | None,
    format_: str | None,
    output: str | None,
    fail_on: str,
    all_: bool,
    as_json: bool,
) -> int:
    """Check that files, tags, branches and CHANGELOG agree.

    Nothing is changed, and without --remote nothing leaves this machine. One line per finding; `krow-versions
    explain` says what each id means.
    """
    target = None if output in {None, "-"} else target_of(output or "")
    chosen = chosen_format(format_, as_json=as_json)
    output_format = FORMATS[chosen] if chosen else format_of(output)
    workspace = open_workspace(settings)
    if target is not None:
        keep_inside(output or "", target, roots_of(workspace))
    report = workspace.audit(*names, history=history, remote=remote, incidents=incidents, signers=signers)
    painted = target is None and settings.colored(sys.stdout)
    reader = Reader(lambda: _folders(workspace), program, paint if painted else plain, None if all_ else MOST)
    text = output_format.render(report, reader)
    if target is None:
        if text:
            settings.data(text)
        settings.note(report.summary)
        if report.findings and output_format.name == DEFAULT:
            settings.note(f"krow-versions explain {report.findings[0].code} says more")
    else:
        for warning in write_file(target, f"{text}\n" if text and not text.endswith("\n") else text):
            settings.warning(warning)
        settings.written = lambda: files.WRITTEN
        settings.data(printable(report.summary))
    if output_format.summary is not None:
        _add_summary(settings, output_format.summary(report))
    return FOUND if report.reaches(fail_on) or report.is_blind else 0


def _folders(workspace: Workspace) -> Mapping[str, str | None]:
    """Return the path of each repository, relative to the folder of a job of CI, else to the workspace."""
    roots = workspace.repos
    own = os.path.dirname(workspace.source) if workspace.source else next(iter(roots.values()))
    job = os.environ.get("GITHUB_WORKSPACE") or os.environ.get("CI_PROJECT_DIR")  # Of GitHub, of GitLab.
    found = {name: _below(files.real_path(job), root) for name, root in roots.items()} if job else {}
    if found and None not in found.values():
        return found
    return {name: _below(own, root) for name, root in roots.items()}


def _below(base: str, path: str) -> str | None:
    parts = files.below(base, path)
    return None if parts is None else "/".join(parts)


def _add_summary(settings: Settings, markdown: str) -> None:
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    try:
        with open(path, "ab") as summary:
            summary.write(markdown.encode())
    except OSError as error:
        settings.warning(f"{path}: the summary of the step could not be written: {error.strerror}")
