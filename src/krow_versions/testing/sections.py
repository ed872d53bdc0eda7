"""Samples of CHANGELOGs with version headings, in a known style, and the laws of their sections."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Protocol

import attrs
from hypothesis import strategies as st

from krow_versions import Version
from krow_versions.changelog import ChangelogRow, bullet_text, insert_row, read_rows
from krow_versions.testing.changelog import RowLike, write_date
from krow_versions.testing.laws import must_equal
from krow_versions.testing.texts import DATE_STYLES, one, some

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hypothesis.strategies import DrawFn

    from krow_versions.testing.changelog import InsertsRow

_URL = "https://example.org/app"
# In these, {v} is the version, {b} the one before it, {d} the date.
_HEADINGS = (
    "## [{v}] - {d}",
    "## {v} ({d})",
    "## {v}",
    "# {v} - {d}",
    "### v{v} / {d}",
    "## Version {v} \u2013 {d}",
    "## Release v{v}",
    "## {d} - {v}",
    "## `{v}`",
    "## {v} *({d})*",
    "## {v} - {d} ##",
    "## app {v} ({d})",
    "## @scope/app@{v}",
    "## [app {v}]",
    '## <a id="v{v}"></a>[v{v}] - {d}',
    f"## [{{v}}]({_URL}/compare/v{{b}}...v{{v}}) ({{d}})",
    f"## [{{v}}]({_URL}/releases/tag/app-v{{v}})",
)
_UNDERLINED = ("{v} ({d})", "Version {v}", f"[{{v}}]({_URL}/compare/v{{b}}...v{{v}}) - {{d}}")
_GROUPS = (
    "### Fixed", "### Bug Fixes", "#### :bug: Bug Fix", "### 🩹 Fixes", "### Patch Changes", "**Fixed**",
    "Bug fixes:",
)  # fmt: skip
_BULLETS = ("- ", "* ", " - ", " *  ", "+ ", "1. ")
_SEPARATORS = ([""], [""], ["", ""], ["", "---", ""])
_ITEMS = (
    "Crash on login",
    "Fix `a|b` ([#1](https://example.org))",
    "**FIX**: x",
    "Änderung 🎉",
    "0.9.9 is old",
)
_PREAMBLE = (
    "All notable changes.",
    "```\n## 9.9.9\n```",
    "<!--\n## 9.9.9\n-->",
    "> ## 9.9.9",
    "- ## 9.9.9\n\nWords.",
    "    ## 9.9.9",
    "Setext\n======",
    "| Tool | Version |\n|---|---|\n| Dart | 3.5.0 |",
    "[ref]: https://example.org",
)
_UNRELEASED = ("## [Unreleased]", "## Unreleased\n\n### Fixed\n\n- Soon", "## Next")


@attrs.frozen
class SectionsSample:
    r"""A CHANGELOG with version headings, as the parts of which it consists.

    Attributes:
        rows: the releases from the top; the date is None if the style has none.
        above: the lines above the sections.
        heading: the heading, with the places ``{v}``, ``{b}`` and ``{d}``.
        underline: the sign that underlines it, or nothing.
        date_style: the style of dates, as of :func:`krow_versions.testing.changelog.write_date`.
        padded: whether days and months below 10 have a leading zero.
        group: the heading of fixes, or nothing.
        bullet: what is before the text of an item.
        gaps: the numbers of blank lines below the heading, and below the group.
        separator: the lines between two sections.
        linked: whether each version has a link definition at the end.
        newest_first: whether the newest release is at the top.
        end: the line end.
        mark: a byte order mark, or nothing.
        is_ended: whether the last line has a line end.
    """

    rows: tuple[ChangelogRow, ...]
    above: tuple[str, ...]
    heading: str
    underline: str
    date_style: str
    padded: bool
    group: str
    bullet: str
    gaps: tuple[int, int]
    separator: tuple[str, ...]
    linked: bool
    newest_first: bool
    end: str
    mark: str
    is_ended: bool

    @property
    def dated(self) -> bool:
        """Whether the headings have a date."""
        return "{d}" in self.heading

    @property
    def text(self) -> str:
        """The CHANGELOG."""
        return self._written(self.rows)

    def with_row(self, row: ChangelogRow) -> str:
        """Return the CHANGELOG with the section of *row*, whose version is the highest."""
        return self._written((row, *self.rows) if self.newest_first else (*self.rows, row))

    def _written(self, rows: Sequence[ChangelogRow]) -> str:
        ordered = sorted(rows, key=lambda row: row.version)
        before = dict(zip([row.version for row in ordered[1:]], ordered, strict=False))
        lines = list(self.above)
        for at, row in enumerate(rows):
            base = before[row.version].version if row.version in before else Version(0, 0, 0)
            lines += [*self.separator] * (at > 0) + self._section(row, base)
        if self.linked:
            lines.append("")
            for row in rows:
                base = before[row.version].version if row.version in before else Version(0, 0, 0)
                bare, older = row.version.with_build(None), base.with_build(None)
                lines.append(f"[{bare}]: {_URL}/compare/v{older}...v{bare}")
        text = self.end.join(lines) + (self.end if self.is_ended else "")
        return self.mark + text

    def _section(self, row: ChangelogRow, base: Version) -> list[str]:
        date = write_date(row.date, self.date_style, padded=self.padded) if row.date else ""
        heading = self.heading.format(v=row.version.with_build(None), b=base.with_build(None), d=date)
        below = [self.underline * len(heading)] if self.underline else []
        group = [self.group, *[""] * self.gaps[1]] if self.group else []
        return [heading, *below, *[""] * self.gaps[0], *group, self.bullet + bullet_text(row.text)]


@st.composite
def heading_changelogs(draw: DrawFn) -> SectionsSample:
    """Draw CHANGELOGs of two to five releases under headings of one style, with difficult text above."""
    underline = draw(one(["", "", "=", "-"]))
    heading = draw(one(_UNDERLINED if underline else _HEADINGS))
    dated, newest_first = "{d}" in heading, draw(st.integers(0, 3)) > 0
    # No day below 13, so day and month are unambiguous.
    day, month = dt.date(2020, 1, 20), dt.timedelta(days=31)
    rows = [
        ChangelogRow(
            day + month * number if dated else None, Version(0, number // 2, number), draw(one(_ITEMS))
        )
        for number in range(1, draw(st.integers(2, 5)) + 1)
    ]
    # Before a version, a date with dots may be read as one.
    style = draw(one([each for each in DATE_STYLES if "." not in each or not heading.startswith("## {d}")]))
    linked = heading.startswith("## [{v}] ") and draw(st.booleans())
    blocks = [*draw(some(["# Changelog", ""], 1)), *draw(some(_PREAMBLE, 2))]
    if newest_first:
        blocks += draw(some(_UNRELEASED, 1))
    above = [line for block in blocks if block for line in (*block.split("\n"), "")]
    end = draw(one(["\n", "\n", "\r\n", "\r"]))
    return SectionsSample(
        tuple(rows[::-1] if newest_first else rows),
        tuple(above),
        heading,
        underline,
        style,
        draw(st.booleans()) if "M" in style else False,
        draw(one(["", *_GROUPS])),
        draw(one(_BULLETS)),
        (draw(st.integers(0, 2)), draw(st.integers(0, 1))),
        tuple(draw(one(_SEPARATORS))),
        linked,
        newest_first,
        end,
        draw(one(["", "", "\ufeff"])),
        draw(st.booleans()),
    )


# --- laws -----------------------------------------------------------------------------------


class SectionLike(RowLike, Protocol):
    """A section that was read."""

    @property
    def summary(self) -> str: ...


class ReadsSections(Protocol):
    """A function that reads the sections of a CHANGELOG, from the top."""

    def __call__(self, text: str, /) -> Sequence[SectionLike]: ...


def law_section_is_in_style(
    sample: SectionsSample, row: ChangelogRow, insert: InsertsRow = insert_row
) -> None:
    """The section of *row* is written like its neighbours, and nothing else changes."""
    must_equal(insert(sample.text, row), sample.with_row(row), "the text")


def law_section_is_idempotent(
    sample: SectionsSample, row: ChangelogRow, insert: InsertsRow = insert_row
) -> None:
    """A version that has a section gets no second one, whatever its build, day and text."""
    once = insert(sample.text, row)
    other = ChangelogRow(dt.date(2020, 2, 29), row.version.with_build(7), "Another text")
    must_equal(insert(once, other), once, "the text after a second section")
    for old in sample.rows:
        after = insert(sample.text, attrs.evolve(other, version=old.version))
        must_equal(after, sample.text, f"the text after a second section of {old.version}")


def law_section_reads_back(
    sample: SectionsSample,
    row: ChangelogRow,
    insert: InsertsRow = insert_row,
    read: ReadsSections = read_rows,
) -> None:
    """The new section reads back with its day, version without build, and text; the others are the same.

    If the headings have no date, it is lost.
    """
    new = attrs.evolve(row, date=row.date if sample.dated else None)
    rows = (new, *sample.rows) if sample.newest_first else (*sample.rows, new)
    found = [(each.date, each.version, each.summary) for each in read(insert(sample.text, row))]
    must_equal(found, _values(rows), "the releases")


def _values(rows: Iterable[ChangelogRow]) -> list[tuple[dt.date | None, Version, str]]:
    return [(row.date, row.version.with_build(None), bullet_text(row.text)) for row in rows]
