"""No hint, page or document advises to move, overwrite or delete a published tag, or to force a push."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import krow_versions
from krow_versions.findings import FINDINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

HOME = Path(krow_versions.__file__).parent
DOCS = sorted((Path(__file__).parent.parent / "docs").rglob("*.md"))
# Commands of git, as they would be typed: a tag that is made anew, deleted, or pushed over another one.
DESTROYS = re.compile(
    r"\bgit (?:-C \S+ )?tag (?:-\S+ )*(?:-\w*[fd]\b|--force|--delete)"
    r"|\bgit (?:-C \S+ )?push (?:\S+ )*?(?:-f\b|--force|--delete .*\btag\b|--mirror|\+)"
    r"|\bgit (?:-C \S+ )?push \S+ '?:refs/tags/"
    r"|\bgit (?:-C \S+ )?update-ref (?:-d )?refs/tags/"
    r"|\b(?:move|delete|overwrite|replace|remove) (?:the|that|this|a|its) (?:published |production )?tag\b",
    re.IGNORECASE,
)


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """All texts in a module: constants, and those with values in them, which are shown as ``X``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            parts = (str(each.value) if isinstance(each, ast.Constant) else "X" for each in node.values)
            yield node.lineno, "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


@pytest.mark.parametrize("path", sorted(HOME.rglob("*.py")), ids=lambda path: str(path.relative_to(HOME)))
def test_no_text_of_the_program_destroys(path: Path) -> None:
    """Whatever a command says, it comes from a text of the program: none has such advice."""
    assert [each for each in sentences(path) if DESTROYS.search(each[1])] == []


@pytest.mark.parametrize("code", FINDINGS)
def test_no_page_of_a_finding_destroys(code: str) -> None:
    """The pages of all findings, new ones too."""
    assert not DESTROYS.search(FINDINGS[code].to_markdown())


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_no_document_destroys(path: Path) -> None:
    """The documentation neither, but to say that it is never done, or what a colleague did."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if DESTROYS.search(line)]
    assert [line for line in lines if not re.search(r"\bnever\b|\bno\b|\.\./colleague", line)] == []


@pytest.mark.parametrize(
    "hint",
    [
        "git tag -f v1.0.0",
        "git tag -af -m x v1.0.0",
        "git tag --delete v1",
        "git -C /x tag -d v1",
        "git push --force origin main",
        "git push origin +main",
        "git push origin :refs/tags/v1.0.0",
        "git push --delete origin tag v1",
        "delete the published tag",
        "move that tag to the right commit",
    ],
)
def test_such_advice_would_be_seen(hint: str) -> None:
    """The law can fail."""
    assert DESTROYS.search(f"do this: {hint}")
