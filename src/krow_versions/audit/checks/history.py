"""KV3xx: all releases: the versions in their files, and whether versions, builds and dates go up.

A release whose commit contains another one came after it, whatever their dates; if neither contains the
other, as with releases of different stages, the dates of the tags decide.
"""

from __future__ import annotations

import bisect
import re
from typing import TYPE_CHECKING

from krow_versions import releases
from krow_versions.audit.model import Check, Occurrence, day_of
from krow_versions.history import in_time, read_history
from krow_versions.regexes import regex
from krow_versions.text.escaping import printable, quoted, shell_word
from krow_versions.text.times import iso
from krow_versions.values import evolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.audit.model import CheckContext
    from krow_versions.history import PastVersion, Release
    from krow_versions.version import Version

_HOTFIX = regex(r"[\W_]*hotfix(?![^\W_])", re.IGNORECASE)
_KEPT = (
    "a release that is out keeps its tag: see what was shipped with git show {tag}, and let the audit ignore "
    "it with a reason ([[audit.ignore]] in the configuration)"
)


def _files_say_another(context: CheckContext) -> Iterator[Occurrence]:
    """Pre-releases and builds are ignored: stages have their own, and tag names hold no build.

    Without the history, only the newest production release is judged.
    """
    for release in _releases(context) or _newest(context):
        faults = [(file, fault) for file in release.files if (fault := _fault(file, release.version))]
        if faults:
            first, _ = faults[0]
            repo, path = _place(context, first.path)
            yield Occurrence(
                f"at the tag {quoted(release.tag)}, {'; '.join(fault for _, fault in faults)}",
                _KEPT.format(tag=shell_word(printable(release.tag))),
                path=path,
                about=release.tag,
                repo=repo,
                day=day_of(release.date),
            )


def _not_above(context: CheckContext) -> Iterator[Occurrence]:
    """Equal versions are left to KV207."""
    for release, above in _pairs(context):
        if above.version > release.version:
            yield Occurrence(
                f"{quoted(release.tag)} contains the higher release {quoted(above.tag)}",
                f"versions go up along history: ship the next one as {above.version.next_patch()} or higher",
                about=release.tag,
                day=day_of(release.date),
            )


def _builds_not_above(context: CheckContext) -> Iterator[Occurrence]:
    """A release whose files have another version is reported by KV301; its builds still count.

    A release that lost its build is reported once, not with every later one. Where dates run backwards
    (KV306) the order is not known, and nothing is reported.
    """
    if context.state.is_packaged:
        return
    misdated = {each.tag for pair in _backwards(context) for each in pair}
    by_version: dict[Version, int] = {}
    highest: tuple[int, str] | None = None
    with_build: Release | None = None
    for release in in_time(_releases(context)):
        version = evolve(release.version, prerelease=None)
        if release.tag in misdated:
            by_version[version] = max(release.build or 0, by_version.get(version, -1))
            continue
        is_sound = bool(release.files) and not any(_fault(file, release.version) for file in release.files)
        if release.build is None:
            if is_sound and with_build is not None and highest is not None:
                yield Occurrence(
                    f"{quoted(release.tag)} was released without a build number, after "
                    f"{quoted(with_build.tag)} with build {with_build.build}",
                    f"app stores count by it: write it again, such as {highest[0] + 1}",
                    about=release.tag,
                    day=day_of(release.date),
                )
                with_build = None
            continue
        same = by_version.get(version, -1)
        # The same build may go from stage to stage, whatever was released in between.
        if is_sound and highest and release.build != same and release.build <= highest[0]:
            build, before = (same, str(version)) if release.build < same else highest
            yield Occurrence(
                f"{quoted(release.tag)} was released with build {release.build}, but {before} had build "
                f"{build} before",
                f"a new build goes above all that were shipped, {highest[0]} so far; "
                f"krow-versions bump-patch {context.name} counts it",
                about=release.tag,
                day=day_of(release.date),
            )
        by_version[version] = max(release.build, same)
        if highest is None or release.build > highest[0]:
            highest = (release.build, quoted(release.tag))
        with_build = release


