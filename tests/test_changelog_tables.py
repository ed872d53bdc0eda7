"""Which table is taken, where its new row goes, how it is written, and what is refused."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
from pathlib import Path

import pytest

from krow_versions.changelog import (
    ChangelogRow,
    Columns,
    find_table,
    insert_row,
    new_changelog,
    read_rows,
    row_edits,
)
from krow_versions.changelog import table_insert as room
from krow_versions.changelog.dates import read_dates
from krow_versions.changelog.document import parse
from krow_versions.changelog.headers import COLUMNS, header_keys
from krow_versions.errors import FileFormatError, InputError, InternalError
from krow_versions.version import Version

LOGIN = ChangelogRow(dt.date(2026, 3, 5), Version(0, 1, 1, build=6), "HOTFIX: Crash on login")
HEAD = "| Date | Version | Change |\n| --- | --- | --- |\n"
ROW = "| 2026-03-05 | 0.1.1 | HOTFIX: Crash on login |\n"
OLD = "| 2026-01-02 | 0.1.0 | Begin |\n"


def added(before: str, row: ChangelogRow = LOGIN) -> str:
    """Give the text that planning adds."""
    (edit,) = row_edits(before, row)
    return edit.text


# --- the stated rules ---------------------------------------------------------------------------

PAGE = (Path(__file__).parents[1] / "docs/changelog.md").read_text("utf-8")


def test_the_docs_list_every_header_in_its_order() -> None:
    """The page of the CHANGELOG lists the accepted headers of each column, the preferred one first."""
    listed = {
        row[0]: tuple(name.casefold() for name in row[2].split(", "))
        for table in parse(PAGE).tables
        if table.header == ("Column", "Needed", "Headers")
        for row in table.rows
    }
    assert listed == {column.name.casefold(): tuple(column.words) for column in COLUMNS}


def test_the_docs_list_every_translation() -> None:
    """Beside each English header, the page lists the headers of other languages that mean the same."""
    table = next(table for table in parse(PAGE).tables if table.header[0] == "English")
    listed = {row[0].casefold(): tuple(name.casefold() for name in row[1].split(", ")) for row in table.rows}
    words = {english: others for column in COLUMNS for english, others in column.words.items() if others}
    assert listed == {
        english: tuple(other.casefold() for other in others) for english, others in words.items()
    }


TRANSLATIONS = [
    (english, other) for column in COLUMNS for english, others in column.words.items() for other in others
]


def test_a_translation_means_one_thing() -> None:
    """No header in any language is in two columns, or stands for two English headers."""
    ranks = [
        (word, column.name, rank)
        for column in COLUMNS
        for english, others in column.words.items()
        for word in (english, *others)
        if (rank := column.rank(header_keys([word, "版本"])[0])) is not None
    ]
    assert len(ranks) == sum(1 + len(others) for column in COLUMNS for others in column.words.values())
    for english, other in TRANSLATIONS:
        assert [column.rank(header_keys([other, "版本"])[0]) for column in COLUMNS] == [
            column.rank(english) for column in COLUMNS
        ], other


def test_a_translated_table_is_its_english_twin() -> None:
    """A translated header leads to the same row in the same place as its English twin, or to none."""

    def outcome(header: str) -> list[str]:
        columns = header.count("|") + 1
        cells = ["0.1.0", "01.02.2026", "0.1.0", "03.02.2026", "x"][:columns]
        try:
            text = "\n".join((header, "|".join(["---"] * columns), "|".join(cells), ""))
            return insert_row(text, LOGIN).split("\n")[1:]
        except InputError:
            return ["refused"]

    taken = 0
    for english, other in TRANSLATIONS:
        for header in (
            "{}|Datum|Änderung|Autor",
            "Versie|{}|说明",
            "版本|Дата|{}",
            "Versão|{}",
            "Datum|版本|变更|{}",
        ):
            twin = outcome(header.format(english))
            assert outcome(header.format(other)) == twin, (header, other)
            taken += twin != ["refused"]
    assert taken > 2 * len(TRANSLATIONS)


@pytest.mark.parametrize(
    ("table", "line"),
    [
        (
            "|版本|日期|作者|修订内容|\n|---|---|---|---|\n|v0.1.0|2026年3月4日|张|新|\n",
            "|0.1.1|2026年3月5日||HOTFIX: Crash on login|",
        ),
        (
            "| Data | Versão | Descrição | Autor |\n|--|--|--|--|\n| 28/02/2026 | `0.1.0` | x | y |\n",
            "| 05/03/2026 | 0.1.1 | HOTFIX: Crash on login | |",
        ),
        (
            "| Versión | Fecha | Cambios |\n|--|--|--|\n| **0.1.0** | 4 de enero de 2026 | x |\n",
            "| 0.1.1 | 5 de marzo de 2026 | HOTFIX: Crash on login |",
        ),
        (
            "| Version | Datum | Änderung |\n|--|--|--|\n| [0.1.0](u) | 4. März 2026 | x |\n",
            "| 0.1.1 | 5. März 2026 | HOTFIX: Crash on login |",
        ),
        (
            "| Version | Date | Auteur | Modifications |\n|--|--|--|--|\n| 0.1.0 | 1er mars 2026 | y | x |\n",
            "| 0.1.1 | 5 mars 2026 | | HOTFIX: Crash on login |",
        ),
        ("| 版本 / Version | 说明 |\n|--|--|\n| 0.1.0 | x |\n", "| 0.1.1 | HOTFIX: Crash on login |"),
    ],
)
def test_a_row_in_a_table_of_another_language(table: str, line: str) -> None:
    """The row goes into the columns of the same meaning, with the date as that language writes it."""
    assert added(table) == f"{line}\n"
    with_row = insert_row(table, LOGIN)
    assert insert_row(with_row, LOGIN) is with_row


@pytest.mark.parametrize("header", ["Version|Data|Notes", "API|Version|Data|Change"])
def test_data_is_a_date_only_in_another_language(header: str) -> None:
    """In an English table, Data is no date; beside a header of another language, it is."""
    delimiter = "|".join(["---"] * (header.count("|") + 1))
    with pytest.raises(InputError, match="no Date column, but columns beside"):
        find_table(f"{header}\n{delimiter}\n")
    assert find_table("Version|Data|Zmiany\n---|---|---\n").columns == Columns(1, 0, 2)
    assert find_table("Date|Data|Version|Change\n---|---|---|---\n").columns == Columns(0, 2, 3)


def test_the_docs_show_only_dates_that_are_read() -> None:
    """Each example of a form of dates is read, beside a cell that shows which number is the month."""
    forms = next(table for table in parse(PAGE).tables if table.header[0] == "Form")
    examples = [re.findall("`([^`]+)`", row[1]) for row in forms.rows]
    assert all(None not in read_dates([*each, "28/02/2026", "28-02-2026"]).dates for each in examples)
    assert len([example for each in examples for example in each]) > 12


def test_a_month_is_clear_only_by_its_own_column() -> None:
    """`3/5/2026` alone may be two days; only another cell with the same sign decides."""
    assert read_dates(["3/5/2026", "28-02-2026"]).dates[0] is None
    assert read_dates(["3/5/2026", "2/28/2026"]).dates[0] == dt.date(2026, 3, 5)
    assert read_dates(["3/5/2026", "28/2/2026"]).dates[0] == dt.date(2026, 5, 3)


def test_a_text_without_a_table_can_be_corrected_as_the_hint_says() -> None:
    """The two lines of the hint make a table into which the row goes; a table of others is to be renamed."""
    with pytest.raises(InputError, match="no other table") as caught:
        find_table("Nothing\n")
    lines = re.findall(r'"(\|[^"]+)"', caught.value.hint or "")
    text = "Nothing\n\n" + "".join(f"{line}\n" for line in lines)
    assert ROW in insert_row(text, LOGIN)
    with pytest.raises(InputError, match="columns called Date, Version and Change"):
        find_table("| a | b |\n| - | - |\n")


# --- which table --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("Date|Version|Change", Columns(0, 1, 2)),
        ("Summary|RELEASE|Released", Columns(2, 1, 0)),
        ("**Version**|`Date`|[Notes](url)", Columns(1, 0, 2)),
        ("📅 Date (UTC)|Version #|Change(s):", Columns(0, 1, 2)),
        ("Release_Date|Rev.|What’s new|Who", Columns(0, 1, 2)),
        ("Version|Manifest version|Date|Author|Comments", Columns(2, 0, 4)),
        ("Version|Date|Notes|Description|Changes", Columns(1, 0, 4)),
        ("Date|Release date|Release|Version|Change", Columns(0, 3, 4)),
        ("Version|Description of change", Columns(None, 0, 1)),
        ("DATA|Versao|Descricao (resumo)", Columns(0, 1, 2)),
        ("**版本號**|日期（UTC）|說明|備註", Columns(1, 0, 2)),
        ("Versie/Version|Datum|Notes", Columns(1, 0, 2)),
        ("Date/Owner|Version|Day|Notes", Columns(2, 1, 3)),
    ],
)
def test_a_table_is_known_by_its_header(header: str, columns: Columns) -> None:
    """Any order, usual words and decorations are known; of several that fit, the more precise one counts."""
    text = f"{header}\n{'|'.join(['---'] * (header.count('|') + 1))}\n"

    assert find_table(text).columns == columns


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("Tool|Version", "has no Change column"),
        ("Date|Change", "has no Version column"),
        ("Technology|Version|Notes", "has no Date column"),
        ("Date|DocFx Version|Notes", "has no Version column"),
        ("Date|Version|Version|Change", "has several columns 'Version'"),
        ("Date|Version|Change|变更", "has several columns 'Change' and '变更'"),
    ],
)
def test_another_table_is_refused_with_its_reason(header: str, reason: str) -> None:
    """A table that lacks a column is no version table; the error names its line and what is missing."""
    text = f"# T\n\n{header}\n{'|'.join(['---'] * (header.count('|') + 1))}\n"

    with pytest.raises(InputError) as caught:
        find_table(text)
    assert f"the one in line 3 {reason}" in caught.value.message
    assert (caught.value.line, caught.value.excerpt) == (3, header)
    assert 'changelog = "CHANGELOG.md#Heading"' in str(caught.value)
    assert '"CHANGELOG.md#Heading"' in str(caught.value)


def test_a_table_without_dates_counts_only_where_there_is_none_with() -> None:
    """Beside a complete version table one without dates is another table."""
    text = f"Version|Notes\n---|---\n1.0.0|x\n\n{HEAD}"

    assert find_table(text).delimiter.number == 6


@pytest.mark.fault(33, 35)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "\ufeff",
        "No table.\n",
        HEAD.replace("| --- | --- | --- |\n", ""),
        HEAD.replace("| --- | --- | --- |", "| --- | --- |"),
        f"```\n{HEAD}```\n",
        f"```\n{HEAD}",
        f"<!--\n{HEAD}-->\n",
        f"<!--\n\n{HEAD}\n",
        f"<pre>\n\n{HEAD}</pre>\n",
        "".join(f"    {line}\n" for line in HEAD.splitlines()),
        "".join(f"> {line}\n" for line in HEAD.splitlines()),
        "- x\n\n" + "".join(f"  {line}\n" for line in HEAD.splitlines()),
        HEAD.replace("\n", "\u2028"),
    ],
)
def test_what_is_no_table(text: str) -> None:
    """Fences, comments, HTML, indented code, quotes, lists and half tables hold no version table."""
    with pytest.raises(InputError, match="and no other table"):
        insert_row(text, LOGIN)


TWO = f"# All\n\n## Mobile\n\n{HEAD}\n## `Web` app\n\n### 2026\n\n{HEAD}\n## Tools\n\n|a|b|\n|-|-|\n"


@pytest.mark.fault(35)
def test_two_tables_are_refused_with_the_way_out() -> None:
    """Several version tables: the error names their lines, their headings and the configuration."""
    with pytest.raises(InputError) as caught:
        find_table(TWO)

    assert "in lines 5, 12" in caught.value.message
    assert caught.value.line == 5
    assert caught.value.hint is not None
    assert "changelog = \"CHANGELOG.md#Heading\": 'Mobile', '2026'" in caught.value.hint


@pytest.mark.parametrize(
    ("heading", "line"),
    [
        ("Mobile", 5),
        ("mobile", 5),
        ("## Mobile", 5),
        ("Web app", 12),
        ("`Web` app", 12),
        ("web-app", 12),
        ("2026", 12),
    ],
)
def test_a_heading_picks_the_table_under_it(heading: str, line: int) -> None:
    """A heading is known by its text or its anchor, and its section holds those below it."""
    assert find_table(TWO, heading=heading).lines[0].number == line
    assert insert_row(TWO, LOGIN, heading=heading).splitlines()[line + 1] == ROW.rstrip()


@pytest.mark.parametrize(
    ("heading", "error", "message"),
    [
        ("All", InputError, "2 tables under the heading 'All'"),
        ("Tools", InputError, "no version table under the heading 'Tools'"),
        ("Desktop", InputError, "no heading 'Desktop'"),
    ],
)
def test_a_heading_that_picks_none_or_several(heading: str, error: type[InputError], message: str) -> None:
    """A heading must lead to one version table."""
    with pytest.raises(error, match=message):
        find_table(TWO, heading=heading)


def test_the_table_directly_under_a_heading_comes_first() -> None:
    """A heading's own table is preferred to those of the sections below it."""
    text = f"# All\n\n{HEAD}\n## Old\n\n{HEAD}"

    assert find_table(text, heading="All").lines[0].number == 3
    assert find_table(text, heading="Old").lines[0].number == 8


