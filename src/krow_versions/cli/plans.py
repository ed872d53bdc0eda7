"""Showing a plan, asking before what leaves this machine or cannot be undone, and applying it."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

import click

from krow_versions import files
from krow_versions.errors import OperationFailed, UsageError
from krow_versions.planning.actions import WriteRecord
from krow_versions.planning.diff import exact_diff
from krow_versions.planning.merge import Merge
from krow_versions.text.escaping import printable, shell_word
from krow_versions.values import evolve
from krow_versions.workspace.applying import apply_plan
from krow_versions.workspace.file_changes import outcome_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from krow_versions.cli.console import Settings
    from krow_versions.planning.plan import Plan
    from krow_versions.workspace import Workspace
    from krow_versions.workspace.applied import Applied
    from krow_versions.workspace.protocols import Opened

FOUND = 1


def print_notes(settings: Settings, plan: Plan) -> None:
    """Print the notes and warnings of a plan, and whose diff in a shown script is not exact."""
    for note in plan.notes:
        settings.note(note)
    for warning in plan.warnings:
        settings.warning(warning)
    for merge in (action for action in plan.actions if isinstance(action, Merge)):
        for path in (each.path for each in merge.files if shown(exact_diff(each)) != exact_diff(each)):
            settings.warning(_INEXACT.format(printable(path)))


_INEXACT = "{}: its diff shows characters escaped, and so cannot be applied"


def preview(settings: Settings, plan: Plan, *, as_json: bool, undone: str, by_hand: bool = False) -> None:
    """Print the dry run of a plan, and that nothing was done; if *by_hand*, also what people must do."""
    if as_json:
        settings.json(plan.to_json(dry_run=True))
    else:
        lines = (*plan.commands, *(plan.waiting.lines if plan.waiting else ())) or ("nothing",)
        settings.data("\n".join(f"  {shown(line)}" for line in lines))
        for action in plan.by_hand if by_hand else ():
            settings.data(f"by hand:\n  {shown(action.command)}")
    print_notes(settings, plan)
    settings.note(undone)


def not_run(does: str, *, run: bool) -> str:
    """Say that nothing was done, and which option does it: ``--run``, or ``-n`` left out."""
    return f"nothing was done: {'without -n it' if run else '--run'} {does}"


def shown(command: str) -> str:
    """Escape a command for a terminal; its line breaks and tabs stay."""
    return printable(command, keep="\n\t")


def carry_out(settings: Settings, workspace: Opened, plan: Plan, *, as_json: bool) -> Applied:
    """Apply a plan and print the pages that it made; with ``--json``, print what was done as data.

    Then the output of programs goes to stderr.
    """
    settings.clear()  # Programs print by themselves.
    with _aside() if as_json else contextlib.nullcontext():
        applied = apply_plan(workspace, plan)
    for url in applied.urls:
        settings.outcome(url, as_json=as_json)
    for warning in applied.warnings:
        settings.warning(warning)
    if as_json:
        warnings = (*plan.warnings, *applied.warnings)
        settings.json(evolve(plan, actions=applied.actions, warnings=warnings).to_json())
    return applied


def keep(
    settings: Settings,
    workspace: Opened,
    plan: Plan,
    *,
    yes: bool,
    dry_run: bool = False,
    as_json: bool = False,
) -> bool:
    """Apply a plan that records something, which is asked about only if something leaves this machine.

    Returns:
        Whether it was applied, or there was nothing to do.
    """
    if plan.is_empty and dry_run:
        return True
    if dry_run:
        preview(settings, plan, as_json=as_json, undone="nothing was recorded")
        return False
    if not all(isinstance(action, WriteRecord) for action in plan.actions):
        confirm(settings, "Record and share this?", plan, yes=yes, as_json=as_json)
    for warning in apply_plan(workspace, plan).warnings:
        settings.warning(warning)
    return True


def show_and_apply(
    settings: Settings, workspace: Workspace, plan: Plan, *, dry_run: bool, check: bool, as_json: bool
) -> int:
    """Apply *plan*, unless *dry_run* or *check*; print it, and return the exit code."""
    print_notes(settings, plan)
    is_shown = dry_run or check
    if not is_shown:
        settings.written = lambda: outcome_of(workspace, plan)
    warnings = () if is_shown else workspace.apply(plan).warnings
    if as_json:
        settings.json(plan.to_json(dry_run=is_shown))
    else:
        settings.data(str(plan))
        if dry_run:
            settings.diff(plan.diff())
            for path in plan.inexact:
                settings.warning(_INEXACT.format(path))
    for warning in warnings:
        settings.warning(warning)
    return FOUND if check and not plan.is_empty else 0


def confirm(
    settings: Settings, question: str, plan: Plan, *, yes: bool, as_json: bool = False, above: str = ""
) -> None:
    """Show the commands of a plan, and return only if a person at a terminal, or ``--yes``, agrees.

    A plan that only writes records is not asked about: nothing leaves this machine.

    Args:
        settings: what the common options say.
        question: what to ask.
        plan: what will be done.
        yes: do not ask.
        as_json: stdout is for data, so the commands go to stderr.
        above: a text that was printed already; as an argument of a command it is abbreviated.

    Raises:
        UsageError: there is no terminal to ask on, and ``--yes`` was not given.
        OperationFailed: the answer could not be read.
        Unsupported: as :func:`krow_versions.files.require_writing`.
        click.Abort: the answer was no.
    """
    files.require_writing()
    unasked = yes or all(isinstance(action, WriteRecord) for action in plan.actions)
    for command in () if unasked and settings.quiet else plan.commands:
        short = command.replace(shell_word(above), "…    # the text above") if above else command
        settings.show(f"  {shown(short)}", as_json=as_json)
    if not unasked:
        ask(question)


def ask(question: str) -> None:
    """Ask a person at a terminal, and return only if the answer is yes.

    Raises:
        UsageError: there is no terminal to ask on.
        OperationFailed: the answer could not be read.
        click.Abort: the answer was no.
    """
    if not _answered(question, lambda: click.confirm(question, default=False, err=True)):
        raise click.Abort("nothing was done: the answer was no")


def ask_text(question: str) -> str:
    """Ask a person at a terminal for a text that is not empty; raises as :func:`ask` does."""
    return str(_answered(question, lambda: click.prompt(question, err=True)))


def _answered(question: str, asking: Callable[[], object]) -> object:
    # The steps go to stdout and the question to stderr: without one of them nobody can answer.
    if None in (sys.stdin, sys.stdout, sys.stderr) or not sys.stdin.isatty():
        raise UsageError(
            f"nothing was done: there is no terminal to ask on: {question}",
            hint="run it again with --yes, which answers yes",
        )
    try:
        return asking()
    except click.Abort as error:
        if sys.stdin.isatty():  # Ctrl-D.
            raise
        raise _unanswered("the terminal has gone") from error
    except OSError as error:
        raise _unanswered(error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise _unanswered(error.reason) from error


def _unanswered(reason: str) -> OperationFailed:
    return OperationFailed(
        f"the answer could not be read: {reason}; nothing was done",
        hint="run it again on a terminal, or with --yes, which answers yes",
    )


@contextlib.contextmanager
def _aside() -> Iterator[None]:
    """Send the output of programs to stderr meanwhile: stdout is for data."""
    try:
        kept = os.dup(1)
        os.dup2(2, 1)
    except OSError:  # One of them is closed, so nothing mixes.
        yield
        return
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
