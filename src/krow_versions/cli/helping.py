"""Commands whose help ends with examples; groups and values that answer a wrong word with the nearest one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from krow_versions.errors import UsageError
from krow_versions.text.escaping import quoted
from krow_versions.text.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from click.shell_completion import CompletionItem

    _Function = Callable[..., Any]


class Example(NamedTuple):
    """A line of a help text; the tests run each of them, in a workspace with KROW's products.

    Attributes:
        line: what is typed.
        words: what it does, in a few words.
        code: the exit code there.
    """

    line: str
    words: str
    code: int = 0


class Command(click.Command):
    """A command whose help ends with examples.

    Attributes:
        examples: each :class:`Example`; they may be given as plain tuples.
    """

    def __init__(self, *args: Any, examples: Sequence[tuple[Any, ...]] = (), **more: Any) -> None:
        super().__init__(*args, **more)
        self.examples: tuple[Example, ...] = tuple(Example(*each) for each in examples)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples below the options; no terminal is too narrow for them to stand whole."""
        super().format_epilog(ctx, formatter)
        if self.examples:
            with formatter.section("Examples"):
                for line in example_lines(self.examples):
                    formatter.write(f"{' ' * formatter.current_indent}{line}\n")


class Group(Command, click.Group):
    """A group of such commands."""

    command_class: type[click.Command] | None = Command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command.

        Raises:
            UsageError: there is none of that name; the hint has the nearest.
        """
        name, known = args[0], self.list_commands(ctx)
        # While a line is completed is no time for errors.
        if name not in known and not name.startswith("-") and not ctx.resilient_parsing:
            hint = did_you_mean(name, known, "the commands")
            words = f"{ctx.info_name} {name}" if ctx.parent else name
            raise UsageError(f"there is no command {quoted(words)}", hint=hint)
        return super().resolve_command(ctx, args)


class Choice(click.Choice[str]):
    """One of some words; where it is none of them, the error names the nearest."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Give the word as it is spelled here.

        Raises:
            UsageError: it is none of them.
        """
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            name = "the value" if param is None else max(param.opts, key=len)
            name = name if name.startswith("-") else name.upper()
            hint = did_you_mean(str(value), self.choices, "its values")
            raise UsageError(f"{name} cannot be {quoted(str(value))}", hint=hint) from None

    def shell_complete(self, _: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Offer the words that begin as typed, in any case."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(word) for word in self.choices if word.lower().startswith(incomplete.lower())]


class Words(Choice):
    """Any text; some words are offered to a shell, and who reads the option checks it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002 - As click calls it.
        """Give the text as it was typed."""
        return str(value)


def command(name: str | None = None, **more: Any) -> Callable[[_Function], Command]:
    """Make a :class:`Command` of a function; see ``click.command``."""
    return click.command(name, cls=Command, **more)


def group(**more: Any) -> Callable[[_Function], Group]:
    """Make a :class:`Group` of a function; see ``click.group``."""
    return click.group(cls=Group, **more)


def example_lines(examples: Sequence[Example]) -> list[str]:
    """Write examples as lines: what is typed, and what it does beside it, or below it if it is long."""
    width = max(len(each.line) for each in examples)
    if all(width + len(f"   {each.words}") <= _COLUMNS for each in examples):
        return [f"{each.line:{width}}   {each.words}" for each in examples]
    return [line for each in examples for line in (each.line, f"    {each.words}")]


_COLUMNS = 76  # Of a line of examples, which is written two columns from the left of a terminal of 80.
