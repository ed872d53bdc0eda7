"""The actions of a plan.

An action is one effect; it is shown, printed as JSON and carried out from the same fields. In all of them
``repo`` is the repository's name, and ``path`` is relative to it. ``root`` is the repository's folder if the
workspace has several, and empty otherwise: the command names it.

``command`` is what a person would type to do the same. A git command is the one that is run, but with ids cut
to twelve digits, with a ref that is pushed to its own name written once, and without the options that
protect a run from configuration (``--no-force``, ``--cleanup=verbatim``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.names import HEADS, TAGS
from krow_versions.planning.commands import git_in, pathspec, short_id
from krow_versions.planning.merge import Merge
from krow_versions.planning.programs import RunProgram as RunProgram  # noqa: PLC0414 - It is an action.
from krow_versions.tables import Data, Table
from krow_versions.text.escaping import shell_command, shell_comment, shell_word
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from krow_versions.planning.commands import Calls


@frozen
class WriteFile:
    """Replace the text of a file, which must hold *before*.

    Attributes:
        before: the text that the file must hold.
        after: its new text.
    """

    repo: str
    path: str
    before: str = field(repr=False)
    after: str = field(repr=False)

    @property
    def command(self) -> str:
        """An editor; the plan's diff shows the change."""
        return f"$EDITOR {shell_word(self.path)}"


@frozen
class WriteRecord:
    """Write a text about a hotfix into git's own folder, beside the other records.

    Attributes:
        name: the name of the file.
        before: the text that the file must hold, or None if it must not exist.
        after: its new text.
    """

    repo: str
    name: str
    before: str | None = field(repr=False)
    after: str = field(repr=False)

    @property
    def command(self) -> str:
        """A comment for the shell: nobody types this."""
        return f"# keeps {self.name} in git's own folder"


@frozen
class Commit:
    """Commit the present content of files that git tracks, and of no others, on the branch of HEAD.

    Attributes:
        paths: the files.
        message: the whole message.
    """

    repo: str
    paths: tuple[str, ...]
    message: str
    root: str = ""

    @property
    def command(self) -> str:
        """One git command."""
        words = shell_command([self.message.strip(), "--", *map(pathspec, self.paths)])
        return f"{git_in(self.root)} commit --message {words}"


@frozen
class CreateBranch:
    """Create a branch at exactly a commit, without an upstream, and switch to it.

    Attributes:
        branch: full name, ``refs/heads/…``.
        commit: full id.
        base: the tag at that commit, for readers.
    """

    repo: str
    branch: str
    commit: str
    base: str
    root: str = ""

    @property
    def command(self) -> str:
        """Two git commands."""
        git, name = git_in(self.root), shell_word(self.branch.removeprefix(HEADS))
        switching = f"{git} switch {name}{shell_comment(self.base)}"
        return f"{git} branch --no-track {name} {short_id(self.commit)} && {switching}"


@frozen
class SwitchBranch:
    """Switch to an existing branch.

    Attributes:
        branch: full name, ``refs/heads/…``.
        begun: the files that an earlier switch to it, which was killed, had begun to write.
    """

    repo: str
    branch: str
    root: str = ""
    begun: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """One git command; two for a switch that was killed."""
        git, name = git_in(self.root), shell_word(self.branch.removeprefix(HEADS))
        shown, more = shell_command(self.begun[:_SHOWN]), len(self.begun) - _SHOWN
        restoring = f"{git} restore --source={name} --staged --worktree -- {shown} && " if self.begun else ""
        return f"{restoring}{git} switch {name}{f'    # and {more} more files' if more > 0 else ''}"


@frozen
class Tag:
    """Create an annotated tag.

    If a push of the tag follows in the plan, the tag is here only when the remote has it: a tag that is
    nowhere else would look like a release that is out.

    Attributes:
        tag: full name, ``refs/tags/…``.
        commit: full id of the commit that it names.
        message: the whole message.
        signed: whether it is signed, as the user's git is configured.
    """

    repo: str
    tag: str
    commit: str
    message: str
    root: str = ""
    signed: bool = False

    @property
    def command(self) -> str:
        """One git command, and the first line of the message that it asks for."""
        name = shell_word(self.tag.removeprefix(TAGS))
        subject = self.message.partition("\n")[0]
        how = "--sign" if self.signed else "--annotate"
        return f"{git_in(self.root)} tag {how} {name} {short_id(self.commit)}{shell_comment(subject)}"


