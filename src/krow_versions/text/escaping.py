r"""Escape a text for its reader: a terminal, a shell, Markdown, HTML, TOML.

Names of files, tags and branches, messages of commits and values in files are other people's text.
None of it may pass for more than it is: forge a line, hide a part, move a cursor, run, or make markup.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Control characters (C0, DEL, C1), line separators, bidirectional and invisible format characters,
# lone surrogates: the inside of a character class, as Python and JSON Schema both read it.
HIDDEN = (
    r"\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\ufeff\ufff9-\ufffb\ud800-\udfff"
)
# Beside them, the tag characters, which the two spell differently.
_UNPRINTABLE = re.compile(rf"[{HIDDEN}\U000e0000-\U000e007f]")
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+(?:@[^/\s@]+)*(?=@)")
SHOWN_LENGTH = 80  # Of a value that a message quotes, in characters.


def printable(text: str, *, keep: str = "") -> str:
    r"""Escape what could mislead a reader of a terminal, a log or a page; safe to apply twice.

    The characters in *keep* stay as they are.

    >>> printable("0.1.0\x1b[2K")
    '0.1.0\\x1b[2K'
    """

    def escaped(match: re.Match[str]) -> str:
        return match[0] if match[0] in keep else match[0].encode("unicode_escape").decode("ascii")

    return _UNPRINTABLE.sub(escaped, text)


def quoted(text: str) -> str:
    """Quote a value found in a file or given by a user, escaped and cut to a readable length."""
    return quoted_whole(text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}…")


def quoted_whole(text: str) -> str:
    """Quote a value, escaped and never cut: a path, which is there to be found."""
    return f"'{printable(text)}'"


def without_credentials(text: str) -> str:
    """Hide the user and password of every URL in *text*.

    >>> without_credentials("fatal: https://user:p%40ss@example.org/r.git not found")
    'fatal: https://***@example.org/r.git not found'
    """
    return _CREDENTIALS.sub("***", text)


def safe(text: str) -> str:
    r"""Escape what could mislead a reader, and hide passwords in URLs; safe to apply twice.

    >>> safe("fatal: https://me:secret@example.org\x1b[2K")
    'fatal: https://***@example.org\\x1b[2K'
    """
    return printable(without_credentials(text))


# --- a shell --------------------------------------------------------------------------------


def shell_word(text: str) -> str:
    """Write *text* as one word of a POSIX shell.

    What does not show stays, since the shell is to get it: escape the command before it is printed.

    >>> print(shell_word("it's"))
    'it'"'"'s'
    """
    return shlex.quote(text)


def shell_command(words: Iterable[str]) -> str:
    """Write a program and its arguments as one command of a POSIX shell.

    >>> shell_command(["git", "show", "a b"])
    "git show 'a b'"
    """
    return " ".join(map(shell_word, words))


# --- lines ----------------------------------------------------------------------------------


def one_line(text: str) -> str:
    r"""Write *text* on one line, escaped for a terminal.

    >>> one_line("Crash\r\n on\tlogin\x1b[2K ")
    'Crash on login\\x1b[2K'
    """
    return " ".join(part for part in (line.strip() for line in _lines(text)) if part)


def several_lines(text: str) -> str:
    r"""Write *text* line by line, each trimmed and escaped, without blank lines at the edges."""
    return "\n".join(line.strip() for line in _lines(text)).strip()


def _lines(text: str) -> list[str]:
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return [printable(line) for line in plain.split("\n")]


def html_text(text: str, *, keep: str = "") -> str:
    r"""Make *text* fit into HTML, in an element or an attribute, the characters in *keep* unescaped.

    >>> html_text("<b>\x1b'")
    '&lt;b&gt;\\x1b&#x27;'
    """
    import html  # Only here: its table of entities is long.

    return html.escape(printable(text, keep=keep), quote=True)


def spelled(toml: str) -> str:
    r"""Spell out what does not show in the strings of a TOML value, so that it reads the same.

    >>> print(spelled('"a\u202e"'))
    "a\u202e"
    """
    return _UNPRINTABLE.sub(lambda match: _code(ord(match[0])), toml)


def is_bare_key(key: str) -> bool:
    """Whether TOML takes *key* without quotes."""
    return _BARE_KEY.fullmatch(key) is not None


_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_LAST_SHORT = 0xFFFF


def _code(character: int) -> str:
    return f"\\u{character:04x}" if character <= _LAST_SHORT else f"\\U{character:08x}"
