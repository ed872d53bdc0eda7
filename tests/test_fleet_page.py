"""The page of a fleet: every workspace and product once, as they come, without scripts."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from krow_versions.audit import Finding, drift
from krow_versions.audit.report import SYMBOLS
from krow_versions.findings import FINDINGS
from krow_versions.fleet import FleetProduct, WorkspaceReport
from krow_versions.fleet.page import FILTERS, write_page
from krow_versions.text.escaping import safe
from support import fleets
from support.audits import NOW
from support.chromium import Browser, browser, needs_chromium
from support.commands import assert_refused, run
from support.displays import Page
from support.pages import assert_a_good_page, visible
from support.reports import ATTACKS, TEXTS, findings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STATES = (
    drift.AT_PRODUCTION, drift.AT_TARGET, drift.BEHIND, drift.AHEAD_OF, drift.UNREADABLE, drift.UNRELEASED
)  # fmt: skip


def page_of(reports: list[WorkspaceReport]) -> str:
    """The page, of its pieces."""
    pieces: list[str] = []
    write_page(reports, pieces.append, now=NOW)
    return "".join(pieces)


@st.composite
def products(draw: st.DrawFn) -> FleetProduct:
    """A product whose every text is awkward."""
    return FleetProduct(
        draw(TEXTS),
        draw(st.none() | TEXTS),
        draw(st.none() | TEXTS),
        draw(st.dictionaries(st.sampled_from(["production", "staging", "development"]), TEXTS)),
        draw(st.none() | st.sampled_from(STATES)),
        tuple(draw(st.lists(TEXTS, max_size=2))),
    )


REPORTS = st.builds(
    WorkspaceReport,
    TEXTS,
    st.lists(findings(), max_size=2).map(tuple),
    st.lists(products(), max_size=2).map(tuple),
    st.none() | TEXTS,
)


def shown(report: WorkspaceReport) -> list[list[str]]:
    """The rows of the products of a workspace, said once more and in another way."""
    symbols = dict(zip(STATES, "✓→✗↑!·", strict=True))
    return [
        [
            safe(each.product),
            safe(each.version or "?"),
            safe(each.next or "?"),
            *(safe(each.stages.get(stage, "")) for stage in ("production", "staging", "development")),
            f"{symbols[each.drift]} {each.drift}" if each.drift else "",
            safe(", ".join(each.hotfixes)),
        ]
        for each in report.products
    ]


def assert_shown(page: Page, reports: list[WorkspaceReport]) -> None:
    """Every workspace, product and finding is there once, in the order of the reports."""
    assert [text for level, text in page.headings if level == 2][: len(reports)] == [
        safe(each.path) or "." for each in reports
    ]
    tables = [rows for rows in page.tables if rows[0][0] == "product"]
    assert [rows[1:] for rows in tables] == [shown(each) for each in reports if each.products]
    found = [row for rows in page.tables if rows[0][0] == "severity" for row in rows[1:]]
    expected = [(SYMBOLS[f.severity], f.code, safe(f.message)) for each in reports for f in each.findings]
    assert sorted((row[0], row[1], row[3]) for row in found) == sorted(expected)


# --- the page as text -----------------------------------------------------------------------------


@settings(max_examples=25)
@given(st.lists(REPORTS, max_size=3))
@example([])
@example([WorkspaceReport(text, (), (FleetProduct(text, text, text),), None) for text in ATTACKS])
def test_every_workspace_and_product_is_there_once(reports: list[WorkspaceReport]) -> None:
    """Whatever the names are, the page is good and has each once, as text; passwords are hidden."""
    html = page_of(reports)
    assert_shown(assert_a_good_page(html), reports)
    assert "me:secret" not in html


@given(st.lists(REPORTS, max_size=3))
def test_the_totals_count_what_the_filters_show(reports: list[WorkspaceReport]) -> None:
    """The table at the end has the number of workspaces and products, and of what each filter shows."""
    page = Page(page_of(reports))
    marks = [value.split()[1:] for value in page.values("class") if value.startswith("kv-workspace")]
    rows = dict(page.named["Totals of the fleet"][1:])
    assert rows.pop("workspaces") == str(len(reports))
    assert rows.pop("products") == str(sum(len(each.products) for each in reports))
    assert rows == {
        f"workspaces {label}": str(sum(f"kv-with-{name}" in each for each in marks))
        for name, label in FILTERS.items()
    }


def test_a_report_is_written_and_forgotten_before_the_next_is_taken() -> None:
    """At no time is there more than one report, and each is written before the next one is asked for."""
    written: list[str] = []
    alive: list[weakref.ref[WorkspaceReport]] = []

    def reports() -> Iterator[WorkspaceReport]:
        for at in range(50):
            assert at == 0 or f">at-{at - 1}<" in written[-1]
            assert sum(each() is not None for each in alive) <= 1
            report = WorkspaceReport(f"at-{at}", (), (FleetProduct("web", "1.0.0"),))
            alive.append(weakref.ref(report))
            yield report
            del report

    write_page(reports(), written.append, now=NOW)
    assert len(written) == 52
    assert_a_good_page("".join(written))


def test_what_the_findings_mean_is_there_once() -> None:
    """The page explains each kind of finding that it has, once, and no other."""
    codes = ("KV101", "KV202")
    found = tuple(Finding(code, "error", "web", ".", None, None, "x", "") for code in codes * 2)
    page = assert_a_good_page(page_of([WorkspaceReport("a", found), WorkspaceReport("b", found)]))
    assert [text for level, text in page.headings if level == 3 and text.startswith("KV")] == [
        f"{code}: {FINDINGS[code].title}" for code in codes
    ]


# --- the command ----------------------------------------------------------------------------------


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    """``--format html`` and ``-o x.html`` are the same page, with the exit code of the text."""
    made = fleets.template(tmp_path / "made")
    fleets.copies(made, tmp_path / "all/one", tmp_path / "all/two")
    (tmp_path / "all/broken").mkdir()
    (tmp_path / "all/broken/krow-versions.toml").write_text("x = ")
    printed = run("fleet", "audit", "all", "--format", "html", "--jobs", "1", cwd=tmp_path)
    kept = run("fleet", "audit", "all", "-o", "page.html", "--jobs", "1", cwd=tmp_path)
    assert (printed.code, kept.code, kept.out) == (1, 1, "")
    assert printed.err == kept.err == run("fleet", "audit", "all", "--jobs", "1", cwd=tmp_path).err
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    page = assert_a_good_page(html)
    assert page.headings[1:4] == [(2, f"all/{name}") for name in ("broken", "one", "two")]
    assert [text for _, text in Page(printed.out).headings] == [text for _, text in page.headings]
    lines = run("fleet", "audit", "all", "-o", "all.jsonl", "--jobs", "1", cwd=tmp_path)
    assert lines.code == 1
    assert (tmp_path / "all.jsonl").read_text(encoding="utf-8") == run(
        "fleet", "audit", "all", "--json", "--jobs", "1", cwd=tmp_path
    ).out


def test_the_page_is_not_written_where_it_must_not_be(tmp_path: Path) -> None:
    """A link in a clone that leads out of the roots, and formats that contradict each other, are refused."""
    fleets.copies(fleets.template(tmp_path / "made"), tmp_path / "all/one")
    (tmp_path / "all/one/page.html").symlink_to(tmp_path / "victim.html")
    (tmp_path / "victim.html").write_text("mine")
    result = run("fleet", "audit", "all", "-o", "all/one/page.html", cwd=tmp_path)
    assert_refused(result, "leads out of the workspace")
    assert (tmp_path / "victim.html").read_text() == "mine"
    assert_refused(run("fleet", "audit", "all", "--json", "--format", "html", cwd=tmp_path), "--json", code=2)


# --- the page in a browser ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for all tests."""
    with browser() as running:
        yield running


