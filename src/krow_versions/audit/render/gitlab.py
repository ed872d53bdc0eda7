"""A report as GitLab shows it in a merge request: a Code Quality report.

See `the format <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>`_, a subset of
the `specification of Code Climate
<https://github.com/codeclimate/platform/blob/master/spec/analyzers/SPEC.md>`_.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any

from krow_versions.audit.render.json import written
from krow_versions.audit.render.model import OutputFormat
from krow_versions.audit.report import stand_in
from krow_versions.products import repo_path
from krow_versions.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from krow_versions.audit.model import Finding
    from krow_versions.audit.report import Report

_TOP = regex(r"^(?:\.?/)+")  # No path of GitLab begins so.
SEVERITIES = {"error": "critical", "warning": "major", "note": "info"}
"""GitLab's names of the severities."""


def to_gitlab(report: Report, folders: Mapping[str, str | None]) -> list[dict[str, Any]]:
    """Return one object per finding; GitLab needs a file for each, and drops all but one of a fingerprint.

    A finding about a tag, a branch or a repository is placed at a version file of its product, and names it
    first. A file of a repository outside of the job's folder has the name of its repository as a folder.

    Args:
        report: the findings.
        folders: as in :class:`krow_versions.audit.render.Reader`.
    """
    seen: Counter[str] = Counter()
    return [_object(report, each, folders, seen) for each in report.findings]


FORMAT = OutputFormat(
    "gitlab",
    "merge requests of GitLab: a Code Quality report",
    lambda report, reader: written(to_gitlab(report, reader.folders())),
    endings=("gl-code-quality-report.json",),
)


def _object(
    report: Report, finding: Finding, folders: Mapping[str, str | None], seen: Counter[str]
) -> dict[str, Any]:
    repo, path = (finding.repo, finding.path) if finding.path else stand_in(report, finding)
    folder = folders.get(repo)
    place = "/".join(filter(None, (repo if folder is None else folder, path)))
    return {
        "description": f"{finding.code}: {_description(finding, folder)}",
        "check_name": finding.code,
        "fingerprint": _fingerprint(finding, seen),
        "severity": SEVERITIES[finding.severity],
        "location": {
            "path": _TOP.sub("", place) or ".",
            "lines": {"begin": max(1, finding.line or 1)},
        },
    }


def _description(finding: Finding, folder: str | None) -> str:
    place = finding.about or finding.product or finding.repo
    if finding.path is not None:
        place = repo_path(finding.repo, finding.path) if folder is None else ""
    text = (
        f"{place}: {finding.message}" if place and not finding.message.startswith(place) else finding.message
    )
    return f"{text} (hint: {finding.hint})" if finding.hint else text


def _fingerprint(finding: Finding, seen: Counter[str]) -> str:
    """Return the fingerprint; of those that share it, the first has it, and each other one of its own."""
    own = finding.fingerprint
    seen[own] += 1
    if seen[own] == 1:
        return own
    return hashlib.sha256(f"{own} {seen[own]}".encode()).hexdigest()[:32]
