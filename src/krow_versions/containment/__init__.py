"""Whether a line of commits has a change, judged by the contents of its files.

A server that squashes or rebases, and a cherry-pick, bring a change under other commits. So a change is
compared by contents, not by ids: it is split into *pieces* (runs of lines, a mode, a whole binary file), and
each piece is looked for in a state of the line, at its place: between the nearest lines that occur exactly
once before the change, after it, and in that state. So edits nearby do not matter. Where the same lines stand
at several places, that is not enough: a merge of the change must alter nothing there.

A line passes through states. For each piece the newest state that shows it either way counts: so what a line
has developed further is still there, and what it has undone is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.containment.standing import Answer, Standing, State, Verdict, is_undone, judge
from krow_versions.lazy import attributes

if TYPE_CHECKING:
    from krow_versions.containment.change import Sought, Texts, Version, needed, would_alter

__all__ = [
    "Answer",
    "Sought",
    "Standing",
    "State",
    "Texts",
    "Verdict",
    "Version",
    "is_undone",
    "judge",
    "needed",
    "would_alter",
]

# Where commits alone give the answer, no contents are compared.
if not TYPE_CHECKING:  # A checker sees the imports above, so that a name which is not there is an error.
    __getattr__ = attributes(__name__, {"change": "Sought Texts Version needed would_alter"})
