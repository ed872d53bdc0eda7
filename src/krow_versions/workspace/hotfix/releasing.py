"""The plan of a hotfix's release on GitHub, and what plans of GitHub share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import gh
from krow_versions.errors import OperationFailed
from krow_versions.hotfix import render, tick, values
from krow_versions.names import TAGS
from krow_versions.planning.actions import RunProgram
from krow_versions.text.escaping import printable
from krow_versions.workspace.hotfix.records import Records

if TYPE_CHECKING:
    from krow_versions.hotfix import HotfixState
    from krow_versions.planning.actions import Action
    from krow_versions.workspace.hotfix.context import HotfixContext


def plan_release(
    context: HotfixContext, seen: HotfixState, *, run: bool
) -> tuple[tuple[Action, ...], tuple[Action, ...], tuple[str, ...]]:
    """Plan to make the release on GitHub, unless there is one.

    Args:
        context: the repository of the product.
        seen: the hotfix.
        run: whether to make it if GitHub can be asked through ``gh``; else it is left to people.

    Returns:
        The actions, those that are left to people, and notes.
    """
    facts = seen.facts
    if context.remote is None or seen.is_ticked("github-release"):
        return (), (), ()
    tag = context.tag(facts).removeprefix(TAGS)
    place, notes = facts.github or "", []
    if place:
        try:
            found = gh.release(place, tag)
        except OperationFailed as error:
            place = ""
            notes.append(f"the release was not looked for: {why(error)}")
        else:
            if found is not None:
                draft = ", but only as a draft: publish it" if found.is_draft else ""
                note = f"the release is there: {printable(found.url)}{draft}"
                noted = () if found.is_draft else ticked(context, seen, "github-release")
                return tuple(noted), (), (note,)
    argv = ["gh", "release", "create", tag, "--verify-tag", "--title", tag]
    if facts.newer is not None:
        argv.append("--latest=false")
    argv += ["--repo", place] if place else []
    filled = values(facts, seen.record, context.catalog, context.settings)
    argv += ["--notes", render("release_notes", filled, context.settings.texts)]
    made = RunProgram(context.product.repo, tuple(argv), "github-release", context.shown_root, place)
    return ((made,), (), tuple(notes)) if run and place else ((), (made,), tuple(notes))


def ticked(context: HotfixContext, seen: HotfixState, box: str) -> list[Action]:
    """Give what keeps in the record that something was seen; nothing if it is kept already."""
    if not seen.record.is_tracked or seen.is_ticked(box):
        return []
    after = tick(seen.record, box, context.clock(), context.who())
    return [Records.of(context).writing(context.product.repo, after)]


def why(error: OperationFailed) -> str:
    """Give an error and its hint on one line."""
    return f"{error.message}; {error.hint}" if error.hint else error.message
