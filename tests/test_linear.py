"""What a text costs: twice as long is at most a little more than twice the work, whatever is in it.

Regular expressions run in C, where nothing can be counted. They get texts that are so long that what is not
linear would take minutes, in a child whose processor time is limited far above what all of them need.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from itertools import islice
from typing import Any

import pytest

from krow_versions import Version
from krow_versions.changelog import find_releases
from krow_versions.changelog.document import parse
from krow_versions.errors import FileFormatError
from krow_versions.formats import read_version
from support.attacks import attacks
from support.hang import SECONDS
from support.patterns import Used, used, written

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"

# How a pattern is used that is reached by another name than its own.
USED_AS = {
    "changelog.groups:_FIXES[0]": "fullmatch",
    "changelog.groups:_FIXES[1]": "fullmatch",
    "changelog.headers:_PARENTHESIS": "sub",
    "changelog.headers:_WIDE_PARENTHESIS": "sub",
    "config.tag_stages:_LAST": "fullmatch",
    "config.tag_stages:_FIRST": "fullmatch",
    **{f"formats.gradle:_SPELLINGS[{at}][0]": "fullmatch" for at in range(6)},
    **{f"formats.gradle_tokens:_SPECIAL[{quote}]": "search" for quote in ('"', "'", '"""', "'''")},
    "formats.json:_SEPARATOR": "match",
    "formats.json:_SPACE": "match",
    "formats.json_scan:_SPACE": "match",
    "formats.text:_NUMBER": "finditer",
    "formats.text:_VERSION": "finditer",
    "formats.xcode_project:_NEEDED": "search",
    "formats.xcode_targets:_NEEDED": "search",
}
# Patterns whose text is short or made by us, by the reason.
BOUNDED = {
    "changelog.links:_COMPARE": "an address has at most 2,000 characters there",
    "findings.model:_LINK": "the texts are our own",
    "formats.gradle_sources:_CATALOG": "an expression has at most 1,000 characters there",
    "formats.toml:_BRACKET": "the text is valid TOML, so that every match begins where the last one ended",
    "formats.yaml_lines:_ATOMS": "the text is a whole list of such atoms, so that each match is a success",
    "git.opening:_LOOKED": "a path has at most 4,096 bytes",
    "git.opening:_NOT_EXPLICIT": "a path has at most 4,096 bytes",
    "pictures.canvas:_COMMENT": "the text is what matplotlib writes, where all that opens is closed",
    "pictures.canvas:_PARTS": "the text is what matplotlib writes, where all that opens is closed",
    "pictures.canvas:_REFERENCE": "the text is what matplotlib writes, where all that opens is closed",
}
_PROGRAM = """
import re, resource
from itertools import islice
from support.attacks import attacks
from support.patterns import used
from test_linear import BOUNDED, LONG, run, tried
resource.setrlimit(resource.RLIMIT_CPU, (90, 90))
for each in used():
    if each.name not in BOUNDED:
        print(each.name, flush=True)
        for text in islice(attacks(each.pattern, 100_000 if LONG else 50_000), 40 if LONG else 6):
            for method in tried(each):
                run(each.pattern, method, text)
"""


def tried(each: Used) -> list[str]:
    return [USED_AS[each.name]] if each.name in USED_AS else sorted(each.methods)


def run(pattern: re.Pattern[Any], method: str, text: Any) -> None:
    """Call a method, to its end."""
    if method in {"sub", "subn"}:
        getattr(pattern, method)(text[:0], text)
    elif method == "finditer":
        for _ in pattern.finditer(text):
            pass
    else:
        getattr(pattern, method)(text)


def test_every_pattern_is_tried() -> None:
    """Each call of `regex` is at the top level of its module; how each is used, or why not, is known."""
    patterns = used()
    assert len(patterns) == sum(written().values()) > 200
    names = {each.name for each in patterns}
    assert BOUNDED.keys() | USED_AS.keys() <= names
    assert [each.name for each in patterns if not tried(each)] == []
    assert [
        each.name for each in patterns if each.name in USED_AS and each.methods - {USED_AS[each.name]}
    ] == []


def test_a_text_made_for_a_pattern_holds_no_pattern_up() -> None:
    """No pattern needs minutes for many characters that make it try again and again."""
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env={**os.environ, "PYTHONPATH": paths},
        check=False,
    )
    last = done.stdout.split()[-1:]
    assert (done.returncode, done.stderr) == (0, ""), last
    assert len(done.stdout.split()) == len(used()) - len(BOUNDED)


@pytest.mark.parametrize("pattern", ["(?:ab)*c", "(?:a|b)*?c", r"\s+$", r"<!--.*?-->"])
def test_what_is_not_linear_is_found(pattern: str) -> None:
    """The texts are hostile enough for the usual faults: four times as long a text takes far longer."""
    slow = Used("x", re.compile(pattern), frozenset({"search"}))
    assert not is_linear(slow, 3_000)


@pytest.mark.parametrize("each", used() if LONG else [], ids=lambda each: each.name)  # It takes minutes.
def test_a_pattern_takes_time_by_the_length_of_its_text(each: Used) -> None:
    """Four times as many characters are far from sixteen times the processor's time."""
    if each.name not in BOUNDED:
        assert is_linear(each, 4_000)


def is_linear(each: Used, size: int) -> bool:
    pattern = re.compile(each.pattern.pattern, each.pattern.flags)
    for text in islice(attacks(pattern, size), None if LONG else 200):
        for method in tried(each):
            if seconds(pattern, method, text) > 0.004:  # Far more than what is linear takes.
                whole = min(seconds(pattern, method, text) for _ in range(5))
                part = min(seconds(pattern, method, text[: size // 4]) for _ in range(5))
                if whole > 8 * part:
                    return False
    return True


def seconds(pattern: re.Pattern[Any], method: str, text: Any) -> float:
    start = time.process_time()
    run(pattern, method, text)
    return time.process_time() - start


@pytest.mark.parametrize(
    "text",
    [">" * 100 + " a\n" + "b\n" * 40_000, "> - " * 50 + "a\n" + "b\n" * 40_000, "- " * 40_000 + "a\n"],
    ids=["quotes", "quotes and lists", "lists on a line"],
)
def test_nesting_around_a_long_text_is_refused(text: str) -> None:
    """What the parser reads again for each level is counted before, and refused with what to do."""
    with pytest.raises(FileFormatError, match="nested too deeply for a text this long") as caught:
        parse(text)
    assert caught.value.hint


@pytest.mark.parametrize("unit", ["!", "<!--", "](", "<a ", " ", "[a](", "0."])
def test_a_long_heading_is_read(unit: str) -> None:
    """Headings of any characters are read; thirty exclamation marks held a pattern up for ever once."""
    text = f"## 1.0.0 {unit * (900 // len(unit))}\x01\n" * 50
    assert find_releases(text).has(Version(1, 0, 0))


def test_a_long_tag_of_yaml_is_refused() -> None:
    """Ruamel decodes a tag in time by the square of its length, so a long one is refused."""
    with pytest.raises(FileFormatError, match="a tag has more than 1,024 characters"):
        read_version(f"version: 0.1.0\na: !{'x' * 500_000} b\n", format="pubspec")
