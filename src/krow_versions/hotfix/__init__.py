"""The hotfix process as computations: facts and records in, gates, status and texts out.

- :class:`Facts` is what git and the files say, :class:`Record` what only people can say.
- :func:`check` judges the facts gate by gate; :func:`status` gives the next step and its command.
- :func:`land` decides how a hotfix is finished, by what main looks like.
- :func:`render` fills in the texts; :func:`timeline` compares the milestones with the plan;
  :func:`incident_of` gives the incident document.

No file access, no git, no clock.
"""

from __future__ import annotations

from krow_versions.hotfix.approval import (
    Consent,
    consent,
    consent_of,
    is_out,
    require_consent,
)
from krow_versions.hotfix.checklist import BOXES, ITEMS, box, require_tickable
from krow_versions.hotfix.clock import times_of
from krow_versions.hotfix.course import Rollback
from krow_versions.hotfix.deployments import (
    described,
    require_not_running,
    rolled_back,
    still_running,
    successes,
    version_in,
)
from krow_versions.hotfix.done import checklist_table
from krow_versions.hotfix.ending import ended, ending, require_under_way
from krow_versions.hotfix.entries import (
    ANNOUNCEMENT,
    FOLLOW_UP,
    ROLLBACK_NOTICE,
    Abandoned,
    ActionItem,
    Amended,
    Approval,
    Decision,
    Declared,
    Deployment,
    Done,
    Entry,
    Merged,
    Said,
    Sending,
    Sent,
)
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
from krow_versions.hotfix.landing import (
    Case,
    Landing,
    difference,
    land,
    require_fetched,
    undone,
    undone_hint,
    unfetched,
)
from krow_versions.hotfix.messages import (
    form_of,
    is_of_hotfix,
    main_fix,
    parse_commit,
    wanted_origins,
)
from krow_versions.hotfix.milestones import MILESTONES
from krow_versions.hotfix.possible import possible, require_possible
from krow_versions.hotfix.production import InProduction, deciding, in_production, placed, require_not_older
from krow_versions.hotfix.record import Declaration, Record
from krow_versions.hotfix.record_file import is_newer, read_record, record_text
from krow_versions.hotfix.report import Incident, incident_of
from krow_versions.hotfix.sending import (
    require_not_sending,
    sending,
    sent_before,
    untrue,
    when_begun,
    when_sent,
)
from krow_versions.hotfix.severity import CRITICAL, HIGH, MEDIUM, SEVERITIES, Severity
from krow_versions.hotfix.state import HotfixState
from krow_versions.hotfix.status import Status, status
from krow_versions.hotfix.step import Step
from krow_versions.hotfix.steps import own_paths
from krow_versions.hotfix.tasks import ERRORS, Task, TaskKind, announce_call, text_options, words_of
from krow_versions.hotfix.texts import render
from krow_versions.hotfix.ticks import tick
from krow_versions.hotfix.timeline import timeline
from krow_versions.hotfix.undoing import Undoing, targets, undoing
from krow_versions.hotfix.values import sourced, values

__all__ = [
    "ANNOUNCEMENT",
    "BOXES",
    "CRITICAL",
    "ERRORS",
    "FOLLOW_UP",
    "HIGH",
    "ITEMS",
    "MEDIUM",
    "MILESTONES",
    "ROLLBACK_NOTICE",
    "SEVERITIES",
    "Abandoned",
    "ActionItem",
    "Amended",
    "Approval",
    "Case",
    "Consent",
    "Decision",
    "Declaration",
    "Declared",
    "Deployment",
    "Done",
    "Entry",
    "Facts",
    "Gate",
    "HotfixState",
    "InProduction",
    "Incident",
    "Landing",
    "Merged",
    "Record",
    "Rollback",
    "Said",
    "Sending",
    "Sent",
    "Severity",
    "Status",
    "Step",
    "Task",
    "TaskKind",
    "Undoing",
    "announce_call",
    "beyond_versions",
    "box",
    "check",
    "checklist_table",
    "consent",
    "consent_of",
    "deciding",
    "described",
    "difference",
    "ended",
    "ending",
    "failed",
    "form_of",
    "gates_table",
    "in_production",
    "incident_of",
    "is_newer",
    "is_of_hotfix",
    "is_out",
    "land",
    "main_fix",
    "own_paths",
    "parse_commit",
    "placed",
    "possible",
    "read_record",
    "record_text",
    "render",
    "require_branch",
    "require_consent",
    "require_fetched",
    "require_not_older",
    "require_not_running",
    "require_not_sending",
    "require_possible",
    "require_ready",
    "require_tickable",
    "require_under_way",
    "rolled_back",
    "sending",
    "sent_before",
    "sourced",
    "status",
    "still_running",
    "successes",
    "targets",
    "text_options",
    "tick",
    "timeline",
    "times_of",
    "undoing",
    "undone",
    "undone_hint",
    "unfetched",
    "untrue",
    "values",
    "version_in",
    "wanted_origins",
    "when_begun",
    "when_sent",
    "words_of",
]
