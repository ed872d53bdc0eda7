"""The progress of long work: who sees which steps of it, and the line on a terminal."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import os
import select
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import krow_versions as kv
from krow_versions.cli.progress import Line
from krow_versions.progress import steps_of, ticked, unseen
from krow_versions.workspace.proposal import init_workspace
from support import krow
from support.audits import NOW
from support.commands import run
from support.reports import broken
from support.terminals import Screen, jumping, run_watched, terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from krow_versions.progress import Tick
    from support.repositories import Repo

FILES, TAGS, RELEASES = "reading files", "reading tags and commits", "reading files at releases"
COMPARED = {"comparing releases", "listing changes", "following changes"}


class Seen:
    """Sees progress, and holds it to its rule: no step before the begin, none after the last."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, int | None]] = []
        self.done: list[int] = []

    def __call__(self, words: str, total: int | None) -> Tick:
        assert words.islower()
        part = len(self.parts)
        self.parts.append((words, total))
        self.done.append(0)
        return lambda: self._tick(part)

    def _tick(self, part: int) -> None:
        assert part == len(self.done) - 1, "a part goes on while another one is under way"
        self.done[part] += 1
        total = self.parts[part][1]
        assert total is None or self.done[part] <= total

    @property
    def words(self) -> set[str]:
        """What was done; all of it was done to its end."""
        left = [part for part, done in zip(self.parts, self.done, strict=True) if part[1] not in {None, done}]
        assert left == []
        return {words for words, _ in self.parts}


def fixed_beside(repo: Repo) -> Repo:
    """A checkout with findings, and a release of web that main has in another form."""
    broken(repo).git("checkout", "--quiet", "-b", "aside")
    repo.write("fix.js", "fixed()\n")
    repo.write(krow.WEB, krow.package("1.4.3"))
    repo.commit("fix: it")
    repo.tag("krow-withus-web/prod-v1.4.3")
    repo.git("checkout", "--quiet", "-")
    repo.write("fix.js", "fixed()\nmore()\n")
    repo.commit("the same, and more")
    return repo


def watched(repo: Repo) -> tuple[kv.Workspace, Seen]:
    """The workspace of a repository, and what sees its progress."""
    seen = Seen()
    return attrs.evolve(kv.Workspace.open(repo.path), progress=seen), seen


# --- the steps ------------------------------------------------------------------------------------

LOOKS: dict[str, tuple[Callable[[kv.Workspace], object], set[str]]] = {
    "audit": (
        lambda ws: ws.audit(now=NOW).to_json(),
        {FILES, TAGS, RELEASES, "comparing branches", "checking products"},
    ),
    "audit --history": (
        lambda ws: ws.audit(history=True, now=NOW).to_json(),
        {FILES, TAGS, RELEASES, "comparing branches", "reading releases", "checking products"},
    ),
    "history": (
        lambda ws: ws.history("web").to_json(),
        {FILES, TAGS, RELEASES, "comparing branches", "reading releases"},
    ),
    "show": (lambda ws: str(ws.show()), {FILES, TAGS, RELEASES}),
    "bump-patch": (lambda ws: ws.plan_bump("backend", message="x").to_json(), {FILES, TAGS, RELEASES}),
}


@pytest.mark.parametrize("name", LOOKS)
def test_each_part_of_the_work_is_seen_and_ends(repo: Repo, name: str) -> None:
    """Whoever looks sees each part from its first step to its last; what is found is the same unseen."""
    look, parts = LOOKS[name]
    workspace, seen = watched(fixed_beside(repo))
    found = look(workspace)
    assert seen.words - COMPARED == parts
    assert name == "bump-patch" or seen.words >= COMPARED
    assert look(kv.Workspace.open(repo.path)) == found


def test_each_file_of_a_proposal_is_seen(repo: Repo) -> None:
    """``init`` reads as many files as it says."""
    krow.checkout(repo)
    seen = Seen()
    init_workspace(str(repo.path), lambda: NOW, seen)
    assert seen.words == {FILES}
    assert seen.parts == [(FILES, 5)]


@given(st.lists(st.integers()))
def test_to_be_seen_changes_nothing(items: list[int]) -> None:
    """The items are those that were given, in their order; nothing is wrapped where nobody looks."""
    seen = Seen()
    assert [*steps_of(items, FILES, seen)] == items
    assert seen.done == [len(items)] * bool(items)
    assert steps_of(items, FILES, unseen) is items
    assert [*ticked(items, unseen(FILES, None))] == items


# --- the line -------------------------------------------------------------------------------------


def test_the_line_is_drawn_and_taken_away(repo: Repo) -> None:
    """After a second the parts are drawn; at the end the screen has the messages alone, and the cursor."""
    fixed_beside(repo)
    usual = run("audit", "--history", cwd=repo.path)
    result, screen = run_watched(repo.path, "audit", "--history", clock=jumping())
    assert (result.code, result.out) == (usual.code, usual.out)
    assert "\n".join(screen.lines) == usual.err
    assert screen.has_cursor
    words = {each.partition("  ")[0] for each in screen.drawings}
    assert words >= {*LOOKS["audit --history"][1], *COMPARED} - {"reading files"}
    assert "checking products  [##############################]  4/4" in screen.drawings