def test_a_section_ends_where_the_next_one_begins() -> None:
    """Another table before the first section below is passed over; the next section's is not looked at."""
    text = f"# A\n\n|a|b|\n|-|-|\n\n## Sub\n\n{HEAD}\n# B\n\n{HEAD}"

    assert find_table(text, heading="A").lines[0].number == 8


def test_a_heading_in_a_file_without_any() -> None:
    """Where there are no headings, the error says so."""
    with pytest.raises(InputError, match="no headings"):
        find_table(HEAD, heading="Mobile")


def test_a_bomb_of_nested_quotes_is_refused() -> None:
    """A text that is nested too deeply is an error of the file, not a crash."""
    with pytest.raises(FileFormatError, match="nested too deeply"):
        find_table("> " * 5000 + "x\n\n" + HEAD)


def test_deep_nesting_does_not_hide_what_follows() -> None:
    """The parser's own limit of 20 levels must not swallow the rest of the file."""
    assert find_table("- " * 40 + "x\n\n" + HEAD).newest_first


# --- where the row goes -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("versions", "dates", "newest_first"),
    [
        ([], [], True),
        (["0.1.0"], ["2026-01-01"], True),
        (["0.2.0", "0.1.0"], ["x", "x"], True),
        (["0.1.0", "0.2.0"], ["x", "x"], False),
        (["0.9.0", "0.10.0"], ["x", "x"], False),
        (["1.0.0", "1.0.0", "1.0.0"], ["January 29, 2019", "January 14, 2022", "October 09, 2024"], False),
        (["1.0", "1.1", "1.2", "1.3"], ["1 May 2018", "1 Oct 2018", "1 March 2018", "1 Oct 2024"], False),
        (
            ["2.0.1", "1.9.8", "2.0.0", "1.9.7"],
            ["2026-04-01", "2026-03-01", "2026-02-01", "2026-01-01"],
            True,
        ),
        (["0.1.0", "0.2.0"], ["2026-02-01", "2026-01-01"], True),
        (["1", "2", "3"], ["", "", ""], False),
        (["0.1.0+5", "0.1.0+6"], ["", ""], False),
        (["0.1.0", "0.2.0", "0.3.0", "0.4.0"], ["", "2026-02-01", "2026-01-01", ""], False),
        (["a", "b"], ["", ""], True),
    ],
)
def test_the_direction_is_read_from_versions_and_dates(
    versions: list[str], dates: list[str], newest_first: bool
) -> None:
    """Most neighbours decide, versions and dates alike; without a sign, the newest is at the top."""
    rows = "".join(f"| {date} | {version} | x |\n" for date, version in zip(dates, versions, strict=True))
    text = f"{HEAD}{rows}\nEnd.\n"

    assert find_table(text).newest_first is newest_first
    place = 2 if newest_first else 2 + len(versions)
    row = ChangelogRow(dt.date(2026, 3, 5), Version(7, 7, 7), "x")
    assert "7.7.7" in insert_row(text, row).splitlines()[place]


