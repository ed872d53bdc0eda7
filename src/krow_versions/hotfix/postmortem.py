"""What people say after an incident: the facts of its document, the action items, and how final it is."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from krow_versions.errors import Conflict, UsageError
from krow_versions.hotfix.entries import ActionItem, Done, Said
from krow_versions.hotfix.milestones import POST_MORTEM
from krow_versions.hotfix.tasks import Task, TaskKind
from krow_versions.text.escaping import one_line, quoted
from krow_versions.text.times import at
from krow_versions.text.words import as_compared, did_you_mean, listed
from krow_versions.values import evolve, field, frozen

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    from krow_versions.hotfix.entries import Entry
    from krow_versions.hotfix.milestones import Times
    from krow_versions.hotfix.record import Record
    from krow_versions.planning.commands import Calls

DOCUMENTED = "incident-documented"
"""The box that a final document ticks."""
DRAFT, IN_REVIEW, FINAL = "draft", "in-review", "final"
STATES = {DRAFT: "Draft", IN_REVIEW: "In review", FINAL: "Final"}
"""How far the document is, by the name that commands take."""
ABANDONED = "abandoned"
STAGES = STATES | {ABANDONED: "Abandoned"}
"""The same, with that of a hotfix which does not ship."""
KINDS = ("prevent", "mitigate", "detect")
AREAS = {"tests": "Tests", "CI": "CI", "monitoring": "Monitoring"}
WRITTEN, STATE = "written", "state"
"""Fields of a record: when the document was first written to a file; draft or in review."""


_ADDING = "--action WHAT --kind KIND --area AREA --owner NAME --due DATE (or --say no-actions=REASON)"


@frozen
class Question:
    """A fact of the document that only people can say.

    Attributes:
        field: its name for ``hotfix report --say``.
        title: its heading.
        asks: what belongs there.
        required: whether a final document must have it.
    """

    field: str
    title: str
    asks: str
    required: bool = False


QUESTIONS = (
    Question("summary", "Summary", "What broke, for whom and for how long, and what ended it.", True),
    Question("detection", "Detection", "How it was noticed: an alert, a test, a user.", True),
    Question("root-cause", "Root cause", "Not the change that broke it, but why that change could.", True),
    Question("not-caught", "Why it was not caught", "In review, in staging, by monitoring.", True),
    Question(
        "missed-tests",
        "What testing was missed",
        "The test that would have failed, and where it belongs.",
        True,
    ),
    Question("went-well", "What went well", "What made the incident shorter or smaller."),
    Question("went-badly", "What went badly", "What made it longer or bigger."),
    Question("lucky", "Where we were lucky", "What could have made it worse, and by chance did not."),
    Question("no-actions", "Why there is no action item", "Only if nothing is to be done."),
    Question("notes", "Notes", "Anything else."),
)
_BY_FIELD = {each.field: each for each in QUESTIONS}


@frozen
class Stage:
    """How far the document is.

    Attributes:
        state: ``draft``, ``in-review``, ``final`` or ``abandoned``.
        at: when that was said; None for a draft of which nobody said anything.
        who: who said it, or empty.
    """

    state: str
    at: dt.datetime | None = None
    who: str = ""

    @property
    def title(self) -> str:
        """The name of the state for people."""
        return STAGES[self.state]


@frozen
class Lack:
    """What a final document must have, and does not have.

    Attributes:
        what: its name.
        option: the option of ``hotfix report`` that says it.
    """

    what: str
    option: str


def question(field: str) -> Question:
    """Give the question called *field*.

    Raises:
        UsageError: there is none; the hint has the nearest.
    """
    found = _BY_FIELD.get(as_compared(field))
    if found is None:
        raise UsageError(
            f"there is no fact {quoted(field)} in an incident document",
            hint=did_you_mean(field, _BY_FIELD, "facts"),
        )
    return found


def stage_of(record: Record) -> Stage:
    """Give how far the document is: it is final as long as the box is ticked, by whatever command."""
    ticked = record.ticks.get(DOCUMENTED)
    if ticked is not None:
        return Stage(FINAL, ticked.at, ticked.who)
    found = record.fact(STATE)
    if found is None or found.text not in (DRAFT, IN_REVIEW):
        return Stage(DRAFT)
    return Stage(found.text, found.at, found.who)


def lacking(record: Record) -> tuple[Lack, ...]:
    """Give what a final document must have, and what nobody has said yet."""
    found = [
        Lack(each.field, f"--say {each.field}=TEXT")
        for each in QUESTIONS
        if each.required and not record.said(each.field).strip()
    ]
    if not record.actions and not record.said("no-actions").strip():
        found.append(Lack("action items", _ADDING))
    for each in (each for each in record.actions if not each.done):
        if not each.owner.strip():
            found.append(Lack(f"the owner of {each.id}", f"--action {each.id} --owner NAME"))
        if each.due is None:
            found.append(Lack(f"the due day of {each.id}", f"--action {each.id} --due DATE"))
    return tuple(found)


@frozen(kw_only=True)
class Remarks:
    """What somebody says after an incident, in one go.

    Attributes:
        facts: texts by field; an empty one takes back what was said.
        action: an action item: its text, or the id of one that is to be changed; None for none.
        kind: what it is for; None to keep what was said.
        area: where it belongs; None to keep what was said.
        owner: who does it; None to keep what was said.
        due: the last day for it; None to keep what was said.
        closed: ids of action items that are done.
        state: how far the document is, or None to leave it.
    """

    facts: Mapping[str, str] = field(factory=dict)
    action: str | None = None
    kind: str | None = None
    area: str | None = None
    owner: str | None = None
    due: dt.date | None = None
    closed: tuple[str, ...] = ()
    state: str | None = None

    def __bool__(self) -> bool:
        return bool(self.facts or self.action is not None or self.closed or self.state)


def remarked(record: Record, remarks: Remarks, now: dt.datetime, who: str, calls: Calls) -> Record:
    """Add what somebody said to a record, except that the document is final, which is a tick.

    Raises:
        UsageError: there is no such fact or action item, or an action item lacks its kind or area.
        Conflict: the document is to be final, and lacks something.
    """
    entries: list[Entry] = [
        Said(at=now, who=who, field=question(field).field, text=text) for field, text in remarks.facts.items()
    ]
    if remarks.action is not None:
        entries.append(_action(record, remarks, now, who))
    known = record.adding(*entries)
    known = known.adding(*(_closed(known, each, now, who) for each in remarks.closed))
    if remarks.state is None:
        return known
    if remarks.state == FINAL:
        _require_complete(known, calls)
        return known
    reopened = [Done(at=now, who=who, box=DOCUMENTED, undone=True)] if known.is_ticked(DOCUMENTED) else []
    return known.adding(Said(at=now, who=who, field=STATE, text=remarks.state), *reopened)


def recorded(remarks: Remarks, record: Record) -> tuple[str, ...]:
    """Say what was recorded, one thing a line, and what a final document still lacks."""
    return tuple(_recorded(remarks, record))


def _recorded(remarks: Remarks, record: Record) -> Iterator[str]:
    if remarks.facts:
        yield f"recorded: {', '.join(remarks.facts)}"
    for each in (remarks.action, *remarks.closed):
        found = find_action(record, each) if each is not None else None
        if found is not None:
            state = "done" if found.done else f"{found.area}, {found.kind}"
            yield f"recorded: {found.id} ({state}): {found.what}"
    if remarks.state:
        yield f"the incident document is {STATES[remarks.state].lower()}"
    lacks = lacking(record)
    if lacks and stage_of(record).state != FINAL:
        yield f"to be said before it is final: {', '.join(each.what for each in lacks)}"


def _action(record: Record, remarks: Remarks, now: dt.datetime, who: str) -> ActionItem:
    what = one_line(remarks.action or "")
    known = find_action(record, what)
    if known is not None:
        found = evolve(known, at=now, who=who, noted=None, done=False)
    elif remarks.kind and remarks.area:
        found = ActionItem(
            at=now, who=who, id=action_id(what), what=what, kind=remarks.kind, area=remarks.area
        )
    else:
        raise UsageError(
            f"the action item {quoted(what)} is new, and needs a kind and an area",
            hint=f"give its kind ({'|'.join(KINDS)}) and its area ({'|'.join(AREAS)})",
        )
    said = {name: getattr(remarks, name) for name in ("kind", "area", "owner", "due")}
    return evolve(found, **{name: value for name, value in said.items() if value is not None})


def _closed(record: Record, id: str, now: dt.datetime, who: str) -> ActionItem:  # noqa: A002 - An item has an "id".
    found = find_action(record, id)
    if found is None:
        known = {each.id: each for each in record.actions}
        raise UsageError(
            f"there is no action item {quoted(id)}",
            hint=did_you_mean(id, known, "they") if known else "none is recorded",
        )
    return evolve(found, at=now, who=who, noted=None, done=True)


def _require_complete(record: Record, calls: Calls) -> None:
    lacks = lacking(record)
    if lacks:
        missing = listed((each.what for each in lacks), len(lacks))
        raise Conflict(
            f"the incident document is not complete; nobody has said: {missing}",
            hint=f"say it: {'; '.join(_ways(lacks, calls))}",
        )


def _ways(lacks: Iterable[Lack], calls: Calls) -> Iterator[str]:
    """Give the commands that say what lacks: one for all facts, and one for each action item."""
    options = [each.option for each in lacks]
    facts = [each for each in options if each.startswith("--say ")]
    for each in ([" ".join(facts)] if facts else []) + [each for each in options if each not in facts]:
        yield calls.hotfix("report", each)


def documenting(record: Record, times: Times, now: dt.datetime, calls: Calls) -> tuple[str, Task]:
    """Say why the incident is not documented yet, and what to do about it."""
    resolved, until = times.get("resolved"), ""
    if resolved is not None:
        due = resolved.at + POST_MORTEM
        until = f"; the post-mortem {'is' if now <= due else 'was'} due at {at(due)}"
    if not lacking(record):
        why = "the incident document has all facts: say that it is final"
        return why + until, Task.of(calls, TaskKind.SETTLE, FINAL)
    if record.fact(WRITTEN):
        why = "the incident document is written: answer its questions, file it, then tick it"
        return why + until, Task.of(calls, TaskKind.TICK, DOCUMENTED)
    file = f"incident-{record.product}-{record.version}.md"
    return f"the incident is not documented{until}", Task.of(calls, TaskKind.WRITE, file)


def action_id(what: str) -> str:
    """Give the id of an action item: it is computed from its text, so that all clones give the same.

    >>> action_id("Test the login with an expired token")
    'a-129555'
    """
    return f"a-{hashlib.sha256(one_line(what).encode('utf-8', 'backslashreplace')).hexdigest()[:6]}"


def find_action(record: Record, what: str) -> ActionItem | None:
    """Find an action item by its id, or by its text; None if there is none."""
    ids = (what.strip(), action_id(what))
    return next((each for each in record.actions if each.id in ids), None)
