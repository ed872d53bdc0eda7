"""Gather the facts of one hotfix from git and the files; the room ``hotfix`` judges them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from krow_versions import git, releases
from krow_versions.containment import Answer, Standing
from krow_versions.errors import Conflict, FileTooLarge, GitError
from krow_versions.files import relative
from krow_versions.hotfix import Facts, beyond_versions, wanted_origins
from krow_versions.names import HEADS, TAGS
from krow_versions.values import evolve
from krow_versions.workspace.containment import Question, own_files, standings
from krow_versions.workspace.hotfix.context import no_repository
from krow_versions.workspace.hotfix.foreign import foreign, moved_to
from krow_versions.workspace.hotfix.locating import find_tip, without_updates
from krow_versions.workspace.hotfix.reviewing import with_pull_request
from krow_versions.workspace.hotfix.tag_names import tag_in
from krow_versions.workspace.own_changelog import with_own_changelogs
from krow_versions.workspace.pins import with_pins
from krow_versions.workspace.revisions import CHANGELOG, below_top

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from krow_versions.commits import Change
    from krow_versions.snapshot import PastFile, ProductState, TagState
    from krow_versions.version import Version
    from krow_versions.workspace.git_state import RepositoryState
    from krow_versions.workspace.hotfix.context import HotfixContext
    from krow_versions.workspace.protocols import Opened

_AT_TIP = "the branch"  # Names the tip in errors about files that cannot be read there.


def gather(
    workspace: Opened,
    context: HotfixContext,
    version: Version,
    *,
    acts: bool = False,
    named: bool = False,
    there: git.RemoteState | None = None,
    unasked: str | None = None,
) -> Facts:
    """Gather the facts of the hotfix that ships *version*.

    Args:
        workspace: where the product is.
        context: the repository of the product, with the name of its main branch.
        version: x.y.z.
        acts: whether the caller will run programs of the repository, such as hooks of a push. If not, none
            runs here either.
        named: whether the caller named the version, so that a detached HEAD counts as its branch if there
            is no other.
        there: what the remote has; None if that is not known.
        unasked: why the remote did not answer, or None.

    Raises:
        Conflict: the hotfix's tag cannot be read.
        GitError: git failed.
    """
    branch = context.branch(version)
    also = [branch, context.main]
    if context.remote:
        also += [context.tracked(branch), context.tracked_main, context.tracked(context.request(version))]
    witness, drafts = workspace.look([context.product.name], also=also)
    seen = witness.seen(context.product.repo)
    if seen is None:
        raise no_repository(context.product, workspace.repos[context.product.repo])
    found_as, at = find_tip(context, seen, version, named=named)
    tip = without_updates(context, seen, version, at) if at else None
    drafts = with_pins(workspace, drafts)
    states = witness.states(drafts, log=False, beside={_AT_TIP: tip} if tip else {})
    (state,) = with_own_changelogs(workspace.catalog, states)
    facts = Facts(
        state=evolve(state, beside=()),
        version=version,
        branch=branch.removeprefix(HEADS),
        tip=tip,
        updated_to=at if at != tip else None,
        found_as=found_as,
        checked_out=seen.repository.branch == branch,
        base=_release(state, version, below=True),
        tag=_release(state, version),
        main_name=context.main_name,
        newer=_newer(state, version),
        remote=context.remote,
        unasked=unasked,
        calls=context.calls,
    )
    facts = _with_tag(facts, seen.tags[context.product.slug])
    facts = _with_main(context, facts, seen)
    if tip is not None:
        facts = _with_commits(facts, seen, tip)
    shipped = tip if facts.commits else facts.tag_at
    if shipped is not None:
        prefix = below_top(seen.repository, workspace.repos[context.product.repo])
        held = seen.commit(context.tracked(context.request(version))) if context.remote else None
        facts = _with_content(facts, seen, shipped, prefix, held)
    if tip is not None:
        facts = _with_files(workspace, facts, seen, state.beside, acts=acts)
        if facts.base and facts.main and not (facts.based or facts.merged):
            facts = evolve(facts, based=moved_to(facts, seen, tip, prefix))
    if there is not None:
        facts = _with_remote(context, facts, seen, there)
    if facts.finished and facts.tag_annotated and facts.tag_object:
        facts = evolve(facts, tag_message=git.tag_message(seen.repository, facts.tag_object))
    return facts if there is None and unasked is None else with_pull_request(context, facts)


def _changes(repository: git.Repository, prefix: str, base: str, tip: str) -> tuple[Change, ...]:
    found = git.changes(repository, base, tip)
    return tuple(evolve(change, path=_seen_from(prefix, change.path)) for change in found)


def _release(state: ProductState, version: Version, *, below: bool = False) -> TagState | None:
    """Find the production tag of *version*, or of the PATCH below it."""
    major, minor, patch = version.core
    wanted = (major, minor, patch - 1) if below else version.core
    return releases.of_version(state.tags, wanted)


def _with_tag(facts: Facts, tags: Sequence[git.Ref]) -> Facts:
    tag = facts.tag
    if tag is None:
        return facts
    if not tag.commit:
        raise Conflict(
            f"the tag {tag.name} cannot be read: it names no commit that is here",
            hint=f"{facts.git} fsck shows what is broken; fetch the tag again",
        )
    own = next((each.object_id for each in tags if each.ref == TAGS + tag.name), None)
    return evolve(facts, tag_at=tag.commit, tag_object=own, tag_annotated=tag.annotated, tagged=tag.date)


def _newer(state: ProductState, version: Version) -> TagState | None:
    """Give the highest production tag, if its version is above *version*."""
    highest = releases.highest(state.tags)
    return highest if highest is not None and releases.core_of(highest) > version.core else None


def _with_main(context: HotfixContext, facts: Facts, seen: RepositoryState) -> Facts:
    """Add main here and on the remote, and which of them the hotfix is compared with."""
    here = seen.commit(context.main)
    there = seen.commit(context.tracked_main) if context.remote else None
    shipped = facts.tip or facts.tag_at
    main, lacks = there or here, 0
    if here and there and shipped and here != there and _contains(seen, here, shipped):
        lacks = len(seen.graph.beyond(here, there))
        main = there if lacks else here
    tree = next((each.checked_out for each in seen.branches if each.ref == context.main), None)
    return evolve(
        facts,
        main=main,
        main_here=here,
        main_there=there,
        main_in=tuple(each for each in (shipped, there) if here and each and _contains(seen, each, here)),
        main_lacks=lacks,
        main_elsewhere=None if tree == seen.repository.root else tree,
    )


def _with_commits(facts: Facts, seen: RepositoryState, tip: str) -> Facts:
    """Add the commits since the base, and how the branch relates to main."""
    main = facts.main
    base = facts.base.commit if facts.base else ""
    commits = git.commits(seen.repository, base, tip) if base else ()
    contains_base = bool(base) and _contains(seen, tip, base)
    merged = bool(commits) and main is not None and _contains(seen, main, tip)
    beyond = 0
    if main and contains_base and not merged:
        beyond = len({commit.id for commit in commits} & foreign(seen.graph, main, base, tip))
    facts = evolve(facts, commits=commits)
    return evolve(
        facts,
        based=contains_base and not beyond,
        origins=git.known_commits(seen.repository, wanted_origins(facts)),
        behind=len(seen.graph.beyond(tip, main)) if main else 0,
        merged=merged,
    )


def _with_content(facts: Facts, seen: RepositoryState, shipped: str, prefix: str, held: str | None) -> Facts:
    """Add whether main contains what is shipped, where its own line has that content, and what undid it.

    A server that merges a pull request makes commits of its own: on a main that has not moved, the last of
    them has the tree of the branch; on one that has, the change is there, and the tree is another. Where
    people solved conflicts, main has the change as *held* has it, the merge for the pull request.
    """
    if facts.main is None:
        return facts
    beyond, line, at = set(seen.graph.beyond(shipped, facts.main)), [], facts.main
    while at in beyond:
        line.append(at)
        at = next(iter(seen.graph.parents[at]), "")
    answer = Answer(Standing.ABSENT)
    if beyond and not seen.repository.shallow:
        own = own_files(facts.state.product, facts.state.product.repo, prefix, facts.state.pins)
        asked = [Question(shipped, facts.main, facts.base.commit if facts.base else None, own)]
        if held and seen.graph.contains(held, shipped):
            asked.append(Question(held, facts.main, None, own))
        answers = [*standings(seen.repository, seen.graph, asked).values()]
        answer = next((each for each in answers if each.standing is not Standing.ABSENT), answer)
    undone = answer.standing is Standing.REVERTED
    known = [shipped, *line] if answer.contained or seen.repository.shallow or facts.tag else []
    trees = git.trees(seen.repository, known if line else [])
    same = [commit for commit in line if trees and trees[commit] == trees[shipped]]
    landed = shipped if at == shipped else same[-1] if same else None
    return evolve(
        facts,
        behind=len(beyond),
        landed=landed,
        merged=not undone and (facts.merged or landed is not None or answer.contained),
        undone=undone,
        undone_by=answer.undone_by,
        by_merge=answer.by_merge,
        tag_landed=facts.tag_at in same,
    )


def _with_files(
    workspace: Opened, facts: Facts, seen: RepositoryState, at_tip: Sequence[PastFile], *, acts: bool
) -> Facts:
    """Add the changes of the branch, its version files at the tip, and what is not committed."""
    repository = seen.repository
    prefix = below_top(repository, workspace.repos[facts.state.product.repo])
    base, tip = facts.base, facts.tip
    changes = _changes(repository, prefix, base.commit, tip) if base and tip else ()
    changelog = next((file for file in at_tip if file.format == CHANGELOG), None)
    if changelog is not None and changelog.error is not None:
        raise FileTooLarge(changelog.error.message, path=f"{facts.branch}:{changelog.path}")
    reach = git.Reach.ACT if acts else git.Reach.LOOK
    dirty = git.changed_paths(repository, reach=reach) if facts.is_here else None
    # The configuration of this tool is no part of a fix, and a tag may be older than it.
    own = workspace.source and relative(workspace.source, repository.root)
    facts = evolve(
        facts,
        changes=changes,
        at_tip=tuple(file for file in at_tip if file is not changelog),
        pins_at_tip=facts.state.pins_beside,
        changelog_at_tip=None if changelog is None else changelog.data.decode("utf-8", "replace"),
        dirty=tuple(_seen_from(prefix, path) for path in dirty.tracked) if dirty else (),
        unknown=tuple(_seen_from(prefix, path) for path in dirty.unknown) if dirty else (),
        untracked=tuple(_seen_from(prefix, path) for path in dirty.untracked if path != own) if dirty else (),
    )
    pinning = {file.path for file in facts.pins_at_tip} & {change.path for change in changes}
    if beyond_versions(facts) and not pinning:
        return facts
    return evolve(facts, at_base=_at_base(facts, repository, prefix))


def _at_base(facts: Facts, repository: git.Repository, prefix: str) -> tuple[PastFile, ...]:
    """Read the version files that differ as they are at the base."""
    changed = {change.path for change in facts.changes}
    differing = [file for file in (*facts.at_tip, *facts.pins_at_tip) if file.path in changed]
    if facts.base is None or not differing:
        return ()
    read = repository.blobs([(facts.base.commit, f"{prefix}{file.path}") for file in differing])
    return tuple(
        evolve(file, revision=facts.base.name, data=data, known=None)
        for file, data in zip(differing, read, strict=True)
        if isinstance(data, bytes)
    )


def _contains(seen: RepositoryState, commit: str, other: str) -> bool:
    """Whether *commit* contains *other*.

    Raises:
        Unsupported: the clone is shallow, and the history that it has does not show it.
    """
    if not (found := seen.graph.contains(commit, other)) and seen.repository.shallow:
        raise git.cut_off()
    return found


def _seen_from(prefix: str, path: str) -> str:
    """Make a path relative to the product's repository folder, which may be below git's top folder."""
    if not prefix:
        return path
    return relative(path, prefix) + ("/" if path.endswith("/") else "")


def _with_remote(
    context: HotfixContext, facts: Facts, seen: RepositoryState, there: git.RemoteState
) -> Facts:
    """Add what the remote has of the hotfix; what cannot be known stays None."""
    refs, graph, branch = there.refs, seen.graph, HEADS + facts.branch
    tag = tag_in(context.catalog, context.product, refs, facts.version)
    request = context.request(facts.version)
    requested = refs[request].object_id if request in refs else None
    found = refs[branch].object_id if branch in refs else None
    ahead, lacking, pushed = 0, None, found is not None and found == facts.tip
    if found is not None and found in graph.parents and facts.tip:
        theirs = graph.beyond(facts.tip, found)
        ahead, lacking = len(graph.beyond(found, facts.tip)), len(theirs)
        own = {*graph.beyond(facts.main, found)} if facts.main else {*theirs}
        pushed = not ahead and all(each not in own or len(graph.parents[each]) > 1 for each in theirs)
    if tag is not None and facts.tag is None:
        made = refs[tag]
        annotated = made.object_id != made.peeled
        name = tag.removeprefix(TAGS)
        facts = evolve(facts, tag_there=name, tag_there_at=made.peeled, tag_annotated=annotated)
    return evolve(
        facts,
        remote_head=there.head.removeprefix(HEADS) if there.head else None,
        remote_main=context.main in refs,
        main_moved=context.main in refs and refs[context.main].object_id != facts.main_there,
        requested=requested,
        requested_whole=requested is not None
        and bool(facts.tip)
        and graph.contains(requested, str(facts.tip)),
        branch_there=found,
        branch_was_there=any(each.ref == context.tracked(branch) for each in seen.branches),
        ahead=ahead,
        lacking=lacking,
        branch_pushed=pushed,
        main_pushed=_main_pushed(context, facts, seen, refs),
        tag_pushed=tag is not None and refs[tag].object_id == facts.tag_object,
    )


def _main_pushed(
    context: HotfixContext, facts: Facts, seen: RepositoryState, refs: Mapping[str, git.RemoteRef]
) -> bool | None:
    """Whether the remote's main contains the hotfix; None if that is not known."""
    if context.main not in refs:
        return False
    shipped, main = facts.tip or facts.tag_at, refs[context.main].object_id
    if shipped is None:
        return None
    if facts.merged and facts.main == main:
        return True
    if main in seen.graph.parents:
        return _contains(seen, main, shipped)
    with contextlib.suppress(GitError):  # The remote's commit may be missing here.
        return git.is_ancestor(seen.repository, shipped, main)
    return None
