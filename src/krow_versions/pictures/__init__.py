"""Pictures: releases over time, versions of files against production, a hotfix against its plan.

They are drawn from plain values, like ``tables``. matplotlib is imported when something is drawn, and
``pyplot`` only in IPython: elsewhere pictures need no display, do not stay open, and change no global state.
"""

from krow_versions.pictures.canvas import AHEAD, BAD, DONE, DOUBT, GOOD, NEUTRAL, Mark, available, to_svg
from krow_versions.pictures.matrix import Entry, draw_matrix
from krow_versions.pictures.milestones import PlannedMilestone, draw_milestones
from krow_versions.pictures.releases import Point, draw_releases

__all__ = [
    "AHEAD",
    "BAD",
    "DONE",
    "DOUBT",
    "GOOD",
    "NEUTRAL",
    "Entry",
    "Mark",
    "PlannedMilestone",
    "Point",
    "available",
    "draw_matrix",
    "draw_milestones",
    "draw_releases",
    "to_svg",
]
