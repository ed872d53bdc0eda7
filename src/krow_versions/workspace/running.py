"""Doing a ``RunProgram``: on the user's terminal or on GitHub, and noting in the record how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import Conflict, KrowVersionsError, OperationFailed, members
from krow_versions.values import frozen
from krow_versions.workspace.programs import require_startable, run_program

if TYPE_CHECKING:
    from krow_versions.planning.actions import RunProgram
    from krow_versions.planning.plan import HotfixStep
    from krow_versions.workspace.clock import Clock
    from krow_versions.workspace.hotfix.records import Attempt, Records


@frozen
class Made:
    """The result of a program.

    Attributes:
        url: the page of what it made on GitHub; empty if it made none.
        warning: what is not as it was asked for, or why its start is not shared; or empty.
    """

    url: str = ""
    warning: str = ""


def run_action(
    action: RunProgram,
    step: HotfixStep | None,
    records: Records | None,
    clock: Clock,
    *,
    cwd: str,
    who: str = "",
) -> Made | None:
    """Run a program, and note how it ended; where it deploys or sends, first that it starts.

    So nobody else starts the same, and a program that is killed leaves its start in the record. A deployment
    that has succeeded since it was planned is not run again, nor is a text sent again: the result is None.

    Args:
        action: the program.
        step: the step of a hotfix that it belongs to.
        records: where that is noted; None if it is not, or if it belongs to no step.
        clock: says when it starts and ends.
        cwd: the folder to run in.
        who: who runs it.

    Raises:
        Conflict: somebody else has started the same; it was not started.
        OperationFailed: it cannot be started, failed, or its end cannot be noted.
    """
    code, made, attempt = 0, Made(), None
    if action.place:
        made = _make(action, step)
    elif records is not None and step is not None and (action.sends or action.box == DEPLOYED):
        attempt = _begin(records, step, action, who, clock, cwd=cwd)
        if attempt is None:
            return None
        made = Made(warning=attempt.warning)
        try:
            code = run_program(action.argv, cwd=cwd, stdin=action.stdin)
        except OperationFailed:
            attempt.take_back()
            raise
    else:
        code = run_program(action.argv, cwd=cwd, stdin=action.stdin)
    is_deployment = step is not None and action.box == DEPLOYED
    what = f"the command that deploys {step.product}" if step and is_deployment else action.argv[0]
    if records is not None and step is not None:
        try:
            if attempt is not None:
                attempt.end(clock(), code, action)
            elif not code:
                records.note(step.version, action, clock(), who)
        except KrowVersionsError as error:
            raise _not_noted(what, code, error, step, action) from error
    if code:
        hint = "see what it printed above, correct that, then run it again"
        hint += "; the failure is noted" if is_deployment else ""
        raise OperationFailed(f"{what} ended with exit code {code}", hint=hint)
    return made


DEPLOYED = "deployed"
"""The box of a deployment."""


def _begin(
    records: Records, step: HotfixStep, action: RunProgram, who: str, clock: Clock, *, cwd: str
) -> Attempt | None:
    """Note that a program starts; None if what it does was done since it was planned."""
    if records.is_repeated(step.version, action):
        return None
    require_startable(action.argv, cwd=cwd)
    try:
        return records.begin(step, action, who, clock())
    except Conflict:
        if records.is_repeated(step.version, action):
            return None
        raise


def _make(action: RunProgram, step: HotfixStep | None) -> Made:
    """Make something on GitHub; a failure says how people go on without it."""
    from krow_versions.workspace import github

    try:
        return Made(*github.make(action.argv, action.place))
    except OperationFailed as error:
        if action.box and step is not None:
            ticking = step.calls.tick(action.box)
            error.advise(f"correct that, then run it again; or do it by hand, then: {ticking}", keep=True)
        raise


def _not_noted(
    what: str, code: int, error: KrowVersionsError, step: HotfixStep, action: RunProgram
) -> OperationFailed:
    """Give the error for a program that has ended, where the record cannot be written."""
    why, path = "; ".join(each.message for each in members(error)), members(error)[0].path
    following = "see what it printed above, and run it again" if code else f"then: {_by_hand(step, action)}"
    return OperationFailed(
        f"{what} ended with exit code {code}, which could not be noted: {why}",
        path=path,
        hint=f"correct the record; {following}",
    )


def _by_hand(step: HotfixStep, action: RunProgram) -> str:
    """Give the command with which people record that the program has succeeded."""
    if action.sends:
        from krow_versions.hotfix import announce_call

        return announce_call(step.calls, action.sends, "--done")
    if step.name == "rollback":
        return step.calls.hotfix("rollback", "--done")
    return step.calls.tick(action.box)
