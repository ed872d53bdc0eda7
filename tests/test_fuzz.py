"""The targets of ``./dev fuzz``: a small part of the search, and that a target sees what is broken."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import attrs
import pytest
from hypothesis import HealthCheck, given, settings

import fuzz
import targets
from krow_versions.edits import Edit, Span, apply_edits
from krow_versions.errors import KrowVersionsError
from krow_versions.formats import BUILT_IN, Outline, Scalar
from krow_versions.formats.locating import find_in_full

FUZZ = Path(__file__).parents[1] / "probe" / "fuzz.py"
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"


@pytest.mark.parametrize("name", targets.TARGETS)
def test_no_text_breaks_a_reader(name: str) -> None:
    """Whatever a text holds, there is a typed error, or an answer by which all laws hold."""
    target = targets.TARGETS[name]

    @settings(max_examples=5000 if LONG else 60, derandomize=not LONG, suppress_health_check=[*HealthCheck])
    @given(fuzz.texts(target.seeds, target.tokens))
    def search(text: str) -> None:
        target.check(text)

    search()


@pytest.mark.parametrize(
    ("name", "seed"), [(name, seed) for name in BUILT_IN for seed in targets.TARGETS[name].seeds]
)
def test_a_seed_is_a_version_file(name: str, seed: str) -> None:
    """The search begins at texts that have a version, so that edits are tried, too."""
    find_in_full(seed, BUILT_IN[name])
    targets.TARGETS[name].check(seed)


# --- a reader that is broken ------------------------------------------------------------------


def test_a_quick_reader_that_is_wrong_is_seen() -> None:
    """What a quick reader finds otherwise than the parser fails."""
    wrong = Outline({"version": "9.9.9"}, lambda _: Scalar(Span(0, 5), "9.9.9"))
    with pytest.raises(AssertionError, match="the quick reader gives"):
        targets.check_format(
            attrs.evolve(BUILT_IN["pubspec"], quick=lambda *_: wrong), "9.9.9: 0\nversion: 1.4.0\n"
        )


def test_a_change_beside_the_version_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """An edit that changes another character, adds a line twice, or is not all that it should be fails."""

    def with_more(text: str, version: object, **_: object) -> str:
        return apply_edits(text, [Edit(Span(0, 5), str(version)), Edit(Span(len(text), len(text)), " ")])

    monkeypatch.setattr(targets, "set_version", with_more)
    with pytest.raises(AssertionError, match="something other"):
        targets.check_format(BUILT_IN["text"], "1.4.0\n")


def test_an_error_that_shows_a_raw_character_is_seen() -> None:
    """An error must not carry a character that moves a cursor or turns the direction of writing."""

    class Raw(KrowVersionsError):
        def __str__(self) -> str:
            return self.message

    with pytest.raises(AssertionError, match="raw"):
        targets.shown(Raw("a\x1b[2K"))


def test_a_target_runs_in_a_process_of_its_own() -> None:
    """The command says what it tried, and ends with success."""
    command = [sys.executable, str(FUZZ), "version", "--seconds=0.2", "--driver=hypothesis"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"version: 0.2 s by hypothesis\n  fuzz: [1-9][0-9]* texts\n", done.stdout)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("versions",), "there is no target 'versions'; there are pubspec,"),
        (("version", "--seconds=0"), "--seconds: more than 0"),
        (("--replay=x",), "--replay: with one TARGET"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], args: tuple[str, ...], words: str
) -> None:
    """Wrong usage has a reason, and exit code 2."""
    monkeypatch.setattr(sys, "argv", ["fuzz", *args])
    with pytest.raises(SystemExit) as ended:
        fuzz.main()
    assert (ended.value.code, words in capsys.readouterr().err) == (2, True)


def test_a_text_that_fails_is_kept_and_can_be_tried_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The smallest text that fails is printed as a literal, and is in a file; ``--replay`` tries it."""

    def check(text: str) -> None:
        assert "\r" not in text

    monkeypatch.setattr(fuzz, "BUILD", tmp_path)
    monkeypatch.setitem(targets.TARGETS, "version", targets.Target(check, ("a\r\nb",)))
    assert not fuzz.with_hypothesis("version", 5, None)
    assert re.search(r"^    '.*\\r.*'$", capsys.readouterr().out, re.MULTILINE)
    (kept,) = (tmp_path / "version" / "failed").iterdir()
    with pytest.raises(AssertionError):
        fuzz.replay("version", kept)
