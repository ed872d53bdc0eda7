"""Readers who search the documentation for a word of their own find the page that answers it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parents[1] / "docs"
# What people search for, and the page whose title or section must have it.
ANSWERS = {
    "monorepo": "adopt",
    "gitlab": "howto-gitlab",
    "windows": "howto-windows",
    "rollback": "howto-decide",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The search index of the pages, as Sphinx makes it for the site; without its theme, API and notebook."""
    pytest.importorskip("sphinx")  # Not where the lowest versions are tested.
    folder = tmp_path_factory.mktemp("search")
    for page in DOCS.glob("*.md"):
        if page.name != "audit-notebook.md":
            (folder / page.name).write_text(page.read_text(encoding="utf-8"), encoding="utf-8")
    settings = ["-D", "extensions=myst_parser", "-D", "myst_heading_anchors=3", "-D", "html_theme=basic"]
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-C", "-Q", *settings]
    subprocess.run([*command, str(folder), str(folder / "site")], check=True)
    text = (folder / "site" / "searchindex.js").read_text(encoding="utf-8")
    return json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))


@pytest.mark.parametrize(("word", "page"), ANSWERS.items())
def test_a_word_of_readers_is_found(index: Any, word: str, page: str) -> None:
    """The word stands in a title or heading of the page that answers it: such hits come first."""
    from sphinx.search.en import SearchEnglish

    found = index["titleterms"].get(SearchEnglish({}).stem(word), [])
    pages = [index["docnames"][number] for number in ([found] if isinstance(found, int) else found)]
    assert page in pages
