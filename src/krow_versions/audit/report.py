"""The findings of an audit: as data, as tables, and as Jupyter shows them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs

from krow_versions.audit.drift import drift_of, matrix_of
from krow_versions.findings import SEVERITIES
from krow_versions.pictures import draw_matrix
from krow_versions.products import repo_path
from krow_versions.tables import Table, Tabular, markup
from krow_versions.text.words import counted

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from krow_versions.audit.model import Finding
    from krow_versions.history import History
    from krow_versions.settings import Ignore
    from krow_versions.snapshot import Snapshot
    from krow_versions.tables import Cell

SCHEMA = 1
NO_PRODUCT = "no product"
# Symbol and word: colour is never the only sign.
SYMBOLS = {"error": "✗ error", "warning": "! warning", "note": "i note"}


@attrs.frozen
class Report(Tabular):
    """The findings of an audit, and the products and the snapshot that it checked.

    Attributes:
        findings: by severity, then by product, code and place.
        ignored: findings that the configuration ignores, each with its entry.
        products: names of the products that were checked.
        date: when the audit ran.
        snapshot: the input of the audit.
        histories: the releases of each product, when they were requested.
        earlier: number of findings that are left out because they are older than ``[audit] since``.
    """

    findings: tuple[Finding, ...]
    ignored: tuple[tuple[Finding, Ignore], ...]
    products: tuple[str, ...]
    date: dt.datetime
    snapshot: Snapshot = attrs.field(repr=False)
    histories: tuple[History, ...] = attrs.field(default=(), repr=False)
    earlier: int = 0

    @property
    def ok(self) -> bool:
        """Whether there is neither an error nor a warning."""
        return not self.reaches("warning")

    def reaches(self, severity: str) -> bool:
        """Return whether any finding has this severity or a higher one."""
        return any(SEVERITIES.index(each.severity) <= SEVERITIES.index(severity) for each in self.findings)

    def to_table(self) -> Table:
        """Return a table with one row per finding."""
        rows = (
            (each.severity, each.code, each.product, where(each), each.message, each.hint)
            for each in self.findings
        )
        columns = ("severity", "code", "product", "where", "finding", "what to do")
        return Table(columns, tuple(rows), caption=self.summary)

    @property
    def summary(self) -> str:
        """The number of findings of each severity, in one line."""
        counts = Counter(each.severity for each in self.findings)
        said = ", ".join(counted(counts[each], each) for each in SEVERITIES if counts[each])
        left_out = [f"{len(self.ignored)} ignored"] if self.ignored else []
        left_out += [f"{self.earlier} from before adoption"] if self.earlier else []
        shown = f" ({', '.join(left_out)})" if left_out else ""
        return f"{said or 'no findings'}{shown} in {', '.join(self.products) or 'no product'}"

    def to_json(self) -> dict[str, object]:
        """Return the document that ``audit --format json`` prints."""
        findings = [
            {
                "code": each.code,
                "severity": each.severity,
                "product": each.product,
                "repo": each.repo,
                "path": each.path,
                "line": each.line,
                "message": each.message,
                "hint": each.hint,
            }
            for each in self.findings
        ]
        return {"schema": SCHEMA, "ok": self.ok, "findings": findings}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the drift matrix: for each product, its version files compared with production.

        Args:
            ax: where to draw, or None for a new figure, which is ``.figure`` of the result.

        Raises:
            UsageError: matplotlib is not installed.
        """
        return draw_matrix(matrix_of(drift_of(self.snapshot, self.date)), "Versions against production", ax)

    def _repr_html_(self) -> str:
        return display_of(self.summary, self.products, self.findings)

    def __repr__(self) -> str:
        return f"<Report: {self.summary}>"


def display_of(summary: str, products: Sequence[str], findings: Sequence[Finding]) -> str:
    """Return HTML for Jupyter: the summary, and a table for each product with findings."""
    found = {each.severity for each in findings}
    symbol = next((SYMBOLS[each].partition(" ")[0] for each in SEVERITIES if each in found), "✓")
    tables = (markup.table_of(table_of(*group)) for group in by_product(products, findings))
    return markup.display(markup.words_of([f"{symbol} {summary}"]), *tables)


def by_product(products: Sequence[str], findings: Sequence[Finding]) -> list[tuple[str, list[Finding]]]:
    """Group the findings in the order of the products; those of no product come last."""
    groups: dict[str | None, list[Finding]] = {name: [] for name in products}
    for each in findings:
        groups.setdefault(each.product, []).append(each)
    groups[None] = groups.pop(None, [])
    return [(name or NO_PRODUCT, found) for name, found in groups.items() if found]


def table_of(name: str, findings: list[Finding]) -> Table:
    """Return the findings of one product as a table, with the cells of :meth:`Report.to_table`."""
    rows = ((SYMBOLS[each.severity], each.code, where(each), each.message, each.hint) for each in findings)
    return Table(("severity", "code", "where", "finding", "what to do"), tuple(rows), name)


def counts_of(products: Sequence[str], findings: Sequence[Finding]) -> Table:
    """Return a table with the number of findings of each product by severity."""
    counts = Counter((each.product, each.severity) for each in findings)
    names = (*products, *([None] if any(each.product is None for each in findings) else []))
    rows: list[tuple[Cell, ...]] = [
        (name or NO_PRODUCT, *(counts[name, each] for each in SEVERITIES)) for name in names
    ]
    return Table(("product", *(f"{each}s" for each in SEVERITIES)), tuple(rows), "Findings by product")


def where(finding: Finding) -> str:
    """Return the place of a finding, as every output format shows it."""
    if finding.path is None:
        return finding.about
    line = f":{finding.line}" if finding.line else ""
    return f"{repo_path(finding.repo, finding.path)}{line}"
