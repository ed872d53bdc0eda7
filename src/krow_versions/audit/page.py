"""A report as a page of its own: nothing on it is a script, nothing comes from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.tables import markup

if TYPE_CHECKING:
    from krow_versions.audit.report import Report


def to_html(report: Report) -> str:
    """Give a whole page: what was found, every finding, what to do."""
    body = markup.display(markup.words_of([report.summary]), report.to_table().to_html(most=None))
    head = '<meta charset="utf-8">\n<title>krow-versions audit</title>'
    return f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>\n'
