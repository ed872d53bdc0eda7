"""Escaping for each reader, plurals and lists, moments and durations."""

from __future__ import annotations

import datetime as dt
import html
import re
import shlex
import subprocess
import tomllib
import unicodedata

import pytest
import tomlkit
from hypothesis import example, given
from hypothesis import strategies as st

from krow_versions.tables import markup
from krow_versions.text import escaping, markdown, times, words

# Characters of every kind that forges a line, moves a cursor or turns the direction of writing.
_HOSTILE = (
    "\x00\x07\b\t\n\x0b\f\r\x1b\x7f\x85\x9b\u061c\u200b\u200f\u2028\u2029\u202e\u2066\u2069\ufeff\ud800"
)
TEXTS = st.text(st.characters(codec=None) | st.sampled_from(_HOSTILE + "'\"\\<>&|`*_[]#@:/."), max_size=30)
# What a program can be given: no NUL, no lone surrogate.
ARGUMENTS = TEXTS.filter(lambda text: not any(each == "\0" or "\ud800" <= each <= "\udfff" for each in text))
_TURNING = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}


def misleads(character: str) -> bool:
    """Whether Unicode itself says that it breaks a line, moves a cursor or turns the writing."""
    control = unicodedata.category(character) in {"Cc", "Zl", "Zp", "Cs"}
    return control or unicodedata.bidirectional(character) in _TURNING or character in "\u200e\u200f\u061c"


@pytest.mark.fault(109)
@pytest.mark.parametrize(
    "escape",
    [
        escaping.printable,
        escaping.quoted,
        escaping.quoted_whole,
        escaping.safe,
        escaping.one_line,
        markdown.inline,
        lambda text: markdown.cell_of(escaping.one_line(text), links=True),
        markup.unbroken,
        lambda text: escaping.spelled(tomlkit.item(text).as_string()),
        lambda text: words.listed([text]),
    ],
)
@given(TEXTS)
@example(_HOSTILE)
def test_nothing_that_misleads_comes_out_raw(escape: object, text: str) -> None:
    """No control character, line break or mark that turns the direction of writing survives."""
    assert callable(escape)
    assert [character for character in escape(text) if misleads(character)] == []


# Default_Ignorable_Code_Point in DerivedCoreProperties.txt of Unicode 15.1; each pair is a first and a last.
_IGNORABLE = bytes.fromhex(
    "00AD00AD 034F034F 061C061C 115F1160 17B417B5 180B180F 200B200F 202A202E 2060206F 31643164 FE00FE0F"
    "FEFFFEFF FFA0FFA0 FFF0FFF8 D82FDCA0 D82FDCA3 D834DD73 D834DD7A DB40DC00 DB43DFFF"
).decode("utf-16-be")
# Format characters that are drawn: numbers and verses are written on them.
_DRAWN = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}


def test_every_character_that_does_not_show_is_escaped() -> None:
    """All that Unicode calls ignorable, control, format, surrogate or line separator is printed as ASCII."""
    ends = [*map(ord, _IGNORABLE)]
    hidden = {
        each for first, last in zip(ends[::2], ends[1::2], strict=True) for each in range(first, last + 1)
    }
    hidden |= {
        each for each in range(0x110000) if misleads(chr(each)) or unicodedata.category(chr(each)) == "Cf"
    }
    hidden = (hidden | {0x2800, *range(0x13430, 0x13440)}) - _DRAWN
    everything = escaping.printable("".join(map(chr, sorted(hidden))), keep="")
    assert everything.isascii()
    shown = "".join(chr(each) for each in range(0x110000) if each not in hidden)
    assert escaping.printable(shown) == shown


@pytest.mark.parametrize(
    "text", ["\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\U0001f468\u200d\U0001f469\u200d\U0001f467",
             "\u26a0\ufe0f", "\u2764\ufe0f\u200d\U0001f525", "1\ufe0f\u20e3", "\u0915\u094d\u200d\u0937"],
)  # fmt: skip
def test_what_scripts_and_pictures_need_stays(text: str) -> None:
    """Joiners between letters that they join, and the parts of a picture, are printed; not behind others."""
    assert escaping.printable(text) == text
    assert escaping.printable(f"a\u200d{text}a\ufe0f") == f"a\\u200d{text}a\\ufe0f"


