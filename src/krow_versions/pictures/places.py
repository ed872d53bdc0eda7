"""Places of labels: beside each other without overlap, as near as that allows to what they label."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.pictures.canvas import LINE, text_width
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

_GAP = 4.0  # Between two labels beside each other, in points.
_LEADER = 1.0  # Between an upright label and the leader of another one.
_FAN = 1.0  # Height for leaders that lead to a label beside its marker, in font sizes.


@frozen
class Labels:
    """How the labels of one row are placed.

    Attributes:
        lanes: above one another; 0 if there are no labels.
        upright: whether they are turned by 90 degrees.
        pitch: the distance of neighbours, in points; those of one lane are *lanes* times as far apart.
        length: of the longest label, in points.
        most: how many there is room for.
        size: the font size.
    """

    lanes: int
    upright: bool
    pitch: float
    length: float
    most: int
    size: float

    @property
    def height(self) -> float:
        """The height of all lanes and of the leaders below them, in points."""
        return self.lanes * self.lane + self.fan if self.lanes else 0.0

    @property
    def lane(self) -> float:
        """The height of one lane."""
        return self.length + _GAP if self.upright else LINE * self.size

    @property
    def fan(self) -> float:
        """The height of the leaders alone."""
        return _FAN * self.size


def ways(labels: Sequence[str], width: float, size: float) -> list[Labels]:
    """Return the ways to place *labels* in a row of *width* points, the best to read first."""
    length = max((text_width(label, size) for label in labels), default=0.0)
    line = LINE * size
    every = []
    for lanes, upright, pitch in (
        (1, False, length + _GAP),
        (1, True, line),
        (2, True, line / 2 + _LEADER),
        (0, False, line),  # No labels.
    ):
        # At both ends is half a label.
        ends = line if upright else length
        most = int((width - ends) / pitch) + 1 if lanes and width >= ends else 0
        every.append(Labels(lanes, upright, pitch, length, most, size))
    return every


def spread(wanted: Sequence[float], pitch: float, low: float, high: float) -> list[float]:
    """Return places from *low* to *high*, in the order of *wanted*, at least *pitch* apart, near to them.

    The sum of the squares of the distances is the lowest possible, by pooling adjacent violators:
    M. Ayer and others, "An empirical distribution function for sampling with incomplete information", 1955.

    >>> spread([1.0, 1.0, 9.0], 2.0, 0.0, 10.0)
    [0.0, 2.0, 9.0]
    """
    pools: list[tuple[float, int]] = []  # Mean of the places less their offsets, and their number.
    for index, each in enumerate(wanted):
        mean, number = each - index * pitch, 1
        while pools and pools[-1][0] > mean:
            before, count = pools.pop()
            mean, number = (before * count + mean * number) / (count + number), count + number
        pools.append((mean, number))
    means = [mean for mean, number in pools for _ in range(number)]
    most = high - (len(wanted) - 1) * pitch
    return [max(low, min(mean, most)) + index * pitch for index, mean in enumerate(means)]
