"""The hotfix process, the part of it that needs no world: facts and what people said in, next steps out.

- :class:`Facts` is what git and the files say, :class:`Record` what only people can say.
- :func:`check` judges the facts gate by gate; :func:`status` says which step is next, and what to type.
- :func:`render` fills in the texts; :func:`timeline` sets what happened against the plan;
  :func:`report` writes the incident document.

Nothing here reads a file, asks git, or looks at a clock.
"""

from __future__ import annotations

from krow_versions.commits import Change, Commit
from krow_versions.hotfix.checklist import BOXES, Box, box
from krow_versions.hotfix.done import Checked, checklist, checklist_table
from krow_versions.hotfix.facts import Facts
from krow_versions.hotfix.gates import (
    FAILED,
    PASSED,
    UNKNOWN,
    WARNING,
    Gate,
    check,
    failed,
    gates_table,
    ways_out,
)
from krow_versions.hotfix.messages import Form, parse_commit
from krow_versions.hotfix.record import Record, tick
from krow_versions.hotfix.report import report
from krow_versions.hotfix.severity import CRITICAL, HIGH, MEDIUM, SEVERITIES, Severity
from krow_versions.hotfix.state import HotfixState
from krow_versions.hotfix.status import Status, Step, status
from krow_versions.hotfix.texts import render
from krow_versions.hotfix.timeline import MILESTONES, Limit, Milestone, Row, Timeline, timeline
from krow_versions.hotfix.values import values
from krow_versions.templates import PLACEHOLDERS, TEXTS, Text, check_template

__all__ = [
    "BOXES",
    "CRITICAL",
    "FAILED",
    "HIGH",
    "MEDIUM",
    "MILESTONES",
    "PASSED",
    "PLACEHOLDERS",
    "SEVERITIES",
    "TEXTS",
    "UNKNOWN",
    "WARNING",
    "Box",
    "Change",
    "Checked",
    "Commit",
    "Facts",
    "Form",
    "Gate",
    "HotfixState",
    "Limit",
    "Milestone",
    "Record",
    "Row",
    "Severity",
    "Status",
    "Step",
    "Text",
    "Timeline",
    "box",
    "check",
    "check_template",
    "checklist",
    "checklist_table",
    "failed",
    "gates_table",
    "parse_commit",
    "render",
    "report",
    "status",
    "tick",
    "timeline",
    "values",
    "ways_out",
]
