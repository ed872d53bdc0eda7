"""The report as a page: the cells of the table, without scripts and external resources."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from krow_versions.audit import Finding, Report
from krow_versions.audit.render.html import to_html
from krow_versions.audit.report import SYMBOLS
from krow_versions.findings import FINDINGS
from krow_versions.products import KROW
from krow_versions.snapshot import Snapshot
from krow_versions.text.escaping import safe
from support import krow
from support.audits import NOW, audit, clean
from support.chromium import Browser, browser, needs_chromium
from support.commands import run
from support.displays import Page, lines_of
from support.pages import assert_a_good_page, visible
from support.reports import broken, contrast, findings, hostile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.repositories import Repo


def findings_of(page: Page) -> list[list[str]]:
    """The rows of all tables of findings, with their product, as the report's own table has them."""
    found = []
    for caption, rows in page.named.items():
        if caption.startswith("Findings of "):
            product = caption.removeprefix("Findings of ")
            found += [[row[0], row[1], product, *row[2:]] for row in rows[1:]]
    return found


def shown(report: Report) -> list[list[str]]:
    """The rows of the report's own table, as a page shows them."""
    rows = report.to_table().rows
    return [
        [
            SYMBOLS[str(row[0])],
            str(row[1]),
            safe(str(row[2] or "no product")),
            *(safe(str(each or "")) for each in row[3:]),
        ]
        for row in rows
    ]


# --- the page as text -----------------------------------------------------------------------------


def test_the_page_has_the_cells_of_the_report(repo: Repo) -> None:
    """Every finding is one row with the cells of the table, under its product, and with what it means."""
    report = audit(broken(repo).path)
    page = assert_a_good_page(to_html(report))
    assert {each.severity for each in report.findings} >= {"error", "warning"}
    assert sorted(findings_of(page)) == sorted(shown(report))
    assert [product for _, _, product, *_ in findings_of(page)] == sorted(
        (product for _, _, product, *_ in findings_of(page)),
        key=[*report.products, "no product"].index,
    )
    assert report.summary in page.text
    codes = {each.code for each in report.findings}
    assert {text for level, text in page.headings if level == 3 and text.startswith("KV")} == {
        f"{code}: {FINDINGS[code].title}" for code in codes
    }


def test_the_page_shows_every_file_against_production(repo: Repo) -> None:
    """The table of versions has a row per file, what agrees included."""
    page = Page(to_html(audit(broken(repo).path)))
    rows = page.named["Versions against production"]
    assert ["worker-mobile", krow.STAFF, "0.0.9+4", "0.1.0+5", "0.1.1", "✗ behind"] in rows
    assert ["client-mobile", krow.CLIENT, "?", "0.2.3", "0.2.4", "! unreadable"] in rows
    assert ["web", krow.WEB, "1.4.1", "1.4.1", "1.4.2", "✓ at production"] in rows
    assert len(rows) == 1 + 6


def test_the_page_shows_releases_when_asked(repo: Repo) -> None:
    """With the history, each product has the table of its releases; without, none has."""
    broken(repo)
    report = audit(repo.path, history=True)
    page = assert_a_good_page(to_html(report))
    for history in report.histories:
        assert page.named[f"Releases of {history.product}"] == lines_of(history.to_table())
    assert page.names.count("svg") == 1 + len(report.histories)
    assert "Releases" not in [text for _, text in Page(to_html(audit(repo.path))).headings]


def test_the_page_shows_what_is_ignored_and_why(repo: Repo) -> None:
    """A finding that is ignored stands in a table of its own, with the reason and the day."""
    broken(repo).write(
        "krow-versions.toml",
        '[[audit.ignore]]\ncode = "KV205"\nreason = "made <by> hand"\nuntil = 2027-01-01\n',
    )
    report = audit(repo.path)
    rows = Page(to_html(report)).named["Ignored findings"]
    assert [[row[0], *row[-2:]] for row in rows[1:]] == [["KV205", "made <by> hand", "2027-01-01"]]


def test_a_page_without_findings_says_so(repo: Repo) -> None:
    """Without findings there is a sentence, no empty table and no filter."""
    page = assert_a_good_page(to_html(audit(clean(repo).path)))
    assert "No findings." in page.text
    assert "✓ agrees" in page.text
    assert "input" not in page.names
    assert_a_good_page(to_html(Report((), (), (), NOW, Snapshot(KROW, ()))))


def test_the_page_is_the_same_in_every_run(repo: Repo) -> None:
    """The page has no random parts, so that two pages can be compared."""
    broken(repo)
    assert to_html(audit(repo.path, history=True)) == to_html(audit(repo.path, history=True))


def test_the_page_needs_no_pictures(repo: Repo) -> None:
    """Without matplotlib it is the same page without pictures."""
    report = audit(broken(repo).path, history=True)
    bare = assert_a_good_page(to_html(report, pictures=False))
    assert "svg" not in bare.names
    assert bare.tables == Page(to_html(report)).tables


