"""What leaves this machine or cannot be undone: shown first, then asked, or told with ``--yes``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

import click

from krow_versions.errors import OperationFailed, UsageError
from krow_versions.text.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from krow_versions.cli.console import Settings

_Command = TypeVar("_Command", bound="Callable[..., Any]")


def yes_option(command: _Command) -> _Command:
    """Add ``--yes``."""
    return click.option("-y", "--yes", is_flag=True, help="Do not ask; needed without a terminal.")(command)


def dry_run_option(command: _Command) -> _Command:
    """Add ``--dry-run``."""
    return click.option("-n", "--dry-run", is_flag=True, help="Show what would be done, do nothing.")(command)


def confirm(settings: Settings, question: str, steps: Iterable[str], *, yes: bool) -> None:
    """Show *steps*, and go on only when a person at a terminal, or ``--yes``, says so.

    Raises:
        UsageError: there is no terminal to ask on, and ``--yes`` was not given.
        OperationFailed: the answer could not be read.
        click.Abort: the answer was no.
    """
    for step in steps:
        settings.data(f"  {printable(step)}")
    if yes:
        return
    # Without stdout nobody sees the steps, without stderr nobody sees the question.
    if None in (sys.stdin, sys.stdout, sys.stderr) or not sys.stdin.isatty():
        raise UsageError(
            f"nothing was done: there is no terminal to ask on: {question}",
            hint="run it again with --yes, which answers yes",
        )
    try:
        agreed = click.confirm(question, default=False, err=True)
    except click.Abort as error:
        if sys.stdin.isatty():  # Ctrl-D.
            raise
        raise _unanswered("the terminal has gone") from error
    except OSError as error:
        raise _unanswered(error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise _unanswered(error.reason) from error
    if not agreed:
        refused = click.Abort()
        refused.add_note("  the answer was no: nothing was done")
        raise refused


def _unanswered(reason: str) -> OperationFailed:
    return OperationFailed(
        f"the answer could not be read: {reason}; nothing was done",
        hint="run it again on a terminal, or with --yes, which answers yes",
    )
