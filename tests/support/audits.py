"""A KROW checkout in which everything agrees, and what an audit says of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import krow_versions as kv
from support import krow

if TYPE_CHECKING:
    from pathlib import Path

    from krow_versions.audit import Report
    from support.repositories import Repo

NOW = dt.datetime(2026, 1, 10, 12, tzinfo=dt.UTC)
# What the seeds write has its row already, so that none about a file is one about a row.
ROWS = {
    "apps/mobile/apps/staff": ("0.1.1", "0.1.0"),
    "apps/mobile/apps/client": ("0.3.0", "0.2.4", "0.2.3"),
    "apps/web": ("2.0.0", "1.5.0", "1.4.2", "1.4.1", "1.4.0"),
    "backend/api": ("0.3.2", "0.3.1"),
}


FIRST = {
    "apps/mobile/apps/staff": "0.1.0",
    "apps/mobile/apps/client": "0.2.3",
    "apps/web": "1.4.0",
    "backend/api": "0.3.1",
}
HEADER = "| Date | Version | Change |\n| --- | --- | --- |\n"


def released(repo: Repo, *, web: str = "") -> Repo:
    """All four products in production, each with the row of its first release, or *web* as that of web."""
    for folder, version in FIRST.items():
        text = f"{HEADER}| 2026-01-01 | {version} | First |\n"
        repo.write(f"{folder}/CHANGELOG.md", (folder == "apps/web" and web) or text)
    return krow.checkout(repo)


def clean(repo: Repo, *, tagged: bool = True) -> Repo:
    """Commit the four products, each with its CHANGELOG, and tag each in production."""
    for folder, versions in ROWS.items():
        rows = "".join(f"| 2026-01-01 | {version} | Release |\n" for version in versions)
        repo.write(
            f"{folder}/CHANGELOG.md", f"# Changes\n\n| Date | Version | Change |\n|---|---|---|\n{rows}"
        )
    return krow.checkout(repo, tagged=tagged)


def audit(root: Path, *names: str, history: bool = False) -> Report:
    """Audit a checkout at a fixed moment."""
    return kv.Workspace.open(root).audit(*names, history=history, now=NOW)


def places_of(report: Report) -> list[tuple[str, str | None, str | None, int | None, str]]:
    """What was found: id, product, path, line, and what it is about."""
    return [(each.code, each.product, each.path, each.line, each.about) for each in report.findings]
