"""KV1xx: version files that cannot be read, and files of one product that disagree."""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING

from krow_versions.audit.checks.overrides import overridden
from krow_versions.audit.checks.production import ahead, behind
from krow_versions.audit.model import Check, CheckContext, Occurrence, found_in, saying, shown_path
from krow_versions.errors import (
    AmbiguousVersion,
    ConcurrentEdit,
    EncodingError,
    FileTooLarge,
    InvalidVersion,
    KrowVersionsError,
    NotRegularFile,
    OperationFailed,
    PrereleaseVersion,
    UnsafePath,
)
from krow_versions.formats import format_named
from krow_versions.text.escaping import printable
from krow_versions.values import evolve
from krow_versions.version import build_of, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.snapshot import FileState
    from krow_versions.version import Held, Version

_UNREADABLE = (OperationFailed, EncodingError, FileTooLarge, NotRegularFile, UnsafePath, ConcurrentEdit)


def _missing(context: CheckContext) -> Iterator[Occurrence]:
    gone = [file for file in context.state.files if file.missing and file.error]
    # Errors with a key come from the configuration; a file that git tracks is more exact than its glob.
    known = [file for file in gone if file.error and file.error.key is None]
    reported = (file for file in gone if file in known or not any(_matches(file, each) for each in known))
    yield from dict.fromkeys(found for file in reported for found in _fault(file))


def _matches(pattern: FileState, file: FileState) -> bool:
    return pattern.repo == file.repo and fnmatch.fnmatchcase(file.path, pattern.path)


def _unreadable(context: CheckContext) -> Iterator[Occurrence]:
    return _faults(context, "KV102")


def _broken(context: CheckContext) -> Iterator[Occurrence]:
    return _faults(context, "KV103")


def _invalid(context: CheckContext) -> Iterator[Occurrence]:
    return _faults(context, "KV104")


def _faults(context: CheckContext, code: str) -> Iterator[Occurrence]:
    """Report the files whose error has this code; each once, also with several versions in it."""
    wrong = (file for file in context.state.files if not file.missing and _code(context, file) == code)
    yield from dict.fromkeys(found for file in wrong for found in _fault(file))


def _code(context: CheckContext, file: FileState) -> str:
    if isinstance(file.error, _UNREADABLE):
        return "KV102"
    if isinstance(file.error, AmbiguousVersion) and context.package_of(file) is not None:
        return "KV106"
    return "KV104" if isinstance(file.error, InvalidVersion) else "KV103"


def _fault(file: FileState) -> Iterator[Occurrence]:
    if file.error is not None:
        message = file.error.message if file.missing else f"{shown_path(file)}: {file.error.message}"
        hint = file.error.hint or "correct the file, or restore it from git"
        found = found_in(file, printable(message), printable(hint))
        # Between two releases, main is at a pre-release: nothing is wrong.
        yield evolve(found, severity="note") if isinstance(file.error, PrereleaseVersion) else found


def _disagreeing(context: CheckContext) -> Iterator[Occurrence]:
    """Compare the files that no other check reports, such as KV202 for a file behind production."""
    named = {*behind(context), *ahead(context)}
    files = [file for file in context.sources if file not in named]
    versions = [file.version for file in files if file.version is not None]
    top = max((version.with_build(None) for version in versions), default=None)
    limit = context.state.product.max_build
    builds = {file.build for file in files if file.build is not None and file.build <= limit}
    late = [file for file in files if top and file.version and file.version.with_build(None) < top]
    low = [file for file in files if file.build in builds and file.build != max(builds)]
    if late or low:
        listed = ", ".join(map(saying, files))
        message = f"the files of {context.title} disagree: {listed}"
        raising = f"raise the lower one: krow-versions bump-build {context.name}"
        otherwise = "" if late else raising
        yield found_in((late or low)[0], message, _way_to_agree(context, versions, otherwise), build=not late)


def _lock_out_of_step(context: CheckContext) -> Iterator[Occurrence]:
    yield from _faults(context, "KV106")
    for lock, held in context.readable:
        package = context.package_of(lock)
        wanted = package.version if package else None
        if package and wanted and not _agree(held, wanted):
            command = format_named(lock.format).lock_command
            where = f" at {printable(lock.key)}" if lock.key else ""
            yield found_in(
                lock,
                f"{shown_path(lock)} says {held}{where}, but {shown_path(package)} says {wanted}",
                _way_to_agree(context, [held, wanted], f"run {command} beside it"),
            )


def _agree(held: Version, wanted: Version) -> bool:
    """Return whether they are the same, ignoring builds if one has none: npm leaves them out of a lock.

    A pre-release may be spelled in another way: uv writes 1.4.0-alpha.1 as 1.4.0a1 (PEP 440).
    """
    held, wanted = _respelled(held), _respelled(wanted)
    if held.build is None or wanted.build is None:
        return held.with_build(None) == wanted.with_build(None)
    return held == wanted


def _respelled(version: Version) -> Version:
    """Return *version* with the shortest spelling of its pre-release."""
    stage = re.sub("[-.]", "", (version.prerelease or "").lower())
    for long, short in (("alpha", "a"), ("beta", "b"), ("preview", "rc"), ("pre", "rc")):
        stage = stage.replace(long, short)
    return evolve(version, prerelease=stage) if stage else version


def _way_to_agree(context: CheckContext, held: list[Version], otherwise: str = "") -> str:
    """Return a hint: the command that finishes an interrupted bump, if the versions look like one."""
    tag, target = context.production, context.target
    between = {tag.version.core, target.core} if tag and tag.version and target else set()
    if {version.core for version in held} == between:
        return f"finish the bump that was begun: krow-versions bump-patch {context.name}"
    return otherwise or "write the version that is right into all of them; git log -p shows who changed what"


def _build_missing(context: CheckContext) -> Iterator[Occurrence]:
    """A file may have lost its build to another one, unless its own version holds the build."""
    if context.state.is_packaged:
        return
    others = [file for file in context.sources if file.build is not None]
    for file in context.sources:
        if file.build is not None:
            continue
        has_own = format_named(file.format).has_build
        shipped = _shipped(context, file)
        other = next((each for each in others if has_own and each.format == file.format), None)
        if shipped is not None and build_of(shipped) is not None and (has_own or not others):
            name = printable(context.production.name) if context.production else ""
            why = f"it was {written(shipped)} in production ({name})"
        elif shipped is None and other is not None:
            why = saying(other)
        else:
            continue
        yield found_in(
            file,
            f"{saying(file)} without a build, but {why}",
            f"write a build above every one that shipped: krow-versions history {context.name}",
        )


def _shipped(context: CheckContext, file: FileState) -> Held | None:
    """Return what *file* held in production, or None when it is not known."""
    tag, state = context.production, context.state
    if tag is None:
        return None
    two = ((each.path, each.otherwise) for each in state.product.files)
    places = {file.path}.union(*(pair for pair in two if file.path in pair))
    for past in (*state.released, *state.past):
        if past.revision == tag.name and past.path in places and past.key == file.key:
            try:
                return past.held()
            except KrowVersionsError:  # Reported by KV301.
                return None
    return None


def _over_limit(context: CheckContext) -> Iterator[Occurrence]:
    limit = context.state.product.max_build
    for file in context.sources:
        if file.build is not None and file.build > limit:
            which = "and its build" if file.version else "which"
            yield found_in(
                file,
                f"{saying(file)}, {which} is over the limit of {limit}",
                "write a lower one: stores accept no greater build, and none below one that they accepted",
                build=True,
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
    Check("KV109", overridden),
)
