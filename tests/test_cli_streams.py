"""Output that cannot be written, and input that cannot be read: only the first changes no exit code."""

from __future__ import annotations

import errno
import os
import pty
import re
import select
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from krow_versions.cli.app import app
from support.child import environment
from support.commands import MODULE, assert_refused, at_terminal, shell
from support.commands import run_anew as run
from support.effort import THOROUGH
from support.krow import hotfix
from support.scenes import NAME, Scene
from support.untouched import untouched

if TYPE_CHECKING:
    from support.repositories import Repo

ENDINGS = {
    "show": 0,
    "show nope": 2,
    "bump-patch worker-mobile --check": 1,
    "bump-patch worker-mobile --from 9.9.9": 3,
    "--help": 0,
    "bump-patch -h": 0,
    "--version": 0,
    "--nope": 2,
    "completion bash": 0,
    "-C /nowhere show": 2,
}
SINKS = (
    ">/dev/full", "2>/dev/full", ">/dev/full 2>&1", "| true", "2>&1 | true", "2>&1 >/dev/null | true",
    ">&-", "2>&-", ">&- 2>&-", ">/dev/full 2>&-",
)  # fmt: skip


@pytest.mark.fault(108)
@pytest.mark.parametrize("sink", SINKS)
def test_output_that_fails_keeps_the_exit_code_of_the_work(repo: Repo, sink: str) -> None:
    """Whichever stream fails, in whichever way, every command ends with its own exit code, never 120."""
    hotfix(repo)
    script = "; ".join(f'$KV {args} {sink}; echo "$?" >&9' for args in ENDINGS)
    result = shell(f"set -o pipefail; exec 9>codes; {script}", cwd=repo.path)
    codes = (repo.path / "codes").read_text().split()
    assert dict(zip(ENDINGS, map(int, codes), strict=True)) == ENDINGS
    assert ("Traceback" in result.err, "a bug in" in result.err) == (False, False)


def test_full_output_is_reported_once_and_a_closed_pipe_is_not(repo: Repo) -> None:
    """A full stdout is one error on stderr, of help as well; a reader that has gone is none."""
    hotfix(repo)
    expected = "error: the output could not be written: No space left on device\n"
    for args in ("show", "--help", "bump-patch worker-mobile -n -q"):
        assert shell(f"$KV {args} >/dev/full", cwd=repo.path).err == expected
        assert shell(f"$KV {args} | true", cwd=repo.path).err == ""


def test_a_stream_that_does_not_block_gets_everything(repo: Repo) -> None:
    """A pipe that another program made non-blocking, and that is full for a while, loses nothing."""
    hotfix(repo).write(
        "CHANGELOG.md", "| Date | Version | Change |\n|---|---|---|\n" + "| | 0.1.0 | x |\n" * 9999
    )
    usual = run("changelog", "show", "worker-mobile", cwd=repo.path)
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with subprocess.Popen(
        [*MODULE, "changelog", "show", "worker-mobile"], cwd=repo.path, stdout=writer
    ) as process:
        os.close(writer)
        select.select([reader], [], [])
        with open(reader, "rb") as file:
            out = file.read().decode()
    assert (process.returncode, out) == (usual.code, usual.out)


def test_streams_are_given_back(capfd: pytest.CaptureFixture[str]) -> None:
    """After a command that runs inside another program, its streams are those that it had."""
    before = sys.stdout, sys.stderr
    for _ in range(2):
        with pytest.raises(SystemExit) as ended:
            app(["--version"])
        assert ended.value.code == 0
        assert (sys.stdout, sys.stderr) == before
    assert re.fullmatch(r"(krow-versions [0-9.]+\n){2}", capfd.readouterr().out)


