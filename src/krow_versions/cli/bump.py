"""``bump-patch``, and how any plan is shown and applied."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from krow_versions.cli.asking import say_doubts
from krow_versions.cli.options import (
    as_json,
    as_typed,
    common,
    open_workspace,
    pass_settings,
    product_argument,
)
from krow_versions.errors import UsageError
from krow_versions.text.escaping import quoted

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.cli.console import Settings
    from krow_versions.planning.plan import Plan
    from krow_versions.workspace import Workspace

FOUND = 1
date_option = click.option(
    "--date", metavar="DATE", help="The day of the row, as 2026-03-05; today unless it is given."
)


@click.command("bump-patch")
@product_argument(metavar="PRODUCT...", required=True)
@click.option("--from", "from_", metavar="VERSION", help="The version in production, when no tag tells it.")
@click.option(
    "--build", type=click.IntRange(min=0), metavar="N", help="The build to ship, not the computed one."
)
@click.option("-m", "--message", metavar="TEXT", help="What changed, for the CHANGELOG's row.")
@date_option
@click.option("--no-changelog", is_flag=True, help="Leave the CHANGELOG alone.")
@click.option("-n", "--dry-run", is_flag=True, help="Show every change as a diff, write nothing.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when something would change.")
@as_json
@common
@pass_settings
def bump_patch(
    settings: Settings,
    names: tuple[str, ...],
    *,
    from_: str | None,
    build: int | None,
    message: str | None,
    date: str | None,
    no_changelog: bool,
    dry_run: bool,
    check: bool,
    as_json: bool,
) -> int:
    """Raise the PATCH of PRODUCT... in every file that carries it.

    The new version is a function of what is in production (the highest production tag that HEAD
    contains), so running this twice is running it once. Everything is computed and verified before
    the first byte is written; on any error nothing is changed.
    """
    workspace = open_workspace(settings)
    if message is not None and no_changelog:
        raise UsageError("--message and --no-changelog contradict each other", hint="leave one of them out")
    plan = workspace.plan_bump(
        *names,
        message=message and as_typed(message),
        date=None if no_changelog else day(date),
        changelog=not no_changelog,
        from_=from_,
        build=build,
    )
    return finish(settings, workspace, plan, dry_run=dry_run, check=check, as_json=as_json)


def finish(
    settings: Settings, workspace: Workspace, plan: Plan, *, dry_run: bool, check: bool, as_json: bool
) -> int:
    """Show *plan*, apply it unless it is only to be seen, and give the exit code."""
    say_doubts(settings, plan)
    warnings = () if dry_run or check else workspace.apply(plan).warnings
    if as_json:
        settings.json(plan.to_json(dry_run=dry_run or check))
    else:
        settings.data(str(plan))
        if dry_run:
            settings.diff(plan.diff())
            for path in plan.inexact:
                settings.warning(f"{path}: its diff shows characters escaped, and so cannot be applied")
    for warning in warnings:
        settings.warning(warning)
    return FOUND if check and not plan.is_empty else 0


def day(given: str | None) -> dt.date | None:
    """Read ``--date``; without it, the day of ``SOURCE_DATE_EPOCH`` in UTC; else None, for today.

    Raises:
        UsageError: neither a day as 2026-03-05, nor a whole number of seconds.
    """
    import datetime as dt

    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        if given is not None:
            return dt.date.fromisoformat(given)
        if epoch:
            return dt.datetime.fromtimestamp(int(epoch), dt.UTC).date()
    except (ValueError, OverflowError, OSError):
        name = "--date" if given is not None else "SOURCE_DATE_EPOCH"
        example = "2026-03-05" if given is not None else "1772668800, seconds since 1970"
        raise UsageError(
            f"{name}: {quoted(given or epoch or '')} is no day", hint=f"write it like {example}"
        ) from None
    return None
