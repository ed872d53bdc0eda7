"""One table, many renderings: all show the same cells, and none shows anything raw.

Here is also what reads a display back, for ``test_notebook.py``.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import subprocess
import sys
import unicodedata
from typing import Any

import attrs
import cmarkgfm  # type: ignore[import-untyped]
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from krow_versions.errors import InternalError, UsageError
from krow_versions.tables import Cell, Table, Tabular
from support.displays import HOSTILE, Page, assert_a_good_display, assert_nothing_raw, lines_of

CET = dt.timezone(dt.timedelta(hours=1))
ZONE_WEST = dt.timezone(-dt.timedelta(hours=9, minutes=30))
AFTERNOON = dt.datetime(2026, 3, 5, 14, 2, 33, tzinfo=dt.UTC)
RELEASES = Table(
    ("tag", "build", "date", "day"),
    (
        ("prod-v0.1.1", 16, AFTERNOON, dt.date(2026, 3, 5)),
        ("prod-v0.1.0", None, None, None),
        ("prod-v0.0.9", 5, AFTERNOON - dt.timedelta(days=1), dt.date(2026, 3, 4)),
    ),
    "Releases",
)
TEXTS = st.sampled_from(HOSTILE) | st.text(
    st.characters(exclude_categories=()) | st.sampled_from("<>&\"'|\\`*_[]()!~$:/.@w \n\x1b\u202e"),
    max_size=12,
)
ZONES = st.sampled_from([dt.UTC, CET, ZONE_WEST])
CELLS = TEXTS | st.none() | st.integers() | st.dates() | st.datetimes(timezones=ZONES)


@st.composite
def tables(draw: st.DrawFn, cells: st.SearchStrategy[Cell] = CELLS) -> Table:
    """Draw a table of a few rows."""
    columns = draw(st.lists(TEXTS, min_size=1, max_size=4, unique=True))
    rows = draw(st.lists(st.tuples(*[cells] * len(columns)), max_size=4))
    return Table(tuple(columns), tuple(rows), draw(TEXTS))


def between_others(text: str) -> Table:
    return Table(("before", text or "empty", "after"), (("1", text, "2"), (text, None, text)))


# --- the same cells everywhere ------------------------------------------------------------------


@pytest.mark.fault(110)
@given(tables())
@example(RELEASES)
def test_text_and_html_show_the_same_cells(table: Table) -> None:
    """What the HTML holds are the cells of the table, and every line of the text is one row of them."""
    (rows,) = Page(table.to_html()).tables
    assert rows == lines_of(table)

    lines = table.to_text().split("\n")
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        pattern = "  ".join(f" *{re.escape(cell)} *" for cell in row)
        assert re.fullmatch(pattern, line + " " * len("".join(row) + "  " * len(row)) + " " * 200), (
            line,
            row,
        )


@given(tables(), st.integers(10, 60))
@example(RELEASES, 12)
def test_a_text_of_a_given_width_has_all_the_words(table: Table, width: int) -> None:
    """Wrapping loses and adds nothing but spaces; no line is too wide, if its columns can be narrower."""
    wide, narrow = table.to_text(), table.to_text(width)
    assert sorted("".join(narrow.split())) == sorted("".join(wide.split()))
    most = max(width, (8 + 2) * len(table.columns))
    assert [line for line in narrow.split("\n") if columns_of(line) > most] == []
    assert table.to_text(10**9) == wide


def columns_of(line: str) -> int:
    """The number of columns of a terminal that a line has."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1
        for each in line
    )


@given(tables())
@example(RELEASES)
def test_a_second_reader_finds_the_same_cells_in_the_markdown(table: Table) -> None:
    """GitHub's own parser reads exactly the cells, as text: there are no elements but those of a table."""
    page = Page(cmarkgfm.github_flavored_markdown_to_html(table.to_markdown()))
    assert page.tables == [lines_of(table)]
    assert set(page.names) <= {"table", "thead", "tbody", "tr", "th", "td"}
    assert {name for _, name, _ in page.attributes} <= {"align"}


