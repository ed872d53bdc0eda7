"""The releases of a product, of every stage, with the versions in its files at each."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING

from krow_versions.encoding import BOM, encode
from krow_versions.errors import KrowVersionsError, UsageError
from krow_versions.pictures import Point, draw_releases
from krow_versions.progress import Progress, steps_of, unseen
from krow_versions.regexes import regex
from krow_versions.tables import Data, Table, Tabular
from krow_versions.text.escaping import printable
from krow_versions.text.times import is_naive, iso
from krow_versions.text.words import counted
from krow_versions.values import Factory, evolve, field, frozen
from krow_versions.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes

    from krow_versions.formats import Located
    from krow_versions.snapshot import PastFile, ProductState, TagState

# A version that every format reads as text, quoted or not, because it has two dots and no letters.
_PLAIN = regex(rb"(?:0|[1-9][0-9]{0,17})(?:\.(?:0|[1-9][0-9]{0,17})){2}(?:\+[0-9]{1,18})?")
# The numbers are for sorting: 0.10.0 comes before 0.9.0 as text.
_NUMBERS = ("major", "minor", "patch")
_COLUMNS = (
    "tag stage version build:whole date:time days_since:number commit product major:whole minor:whole "
    "patch:whole"
)
_MOST = 32  # Beginnings kept per file; with more, a file whose beginning always changes would be slow.


@frozen
class PastVersion:
    """The version of one file at one release.

    Attributes:
        path: relative to its repository.
        version: its version, or None if it has none or could not be read.
        error: why it could not be read, or None.
        build: its build, or None if it has none.
    """

    path: str
    version: Version | None
    error: KrowVersionsError | None = None
    build: int | None = field(
        default=Factory(lambda past: past.version and past.version.build, takes_self=True)
    )


@frozen
class Release:
    """A release: a tag of the product whose name matches the pattern of a stage.

    Attributes:
        tag: its name.
        stage: ``production``, ``staging`` or ``development``.
        version: the version in its name.
        build: the highest build in the name of the tag and in the product's files there, or None.
        date: the date of the tag, or of the commit of a lightweight tag, with its zone; None if unknown.
        commit: the id of its commit; empty if the tag cannot be read.
        days: days since the previous release of any stage; None for the first.
        files: the version files there, without lock files.
        above: the highest other production tag that it contains, or None.
        subject: the first line of the tag's message.

    Raises:
        UsageError: the date has no zone, so that it could not be compared with others.
        TypeError: it is no datetime.
    """

    tag: str
    stage: str
    version: Version
    build: int | None
    date: dt.datetime | None
    commit: str
    days: float | None = None
    files: tuple[PastVersion, ...] = ()
    above: str | None = None
    subject: str = ""

    def __attrs_post_init__(self) -> None:
        if self.date is None:
            return
        if not isinstance(self.date, dt.datetime):
            raise TypeError(f"date must be a datetime with its zone, not a {type(self.date).__name__}")
        if is_naive(self.date):
            raise UsageError(
                f"date: {self.date} has no time zone",
                hint="give it one, such as date.astimezone() for the local zone",
            )


@frozen
class History(Tabular):
    """The releases of one product.

    Attributes:
        product: its name.
        releases: the newest first, by date, then by version; those without a date at the end.
    """

    product: str
    releases: tuple[Release, ...]

    def to_table(self) -> Table:
        """Return one row per release."""
        rows = (
            (
                each.tag,
                each.stage,
                str(each.version),
                each.build,
                each.date,
                None if each.days is None else f"{each.days:.1f}",
                each.commit[:12],
            )
            for each in self.releases
        )
        columns = ("tag", "stage", "version", "build", "date", "days since", "commit")
        numbers = ({key: getattr(each.version, key) for key in _NUMBERS} for each in self.releases)
        documents = (
            {"product": self.product, **one, **other}
            for one, other in zip(self._documents(), numbers, strict=True)
        )
        return Table(columns, tuple(rows), f"Releases of {self.product}", Data.of(_COLUMNS, documents))

    def to_json(self) -> dict[str, object]:
        """Return the document that ``history --json`` prints."""
        return {"schema": 1, "product": self.product, "releases": self._documents()}

    def _documents(self) -> list[dict[str, object]]:
        return [
            {
                "tag": each.tag,
                "stage": each.stage,
                "version": str(each.version),
                "build": each.build,
                "date": iso(each.date),
                "commit": each.commit or None,
                "days_since": None if each.days is None else round(each.days, 3),
            }
            for each in self.releases
        ]

    def plot(self, ax: Axes | None = None, figsize: tuple[float, float] | None = None) -> Axes:
        """Draw the dated releases over time, one row per stage; the title counts those without a date.

        Every release is labelled with its version. In a row with more labels than have room, the newest are
        labelled, and the row says how many. All is within the box of the axes, so that nothing is cut.

        Args:
            ax: where to draw, or None for a new figure, which is ``.figure`` of the result.
            figsize: width and height of a new figure, in inches; by default, what the picture needs.

        Raises:
            UsageError: matplotlib is not installed, or both *ax* and *figsize* are given.
        """
        points = [Point(each.stage, each.date, str(each.version)) for each in self.releases if each.date]
        left_out = len(self.releases) - len(points)
        title = f"Releases of {self.product}" + (f" ({left_out} without a date)" if left_out else "")
        return draw_releases(points, title, ax, figsize=figsize, alt=self.alt_text)

    @property
    def alt_text(self) -> str:
        """The alternative text of the picture: the releases of each stage, and the newest of them."""
        stages: dict[str, list[Release]] = {}
        for each in self.releases:
            stages.setdefault(each.stage, []).append(each)
        said = (
            f"{counted(len(found), 'release')} to {stage}, the newest {found[0].version}"
            + (f" on {found[0].date:%Y-%m-%d}" if found[0].date else "")
            for stage, found in stages.items()
        )
        return printable(f"Releases of {self.product} over time: {'; '.join(said) or 'none yet'}.")

    def __repr__(self) -> str:
        return f"<History of {self.product}: {len(self.releases)} releases>"


def read_history(state: ProductState, progress: Progress = unseen) -> History:
    """Read the releases of a product from a state with its version files at every tag.

    Tags whose names match no stage are ignored.
    """
    reader = _Reader()
    files: dict[str, list[PastVersion]] = {}
    for past in steps_of(state.past, "reading releases", progress):
        files.setdefault(past.revision, []).append(reader.read(past))
    releases = [
        _release(tag, tag.stage, tag.version, tuple(files.get(tag.name, ())))
        for tag in state.tags
        if tag.stage and tag.version
    ]
    undated = tuple(each for each in releases if each.date is None)
    dated: list[Release] = []
    for each in in_time(releases):
        before = dated[-1].date if dated else None
        dated.append(evolve(each, days=_days(before, each.date)))
    return History(state.product.name, (*reversed(dated), *undated))


def in_time(releases: Iterable[Release]) -> list[Release]:
    """Sort the dated *releases*, oldest first; at the same moment, lowest version first."""
    return sorted((each for each in releases if each.date), key=_in_time)


@frozen
class _Reader:
    """Reads the files of many releases, and parses few of them.

    If a file differs from a parsed one only by another plain version in the same place, its version is
    known without parsing. The text before a version hardly ever changes, so it is kept as it is; of the
    texts after it, which change often, digests are kept.
    """

    _known: dict[tuple[str, str, str | None], dict[bytes, set[bytes]]] = field(factory=dict)

    def read(self, past: PastFile) -> PastVersion:
        known = self._known.setdefault((past.path, past.format, past.key), {})
        for before, afters in known.items():
            if past.data.startswith(before):
                plain = _PLAIN.match(past.data, len(before))
                if plain and _digest(past.data[plain.end() :]) in afters:
                    return PastVersion(past.path, Version.parse(plain[0].decode("ascii")))
        try:
            located = past.located()
        except KrowVersionsError as error:
            return PastVersion(past.path, None, error, _highest_build(past))
        if around := _around(located):
            if around[0] not in known and len(known) == _MOST:
                del known[next(iter(known))]
            known.setdefault(around[0], set()).add(_digest(around[1]))
        return PastVersion(past.path, located.version, build=located.build)


def _highest_build(past: PastFile) -> int | None:
    """Return the highest build of a file whose places disagree; None if it cannot be read."""
    try:
        return past.highest_build()
    except KrowVersionsError:
        return None


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data).digest()


def _around(located: Located) -> tuple[bytes, bytes] | None:
    """Return the bytes before and after the version, if a parser would read any plain version there."""
    scalar = located.places[0].scalar
    written = scalar.value
    if not (located.format.delimited and len(located.places) == 1 and _PLAIN.fullmatch(encode(written))):
        return None
    body = located.text.removeprefix(BOM)
    if scalar.span.of(body) != f"{scalar.style}{written}{scalar.style}":
        return None  # The version is written with escapes.
    start = len(located.text) - len(body) + scalar.span.start + len(scalar.style)
    return encode(located.text[:start]), encode(located.text[start + len(written) :])


def _release(tag: TagState, stage: str, version: Version, files: tuple[PastVersion, ...]) -> Release:
    builds = [build for build in (tag.build, *(file.build for file in files)) if build is not None]
    return Release(
        tag=tag.name,
        stage=stage,
        version=version,
        build=max(builds, default=None),
        date=tag.date,
        commit=tag.commit,
        files=files,
        above=tag.above,
        subject=tag.subject if tag.annotated else "",
    )


def _in_time(release: Release) -> tuple[float, Version, str]:
    return (release.date.timestamp() if release.date else float("-inf"), release.version, release.tag)


def _days(before: dt.datetime | None, after: dt.datetime | None) -> float | None:
    return (after - before).total_seconds() / 86_400 if before and after else None
