"""What goes into a cell, and what is read from one: texts, versions, dates."""

from __future__ import annotations

import datetime as dt
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from krow_versions.changelog import cell_text, hotfix_text
from krow_versions.changelog.cells import order_of, versions_of
from krow_versions.changelog.dates import DateColumn, read_dates
from krow_versions.errors import InputError
from krow_versions.version import Version
from support.hang import no_hang

NOT_SHOWN = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u180b\u180e\u200b\u202e\u2060\u2800\u3164\uffa0\ufff9"
ANY = (
    st.text(st.characters() | st.sampled_from("\t\n\r\x0b\x0c\x1c\x85\u2028\u200d\u202e\ud800 |\\"))
    | st.text(st.sampled_from([*NOT_SHOWN, "a", " ", "\u200d", "\n"]))
    | st.text()
)
STYLES = (
    "Y-M-D",
    "Y/M/D",
    "Y.M.D",
    "D.M.Y",
    "D/M/Y",
    "M/D/Y",
    "D-M-Y",
    "N D, Y",
    "n D, Y",
    "D N Y",
    "D n, Y",
    "D-n-Y",
    "D.M.y",
    "M/D/y",
    "D-n-y",
    "Y年M月D日",
    "D N:fr Y",
    "D de N:pt de Y",
    "D de N:es de Y",
    "D. N:de Y",
    "D n:nl Y",
    "D N:ru Y",
    "D N:pl Y",
    "D N:it Y",
)


# --- texts --------------------------------------------------------------------------------------


@pytest.mark.fault(37)
@given(ANY)
@example("\u200d \u200d")
@example(" \u202e ")
@example("a\n \x00 \nb")
def test_a_cells_text_fits_and_stays(text: str) -> None:
    """A cell's text has no line break and no harmful character, and is its own cell's text."""
    made = cell_text(text)

    assert cell_text(made) == made
    assert made == made.strip()
    assert not {*made} & {*NOT_SHOWN}
    assert not {unicodedata.category(character) for character in made} & {"Cc", "Zl", "Zp", "Cs"}
    assert not {unicodedata.bidirectional(character) for character in made} & {
        "LRE", "LRO", "RLE", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"
    }  # fmt: skip


@given(st.text(st.characters(categories=("L", "N", "P", "S"), exclude_characters=NOT_SHOWN), min_size=1))
def test_what_can_be_seen_is_kept(text: str) -> None:
    """Letters, numbers, punctuation and symbols go in exactly as they are."""
    assert cell_text(text) == text


@pytest.mark.fault(33)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb", "a b"),
        ("a \n\n\t b", "a b"),
        ("a\u2028b\x85c\x0bd", "a b c d"),
        ("a  b", "a  b"),
        ("a\x00\x1b[2Kb\x7f", "a[2Kb"),
        ("\u202etxt.exe\u2066", "txt.exe"),
        ("a\u034fb\u3164c\u2800\uffa0\U000e0041", "abc"),
        ("\ud800", "\ufffd"),
        ("👩\u200d👩\u200d👧 می\u200cخواهم", "👩\u200d👩\u200d👧 می\u200cخواهم"),
        ("\u00a0\u200d x \ufeff", "x"),
        ("[a](b) `c|d` **e** \\", "[a](b) `c|d` **e** \\"),
    ],
)
def test_what_a_text_becomes(text: str, expected: str) -> None:
    """Breaks become one space, what cannot be seen goes, Markdown stays."""
    assert cell_text(text) == expected


@given(ANY)
def test_a_hotfix_has_its_prefix_once(text: str) -> None:
    """A hotfix's text begins with the prefix, fits a cell, and is its own hotfix text."""
    try:
        made = hotfix_text(text)
    except InputError:
        assert cell_text(text).strip(" :") == "" or "fix" in text.lower()
        return

    assert made.startswith("HOTFIX: ")
    assert hotfix_text(made) == made == cell_text(made)


@pytest.mark.parametrize(
    "message",
    ["Crash", "HOTFIX: Crash", "hotfix:Crash", " Hotfix :  Crash ", "HOT-FIX: Crash", "HOTFIX: hotfix: Crash",
     "\u202eHOTFIX:\u200d\nCrash"],
)  # fmt: skip
def test_the_prefix_is_known_however_it_is_written(message: str) -> None:
    """Case, spaces and repetitions of the prefix do not matter."""
    assert hotfix_text(message) == "HOTFIX: Crash"


@pytest.mark.parametrize("message", ["", " \n", "HOTFIX:", "hotfix: \u200d"])
def test_a_hotfix_says_something(message: str) -> None:
    """A message that is nothing but the prefix is refused."""
    with pytest.raises(InputError, match="empty"):
        hotfix_text(message)


