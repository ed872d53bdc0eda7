"""Plan the merge of a hotfix into a line that has moved on: main, or a release branch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import git
from krow_versions.builds import shipped_builds
from krow_versions.encoding import decode
from krow_versions.errors import Conflict, KrowVersionsError
from krow_versions.formats import companions, format_for, format_named
from krow_versions.hotfix import render, values
from krow_versions.planning.merge import Merge
from krow_versions.planning.merging import MergeOutcome, Sides, merge_product
from krow_versions.text.escaping import quoted_whole, shell_command, shell_word
from krow_versions.text.words import listed
from krow_versions.values import frozen
from krow_versions.workspace.revisions import below_top

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from krow_versions.formats import Format
    from krow_versions.hotfix import Facts, HotfixState
    from krow_versions.products import Product
    from krow_versions.snapshot import PastFile
    from krow_versions.version import Version
    from krow_versions.workspace.hotfix.context import HotfixContext


@frozen
class PlannedMerge:
    """A merge that can be made.

    Attributes:
        action: the merge; its ``result`` names the commit in later actions of the same plan.
        version: the version of the product on the line afterwards, or None if no file there has one.
        warnings: builds of tags that could not be read, one sentence each.
    """

    action: Merge
    version: Version | None
    warnings: tuple[str, ...] = ()


def plan_merge(
    context: HotfixContext,
    facts: Facts,
    message: str,
    *,
    line: str,
    ours: str,
    theirs: str,
    patch_only: bool = False,
) -> PlannedMerge:
    """Plan to merge a hotfix into a line that has commits which the hotfix lacks; nothing is changed.

    Two processes of git, whatever the number of files: the merge in the object database, and the content of
    the product's files; one more if the user has merge drivers and there are conflicts. Before git 2.38 it
    shows only when the plan is applied whether other files are in conflict.

    Args:
        context: the repository of the product.
        facts: the hotfix.
        message: the message of the merge commit; :func:`merge_message` gives it.
        line: the short name of the branch that takes the hotfix, such as ``main``.
        ours: the full id of its commit, as the remote has it.
        theirs: the full id of the commit that was tested: the tip of the hotfix branch.
        patch_only: whether to refuse a line that would get another MAJOR or MINOR, as release branches do.

    Raises:
        Conflict: files are in conflict beyond versions and CHANGELOG rows; they are named.
        GitError: git failed.
    """
    repository, state = context.repository, facts.state
    preview = git.preview_merge(repository, ours, theirs)
    conflicts = preview.conflicts if preview else {}
    prefix = below_top(repository, state.repo.root)
    known = _version_files(facts, prefix, conflicts)
    own = state.changelog if state.changelog and state.changelog.repo == context.product.repo else None
    changelog = prefix + own.path if own else None
    sides, unreadable = _read(
        repository, preview, ours, theirs, [*known, *([changelog] if changelog else [])]
    )
    shipped, uncounted = shipped_builds(context.catalog, state, facts.version)
    outcome = merge_product(
        [(sides[path], chosen) for path, formats in known.items() if path in sides for chosen in formats],
        sides.get(changelog or ""),
        shipped,
        heading=own.heading if own else None,
        max_build=context.product.max_build,
        patch_only=patch_only,
    )
    hint = _by_hand(context, line, theirs, outcome.version)
    if said := _left_to_people(outcome, unreadable, preview):
        raise Conflict(
            f"{facts.branch} cannot be merged into {line} without a person: {'; '.join(said)}; nothing was "
            "changed",
            hint=hint,
        )
    action = Merge(
        context.product.repo,
        ours,
        theirs,
        message,
        outcome.files,
        preview.tree if preview and preview.certain else "",
        if_conflict=hint,
        root=context.shown_root,
    )
    doubts = (f"{error.where}: its build is not counted: {error.message}" for error in uncounted)
    return PlannedMerge(action, outcome.version, tuple(doubts))


def merge_message(context: HotfixContext, seen: HotfixState, line: str) -> str:
    """Give the message of the commit that merges a hotfix into *line*."""
    filled = values(seen.facts, seen.record, context.catalog, context.settings) | {"main": line}
    return render("merge_message", filled, context.settings.texts)


def _version_files(facts: Facts, prefix: str, conflicts: Iterable[str]) -> dict[str, list[Format]]:
    """List the version files of the product with their formats, by path from the top of the repository.

    A file in conflict may be at another place on the line than here. Pins that were moved are places of the
    version, too.
    """
    product = facts.state.product
    found: dict[str, list[Format]] = {}
    for file in facts.state.files:
        if file.repo == product.repo:
            chosen = format_named(file.format, file.key) if file.format else format_for(file.path)
            found.setdefault(prefix + (file.real_path or file.path), []).append(chosen)
    for pin in facts.pins_at_tip:
        if _is_moved(pin, facts.version):
            found.setdefault(prefix + pin.path, []).append(format_named(pin.format, pin.key))
    for path in conflicts:
        if path.startswith(prefix) and path not in found:
            elsewhere = [*_formats_at(product, path.removeprefix(prefix))]
            if elsewhere:
                found[path] = elsewhere
    return found


def _is_moved(pin: PastFile, version: Version) -> bool:
    try:
        held = pin.located().version
    except KrowVersionsError:  # It is no exact version there.
        return False
    return held is not None and held.core == version.core


def _formats_at(product: Product, path: str) -> Iterator[Format]:
    """Give the formats of a version file, or of a lock beside one; none for any other file."""
    folder, slash, name = path.rpartition("/")
    for file in product.files:
        for pattern in filter(None, (file.path, file.otherwise)):
            beside = f"{folder}{slash}{pattern.rpartition('/')[2]}"
            if git.matching([path], [pattern]):
                yield format_named(file.format, file.key) if file.format else format_for(path)
            elif git.matching([beside], [pattern]):
                yield from (each for each in companions(beside, file.format) if name in each.filenames)


def _read(
    repository: git.Repository, preview: git.MergePreview | None, ours: str, theirs: str, paths: Sequence[str]
) -> tuple[dict[str, Sides], list[KrowVersionsError]]:
    """Read some files in both commits, in their base, and as git merges them."""
    base = None if preview else git.merge_base(repository, ours, theirs)
    roots = [preview.tree if preview else base, ours, theirs]
    names: dict[str, list[str | None]] = {}
    for path in paths:
        stages = preview.conflicts.get(path) if preview else None
        if stages is not None:
            names[path] = [stages.get(stage) for stage in (1, 2, 3)]
        else:
            names[path] = [f"{root}:{path}" if root else None for root in roots]
    wanted = list(dict.fromkeys(name for each in names.values() for name in each if name))
    contents = dict(zip(wanted, git.read_objects(repository.root, wanted), strict=True))
    found: dict[str, Sides] = {}
    errors: list[KrowVersionsError] = []
    for path, each in names.items():
        objects = [contents[name] if name else None for name in each]
        try:
            first, mine, other = (
                decode(known.data) if known is not None and known.kind == "blob" else None
                for known in objects
            )
        except KrowVersionsError as error:
            errors += [error.in_file(path)] if not preview or path in preview.conflicts else []
            continue
        if preview is None:
            merged = other if mine == first else mine if other == first else None
            found[path] = Sides(path, first, mine, other, merged)
        elif path in preview.conflicts:
            found[path] = Sides(path, first, mine, other, None)
        else:
            found[path] = Sides(path, None, mine, other, first)
    return found, errors


def _left_to_people(
    outcome: MergeOutcome, unreadable: Sequence[KrowVersionsError], preview: git.MergePreview | None
) -> list[str]:
    """Say which files a person has to merge, and why."""
    errors = [*unreadable, *outcome.errors]
    solved = {*(each.path for each in outcome.files), *(error.path for error in errors)}
    solved |= preview.undecided if preview else set()
    left = [path for path in (preview.conflicts if preview else ()) if path not in solved]
    lines = [f"git cannot merge {listed(map(quoted_whole, left))}"] if left else []
    return lines + [f"{error.where}: {error.message}" for error in errors]


def _by_hand(context: HotfixContext, line: str, theirs: str, version: Version | None) -> str:
    """Give what a person types to make the merge."""
    here, there = context.git, f"{context.remote}/{line}"
    commands = [f"{here} switch {shell_word(line)}"]
    commands += [f"{here} merge --ff-only {shell_word(there)}"] if context.remote else []
    commands += [f"{here} merge --no-ff {theirs[:12]}"]
    keep = f"the version {version} and the CHANGELOG rows" if version else "the changes"
    pushing = f", {here} push {shell_command([context.remote, line])}" if context.remote else ""
    typed = f"{' && '.join(commands)}; keep {keep} of both sides, {here} commit --all{pushing}"
    return f"merge it by hand: {typed}, and run this again"
