"""Unified diffs that ``git apply`` takes, and that cannot mislead a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.text.escaping import printable

if TYPE_CHECKING:
    from krow_versions.planning.actions import WriteFile

# Kept as they are: a diff must hold them to be applied, and they move no cursor.
_HARMLESS = "\t\u00ad\u200c\u200d\ufeff"
_NO_NEWLINE = "\\ No newline at end of file"


def diff_of(write: WriteFile) -> tuple[str, bool]:
    """Give the unified diff of a file, and whether it is exact: nothing in it had to be escaped."""
    import difflib

    before, after = _lines(write.before), _lines(write.after)
    names = _name(f"a/{write.path}"), _name(f"b/{write.path}")
    lines = list(difflib.unified_diff(before, after, *names, lineterm=""))
    shown = [_shown(line) for line in lines]
    return "".join(f"{line}\n" for line in shown), shown == lines


def _lines(text: str) -> list[str]:
    r"""Split on ``\n`` only, and tell of a missing final newline as git does."""
    lines = text.split("\n")
    last = lines.pop()
    return [*lines, f"{last}\n{_NO_NEWLINE}"] if last else lines


def _shown(line: str) -> str:
    """Escape all but what is harmless, and the CR of a CRLF."""
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
