"""A report as an HTML page, without scripts and without external resources.

CSS alone filters the findings by product and severity, in browsers with ``:has()``; other browsers show
everything. Values that a template marks ``safe`` come from ``pictures``, or from our own Markdown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.audit.drift import drift_of, drift_table
from krow_versions.audit.render.model import OutputFormat
from krow_versions.audit.report import MOST, NO_PRODUCT, SYMBOLS, by_product, counts_of, grouped, where
from krow_versions.findings import FINDINGS, SEVERITIES, without_links
from krow_versions.pictures import available, to_svg
from krow_versions.tables import Table, markup

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from krow_versions.audit.model import Finding
    from krow_versions.audit.report import Report
    from krow_versions.history import History

# A picture of more files is unreadable; the table has them all.
FILES_DRAWN = 400


def to_html(report: Report, *, pictures: bool = True, most: int | None = MOST) -> str:
    """Return a whole page: summary, versions, findings with their documentation, requested releases.

    It has *pictures* only if matplotlib is installed. *most* is as in
    :class:`krow_versions.audit.render.Reader`.
    """
    drawn = pictures and available()
    return markup.template("audit/render/html/report.html").render(_context(report, drawn=drawn, most=most))


FORMAT = OutputFormat(
    "html",
    "people: a page of its own",
    lambda report, reader: to_html(report, most=reader.most).removesuffix("\n"),
    endings=(".html",),
)


def _context(report: Report, *, drawn: bool, most: int | None) -> dict[str, Any]:
    drifts = drift_of(report.snapshot, report.date)
    found = {each.code for each in (*report.findings, *(each for each, _ in report.ignored))}
    return {
        "date": report.date,
        "summary": report.summary,
        "looks": next((each for each in SEVERITIES if report.reaches(each)), "none"),
        "symbols": SYMBOLS,
        "severities": [each for each in SEVERITIES if any(each == f.severity for f in report.findings)],
        "counts": markup.view(counts_of(report.products, report.findings), None),
        "versions": markup.view(drift_table(drifts), None) if drifts else None,
        "matrix": _svg(report, "kv-matrix-") if drawn and 0 < len(drifts) <= FILES_DRAWN else None,
        **findings_of(report.products, report.findings, most),
        "ignored": markup.view(_ignored(report), None) if report.ignored else None,
        "documents": documents_of(found),
        "histories": [
            (
                each.product,
                markup.view(each.to_table()),
                _svg(each, f"kv-releases-{index}-") if drawn else None,
            )
            for index, each in enumerate(report.histories)
        ],
    }


def findings_of(products: Sequence[str], findings: Sequence[Finding], most: int | None) -> dict[str, Any]:
    """Return what the templates need of findings: those to show, by product, and those to count."""
    shown, more = grouped(findings, most)
    return {
        "groups": [(name, [_row(each) for each in rows]) for name, rows in by_product(products, shown)],
        "more": [(each.severity, each.code, each.message) for each in more],
    }


def _row(finding: Finding) -> dict[str, str]:
    return {
        "severity": finding.severity,
        "code": finding.code,
        "where": where(finding),
        "message": finding.message,
        "hint": finding.hint,
    }


def _ignored(report: Report) -> Table:
    rows = (
        (each.code, each.product or NO_PRODUCT, where(each), each.message, entry.reason, entry.until)
        for each, entry in report.ignored
    )
    columns = ("code", "product", "where", "finding", "ignored because", "until")
    return Table(columns, tuple(rows), "Ignored findings")


def _svg(shown: Report | History, prefix: str) -> str:
    return to_svg(shown.plot(), prefix)


def documents_of(codes: Container[str]) -> list[dict[str, str]]:
    """Return the documentation of findings: code, severity and title as text, the rest as HTML."""
    from markdown_it import MarkdownIt

    render = MarkdownIt("commonmark", {"html": False}).render
    return [
        {
            "code": kind.code,
            "severity": kind.severity,
            "title": kind.title,
            "what": render(without_links(kind.what)),
            "why": render(without_links(kind.why)),
            "how": render(without_links("\n\n".join(kind.how))),
        }
        for code, kind in FINDINGS.items()
        if code in codes
    ]
