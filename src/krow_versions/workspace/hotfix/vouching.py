"""Note that main has a hotfix in a form in which git does not show it, as a person says."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from krow_versions import git
from krow_versions.errors import Conflict, Unsupported, UsageError
from krow_versions.hotfix import Merged, undone, undone_hint
from krow_versions.planning.actions import Tag
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted, shell_word
from krow_versions.values import evolve

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.hotfix import Facts, Record
    from krow_versions.planning.plan import Plan
    from krow_versions.workspace.hotfix.context import HotfixContext


_FULL = regex(r"[0-9a-f]{40}|[0-9a-f]{64}")


def vouched(context: HotfixContext, facts: Facts, record: Record) -> Facts:
    """Add that main has it, where people said of this commit which commit of main holds it.

    What git shows counts before that: a main that has undone it, or that lacks the commit that was named.
    """
    said = record.merge_of(facts.tip or facts.tag_at)
    if said is None or facts.merged or facts.undone or not _is_on_main(context, facts, said.commit):
        return facts
    return evolve(facts, merged=True, main_pushed=facts.main_pushed is not None or None)


def vouch(context: HotfixContext, facts: Facts, commit: str, now: dt.datetime) -> Merged:
    """Say which commit of main holds the hotfix.

    Raises:
        UsageError: it is no full id.
        Conflict: main has undone the hotfix, there is no commit of it, or the commit is not on main.
    """
    if not _FULL.fullmatch(commit):
        raise UsageError(
            f"{quoted(commit)} is no full id of a commit",
            hint=f"{facts.git} rev-parse COMMIT prints all its digits",
        )
    if facts.undone:
        raise Conflict(f"{undone(facts)}; nothing was changed", hint=undone_hint(facts))
    tip = facts.tip or facts.tag_at
    if tip is None or not _is_on_main(context, facts, commit):
        where = f"{facts.remote}/{facts.main_name}" if facts.remote else facts.main_name
        raise Conflict(
            f"{commit[:12]} is not on {where}, as far as is known here; nothing was changed",
            hint=f"{facts.git} log {shell_word(where)} shows what is",
        )
    return Merged(at=now, who=context.who(), tip=tip, commit=commit)


def with_merge(plan: Plan, facts: Facts, record: Record) -> Plan:
    """Show in a plan, and in the message of its tag, who said which commit of main holds the hotfix."""
    said = record.merge_of(facts.tip or facts.tag_at)
    tags = [each for each in plan.actions if isinstance(each, Tag)]
    if said is None or not facts.merged or not tags:
        return plan
    text = str(said)
    line = text[:1].upper() + text[1:]
    actions = tuple(
        evolve(each, message=f"{each.message.rstrip()}\n{line}\n") if each in tags else each
        for each in plan.actions
    )
    return evolve(plan, actions=actions, warnings=(*plan.warnings, str(said)))


def _is_on_main(context: HotfixContext, facts: Facts, commit: str) -> bool:
    """Whether main, on the server if there is one, is known to contain a commit."""
    main = facts.main_there if facts.remote else facts.main_here
    known = git.known_commits(context.repository, [commit])
    with contextlib.suppress(Unsupported):  # A shallow clone does not know.
        return bool(known) and main is not None and git.is_ancestor(context.repository, commit, main)
    return False
