"""What all tests share: their own git, real repositories, Hypothesis profiles.

Nothing is mocked. Where git is missing, tests that need it fail; they do not skip.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, settings

from support.hosted import gh, hosted
from support.repositories import Repo
from support.scenes import finished, fresh, made, ready
from support.story import base, story

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Fixtures; a module may have others of these names.
__all__ = ["base", "finished", "fresh", "gh", "hosted", "made", "ready", "story"]

settings.register_profile("quick", max_examples=50, deadline=None)
# CI judges a change, not the luck of a draw: the same examples in every run. Searching is for nightly.
settings.register_profile("ci", max_examples=30, deadline=None, print_blob=True, derandomize=True)
settings.register_profile("nightly", max_examples=5000, deadline=None, print_blob=True)
# ./dev mutate asks thousands of times whether any test fails at all: the smallest example is of no use there.
settings.register_profile(
    "mutate",
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(scope="session", autouse=True)
def _own_git(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the user's git and gh, and the network, out of every test."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in [*os.environ]:
            if name.startswith(("GIT_", "GH_")):
                patch.delenv(name)
        patch.setenv("HOME", str(home))
        patch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("GIT_ATTR_NOSYSTEM", "1")
        patch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path_factory.getbasetemp()))
        patch.setenv("GIT_ALLOW_PROTOCOL", "file")
        patch.setenv("GIT_TERMINAL_PROMPT", "0")
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "Release Engineer")
            patch.setenv(f"GIT_{role}_EMAIL", "release@example.org")
        yield


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A new repository on an unborn branch `main`."""
    return Repo(tmp_path / "repo")


@pytest.fixture(scope="session")
def new_repo(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Repo]:
    """Makes as many new repositories as are asked for; fit for tests by Hypothesis."""
    numbers = itertools.count()
    folder = tmp_path_factory.mktemp("repositories")
    return lambda: Repo(folder / str(next(numbers)))


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Puts a Python program named git first on PATH; gives the folder that it is in."""

    def install(source: str) -> Path:
        folder = tmp_path / "bin"
        folder.mkdir()
        file = folder / "git"
        file.write_text(f"#!{sys.executable} -IS\n{source}")
        file.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        return folder

    return install


@pytest.fixture
def spy(program: Callable[[str], Path]) -> Callable[[], list[list[str]]]:
    """Stands before the real git and notes the arguments of every process."""
    real = shutil.which("git")
    log = (
        program(
            "import os, sys\n"
            "with open(os.path.join(os.path.dirname(__file__), 'log'), 'ab') as log:\n"
            "    log.write(b'\\0'.join(map(os.fsencode, sys.argv[1:])) + b'\\0\\n')\n"
            f"os.execv({real!r}, ['git', *sys.argv[1:]])\n"
        )
        / "log"
    )

    def processes() -> list[list[str]]:
        noted = log.read_bytes() if log.exists() else b""
        calls = [os.fsdecode(line).split("\0") for line in noted.split(b"\0\n")[:-1]]
        log.unlink(missing_ok=True)
        return calls

    return processes


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of examples beside this repository, which not every checkout has."""
    folder = Path(__file__).parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("there is no folder 'shared' beside this repository")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _signals_reach_programs() -> None:
    """Undo what `nohup` and `&` do: what is ignored here is ignored by every program started here."""
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what tests recorded for people to read, such as how much of the corpus was bumped."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for line in (value for name, value in report.user_properties if name == "summary"):
            terminalreporter.write_line(str(line))
