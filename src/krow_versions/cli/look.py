"""Commands that look and do not touch: products, show; and the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from krow_versions.assess import assess
from krow_versions.catalog import place
from krow_versions.cli.options import as_json, common, open_workspace
from krow_versions.cli.output import Settings
from krow_versions.errors import GitMissing, KrowVersionsError, raise_all
from krow_versions.tables import Table

if TYPE_CHECKING:
    from krow_versions.catalog import Catalog
    from krow_versions.snapshot import FileState, ProductState
    from krow_versions.workspace.view import ProductView

SCHEMA = 1
_settings = click.make_pass_decorator(Settings)


@click.command(short_help="List the products and their files.")
@as_json
@common
@_settings
def products(settings: Settings, *, as_json: bool) -> None:
    """List the products of this workspace: slug, repository, files, changelog."""
    workspace = open_workspace(settings)
    views = [workspace[name] for name in workspace]
    if as_json:
        settings.json({"schema": SCHEMA, "products": [_listed(view) for view in views]})
        return
    cells = [
        (view.name, ", ".join(view.product.aliases), view.product.slug, file.repo or "", file.path, changelog)
        for view, changelog in ((view, view.changelog or "none") for view in views)
        for file in view.workspace.find_files(view.product)
    ]
    settings.data(Table(("product", "also", "slug", "repo", "file", "changelog"), tuple(cells)).to_text())


def _listed(view: ProductView) -> dict[str, Any]:
    return {
        "product": view.name,
        "title": view.product.title,
        "aliases": list(view.product.aliases),
        "slug": view.product.slug,
        "repo": view.product.repo,
        "files": list(view.paths),
        "changelog": view.changelog,
    }


@click.command(short_help="Show versions, baseline and what is next.")
@click.argument("names", metavar="[PRODUCT]...", nargs=-1)
@as_json
@common
@_settings
def show(settings: Settings, names: tuple[str, ...], *, as_json: bool) -> None:
    """Show the version in every file, what is in production and who says so, and what comes next."""
    snapshot = open_workspace(settings).snapshot(names or None)
    errors = [file.error for state in snapshot.products for file in state.files if file.error is not None]
    rows = [_shown(settings, snapshot.catalog, state, errors) for state in snapshot.products]
    if as_json:
        settings.json({"schema": SCHEMA, "products": rows})
    else:
        columns = ("product", "file", "version", "baseline", "next", "baseline from")
        cells = [
            (row["product"], place(file["repo"], file["path"]), file["version"] or "?", *_baseline_cells(row))
            for row in rows
            for file in row["files"]
        ]
        settings.data(Table(columns, tuple(cells)).to_text())
    raise_all(errors)


def _shown(
    settings: Settings, catalog: Catalog, state: ProductState, errors: list[KrowVersionsError]
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "product": state.product.name,
        "baseline": None,
        "baseline_source": None,
        "baseline_revision": None,
        "next": None,
        "files": [_shown_file(file) for file in state.files],
    }
    try:
        found = assess(catalog, state)
    except GitMissing as error:  # What the files say can be shown all the same.
        settings.warning(f"the baseline is not known: {error.message}")
        return row
    except KrowVersionsError as error:
        errors.append(error)
        return row
    for warning in found.warnings:
        settings.warning(warning)
    row["baseline"], row["next"] = str(found.baseline.version), str(found.outcome.target)
    row["baseline_source"], row["baseline_revision"] = found.baseline.source, found.baseline.revision
    return row


def _shown_file(file: FileState) -> dict[str, Any]:
    return {
        "repo": file.repo,
        "path": file.path,
        "format": file.format,
        "version": str(file.version) if file.version else None,
        "line": file.located.line if file.located else None,
        "error": file.error.message if file.error else None,
    }


def _baseline_cells(row: dict[str, Any]) -> tuple[str, str, str]:
    source = row["baseline_revision"] or row["baseline_source"]
    return (row["baseline"] or "?", row["next"] or "?", source or "?")


@click.command(short_help="Try it in an example workspace.")
@click.argument("folder", metavar="[DIR]", required=False)
@common
@_settings
def demo(settings: Settings, folder: str | None) -> None:
    """Make a KROW-shaped workspace with real git history, and bump worker-mobile in it.

    The workspace is made in DIR, which must be empty or not exist, else in a new temporary folder.
    Nothing else is touched.
    """
    from krow_versions.cli.demo import run_demo

    run_demo(settings, folder)
