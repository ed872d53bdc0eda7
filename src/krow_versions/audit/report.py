"""All findings of an audit, as data and as rows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs

from krow_versions.audit.display import display_of, where
from krow_versions.audit.drift import drift_of, matrix_of
from krow_versions.findings import SEVERITIES
from krow_versions.pictures import draw_matrix
from krow_versions.tables import Table, Tabular
from krow_versions.text.words import counted

if TYPE_CHECKING:
    import datetime as dt

    from matplotlib.axes import Axes

    from krow_versions.audit.model import Finding
    from krow_versions.history import History
    from krow_versions.settings import Ignore
    from krow_versions.snapshot import Snapshot

SCHEMA = 1


@attrs.frozen
class Report(Tabular):
    """What an audit found, and what it looked at.

    Attributes:
        findings: the gravest first, then by product, id and place.
        ignored: findings that the configuration ignores, each with the entry that does.
        products: names of the products that were looked at.
        date: when.
        snapshot: what the findings were computed from.
        histories: the releases of each product, where they were asked for.
    """

    findings: tuple[Finding, ...]
    ignored: tuple[tuple[Finding, Ignore], ...]
    products: tuple[str, ...]
    date: dt.datetime
    snapshot: Snapshot = attrs.field(repr=False)
    histories: tuple[History, ...] = attrs.field(default=(), repr=False)

    @property
    def ok(self) -> bool:
        """Whether there is neither an error nor a warning."""
        return not self.reaches("warning")

    def reaches(self, severity: str) -> bool:
        """Tell whether any finding is as grave as *severity*, or graver."""
        return any(SEVERITIES.index(each.severity) <= SEVERITIES.index(severity) for each in self.findings)

    def to_table(self) -> Table:
        """Give one row per finding."""
        rows = (
            (each.severity, each.code, each.product, where(each), each.message, each.hint)
            for each in self.findings
        )
        columns = ("severity", "code", "product", "where", "finding", "what to do")
        return Table(columns, tuple(rows), caption=self.summary)

    @property
    def summary(self) -> str:
        """How many findings of each severity there are, in one line."""
        counts = Counter(each.severity for each in self.findings)
        said = ", ".join(counted(counts[each], each) for each in SEVERITIES if counts[each])
        ignored = f" ({len(self.ignored)} ignored)" if self.ignored else ""
        return f"{said or 'no findings'}{ignored} in {', '.join(self.products) or 'no product'}"

    def to_json(self) -> dict[str, object]:
        """Give the document that ``audit --format json`` prints."""
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
        """Draw the drift matrix: of each product what its files say, against what is in production.

        Args:
            ax: where to draw, or None for a figure of its own, which ``.figure`` of the answer is.

        Raises:
            UsageError: matplotlib is not installed.
        """
        return draw_matrix(matrix_of(drift_of(self.snapshot, self.date)), "Versions against production", ax)

    def _repr_html_(self) -> str:
        return display_of(self.summary, self.products, self.findings)

    def __repr__(self) -> str:
        return f"<Report: {self.summary}>"
