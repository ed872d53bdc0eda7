"""A sample: a text with known places of its version and of its build; strategies of versions."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import attrs
from hypothesis import strategies as st

from krow_versions import Version
from krow_versions.testing.texts import LF, one

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

_NUMBERS = st.sampled_from([0, 1, 9, 10, 99, 2**31 - 1, 2_100_000_000]) | st.integers(0, 10**6)
_IDENTIFIERS = st.sampled_from(["0", "1", "10", "rc", "alpha", "x-y", "-", "0a", "DEV"])
_KINDS = {"\0": "version", "\1": "build", "\2": "number"}


@attrs.frozen
class Sample:
    """A document, and the places of its version and of its build.

    Attributes:
        pieces: the text around the places, one piece more than places.
        written: the version as written, with its build wherever it stands; ``+42`` if there is only a build.
        format: the name of the document's format.
        kinds: what each place holds: ``full`` (all that is written), ``version`` (without the build),
            ``build``, or ``number`` (the build without leading zeros); empty if all are ``full``.
        key: the key of the version, as of :func:`krow_versions.set_version`, or None for the usual one.
    """

    pieces: tuple[str, ...]
    written: str
    format: str
    kinds: tuple[str, ...] = ()
    key: str | None = None

    @property
    def text(self) -> str:
        """The document."""
        return self._with(self.written)

    @property
    def version(self) -> Version:
        """The version as a value.

        Raises:
            InvalidVersion: there is only a build.
        """
        return Version.parse(self.written)

    @property
    def build(self) -> int | None:
        """The build, or None."""
        digits = self.written.partition("+")[2]
        return int(digits) if digits else None

    @property
    def alone(self) -> bool:
        """Whether there is only a build."""
        return self.written.startswith("+")

    @property
    def places(self) -> int:
        """The number of places of the version and of the build."""
        return len(self.pieces) - 1

    @property
    def place_kinds(self) -> tuple[str, ...]:
        """What each place holds."""
        return self.kinds or ("full",) * self.places

    def with_version(self, new: Version | str) -> str:
        """Return the document with the version *new* and every other character the same.

        A version without a build leaves places of builds as they are.
        """
        return self._with(str(new))

    def with_place(self, index: int, new: Version | str) -> str:
        """Return the document with the version *new* in one place only."""
        return self._with(str(new), index)

    def _with(self, new: str, index: int | None = None) -> str:
        values = [
            self._value(kind, new if index in {None, place} else self.written)
            for place, kind in enumerate(self.place_kinds)
        ]
        return "".join(itertools.chain(*zip(self.pieces, values, strict=False), self.pieces[-1:]))

    def _value(self, kind: str, new: str) -> str:
        core, _, build = new.partition("+")
        if kind in {"full", "version"}:
            return new if kind == "full" else core
        old = self.written.partition("+")[2]
        width = len(old) if kind == "build" and old.startswith("0") else 0
        return str(int(build or old)).zfill(width)


# --- versions -------------------------------------------------------------------------------


@st.composite
def version_texts(draw: DrawFn, *, builds: bool | None = None, prereleases: bool = False) -> str:
    """Draw versions as written, also with zero-padded builds.

    Args:
        draw: given by Hypothesis.
        builds: whether there is a build number; None for either.
        prereleases: whether there may be a pre-release.
    """
    text = ".".join(str(draw(_NUMBERS)) for _ in range(3))
    if prereleases and draw(st.booleans()):
        text += "-" + ".".join(draw(st.lists(_IDENTIFIERS, min_size=1, max_size=3)))
    if builds if builds is not None else draw(st.booleans()):
        text += "+" + draw(one(["", "", "0", "000"])) + str(draw(_NUMBERS))
    return text


def versions(*, builds: bool | None = None, prereleases: bool = False) -> SearchStrategy[Version]:
    """Draw :class:`Version` values; the arguments are those of :func:`version_texts`."""
    return version_texts(builds=builds, prereleases=prereleases).map(Version.parse)


def filled(
    draw: DrawFn,
    name: str,
    template: str,
    texts: SearchStrategy[str] | None,
    ends: Sequence[str] = LF,
    *,
    alone: bool = False,
    key: str | None = None,
) -> Sample:
    """Fill in the decoys, choose line ends, final newline and byte order mark, and split at the places."""
    written = draw(version_texts() if texts is None else texts)
    if draw(st.booleans()):
        template = template.removesuffix("\n")
    lines = template.replace("@V@", written).split("\n")
    end = draw(one(["\n", "\n", "\r\n", "mixed"]))
    chosen = st.sampled_from(ends) if end == "mixed" else st.just(end)
    text = lines[0] + "".join(draw(chosen) + line for line in lines[1:])
    parts = re.split("([\0\1\2])", draw(one(["", "", "\ufeff"])) + text)
    kinds = tuple(_KINDS[mark] for mark in parts[1::2])
    apart = not {"build", "number"}.isdisjoint(kinds)
    if "number" in kinds:
        written = re.sub(r"[+]0+(?=[0-9])", "+", written)
    if alone:
        written = written[written.index("+") :]
    return Sample(tuple(parts[::2]), written, name, kinds if apart else (), key)
