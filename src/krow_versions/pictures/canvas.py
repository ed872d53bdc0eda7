"""What all pictures share: axes to draw on, ink that can be read there, and text that is only text."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from krow_versions.errors import UsageError
from krow_versions.text.escaping import safe

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

DARK_INK, LIGHT_INK = "#1b1b1b", "#ececec"
SIZE = 8.0  # Of text, in points.
LINE = SIZE * 1.4
_FONT = "DejaVu Sans"  # It comes with matplotlib.
_POINTS = 72.0  # In an inch.
_HINTED = 1.08  # Signs set at whole pixels take more room than their outlines.


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
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    class PictureAxes(Axes):
        def _repr_png_(self) -> bytes:
            written = Written()
            FigureCanvasAgg(self.get_figure(root=True)).print_png(written)  # type: ignore[no-untyped-call]
            return b"".join(written)

    return PictureAxes


class Written(list[bytes]):
    """What matplotlib writes to: rooms without effects have no files, not even in memory."""

    def write(self, data: bytes) -> None:
        """Keep *data*."""
        self.append(bytes(data))

    def seek(self, offset: int) -> None:
        """By having this it is known for a file; nobody seeks."""
        raise NotImplementedError(offset)


def prepare(axes: Axes, title: str) -> str:
    """Clear the frame, write the title, choose inks; give the one for what is drawn inside."""
    outside, inside = _inks(axes)
    axes.set_title(
        fitting(title, width_of(axes), SIZE * 1.25), loc="left", pad=1.5 * LINE, **style(outside, SIZE * 1.25)
    )
    axes.tick_params(colors=outside, labelsize=SIZE, length=0)
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
    """Measure a text that :func:`drawable` made, in points; it is never less than what is drawn."""
    return sum(map(_advance, text)) * size * _HINTED


def fitting(text: str, width: float, size: float = SIZE) -> str:
    """Escape *text*, and leave out as much of its middle as must be for it to fit into *width* points.

    A picture is to be looked at; tables have the whole text.
    """
    shown = drawable(text[:1000])
    if text_width(shown, size) <= width:
        return shown
    low, high = 0, len(shown)  # So many characters fit, and so many do not.
    while high - low > 1:
        half = (low + high) // 2
        low, high = (half, high) if text_width(_cut(shown, half), size) <= width else (low, half)
    return _cut(shown, low)


def drawable(text: str) -> str:
    """Escape what could mislead, and what the font has no sign for; hide passwords in URLs."""
    return "".join(each if _has(each) else _escape(each) for each in safe(text))


def width_of(axes: Axes) -> float:
    """The width of what is drawn on, in points."""
    return float(axes.get_window_extent().width) * _POINTS / _figure(axes).dpi


def _cut(text: str, most: int) -> str:
    if most < 2:
        return "…"
    head = (most - 1) // 3  # What a path ends with says more than what it begins with.
    return f"{text[:head]}…{text[len(text) - (most - 1 - head) :]}"


@cache
def _advance(character: str) -> float:
    """Measure one sign, in parts of the size: sums are quick, and 20,000 labels are many."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    properties = FontProperties(family=_FONT, size=100)
    alone, ten = (
        float(text_to_path.get_text_width_height_descent(f"|{text}|", properties, False)[0])
        for text in ("", character * 10)
    )
    return (ten - alone) / 1000


@cache
def _has(character: str) -> bool:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return character.isascii() or bool(
        get_font(findfont(FontProperties(family=_FONT))).get_char_index(ord(character))
    )


def _escape(character: str) -> str:
    return character.encode("ascii", "backslashreplace").decode("ascii")


def _inks(axes: Axes) -> tuple[str, str]:
    """Choose what can be read beside the axes, and on them."""
    import matplotlib as mpl
    from matplotlib.colors import to_rgba

    default = sum(to_rgba(mpl.rcParams["text.color"])[:3]) / 3
    under = 1.0 if default < 0.5 else 0.0  # What a figure without a ground is shown on.
    inks = []
    for color in (_figure(axes).get_facecolor(), axes.get_facecolor()):
        red, green, blue, alpha = to_rgba(color)
        under = alpha * (0.3 * red + 0.6 * green + 0.1 * blue) + (1 - alpha) * under
        inks.append(DARK_INK if under > 0.5 else LIGHT_INK)
    return inks[0], inks[1]


def _figure(axes: Axes) -> Figure | SubFigure:
    figure = axes.get_figure()
    assert figure is not None  # noqa: S101 - Axes without a figure cannot be made.
    return figure
