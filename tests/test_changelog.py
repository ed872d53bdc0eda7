"""The laws of version tables: on any table, in any surroundings, with any text."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import attrs
import cmarkgfm  # type: ignore[import-untyped]
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from krow_versions.changelog import (
    ChangelogRow,
    cell_text,
    find_releases,
    find_table,
    insert_row,
    new_changelog,
    read_rows,
    row_edits,
)
from krow_versions.edits import apply_edits
from krow_versions.encoding import decode
from krow_versions.errors import InputError
from krow_versions.version import Version
from support.hang import no_hang

if TYPE_CHECKING:
    from pathlib import Path

# --- a second reader, GitHub's own ------------------------------------------------------------

_ROW = re.compile(r"<tr>.*?</tr>\n", re.DOTALL)
_CELL = re.compile(r"<t[dh][^>]*>(.*?)</t[dh]>", re.DOTALL)


def second_reader(text: str) -> tuple[str, list[list[str]]]:
    """Give what cmark-gfm makes of a text: all but the tables' rows, and all rows' cells as HTML."""
    html = cmarkgfm.github_flavored_markdown_to_html(text)
    rows = [_CELL.findall(row) for row in _ROW.findall(html)]
    return _ROW.sub("", html).replace("<tbody>\n</tbody>\n", ""), rows


def as_paragraph(text: str) -> str:
    """Give the HTML of one line outside of any table."""
    html: str = cmarkgfm.github_flavored_markdown_to_html(f"x {text}\n")
    return html.removeprefix("<p>x ").removesuffix("</p>\n")


# --- documents that are made by hand, so that it is known where the row must go ---------------


@attrs.frozen
class Made:
    """A document with one version table; the new line must become its line ``place``."""

    lines: tuple[str, ...]  # Each with its end.
    place: int
    row: int
    mark: str

    @property
    def text(self) -> str:
        return self.mark + "".join(self.lines)


SURROUNDINGS = (
    "# Changelog",
    "Some words | with a pipe, and `code`.",
    "Setext\n======",
    "| Tool | Version |\n|------|---------|\n| Dart | 3.5.0 |",
    "| Name | Notes |\n|:--|--:|\n| a \\| b | `c` |",
    "```\n| Date | Version | Change |\n|---|---|---|\n| 2026-03-05 | 0.1.1 | In a fence |\n```",
    "~~~md\n| Date | Version | Change |\n|---|---|---|\n~~~",
    "<!--\n| Date | Version | Change |\n|---|---|---|\n\n| 2026-03-05 | 0.1.1 | In a comment |\n-->",
    "    | Date | Version | Change |\n    |---|---|---|\n    | 2026-03-05 | 0.1.1 | Code |",
    "> | Date | Version | Change |\n> |---|---|---|\n> | 2026-03-05 | 0.1.1 | Quoted |",
    "- item\n\n  | Date | Version | Change |\n  |---|---|---|\n  | 2026-03-05 | 0.1.1 | Listed |\n\nAfter.",
    "1. one\n2. two\n\nAfter.",
    "[ref]: https://example.org",
    "| Date | Version | Change |",
    "| Date | Version | Change |\n|---|---|",
    "***",
    "a\u2028| Date | Version | Change |\u2028|---|---|---|\x0b\x0c\x1c\x85b",
)
DATES = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%B %d, %Y", "%d %b %Y")
HEADERS = {
    "date": ("Date", "Released", "**Release Date**", "DATE", "`date`"),
    "version": ("Version", "Release", "_Version_", "Rev"),
    "change": ("Change", "Changes", "Description", "Notes", "Comments", "Summary"),
    "other": ("Author", "PR", "", "Ticket"),
}
OLD_TEXTS = st.sampled_from(("Fix", "Fix `a\\|b`", "x", "**Big** change", "Änderung 🎉", "a \\\\ b"))


@st.composite
def documents(draw: st.DrawFn) -> Made:
    """Make a document in any style, with the version table at a known place."""
    roles = draw(st.permutations(["date", "version", "change", *draw(st.sampled_from(([], ["other"])))]))
    header = [draw(st.sampled_from(HEADERS[role])) for role in roles]
    newest_first = draw(st.booleans())
    count = draw(st.integers(0, 5))
    order = draw(st.sampled_from(DATES))
    rows = []
    for number in range(count, 0, -1) if newest_first else range(1, count + 1):
        cells = {
            "date": (dt.date(2020, 1, 20) + dt.timedelta(days=31 * number)).strftime(order),
            "version": draw(st.sampled_from(("", "v"))) + f"0.0.{number}",
            "change": draw(OLD_TEXTS),
            "other": draw(st.sampled_from(("me", ""))),
        }
        rows.append([cells[role] for role in roles])
    pipes = draw(st.sampled_from(("both", "none", "left", "right")))
    if "" in {line[0] for line in (header, *rows)} | {line[-1] for line in (header, *rows)}:
        pipes = "both"
    margin = draw(st.sampled_from((" ", "")))
    indent = " " * draw(st.integers(0, 3))
    widths = [0] * len(roles)
    if draw(st.booleans()):
        widths = [max(len(line[column]) for line in (header, *rows)) for column in range(len(roles))]
    delimiter = ["-" * max(width, 3) for width in widths]
    table = []
    for line in (header, delimiter, *rows):
        cells_written = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        joined = f"{margin}|{margin}".join(cells_written).rstrip()
        left = f"|{margin}" if pipes in ("both", "left") else ""
        right = f"{margin}|" if pipes in ("both", "right") else ""
        table.append(f"{indent}{left}{joined}{right}")
    before = draw(st.lists(st.sampled_from(SURROUNDINGS), max_size=3))
    after = draw(st.lists(st.sampled_from(SURROUNDINGS), max_size=3))
    lines = [line for block in before for line in (*block.split("\n"), "")]
    row = 0 if newest_first or count < 2 else count
    place = len(lines) + 2 + row
    lines += table + [line for block in after for line in ("", *block.split("\n"))]
    ends = draw(st.sampled_from((("\n",), ("\r\n",), ("\r",), ("\n", "\r\n"))))
    ended = [line + draw(st.sampled_from(ends)) for line in lines]
    if draw(st.booleans()):
        ended[-1] = lines[-1]
    return Made(tuple(ended), place, row, draw(st.sampled_from(("", "\ufeff"))))


AWKWARD = (
    "|", "||", "\\", "\\|", "\\\\|", "`", "``", "`a|b`", "<!--", "-->", "\n", "\r\n", "\r", "\t", "\x0b",
    "\x1c", "\x85", "\u2028", "\x00", "\x1b[2K", "- ", "1. ", "1) ", "# ", "> ", "```", "~~~", "<div>",
    "</td>", "<b>", "<script>", "[x]: y", "[a](b|c)", "![", "**", "~", "&#124;", "&lt;", "    ", "=", "---",
    ":-:", "@me", "www.a.b", "👩\u200d👩\u200d👧", "🏴\U000e0067\U000e0062\U000e007f", "שלום", "مرحبا",
    "می\u200cخواهم", "\u202e", "\u2066", "\u200b", "\ufeff", "\ud800", "\u00a0", "é",
    "0.0.1", "2026-03-05", "HOTFIX: ", "fix",
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(AWKWARD), max_size=8).map("".join),
    st.just("Crash on login"),
).filter(lambda text: cell_text(text) != "")
ROWS = st.builds(
    ChangelogRow,
    st.dates(),
    st.builds(Version, st.just(1), st.integers(0), st.integers(0), st.none(), st.none() | st.integers(0)),
    TEXTS,
)
LOGIN = ChangelogRow(dt.date(2026, 3, 5), Version(0, 1, 1), "HOTFIX: Crash on login")
TABLE = "| Date | Version | Change |\n|---|---|---|\n"


def split_lines(text: str) -> list[str]:
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)


# --- the laws ---------------------------------------------------------------------------------


@pytest.mark.fault(7, 33)
@given(documents(), ROWS)
def test_exactly_one_line_is_added_at_the_right_place(made: Made, row: ChangelogRow) -> None:
    """One line is added, where the newest row belongs, and deleting it gives the original back."""
    after = split_lines(insert_row(made.text, row).removeprefix(made.mark))

    if made.place == len(made.lines) and made.lines[-1][-1] not in "\r\n":
        *kept, new = after
        ending = after[-3][len(after[-3].rstrip("\r\n")) :]
        assert (tuple(kept), new[-1:]) == (
            (*made.lines[:-1], made.lines[-1] + ending),
            new.rstrip("\r\n")[-1:],
        )
    else:
        new = after.pop(made.place)
        assert tuple(after) == made.lines
        assert new[-1] in "\r\n"
    assert str(row.version.with_build(None)) in new


@pytest.mark.fault(36)
@given(documents(), ROWS, ROWS)
def test_a_version_gets_one_row_only(made: Made, row: ChangelogRow, later: ChangelogRow) -> None:
    """A second row of the version changes nothing, whatever its day, build and text are."""
    once = insert_row(made.text, row)

    assert insert_row(once, attrs.evolve(later, version=row.version)) is once
    assert row_edits(once, attrs.evolve(row, version=row.version.with_build(7), text="")) == ()


@pytest.mark.fault(34)
@given(documents(), ROWS)
def test_what_went_in_reads_back(made: Made, row: ChangelogRow) -> None:
    """The new row reads back as it went in, its text as a cell's; all other rows are as before."""
    before = read_rows(made.text)
    after = list(read_rows(insert_row(made.text, row)))
    new = after.pop(made.row)

    assert (new.date, new.version, new.text) == (row.date, row.version.with_build(None), cell_text(row.text))
    assert [attrs.evolve(read, line=0) for read in after] == [attrs.evolve(read, line=0) for read in before]
    assert sum(cell != "" for cell in new.cells) == 3


