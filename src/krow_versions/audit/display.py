"""What a report shows in Jupyter: what was found of what, and the findings by product."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from krow_versions.findings import SEVERITIES
from krow_versions.products import repo_path
from krow_versions.tables import Table, markup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from krow_versions.audit.model import Finding
    from krow_versions.tables import Cell

NO_PRODUCT = "no product"
# The symbol and the word go together, so that a colour is never alone.
SYMBOLS = {"error": "✗ error", "warning": "! warning", "note": "i note"}


def display_of(summary: str, products: Sequence[str], findings: Sequence[Finding]) -> str:
    """Give the summary, and a table of findings for each product that has some."""
    found = {each.severity for each in findings}
    symbol = next((SYMBOLS[each].partition(" ")[0] for each in SEVERITIES if each in found), "✓")
    tables = (markup.table_of(table_of(*group)) for group in by_product(products, findings))
    return markup.display(markup.words_of([f"{symbol} {summary}"]), *tables)


def by_product(products: Sequence[str], findings: Sequence[Finding]) -> list[tuple[str, list[Finding]]]:
    """Group the findings, in the order of the products; those of none come last."""
    groups: dict[str | None, list[Finding]] = {name: [] for name in products}
    for each in findings:
        groups.setdefault(each.product, []).append(each)
    groups[None] = groups.pop(None, [])
    return [(name or NO_PRODUCT, found) for name, found in groups.items() if found]


def table_of(name: str, findings: list[Finding]) -> Table:
    """Show the findings of one product as rows, with the cells of :meth:`Report.to_table`."""
    rows = ((SYMBOLS[each.severity], each.code, where(each), each.message, each.hint) for each in findings)
    return Table(("severity", "code", "where", "finding", "what to do"), tuple(rows), name)


def counts_of(products: Sequence[str], findings: Sequence[Finding]) -> Table:
    """Count the findings of each product by severity."""
    counts = Counter((each.product, each.severity) for each in findings)
    names = (*products, *([None] if any(each.product is None for each in findings) else []))
    rows: list[tuple[Cell, ...]] = [
        (name or NO_PRODUCT, *(counts[name, each] for each in SEVERITIES)) for name in names
    ]
    return Table(("product", *(f"{each}s" for each in SEVERITIES)), tuple(rows), "Findings by product")


def where(finding: Finding) -> str:
    """Write the place of a finding, as every rendering does."""
    if finding.path is None:
        return finding.about
    line = f":{finding.line}" if finding.line else ""
    return f"{repo_path(finding.repo, finding.path)}{line}"
