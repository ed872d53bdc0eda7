"""The command line as a subprocess, without and with a terminal, and what every answer of it must be."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from support import child
from support.child import Result, environment
from support.clocks import NOW, launcher
from support.hang import SECONDS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

MODULE = (sys.executable, "-m", "krow_versions")
SCRIPT = (str(Path(sys.executable).with_name("krow-versions")),)
# What must never reach a terminal raw: C0 but tab and line feed, DEL, C1, bidi, zero width.
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def run(
    *args: str,
    cwd: Path,
    env: Mapping[str, str | None] | None = None,
    program: Sequence[str] | None = None,
    later: dt.timedelta = NOW,
) -> Result:
    """Run the command line to its end: in a child of this process, or as a *program* of its own.

    To start Python and load the package takes several times as long as most commands do. Where that is
    what a test is about, it names the program; what Python reads as it starts takes a new one, too.
    The clock of the command line is ahead by *later*.
    """
    if program is None and not _for_a_start(env):
        return child.run(cwd, *args, env=env, later=later)
    done = subprocess.run(
        [*(program or (launcher(later) if later else MODULE)), *args],
        cwd=cwd,
        env=environment(env or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    return Result(
        done.returncode, *(each.decode("utf-8", "surrogateescape") for each in (done.stdout, done.stderr))
    )


def _for_a_start(env: Mapping[str, str | None] | None) -> bool:
    """Whether variables say something that Python reads only when it starts."""
    return any(name.startswith(("PYTHON", "LC_", "LANG")) for name in env or {})


def run_anew(
    *args: str,
    cwd: Path,
    env: Mapping[str, str | None] | None = None,
    program: Sequence[str] = MODULE,
) -> Result:
    """Run the command line, or another *program*, in a process that loads all it needs itself."""
    return run(*args, cwd=cwd, env=env, program=program)


def shell(script: str, *args: str, cwd: Path) -> Result:
    """Run a bash script in which ``$KV`` is the program."""
    return run(
        "-c", f'KV="{sys.executable} -m krow_versions"; {script}', "bash", *args, cwd=cwd, program=["bash"]
    )


def at_terminal(
    command: Sequence[str],
    answer: str,
    cwd: Path,
    env: Mapping[str, str | None] | None = None,
    later: dt.timedelta = NOW,
) -> Result:
    """Run a program whose standard input is a real terminal, on which *answer* is typed."""
    master, terminal = pty.openpty()
    try:
        os.write(master, os.fsencode(answer))
        if (*command[:3],) == MODULE and not _for_a_start(env):
            return child.run(cwd, *command[3:], env=env, stdin=terminal, later=later)
        done = subprocess.run(
            [*command], cwd=cwd, env=environment(env or {}), stdin=terminal, capture_output=True,
            timeout=SECONDS, check=False,
        )  # fmt: skip
    finally:
        os.close(terminal)
        os.close(master)
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


def done(result: Result) -> Result:
    """It went well."""
    assert result.code == 0, result
    assert not RAW.search(result.out + result.err)
    return result


def approve(where: Path, product: str, env: Mapping[str, str | None] | None = None) -> Result:
    """Say that the tip of the hotfix of *product* is approved, as its reviewer would."""
    return done(run("hotfix", "status", product, "--done", "approval", cwd=where, env=env))


def assert_refused(result: Result, *words: str, code: int = 3) -> None:
    """Refused in words: nothing on stdout, no traceback, a remedy, and each of *words*."""
    assert (result.code, result.out) == (code, ""), result
    assert "Traceback" not in result.err
    assert "hint:" in result.err
    assert [word for word in words if word not in result.err] == [], result.err
    assert not RAW.search(result.err)


def assert_told(result: Result, code: int, *words: str) -> None:
    """It ended with that code, and said each of the words on stderr, without a traceback."""
    assert result.code == code, result
    assert [word for word in words if word not in result.err] == [], result.err
    assert "Traceback" not in result.err
    assert not RAW.search(result.err)


def hostile(folder: Path, names: Sequence[str]) -> None:
    """Put modules of these names into a folder, which leave a trace when they are run."""
    for name in names:
        (folder / f"{name}.py").write_text(f"open({str(folder / 'hijacked')!r}, 'a').write({name!r} + ' ')\n")