def test_a_hotfix_that_is_only_a_word_is_no_prefix() -> None:
    """The word without its colon belongs to the sentence."""
    assert hotfix_text("Hotfix the crash") == "HOTFIX: Hotfix the crash"


# --- versions -----------------------------------------------------------------------------------

VERSIONS = st.builds(
    Version,
    st.integers(0, 999),
    st.integers(0, 999),
    st.integers(0, 999),
    st.sampled_from((None, "rc.1", "a-b")),
)
DECORATED = (
    "{}", "v{}", "V{}", "**{}**", "`{}`", "_{}_", "__v{}__", "~~{}~~", "[{}](https://e.org/9.9.9...8.8.8)",
    "[v{}][9.9.9]", "[{}]", "**[{}](<u>)**", "{}+6", "{}+006", "{}+abc", "<b>{}</b>",
    "<a href='9.9.9'>{}</a>", "<span>v{}</span>",
    "Version {}", "version: {}", "Release {}", "{} 🎉", "({})", "{}.", "{}<br>", "{} <!-- 9.9.9 -->",
    "krow-withus-web/prod-v{}", "{} (yanked)", "\u200b{}", "&nbsp;{}", "{} with SDK 9.9.9",
)  # fmt: skip


@given(VERSIONS, st.sampled_from(DECORATED))
def test_a_version_is_read_in_any_dress(version: Version, dress: str) -> None:
    """Links, emphasis, code, tags, prefixes, builds and words do not hide which version a row is of."""
    assert [found.with_build(None) for found in versions_of(dress.format(version))] == [version]


@pytest.mark.parametrize(
    "cell",
    ["", "-", "TBD", "14", "1.0.0.1", "01.2.3", "1.0.0 RC 2", "8.0.0 Preview 7", "1.0.0 (beta)", "10.0.x",
     "a1.2.3", "2026-03-05", "05.03.2026x", "Unreleased"],
)  # fmt: skip
def test_what_is_no_version(cell: str) -> None:
    """A cell without a complete version, or with a pre-release in words, names none."""
    assert versions_of(cell) == ()


def test_several_versions_in_a_cell() -> None:
    """A cell of nothing but versions names them all; a short one has a patch of 0; a dot may be escaped."""
    assert versions_of("0.1.0, 0.1.1") == (Version(0, 1, 0), Version(0, 1, 1))
    assert versions_of("1.0.13 with SDK 1.1.14") == (Version(1, 0, 13),)
    assert versions_of("1.2") == (Version(1, 2, 0),)
    assert versions_of(r"0\.1\.1") == (Version(0, 1, 1),)
    assert versions_of("0.1.1+6") == (Version(0, 1, 1, build=6),)


def test_any_cell_has_an_order_or_none() -> None:
    """Rows are ordered by the numbers in their cells, whatever else these say."""
    cells = ["Rev 1", "v1.2", "1.2.0+3", "1.2.0+4", "1.2.0.1", "**1.10**", "2 final"]
    orders = [order_of(cell) for cell in cells]

    assert orders == sorted(order for order in orders if order is not None)
    assert order_of("first") is None


@pytest.mark.parametrize("piece", ["](", "[", "<a ", "<!--", "1.", "0.1-", "-", "a", "(", "\\", "&"])
def test_a_hostile_cell_is_read_quickly(piece: str) -> None:
    """No cell takes long to read: a search that is not bounded needs minutes for some of these."""
    cell = piece * 100_000
    with no_hang():
        assert versions_of(cell) == ()
        assert read_dates([cell]).dates == (None,)
        assert order_of(cell) in (None, (1, 1, 1, 1, -1), (0, 1, 0, 0, -1))


# --- dates --------------------------------------------------------------------------------------


@given(st.lists(st.dates(), min_size=1, max_size=8), st.dates(), st.sampled_from(STYLES), st.booleans())
def test_a_date_is_written_as_the_column_is_and_reads_back(
    dates: list[dt.date], new: dt.date, style: str, padded: bool
) -> None:
    """What a column writes reads back in that column, in the column's style or else in ISO's."""
    write = DateColumn((), style, padded).write
    cells = [write(date) for date in dates]
    column = read_dates(cells)
    written = column.write(new)
    again = read_dates([*cells, written])

    assert again.dates[-1] == new
    assert again.dates[:-1] == column.dates
    assert all(read in (date, None) for read, date in zip(column.dates, dates, strict=True))
    assert column.template in (style, "Y-M-D") or set("Nn") & set(style)
    if "/" not in style and "D-M" not in style:
        assert column.dates == tuple(dates)


