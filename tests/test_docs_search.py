"""Readers who search the documentation for a word of their own find the page that answers it."""

from __future__ import annotations

import doctest
import json
import re
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
# The parts of Python that it does not have on Windows, of those that we or our libraries could ask for.
WITHOUT = """
import os, signal, sys
for name in (
    *("O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "chown", "fchmod", "fchown", "fork", "getuid"),
    *("geteuid", "getxattr", "killpg", "listxattr", "removexattr", "set_blocking", "setxattr"),
):
    vars(os).pop(name, None)
for name in ("SIGHUP", "SIGKILL"):
    vars(signal).pop(name, None)
sys.modules |= dict.fromkeys(("fcntl", "grp", "pwd", "resource", "termios"))
"""


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


def test_what_the_page_shows_works_without_what_windows_lacks() -> None:
    """The examples of the page give what they show in a Python without the names that Windows lacks."""
    page = (DOCS / "howto-windows.md").read_text(encoding="utf-8")
    example = "".join(re.findall(r"^```pycon\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    code = f"""{WITHOUT}
import doctest
test = doctest.DocTestParser().get_doctest({example!r}, {{}}, "page", None, 0)
sys.exit(doctest.DocTestRunner().run(test).failed)"""
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    assert len(doctest.DocTestParser().get_examples(example)) > 5


def test_the_page_says_what_does_not_work_on_windows() -> None:
    """A workspace cannot be read without the names that Windows lacks, and the page says with which error."""
    code = f"{WITHOUT}\nimport krow_versions as kv\nkv.Workspace.open()"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)
    assert "AttributeError: module 'os' has no attribute" in done.stderr
    assert "`AttributeError` about a name of `os`" in (DOCS / "howto-windows.md").read_text(encoding="utf-8")