@given(tables())
@example(between_others("see https://x.org/a_b?c=d."))
def test_links_change_no_cell(table: Table) -> None:
    """With links, the cells are the same, and a link leads to what it says."""
    html = cmarkgfm.github_flavored_markdown_to_html(table.to_markdown(links=True))
    page = Page(re.sub("</?a\\b[^>]*>", "", html))
    assert page.tables == [lines_of(table)]
    assert set(page.names) <= {"table", "thead", "tbody", "tr", "th", "td"}
    for target, said in re.findall('<a href="(?:mailto:)?([^"]*)">(.*?)</a>', html):
        assert said in {target, f"mailto:{target}"}


@pytest.mark.fault(37)
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:30])
def test_hostile_cells_are_text_to_every_reader(text: str) -> None:
    """Each known attack is one cell of text: to a browser, to GitHub, to a program that reads CSV."""
    table = between_others(text)
    wanted = lines_of(table)
    assert Page(table.to_html()).tables == [wanted]
    page = Page(cmarkgfm.github_flavored_markdown_to_html(table.to_markdown()))
    assert (page.tables, set(page.names)) == ([wanted], {"table", "thead", "tbody", "tr", "th", "td"})
    assert list(csv.reader(io.StringIO(table.to_csv(), newline=""))) == wanted
    assert "script" not in Page(table._repr_html_()).names
    for shown in (table.to_text(), table.to_markdown(), table._repr_html_(), str(table), repr(table)):
        assert_nothing_raw(shown)
    assert_nothing_raw(table.to_csv(), lines="\r\n")
    assert_nothing_raw("".join(map(str, table.to_pandas().to_numpy().ravel().tolist())))


@given(tables())
def test_no_rendering_shows_anything_raw(table: Table) -> None:
    """Whatever a cell, a heading or the caption holds, what could mislead a reader is escaped."""
    for shown in (table.to_text(), table.to_markdown(), table.to_html(), table._repr_html_()):
        assert_nothing_raw(shown)
    assert_nothing_raw(table.to_csv(), lines="\r\n")


@given(tables())
@example(Table(("one",), (("",), (None,), ('"',))))
def test_csv_is_read_back(table: Table) -> None:
    """The csv module reads the same cells, with times by ISO 8601; lines end as RFC 4180 says."""
    written = table.to_csv()
    times = [
        [each.isoformat() if isinstance(each, dt.datetime) else each for each in row] for row in table.rows
    ]
    shown = Table(table.columns, tuple(map(tuple, times)))
    assert list(csv.reader(io.StringIO(written, newline=""), strict=True)) == lines_of(shown)
    assert written.count("\r\n") == written.count("\n") == len(table.rows) + 1


def test_nothing_is_cut_off() -> None:
    """10,000 characters are 10,000 characters in every rendering."""
    long = "x" * 10_000
    table = Table(("cell",), ((long,),))
    for shown in (table.to_text(), table.to_markdown(), table.to_html(), table.to_csv()):
        assert long in shown


# --- text ---------------------------------------------------------------------------------------


def test_numbers_stand_to_the_right() -> None:
    """A column of whole numbers is aligned to the right, what is missing is empty, times show their zone."""
    assert RELEASES.to_text().split("\n") == [
        "tag          build  date                     day",
        "prod-v0.1.1     16  2026-03-05 14:02 +00:00  2026-03-05",
        "prod-v0.1.0",
        "prod-v0.0.9      5  2026-03-04 14:02 +00:00  2026-03-04",
    ]
    assert str(RELEASES) == RELEASES.to_text()
    assert "| --- | ---: | --- | --- |" in RELEASES.to_markdown()