@pytest.mark.parametrize("command", [["show"], ["history", "web"], ["init"], ["hotfix", "list"]])
def test_each_command_that_reads_has_the_line(repo: Repo, command: list[str]) -> None:
    """What can take long is seen in every command, and what it prints stands alone."""
    krow.checkout(repo)
    result, screen = run_watched(repo.path, *command, clock=jumping())
    assert result.code == 0, screen
    assert any(each.startswith(("reading ", "asking git ...")) for each in screen.drawings)
    assert not any("reading" in line or "asking" in line for line in screen.lines)
    assert "\033" not in result.out


@pytest.mark.parametrize(
    ("options", "variables", "seconds"),
    [((), {}, 0.0), (("--quiet",), {}, 2), ((), {"TERM": "dumb"}, 2)],
    ids=["quick", "quiet", "dumb"],
)
def test_nothing_is_drawn(
    repo: Repo, options: tuple[str, ...], variables: dict[str, str], seconds: float
) -> None:
    """Work of less than a second has no line, nor has --quiet, nor a terminal that cannot take it back."""
    krow.checkout(repo)
    _, screen = run_watched(
        repo.path, "audit", *options, clock=jumping(seconds), first=lambda: os.environ.update(variables)
    )
    assert screen.drawings == ()
    assert not any("reading" in line for line in screen.lines)


def test_only_a_terminal_has_the_line_and_only_drawing_loads_it(repo: Repo) -> None:
    """A pipe or a file gets nothing, and without a drawing click's own drawing is not loaded."""
    krow.checkout(repo)
    assert "reading" not in run("audit", cwd=repo.path).err
    program = (
        "import datetime as dt, itertools, sys; from krow_versions.cli.app import app\n"
        "seconds = itertools.count(0, int(sys.argv[1]))\n"
        "try: app(['audit'], clock=lambda: dt.datetime.fromtimestamp(next(seconds), dt.UTC))\n"
        "finally: print('click._termui_impl' in sys.modules, 'krow_versions.cli.progress' in sys.modules)"
    )

    def loaded(seconds: str, stderr: int) -> list[str]:
        command = [sys.executable, "-c", program, seconds]
        done = subprocess.run(command, cwd=repo.path, stdout=subprocess.PIPE, stderr=stderr, check=True)
        return done.stdout.decode().split()[-2:]

    with terminal() as (_, writes):
        assert loaded("2", subprocess.DEVNULL) == ["False", "False"]
        assert loaded("0", writes) == ["False", "True"]
        assert loaded("2", writes) == ["True", "True"]


def test_an_interrupt_leaves_the_terminal_clean(repo: Repo) -> None:
    """After Ctrl-C in the middle, nothing of the line is left, and the cursor is to be seen."""
    krow.checkout(repo)
    clock, asked = jumping(), iter(range(1000))

    def interrupting() -> dt.datetime:
        if next(asked) == 10:
            os.kill(os.getpid(), signal.SIGINT)
        return clock()

    result, screen = run_watched(
        repo.path, "audit", clock=interrupting,
        first=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert result.code == 130
    assert screen.drawings
    assert screen.lines == ("error: interrupted", "")
    assert screen.has_cursor


def test_a_step_that_takes_long_is_seen_before_it_ends() -> None:
    """Where no step ends for a second, the line is drawn meanwhile."""
    moments = itertools.chain([NOW] * 3, itertools.repeat(NOW + dt.timedelta(seconds=2)))
    with terminal() as (reads, writes), open(writes, "w", encoding="utf-8", closefd=False) as stream:
        line = Line(stream, lambda: next(moments), after=0.001)
        tick = line("listing changes", 1)
        assert Screen.of(os.read(reads, 1000).decode()).lines[0].startswith("listing changes  [---")
        tick()
        line.close()
        written = b""
        while select.select([reads], [], [], 0.2)[0]:  # A terminal gives what was written piece by piece.
            written += os.read(reads, 1000)
        assert Screen.of(written.decode()).lines == ("",)


@settings(max_examples=50)
@given(
    st.integers(10, 200),
    st.lists(st.tuples(st.sampled_from(["reading", "comparing all releases"]), st.integers(0, 9))),
)
def test_the_line_fits_and_goes(columns: int, parts: list[tuple[str, int]]) -> None:
    """No drawing is wider than the terminal if its words fit, all parts end at their total, none is left."""
    with terminal(columns) as (_, writes):
        stream = Written(writes)
        line = Line(stream, jumping())
        for words, total in parts:
            tick = line(words, total)
            for _ in range(total):
                tick()
        line.close()
    screen = Screen.of(stream.getvalue())
    assert (screen.lines, screen.has_cursor) == (("",), True)
    assert all(len(each) < max(columns, 30) for each in screen.drawings)
    ends = [each.rsplit("  ", 1)[-1] for each in screen.drawings]
    assert [end for end in ends if end.split("/")[0] == end.split("/")[1]] == [
        f"{total}/{total}" for _, total in parts
    ]


def test_parts_inside_each_other_are_drawn_as_they_go_on() -> None:
    """A part that goes on after another one is drawn again, with its own words and count."""
    with terminal() as (_, writes):
        stream = Written(writes)
        line = Line(stream, jumping())
        outer = line("outer", 2)
        line("inner", None)()
        outer()
        line.close()
    bar = "outer  [###############---------------]  1/2"
    assert [each for each in Screen.of(stream.getvalue()).drawings if "0" not in each] == [
        "inner ...",
        "inner  1",
        bar,
    ]


class Written(io.StringIO):
    """What is written to a terminal, which is asked only for its size."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return True
