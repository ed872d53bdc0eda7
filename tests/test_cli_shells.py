"""Completion in real shells: what a line becomes at the press of Tab. ``./dev shells`` installs them."""

from __future__ import annotations

import os
import pty
import re
import select
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from support import clocks
from support.child import environment
from support.hang import SECONDS
from support.repositories import executable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from support.repositories import Repo

CONFIG = """\
[products.app]
slug = "@scope/app"
files = ["app/VERSION"]
aliases = ["@scope/app", "two words", "$(touch hacked)"]
[products.web]
slug = "krow-web"
files = ["web/VERSION"]
[tags]
production = "{slug}@{version}"
"""
# What is typed before Tab, and what the last word is then.
LINES = {
    "sh": "show",
    "hotfix start app --severity CR": "CRITICAL",
    'hotfix start app --issue "a b" --severity=hi': "--severity=HIGH",
    "hotfix status --done appr": "approval",
    "show @sc": "@scope/app",
    "hotfix start app --from @sc": "@scope/app@1.0.0",
    "hotfix start app --from=@scope/app@1": "--from=@scope/app@1.0.0",
    "hotfix next web --version 2.": "2.3.5",
    "audit --output=REA": "--output=README.md",
    "show two": "two",  # A name of two words is not offered, and none that a shell would run.
}
BRIEF = {line: word for line, word in LINES.items() if line in {"sh", "show two"} or "=" in line}
"""Those that shells treat differently; each line starts a process."""
SHOWN = "shown() { printf '<<'; printf '%s|' \"$@\"; echo '>>'; }"
STARTS = {
    "bash": (["bash", "--noprofile", "--norc", "-i"], 'eval "$(krow-versions completion bash)"; PS1='),
    "zsh": (
        ["zsh", "-f", "-i"],
        'autoload -U compinit; compinit -Du; eval "$(krow-versions completion zsh)"; PS1=',
    ),
}


@pytest.fixture
def here(repo: Repo, tmp_path: Path) -> Path:
    """A workspace with tags and a hotfix branch, and programs: ours, and a git that leaves a trace."""
    repo.write("krow-versions.toml", CONFIG)
    repo.write("README.md", "read\n")
    repo.write("app/VERSION", "1.0.0\n")
    repo.write("web/VERSION", "2.3.4\n")
    repo.commit("feat: all")
    for tag in ("@scope/app@1.0.0", "krow-web@2.3.4"):
        repo.git("tag", tag)
    repo.git("pack-refs", "--all")
    repo.git("branch", "hotfix/krow-web-v2.3.5")
    clocks.install(tmp_path / "bin", clocks.NOW)
    executable(tmp_path / "bin/git", f"#!/bin/sh\ntouch {shlex.quote(str(tmp_path / 'asked'))}\n")
    return repo.path


def surroundings(here: Path) -> dict[str, str]:
    """The variables of a shell that reads no file of a user, with our programs first."""
    home = here.parent / "home"
    home.mkdir(exist_ok=True)
    path = f"{here.parent / 'bin'}:/usr/bin:/bin"
    return environment({"PATH": path, "HOME": str(home), "TERM": "xterm", "INPUTRC": "/dev/null"})


def completed(shell: str, here: Path, lines: Iterable[str]) -> list[str]:
    """Type each line and Tab in a shell on a terminal; give the last word of each."""
    command, start = STARTS[shell]
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(here)
        os.execvpe(command[0], command, surroundings(here))
    begin, tab, go_to_begin, go_to_end = "krow-versions ", "\t", "\x01", "\x05"
    words = []
    try:
        os.write(terminal, f"{SHOWN}; {start}; echo REA''DY\n".encode())
        wait_for(terminal, rb"READY\r?\n")
        for line in lines:
            os.write(terminal, f"{begin}{line}{tab}{go_to_begin}shown {go_to_end}\n".encode())
            words.append(wait_for(terminal, rb"<<krow-versions\|([^>]*)\|>>").split("|")[-1])
    finally:
        os.close(terminal)
        os.waitpid(child, 0)
    return words


def wait_for(terminal: int, pattern: bytes) -> str:
    """Read until something is there; give the group of the pattern."""
    read = b""
    while not (found := re.search(pattern, read)):
        assert select.select([terminal], [], [], SECONDS)[0], read
        read += os.read(terminal, 1 << 16)
    return found[found.re.groups].decode()


@pytest.mark.parametrize("shell", STARTS)
def test_a_line_is_completed_on_a_terminal(here: Path, shell: str) -> None:
    """Values, behind a space or =, with @ and :, files; no program but ours is started."""
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here: ./dev shells")
    wanted = LINES if shell == "bash" else BRIEF
    assert dict(zip(wanted, completed(shell, here, wanted), strict=True)) == wanted
    assert not (here.parent / "asked").exists()
    assert not (here / "hacked").exists()


def test_a_line_is_completed_in_fish(here: Path) -> None:
    """fish itself says what it would offer for a line."""
    if shutil.which("fish") is None:
        pytest.skip("there is no fish here: ./dev shells")
    lines = [line for line, word in BRIEF.items() if not line.endswith(word)]
    script = "krow-versions completion fish | source\n" + "".join(
        f"complete -C {shlex.quote(f'krow-versions {line}')}; echo\n" for line in lines
    )
    done = subprocess.run(
        ["fish", "-N", "-c", script], cwd=here, env=surroundings(here), capture_output=True, text=True,
        check=True, timeout=SECONDS,
    )  # fmt: skip
    offered = [answer.split("\t")[0] for answer in done.stdout.split("\n\n") if answer]
    assert dict(zip(lines, offered, strict=True)) == {line: LINES[line] for line in lines}
    assert not (here.parent / "asked").exists()