def test_columns_of_text_stand_to_the_left() -> None:
    """Digits in a text, a text among numbers, and nothing at all are no numbers."""
    table = Table(("long heading", "other heading", "last"), (("1", 1, None), ("22", "x", None)))
    assert table.to_text().split("\n") == [
        "long heading  other heading  last",
        "1             1",
        "22            x",
    ]
    assert "| --- | --- | --- |" in table.to_markdown()


def test_wide_characters_keep_columns_in_line() -> None:
    """A wide character takes two columns, a combining one none."""
    table = Table(("a", "b"), (("日本", "x"), ("e\u0301", "x"), ("abcd", "x")))
    assert table.to_text() == "a     b\n日本  x\ne\u0301     x\nabcd  x"


@pytest.mark.parametrize(
    ("columns", "row", "told"),
    [
        (("a", "b"), ("x",), "does not fit"),
        (("a", "a"), ("x", "y"), "the same"),
        (("a",), (dt.datetime(2026, 3, 5),), "no zone"),  # noqa: DTZ001 - that is what is refused.
    ],
)
def test_a_table_that_would_lose_something_is_a_bug(
    columns: tuple[str, ...], row: tuple[Cell, ...], told: str
) -> None:
    """A row fits its columns, headings differ, and a time has a zone."""
    with pytest.raises(InternalError, match=told):
        Table(columns, (row,))


# --- data ---------------------------------------------------------------------------------------


@given(tables())
def test_records_hold_the_values_themselves(table: Table) -> None:
    """Records are data: typed, and nothing in them is escaped."""
    assert [tuple(record.values()) for record in table.to_records()] == list(table.rows)
    assert all(tuple(record) == table.columns for record in table.to_records())


def test_frames_have_the_types_of_their_columns() -> None:
    """Numbers know what is missing, times are in UTC, days are midnights without a zone."""
    frame = RELEASES.to_pandas()
    assert [*frame.columns] == [*RELEASES.columns]
    assert str(frame["build"].dtype) == "Int64"
    assert isinstance(frame["date"].dtype, pd.DatetimeTZDtype)
    assert str(frame["date"].dt.tz) == "UTC"
    assert frame["date"][0] == AFTERNOON
    assert frame["build"].isna().tolist() == frame["date"].isna().tolist() == [False, True, False]
    assert frame["build"].sum() == 21
    assert frame["day"][0] == pd.Timestamp("2026-03-05")
    assert [str(each) for each in frame.dtypes] == [
        *("string", "Int64", "datetime64[us, UTC]", "datetime64[us]")
    ]
    assert frame["tag"].tolist() == ["prod-v0.1.1", "prod-v0.1.0", "prod-v0.0.9"]


def test_frames_lose_nothing_that_does_not_fit() -> None:
    """Several zones become one; numbers over 63 bits, and the ends of the calendar, stay what they are."""
    later = AFTERNOON.astimezone(CET)
    frame = Table(("when", "build"), ((AFTERNOON, 2**63), (later, None), (None, 1))).to_pandas()
    assert frame["when"][:2].tolist() == [AFTERNOON, AFTERNOON]
    assert frame["build"].tolist() == [2**63, None, 1]
    ends = [dt.datetime.min.replace(tzinfo=CET), dt.datetime.max.replace(tzinfo=ZONE_WEST)]
    assert Table(("when",), tuple((each,) for each in ends)).to_pandas()["when"].tolist() == ends


@given(
    tables() | tables(TEXTS | st.none() | st.integers(-(2**70), 2**70)) | tables(st.booleans() | st.floats())
)
def test_any_table_becomes_a_frame(table: Table) -> None:
    """Every table has a frame with all its rows and columns, headings that look alike included."""
    assert table.to_pandas().shape == (len(table.rows), len(table.columns))


def test_frames_without_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pandas is missing, the error says how to install it."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError) as raised:
        RELEASES.to_pandas()
    assert raised.value.hint == "pip install 'krow-versions[pandas]'"


