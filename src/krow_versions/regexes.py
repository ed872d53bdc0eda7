"""Regular expressions that are compiled when they are first used: most of a command's are never used."""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast

__all__ = ["regex"]


class _Pattern:
    """Has the methods of a compiled pattern, each from its first use on."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self._source: tuple[Any, int] = text, flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # What copies, pickles or inspects asks for names that are not there.
            raise AttributeError(name)
        method = getattr(re.compile(*self._source), name)
        setattr(self, name, method)
        return method


def regex(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Give the pattern of a regular expression, for the top level of a module.

    >>> word = regex(r"[a-z]+", re.IGNORECASE)
    >>> word.sub("-", "2 Words"), word.fullmatch("2")
    ('2 -', None)
    """
    return cast("re.Pattern[AnyStr]", _Pattern(text, flags))
