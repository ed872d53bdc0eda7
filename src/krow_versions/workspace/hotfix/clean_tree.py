"""Whether HEAD can move: nobody works on the files, or a switch that was killed explains what differs."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from krow_versions import git
from krow_versions.errors import Conflict, Problems, Unsupported
from krow_versions.text.escaping import shell_command
from krow_versions.text.words import counted, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.workspace.hotfix.context import HotfixContext


@contextlib.contextmanager
def beside_changes(context: HotfixContext, *, acts: bool) -> Iterator[None]:
    """Add to a refusal in the block that tracked files have changed, too."""
    try:
        yield
    except (Conflict, Unsupported) as error:
        try:
            require_clean(context, acts=acts)
        except Conflict as other:
            raise Problems([error, other]) from None
        raise


def require_clean(
    context: HotfixContext, *, acts: bool, tip: str | None = None
) -> tuple[list[str], tuple[str, ...]]:
    """Refuse changed files, since HEAD has to move, but not what a killed switch to *tip* has left.

    Returns:
        What is to be said of it, with the files that only their filter could compare; and the files that the
        killed switch had begun to write.
    """
    reach = git.Reach.ACT if acts else git.Reach.LOOK
    changed = git.changed_paths(context.repository, reach=reach)
    notes: list[str] = []
    found = git.Unfinished(edited=changed.tracked)
    if tip is not None:
        found = git.unfinished(context.repository, tip, changed.tracked, reach=reach)
    if found.begun or found.edited:
        git.require_unlocked(context.repository)  # Whoever holds the index is about to change it.
    _require_only_begun(context, found)
    if found.begun:
        notes.append(
            "an earlier switch was killed half-way: it had begun to change "
            f"{counted(len(found.begun), 'file')}, and is completed"
        )
    if changed.unknown:
        unknown = (
            f"without their filter it is not known whether these differ; {context.git} status shows it: "
        )
        notes.append(unknown + listed(changed.unknown))
    return notes, found.written


def _require_only_begun(context: HotfixContext, found: git.Unfinished) -> None:
    """Refuse changed files that no killed switch explains: somebody works on them."""
    git_there, kept = context.git, "; nothing was changed"
    if found.edited and not found.begun:
        raise Conflict(
            f"there are changes that are not committed: {listed(found.edited)}{kept}",
            hint=f"commit them, or put them aside: {git_there} stash, and {git_there} stash pop when the "
            "hotfix is out",
        )
    todo = []
    if found.edited:
        restoring = f"{git_there} restore --source=HEAD --staged --worktree -- {shell_command(found.edited)}"
        todo.append(f"copy those files to another place, then: {restoring}")
    if found.in_the_way:
        todo.append(f"move these to another place: {shell_command(found.in_the_way)}")
    if todo:
        raise Conflict(
            "an earlier switch was killed half-way, and these files differ for another reason: "
            f"{listed((*found.edited, *found.in_the_way))}{kept}",
            hint=f"{'; '.join(todo)}; then run it again, which completes the switch",
        )
