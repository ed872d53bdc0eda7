"""Shared parts of pictures: marks, the sheet that all is drawn on, text that fits, and SVG for pages.

All of a picture is within the box of its axes, the title and the dates included, so that nothing is cut
whatever margins the figure of a caller has.
"""

from __future__ import annotations

import re
from functools import cache
from io import BytesIO
from math import inf
from typing import TYPE_CHECKING, Any

from krow_versions.errors import UsageError
from krow_versions.pictures.figures import new_figure
from krow_versions.regexes import regex
from krow_versions.text.escaping import printable, safe
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Container

    from matplotlib.axes import Axes

Size = tuple[float, float]


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
# On a transparent background: 4.6:1 to white, and 4.1:1 to the dark page of Jupyter.
GREY_INK = "#757575"
SIZES = (8.0, 7.0, 6.0, 5.0)  # Font sizes in points: the largest with which all fits is taken.
LINE = 1.3  # Height of a line, in font sizes.
MARGIN = 8.0  # Around the axes of a new figure, in points.
# Part of matplotlib, and monospaced: the width of a text follows from its length.
_FONT = "DejaVu Sans Mono"
_ADVANCE = 0.65  # Width of a character in font sizes: 0.602, rounded up for whole pixels.
_POINTS = 72.0  # Per inch.
_READABLE = 4.5  # The contrast of text, by WCAG 2.2.

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


def room_of(axes: Axes | None, figsize: Size | None, width: float) -> tuple[float, float | None]:
    """Return the width and height to draw in, in points; the height is None if it may be chosen.

    Args:
        axes: where to draw, or None for a new figure.
        figsize: of a new figure, in inches, or None.
        width: of a new figure without *figsize*, in points.

    Raises:
        UsageError: both axes and a size are given, the size is none, or the axes are no plain ones.
        TypeError: what is given are no axes.
    """
    if axes is not None and figsize is not None:
        raise UsageError("figsize is the size of a new figure, but ax is given", hint="leave out one of them")
    if axes is not None:
        _require_plain(axes)
        box, dpi = axes.get_window_extent(), axes.figure.dpi
        return float(box.width) * _POINTS / dpi, float(box.height) * _POINTS / dpi
    if figsize is None:
        return width, None
    if not _is_size(figsize):
        raise UsageError(
            f"figsize is {printable(repr(figsize))}, which is no size for a picture, or too small",
            hint="give width and height in inches",
        )
    return figsize[0] * _POINTS - 2 * MARGIN, figsize[1] * _POINTS - 2 * MARGIN


def _is_size(figsize: Any) -> bool:
    try:
        return [4 * MARGIN < float(each) * _POINTS < inf for each in figsize] == [True, True]
    except (TypeError, ValueError):
        return False


def _require_plain(axes: object) -> None:
    from matplotlib.axes import Axes

    if not isinstance(axes, Axes):
        raise TypeError(f"ax must be one Axes of matplotlib, not {type(axes).__name__}")
    if axes.name != "rectilinear":
        raise UsageError(
            f"the axes are of the projection {axes.name}, on which the picture cannot be read",
            hint="make them without a projection, such as by plt.subplots()",
        )


@frozen
class Sheet:
    """What a picture is drawn on: x and y are points from the left and from the top.

    Attributes:
        axes: where it is drawn. In data coordinates, y is in points, too.
        width, height: in points.
        size: the font size.
        ink: the colour of text.
    """

    axes: Axes
    width: float
    height: float
    size: float
    ink: str

    @classmethod
    def of(cls, axes: Axes | None, room: Size, size: float, title: str, alt: str) -> Sheet:
        """Take *axes*, or those of a new figure with the alternative text *alt*; write the title.

        Raises:
            UsageError: matplotlib is not installed.
        """
        width, height = room
        if axes is None:
            axes = new_figure((width, height), MARGIN, alt)
        sheet = cls(axes, width, height, size, _ink(axes))
        axes.set_xticks([])
        axes.set_yticks([])
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        large = _large(size)
        axes.set_title(
            fitting(title, width, large), loc="left", y=1.0, pad=-1.1 * large, **sheet.style(large)
        )
        return sheet

    def style(self, size: float | None = None) -> dict[str, Any]:
        """Return the keyword arguments for a text, without mathematics and TeX."""
        found = {"color": self.ink, "fontsize": size or self.size, "family": _FONT}
        return {**found, "parse_math": False, "usetex": False}

    def write(self, x: float, y: float, text: str, **how: Any) -> None:
        """Write *text*, by default with its left end at *x* and its middle at *y*."""
        place: dict[str, Any] = {"ha": "left", "va": "center_baseline", "transform": self._transform}
        self.axes.text(x / self.width, y, text, **{**place, **self.style(), **how})

    def write_within(self, x: float, y: float, text: str) -> None:
        """Write *text* centred at *x*, or as near to that as the width allows."""
        half = text_width(text, self.size) / 2
        self.write(min(max(x, half), self.width - half), y, text, ha="center")

    def line(self, x: list[float], y: list[float], color: str, **how: Any) -> None:
        """Draw a line, or markers."""
        self.axes.plot([each / self.width for each in x], y, color=color, transform=self._transform, **how)

    def lines(self, several: list[list[tuple[float, float]]], color: str) -> None:
        """Draw thin lines, all at once, because there may be thousands."""
        from matplotlib.collections import LineCollection

        paths = [[(x / self.width, y) for x, y in each] for each in several]
        self.axes.add_collection(
            LineCollection(paths, colors=color, linewidths=0.6, zorder=2, transform=self._transform),
            autolim=False,
        )

    @property
    def _transform(self) -> Any:
        return self.axes.get_yaxis_transform()

    def write_centred(self, text: str) -> None:
        """Write *text* in the middle of a sheet that is empty otherwise."""
        shown = fitting(text, self.width, self.size)
        self.write(self.width / 2, max(self.height / 2, below_title(self.size)), shown, ha="center")


