"""Printing: data to stdout, messages to stderr, both escaped; a failing output stops no command."""

from __future__ import annotations

import contextlib
import io
import os
import selectors
import sys
from typing import TYPE_CHECKING, Any, TextIO

import click

from krow_versions import lazy
from krow_versions.progress import unseen
from krow_versions.text.escaping import ascii_json, safe
from krow_versions.values import define, field
from krow_versions.workspace.clock import now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from krow_versions.cli import wording
    from krow_versions.cli.progress import Line
    from krow_versions.progress import Progress
    from krow_versions.workspace.clock import Clock
else:
    (wording,) = lazy.modules("krow_versions.cli", "wording")

_COLORS = {"+": "green", "-": "red", "@": "cyan"}
# Of what a report shows; colour is never the only sign.
_LOOKS: dict[str, tuple[str, dict[str, Any]]] = {
    "error": ("✗ ", {"fg": "red", "bold": True}),
    "warning": ("! ", {"fg": "yellow", "bold": True}),
    "note": ("i ", {"fg": "cyan"}),
    "product": ("", {"bold": True}),
}


@define
class Settings:
    """The options that every command has, and what prints as they say.

    Attributes:
        workspace: the folder to look in.
        config: the configuration, or None for the nearest one.
        debug: show tracebacks.
        quiet: print no messages but warnings and errors.
        verbose: print more messages.
        color: ``auto``, ``always`` or ``never``.
        clock: what gives the present moment, with its zone.
        written: finds out how much a command has written, when it is interrupted; from the disk, as an
            interrupt can come between a step and its note.
        lossy: the stdout of a running command, until its fault was reported.
        warned: the warnings that were printed.
        line: the line that shows progress, if there is one.
    """

    workspace: str = "."
    config: str | None = None
    debug: bool = False
    quiet: bool = False
    verbose: bool = False
    color: str = "auto"
    clock: Clock = now
    written: Callable[[], str] = field(default=str, init=False)
    lossy: Lossy | None = field(default=None, init=False)
    warned: set[str] = field(factory=set, init=False)
    line: Line | None = field(default=None, init=False)

    def data(self, text: str, *, end: str = "\n") -> None:
        """Print lines of data to stdout; report once if it cannot be written."""
        self.clear()
        click.echo(text + end, color=True, nl=False)
        self.report_lost_output()

    def json(self, value: Mapping[str, Any]) -> None:
        """Print *value* as JSON in ASCII, so that no control character reaches a terminal."""
        self.data(ascii_json(value, indent=2))

    def outcome(self, text: str, *, as_json: bool = False) -> None:
        """Print what a command has done: to stderr if stdout is for data; nothing if ``--quiet``."""
        if not self.quiet:
            self.show(text, as_json=as_json)

    def show(self, text: str, *, as_json: bool) -> None:
        """Print *text* to stdout, or to stderr if stdout is for data."""
        (self.note if as_json else self.data)(text)

    def diff(self, text: str) -> None:
        """Print a unified diff, coloured if ``--color`` says so."""
        lines = text.split("\n")[:-1]
        if self.colored(sys.stdout):
            lines = [click.style(line, fg=_COLORS.get(line[:1])) if line else line for line in lines]
        if lines:
            self.data("\n".join(lines))

    def note(self, text: str) -> None:
        """Print a message to stderr, unless ``--quiet``."""
        if not self.quiet:
            self._words(text)

    def detail(self, text: str) -> None:
        """Print a message to stderr, only with ``--verbose``."""
        if self.verbose:
            self._words(text)

    def error(self, text: str) -> None:
        """Print an error to stderr."""
        head = "error:"
        if self.colored(sys.stderr):
            head = click.style(head, fg="red", bold=True)
        self._words(text, head=f"{head} ")

    def warning(self, text: str) -> None:
        """Print a warning to stderr, even with ``--quiet``, but only once."""
        if text in self.warned:
            return
        self.warned.add(text)
        head = "warning:"
        if self.colored(sys.stderr):
            head = click.style(head, fg="yellow", bold=True)
        self._words(text, head=f"{head} ")

    def progress(self) -> Progress:
        """Return what shows the progress of work: a line on a terminal, or nothing; none if ``--quiet``."""
        if self.line is None and not self.quiet and _can_draw(sys.stderr):
            from krow_versions.cli.progress import Line

            self.line = Line(sys.stderr, self.clock)
        return self.line or unseen

    def clear(self) -> None:
        """Take the line that shows progress away, before something else is printed."""
        if self.line is not None:
            self.line.clear()

    def report_lost_output(self) -> None:
        """Report once that stdout could not be written, unless its reader closed the pipe."""
        fault = self.lossy.fault if self.lossy else None
        if fault is not None:
            self.lossy = None
            if not isinstance(fault, BrokenPipeError):
                self.error(f"the output could not be written: {fault.strerror}")

    def colored(self, stream: TextIO | None) -> bool:
        """Whether to colour what goes to *stream*."""
        if self.color != "auto":
            return self.color == "always"
        if os.environ.get("NO_COLOR"):
            return False
        if os.environ.get("FORCE_COLOR"):
            return True
        return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"

    def _words(self, text: str, head: str = "") -> None:
        self.clear()
        lines = [safe(line) for line in wording.typed(text).split("\n")]
        click.echo(head + "\n".join(lines), err=True, color=True)