@frozen
class PushedRef:
    """One ref of a push.

    Attributes:
        ref: its full name on the remote.
        source: its new value: a full id, the full name of a local ref, or the result of a :class:`Merge`.
    """

    ref: str
    source: str


@frozen
class Push:
    """Push refs atomically and without force.

    Attributes:
        remote: the remote's name.
        refs: the refs to push.
        if_refused: the hint for a push that the remote refuses.
        if_declined: the hint where the remote declines a branch that has not moved, as a protected one.
    """

    repo: str
    remote: str
    refs: tuple[PushedRef, ...]
    if_refused: str = ""
    if_declined: str = ""
    root: str = ""

    @property
    def command(self) -> str:
        """One git command."""
        specs = (
            each.ref if each.ref == each.source else f"{short_id(each.source)}:{each.ref}"
            for each in self.refs
        )
        return f"{git_in(self.root)} push --atomic {shell_command([self.remote, *specs])}"


@frozen
class FastForward:
    """Fast-forward a local branch.

    Attributes:
        branch: full name, ``refs/heads/…``.
        before: the full id of its present commit.
        after: its new commit: a full id, or the result of a :class:`Merge`.
        checked_out: whether HEAD is on it, so that the working tree changes, too.
        required: whether the plan fails without it; otherwise a failure is a warning.
    """

    repo: str
    branch: str
    before: str
    after: str
    checked_out: bool = False
    required: bool = True
    root: str = ""

    @property
    def command(self) -> str:
        """One git command."""
        git, after, name = git_in(self.root), short_id(self.after), self.branch.removeprefix(HEADS)
        if self.checked_out:
            return f"{git} merge --ff-only {after}{shell_comment(f'into {name}, here')}"
        return f"{git} update-ref {shell_word(self.branch)} {after} {short_id(self.before)}"


@frozen
class ShareRecord:
    """Push the record of a hotfix to a ref of its own, merged with what the remote has of it.

    Where the remote refuses it or does not answer, that is a warning, and the record here stays.

    Attributes:
        remote: the remote's name.
        ref: the full name of the ref, here and there.
        calls: how people call krow-versions and git for the hotfix.
    """

    repo: str
    remote: str
    ref: str
    calls: Calls

    @property
    def command(self) -> str:
        """One git command, after the commit of the record is made, which nobody types."""
        push = shell_command([self.remote, self.ref])
        return f"{self.calls.git} push {push}    # shares the record"


Action = (
    WriteFile
    | WriteRecord
    | ShareRecord
    | Commit
    | CreateBranch
    | SwitchBranch
    | Merge
    | Tag
    | Push
    | FastForward
    | RunProgram
)


_SHOWN = 5

_KINDS: dict[type[Action], str] = {
    WriteFile: "write-file",
    WriteRecord: "write-record",
    ShareRecord: "share-record",
    Commit: "commit",
    CreateBranch: "create-branch",
    SwitchBranch: "switch-branch",
    Merge: "merge",
    Tag: "tag",
    Push: "push",
    FastForward: "fast-forward",
    RunProgram: "run-program",
}


_INNER = {"root", "if_refused", "if_declined", "if_conflict", "beyond"}


def kind_of(action: Action) -> str:
    """Give the name of an action's kind in JSON and tables."""
    return _KINDS[type(action)]


def table_of_actions(actions: Iterable[Action], by_hand: Iterable[Action], caption: str) -> Table:
    """Give one row per action, then one per action that people do."""
    rows = [(each, False) for each in actions] + [(each, True) for each in by_hand]
    shown = tuple(
        (kind_of(each), each.repo, each.command, "· by hand" if hand else "→ to be done")
        for each, hand in rows
    )
    documents = (
        {"action": kind_of(each), "repo": each.repo, "command": each.command, "by_hand": hand}
        for each, hand in rows
    )
    columns = ("action", "repository", "command", "what is done")
    return Table(columns, shown, caption, Data.of("action repo command by_hand:boolean", documents))


def action_json(action: Action) -> dict[str, Any]:
    """Give an action as JSON data: its kind, its command, and its fields."""
    import attrs  # Only here: most plans are not written as JSON.

    fields = attrs.asdict(
        action,
        filter=lambda field, _: field.name not in _INNER,
    )
    return {"action": kind_of(action), "command": action.command, **fields}
