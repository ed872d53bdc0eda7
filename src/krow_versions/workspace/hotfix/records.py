"""The records of hotfixes, kept in git's own folder (see ``storage``)."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Self

from krow_versions.errors import Conflict, KrowVersionsError
from krow_versions.hotfix import (
    FOLLOW_UP,
    Deployment,
    Done,
    Record,
    Sending,
    Sent,
    placed,
    read_record,
    record_text,
    require_not_running,
    require_not_sending,
    sent_before,
    successes,
    tick,
    version_in,
    when_sent,
)
from krow_versions.names import file_slug
from krow_versions.planning.actions import WriteRecord
from krow_versions.values import evolve, field, frozen
from krow_versions.version import Version
from krow_versions.workspace.hotfix import recording
from krow_versions.workspace.hotfix.sharing import SharedRecords
from krow_versions.workspace.hotfix.storage import RECORD, TEMPLATE, TextStore, is_record

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from krow_versions.git import Repository
    from krow_versions.planning.actions import RunProgram
    from krow_versions.planning.commands import Calls
    from krow_versions.planning.plan import HotfixStep
    from krow_versions.products import Product
    from krow_versions.workspace.clock import Clock
    from krow_versions.workspace.hotfix.context import HotfixContext


@frozen
class Attempt:
    """A program that deploys or sends, whose start is in the record.

    Attributes:
        records: where it is recorded.
        entry: what was recorded.
        alone: a record with only that.
        warning: why it is not shared, though it is to be; or empty.
    """

    records: Records
    entry: Deployment | Sending
    alone: Record
    warning: str = ""

    def end(self, now: dt.datetime, code: int, action: RunProgram) -> None:
        """Record how it ended; raises as :meth:`Records.begin` does."""
        entry, version = self.entry, self.alone.version
        if isinstance(entry, Deployment):
            ended = evolve(entry, ended=now, exit_code=code)
            self.records.write(self.records.read(version).adding(ended))
        elif code:
            self.take_back()
        else:
            sent = Sent(at=now, who=entry.who, text=entry.text, errors=action.errors, body=action.stdin)
            self.records.note_sent(version, sent)

    def take_back(self) -> None:
        """Record that nothing has come of it; what others have written since stays."""
        records, entry, version = self.records, self.entry, self.alone.version
        if records.shared is None:
            recording.take_back(records.store, records.name(version), None, record_text(self.alone))
        elif isinstance(entry, Sending):
            records.write(records.read(version).adding(evolve(entry, over=True)))
        else:
            ended = evolve(entry, ended=entry.at, exit_code=_NOT_STARTED)
            records.write(records.read(version).adding(ended))


_NOT_STARTED = 127
"""The exit code of a command that is not there, as shells give it."""


@frozen
class Records:
    """The records of one product, in the repository that its tags are in.

    Attributes:
        store: the folder that holds them.
        product: its name.
        slug: the product's.
        clock: what gives the present moment.
        shared: those on the remote, or None if they are not shared.
    """

    store: TextStore
    product: str
    slug: str
    clock: Clock = field(eq=False)
    shared: SharedRecords | None = None

    @classmethod
    def of(cls, context: HotfixContext) -> Self:
        """Give the records of the product of *context*."""
        remote = context.shared.remote if context.shared else ""
        return cls.at(context.repository, context.product, context.clock, remote)

    @classmethod
    def at(cls, repository: Repository, product: Product, clock: Clock, remote: str = "") -> Self:
        """Give the records of *product* in a repository, and those on a remote, if they are shared there."""
        shared = SharedRecords(repository, remote, product.name, product.slug) if remote else None
        return cls(TextStore.of(repository), product.name, product.slug, clock, shared)

    def name(self, version: Version) -> str:
        """Give the name of the file of a record."""
        return recording.file_name(self.slug, version)

    def template_name(self, version: Version) -> str:
        """Give the name of the file, beside the record, with the template for the fix commit."""
        return f"{file_slug(self.slug)}-v{version.with_build(None)}{TEMPLATE}"

    def has_template(self, version: Version) -> bool:
        """Whether the file of :meth:`template_name` exists, which a start in this clone writes."""
        return self.template_name(version) in self.store.names()

    def path(self, version: Version) -> str:
        """Give the absolute path of a record."""
        return self.store.path(self.name(version))

    def versions(self) -> tuple[str, ...]:
        """List the versions that have a record here, or had one on the remote, as text, unsorted.

        Raises:
            UnsafePath: the folder of records leads out of git's own.
            FileSystemError: it cannot be listed.
        """
        start = f"{file_slug(self.slug)}-v"
        here = (
            name.removeprefix(start).removesuffix(RECORD)
            for name in self.store.names()
            if name.startswith(start) and is_record(name)
        )
        return (*here, *(map(str, self.shared.versions()) if self.shared else ()))

    def read(self, version: Version) -> Record:
        """Read :meth:`local` with what was last seen of it on the remote; raises as that does."""
        record = self.local(version)
        return record.merged(self.shared.seen(version)) if self.shared else record

    def local(self, version: Version) -> Record:
        """Read what is recorded here of *version*; a record without entries if nothing is.

        Raises:
            InputError: it is not a valid record (all mistakes in one error), or its path leaves git's folder.
            FileSystemError: it cannot be read.
        """
        text = self.store.read(self.name(version))
        if text is None:
            return Record(self.product, self.slug, version, now=self.clock())
        return evolve(read_record(text, path=self.path(version)), now=self.clock())

    def others(self, version: Version) -> tuple[Record, ...]:
        """Read the records of all other versions, except for those that cannot be read."""
        wanted = dict[Version, None]()
        for text in self.versions():
            with contextlib.suppress(KrowVersionsError):
                wanted[Version.parse(text)] = None
        wanted.pop(version.with_build(None), None)
        seen = self.shared.all_seen(wanted) if self.shared and wanted else {}
        found = []
        for other in wanted:
            with contextlib.suppress(KrowVersionsError):
                record = self.local(other)
                found.append(record.merged(seen[other]) if other in seen else record)
        return tuple(found)

    def write(self, record: Record) -> None:
        """Write *record*, with what others have written meanwhile; raises as :func:`recording.keep`."""
        recording.keep(self.store, self.name(record.version), record_text(record))

    def writing(self, repo: str, record: Record) -> WriteRecord:
        """Plan to write *record*; raises as :meth:`read` does."""
        name = self.name(record.version)
        return WriteRecord(repo, name, self.store.read(name), record_text(record))

    def note_sent(self, version: Version, sent: Sent) -> Record:
        """Record that a text was sent; all but the follow-up notify the users, too."""
        record = with_sent(self.read(version), sent)
        self.write(record)
        return record

    def share(
        self, version: Version, calls: Calls, refuse: Callable[[Record], None] | None = None
    ) -> recording.Shared:
        """Share what is recorded here, if records are shared; raises as :func:`recording.share` does."""
        if self.shared is None:
            return recording.Shared(done=False)
        local = evolve(self.local(version), product=self.product)
        return recording.share(self.shared, local, calls, refuse)

    def begin(self, step: HotfixStep, action: RunProgram, who: str, now: dt.datetime) -> Attempt:
        """Record that a program deploys or sends, and share that, before it starts.

        So of all who start at once, in one clone or in several, one goes on. Where the remote does not
        answer, or takes no records, that is known in this clone only, which is a warning.

        Args:
            step: the step of the hotfix; a rollback to the hotfix itself is a deployment like any other.
            action: the program.
            who: who runs it.
            now: the present moment.

        Raises:
            Conflict: somebody else deploys or sends it already, or has sent it; nothing is left of it here.
            InputError: the record cannot be read.
            FileSystemError: it cannot be written.
        """
        version, is_rollback = step.version, step.name == "rollback"
        entry: Deployment | Sending
        if action.sends:
            entry = Sending(at=now, who=who, text=action.sends)
        else:
            is_back = is_rollback and version_in(action.tag) != str(version.with_build(None))
            entry = Deployment(at=now, who=who, tag=action.tag, rollback=is_back)

        others = self.others(version)

        def refuse(known: Record) -> None:
            record = placed(evolve(known, now=now), others)
            if action.sends:
                if sent := sent_before(record, action.sends):
                    raise Conflict(f"{when_sent(sent)}, since the plan was made; nothing was done")
                require_not_sending(record, action.sends, step.calls, beyond=action.beyond)
            else:
                if _is_repeated(known, action):  # It began and ended since :meth:`is_repeated`.
                    raise Conflict(f"{action.tag} was deployed since the plan was made; nothing was done")
                # What is in the way of a rollback is only the same one: production waits for it.
                tag = action.tag if is_rollback else ""
                require_not_running(record, now, step.calls, command=step.name, tag=tag, beyond=action.beyond)

        empty, name = Record(self.product, self.slug, version), self.name(version)
        seen = evolve(self.shared.seen(version) if self.shared else empty, now=now)
        alone = recording.begin(self.store, name, seen, entry, refuse)
        try:
            found = self.share(version, step.calls, refuse)
        except Conflict:
            recording.take_back(self.store, name, None, record_text(alone))
            raise
        return Attempt(self, entry, alone, found.warning)

    def is_repeated(self, version: Version, action: RunProgram) -> bool:
        """Whether a text was sent, or a deployment has succeeded, since that was planned."""
        return _is_repeated(self.read(version), action)

    def note(self, version: Version, action: RunProgram, now: dt.datetime, who: str) -> None:
        """Record that a program that neither deploys nor sends has succeeded, as :meth:`write` does."""
        self.write(tick(self.read(version), action.box, now, who))


def with_sent(record: Record, sent: Sent) -> Record:
    """Add to a record that a text was sent; all but the follow-up notifies the users."""
    record = record.adding(sent)
    if sent.text != FOLLOW_UP:
        record = record.adding(Done(at=sent.at, who=sent.who, box="users-notified"))
    return record


def _is_repeated(record: Record, action: RunProgram) -> bool:
    if action.sends:
        return sent_before(record, action.sends) is not None
    return action.box == "deployed" and successes(record, action.tag) > action.known
