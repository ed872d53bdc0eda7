"""The texts of one hotfix: written, sent by the configured program, or said to be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from krow_versions import git
from krow_versions.hotfix import ANNOUNCEMENT, Sent, render, values
from krow_versions.workspace.hotfix import announcing

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.hotfix import HotfixState, Record
    from krow_versions.planning.plan import Plan
    from krow_versions.workspace.hotfix.context import HotfixContext
    from krow_versions.workspace.hotfix.records import Records
    from krow_versions.workspace.protocols import Opened


class Viewed(Protocol):
    """What a hotfix with texts has."""

    @property
    def workspace(self) -> Opened: ...
    @property
    def context(self) -> HotfixContext: ...
    def look(self) -> HotfixState: ...
    def records(self) -> Records: ...
    def text(
        self, name: str, seen: HotfixState | None = None, now: dt.datetime | None = None, errors: str = ""
    ) -> str: ...
    def notifier(self) -> tuple[str, ...] | None: ...


class Texts:
    """The part of :class:`HotfixView` that is about texts."""

    __slots__ = ()

    def text(
        self: Viewed,
        name: str,
        seen: HotfixState | None = None,
        now: dt.datetime | None = None,
        errors: str = "",
    ) -> str:
        """Write one of the texts of the process, such as the announcement; see :meth:`plan_send`."""
        seen, settings = seen or self.look(), self.workspace.config.hotfix
        moment = now or self.workspace.clock()
        filled = values(seen.facts, seen.record, self.workspace.catalog, settings, now=moment, errors=errors)
        return render(name, filled, settings.texts)

    def plan_send(
        self: Viewed,
        text: str = ANNOUNCEMENT,
        *,
        errors: str = "",
        seen: HotfixState | None = None,
        now: dt.datetime | None = None,
    ) -> Plan:
        """Plan to send ``announcement``, ``follow_up`` or ``rollback_notice`` by the configured program.

        A text that was sent already is not sent again: then the plan is empty.

        Args:
            text: the name of the text.
            errors: for the follow-up, the errors since the deployment, as people counted them.
            seen: the result of :meth:`look`.
            now: the present moment.

        Raises:
            UsageError: no program is configured.
            Conflict: the text is not true yet, or no more.
        """
        seen, moment = seen or self.look(), now or self.workspace.clock()
        body = self.text(text, seen, moment, errors)
        sent, program = Sent(at=moment, text=text, errors=errors), self.notifier()
        return announcing.plan_send(self.context, seen, sent, body, program)

    def notifier(self: Viewed) -> tuple[str, ...] | None:
        """Give the configured program that sends texts, and its arguments; None if there is none."""
        return announcing.find_program(self.workspace, self.context)

    def note_sent(
        self: Viewed,
        text: str = ANNOUNCEMENT,
        *,
        errors: str = "",
        seen: HotfixState | None = None,
        now: dt.datetime | None = None,
    ) -> Record:
        """Record that people sent a text by hand; parameters and refusals are those of :meth:`plan_send`."""
        who = git.committer(self.context.repository)
        sent = Sent(at=now or self.workspace.clock(), who=who, text=text, by_hand=True, errors=errors)
        return announcing.note_sent(self.context, self.records(), seen or self.look(), sent)
