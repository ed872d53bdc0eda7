"""The texts: templates are checked, values stay values, and what a commit says reads back."""

from __future__ import annotations

import datetime as dt
from html.parser import HTMLParser

import attrs
import cmarkgfm  # type: ignore[import-untyped]
import pytest
from cmarkgfm.cmark import Options  # type: ignore[import-untyped]
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from krow_versions.errors import InputError, UsageError
from krow_versions.hotfix import (
    Decision,
    Deployment,
    Done,
    Record,
    Sent,
    parse_commit,
    render,
    sent_before,
    sourced,
    untrue,
    values,
)
from krow_versions.hotfix.messages import form_of_tag
from krow_versions.hotfix.people import contacts
from krow_versions.planning.commands import Calls
from krow_versions.products import KROW
from krow_versions.settings import Hotfix
from krow_versions.tables import Table
from krow_versions.templates import PLACEHOLDERS, TEXTS, check_template
from krow_versions.text.escaping import one_line, printable, several_lines
from krow_versions.text.markdown import inline, paragraphs
from krow_versions.text.times import at
from support.samples import (
    APPROVED,
    BASE,
    DEPLOYED,
    FIX,
    FOLLOWED,
    NOTHING_SAID,
    SETTINGS,
    TAG,
    facts,
    minutes,
    record,
    said,
    shipped,
    ticked,
)

PIECES = [
    "#",
    "##",
    "- ",
    "* ",
    "1. ",
    "12) ",
    "> ",
    "===",
    "---",
    "```",
    "~~~",
    "|",
    "`",
    "<b>",
    "<!--",
    "&lt;",
]
PIECES += [
    "$version",
    "${issue}",
    "$$",
    "\\",
    "[a](javascript:x)",
    "![",
    "_a_",
    "**",
    "~~",
    "    ",
    "\t",
    "\n",
]
PIECES += [
    "\r\n",
    "\n\n",
    "Issue: x",
    "Tested: ",
    "\x1b[2K",
    "\u202e",
    "\u2028",
    "a",
    "é",
    "🚨",
    "www.a.b",
    ":-:",
    "+ ",
]
PIECES += ["Signed-off-by: x", "HOTFIX for y", "http://x.y/z", "a@b.cd", "+++", ": ", "\xa0", "\v"]
hostile = st.lists(st.sampled_from(PIECES), max_size=8).map("".join) | st.text(max_size=20)


class Cells(HTMLParser):
    """Collects the tags and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def read(markdown: str) -> Cells:
    """Read Markdown by the second reader, raw HTML let through so that it would be seen."""
    return Cells(cmarkgfm.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE))


@given(hostile)
@example("1. a")
@example("2026. x")
@example("see https://x.y/a_b?c=d, www.a_b.c and http://x/y%20*z_ (https://x.y/z_z)")
@example("a  \nb")
def test_escaped_text_reads_as_itself(text: str) -> None:
    """Both readers see one paragraph that holds exactly the text, whatever is in it."""
    made = inline(text)
    wanted = " ".join(line.strip() for line in several_lines(text).split("\n") if line.strip())
    tokens = MarkdownIt("commonmark").enable("table").parse(made)
    assert [token.type for token in tokens] in (["paragraph_open", "inline", "paragraph_close"], [])
    inner = [child for token in tokens for child in token.children or []]
    assert {child.type for child in inner} <= {"text", "text_special", "link_open", "link_close"}
    assert "".join(child.content for child in inner) == wanted.strip()
    page = read(made)
    assert set(page.tags) <= {"p", "a"}  # An address becomes a link to itself in GFM.
    assert page.text.strip("\n") == wanted.strip()


def test_addresses_stay_links() -> None:
    """The address of an issue can be followed, underscores and all."""
    page = cmarkgfm.github_flavored_markdown_to_html(inline("see https://x.y/a_b?c=d."))
    assert page == '<p>see <a href="https://x.y/a_b?c=d">https://x.y/a_b?c=d</a>.</p>\n'


@given(hostile)
def test_escaped_lines_begin_no_block(text: str) -> None:
    """Several lines are paragraphs, and nothing else, to both readers."""
    made = paragraphs(text)
    kinds = {token.type for token in MarkdownIt("commonmark").enable("table").parse(made)}
    assert kinds <= {"paragraph_open", "inline", "paragraph_close"}
    assert set(read(made).tags) <= {"p", "a"}
    words = " ".join(read(made).text.split())
    assert words == " ".join(several_lines(text).split())


@given(st.lists(st.tuples(hostile, hostile), min_size=1, max_size=3))
@example([("x|y", "z")])
def test_a_table_has_the_rows_that_it_was_given(rows: list[tuple[str, str]]) -> None:
    """No cell ends a cell, a row or the table."""
    cells = tuple((one_line(first), one_line(second)) for first, second in rows)
    page = read(Table(("a", "b"), cells).to_markdown(links=True))
    assert page.tags.count("tr") == len(rows) + 1
    assert page.tags.count("td") == 2 * len(rows)
    words = "".join(["a", "b", *(several_lines(cell) for row in rows for cell in row)])
    assert "".join(page.text.split()) == "".join(words.split())
    assert set(page.tags) <= {"table", "thead", "tbody", "tr", "th", "td", "a"}


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_built_in_templates_are_right(name: str) -> None:
    """Every built-in template passes the check that the configuration's must pass."""
    assert check_template(name, TEXTS[name].template) == ()


