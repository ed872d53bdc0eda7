"""The group ``hotfix``, and what its commands share: options, and finding the hotfix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from krow_versions.cli.helping import group
from krow_versions.cli.options import (
    common,
    offered_hotfixes,
    offered_products,
    open_workspace,
    pass_settings,
)
from krow_versions.errors import Conflict, UsageError
from krow_versions.text.escaping import quoted
from krow_versions.values import evolve
from krow_versions.workspace.hotfix.finding import open_hotfix
from krow_versions.workspace.hotfix.recording import receive_all
from krow_versions.workspace.user_input import given_version

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from krow_versions.cli.console import Settings
    from krow_versions.hotfix import HotfixState
    from krow_versions.version import Version
    from krow_versions.workspace.hotfix.view import HotfixView

_Command = TypeVar("_Command", bound="Callable[..., Any]")

COLUMNS = 100
"""How many columns of a terminal tables of hotfixes have at most; a command is never broken."""


_HELP = """Do a hotfix step by step, from "production is broken" to "users notified".

\b
  start -> fix and commit -> bump-patch -> check -> pr
        -> finish -> deploy -> announce -> report
  or, after the fix is committed: next, again and again

Every command reads git and the files again, can be repeated after any interruption, and says
what is next. `hotfix status` shows where you are. PRODUCT may be left out where one hotfix is under way,
or where its branch is checked out.
"""


@group(
    help=_HELP,
    examples=[
        ("krow-versions hotfix status", "where it stands, and what is next"),
        ("krow-versions hotfix next -n", "the next step; without -n, do it"),
    ],
)
@common
def hotfix() -> None:
    """Group the commands of the process."""


def product(command: _Command) -> _Command:
    """Add the argument PRODUCT."""
    offered = offered_products
    return click.argument("name", metavar="[PRODUCT]", required=False, shell_complete=offered)(command)


def version_option(command: _Command) -> _Command:
    """Add ``--version``, of a hotfix."""
    about = "The version that it ships, if several are under way."
    return click.option("--version", metavar="VERSION", shell_complete=offered_hotfixes, help=about)(command)


def command(
    name: str, short_help: str, examples: Sequence[tuple[Any, ...]]
) -> Callable[[Callable[..., Any]], click.Command]:
    """Add a command to the group, with the options of every command."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        return hotfix.command(name, short_help=short_help, examples=examples)(common(pass_settings(function)))

    return decorate


def opened(
    settings: Settings,
    name: str | None,
    version: str | None,
    *,
    ask: bool = True,
    acts: bool = False,
    by_tag: bool = False,
) -> HotfixView:
    """Open a hotfix.

    Args:
        settings: what the common options say.
        name: the product, or None for that of the only hotfix under way.
        version: the version that it ships, as it was typed.
        ask: whether the remote is asked.
        acts: whether the command changes something; otherwise it runs no program of the repository.
        by_tag: whether it may be over, and known here by its tag alone.
    """
    wanted = None if version is None else shipped(version)
    workspace = open_workspace(settings)
    try:
        found = open_hotfix(workspace, name, wanted, by_tag=by_tag)
    except Conflict:
        if not workspace.config.hotfix.share:
            raise
        for warning in receive_all(workspace, name):  # It may be known by a record of others.
            settings.warning(warning)
        found = open_hotfix(workspace, name, wanted, by_tag=by_tag)
    view = evolve(found, acts=acts)
    if ask:
        return view
    for warning in view.context.receive(view.version):
        settings.warning(warning)
    return view.without_asking()


def looked(settings: Settings, view: HotfixView, *, fetch: bool = False) -> HotfixState:
    """Look at a hotfix, and print what is wrong with its shared record."""
    if view.acts:
        settings.clear()  # What the user's own programs ask on the terminal is not drawn over.
    seen = view.look(fetch=fetch)
    for warning in seen.warnings:
        settings.warning(warning)
    return seen


def shipped(version: str) -> Version:
    """Read ``--version``: what a hotfix ships."""
    wanted = given_version(version, "--version")
    if wanted.prerelease is not None:
        raise UsageError(
            f"--version: {quoted(version)} is a pre-release, and no hotfix ships one",
            hint="name what it ships, such as --version 0.1.1",
        )
    return wanted
