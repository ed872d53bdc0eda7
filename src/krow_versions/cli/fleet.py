"""``fleet``: every workspace below some folders, each reported as soon as it is done."""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import sys
import tempfile
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from krow_versions.audit.render import plain
from krow_versions.audit.render.json import written
from krow_versions.audit.render.text import lines_of
from krow_versions.cli.console import paint
from krow_versions.cli.helping import Choice, group
from krow_versions.cli.options import (
    as_json,
    chosen_format,
    common,
    offered_files,
    offered_folders,
    pass_settings,
)
from krow_versions.cli.writing import keep_inside, target_of, write_file
from krow_versions.errors import UsageError, raise_all
from krow_versions.files import top_of
from krow_versions.fleet import WorkspaceReport
from krow_versions.fleet.finding import Root, empty, find_workspaces, roots_of
from krow_versions.fleet.processes import usable_cpus
from krow_versions.fleet.running import audit_here
from krow_versions.tables import Table
from krow_versions.text.escaping import printable, safe
from krow_versions.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from krow_versions.cli.console import Settings
    from krow_versions.fleet.running import Place

    _Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
    _Paint = Callable[[str, str], str]
    _Writer = Callable[[Iterable[WorkspaceReport], Callable[[str], object]], None]

FORMATS = ("text", "json", "html")
FOUND = 1
_HELP = """Audit or show every workspace below some folders.

Workspaces inside another one, linked working trees and bare repositories are skipped, with a note. Nothing is
changed, and nothing leaves this machine. Exit code 1: a workspace has an error or a warning, or could not be
audited.
"""


@group(
    help=_HELP,
    examples=[
        ("krow-versions fleet audit ~/work", "what is wrong, of each workspace"),
        ("krow-versions fleet show ~/work", "versions and what is next"),
    ],
)
@common
def fleet() -> None:
    """Group the commands of many workspaces."""


def _command(
    name: str, short_help: str, examples: Sequence[tuple[Any, ...]], *own: _Decorator
) -> Callable[[Callable[..., Any]], click.Command]:
    def decorate(function: Callable[..., Any]) -> click.Command:
        options: tuple[_Decorator, ...] = (
            pass_settings,
            common,
            as_json,
            *own,
            click.option(
                "--jobs",
                metavar="N",
                type=click.IntRange(min=1),
                help="Audit N at the same time, each in a process; default: the number of CPUs.",
            ),
            click.argument(
                "paths", metavar="ROOT...", nargs=-1, required=True, shell_complete=offered_folders
            ),
        )
        for option in options:
            function = option(function)
        return fleet.command(name, short_help=short_help, examples=examples)(function)

    return decorate


@_command(
    "audit",
    "Check every workspace below the roots.",
    [
        ("krow-versions fleet audit ~/work", "findings of each workspace"),
        ("krow-versions fleet audit ~/work --json", "a line of JSON for each"),
        ("krow-versions fleet audit ~/work -o fleet.html", "one page for people"),
    ],
    click.option(
        "-o",
        "--output",
        metavar="FILE",
        shell_complete=offered_files,
        help="Write it to FILE, whole or not at all; - is stdout.",
    ),
    click.option(
        "--format",
        "format_",
        type=Choice(FORMATS),
        help="What to print; default: by the name of FILE, or text.",
    ),
)
def audit(
    settings: Settings,
    paths: tuple[str, ...],
    *,
    jobs: int | None,
    as_json: bool,
    format_: str | None,
    output: str | None,
) -> int:
    """Audit every workspace below each ROOT, and print the findings of each as soon as it is done.

    --json is the same as --format json: one line for each workspace. --format html is one page for people.
    """
    target = None if output in {None, "-"} else target_of(output or "")
    chosen = chosen_format(format_, as_json=as_json) or _format_of(output or "")
    search = _Search(settings, paths)
    if target is None:
        painted = paint if settings.colored(sys.stdout) else plain
        return _write(settings, search, jobs, _writer(settings, chosen, painted), _printed(settings))
    clones = (search.folders, filter(None, map(top_of, [*search.folders, os.path.dirname(target)])))
    keep_inside(output or "", target, itertools.chain(*clones))
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="surrogateescape", newline="") as spool:
        code = _write(settings, search, jobs, _writer(settings, chosen, plain), spool.write)
        spool.seek(0)
        for warning in write_file(target, spool.read()):
            settings.warning(warning)
    return code


@_command(
    "show",
    "Show the versions of every workspace below the roots.",
    [
        ("krow-versions fleet show ~/work", "products of each workspace"),
        ("krow-versions fleet show ~/work --json", "a line of JSON for each"),
    ],
)
def show(settings: Settings, paths: tuple[str, ...], *, jobs: int | None, as_json: bool) -> int:
    """Show the products of every workspace below each ROOT: version, baseline and what is next.

    The workspaces are audited, as by `fleet audit`: --json prints the same, and the exit code is the same.
    """
    painted = paint if settings.colored(sys.stdout) else plain
    writer = _each(_json if as_json else functools.partial(_versions, paint=painted))
    return _write(settings, _Search(settings, paths), jobs, writer, _printed(settings))


def _format_of(output: str) -> str:
    endings = {".html": "html", ".json": "json", ".jsonl": "json"}
    return endings.get(os.path.splitext(output.lower())[1], FORMATS[0])


def _writer(settings: Settings, chosen: str, painted: _Paint) -> _Writer:
    if chosen == "html":
        from krow_versions.fleet.page import write_page

        return functools.partial(write_page, now=settings.clock())
    return _each(_json if chosen == "json" else functools.partial(_findings, paint=painted))


def _each(text_of: Callable[[WorkspaceReport], str]) -> _Writer:
    """Write each report as *text_of* gives it."""

    def write_all(reports: Iterable[WorkspaceReport], write: Callable[[str], object]) -> None:
        for report in reports:
            write(f"{text_of(report)}\n")

    return write_all


def _printed(settings: Settings) -> Callable[[str], object]:
    return functools.partial(settings.data, end="")


def _write(
    settings: Settings, search: _Search, jobs: int | None, writer: _Writer, write: Callable[[str], object]
) -> int:
    """Write all reports, and return the exit code."""
    counts: Counter[str] = Counter()
    tick = settings.progress()("auditing workspaces", None)

    def seen(reports: Iterable[WorkspaceReport]) -> Iterator[WorkspaceReport]:
        for report in reports:
            counts[_kind(report)] += 1
            yield report
            tick()

    with contextlib.closing(audit_here(search.places(), jobs or usable_cpus(), settings.clock())) as reports:
        writer(seen(reports), write)
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
        named = [path and os.path.normpath(os.path.join(settings.workspace, path)) for path in paths]
        self._roots = roots_of(named)
        self.folders = [root.real for root in self._roots]
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


def _json(report: WorkspaceReport) -> str:
    return written(report.to_json(), indent=None)


def _findings(report: WorkspaceReport, paint: _Paint) -> str:
    if report.error is not None:
        return _error(report, paint)
    heading = paint(f"{safe(report.path)}: {report.summary}", "product")
    lines = lines_of([each.product for each in report.products], report.findings, paint)
    return "\n".join([heading, *(f"  {line}" for line in lines)])


def _versions(report: WorkspaceReport, paint: _Paint) -> str:
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


def _error(report: WorkspaceReport, paint: _Paint) -> str:
    return f"{safe(report.path)}: {paint('error', 'error')}: {safe(report.error or '')}"
