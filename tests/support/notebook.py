"""What a notebook shows: values of a workspace, a page as JupyterLab's, and releases for a kernel."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import krow_versions as kv

if TYPE_CHECKING:
    from collections.abc import Iterable

# Of JupyterLab 4.6, @jupyterlab/theme-light-extension and theme-dark-extension.
LIGHT = {
    "layout-color0": "white", "content-font-color1": "rgba(0, 0, 0, 0.87)", "border-color2": "#e0e0e0",
    "success-color0": "#1b5e20", "warn-color0": "#e65100", "error-color0": "#b71c1c",
    "brand-color1": "#1976d2",
}  # fmt: skip
DARK = {
    "layout-color0": "#111", "content-font-color1": "rgba(255, 255, 255, 1)", "border-color2": "#424242",
    "success-color0": "#388e3c", "warn-color0": "#f57c00", "error-color0": "#d32f2f",
    "brand-color1": "#2196f3",
}  # fmt: skip


def displayed(workspace: kv.Workspace, product: str, text: str = "a warning") -> list[Any]:
    """A value of each kind that has a display; *product* has a hotfix under way."""
    report, hotfix = workspace.audit(history=True), workspace.hotfix(product)
    plan = workspace.plan_bump(product, changelog=False)
    of_fleet = kv.WorkspaceReport(text, report.findings)
    return [
        workspace, workspace[product], workspace.snapshot(), workspace.catalog, workspace.show(),
        report, report.findings[0], workspace.history(product), of_fleet,
        plan, plan.products[0], kv.Applied(plan.changes, (text,), plan.actions, (text,)),
        hotfix, hotfix.status(),
    ]  # fmt: skip


def notebook(displays: Iterable[str], theme: dict[str, str] | None = None) -> str:
    """A page with outputs in it, and the variables of a theme; without one, the browser's own colours."""
    variables = "".join(f"--jp-{name}: {value}; " for name, value in (theme or {}).items())
    outputs = "\n".join(f"<div>{each}</div>" for each in displays)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Notebook</title>'
        '<meta name="viewport" content="width=device-width"><style>:root { color-scheme: light dark; '
        f"{variables}}} body {{ background: var(--jp-layout-color0, Canvas); "
        "color: var(--jp-content-font-color1); font: 14px sans-serif; }</style>"
        f"</head><body><main><h1>Notebook</h1>{outputs}</main></body></html>"
    )


def history() -> kv.History:
    """Three releases of two stages."""
    day = dt.datetime(2026, 3, 5, 14, 2, tzinfo=dt.UTC)
    releases = [
        kv.Release(f"t{at}", "production" if at % 2 else "staging", kv.Version(0, 1, at), None, day, "")
        for at in range(3)
    ]
    return kv.History("web", tuple(releases))
