"""The kinds of findings of an audit: id, severity, title and documentation of each.

The checks for them are in ``audit/checks``, in modules of the same names.
"""

from __future__ import annotations

from krow_versions.findings import (
    branches,
    changelogs,
    files,
    history,
    incidents,
    production,
    remote,
    tags,
    visibility,
)
from krow_versions.findings.model import (
    SEVERITIES,
    FindingKind,
    Group,
    Severity,
    is_block,
    lines_of,
    linked,
    without_links,
)

__all__ = [
    "FINDINGS",
    "GROUPS",
    "SEVERITIES",
    "FindingKind",
    "Group",
    "Severity",
    "group_of",
    "is_block",
    "lines_of",
    "linked",
    "page_of",
    "without_links",
]

GROUPS = (
    Group("KV0", "what could not be looked at", visibility.KINDS),
    Group("KV1", "version files", files.KINDS),
    Group("KV2", "production", (*production.KINDS, *tags.KINDS)),
    Group("KV3", "the history of releases", history.KINDS),
    Group("KV4", "the CHANGELOG", changelogs.KINDS),
    Group("KV5", "hotfix branches", branches.KINDS),
    Group("KV6", "the remote, with `audit --remote`", remote.KINDS),
    Group("KV7", "incidents, with `audit --incidents`", incidents.KINDS),
)
FINDINGS = {kind.code: kind for group in GROUPS for kind in group.kinds}
"""All kinds of findings by id."""


def page_of(code: str, documentation: str | None) -> str | None:
    """Return the URL of the page of a finding in the *documentation*; None if that is not known."""
    return documentation and f"{documentation}/findings.html#{code.lower()}"


def group_of(code: str) -> Group:
    """Return the group of the finding with the id *code*."""
    return next(group for group in GROUPS if code.startswith(group.prefix))
