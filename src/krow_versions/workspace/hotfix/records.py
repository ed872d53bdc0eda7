"""The records of hotfixes, kept in git's own folder (see ``storage``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import attrs

from krow_versions.hotfix import Deployment, Record, read_record, record_text, tick
from krow_versions.planning.actions import WriteRecord
from krow_versions.workspace.hotfix.storage import TEMPLATE, TextStore

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.version import Version
    from krow_versions.workspace.hotfix.context import HotfixContext

_SUFFIX = ".toml"


@attrs.frozen
class Records:
    """The records of one product, in the repository that its tags are in.

    Attributes:
        store: the folder that holds them.
        product: its name.
        slug: the product's.
    """

    store: TextStore
    product: str
    slug: str

    @classmethod
    def of(cls, context: HotfixContext) -> Self:
        """Give the records of the product of *context*."""
        return cls(TextStore.of(context.repository), context.product.name, context.product.slug)

    def name(self, version: Version) -> str:
        """Give the name of the file of a record."""
        return f"{self.slug}-v{version.with_build(None)}{_SUFFIX}"

    def template_name(self, version: Version) -> str:
        """Give the name of the file, beside the record, with the template for the fix commit."""
        return f"{self.slug}-v{version.with_build(None)}{TEMPLATE}"

    def path(self, version: Version) -> str:
        """Give the absolute path of a record."""
        return self.store.path(self.name(version))

    def versions(self) -> tuple[str, ...]:
        """List the versions that have a record, as text, unsorted.

        Raises:
            UnsafePath: the folder of records leads out of git's own.
            FileSystemError: it cannot be listed.
        """
        start = f"{self.slug}-v"
        return tuple(
            name.removeprefix(start).removesuffix(_SUFFIX)
            for name in self.store.names()
            if name.startswith(start) and name.endswith(_SUFFIX)
        )

    def read(self, version: Version) -> Record:
        """Read the record of *version*; one without entries if nothing is recorded here.

        Raises:
            InputError: it is not a valid record (all mistakes in one error), or its path leaves git's folder.
            FileSystemError: it cannot be read.
        """
        text = self.store.read(self.name(version))
        if text is None:
            return Record(self.product, self.slug, version)
        return read_record(text, path=self.path(version))

    def write(self, record: Record) -> None:
        """Write *record*, replacing an older one; raises as :meth:`TextStore.write` does."""
        self.store.write(self.name(record.version), record_text(record))

    def writing(self, repo: str, record: Record) -> WriteRecord:
        """Plan to write *record*; raises as :meth:`read` does."""
        name = self.name(record.version)
        return WriteRecord(repo, name, self.store.read(name), record_text(record))

    def note_end(
        self,
        version: Version,
        box: str,
        code: int,
        *,
        tag: str,
        who: str,
        began: dt.datetime,
        now: dt.datetime,
    ) -> None:
        """Record how a program ended: always for a deployment, for another box only if it succeeded.

        Args:
            version: of the hotfix.
            box: the box of the checklist that its success ticks.
            code: its exit code.
            tag: the production tag of the hotfix.
            who: who ran it.
            began: when it was started.
            now: when it ended.
        """
        record = self.read(version)
        if box == "deployed":
            self.write(record.adding(Deployment(at=began, who=who, tag=tag, ended=now, exit_code=code)))
        elif not code:
            self.write(tick(record, box, now, who))
