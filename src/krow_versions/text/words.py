"""Write counts and lists of names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.text.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Iterable


def counted(number: int, noun: str) -> str:
    """Write a number and its noun.

    >>> counted(1, "file"), counted(0, "repository")
    ('1 file', '0 repositories')
    """
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {by_number(number, noun, plural)}"


def by_number(number: int, one: str, several: str) -> str:
    """Return the form of a word for *number*: *one* for 1, else *several*.

    >>> f"{counted(2, 'commit')} {by_number(2, 'is', 'are')} not on main"
    '2 commits are not on main'
    """
    return one if number == 1 else several


def listed(names: Iterable[str], most: int = 5) -> str:
    """List at most *most* names on one line, and the number of the others.

    >>> listed(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    shown = [printable(name) for name in names]
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more


def as_compared(name: str) -> str:
    """Normalize a name for comparison: case, hyphens, underscores and spaces make no difference.

    >>> as_compared(" Worker Mobile"), as_compared("worker_mobile")
    ('worker-mobile', 'worker-mobile')
    """
    return name.strip().lower().replace(" ", "-").replace("_", "-")


def did_you_mean(wrong: str, known: Iterable[str], what: str) -> str:
    """Write a hint that names the nearest of the *known* names, and lists all."""
    names = list(known)
    spelt = {name.lower(): name for name in reversed(names)}
    near = nearest(wrong.lower(), spelt, alike=0.5)
    listed = f"{what} are {', '.join(names)}"
    return f"did you mean {spelt[near]}? {listed}" if near else listed


def nearest(wrong: str, known: Iterable[str], *, alike: float = 0.6) -> str | None:
    """Return the one of the *known* words that is most like *wrong*, from 0 to 1 at least *alike*; or None.

    >>> nearest("KV210", ["KV101", "KV201"]), nearest("x", ["KV101"])
    ('KV201', None)
    """
    import difflib  # Only here: it is for mistakes.

    return next(iter(difflib.get_close_matches(wrong, list(known), n=1, cutoff=alike)), None)
