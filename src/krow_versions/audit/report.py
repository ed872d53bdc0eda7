"""The findings of an audit: as data, as tables, and as Jupyter shows them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from krow_versions.audit.drift import drift_of, matrix_of
from krow_versions.findings import FINDINGS, SEVERITIES
from krow_versions.pictures import draw_matrix
from krow_versions.products import repo_path
from krow_versions.tables import Data, Table, Tabular, markup
from krow_versions.text.words import by_number, counted, listed
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes

    from krow_versions.audit.model import Finding
    from krow_versions.history import History
    from krow_versions.settings import Ignore
    from krow_versions.snapshot import Snapshot
    from krow_versions.tables import Cell

SCHEMA = 1
NO_PRODUCT = "no product"
MOST = 10  # Findings of one kind that are shown one by one, also by a run of CI in its annotations.
# Of the data: the keys of a finding in every JSON document, and its tag, branch or version.
COLUMNS = "code severity product repo path line:whole message hint about"
_FIRST, _PLACES = 3, 3  # Of more: those that are shown, and the places that are named.
# Symbol and word: colour is never the only sign.
SYMBOLS = {"error": "✗ error", "warning": "! warning", "note": "i note"}


@frozen
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
    snapshot: Snapshot = field(repr=False)
    histories: tuple[History, ...] = field(default=(), repr=False)
    earlier: int = 0

    @property
    def ok(self) -> bool:
        """Whether there is neither an error nor a warning."""
        return not self.reaches("warning")

    def reaches(self, severity: str) -> bool:
        """Return whether any finding has this severity or a higher one."""
        return reaches(self.findings, severity)

    @property
    def is_blind(self) -> bool:
        """Whether tags or history could not be looked at, by an error or a warning (KV001, KV002)."""
        return any(each.code in {"KV001", "KV002"} and each.severity != "note" for each in self.findings)

    def to_table(self) -> Table:
        """Return a table with one row per finding."""
        return table_of_all(self.findings, self.summary)

    @property
    def summary(self) -> str:
        """The number of findings of each severity, in one line."""
        left_out = [f"{len(self.ignored)} ignored"] if self.ignored else []
        left_out += [f"{self.earlier} from before adoption"] if self.earlier else []
        return summary_of(self.findings, self.products, left_out)

    def to_json(self) -> dict[str, object]:
        """Return the document that ``audit --format json`` prints."""
        return {"schema": SCHEMA, "ok": self.ok, "findings": [finding_json(each) for each in self.findings]}

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


@frozen
class More:
    """Findings of one kind that are only counted, because there are so many of them.

    Attributes:
        severity, code: those of each of them.
        findings: the findings, in their order.
    """

    severity: str
    code: str
    findings: tuple[Finding, ...]

    @property
    def message(self) -> str:
        """Their number, where they are, and the first of their places."""
        products = listed(dict.fromkeys(each.product or NO_PRODUCT for each in self.findings), _PLACES)
        places = listed(filter(None, map(where, self.findings)), _PLACES)
        title = FINDINGS[self.code].title
        number = len(self.findings)
        found = (
            f"{number} more {by_number(number, self.severity, f'{self.severity}s')} in {products}: {title}"
        )
        return f"{found}: {places}" if places else found


def reaches(findings: Iterable[Finding], severity: str) -> bool:
    """Return whether any of *findings* has this severity or a higher one."""
    return any(SEVERITIES.index(each.severity) <= SEVERITIES.index(severity) for each in findings)


def summary_of(findings: Iterable[Finding], products: Sequence[str], left_out: Sequence[str] = ()) -> str:
    """Write the number of *findings* of each severity, and the products that were checked, in one line."""
    counts = Counter(each.severity for each in findings)
    said = ", ".join(counted(counts[each], each) for each in SEVERITIES if counts[each])
    shown = f" ({', '.join(left_out)})" if left_out else ""
    return f"{said or 'no findings'}{shown} in {listed(products, MOST) or 'no product'}"


def finding_json(finding: Finding) -> dict[str, object]:
    """Return a finding as every JSON document has it."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "product": finding.product,
        "repo": finding.repo,
        "path": finding.path,
        "line": finding.line,
        "message": finding.message,
        "hint": finding.hint,
    }


def grouped(
    findings: Sequence[Finding], most: int | None = MOST
) -> tuple[tuple[Finding, ...], tuple[More, ...]]:
    """Return the findings to show, and those only to count; all are to be shown if *most* is None.

    Of a kind with more than *most* findings, the first ones are shown. What is shown keeps its order.
    """
    kinds: dict[tuple[str, str], list[Finding]] = {}
    for each in findings:
        kinds.setdefault((each.severity, each.code), []).append(each)
    many = {kind: found[_FIRST:] for kind, found in kinds.items() if most is not None and len(found) > most}
    hidden = {id(each) for found in many.values() for each in found}
    shown = tuple(each for each in findings if id(each) not in hidden)
    return shown, tuple(More(*kind, tuple(found)) for kind, found in many.items())


def display_of(summary: str, products: Sequence[str], findings: Sequence[Finding]) -> str:
    """Return HTML for Jupyter: the summary, and a table for each product with findings."""
    found = {each.severity for each in findings}
    symbol = next((SYMBOLS[each].partition(" ")[0] for each in SEVERITIES if each in found), "✓")
    shown, more = grouped(findings)
    tables = [table_of(*group) for group in by_product(products, shown)]
    rest = markup.Words(tuple(each.message for each in more))
    return markup.display(markup.Words((f"{symbol} {summary}",)), *tables, rest)


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


def table_of_all(findings: Iterable[Finding], caption: str) -> Table:
    """Return a table with one row per finding of any product, and its data."""
    found = tuple(findings)
    rows = ((each.severity, each.code, each.product, where(each), each.message, each.hint) for each in found)
    columns = ("severity", "code", "product", "where", "finding", "what to do")
    documents = ({**finding_json(each), "about": each.about} for each in found)
    return Table(columns, tuple(rows), caption, Data.of(COLUMNS, documents))


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


def stand_in(report: Report, finding: Finding) -> tuple[str, str]:
    """Return the repository and path of a file for a finding that has none, where one is required.

    It is a version file of the product, or else of the repository; the path is empty when there is none.
    """
    states = [state for state in report.snapshot.products if state.product.name == finding.product]
    for state in states or report.snapshot.products:
        for file in state.files:
            if states or file.repo == finding.repo:
                return file.repo, file.path
    return finding.repo, ""
