"""What is answered without click: it is what click says, and nothing of weight is loaded for it."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import subprocess
import sys
import termios
from importlib.metadata import distributions, version
from itertools import chain
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from krow_versions.cli import answers, quick
from krow_versions.cli.answers import PROGRAM, VARIABLE, Command
from krow_versions.cli.app import app
from support.answers import contexts, make
from support.child import environment
from support.commands import MODULE, run_anew

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

KNOWN = answers.load() or ""
COMMANDS = {context.command_path: Command(KNOWN, context.command_path) for context in contexts()}
PROGRAMS = (PROGRAM, "python -m krow_versions")
OURS = {f"krow_versions{name}" for name in ("", ".cli", ".cli.answers", ".cli.quick")}
ODD = (
    "",
    "-",
    "--",
    "-qv",
    "-nh",
    "--json=1",
    "--color=never",
    "--col",
    "-C.",
    "a b",
    "bump-minor",
    "web",
    "7",
)
# Before 8.5, click made a set of the names of the option for help: their order was another each time.
OLD = tuple(map(int, version("click").split(".")[:2])) < (8, 5)


def click_says(program: str, arguments: Sequence[str], variables: Mapping[str, str]) -> str | None:
    """What click prints to stdout; None if it ends with an exit code that is not 0, or prints more."""
    out, err = (io.TextIOWrapper(io.BytesIO()) for _ in range(2))
    with contextlib.ExitStack() as meanwhile:
        meanwhile.enter_context(mock.patch.dict(os.environ, variables))
        meanwhile.enter_context(contextlib.redirect_stdout(out))
        meanwhile.enter_context(contextlib.redirect_stderr(err))
        ended = meanwhile.enter_context(pytest.raises(SystemExit))
        app(list(arguments), prog_name=program)
    printed = [each.buffer.getvalue().decode() for each in (out, err)]
    return None if ended.value.code or printed[1] else printed[0]


def lines(text: str | None) -> list[str]:
    """The lines of a text, in the order that counts."""
    assert text is not None
    return sorted(text.split("\n")) if OLD else text.split("\n")


def given_to(command: Command) -> st.SearchStrategy[list[str]]:
    """Draw some options of a command with their values, or a product."""
    options = [
        [name, *([value] if value else [])]
        for name, option in command.options.items()
        for value in (option.values or [""])
    ]
    return st.lists(st.sampled_from([*options, ["web"]]), max_size=3).map(lambda parts: [*chain(*parts)])


@st.composite
def typed(draw: st.DrawFn) -> list[str]:
    """Draw a command, with options of it and of its group before and behind, and perhaps an odd word."""
    name = draw(st.sampled_from([*COMMANDS]))
    above, own = draw(given_to(COMMANDS[PROGRAM])), draw(given_to(COMMANDS[name]))
    end = draw(st.sampled_from([[], ["--help"], ["-h"], ["--version"]]))
    words = [*filter(lambda word: word != "web", above), *name.split()[1:], *own, *end]
    if draw(st.integers(0, 3)) == 0:
        odd = draw(st.sampled_from([*ODD, "web", "bash", *COMMANDS[name].options]))
        words.insert(draw(st.integers(0, len(words))), odd)
    return words


def test_the_file_is_what_click_says_now() -> None:
    """The file of answers is up to date; if not, ./dev answers makes it anew."""
    assert make() == KNOWN


def test_a_file_that_is_damaged_answers_nothing(tmp_path: Path) -> None:
    """Where the file of answers is gone, cut or no text, click answers."""
    path = tmp_path / "answers.txt"
    assert answers.load(str(path)) is None
    for damaged in (b"", KNOWN.encode()[:-1], KNOWN.encode()[:999], b"\xff" + KNOWN.encode()):
        path.write_bytes(damaged)
        assert answers.load(str(path)) is None


@given(st.sampled_from(PROGRAMS), typed(), st.sampled_from(["80", "90", "100", "999", "-1", "x"]))
@example(PROGRAM, ["--color", "red", "--help"], "80")
@example(PROGRAM, ["show", "-C", "-q", "--help"], "80")
@example(PROGRAM, ["show", "--help", "-C"], "80")
@example(PROGRAM, ["--version", "--help", "--color", ""], "80")
def test_an_answer_is_that_of_click(program: str, arguments: list[str], columns: str) -> None:
    """Whatever is typed: where there is an answer, click gives the same, with exit code 0."""
    variables = {"COLUMNS": columns}
    answer = quick.answer(program, arguments, variables)
    if answer is not None:
        assert answer == click_says(program, arguments, variables)


@given(
    typed(),
    st.sampled_from(["", "-", "--", "s", "--c", "b", "=", "?"]),
    st.sampled_from(["bash", "zsh", "fish"]),
)
@example(["-h", "--version"], "", "bash")
@example(["-C", "'x"], "-", "zsh")
@example(["--color"], "", "fish")
@example(["audit"], "--format=s", "bash")
@example(["audit", "--format"], "=", "bash")
@example(["completion", "bash"], "", "bash")
@example(["show", "-q", "-q"], "-", "fish")
@example(["show", "x"], "x", "fish")
@example(["show"], "- ", "fish")
def test_a_completion_is_that_of_click(arguments: list[str], last: str, shell: str) -> None:
    """Whatever was typed: where a word is offered without click, click offers the same ones."""
    place = last if shell == "fish" else f"{len(arguments) + 1}"
    words = " ".join([PROGRAM, *arguments, last])
    variables = {VARIABLE: f"{shell}_complete", "COMP_WORDS": words, "COMP_CWORD": place}
    answer = quick.answer(PROGRAM, [], variables)
    if answer is not None:
        assert lines(answer) == lines(click_says(PROGRAM, [], variables))


@pytest.mark.parametrize("asked", ["completion bash", "completion zsh", "-q completion fish", "zsh", "fish"])
def test_scripts_are_those_of_click(asked: str) -> None:
    """The script for a shell has an answer, by our command and by click's variable."""
    arguments = asked.split() if " " in asked else []
    variables = {} if arguments else {VARIABLE: f"{asked}_source"}
    answer = quick.answer(PROGRAM, arguments, variables)
    said = click_says(PROGRAM, arguments, variables)
    assert answer is not None
    assert answer in ((said, f"{said}"[:-1]) if OLD else (said,))  # It had one more line feed.


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("columns", ["80", "100", "200"])
def test_help_of_every_command_is_known(program: str, columns: str) -> None:
    """Help has an answer for each command, also where options and a product are beside it."""
    for name, command in COMMANDS.items():
        usual = quick.answer(program, [*name.split()[1:], "--help"], {"COLUMNS": columns})
        assert usual is not None
        assert usual.startswith(f"Usage: {program}{name.removeprefix(PROGRAM)} ")
        product = [] if command.commands else ["web"]
        words = ["-q", "-C", "x", *name.split()[1:], *product, "--color", "never", "-h", "--debug"]
        assert quick.answer(program, words, {"COLUMNS": columns}) == usual


