"""The hotfix process as computations: facts and records in, gates, status and texts out.

- :class:`Facts` is what git and the files say, :class:`Record` what only people can say.
- :func:`check` judges the facts gate by gate; :func:`status` gives the next step and its command.
- :func:`land` decides how a hotfix is finished, by what main looks like.
- :func:`render` fills in the texts; :func:`timeline` compares the milestones with the plan;
  :func:`report` writes the incident document.

No file access, no git, no clock.
"""

from __future__ import annotations

from krow_versions.hotfix.approval import (
    Approval,
    Consent,
    approvals_text,
    consent,
    consent_of,
    is_out,
    read_approvals,
    require_consent,
    ticked_before,
)
from krow_versions.hotfix.checklist import BOXES, box
from krow_versions.hotfix.done import checklist_table
from krow_versions.hotfix.facts import Facts
from krow_versions.hotfix.gates import (
    Gate,
    beyond_versions,
    check,
    failed,
    gates_table,
    require_branch,
    require_ready,
)
from krow_versions.hotfix.landing import Case, Landing, difference, land, undone, undone_hint
from krow_versions.hotfix.messages import parse_commit, wanted_origins
from krow_versions.hotfix.record import CRITICAL, HIGH, MEDIUM, SEVERITIES, Record, Severity, tick
from krow_versions.hotfix.report import report
from krow_versions.hotfix.status import HotfixState, Status, status
from krow_versions.hotfix.texts import render, values
from krow_versions.hotfix.timeline import MILESTONES, timeline

__all__ = [
    "BOXES",
    "CRITICAL",
    "HIGH",
    "MEDIUM",
    "MILESTONES",
    "SEVERITIES",
    "Approval",
    "Case",
    "Consent",
    "Facts",
    "Gate",
    "HotfixState",
    "Landing",
    "Record",
    "Severity",
    "Status",
    "approvals_text",
    "beyond_versions",
    "box",
    "check",
    "checklist_table",
    "consent",
    "consent_of",
    "difference",
    "failed",
    "gates_table",
    "is_out",
    "land",
    "parse_commit",
    "read_approvals",
    "render",
    "report",
    "require_branch",
    "require_consent",
    "require_ready",
    "status",
    "tick",
    "ticked_before",
    "timeline",
    "undone",
    "undone_hint",
    "values",
    "wanted_origins",
]
