"""A gate, its input, and its ruling on a hotfix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs

from krow_versions.text.escaping import printable
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from krow_versions.hotfix.entries import Approval
    from krow_versions.hotfix.facts import Facts
    from krow_versions.products import Catalog
    from krow_versions.settings import Hotfix

Verdict = Literal["passed", "failed", "warning", "unknown"]
PASSED: Verdict = "passed"
FAILED: Verdict = "failed"
WARNING: Verdict = "warning"
UNKNOWN: Verdict = "unknown"


@frozen
class Subject:
    """The input of every gate.

    Attributes:
        facts: what git and the files say of the hotfix.
        catalog: the patterns of tags, for the builds that they shipped.
        settings: the ``[hotfix]`` part of the configuration.
        approvals: who approved which commit.
    """

    facts: Facts
    catalog: Catalog
    settings: Hotfix
    approvals: tuple[Approval, ...] = ()


@frozen
class Ruling:
    """The result of a gate; its texts are escaped.

    Attributes:
        verdict: ``passed``, ``failed``, ``warning`` or ``unknown``.
        found: what was found.
        todo: what to do about it, or empty.
    """

    verdict: Verdict
    found: str = field(converter=printable)
    todo: str = field(default="", converter=printable)


@frozen
class GateKind:
    """One gate of the process.

    Attributes:
        id: its name in JSON; never reused for another gate.
        title: what holds when it is passed.
        step: the step of the process that needs it.
        judge: computes the ruling.
        box: the id of the checklist box that it completes, alone or with other gates; or None.
    """

    id: str
    title: str
    step: int
    judge: Callable[[Subject], Ruling] = field(repr=False)
    box: str | None = None


@frozen
class Gate:
    """A gate with its ruling.

    Attributes:
        id: the id of its kind.
        title: what holds when it is passed.
        verdict: ``passed``, ``failed``, ``warning`` or ``unknown``.
        found: what was found.
        todo: what to do about it, or empty.
    """

    id: str
    title: str
    verdict: Verdict
    found: str
    todo: str = ""

    def to_json(self) -> dict[str, str]:
        """Give the gate as data."""
        return attrs.asdict(self)