@pytest.mark.parametrize(
    "glued", ["A paragraph.\n", "{: .table}\n", "<br>\n", "<br>\n| | 0.3.0 | not in the table |\n"]
)
def test_a_glued_paragraph_stays_below(glued: str) -> None:
    """What is glued to the end of a table that runs oldest first stays after its last row."""
    text = HEAD + OLD + OLD.replace("0.1.0", "0.1.0.5") + glued
    rows = HEAD + OLD + OLD.replace("0.1.0", "0.2.0")

    assert insert_row(rows + glued, LOGIN) == rows + ROW + glued
    assert insert_row(text.replace("0.1.0.5", "0.0.9"), LOGIN).startswith(HEAD + ROW)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_text_without_a_final_line_end_keeps_none(ending: str) -> None:
    """The line that was the last one gets a line end of the file's kind, and the new one none."""
    head, old = HEAD.replace("\n", ending), OLD.replace("\n", ending)
    older = old.replace("0.1.0", "0.0.9")

    assert insert_row(head.removesuffix(ending), LOGIN) == head + ROW.rstrip("\n")
    assert insert_row((head + older + old).removesuffix(ending), LOGIN) == head + older + old + ROW.rstrip(
        "\n"
    )
    assert insert_row((head + old).removesuffix(ending), LOGIN) == head + ROW.replace(
        "\n", ending
    ) + old.rstrip("\r\n")


