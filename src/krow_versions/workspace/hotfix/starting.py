"""Starting a hotfix: everything is found out and refused first, then the branch is made and noted."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import attrs

from krow_versions import git, releases
from krow_versions.errors import Conflict, GitError, GitMissing, KrowVersionsError, Unsupported, UsageError
from krow_versions.hotfix import Record, render, values
from krow_versions.names import HEADS, TAGS
from krow_versions.text.escaping import quoted
from krow_versions.version import Version
from krow_versions.workspace.hotfix.gathering import HotfixContext, gather
from krow_versions.workspace.hotfix.records import Records
from krow_versions.workspace.hotfix.storage import config_name, config_text

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.hotfix import Severity
    from krow_versions.snapshot import ProductState, TagState
    from krow_versions.workspace.protocols import Opened


@attrs.frozen
class StartPlan:
    """A hotfix that may be started; nothing has been done yet.

    Attributes:
        record: what will be noted.
        place: where it happens.
        base: the production tag that it starts from.
        exists: whether the branch is there already, at the base or past it: an earlier start.
        dirty: tracked files that differ from HEAD, where HEAD has to move: they stand in the way.
        unknown: tracked files of which only their filter, which does not run for a plan, could tell that.
    """

    record: Record
    place: HotfixContext = attrs.field(repr=False)
    base: TagState
    exists: bool
    dirty: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def bring(place: HotfixContext) -> tuple[str, ...]:
    """Bring main, the hotfix branches and the product's tags from the remote, where there is one.

    Returns:
        The names of tags that are not the same here and there; ours were kept.

    Raises:
        GitError: the remote cannot be asked.
    """
    if place.remote is None:
        return ()
    try:
        return _fetch(place, place.remote)
    except GitMissing:
        raise
    except GitError as error:
        error.advise("try again, or add --no-fetch to go by what is known here of the remote")
        raise


def template_name(record: Record) -> str:
    """Give the name of the file, beside the record, with the message of the commit that fixes."""
    return f"{record.slug}-v{record.version}.commit.txt"


def _fetch(place: HotfixContext, remote: str) -> tuple[str, ...]:
    refs = [f"{HEADS}{folder}/*" for folder in [place.catalog.branch.home] if folder]
    folders = {pattern.folder(place.product.slug) for pattern in place.catalog.tags.values()}
    refs += [f"{TAGS}{folder}/*" if folder else f"{TAGS}*" for folder in sorted(folders)]
    if place.main in git.remote_refs(place.repository, remote, [place.main], reach=git.Reach.ACT):
        refs.append(place.main)
    return tuple(tag.ref.removeprefix(TAGS) for tag in git.fetch(place.repository, remote, refs))


def find_base(state: ProductState, from_: str | None, differing: tuple[str, ...]) -> TagState:
    """Find the production tag that a hotfix starts from: the highest, or the one that is named.

    Raises:
        Conflict: there is none, it cannot be read, or the remote has another of that name.
        Unsupported: the clone is shallow, so that the highest may be missing.
    """
    name = state.product.name
    if from_ is not None:
        base = next((tag for tag in state.tags if tag.name == from_.removeprefix(TAGS)), None)
        if base is None or not releases.is_production(base):
            raise Conflict(
                f"{quoted(from_)} is no production tag of {name}",
                hint=f"the tags of {name} are listed by: krow-versions history {name}",
            )
    else:
        if state.repo.shallow:
            raise Unsupported(
                f"this clone of {state.repo.name} is shallow: the newest production tag may be missing",
                path=state.repo.root,
                hint="git fetch --tags --unshallow",
            )
        base = releases.highest(state.tags)
        if base is None:
            raise Conflict(
                f"{name} has no production tag, so there is nothing to fix in production",
                hint="tag what is in production, or name another product",
            )
    if not base.commit:
        raise Conflict(
            f"the production tag {base.name} cannot be read: it names no commit that is here",
            hint="git fsck tells what is broken; fetch the tag again",
        )
    if base.name in differing:
        raise Conflict(
            f"the tag {base.name} is not the same here and on the remote",
            hint=f"find out which is right: git show {base.name}; a release that is out keeps its tag",
        )
    return base


def require_free(
    place: HotfixContext, state: ProductState, base: TagState, version: Version, *, ask: bool
) -> bool:
    """Refuse a version that a tag or another branch has taken; tell whether its branch is here already.

    Raises:
        Conflict: it is taken, here or on the remote.
    """
    name, branch, tag = state.product.name, place.branch(version), place.tag(version)
    shown = branch.removeprefix(HEADS)
    there = {}
    if ask and place.remote is not None:
        there = git.remote_refs(place.repository, place.remote, [branch, tag], reach=git.Reach.ACT)
    taken = any(
        releases.is_named_production(each) and releases.core_of(each) == version.core for each in state.tags
    )
    if taken or tag in there:
        raise Conflict(
            f"{version} is taken: {tag.removeprefix(TAGS)} is tagged"
            + (f" on {place.remote}" if tag in there else ""),
            hint=f"see what is out: krow-versions history {name}; a hotfix starts from the newest tag",
        )
    tip = git.resolve(place.repository, branch)
    if tip is None and branch in there:
        raise Conflict(
            f"{version} is taken: {place.remote} has the branch {shown}, so somebody works on it",
            hint=f"join them: git fetch && git switch {shown}; krow-versions hotfix list",
        )
    if tip is not None and not git.is_ancestor(place.repository, base.commit, tip):
        raise Conflict(
            f"{version} is taken: the branch {shown} is here, and was not started from {base.name}",
            hint=f"see what it has: git log {base.name}..{shown}; delete or rename it",
        )
    return tip is not None


def plan_start(
    workspace: Opened,
    name: str,
    *,
    issue: str,
    severity: Severity,
    impact: str,
    now: dt.datetime,
    environment: str = "production",
    from_: str | None = None,
    detected: dt.datetime | None = None,
    fetch: bool = True,
    acts: bool = True,
) -> StartPlan:
    """Find out everything that a hotfix needs before its branch is made; only fetching changes anything.

    Args:
        workspace: where the product is.
        name: the product, or an alias.
        issue: what is broken.
        severity: how bad it is.
        impact: who cannot do what.
        now: the moment; the clock runs from here.
        environment: where it is broken.
        from_: the production tag to start from, instead of the highest.
        detected: when the fault was seen, where that was before.
        fetch: whether to bring tags and branches from the remote first.
        acts: whether the start will follow, so that filters may run now as they will then.

    Raises:
        UsageError: no such product, or an empty text.
        InputError: nothing is in production, or the version is taken.
        GitError: git failed, or the remote cannot be asked.
    """
    for option, text in (("--issue", issue), ("--impact", impact), ("--environment", environment)):
        if not text.strip():
            raise UsageError(f"{option} is empty", hint=f'say it in a few words: {option} "..."')
    place = HotfixContext.of(workspace, name)
    differing = bring(place) if fetch else ()
    state = workspace.snapshot([place.product.name]).products[0]
    base = find_base(state, from_, differing)
    version = (base.version or Version(0, 0, 0)).next_patch().with_build(None)
    exists = require_free(place, state, base, version, ask=fetch)
    record = Records.of(place).read(version) or Record(
        product=place.product.name,
        slug=place.product.slug,
        version=version,
        base=base.name,
        branch=place.branch(version).removeprefix(HEADS),
        issue=issue,
        severity=severity,
        impact=impact,
        started=now,
        environment=environment,
        who=git.committer(place.repository),
        detected=detected,
    )
    there = exists and place.repository.branch == place.branch(version)
    reach = git.Reach.ACT if acts else git.Reach.LOOK
    if there:
        return StartPlan(record, place, base, exists)
    changed = git.changed_paths(place.repository, reach=reach)
    return StartPlan(record, place, base, exists, changed.tracked, changed.unknown)


def start(workspace: Opened, records: Records, plan: StartPlan) -> tuple[str, ...]:
    """Make the branch at the production tag, switch to it, and keep the record and the commit template.

    A second start continues a first one that was interrupted; what was recorded stays.

    Returns:
        What a person should know: complaints of hooks, where the commit template is.

    Raises:
        InputError: something stands in the way; nothing was changed.
        GitError: git failed; the branch is gone again.
    """
    place, record = plan.place, plan.record
    branch = place.branch(record.version)
    # Before the switch, which may take the file away: else a start that is killed cannot be continued.
    if workspace.source is not None:
        home = os.path.relpath(os.path.dirname(workspace.source), place.repository.root)
        if home.split(os.sep)[0] != os.pardir:
            records.kept.write(config_name(record), config_text(record, workspace.config, home))
    try:
        if plan.exists:
            moved = git.switch(place.repository, branch)
        else:
            moved = git.create_branch(place.repository, branch, plan.base.commit)
    except KrowVersionsError as error:
        if not plan.exists:
            with contextlib.suppress(KrowVersionsError):  # It counts on that branch only.
                records.kept.remove(config_name(record))
        if isinstance(error, GitError):
            error.advise(error.hint or "nothing was started; run it again when that is settled")
        raise
    records.write(record)
    place = attrs.evolve(place, repository=moved.repository)
    facts = gather(workspace, place, record.version, ask=False)
    said = values(facts, record, workspace.catalog, workspace.config.hotfix)
    text = render("commit", said, workspace.config.hotfix.texts)
    records.kept.write(template_name(record), text)
    return (*moved.notes, records.kept.path(template_name(record)))
