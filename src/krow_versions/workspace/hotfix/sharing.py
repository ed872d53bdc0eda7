"""The records of hotfixes on the remote: each in a ref of its own, which clones merge and never force."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

from krow_versions import git
from krow_versions.encoding import decode
from krow_versions.errors import (
    Conflict,
    GitError,
    GitMissing,
    InputError,
    KrowVersionsError,
    PushRejected,
    members,
)
from krow_versions.formats import MIB
from krow_versions.hotfix import Record, is_newer, read_record, record_text
from krow_versions.text.escaping import quoted
from krow_versions.values import frozen
from krow_versions.version import Version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

FOLDER = "refs/krow-versions/hotfix/"
FILE = "record.toml"
ALL = f"{FOLDER}*"
"""The pattern of the refs of all records, of every product."""
_TRIES = 40  # Each that fails means that another clone has shared something meanwhile.
_IDLE_TRIES = 5  # After which nothing was found to have moved: a push is under way, or left its lock.
_PAUSE = 0.2  # Seconds, at most, after each: so those who have met once do not meet again.


@frozen
class Unreadable:
    """A record on the remote that cannot be read.

    Attributes:
        why: which it is, and what is wrong with it.
        way: what to do.
        final: whether nothing may be pushed in its place.
    """

    why: str
    way: str
    final: bool = False

    def __str__(self) -> str:
        return f"{self.why}; {self.way}"


@frozen
class SharedRecords:
    """The records of one product on a remote, and what was last seen of them, which refs here hold.

    Attributes:
        repository: the clone.
        remote: the name of the remote.
        product: the product's name.
        slug: its name in tags and branches.
    """

    repository: git.Repository
    remote: str
    product: str
    slug: str

    def ref(self, version: Version) -> str:
        """Give the full name of the ref of a record, which is the same here and on the remote."""
        return f"{FOLDER}{self.slug}-v{version.with_build(None)}"

    def versions(self) -> tuple[Version, ...]:
        """List the versions of which a shared record was seen."""
        return tuple(self._versions(git.object_ids(self.repository, [ALL])).values())

    def seen(self, version: Version) -> Record:
        """Read what was last seen of a record; one without entries if that is nothing.

        Raises:
            GitError: git failed.
            Unsupported: objects are missing in a partial clone.
        """
        return self.all_seen([version])[version]

    def all_seen(self, versions: Iterable[Version]) -> dict[Version, Record]:
        """Read :meth:`seen` of several versions, by one process; raises as that does."""
        refs = {version: self.ref(version) for version in versions}
        read = self._read([(ref, ref) for ref in refs.values()])
        found = {version: read[ref, ref] for version, ref in refs.items()}
        return {
            version: each if isinstance(each, Record) else self._empty(version)
            for version, each in found.items()
        }

    def receive(
        self, there: Mapping[str, git.RemoteRef], *, reach: git.Reach = git.Reach.ASK
    ) -> tuple[Unreadable, ...]:
        """Fetch the records that the remote has otherwise than they were last seen, and keep what was seen.

        Afterwards a push from here only goes forward from what the remote has, except for a record in whose
        place nothing may be pushed.

        Args:
            there: what the remote has, by full name of a ref; those that are no records are ignored.
            reach: ``ACT`` as a part of a push.

        Raises:
            GitError: git failed, or the remote cannot be fetched from.
            Unsupported: objects are missing in a partial clone.
        """
        versions = self._versions(there)
        if not versions:
            return ()
        here = git.object_ids(self.repository, versions)
        moved = {ref: there[ref].peeled for ref in versions if here.get(ref) != there[ref].peeled}
        if not moved:
            return ()
        git.fetch_texts(self.repository, self.remote, [*moved], reach=reach)
        records = self._read([*moved.items(), *((ref, here[ref]) for ref in moved if ref in here)])
        following, wrong = {}, []
        for ref, commit in moved.items():
            found, known = records[ref, commit], records.get((ref, here.get(ref, "")))
            ours = known if isinstance(known, Record) else self._empty(versions[ref])
            if not isinstance(found, Record):
                if git.kind_of(self.repository, commit) != "commit":
                    way = "ask those who run the server to delete it"
                    found = Unreadable(f"{ref} on {self.remote} is no commit", way, final=True)
                wrong.append(found)
                if found.final:
                    continue
            if isinstance(found, Record) and {*ours.entries} <= {*found.entries}:
                following[ref] = commit
            elif ref not in here or commit not in git.parents_of(self.repository, here[ref]):
                # What the remote has lost, or nobody can read, is said anew on top of it.
                whole = ours.merged(found) if isinstance(found, Record) else ours
                following[ref] = self._commit(ref, whole, filter(None, (commit, here.get(ref))))
        git.note_texts(self.repository, following)
        return tuple(wrong)

    def share(self, version: Version, local: Record, refuse: Callable[[Record], None] | None = None) -> str:
        """Push a record, merged with what the remote has; where that has moved meanwhile, merge again.

        Args:
            version: of the hotfix.
            local: the record.
            refuse: raises if what the remote has forbids to push what is new in *local*.

        Returns:
            Why what the remote has now could not be noted here, or an empty text.

        Raises:
            Conflict: what the remote has cannot be read, and nothing may be pushed in its place.
            GitError: the remote refused it, or cannot be reached.
            Unsupported: objects are missing in a partial clone.
        """
        ref = self.ref(version)
        idle = 0
        for left in reversed(range(_TRIES)):
            made = here = git.object_ids(self.repository, [ref]).get(ref)
            seen = self.seen(version)
            if refuse is not None:
                refuse(seen)
            whole = seen.merged(local)
            if made is None or whole != seen:
                made = self._commit(ref, whole, filter(None, (here,)))
            try:
                pushed = git.push(self.repository, self.remote, {ref: made})
            except PushRejected as error:
                idle += not self._has_moved(ref, here, error)
                if not (error.moved and left) or idle == _IDLE_TRIES:
                    raise
                time.sleep(random.uniform(0, _PAUSE))  # noqa: S311 - It is no secret.
            else:
                if unnoted := self._noted(ref, made):
                    return unnoted
                if refuse is None or pushed or made == here:
                    return ""
                # Another clone has made the very same commit: what it says there is not from here.
        return ""

    def _has_moved(self, ref: str, here: str | None, error: PushRejected) -> bool:
        """Fetch what the remote has after it has refused a push; return whether that is news.

        Raises:
            Conflict: it cannot be read, and nothing may be pushed in its place.
        """
        there = git.remote_refs(self.repository, self.remote, [ref], reach=git.Reach.ACT)
        for wrong in self.receive(there, reach=git.Reach.ACT):
            if wrong.final:
                raise Conflict(wrong.why, hint=wrong.way) from error
        return ref not in there or there[ref].peeled != here

    def _noted(self, ref: str, commit: str) -> str:
        """Note what the remote has since a push; return why that failed, or an empty text."""
        try:
            git.note_texts(self.repository, {ref: commit})
        except GitError as error:
            return f"{error.message}{f' ({error.hint})' if error.hint else ''}"
        return ""

    def _versions(self, refs: Iterable[str]) -> dict[str, Version]:
        """Give the refs among *refs* that are of a record of the product, with its version."""
        start, found = f"{FOLDER}{self.slug}-v", {}
        for ref in refs:
            try:
                version = Version.parse(ref.removeprefix(start))
            except KrowVersionsError:
                continue
            if ref == self.ref(version) and version.prerelease is None:
                found[ref] = version
        return found

    def _empty(self, version: Version) -> Record:
        return Record(self.product, self.slug, version)

    def _read(self, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Record | Unreadable]:
        """Read records, each by the name of its ref and a revision; one process."""
        texts = self.repository.blobs([(revision, FILE) for _, revision in wanted], limits={FILE: MIB})
        return {pair: self._parsed(pair[0], data) for pair, data in zip(wanted, texts, strict=True)}

    def _parsed(self, ref: str, data: bytes | KrowVersionsError | None) -> Record | Unreadable:
        what, text = f"{ref} on {self.remote}", ""
        try:
            if not isinstance(data, bytes):
                raise data or InputError(f"it has no {FILE}")
            text = decode(data)
            found = read_record(text, path=ref)
            if found.slug != self.slug or self.ref(found.version) != ref:
                raise InputError(f"it is of {quoted(found.slug)} {found.version}")
        except KrowVersionsError as error:
            if is_newer(text):
                return Unreadable(
                    f"{what} was written by a newer krow-versions", "install that one", final=True
                )
            why = f"{what} cannot be read: {'; '.join(each.message for each in members(error))}"
            return Unreadable(why, "the next command that records something replaces it")
        return self._empty(found.version).merged(found)

    def _commit(self, ref: str, record: Record, parents: Iterable[str]) -> str:
        message = f"{ref.removeprefix(FOLDER)}: what people said\n"
        return git.commit_text(self.repository, FILE, record_text(record), [*parents], message)


def received(
    every: Sequence[SharedRecords],
    wanted: str,
    reach: git.Reach,
    there: Mapping[str, git.RemoteRef] | None = None,
) -> tuple[str, ...]:
    """Fetch records of one repository, and give what is wrong, as warnings: then what was last seen counts.

    Args:
        every: the records of some products.
        wanted: the ref, or the pattern of refs.
        reach: the programs that may run.
        there: what the remote has, if it was asked already.
    """
    warnings: list[str] = []
    for shared in every:
        try:
            if there is None:
                there = git.remote_refs(shared.repository, shared.remote, [wanted], reach=reach)
            warnings += map(str, shared.receive(there, reach=reach))
        except GitMissing:
            raise
        except KrowVersionsError as error:
            return (*warnings, last_seen(shared, error))
    return tuple(warnings)


def last_seen(shared: SharedRecords, error: KrowVersionsError) -> str:
    """Say why records were not fetched, as a warning."""
    why = f"{error.message}; {error.hint}" if error.hint else error.message
    return f"the shared record was not fetched from {shared.remote}; what was last seen counts: {why}"
