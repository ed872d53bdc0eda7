"""The entries of a record: each is one thing that one person said, or one program did, at one moment.

An entry is never changed or taken out: what it said is corrected by a later one. So records of several
clones are merged by the union of their entries, in any order, and nothing is lost.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar

import attrs

from krow_versions import values
from krow_versions.config.fields import Choice, Kind, Size
from krow_versions.errors import InputError
from krow_versions.hotfix.checklist import TICKS
from krow_versions.hotfix.severity import Severity  # noqa: TC001 - Annotations say how the file is read.
from krow_versions.text.escaping import one_line, quoted
from krow_versions.values import field, frozen

_COMMIT = Kind(
    ((r"(?!(?:[0-9a-f]{40}|[0-9a-f]{64})$)", "is no full id of a commit"),), "write all digits of the id"
)
_CODES = Size(1 - 2**32, 2**32 - 1)
ANNOUNCEMENT, FOLLOW_UP, ROLLBACK_NOTICE = "announcement", "follow_up", "rollback_notice"
_SENT = dict.fromkeys((ANNOUNCEMENT, FOLLOW_UP, ROLLBACK_NOTICE), "")


def exact(value: dt.datetime) -> dt.datetime:
    """Give *value* with a fixed offset from UTC instead of its zone.

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
    return value.astimezone(dt.timezone(whole)).replace(fold=0)


def moment(value: dt.datetime) -> dt.datetime:
    """Round *value* down to the second; raises as :func:`exact` does."""
    return exact(value).replace(microsecond=0)


def kept(text: str) -> str:
    """Escape lone surrogates, which a file cannot hold."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _bounded(text: str) -> str:
    """Shorten a text that would make the record too long to be read."""
    text = kept(text)
    return text if len(text) <= LONGEST_BODY else text[: LONGEST_BODY - len(_CUT)] + _CUT


LONGEST_BODY = 8000
"""The most characters of a sent text that are kept."""
_CUT = "\n[...]"


def _box(name: str) -> str:
    if name not in (*TICKS, "deployed"):
        raise InputError(
            f"{quoted(name)} is not a box that people tick", hint=f"boxes are {', '.join(TICKS)}"
        )
    return name


def _perhaps_exact(value: dt.datetime | None) -> dt.datetime | None:
    return None if value is None else exact(value)


def _perhaps_moment(value: dt.datetime | None) -> dt.datetime | None:
    return None if value is None else moment(value)


def _perhaps_kept(text: str | None) -> str | None:
    return None if text is None else kept(text)


@frozen(kw_only=True)
class Entry:
    """What all entries have.

    Attributes:
        at: when it happened, to the second.
        who: who said or did it: the name with which git commits there, or empty if it is not known.
        noted: when it was recorded, if that was not at once; None otherwise.
        round: 1, or one more than that of an abandoned hotfix of the same version.
    """

    table: ClassVar[str]
    """The name of its tables in the file."""

    at: dt.datetime = field(converter=moment)
    who: str = field(default="", converter=kept)
    noted: dt.datetime | None = field(default=None, converter=_perhaps_exact)
    round: Annotated[int, Size(1, 9999)] = 1

    @property
    def known(self) -> dt.datetime:
        """When it was recorded: of two entries about the same thing, the later one counts."""
        return self.noted or self.at

    @property
    def latest(self) -> dt.datetime:
        """The latest moment that it names."""
        values = (getattr(self, field.name) for field in attrs.fields(type(self)))
        return max(value for value in values if isinstance(value, dt.datetime))


@frozen(kw_only=True)
class Declared(Entry):
    """The declaration that starts a hotfix.

    Attributes:
        base: the production tag that it starts from.
        branch: its branch.
        issue: what is broken.
        severity: how bad it is.
        impact: who cannot do what.
        environment: where it is broken.
        detected: when the fault was seen, if that was before it was declared.
    """

    table = "declared"
    base: str = field(converter=kept)
    branch: str = field(converter=kept)
    issue: str = field(converter=kept)
    severity: Severity
    impact: str = field(converter=kept)
    environment: str = field(default="production", converter=kept)
    detected: dt.datetime | None = field(default=None, converter=_perhaps_moment)

    @property
    def fault(self) -> str:
        """What is broken and how bad, on one line."""
        return one_line(f"{self.severity.name}, {self.issue}: {self.impact}")


@frozen(kw_only=True)
class Amended(Entry):
    """A correction of what was declared; None stands for what stays."""

    table = "amended"
    issue: str | None = field(default=None, converter=_perhaps_kept)
    severity: Severity | None = None
    impact: str | None = field(default=None, converter=_perhaps_kept)
    environment: str | None = field(default=None, converter=_perhaps_kept)
    detected: dt.datetime | None = field(default=None, converter=_perhaps_moment)


@frozen(kw_only=True)
class Done(Entry):
    """A tick of a box of the checklist, or with *undone* the end of one."""

    table = "done"
    box: Annotated[str, Choice("a box that people tick", dict.fromkeys((*TICKS, "deployed"), ""))] = field(
        converter=_box
    )
    undone: bool = False


@frozen(kw_only=True)
class Approval(Entry):
    """What one person said of one commit: that it is approved, or why it ships without an approval.

    Attributes:
        tip: the full id of the commit; empty if it is not known, which approves no commit.
        reason: why the commit ships without an approval; empty if it is approved.
    """

    table = "approved"
    tip: Annotated[str, _COMMIT] = ""
    reason: str = field(default="", converter=kept)


@frozen(kw_only=True)
class Merged(Entry):
    """What one person said of one commit: that main has it in a form in which git does not show it.

    Attributes:
        tip: the full id of the commit of the hotfix.
        commit: the full id of the commit of main that holds it.
    """

    table = "merged"
    tip: Annotated[str, _COMMIT]
    commit: Annotated[str, _COMMIT]

    def __str__(self) -> str:
        who = one_line(self.who)
        return f"merged as {self.commit[:12]}{f', says {who}' if who else ''}"


@frozen(kw_only=True)
class Deployment(Entry):
    """An attempt to deploy; ``at`` is its start.

    Attributes:
        tag: the production tag that was deployed.
        ended: when it ended, or None if that is not known.
        exit_code: of the command that deploys; None if it has not ended, or if people deployed.
        by_hand: whether people did it, and said so.
        rollback: whether it deployed an older version again.
    """

    table = "deployed"
    tag: str = field(converter=kept)
    ended: dt.datetime | None = field(default=None, converter=_perhaps_moment)
    exit_code: Annotated[int, _CODES] | None = None
    by_hand: bool = False
    rollback: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether it ended well."""
        return self.ended is not None and (self.by_hand or self.exit_code == 0)


