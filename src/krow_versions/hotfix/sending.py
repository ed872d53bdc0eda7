"""Whether a text of the process may be sent: only once what it says is true, and once only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import Conflict
from krow_versions.hotfix.deployments import departed
from krow_versions.hotfix.ending import ending
from krow_versions.hotfix.entries import ANNOUNCEMENT, FOLLOW_UP, ROLLBACK_NOTICE, Sending, Sent
from krow_versions.hotfix.milestones import FOLLOWED_UP_AFTER
from krow_versions.hotfix.tasks import announce_call
from krow_versions.hotfix.values import since_deployment
from krow_versions.text.escaping import one_line
from krow_versions.text.times import UNKNOWN, at

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.hotfix.entries import Done
    from krow_versions.hotfix.record import Record
    from krow_versions.planning.commands import Calls


def sent_before(record: Record, text: str) -> Sent | Done | None:
    """Give when and by whom a text was sent, or None; ``users-notified`` is about the announcement."""
    began = _since(record, text)
    sent = (each for each in record.of(Sent) if each.text == text)
    found = next((each for each in sent if began is None or each.at >= began), None)
    if text != ANNOUNCEMENT:
        return found
    return (found or record.ticks["users-notified"]) if since_deployment(record, "users-notified") else None


def sending(record: Record, text: str) -> Sending | None:
    """Give the last start of a program that sends a text, if nobody knows how it ended; or None."""
    began, found = _since(record, text), [each for each in record.of(Sending) if each.text == text]
    sent = [each.known for each in record.of(Sent) if each.text == text]

    def is_over(begun: Sending) -> bool:
        ends = (each for each in found if each.over and (each.at, each.who) == (begun.at, begun.who))
        return any(known >= begun.known for known in (*sent, *(each.known for each in ends)))

    starts = (each for each in reversed(found) if not each.over and (began is None or each.at >= began))
    return next((each for each in starts if not is_over(each)), None)


def when_begun(found: Sending) -> str:
    """Say who sends a text, and since when."""
    return (
        f"{one_line(found.who) or UNKNOWN} has begun to send it at {at(found.at)}, and how that ended is "
        "not known"
    )


def require_not_sending(
    record: Record, text: str, calls: Calls, *, beyond: dt.datetime | None = None
) -> None:
    """Refuse to send a text that somebody sends already.

    Args:
        record: what people said.
        text: its name.
        calls: how people call krow-versions.
        beyond: when the start was recorded that people know to have sent nothing; a later one counts.

    Raises:
        Conflict: somebody does, or has.
    """
    found = sending(record, text)
    if found is None or (beyond is not None and found.known <= beyond):
        return
    sends, done = (announce_call(calls, text, f"--{way}") for way in ("send", "done"))
    raise Conflict(
        f"{when_begun(found)}; nothing was sent",
        hint=f"wait for its end; if it has arrived: {done}; if not, because that program died: "
        f"{sends} --again",
    )


def when_sent(sent: Sent | Done) -> str:
    """Say when and by whom a text was sent."""
    return f"it was sent at {at(sent.at)} by {one_line(sent.who) or UNKNOWN}"


def _since(record: Record, text: str) -> dt.datetime | None:
    """Give when what a text is about began: an older text is about something else."""
    if text == ROLLBACK_NOTICE and record.rollback:
        return record.rollback.decision.at
    return record.deployment.at if record.deployment else None


def untrue(record: Record, text: str, now: dt.datetime, calls: Calls) -> Conflict | None:
    """Give why a text is not true yet, or no more; None if it may be sent.

    Args:
        record: what people said.
        text: its name.
        now: the present moment.
        calls: how people call krow-versions.
    """
    what = f"{record.product} {record.version}"
    draft = f"; {announce_call(calls, text, '--draft')} shows the text as a draft"
    rollback = record.rollback
    if text == ROLLBACK_NOTICE:
        if rollback is not None and rollback.is_done:
            return None
        why = (
            "the rollback is decided, but not done" if rollback else f"no rollback of {what} is recorded here"
        )
        return Conflict(why, hint=f"{calls.hotfix('status')} shows where it stands{draft}")
    if rollback is not None:
        decision, is_done = rollback.decision, rollback.is_done
        following = (
            calls.hotfix("announce", "--rollback") if is_done else f"{calls.hotfix('status')} shows it"
        )
        return Conflict(
            f"{what} is {'' if is_done else 'to be '}rolled back: {one_line(decision.decided_by)} decided it "
            f"at {at(decision.at)}",
            hint=f"{following}{draft}",
        )
    if record.left is not None:
        return Conflict(
            f"{what} is {departed(record.left)}",
            hint=f"{calls.hotfix('status')} shows where it stands{draft}",
        )
    if not record.is_tracked:
        return Conflict(
            f"nothing is recorded here of {what}: whether it is deployed is not known",
            hint="announce it in the clone where it was declared and deployed; with share = true in "
            f"[hotfix], all clones have the same record{draft}",
        )
    if record.deployed is None and record.abandoned:
        return Conflict(
            f"{what} was {ending(record.abandoned)}", hint=f"{calls.start()} starts it again{draft}"
        )
    if record.deployed is None:
        last = record.last_attempt
        failed = last is not None and last.ended is not None and not last.succeeded
        why = f": the last deployment ended with exit code {last.exit_code}" if last and failed else ""
        return Conflict(
            f"{what} is not deployed, as far as is recorded{why}",
            hint=f"{calls.hotfix('status')} shows what is next{draft}",
        )
    due = record.deployed + FOLLOWED_UP_AFTER
    if text == FOLLOW_UP and now < due:
        return Conflict(
            f"the status update is about the first 24 hours in production, which are over at {at(due)}",
            hint=f"send it then{draft}",
        )
    return None
