"""A report as lines, for people, editors and scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.audit.model import where
from krow_versions.audit.render.model import OutputFormat, plain
from krow_versions.audit.report import MOST, by_product, grouped
from krow_versions.text.escaping import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from krow_versions.audit.model import Finding
    from krow_versions.audit.report import Report


def to_text(report: Report, paint: Callable[[str, str], str] = plain, *, most: int | None = MOST) -> str:
    """Return ``path:line: level: message [KV101]`` for each finding, its hint indented below it.

    Findings are grouped by product, in the order of the products, those of no product at the end. A
    finding without a file has its tag, branch or version in place of the path, or else its product.
    *paint* and *most* are as in :class:`krow_versions.audit.render.Reader`. Findings that are only counted
    come last, a line for each kind.
    """
    return "\n".join(lines_of(report.products, report.findings, paint, most=most))


def lines_of(
    products: Sequence[str],
    findings: Sequence[Finding],
    paint: Callable[[str, str], str] = plain,
    *,
    most: int | None = MOST,
) -> list[str]:
    """Return the lines of :func:`to_text`."""
    lines = []
    shown, more = grouped(findings, most)
    for product, its in by_product(products, shown):
        lines.append(paint(safe(product), "product"))
        lines += [line for each in its for line in lines_of_one(each, paint)]
    if more:
        lines.append(paint("and more", "product"))
    lines += [f"{safe(each.message)} [{each.code}]" for each in more]
    if more:
        lines.append("  hint: --all shows each of them")
    return lines


def lines_of_one(finding: Finding, paint: Callable[[str, str], str] = plain) -> list[str]:
    """Return the line of a finding, and that of its hint."""
    level = paint(finding.severity, finding.severity)
    place = safe(where(finding) or finding.product or finding.repo)
    hint = [f"  hint: {safe(finding.hint)}"] if finding.hint else []
    return [f"{place}: {level}: {safe(finding.message)} [{finding.code}]", *hint]


FORMAT = OutputFormat(
    "text",
    "people, and programs that read lines",
    lambda report, reader: to_text(report, reader.paint, most=reader.most),
)
