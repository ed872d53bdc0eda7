"""Commands that look and do not touch: products, show; and the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from krow_versions.cli.options import as_json, common, open_workspace, pass_settings, product_argument
from krow_versions.errors import raise_all
from krow_versions.workspace.display import errors_of, look_at, versions_of

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings
    from krow_versions.snapshot import FileState
    from krow_versions.workspace import Workspace
    from krow_versions.workspace.display import ProductOverview
    from krow_versions.workspace.product_view import ProductView

SCHEMA = 1


@click.command()
@as_json
@common
@pass_settings
def products(settings: Settings, *, as_json: bool) -> None:
    """List the products of this workspace: slug, repository, files, changelog."""
    workspace = open_workspace(settings)
    if as_json:
        listed = [_listed(workspace, workspace[name]) for name in workspace]
        settings.json({"schema": SCHEMA, "products": listed})
    else:
        settings.data(workspace.products().to_text())


def _listed(workspace: Workspace, view: ProductView) -> dict[str, Any]:
    changelog = view.find_changelog()
    return {
        "product": view.name,
        "title": view.product.title,
        "aliases": list(view.product.aliases),
        "slug": view.product.slug,
        "repo": view.product.repo,
        "files": [file.path for file in workspace.find_files(view.product)],
        "changelog": changelog[1] if changelog else None,
    }


@click.command()
@product_argument(metavar="[PRODUCT]...")
@as_json
@common
@pass_settings
def show(settings: Settings, names: tuple[str, ...], *, as_json: bool) -> None:
    """Show the version in every file, what is in production and who says so, and what comes next."""
    looks = look_at(open_workspace(settings).snapshot(names or None, log=False))
    for look in looks:
        for warning in look.warnings:
            settings.warning(warning)
    if as_json:
        settings.json({"schema": SCHEMA, "products": [_shown(look) for look in looks]})
    else:
        settings.data(versions_of(looks).to_text())
    raise_all(errors_of(looks))


def _shown(look: ProductOverview) -> dict[str, Any]:
    baseline = look.found.baseline if look.found else None
    return {
        "product": look.state.product.name,
        "baseline": str(baseline.version) if baseline else None,
        "baseline_source": baseline.source if baseline else None,
        "baseline_revision": baseline.revision if baseline else None,
        "next": str(look.found.outcome.target) if look.found else None,
        "files": [_shown_file(file) for file in look.state.files],
    }


def _shown_file(file: FileState) -> dict[str, Any]:
    return {
        "repo": file.repo,
        "path": file.path,
        "format": file.format,
        "version": str(file.version) if file.version else None,
        "line": file.located.line if file.located else None,
        "error": file.error.message if file.error else None,
    }


@click.command()
@click.argument("folder", metavar="[DIR]", required=False)
@common
@pass_settings
def demo(settings: Settings, folder: str | None) -> None:
    """Make a KROW-shaped workspace with real git history, and bump worker-mobile in it.

    The workspace is made in DIR, which must be empty or not exist, else in a new temporary folder.
    Nothing else is touched.
    """
    from krow_versions.cli.demo import run_demo

    run_demo(settings, folder)