@pytest.mark.parametrize(
    ("cells", "written"),
    [
        ([], "2026-03-05"),
        (["2025/12/01"], "2026/03/05"),
        (["1.2.2025"], "5.3.2026"),
        (["03/04/2025"], "2026-03-05"),
        (["03/04/2025", "13/04/2025"], "05/03/2026"),
        (["03/04/2025", "04/13/2025"], "03/05/2026"),
        (["13/04/2025", "04/13/2025"], "2026-03-05"),
        (["2025-01-02", "13/04/2025"], "2026-03-05"),
        (["May 12, 2025"], "March 5, 2026"),
        (["May 12, 2025", "Apr 02, 2025"], "Mar 05, 2026"),
        (["Sept 12, 2025"], "Mar 5, 2026"),
        (["Aug 2025", "[Date]", ""], "2026-03-05"),
        (["TBD", "**[18 October, 2018](https://example.org)**"], "5 March, 2026"),
        (["31.02.2025"], "2026-03-05"),
        (["03/22/21"], "03/05/26"),
        (["22.3.21"], "5.3.26"),
        (["03/04/21"], "2026-03-05"),
        (["03/04/21", "03/22/2021"], "2026-03-05"),
        (["05-Dec-21"], "05-Mar-26"),
        (["2021年3月22日"], "2026年3月5日"),
        (["2021 年 03 月 22 日"], "2026 年 03 月 05 日"),
        (["2021년 3월 22일"], "2026년 3월 5일"),
        (["22 mars 2021"], "5 mars 2026"),
        (["22 de março de 2021"], "5 de março de 2026"),
        (["22 de marzo del 2021"], "5 de marzo del 2026"),
        (["22. März 2021"], "5. März 2026"),
        (["22. April 2021"], "5. März 2026"),
        (["22 marzo 2021"], "2026-03-05"),
        (["22 marzo 2021", "3 giugno 2021"], "5 marzo 2026"),
        (["9 maart 2021"], "5 maart 2026"),
        (["22 марта 2021"], "5 марта 2026"),
        (["22 marca 2021"], "5 marca 2026"),
        (["12 April 2021", "3 November 2021"], "5 March 2026"),
        (["12 April 2021", "3 December 2021"], "5 March 2026"),
        (["24 dic 2025"], "2026-03-05"),
        (["24 dic 2025", "3 ene 2025"], "5 mar 2026"),
    ],
)
def test_the_style_of_a_column(cells: list[str], written: str) -> None:
    """The style that all readable cells share is used; where there is none, or it is unclear, ISO's."""
    assert read_dates(cells).write(dt.date(2026, 3, 5)) == written


@pytest.mark.parametrize(
    ("cells", "last"),
    [
        (["03/04/2025"], None),
        (["05/05/2025"], dt.date(2025, 5, 5)),
        (["13/04/2025", "03/04/2025"], dt.date(2025, 4, 3)),
        (["04/13/2025", "2025-01-01", "03/04/2025"], dt.date(2025, 3, 4)),
        (["2025-04-03 (yanked)"], dt.date(2025, 4, 3)),
        (["[2025-04-03](https://example.org)"], dt.date(2025, 4, 3)),
        (["Aug 2025"], None),
        (["2025-13-01"], None),
        (["03/04/21"], None),
        (["03/22/2021", "03/04/21"], dt.date(2021, 3, 4)),
        (["22/03/21", "03/04/21"], dt.date(2021, 4, 3)),
        (["21-03-22"], None),
        (["01.02.99"], dt.date(1999, 2, 1)),
        (["1er mars 2021"], dt.date(2021, 3, 1)),
        (["22 FÉVRIER 2021"], dt.date(2021, 2, 22)),
        (["22 fevrier 2021"], dt.date(2021, 2, 22)),
        (["22 de april de 2021"], None),
        (["22. march 2021"], None),
        (["٢٠٢٥-٠١-٠١"], None),
    ],
)
def test_a_date_is_read_when_it_is_certain(cells: list[str], last: dt.date | None) -> None:
    """The other rows decide which number is the day; it is never guessed."""
    assert read_dates(cells).dates[-1] == last


def test_a_year_of_two_digits_has_one_century() -> None:
    """Such a column holds the years from 1969 to 2068; a year beyond is written in full."""
    column = read_dates(["22.03.21", "22.03.68", "22.03.69"])
    assert [date.year for date in column.dates if date] == [2021, 2068, 1969]
    assert column.write(dt.date(2068, 12, 31)) == "31.12.68"
    assert column.write(dt.date(2069, 1, 1)) == "2069-01-01"
