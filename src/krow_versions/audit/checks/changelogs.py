"""Checks of the CHANGELOG: is there a version table, are the right rows in it, and do they make sense?

A table that several products share is read as theirs together: which product a row is of, it does
not say, so equal versions and versions out of order are no fault there.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from typing import TYPE_CHECKING

from krow_versions import releases
from krow_versions.audit.checks.production import ahead
from krow_versions.audit.model import Check, Occurrence
from krow_versions.changelog import find_table
from krow_versions.changelog.cells import bare, versions_of
from krow_versions.errors import KrowVersionsError
from krow_versions.products import repo_path
from krow_versions.text.escaping import printable, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.audit.model import CheckContext
    from krow_versions.changelog import ReadRow, VersionTable
    from krow_versions.snapshot import TagState
    from krow_versions.version import Version

# What stands in the place of a date that is not there yet.
_NOT_YET = re.compile(
    r"tb[acd]|n/?a|none|unreleased|not (?:yet )?released|pending|planned|upcoming|next|wip|in progress|soon",
    re.IGNORECASE,
)
# Numbers that are meant as a day: what of them cannot be read has two readings, or none.
_NUMBERS = re.compile(
    r"""
      ([0-9]{1,2}) ([-/]) ([0-9]{1,2}) \2 [0-9]{4}
    | [0-9]{1,2} \. [0-9]{1,2} \. [0-9]{4}
    | [0-9]{4} ([-/.]) [0-9]{1,2} \4 [0-9]{1,2}
    """,
    re.VERBOSE,
)


def _no_table(scene: CheckContext) -> Iterator[Occurrence]:
    """Beside files that are missing, or in a folder that is closed, no CHANGELOG can be looked for."""
    files = scene.state.files
    if scene.table is not None or all(file.missing for file in files) or any(file.closed for file in files):
        return
    changelog, init = scene.state.changelog, f"krow-versions changelog init {scene.name}"
    if changelog is None:
        yield Occurrence(f"{scene.name} has no CHANGELOG", f"make one: {init}")
        return
    error = changelog.error
    try:
        find_table(changelog.text, heading=changelog.heading)
    except KrowVersionsError as found:
        error = error or found
    if error is not None:
        yield Occurrence(
            f"{_shown(scene)}: {printable(error.message)}",
            error.hint or "see what is wrong with the file",
            path=changelog.path,
            line=error.line,
            repo=changelog.repo,
        )


def _files_not_listed(scene: CheckContext) -> Iterator[Occurrence]:
    """Nothing is past production before the first release, or while files disagree (KV105).

    A version that a hotfix may not have (KV203) is to be taken back.
    """
    production = scene.production_version
    versions = {version.with_build(None) for _, version in scene.own}
    if scene.table is None or production is None or len(versions) != 1 or any(True for _ in ahead(scene)):
        return
    (version,) = versions
    is_past = version.prerelease is None and version.core > production.core
    if is_past and not scene.table.has(version):
        yield _unlisted(scene, scene.table, version, "which the files say")


def _production_not_listed(scene: CheckContext) -> Iterator[Occurrence]:
    """With the history, of every release above the lowest row; else of the one in production.

    Where a release itself is not in this checkout, its row comes with it.
    """
    tag, table = scene.production, scene.table
    if table is None:
        return
    cells = (row.cells[table.columns.version] for row in scene.rows)
    listed = {version.with_build(None) for cell in cells for version in versions_of(cell)}
    wanted = {each.version: each for each in _released(scene) if each.version not in listed}
    if tag and tag.version not in listed:
        wanted[tag.version] = tag
    for version, each in wanted.items():
        if version is not None and releases.is_contained(each):
            what = "is in production" if each is tag else "was released"
            yield _unlisted(scene, table, version, f"which {what} ({printable(each.name)})", each)


def _released(scene: CheckContext) -> Iterator[TagState]:
    """Give the production tags above the lowest row, where all releases are looked at."""
    lowest = min((row.version.core for row in _own_rows(scene) if row.version), default=None)
    if scene.history is None or lowest is None:
        return
    yield from (tag for tag in releases.production(scene.state.tags) if releases.core_of(tag) > lowest)


def _unlisted(
    scene: CheckContext, table: VersionTable, version: Version, why: str, tag: TagState | None = None
) -> Occurrence:
    newer = any(row.version and row.version.core > version.core for row in _own_rows(scene))
    day = f" --date {tag.date.date()}" if tag and tag.date else ""
    return _found(
        scene,
        table.lines[0].number,
        f"{_shown(scene)} has no row for {version}, {why}",
        f"add one{', and move it below the newer ones' if newer else ''}: "
        f"krow-versions changelog add {scene.name} --version {version}{day} -m TEXT",
        about=str(version),
    )


def _twice(scene: CheckContext) -> Iterator[Occurrence]:
    """Rows of two builds of one version are two; three rows of one version are one finding."""
    known: dict[Version, list[tuple[ReadRow, int | None]]] = {}
    told = set()
    for row in _own_rows(scene):
        if row.version is None:
            continue
        version, build = row.version.with_build(None), row.version.build
        first = next(
            (each for each, other in known.get(version, ()) if other == build or None in {other, build}), None
        )
        if first is not None and version not in told:
            told.add(version)
            yield _found(
                scene,
                row.line,
                f"{_shown(scene)} has two rows for {version}, in lines {first.line} and {row.line}",
                "join the two into one row, or correct the version of one",
                about=str(version),
            )
        known.setdefault(version, []).append((row, build))


def _out_of_order(scene: CheckContext) -> Iterator[Occurrence]:
    """A hotfix of an older release may stand by its version or by its date."""
    rows = [(row, row.version.with_build(None)) for row in _own_rows(scene) if row.version]
    for (upper, above), (lower, below) in itertools.pairwise(rows):
        newest_first = scene.table is not None and scene.table.newest_first
        is_wrong = above < below if newest_first else above > below
        newer, older = (upper, lower) if newest_first else (lower, upper)
        if is_wrong and not (newer.date and older.date and newer.date > older.date):
            way = "newest" if newest_first else "oldest"
            yield _found(
                scene,
                lower.line,
                f"{_shown(scene)} has {below} below {above}, but its {way} row is at the top",
                "move the row, or correct its version",
                about=str(below),
            )
            return


def _unreadable_dates(scene: CheckContext) -> Iterator[Occurrence]:
    """An empty cell says nothing wrong, and a column that no date of can be read has its own ways."""
    table = scene.table
    if table is None or table.columns.date is None or _is_told(scene):
        return
    is_readable = any(table.dates.dates)
    for row in scene.rows:
        cell = row.cells[table.columns.date]
        text = bare(cell)
        if row.date is not None or not text or _NOT_YET.fullmatch(text):
            continue
        numbers = _NUMBERS.fullmatch(text)
        is_ambiguous = bool(numbers and numbers[1] and max(int(numbers[1]), int(numbers[3])) <= 12)
        if is_readable or (numbers and not is_ambiguous):
            what = "may be two dates" if is_ambiguous else "is no date"
            yield _found(
                scene,
                row.line,
                f"{_shown(scene)} has {quoted(cell)} as the date of {_called(row)}, which {what}",
                "write it as year, month and day, such as 2026-03-05",
                about=str(row.version or ""),
            )


def _future_dates(scene: CheckContext) -> Iterator[Occurrence]:
    """Tomorrow may have begun where the row was written."""
    table = scene.table
    if table is None or _is_told(scene):
        return
    today = scene.now.date()
    for row in scene.rows:
        if row.date is not None and row.date - today > dt.timedelta(days=1):
            yield _found(
                scene,
                row.line,
                f"{_shown(scene)} dates {_called(row)} {row.date}, but today is {today}",
                "correct the date",
                about=str(row.version or ""),
            )


CHECKS: tuple[Check, ...] = (
    Check("KV401", _no_table),
    Check("KV402", _files_not_listed),
    Check("KV403", _production_not_listed),
    Check("KV404", _twice),
    Check("KV405", _out_of_order),
    Check("KV406", _unreadable_dates),
    Check("KV407", _future_dates),
)


def _own_rows(scene: CheckContext) -> tuple[ReadRow, ...]:
    """Give the rows, unless they are of several products together."""
    return () if scene.sharing else scene.rows


def _is_told(scene: CheckContext) -> bool:
    """Tell whether another product has told already what is wrong with single cells of the table."""
    return bool(scene.sharing) and scene.sharing[0] != scene.name


def _called(row: ReadRow) -> str:
    return str(row.version) if row.version else f"the row in line {row.line}"


def _shown(scene: CheckContext) -> str:
    changelog = scene.state.changelog
    return printable(repo_path(changelog.repo, changelog.path)) if changelog else ""


def _found(scene: CheckContext, line: int, message: str, hint: str, *, about: str) -> Occurrence:
    changelog = scene.state.changelog
    return Occurrence(
        message,
        hint,
        path=changelog.path if changelog else None,
        line=line,
        about=about,
        repo=changelog.repo if changelog else None,
    )