@pytest.mark.parametrize(
    ("name", "template", "says", "hint"),
    [
        ("pr_title", "HOTFIX: $sumary", "there is no placeholder '$sumary'", "did you mean summary?"),
        ("pr_title", "HOTFIX: ${Version}", "there is no placeholder '$Version'", "did you mean version?"),
        ("pr_body", "costs 5$", "a $ that begins no placeholder", "write $$ for a dollar itself"),
        ("pr_body", "${issue", "a $ that begins no placeholder", "write $$ for a dollar itself"),
        ("pr_body", "${issue-x}", "a $ that begins no placeholder", "write $$ for a dollar itself"),
        ("pr_body", " \n", "the template is empty", "leave it out"),
        ("pr_title", "HOTFIX:\n$summary", "the template must be one line", "it is the title"),
        (
            "commit",
            "fix: $summary\n\nIssue: $issue",
            "lacks HOTFIX for, Solution:, Tested:",
            "krow",
        ),
    ],
)
def test_a_wrong_template_is_reported(name: str, template: str, says: str, hint: str) -> None:
    """Unknown placeholders, stray dollars and missing parts are reported before anything is filled in."""
    (problem,) = check_template(name, template)
    assert says in problem.message
    assert str(problem.hint).startswith(hint)
    with pytest.raises(InputError, match=name):
        render(name, {}, {name: template})


def test_a_stray_dollar_is_located() -> None:
    """All problems of a template come at once; a stray dollar with its line and column."""
    problems = check_template("pr_body", "a\nb $1 $isue $$")
    assert [(problem.line, problem.column) for problem in problems] == [(2, 3), (None, None)]


def test_there_is_no_other_text() -> None:
    """An unknown text is refused with the nearest known one, by both functions."""
    for call in (lambda: check_template("pr_titel", ""), lambda: render("pr_titel", {})):
        with pytest.raises(UsageError) as refused:
            call()
        assert str(refused.value.hint).startswith("did you mean pr_title?")


@given(st.sampled_from(sorted(TEXTS)), st.dictionaries(st.sampled_from(PLACEHOLDERS), hostile))
def test_nothing_in_a_value_is_a_placeholder_or_moves_a_cursor(
    name: str, given_values: dict[str, str]
) -> None:
    """A filled-in text is harmless, and a value that looks like a placeholder stays as it is."""
    text = render(name, given_values)
    assert printable(text, keep="\n\t") == text
    assert "$version" in render(name, dict.fromkeys(PLACEHOLDERS, "$version"))
    if TEXTS[name].kind == "line":
        assert "\n" not in text


@given(st.dictionaries(st.sampled_from(PLACEHOLDERS), hostile))
def test_markdown_texts_keep_their_headings(given_values: dict[str, str]) -> None:
    """The pull request and the release have the headings of the template, and no others."""
    for name in ("pr_body", "release_notes"):
        tags = read(render(name, given_values)).tags
        wanted = read(render(name, {})).tags
        for tag in (
            "h1",
            "h2",
            "h3",
            "ul",
            "ol",
            "li",
            "blockquote",
            "pre",
            "code",
            "table",
            "hr",
            "img",
            "b",
        ):
            assert tags.count(tag) == wanted.count(tag)


