"""The incident document in Markdown; every text of people is escaped, so that it forges nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.hotfix.deployments import outcome
from krow_versions.hotfix.milestones import between
from krow_versions.hotfix.postmortem import AREAS, FINAL
from krow_versions.hotfix.report.events import deployed
from krow_versions.hotfix.report.model import HEAD
from krow_versions.planning.commands import Calls
from krow_versions.tables import Table
from krow_versions.text.escaping import one_line
from krow_versions.text.markdown import inline, paragraphs
from krow_versions.text.times import UNKNOWN, at, lasting

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from krow_versions.hotfix.done import Checked
    from krow_versions.hotfix.entries import Deployment
    from krow_versions.hotfix.report.events import Event
    from krow_versions.hotfix.report.model import Announced, Answer, Incident

BLANK = "_____"
"""Stands for what nobody has said."""
NOTHING = "None known."
UNDECLARED = "Nothing is recorded here of when it was declared."
_REWRITTEN = "What was sent is not recorded: this is the text as it is written today."
_IMPACT = "Who could not do what. (hotfix amend --impact)"
_ACTIONS = "What prevents it, mitigates it or detects it earlier, with owner and day: tests, CI, monitoring."


def to_markdown(incident: Incident) -> str:
    """Write the document."""
    answers = {each.question.field: each for each in incident.answers}
    parts = [
        f"# Incident: {inline(incident.title)} {inline(incident.version)}",
        *_head(incident),
        *_answer(answers["summary"]),
        "## Impact",
        paragraphs(incident.impact) if incident.impact.strip() else _blank(_IMPACT),
        *_timeline(incident),
        *_detection(incident, answers["detection"]),
    ]
    for field in ("root-cause", "not-caught", "missed-tests", "went-well", "went-badly", "lucky"):
        parts += _answer(answers[field])
    parts += [*_actions(incident, answers["no-actions"]), "## Checklist", _checklist(incident.boxes)]
    parts += [*_changes(incident), "## Announcements"]
    for each in incident.announcements:
        parts += [f"### {inline(each.title.capitalize())}", _sending(each), _code(each.text)]
    parts += ["## Contacts", _contacts(incident)]
    if answers["notes"].said:
        parts += _answer(answers["notes"])
    return "\n\n".join(parts) + "\n"


def _head(incident: Incident) -> Iterator[str]:
    stage = incident.stage
    since = f" since {at(stage.at)}" if stage.at else ""
    is_elsewhere = stage.state == FINAL and bool(incident.lacking)
    rows = [
        ("Status", f"{stage.title}{since}{_by(stage.who)}{', documented elsewhere' if is_elsewhere else ''}"),
        ("Authors", ", ".join(incident.authors) or UNKNOWN),
        ("Date", incident.date.isoformat()),
        ("Written", at(incident.written)),
        *((label, incident.head.get(name, UNKNOWN)) for name, label in HEAD.items() if name != "rolled_back"),
    ]
    if "rolled_back" in incident.head:
        rows.append((HEAD["rolled_back"], incident.head["rolled_back"]))
    if incident.plan:
        rows.append(("Limit", str(incident.plan.limit)))
    yield _table(("what", "said"), rows)
    if incident.lacking:
        words = ", ".join(one_line(each.what) for each in incident.lacking)
        say = Calls(incident.product, incident.version).hotfix("report", "--say FIELD=TEXT")
        before = "Not said here" if is_elsewhere else "To be said before it is final"
        yield f"{before}: {inline(words)}. Say a fact with: {inline(say)}"


def _answer(answer: Answer) -> Iterator[str]:
    yield f"## {answer.question.title}"
    yield _words(answer)


def _words(answer: Answer) -> str:
    if answer.said is None:
        return _blank(f"{answer.question.asks} ({answer.question.field})")
    return f"{paragraphs(answer.said.text)}\n\n{_signed(answer.said.at, answer.said.who)}"


def _blank(asks: str) -> str:
    return f"To fill in: {inline(asks)}\n\n{BLANK}"


def _timeline(incident: Incident) -> Iterator[str]:
    yield "## Timeline"
    rows = [(at(each.at), each.source, _what(each), each.who) for each in incident.events]
    yield _table(("when", "source", "what", "who"), rows) if rows else NOTHING
    yield "### Plan"
    yield incident.plan.to_markdown() if incident.plan else UNDECLARED
    if incident.plan:
        yield "### Time limits"
        yield incident.plan.limits_table().to_markdown()
    yield "### Deployments"
    attempts = [
        (at(each.at), at(each.ended), deployed(each), outcome(each), _code_of(each), one_line(each.who))
        for each in incident.deployments
    ]
    yield (
        _table(("begun", "ended", "what", "how it ended", "exit code", "who"), attempts)
        if attempts
        else NOTHING
    )
    yield "### Decisions"
    decisions = [
        (at(each.at), each.what, one_line(each.reason), one_line(each.who)) for each in incident.decisions
    ]
    yield _table(("when", "what", "why", "who"), decisions) if decisions else NOTHING


def _what(event: Event) -> str:
    return f"{event.what} (noted {at(event.noted)})" if event.noted else event.what


def _code_of(each: Deployment) -> str:
    return "" if each.exit_code is None else str(each.exit_code)


def _detection(incident: Incident, answer: Answer) -> Iterator[str]:
    yield "## Detection"
    declared = incident.declaration
    if declared:
        rows = [
            ("detected", at(declared.zero)),
            ("declared", at(declared.started)),
            ("until declared", lasting(between(declared.zero, declared.started))),
        ]
        yield _table(("what", "when"), rows)
    yield _words(answer)


def _actions(incident: Incident, reason: Answer) -> Iterator[str]:
    yield "## Action items"
    if not incident.actions:
        yield _words(reason) if reason.said else _blank(_ACTIONS)
        return
    for area, title in AREAS.items():
        yield f"### {title}"
        rows = [
            (
                each.id,
                one_line(each.what),
                each.kind,
                one_line(each.owner) or BLANK,
                each.due.isoformat() if each.due else BLANK,
                "done" if each.done else "open",
                f"{at(each.at)}{_by(each.who)}",
            )
            for each in incident.actions
            if each.area == area
        ]
        yield _table(("id", "what", "kind", "owner", "due", "state", "said"), rows) if rows else "None."


def _checklist(boxes: Iterable[Checked]) -> str:
    lines = []
    for each in boxes:
        more = f" ({inline(each.when)})" if each.when else " (not known)" if each.done is None else ""
        lines.append(f"- [{'x' if each.done else ' '}] {inline(each.box.label)}{more}")
        for item, when in each.items:
            said = f" ({at(when)})" if when else ""
            lines.append(f"  - [{'x' if when else ' '}] {inline(item.label)}{said}")
    return "\n".join(lines)


def _changes(incident: Incident) -> Iterator[str]:
    yield "## Commits"
    commits = [(each.id[:12], at(each.date), one_line(each.subject)) for each in incident.commits]
    yield _table(("commit", "date", "subject"), commits) if commits else NOTHING
    yield "## Files"
    files = [(one_line(each.path), _count(each.added), _count(each.deleted)) for each in incident.changes]
    yield _table(("file", "added", "deleted"), files) if files else NOTHING


def _count(lines: int | None) -> str:
    return "binary" if lines is None else str(lines)


def _sending(each: Announced) -> str:
    if each.sent is None:
        return "Not sent, as far as is recorded."
    errors = f", errors: {one_line(each.errors)}" if each.errors.strip() else ""
    said = f"Sent {'by hand ' if each.by_hand else ''}{at(each.sent)}{_by(each.who)}{errors}."
    return inline(said if each.as_sent else f"{said} {_REWRITTEN}")


def _contacts(incident: Incident) -> str:
    rows = [
        (one_line(each.role), each.does, one_line(each.reach or "") or BLANK) for each in incident.contacts
    ]
    rows.append(("Channel", "", incident.channel))
    return _table(("who", "does", "how to reach"), rows)


def _signed(when: dt.datetime, who: str) -> str:
    return inline(f"Said {at(when)}{_by(who)}.")


def _by(who: str) -> str:
    return f" by {one_line(who)}" if who.strip() else ""


def _code(text: str) -> str:
    """Format *text* as an indented code block, which no text can end early."""
    return "\n".join(f"    {line}" if line else "" for line in text.strip("\n").split("\n"))


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return Table(columns, tuple(rows)).to_markdown(links=True)