def test_mixed_line_ends_follow_the_row_beside() -> None:
    """Where line ends are mixed, the new row has that of its neighbour among the rows."""
    assert added(HEAD + OLD.replace("\n", "\r\n")) == ROW.replace("\n", "\r\n")
    assert added(HEAD.replace("\n", "\r\n") + OLD) == ROW


# --- how it is written --------------------------------------------------------------------------

PADDED = """\
| Date       | Version | Change                 | By |
|------------|---------|------------------------|----|
| 2026-01-02 | 0.1.0   | Begin                  | me |
"""
NATURAL = """\
| Date | Version | Change |
|------|---------|--------|
| x | 0.1.0   | x |
| x | 0.0.9   | x |
| x | 0.0.8 | x |
| x | 0.0.7 | x |
| x | 0.0.6 | x |
"""
RIGHT = """\
| Version |       Date | Change |
| ------: | ---------: | ------ |
|   0.1.0 | 2026-01-02 | x      |
"""


@pytest.mark.parametrize(
    ("table", "line"),
    [
        (
            "|Date|Version|Change|\n|---|---|---|\n|2026-01-02|0.1.0|x|\n",
            "|2026-03-05|0.1.1|HOTFIX: Crash on login|",
        ),
        ("Date|Version|Change\n---|---|---\n2026-01-02|0.1.0|x\n", "2026-03-05|0.1.1|HOTFIX: Crash on login"),
        ("  Date | Version | Change\n  --- | --- | ---\n", "  2026-03-05 | 0.1.1 | HOTFIX: Crash on login"),
        (
            PADDED,
            "| 2026-03-05 | 0.1.1   | HOTFIX: Crash on login |    |",
        ),
        (
            RIGHT,
            "|   0.1.1 | 2026-03-05 | HOTFIX: Crash on login |",
        ),
        (
            "|  Version  | Change | Date |\n|:---------:|---|---|\n|   0.1.0   | x | 2.1.2026 |\n",
            "|   0.1.1   | HOTFIX: Crash on login | 5.3.2026 |",
        ),
        (NATURAL, ROW.rstrip("\n")),
        (
            PADDED.replace("| ", "|").replace(" |", "|").replace("--|", "|"),
            "|2026-03-05|0.1.1  |HOTFIX: Crash on login|  |",
        ),
        ("Change | Date | Version\n--- | --- | ---\n", "HOTFIX: Crash on login | 2026-03-05 | 0.1.1"),
        (
            "By | Date | Version | Change\n--- | --- | --- | ---\n",
            "| | 2026-03-05 | 0.1.1 | HOTFIX: Crash on login",
        ),
        (
            "Date | Version | Change | By\n--- | --- | --- | ---\n",
            "2026-03-05 | 0.1.1 | HOTFIX: Crash on login | |",
        ),
        ("Date|Version|Change|PR|By\n-|-|-|-|-\n", "2026-03-05|0.1.1|HOTFIX: Crash on login|||"),
        ("|Date|Version|Change\n|-|-|-\n", "|2026-03-05|0.1.1|HOTFIX: Crash on login"),
        ("Date | Version | Change\n--- | --- | ---\n| 2026-01-02 | 0.1.0 | x |\n", ROW.rstrip("\n")),
    ],
)
def test_the_new_row_is_written_as_the_others(table: str, line: str) -> None:
    """Outer pipes, margins, indentation, padding and dates are the table's own; no cell is lost."""
    assert added(table) == f"{line}\n"


