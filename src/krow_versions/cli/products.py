"""``products``: which products there are, and their files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.cli.helping import command
from krow_versions.cli.options import as_json, common, open_workspace, pass_settings
from krow_versions.workspace.display import changelogs_of

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings
    from krow_versions.workspace import Workspace
    from krow_versions.workspace.product_view import ProductView


@command(
    examples=[
        ("krow-versions products", "names, slugs, files, CHANGELOGs"),
        ("krow-versions products --json", "as data"),
    ]
)
@as_json
@common
@pass_settings
def products(settings: Settings, *, as_json: bool) -> None:
    """List the products of this workspace: slug, repository, files, changelog."""
    workspace = open_workspace(settings)
    if as_json:
        changelogs = changelogs_of(workspace)
        listed = [_listed(workspace, workspace[name], changelogs[name]) for name in workspace]
        settings.json({"schema": 1, "products": listed})
    else:
        settings.data(workspace.products().to_text())


def _listed(workspace: Workspace, view: ProductView, changelog: str | None) -> dict[str, Any]:
    return {
        "product": view.name,
        "title": view.product.title,
        "aliases": list(view.product.aliases),
        "slug": view.product.slug,
        "repo": view.product.repo,
        "tags": {
            stage: [pattern.bound(view.product.slug) for pattern in patterns]
            for stage, patterns in workspace.catalog.patterns(view.product).items()
        },
        "files": list(dict.fromkeys(file.path for file in workspace.find_files(view.product))),
        "changelog": changelog,
    }