@pytest.mark.fault(110)
def test_hostile_texts_are_shown_as_text() -> None:
    """Every name is shown as text, whole and in its cell, without passwords."""
    report = hostile()
    page = assert_a_good_page(to_html(report))
    assert sorted(findings_of(page)) == sorted(shown(report))
    assert "secret" not in to_html(report)
    assert not {"script", "img", "iframe", "link", "object", "embed"} & set(page.names)


@settings(max_examples=25)
@given(st.lists(findings(), max_size=3))
@example([])
def test_any_finding_makes_a_good_page(found: list[Finding]) -> None:
    """No finding can add an element, an attribute or a reference."""
    report = Report(tuple(found), (), ("worker-mobile", "web"), NOW, Snapshot(KROW, ()))
    assert sorted(findings_of(assert_a_good_page(to_html(report)))) == sorted(shown(report))


def test_a_page_with_every_finding() -> None:
    """The documentation of every finding is valid HTML, without links to missing pages."""
    found = tuple(
        Finding(code, kind.severity, "web", ".", None, None, kind.title, "")
        for code, kind in FINDINGS.items()
    )
    page = assert_a_good_page(to_html(Report(found, (), ("web",), NOW, Snapshot(KROW, ()))))
    assert len([text for level, text in page.headings if level == 4]) == 3 * len(FINDINGS)
    assert "](" not in page.text


def test_the_colours_of_the_page_have_contrast(repo: Repo) -> None:
    """Every text has a contrast of at least 4.5:1, in light, in dark and on paper."""
    style = "".join(Page(to_html(audit(clean(repo).path))).styles)
    schemes = re.findall(r":root \{[^}]*--kv-paper[^}]*\}", style)
    assert len(schemes) == 3
    for scheme in schemes:
        colors = dict(re.findall(r"--kv-(\w+): (#[0-9a-f]{6})", scheme))
        assert set(colors) == {"paper", "ink", "quiet", "link"}
        assert all(contrast(colors[name], colors["paper"]) >= 4.5 for name in ("ink", "quiet", "link"))


def test_the_text_of_an_audit_loads_no_page(repo: Repo) -> None:
    """An audit in a terminal loads neither Jinja2 nor matplotlib; the page does."""
    program = [sys.executable, "-X", "importtime", "-m", "krow_versions"]
    broken(repo)
    text = run("audit", "--history", cwd=repo.path, program=program)
    page = run("audit", "--format", "html", cwd=repo.path, program=program)
    assert not re.search(r"\| +(jinja2|matplotlib|numpy)\b", text.err)
    assert re.search(r"\| +jinja2$", page.err, re.MULTILINE)
    assert_a_good_page(page.out)


# --- the page in a browser ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for all tests."""
    with browser() as running:
        yield running


@pytest.fixture(scope="module")
def attack(tmp_path_factory: pytest.TempPathFactory, new_repo: Callable[[], Repo]) -> list[Path]:
    """Two pages: of a report made of attacks alone, and of a workspace as hostile as git lets it be."""
    folder = tmp_path_factory.mktemp("pages")
    made = folder / "made.html"
    made.write_text(to_html(hostile()), encoding="utf-8")
    repo = clean(new_repo())
    script = "<script>document.title='attacked';alert(1)<-script>\"'\u202egnp"
    repo.write(f"backend/{script}/package.json", krow.package("0.2.9"))
    repo.write(f"backend/{'x' * 200}/package.json", "{\x1b")
    repo.write(krow.WEB, krow.package(script.replace('"', "")))
    repo.write(
        "krow-versions.toml",
        '[[audit.ignore]]\ncode = "KV205"\nreason = "<script>alert(1)</script>"\nuntil = 2027-01-01\n',
    )
    repo.commit(script)
    repo.tag("krow-withus-web/prod-v<script>alert(1)</script>")
    repo.tag("krow-withus-web/prod-v1.4.1", annotated=False)
    repo.git("branch", "hotfix/<img-src=x-onerror=alert(1)>")
    real = folder / "real.html"
    done = run("audit", "--history", "-o", str(real), cwd=repo.path)
    assert (done.code, done.err) == (1, "")
    assert len(findings_of(Page(real.read_text(encoding="utf-8")))) > 5
    return [made, real]


