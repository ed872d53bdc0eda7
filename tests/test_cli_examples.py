"""The examples in the help of the commands: each command has some, and each does what it says."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from krow_versions.cli.commands import COMMANDS, LOOKS
from krow_versions.cli.helping import Command, Example, example_lines
from support.answers import contexts
from support.scenes import Scene, copy

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = {
    context.command_path: context.command.examples if isinstance(context.command, Command) else ()
    for context in contexts()
}
EFFECTS = {f"krow-versions {path}": effect for each in COMMANDS.values() for path, effect in each.effects}
ORDER = "list check status amend pr next finish deploy announce report rollback"
LED = ["krow-versions hotfix", *(f"krow-versions hotfix {name}" for name in ORDER.split())]
"""The commands that lead through one hotfix, in the order in which their examples can be true."""
ALONE = ("krow-versions hotfix start", "krow-versions hotfix abandon")


def test_every_command_has_one_to_three_examples() -> None:
    """A new command needs its examples; each is a call of that command, or for a group of one below it."""
    assert {name: len(found) for name, found in EXAMPLES.items() if not 1 <= len(found) <= 3} == {}
    calls = [(name, each.line) for name, found in EXAMPLES.items() for each in found]
    assert [call for call in calls if not f"{call[1]} ".startswith(f"{call[0]} ")] == []


def test_examples_stand_whole_on_a_narrow_terminal() -> None:
    """Each is one line of at most 78 columns, below a heading of its own, at the end of the help."""
    for context in contexts():
        lines = example_lines(EXAMPLES[context.command_path])
        assert max(map(len, lines)) <= 76, lines
        context.max_content_width = context.terminal_width = 40
        shown = context.command.get_help(context)
        assert shown.endswith("\nExamples:\n" + "\n".join(f"  {line}" for line in lines).rstrip())


def run_all(scene: Scene, name: str) -> None:
    """Run the examples of a command; the exit code of each is what its record says."""
    for each in EXAMPLES[name]:
        run_one(scene, each)
        if EFFECTS.get(name) != LOOKS and not name.startswith("krow-versions hotfix"):
            scene.ours.git("reset", "--quiet", "--hard")
            scene.ours.git("clean", "-qfd")


def run_one(scene: Scene, each: Example) -> None:
    """Run an example as a shell does: words in quotes, a home folder, output to a file."""
    words = shlex.split(each.line.replace("~", str(scene.ours.path.parent)))[1:]
    words = words[: words.index(">")] if ">" in words else words
    result = scene.run(*words, HOME=str(scene.ours.path.parent))
    assert result.code == each.code, (each.line, result)
    assert "Traceback" not in result.err


def test_the_examples_of_commands_are_true(fresh: Scene) -> None:
    """In a checkout of KROW's products, each has its exit code; init needs one without a file."""
    (fresh.ours.path.parent / "work").symlink_to(fresh.ours.path)
    for name in EXAMPLES:
        if not name.startswith("krow-versions hotfix") and name != "krow-versions init":
            run_all(fresh, name)
    run_all(fresh, "krow-versions hotfix start")
    fresh.ours.git("checkout", "--quiet", "main")
    os.remove(fresh.ours.path / "krow-versions.toml")
    run_all(fresh, "krow-versions init")


def test_the_examples_of_a_hotfix_are_true(made: tuple[Path, Path], tmp_path: Path) -> None:
    """They lead through a hotfix from its approval to its report, and end another one."""
    scene = copy(made[1], tmp_path / "led")
    for name in LED:
        run_all(scene, name)
    run_all(copy(made[1], tmp_path / "ended"), "krow-versions hotfix abandon")
    assert {*LED, *ALONE} == {name for name in EXAMPLES if name.startswith("krow-versions hotfix")}