def test_the_width_is_that_of_the_terminal(tmp_path: Path) -> None:
    """On a terminal, help is as wide as that, without any variable."""
    master, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 120))
    variables = environment({"COLUMNS": None, "LINES": None})
    subprocess.run([*MODULE, "audit", "-h"], cwd=tmp_path, env=variables, stdout=terminal, check=True)
    shown = os.read(master, 9999).decode().replace("\r\n", "\n")
    for end in (terminal, master):
        os.close(end)
    assert shown == quick.answer(PROGRAMS[1], ["audit", "-h"], {"COLUMNS": "120"})


def test_the_words_of_every_command_are_known() -> None:
    """Each command's options are offered without click, and so are the commands of a group."""
    for name, command in COMMANDS.items():
        for last, wanted in (("-", {*command.options}), ("", {*command.commands})):
            if wanted:
                place = f"{len(name.split())}"
                shell = {VARIABLE: "bash_complete", "COMP_WORDS": f"{name} {last}", "COMP_CWORD": place}
                found = quick.answer(PROGRAM, [], shell)
                assert {*(found or "").split()} == {f"plain,{each}" for each in wanted}


def test_nothing_of_weight_is_loaded(tmp_path: Path) -> None:
    """For all answers, of Python's own modules only those are loaded that it has loaded to start."""
    code = (
        "import sys, os, gc, __future__; before = {*sys.modules}\n"
        "from krow_versions.cli import main\n"
        "os.environ['_KROW_VERSIONS_COMPLETE'] = ''\n"
        "for line in sys.argv[1:]:\n"
        "    if line == 'hot': os.environ.update(_KROW_VERSIONS_COMPLETE='bash_complete',"
        " COMP_WORDS='krow-versions hot', COMP_CWORD='1')\n"
        "    sys.argv = ['krow-versions', *line.split()]\n"
        "    try: main()\n"
        "    except SystemExit as ended: assert not ended.code\n"
        "print(*{*sys.modules} - before, file=sys.stderr)"
    )
    typed = ["--version", *(f"{name} -h".partition(" ")[2] for name in COMMANDS), "completion zsh", "hot"]
    result = run_anew("-c", code, *typed, cwd=tmp_path, program=[sys.executable])
    assert {*result.err.split()} == OURS
    assert result.out.endswith("plain,hotfix\n")


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_the_module_loads_no_more(tmp_path: Path, option: str) -> None:
    """``python -m krow_versions`` answers as well without click, attrs or what is built on them."""
    result = run_anew(option, cwd=tmp_path, program=[sys.executable, "-X", "importtime", *MODULE[1:]])
    loaded = {line.rpartition("|")[2].strip() for line in result.err.splitlines()}
    assert {each for each in loaded if each.startswith("krow_versions")} == OURS
    assert result.out