@given(
    st.fixed_dictionaries(dict.fromkeys(("issue", "solution", "tested", "summary", "environment"), hostile))
)
@example(
    {
        "issue": "a\n\n\nTested: b\nSigned-off-by: x",
        "solution": "",
        "tested": "c",
        "summary": "",
        "environment": "p",
    }
)
def test_a_commit_reads_back_what_was_filled_in(given_values: dict[str, str]) -> None:
    """parse(render(values)) is the values, each line trimmed and escaped."""
    message = render("commit", given_values)
    subject, _, body = message.partition("\n")
    form = parse_commit(body)
    assert subject.startswith("fix: ")
    for part in ("issue", "solution", "tested"):
        assert getattr(form, part) == several_lines(given_values[part])
    assert not any(line.startswith("#") for line in body.split("\n"))


@given(
    st.fixed_dictionaries(
        dict.fromkeys(("issue", "solution", "tested", "impact", "severity"), hostile),
        optional={"summary": hostile},
    )
)
@example(
    {
        "issue": "a\n\n\nTested: b",
        "solution": "",
        "tested": "c",
        "impact": "Severity: LOW",
        "severity": "HIGH",
    }
)
def test_a_tag_reads_back_what_was_filled_in(given_values: dict[str, str]) -> None:
    """Any clone can read all parts of a hotfix from the message of its tag; "not known" is no part."""
    message = render("tag_message", given_values)
    form = form_of_tag(f"{message.rstrip()}\nWithout approval: nobody is awake\n")
    for part in ("issue", "solution", "tested", "impact"):
        assert getattr(form, part) == several_lines(given_values[part])
    assert form.severity == one_line(given_values["severity"])


def test_the_template_alone_says_nothing() -> None:
    """A commit template that nobody filled in lacks every part, and a whole one lacks none."""
    assert parse_commit(render("commit", {}).partition("\n")[2]).missing == (
        *["HOTFIX for production", "Issue:", "Solution:", "Tested:"],
    )
    assert parse_commit(FIX.body).missing == ()


@pytest.mark.parametrize(
    ("body", "tested"),
    [
        ("Tested: a\nb\n\n- c\n", "a\nb\n\n- c"),
        ("tested:a\nSigned-off-by: A <a@b.c>\nmore", "a"),
        ("Tested: a\r\nb\r\n", "a\nb"),
        ("Tested: a\nIssue: b\nTested: c", "a\nc"),
        ("It was Tested: a", ""),
        ("Tested:\n", ""),
    ],
)
def test_parts_run_over_several_lines(body: str, tested: str) -> None:
    """A part ends where the next begins or where git's trailers do."""
    assert parse_commit(body).tested == tested


def test_the_texts_say_what_the_process_says() -> None:
    """The texts of a whole hotfix are those of the process, from record, commit and configuration."""
    said = values(facts(), record(), KROW, SETTINGS)
    assert render("commit", said).split("\n") == [
        *["fix: Crash on login", "", "HOTFIX for production", "", "Issue: Crash on login"],
        *["Solution: Ask for the token first", "Tested: By hand", ""],
    ]
    assert render("pr_title", said) == "HOTFIX: Crash on login"
    assert render("tag_message", said).startswith(
        "HOTFIX: Crash on login\n\nProduct: Worker Mobile 0.1.1 (was 0.1.0)"
    )
    assert render("announcement", said).startswith("🚨 PRODUCTION HOTFIX DEPLOYED\n")
    assert render("follow_up", said).startswith("✅ HOTFIX STATUS UPDATE\n")
    assert render("contacts", said).split("\n") == [
        *["Emergency contacts", "", "  Release Engineer: +49 1 (executes the hotfix)"],
        "  Product Owner: not configured (decides: rollback or hotfix)",
        "  DevOps: not configured (monitors production)",
        *["  Affected team: not configured (is informed)", "", "Channel: #emergency-releases", ""],
    ]
    headings = [line for line in render("pr_body", said).split("\n") if line.startswith("#")]
    assert headings == ["## URGENT PRODUCTION FIX", "### Issue", "### Impact", "### Solution", "### Testing"]
    assert (said["tag"], said["base"], said["limit"]) == (TAG, BASE, "to be fixed in less than 4 h 00 min")