@pytest.mark.parametrize(
    "text", ["# x", "- x", "1. x", "2) x", "> x", "```", "<!-- x", "<div>", "+ x", "---", "=", "*"]
)
def test_a_text_that_begins_a_line_cannot_begin_a_block(text: str) -> None:
    """Where the text comes first and there are no outer pipes, a pipe goes before it if need be."""
    table = "Change | Version | Date\n--- | --- | ---\n"
    row = ChangelogRow(dt.date(2026, 3, 5), Version(0, 1, 1), text)

    assert added(table, row) == f"| {text} | 0.1.1 | 2026-03-05\n"


def test_pipes_and_backslashes_make_no_cells() -> None:
    """A pipe is escaped, in code too, and a last backslash cannot escape the pipe behind it."""
    row = ChangelogRow(dt.date(2026, 3, 5), Version(0, 1, 1), "`a|b` \\| \\")

    assert added("|Change|Date|Version|\n|-|-|-|\n", row) == "|`a\\|b` \\\\| \\ |2026-03-05|0.1.1|\n"


# --- nothing to do, and refused -----------------------------------------------------------------


@pytest.mark.parametrize(
    "cell", ["0.1.1", "v0.1.1", "**0.1.1**", "[0.1.1](url)", "0.1.1+6", "`v0.1.1+7`", "0.1.0, 0.1.1"]
)
def test_a_version_that_is_there_is_left_alone(cell: str) -> None:
    """However the cell is decorated and wherever the row stands, there is nothing to do."""
    text = f"{HEAD}| x | 0.2.0 | y |\n| x | {cell} | y |\n"

    assert insert_row(text, LOGIN) is text


