"""CHANGELOGs: what is full of tiny things is refused before it takes the machine's memory."""

from __future__ import annotations

import subprocess
import sys

import pytest

from krow_versions.changelog import read_rows
from krow_versions.changelog.document import MOST_LINES, MOST_TOKENS, parse
from krow_versions.errors import FileTooLarge

MIB = 1024 * 1024
TABLE = "| Date | Version | Change |\n|---|---|---|\n"
ROW = "| 2026-03-05 | 0.1.1 | HOTFIX: Crash on login for those without a shift |\n"
_PROGRAM = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (2 ** 30, 2 ** 30))
from krow_versions.changelog.document import parse
from krow_versions.errors import FileTooLarge
before, item, count = sys.argv[1:]
try:
    parse(before + item * int(count))
except FileTooLarge as error:
    print(error.message, error.hint)
"""

BOMBS = {
    "headings": ("", "#\n"),
    "empty lines": ("", "\n"),
    "lines that end in CR": ("", "\r"),
    "lists": ("", "-\n"),
    "lists in lists": ("", "- - - -\n"),
    "paragraphs": ("", "a\n\n"),
    "rows": (TABLE, "|\n"),
    "tables": ("", "a|b\n-|-\n\n"),
    "columns": ("", "a|b|" * 200 + "\n" + "-|-|" * 200 + "\n\n"),
}


@pytest.mark.parametrize(("before", "item"), BOMBS.values(), ids=BOMBS)
def test_a_changelog_of_many_tiny_things_is_refused(before: str, item: str) -> None:
    """However 4 MiB are filled, parsing them ends at a limit that is named, in less than one gigabyte."""
    count = 4 * MIB // len(item)
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, before, item, str(count)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    limits = (f"more than {MOST_LINES:,} lines", f"more than {MOST_TOKENS:,} blocks and cells")
    assert [limit in done.stdout for limit in limits].count(True) == 1
    assert "move old parts to another file" in done.stdout


def test_the_limits_are_named() -> None:
    """A file with one line more than the limit is refused with the limit, and with what to do."""
    with pytest.raises(FileTooLarge, match=f"more than {MOST_LINES:,} lines") as caught:
        parse("\n" * (MOST_LINES + 1))
    assert caught.value.hint


def test_a_long_changelog_is_read() -> None:
    """A table of 4 MiB, with rows as people write them, is no bomb."""
    count = 4 * MIB // len(ROW)
    assert len(read_rows(TABLE + ROW * count)) == count
