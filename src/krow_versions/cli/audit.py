"""``audit``: whether all agrees, in every format; and ``history``: every release of a product."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from krow_versions import files
from krow_versions.audit.formats import summary_of, to_github, to_sarif, to_text, written
from krow_versions.audit.page import to_html
from krow_versions.cli.options import as_json, common, open_workspace, pass_settings, product_argument
from krow_versions.cli.writing import keep_inside, roots_of, target_of, write_file
from krow_versions.codes import SEVERITIES
from krow_versions.errors import UsageError
from krow_versions.text.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from krow_versions.audit import Report
    from krow_versions.cli.output import Settings
    from krow_versions.history import History
    from krow_versions.workspace import Workspace

FOUND = 1
FORMATS = ("text", "json", "sarif", "github", "html")
HISTORY_FORMATS = ("text", "json", "csv", "markdown")
_ENDINGS = {".sarif.json": "sarif", ".sarif": "sarif", ".json": "json", ".html": "html"}
_LOOKS: dict[str, tuple[str, dict[str, Any]]] = {
    "error": ("✗ ", {"fg": "red", "bold": True}),
    "warning": ("! ", {"fg": "yellow", "bold": True}),
    "note": ("i ", {"fg": "cyan"}),
    "product": ("", {"bold": True}),
}
_WARNINGS_SHOWN = 20


@click.command(short_help="See whether files, tags and CHANGELOGs agree.")
@product_argument(metavar="[PRODUCT]...")
@click.option("--history", is_flag=True, help="Look at every release, too.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    help="What to print; else FILE's name tells, else text.",
)
@click.option("-o", "--output", metavar="FILE", help="Write it to FILE, whole or not at all; - is stdout.")
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    default="warning",
    show_default=True,
    help="Exit 1 when something as grave as this was found.",
)
@as_json
@common
@pass_settings
def audit(
    settings: Settings,
    names: tuple[str, ...],
    *,
    history: bool,
    format_: str | None,
    output: str | None,
    fail_on: str,
    as_json: bool,
) -> int:
    """See whether what the files, the tags, the branches and the CHANGELOG say agrees.

    Nothing is changed. One line per finding; what each id means is in the documentation.
    """
    target = None if output in {None, "-"} else target_of(output or "")
    chosen = _chosen(format_, FORMATS, as_json=as_json, file=output)
    workspace = open_workspace(settings)
    if target is not None:
        keep_inside(output or "", target, roots_of(workspace))
    report = workspace.audit(*names, history=history)
    text = _rendered(settings, workspace, report, chosen, painted=target is None)
    if target is None:
        if text:
            settings.data(text)
        settings.note(report.summary)
    else:
        for warning in write_file(target, f"{text}\n" if text and not text.endswith("\n") else text):
            settings.warning(warning)
        settings.data(printable(report.summary))
    if chosen == "github":
        _add_summary(settings, report)
    return FOUND if report.reaches(fail_on) else 0


@click.command(short_help="List every release of a product.")
@product_argument()
@click.option("--format", "format_", type=click.Choice(HISTORY_FORMATS), help="What to print; else text.")
@as_json
@common
@pass_settings
def history(settings: Settings, name: str, *, format_: str | None, as_json: bool) -> None:
    """List every release of PRODUCT, of every stage, the newest first.

    The build is the highest of its files at the tag; days are counted since the release before.
    """
    chosen = _chosen(format_, HISTORY_FORMATS, as_json=as_json)
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


def _chosen(given: str | None, formats: tuple[str, ...], *, as_json: bool, file: str | None = None) -> str:
    if as_json and given not in {None, "json"}:
        raise UsageError(f"--json and --format {given} contradict each other", hint="leave one of them out")
    told = (format_ for ending, format_ in _ENDINGS.items() if (file or "").lower().endswith(ending))
    return "json" if as_json else given or next(told, formats[0])


def _rendered(
    settings: Settings, workspace: Workspace, report: Report, format_: str, *, painted: bool
) -> str:
    if format_ == "json":
        return written(report.to_json())
    if format_ == "sarif":
        version, documentation = _metadata()
        folders = _folders(workspace)
        return written(to_sarif(report, version=version, documentation=documentation, folders=folders))
    if format_ == "github":
        return to_github(report, _folders(workspace))
    if format_ == "html":
        return to_html(report).removesuffix("\n")
    if painted and settings.colored(sys.stdout):
        return to_text(report, _paint)
    return to_text(report)


def _paint(text: str, looks: str) -> str:
    symbol, style = _LOOKS[looks]
    return click.style(f"{symbol}{text}", **style)


def _folders(workspace: Workspace) -> Mapping[str, str | None]:
    """Say where repositories are: from the folder of the job on GitHub, else from that of the workspace."""
    roots = workspace.repos
    own = os.path.dirname(workspace.source) if workspace.source else next(iter(roots.values()))
    job = os.environ.get("GITHUB_WORKSPACE")
    found = {name: _below(files.real_path(job), root) for name, root in roots.items()} if job else {}
    if found and None not in found.values():
        return found
    return {name: _below(own, root) for name, root in roots.items()}


def _below(base: str, path: str) -> str | None:
    parts = files.below(base, path)
    return None if parts is None else "/".join(parts)


def _metadata() -> tuple[str, str | None]:
    """Give the version of this package, and where its documentation is, if it says so."""
    from importlib.metadata import metadata

    told = metadata("krow-versions")
    urls = dict(url.split(", ", 1) for url in told.get_all("Project-URL", []))
    return told["Version"], urls.get("Documentation", "").rstrip("/") or None


def _add_summary(settings: Settings, report: Report) -> None:
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    try:
        with open(path, "ab") as summary:
            summary.write(summary_of(report).encode())
    except OSError as error:
        settings.warning(f"{path}: the summary of the step could not be written: {error.strerror}")


def _warn(settings: Settings, releases: History) -> None:
    """Tell of files that could not be read at their tags, which is why their builds are not known."""
    faults = [(each, file) for each in releases.releases for file in each.files if file.error is not None]
    shown = faults if settings.verbose else faults[:_WARNINGS_SHOWN]
    for each, file in shown:
        message = file.error.message if file.error else ""
        settings.warning(f"{each.tag}:{file.path}: {message}")
    if len(shown) < len(faults):
        settings.warning(f"and {len(faults) - len(shown)} more; --verbose shows all")
    if not releases.releases:
        settings.note(f"{releases.product} has no releases yet")