def test_the_runner_of_click_sees_what_is_printed() -> None:
    """Click's CliRunner sees output, words and exit code."""
    result = CliRunner().invoke(app, ["completion", "bash"])
    assert (result.exit_code, "_KROW_VERSIONS_COMPLETE" in result.stdout, result.stderr) == (0, True, "")
    result = CliRunner().invoke(app, ["nope"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is no command 'nope'" in result.stderr


# --- input ------------------------------------------------------------------------------------

# Runs the command line once for each call of an operating system's function that Python makes in it,
# and lets that call fail. The fault is put where Python asks the system: everything above is real.
INJECT = """
import builtins, errno, io, json, os, select, sys
from importlib import import_module
from krow_versions.cli.app import app
from krow_versions.cli.commands import COMMANDS

code, step, args = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
for each in COMMANDS.values():
    import_module(f"krow_versions.cli.{each.module}")
calls, fails = 0, 0

def failing(function):
    def call(*args, **more):
        global calls
        if args and args[0] in (1, 2):  # An output.
            return function(*args, **more)
        calls += 1
        if calls == fails:
            name = args[0] if args and isinstance(args[0], str) else None
            raise OSError(code, os.strerror(code), name)
        return function(*args, **more)
    return call

def run(number):
    global calls, fails
    calls, fails = 0, number
    reader, writer = os.pipe()
    errors, words = os.pipe()
    child = os.fork()
    if not child:
        os.dup2(writer, 1)
        os.dup2(words, 2)
        for each in ("open", "read", "fstat", "stat", "lstat", "listdir", "scandir"):
            setattr(os, each, failing(getattr(os, each)))
        builtins.open = io.open = failing(io.open)
        select.poll = failing(select.poll)
        try:
            app(args, prog_name="krow-versions")
        except SystemExit as ended:
            os._exit(ended.code + 100 if calls < fails else ended.code)
        except BaseException:
            import traceback
            traceback.print_exc()
        os._exit(99)
    os.close(writer), os.close(words)
    with open(reader) as out, open(errors) as err:
        said = out.read(), err.read()
    return (os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), *said)

found, number = [], 1 - step
while not found or found[-1][0] < 100:
    number += step
    found.append(run(number))
print(json.dumps(found))
"""


@pytest.mark.parametrize(
    ("args", "fault"),
    [
        (["show"], errno.EIO),
        (["bump-patch", NAME, "--check"], errno.EPIPE),
        (["--version"], errno.ENOSPC),
        (["--version"], errno.EPIPE),
    ],
)
def test_input_that_cannot_be_read_never_ends_well_with_nothing_done(
    repo: Repo, args: list[str], fault: int
) -> None:
    """Whichever call fails: all is done and printed as without the fault, or an error says what failed."""
    step = 1 if THOROUGH or args == ["--version"] else 4
    *found, (code, out, _) = run(
        str(fault), str(step), *args, cwd=hotfix(repo).path, program=[sys.executable, "-c", INJECT]
    ).data
    failed = [each for each in found if each[:2] != [code - 100, out]]
    assert failed
    for code, _, err in failed:
        assert code == 4, err
        assert err.startswith("error: ")
        assert "Traceback" not in err
        assert "the output could not be written" not in err
    assert os.strerror(fault) in "".join(err for _, _, err in failed)


def test_a_terminal_that_goes_away_is_no_answer(ready: Scene) -> None:
    """When the terminal goes away while it is asked, exit 4 says that nothing was done and how to go on."""
    master, terminal = pty.openpty()
    command = [*MODULE, "hotfix", "finish", NAME]
    with (
        untouched(ready.ours, ready.remote),
        subprocess.Popen(
            command, cwd=ready.ours.path, env=environment(ready.env()), stdin=terminal,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as process,
    ):  # fmt: skip
        os.close(terminal)
        assert process.stderr is not None
        said = b""
        while b"[y/N]" not in said:
            said += process.stderr.read(1)
        os.close(master)
        err = said.decode() + process.stderr.read().decode()
    assert process.returncode == 4, err
    assert re.search("error: the answer could not be read: .+; nothing was done\n", err)
    assert "--yes" in err


def test_an_answer_in_another_encoding_is_no_answer(ready: Scene) -> None:
    """An answer that is no text counts neither as yes nor as a bug."""
    with untouched(ready.ours, ready.remote):
        result = ready.at_terminal(
            "hotfix", "finish", NAME, answer="\udcff\n", PYTHONIOENCODING="utf-8:strict"
        )
    assert result.code == 4, result
    assert "the answer could not be read" in result.err


@pytest.mark.parametrize("closed", ["1", "2"])
def test_nothing_is_asked_where_it_cannot_be_seen(ready: Scene, closed: str) -> None:
    """With stdout closed the steps cannot be seen, and with stderr closed the question: --yes is needed."""
    script = f'"$@" {closed}>&-'
    with untouched(ready.ours, ready.remote):
        result = at_terminal(
            ["bash", "-c", script, "bash", *MODULE, "hotfix", "finish", NAME],
            "y\n",
            ready.ours.path,
            ready.env(),
        )
    assert result.code == 2
    assert closed == "2" or "--yes" in result.err


def test_a_folder_that_cannot_be_looked_at_is_not_said_to_be_missing(repo: Repo) -> None:
    """-o into a folder of which nothing can be known is exit 4, and its advice is not to make it."""
    (hotfix(repo).path / "loop").symlink_to("loop")
    for output in ("loop/x.json", f"{'x' * 300}/x.json"):
        result = run("audit", "-o", output, cwd=repo.path)
        assert_refused(result, "x.json: cannot be looked at: ", "hint: name another path", code=4)
        assert "make it" not in result.err