@frozen(kw_only=True)
class Decision(Entry):
    """The decision to roll back, which is the Product Owner's.

    Attributes:
        decided_by: who decided.
        reason: why.
        to: the production tag that is deployed again.
        from_: the production tag that it replaces, or empty if it is not known.
    """

    table = "decided"
    decided_by: str = field(converter=kept)
    reason: str = field(converter=kept)
    to: str = field(converter=kept)
    from_: str = field(default="", converter=kept)


@frozen(kw_only=True)
class Sent(Entry):
    """A text that was sent.

    Attributes:
        text: ``announcement``, ``follow_up`` or ``rollback_notice``.
        by_hand: whether people sent it, and said so.
        errors: the errors since the deployment, as people counted them, if it is the follow-up.
        body: its words, as they were sent; empty if they are not known.
    """

    table = "sent"
    text: Annotated[str, Choice("a text that is sent", _SENT)]
    by_hand: bool = False
    errors: str = field(default="", converter=kept)
    body: str = field(default="", converter=_bounded)


@frozen(kw_only=True)
class Sending(Entry):
    """The start of a program that sends a text; only a :class:`Sent` says that it was sent.

    Attributes:
        text: as of :class:`Sent`.
        over: whether it is the end of a program that has sent nothing, and began at the same moment.
    """

    table = "sending"
    text: Annotated[str, Choice("a text that is sent", _SENT)]
    over: bool = False


@frozen(kw_only=True)
class Said(Entry):
    """A fact for the incident document, or a note; the latest of a field counts."""

    table = "said"
    field: str = values.field(converter=kept)
    text: str = values.field(converter=kept)


@frozen(kw_only=True)
class ActionItem(Entry):
    """Something to do after the incident; the latest entry of an id counts.

    Attributes:
        id: its id, unique in the record.
        what: what is to be done.
        kind: ``prevent``, ``mitigate`` or ``detect``.
        area: ``tests``, ``CI`` or ``monitoring``.
        owner: who does it, or empty.
        due: the last day for it, or None.
        done: whether it is done, or was given up.
    """

    table = "action"
    id: str = field(converter=kept)
    what: str = field(converter=kept)
    kind: Annotated[str, Choice("a kind of action", dict.fromkeys(("prevent", "mitigate", "detect"), ""))]
    area: Annotated[str, Choice("an area", dict.fromkeys(("tests", "CI", "monitoring"), ""))]
    owner: str = field(default="", converter=kept)
    due: dt.date | None = None
    done: bool = False


@frozen(kw_only=True)
class Abandoned(Entry):
    """The end of a hotfix that does not ship.

    Attributes:
        reason: why.
        tip: the full id of the last commit of its branch; empty if it had none, or is not known.
    """

    table = "abandoned"
    reason: str = field(converter=kept)
    tip: Annotated[str, _COMMIT] = ""


KINDS: tuple[type[Entry], ...] = (
    Declared, Amended, Done, Approval, Merged, Deployment, Decision, Sending, Sent, Said, ActionItem,
    Abandoned,
)  # fmt: skip
"""All kinds of entries, in the order of the file."""
