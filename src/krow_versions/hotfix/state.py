"""What is known of one hotfix at one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.values import evolve, frozen

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.gates import Gate
    from krow_versions.hotfix.record import Record


@frozen
class HotfixState:
    """Facts, record and gates of one hotfix: read once per command, and passed on.

    Attributes:
        facts: what git, the files and the remote say.
        record: what people said, as far as is known here.
        others: the records of the other versions of the product.
        gates: the verdicts on the facts.
        differing: names of tags that differ here and on the remote, if a fetch has compared them.
        unshared: whether the remote lacks something of the shared record, as far as is known here.
        warnings: what is wrong with the record: on the remote, or with the time of an entry.
        join: the command that brings its branch here, if only the remote has it; else empty.
        elsewhere: whether it was started in another clone, and neither its branch nor its tag is here.
    """

    facts: Facts
    record: Record
    gates: tuple[Gate, ...]
    differing: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    others: tuple[Record, ...] = ()
    unshared: bool = False
    join: str = ""
    elsewhere: bool = False

    def at(self, now: dt.datetime) -> HotfixState:
        """Give the state at a moment: what is dated far ahead of it does not count."""
        return evolve(self, record=evolve(self.record, now=now))

    def is_ticked(self, box: str) -> bool:
        """Whether people ticked a box."""
        return self.record.is_ticked(box)
