r"""Escape untrusted text for a terminal, a shell or TOML; for HTML, a template does the rest.

Names of files, tags and branches, messages of commits and values in files are untrusted: without
escaping they could forge or hide lines, move the cursor, run commands or become markup.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from krow_versions.regexes import regex

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

# What does not show, as the inside of a character class that Python and JSON Schema both understand: control
# characters, line separators, lone surrogates, format characters, what Unicode's DerivedCoreProperties.txt
# names Default_Ignorable_Code_Point, and the blank pattern of Braille. Spaces are no part of it.
HIDDEN = (
    r"\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff"
)
# Beyond the first plane the two have different escapes. Variation selectors choose a picture.
_ALL_HIDDEN = (
    rf"{HIDDEN}\ufe00-\ufe0f\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff"
)
# Where the joiners change what a reader sees: between letters of Arabic, Indic and Burmese scripts, and in a
# picture; and where a variation selector does, behind a picture.
_JOINED = r"[\u0620-\u06d3\u0904-\u0dff\u0e01-\u109f]"
_PICTURE = (
    r"[\u00a9\u00ae\u203c\u2049\u2122-\u27ff\u2900-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001fbff]"
)
_SEEN = (
    rf"(?<={_JOINED})[\u200c\u200d](?={_JOINED})|(?:(?<={_PICTURE})|(?<={_PICTURE}\ufe0f))\u200d(?={_PICTURE})"
    rf"|(?<={_PICTURE})[\ufe0e\ufe0f]|(?<=[#*0-9])\ufe0f(?=\u20e3)"
)
_UNPRINTABLE = regex(rf"(?!{_SEEN})[{_ALL_HIDDEN}]")
# Commands to runners: GitHub's `::name::` at the beginning of a line, spaces aside, which a table may break
# anywhere between words; its `##[name]` and Azure's `##vso[name]` anywhere in a line.
_ORDER_IN_A_LINE = regex(r"##(?=(?:vso)?\[)")
_ORDER = regex(r"##(?=(?:vso)?\[)|(?<!\S)::(?=[a-z])")
_CREDENTIALS = regex(r"(?<=://)[^/\s@]+(?:@[^/\s@]+)*(?=@)")
SHOWN_LENGTH = 80  # Characters of a value quoted in a message.


def printable(text: str, *, keep: str = "") -> str:
    r"""Escape characters that do not show, except those in *keep*; safe to apply twice.

    So is what a runner of CI would take for a command to itself, in whatever output of a job.

    >>> printable("0.1.0\x1b[2K")
    '0.1.0\\x1b[2K'
    >>> print(printable("::error::forged ##[error]forged"))
    \x3a:error::forged \x23#[error]forged
    """

    def escaped(match: re.Match[str]) -> str:
        return match[0] if match[0] in keep else match[0].encode("unicode_escape").decode("ascii")

    return _ORDER.sub(_first_escaped, _UNPRINTABLE.sub(escaped, text))


def _first_escaped(match: re.Match[str]) -> str:
    return f"\\x{ord(match[0][0]):02x}{match[0][1:]}"


def ascii_json(value: Any, *, indent: int | None = None) -> str:
    r"""Write JSON that is harmless on a terminal and in the log of a runner of CI.

    >>> print(ascii_json("##[error]\u202e"))
    "\u0023#[error]\u202e"
    """
    import json  # Only here: not all output is JSON.

    return _ORDER_IN_A_LINE.sub(r"\\u0023#", json.dumps(value, indent=indent))


def quoted(text: str) -> str:
    """Quote a value from a file or a user, escaped and truncated to a readable length."""
    return quoted_whole(text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}…")


def quoted_whole(text: str) -> str:
    """Quote a value, escaped but never truncated, for paths that users must find."""
    return f"'{printable(text)}'"


def without_credentials(text: str) -> str:
    """Hide the user and password of every URL in *text*.

    >>> without_credentials("fatal: https://user:p%40ss@example.org/r.git not found")
    'fatal: https://***@example.org/r.git not found'
    """
    return _CREDENTIALS.sub("***", text) if "://" in text else text


def safe(text: str) -> str:
    r"""Escape characters that do not show, and hide credentials in URLs; safe to apply twice.

    >>> safe("fatal: https://me:secret@example.org\x1b[2K")
    'fatal: https://***@example.org\\x1b[2K'
    """
    return printable(without_credentials(text))


# --- a shell --------------------------------------------------------------------------------


def shell_word(text: str) -> str:
    """Write *text* as one word of a POSIX shell.

    Characters that do not show are kept for the shell: escape the command before printing it.

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


def shell_comment(text: str) -> str:
    """Write *text* as a comment behind a command of a shell.

    What a shell would run is quoted all the same: zsh takes ``#`` for a word in what people type.

    >>> print(shell_comment("into main, here"), shell_comment("$(reboot)"))
        # into main, here     # '$(reboot)'
    """
    line = one_line(text)
    return f"    # {line if _PROSE.fullmatch(line) else shell_word(line)}"


_PROSE = regex(r"[\w .,:/@%+-]*")


def here_document(text: str) -> str:
    r"""Write the lines of *text* as what a command of a POSIX shell reads.

    >>> print("cat" + here_document("a\n"))
    cat <<'END'
    a
    END
    """
    end, lines = "END", {*text.split("\n")}
    while end in lines:
        end += "_"
    return f" <<'{end}'\n{text}{end}"


# --- lines ----------------------------------------------------------------------------------


def one_line(text: str) -> str:
    r"""Write *text* on one line, escaped for a terminal.

    >>> one_line("Crash\r\n on\tlogin\x1b[2K ")
    'Crash on login\\x1b[2K'
    """
    return " ".join(part for part in (line.strip() for line in _lines(text)) if part)


def several_lines(text: str) -> str:
    """Trim and escape each line of *text*, and remove blank lines at its ends."""
    return "\n".join(line.strip() for line in _lines(text)).strip()


def _lines(text: str) -> list[str]:
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return [printable(line) for line in plain.split("\n")]


def spelled(toml: str) -> str:
    r"""Escape in the strings of a TOML value what ``printable`` escapes; it keeps its meaning.

    >>> print(spelled('"a\u202e ##[error]"'))
    "a\u202e \u0023#[error]"
    """
    shown = _UNPRINTABLE.sub(lambda match: _code(ord(match[0])), toml)
    return _ORDER.sub(lambda match: _code(ord(match[0][0])) + match[0][1:], shown)


def is_bare_key(key: str) -> bool:
    """Whether *key* needs no quotes in TOML."""
    return _BARE_KEY.fullmatch(key) is not None


_BARE_KEY = regex(r"[A-Za-z0-9_-]+")
_LAST_SHORT = 0xFFFF


def _code(character: int) -> str:
    return f"\\u{character:04x}" if character <= _LAST_SHORT else f"\\U{character:08x}"
