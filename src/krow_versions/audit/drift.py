"""Drift: every version file compared with production, one row per file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.audit.model import CheckContext
from krow_versions.pictures import AHEAD, BAD, DONE, DOUBT, GOOD, NEUTRAL, Entry, Mark
from krow_versions.products import repo_path
from krow_versions.releases import is_behind
from krow_versions.tables import Table
from krow_versions.values import frozen

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from krow_versions.snapshot import FileState, Snapshot

AT_PRODUCTION = "at production"
AT_TARGET = "at target"
BEHIND = "behind"
AHEAD_OF = "ahead"
UNREADABLE = "unreadable"
UNRELEASED = "never released"
UNKNOWN = "not known"
_LOOKS: dict[str, tuple[str, Mark]] = {
    AT_PRODUCTION: ("✓", GOOD),
    AT_TARGET: ("→", DONE),
    BEHIND: ("✗", BAD),
    AHEAD_OF: ("↑", AHEAD),
    UNREADABLE: ("!", DOUBT),
    UNRELEASED: ("·", NEUTRAL),
    UNKNOWN: ("?", DOUBT),
}


@frozen
class Drift:
    """One version file compared with production.

    Attributes:
        product: the name of its product.
        file: its path, as in the configuration.
        version: its version, or None when it could not be read.
        production: the version in production, or None.
        target: the version of the next hotfix, or None.
        state: one of the constants of this module, such as ``AT_PRODUCTION``.
    """

    product: str
    file: str
    version: str | None
    production: str | None
    target: str | None
    state: str


def drift_of(snapshot: Snapshot, now: dt.datetime) -> tuple[Drift, ...]:
    """Compare every version file with the production of its product, in the order of the products."""
    contexts = [CheckContext(snapshot.catalog, state, now) for state in snapshot.products]
    return tuple(_drift(context, file) for context in contexts for file in context.state.files)


def worded(state: str) -> str:
    """Return a state with its symbol."""
    return f"{_LOOKS[state][0]} {state}"


def drift_table(drifts: Iterable[Drift]) -> Table:
    """Return a table with one row per file."""
    rows = (
        (
            each.product,
            each.file,
            each.version or "?",
            each.production,
            each.target,
            worded(each.state),
        )
        for each in drifts
    )
    columns = ("product", "file", "version", "production", "next hotfix", "state")
    return Table(columns, tuple(rows), "Versions against production")


def matrix_of(drifts: Iterable[Drift]) -> list[tuple[str, list[Entry]]]:
    """Return the entries of the drift matrix by product."""
    rows: dict[str, list[Entry]] = {}
    for each in drifts:
        entry = Entry(each.version or "?", each.state, each.file, _LOOKS[each.state][1])
        rows.setdefault(each.product, []).append(entry)
    return list(rows.items())


def _drift(context: CheckContext, file: FileState) -> Drift:
    production, target = context.production_version, context.target
    return Drift(
        context.name,
        repo_path(file.repo, file.path),
        file.shown or None,
        None if production is None else str(production),
        None if target is None else str(target),
        _state(context, file),
    )


def _state(context: CheckContext, file: FileState) -> str:
    version, production, target = file.version, context.production_version, context.target
    if file.located is None:
        return UNREADABLE
    if production is None and (context.state.repo.shallow or context.state.repo.untagged):
        return UNKNOWN
    if production is None or (version is None and production.build is None):
        return UNRELEASED
    if version is None:  # Only a build, which says nothing of the target.
        version = production.with_build(file.build)
        if not is_behind(version, production) and version != production:
            return AHEAD_OF
    if is_behind(version, production):
        return BEHIND
    if version.prerelease is None and version.core == production.core:
        return AT_PRODUCTION
    if version.prerelease is None and target is not None and version.core == target.core:
        return AT_TARGET
    return AHEAD_OF
