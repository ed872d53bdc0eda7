"""Say how many there are of what, and list names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.text.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Iterable


def counted(number: int, noun: str) -> str:
    """Say how many there are of what.

    >>> counted(1, "file"), counted(0, "repository")
    ('1 file', '0 repositories')
    """
    return f"{number} {by_number(number, noun, _plural(noun))}"


def by_number(number: int, one: str, several: str) -> str:
    """Give the form of a word that goes with *number*: that of one, or that of none and several.

    >>> f"{counted(2, 'commit')} {by_number(2, 'is', 'are')} not on main"
    '2 commits are not on main'
    """
    return one if number == 1 else several


def listed(names: Iterable[str], most: int = 5) -> str:
    """Write names in one line, at most so many, and how many more there are.

    >>> listed(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    shown = [printable(name) for name in names]
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more


def _plural(noun: str) -> str:
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


def as_compared(name: str) -> str:
    """Write a name that somebody typed as names are compared: in any case, its words joined in any way.

    >>> as_compared(" Worker Mobile"), as_compared("worker_mobile")
    ('worker-mobile', 'worker-mobile')
    """
    return name.strip().lower().replace(" ", "-").replace("_", "-")