@pytest.mark.parametrize("columns", [80, 90])
def test_a_file_that_takes_only_the_beginning_is_reported(tmp_path: Path, columns: int) -> None:
    """Where only a part of an answer can be written, that is an error in words, as it is of click."""
    script = f'ulimit -f 1; COLUMNS={columns} "$0" -m krow_versions --help >out; echo "$?"'
    result = run_anew("-c", script, sys.executable, cwd=tmp_path, program=["bash"])
    assert (result.out, result.err) == ("0\n", "error: the output could not be written: File too large\n")
    whole = run_anew("--help", cwd=tmp_path, env={"COLUMNS": f"{columns}"}).out
    assert (tmp_path / "out").read_text() == whole[:1024]


# --- the version ------------------------------------------------------------------------------

LAYOUTS = {
    "usual": {"krow_versions-1.2.3.dist-info/METADATA": "Version: 1.2.3\n\nText"},
    "other name": {"Krow.Versions-1.2.3.dist-info/METADATA": "Version: 1.2.3\n\n"},
    "no metadata": {"krow_versions-1.2.3.dist-info/RECORD": ""},
    "egg": {"krow_versions.egg-info/PKG-INFO": "Version: 1.2.3\n\n"},
    "in an egg": {"krow_versions.egg/EGG-INFO/PKG-INFO": "Version: 1.2.3\n\n"},
    "two": {
        "krow_versions-1.2.3.dist-info/METADATA": "Version: 1.2.3\n\n",
        "krow_versions-1.2.4.dist-info/METADATA": "Version: 1.2.4\n\n",
    },
    "of others": {
        "krow_versions_x-9.dist-info/METADATA": "",
        "krow-versions-9.dist-info/METADATA": "Version: 9\n\n",
    },
    "folded": {"krow_versions-1.dist-info/METADATA": "Version: 1\n .2\n\n"},
    "twice": {"krow_versions-1.dist-info/METADATA": "Version: 1\nVersion: 2\n\n"},
    "other case": {"krow_versions-1.dist-info/METADATA": "VERSION:1.2+a\n\nVersion: 3\n"},
    "in the text": {"krow_versions-1.dist-info/METADATA": "Name: x\n\nVersion: 3\n"},
    "no end": {"krow_versions-1.dist-info/METADATA": "Version: 3"},
    "lines of Windows": {"krow_versions-1.dist-info/METADATA": "Version: 3\r\n\r\n"},
}
FOUND = {
    "usual": "1.2.3",
    "other name": "1.2.3",
    "of others": "0.9",
    "other case": "1.2+a",
    "lines of Windows": "3",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_version_is_that_of_the_metadata(tmp_path: Path, layout: str) -> None:
    """The version is what ``importlib.metadata`` finds first on the path, or it is left to that."""
    for name, text in LAYOUTS[layout].items():
        path = tmp_path / "first" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(text.encode())
    later = tmp_path / "later/krow_versions-0.9.dist-info"
    later.mkdir(parents=True)
    (later / "METADATA").write_text("Version: 0.9\n\n")
    egg = [str(each) for each in tmp_path.glob("first/*.egg")]
    path_ = [str(tmp_path / "none"), *(egg or [str(tmp_path / "first")]), str(tmp_path / "later")]
    found = quick.installed_version(path_)
    assert found == FOUND.get(layout)
    if found is not None:
        assert found == next(iter(distributions(name="krow-versions", path=path_))).version


def test_the_version_of_an_archive_is_left_to_python(tmp_path: Path) -> None:
    """What is no folder is not looked into."""
    (tmp_path / "a.zip").write_bytes(b"")
    assert quick.installed_version([str(tmp_path / "a.zip"), *sys.path]) is None
    assert quick.installed_version(sys.path) == version("krow-versions")
