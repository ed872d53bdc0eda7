"""What is printed: data to stdout, words to stderr, escaped, and never a crash because of a pipe."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

import attrs
import click

from krow_versions.errors import printable, without_credentials

if TYPE_CHECKING:
    from collections.abc import Mapping

_COLORS = {"+": "green", "-": "red", "@": "cyan"}


@attrs.define
class Settings:
    """What the options that every command has say.

    Attributes:
        workspace: the folder to look in.
        config: the configuration, or None for the nearest one.
        debug: show tracebacks.
        quiet: no words but errors.
        verbose: more words.
        color: ``auto``, ``always`` or ``never``.
    """

    workspace: str = "."
    config: str | None = None
    debug: bool = False
    quiet: bool = False
    verbose: bool = False
    color: str = "auto"
    _broken: bool = attrs.field(default=False, init=False)

    def data(self, text: str) -> None:
        """Print lines of data to stdout; a failing stdout is told once and changes no exit code."""
        if self._broken or sys.stdout is None:
            return
        try:
            click.echo(text, color=True)
            sys.stdout.flush()
        except OSError as error:
            self.output_failed(error)

    def json(self, value: Mapping[str, Any]) -> None:
        """Print *value* as JSON in ASCII, so that nothing in it can reach a terminal raw."""
        self.data(json.dumps(value, indent=2))

    def diff(self, text: str) -> None:
        """Print a unified diff, coloured where that is wanted."""
        lines = text.split("\n")[:-1]
        if self.colored(sys.stdout):
            lines = [click.style(line, fg=_COLORS.get(line[:1])) if line else line for line in lines]
        if lines:
            self.data("\n".join(lines))

    def note(self, text: str) -> None:
        """Print words to stderr, unless they are not wanted."""
        if not self.quiet:
            _words(text)

    def detail(self, text: str) -> None:
        """Print words to stderr when more of them are wanted."""
        if self.verbose:
            _words(text)

    def error(self, text: str) -> None:
        """Print an error to stderr, in red where that is wanted."""
        head = "error:"
        if self.colored(sys.stderr):
            head = click.style(head, fg="red", bold=True)
        _words(text, head=f"{head} ")

    def warning(self, text: str) -> None:
        """Print a warning to stderr, however quiet it is to be."""
        head = "warning:"
        if self.colored(sys.stderr):
            head = click.style(head, fg="yellow", bold=True)
        _words(text, head=f"{head} ")

    def output_failed(self, error: OSError) -> None:
        """Tell once that stdout cannot be written; nothing, when its reader has simply gone."""
        if not self._broken:
            self._stop_printing()
            if not isinstance(error, BrokenPipeError):
                self.error(f"the output could not be written: {error.strerror}")

    def _stop_printing(self) -> None:
        self._broken = True
        with contextlib.suppress(OSError, ValueError):  # The interpreter flushes stdout once more at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def colored(self, stream: TextIO | None) -> bool:
        """Tell whether what goes to *stream* is to be coloured."""
        if self.color != "auto":
            return self.color == "always"
        if os.environ.get("NO_COLOR"):
            return False
        return bool(os.environ.get("FORCE_COLOR")) or (stream is not None and stream.isatty())


def prepare_streams() -> None:
    """Make printing total: UTF-8 under the C locale, and an escape for what cannot be encoded."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            ascii_locale = not os.environ.get("PYTHONIOENCODING") and stream.encoding.lower() != "utf-8"
            reconfigure(encoding="utf-8" if ascii_locale else None, errors="backslashreplace")


def _words(text: str, head: str = "") -> None:
    lines = [printable(without_credentials(line)) for line in text.split("\n")]
    with contextlib.suppress(OSError, ValueError):  # Nobody is listening.
        click.echo(head + "\n".join(lines), err=True, color=True)