def below_title(size: float) -> float:
    """Return the y where the title ends."""
    return 1.9 * _large(size)


def to_svg(axes: Axes, prefix: str) -> str:
    """Return the figure of *axes* as an ``<svg>`` element, the same in every run.

    Text is drawn as shapes, so its width does not depend on installed fonts.

    Args:
        axes: the axes of a figure that was made for them.
        prefix: beginning of the ids; it must be unique in a page.
    """
    axes.figure.patch.set_visible(False)
    axes.patch.set_visible(False)
    svg = _COMMENT.sub("", _PARTS.sub("", _HEAD.sub("", _saved(axes).decode("utf-8"))))
    svg = _SPACE.sub("", svg)
    names: dict[str, str] = {}
    for found in _ID.findall(svg):
        names.setdefault(found, f"{prefix}{len(names)}")
    svg = _ID.sub(lambda match: names[match[0]], svg)
    svg = _REFERENCE.sub(lambda match: names[match[0]], svg).replace(" xlink:href=", " href=")
    for ink in (DARK_INK, LIGHT_INK, GREY_INK):
        svg = svg.replace(ink, "currentColor")
    shape = 'aria-hidden="true" style="stroke-linejoin: round; stroke-linecap: butt"'
    return svg.replace("<svg ", f"<svg {shape} ", 1).strip()


def text_width(text: str, size: float) -> float:
    """Return an upper bound of the width in points of a text that :func:`fitting` returned."""
    return len(text) * size * _ADVANCE


def fitting(text: str, width: float, size: float) -> str:
    """Escape *text*, and shorten it in the middle to fit into *width* points; tables have all of it."""
    shown = _drawable(text[:1000])
    most = int(width / text_width("…", size) + 1e-6)  # Whatever was added up to that width.
    if len(shown) <= most:
        return shown
    kept = max(most - 1, 0)
    head = kept // 3  # The end of a path says more than its beginning.
    return f"{shown[:head]}…{shown[len(shown) - (kept - head) :]}"


def _drawable(text: str) -> str:
    """Escape characters that do not show or that the font lacks, and hide credentials in URLs."""
    shown = safe(text)
    return shown if shown.isascii() else "".join(map(_shown_character, shown))


def _shown_character(character: str) -> str:
    in_font = ord(character) in _font_characters()
    return character if in_font else character.encode("ascii", "backslashreplace").decode("ascii")


@cache
def _font_characters() -> Container[int]:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return get_font(findfont(FontProperties(family=_FONT))).get_charmap()


def _saved(axes: Axes) -> bytes:
    file = BytesIO()
    axes.figure.figure.savefig(file, format="svg")
    return file.getvalue()


def _large(size: float) -> float:
    return 1.25 * size


def _ink(axes: Axes) -> str:
    """Choose a text colour that is readable: that of the style, if it has one that is."""
    import matplotlib as mpl
    from matplotlib.colors import to_hex, to_rgba

    under = None
    for patch in (axes.figure.patch, axes.patch):
        red, green, blue, alpha = to_rgba(patch.get_facecolor())
        alpha = alpha if patch.get_visible() else 0.0
        if alpha > 0.5 or under is not None:
            behind = under or (1.0, 1.0, 1.0)
            under = tuple(
                alpha * own + (1 - alpha) * other
                for own, other in zip((red, green, blue), behind, strict=True)
            )
    chosen = to_hex(mpl.rcParams["text.color"])
    is_own = chosen != to_hex(mpl.rcParamsDefault["text.color"])
    if under is None:
        return chosen if is_own else GREY_INK
    if is_own and _contrast(to_rgba(chosen), under) >= _READABLE:
        return chosen
    return max((DARK_INK, LIGHT_INK), key=lambda ink: _contrast(to_rgba(ink), under))


def _contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Return the contrast of two colours, by WCAG 2.2."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: tuple[float, ...]) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