def test_nothing_heavy_is_loaded_before_it_is_needed() -> None:
    """Importing, and showing text and Markdown, load no pandas, no csv and no html."""
    code = (
        "import sys, krow_versions as kv; t = kv.Table(('a',), (('b',),)); t.to_text(); t.to_markdown(); "
        "print(*{'pandas', 'numpy', 'csv', 'html', 'jinja2'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


# --- HTML ---------------------------------------------------------------------------------------


def test_a_table_in_jupyter() -> None:
    """The display has a caption, headings with their scope, the rows, and one style sheet."""
    page = assert_a_good_display(RELEASES._repr_html_())
    assert page.captions == ["Releases"]
    assert page.tables == [lines_of(RELEASES)]
    assert Page(Table(("a",), ()).to_html()).captions == ["0 rows"]
    assert repr(RELEASES) == "<Table: 3 rows, 4 columns>"


@pytest.mark.fault(110)
@given(tables())
def test_a_display_of_anything_is_well_formed(table: Table) -> None:
    """No value can add an element, an attribute, a class or a style."""
    shown = table._repr_html_()
    if not re.search("[\ufffe\uffff]", shown):  # Which XML, our second reader, does not know.
        assert_a_good_display(shown)


@pytest.mark.parametrize(("rows", "more"), [(200, None), (201, "and 1 more"), (1234, "and 1034 more")])
def test_html_shows_200_rows_and_how_many_more(rows: int, more: str | None) -> None:
    """A notebook stays readable: 200 rows, and the number of the rest; a page may ask for all."""
    table = Table(("n",), tuple((number,) for number in range(rows)))
    page = assert_a_good_display(table._repr_html_())
    assert len(page.tables[0]) == 1 + 200
    assert re.findall("and .* more", page.text) == ([more] if more else [])
    whole = Page(table.to_html(most=None))
    assert (len(whole.tables[0]), "more" in whole.text) == (1 + rows, False)


def test_a_display_without_its_styles_can_be_read() -> None:
    """With every tag taken away, each row is a line and cells stand apart."""
    bare = re.sub(r"<style>.*?</style>|<[^>]*>", "", RELEASES._repr_html_(), flags=re.DOTALL)
    assert "prod-v0.1.1 16 2026-03-05 14:02 +00:00 2026-03-05\n" in bare


@pytest.mark.parametrize(
    ("cell", "name"),
    [("✗ error", "kv-bad"), ("! warning", "kv-doubt"), ("✓ fine", "kv-good"), ("fine", None), ("![x]", None)],
)
def test_a_colour_goes_with_a_symbol(cell: str, name: str | None) -> None:
    """The symbol that a cell begins with decides its colour, so that there is none without it."""
    page = Page(Table(("a",), ((cell,),)).to_html())
    assert [value for tag, _, value in page.attributes if tag == "td"] == ([name] if name else [])


# --- the mixin ----------------------------------------------------------------------------------


@attrs.frozen
class Shipped(Tabular):
    """A value that shows itself as rows."""

    table: Table

    def to_table(self) -> Table:
        return self.table


def test_a_value_shows_itself_by_its_rows() -> None:
    """Who says what the rows are has every rendering, and stays frozen and without a dict."""
    shown: Any = Shipped(RELEASES)
    assert str(shown) == RELEASES.to_text()
    assert shown.to_records() == RELEASES.to_records()
    assert shown.to_csv() == RELEASES.to_csv()
    assert shown.to_markdown() == RELEASES.to_markdown()
    assert shown._repr_html_() == RELEASES._repr_html_()
    assert shown.to_pandas().equals(RELEASES.to_pandas())
    assert not hasattr(shown, "__dict__")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        shown.table = RELEASES


def test_a_value_without_rows_cannot_be_made() -> None:
    """Forgetting to say what the rows are fails at once."""
    with pytest.raises(TypeError, match="to_table"):
        Tabular()  # type: ignore[abstract]
