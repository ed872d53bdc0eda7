"""What a plan does, one value per effect: shown, printed as JSON and done from the same fields.

``command`` is what a person would type to do the same. Of git it is what is run, with ids cut to twelve
digits, a ref that is pushed to its own name written once, and without the options that protect a run from
configuration (``--no-force``, ``--cleanup=verbatim``). Where a workspace has several repositories, ``root``
names the folder, since nobody stands in all of them.

A merge that has to be made first becomes an action of its own, whose result a ref names: what comes after it
(:class:`Push`, :class:`FastForward`) takes full ref names as well as ids.
"""

from __future__ import annotations

from typing import Any

import attrs

from krow_versions.names import HEADS, TAGS
from krow_versions.text.escaping import shell_command, shell_word


@attrs.frozen
class WriteFile:
    """Give a file another text.

    Attributes:
        repo: the repository's name.
        path: relative to it.
        before: what the file must hold.
        after: what it gets.
    """

    repo: str
    path: str
    before: str = attrs.field(repr=False)
    after: str = attrs.field(repr=False)

    @property
    def command(self) -> str:
        """An editor: the plan's diff shows what is to be written."""
        return f"$EDITOR {shell_word(self.path)}"


@attrs.frozen
class WriteRecord:
    """Keep a text about a hotfix in git's own folder, beside the other records.

    Attributes:
        repo: the repository's name.
        name: of the file.
        before: what the file must hold; None: it must not be there.
        after: what it gets.
    """

    repo: str
    name: str
    before: str | None = attrs.field(repr=False)
    after: str = attrs.field(repr=False)

    @property
    def command(self) -> str:
        """A remark for the shell: nobody types this."""
        return f"# keeps {self.name} in git's own folder"


@attrs.frozen
class CreateBranch:
    """Create a branch at exactly a commit, without an upstream, and switch to it.

    Attributes:
        repo: the repository's name.
        branch: full name, ``refs/heads/…``.
        commit: full id.
        base: the tag that is at that commit, for readers.
        root: the repository's folder, where it has to be named.
    """

    repo: str
    branch: str
    commit: str
    base: str
    root: str = ""

    @property
    def command(self) -> str:
        """Two commands of git."""
        git, name = _git(self.root), shell_word(self.branch.removeprefix(HEADS))
        return f"{git} branch --no-track {name} {_short(self.commit)} && {git} switch {name}    # {self.base}"


@attrs.frozen
class SwitchBranch:
    """Switch to a branch that is there.

    Attributes:
        repo: the repository's name.
        branch: full name, ``refs/heads/…``.
        root: the repository's folder, where it has to be named.
    """

    repo: str
    branch: str
    root: str = ""

    @property
    def command(self) -> str:
        """One command of git."""
        return f"{_git(self.root)} switch {shell_word(self.branch.removeprefix(HEADS))}"


@attrs.frozen
class Tag:
    """Make an annotated tag.

    Attributes:
        repo: the repository's name.
        tag: full name, ``refs/tags/…``.
        commit: full id of the commit that it names.
        message: all of it.
        root: the repository's folder, where it has to be named.
    """

    repo: str
    tag: str
    commit: str
    message: str
    root: str = ""

    @property
    def command(self) -> str:
        """One command of git, and the first line of the message that it asks for."""
        name = shell_word(self.tag.removeprefix(TAGS))
        said = self.message.partition("\n")[0]
        return f"{_git(self.root)} tag --annotate {name} {_short(self.commit)}    # {said}"


@attrs.frozen
class PushedRef:
    """One ref of a push.

    Attributes:
        ref: its full name there.
        source: what the remote must have there afterwards: a full id, or the full name of a ref here.
    """

    ref: str
    source: str


@attrs.frozen
class Push:
    """Push refs in one transaction, none by force: the remote takes all of them or none.

    Attributes:
        repo: the repository's name.
        remote: the remote's name.
        refs: what is pushed.
        if_refused: what to do when the remote refuses.
        root: the repository's folder, where it has to be named.
    """

    repo: str
    remote: str
    refs: tuple[PushedRef, ...]
    if_refused: str = ""
    root: str = ""

    @property
    def command(self) -> str:
        """One command of git."""
        specs = (
            each.ref if each.ref == each.source else f"{_short(each.source)}:{each.ref}" for each in self.refs
        )
        return f"{_git(self.root)} push --atomic {shell_command([self.remote, *specs])}"


@attrs.frozen
class FastForward:
    """Bring a local branch forward to a descendant.

    Attributes:
        repo: the repository's name.
        branch: full name, ``refs/heads/…``.
        before: the full id of the commit that it is at.
        after: where it goes: a full id, or the full name of a ref here.
        checked_out: whether HEAD is on it, so that files move, too.
        required: whether the plan fails without it; else a failure is a warning.
        root: the repository's folder, where it has to be named.
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
        """One command of git."""
        git, after, name = _git(self.root), _short(self.after), self.branch.removeprefix(HEADS)
        if self.checked_out:
            return f"{git} merge --ff-only {after}    # into {name}, here"
        return f"{git} update-ref {shell_word(self.branch)} {after} {_short(self.before)}"


@attrs.frozen
class RunProgram:
    """Run a program in the repository's folder, on the user's own terminal.

    Attributes:
        repo: the repository's name.
        argv: the program and its arguments.
        box: the box of the checklist that its success ticks; ``deployed`` keeps moment and exit code.
        root: the repository's folder, where it has to be named.
    """

    repo: str
    argv: tuple[str, ...]
    box: str = ""
    root: str = ""

    @property
    def command(self) -> str:
        """The program and its arguments."""
        folder = f"cd {shell_word(self.root)} && " if self.root else ""
        return folder + shell_command(self.argv)


Action = WriteFile | WriteRecord | CreateBranch | SwitchBranch | Tag | Push | FastForward | RunProgram

_KINDS: dict[type[Action], str] = {
    WriteFile: "write-file",
    WriteRecord: "write-record",
    CreateBranch: "create-branch",
    SwitchBranch: "switch-branch",
    Tag: "tag",
    Push: "push",
    FastForward: "fast-forward",
    RunProgram: "run-program",
}


def kind_of(action: Action) -> str:
    """Give the name of an action's kind, as JSON and tables call it."""
    return _KINDS[type(action)]


def action_json(action: Action) -> dict[str, Any]:
    """Give an action as data: its kind, its command, and its fields."""
    fields = attrs.asdict(action, filter=lambda field, _: field.name not in {"root", "if_refused"})
    return {"action": kind_of(action), "command": action.command, **fields}


def _git(root: str) -> str:
    return f"git -C {shell_word(root)}" if root else "git"


def _short(source: str) -> str:
    """Cut an id to what people read; a ref's name stays whole."""
    return source if source.startswith("refs/") else source[:12]
