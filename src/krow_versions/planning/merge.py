"""The action that merges a hotfix into a line that has moved on."""

from __future__ import annotations

from krow_versions.planning.commands import git_in, pathspec, short_id
from krow_versions.planning.diff import exact_diff
from krow_versions.text.escaping import shell_command, shell_word
from krow_versions.values import field, frozen


@frozen
class MergedFile:
    """The text of a file that a merge commit gets instead of the one that git gives.

    Attributes:
        path: from the top of the repository.
        before: its text on the branch that is merged into.
        after: its text in the merge commit.
    """

    path: str
    before: str = field(repr=False)
    after: str = field(repr=False)


@frozen
class Merge:
    """Make a merge commit of two commits in a temporary working tree; no branch moves.

    Attributes:
        ours: the full id of the first parent, the line that takes the other.
        theirs: the full id of the second parent.
        message: the whole message.
        files: the files about which git must not decide.
        tree: the id of the tree that git's own merge gives, or empty if that is not known before.
        result: the name by which later actions of the plan name the commit.
        if_conflict: the hint if other files are in conflict.
    """

    repo: str
    ours: str
    theirs: str
    message: str
    files: tuple[MergedFile, ...] = ()
    tree: str = ""
    result: str = "KROW_MERGE"
    if_conflict: str = ""
    root: str = ""

    @property
    def command(self) -> str:
        """A script; what becomes of the files is in it as a diff."""
        git, there, ours = git_in(self.root), 'git -C "$w"', short_id(self.ours)
        merging = f"{there} merge --no-ff {{}}{short_id(self.theirs)}"
        message = f"--message={shell_word(self.message.rstrip())}"
        lines = [f'w=$(mktemp -d) && {git} worktree add --detach "$w" {ours}']
        if self.files:
            diffs = "".join(map(exact_diff, self.files))
            paths = shell_command([pathspec(each.path) for each in self.files])
            lines += [
                merging.format("--no-commit "),
                f"{there} checkout {ours} -- {paths}",
                *([f"{there} apply --index --whitespace=nowarn <<'EOF'\n{diffs}EOF"] if diffs else []),
                f"{there} commit {message}",
            ]
        else:
            lines += [merging.format(f"{message} ")]
        lines += [
            f'{git} update-ref {self.result} "$({there} rev-parse HEAD)"',
            f'{git} worktree remove --force "$w"',
        ]
        return "\n".join(lines)
