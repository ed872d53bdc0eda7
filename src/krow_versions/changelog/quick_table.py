"""Read a plain table without the parser, as :mod:`krow_versions.changelog.quick` asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.changelog.document import MarkdownTable
from krow_versions.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from krow_versions.changelog.document import Line

# The marker of an item in a numbered list.
NUMBERED = regex(r"([0-9]{1,9})([.)])(?=[ \t]|$)")
# As many missing cells the parser completes, and then ends the table.
_MOST_COMPLETED = 0x10000


class Unclear(Exception):
    """The parser must decide."""


def read_table(lines: tuple[Line, ...], at: int) -> MarkdownTable:
    """Read the table with the header at the index *at*, where a block begins.

    Rows begin as nothing but a row or a paragraph does, so they end at a blank line or a heading.

    Raises:
        Unclear: it may be something else.
    """
    delimiter, bare = lines[at + 1].text, lines[at].text.lstrip(" ")
    columns = [cell.removeprefix(":").removesuffix(":") for cell in _cells(delimiter.lstrip(" "))]
    header = _cells(bare)
    if (
        delimiter[:4].strip(" ")[:1] in {"", "\t"}
        or any(not column or column.strip("-") for column in columns)
        or len(header) != len(columns)
        or not _is_row(bare)
    ):
        raise Unclear
    rows: list[tuple[str, ...]] = []
    missing = 0
    for line in lines[at + 2 :]:
        row = line.text.lstrip(" ")
        if not row.strip("\t ") or (row == line.text and level_of(row)):
            break
        if len(line.text) - len(row) > 3 or not _is_row(row):
            raise Unclear
        cells = _cells(row)
        missing += max(0, len(header) - len(cells))
        rows.append((*cells[: len(header)], *[""] * (len(header) - len(cells))))
    if missing > _MOST_COMPLETED:
        raise Unclear
    return MarkdownTable(header, tuple(rows), lines[at : at + 2 + len(rows)], at)


def is_delimiter(line: str) -> bool:
    """Whether a line may be the delimiter row of a table, if it is not indented too far."""
    row = line.lstrip(" ")
    return "-" in row and not row.strip("-:| \t") and row[:2] not in {"-", "- ", "-\t"}


def level_of(bare: str) -> int:
    """Return the level of a heading; 0 for another line."""
    level = len(bare) - len(bare.lstrip("#"))
    return level if level <= 6 and bare[level : level + 1] in {"", " ", "\t"} else 0


def _is_row(bare: str) -> bool:
    """Whether a line begins as nothing but a row or a paragraph does."""
    return (
        bare[0] in "|:["
        or not bare[0].isascii()
        or (bare[0].isalnum() and NUMBERED.match(bare) is None)
        or (bare.startswith("**") and bare[2:3] not in {"*", " ", "\t", ""})
    )


def _cells(row: str) -> tuple[str, ...]:
    """Split a row at its pipes; of those around it, either may be missing."""
    cells: Sequence[str] = row.rstrip(" \t").replace("\\|", "\0").split("|")
    cells = cells[1:] if cells[0] == "" else cells
    cells = cells[:-1] if cells and cells[-1] == "" else cells
    return tuple(cell.strip(" \t").replace("\0", "|") for cell in cells)