@pytest.mark.parametrize(
    "cell", ["0.1.10", "0.1.1-rc.1", "0.1.1 RC 1", "10.1.1", "0.1.1.1", "0.1", "[0.1.0](url/0.1.1)"]
)
def test_a_similar_version_is_another_one(cell: str) -> None:
    """A version that only looks alike does not stand in the way."""
    assert insert_row(f"{HEAD}| x | {cell} | 0.1.1 |\n", LOGIN).count("\n") == 4


def test_a_row_needs_a_text_and_a_date() -> None:
    """A row that says nothing, or that has no date, is refused before anything is written."""
    with pytest.raises(InputError, match="text of the change is empty"):
        insert_row(HEAD, ChangelogRow(dt.date(2026, 3, 5), Version(0, 1, 1), " \u202e\n"))
    with pytest.raises(InputError, match="needs a date"):
        insert_row(HEAD, ChangelogRow(None, Version(0, 1, 1), "x"))


def test_a_rows_values_have_their_types() -> None:
    """A time is taken as its day; what is no date, version or text is a mistake in the program."""
    at = dt.datetime(2026, 3, 5, 23, 59, tzinfo=dt.UTC)

    assert ChangelogRow(at, Version(0, 1, 1), "x").date == dt.date(2026, 3, 5)
    for wrong in (("2026-03-05", Version(0, 1, 1), "x"), (at, "0.1.1", "x"), (at, Version(0, 1, 1), None)):
        with pytest.raises(TypeError):
            ChangelogRow(*wrong)


