"""What reports, histories and the status of a hotfix show in Jupyter: the cells of the terminal, escaped."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import krow_versions as kv
from krow_versions.audit import Finding, Report
from krow_versions.audit.report import SYMBOLS
from krow_versions.findings import FINDINGS
from krow_versions.products import KROW
from krow_versions.snapshot import Snapshot
from support.audits import NOW, audit, clean
from support.commands import run
from support.displays import Page, assert_a_good_display, assert_nothing_raw, expected, lines_of
from support.notebook import displayed
from support.reports import broken, findings, hostile
from support.samples import DEPLOYED, TELL, facts, of, record, shipped

if TYPE_CHECKING:
    from krow_versions.history import History
    from krow_versions.hotfix import Status
    from support.repositories import Repo


def display(shown: Report | History | Status | kv.ProductView | kv.HotfixView) -> Page:
    """What a browser reads of a display, which is a good one."""
    html = shown._repr_html_()
    assert_nothing_raw(html)
    return assert_a_good_display(html)


def cells_of(page: Page) -> list[list[str]]:
    """The findings of a display as the report's own table has them: the caption names the product."""
    return [
        [row[0].split(" ", 1)[1], row[1], "" if caption == "no product" else caption, *row[2:]]
        for caption, (_, *rows) in zip(page.captions, page.tables, strict=True)
        for row in rows
    ]


# --- reports --------------------------------------------------------------------------------------


def test_a_report_shows_what_the_terminal_shows(repo: Repo) -> None:
    """The cells are those of its text, by product in their order; the summary stands above them."""
    report = audit(broken(repo).path)
    page = display(report)
    assert sorted(cells_of(page)) == sorted(lines_of(report.to_table())[1:])
    known = [*report.products, "no product"]
    assert page.captions == sorted(page.captions, key=known.index)
    assert len(page.captions) > 2
    assert f"✗ {report.summary}" in page.text
    terminal = run("audit", cwd=repo.path).out
    for _, code, _, where, message, hint in cells_of(page):
        assert f"{where}: " in terminal or not where
        assert f": {message} [{code}]\n" in terminal
        assert f"  hint: {hint}\n" in terminal


def test_severities_have_symbol_word_and_colour(repo: Repo) -> None:
    """Each severity is a word behind its symbol, which decides the colour."""
    found = tuple(
        Finding(code, FINDINGS[code].severity, "web", ".", None, None, "x", "y")
        for code in ("KV101", "KV205", "KV305")
    )
    report = attrs.evolve(audit(clean(repo).path), findings=found)
    page = display(report)
    assert [row[0] for row in page.tables[0][1:]] == list(SYMBOLS.values())
    colors = [value for tag, name, value in page.attributes if (tag, name) == ("td", "class")]
    assert colors == ["kv-bad", "kv-doubt"]


def test_a_report_without_findings_says_so(repo: Repo) -> None:
    """What agrees is one line, in words, with a sign of its own."""
    report = audit(clean(repo).path)
    page = display(report)
    assert page.tables == []
    assert page.text.split() == f"✓ {report.summary}".split()
    assert "no findings" in report.summary


@settings(max_examples=25)
@given(st.lists(findings(), max_size=3))
@example([])
def test_any_report_is_well_formed(found: list[Finding]) -> None:
    """No finding can add an element, an attribute, a class or a style."""
    report = Report(tuple(found), (), ("worker-mobile", "web"), NOW, Snapshot(KROW, ()))
    if not re.search("[\ufffe\uffff]", str(report)):  # Which XML, our second reader, does not know.
        assert sorted(cells_of(display(report))) == sorted(lines_of(report.to_table())[1:])


def test_a_hostile_report_is_text() -> None:
    """Names, messages, paths and tags that attack are cells."""
    report = hostile()
    page = display(report)
    assert sorted(row[1:2] + row[3:] for row in cells_of(page)) == sorted(
        row[1:2] + row[3:] for row in lines_of(report.to_table())[1:]
    )
    assert set(page.captions) == {expected(name) for name in (*report.products, "no product")}


# --- histories ------------------------------------------------------------------------------------


def test_a_history_shows_what_the_terminal_shows(repo: Repo) -> None:
    """The releases are the rows of the command, under a caption with the product."""
    history = kv.Workspace.open(broken(repo).path).history("web")
    page = display(history)
    assert page.tables == [lines_of(history.to_table())]
    assert page.captions == ["Releases of web"]
    assert run("history", "web", cwd=repo.path).out == f"{history}\n"
    assert len(page.tables[0]) == 1 + 2


def test_a_hostile_history_is_text() -> None:
    """Tags and commits that attack are cells."""
    for history in hostile().histories:
        assert display(history).tables == [lines_of(history.to_table())]


# --- the status of a hotfix -----------------------------------------------------------------------

STATUSES = {
    "nothing": of(None, None),
    "declared": of(None, record()),
    "fixed": of(facts(), record()),
    "late": of(facts(), record(), 60 * 24),
    "deployed": of(shipped(), DEPLOYED),
    "told": of(shipped(), TELL, 60 * 30),
}


