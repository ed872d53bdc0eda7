"""Every example of the README and the docs is run, and says what is printed there."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from krow_versions.cli.demo import make_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

TOP = Path(__file__).parents[1]
PAGES = [TOP / "README.md", TOP / "CHANGELOG.md", *sorted((TOP / "docs").glob("**/*.md"))]
BLOCK = re.compile(r"^```(?P<kind>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
# A command, with the lines of its here-document where it has one.
COMMAND = re.compile(r"^\$ (.*<<'END'\n(?:.*\n)*?END|.*)$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)(?P<target>[^)#]+)")


def blocks(kind: str) -> Iterator[object]:
    """The fenced blocks of a kind, named by page and line."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in BLOCK.finditer(text):
            if match["kind"] == kind:
                line = text.count("\n", 0, match.start()) + 1
                yield pytest.param(match["body"], id=f"{page.name}:{line}")


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which ``krow`` is the workspace of the demo."""
    make_workspace(str(tmp_path / "krow"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("body", [*blocks("pycon")])
def test_python_examples_are_true(body: str, demo: Path) -> None:
    """Each block gives what it shows; blocks of one page may use the names of its first."""
    names: dict[str, object] = {}
    exec("import krow_versions as kv", names)
    test = doctest.DocTestParser().get_doctest(body, names, "docs", None, 0)
    printed: list[str] = []
    flags = doctest.IGNORE_EXCEPTION_DETAIL if "Traceback" in body else 0
    doctest.DocTestRunner(optionflags=flags).run(test, out=printed.append)
    assert "".join(printed) == ""


@pytest.mark.parametrize("body", [*blocks("console")])
def test_console_examples_are_true(body: str, demo: Path) -> None:
    """Each block, run in a new demo workspace, prints what it shows, stdout and stderr together."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    session = ""
    folder = demo / "krow"
    for command in COMMAND.findall(body):
        done = subprocess.run(
            ["bash", "-c", f'{command}\nstatus=$?; pwd > "$FOLDER"; exit $status'],
            cwd=folder,
            env=os.environ | {"PATH": path, "FOLDER": str(demo / "folder")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        session += f"$ {command}\n{done.stdout.replace(str(demo), '…')}"
        folder = Path((demo / "folder").read_text().strip())
    assert session == body


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page is a file of the project."""
    text = re.sub(r"`[^`\n]*`", "", page.read_text(encoding="utf-8"))
    missing = [
        match["target"] for match in LINK.finditer(text) if not (page.parent / match["target"]).exists()
    ]
    assert missing == []