def test_without_a_record_the_commit_speaks() -> None:
    """What nobody recorded here is taken from the commit, or reads "not known"."""
    said = values(facts(), NOTHING_SAID, KROW, SETTINGS)
    assert said["issue"] == "Crash on login"
    assert "Impact: not known" in render("announcement", said)
    assert values(facts(commits=()), record(issue="a\nb"), KROW, SETTINGS)["summary"] == "a b"


def test_a_template_of_the_configuration_is_used() -> None:
    """A template that replaces a built-in one is filled in the same way."""
    assert render("pr_title", {"summary": "a\n$b"}, {"pr_title": "URGENT $$ $summary"}) == "URGENT $ a $b"
    assert render("tag_message", {}, {"tag_message": "\x1b[2K\n$tag"}) == "\\x1b[2K\nnot known"


def test_the_fix_in_its_form_speaks_for_all() -> None:
    """Of several fix commits, the oldest with a complete message gives the texts."""
    older = attrs.evolve(FIX, id="c" * 40, subject="fix: first try", body="Issue: Crash on login")
    said = values(facts(commits=(FIX, older)), NOTHING_SAID, KROW, SETTINGS)
    assert (said["summary"], said["solution"]) == ("Crash on login", "Ask for the token first")
    assert values(facts(commits=(older,)), NOTHING_SAID, KROW, SETTINGS)["summary"] == "first try"


TAGGED = (
    "HOTFIX: x\n\nProduct: x\nSeverity: high\nIssue: From the tag\nImpact: Nobody\nSolution: y\nTested: z\n"
)


def test_every_value_names_its_source() -> None:
    """The record takes precedence over the commit, and that over the tag; each value has its source."""
    here = sourced(facts(tag_message=TAGGED), record())
    assert {name: each.source for name, each in here.items()} == {
        "issue": "record", "impact": "record", "severity": "record", "solution": "commit", "tested": "commit",
    }  # fmt: skip
    there = sourced(facts(tag_message=TAGGED), NOTHING_SAID)
    assert {name: each.source for name, each in there.items()} == {
        "issue": "commit", "impact": "tag", "severity": "tag", "solution": "commit", "tested": "commit",
    }  # fmt: skip
    bare = sourced(facts(commits=(), tag_message=TAGGED), NOTHING_SAID)
    assert {each.source for each in bare.values()} == {"tag"}
    assert bare["issue"].value == "From the tag"


def test_a_clone_without_a_record_knows_limit_and_impact_from_the_tag() -> None:
    """What the tag says is filled in where nothing is recorded; a severity that is none has no limit."""
    said = values(facts(tag_message=TAGGED), NOTHING_SAID, KROW, SETTINGS)
    assert (said["severity"], said["limit"]) == ("high", "to be fixed in less than 4 h 00 min")
    assert said["impact"] == "Nobody"
    other = facts(tag_message=TAGGED.replace("high", "awful"))
    assert "limit" not in values(other, NOTHING_SAID, KROW, SETTINGS)


@pytest.mark.parametrize(
    ("configured", "lines"),
    [
        (
            {},
            [
                "Release Engineer: not configured (executes the hotfix)",
                "Product Owner: not configured (decides: rollback or hotfix)",
                "DevOps: not configured (monitors production)",
                "Affected team: not configured (is informed)",
            ],
        ),
        (
            {
                "On call": "x",
                "devops engineer": "y\nz",
                "Product owner": "p",
                "Affected Team": "t",
                "Release-engineer": "r",
            },
            [
                "On call: x",
                "devops engineer: y z (monitors production)",
                "Product owner: p (decides: rollback or hotfix)",
                "Affected Team: t (is informed)",
                "Release-engineer: r (executes the hotfix)",
            ],
        ),
    ],
)
def test_contacts_say_what_each_role_does(configured: dict[str, str], lines: list[str]) -> None:
    """Every role of the process is there with what it does; one that nobody configured says so."""
    assert [str(each) for each in contacts(Hotfix(contacts=configured))] == lines


