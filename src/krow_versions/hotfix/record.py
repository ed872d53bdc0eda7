"""The record of a hotfix: what only people can say, kept as a small TOML file that people can read."""

from __future__ import annotations

import datetime as dt
import functools
from typing import TYPE_CHECKING, Annotated, Any, Self, TypeVar

import attrs

from krow_versions.config.fields import Choice, Size
from krow_versions.config.parsing import expected, parsed, strict, structured
from krow_versions.config.problems import Mistake, Mistakes
from krow_versions.config.writing import pair, table
from krow_versions.encoding import BOM
from krow_versions.errors import FileFormatError, FileTooLarge, InputError, UsageError
from krow_versions.hotfix.checklist import GIT, TICKS, box
from krow_versions.products import did_you_mean
from krow_versions.text.escaping import printable, quoted
from krow_versions.version import Version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cattrs import Converter

SCHEMA = 1
_HEADER = "# What people said of this hotfix, kept by krow-versions. What git knows is not in here."
# Far more than people write during a hotfix; tomllib takes seconds for some files of megabytes.
_LONGEST = 256 * 1024
_MEND = "correct it by hand, or move it away and declare the hotfix again with krow-versions hotfix start"
_T = TypeVar("_T")


@attrs.frozen
class Severity:
    """One of the three severities of the process; ``str`` gives its name.

    Attributes:
        name: ``CRITICAL``, ``HIGH`` or ``MEDIUM``.
        limit: the time from detection to the end of the deployment, or None for no limit.
        meaning: a description of one line.
        must_ask: whether a hotfix of this severity is started only after a question.
    """

    name: str
    limit: dt.timedelta | None
    meaning: str
    must_ask: bool = False

    @staticmethod
    def parse(text: str) -> Severity:
        """Parse the name of a severity, in any case.

        Raises:
            UsageError: there is none of that name; the hint names the nearest.
            TypeError: it is no text.

        >>> str(Severity.parse("high"))
        'HIGH'
        """
        if not isinstance(text, str):
            raise TypeError(f"the severity must be CRITICAL, HIGH or MEDIUM, not {printable(repr(text))}")
        for known in SEVERITIES:
            if text.strip().upper() == known.name:
                return known
        names = [known.name for known in SEVERITIES]
        raise UsageError(
            f"there is no severity {quoted(text)}",
            hint=did_you_mean(text.strip().upper(), names, "severities"),
        )

    def __str__(self) -> str:
        return self.name


CRITICAL = Severity("CRITICAL", dt.timedelta(hours=1), "must be fixed in less than 1 hour")
HIGH = Severity("HIGH", dt.timedelta(hours=4), "must be fixed in less than 4 hours")
MEDIUM = Severity("MEDIUM", None, "may wait for the next release, which needs no hotfix", must_ask=True)
SEVERITIES = (CRITICAL, HIGH, MEDIUM)


