"""A report as an HTML page, without scripts and without external resources.

CSS alone filters the findings by product and severity, in browsers with ``:has()``; other browsers show
everything. All texts go through Jinja2's autoescape; values marked ``safe`` in the template come from
``tables.markup``, from ``pictures``, or from our own Markdown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.audit.drift import drift_of, drift_table
from krow_versions.audit.render.model import OutputFormat
from krow_versions.audit.report import MOST, NO_PRODUCT, SYMBOLS, by_product, counts_of, grouped, where
from krow_versions.findings import FINDINGS, SEVERITIES, without_links
from krow_versions.pictures import available, to_svg
from krow_versions.tables import Table, markup
from krow_versions.text.escaping import safe
from krow_versions.values import evolve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from krow_versions.audit.model import Finding
    from krow_versions.audit.report import Report
    from krow_versions.findings import FindingKind
    from krow_versions.history import History

# A picture of more files is unreadable; the table has them all.
FILES_DRAWN = 400


def to_html(report: Report, *, pictures: bool = True, most: int | None = MOST) -> str:
    """Return a whole page: summary, versions, findings with their documentation, requested releases.

    It has *pictures* only if matplotlib is installed. *most* is as in
    :class:`krow_versions.audit.render.Reader`.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__name__, "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_final,
    )
    drawn = pictures and available()
    return environment.get_template("report.html").render(_context(report, drawn=drawn, most=most))


FORMAT = OutputFormat(
    "html",
    "people: a page of its own",
    lambda report, reader: to_html(report, most=reader.most).removesuffix("\n"),
    endings=(".html",),
)


def _context(report: Report, *, drawn: bool, most: int | None) -> dict[str, Any]:
    drifts = drift_of(report.snapshot, report.date)
    found = {each.code for each in (*report.findings, *(each for each, _ in report.ignored))}
    shown, more = grouped(report.findings, most)
    groups = [(name, [_row(each) for each in rows]) for name, rows in by_product(report.products, shown)]
    return {
        "style": markup.STYLE,
        "date": report.date,
        "summary": report.summary,
        "looks": next((each for each in SEVERITIES if report.reaches(each)), "none"),
        "symbols": SYMBOLS,
        "severities": [each for each in SEVERITIES if any(each == f.severity for f in report.findings)],
        "counts": _table(counts_of(report.products, report.findings)),
        "versions": _table(drift_table(drifts)) if drifts else None,
        "matrix": _svg(report, "kv-matrix-") if drawn and 0 < len(drifts) <= FILES_DRAWN else None,
        "groups": groups,
        "more": [(each.severity, each.code, each.message) for each in more],
        "ignored": _table(_ignored(report)) if report.ignored else None,
        "documents": _documents(kind for code, kind in FINDINGS.items() if code in found),
        "histories": [
            (
                each.product,
                _table(each.to_table(), markup.ROWS_SHOWN),
                _svg(each, f"kv-releases-{index}-") if drawn else None,
            )
            for index, each in enumerate(report.histories)
        ],
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


def _table(table: Table, most: int | None = None) -> str:
    """Return the HTML of a table, with passwords in URLs hidden, as the template does by ``finalize``."""
    rows = tuple(tuple(_final(cell) for cell in row) for row in table.rows)
    return evolve(table, rows=rows, caption=safe(table.caption)).to_html(most)


def _svg(shown: Report | History, prefix: str) -> str:
    return to_svg(shown.plot(), prefix)


def _documents(kinds: Iterable[FindingKind]) -> list[dict[str, str]]:
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
        for kind in kinds
    ]


def _final(value: Any) -> Any:
    """Escape control characters and hide passwords in a text of a template; autoescape escapes HTML."""
    return safe(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
