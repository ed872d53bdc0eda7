"""A gate, how it is judged, and what it says of a hotfix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs

from krow_versions.text.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from krow_versions.hotfix.facts import Facts
    from krow_versions.products import Catalog
    from krow_versions.settings import Hotfix

Verdict = Literal["passed", "failed", "warning", "unknown"]
PASSED: Verdict = "passed"
FAILED: Verdict = "failed"
WARNING: Verdict = "warning"
UNKNOWN: Verdict = "unknown"


@attrs.frozen
class Subject:
    """What is judged, and by which rules.

    Attributes:
        facts: what git and the files say of the hotfix.
        catalog: the patterns of tags, for the builds that they shipped.
        settings: what the configuration allows a hotfix.
    """

    facts: Facts
    catalog: Catalog
    settings: Hotfix


@attrs.frozen
class Ruling:
    """What a gate says of a hotfix; other people's words are escaped.

    Attributes:
        verdict: ``passed``, ``failed``, ``warning`` or ``unknown``.
        found: what was found.
        todo: what to do about it, or empty.
    """

    verdict: Verdict
    found: str = attrs.field(converter=printable)
    todo: str = attrs.field(default="", converter=printable)


@attrs.frozen
class GateKind:
    """One gate of the process.

    Attributes:
        id: how data calls it; never used for another one.
        title: what is so when it is passed.
        step: the step of the process that it holds up unless it is passed.
        judge: the function that judges.
        box: the id of the box in the checklist that it completes, alone or with others; or None.
    """

    id: str
    title: str
    step: int
    judge: Callable[[Subject], Ruling] = attrs.field(repr=False)
    box: str | None = None


@attrs.frozen
class Gate:
    """A gate with its ruling.

    Attributes:
        id: that of its kind.
        title: what is so when it is passed.
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