def test_the_default_channel_is_marked() -> None:
    """A channel that nobody configured is shown as a default, and not as a fact."""
    assert (
        values(facts(), record(), KROW, Hotfix())["channel"]
        == "#emergency-releases (the default: not configured)"
    )
    assert values(facts(), record(), KROW, Hotfix(channel="#x"))["channel"] == "#x"


def announced(said: Record, now: float) -> str:
    """The announcement so many minutes after the detection."""
    return render("announcement", values(shipped(), said, KROW, SETTINGS, now=minutes(now)))


def test_an_announcement_says_no_more_than_is_true() -> None:
    """Verified, back to normal and watched are said only once they are; users need to do nothing anyway."""
    deployed, verified = announced(DEPLOYED, 50), announced(ticked("smoke-tests"), 70)
    watched = announced(ticked("smoke-tests", "logs-watched"), 170)
    assert "Status: deployed\n" in deployed
    assert "back to normal" not in deployed
    assert f"Logs are watched until {at(minutes(164))}." in deployed
    assert "Status: deployed & verified\n" in verified
    assert "Users need to do nothing. The service is back to normal.\n" in verified
    assert "Logs were to be watched until" in announced(DEPLOYED, 170)
    assert f"Logs were watched until {at(minutes(60))}." in watched
    for line in (
        "Product: Worker Mobile",
        "Version: 0.1.1 (was 0.1.0)",
        "Issue: Crash on login",
        f"Tag: {TAG}",
        "Impact: Nobody can log in",
        "Solution: Ask for the token first",
        f"Deployed: {at(minutes(44))}",
    ):
        assert f"{line}\n" in verified
    draft = announced(APPROVED, 30)
    assert "Status: not deployed\n" in draft
    assert "back to normal" not in draft
    assert "known here" in announced(NOTHING_SAID, 30)


def test_a_tick_of_before_the_deployment_verifies_nothing() -> None:
    """The smoke tests of a deployment that was rolled back say nothing of the next one."""
    early = said(APPROVED, ticks={"smoke-tests": minutes(40)}, deployed=minutes(44))
    assert "Status: deployed\n" in announced(early, 60)


@pytest.mark.parametrize(
    ("known", "errors", "hours", "stable"),
    [
        (ticked("smoke-tests", "logs-watched"), "0", 24, True),
        (ticked("smoke-tests", "logs-watched"), "No new errors.", 24, True),
        (ticked("smoke-tests", "logs-watched"), "2, both known", 24, False),
        (ticked("smoke-tests", "logs-watched"), "no idea", 24, False),
        (ticked("smoke-tests", "logs-watched"), "", 24, False),
        (ticked("smoke-tests", "logs-watched"), "0", 23, False),
        (ticked("logs-watched"), "0", 24, False),
        (ticked("smoke-tests"), "0", 24, False),
        (APPROVED, "0", 24, False),
    ],
)
def test_production_is_stable_only_if_all_says_so(
    known: Record, errors: str, hours: int, *, stable: bool
) -> None:
    """Stable needs 24 hours, smoke tests, watched logs and no errors, as people counted them."""
    now = minutes(44) + dt.timedelta(hours=hours)
    text = render("follow_up", values(shipped(), known, KROW, SETTINGS, now=now, errors=errors))
    assert ("stable" in text) == stable
    assert f"Errors since: {errors or 'not known'}\n" in text


def test_the_follow_up_counts_the_hours_and_thanks() -> None:
    """Hours since the deployment are counted; all of the record are thanked; the post-mortem is due."""
    known = said(
        ticked("smoke-tests", "logs-watched"), Sent(at=minutes(70), who="Bo\nTested: x", text="announcement")
    )
    text = render("follow_up", values(shipped(), known, KROW, SETTINGS, now=minutes(44 + 26 * 60 + 59)))
    assert f"Deployed: {at(minutes(44))} (26 hours ago)\n" in text
    assert "Thanks to Ada and Bo Tested: x. The post-mortem is due 24 hours after it is resolved.\n" in text
    resolved = said(known, ticks={"users-notified": minutes(130)})
    text = render("follow_up", values(shipped(), resolved, KROW, SETTINGS, now=minutes(44 + 59)))
    assert "(59 min ago)" in text
    assert f"The post-mortem is due by {at(minutes(130 + 24 * 60))}.\n" in text
    written = said(known, ticks={"incident-documented": minutes(200)})
    assert "The post-mortem is written." in values(shipped(), written, KROW, SETTINGS)["post_mortem"]


