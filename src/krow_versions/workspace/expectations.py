"""Comparing what a plan expects with the repositories as they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import git, releases
from krow_versions.errors import Conflict, GitError, UsageError
from krow_versions.files import top_of
from krow_versions.names import HEADS, TAGS
from krow_versions.planning.actions import Tag, WriteFile
from krow_versions.planning.expectations import FileHolds, HeadAt, ProductionAt, RefAt, TagsAt
from krow_versions.planning.plan import Plan
from krow_versions.snapshot import tag_state
from krow_versions.text.escaping import quoted
from krow_versions.workspace.owned_tags import owned_tags, tag_homes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from krow_versions.errors import PushRejected
    from krow_versions.planning.actions import Push
    from krow_versions.planning.expectations import Expectation
    from krow_versions.workspace.protocols import Opened


def require_plan(plan: object) -> None:
    """Refuse what is no plan, or one that was made to show other files than it writes.

    Raises:
        TypeError: it is no plan, but such as the names of products.
        UsageError: somebody took products or actions out of it; nothing was done.
    """
    if not isinstance(plan, Plan):
        raise TypeError(f"apply takes a plan, such as that of plan_bump, not {type(plan).__name__}")
    shown = {(each.repo, each.path) for each in plan.changes}
    written = {(each.repo, each.path) for each in plan.actions if isinstance(each, WriteFile)}
    if plan.step is None and shown != written:
        raise UsageError(
            "the plan was changed after it was made: it does not write the files that it shows; "
            "nothing was done",
            hint="plan the products that are wanted, and apply that plan as it is",
        )


def require_own(workspace: Opened, plan: Plan) -> None:
    """Refuse a plan that names a repository which is not in *workspace*.

    Raises:
        Conflict: it does; nothing was done.
    """
    named = {each.repo for each in (*plan.actions, *plan.expects)}
    if not named <= workspace.repos.keys():
        theirs, ours = (", ".join(map(quoted, sorted(names))) for names in (named, workspace.repos))
        raise Conflict(
            f"the plan is for other repositories: it names {theirs}, and here is {ours}; nothing was done",
            hint="apply it with the workspace that made it, or plan it again with this one",
        )


def moved_since(workspace: Opened, plan: Plan, repository: Callable[[str], git.Repository]) -> Iterator[str]:
    """Give one clause for each HEAD, ref and production tag that is not what *plan* expects.

    Args:
        workspace: where the plan is applied.
        plan: the plan.
        repository: opens a repository by its name.
    """
    listed = [each for each in plan.expects if not isinstance(each, FileHolds)]
    for repo in dict.fromkeys(each.repo for each in listed):
        own = [each for each in listed if each.repo == repo]
        root = workspace.repos[repo]
        refs = {
            each.ref: each
            for each in git.list_refs(root, {name for each in own for name in _names(workspace, each)})
        }
        for each in own:
            if isinstance(each, HeadAt):
                yield from _moved_head(each, refs, root, repository)
            elif isinstance(each, RefAt):
                yield from _moved_ref(each, refs.get(each.ref))
            elif isinstance(each, TagsAt):
                yield from _moved_tags(workspace, each, refs.values())
            else:
                yield from _moved_production(workspace, each, refs)


def _names(workspace: Opened, expected: Expectation) -> Iterable[str]:
    """Give the full names of refs, and folders of refs, that show whether *expected* holds."""
    if isinstance(expected, HeadAt):
        return [expected.branch] if expected.branch else []
    if isinstance(expected, RefAt):
        return [expected.ref]
    if isinstance(expected, ProductionAt | TagsAt):
        return tag_homes(workspace.catalog, [workspace.catalog.product(expected.product)])
    return []


def require_not_out(
    repository: git.Repository, remote: str, refs: Mapping[str, str], plan: Plan, refused: PushRejected
) -> None:
    """Say of a hotfix whose push was refused that somebody else has brought it out meanwhile, if so it is.

    Args:
        repository: the repository.
        remote: the remote that has refused it.
        refs: what was pushed: an object, by full name of a ref.
        plan: the plan that pushes it.
        refused: the refusal.

    Raises:
        PushRejected: *refused*, if the remote has its tag, or its main is where it was to be.
    """
    tags = [ref for ref in refs if ref.startswith(TAGS)]
    try:
        there = git.remote_refs(repository, remote, [*refs], reach=git.Reach.ACT)
    except GitError:
        return
    out = [ref for ref in tags if ref in there] or [
        ref for ref, wanted in refs.items() if ref in there and there[ref].object_id == wanted
    ]
    if not out or plan.step is None:
        return
    made = {each.tag: each.commit for each in plan.actions if isinstance(each, Tag)}
    name, commit = quoted(out[0]), there[out[0]].peeled
    if made.get(out[0], commit) != commit:
        return  # It is another one: the refusal says so.
    seeing = plan.step.calls.hotfix("status")
    refused.advise(
        f"{remote} has {name} at {_at(commit)} meanwhile: somebody else has just finished it; nothing has "
        f"changed, here or there; run it again to see that, or: {seeing}"
    )
    raise refused


def refusal(error: PushRejected, push: Push) -> PushRejected | Conflict:
    """Give the error for a push that the remote has refused, with what to do next."""
    declined = "" if error.moved else next(iter(error.reasons), "")
    if declined.startswith(HEADS) and push.if_declined:
        return Conflict(f"{error.message}; nothing has changed, here or there", hint=push.if_declined)
    if error.lock is not None:
        return error  # It says what to do about the lock.
    if not error.reasons:
        return error.advise("correct that, then run it again", keep=True)
    is_tag = declined.startswith(TAGS)
    next_ = "when the server allows it, run it again" if is_tag else "run it again to see what is in the way"
    return error.advise(push.if_refused or f"nothing has changed, here or there; {next_}")


def _moved_ref(expected: RefAt, found: git.Ref | None) -> Iterator[str]:
    before = expected.tag or expected.commit
    now = None
    if found is not None:
        now = found.object_id if expected.tag else found.commit or found.object_id
    if now != before:
        yield f"{quoted(expected.ref)} has moved from {_at(before)} to {_at(now)}"


def _moved_head(
    expected: HeadAt, refs: Mapping[str, git.Ref], root: str, repository: Callable[[str], git.Repository]
) -> Iterator[str]:
    """Compare HEAD; a branch that git lists as checked out here needs no further process."""
    listed = refs.get(expected.branch or "")
    if listed is not None and listed.commit == expected.commit and listed.checked_out == top_of(root):
        return
    found = repository(expected.repo)
    if (found.branch, found.head) != (expected.branch, expected.commit):
        before, now = _head(expected.branch, expected.commit), _head(found.branch, found.head)
        yield f"HEAD has moved from {before} to {now}"


def _moved_tags(workspace: Opened, expected: TagsAt, refs: Iterable[git.Ref]) -> Iterator[str]:
    product = workspace.catalog.product(expected.product)
    found = owned_tags(workspace.catalog, refs, [product])[product.slug]
    now = {each.ref.removeprefix(TAGS): each.commit for each, _ in found}
    before = dict(expected.tags)
    for name in sorted(now.keys() | before.keys()):
        if name not in before:
            yield f"{quoted(name)} was made"
        elif name not in now:
            yield f"{quoted(name)} was deleted"
        elif now[name] != before[name] and now[name] and before[name]:
            yield f"{quoted(name)} has moved from {_at(before[name])} to {_at(now[name])}"


def _moved_production(workspace: Opened, expected: ProductionAt, refs: Iterable[str]) -> Iterator[str]:
    catalog = workspace.catalog
    reader = catalog.tag_reader(catalog.product(expected.product))
    names = (ref.removeprefix(TAGS) for ref in refs if ref.startswith(TAGS))
    now = releases.highest(tag_state(reader, name) for name in names)
    if now is not None and now.name != expected.tag:
        before = f"the production tag of {expected.product} was {quoted(expected.tag)}"
        yield f"{before}, and is {quoted(now.name)}"


def _head(branch: str | None, commit: str | None) -> str:
    return f"{branch.removeprefix(HEADS)} at {_at(commit)}" if branch else _at(commit)


def _at(object_id: str | None) -> str:
    return object_id[:12] if object_id else "nothing"