@given(TEXTS)
def test_escaping_twice_changes_nothing(text: str) -> None:
    """What is escaped for a terminal already stays as it is, also with passwords hidden."""
    assert escaping.printable(escaping.printable(text)) == escaping.printable(text)
    assert escaping.safe(escaping.safe(text)) == escaping.safe(text)


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_a_shell_splits_a_command_into_its_words(arguments: list[str]) -> None:
    """``shlex.split`` of a command gives its words back, whatever they hold."""
    assert shlex.split(escaping.shell_command(arguments)) == arguments


def test_a_real_shell_gets_each_word_whole() -> None:
    """``sh`` hands the words of a command to the program exactly as they were."""
    arguments = ["", "it's", "$HOME `id` $(id)", "a\nb\x1b[2K", "*", "~", "-n", "\\", '"', ";", "#x", "a=b"]
    command = escaping.shell_command(["printf", "%s\\0", *arguments])
    output = subprocess.run(["sh", "-c", command], capture_output=True, check=True).stdout
    assert output.decode().split("\0")[:-1] == arguments


@given(ARGUMENTS)
@example("\U000e0041\u00ad")
def test_toml_reads_a_string_back(text: str) -> None:
    """A TOML reader finds exactly the text that was written as a string."""
    assert tomllib.loads(f"key = {escaping.spelled(tomlkit.item(text).as_string())}") == {"key": text}


@given(TEXTS)
def test_html_reads_a_text_back(text: str) -> None:
    """A reader of HTML finds the printable text; no character of it begins markup or ends an attribute."""
    written = re.sub('<wbr/>|<span class="kv-word">|</span>', "", markup.unbroken(text))
    assert html.unescape(written) == escaping.safe(text)
    assert not set("<>\"'") & set(written)


@given(st.lists(TEXTS, max_size=9), st.integers(1, 6))
def test_a_list_says_how_many_names_it_leaves_out(names: list[str], most: int) -> None:
    """Names are cut at the most, and the number of the others follows."""
    whole = ", ".join(map(escaping.printable, names[:most]))
    rest = len(names) - most
    assert words.listed(iter(names), most) == (f"{whole} and {rest} more" if rest > 0 else whole)


@pytest.mark.parametrize(
    ("number", "says"),
    [(0, "0 commits are"), (1, "1 commit is"), (2, "2 commits are"), (11, "11 commits are")],
)
def test_nouns_and_verbs_go_with_their_number(number: int, says: str) -> None:
    """One has the singular; none and several have the plural."""
    assert f"{words.counted(number, 'commit')} {words.by_number(number, 'is', 'are')}" == says


@given(st.datetimes(timezones=st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=-9, minutes=-30))])))
def test_a_moment_is_read_back_to_the_minute(moment: dt.datetime) -> None:
    """A moment is written with its zone, and loses nothing but its seconds."""
    read = dt.datetime.fromisoformat(times.at(moment).replace(" ", "T", 1).replace(" ", ""))
    assert read == moment.replace(second=0, microsecond=0)
    assert read.utcoffset() == moment.utcoffset()


@given(st.timedeltas(dt.timedelta(days=-900), dt.timedelta(days=900)))
def test_a_duration_is_written_to_the_minute(duration: dt.timedelta) -> None:
    """A duration shows the whole minutes that have passed, and a sign when a minute is missing."""
    written = times.lasting(duration)
    units = {"d": 1440, "h": 60, "min": 1}
    parts = written.removeprefix("-").split()
    minutes = sum(int(number) * units[unit] for number, unit in zip(parts[::2], parts[1::2], strict=True))
    assert minutes == abs(duration) // dt.timedelta(minutes=1)
    assert written.startswith("-") == (minutes > 0 and duration < dt.timedelta())


@pytest.mark.parametrize("text", ["std::move", "a ::", "::1", "x::warning::", "# ## [a] #[a]"])
def test_what_no_runner_takes_for_a_command_is_left(text: str) -> None:
    """Only a name behind two colons at the beginning of a word begins a command."""
    assert escaping.printable(text) == text
