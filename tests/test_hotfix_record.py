"""The record: texts are read back unchanged; all mistakes are reported at once."""

from __future__ import annotations

import datetime as dt
import tomllib
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from krow_versions.errors import FileFormatError, FileTooLarge, InputError, Problems, members
from krow_versions.hotfix import BOXES, SEVERITIES, Record
from krow_versions.text.escaping import printable
from krow_versions.version import Version
from support.samples import ZERO, minutes, record

# Everything Python calls text, lone surrogates included.
anything = st.text(st.characters(codec=None, exclude_categories=()), max_size=40) | st.sampled_from(
    [
        '"""',
        "'''\n",
        "\\",
        '\\"',
        "\r\n",
        "\r",
        "\0\x1b[2K\x7f\x85\u2028",
        "🚨 ✅\u202e",
        "]\n[done]\nmerged = 1",
        "#",
        "\udce9",
        "\ud83d\ude80",
    ]
)
zones = st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=-9, minutes=-30)), ZoneInfo("Europe/Berlin")])
moments = st.datetimes(dt.datetime(1850, 1, 1), dt.datetime(2200, 1, 1), timezones=zones)  # noqa: DTZ001
ticks = st.sampled_from([box.id for box in BOXES if box.tickable and box.id != "deployed"])


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Records with any text in any place."""
    return Record(
        draw(anything),
        draw(anything),
        draw(st.builds(Version, *[st.integers(0, 10**9)] * 3)),
        draw(anything),
        draw(anything),
        draw(anything),
        draw(st.sampled_from(SEVERITIES)),
        draw(anything),
        draw(moments),
        environment=draw(anything),
        who=draw(anything),
        detected=draw(st.none() | moments),
        ticks=draw(st.dictionaries(ticks, moments)),
        deployed=draw(st.none() | moments),
        exit_code=draw(st.none() | st.integers(-255, 255)),
        announced=draw(st.none() | moments),
        followed_up=draw(st.none() | moments),
        reported=draw(st.none() | moments),
        notes=draw(anything),
    )


@given(records())
@example(record())
@example(record(issue="caf\udce9", who="\ud83d\ude80"))
def test_a_record_comes_back(made: Record) -> None:
    """parse(write(record)) is the record, and what is written is UTF-8 that harms no terminal."""
    text = made.to_toml()
    assert Record.from_toml(text) == made
    assert Record.from_toml(text).to_toml() == text
    assert printable(text, keep="\n") == text
    assert text.encode("utf-8").decode("utf-8").startswith("# ")
    assert tomllib.loads(text)["schema"] == 1


@given(anything)
def test_no_text_becomes_another_field(text: str) -> None:
    """Whatever one field holds, the others stay as they were."""
    read = Record.from_toml(record(notes=text, issue=text).to_toml())
    assert (read.branch, read.ticks, read.started) == (record().branch, {}, record().started)


def test_a_record_reads_well() -> None:
    """The file is one line of explanation and one line per field, in the order of the process."""
    lines = (
        record(who="Ada", ticks={"review": minutes(15)}, deployed=minutes(40), exit_code=0)
        .to_toml()
        .split("\n")
    )
    assert lines[0].startswith("# What people said of this hotfix")
    assert 'issue = "Crash on login"' in lines
    assert "detected = 2026-03-05T14:00:00+00:00" in lines
    assert lines[-6:] == [
        *["at = 2026-03-05T14:40:00+00:00", "exit_code = 0", "", "[done]"],
        *["review = 2026-03-05T14:15:00+00:00", ""],
    ]


WHOLE = record(ticks={"review": minutes(15)}).to_toml()


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("schema = 1\n", "", "schema", "schema must be 1"),
        ("schema = 1", "schema = true", "schema", "schema must be 1"),
        ("schema = 1", "schema = 2", "schema", "of a newer schema"),
        ('issue = "Crash on login"', "issue = 3", "issue", "is a whole number, not text"),
        ('issue = "Crash on login"\n', "", None, "the key 'issue' is missing"),
        ("issue =", "isue =", None, "the key 'issue' is missing"),
        ('version = "0.1.1"', 'version = "0.1"', "version", "is not a version"),
        ('version = "0.1.1"', 'version = "0.1.1+6"', "version", "must be three numbers"),
        ('version = "0.1.1"', 'version = "0.1.1-rc.1"', "version", "must be three numbers"),
        ('"HIGH"', '"HIHG"', "severity", "there is no severity"),
        ("T14:04:00+00:00", "T14:04:00", "started", "has no zone"),
        ("2026-03-05T14:04:00+00:00", "2026-03-05", "started", "is a date, not a date with a time"),
        ("2026-03-05T14:04:00+00:00", "0001-01-01T00:00:00+23:00", "started", "beyond"),
        ("review = 2026", 'review = 1 # "', "done.review", "not a date with a time"),
        ("review =", "merged =", "done.merged", "is not a box that people tick"),
        ("review =", "deployed =", "done.deployed", "is not a box that people tick"),
        ("[done]", "[deploy]\nexit_code = 1.0\n[done]", "deploy.exit_code", "not a whole number"),
        ("[done]", "[deploy]\nexit_code = 99999999999\n[done]", "deploy.exit_code", "is above"),
        ("[done]", f"[deploy]\nexit_code = 0x{'f' * 5000}\n[done]", "deploy.exit_code", "is above"),
        ("[done]\nreview", "done = 1\n#", "done", "not a table"),
    ],
)
def test_each_mistake_names_file_line_and_key(old: str, new: str, key: str | None, says: str) -> None:
    """A record edited by hand is read strictly: the error names the file, line and key, and what is wrong."""
    assert old in WHOLE
    text = WHOLE.replace(old, new)
    with pytest.raises((InputError, Problems)) as refused:
        Record.from_toml(text, "krow/hotfix.toml")
    errors = members(refused.value)
    assert (errors[0].path, errors[0].key) == ("krow/hotfix.toml", key)
    assert says in errors[0].message
    written = (key or "").rpartition(".")[2]
    lines = [at for at, line in enumerate(text.split("\n"), 1) if written and line.startswith(written)]
    assert errors[0].line == (lines[0] if lines else None)


def test_all_mistakes_are_reported_at_once() -> None:
    """Independent mistakes come together, an unknown key with what was probably meant."""
    text = WHOLE.replace("issue =", "isue =").replace('"HIGH"', "1").replace("review =", "reviw =")
    with pytest.raises(Problems) as refused:
        Record.from_toml(text)
    assert {error.key: (error.hint or "")[:20] for error in members(refused.value)} == {
        None: "add it",
        "severity": "put it in quotes",
        "isue": "did you mean issue? ",
        "done.reviw": "did you mean review?",
    }


@pytest.mark.parametrize(
    "text",
    [
        "a = ",
        "a = 1\na = 2",
        "a = " + "[" * 100_000,
        "a = " + "9" * 5000,
        "\x00",
        "= 1",
        "schema = 1\n\x1b = 2",
    ],
)
def test_broken_toml_is_an_error_of_ours(text: str) -> None:
    """Any text that the parser refuses is reported as a broken file, with its name."""
    with pytest.raises(FileFormatError) as refused:
        Record.from_toml(text, "r.toml")
    assert refused.value.path == "r.toml"
    assert "\x1b" not in str(refused.value)


def test_a_broken_line_is_named() -> None:
    """The error has line and column where the parser knows them."""
    with pytest.raises(FileFormatError) as refused:
        Record.from_toml("schema = 1\nissue = x\n", "r.toml")
    assert (refused.value.line, refused.value.column) == (2, 9)


def test_a_huge_file_is_no_record() -> None:
    """A file longer than any record is refused before it is parsed; a BOM is accepted."""
    with pytest.raises(FileTooLarge):
        Record.from_toml("#" * 300_000)
    assert Record.from_toml("\ufeff" + WHOLE) == Record.from_toml(WHOLE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"started": ZERO.replace(tzinfo=None)},
        {"ticks": {"review": ZERO.replace(tzinfo=None)}},
        {"ticks": {"merged": ZERO}},
        {"ticks": {"x = 1\n[deploy]": ZERO}},
        {"version": Version(1, 0, 0, "rc.1")},
    ],
)
def test_a_record_holds_only_what_it_may(wrong: dict[str, Any]) -> None:
    """A time without zone, a tick that people do not make, and a pre-release are in no record."""
    with pytest.raises(InputError):
        record(**wrong)
