"""The audit: find where files, tags, branches and the CHANGELOG disagree.

Each check is a pure function of one product in a snapshot, with the id of its findings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from krow_versions.audit.checks import CHECKS, HISTORY_CHECKS, branches
from krow_versions.audit.model import Check, CheckContext, Finding, Occurrence
from krow_versions.audit.report import Report
from krow_versions.findings import FINDINGS, SEVERITIES
from krow_versions.history import read_history
from krow_versions.progress import Progress, steps_of, unseen
from krow_versions.values import evolve

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from krow_versions.settings import Audit, Ignore
    from krow_versions.snapshot import ProductState, Snapshot

_Seen: TypeAlias = "tuple[Check, Occurrence, str | None, str]"
"""What a check found, in which product, in which repository."""

__all__ = ["CHECKS", "Check", "CheckContext", "Finding", "Occurrence", "Report", "audit"]


def audit(
    snapshot: Snapshot,
    settings: Audit,
    now: dt.datetime,
    *,
    history: bool = False,
    taggers: tuple[str, ...] = (),
    progress: Progress = unseen,
    checks: Sequence[Check] = CHECKS,
) -> Report:
    """Run every check on every product of *snapshot*.

    Args:
        snapshot: with everything that an audit needs.
        settings: severities and ignores.
        now: a date and time with a zone.
        history: whether to check all releases too; the snapshot must have their files.
        taggers: who makes production tags; empty for anybody.
        progress: sees the steps.
        checks: those to run, of :data:`CHECKS`.
    """
    histories = tuple(read_history(state, progress) for state in snapshot.products) if history else ()
    seen: list[_Seen] = []
    for index, state in enumerate(steps_of(snapshot.products, "checking products", progress)):
        context = CheckContext(
            snapshot.catalog,
            state,
            now,
            settings.stale_days,
            histories[index] if history else None,
            _sharing(snapshot, state),
            taggers,
        )
        for check in checks:
            if history or check not in HISTORY_CHECKS:
                seen += ((check, each, context.name, state.product.repo) for each in check.run(context))
    seen += ((branches.STRAY, each, None, branch.repo) for branch, each in branches.strays(snapshot))
    seen = _once_per_repository(seen)
    accused = [each for each in seen if not _is_older(each[0], each[1], settings.since)]
    found = sorted((_finding(settings, *each) for each in accused), key=_rank)
    today = now.date()
    kept, ignored = [], []
    for finding in found:
        entries = (each for each in settings.ignore if _matches(each, finding))
        entry = max(entries, key=lambda each: each.until, default=None)
        if entry is None:
            kept.append(finding)
        elif entry.until < today:
            late = f"{finding.message} (it was ignored until {entry.until}: {entry.reason})"
            kept.append(evolve(finding, message=late))
        else:
            ignored.append((finding, entry))
    names = tuple(state.product.name for state in snapshot.products)
    return Report(tuple(kept), tuple(ignored), names, now, snapshot, histories, len(seen) - len(accused))


def _sharing(snapshot: Snapshot, state: ProductState) -> tuple[str, ...]:
    """Return the products whose rows are in the same table as those of *state*; empty for *state* alone."""
    own = state.changelog
    if own is None:
        return ()
    where = (own.repo, own.path, own.heading)
    names = tuple(
        each.product.name
        for each in snapshot.products
        if each.changelog and (each.changelog.repo, each.changelog.path, each.changelog.heading) == where
    )
    return names if len(names) > 1 else ()


def _finding(settings: Audit, check: Check, found: Occurrence, product: str | None, repo: str) -> Finding:
    return Finding(
        code=check.code,
        severity=settings.severity.get(check.code, found.severity or FINDINGS[check.code].severity),
        product=product,
        repo=found.repo or repo,
        path=found.path,
        line=found.line,
        message=found.message,
        hint=found.hint,
        about=found.about,
    )


def _once_per_repository(seen: list[_Seen]) -> list[_Seen]:
    """Report what is about a whole repository once, of no product if it has several."""
    kept: dict[object, _Seen] = {}
    for check, found, product, repo in seen:
        key = (check.code, found.message, repo) if FINDINGS[check.code].of_repository else len(kept)
        kept[key] = (check, found, None if key in kept else product, repo)
    return list(kept.values())


def _is_older(check: Check, found: Occurrence, since: dt.date | None) -> bool:
    """Whether it accuses what was there before the day of adoption; what has no day is not known to be."""
    if since is None or found.day is None or not FINDINGS[check.code].of_past:
        return False
    return found.day < since


def _rank(finding: Finding) -> tuple[int, str, str, str, str, int]:
    severity = SEVERITIES.index(finding.severity)
    return (
        severity,
        finding.product or "",
        finding.code,
        finding.repo,
        finding.path or "",
        finding.line or 0,
    )


def _matches(entry: Ignore, finding: Finding) -> bool:
    return (
        entry.code == finding.code
        and entry.product in {None, finding.product}
        and entry.about in {None, finding.about, finding.path}
    )
