"""Plans of bumps, of builds and of CHANGELOG rows: what callers give is checked before files are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import lazy
from krow_versions.errors import UsageError
from krow_versions.planning.bump import plan_bump, plan_changelog
from krow_versions.products import require_names
from krow_versions.workspace.overrides import completed
from krow_versions.workspace.user_input import given_baseline, given_build, given_message, given_version

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.planning import raised_build
    from krow_versions.planning.plan import Plan
    from krow_versions.version import Version
    from krow_versions.workspace.protocols import Opened
else:
    (raised_build,) = lazy.modules("krow_versions.planning", "raised_build")


def bump_of(
    workspace: Opened,
    products: tuple[str, ...],
    *,
    message: str | None,
    date: dt.date | None,
    changelog: bool,
    from_: Version | str | None,
    build: int | None,
    above_build: int | None,
    pins: bool,
    proven: bool,
) -> Plan:
    """See :meth:`Workspace.plan_bump`."""
    _require_named(workspace, products, "plan_bump")
    baseline = None if from_ is None else given_baseline(from_, "from_")
    builds = {"build": given_build(build, "build"), "above_build": given_build(above_build, "above_build")}
    day = (date or workspace.clock().date()) if changelog else None
    # Commits are read only for the text of a row that has none.
    log = message is None and day is not None
    snapshot = completed(workspace.repos, workspace.snapshot(products, since=baseline, log=log))
    said = given_message(message)
    return plan_bump(snapshot, from_=baseline, message=said, date=day, pins=pins, proven=proven, **builds)


def build_of(workspace: Opened, products: tuple[str, ...], *, above_build: int | None) -> Plan:
    """See :meth:`Workspace.plan_build`."""
    _require_named(workspace, products, "plan_build")
    above_build = given_build(above_build, "above_build")
    snapshot = completed(workspace.repos, workspace.snapshot(products, log=False))
    return raised_build.plan_build(snapshot, above_build=above_build)


def row_of(
    workspace: Opened,
    products: tuple[str, ...],
    *,
    message: str | None,
    date: dt.date | None,
    version: Version | str | None,
) -> Plan:
    """See :meth:`Workspace.plan_row`."""
    require_names(products, "plan_row")
    wanted = None if version is None else given_version(version, "version")
    snapshot = workspace.snapshot(products, log=message is None)
    day = date or workspace.clock().date()
    return plan_changelog(snapshot, day, message=given_message(message), version=wanted)


def _require_named(workspace: Opened, products: tuple[str, ...], method: str) -> None:
    require_names(products, method)
    if not products:
        raise UsageError("no product was named", hint=f"the products here are {', '.join(workspace)}")
