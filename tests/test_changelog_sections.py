"""Sections of CHANGELOGs with version headings: their laws, on any style that is known."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import given

from krow_versions import testing
from krow_versions.changelog import ChangelogRow, copy_row, find_releases, row_edits
from krow_versions.edits import apply_edits
from krow_versions.version import Version

if TYPE_CHECKING:
    from krow_versions.testing import SectionsSample


@given(testing.heading_changelogs(), testing.changelog_rows())
def test_a_section_is_in_the_style_of_its_neighbours(sample: SectionsSample, row: ChangelogRow) -> None:
    """The text is exactly the one that was composed with one section more."""
    testing.law_section_is_in_style(sample, row)


@given(testing.heading_changelogs(), testing.changelog_rows())
def test_a_version_gets_one_section_only(sample: SectionsSample, row: ChangelogRow) -> None:
    """A second section of the version is not written, whatever its day, build and text are."""
    testing.law_section_is_idempotent(sample, row)


@given(testing.heading_changelogs(), testing.changelog_rows())
def test_what_went_in_reads_back(sample: SectionsSample, row: ChangelogRow) -> None:
    """Version, date and text of the new section read back, and those of the others are the same."""
    testing.law_section_reads_back(sample, row)


@given(testing.heading_changelogs(), testing.changelog_rows())
def test_all_edits_insert_only(sample: SectionsSample, row: ChangelogRow) -> None:
    """No edit replaces a character, so removing what was inserted gives the original back."""
    edits = row_edits(sample.text, row)
    assert edits
    assert all(edit.span.start == edit.span.end for edit in edits)
    assert apply_edits(sample.text, edits) == sample.with_row(row)


@given(testing.heading_changelogs(), testing.changelog_rows())
def test_a_section_is_copied_as_it_is(sample: SectionsSample, row: ChangelogRow) -> None:
    """A section is copied into another text exactly as it is there, so that a merge sees the same lines."""
    after = sample.with_row(row)
    position = 0 if sample.newest_first else len(sample.rows)
    found = find_releases(after)
    later = found.has(row.version) and found.row(position).version != row.version.with_build(None)
    copied = copy_row(sample.text, found, position + later)
    assert copied == after
    assert copy_row(copied, found, position + later) is copied


@given(testing.heading_changelogs(), testing.changelog_rows())
def test_a_build_is_not_written(sample: SectionsSample, row: ChangelogRow) -> None:
    """The build of a version makes no difference to its section."""
    built = attrs.evolve(row, version=row.version.with_build(12345678))
    assert row_edits(sample.text, built) == row_edits(sample.text, row)


def test_a_text_is_an_item_whatever_marks_it() -> None:
    """A text that would be a break after one of the markers is escaped."""
    text = "## 0.1.0 (2020-03-22)\n\n* Crash on login\n"
    row = ChangelogRow(dt.date(2026, 3, 5), Version(0, 1, 1), "**")
    assert apply_edits(text, row_edits(text, row)).startswith("## 0.1.1 (2026-03-05)\n\n* \\**\n\n")


def test_a_row_of_a_table_becomes_a_section() -> None:
    """What another file has in a table is written under headings here, with its day and text."""
    table = "| Date | Version | Change |\n|---|---|---|\n| 2026-01-02 | 0.9.0 | Fix |\n"
    text = "## 0.1.0 (2026-01-01)\n\n- Begin\n"
    expected = f"## 0.9.0 (2026-01-02)\n\n- Fix\n\n{text}"
    assert copy_row(text, find_releases(table), 0) == expected


@pytest.mark.parametrize("later", ["", "\n## Unreleased\n"])
def test_the_newest_section_gives_the_style_where_it_is_the_last(later: str) -> None:
    """Where the oldest release comes first, the new one is as the newest, and above what is to come."""
    text = "## 0.0.9 (2026-01-01)\n\n- a\n\n## 0.1.0 (2026-01-01)\n\n- a\n\n## 0.1.1 - 2026-01-02\n* b\n"
    text = f"{text}\n## 0.1.2 - 2026-01-03\n* c\n"
    row = ChangelogRow(dt.date(2026, 3, 5), Version(0, 1, 3), "Fix")
    after = apply_edits(text + later, row_edits(text + later, row))
    assert after == f"{text}\n## 0.1.3 - 2026-03-05\n* Fix\n{later}"