@needs_chromium
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 1400])
@pytest.mark.parametrize("which", [0, 1], ids=["made", "real"])
def test_a_hostile_page_in_a_browser(
    chromium: Browser, attack: list[Path], which: int, width: int, *, dark: bool
) -> None:
    """No script runs, no request is made, nothing overflows, light and dark, narrow and wide."""
    chromium.open(attack[which], width=width, dark=dark)
    assert chromium.value("document.title") == "krow-versions audit"
    happened = [each.get("method") for each in chromium.events]
    assert "Page.javascriptDialogOpening" not in happened
    assert happened.count("Network.requestWillBeSent") == 1
    wide, room = chromium.value(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= room <= width
    ground = chromium.value("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(20, 23, 26)" if dark else "rgb(255, 255, 255)")
    picture = chromium.value("getComputedStyle(document.querySelector('svg')).color")
    assert picture == ("rgb(230, 232, 234)" if dark else "rgb(27, 31, 36)")


@needs_chromium
def test_a_script_in_a_page_would_be_seen(chromium: Browser, tmp_path: Path) -> None:
    """The tests above can fail: without escaping and policy, the title changes and a request is made."""
    page = tmp_path / "page.html"
    page.write_text("<title>x</title><script>document.title = 'attacked'</script><img src=gone.png>")
    chromium.open(page, width=320)
    assert chromium.value("document.title") == "attacked"
    assert [each.get("method") for each in chromium.events].count("Network.requestWillBeSent") == 2


@needs_chromium
def test_the_policy_stops_a_script_that_slipped_through(
    chromium: Browser, attack: list[Path], tmp_path: Path
) -> None:
    """Even if something was not escaped, the page's own policy does not let it run."""
    page = tmp_path / "page.html"
    html = attack[0].read_text(encoding="utf-8")
    page.write_text(html.replace("</main>", "</main><script>document.title = 'attacked'</script>"))
    chromium.open(page, width=320)
    assert chromium.value("document.title") == "krow-versions audit"


@needs_chromium
def test_findings_are_filtered_without_a_script(chromium: Browser, repo: Repo, tmp_path: Path) -> None:
    """Choosing a severity or a product hides the rest, both together hide more, and "all" shows all."""
    report = audit(broken(repo).path)
    page = tmp_path / "page.html"
    page.write_text(to_html(report), encoding="utf-8")
    chromium.open(page, width=1400)

    def choose(label: str) -> int:
        script = (
            f"[...document.querySelectorAll('label')].find(e => e.textContent.trim() === '{label}').click()"
        )
        chromium.value(script)
        return visible(chromium, ".kv-finding")

    def counted(**wanted: Any) -> int:
        return sum(
            all(getattr(each, name) == value for name, value in wanted.items()) for each in report.findings
        )

    assert visible(chromium, ".kv-finding") == len(report.findings)
    assert visible(chromium, ".kv-filter") == 1
    for severity in {each.severity for each in report.findings}:
        assert choose(SYMBOLS[severity]) == counted(severity=severity) < len(report.findings)
        groups = {each.product for each in report.findings if each.severity == severity}
        assert visible(chromium, ".kv-group") == len(groups)
        assert choose("web") == counted(severity=severity, product="web")
        chromium.value("document.getElementById('kv-product-all').click()")
    chromium.value("document.getElementById('kv-only-all').click()")
    assert choose("web") == counted(product="web") > 0
    assert visible(chromium, ".kv-group") == 1
    chromium.value("document.getElementById('kv-product-all').click()")
    assert visible(chromium, ".kv-finding") == len(report.findings)


@needs_chromium
def test_the_page_can_be_printed(chromium: Browser, repo: Repo, tmp_path: Path) -> None:
    """On paper there is no filter, text is black also in dark mode, and nothing is cut."""
    page = tmp_path / "page.html"
    page.write_text(to_html(audit(broken(repo).path, history=True)), encoding="utf-8")
    chromium.open(page, width=720, dark=True)
    dark: Any = [{"name": "prefers-color-scheme", "value": "dark"}]
    chromium.ask("Emulation.setEmulatedMedia", media="print", features=dark)
    assert visible(chromium, ".kv-filter") == 0
    assert chromium.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert chromium.value("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    wide, room = chromium.value(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    chromium.ask("Emulation.setEmulatedMedia", media="", features=[])
    assert wide <= room


@needs_chromium
@pytest.mark.parametrize("width", [500, 1000])
def test_columns_in_jupyter_can_be_read(chromium: Browser, repo: Repo, tmp_path: Path, width: int) -> None:
    """On narrow screens short cells stay on one line, and long cells keep a readable width."""
    page = tmp_path / "page.html"
    page.write_text(audit(broken(repo).path)._repr_html_(), encoding="utf-8")
    chromium.open(page, width=width)
    cells = chromium.value(
        "[...document.querySelectorAll('td')].map(e => "
        "[e.className.includes('kv-long'), e.cellIndex, e.clientWidth, getComputedStyle(e).whiteSpace])"
    )
    assert {each[1] for each in cells if each[0]} >= {3, 4}
    assert min(each[2] for each in cells if each[0]) >= 12 * 16
    assert {each[3] for each in cells if each[1] < 2} == {"pre"}
    wide, room = chromium.value(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= room