FLEET = [
    WorkspaceReport("good", (), (FleetProduct("web", "1.0.0", drift=drift.AT_PRODUCTION),)),
    WorkspaceReport("noted", (Finding("KV401", "note", "web", ".", None, None, "x", ""),)),
    WorkspaceReport("wrong", (Finding("KV101", "error", "web", ".", None, None, "x", ""),)),
    WorkspaceReport("drifted", (), (FleetProduct("web", "1.0.0", drift=drift.BEHIND),)),
    WorkspaceReport("fixing", (), (FleetProduct("web", "1.0.0", hotfixes=("1.0.1",)),)),
    WorkspaceReport("lost", error="gone"),
]
CHOICES = {
    "all": ["good", "noted", "wrong", "drifted", "fixing", "lost"],
    "findings": ["noted", "wrong", "lost"],
    "errors": ["wrong", "lost"],
    "drift": ["drifted"],
    "hotfix": ["fixing"],
}


@needs_chromium
def test_each_filter_shows_exactly_what_it_says(chromium: Browser, tmp_path: Path) -> None:
    """Choosing one hides all other workspaces, without a script; "all" shows them again."""
    page = tmp_path / "page.html"
    page.write_text(page_of(FLEET), encoding="utf-8")
    chromium.open(page, width=1400)
    assert visible(chromium, ".kv-filter") == 1
    assert CHOICES.keys() == {"all", *FILTERS}
    for name, expected in [*CHOICES.items(), ("all", CHOICES["all"])]:
        chromium.value(f"document.getElementById('kv-only-{name}').click()")
        seen = "[...document.querySelectorAll('.kv-workspace')].filter(e => e.getClientRects().length)"
        assert chromium.value(f"{seen}.map(e => e.querySelector('h2').textContent)") == expected


@needs_chromium
@pytest.mark.parametrize(("width", "dark"), [(320, True), (1400, False)])
def test_a_hostile_fleet_in_a_browser(chromium: Browser, tmp_path: Path, width: int, *, dark: bool) -> None:
    """No script runs, no request is made, nothing overflows, light and dark, narrow and wide."""
    attacks = [
        WorkspaceReport(
            text,
            (Finding("KV101", "error", text, text, text or None, 1, text, text, text),),
            (FleetProduct(text, text, text, {"production": text}, drift.BEHIND, (text,)),),
            text if at % 5 == 0 else None,
        )
        for at, text in enumerate(ATTACKS)
    ]
    page = tmp_path / "page.html"
    page.write_text(page_of(attacks), encoding="utf-8")
    chromium.open(page, width=width, dark=dark)
    assert chromium.value("document.title") == "krow-versions fleet audit"
    chromium.value("document.querySelectorAll('details').forEach(each => each.open = true)")
    happened: list[Any] = [each.get("method") for each in chromium.events]
    assert "Page.javascriptDialogOpening" not in happened
    assert happened.count("Network.requestWillBeSent") == 1
    size = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    wide, room = chromium.value(size)
    assert wide <= room <= width
    ground = chromium.value("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(20, 23, 26)" if dark else "rgb(255, 255, 255)")
