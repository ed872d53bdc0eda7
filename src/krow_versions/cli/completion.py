"""``completion``: the script that lets a shell complete commands, options, values and products."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from krow_versions.cli.helping import Choice, command
from krow_versions.cli.options import common, pass_settings
from krow_versions.errors import UsageError
from krow_versions.text.escaping import quoted

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings

SHELLS = ("bash", "zsh", "fish")
_HELP = """Print the script that lets SHELL complete commands, options, their values and products.

SHELL is bash (4.4 or newer), zsh or fish; default: the one that the variable SHELL names.

\b
bash: add this line to ~/.bashrc
  eval "$(krow-versions completion bash)"

\b
zsh: add this line to ~/.zshrc, below compinit
  eval "$(krow-versions completion zsh)"

\b
fish: run this once, in fish
  krow-versions completion fish > ~/.config/fish/completions/krow-versions.fish

To try it, open a new terminal, type "krow-versions sh" and press Tab: it becomes "krow-versions show".
Completion reads files and runs no program, git included.
"""


@command(
    help=_HELP,
    examples=[("krow-versions completion bash", "print the script for bash")],
)
@click.argument("shell", metavar="[SHELL]", type=Choice(SHELLS), required=False)
@common
@pass_settings
def completion(settings: Settings, shell: str | None) -> None:
    """Print the script for a shell."""
    from krow_versions.cli.shells import script_of  # Only here: it loads all that completes a line.

    settings.data(script_of(shell or _own_shell()))


def _own_shell() -> str:
    """Give the shell that the variable ``SHELL`` names.

    Raises:
        UsageError: it is none for which there is a script.
    """
    path = os.environ.get("SHELL", "")
    if (name := os.path.basename(path)) in SHELLS:
        return name
    found = f"the variable SHELL is {quoted(path)}" if path else "the variable SHELL is not set"
    raise UsageError(
        f"for which shell? {found}", hint=f"name one of {', '.join(SHELLS)}: krow-versions completion bash"
    )