def moment(value: dt.datetime) -> dt.datetime:
    """Round *value* down to the second, with a fixed offset from UTC instead of its zone.

    Raises:
        InputError: it has no zone, or is outside the years that can be computed with.
    """
    offset = value.utcoffset()
    if offset is None:
        raise InputError(f"the time {value} has no zone", hint="write it like 2026-03-05T14:02:00+00:00")
    # TOML has no offsets with seconds, which zones had a century ago.
    whole = dt.timedelta(minutes=offset // dt.timedelta(minutes=1))
    # The milestones are computed from it, and must be valid dates as well.
    if not 1 < value.year < dt.MAXYEAR:
        raise InputError(f"the time {value} is beyond what a calendar holds")
    return value.astimezone(dt.timezone(whole)).replace(microsecond=0)


def kept(text: str) -> str:
    """Escape lone surrogates, which a file cannot hold."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _ticks(ticks: Mapping[str, dt.datetime]) -> dict[str, dt.datetime]:
    for name in ticks:
        if name not in TICKS:
            raise InputError(
                f"{quoted(name)} is not a box that people tick", hint=f"boxes are {', '.join(TICKS)}"
            )
    return {name: moment(ticks[name]) for name in sorted(ticks)}


def _version(version: Version) -> Version:
    if version.prerelease is not None:
        raise InputError(f"a hotfix ships a production version, and {version} is a pre-release")
    return version.with_build(None)


def _perhaps(value: dt.datetime | None) -> dt.datetime | None:
    return None if value is None else moment(value)


@attrs.frozen
class Record:
    """What people said of one hotfix.

    Attributes:
        product: the product's name in the catalog.
        slug: its name in tags and branches.
        version: the version that the hotfix ships, x.y.z.
        base: the production tag that it started from.
        branch: its branch.
        issue: what is broken.
        severity: how bad it is.
        impact: who cannot do what.
        started: when it was declared.
        environment: where it is broken.
        who: who declared it.
        detected: when the fault was seen, if that was before it was declared.
        ticks: when people ticked a box of the checklist, by box.
        deployed: when the last deployment ended, or None.
        exit_code: its exit code; None if people ticked it.
        announced: when the announcement was first printed.
        followed_up: when the status update after a day was first printed.
        reported: when the incident document was first written to a file.
        notes: free text.

    Raises:
        InputError: a time has no zone, the version is a pre-release, or a tick is not for a box of people.
    """

    product: str = attrs.field(converter=kept)
    slug: str = attrs.field(converter=kept)
    version: Version = attrs.field(converter=_version)
    base: str = attrs.field(converter=kept)
    branch: str = attrs.field(converter=kept)
    issue: str = attrs.field(converter=kept)
    severity: Severity
    impact: str = attrs.field(converter=kept)
    started: dt.datetime = attrs.field(converter=moment)
    environment: str = attrs.field(default="production", converter=kept)
    who: str = attrs.field(default="", converter=kept)
    detected: dt.datetime | None = attrs.field(default=None, converter=_perhaps)
    ticks: Mapping[str, dt.datetime] = attrs.field(factory=dict, converter=_ticks)
    deployed: dt.datetime | None = attrs.field(default=None, converter=_perhaps)
    exit_code: int | None = None
    announced: dt.datetime | None = attrs.field(default=None, converter=_perhaps)
    followed_up: dt.datetime | None = attrs.field(default=None, converter=_perhaps)
    reported: dt.datetime | None = attrs.field(default=None, converter=_perhaps)
    notes: str = attrs.field(default="", converter=kept)

    @property
    def zero(self) -> dt.datetime:
        """T-0, which the limits count from: when the fault was detected, or else declared."""
        return min(self.detected, self.started) if self.detected else self.started

    @property
    def is_deployed(self) -> bool:
        """Whether the last deployment succeeded."""
        return self.deployed is not None and not self.exit_code

    def to_toml(self) -> str:
        """Write the record as TOML; :meth:`from_toml` is the inverse for any texts."""
        named = {name: getattr(self, name, None) for name in attrs.fields_dict(_File)}
        top = pairs(named | {"version": str(self.version), "severity": self.severity.name})
        deploy = pairs({"at": self.deployed, "exit_code": self.exit_code})
        blocks = ["\n".join((_HEADER, pair("schema", SCHEMA), *top, ""))]
        blocks += [table("deploy", deploy)] if deploy else []
        blocks += [table("done", pairs(self.ticks))] if self.ticks else []
        return "\n".join(blocks)

    @classmethod
    def from_toml(cls, text: str, path: str = "hotfix record") -> Self:
        """Read a record strictly.

        Args:
            text: what :meth:`to_toml` wrote, perhaps edited by hand.
            path: the file, for messages.

        Raises:
            InputError: it is not a record, or of a newer schema; all mistakes at once, with line and key.
        """
        file = read_strictly(text, _File, path, _MEND)
        top = {name: getattr(file, name) for name in attrs.fields_dict(_File) if name not in _TABLES}
        return cls(**top, deployed=file.deploy.at, exit_code=file.deploy.exit_code, ticks=file.done)


def tick(record: Record, id: str, now: dt.datetime) -> Record:  # noqa: A002 - A box has an "id".
    """Tick a box by hand; a box that is ticked already keeps its time.

    Raises:
        UsageError: there is no such box.
        InputError: people cannot tick it, since git shows it or a command records it.
    """
    found = box(id)
    if not found.tickable:
        why = "git shows it" if found.source == GIT else "a command records it"
        raise InputError(f"the box {found.id} is not ticked by hand: {why}", hint=found.seen)
    if found.id == "approval":
        raise InputError("an approval is of one commit, so it is no tick of a record", hint=found.seen)
    if found.id == "deployed":
        return record if record.is_deployed else attrs.evolve(record, deployed=now, exit_code=None)
    return attrs.evolve(record, ticks={found.id: now} | dict(record.ticks))


def read_strictly(text: str, cls: type[_T], path: str, hint: str) -> _T:
    """Read a file of ours strictly; people may have edited it.

    Args:
        text: its text.
        cls: its keys, except ``schema``.
        path: the file, for messages.
        hint: what to do with a file that cannot be read.

    Raises:
        InputError: it has mistakes (all at once, with line and key), or is of a newer schema.
    """
    if len(text) > _LONGEST:
        raise FileTooLarge("this is longer than any record of a hotfix", path=path, hint=hint)
    body = text.removeprefix(BOM)
    try:
        data = parsed(body)
    except FileFormatError as error:
        raise error.advise(hint).in_file(path) from None
    wrong = _wrong_schema(data.pop("schema", None), hint)
    found: _T | list[Mistake] = wrong or structured(data, cls, _converter())
    if not isinstance(found, list):
        return found
    mistakes = Mistakes(path, body, error_class=InputError)
    for mistake in found:
        mistakes.add(mistake.place, mistake.message, mistake.hint)
    raise mistakes.error()


@attrs.frozen
class _Deploy:
    at: dt.datetime | None = None
    exit_code: Annotated[int, Size(1 - 2**32, 2**32 - 1)] | None = None


@attrs.frozen(kw_only=True)
class _File:
    """The keys of the file, except ``schema``, in the order in which they are written."""

    product: str
    slug: str
    version: Version
    base: str
    branch: str
    issue: str
    severity: Severity
    impact: str
    environment: str = "production"
    who: str = ""
    detected: dt.datetime | None = None
    started: dt.datetime
    announced: dt.datetime | None = None
    followed_up: dt.datetime | None = None
    reported: dt.datetime | None = None
    notes: str = ""
    deploy: _Deploy = _Deploy()
    done: dict[Annotated[str, Choice("a box that people tick", dict.fromkeys(TICKS, ""))], dt.datetime] = (
        attrs.field(factory=dict)
    )


_TABLES = ("deploy", "done")


@functools.cache
def _converter() -> Converter:
    converter = strict()
    converter.register_structure_hook(dt.datetime, lambda value, _: moment(expected(value, dt.datetime)))
    converter.register_structure_hook(Severity, lambda value, _: Severity.parse(expected(value, str)))
    converter.register_structure_hook(Version, lambda value, _: _three_numbers(expected(value, str)))
    return converter


def _three_numbers(text: str) -> Version:
    version = Version.parse(text)
    if version.prerelease is not None or version.build is not None:
        raise InputError(f"{quoted(text)} must be three numbers, such as 0.1.1")
    return version


def _wrong_schema(schema: Any, hint: str) -> list[Mistake]:
    if type(schema) is int and schema == SCHEMA:
        return []
    message = f"schema must be {SCHEMA}"
    if type(schema) is int and schema > SCHEMA:
        message = f"this record is of a newer schema, and this krow-versions reads up to {SCHEMA}"
        hint = "a newer krow-versions wrote it: install that one"
    return [Mistake(("schema",), message, hint)]


def pairs(values: Mapping[str, Any]) -> list[str]:
    return [pair(name, value) for name, value in values.items() if value is not None]
