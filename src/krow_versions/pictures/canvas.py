"""Shared parts of pictures: marks, axes, colours, text that fits, and PNG and SVG files."""

from __future__ import annotations

import re
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from krow_versions.errors import UsageError
from krow_versions.regexes import regex
from krow_versions.text.escaping import safe
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Container

    from matplotlib.axes import Axes


@frozen
class Mark:
    """The colour and marker of a state.

    Attributes:
        color: ``#rrggbb``.
        marker: the name of the marker in matplotlib.
    """

    color: str
    marker: str


# Every colour has a contrast of 3:1 to white and to dark backgrounds, and a marker of its own, so that
# states can be distinguished without colours.
GOOD = Mark("#2b9348", "o")
DONE = Mark("#3b82d6", ">")
AHEAD = Mark("#9467d8", "^")
DOUBT = Mark("#b97a00", "D")
BAD = Mark("#e0453a", "X")
NEUTRAL = Mark("#808080", "s")
PLANNED = Mark("#808080", "|")

DARK_INK, LIGHT_INK = "#1b1b1b", "#ececec"
SIZE = 8.0  # Font size in points.
LINE = SIZE * 1.4
# Part of matplotlib, and monospaced: the width of a text follows from its length.
_FONT = "DejaVu Sans Mono"
_ADVANCE = 0.65  # Width of a character in font sizes: 0.602, rounded up for whole pixels.
_POINTS = 72.0  # Per inch.

_HEAD = regex(r"\A.*?(?=<svg\b)", re.DOTALL)
# Not for pages: metadata with web addresses, and a style for all elements.
_PARTS = regex(r"<metadata>.*?</metadata>|<style\b.*?</style>", re.DOTALL)
_COMMENT = regex(r"<!--.*?-->\s*", re.DOTALL)
_SPACE = regex(r' (?:xmlns(?::\w+)?|version)="[^"]*"')
_ID = regex(r'(?<= id=")[^"]*(?=")')
_REFERENCE = regex(r'(?<= xlink:href="#)[^"]*(?=")|(?<=url\(#)[^)]*(?=\))')


def available() -> bool:
    """Whether matplotlib is installed."""
    from importlib.util import find_spec

    return find_spec("matplotlib") is not None


def axes_for(axes: Axes | None, width: float, height: float, *, left: float, bottom: float) -> Axes:
    """Return *axes*, or those of a new figure.

    Args:
        axes: where to draw, or None.
        width: of the axes, in points.
        height: of the axes, in points.
        left: room for labels at the left, in points.
        bottom: room for labels below, in points.

    Raises:
        UsageError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise UsageError(
            "a picture needs matplotlib, which is not installed",
            hint="pip install 'krow-versions[notebook]'",
        ) from None
    if axes is not None:
        return axes
    right, top = 2 * SIZE, 5 * SIZE
    whole = (left + width + right, bottom + height + top)
    figure = Figure(figsize=(whole[0] / _POINTS, whole[1] / _POINTS))
    place = (left / whole[0], bottom / whole[1], width / whole[0], height / whole[1])
    return figure.add_axes(place, axes_class=_shown_axes())


@cache
def _shown_axes() -> type[Axes]:
    """Make a class of axes that Jupyter displays as it displays those of ``pyplot``."""
    from matplotlib.axes import Axes

    class PictureAxes(Axes):
        def _repr_png_(self) -> bytes:
            return saved(self, "png")

    return PictureAxes


def saved(axes: Axes, kind: str) -> bytes:
    """Return the figure of *axes* as a file of the format *kind*."""
    file = BytesIO()
    axes.figure.figure.savefig(file, format=kind)
    return file.getvalue()


def to_svg(axes: Axes, prefix: str) -> str:
    """Return the figure of *axes* as an ``<svg>`` element, the same in every run.

    Text is drawn as shapes, so its width does not depend on installed fonts.

    Args:
        axes: axes that :func:`axes_for` made.
        prefix: beginning of the ids; it must be unique in a page.
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


def prepare(axes: Axes, title: str) -> str:
    """Style the frame and write the title; return the text colour for inside the axes."""
    outside, inside = _inks(axes)
    axes.set_title(
        fitting(title, width_of(axes), SIZE * 1.25), loc="left", pad=1.5 * LINE, **style(outside, SIZE * 1.25)
    )
    axes.tick_params(colors=outside, labelsize=SIZE, labelfontfamily=_FONT, length=0)
    for side, spine in axes.spines.items():
        spine.set_color(outside)
        spine.set_visible(side == "bottom")
    return inside


def style(ink: str, size: float = SIZE) -> dict[str, Any]:
    """Return the keyword arguments for a text, without mathematics and TeX."""
    return {"color": ink, "fontsize": size, "family": _FONT, "parse_math": False, "usetex": False}


def write_centred(axes: Axes, text: str, ink: str) -> None:
    """Write *text* in the middle of empty axes."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines["bottom"].set_visible(False)
    center: dict[str, Any] = {"ha": "center", "va": "center", "transform": axes.transAxes}
    axes.text(0.5, 0.5, text, **center, **style(ink))


def label_rows(axes: Axes, labels: list[str]) -> None:
    """Label the rows 0, 1, ... from the top."""
    outside, _ = _inks(axes)
    axes.set_yticks(range(len(labels)), labels, **style(outside))
    axes.set_ylim(len(labels) - 0.5, -0.5)


def text_width(text: str, size: float = SIZE) -> float:
    """Return an upper bound of the width in points of a text that :func:`fitting` returned."""
    return len(text) * size * _ADVANCE


def fitting(text: str, width: float, size: float = SIZE) -> str:
    """Escape *text*, and shorten it in the middle to fit into *width* points; tables have all of it."""
    shown = _drawable(text[:1000])
    most = int(width / text_width("…", size))
    if len(shown) <= most:
        return shown
    kept = max(most - 1, 0)
    head = kept // 3  # The end of a path says more than its beginning.
    return f"{shown[:head]}…{shown[len(shown) - (kept - head) :]}"


def _drawable(text: str) -> str:
    """Escape characters that do not show or that the font lacks, and hide credentials in URLs."""
    shown = safe(text)
    return shown if shown.isascii() else "".join(map(_shown_character, shown))


def width_of(axes: Axes) -> float:
    """Return the width of the axes, in points."""
    return float(axes.get_window_extent().width) * _POINTS / axes.figure.dpi


def _shown_character(character: str) -> str:
    in_font = ord(character) in _font_characters()
    return character if in_font else character.encode("ascii", "backslashreplace").decode("ascii")


@cache
def _font_characters() -> Container[int]:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return get_font(findfont(FontProperties(family=_FONT))).get_charmap()


def _inks(axes: Axes) -> tuple[str, str]:
    """Choose text colours that are readable outside and inside the axes."""
    import matplotlib as mpl
    from matplotlib.colors import to_rgba

    default = sum(to_rgba(mpl.rcParams["text.color"])[:3]) / 3
    under = 1.0 if default < 0.5 else 0.0  # The page behind a transparent figure.
    inks = []
    for color in (axes.figure.get_facecolor(), axes.get_facecolor()):
        red, green, blue, alpha = to_rgba(color)
        under = alpha * (0.3 * red + 0.6 * green + 0.1 * blue) + (1 - alpha) * under
        inks.append(DARK_INK if under > 0.5 else LIGHT_INK)
    return inks[0], inks[1]
