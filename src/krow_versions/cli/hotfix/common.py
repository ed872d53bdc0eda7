"""What the commands of ``hotfix`` share: the group, which hotfix is meant, its texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import click

from krow_versions.cli.options import common, open_workspace, pass_settings, product_argument
from krow_versions.errors import KrowVersionsError, OperationFailed, UsageError
from krow_versions.hotfix import render, values
from krow_versions.text.escaping import quoted
from krow_versions.version import Version
from krow_versions.workspace.clock import now
from krow_versions.workspace.hotfix.view import open_hotfix
from krow_versions.workspace.programs import run_program

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from krow_versions.cli.console import Settings
    from krow_versions.workspace.hotfix.view import HotfixView

product = product_argument()
version_option = click.option(
    "--version", metavar="VERSION", help="What it ships, where several are under way."
)


_HELP = """Lead through a hotfix: from "production is broken" to "users told", nothing forgotten.

\b
  start -> fix and commit -> bump-patch -> check -> pr
        -> finish -> deploy -> announce -> report

Every command looks at git and the files anew, can be run again after any interruption, and says
what is next. `hotfix status PRODUCT` tells where you are.
"""


@click.group(help=_HELP)
@common
def hotfix() -> None:
    """Hold the commands of the process."""


def command(name: str, short_help: str) -> Callable[[Callable[..., Any]], click.Command]:
    def decorate(function: Callable[..., Any]) -> click.Command:
        return hotfix.command(name, short_help=short_help)(common(pass_settings(function)))

    return decorate


def opened(
    settings: Settings, name: str, version: str | None, *, ask: bool = True, acts: bool = False
) -> HotfixView:
    """Open a hotfix.

    Args:
        settings: where.
        name: the product.
        version: what it ships, as it was typed.
        ask: whether the remote is asked.
        acts: whether the command does something; one that only looks runs no program of the repository.
    """
    wanted = None
    if version is not None:
        wanted = _given(version)
    view = attrs.evolve(open_hotfix(open_workspace(settings), name, wanted), acts=acts)
    return view if ask else view.without_asking()


def text_of(view: HotfixView, name: str) -> str:
    settings = view.place.settings
    said = values(view.without_asking().facts, view.record, view.workspace.catalog, settings)
    return render(name, said, settings.texts)


def run_gh(view: HotfixView, command: list[str], box: str) -> None:
    """Run ``gh``, and tick the *box* that stands for what it does.

    Raises:
        OperationFailed: it cannot be started, or failed; what was done before is kept.
    """
    code = run_program(command, cwd=view.root)
    if code:
        raise OperationFailed(
            f"gh ended with exit code {code}",
            hint="see what it printed above, and run it again when that is settled; where it says that there "
            f"is one already: krow-versions hotfix status {view.name} --done {box}",
        )
    view.note(box, now())


def _given(version: str) -> Version:
    """Read ``--version``."""
    try:
        wanted = Version.parse(version)
    except KrowVersionsError as error:
        raise UsageError(f"--version: {error.message}", hint=error.hint) from None
    if wanted.prerelease is not None:
        raise UsageError(
            f"--version: {quoted(version)} is a pre-release, and no hotfix ships one",
            hint="name what it ships, such as --version 0.1.1",
        )
    return wanted
