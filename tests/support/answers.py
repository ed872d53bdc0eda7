"""The file of answers that are given without click: how it is made from the commands.

``./dev answers`` writes it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import click

from krow_versions.cli.answers import FILE, NARROW, PROGRAM, WIDE
from krow_versions.cli.app import app
from krow_versions.cli.completion import SHELLS
from krow_versions.cli.shells import script_of

if TYPE_CHECKING:
    from collections.abc import Iterator


def contexts() -> Iterator[click.Context]:
    """Give the context of the program, of each command and of each command of a group."""
    above = click.Context(app, info_name=PROGRAM, **app.context_settings)
    yield above
    yield from _below(app, above)


def make() -> str:
    """Make the text of the file."""
    parts = ["Made by ./dev answers.\n"]
    for context in contexts():
        parts += [f"== words {context.command_path}\n", *_words(context)]
        for width in (NARROW, WIDE):
            with mock.patch.dict(os.environ, {"COLUMNS": f"{width}"}):
                parts.append(f"== help {width} {context.command_path}\n{context.command.get_help(context)}\n")
    for shell in SHELLS:
        parts.append(f"== script {shell}\n{script_of(shell)}\n")
    return "".join([*parts, "== end\n"])


def _below(group: click.Group, above: click.Context) -> Iterator[click.Context]:
    for name in group.list_commands(above):
        command = group.get_command(above, name)
        assert command
        context = click.Context(command, parent=above, info_name=name, **command.context_settings)
        yield context
        if isinstance(command, click.Group):
            yield from _below(command, context)


def _words(context: click.Context) -> Iterator[str]:
    """Give what can be typed after a command, a line for each: kind, names, what it takes, help."""
    command = context.command
    for each in command.get_params(context):
        choices = " ".join(each.type.choices) if isinstance(each.type, click.Choice) else "?"
        if isinstance(each, click.Argument):
            assert each.nargs in (1, -1)
            yield _line("argument", "*" if each.nargs == -1 else "1", choices, "")
        else:
            assert isinstance(each, click.Option)
            assert (each.nargs, each.hidden, each.count, each.secondary_opts) == (1, False, False, [])
            kind = "options" if each.multiple else "option"
            # In the order of click 8.5; the order of older ones is that of a set.
            names = context.help_option_names if "--help" in each.opts else each.opts
            yield _line(kind, " ".join(names), "" if each.is_flag else choices, each.help or "")
    if isinstance(command, click.Group):
        for item in command.shell_complete(context, ""):
            yield _line("command", item.value, "", item.help or "")


def _line(*fields: str) -> str:
    assert not any({"\t", "\n", ":"} & {*field} for field in fields[:3])
    assert not {"\t", "\n"} & {*fields[-1]}
    return "\t".join(fields) + "\n"


if __name__ == "__main__":
    Path(FILE).write_text(make(), encoding="utf-8")
