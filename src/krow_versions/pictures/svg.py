"""A picture as SVG inside a page: it has the page's ink, and nothing in it points out of the page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from krow_versions.pictures.canvas import DARK_INK, LIGHT_INK, saved

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_HEAD = re.compile(r"\A.*?(?=<svg\b)", re.DOTALL)
# What a page must not have: the licence's metadata with its addresses, and a style for all elements.
_PARTS = re.compile(r"<metadata>.*?</metadata>|<style\b.*?</style>", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->\s*", re.DOTALL)
_SPACE = re.compile(r' (?:xmlns(?::\w+)?|version)="[^"]*"')
_ID = re.compile(r'(?<= id=")[^"]*(?=")')
_REFERENCE = re.compile(r'(?<= xlink:href="#)[^"]*(?=")|(?<=url\(#)[^)]*(?=\))')


def to_svg(axes: Axes, prefix: str) -> str:
    """Give the figure of *axes*, which must be one of our own, as an ``<svg>`` element.

    It is the same in every run. Text is drawn as shapes, so that it is as wide as was reckoned with.

    Args:
        axes: as a function of this room gave them.
        prefix: what its ids begin with; each picture of a page has another.
    """
    axes.figure.patch.set_visible(False)
    axes.patch.set_visible(False)
    svg = _COMMENT.sub("", _PARTS.sub("", _HEAD.sub("", saved(axes, "svg").decode("utf-8"))))
    svg = _SPACE.sub("", svg)
    names: dict[str, str] = {}
    for found in _ID.findall(svg):
        names.setdefault(found, f"{prefix}{len(names)}")
    svg = _ID.sub(lambda match: names[match[0]], svg)
    svg = _REFERENCE.sub(lambda match: names[match[0]], svg).replace(" xlink:href=", " href=")
    for ink in (DARK_INK, LIGHT_INK):
        svg = svg.replace(ink, "currentColor")
    shape = 'aria-hidden="true" style="stroke-linejoin: round; stroke-linecap: butt"'
    return svg.replace("<svg ", f"<svg {shape} ", 1).strip()
