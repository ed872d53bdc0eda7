r"""How times and other people's words are written, so that no text can pass for more than it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import printable
from krow_versions.tables import markdown

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

UNKNOWN = "not known"


def one_line(text: str) -> str:
    r"""Write *text* on one line, escaped for a terminal.

    >>> one_line("Crash\r\n on\tlogin\x1b[2K ")
    'Crash on login\\x1b[2K'
    """
    return " ".join(part for part in (line.strip() for line in _lines(text)) if part)


def several_lines(text: str) -> str:
    r"""Write *text* line by line, each trimmed and escaped, without blank lines at the edges."""
    return "\n".join(line.strip() for line in _lines(text)).strip()


def inline(text: str) -> str:
    r"""Write *text* as one line of Markdown that reads as exactly that text.

    >>> print(inline("# a | <b> `c`\n- d"))
    \# a \| \<b> \`c\` - d
    """
    return markdown.line_of(one_line(text))


def paragraphs(text: str) -> str:
    """Write *text* as lines of Markdown that read as exactly these lines; no line begins a block."""
    return "\n".join(map(markdown.line_of, several_lines(text).split("\n")))


def at(moment: dt.datetime | None) -> str:
    """Write a moment to the minute, with its zone.

    >>> import datetime as dt
    >>> at(dt.datetime(2026, 3, 5, 14, 2, 59, tzinfo=dt.UTC))
    '2026-03-05 14:02 +00:00'
    """
    return UNKNOWN if moment is None else f"{moment:%Y-%m-%d %H:%M} {moment.isoformat()[-6:]}"


def lasting(duration: dt.timedelta) -> str:
    """Write a duration to the minute, as much of it as has passed.

    >>> import datetime as dt
    >>> lasting(dt.timedelta(minutes=65)), lasting(dt.timedelta(days=1, seconds=59))
    ('1 h 05 min', '1 d 00 h 00 min')
    """
    minutes = int(abs(duration).total_seconds()) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    sign = "-" if duration.total_seconds() <= -60 else ""
    if days:
        return f"{sign}{days} d {hours:02d} h {rest:02d} min"
    return f"{sign}{hours} h {rest:02d} min" if hours else f"{sign}{rest} min"


def listed(names: Iterable[str], most: int = 5) -> str:
    """Write names in one line, at most so many, and how many more there are."""
    shown = [printable(name) for name in names]
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more


def _lines(text: str) -> list[str]:
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return [printable(line) for line in plain.split("\n")]
