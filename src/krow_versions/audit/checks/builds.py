"""KV211, KV212: builds that a store refuses: one that has shipped, and one that two lines hold.

A store takes a build only if it is above all that it has seen. What a line would ship next is judged, not
what it has shipped.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from krow_versions.audit.checks.production import behind
from krow_versions.audit.model import Check, CheckContext, Occurrence, found_in
from krow_versions.builds import refused_after, shipped_as
from krow_versions.errors import KrowVersionsError
from krow_versions.text.escaping import printable, shell_word
from krow_versions.text.words import listed
from krow_versions.values import evolve, frozen
from krow_versions.version import Version, build_of, with_highest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.bump_rule import Shipped
    from krow_versions.snapshot import FileState, OpenLine
    from krow_versions.version import Held


@frozen
class _Next:
    """What a line would ship next: version and build, and the file on disk if that is where they stand."""

    line: OpenLine
    version: Version
    refused_after: Shipped | None
    file: FileState | None = None


def _shipped_already(context: CheckContext) -> Iterator[Occurrence]:
    """A line that differs here and on the remote is reported once."""
    reported = set()
    for found in _all_next(context):
        if found.refused_after is not None and found.line not in reported:
            reported.add(found.line)
            after, name = found.refused_after, printable(found.line.name)
            message = (
                f"{name} is at {found.version}, but {shipped_as(after)}: a store refuses what is not above it"
            )
            hint = f"raise the build: {_raising(context, found.line)}"
            place = Occurrence(message, hint) if found.file is None else found_in(found.file, message, hint)
            yield evolve(place, about=found.line.name)


def _held_twice(context: CheckContext) -> Iterator[Occurrence]:
    """A build that has shipped is left to KV211."""
    by_build: dict[int | None, list[_Next]] = {}
    for found in _all_next(context):
        if found.refused_after is None and found.line.kind != "checkout":
            by_build.setdefault(found.version.build, []).append(found)
    for build, all_found in by_build.items():
        if len({found.version.core for found in all_found}) > 1:
            # Hotfixes ship first, and so do lower versions.
            all_found.sort(key=lambda found: (found.line.kind != "hotfix", found.version), reverse=True)
            says = listed([f"{printable(found.line.name)} is at {found.version}" for found in all_found])
            yield Occurrence(
                f"build {build} is that of two versions: {says}: a store refuses the one that ships second",
                f"raise one of them, such as {printable(all_found[0].line.name)}: "
                f"{_raising(context, all_found[0].line, f' --above-build {build}')}",
                about=" and ".join(dict.fromkeys(found.line.name for found in all_found)),
            )


CHECKS: tuple[Check, ...] = (Check("KV211", _shipped_already), Check("KV212", _held_twice))


def _all_next(context: CheckContext) -> Iterator[_Next]:
    if context.state.is_packaged:
        return
    for line in context.state.open_lines:
        if line.is_here:
            yield from _on_disk(context, line)
        for ref in line.refs:
            yield from _in_commit(context, line, ref)


def _on_disk(context: CheckContext, line: OpenLine) -> Iterator[_Next]:
    """Files behind production are left to KV202."""
    files = [file for file in context.state.files if file.located and context.package_of(file) is None]
    first = next((file for file in files if file.build is not None), None)
    if first is not None and not any(True for _ in behind(context)):
        yield from _judged(context, line, [file.located.held for file in files if file.located], first)


def _in_commit(context: CheckContext, line: OpenLine, ref: str) -> Iterator[_Next]:
    held = []
    for past in context.state.beside:
        if past.revision == ref:
            with contextlib.suppress(KrowVersionsError):  # Whoever checks it out sees why.
                held.append(past.held())
    yield from _judged(context, line, held)


def _judged(
    context: CheckContext, line: OpenLine, held: list[Held], file: FileState | None = None
) -> Iterator[_Next]:
    """Judge the highest version and build of the files of a line; what differs is left to KV105."""
    versions = [each for each in held if isinstance(each, Version)]
    if versions and any(build_of(each) is not None for each in held):
        version = with_highest(max(versions), held)
        yield _Next(line, version, refused_after(context.catalog, context.state, version), file)


def _raising(context: CheckContext, line: OpenLine, option: str = "") -> str:
    """Return the commands that raise the build of a line."""
    on = not line.branch or line.branch == context.state.repo.branch
    switch = "" if line.is_here and on else f"git switch {shell_word(printable(line.branch))}, then "
    pull = "git pull --ff-only, then " if line.is_behind else ""
    return f"{switch}{pull}krow-versions bump-build {context.name}{option}, and commit it"
