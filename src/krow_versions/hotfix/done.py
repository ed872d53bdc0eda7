"""The state of the checklist: computed from git and files; only ticks come from people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions.hotfix.approval import consent_of
from krow_versions.hotfix.checklist import BOXES, GIT
from krow_versions.hotfix.deployments import outcome
from krow_versions.hotfix.gates import FAILED, GATES, PASSED, UNKNOWN, WARNING
from krow_versions.hotfix.messages import form_of, main_fix
from krow_versions.tables import Table
from krow_versions.text.times import at, lasting

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from krow_versions.hotfix.checklist import Box
    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.gates import Gate, Verdict
    from krow_versions.hotfix.record import Record


@attrs.frozen
class Checked:
    """A box of one hotfix.

    Attributes:
        box: the box.
        done: whether it is done, or None if that is not known.
        at: when it was done, or None.
        note: more about it, or empty.
    """

    box: Box
    done: bool | None
    at: dt.datetime | None = None
    note: str = ""

    @property
    def when(self) -> str:
        """When it was done, and by what, for the approval; or else the note."""
        if self.at is None:
            return self.note
        return f"{at(self.at)}; {self.note}" if self.box.id == "approval" else at(self.at)


def checklist(facts: Facts | None, record: Record, gates: Iterable[Gate]) -> tuple[Checked, ...]:
    """Give the state of every box, in the order of the process.

    Args:
        facts: what git and the files say, or None if there is no hotfix that they know.
        record: what people said.
        gates: the verdicts on the facts.
    """
    verdicts = {gate.id: gate.verdict for gate in gates}
    return tuple(
        _approved(box, facts, record) if box.id == "approval" else _checked(box, facts, record, verdicts)
        for box in BOXES
    )


def checklist_table(boxes: Iterable[Checked]) -> Table:
    """Show the checklist as rows."""
    marks = {True: "☑ done", False: "☐ open", None: "? not known"}
    rows = [(marks[each.done], each.box.id, each.box.label, each.when) for each in boxes]
    return Table(("state", "box", "what", "when"), tuple(rows))


def is_done(boxes: Iterable[Checked], id: str) -> bool:  # noqa: A002 - A box has an "id".
    """Whether the box called *id* is known to be done."""
    return any(each.done for each in boxes if each.box.id == id)


def _checked(box: Box, facts: Facts | None, record: Record, verdicts: dict[str, Verdict]) -> Checked:
    gates = [kind.id for kind in GATES.values() if kind.box == box.id]
    if gates:
        return Checked(box, _passed([verdicts.get(name, UNKNOWN) for name in gates]))
    if box.source == GIT:
        return Checked(box, None) if facts is None else _by_git(box, facts)
    declared = record.declaration
    if declared is None and box.id in ("severity", "total-time"):
        return Checked(box, None, note="nothing is recorded here")
    if not record.is_tracked:
        return Checked(box, None, note="nothing is recorded here")
    if box.id == "severity" and declared:
        documented = bool(declared.issue.strip() and declared.impact.strip())
        return Checked(box, documented, declared.started if documented else None, declared.severity.name)
    if box.id == "deployed":
        last = record.last_attempt
        note = outcome(last) if last is not None and not record.is_deployed else ""
        return Checked(box, record.is_deployed, record.deployed, note)
    tick = record.ticks.get(box.id)
    if box.id == "total-time" and declared:
        notified = record.ticks.get("users-notified")
        if not record.is_deployed or notified is None:
            return Checked(box, False)
        return Checked(box, True, note=lasting(notified.at - declared.zero))
    return Checked(box, tick is not None, tick.at if tick else None)


def _approved(box: Box, facts: Facts | None, record: Record) -> Checked:
    found = consent_of(facts, record.approvals) if facts else None
    if found is None or found.tip is None:
        return Checked(box, None)
    if not found.given and found.other is None:
        return Checked(box, None if facts and facts.finished else False, note="nothing is recorded here")
    return Checked(box, found.given, found.entry.at if found.approved and found.entry else None, str(found))


def _by_git(box: Box, facts: Facts) -> Checked:
    if box.id == "tested":
        fix = main_fix(facts)
        if facts.tip is None or fix is None:
            return Checked(box, None if facts.tip is None else False)
        return Checked(box, bool(form_of(facts, fix).tested), fix.date)
    if box.id == "merged" and facts.newer is not None:
        return Checked(box, None, note=f"an older line: {facts.newer.name} is in production")
    if box.id == "merged":
        return Checked(box, facts.merged or (None if facts.tip is None and facts.tag else False))
    if box.id == "tag-created":
        return Checked(box, facts.finished and facts.tag_annotated, facts.tagged)
    pushed = facts.tag_pushed if facts.tag else False
    return Checked(box, pushed, note="there is no remote" if facts.remote is None else "")


def _passed(verdicts: list[Verdict]) -> bool | None:
    if FAILED in verdicts:
        return False
    return all(verdict in (PASSED, WARNING) for verdict in verdicts) or None
