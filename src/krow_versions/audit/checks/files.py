"""KV1xx: can every version file be read, and do the files of one product agree?"""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

from krow_versions.audit.checks.production import ahead, behind
from krow_versions.audit.model import Check, CheckContext, Occurrence, found_in, said
from krow_versions.errors import (
    AmbiguousVersion,
    ConcurrentEdit,
    EncodingError,
    FileTooLarge,
    InvalidVersion,
    KrowVersionsError,
    NotRegularFile,
    OperationFailed,
    UnsafePath,
)
from krow_versions.formats import format_named
from krow_versions.text.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.snapshot import FileState
    from krow_versions.version import Version

_UNREADABLE = (OperationFailed, EncodingError, FileTooLarge, NotRegularFile, UnsafePath, ConcurrentEdit)


def _missing(scene: CheckContext) -> Iterator[Occurrence]:
    gone = [file for file in scene.state.files if file.missing and file.error]
    # Only the configuration names a key; what git knows tells it better than a glob without a match.
    known = [file for file in gone if file.error and file.error.key is None]
    told = (file for file in gone if file in known or not any(_matches(file, each) for each in known))
    yield from dict.fromkeys(found for file in told for found in _fault(file))


def _matches(pattern: FileState, file: FileState) -> bool:
    return pattern.repo == file.repo and fnmatch.fnmatchcase(file.path, pattern.path)


def _unreadable(scene: CheckContext) -> Iterator[Occurrence]:
    return _faults(scene, "KV102")


def _broken(scene: CheckContext) -> Iterator[Occurrence]:
    return _faults(scene, "KV103")


def _invalid(scene: CheckContext) -> Iterator[Occurrence]:
    return _faults(scene, "KV104")


def _faults(scene: CheckContext, code: str) -> Iterator[Occurrence]:
    """Tell of the files whose fault is told by *code*; once, where a file has several versions."""
    wrong = (file for file in scene.state.files if not file.missing and _code(scene, file) == code)
    yield from dict.fromkeys(found for file in wrong for found in _fault(file))


def _code(scene: CheckContext, file: FileState) -> str:
    if isinstance(file.error, _UNREADABLE):
        return "KV102"
    if isinstance(file.error, AmbiguousVersion) and scene.package_of(file) is not None:
        return "KV106"
    return "KV104" if isinstance(file.error, InvalidVersion) else "KV103"


def _fault(file: FileState) -> Iterator[Occurrence]:
    if file.error is not None:
        message = file.error.message if file.missing else f"{said(file)}: {file.error.message}"
        hint = file.error.hint or "correct the file, or restore it from git"
        yield found_in(file, printable(message), printable(hint))


def _disagreeing(scene: CheckContext) -> Iterator[Occurrence]:
    """Compare what no other check names: a file behind production, say, disagrees for that reason."""
    named = {file for check in (behind, ahead) for file, _ in check(scene)}
    held = [(file, version) for file, version in scene.own if file not in named]
    top = max((version.with_build(None) for _, version in held), default=None)
    limit = scene.state.product.max_build
    counted = (version.build for _, version in held)
    builds = {build for build in counted if build is not None and build <= limit}
    highest = max(builds, default=None)
    late = [file for file, version in held if top is not None and version.with_build(None) < top]
    late += [file for file, version in held if version.build in builds and version.build != highest]
    if late:
        listed = ", ".join(f"{said(file)} says {version}" for file, version in held)
        way = _way_to_agree(scene, [version for _, version in held])
        yield found_in(late[0], f"the files of {scene.title} disagree: {listed}", way)


def _lock_out_of_step(scene: CheckContext) -> Iterator[Occurrence]:
    yield from _faults(scene, "KV106")
    for lock, held in scene.readable:
        package = scene.package_of(lock)
        wanted = package.version if package else None
        if package and wanted and not _agree(held, wanted):
            command = format_named(lock.format).lock_command
            yield found_in(
                lock,
                f"{said(lock)} says {held}, but {said(package)} says {wanted}",
                _way_to_agree(scene, [held, wanted], f"run {command} beside it"),
            )


def _agree(held: Version, wanted: Version) -> bool:
    """Tell whether they are the same; npm leaves the build of a package out of its lock."""
    if held.build is None or wanted.build is None:
        return held.with_build(None) == wanted.with_build(None)
    return held == wanted


def _way_to_agree(scene: CheckContext, held: list[Version], otherwise: str = "") -> str:
    """Give the command that ends a bump that was cut off, where that is what it looks like."""
    tag, target = scene.production, scene.target
    between = {tag.version.core, target.core} if tag and tag.version and target else set()
    if {version.core for version in held} == between:
        return f"finish the bump that was begun: krow-versions bump-patch {scene.name}"
    return otherwise or "write the version that is right into all of them; git log -p tells who changed what"


def _build_missing(scene: CheckContext) -> Iterator[Occurrence]:
    others = {file for file, version in scene.own if version.build is not None}
    for file, version in scene.own:
        if version.build is not None:
            continue
        shipped = _shipped(scene, file)
        alike = (each for each in others if each.format == file.format)
        other = next(alike, None) if format_named(file.format).has_build else None
        if shipped is not None and shipped.build is not None:
            name = printable(scene.production.name) if scene.production else ""
            why = f"it was {shipped} in production ({name})"
        elif shipped is None and other is not None:
            why = f"{said(other)} says {other.version}"
        else:
            continue
        yield found_in(
            file,
            f"{said(file)} says {version} without a build, but {why}",
            f"write a build above every one that shipped: krow-versions history {scene.name}",
        )


def _shipped(scene: CheckContext, file: FileState) -> Version | None:
    """Give what *file* said in production, or None where that is not known."""
    tag, state = scene.production, scene.state
    if tag is None:
        return None
    two = ((each.path, each.otherwise) for each in state.product.files)
    places = {file.path}.union(*(pair for pair in two if file.path in pair))
    for past in (*state.released, *state.past):
        if past.revision == tag.name and past.path in places and past.key == file.key:
            try:
                return past.version()
            except KrowVersionsError:  # KV301 tells of it.
                return None
    return None


def _over_limit(scene: CheckContext) -> Iterator[Occurrence]:
    limit = scene.state.product.max_build
    for file, version in scene.own:
        if version.build is not None and version.build > limit:
            yield found_in(
                file,
                f"{said(file)} says {version}, and its build is over the limit of {limit}",
                "write a lower one: stores accept no greater build, and none below one that they accepted",
            )


CHECKS: tuple[Check, ...] = (
    Check("KV101", _missing),
    Check("KV102", _unreadable),
    Check("KV103", _broken),
    Check("KV104", _invalid),
    Check("KV105", _disagreeing),
    Check("KV106", _lock_out_of_step),
    Check("KV107", _build_missing),
    Check("KV108", _over_limit),
)