def test_rows_of_any_length_are_read() -> None:
    """Short rows are filled up, long ones cut, as GitHub does; lines are counted as editors do."""
    rows = read_rows(f"\ufeff# T\r\n\r\n{HEAD}| 2026-01-02 |\n| a | b | c | d |\nglued\n")

    assert [row.cells for row in rows] == [("2026-01-02", "", ""), ("a", "b", "c"), ("glued", "", "")]
    assert [row.line for row in rows] == [5, 6, 7]
    assert find_table(f"# T\r\r\n{HEAD}").lines[0].number == 2


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("x | y | z |\n", "more than one row"),
        ("| 2026-03-05 | 0.1.1 | HOTFIX: Crash on login |\n\n", "more than one row"),
        ("", "more than one row"),
    ],
)
def test_a_line_that_does_not_prove_right_is_our_bug(
    monkeypatch: pytest.MonkeyPatch, broken: str, said: str
) -> None:
    """A new line that the parser reads otherwise is never given out, and both texts are in the error."""
    monkeypatch.setattr(room, "render_row", lambda *_: broken.removesuffix("\n"))

    with pytest.raises(InternalError, match=said) as caught:
        insert_row(HEAD + OLD, LOGIN)
    assert caught.value.before == HEAD + OLD
    assert caught.value.after == HEAD + broken.removesuffix("\n") + "\n" + OLD


def test_a_line_that_adds_more_than_a_row_is_our_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else in the document may change, even where the table is as it should be."""
    monkeypatch.setattr(room, "render_row", lambda *_: f"{ROW}\nA paragraph.")

    with pytest.raises(InternalError, match="more than one row"):
        insert_row(HEAD, LOGIN)


def test_a_date_that_does_not_read_back_is_our_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    """The new row's values are read again, and not only its cells."""
    monkeypatch.setattr("krow_versions.changelog.dates.DateColumn.write", lambda *_: "soon")

    with pytest.raises(InternalError, match="does not read back"):
        insert_row(HEAD, LOGIN)


@pytest.mark.parametrize(
    ("title", "heading"),
    [("Web", "# Web"), ("C #", "# C \\#"), ("", "# Changelog"), ("a\nb", "# a b"), ("C#", "# C#")],
)
def test_a_new_file_has_its_title(title: str, heading: str) -> None:
    """A new file is a heading and an empty table."""
    assert new_changelog(title) == f"{heading}\n\n{HEAD}"


def test_nothing_heavy_is_loaded_before_it_is_needed() -> None:
    """Importing the room loads no Markdown parser."""
    code = (
        "import krow_versions.changelog, sys; sys.exit('markdown_it' in sys.modules or 'html' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
