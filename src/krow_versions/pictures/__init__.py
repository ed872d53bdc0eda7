"""Pictures: releases in time, versions of files against production, a hotfix against its plan.

This room knows nothing of products: like ``tables``, it draws the plain values that others make of
themselves, so it stands near the top. matplotlib loads when something is drawn, never ``pyplot``: no
display is needed, no picture stays open, and nothing global changes.
"""

from krow_versions.pictures.canvas import available, to_svg
from krow_versions.pictures.marks import AHEAD, BAD, DONE, DOUBT, GOOD, NEUTRAL, Mark
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
