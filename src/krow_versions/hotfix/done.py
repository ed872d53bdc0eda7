"""The state of the checklist: computed from git and files; only ticks come from people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.hotfix.approval import consent_of
from krow_versions.hotfix.checklist import BOXES, GIT
from krow_versions.hotfix.clock import times_of
from krow_versions.hotfix.deployments import outcome, rolled_back, version_in
from krow_versions.hotfix.gates import FAILED, GATES, PASSED, UNKNOWN, WARNING
from krow_versions.hotfix.messages import form_of, main_fix
from krow_versions.hotfix.milestones import total
from krow_versions.tables import Data, Table
from krow_versions.text.times import at, iso
from krow_versions.values import evolve, frozen

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from krow_versions.hotfix.checklist import Box, Item
    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.gates import Gate, Verdict
    from krow_versions.hotfix.milestones import Times
    from krow_versions.hotfix.record import Record


@frozen
class Checked:
    """A box of one hotfix.

    Attributes:
        box: the box.
        done: whether it is done, or None if that is not known.
        at: when it was done, or None.
        note: more about it, or empty.
        items: its items, with when each was ticked, or None.
    """

    box: Box
    done: bool | None
    at: dt.datetime | None = None
    note: str = ""
    items: tuple[tuple[Item, dt.datetime | None], ...] = ()

    @property
    def when(self) -> str:
        """When it was done, and by what, for the approval; or else the note."""
        if self.at is None:
            return self.note
        return f"{at(self.at)}; {self.note}" if self.box.id == "approval" else at(self.at)

    def to_json(self) -> dict[str, Any]:
        """Give the box as data, with its items."""
        return {
            "id": self.box.id,
            "label": self.box.label,
            "step": self.box.step,
            "told_by": self.box.source,
            "done": self.done,
            "at": iso(self.at),
            "note": self.note,
            "items": [
                {"id": item.id, "label": item.label, "done": when is not None, "at": iso(when)}
                for item, when in self.items
            ],
        }


def checklist(facts: Facts | None, record: Record, gates: Iterable[Gate]) -> tuple[Checked, ...]:
    """Give the state of every box, in the order of the process.

    Args:
        facts: what git and the files say, or None if there is no hotfix that they know.
        record: what people said.
        gates: the verdicts on the facts.
    """
    verdicts, times = {gate.id: gate.verdict for gate in gates}, times_of(record, facts)
    found = (
        _approved(box, facts, record)
        if box.id == "approval"
        else _checked(box, facts, record, times, verdicts)
        for box in BOXES
    )
    return tuple(_timed(each, times) for each in found)


def checklist_table(boxes: Iterable[Checked]) -> Table:
    """Show the checklist as rows."""
    marks = {True: "☑ done", False: "☐ open", None: "? not known"}
    rows, documents = [], []
    for each in boxes:
        found = each.to_json()
        documents += [{**found, "box": found["id"]}]
        rows.append((marks[each.done], each.box.id, each.box.label, each.when))
        shown = each.done is not None
        documents += [{**item, "box": found["id"], "item": item["id"]} for item in found["items"] if shown]
        for item, when in each.items if shown else ():
            mark = marks[when is not None]
            rows.append((f"  {mark}", f"  {item.id}", f"  {item.label}", at(when) if when else ""))
    data = Data.of("box item label done:boolean at:time note", documents)
    return Table(("state", "box", "what", "when, or note"), tuple(rows), "", data)


def is_done(boxes: Iterable[Checked], id: str) -> bool:  # noqa: A002 - A box has an "id".
    """Whether the box called *id* is known to be done."""
    return any(each.done for each in boxes if each.box.id == id)


def _timed(checked: Checked, times: Times) -> Checked:
    """Give a box the time of its milestone, so that it has the same one everywhere."""
    if checked.box.id not in _MILESTONES:
        return checked
    reached = times.get(_MILESTONES[checked.box.id])
    return evolve(checked, at=reached.at if reached and checked.done else None)


_MILESTONES = {
    "severity": "declared",
    "tested": "fixed",
    "review": "review-requested",
    "approval": "approved",
    "tag-created": "tagged",
    "deployed": "deployed",
    "smoke-tests": "verified",
    "logs-watched": "watched",
    "users-notified": "notified",
    "incident-documented": "documented",
}


def _checked(
    box: Box, facts: Facts | None, record: Record, times: Times, verdicts: dict[str, Verdict]
) -> Checked:
    gates = [kind.id for kind in GATES.values() if kind.box == box.id]
    if gates:
        return Checked(box, _passed([verdicts.get(name, UNKNOWN) for name in gates]))
    if box.source == GIT:
        return Checked(box, None) if facts is None else _by_git(box, facts, record)
    declared = record.declaration
    if declared is None and box.id in ("severity", "total-time"):
        return Checked(box, None, note="nothing is recorded here")
    if not record.is_tracked:
        return Checked(box, None, note="nothing is recorded here")
    if box.id == "severity" and declared:
        documented = bool(declared.issue.strip() and declared.impact.strip())
        return Checked(box, documented, note=declared.severity.name)
    if box.id == "deployed":
        last, rolled = record.last_attempt, record.rollback
        note = outcome(last) if last is not None and not record.is_deployed else ""
        if record.left:
            note = f"until {at(record.left.at)}, then {version_in(record.left.tag)}"
        return Checked(box, record.is_deployed, note=rolled_back(rolled) if rolled else note)
    if box.id == "total-time":
        return Checked(box, "resolved" in times, note=total(times))
    if box.id == "review":
        return Checked(box, "review-requested" in times)
    ticks = {name: each.at for name, each in record.ticks.items()}
    items = tuple((item, ticks.get(item.id)) for item in box.items)
    return Checked(box, box.id in ticks, ticks.get(box.id), items=items)


def _approved(box: Box, facts: Facts | None, record: Record) -> Checked:
    found = consent_of(facts, record.approvals) if facts else None
    if found is None or found.tip is None:
        return Checked(box, None)
    if not found.given and found.other is None:
        return Checked(box, None if facts and facts.finished else False, note="nothing is recorded here")
    # What ships without an approval is not approved: the note says why it ships.
    return Checked(box, found.approved, note=str(found))


def _by_git(box: Box, facts: Facts, record: Record) -> Checked:
    if box.id == "tested":
        fix = main_fix(facts)
        if facts.tip is None or fix is None:
            return Checked(box, None if facts.tip is None else False)
        return Checked(box, bool(form_of(facts, fix).tested))
    if box.id == "merged" and facts.newer is not None and not facts.merged:
        return Checked(box, None, note=f"an older line: {facts.newer.name} is in production")
    if box.id == "merged":
        said = record.merge_of(facts.tip or facts.tag_at)
        note = str(said) if said and facts.merged else ""
        return Checked(box, facts.merged or (None if _is_unknown(facts) else False), note=note)
    if box.id == "tag-created":
        return Checked(box, (facts.finished or facts.finished_there) and facts.tag_annotated)
    pushed = facts.tag_pushed if facts.tag else facts.tag_there is not None
    return Checked(box, pushed, note="there is no remote" if facts.remote is None else "")


def _is_unknown(facts: Facts) -> bool:
    """Whether main may have the hotfix although that is not seen here."""
    return facts.tag_there is not None or (facts.tip is None and facts.tag is not None)


def _passed(verdicts: list[Verdict]) -> bool | None:
    if FAILED in verdicts:
        return False
    return all(verdict in (PASSED, WARNING) for verdict in verdicts) or None
