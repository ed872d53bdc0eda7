"""``hotfix check``: every gate with its verdict, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.cli.hotfix.common import command, opened, product, version_option
from krow_versions.cli.options import as_json, looks
from krow_versions.cli.plans import FOUND
from krow_versions.hotfix import failed, gates_table

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings


@command(
    "check",
    "Every gate with its verdict, and what to do.",
    [
        ("krow-versions hotfix check", "every gate; exit 1 when one fails"),
        ("krow-versions hotfix check --json", "as data"),
    ],
)
@product
@version_option
@looks
@as_json
def check(settings: Settings, *, name: str | None, version: str | None, as_json: bool) -> int:
    """Judge the hotfix of PRODUCT by every gate; exit 1 when one fails."""
    view = opened(settings, name, version, ask=False)
    gates = view.gates()
    wrong = failed(gates)
    if as_json:
        settings.json(
            {
                "schema": 1,
                "product": view.name,
                "version": str(view.version),
                "ok": not wrong,
                "gates": [gate.to_json() for gate in gates],
            }
        )
    else:
        settings.data(gates_table(gates).to_text())
    return FOUND if wrong else 0
