"""``fleet``: every workspace below some folders, each reported as soon as it is done."""

from __future__ import annotations

import contextlib
import os
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from krow_versions.audit.render import plain
from krow_versions.audit.render.json import written
from krow_versions.audit.render.text import lines_of
from krow_versions.cli.console import paint
from krow_versions.cli.options import as_json, common, pass_settings
from krow_versions.errors import UsageError, raise_all
from krow_versions.fleet import WorkspaceReport
from krow_versions.fleet.finding import Root, empty, find_workspaces, roots_of
from krow_versions.fleet.processes import usable_cpus
from krow_versions.fleet.running import audit_here
from krow_versions.tables import Table
from krow_versions.text.escaping import printable, safe
from krow_versions.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from krow_versions.cli.console import Settings
    from krow_versions.fleet.running import Place

FOUND = 1
_HELP = """Audit or show every workspace below some folders.

\b
  krow-versions fleet audit ~/work             what is wrong, of each workspace
  krow-versions fleet show ~/work              versions and what is next
  krow-versions fleet audit ~/work --json      one line of JSON for each

Workspaces inside another one, linked working trees and bare repositories are skipped, with a note. Nothing is
changed, and nothing leaves this machine. Exit code 1: a workspace has an error or a warning, or could not be
audited.
"""


@click.group(help=_HELP)
@common
def fleet() -> None:
    """Group the commands of many workspaces."""


def _command(name: str, short_help: str) -> Callable[[Callable[..., Any]], click.Command]:
    def decorate(function: Callable[..., Any]) -> click.Command:
        for option in (
            pass_settings,
            common,
            as_json,
            click.option(
                "--jobs",
                metavar="N",
                type=click.IntRange(min=1),
                help="Audit so many at the same time, each in a process; default: one for each CPU.",
            ),
            click.argument("paths", metavar="ROOT...", nargs=-1, required=True),
        ):
            function = option(function)
        return fleet.command(name, short_help=short_help)(function)

    return decorate


@_command("audit", "Check every workspace below the roots.")
def audit(settings: Settings, paths: tuple[str, ...], *, jobs: int | None, as_json: bool) -> int:
    """Audit every workspace below each ROOT, and print the findings of each as soon as they are there."""
    return _print_each(settings, paths, jobs, None if as_json else _findings)


@_command("show", "Show the versions of every workspace below the roots.")
def show(settings: Settings, paths: tuple[str, ...], *, jobs: int | None, as_json: bool) -> int:
    """Show the products of every workspace below each ROOT: version, baseline and what is next.

    The workspaces are audited, as by `fleet audit`: --json prints the same, and the exit code is the same.
    """
    return _print_each(settings, paths, jobs, None if as_json else _versions)


def _print_each(
    settings: Settings,
    paths: tuple[str, ...],
    jobs: int | None,
    text_of: Callable[[WorkspaceReport, Callable[[str, str], str]], str] | None,
) -> int:
    """Print every report as *text_of* writes it, or else as one line of JSON; return the exit code."""
    search = _Search(settings, paths)
    painted = paint if settings.colored(sys.stdout) else plain
    counts: Counter[str] = Counter()
    with contextlib.closing(audit_here(search.places(), jobs or usable_cpus(), settings.clock())) as reports:
        for report in reports:
            counts[_kind(report)] += 1
            settings.data(text_of(report, painted) if text_of else written(report.to_json(), indent=None))
    if counts:
        said = ", ".join(f"{counts[kind]} {kind}" for kind in _KINDS if counts[kind])
        settings.note(f"{counted(counts.total(), 'workspace')}: {said}")
    raise_all(search.empty())
    return FOUND if counts.keys() - {_OK} else 0


class _Search:
    """Looks for the workspaces, and prints what it skips."""

    def __init__(self, settings: Settings, paths: tuple[str, ...]) -> None:
        if settings.config is not None:
            raise UsageError(
                "a fleet has no one configuration: each workspace has its own",
                hint="leave out --config, and unset the variable KROW_VERSIONS_CONFIG",
            )
        self._settings = settings
        self._roots = roots_of(
            [path and os.path.normpath(os.path.join(settings.workspace, path)) for path in paths]
        )
        self._found: set[Root] = set()

    def places(self) -> Iterator[Place]:
        """Yield the path of each workspace, or the report of what cannot be looked into."""
        for found in find_workspaces(self._roots):
            if found is None:
                yield None
                continue
            if found.skipped:
                self._settings.note(f"{printable(found.path)}: skipped: {found.skipped}")
                continue
            self._found.add(found.root)
            yield WorkspaceReport(found.path, error=found.error) if found.error else found.path

    def empty(self) -> list[UsageError]:
        """Return the errors of the roots in which nothing was found."""
        return empty(self._roots, self._found)


_OK = "without errors and warnings"
_WITH = "with findings"
_NOT_AUDITED = "not audited"
_KINDS = (_OK, _WITH, _NOT_AUDITED)


def _kind(report: WorkspaceReport) -> str:
    if report.error is not None:
        return _NOT_AUDITED
    return _OK if report.ok else _WITH


def _findings(report: WorkspaceReport, paint: Callable[[str, str], str]) -> str:
    if report.error is not None:
        return _error(report, paint)
    heading = paint(f"{safe(report.path)}: {report.summary}", "product")
    lines = lines_of([each.product for each in report.products], report.findings, paint)
    return "\n".join([heading, *(f"  {line}" for line in lines)])


def _versions(report: WorkspaceReport, paint: Callable[[str, str], str]) -> str:
    if report.error is not None:
        return _error(report, paint)
    columns = ("product", "version", "baseline", "next", "drift", "hotfixes")
    rows = tuple(
        (
            each.product,
            each.version or "?",
            each.baseline or "?",
            each.next or "?",
            each.drift,
            ", ".join(each.hotfixes),
        )
        for each in report.products
    )
    lines = Table(columns, rows).to_text().split("\n") if rows else ["no product"]
    return "\n".join([paint(safe(report.path), "product"), *(f"  {line}" for line in lines)])


def _error(report: WorkspaceReport, paint: Callable[[str, str], str]) -> str:
    return f"{safe(report.path)}: {paint('error', 'error')}: {safe(report.error or '')}"