@pytest.mark.fault(34)
@given(documents(), ROWS)
@example(Made(("a|Version|Change|Date\n", "-|-|-|-"), 2, 0, ""), attrs.evolve(LOGIN, text="\\"))
@example(Made(("Change|Version|Date\n", "---|---|---\n"), 2, 0, ""), attrs.evolve(LOGIN, text="1. <!--|"))
def test_a_second_reader_sees_one_row_more_and_nothing_else(made: Made, row: ChangelogRow) -> None:
    """GitHub's parser sees the same document, with one row more, whose text is what was given."""
    frame, rows = second_reader(made.text)
    frame_after, rows_after = second_reader(insert_row(made.text, row))
    (at,) = [
        index
        for index in range(len(rows_after))
        if rows_after[:index] + rows_after[index + 1 :] == rows
        and str(row.version.with_build(None)) in rows_after[index]
    ]

    assert frame_after == frame
    assert as_paragraph(cell_text(row.text)) in rows_after[at]


@given(documents(), ROWS)
def test_the_plan_is_what_is_done(made: Made, row: ChangelogRow) -> None:
    """Applying the planned edit is inserting the row, and the edit replaces nothing."""
    (edit,) = row_edits(made.text, row)

    assert edit.span.start == edit.span.end
    assert apply_edits(made.text, [edit]) == insert_row(made.text, row)


