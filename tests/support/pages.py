"""What every page must be, and what of it a browser shows."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from support.displays import VOID, Page, assert_nothing_raw

if TYPE_CHECKING:
    from support.chromium import Browser

DRAWN = {"svg", "g", "defs", "path", "use", "clippath", "rect"}
ELEMENTS = VOID | {
    "html", "head", "title", "style", "body", "main", "section", "h1", "h2", "h3", "h4", "p", "strong",
    "time", "div", "form", "fieldset", "legend", "label", "figure", "figcaption", "a", "code", "pre",
    "span", "ul", "li", "table", "caption", "thead", "tbody", "tr", "th", "td", "details", "summary",
}  # fmt: skip


def assert_a_good_page(html: str) -> Page:
    """One page, self-contained, inert, in order, without anything raw."""
    assert_nothing_raw(html)
    page = Page(html)
    assert set(page.names) <= ELEMENTS | DRAWN
    assert html.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert "http" not in html.replace("http-equiv", "") or re.search(r"https?:", page.text)
    assert not re.search(r"url\((?!#)|@import|https?:", "".join(page.styles))
    names = {name for _, name, _ in page.attributes}
    assert not {each for each in names if each.startswith("on")} | names & {
        "src",
        "srcset",
        "action",
        "srcdoc",
    }
    assert {tag for tag, name, _ in page.attributes if name == "style"} <= DRAWN
    (policy,) = [
        value
        for tag, name, value in page.attributes
        if (tag, name) == ("meta", "content") and "-src" in value
    ]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert all(each.startswith("kv-") for each in ids)
    assert all(each.startswith("#") for each in page.values("href"))
    assert {each[1:] for each in page.values("href")} <= set(ids)
    levels = [level for level, _ in page.headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert len(page.tables) == len([*filter(None, page.captions)])
    assert page.names.count("th") == page.attributes.count(("th", "scope", "col"))
    assert all(
        each.startswith("kv-")
        for value in page.values("class")
        for each in value.split()
        if not value.startswith("language-")
    )
    return page


def visible(chromium: Browser, selector: str) -> int:
    """How many elements are seen."""
    script = f"[...document.querySelectorAll('{selector}')].filter(e => e.getClientRects().length).length"
    count: int = chromium.value(script)
    return count