def _more_than_patch(context: CheckContext) -> Iterator[Occurrence]:
    """Check hotfixes that contain a lower release; the others are left to KV207 and KV302.

    A hotfix that contains no release is reported if an earlier release exists and the clone is not shallow.
    """
    rows = {row.version.core: row.summary for row in context.rows if row.version}
    contained = {release.tag: above for release, above in _pairs(context)}
    lowest = min((each.version for each in _production(context)), default=None)
    for release in _production(context):
        text = rows.get(release.version.core, "")
        if not (_HOTFIX.match(release.subject) or _HOTFIX.match(text)):
            continue
        above = contained.get(release.tag)
        if above is None:
            if release.version != lowest and not context.state.repo.shallow:
                yield Occurrence(
                    f"{quoted(release.tag)} is a hotfix, but contains no release that it could be one of",
                    f"a hotfix starts at a production tag: krow-versions hotfix start {context.name}",
                    about=release.tag,
                    day=day_of(release.date),
                )
        elif above.version < release.version and release.version != above.version.next_patch():
            yield Occurrence(
                f"{quoted(release.tag)} is a hotfix of {quoted(above.tag)}, but its version is not "
                f"{above.version.next_patch()}",
                f"a hotfix raises PATCH by one: krow-versions bump-patch {context.name}",
                about=release.tag,
                day=day_of(release.date),
            )


def _gaps(context: CheckContext) -> Iterator[Occurrence]:
    """A release in any stage fills a gap."""
    cores = {release.version.core for release in _releases(context)}
    minors = {core[:2] for core in cores}
    majors = {core[0] for core in cores}
    in_order = sorted(cores)
    seen = {min((release.version.core for release in _production(context)), default=None)}
    for release in _production(context):
        major, minor, patch = core = release.version.core
        if core in seen:
            continue  # The lowest one, or a second tag of one version.
        seen.add(core)
        if patch:
            follows = (major, minor, patch - 1) in cores
        else:
            follows = (major, minor - 1) in minors if minor else major - 1 in majors
        if not follows:
            lower = in_order[bisect.bisect_left(in_order, core) - 1]
            yield Occurrence(
                f"{quoted(release.tag)} follows no release directly: the one below it is "
                f"{'.'.join(map(str, lower))}",
                "if there was a release between them, tag its commit; else there is nothing to do",
                about=release.tag,
                day=day_of(release.date),
            )


def _dates_backwards(context: CheckContext) -> Iterator[Occurrence]:
    for release, above in _backwards(context):
        dated, before = (iso(each.date) or "" for each in (release, above))
        yield Occurrence(
            f"{quoted(release.tag)} is dated {dated}, but contains {quoted(above.tag)}, "
            f"which is dated {before}",
            "see which of the two was made later, or by a clock that was wrong: git show TAG",
            about=release.tag,
            day=day_of(release.date, above.date),
        )


OF_ALL: tuple[Check, ...] = (
    Check("KV302", _not_above),
    Check("KV303", _builds_not_above),
    Check("KV304", _more_than_patch),
    Check("KV305", _gaps),
    Check("KV306", _dates_backwards),
)
CHECKS: tuple[Check, ...] = (Check("KV301", _files_say_another), *OF_ALL)


def _releases(context: CheckContext) -> tuple[Release, ...]:
    return context.history.releases if context.history else ()


def _newest(context: CheckContext) -> tuple[Release, ...]:
    """Return the releases whose files were read although the history was not requested."""
    read = {past.revision for past in context.state.past}
    tags = tuple(tag for tag in context.state.tags if tag.name in read)
    return read_history(evolve(context.state, tags=tags)).releases


def _production(context: CheckContext) -> list[Release]:
    return releases.production(_releases(context))


def _pairs(context: CheckContext) -> Iterator[tuple[Release, Release]]:
    """Return each production release with the highest other one that it contains."""
    found = _production(context)
    by_tag = {release.tag: release for release in found}
    for release in found:
        if release.above in by_tag:
            yield release, by_tag[release.above]


def _backwards(context: CheckContext) -> Iterator[tuple[Release, Release]]:
    """Return the releases dated before a lower one that they contain, with that one."""
    for release, above in _pairs(context):
        if release.date and above.date and release.date < above.date and above.version < release.version:
            yield release, above


def _fault(file: PastVersion, version: Version) -> str | None:
    """Return how *file* differs from the *version* of its release, or None."""
    path = printable(file.path)
    if file.version is None and file.error is None:  # It has only a build.
        return None
    if file.version is None:
        return f"{path} cannot be read: {printable(file.error.message) if file.error else 'no version'}"
    return None if file.version.core == version.core else f"{path} says {file.version}"


def _place(context: CheckContext, path: str) -> tuple[str | None, str | None]:
    """Return repository and path of a file of a release, if the file exists today."""
    found = next((file for file in context.state.files if file.path == path and not file.missing), None)
    return (found.repo, found.path) if found else (None, None)