@pytest.mark.parametrize("status", STATUSES.values(), ids=STATUSES)
def test_a_status_shows_what_the_terminal_shows(status: Status) -> None:
    """Every table that the terminal shows is there; what is next and the limit stand beside them."""
    page = display(status)
    if status.timeline:
        assert str(status.timeline.limit) in page.text
    assert page.tables == [lines_of(table) for table in status.tables]
    assert page.captions == [table.caption for table in status.tables]
    shown = status.to_text(1000)
    for table in status.tables:  # In a terminal two tables have fewer columns.
        texts = [
            each.to_text()
            for each in (table, table.without("due", "source"), table.without("from", "source"))
        ]
        assert any(text in shown for text in texts), table.caption
    assert str(status).rpartition("\n")[2] in page.text
    assert page.captions[0] == status.title


def test_a_limit_that_is_exceeded_is_marked() -> None:
    """With a sign, a word and a colour; one that holds has none."""
    late, fine = (display(STATUSES[name]) for name in ("late", "fixed"))
    assert "✗ 24 h" in late.text or re.search("✗ .*EXCEEDED", late.text)
    assert ("p", "class", "kv-words kv-bad") in late.attributes
    assert ("p", "class", "kv-words kv-bad") not in fine.attributes


def test_a_hostile_status_is_text() -> None:
    """What people said, and what branches are called, is text."""
    attack = "<script>alert(1)</script>\x1b\u202e"
    spoilt = record(issue=attack, impact=attack, branch=attack, who=attack)
    for status in (of(None, spoilt), of(facts(branch=attack, dirty=(attack,)), spoilt)):
        page = display(status)
        assert page.tables == [lines_of(table) for table in status.tables]
        assert "script" not in page.names


# --- every value ----------------------------------------------------------------------------------

ONE_LINE = {
    *(
        "Baseline",
        "ChangelogRow",
        "Document",
        "Edit",
        "FileChange",
        "Format",
        "HotfixBranch",
        "NamePattern",
        "Outcome",
    ),
    *(
        "Outline",
        "Package",
        "Packaging",
        "Pin",
        "PinChange",
        "Product",
        "ReadRow",
        "Release",
        "ReleaseTag",
        "RowChange",
        "Scalar",
        "Shipped",
        "Span",
    ),
    *("Version", "VersionFile"),
}
"""Their ``repr`` says all that there is to show."""


def test_every_value_has_a_display_or_says_it_in_one_line(repo: Repo) -> None:
    """Each public class has a display, or is one of those that a line is enough for; errors are raised."""
    classes = {name: getattr(kv, name) for name in kv.__all__ if isinstance(getattr(kv, name), type)}
    values = {name for name, each in classes.items() if not issubclass(each, Exception)}
    assert {name for name in values if not hasattr(classes[name], "_repr_html_")} == ONE_LINE

    workspace = kv.Workspace.open(broken(repo).path)
    start = workspace.plan_hotfix("backend", issue="x", severity="high", impact="x", fetch=False, now=NOW)
    workspace.apply(start)
    shown = displayed(workspace, "backend")
    assert {type(each).__name__ for each in shown} == values - ONE_LINE - {"Tabular"}
    for each in shown:
        html = each._repr_html_()
        assert_nothing_raw(html, lines="\n\t")
        page = assert_a_good_display(html)
        assert page.tables
        if type(each) in {kv.Snapshot, kv.Catalog, kv.Finding, kv.Applied, kv.ProductPlan}:
            assert page.tables == [lines_of(each.to_table())]
            assert str(each) == each.to_table().to_text()


def test_a_view_shows_what_the_workspace_shows(repo: Repo) -> None:
    """The display of a product has its rows and problems, that of a hotfix those of its status."""
    workspace = kv.Workspace.open(broken(repo).path)
    web, client = (Page(workspace[name]._repr_html_()) for name in ("web", "client-mobile"))
    assert web.named["Versions"] == lines_of(workspace.show("web"))
    assert client.named["Problems"][1][0] == "✗ error"

    start = workspace.plan_hotfix("backend", issue="x", severity="high", impact="x", fetch=False, now=NOW)
    workspace.apply(start)
    hotfix = attrs.evolve(workspace, clock=lambda: NOW).hotfix("backend")
    assert hotfix._repr_html_() == hotfix.without_asking().status()._repr_html_()


def test_a_display_raises_nothing(repo: Repo) -> None:
    """What cannot be read any more is shown as an error, with what to do."""
    workspace = kv.Workspace.open(broken(repo).path)
    start = workspace.plan_hotfix("backend", issue="x", severity="high", impact="x", fetch=False, now=NOW)
    workspace.apply(start)
    views = (workspace["web"], workspace.hotfix("backend"))
    shutil.rmtree(repo.path)
    for each in views:
        page = display(each)
        assert [row[0] for row in page.named["Problems"][1:]] == ["✗ error"]
