"""What only people can say of a hotfix, and how it is kept: a small TOML file, readable by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import attrs

from krow_versions.errors import InputError
from krow_versions.hotfix.checklist import TICKS
from krow_versions.hotfix.record_toml import moment, read_fields, write_fields
from krow_versions.text.escaping import quoted

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from krow_versions.hotfix.severity import Severity
    from krow_versions.version import Version


def _kept(text: str) -> str:
    """Give *text* as a file can hold it: a lone surrogate is spelled out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _ticks(ticks: Mapping[str, dt.datetime]) -> dict[str, dt.datetime]:
    for name in ticks:
        if name not in TICKS:
            raise InputError(
                f"{quoted(name)} is no box that people tick", hint=f"boxes are {', '.join(TICKS)}"
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
        slug: how tags and branches call it.
        version: what the hotfix ships, x.y.z.
        base: the production tag that it started from.
        branch: its branch.
        issue: what is broken.
        severity: how bad it is.
        impact: who cannot do what.
        started: when it was declared: the clock runs from here.
        environment: where it is broken.
        who: who declared it.
        detected: when the fault was seen, where that was before it was declared.
        ticks: by box of the checklist, when people ticked it.
        deployed: when the last deployment ended, or None.
        exit_code: how that ended; None when people said that it is done.
        announced: when the announcement was written, for people to send.
        followed_up: when the status update after a day was sent.
        reported: when the incident document was written to a file.
        notes: anything else, in free words.

    Raises:
        InputError: a time has no zone, the version is a pre-release, or a tick is for no such box.
    """

    product: str = attrs.field(converter=_kept)
    slug: str = attrs.field(converter=_kept)
    version: Version = attrs.field(converter=_version)
    base: str = attrs.field(converter=_kept)
    branch: str = attrs.field(converter=_kept)
    issue: str = attrs.field(converter=_kept)
    severity: Severity
    impact: str = attrs.field(converter=_kept)
    started: dt.datetime = attrs.field(converter=moment)
    environment: str = attrs.field(default="production", converter=_kept)
    who: str = attrs.field(default="", converter=_kept)
    detected: dt.datetime | None = attrs.field(default=None, converter=_perhaps)
    ticks: Mapping[str, dt.datetime] = attrs.field(factory=dict, converter=_ticks)
    deployed: dt.datetime | None = attrs.field(default=None, converter=_perhaps)
    exit_code: int | None = None
    announced: dt.datetime | None = attrs.field(default=None, converter=_perhaps)
    followed_up: dt.datetime | None = attrs.field(default=None, converter=_perhaps)
    reported: dt.datetime | None = attrs.field(default=None, converter=_perhaps)
    notes: str = attrs.field(default="", converter=_kept)

    @property
    def zero(self) -> dt.datetime:
        """T-0: when the fault was detected, as far as anybody said."""
        return min(self.detected, self.started) if self.detected else self.started

    @property
    def is_deployed(self) -> bool:
        """Whether the last deployment went well."""
        return self.deployed is not None and not self.exit_code

    def to_toml(self) -> str:
        """Write the record; :meth:`from_toml` is the inverse, whatever the texts hold."""
        return write_fields({name: getattr(self, name) for name in attrs.fields_dict(Record)})

    @classmethod
    def from_toml(cls, text: str, path: str = "hotfix record") -> Self:
        """Read a record strictly.

        Args:
            text: what :meth:`to_toml` wrote, perhaps edited by hand since.
            path: the file, for messages.

        Raises:
            InputError: every mistake, each with its key, all at once; or a newer schema.
        """
        return cls(**read_fields(text, path))
