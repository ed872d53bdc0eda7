"""A plain CHANGELOG is read without the parser: whenever that answers, the parser gives the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krow_versions import testing
from krow_versions.changelog import VersionTable, find_in_full, find_releases
from krow_versions.changelog.document import MOST_LINES, MOST_TOKENS, parse
from krow_versions.changelog.quick import read_plain
from krow_versions.errors import KrowVersionsError
from krow_versions.version import Version

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from krow_versions.changelog.document import MarkdownDocument
    from krow_versions.testing import ChangelogSample, SectionsSample

TABLE = "| Date | Version | Change |\n| --- | --- | --- |\n| 2026-03-05 | 0.1.1 | HOTFIX: Crash \\| login |\n"
KROW = f"# Worker Mobile\n\nAll hotfixes.\n\n{TABLE}| 2026-01-02 | 0.1.0 | Begin |\n"
OPEN = TABLE.replace("| ", "").replace(" |", "")
KEPT = """\
# Changelog

All notable changes, as in [Keep a Changelog](https://keepachangelog.com).

## [Unreleased]

## [0.1.1] - 2026-03-05
### Fixed
- Crash on login, for those
  without a shift
- **web:** a longer item

  - with an item in it

```sh
# no heading
| a | b |
```

<!-- what was before -->

## [0.1.0] - 2026-01-02

Begin

[Unreleased]: https://example.org/compare/0.1.1...HEAD
[0.1.1]: https://example.org/compare/0.1.0...0.1.1
"""
OLD = """\
Changelog
=========

0.1.1 (2026-03-05)
------------------

1. one
2. two

> said

***

0.1.0
-----
"""
PLAIN = {"table": KROW, "kept": KEPT, "old": OLD}

# Lines that are something else than a text, or are a text only where nothing is around them.
LINES = (
    *("", "", "", "text", "  text", "    text", "\ttext", " ", "\u00a0x", "Begin", "2026. x", "é | ü"),
    *("# H", "## 1.2.3", "  # h", "    # c", "#", "#x", "####### x", "# x #", "# C#", "===", "---", "--"),
    *("=", "-", "- - -", "***", "_ _ _", "* a", "- b", "+ c", "  - n", "      deep", "-   wide"),
    *("-     code", "- ---", "- a\n b", "1. x", "2. y", "10) z", "1.", "1. - b", "- # h", "- ```", "  ```"),
    *("  ---", "  ===", "- a | b", "# a | b", "*", "|a|b|", "| a | b |", "|---|---|", "| --- | --- |"),
    *("a | b", "--|--", ":-:|-", "\\| x | y |", "|", "||", "| a |", "|-|", "a |", "---|", "**b** | c"),
    *("1. a | b", "> a | b", "| `a|b` | c |", "\t|-|-|", "    |-|-|", "[a]: http://x.org", "- [a]: b"),
    *("[b]: <x>", "[c", "d]: http://x", "[x] y", "[x]:", '"title"', "[A]: http://y", "> q", ">", "> ```"),
    *(">      c", "> ---", "```", "~~~", "``` a`b", "<!--", "-->", "<!-- a -->", "<div>", "</div>"),
    *("<a name='x'></a>", "<script>", "<br>", "<x", "<?", "<!X>"),
)  # fmt: skip
# Lines that are read wrongly where one rule is forgotten.
TRAPS = (
    ["- b", "==="],
    ["- b", "---"],
    ["text", "- - -"],
    ["text", "2. y"],
    ["> q", "2. y"],
    [">      c", "text"],
    ["> ```", "> text", "text"],
    ["-   wide", "", "  # h"],
    ["- a", "", "      deep", "text"],
    ["- a", "", "\ttext"],
    ["- # h", "text"],
    ["- - a", "  -     code", "text"],
    ["- [a]: http://x.org"],
    ["- ** *", "text"],
    ["text", "-\t-\t-"],
    ["    text", "", "    text"],
    ["```", "    ```", "# H", "```", "    ```", "```", "```"],
    ["- \tx", "", "   # h"],
    ["|a|b|", "|---|"],
    ["|a|b|", "\t|-|-|"],
    ["|a|b|", "|-|-|", "- x"],
    ["text", "|a|", "|-|"],
    ["| a |", "---"],
    ["[a]: http://x.org", "---"],
    ["[a]: http://x.org", "[A]: http://y"],
    ["[a]: http://x.org", '"title"'],
    ["<div>", "# H"],
    ["<script>", "", "# H", "</script>"],
)
EDITS = st.lists(st.tuples(st.integers(0, 40), st.sampled_from(LINES)), max_size=4)
# Examples in the text of a specification: the Markdown, then a line with a full stop, then the HTML.
EXAMPLE = re.compile(r"^`{20,} example[^\n]*\n(.*?)^\.$", re.DOTALL | re.MULTILINE)


def view(document: MarkdownDocument) -> list[object]:
    """What readers see: a list may end with blank lines, which are part of no section."""
    blocks = []
    for block in document.blocks:
        lines = [line.text.strip() for line in document.lines[block.index : block.end]]
        while lines and not lines[-1]:
            lines.pop()
        blocks.append((block.kind, block.index, len(lines)))
    return [document.lines, document.tables, document.headings, document.links, blocks]


def outcome(read: Callable[..., Any], text: str, heading: str | None) -> object:
    """What a reader gets: the releases, or the error."""
    try:
        found = read(text, heading=heading)
    except KrowVersionsError as error:
        return type(error), error.message, error.hint, error.line
    where = found.lines if isinstance(found, VersionTable) else [*map(found.date_text, found.sections)]
    has = [found.has(row.version) for row in found.rows if row.version]
    return type(found), found.rows, found.dates, found.newest_first, where, has, found.has(Version(0, 0, 0))


def is_answered(text: str) -> bool:
    """Check the law, and say whether the text was read without the parser."""
    plain = read_plain(text)
    if plain is None:
        return False
    assert view(plain) == view(parse(text))
    for name in {None, *(each.text for each in plain.headings[:1])}:
        assert outcome(find_releases, text, name) == outcome(find_in_full, text, name)
    return True


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("text", [*PLAIN.values(), OPEN], ids=[*PLAIN, "open"])
def test_a_plain_file_is_read_without_the_parser(text: str, ending: str) -> None:
    """The usual kinds of CHANGELOGs are answered for, whatever their line ends."""
    assert is_answered(text.replace("\n", ending))


@given(testing.changelogs())
def test_any_table_is_read_as_by_the_parser(sample: ChangelogSample) -> None:
    """Rows, dates, order, columns and errors are the same for any CHANGELOG with a table."""
    is_answered(sample.text)


@given(testing.heading_changelogs())
def test_any_section_is_read_as_by_the_parser(sample: SectionsSample) -> None:
    """Sections are the same for any style of headings that is known."""
    is_answered(sample.text)


@pytest.mark.parametrize("lines", TRAPS)
def test_a_trap_is_read_as_by_the_parser(lines: list[str]) -> None:
    """What one rule decides is read as the parser does, or handed over."""
    is_answered("\n".join(lines))


@given(st.lists(st.sampled_from(LINES), max_size=9))
def test_any_lines_are_read_as_by_the_parser(lines: list[str]) -> None:
    """Whatever stands beside what: it is read as the parser does, or handed over."""
    is_answered("\n".join(lines))


@given(st.sampled_from([*PLAIN.values()]), EDITS, st.booleans())
def test_a_plain_file_with_any_line_in_it_is_read_as_by_the_parser(
    text: str, edits: list[tuple[int, str]], replaces: bool
) -> None:
    """Lines that are put into a plain file, or in place of its own, are read as the parser does."""
    lines = text.split("\n")
    for at, line in edits:
        lines[at : at + replaces] = [line]
    is_answered("\n".join(lines))


@pytest.mark.parametrize(
    "text",
    [
        "\n" * (MOST_LINES + 1),
        ("- " * 40 + "a\n") * (MOST_TOKENS // 100),
        "".join(f"{'  ' * depth}- a\n" for depth in range(400)),
        "|" * 2000 + "\n" + "|-" * 1999 + "|\n" + "|\n" * 600,
    ],
    ids=["lines", "items", "depth", "cells"],
)
def test_what_the_parser_refuses_is_not_answered(text: str) -> None:
    """Too many lines, items or cells, and lists that are too deep, are left to the parser to refuse."""
    assert read_plain(text) is None


def test_published_files_are_read_as_by_the_parser(
    shared: Path, record_property: Callable[[str, object], None]
) -> None:
    """Every CHANGELOG of the corpus, and every example of the specification, is read as by the parser."""
    texts = [path.read_bytes().decode() for path in sorted((shared / "corpus").glob("changelog-*/*"))]
    examples = EXAMPLE.findall((shared / "suites/gfm/extensions.txt").read_text(encoding="utf-8"))
    answered, of_examples = (sum(map(is_answered, each)) for each in (texts, examples))
    record_property("summary", f"corpus changelog: {answered} of {len(texts)} read without the parser")
    assert answered >= len(texts) / 2
    assert of_examples >= len(examples) / 2
