"""Sending a text of the process: by the configured program, or by people, who say so; both are recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import UsageError
from krow_versions.hotfix import (
    announce_call,
    require_not_sending,
    sending,
    sent_before,
    untrue,
    when_begun,
    when_sent,
)
from krow_versions.hotfix.people import CHANNEL
from krow_versions.names import TAGS
from krow_versions.planning.actions import RunProgram
from krow_versions.planning.plan import HotfixStep, Plan
from krow_versions.workspace.hotfix.deploying import filled, of_main
from krow_versions.workspace.hotfix.records import with_sent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from krow_versions.hotfix import HotfixState, Record, Sent
    from krow_versions.workspace.hotfix.context import HotfixContext
    from krow_versions.workspace.protocols import Opened


def find_program(workspace: Opened, context: HotfixContext) -> tuple[str, ...] | None:
    """Find the program that sends texts, in the configuration in force or else in that of the main branch.

    Raises:
        ConfigError: the configuration of the main branch is wrong.
        GitError: git failed.
    """
    if context.settings.notify is not None:
        return context.settings.notify
    found = of_main(workspace, context)
    return found.config.hotfix.notify if found else None


def plan_send(
    context: HotfixContext,
    seen: HotfixState,
    sent: Sent,
    body: str,
    program: Sequence[str] | None,
    *,
    again: bool = False,
) -> Plan:
    """Plan to give a text to the configured program, and to record that it was sent; nothing, if it was.

    Args:
        context: the repository of the product.
        seen: the hotfix.
        sent: which text is sent, and when.
        body: the text.
        program: the program that sends it, and its arguments, or None.
        again: whether to send it though somebody has begun to, and how that ended is not known.

    Raises:
        UsageError: no program is configured.
        Conflict: the text is not true yet, or no more; or somebody has begun to send it.
    """
    facts, name, settings = seen.facts, context.product.name, context.settings
    step = HotfixStep("announce", facts.product, facts.version, context.calls)
    if before := sent_before(seen.record, sent.text):
        return Plan(step=step, notes=(when_sent(before),))
    _require_true(context, seen, sent)
    if program is None:
        raise UsageError(
            "no program is configured that sends a text",
            hint='add to [hotfix]: notify = ["./scripts/notify.sh", "{channel}"]; or send it by hand, then: '
            f"{announce_call(context.calls, sent.text, '--done')}",
        )
    begun = sending(seen.record, sent.text) if again else None
    beyond = begun.known if begun else None
    require_not_sending(seen.record, sent.text, context.calls, beyond=beyond)
    placeholders = {
        "{channel}": settings.channel or CHANNEL,
        "{product}": name,
        "{version}": str(facts.version),
        "{tag}": context.tag(facts).removeprefix(TAGS),
    }
    sends = RunProgram(
        context.product.repo,
        filled(program, placeholders),
        root=context.shown_root,
        stdin=f"{body.rstrip()}\n",
        sends=sent.text,
        errors=sent.errors,
        beyond=beyond,
    )
    return Plan(actions=(sends,), step=step, notes=(when_begun(begun),) if begun else ())


def noted_sent(context: HotfixContext, seen: HotfixState, sent: Sent) -> Record:
    """Give the record with a text that people sent by hand, unless it was sent already.

    Raises:
        Conflict: the text is not true yet, or no more.
    """
    if sent_before(seen.record, sent.text):
        return seen.record
    _require_true(context, seen, sent)
    return with_sent(seen.record, sent)


def _require_true(context: HotfixContext, seen: HotfixState, sent: Sent) -> None:
    if found := untrue(seen.record, sent.text, sent.at, context.calls):
        raise found