def test_a_rollback_is_announced_with_who_decided_it() -> None:
    """The notice has from, to, reason, who decided and what may happen again."""
    text = render("rollback_notice", values(shipped(), ROLLED_BACK, KROW, SETTINGS))
    assert text.startswith("⏪ PRODUCTION ROLLED BACK\n\nProduct: Worker Mobile\n")
    for line in (
        f"From: {TAG}",
        f"To: {BASE}",
        "Reason: Worse than before",
        "Decided by: Pat",
        "Issue: Crash on login",
        "Impact: Nobody can log in",
        f"Rolled back: {at(minutes(95))}",
    ):
        assert f"{line}\n" in text
    assert "not in production any more" in announced(ROLLED_BACK, 100)
    assert "Status: to be rolled back" in announced(DECIDED, 91)


DECISION = Decision(at=minutes(90), decided_by="Pat", reason="Worse than before", to=BASE, from_=TAG)
DECIDED = said(ticked("smoke-tests"), DECISION)
ROLLED_BACK = said(
    DECIDED, Deployment(at=minutes(92), tag=BASE, ended=minutes(95), exit_code=0, rollback=True)
)


@pytest.mark.parametrize(
    ("known", "text", "now", "why"),
    [
        (NOTHING_SAID, "announcement", 60, "nothing is recorded here"),
        (NOTHING_SAID, "follow_up", 60, "nothing is recorded here"),
        (APPROVED, "announcement", 60, "is not deployed, as far as is recorded"),
        (said(APPROVED, deployed=minutes(44), exit_code=3), "announcement", 60, "ended with exit code 3"),
        (DEPLOYED, "announcement", 60, None),
        (DECIDED, "announcement", 91, "Pat decided it at"),
        (ROLLED_BACK, "announcement", 100, "is rolled back"),
        (ROLLED_BACK, "follow_up", 3000, "is rolled back"),
        (said(ROLLED_BACK, deployed=minutes(200)), "announcement", 201, None),
        (DEPLOYED, "follow_up", 44 + 24 * 60 - 1, f"over at {at(minutes(44 + 24 * 60))}"),
        (DEPLOYED, "follow_up", 44 + 24 * 60, None),
        (APPROVED, "follow_up", 3000, "is not deployed"),
        (DEPLOYED, "rollback_notice", 60, "no rollback"),
        (DECIDED, "rollback_notice", 91, "decided, but not done"),
        (ROLLED_BACK, "rollback_notice", 100, None),
    ],
)
def test_a_text_is_refused_until_it_is_true(known: Record, text: str, now: float, why: str | None) -> None:
    """Each text needs what it says: a deployment, 24 hours, a rollback that is done."""
    found = untrue(known, text, minutes(now), Calls("worker-mobile"))
    assert (found is None) == (why is None)
    if found and why:
        assert why in found.message
        assert "--draft" in str(found.hint)


def test_a_text_is_sent_once() -> None:
    """Who ticked users-notified has sent the announcement, unless that was before the deployment."""
    assert sent_before(DEPLOYED, "announcement") is None
    assert sent_before(ticked("users-notified"), "announcement")
    assert (
        sent_before(
            said(APPROVED, ticks={"users-notified": minutes(10)}, deployed=minutes(44)), "announcement"
        )
        is None
    )
    undone = ticked("users-notified").adding(Done(at=minutes(70), box="users-notified", undone=True))
    assert sent_before(undone, "announcement") is None
    assert sent_before(ticked("users-notified"), "follow_up") is None
    assert sent_before(FOLLOWED, "follow_up")
    assert sent_before(said(FOLLOWED, DECISION, deployed=minutes(2000)), "follow_up") is None
    notice = said(ROLLED_BACK, Sent(at=minutes(99), text="rollback_notice"))
    assert sent_before(notice, "rollback_notice")
    again = attrs.evolve(DECISION, at=minutes(200))
    assert sent_before(said(notice, again), "rollback_notice") is None
