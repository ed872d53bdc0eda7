"""A report as annotations of GitHub Actions, and as the summary of a job there.

The escaping is that of `the toolkit
<https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts>`_.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.audit.render.model import OutputFormat
from krow_versions.audit.report import MOST, counts_of, grouped
from krow_versions.findings import FINDINGS
from krow_versions.products import repo_path
from krow_versions.text.escaping import safe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from krow_versions.audit.model import Finding
    from krow_versions.audit.report import Report

# GitHub's names of the levels.
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}
ROWS_SHOWN = 200  # GitHub refuses a summary over 1 MiB.


def to_github(report: Report, folders: Mapping[str, str | None], most: int | None = MOST) -> str:
    """Return one workflow command per finding, and one for those of each kind that are only counted.

    *folders* are relative to the folder of the job, and *most* is as in
    :class:`krow_versions.audit.render.Reader`.
    """
    shown, more = grouped(report.findings, most)
    lines = [_annotation(each, folders) for each in shown]
    for each in more:
        title = _property(f"{each.code} {FINDINGS[each.code].title}")
        lines.append(f"::{_COMMANDS[each.severity]} title={title}::{_data(safe(each.message))}")
    return "\n".join(lines)


def summary_of(report: Report) -> str:
    """Return the Markdown of a job's summary: the counts and the findings."""
    parts = ["### krow-versions audit", counts_of(report.products, report.findings).to_markdown()]
    table = report.to_table()
    if table.rows:
        parts.append(table.first(ROWS_SHOWN).to_markdown())
    if len(table.rows) > ROWS_SHOWN:
        parts.append(f"and {len(table.rows) - ROWS_SHOWN} more")
    if not table.rows:
        parts.append("no findings")
    return "\n\n".join(parts) + "\n"


FORMAT = OutputFormat(
    "github",
    "annotations of GitHub Actions, and the summary of a job there",
    lambda report, reader: to_github(report, reader.folders(), reader.most),
    summary=summary_of,
)


def _annotation(finding: Finding, folders: Mapping[str, str | None]) -> str:
    title = f"{finding.code} {FINDINGS[finding.code].title}"
    title += f" ({finding.product})" if finding.product else ""
    properties = {"title": title}
    message = finding.message
    if finding.path is not None:
        folder = folders.get(finding.repo)
        if folder is None:
            message = f"{repo_path(finding.repo, finding.path)}: {message}"
        else:
            path = f"{folder}/{finding.path}" if folder else finding.path
            properties = {"file": path, "line": str(max(1, finding.line or 1)), "title": title}
    elif finding.about:
        message = f"{finding.about}: {message}"
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    lines = [safe(message), *([f"hint: {safe(finding.hint)}"] if finding.hint else [])]
    return f"::{_COMMANDS[finding.severity]} {written}::{_data(chr(10).join(lines))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(safe(text)).replace(":", "%3A").replace(",", "%2C")
