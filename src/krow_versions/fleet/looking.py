"""One workspace of a fleet, audited where the executor likes: a path goes in, a small report comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import files
from krow_versions.audit import drift
from krow_versions.errors import KrowVersionsError, members
from krow_versions.fleet.report import FleetProduct, WorkspaceReport
from krow_versions.text.escaping import one_line
from krow_versions.version import Version, build_of, with_highest
from krow_versions.workspace import Workspace
from krow_versions.workspace.display import ProductOverview, look_at

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from krow_versions.audit import Report
    from krow_versions.snapshot import ProductState, TagState

_WORST_FIRST = (
    drift.UNREADABLE,
    drift.BEHIND,
    drift.AHEAD_OF,
    drift.UNKNOWN,
    drift.UNRELEASED,
    drift.AT_TARGET,
    drift.AT_PRODUCTION,
)


def look(path: str, place: str, now: dt.datetime | None = None) -> WorkspaceReport:
    """Audit the workspace at *place*; whatever is wrong with it is in the report.

    Args:
        path: what the report calls it.
        place: its absolute path.
        now: the moment, with its zone, instead of the clock's.
    """
    try:
        if not files.is_folder(place):
            return WorkspaceReport(path, error="there is no such folder; hint: see whether it was deleted")
        report = Workspace.open(place).audit(now=now)
        return WorkspaceReport(path, report.findings, tuple(_products(report)))
    except KrowVersionsError as error:
        return WorkspaceReport(path, error="; ".join(map(_line, members(error))))
    except OSError as error:
        return WorkspaceReport(path, error=f"the operating system refused: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001  A bug that one workspace shows must not hide the others.
        return WorkspaceReport(path, error=f"a bug in krow-versions: {type(error).__name__}: {error}")


def _line(error: KrowVersionsError) -> str:
    """Write an error in one line: where, what, and what to do."""
    where = f"{error.where}: " if error.where else ""
    key = f" [{error.key}]" if error.key and error.key not in error.message else ""
    return one_line(f"{where}{error.message}{key}{f'; hint: {error.hint}' if error.hint else ''}")


def _products(report: Report) -> Iterator[FleetProduct]:
    drifts: dict[str, list[str]] = {}
    for each in drift.drift_of(report.snapshot, report.date):
        drifts.setdefault(each.product, []).append(each.state)
    for overview in look_at(report.snapshot):
        name = overview.state.product.name
        yield _product(overview, min(drifts.get(name, ()), key=_WORST_FIRST.index, default=None))


def _product(overview: ProductOverview, worst: str | None) -> FleetProduct:
    state, baseline = overview.state, overview.baseline
    version = _version_of(state)
    return FleetProduct(
        product=state.product.name,
        version=str(version) if version else None,
        next=str(overview.next) if overview.next else None,
        stages=_stages(state),
        drift=worst,
        hotfixes=_hotfixes(state),
        baseline=str(baseline.version) if baseline else None,
        baseline_source=baseline.source if baseline else None,
        baseline_revision=baseline.revision if baseline else None,
    )


def _version_of(state: ProductState) -> Version | None:
    """Return the version that all files have, with the highest build; None if there is not one."""
    if any(file.located is None for file in state.files):
        return None
    held = [file.located.held for file in state.files if file.located is not None]
    versions = [each for each in held if isinstance(each, Version)]
    builds = {build_of(each) for each in held} - {None}
    if len({version.with_build(None) for version in versions}) != 1 or len(builds) > 1:
        return None
    return with_highest(versions[0], held)


def _stages(state: ProductState) -> dict[str, str]:
    highest: dict[str, TagState] = {}
    for tag in state.tags:
        if tag.stage is None or tag.version is None:
            continue
        known = highest.get(tag.stage)
        if known is None or known.version is None or known.version < tag.version:
            highest[tag.stage] = tag
    return {stage: str(tag.version) for stage, tag in highest.items()}


def _hotfixes(state: ProductState) -> tuple[str, ...]:
    """List the versions of the hotfix branches that have not shipped and are not merged."""
    under_way = {
        branch.version
        for branch in state.branches
        if branch.version is not None
        and not branch.finished
        and (not branch.merged or branch.name in state.repo.on)
    }
    return tuple(str(version) for version in sorted(under_way))
