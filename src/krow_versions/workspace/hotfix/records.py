"""The records of hotfixes, kept in git's own folder (see ``storage``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import attrs

from krow_versions.hotfix import Approval, Record, approvals_text, read_approvals, tick
from krow_versions.planning.actions import WriteRecord
from krow_versions.workspace.hotfix.storage import TEMPLATE, TextStore

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.version import Version
    from krow_versions.workspace.hotfix.context import HotfixContext

_SUFFIX, _APPROVALS = ".toml", ".approvals.toml"


@attrs.frozen
class Records:
    """The records of one product, in the repository that its tags are in.

    Attributes:
        store: the folder that holds them.
        slug: the product's.
    """

    store: TextStore
    slug: str

    @classmethod
    def of(cls, context: HotfixContext) -> Self:
        """Give the records of the product of *context*."""
        return cls(TextStore.of(context.repository), context.product.slug)

    def name(self, version: Version) -> str:
        """Give the name of the file of a record."""
        return f"{self.slug}-v{version.with_build(None)}{_SUFFIX}"

    def template_name(self, version: Version) -> str:
        """Give the name of the file, beside the record, with the template for the fix commit."""
        return f"{self.slug}-v{version.with_build(None)}{TEMPLATE}"

    def approvals_name(self, version: Version) -> str:
        """Give the name of the file, beside the record, with the approvals."""
        return f"{self.slug}-v{version.with_build(None)}{_APPROVALS}"

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
            if name.startswith(start) and name.endswith(_SUFFIX) and not name.endswith(_APPROVALS)
        )

    def read(self, version: Version) -> Record | None:
        """Read the record of *version*, or None when there is none.

        Raises:
            InputError: it is not a valid record (all mistakes in one error), or its path leaves git's folder.
            FileSystemError: it cannot be read.
        """
        text = self.store.read(self.name(version))
        return None if text is None else Record.from_toml(text, path=self.path(version))

    def write(self, record: Record) -> None:
        """Write *record*, replacing an older one; raises as :meth:`TextStore.write` does."""
        self.store.write(self.name(record.version), record.to_toml())

    def approvals(self, version: Version) -> tuple[Approval, ...]:
        """Read who approved which commit; raises as :meth:`read` does."""
        name = self.approvals_name(version)
        text = self.store.read(name)
        return () if text is None else read_approvals(text, path=self.store.path(name))

    def adding(self, repo: str, version: Version, approval: Approval) -> WriteRecord:
        """Plan to add an approval; raises as :meth:`read` does."""
        name, known = self.approvals_name(version), self.approvals(version)
        return WriteRecord(repo, name, self.store.read(name), approvals_text((*known, approval)))

    def add_approval(self, version: Version, approval: Approval) -> None:
        """Add an approval; raises as :meth:`read` and :meth:`write` do."""
        action = self.adding("", version, approval)
        self.store.write(action.name, action.after)

    def note_end(self, version: Version, box: str, code: int, now: dt.datetime) -> None:
        """Record how a program ended: always for a deployment, for another box only if it succeeded.

        Without a record nothing is written.

        Args:
            version: of the hotfix.
            box: the box of the checklist that its success ticks.
            code: its exit code.
            now: when it ended.
        """
        record = self.read(version)
        if record is None:
            return
        if box == "deployed":
            self.write(attrs.evolve(record, deployed=now, exit_code=code))
        elif not code:
            self.write(tick(record, box, now))
