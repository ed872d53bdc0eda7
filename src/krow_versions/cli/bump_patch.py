"""``bump-patch``: raise the PATCH in every file of a product."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from krow_versions.cli.helping import command
from krow_versions.cli.options import (
    above_build_option,
    as_json,
    build_option,
    check_option,
    common,
    date_option,
    day,
    diff_option,
    offered_versions,
    open_workspace,
    pass_settings,
    product_argument,
)
from krow_versions.cli.plans import show_and_apply
from krow_versions.errors import UsageError

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings


@command(
    "bump-patch",
    examples=[
        ("krow-versions bump-patch web -n", "show every change, write nothing"),
        ('krow-versions bump-patch web -m "Crash on login"', "write it, with an entry in the CHANGELOG"),
        ("krow-versions bump-patch web backend --check", "exit 1 when something would change", 1),
    ],
)
@product_argument(metavar="PRODUCT...", required=True)
@click.option(
    "--from",
    "from_",
    metavar="VERSION",
    shell_complete=offered_versions,
    help="The version in production, if no tag shows it.",
)
@build_option("--build", "The build to ship, not the computed one.")
@above_build_option
@click.option("--pins", is_flag=True, help="Move the places where packages here require the exact version.")
@click.option("-m", "--message", metavar="TEXT", help="What changed, for the CHANGELOG.")
@date_option
@click.option("--no-changelog", is_flag=True, help="Do not change the CHANGELOG.")
@diff_option
@check_option
@as_json
@common
@pass_settings
def bump_patch(
    settings: Settings,
    names: tuple[str, ...],
    *,
    from_: str | None,
    build: int | None,
    pins: bool,
    above_build: int | None,
    message: str | None,
    date: str | None,
    no_changelog: bool,
    dry_run: bool,
    check: bool,
    as_json: bool,
) -> int:
    """Raise the PATCH of PRODUCT... in every file that has its version.

    The new version is computed from what is in production (the highest production tag that HEAD
    contains), so a second run changes nothing. Everything is computed and verified before
    the first byte is written; on any error nothing is changed.
    """
    workspace = open_workspace(settings)
    if message is not None and no_changelog:
        raise UsageError("--message and --no-changelog contradict each other", hint="leave one of them out")
    plan = workspace.plan_bump(
        *names,
        message=message,
        date=None if no_changelog else day(date),
        changelog=not no_changelog,
        from_=from_,
        build=build,
        pins=pins,
        above_build=above_build,
        proven=not check,
    )
    return show_and_apply(settings, workspace, plan, dry_run=dry_run, check=check, as_json=as_json)
