"""The unified diff of a file, as ``git apply`` takes it."""

from __future__ import annotations

from typing import Protocol

from krow_versions.text.escaping import printable

# Not escaped: a diff without them does not apply, and they do not move the cursor.
_HARMLESS = "\t\u00ad\u200c\u200d\ufeff"
_NO_NEWLINE = "\\ No newline at end of file"


class Changed(Protocol):
    """A file before and after."""

    @property
    def path(self) -> str: ...
    @property
    def before(self) -> str: ...
    @property
    def after(self) -> str: ...


def exact_diff(change: Changed) -> str:
    """Give the unified diff of a file, for a program."""
    return "".join(f"{line}\n" for line in _diff_lines(change))


def shown_diff(change: Changed) -> tuple[str, bool]:
    """Give the unified diff of a file, for people; False if a character had to be escaped."""
    lines = _diff_lines(change)
    shown = [_shown(line) for line in lines]
    return "".join(f"{line}\n" for line in shown), shown == lines


def _diff_lines(change: Changed) -> list[str]:
    import difflib

    names = _name(f"a/{change.path}"), _name(f"b/{change.path}")
    return list(difflib.unified_diff(_lines(change.before), _lines(change.after), *names, lineterm=""))


def _lines(text: str) -> list[str]:
    r"""Split on ``\n`` only, and mark a missing final newline as git does."""
    lines = text.split("\n")
    last = lines.pop()
    return [*lines, f"{last}\n{_NO_NEWLINE}"] if last else lines


def _shown(line: str) -> str:
    """Escape a line, except harmless characters and the CR of a CRLF."""
    body, mark, _ = line.partition(f"\n{_NO_NEWLINE}")
    cut = body.removesuffix("\r")
    return printable(cut, keep=_HARMLESS) + body[len(cut) :] + mark


def _name(path: str) -> str:
    r"""Quote a path as git does where it holds more than plain characters: ``"a/tab\011"``."""
    if printable(path) == path and not {'"', "\\"} & set(path):
        return path
    data = path.encode("utf-8", "surrogateescape")
    plain = set(range(0x20, 0x7F)) - set(b'"\\')
    return '"' + "".join(chr(byte) if byte in plain else f"\\{byte:03o}" for byte in data) + '"'
