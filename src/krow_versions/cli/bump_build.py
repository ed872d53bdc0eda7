"""``bump-build``: raise the build in every file of a product, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.cli.helping import command
from krow_versions.cli.options import (
    above_build_option,
    as_json,
    check_option,
    common,
    diff_option,
    open_workspace,
    pass_settings,
    product_argument,
)
from krow_versions.cli.plans import show_and_apply

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings


@command(
    "bump-build",
    examples=[
        ("krow-versions bump-build worker-mobile -n", "show every change, write nothing"),
        ("krow-versions bump-build worker-mobile --above-build 41", "go above 41, which a store has seen"),
    ],
)
@product_argument(metavar="PRODUCT...", required=True)
@above_build_option
@diff_option
@check_option
@as_json
@common
@pass_settings
def bump_build(
    settings: Settings,
    names: tuple[str, ...],
    *,
    above_build: int | None,
    dry_run: bool,
    check: bool,
    as_json: bool,
) -> int:
    """Raise the build of PRODUCT..., and nothing else, above every build that shipped.

    For a build that a store has refused, or has seen and not shipped, and for main after a hotfix: x.y.z
    stays as it is. A second run changes nothing; on any error nothing is changed.
    """
    workspace = open_workspace(settings)
    plan = workspace.plan_build(*names, above_build=above_build)
    return show_and_apply(settings, workspace, plan, dry_run=dry_run, check=check, as_json=as_json)
