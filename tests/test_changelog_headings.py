"""How a section is written in each style of headings, and which files are refused."""

from __future__ import annotations

import datetime as dt

import pytest

from krow_versions.changelog import ChangelogRow, find_releases, insert_row, read_rows
from krow_versions.changelog.links import moved_url
from krow_versions.errors import InputError
from krow_versions.version import Version

LOGIN = ChangelogRow(dt.date(2026, 3, 5), Version(1, 2, 4), "HOTFIX: Crash on login")
COMPARE = "https://example.org/a/compare"


def of(top: str, below: str, items: str = "\n- Old\n") -> str:
    return f"# Changelog\n\n{top}\n{items}\n{below}\n{items}"


@pytest.mark.parametrize(
    ("top", "below", "new"),
    [
        ("## 1.2.3", "## 1.2.2", "## 1.2.4"),
        ("## [1.2.3] - 2026-01-20", "## [1.2.2] - 2026-01-02 [YANKED]", "## [1.2.4] - 2026-03-05"),
        ("## [1.2.3] - 2026-01-20 [YANKED]", "## [1.2.2] - 2026-01-02", "## [1.2.4] - 2026-03-05"),
        ("# 1.2.3 (March 1st, 2026)", "# 1.2.2 (Jan 2nd, 2026)", "# 1.2.4 (March 5th, 2026)"),
        ("## v1.2.3 \u2013 Feb 13, 2026", "## v1.2.2 \u2013 Jan 2, 2026", "## v1.2.4 \u2013 Mar 5, 2026"),
        ("## v1.2.3 - Feb 2026", "## v1.2.2 - Jan 2026", "## v1.2.4 - Mar 2026"),
        ("## 1.2.3+9", "## 1.2.2+8", "## 1.2.4"),
        ("## foo@1.2.3", "## foo@1.2.2", "## foo@1.2.4"),
        ("## 1.2.3 ##", "## 1.2.2 ##", "## 1.2.4 ##"),
        ("## 2026-01-20 - 1.2.3", "## 2026-01-02 - 1.2.2", "## 2026-03-05 - 1.2.4"),
        ("## 1.2.3 - Codename", "## 1.2.2 - Other", "## 1.2.4"),
        ("### [1.2.3](x) (2026-01-20)", "## [1.2.0](x) (2026-01-02)", "### 1.2.4 (2026-03-05)"),
        (
            f"## [1.2.3]({COMPARE}/app-v1.2.2...app-v1.2.3)",
            f"## [1.2.2]({COMPARE}/app-v1.2.1...app-v1.2.2)",
            f"## [1.2.4]({COMPARE}/app-v1.2.3...app-v1.2.4)",
        ),
    ],
)
def test_a_heading_is_spelled_like_its_neighbours(top: str, below: str, new: str) -> None:
    """The new heading is the neighbour's, with its own version, date and link; other words are left out."""
    text = of(top, below)
    after = insert_row(text, LOGIN)
    assert after == text.replace(top, f"{new}\n\n- HOTFIX: Crash on login\n\n{top}", 1)


@pytest.mark.parametrize(
    ("label", "written"),
    [
        ("### Fixed", "### Fixed"),
        ("### :bug: (Bug Fix)", "### :bug: (Bug Fix)"),
        ("**Fixes:**", "**Fixes:**"),
        ("### Added", "### Fixed"),
        ("### Features", "### Bug Fixes"),
        ("### Minor Changes", "### Patch Changes"),
    ],
)
def test_a_file_with_groups_gets_the_fix_in_its_group(label: str, written: str) -> None:
    """The group of fixes is spelled as in the file; where it had none, as its other groups are called."""
    text = of("## 1.2.3", "## 1.2.2", f"\n{label}\n\n* Old\n")
    assert f"## 1.2.4\n\n{written}\n\n* HOTFIX: Crash on login\n\n## 1.2.3\n" in insert_row(text, LOGIN)


def test_an_underline_fits_its_heading() -> None:
    """A Setext heading is as long as its underline, or all underlines have one length."""
    text = "1.2.3\n=====\n\n* x\n\n1.2.2\n=====\n\n* x\n"
    long = ChangelogRow(LOGIN.date, Version(1, 12, 40), "Fix")
    assert insert_row(text, long).startswith("1.12.40\n=======\n\n* Fix\n\n1.2.3\n")


def test_a_date_below_the_heading_is_written_there() -> None:
    """A file whose dates are in a line below the heading gets one there."""
    text = of("## 1.2.3", "## 1.2.2", "\n_2026-01-20_\n\n *  Old\n")
    after = insert_row(text, LOGIN)
    assert "## 1.2.4\n\n_2026-03-05_\n\n *  HOTFIX: Crash on login\n\n## 1.2.3\n" in after
    assert read_rows(after)[0].date == LOGIN.date


def test_a_date_whose_style_is_not_clear_is_written_as_iso() -> None:
    """Day and month may be either in every heading; a reader of 05/03/2026 could not know which is meant."""
    after = insert_row(of("## 1.2.3 (03/04/2026)", "## 1.2.2 (01/02/2026)"), LOGIN)
    assert (
        after.splitlines()[after.splitlines().index("- HOTFIX: Crash on login") - 2]
        == "## 1.2.4 (2026-03-05)"
    )


