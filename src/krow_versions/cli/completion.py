"""``completion``: the script that lets a shell complete commands, options and products."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from krow_versions.cli.answers import PROGRAM
from krow_versions.cli.options import common, pass_settings

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings

VARIABLE = "_KROW_VERSIONS_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@common
@pass_settings
def completion(settings: Settings, shell: str) -> None:
    r"""Print the script that lets SHELL complete commands, options and products.

    \b
      bash   eval "$(krow-versions completion bash)"    in ~/.bashrc
      zsh    eval "$(krow-versions completion zsh)"    in ~/.zshrc, after compinit
      fish   krow-versions completion fish > ~/.config/fish/completions/krow-versions.fish
    """
    settings.data(script(shell))


def script(shell: str) -> str:
    """Give the script for a shell."""
    from click.shell_completion import ShellComplete, get_completion_class

    chosen = get_completion_class(shell)
    if chosen is None:  # click has all three.
        raise click.UsageError(f"there is no completion for {shell}")
    # Not its own source(): for bash, that starts a bash to ask for its version.
    return ShellComplete.source(chosen(click.Command(PROGRAM), {}, PROGRAM, VARIABLE)).rstrip("\n")