EMPTY_BESIDE = (
    "Change|Author|Date      |Version\n",
    "------|------|----------|-------\n",
    "Fix   |      |2020-02-20|0.0.1\n",
)


@pytest.mark.fault(7)
@example(Made(EMPTY_BESIDE, place=2, row=0, mark=""))  # An empty cell beside shows no margin.
@given(documents())
def test_the_neighbours_style_is_kept(made: Made) -> None:
    """The new row has the indentation, the outer pipes and the margins of the row beside it."""
    after = insert_row(made.text, LOGIN)
    new = split_lines(after.removeprefix(made.mark))[made.place].rstrip("\r\n")
    cells = read_rows(after)[made.row].cells
    table = find_table(made.text)
    header = table.lines[0].text

    assert len(new) - len(new.lstrip()) == len(header) - len(header.lstrip())
    if cells[0]:  # An empty cell at an edge needs its pipe.
        assert new.lstrip().startswith("|") == header.lstrip().startswith("|")
    if cells[-1]:
        assert new.endswith("|") == header.endswith("|")
    assert ("login |" in new or "| HOTFIX" in new) == (" | " in table.delimiter.text)


@given(st.lists(ROWS, min_size=2, max_size=6, unique_by=lambda row: row.version.core))
def test_a_new_file_takes_rows_one_after_the_other(rows: list[ChangelogRow]) -> None:
    """A new file begins empty, and what is put in stands in it, the last one at the top."""
    text = new_changelog("Worker Mobile")
    assert read_rows(text) == ()
    ordered = sorted(rows, key=lambda row: row.version)
    for index, row in enumerate(ordered):
        dated = attrs.evolve(row, date=dt.date(2026, 1, 1) + dt.timedelta(days=index))
        text = insert_row(text, dated, heading="worker-mobile")

    assert [read.version for read in read_rows(text)] == [
        row.version.with_build(None) for row in ordered[::-1]
    ]


