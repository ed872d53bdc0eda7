"""The incident as one value: everything that its document shows, in every format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.hotfix.clock import times_of
from krow_versions.hotfix.done import checklist
from krow_versions.hotfix.ending import ended
from krow_versions.hotfix.entries import ANNOUNCEMENT, Entry
from krow_versions.hotfix.people import channel_of, contacts
from krow_versions.hotfix.postmortem import ABANDONED, FINAL, QUESTIONS, Stage, lacking, stage_of
from krow_versions.hotfix.report.events import SENT, decisions_of, events_of
from krow_versions.hotfix.texts import render
from krow_versions.hotfix.timeline import timeline
from krow_versions.hotfix.values import values
from krow_versions.text.escaping import one_line, printable
from krow_versions.values import frozen

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping

    from krow_versions.commits import Change, Commit
    from krow_versions.hotfix.done import Checked
    from krow_versions.hotfix.entries import ActionItem, Deployment, Said
    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.gates import Gate
    from krow_versions.hotfix.people import Contact
    from krow_versions.hotfix.postmortem import Lack, Question
    from krow_versions.hotfix.record import Declaration, Record
    from krow_versions.hotfix.report.events import Decided, Event
    from krow_versions.hotfix.timeline import Timeline
    from krow_versions.products import Catalog
    from krow_versions.settings import Hotfix

HEAD = {
    "product": "Product",
    "version": "Version",
    "base": "Started from",
    "branch": "Branch",
    "tag": "Tag",
    "severity": "Severity",
    "environment": "Environment",
    "issue": "Issue",
    "solution": "Solution",
    "tested": "Tested",
    "who": "Declared by",
    "detected": "Detected",
    "started": "Declared",
    "deployed": "Deployed",
    "rolled_back": "Rolled back",
    "resolved": "Resolved",
    "total": "From detection to resolution",
}
"""The facts at the top of the document: placeholders of the texts, with their labels."""
MOMENTS = {
    "detected": "detected",
    "started": "declared",
    "deployed": "deployed",
    "rolled_back": "rolled-back",
    "resolved": "resolved",
}
"""Those of them that are the time of a milestone."""


@frozen
class Answer:
    """A fact that only people can say, and what was said; None while nobody has."""

    question: Question
    said: Said | None


@frozen
class Announced:
    """A text for users.

    Attributes:
        name: ``announcement``, ``follow_up`` or ``rollback_notice``.
        text: as it was sent; where that is not recorded, or it was not sent, as it is written today.
        sent: when it was sent; None if it was not, as far as is known.
        by_hand: whether people sent it, and said so.
        who: who sent it, or empty.
        errors: the errors since the deployment, as people counted them, or empty.
        as_sent: whether the text is the one that was sent.
    """

    name: str
    text: str
    sent: dt.datetime | None = None
    by_hand: bool = False
    who: str = ""
    errors: str = ""
    as_sent: bool = False

    @property
    def title(self) -> str:
        """Its name for people."""
        return SENT[self.name]


@frozen(repr=False)
class Incident:
    """Everything that is known of one incident.

    Attributes:
        product: the name of the product, as commands take it.
        title: the name of the product for people.
        version: the version that the hotfix ships, x.y.z.
        written: when the document was made.
        stage: whether it is a draft, in review or final.
        authors: who said or did something that is recorded.
        head: by placeholder of the texts, what the top of the document has; what is not known is left out.
        moments: those of them that are times, as such.
        impact: who could not do what, or empty.
        declaration: what was declared, or None.
        events: the timeline.
        plan: the milestones and the limits; None if nothing is declared, as far as is known.
        deployments: every attempt.
        decisions: to roll back, to ship without an approval, to abandon; the earliest first.
        answers: what people said, or have not said yet.
        actions: what is to be done afterwards.
        lacking: what a final document must have, and this one has not.
        boxes: the checklist.
        commits: the commits of the hotfix, newest first.
        changes: the files that it changed.
        announcements: the texts for users.
        contacts: whom to call, and what each does.
        channel: where hotfixes are announced.
    """

    product: str
    title: str
    version: str
    written: dt.datetime
    stage: Stage
    authors: tuple[str, ...]
    head: Mapping[str, str]
    moments: Mapping[str, dt.datetime]
    impact: str
    declaration: Declaration | None
    events: tuple[Event, ...]
    plan: Timeline | None
    deployments: tuple[Deployment, ...]
    decisions: tuple[Decided, ...]
    answers: tuple[Answer, ...]
    actions: tuple[ActionItem, ...]
    lacking: tuple[Lack, ...]
    boxes: tuple[Checked, ...]
    commits: tuple[Commit, ...]
    changes: tuple[Change, ...]
    announcements: tuple[Announced, ...]
    contacts: tuple[Contact, ...]
    channel: str

    @property
    def date(self) -> dt.date:
        """The day on which the fault was detected; if that is not known, of the first event that is."""
        if self.declaration:
            return self.declaration.zero.date()
        return min((each.at for each in self.events), default=self.written).date()

    def __repr__(self) -> str:
        return f"<Incident of {self.product} {self.version}: {self.stage.title}>"


def incident_of(
    facts: Facts,
    record: Record,
    gates: tuple[Gate, ...],
    *,
    catalog: Catalog,
    settings: Hotfix,
    now: dt.datetime,
    templates: Mapping[str, str] | None = None,
) -> Incident:
    """Compute the incident of a hotfix.

    Args:
        facts: what git and the files say.
        record: what people said.
        gates: the result of ``check`` for *facts*.
        catalog: the patterns of names.
        settings: contacts and channel.
        now: the date of the document.
        templates: the configured texts.
    """

    def write(name: str, at: dt.datetime, errors: str) -> str:
        return render(name, values(facts, record, catalog, settings, now=at, errors=errors), templates)

    filled, times = values(facts, record, catalog, settings), times_of(record, facts)
    stage = _stage(facts, record)
    people = (one_line(each.who) for each in record.of(Entry))
    return Incident(
        product=facts.product,
        title=one_line(filled["title"]),
        version=str(facts.version),
        written=now,
        stage=stage,
        authors=tuple(dict.fromkeys(name for name in people if name)),
        head={name: one_line(filled[name]) for name in HEAD if name in filled},
        moments={name: times[each].at for name, each in MOMENTS.items() if each in times},
        impact=filled.get("impact", ""),
        declaration=record.declaration,
        events=events_of(facts, record),
        plan=timeline(record, facts, now),
        deployments=record.deployments,
        decisions=decisions_of(record),
        answers=tuple(_answers(record)),
        actions=record.actions,
        lacking=() if stage.state == ABANDONED else lacking(record),
        boxes=checklist(facts, record, gates),
        commits=facts.commits,
        changes=facts.changes,
        announcements=tuple(_announcements(record, now, write)),
        contacts=contacts(settings),
        channel=one_line(channel_of(settings.channel)),
    )


def _stage(facts: Facts, record: Record) -> Stage:
    """Give how far the document is; where a hotfix was abandoned, nobody has to finish it."""
    stage, end = stage_of(record), ended(record, facts)
    return Stage(ABANDONED, end.at, end.who) if end and stage.state != FINAL else stage


def _answers(record: Record) -> Iterator[Answer]:
    for question in QUESTIONS:
        found = record.fact(question.field)
        is_void = question.field == "no-actions" and record.actions  # There are some now.
        yield Answer(question, found if found and found.text.strip() and not is_void else None)


def _announcements(
    record: Record, now: dt.datetime, write: Callable[[str, dt.datetime, str], str]
) -> Iterator[Announced]:
    """Give the announcement, sent or not, and the later texts that were sent."""
    for name in SENT:
        sent = record.sent(name)
        if sent:
            body = printable(sent.body, keep="\n\t")
            text = body if body.strip() else write(name, sent.at, sent.errors)
            yield Announced(name, text, sent.at, sent.by_hand, sent.who, sent.errors, as_sent=text is body)
        elif name == ANNOUNCEMENT:
            yield Announced(name, write(name, now, ""))
