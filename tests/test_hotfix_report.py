"""The incident document: everything that is known, in every format, and nothing that a text forges."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import attrs
import jsonschema  # type: ignore[import-untyped]  # It brings no types.
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from krow_versions.hotfix import (
    ANNOUNCEMENT,
    FOLLOW_UP,
    Abandoned,
    ActionItem,
    Amended,
    Approval,
    Decision,
    Deployment,
    Done,
    Facts,
    Incident,
    Record,
    Said,
    Sent,
    check,
    incident_of,
    render,
    values,
)
from krow_versions.hotfix.entries import LONGEST_BODY
from krow_versions.hotfix.postmortem import QUESTIONS, STAGES, lacking, stage_of
from krow_versions.hotfix.report import schema, to_json, to_markdown
from krow_versions.hotfix.report.model import MOMENTS
from krow_versions.products import KROW
from krow_versions.pull_requests import PullRequest
from krow_versions.text.escaping import printable
from krow_versions.text.times import at
from support.records import anything, entries, when
from support.samples import (
    BASE,
    FIX,
    NAME,
    NOTHING_SAID,
    SETTINGS,
    TAG,
    TELL,
    facts,
    minutes,
    of,
    record,
    shipped,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.settings import Hotfix

DRAFT = jsonschema.Draft202012Validator
ASKED = [each.field for each in QUESTIONS]


def incident(
    said: Record, known: Facts | None = None, now: float = 1600, settings: Hotfix = SETTINGS
) -> Incident:
    """The incident of these facts and this record."""
    known = known or shipped()
    gates = check(known, KROW)
    return incident_of(known, said, gates, catalog=KROW, settings=settings, now=minutes(now))


def closed(part: Any) -> Any:
    """A schema that allows no key but those that it names."""
    if isinstance(part, dict):
        more = {"additionalProperties": False} if isinstance(part.get("properties"), dict) else {}
        return {key: closed(value) for key, value in part.items()} | more
    return [closed(each) for each in part] if isinstance(part, list) else part


STRICT = DRAFT(closed(schema()), format_checker=DRAFT.FORMAT_CHECKER)


def parsed(markdown: str) -> list[Any]:
    return MarkdownIt("commonmark").enable("table").parse(markdown)


def test_the_document_has_its_parts() -> None:
    """The document has its parts in order, the real times, all boxes, and a blank for each question."""
    made = to_markdown(incident(TELL))
    headings = [line for line in made.split("\n") if line.startswith("#")]
    assert headings == [
        "# Incident: Worker Mobile 0.1.1",
        *("## Summary", "## Impact", "## Timeline", "### Plan", "### Time limits"),
        *("### Deployments", "### Decisions"),
        *("## Detection", "## Root cause", "## Why it was not caught", "## What testing was missed"),
        *("## What went well", "## What went badly", "## Where we were lucky", "## Action items"),
        *("## Checklist", "## Commits", "## Files", "## Announcements", "### Announcement", "## Contacts"),
    ]
    assert "| Status | Draft |\n| Authors | Ada |\n| Date | 2026-03-05 |" in made
    assert made.count("\n_____\n") == 9
    assert len([line for line in made.split("\n") if line.startswith("- [")]) == 18
    assert made.count("- [ ]") == 1
    assert "| deployed | +45 min | 2026-03-05 14:45 +00:00 | 2026-03-05 14:44 +00:00 |" in made
    assert "    🚨 PRODUCTION HOTFIX DEPLOYED" in made
    assert "| Release Engineer | executes the hotfix | +49 1 |" in made


def test_a_document_needs_no_record() -> None:
    """On another machine nothing is recorded: the document says so, and has what git knows."""
    made = to_markdown(incident(NOTHING_SAID, facts(), 60))
    assert "Nothing is recorded here of when it was declared." in made
    assert "| Issue | Crash on login |" in made
    assert "## Impact\n\nTo fill in: Who could not do what. (hotfix amend --impact)\n\n_____\n" in made
    assert "| Authors | not known |" in made
    assert "| git | commit ffffffffffff: fix: Crash on login |" in made


def test_every_event_names_its_source() -> None:
    """Every attempt, decision, tick and correction is in the timeline, in order, with its source."""
    late = minutes(60)
    said = record(
        Amended(at=minutes(6), who="Ada", issue="Crash after login", detected=minutes(-10)),
        Approval(at=minutes(20), who="Ada", tip="b" * 40),
        Approval(at=minutes(21), who="Bo", tip="c" * 40, reason="nobody is awake"),
        Deployment(at=minutes(40), who="Bo", tag=TAG, ended=minutes(42), exit_code=3),
        Deployment(at=minutes(43), who="Bo", tag=TAG, ended=minutes(44), exit_code=0),
        Done(at=minutes(50), who="Bo", noted=late, box="smoke-tests"),
        Decision(at=late, who="Bo", decided_by="Pia", reason="worse than before", to=BASE, from_=TAG),
        Deployment(at=minutes(61), who="Bo", tag=BASE, ended=minutes(63), exit_code=0, rollback=True),
        Done(at=minutes(64), who="Bo", box="smoke-tests", undone=True),
        Deployment(at=minutes(65), who="Bo", tag=TAG),
        Sent(at=minutes(70), who="Bo", text=FOLLOW_UP, by_hand=True, errors="none"),
        Abandoned(at=minutes(80), who="Pia", reason="the next release has it"),
        Said(at=minutes(90), who="Ada", field="state", text="in-review"),
    )
    found = incident(said).events
    assert [(each.source, each.what, each.who) for each in found] == [
        ("record", "fault detected", ""),
        ("record", "declared: HIGH, Crash on login", ""),
        ("record", "corrected: issue Crash after login; detected 2026-03-05 13:50 +00:00", "Ada"),
        ("git", "commit ffffffffffff: fix: Crash on login", ""),
        ("git", "commit bbbbbbbbbbbb: chore: version 0.1.1", ""),
        ("record", "approved: bbbbbbbbbbbb", "Ada"),
        ("record", "shipped without approval: nobody is awake", "Bo"),
        ("git", f"production tag {TAG} made", ""),
        ("record", f"deployment of {TAG} begun", "Bo"),
        ("record", f"deployment of {TAG} ended with exit code 3", "Bo"),
        ("record", f"deployment of {TAG} begun", "Bo"),
        ("record", f"deployment of {TAG} succeeded", "Bo"),
        ("record", "smoke tests passed", "Bo"),
        ("record", f"rollback from {TAG} to {BASE}: worse than before", "Pia"),
        ("record", f"rollback to {BASE} begun", "Bo"),
        ("record", f"rollback to {BASE} succeeded", "Bo"),
        ("record", "taken back: smoke tests passed", "Bo"),
        ("record", f"deployment of {TAG} begun", "Bo"),
        ("record", "status update sent, errors: none", "Bo"),
        ("record", "abandoned: the next release has it", "Pia"),
        ("record", "incident document in review", "Ada"),
    ]
    assert [each.at for each in found] == sorted(each.at for each in found)
    assert [each.noted for each in found if each.what == "smoke tests passed"] == [late]
    assert "| smoke tests passed (noted 2026-03-05 15:00 +00:00) | Bo |" in to_markdown(incident(said))


ITEM = ActionItem(
    at=minutes(200), who="Bo", id="a-1", what="Test the login", kind="prevent", area="tests", owner="Ada",
    due=dt.date(2026, 3, 20),
)  # fmt: skip
ANSWERS = [Said(at=minutes(190), who="Bo", field=each.field, text="x") for each in QUESTIONS if each.required]
COMPLETE = TELL.adding(*ANSWERS, ITEM)
RESOLVED = TELL.adding(Sent(at=minutes(250), text=FOLLOW_UP))
DAY, FILE = 24 * 60, f"incident-{NAME}-0.1.1.md"


def test_what_the_server_says_is_in_the_timeline() -> None:
    """When a review was requested and given on the server is an event of the server."""
    asked = PullRequest(
        1, "https://example.org/1", "MERGED", "b" * 40, "main", approved_head="b" * 40,
        created=minutes(17), approved=minutes(23),
    )  # fmt: skip
    found = incident(TELL, shipped(pull_request=asked)).events
    assert [(each.at, each.what) for each in found if each.source == "server"] == [
        (minutes(17), "review requested"),
        (minutes(23), "approved"),
    ]


def test_action_items_are_grouped() -> None:
    """Each action item stands under its area, with what it is for, owner, day and state."""
    more = attrs.evolve(ITEM, id="a-2", area="CI", kind="detect", due=None, owner="", done=True)
    made = to_markdown(incident(TELL.adding(ITEM, more)))
    part = made.partition("## Action items\n\n")[2].partition("\n\n## Checklist")[0]
    head = "| id | what | kind | owner | due | state | said |\n" + "| --- " * 7 + "|\n"
    said = "2026-03-05 17:20 +00:00 by Bo"
    assert part.split("\n\n") == [
        *("### Tests", f"{head}| a-1 | Test the login | prevent | Ada | 2026-03-20 | open | {said} |"),
        *(
            "### CI",
            head + r"| a-2 | Test the login | detect | \_\_\_\_\_ | \_\_\_\_\_ | done | " + f"{said} |",
        ),
        *("### Monitoring", "None."),
    ]


def test_what_a_final_document_must_have() -> None:
    """Of a final document, the questions of the process and action items with owner and day must be said."""
    names = [each.what for each in lacking(TELL)]
    assert names == ["summary", "detection", "root-cause", "not-caught", "missed-tests", "action items"]
    assert lacking(COMPLETE) == ()
    vague = COMPLETE.adding(attrs.evolve(ITEM, id="a-2", owner=" ", due=None))
    assert [each.what for each in lacking(vague)] == ["the owner of a-2", "the due day of a-2"]
    assert lacking(vague.adding(attrs.evolve(ITEM, id="a-2", owner="", due=None, done=True))) == ()
    reason = Said(at=minutes(195), field="no-actions", text="the product ends this month")
    assert len(lacking(TELL.adding(reason))) == len(names) - 1


@pytest.mark.parametrize(
    ("said", "now", "why", "command"),
    [
        (RESOLVED, 300, "is not documented; the post-mortem is due at 2026-03-06 15:00 +00:00", f"-o {FILE}"),
        (RESOLVED, 60 + DAY, "the post-mortem is due at", f"-o {FILE}"),
        (RESOLVED, 61 + DAY, "the post-mortem was due at 2026-03-06 15:00 +00:00", f"-o {FILE}"),
        (RESOLVED.adding(*ANSWERS, ITEM), 300, "has all facts: say that it is final", "--state final"),
    ],
)
def test_the_last_step_says_until_when(said: Record, now: float, why: str, command: str) -> None:
    """When all else is done, the post-mortem is next: until when it is due, and the command for it."""
    step = of(shipped(), said, now).next
    assert step is not None
    assert (step.number, step.command) == (11, f"krow-versions hotfix report {NAME} {command}")
    assert why in step.why


def test_the_document_is_final_while_its_box_is_ticked() -> None:
    """One thing says that it is final, the box: ticked by any command, and taken back with it."""
    assert stage_of(TELL).state == "draft"
    review = TELL.adding(Said(at=minutes(300), who="Ada", field="state", text="in-review"))
    assert attrs.astuple(stage_of(review)) == ("in-review", minutes(300), "Ada")
    final = review.adding(Done(at=minutes(400), who="Bo", box="incident-documented"))
    assert attrs.astuple(stage_of(final)) == ("final", minutes(400), "Bo")
    made = to_markdown(incident(final))
    assert "| Status | Final since 2026-03-05 20:40 +00:00 by Bo, documented elsewhere |" in made
    assert "before it is final" not in made
    assert "Not said here: summary, " in made
    whole = to_markdown(incident(COMPLETE.adding(Done(at=minutes(400), box="incident-documented"))))
    assert "| Status | Final since 2026-03-05 20:40 +00:00 |" in whole
    assert "Not said here" not in whole
    back = final.adding(Done(at=minutes(500), box="incident-documented", undone=True))
    assert stage_of(back) == stage_of(review)


def test_a_rollback_does_not_deny_the_deployment() -> None:
    """After a rollback, head, plan and follow-up say when it was deployed, and that it is rolled back."""
    said = TELL.adding(
        Decision(at=minutes(70), decided_by="Pia", reason="worse", to=BASE, from_=TAG),
        Deployment(at=minutes(71), tag=BASE, ended=minutes(75), exit_code=0, rollback=True),
    )
    made = to_markdown(incident(said))
    assert "| Deployed | 2026-03-05 14:44 +00:00 |" in made
    assert "| Rolled back | 2026-03-05 15:15 +00:00 |" in made
    assert "Rolled back" not in to_markdown(incident(TELL))
    update = render(FOLLOW_UP, values(shipped(), said, KROW, SETTINGS, now=minutes(44 + 26 * 60)))
    assert "Deployed: 2026-03-05 14:44 +00:00 (26 hours ago)\n" in update
    assert "Production: rolled back\n" in update


def test_a_text_that_was_sent_is_shown_as_it_was_sent() -> None:
    """What is recorded of a sent text is shown; else the text is called a new one. Its length is bounded."""
    sent = Sent(at=minutes(60), who="Bo", text=ANNOUNCEMENT, body="PRODUCTION is | back\n\nAll is well.\n")
    made = to_markdown(incident(TELL.adding(sent)))
    assert "Sent 2026-03-05 15:00 +00:00 by Bo.\n\n    PRODUCTION is | back\n\n    All is well.\n" in made
    older = to_markdown(incident(TELL.adding(attrs.evolve(sent, body=""))))
    assert "by Bo. What was sent is not recorded: this is the text as it is written today.\n" in older
    assert "    🚨 PRODUCTION HOTFIX DEPLOYED" in older
    long = attrs.evolve(sent, body="x" * 10**6)
    assert len(long.body) == LONGEST_BODY
    assert attrs.evolve(long, who="Ada").body == long.body


def test_what_ships_without_approval_is_not_approved() -> None:
    """The box of a commit that ships without an approval is open, in data and in text, with the reason."""
    said = record(Approval(at=minutes(21), who="Bo", tip="b" * 40, reason="nobody is awake"))
    found = incident(said)
    (box,) = (each for each in to_json(found)["checklist"] if each["id"] == "approval")
    assert box["done"] is False
    assert "- [ ] approved (bbbbbbbbbbbb ships without approval: nobody is awake (Bo))" in to_markdown(found)
    step = of(facts(branch_pushed=True), said).next
    assert step is not None
    assert step.title == "Merge"  # It waits for no approval.


@pytest.mark.parametrize(("now", "due"), [(60, "is due at"), (3000, "was due at")])
def test_the_status_update_asks_for_the_errors(now: float, due: str) -> None:
    """The command of the status update has a place for what only people can say; late, it was due."""
    step = of(shipped(), TELL, now).next
    assert step is not None
    assert step.command == f"krow-versions hotfix announce {NAME} --follow-up --errors TEXT --done"
    assert due in step.why


def test_an_abandoned_hotfix_needs_no_document() -> None:
    """The document of an abandoned hotfix says so, and asks for nothing before it would be final."""
    end = Abandoned(at=minutes(80), who="Pia", reason="a configuration was wrong")
    found = incident(record(end), facts(), now=9000)
    made = to_markdown(found)
    assert "| Status | Abandoned since 2026-03-05 15:20 +00:00 by Pia |" in made
    assert "before it is final" not in made
    assert (to_json(found)["status"]["state"], to_json(found)["lacking"]) == ("abandoned", [])
    assert incident(record(end), shipped()).stage.state == "draft"  # It has shipped all the same.


def test_times_of_the_head_are_times_in_data() -> None:
    """The head in JSON has times as all other times there: by ISO 8601, to the second."""
    head = to_json(incident(TELL))["head"]
    assert (head["detected"], head["started"], head["deployed"]) == tuple(
        minutes(each).isoformat() for each in (0, 4, 44)
    )
    assert head["rolled_back"] is None


# --- any record -----------------------------------------------------------------------------------

facts_said = st.builds(Said, **when, field=st.sampled_from(ASKED), text=anything)
records = st.lists(entries | facts_said, max_size=8).map(lambda found: record(*found))


@given(records, st.booleans())
def test_a_document_fits_its_schema(said: Record, out: bool) -> None:
    """Of any record the JSON is what the schema says, with no key more, and survives JSON itself."""
    data = to_json(incident(said, shipped() if out else facts()))
    STRICT.validate(data)
    assert json.loads(json.dumps(data)) == data


@given(records)
def test_both_formats_show_the_same_facts(said: Record) -> None:
    """Whatever the JSON has, the document in Markdown shows: each text, each moment, each name."""
    made = incident(said)
    tokens = parsed(to_markdown(made))
    shown = bare(" ".join(_text_of(token) for token in tokens))
    for value in _leaves(to_json(made)):
        assert bare(value) in shown, value


@given(records)
def test_a_document_holds_no_terminal_escapes(said: Record) -> None:
    """Whatever people said, the document in Markdown has nothing that a terminal hides or obeys."""
    made = to_markdown(incident(said))
    assert printable(made, keep="\n") == made


def bare(text: str) -> str:
    """A text without what wrapping, trimming and capitals change."""
    return "".join(printable(text.replace("\r", "\n").replace("\t", " "), keep="\n").split()).casefold()


def _text_of(token: Any) -> str:
    if token.children is None:
        return str(token.content)
    return "".join(
        " " if each.type in ("softbreak", "hardbreak") else each.content for each in token.children
    )


def _leaves(data: dict[str, Any]) -> Iterator[str]:
    """Give the facts of a document in JSON as they are shown."""
    yield STAGES[data["status"]["state"]]
    for name, value in data["head"].items():
        if name in MOMENTS and value is not None:
            yield at(_moment(value))
        elif name != "rolled_back":
            yield value if value is not None else ("not known" if name else "")
    for commit in data["commits"]:
        yield commit["id"][:12]
    places = ("timeline", "facts", "actions", "deployments", "decisions", "commits", "files", "contacts")
    for name in (*places, "status", "detection", "announcements", "checklist", "authors", "lacking"):
        yield from _shown(data[name])
    if data["plan"]:
        yield from _shown([{"at": each["planned"]} for each in data["plan"]["milestones"]])
    yield from (data["channel"] or "", data["impact"] or "", data["date"], at(_moment(data["written"])))


_MOMENTS = {"at", "ended", "sent", "noted", "detected", "declared", "date"}
_UNSHOWN = {
    "kind",
    "name",
    "state",
    "area",
    "id",
    "done",
    "seconds_until_declared",
    "by_hand",
    "rollback",
    "as_sent",
}


def _shown(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _shown(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _shown(each, key)
    elif value is not None and key not in _UNSHOWN:
        yield at(_moment(value)) if key in _MOMENTS else str(value)


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


# --- hostile texts --------------------------------------------------------------------------------

HOSTILE = (
    "a | b\n\n## Forged\n\n<script>x</script> `c`\n- [x] done\x1b[2K\u202e $tag | x\n```\n![i](http://x)"
)


@given(st.just(HOSTILE) | st.text(max_size=60))
def test_nothing_forges_a_part_of_the_document(text: str) -> None:
    """Whatever people wrote, the document has the blocks of one with plain texts, and no others."""

    def kinds(words: str) -> list[str]:
        known = shipped(commits=(attrs.evolve(FIX, subject=f"fix: {words}", body=f"Issue: {words}"),))
        by: dict[str, Any] = {"at": minutes(60), "who": words}
        said = record(
            *(Said(**by, field=each, text=f"x\n{words}") for each in ASKED),
            Amended(**by, issue=f"x{words}", impact=f"x{words}", environment=f"x{words}"),
            ActionItem(**by, id=words, what=words, kind="detect", area="CI", owner=words),
            Approval(**by, tip="b" * 40, reason=f"x{words}"),
            Deployment(**by, tag=words, ended=minutes(61), exit_code=1),
            Decision(**by, decided_by=words, reason=words, to=words, from_=words),
            Sent(**by, text=FOLLOW_UP, errors=words),
            Done(**by, box="incident-documented"),
            Abandoned(**by, reason=words),
            issue=words,
            impact=f"x{words}",
            who=words,
            environment=words,
            ticks={each: minutes(60) for each in TELL.ticks},
            deployed=minutes(44),
        )
        settings = attrs.evolve(SETTINGS, contacts={"a": words}, channel=f"c{words}")
        made = to_markdown(incident(said, known, 99, settings))
        assert printable(made, keep="\n") == made
        tokens = parsed(made)
        inner = {child.type for token in tokens for child in token.children or []}
        assert not inner & {"html_inline", "image", "code_inline"}
        return [token.type for token in tokens if not token.type.startswith(("paragraph", "inline"))]

    assert kinds(text) == kinds("plain")
