"""``hotfix announce``: what is sent to users, and that it was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from krow_versions.cli.hotfix.common import command, looked, opened, product, version_option
from krow_versions.cli.options import as_json, dry_run_option, yes_option
from krow_versions.cli.plans import carry_out, confirm, keep, preview, print_notes
from krow_versions.errors import UsageError
from krow_versions.hotfix import (
    ANNOUNCEMENT,
    FOLLOW_UP,
    ROLLBACK_NOTICE,
    Sent,
    announce_call,
    sending,
    sent_before,
    untrue,
    when_begun,
    when_sent,
)
from krow_versions.hotfix.people import channel_of
from krow_versions.text.escaping import one_line
from krow_versions.text.times import iso
from krow_versions.values import evolve
from krow_versions.workspace.hotfix.recording import plan_keep

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings
    from krow_versions.hotfix import Done, Sending
    from krow_versions.workspace.hotfix.view import HotfixView

SCHEMA = 1


@command(
    "announce",
    "What is sent to users: now, a day later, after a rollback.",
    [
        ("krow-versions hotfix announce --draft", "the text, before it is true"),
        ("krow-versions hotfix announce --done", "record that you have sent it"),
    ],
)
@product
@version_option
@click.option("--follow-up", is_flag=True, help="The status update after 24 hours.")
@click.option("--rollback", is_flag=True, help="The announcement of a rollback.")
@click.option(
    "--errors", metavar="TEXT", default="", help="The errors since the deployment, for --follow-up."
)
@click.option("--draft", is_flag=True, help="Show it even if it is not true yet.")
@click.option("--send", is_flag=True, help="Send it by the configured program, once.")
@click.option("--done", is_flag=True, help="Record that you have sent it by hand.")
@click.option("--again", is_flag=True, help="Send it even if an attempt that was killed may have sent it.")
@yes_option
@dry_run_option
@as_json
def announce(
    settings: Settings,
    *,
    name: str | None,
    version: str | None,
    follow_up: bool,
    rollback: bool,
    errors: str,
    draft: bool,
    send: bool,
    done: bool,
    again: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Print a text about PRODUCT's hotfix, ready to be sent; or send it, and record that.

    It is refused until what it says is true: the announcement needs a deployment that succeeded, the
    status update one that is 24 hours old. To print a text records nothing.
    """
    _require_sense(
        follow_up=follow_up,
        rollback=rollback,
        errors=errors,
        draft=draft,
        send=send,
        done=done,
        again=again,
    )
    text = FOLLOW_UP if follow_up else ROLLBACK_NOTICE if rollback else ANNOUNCEMENT
    acts, moment = send and not dry_run, settings.clock()
    view = opened(settings, name, version, ask=False, acts=acts, by_tag=True)
    seen = looked(settings, view)
    view.require_existing(seen)
    before, problem = sent_before(seen.record, text), untrue(seen.record, text, moment, view.context.calls)
    if send:
        plan = view.plan_send(text, errors=errors, again=again or dry_run, seen=seen, now=moment)
        if dry_run:
            preview(settings, plan, as_json=as_json, undone="nothing was done: without --dry-run it is sent")
            return
        print_notes(settings, plan)
        if plan.actions:
            question = f"Send this to {channel_of(view.context.settings.channel)}?"
            confirm(settings, question, plan, yes=yes, as_json=as_json)
        carry_out(settings, view.workspace, plan, as_json=as_json)
        if plan.actions:
            settings.note("it is sent")
        _say_next(settings, view)
        return
    if problem and not (draft or (done and before)):
        raise problem
    body = view.text(text, seen, moment, errors)
    if done and not (dry_run or before):
        record = view.noted_sent(text, errors=errors, seen=seen, now=moment)
        plan = plan_keep(view.context, record, "announce")
        keep(settings, view.workspace, plan, yes=yes, as_json=as_json)
        before = sent_before(record, text)
    if as_json:
        settings.json(_json(view, text, body, before, draft=draft))
    elif done:
        settings.outcome(when_sent(before) if before else "nothing was done: it would be recorded as sent")
        if not dry_run:
            _say_next(settings, view)
    else:
        settings.data(body.rstrip("\n"))
        why = problem.message if problem else ""
        _say_how(settings, view, text, before, begun=sending(seen.record, text), why=why, draft=draft)


def _require_sense(
    *, follow_up: bool, rollback: bool, errors: str, draft: bool, send: bool, done: bool, again: bool
) -> None:
    """Refuse options that contradict each other."""
    ways = [name for name, given in (("--draft", draft), ("--send", send), ("--done", done)) if given]
    texts = [name for name, given in (("--follow-up", follow_up), ("--rollback", rollback)) if given]
    for names in (ways, texts):
        if len(names) > 1:
            raise UsageError(
                f"{' and '.join(names)} contradict each other", hint="leave all but one of them out"
            )
    if errors and not follow_up:
        raise UsageError("--errors is about the time since the deployment", hint="give --follow-up, too")
    if again and not send:
        raise UsageError("--again is about sending", hint="give --send, too")


def _json(view: HotfixView, text: str, body: str, sent: Sent | Done | None, *, draft: bool) -> dict[str, Any]:
    by_hand = not isinstance(sent, Sent) or sent.by_hand
    return {
        "schema": SCHEMA,
        "product": view.name,
        "version": str(view.version),
        "name": text,
        "text": body,
        "draft": draft,
        "channel": view.context.settings.channel,
        "sent": {"at": iso(sent.at), "who": sent.who, "by_hand": by_hand} if sent else None,
    }


def _say_next(settings: Settings, view: HotfixView) -> None:
    """Say what is next, now that it is sent; only then the remote is asked what it has."""
    settings.note(evolve(view, ask=True).status(settings.clock()).following)


def _say_how(
    settings: Settings,
    view: HotfixView,
    text: str,
    sent: Sent | Done | None,
    *,
    begun: Sending | None,
    why: str,
    draft: bool,
) -> None:
    """Say below a text whether it was sent, or is being sent, or how to send it."""
    configured = view.context.settings
    if sent:
        settings.note(when_sent(sent))
    elif begun:
        settings.note(when_begun(begun))
    elif draft:
        settings.warning(f"this is a draft: {why or 'it is not sent'}")
    else:
        sends, done = (announce_call(view.calls, text, f"--{way}") for way in ("send", "done"))
        settings.note(f"send it to {one_line(channel_of(configured.channel))}")
        settings.note(f"{sends} sends it" if view.notifier() else f"when it is sent: {done}")
