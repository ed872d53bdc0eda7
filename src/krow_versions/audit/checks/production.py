"""KV2xx: the files against what is in production, and the tags that say what that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import releases
from krow_versions.audit.model import Check, CheckContext, Occurrence, found_in, said
from krow_versions.text.escaping import printable, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.snapshot import FileState, TagState
    from krow_versions.version import Version


def behind(scene: CheckContext) -> Iterator[tuple[FileState, Version]]:
    """List the files that are behind production; a file without a build is not behind for that.

    Where the release itself is what is missing here, that is told once, of the release: a hotfix
    branch that was not started from it (KV502), or one that is not on the main branch (KV204).
    """
    tag, production = scene.production, scene.production_version
    if tag is None or production is None:
        return
    if not releases.is_contained(tag) and (scene.hotfix is not None or tag.on_main is False):
        return
    for file, version in scene.own:
        if releases.is_behind(version, production):
            yield file, version


def ahead(scene: CheckContext) -> Iterator[tuple[FileState, Version]]:
    """List the files that are above what the hotfix branch that is checked out may ship.

    Elsewhere, files that are ahead of production are what development is.
    """
    hotfix, tag, target = scene.hotfix, scene.production, scene.target
    if hotfix is None or (tag is not None and not releases.is_contained(tag)):
        return  # KV502 tells of a branch that was not started from production.
    fits = {tag.version.core, target.core} if tag and tag.version and target else None
    passed = {file for file, _ in behind(scene)}
    for file, version in scene.own:
        wrong = version.core > hotfix.core if fits is None else version.core not in fits
        if (wrong or version.prerelease is not None) and file not in passed:
            yield file, version


def _never_released(scene: CheckContext) -> Iterator[Occurrence]:
    # Where tags may be missing, or may be misspelt, something else is found already.
    if not scene.has_git or scene.state.repo.shallow or any(True for _ in _misnamed(scene)):
        return
    if releases.highest(scene.state.tags) is None:
        pattern = scene.catalog.tags["production"].text.replace("{slug}", scene.state.product.slug)
        yield Occurrence(
            f"{scene.title} was never released to production: there is no tag {printable(pattern)}",
            "before its first release nothing is to be done; after it, fetch the tags: git fetch --tags",
        )


def _file_behind(scene: CheckContext) -> Iterator[Occurrence]:
    tag = scene.production
    if tag is None:
        return
    name = printable(tag.name)
    for file, version in behind(scene):
        yield found_in(
            file,
            f"{said(file)} says {version}, but {scene.production_version} is in production ({name})",
            f"raise it to {scene.production_version} or above; git log -p tells what lowered it"
            if releases.is_contained(tag)
            else f"this branch does not contain that release: git merge {name}",
        )


def _file_ahead(scene: CheckContext) -> Iterator[Occurrence]:
    tag, target = scene.production, scene.target
    for file, version in ahead(scene):
        message = f"{said(file)} says {version}, but this branch is for {scene.hotfix}"
        hint = f"write {scene.hotfix} there: a feature ships from the main branch"
        if tag is not None and target is not None:
            message = f"{said(file)} says {version}, but a hotfix on {printable(tag.name)} ships {target}"
            hint = (
                f"write {tag.version} back, then run krow-versions bump-patch {scene.name}: "
                "a hotfix raises PATCH alone"
            )
        yield found_in(file, message, hint)


def _not_on_main(scene: CheckContext) -> Iterator[Occurrence]:
    repo = scene.state.repo
    if repo.shallow:
        return  # What contains what cannot be told.
    known = [tag for tag in releases.production(scene.state.tags) if tag.readable]
    tag = releases.highest(known)
    if tag is None or any(each.on_main is not False for each in known if _same(each, tag)):
        return
    name, main = printable(tag.name), printable(repo.main or "main")
    yield Occurrence(
        f"{name} is in production, but not on {main}: the next release from there would lose it",
        f"merge it there: git merge {name}",
        about=tag.name,
    )


def _lightweight(scene: CheckContext) -> Iterator[Occurrence]:
    for tag in releases.production(scene.state.tags):
        if tag.readable and not tag.annotated:
            name = printable(tag.name)
            yield Occurrence(
                f"{name} is a lightweight tag: it does not say who released when, and why",
                f"replace it, here and on the remote, by an annotated one: git tag -af -m TEXT {name} {name}",
                about=tag.name,
            )


def _misnamed(scene: CheckContext) -> Iterator[Occurrence]:
    slug = scene.state.product.slug
    patterns = ", ".join(pattern.text.replace("{slug}", slug) for pattern in scene.catalog.tags.values())
    for tag in scene.state.tags:
        if tag.stage is None:
            yield Occurrence(
                f"the tag {quoted(tag.name)} looks like one of {scene.title}, but is called as no release is",
                f"releases are {printable(patterns)}: tag it by such a name and delete this one",
                about=tag.name,
            )
        elif _is_early(tag):
            yield Occurrence(
                f"{printable(tag.name)} is a production tag, but {tag.version} is a pre-release",
                "a pre-release is not in production: tag it as another stage and delete this one",
                about=tag.name,
            )


def _twice(scene: CheckContext) -> Iterator[Occurrence]:
    found: dict[tuple[str, Version], list[str]] = {}
    for tag in scene.state.tags:
        if tag.stage and tag.version and tag.readable and not _is_early(tag):
            found.setdefault((tag.stage, tag.version), []).append(tag.name)
    for (stage, version), names in found.items():
        if len(names) > 1:
            names.sort()
            yield Occurrence(
                f"{version} has {len(names)} {stage} tags: {printable(', '.join(names))}",
                "keep the one that shipped and delete the rest, here and on the remote: git tag -d TAG",
                about=names[-1],
            )


def _unreadable(scene: CheckContext) -> Iterator[Occurrence]:
    for tag in scene.state.tags:
        if tag.stage and not tag.readable:
            name = printable(tag.name)
            yield Occurrence(
                f"{name} names no commit that is here, so what it released cannot be told",
                "git fsck tells what is broken; fetch the tag again, or delete it and tag the commit",
                about=tag.name,
            )


def _is_early(tag: TagState) -> bool:
    return releases.is_named_production(tag) and not releases.is_production(tag)


def _same(tag: TagState, other: TagState) -> bool:
    return releases.core_of(tag) == releases.core_of(other)


CHECKS: tuple[Check, ...] = (
    Check("KV201", _never_released),
    Check("KV202", _file_behind),
    Check("KV203", _file_ahead),
    Check("KV204", _not_on_main),
    Check("KV205", _lightweight),
    Check("KV206", _misnamed),
    Check("KV207", _twice),
    Check("KV208", _unreadable),
)
