"""KV4xx: the CHANGELOG: its version table, missing rows, and rows with a wrong order or date.

In a table that several products share, the product of a row is not known, so equal versions and versions
out of order are no findings there.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from typing import TYPE_CHECKING

from krow_versions import releases
from krow_versions.audit.checks.production import ahead
from krow_versions.audit.model import Check, Occurrence, day_of
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

# Placeholders for a date that is not known yet.
_NOT_YET = re.compile(
    r"tb[acd]|n/?a|none|unreleased|not (?:yet )?released|pending|planned|upcoming|next|wip|in progress|soon",
    re.IGNORECASE,
)
# Numbers that are meant as a date; if they cannot be parsed, they are ambiguous or no date.
_NUMBERS = re.compile(
    r"""
      ([0-9]{1,2}) ([-/]) ([0-9]{1,2}) \2 [0-9]{4}
    | [0-9]{1,2} \. [0-9]{1,2} \. [0-9]{4}
    | [0-9]{4} ([-/.]) [0-9]{1,2} \4 [0-9]{1,2}
    """,
    re.VERBOSE,
)


def _no_table(context: CheckContext) -> Iterator[Occurrence]:
    """Without version files, or in a folder that cannot be entered, no CHANGELOG can be found."""
    files = context.state.files
    if context.table is not None or all(file.missing for file in files) or any(file.closed for file in files):
        return
    changelog, init = context.state.changelog, f"krow-versions changelog init {context.name}"
    if changelog is None:
        yield Occurrence(f"{context.name} has no CHANGELOG", f"make one: {init}", severity="note")
        return
    error = changelog.error
    try:
        find_table(changelog.text, heading=changelog.heading)
    except KrowVersionsError as found:
        error = error or found
    if error is not None:
        yield Occurrence(
            f"{_shown(context)}: {printable(error.message)}",
            error.hint or "see what is wrong with the file",
            path=changelog.path,
            line=error.line,
            repo=changelog.repo,
        )


def _files_not_listed(context: CheckContext) -> Iterator[Occurrence]:
    """Skipped before the first release, and while files disagree (KV105) or are ahead of a hotfix (KV203)."""
    production = context.production_version
    versions = {version.with_build(None) for _, version in context.own}
    if context.table is None or production is None or len(versions) != 1 or any(True for _ in ahead(context)):
        return
    (version,) = versions
    is_past = version.prerelease is None and version.core > production.core
    if is_past and not context.table.has(version):
        yield _unlisted(context, context.table, version, "which the files say")


def _production_not_listed(context: CheckContext) -> Iterator[Occurrence]:
    """Check the release in production; with the history, every release above the lowest row.

    The row of a release that this checkout does not contain comes with a merge of that release.
    """
    tag, table = context.production, context.table
    if table is None:
        return
    cells = (row.cells[table.columns.version] for row in context.rows)
    listed = {version.with_build(None) for cell in cells for version in versions_of(cell)}
    wanted = {each.version: each for each in _released(context) if each.version not in listed}
    if tag and tag.version not in listed:
        wanted[tag.version] = tag
    for version, each in wanted.items():
        if version is not None and releases.is_contained(each):
            what = "is in production" if each is tag else "was released"
            yield _unlisted(context, table, version, f"which {what} ({printable(each.name)})", each)


def _released(context: CheckContext) -> Iterator[TagState]:
    """Return the production tags above the lowest row, if all releases are checked."""
    lowest = min((row.version.core for row in _own_rows(context) if row.version), default=None)
    if context.history is None or lowest is None:
        return
    yield from (tag for tag in releases.production(context.state.tags) if releases.core_of(tag) > lowest)


def _unlisted(
    context: CheckContext, table: VersionTable, version: Version, why: str, tag: TagState | None = None
) -> Occurrence:
    newer = any(row.version and row.version.core > version.core for row in _own_rows(context))
    day = f" --date {tag.date.date()}" if tag and tag.date else ""
    return _found(
        context,
        table.lines[0].number,
        f"{_shown(context)} has no row for {version}, {why}",
        f"add one{', and move it below the newer ones' if newer else ''}: "
        f"krow-versions changelog add {context.name} --version {version}{day} -m TEXT",
        about=str(version),
        day=day_of(tag.date) if tag else None,
    )


def _twice(context: CheckContext) -> Iterator[Occurrence]:
    """Rows with different builds of one version are different; three equal rows are one finding."""
    known: dict[Version, list[tuple[ReadRow, int | None]]] = {}
    reported = set()
    for row in _own_rows(context):
        if row.version is None:
            continue
        version, build = row.version.with_build(None), row.version.build
        first = next(
            (each for each, other in known.get(version, ()) if other == build or None in {other, build}), None
        )
        if first is not None and version not in reported:
            reported.add(version)
            yield _found(
                context,
                row.line,
                f"{_shown(context)} has two rows for {version}, in lines {first.line} and {row.line}",
                "join the two into one row, or correct the version of one",
                about=str(version),
                day=context.day_of_row(row),
            )
        known.setdefault(version, []).append((row, build))


def _out_of_order(context: CheckContext) -> Iterator[Occurrence]:
    """Report the newest pair. A hotfix of an older release may stand by its version or by its date."""
    found: list[Occurrence] = []
    rows = [(row, row.version.with_build(None)) for row in _own_rows(context) if row.version]
    for (upper, above), (lower, below) in itertools.pairwise(rows):
        newest_first = context.table is not None and context.table.newest_first
        is_wrong = above < below if newest_first else above > below
        newer, older = (upper, lower) if newest_first else (lower, upper)
        if is_wrong and not (newer.date and older.date and newer.date > older.date):
            way = "newest" if newest_first else "oldest"
            each = _found(
                context,
                lower.line,
                f"{_shown(context)} has {below} below {above}, but its {way} row is at the top",
                "move the row, or correct its version",
                about=str(below),
                day=day_of(context.day_of_row(upper), context.day_of_row(lower)),
            )
            found.append(each)
    if found:
        yield max(found, key=lambda each: each.day or dt.date.max)


def _unreadable_dates(context: CheckContext) -> Iterator[Occurrence]:
    """Empty cells are allowed; in a column without any readable date only plain numbers are checked."""
    table = context.table
    if table is None or table.columns.date is None or _is_reported(context):
        return
    is_readable = any(table.dates.dates)
    for row in context.rows:
        cell = row.cells[table.columns.date]
        text = bare(cell)
        if row.date is not None or not text or _NOT_YET.fullmatch(text):
            continue
        numbers = _NUMBERS.fullmatch(text)
        is_ambiguous = bool(numbers and numbers[1] and max(int(numbers[1]), int(numbers[3])) <= 12)
        if is_readable or (numbers and not is_ambiguous):
            what = "may be two dates" if is_ambiguous else "is no date"
            yield _found(
                context,
                row.line,
                f"{_shown(context)} has {quoted(cell)} as the date of {_called(row)}, which {what}",
                "write it as year, month and day, such as 2026-03-05",
                about=str(row.version or ""),
                day=context.day_of_row(row),
            )


def _future_dates(context: CheckContext) -> Iterator[Occurrence]:
    """One day ahead is allowed, for other time zones."""
    table = context.table
    if table is None or _is_reported(context):
        return
    today = context.now.date()
    for row in context.rows:
        if row.date is not None and row.date - today > dt.timedelta(days=1):
            yield _found(
                context,
                row.line,
                f"{_shown(context)} dates {_called(row)} {row.date}, but today is {today}",
                "correct the date",
                about=str(row.version or ""),
                day=context.day_of_row(row),
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


def _own_rows(context: CheckContext) -> tuple[ReadRow, ...]:
    """Return the rows; none of a table that several products share."""
    return () if context.sharing else context.rows


def _is_reported(context: CheckContext) -> bool:
    """Return whether another product, the first of a shared table, reports the cells of this table."""
    return bool(context.sharing) and context.sharing[0] != context.name


def _called(row: ReadRow) -> str:
    return str(row.version) if row.version else f"the row in line {row.line}"


def _shown(context: CheckContext) -> str:
    changelog = context.state.changelog
    return printable(repo_path(changelog.repo, changelog.path)) if changelog else ""


def _found(
    context: CheckContext, line: int, message: str, hint: str, *, about: str, day: dt.date | None
) -> Occurrence:
    changelog = context.state.changelog
    return Occurrence(
        message,
        hint,
        path=changelog.path if changelog else None,
        line=line,
        about=about,
        repo=changelog.repo if changelog else None,
        day=day,
    )
