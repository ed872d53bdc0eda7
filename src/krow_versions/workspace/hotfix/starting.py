"""Starting a hotfix: everything is found out and refused first, then the branch is made and noted."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import attrs

from krow_versions import git, releases
from krow_versions.errors import Conflict, Unsupported, UsageError
from krow_versions.hotfix import Facts, Record, Severity, render, values
from krow_versions.names import HEADS, TAGS
from krow_versions.planning.actions import CreateBranch, SwitchBranch, WriteRecord
from krow_versions.planning.expectations import RefAt
from krow_versions.planning.plan import Plan
from krow_versions.text.escaping import quoted
from krow_versions.text.times import at
from krow_versions.text.words import listed
from krow_versions.version import Version
from krow_versions.workspace.hotfix.fetching import fetch as fetch_from
from krow_versions.workspace.hotfix.gathering import HotfixContext
from krow_versions.workspace.hotfix.planned import expected, shown_root, step_of
from krow_versions.workspace.hotfix.records import Records
from krow_versions.workspace.hotfix.storage import config_name, config_text

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.planning.actions import Action
    from krow_versions.snapshot import ProductState, TagState
    from krow_versions.workspace.protocols import Opened


@attrs.frozen
class Declared:
    """A hotfix that may be started; nothing has been done yet.

    Attributes:
        plan: what starts it.
        place: where it happens.
        record: what will be noted, or was noted by an earlier start.
        facts: what git said, without the remote.
        continues: whether the branch is there already: an earlier start.
    """

    plan: Plan
    place: HotfixContext
    record: Record
    facts: Facts
    continues: bool


def declare(
    workspace: Opened,
    name: str,
    *,
    issue: str,
    severity: Severity | str,
    impact: str,
    now: dt.datetime,
    environment: str = "production",
    from_: str | None = None,
    detected: dt.datetime | None = None,
    fetch: bool = True,
    acts: bool = True,
) -> Declared:
    """Find out everything that a hotfix needs before its branch is made; only fetching changes anything.

    Args:
        workspace: where the product is.
        name: the product, or an alias.
        issue: what is broken.
        severity: how bad it is, or its name in any case.
        impact: who cannot do what.
        now: the moment; the clock runs from here.
        environment: where it is broken.
        from_: the production tag to start from, instead of the highest.
        detected: when the fault was seen, where that was before.
        fetch: whether to bring tags and branches from the remote first.
        acts: whether the start will follow, so that filters may run now as they will then.

    Raises:
        UsageError: no such product or severity, or an empty text.
        InputError: nothing is in production, the version is taken, or tracked files differ from HEAD.
        GitError: git failed, or the remote cannot be asked.
    """
    for option, text in (("--issue", issue), ("--impact", impact), ("--environment", environment)):
        if not text.strip():
            raise UsageError(f"{option} is empty", hint=f'say it in a few words: {option} "..."')
    level = Severity.parse(severity) if isinstance(severity, str) else severity
    place = HotfixContext.of(workspace, name)
    differing = fetch_from(place).differing if fetch else ()
    state = workspace.snapshot([place.product.name]).products[0]
    base = find_base(state, from_, differing)
    version = (base.version or Version(0, 0, 0)).next_patch().with_build(None)
    tip = require_free(place, state, base, version, ask=fetch)
    records = Records.of(place)
    kept = records.read(version)
    record = kept or Record(
        product=place.product.name,
        slug=place.product.slug,
        version=version,
        base=base.name,
        branch=place.branch(version).removeprefix(HEADS),
        issue=issue,
        severity=level,
        impact=impact,
        started=now,
        environment=environment,
        who=git.committer(place.repository),
        detected=detected,
    )
    facts = Facts(state, version, record.branch, tip, base=base, remote=place.remote)
    if tip is not None:
        facts = attrs.evolve(facts, commits=git.commits(place.repository, base.commit, tip))
    notes, warnings = [], []
    if place.repository.branch != place.branch(version):
        notes += _require_clean(place, acts=acts)
    if place.remote is None:
        notes.append(
            f"there is no remote {place.settings.remote} here: only the tags and branches of this "
            "clone count, and nothing will be pushed"
        )
    if (record.issue, record.severity, record.impact) != (issue, level, impact):
        warnings.append(
            f"it was declared already at {at(record.started)}, and what was said then stays; to change it, "
            f"edit {records.path(version)}"
        )
    plan = Plan(
        actions=_actions(
            workspace, place, records=records, record=record, facts=facts, base=base, is_new=kept is None
        ),
        expects=(*expected(place, facts), RefAt(place.product.repo, TAGS + base.name, base.commit)),
        notes=tuple(notes),
        warnings=tuple(warnings),
        step=step_of("start", facts),
    )
    return Declared(plan, place, record, facts, tip is not None)


def _actions(
    workspace: Opened,
    place: HotfixContext,
    *,
    records: Records,
    record: Record,
    facts: Facts,
    base: TagState,
    is_new: bool,
) -> tuple[Action, ...]:
    """List what is left to do: a start that was interrupted is continued, and what was recorded stays."""
    repo, root, branch = place.product.repo, shown_root(workspace, place), HEADS + record.branch
    found: list[Action] = []

    def keep(name: str, text: str) -> None:
        before = records.kept.read(name)
        if text != before:
            found.append(WriteRecord(repo, name, before, text))

    # Before the switch, which may take the file away: else a start that is killed cannot be continued.
    if workspace.source is not None:
        home = os.path.relpath(os.path.dirname(workspace.source), place.repository.root)
        if home.split(os.sep)[0] != os.pardir:
            keep(config_name(record), config_text(record, workspace.config, home))
    if facts.tip is None:
        found.append(CreateBranch(repo, branch, base.commit, base.name, root))
    elif place.repository.branch != branch:
        found.append(SwitchBranch(repo, branch, root))
    if is_new:
        found.append(WriteRecord(repo, records.name(record.version), None, record.to_toml()))
    said = values(facts, record, workspace.catalog, place.settings)
    keep(records.template_name(record.version), render("commit", said, place.settings.texts))
    return tuple(found)


def _require_clean(place: HotfixContext, *, acts: bool) -> list[str]:
    """Refuse changed files, since HEAD has to move; name those that only their filter could compare."""
    changed = git.changed_paths(place.repository, reach=git.Reach.ACT if acts else git.Reach.LOOK)
    if changed.tracked:
        raise Conflict(
            f"there are changes that are not committed: {listed(changed.tracked)}; nothing was changed",
            hint="commit them, or put them aside: git stash, and git stash pop when the hotfix is out",
        )
    unknown = "whether these differ cannot be told without their filter, and git status tells: "
    return [unknown + listed(changed.unknown)] if changed.unknown else []


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
) -> str | None:
    """Refuse a version that a tag or another branch has taken; give the tip of its branch, if it is here.

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
    return tip
