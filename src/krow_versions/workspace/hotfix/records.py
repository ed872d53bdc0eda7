"""The records of hotfixes, kept in git's own folder (see ``storage``)."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Self

import attrs

from krow_versions.errors import ConcurrentEdit, KrowVersionsError
from krow_versions.hotfix import (
    FOLLOW_UP,
    Deployment,
    Done,
    Record,
    Sent,
    read_record,
    record_text,
    sent_before,
    tick,
    version_in,
    when_sent,
)
from krow_versions.planning.actions import WriteRecord
from krow_versions.version import Version
from krow_versions.workspace.hotfix import recording
from krow_versions.workspace.hotfix.storage import RECORD, TEMPLATE, TextStore, is_record

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.planning.actions import RunProgram
    from krow_versions.workspace.clock import Clock
    from krow_versions.workspace.hotfix.context import HotfixContext
    from krow_versions.workspace.hotfix.sharing import SharedRecords


@attrs.frozen
class Attempt:
    """A deployment that has started, and is in the record.

    Attributes:
        records: where it is recorded.
        version: of the hotfix.
        entry: what was recorded.
        before: the text of the record before, or None if there was none.
        after: its text since.
    """

    records: Records
    version: Version
    entry: Deployment
    before: str | None
    after: str

    def end(self, now: dt.datetime, code: int) -> None:
        """Record how it ended; raises as :meth:`Records.begin` does."""
        record = self.records.read(self.version)
        self.records.write(record.adding(attrs.evolve(self.entry, ended=now, exit_code=code)))

    def take_back(self) -> None:
        """Record that it never started; what others have written since stays."""
        recording.take_back(self.records.store, self.records.name(self.version), self.before, self.after)


@attrs.frozen
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
    clock: Clock = attrs.field(eq=False)
    shared: SharedRecords | None = None

    @classmethod
    def of(cls, context: HotfixContext) -> Self:
        """Give the records of the product of *context*."""
        product = context.product
        store = TextStore.of(context.repository)
        return cls(store, product.name, product.slug, context.clock, context.shared)

    def name(self, version: Version) -> str:
        """Give the name of the file of a record."""
        return recording.file_name(self.slug, version)

    def template_name(self, version: Version) -> str:
        """Give the name of the file, beside the record, with the template for the fix commit."""
        return f"{self.slug}-v{version.with_build(None)}{TEMPLATE}"

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
        start = f"{self.slug}-v"
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
        return attrs.evolve(read_record(text, path=self.path(version)), now=self.clock())

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

    def require_open(self, version: Version, action: RunProgram) -> None:
        """Refuse to run a program whose end cannot be noted, or that would send a text once more.

        Raises:
            ConcurrentEdit: the text was sent since the plan was made.
            InputError: the record cannot be read, as :meth:`read` says.
        """
        record = self.read(version)
        if action.sends and (sent := sent_before(record, action.sends)):
            raise ConcurrentEdit(f"since the plan was made, {when_sent(sent)}; nothing was done")

    def note_sent(self, version: Version, sent: Sent) -> Record:
        """Record that a text was sent; all but the follow-up notify the users, too."""
        record = with_sent(self.read(version), sent)
        self.write(record)
        return record

    def begin(self, version: Version, *, tag: str, rollback: bool, who: str, now: dt.datetime) -> Attempt:
        """Record that a deployment starts.

        Args:
            version: of the hotfix.
            tag: the production tag that is deployed.
            rollback: whether a rollback was decided; to the hotfix itself it is a deployment like any other.
            who: who runs it.
            now: the present moment.

        Raises:
            InputError: the record cannot be read.
            FileSystemError: it cannot be written.
        """
        is_back = rollback and version_in(tag) != str(version.with_build(None))
        entry = Deployment(at=now, who=who, tag=tag, rollback=is_back)
        before, record = self.store.read(self.name(version)), self.read(version).adding(entry)
        self.write(record)
        return Attempt(self, version, entry, before, record_text(record))

    def note(self, version: Version, action: RunProgram, now: dt.datetime, who: str) -> None:
        """Record that a program that is no deployment has succeeded; raises as :meth:`begin` does."""
        if action.sends:
            sent = Sent(at=now, who=who, text=action.sends, errors=action.errors, body=action.stdin)
            self.note_sent(version, sent)
        else:
            self.write(tick(self.read(version), action.box, now, who))


def with_sent(record: Record, sent: Sent) -> Record:
    """Add to a record that a text was sent; all but the follow-up notifies the users."""
    record = record.adding(sent)
    if sent.text != FOLLOW_UP:
        record = record.adding(Done(at=sent.at, who=sent.who, box="users-notified"))
    return record
