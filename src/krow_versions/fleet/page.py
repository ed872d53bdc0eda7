"""The reports of a fleet as one HTML page, written as they come: no script, nothing from elsewhere."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from krow_versions.audit import drift
from krow_versions.audit.render.html import documents_of, findings_of
from krow_versions.audit.report import MOST, SYMBOLS, reaches
from krow_versions.findings import SEVERITIES
from krow_versions.names import TAG_PATTERNS
from krow_versions.tables import Table, markup
from krow_versions.text.words import counted

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator

    from krow_versions.fleet.report import FleetProduct, WorkspaceReport

FILTERS = {
    "findings": "with findings, or not audited",
    "errors": "with errors, or not audited",
    "drift": "with files that are not at production",
    "hotfix": "with a hotfix under way",
}
"""What can be chosen, by the name of its class."""
_NO_DRIFT = {None, drift.AT_PRODUCTION, drift.UNRELEASED}


def write_page(
    reports: Iterable[WorkspaceReport], write: Callable[[str], object], *, now: dt.datetime
) -> None:
    """Write the page in pieces: its head, each workspace as soon as its report is there, the totals.

    No report is kept, so the memory does not grow with their number.

    Args:
        reports: taken one by one.
        write: called for each piece; together they are the page.
        now: when it is made, with its zone.
    """
    pieces: list[str] = []
    counts: Counter[str] = Counter()
    codes: set[str] = set()

    def flush() -> None:
        write("".join(pieces))
        pieces.clear()

    def workspaces() -> Iterator[dict[str, Any]]:
        flush()
        for report in reports:
            marks = marks_of(report)
            counts.update(["workspaces", *marks])
            counts["products"] += len(report.products)
            codes.update(each.code for each in report.findings)
            yield _workspace(report, marks)
            flush()

    page = markup.template("fleet/fleet.html")
    for piece in page.generate(
        date=now,
        symbols=SYMBOLS,
        filters=FILTERS.items(),
        workspaces=workspaces(),
        totals=lambda: markup.view(_totals(counts), None),
        documents=lambda: documents_of(codes),
    ):
        pieces.append(piece)  # noqa: PERF402  They are written meanwhile.
    flush()


def marks_of(report: WorkspaceReport) -> list[str]:
    """Return the names of the :data:`FILTERS` that show a workspace."""
    is_lost = report.error is not None
    shows = {
        "findings": is_lost or bool(report.findings),
        "errors": is_lost or reaches(report.findings, "error"),
        "drift": any(each.drift not in _NO_DRIFT for each in report.products),
        "hotfix": any(each.hotfixes for each in report.products),
    }
    return [name for name in FILTERS if shows[name]]


def _workspace(report: WorkspaceReport, marks: list[str]) -> dict[str, Any]:
    worst = next((each for each in SEVERITIES if reaches(report.findings, each)), "none")
    symbol = SYMBOLS.get(worst, "✓ agrees") if report.error is None else "✗ not audited"
    names = [each.product for each in report.products]
    return {
        "path": report.path or ".",
        "marks": " ".join(f"kv-with-{name}" for name in marks),
        "looks": worst if report.error is None else "error",
        "symbol": symbol,
        "summary": report.summary if report.error is None else report.error,
        "products": markup.view(_products(report), None) if report.products else None,
        "number": counted(len(report.findings), "finding") if report.findings else "",
        **findings_of(names, report.findings, MOST),
    }


def _products(report: WorkspaceReport) -> Table:
    columns = ("product", "version", "next", *TAG_PATTERNS, "drift", "hotfix under way")
    return Table(columns, tuple(map(_row, report.products)), f"Products of {report.path}")


def _row(product: FleetProduct) -> tuple[str | None, ...]:
    return (
        product.product,
        product.version or "?",
        product.next or "?",
        *(product.stages.get(stage) for stage in TAG_PATTERNS),
        drift.worded(product.drift) if product.drift else None,
        ", ".join(product.hotfixes),
    )


def _totals(counts: Counter[str]) -> Table:
    rows = [(f"workspaces {label}", counts[name]) for name, label in FILTERS.items()]
    every = [(name, counts[name]) for name in ("workspaces", "products")]
    return Table(("what", "number"), (*every, *rows), "Totals of the fleet")
