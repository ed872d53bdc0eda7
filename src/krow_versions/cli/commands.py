"""The registry of commands: what each may do at most, and what it is for; nothing is loaded for it.

What a command may do is part of the contract; ``docs/security.md`` says what git may run for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Effect = Literal["looks", "writes", "asks", "acts"]
LOOKS: Effect = "looks"  # Reads files and what git has here; an output goes where it is asked to.
WRITES: Effect = "writes"  # Writes files here, and runs nothing that a repository names.
ASKS: Effect = "asks"  # Reads what the remote has, too.
ACTS: Effect = "acts"  # Runs what plain git runs, or another program; takes --yes and --dry-run.


@frozen
class Command:
    """A command, or a group of them.

    Attributes:
        name: what is typed.
        effect: what it may do at most; for a group, by the names of its commands.
        short: what it is for, in one line.
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
        """The command line of it, or of each command of the group, with its effect."""
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
        Command("bump-build", WRITES, "Raise the build of a product, and nothing else."),
        Command(
            "changelog",
            {"add": WRITES, "show": LOOKS, "init": WRITES},
            "Add or show rows of a CHANGELOG, or make one.",
        ),
        Command("audit", LOOKS, "Check that files, tags and CHANGELOGs agree."),
        Command("explain", LOOKS, "Say what a finding means, and how to fix it."),
        Command("agree", LOOKS, "Check that the files of a product agree, quickly."),
        Command("fleet", {"audit": LOOKS, "show": LOOKS}, "Audit or show every workspace below a folder."),
        Command("history", LOOKS, "List every release of a product."),
        Command(
            "hotfix",
            {
                "start": ACTS,
                "next": ACTS,
                "amend": ACTS,
                "abandon": ACTS,
                "check": ASKS,
                "pr": ACTS,
                "finish": ACTS,
                "deploy": ACTS,
                "rollback": ACTS,
                "announce": ACTS,
                "status": ACTS,
                "report": ACTS,
                "list": ASKS,
            },
            "From broken production to users notified.",
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
"""All commands, by name. A module loads only when its command is run."""
