"""At the limits of sizes: what a run writes, the next run reads; else nothing is written."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from krow_versions import ChangelogRow, Version, formats, insert_row, set_version
from krow_versions.encoding import CHANGELOG_LIMIT, encode
from krow_versions.errors import FileTooLarge, InvalidVersion
from krow_versions.hotfix.record import Record
from krow_versions.hotfix.record_file import read_record, record_text
from krow_versions.values import evolve
from support.commands import assert_refused, run
from support.krow import STAFF, hotfix

if TYPE_CHECKING:
    from support.repositories import Repo

CHANGELOG = "CHANGELOG.md"
TABLE = "| Date | Version | Change |\n| --- | --- | --- |\n"
ROW = ChangelogRow(dt.date(2026, 3, 5), Version(0, 1, 1), "HOTFIX: Crash on login")
NINE, TEN = Version.parse("0.1.9+9"), Version.parse("0.1.10+10")


def filled(text: str, size: int, comment: str) -> str:
    """Make *text* exactly *size* bytes long, by a comment at its end."""
    return text + comment.format("x" * (size - len(encode(text)) - len(comment.format(""))))


@pytest.mark.parametrize("short", [0, 1, 2])
def test_a_version_file_is_readable_after_it_was_changed(short: int) -> None:
    """A version that becomes longer is written only if the file can be read again."""
    limit = formats.format_named("pubspec").max_bytes
    text = filled(f"name: x\nversion: {NINE}\n", limit - short, "# {}\n")
    if short < len(str(TEN)) - len(str(NINE)):
        with pytest.raises(FileTooLarge):
            set_version(text, TEN, format="pubspec")
    else:
        after = set_version(text, TEN, format="pubspec")
        assert set_version(after, TEN, format="pubspec") == after


def test_bytes_are_counted_not_characters() -> None:
    """What counts is the size of the file, as when it is read."""
    limit = formats.format_named("pubspec").max_bytes
    text = filled(f"name: x\nversion: {NINE}\n# {'é' * (limit // 3)}\n", limit - 1, "# {}\n")
    assert len(text) < limit
    with pytest.raises(FileTooLarge):
        set_version(text, TEN, format="pubspec")


@pytest.mark.parametrize("room", [-1, 0, 1, 60])
def test_a_changelog_is_readable_after_it_got_a_row(room: int) -> None:
    """A row is written only if the CHANGELOG can be read again."""
    grown = len(insert_row(TABLE, ROW)) - len(TABLE)
    text = filled(TABLE, CHANGELOG_LIMIT - grown - room, "\n{}\n")
    if room < 0:
        with pytest.raises(FileTooLarge, match=f"would have {CHANGELOG_LIMIT + 1} bytes"):
            insert_row(text, ROW)
    else:
        assert len(encode(insert_row(text, ROW))) == CHANGELOG_LIMIT - room


numbers = st.integers(0, 10**100) | st.sampled_from([10**n - 1 for n in (1, 80, 84, 85, 250, 252, 255)])


@given(numbers, numbers, numbers, numbers | st.none())
def test_a_version_that_is_written_can_be_read(major: int, minor: int, patch: int, build: int | None) -> None:
    """No version is written that is longer than what is parsed, nor is one made without a build."""
    text = f"name: x\nversion: {NINE}\n"
    try:
        made = Version(major, minor, patch, build=build).next_patch()
        after = set_version(text, made, format="pubspec")
    except InvalidVersion:
        event("too long")
    else:
        assert formats.find_version(after, formats.format_named("pubspec")).version == made


@pytest.mark.fault(24)
@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        (STAFF, filled("name: krow\nversion: 0.1.9+9\n", 1 << 20, "# {}\n"), STAFF),
        (STAFF, f"name: krow\nversion: 0.1.{'9' * 252}\n", "257 characters"),
        (CHANGELOG, filled(TABLE, CHANGELOG_LIMIT - 5, "\n{}\n"), CHANGELOG),
    ],
    ids=["version file", "version", "CHANGELOG"],
)
def test_the_first_run_refuses_what_the_second_could_not_read(
    repo: Repo, path: str, text: str, said: str
) -> None:
    """Where the result would be over a limit, nothing is written, and the message says what to do."""
    hotfix(repo)
    repo.write(path, text)
    repo.commit("chore: big")
    for name in repo.git("tag").split():
        repo.git("tag", "--delete", name)
    before = {each: (repo.path / each).read_bytes() for each in (STAFF, path)}
    refused = run("bump-patch", "worker-mobile", "-m", "x", cwd=repo.path)
    assert_refused(refused, said)
    assert {each: (repo.path / each).read_bytes() for each in before} == before


def test_a_text_that_is_longer_than_a_changelog(repo: Repo) -> None:
    """The subject of a commit can be longer than any CHANGELOG that is read."""
    hotfix(repo)
    repo.write(CHANGELOG, TABLE)
    repo.git("add", ".")
    repo.git("commit", "--quiet", "--file=-", stdin=f"fix: {'x' * (5 << 20)}")
    refused = run("bump-patch", "worker-mobile", cwd=repo.path)
    assert_refused(refused, CHANGELOG, "-m")


def test_a_record_is_readable_after_it_was_written() -> None:
    """A record of a hotfix is written only if it can be read again."""
    longest = 256 << 10
    empty = Record("web", "krow-web", Version(0, 1, 1))
    header = len(record_text(evolve(empty, slug="")))
    fits = evolve(empty, slug="x" * (longest - header))
    assert read_record(record_text(fits)) == fits
    with pytest.raises(FileTooLarge, match="is the limit"):
        record_text(evolve(fits, slug=f"{fits.slug}x"))
