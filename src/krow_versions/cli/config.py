"""``config``: show and check the configuration, print its schema and its path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import config as configuration
from krow_versions.cli.helping import group
from krow_versions.cli.options import common, open_workspace, pass_settings
from krow_versions.errors import UsageError
from krow_versions.text.words import counted

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings


@group(
    examples=[
        ("krow-versions config check", "every mistake at once"),
        ("krow-versions config show", "what is used"),
    ]
)
@common
def config() -> None:
    """Show and check the configuration, print its JSON Schema and its path."""


@config.command(
    examples=[
        ("krow-versions config show", "KROW's own included"),
    ]
)
@common
@pass_settings
def show(settings: Settings) -> None:
    """Print the configuration that is used, KROW's own included, as a krow-versions.toml."""
    workspace = open_workspace(settings)
    settings.data(configuration.render(workspace.config, whole=True).removesuffix("\n"))


@config.command(
    examples=[
        ("krow-versions config check", "exit 2 with a mistake, 3 with a missing file"),
    ]
)
@common
@pass_settings
def check(settings: Settings) -> None:
    """Check the configuration: report every mistake and every missing file."""
    workspace = open_workspace(settings)
    workspace.check()
    count = len(workspace.catalog.products)
    settings.data(f"{workspace.source or 'KROW (built in)'}: {counted(count, 'product')}, all files there")


@config.command(
    examples=[
        ("krow-versions config schema > krow-versions.schema.json", "for an editor"),
    ]
)
@common
@pass_settings
def schema(settings: Settings) -> None:
    """Print the JSON Schema of krow-versions.toml, for editors."""
    settings.json(configuration.schema())


@config.command(
    examples=[
        ("krow-versions config path", "the file that is used"),
    ]
)
@common
@pass_settings
def path(settings: Settings) -> None:
    """Print the path of the configuration that is used."""
    workspace = open_workspace(settings)
    if workspace.source is None:
        raise UsageError(
            "there is no configuration: KROW's own catalog is used",
            hint="make one with krow-versions init",
        )
    settings.data(workspace.source)
