"""Plans of what people decide about a hotfix: to correct what was declared, or to give the hotfix up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from krow_versions.errors import Conflict, UsageError
from krow_versions.hotfix import (
    Abandoned,
    Amended,
    Severity,
    ended,
    ending,
    render,
    require_under_way,
    rolled_back,
    values,
)
from krow_versions.planning.actions import WriteRecord
from krow_versions.planning.commands import DECIDING
from krow_versions.planning.plan import HotfixStep, Plan
from krow_versions.text.escaping import one_line, shell_word
from krow_versions.text.times import at
from krow_versions.text.words import counted
from krow_versions.values import evolve, field, frozen
from krow_versions.workspace.hotfix.records import Records
from krow_versions.workspace.user_input import given_text, require_moments

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.hotfix import Facts, HotfixState
    from krow_versions.planning.actions import Action
    from krow_versions.workspace.hotfix.context import HotfixContext


@frozen
class Correction:
    """What is corrected in a declaration; None stands for what stays.

    Raises:
        UsageError: a text is empty.
    """

    issue: str | None = field(default=None)
    severity: Severity | None = None
    impact: str | None = None
    environment: str | None = None
    detected: dt.datetime | None = None

    def __attrs_post_init__(self) -> None:
        for name in ("issue", "impact", "environment"):
            if getattr(self, name) is not None:
                given_text(getattr(self, name), name)

    def given(self) -> dict[str, Any]:
        """Give what is corrected.

        Raises:
            UsageError: nothing is.
        """
        found = attrs.asdict(self, recurse=False, filter=lambda _, value: value is not None)
        if not found:
            raise UsageError(
                "nothing was said that is to be corrected",
                hint="give one of issue, severity, impact, environment and detected",
            )
        return found


def plan_amend(context: HotfixContext, seen: HotfixState, correction: Correction, now: dt.datetime) -> Plan:
    """Plan to correct what was declared; the template for the fix commit, if it is here, is written again.

    The only note of the plan says what changes.

    Raises:
        UsageError: nothing is corrected, or a moment makes no sense.
        Conflict: nothing is declared here, or the hotfix was abandoned.
    """
    given = correction.given()
    require_moments(now, correction.detected)
    facts, declared = seen.facts, seen.record.declaration
    if declared is None:
        raise Conflict(
            f"{facts.product} {facts.version} is not declared in this clone, so there is nothing to correct",
            hint="correct it in the clone where it was declared; or declare it here: "
            f"{context.calls.start()}",
        )
    require_under_way(seen.record, facts, context.calls.start())
    if correction.detected is not None and correction.detected > declared.started:
        raise UsageError(
            f"detected: {at(correction.detected)} is after the declaration, {at(declared.started)}",
            hint="say when the fault was first seen: nobody declares it before that",
        )
    changes = [
        f"{name} {_shown(getattr(declared, name))} -> {_shown(value)}"
        for name, value in given.items()
        if getattr(declared, name) != value
    ]
    step = HotfixStep("amend", facts.product, facts.version, context.calls)
    if not changes:
        return Plan(step=step, notes=("all of this was said already: nothing to do",))
    entry = Amended(at=now, who=context.who(), **given)
    record, records = seen.record.adding(entry), Records.of(context)
    actions: list[Action] = [records.writing(context.product.repo, record)]
    name = records.template_name(facts.version)
    before = records.store.read(name)
    after = render("commit", values(facts, record, context.catalog, context.settings), context.settings.texts)
    if before not in (None, after):  # Only a start makes one: it shows that the branch was made here.
        actions.append(WriteRecord(context.product.repo, name, before, after))
    return Plan(
        actions=tuple(actions), step=step, notes=(f"{facts.product} {facts.version}: {', '.join(changes)}",)
    )


def plan_abandon(context: HotfixContext, seen: HotfixState, reason: str, now: dt.datetime) -> Plan:
    """Plan to end a hotfix that does not ship; nothing is deleted.

    Raises:
        UsageError: the reason is empty.
        Conflict: it is tagged.
    """
    facts, reason = seen.facts, given_text(reason, "reason")
    step = HotfixStep("abandon", facts.product, facts.version, context.calls)
    tag = facts.tag.name if facts.tag else facts.tag_there
    if tag is not None:
        raise Conflict(
            f"{tag} is tagged: what is released is not abandoned; nothing was changed",
            hint="if production must go back to an older version: "
            f"{context.calls.hotfix('rollback', DECIDING)}",
        )
    left = _left(context, facts)
    if (known := ended(seen.record, facts)) is not None:
        return Plan(step=step, notes=(f"{facts.product} {facts.version} was {ending(known)}", left))
    tip = facts.tip if facts.tip and facts.commits else ""
    entry = Abandoned(at=now, who=context.who(), reason=reason, tip=tip)
    action = Records.of(context).writing(context.product.repo, seen.record.adding(entry))
    shipping = f"{facts.main_name} has it already, and ships it with the next release"
    warnings = (shipping,) if facts.merged else ()
    return Plan(actions=(action,), step=step, notes=(left,), warnings=warnings)


def with_rollback(plan: Plan, seen: HotfixState) -> Plan:
    """Add to a plan the warning that production was rolled back, if it was."""
    rolled = seen.record.rollback
    return evolve(plan, warnings=(*plan.warnings, rolled_back(rolled))) if rolled else plan


def _left(context: HotfixContext, facts: Facts) -> str:
    """Say what is left of its branch, and how people delete that."""
    branch = shell_word(facts.branch)
    places = [("here", f"{context.git} branch --delete --force {branch}")] if facts.tip_here else []
    is_there = facts.branch_there or (facts.found_as or "").startswith("refs/remotes/")
    if context.remote is not None and is_there:
        push = f"{context.git} push {shell_word(context.remote)} --delete {branch}"
        places.append((f"on {context.remote}", push))
    if not places:
        return f"there is no branch {facts.branch}"
    ways = [way for _, way in places]
    if facts.checked_out:
        ways.insert(0, f"{context.git} switch {shell_word(facts.main_name)}")
    commits = f", with {counted(len(facts.commits), 'commit')}" if facts.commits else ""
    where = " and ".join(place for place, _ in places)
    return f"{facts.branch} stays {where}{commits}; to delete it: {' && '.join(ways)}"


def _shown(value: str | Severity | dt.datetime | None) -> str:
    """Show a value of a declaration on one line."""
    if value is None:
        return "not said"
    if isinstance(value, Severity):
        return value.name
    return f'"{one_line(value)}"' if isinstance(value, str) else at(value)
