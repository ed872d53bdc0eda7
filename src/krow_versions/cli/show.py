"""``show``: the version in every file, what is in production, and what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.cli.helping import command
from krow_versions.cli.options import as_json, common, open_workspace, pass_settings, product_argument
from krow_versions.errors import raise_all
from krow_versions.workspace.display import errors_of, look_at, versions_of

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings
    from krow_versions.snapshot import FileState
    from krow_versions.workspace.display import ProductOverview


@command(
    examples=[
        ("krow-versions show", "every product"),
        ("krow-versions show web backend", "two of them"),
        ("krow-versions show web --json", "as data"),
    ]
)
@product_argument(metavar="[PRODUCT]...")
@as_json
@common
@pass_settings
def show(settings: Settings, names: tuple[str, ...], *, as_json: bool) -> None:
    """Show the version in every file, the baseline and its source, and the next version."""
    looks = look_at(open_workspace(settings).snapshot(names or None, log=False))
    for look in looks:
        for warning in look.warnings:
            settings.warning(warning)
    if as_json:
        settings.json({"schema": 1, "products": [_shown(look) for look in looks]})
    else:
        settings.data(versions_of(looks).to_text())
    raise_all(errors_of(looks))


def _shown(look: ProductOverview) -> dict[str, Any]:
    baseline = look.baseline
    return {
        "product": look.state.product.name,
        "baseline": str(baseline.version) if baseline else None,
        "baseline_source": baseline.source if baseline else None,
        "baseline_revision": baseline.revision if baseline else None,
        "next": str(look.next) if look.next else None,
        "files": [_shown_file(file) for file in look.state.files],
    }


def _shown_file(file: FileState) -> dict[str, Any]:
    return {
        "repo": file.repo,
        "path": file.path,
        "format": file.format,
        "version": file.shown or None,
        "line": file.located.line if file.located else None,
        "error": file.error.message if file.error else None,
        "places": file.located.described() if file.located else [],
    }
