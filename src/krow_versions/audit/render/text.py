"""A report as lines: what people read, and editors and scripts parse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.audit.display import by_product, where
from krow_versions.audit.render.model import OutputFormat, plain
from krow_versions.text.escaping import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from krow_versions.audit.report import Report


def to_text(report: Report, paint: Callable[[str, str], str] = plain) -> str:
    """Give ``path:line: level: message [KV101]`` for each finding, its hint indented below it.

    Findings stand under the name of their product, in the order of the products, those of none at the
    end. Where there is no file, the tag, branch or version stands in its place, else the product.

    Args:
        report: what was found.
        paint: gives a text its colours; called with the text, and the severity or ``product``.
    """
    return "\n".join(_lines(report, paint))


FORMAT = OutputFormat(
    "text",
    "people, and programs that read lines",
    lambda report, reader: to_text(report, reader.paint),
)


def _lines(report: Report, paint: Callable[[str, str], str]) -> Iterator[str]:
    for product, findings in by_product(report.products, report.findings):
        yield paint(safe(product), "product")
        for each in findings:
            level = paint(each.severity, each.severity)
            place = safe(where(each) or each.product or each.repo)
            yield f"{place}: {level}: {safe(each.message)} [{each.code}]"
            if each.hint:
                yield f"  hint: {safe(each.hint)}"
