"""People read displays and pages by keyboard, by screen reader, in the dark, and on narrow screens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import krow_versions as kv
from krow_versions.audit.render.html import to_html
from krow_versions.fleet import FleetProduct
from krow_versions.fleet.page import write_page
from support import axe
from support.audits import NOW
from support.chromium import Browser, browser, needs_chromium
from support.notebook import DARK, LIGHT, displayed, notebook
from support.reports import broken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.repositories import Repo

pytestmark = needs_chromium
NAMES = (
    "apps/mobile-clients/packages/my-first-package/an-app-of-staff/pubspec.yaml",
    "krow-withus-worker-mobile/prod-v0.1.0",
    "10.20.30-rc.1+12345",
    "well-known-client-app",
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for all tests."""
    with browser() as running:
        yield running


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, new_repo: Callable[[], Repo]) -> dict[str, Path]:
    """The notebook in each theme, the page of a report, and that of a fleet."""
    workspace = kv.Workspace.open(broken(new_repo()).path)
    plan = workspace.plan_hotfix("backend", issue="x", severity="high", impact="x", fetch=False, now=NOW)
    workspace.apply(plan)
    values = displayed(workspace, "backend")
    report = next(each for each in values if isinstance(each, kv.Report))
    products = tuple(FleetProduct(name, "1.0.0", "1.0.1", {"production": "1.0.0"}) for name in workspace)
    fleet: list[str] = []
    of_fleet = (kv.WorkspaceReport(f"clones/{name}", report.findings, products) for name in ("one", "two"))
    write_page(of_fleet, fleet.append, now=NOW)
    texts = {
        "plain": notebook(each._repr_html_() for each in values),
        "light": notebook((each._repr_html_() for each in values), LIGHT),
        "dark": notebook((each._repr_html_() for each in values), DARK),
        "report": to_html(report),
        "fleet": "".join(fleet),
        "names": notebook(
            [
                kv.Table(
                    ("name", "also"), tuple((name, f"{name} is {name}") for name in NAMES)
                )._repr_html_(),
                kv.Applied(warnings=NAMES)._repr_html_(),
            ]
        ),
    }
    folder = tmp_path_factory.mktemp("pages")
    paths = {name: folder / f"{name}.html" for name in texts}
    for name, path in paths.items():
        path.write_text(texts[name], encoding="utf-8")
    return paths


@axe.needs_axe
@pytest.mark.parametrize(
    ("name", "dark", "width"),
    [
        *(("plain", True, 360), ("light", True, 1200), ("dark", False, 360)),
        *(("report", False, 360), ("fleet", True, 1200)),
    ],
)
def test_axe_finds_nothing(
    chromium: Browser, pages: dict[str, Path], name: str, width: int, *, dark: bool
) -> None:
    """By all rules of axe, best practices included; also where the notebook's theme is not the system's."""
    chromium.open(pages[name], width=width, dark=dark)
    chromium.value("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert axe.faults(chromium) == []


@axe.needs_axe
def test_axe_would_find_something(chromium: Browser, tmp_path: Path) -> None:
    """A page without a language, a table without headings and a pale text are found."""
    page = tmp_path / "page.html"
    page.write_text("<title>x</title><main><h1>x</h1><p style='color: #aaa'>pale</p></main>")
    chromium.open(page, width=360)
    found = "".join(axe.faults(chromium))
    assert "html-has-lang" in found
    assert "color-contrast" in found


@pytest.mark.parametrize("name", ["light", "report", "fleet"])
def test_what_scrolls_is_reached_by_the_keyboard(
    chromium: Browser, pages: dict[str, Path], name: str
) -> None:
    """With Tab alone, each table and picture that is wider than the screen has the focus, and a name."""
    chromium.open(pages[name], width=360)
    chromium.value("document.querySelectorAll('details').forEach(each => each.open = true)")
    wide = "[...document.querySelectorAll('*')].filter(e => e.scrollWidth > e.clientWidth && "
    wide += "['auto', 'scroll'].includes(getComputedStyle(e).overflowX))"
    asked = "['aria-label', 'role', 'tabindex'].map(name => e.getAttribute(name))"
    scrolled: list[list[str]] = chromium.value(f"{wide}.map(e => {asked})")
    assert scrolled
    # Chromium lets Tab reach what scrolls in any case; other browsers need the attribute.
    assert all(label and role == "group" and tab == "0" for label, role, tab in scrolled)
    seen = []
    for _ in range(200):
        for kind in ("keyDown", "keyUp"):
            chromium.ask("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
        at = chromium.value(f"{wide}.indexOf(document.activeElement)")
        if at in seen:
            break
        seen += [at] if at >= 0 else []
    assert seen == [*range(len(scrolled))]


@pytest.mark.parametrize("width", [320, 700, 1200])
def test_names_are_not_broken(chromium: Browser, pages: dict[str, Path], width: int) -> None:
    """A line ends at a space, or behind a slash of a path; tags, versions and products are on one line."""
    chromium.open(pages["names"], width=width)
    lines: list[list[str]] = chromium.value(_LINES)
    assert lines
    for before, after in lines:
        if " " not in (before[-1], after[0]):
            word = before.rpartition(" ")[2] + after.partition(" ")[0]
            assert (before[-1], word) == ("/", NAMES[0]), (before, after)


@pytest.mark.parametrize("name", ["names", "report"])
def test_a_name_is_copied_as_it_is(chromium: Browser, pages: dict[str, Path], name: str) -> None:
    """What is selected and copied has no characters but those of the cell."""
    chromium.open(pages[name], width=320)
    found: list[list[Any]] = chromium.value(
        "[...document.querySelectorAll('td')].filter(e => e.getClientRects().length).map(e => {"
        "const s = getSelection(); s.selectAllChildren(e); return [`${s}`.trim(), e.textContent.trim()]})"
    )
    assert [copied for copied, _ in found] == [text for _, text in found]
    assert len(found) >= len(NAMES)


_LINES = """(() => {
  const found = [];
  for (const cell of document.querySelectorAll('td, .kv-words')) {
    const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), letters = [];
    while (walker.nextNode()) {
      const node = walker.currentNode;
      for (let at = 0; at < node.length; at++) {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        const boxes = range.getClientRects();
        if (boxes.length) letters.push([node.data[at], boxes[boxes.length - 1].bottom]);
      }
    }
    const words = letters.map(each => each[0]).join('');
    for (let at = 1; at < letters.length; at++)
      if (letters[at][1] > letters[at - 1][1] + 3) found.push([words.slice(0, at), words.slice(at)]);
  }
  return found;
})()"""
"""Where lines are broken: what is before and after, by the boxes of the letters."""
