"""What is known of a hotfix: what is wrong and how bad, whom to call, and where it is announced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from krow_versions.hotfix.people import ADVICE, Contact, channel_of, contacts
from krow_versions.hotfix.values import meaning_of
from krow_versions.tables import Data, Table, Tabular
from krow_versions.text.escaping import one_line
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from krow_versions.hotfix.record import Record
    from krow_versions.hotfix.values import Sourced
    from krow_versions.planning.commands import Calls
    from krow_versions.settings import Hotfix


@frozen
class About(Tabular):
    """What is known of a hotfix, and who is concerned.

    Attributes:
        said: what is wrong, with its sources; without what is not known.
        contacts: whom to call, and what each does.
        channel: where it is announced, or None if that is not configured.
        advice: whether to say what severities mean, and what a hotfix is for.
        warnings: what people must agree on.
    """

    said: Mapping[str, Sourced]
    contacts: tuple[Contact, ...]
    channel: str | None
    advice: bool
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, said: Mapping[str, Sourced], settings: Hotfix, *, advice: bool, warnings: tuple[str, ...] = ()
    ) -> About:
        """Combine what is known with the configuration."""
        return cls(said, contacts(settings), settings.channel, advice, warnings)

    def to_table(self) -> Table:
        """Show one fact, contact or hint per row."""
        rows = [(name, _shown(name, self.said[name])) for name in _SHOWN if name in self.said]
        rows += [("warning", line) for line in self.warnings]
        rows += [("call" if each is self.contacts[0] else "", str(each)) for each in self.contacts]
        rows.append(("channel", one_line(channel_of(self.channel))))
        rows += [("hotfix" if line is ADVICE[0] else "", line) for line in ADVICE if self.advice]
        data = Data((("about", "text"), ("text", "text")), tuple(rows))
        return Table(("about", "what is known"), tuple(rows), "", data)

    def to_json(self) -> dict[str, Any]:
        """Give it as data."""
        return {
            "said": {name: attrs.asdict(each) for name, each in self.said.items()},
            "contacts": [attrs.asdict(each) for each in self.contacts],
            "channel": self.channel,
            "warnings": [*self.warnings],
        }


def contested(record: Record, calls: Calls) -> tuple[str, ...]:
    """Say which other faults were declared for the same version, by people who did not know of it."""
    return tuple(
        f"{one_line(each.who) or 'somebody'} declared another fault for this version: {each.fault}; what was "
        f"declared first counts; if they are one fault, say so: {calls.hotfix('amend', '--issue TEXT')}; if "
        "not, the other one needs a hotfix of its own after this one"
        for each in record.rivals
    )


_SHOWN = ("severity", "issue", "impact")


def _shown(name: str, found: Sourced) -> str:
    meaning = meaning_of(found.value) if name == "severity" else ""
    source = "" if found.source == "record" else f" (from the {found.source})"
    return f"{one_line(found.value)}{f': {meaning}' if meaning else ''}{source}"
