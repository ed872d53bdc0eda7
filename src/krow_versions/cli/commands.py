"""Every command, before any is loaded: where it is, what it may do at most, and what it is for.

What a command may do is part of the contract; ``docs/security.md`` says what git may run for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Effect = Literal["looks", "writes", "asks", "acts"]
LOOKS: Effect = "looks"  # Reads files and what git has here; an output goes where it is asked to.
WRITES: Effect = "writes"  # Writes files here, and runs nothing that a repository names.
ASKS: Effect = "asks"  # Reads what the remote has, too.
ACTS: Effect = "acts"  # Runs what plain git runs, or another program; takes --yes and --dry-run.


@attrs.frozen
class Command:
    """A command, or a group of them.

    Attributes:
        name: what is typed.
        effect: what it may do at most; of a group, that of each command in it.
        short: what it is for.
    """

    name: str
    effect: Effect | Mapping[str, Effect]
    short: str

    @property
    def module(self) -> str:
        """The module of this package that has it, and its name there."""
        return self.name.replace("-", "_")

    @property
    def effects(self) -> Iterator[tuple[str, Effect]]:
        """What is typed for it, or for each command of the group, with what that may do."""
        if isinstance(self.effect, str):
            yield self.name, self.effect
        else:
            yield from ((f"{self.name} {name}", effect) for name, effect in self.effect.items())


COMMANDS = {
    each.name: each
    for each in (
        Command("products", LOOKS, "List the products and their files."),
        Command("show", LOOKS, "Show versions, baseline and what is next."),
        Command("bump-patch", WRITES, "Raise the PATCH in every file of a product."),
        Command(
            "changelog",
            {"add": WRITES, "show": LOOKS, "init": WRITES},
            "Add, show or begin rows of a CHANGELOG.",
        ),
        Command("audit", LOOKS, "See whether files, tags and CHANGELOGs agree."),
        Command("history", LOOKS, "List every release of a product."),
        Command(
            "hotfix",
            {
                "start": ACTS,
                "check": LOOKS,
                "pr": ACTS,
                "finish": ACTS,
                "deploy": ACTS,
                "announce": WRITES,
                "status": ASKS,
                "report": ASKS,
                "list": LOOKS,
            },
            "From broken production to users told.",
        ),
        Command(
            "config",
            {"show": LOOKS, "check": LOOKS, "schema": LOOKS, "path": LOOKS},
            "Show and check the configuration.",
        ),
        Command("init", WRITES, "Propose a krow-versions.toml."),
        Command("completion", LOOKS, "Print the script that completes commands in a shell."),
        Command("demo", WRITES, "Try it in an example workspace."),
    )
}
"""All of them, by name. A module loads when its command is asked for, so that none pays for the others."""
