"""What all pictures share: axes to draw on, ink to read there, text that is only text, and files of them."""

from __future__ import annotations

import re
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

import attrs

from krow_versions.errors import UsageError
from krow_versions.text.escaping import safe

if TYPE_CHECKING:
    from collections.abc import Container

    from matplotlib.axes import Axes


@attrs.frozen
class Mark:
    """How something is drawn.

    Attributes:
        color: as ``#rrggbb``.
        marker: as matplotlib calls it.
    """

    color: str
    marker: str


# Every colour has a contrast of 3:1 to white and to the dark grounds of notebooks and pages, and a marker of
# its own, so that nobody needs to see colours to tell them apart.
GOOD = Mark("#2b9348", "o")
DONE = Mark("#3b82d6", ">")
AHEAD = Mark("#9467d8", "^")
DOUBT = Mark("#b97a00", "D")
BAD = Mark("#e0453a", "X")
NEUTRAL = Mark("#808080", "s")
PLANNED = Mark("#808080", "|")

DARK_INK, LIGHT_INK = "#1b1b1b", "#ececec"
SIZE = 8.0  # Of text, in points.
LINE = SIZE * 1.4
# It comes with matplotlib, and all its signs are equally wide: the length of a text is its width.
_FONT = "DejaVu Sans Mono"
_SIGN = 0.65  # The width of a sign, in parts of the size: 0.602, and what setting it at whole pixels adds.
_POINTS = 72.0  # In an inch.

_HEAD = re.compile(r"\A.*?(?=<svg\b)", re.DOTALL)
# What a page must not have: the licence's metadata with its addresses, and a style for all elements.
_PARTS = re.compile(r"<metadata>.*?</metadata>|<style\b.*?</style>", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->\s*", re.DOTALL)
_SPACE = re.compile(r' (?:xmlns(?::\w+)?|version)="[^"]*"')
_ID = re.compile(r'(?<= id=")[^"]*(?=")')
_REFERENCE = re.compile(r'(?<= xlink:href="#)[^"]*(?=")|(?<=url\(#)[^)]*(?=\))')


def available() -> bool:
    """Tell whether pictures can be drawn here."""
    from importlib.util import find_spec

    return find_spec("matplotlib") is not None


def axes_for(axes: Axes | None, width: float, height: float, *, left: float, bottom: float) -> Axes:
    """Give *axes*, or those of a new figure.

    Args:
        axes: where to draw, or None.
        width: of the part that is drawn on, in points.
        height: likewise.
        left: room for the labels at its left, in points.
        bottom: room for those below it.

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
    """Make the class of our own axes: Jupyter shows them, as it shows what ``pyplot`` made."""
    from matplotlib.axes import Axes

    class PictureAxes(Axes):
        def _repr_png_(self) -> bytes:
            return saved(self, "png")

    return PictureAxes


def saved(axes: Axes, kind: str) -> bytes:
    """Give the whole figure of *axes* as a file of this kind."""
    file = BytesIO()
    axes.figure.figure.savefig(file, format=kind)
    return file.getvalue()


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


def prepare(axes: Axes, title: str) -> str:
    """Clear the frame, write the title, choose inks; give the one for what is drawn inside."""
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
    """Give the keywords for a text: nothing in it is mathematics."""
    return {"color": ink, "fontsize": size, "family": _FONT, "parse_math": False, "usetex": False}


def say(axes: Axes, text: str, ink: str) -> None:
    """Write in the middle of what would be empty otherwise."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines["bottom"].set_visible(False)
    center: dict[str, Any] = {"ha": "center", "va": "center", "transform": axes.transAxes}
    axes.text(0.5, 0.5, text, **center, **style(ink))


def label_rows(axes: Axes, labels: list[str]) -> None:
    """Name the rows 0, 1, ... from the top."""
    outside, _ = _inks(axes)
    axes.set_yticks(range(len(labels)), labels, **style(outside))
    axes.set_ylim(len(labels) - 0.5, -0.5)


def text_width(text: str, size: float = SIZE) -> float:
    """The width of a text that :func:`fitting` gave, in points; it is never less than what is drawn."""
    return len(text) * size * _SIGN


def fitting(text: str, width: float, size: float = SIZE) -> str:
    """Escape *text*, and leave out as much of its middle as must be for it to fit into *width* points.

    A picture is to be looked at; tables have the whole text.
    """
    shown = _drawable(text[:1000])
    most = int(width / text_width("…", size))
    if len(shown) <= most:
        return shown
    kept = max(most - 1, 0)
    head = kept // 3  # What a path ends with says more than what it begins with.
    return f"{shown[:head]}…{shown[len(shown) - (kept - head) :]}"


def _drawable(text: str) -> str:
    """Escape what could mislead, and what the font has no sign for; hide passwords in URLs."""
    shown = safe(text)
    return shown if shown.isascii() else "".join(map(_sign, shown))


def width_of(axes: Axes) -> float:
    """The width of what is drawn on, in points."""
    return float(axes.get_window_extent().width) * _POINTS / axes.figure.dpi


def _sign(character: str) -> str:
    has_sign = ord(character) in _signs()
    return character if has_sign else character.encode("ascii", "backslashreplace").decode("ascii")


@cache
def _signs() -> Container[int]:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return get_font(findfont(FontProperties(family=_FONT))).get_charmap()


def _inks(axes: Axes) -> tuple[str, str]:
    """Choose what can be read beside the axes, and on them."""
    import matplotlib as mpl
    from matplotlib.colors import to_rgba

    default = sum(to_rgba(mpl.rcParams["text.color"])[:3]) / 3
    under = 1.0 if default < 0.5 else 0.0  # What a figure without a ground is shown on.
    inks = []
    for color in (axes.figure.get_facecolor(), axes.get_facecolor()):
        red, green, blue, alpha = to_rgba(color)
        under = alpha * (0.3 * red + 0.6 * green + 0.1 * blue) + (1 - alpha) * under
        inks.append(DARK_INK if under > 0.5 else LIGHT_INK)
    return inks[0], inks[1]
