"""What the commands of ``hotfix`` share: the group, which hotfix is meant, its texts, the clock."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click

from krow_versions.cli.options import common, open_workspace
from krow_versions.cli.output import Settings
from krow_versions.errors import OperationFailed
from krow_versions.hotfix import render, values
from krow_versions.version import Version
from krow_versions.workspace.hotfixes import open_hotfix
from krow_versions.workspace.programs import run_program

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from krow_versions.workspace.hotfixes import HotfixView

_settings = click.make_pass_decorator(Settings)
product = click.argument("name", metavar="PRODUCT")
version_option = click.option(
    "--version", metavar="VERSION", help="What it ships, where several are under way."
)


@click.group(short_help="From broken production to users told.")
@common
def hotfix() -> None:
    r"""Lead through a hotfix: from "production is broken" to "users told", nothing forgotten.

    \b
      start -> fix and commit -> bump-patch -> check -> pr -> finish -> deploy -> announce -> report

    Every command looks at git and the files anew, can be run again after any interruption, and says
    what is next. `hotfix status PRODUCT` tells where you are.
    """


def command(name: str, short_help: str) -> Callable[[Callable[..., Any]], click.Command]:
    def decorate(function: Callable[..., Any]) -> click.Command:
        return hotfix.command(name, short_help=short_help)(common(_settings(function)))

    return decorate


def opened(settings: Settings, name: str, version: str | None, *, ask: bool = True) -> HotfixView:
    wanted = None
    if version is not None:
        wanted = Version.parse(version)
    view = open_hotfix(open_workspace(settings), name, wanted)
    return view if ask else view.without_asking()


def text_of(view: HotfixView, name: str) -> str:
    settings = view.place.settings
    said = values(view.without_asking().facts, view.record, view.workspace.catalog, settings)
    return render(name, said, settings.texts)


def run_or_fail(view: HotfixView, command: list[str], name: str) -> None:
    code = run_program(command, cwd=view.root)
    if code:
        raise OperationFailed(
            f"{name} ended with exit code {code}", hint="see what it printed, and try again"
        )


def now() -> dt.datetime:
    return dt.datetime.now().astimezone()