@given(TEXTS)
def test_any_title_can_be_found_again(title: str) -> None:
    """The table of a new file is found under the title that the file was made with."""
    assert find_table(new_changelog(title), heading=cell_text(title)).newest_first


# --- size ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("piece", ["|", "\\", "`", "[", "<!--", " ", "\u200d", "x|", "👩‍👩‍👧", "\n"])
def test_a_text_of_ten_thousand_characters(piece: str) -> None:
    """A very long text goes in and reads back, whatever it is made of; it does not take for ever."""
    text = f"a{piece * (10_000 // len(piece))}z"
    with no_hang():
        (read,) = read_rows(insert_row(TABLE, attrs.evolve(LOGIN, text=text)))
    assert read.text == cell_text(text)


def test_five_thousand_rows_are_no_obstacle() -> None:
    """A row goes into a table of 5,000 rows, and only that; ./dev bench large measures how long it takes."""
    rows = "".join(f"| 2026-01-05 | [0.{n}.0](https://example.org) | Fix `x` |\n" for n in range(5000, 0, -1))
    with no_hang():
        after = insert_row(TABLE + rows, attrs.evolve(LOGIN, version=Version(1, 0, 0)))
    assert after.count("\n") == 5003


# --- real files ---------------------------------------------------------------------------------

REFUSED = {  # By the beginning of the name, for what reason.
    "AKJUS": "has no Version column",
    "dotnet__core__release-notes__1": "has no Version column",
    "dotnet__core__release-notes__2": "has no Version column",
    "dotnet__core__release-notes__7": "has no Change column",
    "dotnet__core__release-notes__8": "has no Change column",
    "dotnet__core__release-notes__9": "has no Change column",
    "laminlabs__lamin-docs__docs__changelog__2024": "name several products",
    "laminlabs": "has no Change column",
}


def test_real_tables_take_a_row_or_are_refused_with_reason(shared: Path) -> None:
    """Every real version table takes a row by all laws, save those without the columns for it."""
    files = sorted((shared / "corpus" / "changelog-table").iterdir())
    told = []
    for file in files:
        text = decode(file.read_bytes())
        reason = next((why for start, why in REFUSED.items() if file.name.startswith(start)), None)
        if reason is not None:
            with pytest.raises(InputError) as caught:
                insert_row(text, LOGIN)
            assert reason in caught.value.message, file.name
            told.append(f"refused  {file.name}: {reason}")
            continue
        (edit,) = row_edits(text, LOGIN)
        after = apply_edits(text, [edit])
        frame, rows = second_reader(text)
        frame_after, rows_after = second_reader(after)
        assert (frame_after, len(rows_after)) == (frame, len(rows) + 1), file.name
        assert insert_row(after, attrs.evolve(LOGIN, text="other")) is after, file.name
        told.append(f"inserted {file.name}: {edit.text!r}")
    print(*told, sep="\n")  # noqa: T201 (shown by pytest -s)
    assert len(files) == 40


def test_real_files_without_a_version_table_are_read_by_their_headings(shared: Path) -> None:
    """No other table ever counts as the version table: what has version headings has sections."""
    kinds = []
    for file in sorted((shared / "corpus" / "changelog-other").iterdir()):
        text = decode(file.read_bytes())
        with pytest.raises(InputError):
            find_table(text)
        try:
            found = find_releases(text)
        except InputError:
            kinds.append("none")
        else:
            kinds.append(type(found).__name__)
    assert (kinds.count("VersionSections"), kinds.count("none")) == (15, 10)
