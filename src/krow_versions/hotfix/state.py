"""All that is known of one hotfix at one moment: looked at once per command, and passed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.gates import Gate
    from krow_versions.hotfix.record import Record


@attrs.frozen
class HotfixState:
    """All that is known of one hotfix.

    Attributes:
        facts: what git, the files and the remote say.
        record: what people said, or None when nothing is recorded in this repository.
        gates: the verdicts on the facts.
        differing: names of tags that are not the same here and on the remote, where it was fetched from.
    """

    facts: Facts
    record: Record | None
    gates: tuple[Gate, ...]
    differing: tuple[str, ...] = ()

    def is_ticked(self, box: str) -> bool:
        """Whether people ticked a box."""
        return self.record is not None and box in self.record.ticks
