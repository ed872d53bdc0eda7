"""What is printed: data to stdout, words to stderr, escaped, and no failure because of either."""

from __future__ import annotations

import contextlib
import io
import json
import os
import selectors
import sys
from typing import TYPE_CHECKING, Any, TextIO

import attrs
import click

from krow_versions.text.escaping import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
        lossy: where stdout ends while a command runs, until its fault was told.
    """

    workspace: str = "."
    config: str | None = None
    debug: bool = False
    quiet: bool = False
    verbose: bool = False
    color: str = "auto"
    lossy: Lossy | None = attrs.field(default=None, init=False)

    def data(self, text: str) -> None:
        """Print lines of data to stdout; that it cannot be written is told once."""
        click.echo(text, color=True)
        self.tell_lost_output()

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

    def tell_lost_output(self) -> None:
        """Tell once that stdout could not be written; nothing, when its reader has simply gone."""
        fault = self.lossy.fault if self.lossy else None
        if fault is not None:
            self.lossy = None
            if not isinstance(fault, BrokenPipeError):
                self.error(f"the output could not be written: {fault.strerror}")

    def colored(self, stream: TextIO | None) -> bool:
        """Tell whether what goes to *stream* is to be coloured."""
        if self.color != "auto":
            return self.color == "always"
        if os.environ.get("NO_COLOR"):
            return False
        return bool(os.environ.get("FORCE_COLOR")) or (stream is not None and stream.isatty())


class Lossy(io.RawIOBase):
    """The end of an output that never fails: what cannot be written is lost, and the first fault kept.

    Only here is an error taken for the output's: an ``EPIPE`` or ``ENOSPC`` that arrives anywhere else
    has another cause.

    Attributes:
        fault: why output was lost, or None.
    """

    def __init__(self, raw: Any) -> None:
        self.fault: OSError | None = None
        self._raw = raw

    def write(self, data: Any) -> int:
        """Write *data*, or lose it."""
        try:
            # None is the answer of a pipe or terminal that another program has made non-blocking.
            while (count := self._raw.write(data)) is None:
                with selectors.DefaultSelector() as selector:
                    selector.register(self._raw, selectors.EVENT_WRITE)
                    selector.select()
        except OSError as error:
            self.lose(error)
            return memoryview(data).nbytes
        return int(count)

    def lose(self, fault: OSError) -> None:
        """Write nowhere from now on.

        The descriptor too, since the interpreter flushes the streams that it had once more at its end
        (and turns a fault into exit code 120), and programs that are started write to it as well.
        """
        self.fault = self.fault or fault
        with contextlib.suppress(OSError):
            descriptor, nowhere = self._raw.fileno(), os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, descriptor)
            os.close(nowhere)

    def writable(self) -> bool:
        """Say that it is for writing."""
        return True

    def fileno(self) -> int:
        """Give the descriptor that is written to."""
        descriptor: int = self._raw.fileno()
        return descriptor

    def isatty(self) -> bool:
        """Tell whether it is a terminal."""
        return bool(self._raw.isatty())


@contextlib.contextmanager
def safe_streams(settings: Settings) -> Iterator[None]:
    """Make printing total meanwhile: no fault, UTF-8 under the C locale, escapes for the rest."""
    before = sys.stdout, sys.stderr
    sys.stdout, settings.lossy = _safe(before[0])
    sys.stderr, _ = _safe(before[1])
    try:
        yield
        if sys.stdout is not None:
            sys.stdout.flush()
        settings.tell_lost_output()
    finally:
        sys.stdout, sys.stderr = before


def _safe(stream: TextIO | None) -> tuple[Any, Lossy | None]:
    """Give the stream to print to, and where it ends; one that somebody else has made is left alone."""
    if not isinstance(stream, io.TextIOWrapper):
        return stream, None
    if stream.closed:
        return None, None
    lossy = Lossy(getattr(stream.buffer, "raw", stream.buffer))
    try:
        stream.flush()
    except OSError as error:
        lossy.lose(error)
    told = os.environ.get("PYTHONIOENCODING")
    safe = io.TextIOWrapper(
        io.BufferedWriter(lossy),
        encoding=stream.encoding if told else "utf-8",
        errors="backslashreplace",
        line_buffering=stream.line_buffering,
    )
    return safe, lossy


def _words(text: str, head: str = "") -> None:
    lines = [safe(line) for line in text.split("\n")]
    click.echo(head + "\n".join(lines), err=True, color=True)
