"""What the plans of all steps of a hotfix share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.names import HEADS
from krow_versions.planning.expectations import HeadAt, RefAt
from krow_versions.planning.plan import HotfixStep

if TYPE_CHECKING:
    from krow_versions.hotfix import Facts
    from krow_versions.workspace.hotfix.gathering import HotfixContext
    from krow_versions.workspace.protocols import Opened


def step_of(name: str, facts: Facts) -> HotfixStep:
    """Name a step of a hotfix."""
    return HotfixStep(name, facts.product, facts.version)


def shown_root(workspace: Opened, place: HotfixContext) -> str:
    """Give the folder that commands have to name, since there are several; else nothing."""
    return workspace.repos[place.product.repo] if len(workspace.repos) > 1 else ""


def expected(place: HotfixContext, facts: Facts) -> tuple[HeadAt | RefAt, ...]:
    """Give where HEAD, the branch and the tag of a hotfix were when it was looked at."""
    repo, head = place.product.repo, facts.state.repo
    return (
        HeadAt(repo, HEADS + head.branch if head.branch else None, head.head),
        RefAt(repo, HEADS + facts.branch, facts.tip),
        RefAt(repo, place.tag(facts.version), facts.tag_at),
    )
