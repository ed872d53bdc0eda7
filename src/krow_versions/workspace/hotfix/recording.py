"""Write records so that nothing is lost that others write at the same time, and share them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from krow_versions import git
from krow_versions.errors import Conflict, KrowVersionsError, members
from krow_versions.files import top_of
from krow_versions.hotfix import Said, read_record, record_text
from krow_versions.hotfix.postmortem import WRITTEN
from krow_versions.names import file_slug
from krow_versions.planning.actions import RunProgram, ShareRecord, WriteRecord
from krow_versions.planning.plan import HotfixStep, Plan
from krow_versions.values import evolve, frozen
from krow_versions.workspace.hotfix.context import HotfixContext
from krow_versions.workspace.hotfix.sharing import ALL, SharedRecords, received
from krow_versions.workspace.hotfix.storage import RECORD, TextStore, is_record

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from krow_versions.hotfix import Entry, Record
    from krow_versions.planning.commands import Calls
    from krow_versions.version import Version
    from krow_versions.workspace.protocols import Opened


def is_stale(store: TextStore, action: WriteRecord) -> bool:
    """Whether the text is not what a plan expects; a record with further entries is merged instead."""
    present = store.read(action.name)
    if present is None or present == action.before or not is_record(action.name):
        return present != action.before
    try:
        read_record(present)
    except KrowVersionsError:
        return True
    return False


def write(store: TextStore, action: WriteRecord) -> Callable[[], None]:
    """Write a text of a plan, a record as :func:`keep` does; give what takes that back."""
    if is_record(action.name):
        keep(store, action.name, action.after)
        return functools.partial(take_back, store, action.name, action.before, action.after)
    store.write(action.name, action.after)
    if action.before is None:
        return functools.partial(store.remove, action.name)
    return functools.partial(store.write, action.name, action.before)


def keep(store: TextStore, name: str, text: str) -> None:
    """Write the text of a record, with what others have written meanwhile.

    Raises:
        InputError: what is there is no record.
        UnsafePath, ConcurrentEdit, Conflict, Busy, FileSystemError: as :meth:`TextStore.change`.
    """
    path = store.path(name)

    def merged(present: str | None) -> str:
        new = read_record(text)
        return text if present is None else record_text(read_record(present, path=path).merged(new))

    store.change(name, merged)


def begin(
    store: TextStore, name: str, seen: Record, entry: Entry, refuse: Callable[[Record], None]
) -> Record:
    """Add an entry to the record here, unless what is recorded by then forbids it.

    Args:
        store: the folder of records.
        name: the name of the file.
        seen: what was last seen of the record on the remote; one without entries if that is nothing.
        entry: the entry.
        refuse: raises a ``Conflict`` if a record forbids the entry.

    Returns:
        A record with only this entry, as it was recorded.

    Raises:
        Conflict: what is recorded forbids it.
        InputError: what is there is no record.
        UnsafePath, ConcurrentEdit, Busy, FileSystemError: as :meth:`TextStore.change`.
    """
    path, empty = store.path(name), evolve(seen, entries=())
    refused: list[Conflict] = []
    refuse(seen)
    made = empty

    def added(present: str | None) -> str:
        nonlocal made
        refused.clear()
        local = empty if present is None else read_record(present, path=path)
        known = evolve(local, now=seen.now).merged(seen)
        try:
            refuse(known)
        except Conflict as error:  # Raised in here, it would only be another try.
            refused.append(error)
            return record_text(local) if present is None else present
        new = {*known.adding(entry).entries} - {*known.entries}
        made = evolve(empty, entries=tuple(new))
        return record_text(local.merged(made))

    store.change(name, added)
    if refused:
        raise refused[0]
    return made


def take_back(store: TextStore, name: str, before: str | None, text: str) -> None:
    """Take out of a record what *text* has and *before* lacks; what others have written meanwhile stays."""
    gone = {*read_record(text).entries} - ({*read_record(before).entries} if before else set())
    present = store.read(name)
    if present is None:
        return
    if before is None and {*read_record(present).entries} <= gone:
        store.remove(name)
        return

    def without(present: str | None) -> str:
        record = read_record(present or text)
        left = tuple(each for each in record.entries if each not in gone)
        return record_text(evolve(record, entries=left))

    store.change(name, without)


def share_action(context: HotfixContext, version: Version) -> ShareRecord | None:
    """Give the action that shares a record; None if records are not shared."""
    shared = context.shared
    if shared is None:
        return None
    return ShareRecord(context.product.repo, shared.remote, shared.ref(version), context.calls)


def sharing(context: HotfixContext, plan: Plan) -> Plan:
    """Add to the plan of a step that records something that the record is shared, if records are."""
    notes = any(
        is_record(action.name) if isinstance(action, WriteRecord) else action.is_noted
        for action in plan.actions
        if isinstance(action, WriteRecord | RunProgram)
    )
    last = share_action(context, plan.step.version) if plan.step and notes else None
    return evolve(plan, actions=(*plan.actions, last)) if last else plan


def plan_keep(context: HotfixContext, record: Record, step: str) -> Plan:
    """Plan to keep a record, and to share it if records are shared; empty if it says nothing new here.

    Args:
        context: the repository of the product.
        record: the record, with what is new.
        step: the command that adds it, such as ``status``.
    """
    plan = Plan(step=HotfixStep(step, context.product.name, record.version, context.calls))
    store, name = TextStore.of(context.repository), file_name(record.slug, record.version)
    before = store.read(name)
    known = read_record(before, path=store.path(name)).entries if before else ()
    if context.shared:
        known += context.shared.seen(record.version).entries
    if {*record.entries} <= {*known}:
        return plan
    writing = WriteRecord(context.product.repo, name, before, record_text(record))
    return sharing(context, evolve(plan, actions=(writing,)))


def noted(context: HotfixContext, record: Record, now: dt.datetime) -> Record:
    """Add to a record the moment at which its document was first written."""
    if not record.is_tracked or record.fact(WRITTEN):
        return record
    return record.adding(Said(at=now, who=context.who(), field=WRITTEN, text=""))


def plan_share(context: HotfixContext, version: Version) -> Plan:
    """Plan to share a record; empty if records are not shared."""
    action = share_action(context, version)
    step = HotfixStep("status", context.product.name, version, context.calls)
    return Plan(actions=(action,) if action else (), step=step)


def file_name(slug: str, version: Version) -> str:
    """Give the name of the file of a record."""
    return f"{file_slug(slug)}-v{version.with_build(None)}{RECORD}"


def receive_all(workspace: Opened, name: str | None = None) -> tuple[str, ...]:
    """Fetch the records of a product, or of all, if records are shared; each remote is asked once.

    Returns:
        What is wrong, for people: then what was last seen counts.
    """
    if not workspace.config.hotfix.share:
        return ()
    contexts: dict[str, HotfixContext] = {}
    every: dict[str, list[SharedRecords]] = {}
    for each in workspace if name is None else [name]:
        product = workspace[each].product
        if top_of(workspace.repos[product.repo]) is None:
            continue
        if product.repo not in contexts:
            contexts[product.repo] = HotfixContext.of(workspace, each)
        shared = contexts[product.repo].of_product(product).shared
        if shared:
            every.setdefault(product.repo, []).append(shared)
    return tuple(warning for records in every.values() for warning in received(records, ALL, git.Reach.ASK))


@frozen
class Shared:
    """Whether a record was shared, and what people have to know of that; empty if nothing is wrong."""

    done: bool
    warning: str = ""


def share(
    shared: SharedRecords, record: Record, calls: Calls, refuse: Callable[[Record], None] | None = None
) -> Shared:
    """Share the record of a hotfix; *calls* says how people call krow-versions for its product.

    Raises:
        Conflict: *refuse* has raised it, for what the remote has.
    """
    refused: list[Conflict] = []

    def ask(seen: Record) -> None:
        try:
            if refuse is not None:
                refuse(seen)
        except Conflict as error:
            refused.append(error)
            raise

    try:
        unnoted = shared.share(record.version, record, ask if refuse else None)
    except KrowVersionsError as error:
        if refused:
            raise refused[-1] from None
        why = "; ".join(each.message for each in members(error))
        hint = f" ({error.hint})" if error.hint else ""
        sharing = evolve(calls, version=str(record.version)).hotfix("status", "--share")
        return Shared(
            done=False,
            warning=f"the record is kept here, but not shared on {shared.remote}: {why}{hint}; the next "
            f"command that records something shares it, or: {sharing}",
        )
    if not unnoted:
        return Shared(done=True)
    return Shared(
        done=True,
        warning=f"the record is shared on {shared.remote}, but what it has now could not be noted here: "
        f"{unnoted}",
    )
