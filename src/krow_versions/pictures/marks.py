"""Colours and markers; each colour has a marker of its own, so that none is needed to tell them apart.

Every colour has a contrast of 3:1 to white and to the dark grounds of notebooks and pages.
"""

from __future__ import annotations

import attrs


@attrs.frozen
class Mark:
    """How something is drawn.

    Attributes:
        color: as ``#rrggbb``.
        marker: as matplotlib calls it.
    """

    color: str
    marker: str


GOOD = Mark("#2b9348", "o")
DONE = Mark("#3b82d6", ">")
AHEAD = Mark("#9467d8", "^")
DOUBT = Mark("#b97a00", "D")
BAD = Mark("#e0453a", "X")
NEUTRAL = Mark("#808080", "s")
PLANNED = Mark("#808080", "|")
