"""KV4xx: the CHANGELOG: its version table or headings, missing entries, and those with a wrong order or date.

In a CHANGELOG that several products share, the product of a row is not known, so equal versions and versions
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
from krow_versions.changelog import VersionTable, find_releases
from krow_versions.changelog.cells import bare
from krow_versions.errors import KrowVersionsError
from krow_versions.products import repo_path
from krow_versions.regexes import regex
from krow_versions.text.escaping import printable, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.audit.model import CheckContext
    from krow_versions.changelog import ReadRow, VersionSections
    from krow_versions.snapshot import TagState
    from krow_versions.version import Version

# Placeholders for a date that is not known yet.
_NOT_YET = regex(
    r"tb[acd]|n/?a|none|unreleased|not (?:yet )?released|pending|planned|upcoming|next|wip|in progress|soon",
    re.IGNORECASE,
)
# Numbers that are meant as a date; if they cannot be parsed, they are ambiguous or no date.
_NUMBERS = regex(
    r"""
      ([0-9]{1,2}) ([-/]) ([0-9]{1,2}) \2 (?: [0-9]{4} | (?P<short> [0-9]{2}) )
    | [0-9]{1,2} \. [0-9]{1,2} \. [0-9]{4}
    | [0-9]{4} ([-/.]) [0-9]{1,2} \5 [0-9]{1,2}
    """,
    re.VERBOSE,
)


def _no_table(context: CheckContext) -> Iterator[Occurrence]:
    """Without version files, or in a folder that cannot be entered, no CHANGELOG can be found."""
    files = context.state.files
    if (
        context.listing is not None
        or all(file.missing for file in files)
        or any(file.closed for file in files)
    ):
        return
    changelog, why = context.state.changelog, context.state.foreign_changelog
    if changelog is None:
        hint = f"make one: krow-versions changelog init {context.name}"
        if why is not None:
            hint += f', or configure that it is of {context.name}: changelog = "CHANGELOG.md"'
        message = f"{context.name} has no CHANGELOG{f': {why}' if why else ''}"
        yield Occurrence(message, hint, severity="note")
        return
    error = changelog.error
    try:
        find_releases(changelog.text, heading=changelog.heading)
    except KrowVersionsError as found:
        error = error or found
    if error is not None:
        yield Occurrence(
            f"{_shown(context)}: {printable(error.message)}",
            error.hint or "see what is wrong with the file",
            path=changelog.path,
            line=error.line,
            repo=changelog.repo,
            severity="error"
            if changelog.left_out
            else None,  # As of a version file: what it says is not known.
        )


def _files_not_listed(context: CheckContext) -> Iterator[Occurrence]:
    """Skipped before the first release, and while files disagree (KV105) or are ahead of a hotfix (KV203)."""
    production = context.production_version
    versions = {version.with_build(None) for _, version in context.own}
    if (
        context.listing is None
        or production is None
        or len(versions) != 1
        or any(True for _ in ahead(context))
    ):
        return
    (version,) = versions
    is_past = version.prerelease is None and version.core > production.core
    if is_past and not context.listing.has(version):
        yield _unlisted(context, context.listing, version, "which the files say")


def _production_not_listed(context: CheckContext) -> Iterator[Occurrence]:
    """Check the release in production; with the history, every release above the lowest entry.

    The entry of a release that this checkout does not contain comes with a merge of that release.
    """
    tag, listing = context.production, context.listing
    if listing is None:
        return
    wanted = {each.version: each for each in _released(context)}
    if tag:
        wanted[tag.version] = tag
    for version, each in wanted.items():
        if version is not None and not listing.has(version) and releases.is_contained(each):
            what = "is in production" if each is tag else "was released"
            yield _unlisted(context, listing, version, f"which {what} ({printable(each.name)})", each)


def _released(context: CheckContext) -> Iterator[TagState]:
    """Return the production tags above the lowest entry, if all releases are checked."""
    lowest = min((row.version.core for row in _own_rows(context) if row.version), default=None)
    if context.history is None or lowest is None:
        return
    yield from (tag for tag in releases.production(context.state.tags) if releases.core_of(tag) > lowest)


def _unlisted(
    context: CheckContext,
    listing: VersionTable | VersionSections,
    version: Version,
    why: str,
    tag: TagState | None = None,
) -> Occurrence:
    newer = any(row.version and row.version.core > version.core for row in _own_rows(context))
    day = f" --date {tag.date.date()}" if tag and tag.date else ""
    return _found(
        context,
        listing.lines[0].number if isinstance(listing, VersionTable) else listing.rows[0].line,
        f"{_shown(context)} has no {listing.noun} for {version}, {why}",
        f"add one{', and move it below the newer ones' if newer else ''}: "
        f"krow-versions changelog add {context.name} --version {version}{day} -m TEXT",
        about=str(version),
        day=day_of(tag.date) if tag else None,
    )


def _twice(context: CheckContext) -> Iterator[Occurrence]:
    """Different builds are different releases; in a table, if both rows have one. Three are one finding."""
    in_table = isinstance(context.listing, VersionTable)  # Pub's 2.0.0 and 2.0.0+1 are two releases.
    known: dict[Version, list[tuple[ReadRow, int | None]]] = {}
    reported = set()
    for row in _own_rows(context):
        if row.version is None:
            continue
        version, build = row.version.with_build(None), row.version.build
        first = next(
            (
                each
                for each, other in known.get(version, ())
                if other == build or (in_table and None in {other, build})
            ),
            None,
        )
        if first is not None and version not in reported:
            reported.add(version)
            yield _found(
                context,
                row.line,
                f"{_shown(context)} has two {_noun(context)}s for {version}, "
                f"in lines {first.line} and {row.line}",
                f"join the two into one {_noun(context)}, or correct the version of one",
                about=str(version),
                day=context.day_of_row(row),
            )
        known.setdefault(version, []).append((row, build))


def _out_of_order(context: CheckContext) -> Iterator[Occurrence]:
    """Report the newest pair.

    A hotfix of an older release may stand by its version or its date, where there is one; a pre-release,
    where it was made.
    """
    found: list[Occurrence] = []
    rows = [
        (row, row.version.with_build(None))
        for row in _own_rows(context)
        if row.version and row.version.prerelease is None
    ]
    for (upper, above), (lower, below) in itertools.pairwise(rows):
        newest_first = context.listing is not None and context.listing.newest_first
        is_wrong = above < below if newest_first else above > below
        newer, older = (upper, lower) if newest_first else (lower, upper)
        is_hotfix = min(above, below).patch > 0 and above.core[:2] != below.core[:2]
        by_date = newer.date > older.date if newer.date and older.date else is_hotfix and not newer.date
        if is_wrong and not by_date:
            way = "newest" if newest_first else "oldest"
            each = _found(
                context,
                lower.line,
                f"{_shown(context)} has {below} below {above}, but its {way} {_noun(context)} is at the top",
                f"move the {_noun(context)}, or correct its version",
                about=str(below),
                day=day_of(context.day_of_row(upper), context.day_of_row(lower)),
            )
            found.append(each)
    if found:
        yield max(found, key=lambda each: each.day or dt.date.max)


def _unreadable_dates(context: CheckContext) -> Iterator[Occurrence]:
    """Empty cells are allowed; only numbers count in headings, and in a column without any readable date."""
    listing = context.listing
    if listing is None or _is_reported(context):
        return
    in_words = isinstance(listing, VersionTable) and any(listing.dates.dates)
    for row, written in zip(context.rows, _dates_of(listing), strict=False):
        text = bare(written)
        if row.date is not None or not text or _NOT_YET.fullmatch(text):
            continue
        numbers = _NUMBERS.fullmatch(text)
        is_ambiguous = bool(
            numbers and numbers[1] and (numbers["short"] or max(int(numbers[1]), int(numbers[3])) <= 12)
        )
        if in_words or (numbers and not is_ambiguous):
            what = "may be two dates" if is_ambiguous else "is no date"
            yield _found(
                context,
                row.line,
                f"{_shown(context)} has {quoted(written)} as the date of {_called(row)}, which {what}",
                "write it as year, month and day, such as 2026-03-05",
                about=str(row.version or ""),
                day=context.day_of_row(row),
            )


def _dates_of(listing: VersionTable | VersionSections) -> Iterator[str]:
    """Yield the dates as written; none where a table has no column for them."""
    if isinstance(listing, VersionTable):
        at = listing.columns.date
        yield from () if at is None else (row.cells[at] for row in listing.rows)
    else:
        yield from (listing.date_text(section) for section in listing.sections)


def _future_dates(context: CheckContext) -> Iterator[Occurrence]:
    """One day ahead is allowed, for other time zones."""
    if _is_reported(context):
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
    """Return the entries; none of a CHANGELOG that several products share."""
    return () if context.sharing else context.rows


def _is_reported(context: CheckContext) -> bool:
    """Return whether the dates are reported by the first of the products that share this CHANGELOG."""
    return bool(context.sharing) and context.sharing[0] != context.name


def _called(row: ReadRow) -> str:
    return str(row.version) if row.version else f"line {row.line}"


def _noun(context: CheckContext) -> str:
    return context.listing.noun if context.listing else "row"


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