def test_the_link_definition_is_added_and_unreleased_is_left() -> None:
    """A link definition is derived from the neighbour's; that of Unreleased is never changed."""
    links = f"[Unreleased]: {COMPARE}/v1.2.3...HEAD\n[1.2.3]: {COMPARE}/v1.2.2...v1.2.3\n"
    text = of("## [Unreleased]\n\n## [1.2.3]", "## [1.2.2]") + f"\n{links}"
    after = insert_row(text, LOGIN)
    head, tail = links.split("\n", 1)
    assert after.endswith(f"{head}\n[1.2.4]: {COMPARE}/v1.2.3...v1.2.4\n{tail}")
    assert "## [Unreleased]\n\n## [1.2.4]\n\n- HOTFIX: Crash on login\n\n## [1.2.3]\n" in after


def test_a_link_that_cannot_be_derived_is_left_out() -> None:
    """A comparison with a commit says nothing about the next one."""
    assert moved_url(f"{COMPARE}/0a1b2c...v1.2.3", "1.2.3", "1.2.4", "1.2.3") is None
    assert moved_url(f"{COMPARE}/v1.2.3%0Dv1.2.2", "1.2.3", "1.2.4", "1.2.3") is None
    assert moved_url("https://example.org/tag/v11.2.3", "1.2.3", "1.2.4", None) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("## foo 1.2.3\n\n- x\n\n## bar 2.0.0\n\n- x\n", "several products"),
        ("# Web\n\n## 1.2.3\n\n- x\n\n# Api\n\n## 2.0.0\n\n- x\n", "under several others: 'Web', 'Api'"),
        ("## 1.2\n\n### 1.2.3\n\n- x\n\n### 1.2.2\n\n- x\n", "is a heading above"),
        ("## v1.3 series\n\n- 1.3.1\n\n## 1.2.3\n\n- x\n", "in groups"),
        ("## 2026-01-20\n\n### 1.2.3\n\n- x\n", "dates are in headings of their own"),
        ("## 1.2.3 (web)\n\n## 1.2.3 (app)\n\n## 1.2.2 (web)\n\n## 1.2.2 (app)\n", "of several kinds"),
        ("## 1.2.3 (1020300)\n\n- x\n\n## 1.2.2 (1020200)\n\n- x\n", "words or numbers"),
        ("## 1.2.4-dev (unreleased)\n\n- x\n", "still to come"),
        ("# Changelog\n\n## [Unreleased]\n\n- x\n", "no version table"),
        ("```\n## 1.2.3\n```\n\n> ## 1.2.3\n\n<!--\n## 1.2.3\n-->\n", "no version table"),
    ],
)
def test_what_is_not_clear_is_refused(text: str, why: str) -> None:
    """Several products, several levels and numbers that nobody knows are refused, and the reason is named."""
    with pytest.raises(InputError, match=why):
        insert_row(text, LOGIN)


def test_a_heading_chooses_the_product() -> None:
    """With a heading, only the sections under it count."""
    text = "# Web\n\n## 1.2.3\n\n- x\n\n# Api\n\n## 2.0.0\n\n- x\n"
    after = insert_row(text, LOGIN, heading="Web")
    assert after == text.replace("## 1.2.3", "## 1.2.4\n\n- HOTFIX: Crash on login\n\n## 1.2.3")
    assert not find_releases(after, heading="Api").has(LOGIN.version)


def test_a_text_that_would_be_another_block_is_escaped() -> None:
    """A text that begins like a heading or a list is one item all the same."""
    row = ChangelogRow(LOGIN.date, LOGIN.version, "# 1\n\n- two")
    assert "- \\# 1 - two\n" in insert_row(of("## 1.2.3", "## 1.2.2"), row)


@pytest.mark.parametrize("text", ["[ ] Crash", "[x] Crash", "[X]\tCrash"])
def test_a_text_that_looks_like_a_box_is_read_back_whole(text: str) -> None:
    """A box to tick at the beginning of a text is a part of the text, not of its item."""
    after = insert_row(of("## 1.2.3", "## 1.2.2"), ChangelogRow(LOGIN.date, LOGIN.version, text))
    assert read_rows(after)[0].summary.endswith(text[1:].replace("\t", " "))
    assert insert_row(after, LOGIN) == after


@pytest.mark.parametrize(
    "text",
    [
        '<a name="1.2.2"></a>\n## 1.2.2\n- x\n<a name="1.2.3"></a>\n## 1.2.3\n- x\n',
        "1.2.2\n=====\n- x\n\n1.2.3\n=====\n- x\n",
        "## 1.2.2\n- x\n## 1.2.3\n<details>\n\nx\n\n</details>\n",
        "## 1.2.2\n- x\n## 1.2.3\n[link]: https://example.org\n",
        "## 1.2.2\n- x\n## 1.2.3\n<!-- x -->\n",
    ],
)
def test_a_section_at_the_end_is_no_part_of_the_text_above_or_below(text: str) -> None:
    """Where the oldest release is first and no line is blank, one is added if Markdown needs it."""
    once = insert_row(text, LOGIN)
    twice = insert_row(once, ChangelogRow(LOGIN.date, Version(1, 2, 5), "Next"))
    found = [row.version for row in read_rows(twice)]
    assert found == [Version(1, 2, patch) for patch in (2, 3, 4, 5)]
    assert insert_row(twice, LOGIN) == twice
