"""Applying a plan: only if nothing has changed since it was made; after a failure it can be run again."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from krow_versions import files, git, lazy
from krow_versions.encoding import encode
from krow_versions.errors import (
    Busy,
    ConcurrentEdit,
    Conflict,
    GitError,
    InputError,
    KrowVersionsError,
    Problems,
    PushRejected,
    Unsupported,
    UsageError,
)
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
from krow_versions.planning.commands import git_in
from krow_versions.planning.merge import Merge
from krow_versions.text.escaping import shell_command, shell_word
from krow_versions.values import define, field
from krow_versions.workspace import discovery, expectations
from krow_versions.workspace.file_changes import clear_leftovers, stale, write_files
from krow_versions.workspace.hotfix.storage import TextStore
from krow_versions.workspace.revisions import below_top

if TYPE_CHECKING:
    from collections.abc import Callable

    from krow_versions.planning.actions import Action
    from krow_versions.planning.plan import HotfixStep, Plan
    from krow_versions.workspace import applied, reapplying, running, signing
    from krow_versions.workspace.hotfix import recording
    from krow_versions.workspace.hotfix.records import Records
    from krow_versions.workspace.protocols import Opened
else:
    applied, reapplying, running, signing = lazy.modules(__package__, "applied reapplying running signing")
    (recording,) = lazy.modules("krow_versions.workspace.hotfix", "recording")


_MOVES = (Commit, CreateBranch, SwitchBranch, Merge, Tag, Push, FastForward)
"""What moves branches and tags: one run at a time in a repository."""


def apply_plan(workspace: Opened, plan: Plan) -> applied.Applied:
    """Do what *plan* says; raises as :meth:`Workspace.apply` says."""
    expectations.require_plan(plan)
    if plan.is_empty:
        clear_leftovers(workspace, plan)
        return applied.Applied()
    if not plan.proven:
        raise UsageError("this plan only shows what would change", hint="plan it with proven=True")
    files.require_writing()
    expectations.require_own(workspace, plan)
    execution = _Execution(workspace, plan)
    with contextlib.ExitStack() as held:
        for repo in sorted({each.repo for each in plan.actions if isinstance(each, _MOVES)}):
            held.enter_context(git.alone_in(workspace.repos[repo]))
        try:
            execution.verify()
            clear_leftovers(workspace, plan)
            execution.do_all()
        except (InputError, Problems):
            if not execution.done and reapplying.is_applied(workspace, plan):
                return applied.Applied()
            raise
    warnings, done, urls = execution.warnings, execution.done, execution.urls
    return applied.Applied(plan.changes, tuple(warnings), tuple(done), tuple(urls))


@define
class _Execution:
    """One run of a plan, with what undoes the actions that are done.

    Attributes:
        done: the actions that are done.
        warnings: as :attr:`Applied.warnings`.
        urls: as :attr:`Applied.urls`.
    """

    workspace: Opened
    plan: Plan
    done: list[Action] = field(factory=list)
    warnings: list[str] = field(factory=list)
    urls: list[str] = field(factory=list)
    _undo: list[tuple[Action, Callable[[], None]]] = field(factory=list)
    _made: dict[tuple[str, str], str] = field(factory=dict)
    _repositories: dict[str, git.Repository] = field(factory=dict)

    def verify(self) -> None:
        """Compare repositories and records with the plan; files are compared when they are written.

        Raises:
            ConcurrentEdit: something has changed; nothing was done.
            InputError: a record that a program's end is to be noted in cannot be read.
        """
        discovery.require_real(self.workspace.repos)
        moved = [*expectations.moved_since(self.workspace, self.plan, self._repository)]
        if moved:
            raise ConcurrentEdit(
                f"since the plan was made, {'; '.join(moved)}; nothing was done",
                hint="plan it again: run the command again",
            )
        for action in self.plan.actions:
            if isinstance(action, WriteRecord):
                store = self._store(action.repo)
                if recording.is_stale(store, action):
                    raise stale(store.path(action.name))
            elif isinstance(action, RunProgram) and action.is_noted and self.plan.step is not None:
                self._records(action.repo, self.plan.step).local(self.plan.step.version)

    def do_all(self) -> None:
        """Do each action; what fails says what is done."""
        for action in self.plan.actions:
            try:
                self.do(action)
            except KrowVersionsError as error:
                self.fail(action, error)
                raise

    def do(self, action: Action) -> None:
        """Do one action. After one that cannot be undone, the earlier ones are not undone either."""
        if _EFFECTS[type(action)](self, action) is False:
            return
        if not isinstance(action, WriteRecord | Merge | Tag):
            self._undo.clear()
        self.done.append(action)

    def fail(self, failed: Action, error: KrowVersionsError) -> None:
        """Undo the actions before the one that *failed*, and add to *error* which are done.

        After a push that may have arrived nothing is undone: the remote may have the tag.
        """
        is_push = isinstance(failed, Push) and isinstance(error, GitError)
        if is_push and not isinstance(error, PushRejected):
            self._undo.clear()
        ran = isinstance(failed, RunProgram) and not isinstance(error, Conflict)
        if isinstance(failed, RunProgram) and ran and not failed.place:  # Why it did is kept, too.
            self._undo.clear()
        while self._undo:
            action, take_back = self._undo.pop()
            with contextlib.suppress(KrowVersionsError):
                take_back()
                self.done.remove(action)
        if isinstance(error, GitError) and not error.hint:
            so_far = "what is done is kept; correct that, then run it again: it goes on"
            error.advise(so_far if self.done else "nothing was done; correct that, then run it again")
        if ran:  # How it ended is recorded, too.
            for action in self.plan.actions:
                if isinstance(action, ShareRecord) and not self.share_record(action):
                    error.add_note(f"  warning: {self.warnings[-1]}")
        for action in self.done:
            error.add_note(f"  done: {action.command}")

    def write_files(self, _: WriteFile) -> None:
        """Write all files of the plan at its first ``WriteFile``: all of them, or none."""
        if not any(isinstance(each, WriteFile) for each in self.done):
            self.warnings += write_files(self.workspace, self.plan)

    def write_record(self, action: WriteRecord) -> bool:
        """Write a record; return False if it says all of that already."""
        store = self._store(action.repo)
        if recording.is_kept(store, action):
            return False
        self._undo.append((action, recording.write(store, action)))
        return True

    def share_record(self, action: ShareRecord) -> bool:
        """Share the record of the hotfix; return False, with a warning, if that fails."""
        if (step := self.plan.step) is None:
            return False
        found = self._records(action.repo, step, action.remote).share(step.version, action.calls)
        self.warnings += filter(None, [found.warning])
        return found.done

    def commit(self, action: Commit) -> None:
        repository = self._repository(action.repo)
        prefix = below_top(repository, self.workspace.repos[action.repo])
        made = git.commit(repository, [f"{prefix}{path}" for path in action.paths], action.message)
        self._follow(action.repo, made)

    def create(self, action: CreateBranch) -> None:
        moved = git.create_branch(self._repository(action.repo), action.branch, action.commit)
        self._follow(action.repo, moved)

    def switch(self, action: SwitchBranch) -> None:
        self._follow(action.repo, git.switch(self._repository(action.repo), action.branch))

    def _follow(self, repo: str, moved: git.CheckoutResult) -> None:
        self._repositories[repo] = moved.repository
        self.warnings += moved.notes

    def merge(self, action: Merge) -> None:
        texts = {each.path: encode(each.after) for each in action.files}
        try:
            made = git.merge(
                self._repository(action.repo),
                action.ours,
                action.theirs,
                action.message,
                texts,
                tree=action.tree,
            )
        except Conflict as error:
            if action.if_conflict:
                error.advise(action.if_conflict)
            raise
        self._made[action.repo, action.result] = made
        self._undo.append((action, lambda: None))  # No ref names it: nothing is left of it.

    def tag(self, action: Tag) -> bool:
        """Create a tag; return False if that is left to the push that follows."""
        repository = self._repository(action.repo)
        later = [each for each in self.plan.actions if isinstance(each, Push) and each.repo == action.repo]
        pushed = any(ref.source == action.tag for push in later for ref in push.refs)
        made = signing.make_tag(self.workspace, repository, action, pushed=pushed)
        if pushed:
            self._made[action.repo, action.tag] = made
            return False

        def take_back() -> None:
            git.update_refs(repository, [f"delete {action.tag} {made}"], message="tag: taken back")

        self._undo.append((action, take_back))
        return True

    def push(self, action: Push) -> bool:
        """Push; return False if the remote had all of it."""
        repository = self._repository(action.repo)
        refs = {each.ref: self._named(action, each.source) for each in action.refs}
        try:
            moved = git.push(repository, action.remote, refs)
        except PushRejected as error:
            if self.plan.step is not None and self.plan.step.name == "finish":
                expectations.require_not_out(repository, action.remote, refs, self.plan, error)
            if (said := expectations.refusal(error, action)) is not error:
                raise said from error
            raise
        for tag in self.plan.actions:
            if isinstance(tag, Tag) and tag.tag in refs and (action.repo, tag.tag) in self._made:
                self._set_tag(repository, action, tag.tag, refs[tag.tag])
                self.done.append(tag)
        return bool(moved)

    def _set_tag(self, repository: git.Repository, action: Push, ref: str, object_id: str) -> None:
        """Set the ref of a tag that the remote has now; it is out, so a failure here is a warning."""
        try:
            git.set_tag(repository, ref, object_id)
        except KrowVersionsError as error:
            name, remote = ref.removeprefix(TAGS), action.remote
            fetching = f"{git_in(action.root)} fetch {shell_command([remote, 'tag', name])}"
            self.warnings.append(
                f"{name} is on {remote}, but could not be set here: {_with_remedy(error, fetching)}"
            )

    def forward(self, action: FastForward) -> bool:
        """Fast-forward a branch; return False if that failed and is not required."""
        try:
            after = self._named(action, action.after)
            moved = git.fast_forward(self._repository(action.repo), action.branch, after)
        except KrowVersionsError as error:
            if action.required:
                raise
            # The push is done already; the local branch is a convenience.
            name, git_there = action.branch.removeprefix(HEADS), git_in(action.root)
            pulling = f"{git_there} switch {shell_word(name)} && {git_there} pull"
            self.warnings.append(f"{name} here was not brought forward: {_with_remedy(error, pulling)}")
            return False
        self.warnings += moved.notes
        return True

    def run(self, action: RunProgram) -> bool:
        """Run a program; return False if that was done since it was planned."""
        step = self.plan.step
        remote = next((each.remote for each in self.plan.actions if isinstance(each, ShareRecord)), "")
        records = self._records(action.repo, step, remote) if action.is_noted and step else None
        who = git.identity(self._repository(action.repo)) if records else ""
        clock, cwd = self.workspace.clock, self.workspace.repos[action.repo]
        made = running.run_action(action, step, records, clock, cwd=cwd, who=who)
        if made is None:
            return False
        self.urls += [made.url] if made.url else []
        self.warnings += [made.warning] if made.warning else []
        return True

    def _named(self, action: Action, name: str) -> str:
        """Give the commit that a merge before *action* has made by that name; any other name itself."""
        return self._made.get((action.repo, name), name)

    def _repository(self, name: str) -> git.Repository:
        """Open a repository, once."""
        if name not in self._repositories:
            root = self.workspace.repos[name]
            found = git.open_repository(root)
            if found is None:
                raise Unsupported(
                    "there is no git repository here any more", path=root, hint="see who has moved it"
                )
            self._repositories[name] = found
        return self._repositories[name]

    def _records(self, repo: str, step: HotfixStep, remote: str = "") -> Records:
        """Give the records of the step's product, those on *remote* included."""
        from krow_versions.workspace.hotfix.records import Records

        product, clock = self.workspace.catalog.product(step.product), self.workspace.clock
        return Records.at(self._repository(repo), product, clock, remote)

    def _store(self, repo: str) -> TextStore:
        return TextStore.of(self._repository(repo))


def _with_remedy(error: KrowVersionsError, later: str) -> str:
    """Say what is wrong and what to do; after a lock is gone, another run does it."""
    own = error.hint if isinstance(error, Busy | GitError) else None
    return f"{error.message}; {own or f'later: {later}'}"


_EFFECTS: dict[type[Action], Callable[[_Execution, Any], bool | None]] = {
    WriteFile: _Execution.write_files,
    WriteRecord: _Execution.write_record,
    ShareRecord: _Execution.share_record,
    Commit: _Execution.commit,
    CreateBranch: _Execution.create,
    SwitchBranch: _Execution.switch,
    Merge: _Execution.merge,
    Tag: _Execution.tag,
    Push: _Execution.push,
    FastForward: _Execution.forward,
    RunProgram: _Execution.run,
}
"""How each kind of action is done; False means that it was not done, and is not required."""
