"""The words of the project: plain ones, which those who learnt English as a second language know."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

TOP = Path(__file__).parents[1]
# What to avoid, and what to write. Each stood here once, and readers stumbled over it.
AVOIDED = {
    "tell|tells|told|telling": "say, print, report, show or return",
    "so anyway": "by default",
    "to be had": "available",
    "so-manieth": "n-th",
    "nobody seeks": "never used",
    "grave|graver|gravest": "severe, more severe, most severe",
    "mend|mends|mended|mending": "correct, fix or repair",
    "as ever": "as before",
    "long since": "already",
    "taken for": "read as, counted as",
    "thereof|whereof|wherein|whereby|hereby": "of it, of which, in which",
    "lest": "so that ... not",
    "now else": "otherwise now",
}
STEP = re.compile(r"\bTell\b(?! [a-z])")  # So the process calls its last step.


def texts() -> Iterator[tuple[str, str]]:
    """The path of each text of the project, and what readers see of it."""
    for pattern in ("*.md", "docs/**/*.md", "docs/**/*.py", "src/**/*.py", "bench/*.py", "dev"):
        for path in TOP.glob(pattern):
            yield path.relative_to(TOP).as_posix(), path.read_text(encoding="utf-8")
    for path in TOP.glob("tests/**/*.py"):
        if path != Path(__file__):
            yield path.relative_to(TOP).as_posix(), sentences(path.read_text(encoding="utf-8"))


def sentences(code: str) -> str:
    """Keep the docstrings of a module of tests, and the names of its tests as words, in their lines."""
    written = code.split("\n")
    lines = [""] * len(written)
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            lines[node.lineno - 1] += node.name.replace("_", " ")
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            first = node.body[0]
            for number in range(first.lineno - 1, first.end_lineno or first.lineno):
                lines[number] += written[number].strip() if number == first.lineno - 1 else written[number]
    return "\n".join(lines)


def found_in(path: str, text: str) -> list[str]:
    """Each place of a text that has a word to avoid, and a better one."""
    text = STEP.sub("____", text)
    return [
        f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]!r}; write {better}"
        for words, better in AVOIDED.items()
        for match in re.finditer(rf"\b(?:{words})\b".replace(" ", r"\s+"), text, re.IGNORECASE)
    ]


def test_the_words_are_plain() -> None:
    """No comment, docstring, message, page or name of a test has a word of the list."""
    places = [place for path, text in texts() for place in found_in(path, text)]
    assert not places, "\n".join(["words to avoid:", *places])


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("One\nis told.", ["x.md:2: 'told'; write say, print, report, show or return"]),
        ("It is not to be\n  had.", ["x.md:1: 'to be\\n  had'; write available"]),
        ("An intelligent teller has told_by.", []),
    ],
)
def test_a_word_is_found_with_its_line(text: str, places: list[str]) -> None:
    """A whole word is found, also across lines and in capitals; a part of another word is not."""
    assert found_in("x.md", text) == places


def test_names_and_docstrings_of_tests_are_read() -> None:
    """Of a module of tests, its docstrings and the names of its tests count; its data does not."""
    code = '"""Of that."""\nTOLD = "told"\n\ndef test_a_name() -> None:\n    """One.\n\n    Two."""\n'
    assert sentences(code) == '"""Of that."""\n\n\ntest a name\n"""One.\n\n    Two."""\n'
