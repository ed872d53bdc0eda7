"""New figures: with alternative text, shown by Jupyter, and without global state anywhere else."""

from __future__ import annotations

import builtins
from functools import cache
from typing import TYPE_CHECKING, Any

from krow_versions.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_POINTS = 72.0  # Per inch.
# The keys of the alternative text in files, by format; matplotlib warns of others.
_KEYS = {"png": "Description", "svg": "Description", "svgz": "Description", "pdf": "Subject"}


def new_figure(room: tuple[float, float], margin: float, alt: str) -> Axes:
    """Return the axes of a new figure.

    In IPython, ``pyplot`` knows the figure, as it knows every other one: Jupyter shows it at the end of the
    cell, also after a ``;``, and closes it. Elsewhere nothing knows it, so that it needs no display and goes
    when it is used no more. Unless a style has a background, it has none.

    Args:
        room: width and height of the axes, in points.
        margin: around them, in points.
        alt: the alternative text.

    Raises:
        UsageError: matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
        import matplotlib.figure
    except ModuleNotFoundError:
        raise UsageError(
            "a picture needs matplotlib, which is not installed",
            hint="pip install 'krow-versions[notebook]'",
        ) from None
    whole = [each + 2 * margin for each in room]
    size = (whole[0] / _POINTS, whole[1] / _POINTS)
    kinds = _classes()
    if hasattr(builtins, "get_ipython"):  # While IPython runs a cell.
        from matplotlib import pyplot as plt

        figure = plt.figure(figsize=size, FigureClass=kinds[0])
    else:
        figure = kinds[0](figsize=size)
    figure.alt_text = alt  # type: ignore[attr-defined]  # Of our own class.
    place = (margin / whole[0], margin / whole[1], room[0] / whole[0], room[1] / whole[1])
    axes = figure.add_axes(place, axes_class=kinds[1])
    style, default = mpl.rcParams, mpl.rcParamsDefault
    if style["figure.facecolor"] == default["figure.facecolor"]:
        figure.patch.set_alpha(0.0)
    if style["axes.facecolor"] == default["axes.facecolor"]:
        axes.patch.set_alpha(0.0)
    return axes


@cache
def _classes() -> tuple[type[Any], type[Any]]:
    """Make the classes of figures and axes, which need matplotlib."""
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    class PictureFigure(Figure):
        """A figure that says what it shows."""

        alt_text = ""

        def savefig(self, fname: Any, **how: Any) -> None:
            import matplotlib as mpl

            is_path = isinstance(fname, str) or hasattr(fname, "__fspath__")
            ending = str(fname).rpartition(".")[2] if is_path and "." in str(fname) else ""
            kind = how.get("format") or ending or mpl.rcParams["savefig.format"]
            if key := _KEYS.get(str(kind).lower()):
                how["metadata"] = {key: self.alt_text, **(how.get("metadata") or {})}
            super().savefig(fname, **how)

        def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
            """Add the alternative text to what Jupyter makes of every figure."""
            return {}, {kind: {"alt": self.alt_text} for kind in ("image/png", "image/svg+xml")}

        def __repr__(self) -> str:
            return f"<Figure: {self.alt_text}>"

    class PictureAxes(Axes):
        """Axes whose ``repr``, which stands above the picture in Jupyter, says what it shows."""

        def __repr__(self) -> str:
            return f"<Axes: {getattr(self.figure, 'alt_text', '')}>"

    return PictureFigure, PictureAxes
