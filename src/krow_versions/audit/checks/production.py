"""KV2xx: the files compared with production, and the tags of production."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import releases
from krow_versions.audit.checks.lines import not_on_main
from krow_versions.audit.checks.remote import fetching
from krow_versions.audit.model import Check, CheckContext, Occurrence, day_of, found_in, saying
from krow_versions.text.escaping import printable, quoted, shell_word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.snapshot import FileState, RemoteState, TagState
    from krow_versions.version import Version


def behind(context: CheckContext) -> Iterator[FileState]:
    """Return the files behind production; a file is not behind because it has no build.

    A file with only a build is behind if no file of the product has a version above production.

    If this checkout does not contain the release at all, that is one finding about the release: of a hotfix
    branch that was not started from it (KV502), or a release that is not on the main branch (KV204).
    """
    tag, production = context.production, context.production_version
    if tag is None or production is None:
        return
    if not releases.is_contained(tag) and (context.hotfix is not None or tag.on_main is False):
        return
    top = max((version for _, version in context.own), default=production)
    for file in context.sources:
        version = file.version
        if version is None and top.with_build(None) <= production.with_build(None):
            version = production.with_build(file.build)
        if version is not None and releases.is_behind(version, production):
            yield file


def ahead(context: CheckContext) -> Iterator[FileState]:
    """Return the files above the version that the current hotfix branch may ship.

    On other branches, files ahead of production are normal development.
    """
    hotfix, tag, target = context.hotfix, context.production, context.target
    if hotfix is None or (tag is not None and not releases.is_contained(tag)):
        return  # KV502 reports a branch that was not started from production.
    fits = {tag.version.core, target.core} if tag and tag.version and target else None
    passed = {*behind(context)}
    for file, version in context.own:
        wrong = version.core > hotfix.core if fits is None else version.core not in fits
        if (wrong or version.prerelease is not None) and file not in passed:
            yield file


def _never_released(context: CheckContext) -> Iterator[Occurrence]:
    # Tags that may be missing or misspelt are reported by other checks.
    repo = context.state.repo
    if not context.has_git or repo.shallow or repo.untagged or any(True for _ in _misnamed(context)):
        return
    if releases.highest(context.state.tags) is None:
        early = next((tag.name for tag in context.state.tags if _is_early(tag)), "")
        lacking = f"there is no tag {context.shown_patterns('production')}"
        if early:
            lacking = f"only pre-releases have tags, such as {early}"
        yield Occurrence(
            printable(f"{context.title} was never released to production: {lacking}"),
            "before its first release nothing is to be done; after it, fetch the tags: git fetch --tags",
        )


def _file_behind(context: CheckContext) -> Iterator[Occurrence]:
    tag = context.production
    if tag is None:
        return
    name = printable(tag.name)
    for file in behind(context):
        yield found_in(
            file,
            f"{saying(file)}, but {context.production_version} is in production ({name})",
            f"raise it to {context.production_version} or above; git log -p shows what lowered it"
            if releases.is_contained(tag)
            else f"this branch does not contain that release: git merge {shell_word(name)}",
            build=file.version is None or file.version.core == releases.core_of(tag),
        )


def _file_ahead(context: CheckContext) -> Iterator[Occurrence]:
    tag, target = context.production, context.target
    for file in ahead(context):
        message = f"{saying(file)}, but this branch is for {context.hotfix}"
        hint = f"write {context.hotfix} there: a feature ships from the main branch"
        if tag is not None and target is not None:
            message = f"{saying(file)}, but a hotfix on {printable(tag.name)} ships {target}"
            hint = (
                f"write {tag.version} back, then run krow-versions bump-patch {context.name}: "
                "a hotfix raises PATCH alone"
            )
        yield found_in(file, message, hint)


def _lightweight(context: CheckContext) -> Iterator[Occurrence]:
    for tag in releases.production(context.state.tags):
        if tag.readable and not tag.annotated:
            yield _of_lightweight(tag, context.state.repo.remote)


def _of_lightweight(tag: TagState, remote: RemoteState | None) -> Occurrence:
    """Say what a lightweight tag lacks; the hint is about this clone, never about what is published."""
    name = printable(tag.name)
    message = f"{name} is a lightweight tag: it does not say who released when, and why"
    hint = "a published tag stays as it is: ignore this finding with a reason"
    if remote is None or remote.error is not None:
        hint = f"krow-versions audit --remote says what to do if only this clone has it so; else {hint}"
    elif (there := remote.tags.get(tag.name)) is None:
        hint = f"it is not on {remote.name} yet: make it again as an annotated one before it is pushed"
    elif there[0] != there[1]:
        message = f"{name} is a lightweight tag here, but an annotated one on {remote.name}"
        hint = f"take the one of the remote into this clone: {fetching(remote.name, tag.name)}"
    return Occurrence(message, hint, about=tag.name, day=day_of(tag.date))


def _misnamed(context: CheckContext) -> Iterator[Occurrence]:
    """Where one pattern is for all releases, pre-releases have it, too."""
    patterns = context.shown_patterns()
    has_stages = context.has_stages
    for tag in context.state.tags:
        if tag.stage is None:
            yield Occurrence(
                f"the tag {quoted(tag.name)} looks like one of {context.title}, but fits no pattern",
                f"releases are {printable(patterns)}: tag its commit by such a name, too, and ignore this "
                "finding with a reason",
                about=tag.name,
                day=day_of(tag.date),
            )
        elif has_stages and _is_early(tag):
            yield Occurrence(
                f"{printable(tag.name)} is a production tag, but {tag.version} is a pre-release",
                "a pre-release is not in production: tag its commit as another stage, too, and ignore "
                "this finding with a reason",
                about=tag.name,
                day=day_of(tag.date),
            )


def _twice(context: CheckContext) -> Iterator[Occurrence]:
    """Of a package, 1.4.0 and 1.4.0+1 are two versions; an app has two builds of one."""
    found: dict[tuple[str, Version, str], list[TagState]] = {}
    for tag in context.state.tags:
        if tag.stage and tag.version and tag.readable and not _is_early(tag):
            build = tag.name.partition("+")[2] if context.state.is_packaged else ""
            found.setdefault((tag.stage, tag.version, build), []).append(tag)
    for (stage, version, _), tags in found.items():
        if len(tags) > 1:
            names = sorted(tag.name for tag in tags)
            yield Occurrence(
                f"{version} has {len(names)} {stage} tags: {printable(', '.join(names))}",
                "see which of them shipped (git show shows each), and ignore this finding with a reason "
                "that says so",
                about=names[-1],
                day=day_of(*(tag.date for tag in tags)),
            )


def _unreadable(context: CheckContext) -> Iterator[Occurrence]:
    remote = context.state.repo.remote
    for tag in context.state.tags:
        if tag.stage and not tag.readable:
            name = printable(tag.name)
            yield Occurrence(
                f"{name} names no commit that is here, so what it released is not known",
                "git fsck shows what is broken; to take the tag of the remote into this clone: "
                + fetching(remote.name if remote else "origin", tag.name),
                about=tag.name,
                day=day_of(tag.date),
            )


def _is_early(tag: TagState) -> bool:
    return releases.is_named_production(tag) and not releases.is_production(tag)


CHECKS: tuple[Check, ...] = (
    Check("KV201", _never_released),
    Check("KV202", _file_behind),
    Check("KV203", _file_ahead),
    Check("KV204", not_on_main),
    Check("KV205", _lightweight),
    Check("KV206", _misnamed),
    Check("KV207", _twice),
    Check("KV208", _unreadable),
)
