"""``init``: propose a configuration for a repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from krow_versions.cli.options import common, pass_settings
from krow_versions.workspace.proposal import init_workspace

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings


@click.command()
@common
@pass_settings
def init(settings: Settings) -> None:
    """Look at this repository and propose a krow-versions.toml for it; never overwrite one."""
    path = init_workspace(settings.workspace)
    settings.data(f"{path}: made; read it, then run krow-versions config check")
