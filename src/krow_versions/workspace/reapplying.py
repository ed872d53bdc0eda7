"""Whether a plan has nothing left to do, because it was applied before: all is as it would leave it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions import git
from krow_versions.encoding import encode
from krow_versions.errors import KrowVersionsError
from krow_versions.names import HEADS, TAGS
from krow_versions.planning.actions import (
    Commit,
    CreateBranch,
    FastForward,
    Push,
    RunProgram,
    ShareRecord,
    SwitchBranch,
    Tag,
    WriteFile,
    WriteRecord,
)
from krow_versions.planning.expectations import FileHolds, HeadAt
from krow_versions.planning.merge import Merge
from krow_versions.values import field, frozen
from krow_versions.workspace.file_changes import text_of
from krow_versions.workspace.hotfix.recording import is_kept
from krow_versions.workspace.hotfix.records import Records
from krow_versions.workspace.hotfix.storage import TextStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from krow_versions.planning.actions import Action
    from krow_versions.planning.plan import Plan
    from krow_versions.workspace.protocols import Opened


def is_applied(workspace: Opened, plan: Plan) -> bool:
    """Whether each file, branch, tag, record and remote holds what *plan* would give it.

    What cannot be known, such as whether a program that is not noted has run, counts as not done.
    """
    found = _Found(workspace, plan)
    try:
        return all(_IS_DONE[type(each)](found, each) for each in _local_first(plan)) and all(
            text_of(workspace, each.repo, each.path, each.text) == encode(each.text)
            for each in plan.expects
            if isinstance(each, FileHolds)
        )
    except KrowVersionsError:
        return False


def _local_first(plan: Plan) -> list[Action]:
    """Sort the actions so that a remote is only asked where all else is done."""
    return sorted(plan.actions, key=lambda each: isinstance(each, Push))


@frozen
class _Found:
    """What is there now; a repository is opened anew, because the plan may have been made long ago."""

    workspace: Opened
    plan: Plan
    _opened: dict[str, git.Repository] = field(factory=dict, init=False)

    def repository(self, name: str) -> git.Repository:
        if name not in self._opened:
            found = git.open_repository(self.workspace.repos[name])
            if found is None:
                raise KrowVersionsError("there is no git repository here any more")
            self._opened[name] = found
        return self._opened[name]

    def wrote(self, action: WriteFile) -> bool:
        return text_of(self.workspace, action.repo, action.path, action.after) == encode(action.after)

    def recorded(self, action: WriteRecord) -> bool:
        return is_kept(TextStore.of(self.repository(action.repo)), action)

    def shared(self, action: ShareRecord) -> bool:
        step = self.plan.step
        if step is None:
            return False
        product = self.workspace.catalog.product(step.product)
        records = Records.at(self.repository(action.repo), product, self.workspace.clock, action.remote)
        seen = records.shared.seen(step.version).entries if records.shared else ()
        return {*records.local(step.version).entries} <= {*seen}

    def committed(self, action: Commit) -> bool:
        """HEAD is a commit with this message on what the plan was made from."""
        repository = self.repository(action.repo)
        before = [each for each in self.plan.expects if isinstance(each, HeadAt) and each.repo == action.repo]
        made = git.known_commits(repository, [repository.head] if repository.head else [])
        return (
            bool(before and made)
            and repository.branch == before[0].branch
            and git.parents_of(repository, made[0].id) == (before[0].commit,)
            and made[0].subject == action.message.partition("\n\n")[0].strip()
        )

    def created(self, action: CreateBranch) -> bool:
        repository = self.repository(action.repo)
        return (repository.branch, repository.head) == (action.branch, action.commit)

    def switched(self, action: SwitchBranch) -> bool:
        return self.repository(action.repo).branch == action.branch

    def tagged(self, action: Tag) -> bool:
        found = self._refs(action.repo, action.tag).get(action.tag)
        return found is not None and (found.object_type, found.commit) == ("tag", action.commit)

    def pushed(self, action: Push) -> bool:
        repository, names = self.repository(action.repo), [each.ref for each in action.refs]
        there = git.remote_refs(repository, action.remote, names, reach=git.Reach.ACT)
        here = self._refs(
            action.repo, *(each.source for each in action.refs if each.source.startswith(_REFS))
        )
        return all(
            each.ref in there and self._is(action.repo, there[each.ref].object_id, here, each.source)
            for each in action.refs
        )

    def forwarded(self, action: FastForward) -> bool:
        found = self._refs(action.repo, action.branch).get(action.branch)
        if found is None or not self._is(action.repo, found.commit, {}, action.after):
            return not action.required
        return True

    def ran(self, action: RunProgram) -> bool:
        """One that ticks a box of the checklist has run if that is ticked; of others nothing is known."""
        if self.plan.step is None or not action.box or action.tag:
            return False
        product = self.workspace.catalog.product(self.plan.step.product)
        records = Records.at(self.repository(action.repo), product, self.workspace.clock, "")
        return records.read(self.plan.step.version).is_ticked(action.box)

    def _refs(self, repo: str, *names: str) -> dict[str, git.Ref]:
        return {each.ref: each for each in git.list_refs(self.workspace.repos[repo], names)} if names else {}

    def _is(self, repo: str, found: str, here: dict[str, git.Ref], wanted: str) -> bool:
        """Whether an object is the one that an action names: by its id, by a ref, or as a merge."""
        for each in self.plan.actions:
            if isinstance(each, Merge) and (each.repo, each.result) == (repo, wanted):
                return git.parents_of(self.repository(repo), found) == (each.ours, each.theirs)
        return found == (here[wanted].object_id if wanted in here else wanted)


_REFS = (HEADS, TAGS)
_IS_DONE: dict[type[Action], Callable[[_Found, Any], bool]] = {
    WriteFile: _Found.wrote,
    WriteRecord: _Found.recorded,
    ShareRecord: _Found.shared,
    Commit: _Found.committed,
    CreateBranch: _Found.created,
    SwitchBranch: _Found.switched,
    Merge: lambda _, __: True,  # No ref names it: the push or the branch that takes it is looked at.
    Tag: _Found.tagged,
    Push: _Found.pushed,
    FastForward: _Found.forwarded,
    RunProgram: _Found.ran,
}
