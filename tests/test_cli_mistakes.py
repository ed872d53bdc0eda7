"""What is answered to a word with a mistake in it: the nearest that is right, and all that are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import krow_versions as kv
from krow_versions.cli.app import app
from krow_versions.cli.helping import Choice, Words
from krow_versions.formats import BUILT_IN
from krow_versions.hotfix.checklist import BOXES, box
from support.answers import contexts

if TYPE_CHECKING:
    from krow_versions.errors import KrowVersionsError

ALPHABET = "abcdefghijklmnopqrstuvwxyz"
CHOICES = {
    (context.command_path, max(each.opts, key=len)): (context, each, each.type)
    for context in contexts()
    for each in context.command.params
    if isinstance(each.type, click.Choice)
}
GROUPS = [context for context in contexts() if isinstance(context.command, click.Group)]


@st.composite
def mistyped(draw: st.DrawFn, words: st.SearchStrategy[str]) -> tuple[str, str]:
    """Draw a word, and the same with one letter more, less or another, or in upper case."""
    word = draw(words)
    at, letter = draw(st.integers(0, len(word) - 1)), draw(st.sampled_from(ALPHABET))
    after = word[at + 1 :]
    wrong = draw(
        st.sampled_from(
            [word[:at] + after, f"{word[:at]}{letter}{after}", f"{word[: at + 1]}{letter}{after}"]
        )
    )
    return word, draw(st.sampled_from([wrong, wrong.upper()]))


def is_near(one: str, other: str) -> bool:
    """Whether two words differ by one letter at most, in any case."""
    one, other = sorted((one.lower(), other.lower()), key=len)
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) <= 1
    return any(other[:at] + other[at + 1 :] == one for at in range(len(other)))


def assert_suggests(error: KrowVersionsError, word: str, wrong: str, words: list[str]) -> None:
    """The hint names *word*, or one that is one letter from what was typed, and lists all."""
    hint = error.hint or ""
    suggested = hint.removeprefix("did you mean ").partition("?")[0]
    assert suggested == word or is_near(suggested, wrong), (word, wrong, hint)
    assert all(each in hint for each in words)


def test_every_choice_is_ours() -> None:
    """No option of a few values is one whose errors are click's own."""
    assert CHOICES
    assert [key for key, (_, _, kind) in CHOICES.items() if not isinstance(kind, Choice)] == []


@given(st.data())
def test_a_wrong_value_is_answered_with_the_nearest(data: st.DataObject) -> None:
    """One letter off, or upper case: the error names option and value, and the hint what was meant."""
    checked = {key: each for key, each in CHOICES.items() if not isinstance(each[2], Words)}
    name, option = data.draw(st.sampled_from([*checked]))
    context, parameter, kind = checked[name, option]
    words = [*kind.choices]
    word, wrong = data.draw(mistyped(st.sampled_from(words)))
    if wrong in words or (not kind.case_sensitive and wrong.lower() in map(str.lower, words)):
        return
    with pytest.raises(kv.UsageError) as raised:
        kind.convert(wrong, parameter, context)
    shown = option if option.startswith("-") else option.upper()
    assert raised.value.message == f"{shown} cannot be '{wrong}'"
    assert_suggests(raised.value, word, wrong, words)


@given(st.data())
def test_a_wrong_command_is_answered_with_the_nearest(data: st.DataObject) -> None:
    """In each group, with each version of click."""
    context = data.draw(st.sampled_from(GROUPS))
    assert isinstance(context.command, click.Group)
    names = context.command.list_commands(context)
    word, wrong = data.draw(mistyped(st.sampled_from(names)))
    if wrong in names:
        return
    with pytest.raises(kv.UsageError) as raised:
        context.command.resolve_command(context, [wrong])
    assert raised.value.message.endswith(f"{wrong}'")
    assert_suggests(raised.value, word, wrong, names)


@given(mistyped(st.sampled_from([*BUILT_IN])))
def test_a_wrong_format_of_the_library_is_answered_with_the_nearest(typed: tuple[str, str]) -> None:
    """``format="pubspek"``: each public function names ``pubspec``."""
    word, wrong = typed
    if wrong in BUILT_IN:
        return
    calls = (
        lambda: kv.set_version("", "1.0.0", format=wrong),
        lambda: kv.read_version("", format=wrong),
    )
    for call in calls:
        with pytest.raises(kv.UsageError) as raised:
            call()
        assert_suggests(raised.value, word, wrong, [*BUILT_IN])


@given(mistyped(st.sampled_from([each.id for each in BOXES])))
def test_a_wrong_box_is_answered_with_the_nearest(typed: tuple[str, str]) -> None:
    """``--done`` and ``--undo`` name the boxes of the checklist."""
    word, wrong = typed
    names = [each.id for each in BOXES]
    if wrong.lower() in names:
        return
    with pytest.raises(kv.UsageError) as raised:
        box(wrong)
    assert_suggests(raised.value, word, wrong, names)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("hotfix finsh", "did you mean finish?"),
        ("show --jsn", "Did you mean '--json'?"),
        ("audit --format sarfi", "did you mean sarif?"),
        ("audit --fail-on eror", "did you mean error?"),
        ("--color alwys show", "did you mean always?"),
        ("completion zhs", "did you mean zsh?"),
        ("hotfix start web --issue x --impact x --severity critcal", "did you mean CRITICAL?"),
        ("hotfix amend web --severity hgh", "did you mean HIGH?"),
    ],
)
def test_it_is_said_on_the_command_line(typed: str, said: str) -> None:
    """Wrong usage, exit code 2, and nothing on stdout."""
    result = CliRunner().invoke(app, typed.split())
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert said in result.stderr