def paint(text: str, looks: str) -> str:
    """Colour a severity, or the heading of a ``product``."""
    symbol, style = _LOOKS[looks]
    return click.style(f"{symbol}{text}", **style)


class Lossy(io.RawIOBase):
    """A raw output that never fails: what cannot be written is lost, and the first error is kept.

    Errors of the output are caught only here: an ``EPIPE`` or ``ENOSPC`` anywhere else has another cause.

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
        """Write to ``/dev/null`` from now on.

        The descriptor is replaced, because the interpreter flushes its first streams at exit (an error then
        is exit code 120), and because programs that are started inherit it.
        """
        self.fault = self.fault or fault
        with contextlib.suppress(OSError):
            descriptor, nowhere = self._raw.fileno(), os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, descriptor)
            os.close(nowhere)

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the descriptor that is written to."""
        descriptor: int = self._raw.fileno()
        return descriptor

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return bool(self._raw.isatty())


@contextlib.contextmanager
def safe_streams(settings: Settings) -> Iterator[None]:
    """Replace stdout and stderr meanwhile: no failure, UTF-8 even in the C locale, escapes for the rest."""
    before = sys.stdout, sys.stderr
    sys.stdout, settings.lossy = _safe(before[0])
    sys.stderr, _ = _safe(before[1])
    try:
        yield
        if sys.stdout is not None:
            sys.stdout.flush()
        settings.report_lost_output()
    finally:
        if settings.line is not None:
            settings.line.close()
        sys.stdout, sys.stderr = before


def _safe(stream: TextIO | None) -> tuple[Any, Lossy | None]:
    """Return the stream to print to and its raw end; a stream of another type is used as it is."""
    if not isinstance(stream, io.TextIOWrapper):
        return stream, None
    if stream.closed:
        return None, None
    lossy = Lossy(getattr(stream.buffer, "raw", stream.buffer))
    try:
        stream.flush()
    except OSError as error:
        lossy.lose(error)
    chosen = os.environ.get("PYTHONIOENCODING")
    safe = io.TextIOWrapper(
        io.BufferedWriter(lossy),
        encoding=stream.encoding if chosen else "utf-8",
        errors="backslashreplace",
        line_buffering=stream.line_buffering,
    )
    return safe, lossy


def print_rest(rest: bytes) -> None:
    """Print what of an answer could not be written at once."""
    with safe_streams(Settings()):
        click.echo(rest, nl=False)


def _can_draw(stream: TextIO | None) -> bool:
    """Whether *stream* is a terminal that can take back what is on its last line."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"
