"""Choose the headings that are the releases of one product, or refuse.

Headings of releases may be on several levels: some tools write minor releases as ``#`` and patches as ``##``.
So levels do not order them; what they have in common is the name before the version, and the heading above.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from typing import TYPE_CHECKING, NoReturn

from krow_versions.changelog.headings import ReleaseHeading, is_date, is_series, read_heading
from krow_versions.errors import InputError
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted
from krow_versions.text.words import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from krow_versions.changelog.document import Heading, MarkdownDocument

_LISTED = 6  # Maximum number of names in an error.
_MOSTLY = 0.8  # Share of the headings with words after the version that makes them a part of the name.
_LONG = 10  # Number of releases with one name, after which older names do not count.
_OFTEN = 2  # From this number on, equal words after the version are no accident.
# Words of a sentence, as in "Upgrading from v6" or "Breaking changes in 2.0".
_SENTENCE = frozenset(
    {"from", "to", "in", "with", "since", "before", "until", "and", "or", "for", "of", "the"}
    | {"upgrading", "upgrade", "migrating", "migration", "breaking", "requires", "supports", "support"}
)
# A heading above older releases: "Archive", "2.x", "Previous versions".
_ARCHIVE = regex(
    r"[0-9]|\b(?:old|older|archived?|previous|past|history|legacy|earlier|prior|before|releases?|versions?)\b",
    re.IGNORECASE,
)
# Words after a version that do not name a product.
_STATE = regex(
    r"(?:yanked|withdrawn|unreleased|latest|current|stable|beta|alpha|rc|pre-?release|lts|deprecated|hot-?fix|bug-?fix|patch"
    r"|security|maintenance|minor|major|initial|first|breaking|released|release|update|changes|new|[\W_])++",
    re.IGNORECASE,
)
# Headings of groups, at which a section does not end.
_GROUP = regex(
    r"\b(?:added|changed|removed|deprecated|fix(?:e[sd])?|bug ?fix(?:es)?|bugs?|security|features?|changes"
    r"|misc\w*|other|internal|docs|documentation|improve\w*|enhance\w*|perf\w*|breaking|notes|dependenc\w+|chores?)\b",
    re.IGNORECASE,
)


def releases_of_one_product(
    document: MarkdownDocument, scope: Sequence[range] | None
) -> tuple[list[ReleaseHeading], list[int]]:
    """Return the releases from the top, and for each the index of the line where its section ends.

    Args:
        document: the text.
        scope: the lines in which to search; None for all.

    Raises:
        InputError: the releases are of several products, or on levels that allow several readings.
    """
    headings = [
        each
        for each in document.headings
        if scope is None or any(lines.start < each.index < lines.stop for lines in scope)
    ]
    found = {each.index: release for each in headings if (release := read_heading(each)) is not None}
    _leave_out(found, _long_past(list(found.values())))
    _leave_out(found, _sentences(found.values()))
    _leave_out(found, _nested(headings, found))
    releases = list(found.values())
    if releases:
        _require_one_name(releases)
        _require_one_parent(headings, found)
        _require_clear_levels(headings, releases)
        _require_dates_in_headings(document, headings, releases)
    bottom = len(document.lines) if scope is None else max((lines.stop for lines in scope), default=0)
    return releases, _ends(headings, found, bottom)


# --- what is no release ---------------------------------------------------------------------


def _leave_out(found: dict[int, ReleaseHeading], names: set[str]) -> None:
    """Remove the headings with these names, and chapters deeper than the others with other words."""
    for index in [index for index, release in found.items() if release.name in names]:
        del found[index]
    if not found:
        return
    counted = Counter(release.heading.level for release in found.values())
    common = max(counted, key=lambda level: (counted[level], -level))
    for index, release in list(found.items()):
        if release.heading.level > common and release.note and not release.date:
            del found[index]


def _sentences(releases: Iterable[ReleaseHeading]) -> set[str]:
    """Return the names that are parts of a sentence and not repeated, if there are others."""
    names = Counter(release.name for release in releases)
    once = {name for name, count in names.items() if count == 1 and not _SENTENCE.isdisjoint(name.split())}
    return once if len(once) < len(names) else set()


def _nested(headings: list[Heading], found: dict[int, ReleaseHeading]) -> set[str]:
    """Return the names that are only in sections of releases with another name, such as dependencies."""
    above: list[tuple[int, str]] = []
    inside: dict[str, bool] = {}
    for heading in headings:
        while above and above[-1][0] >= heading.level:
            above.pop()
        release = found.get(heading.index)
        if release is not None:
            within = any(name != release.name for _, name in above)
            inside[release.name] = inside.get(release.name, True) and within
            above.append((heading.level, release.name))
    return {name for name, is_inside in inside.items() if is_inside}


def _long_past(releases: list[ReleaseHeading]) -> set[str]:
    """Return the names that the newest releases, which are at the top, have not had for long."""
    first = releases[:_LONG]
    names = {release.name for release in first}
    orders = [order for release in first if (order := release.order)]
    if len(first) < _LONG or len(names) > 1 or not (orders and orders[0] > orders[-1]):
        return set()
    return {release.name for release in releases} - names


# --- what is refused ------------------------------------------------------------------------


def _require_one_name(releases: list[ReleaseHeading]) -> None:
    names = list(dict.fromkeys(release.name for release in releases))
    if len(names) > 1 and not _is_renamed(releases, names):
        _refuse(
            releases[0],
            f"the version headings name several products: {_listed(name or '-' for name in names)}",
        )
    noted = [release.note.casefold() for release in releases if release.note]
    often = [note for note, count in Counter(noted).items() if count >= _OFTEN and not _STATE.fullmatch(note)]
    if len(often) > 1 and len(noted) >= _MOSTLY * len(releases):
        _refuse(releases[0], f"the version headings are of several kinds: {_listed(often)}")


def _is_renamed(releases: list[ReleaseHeading], names: list[str]) -> bool:
    """Whether the name was added or left out once, and the versions go on."""
    runs = 1 + sum(one.name != other.name for one, other in itertools.pairwise(releases))
    if len(names) != 2 or "" not in names or runs != 2:
        return False
    orders = [order for release in releases if (order := release.order)]
    return orders in (sorted(orders), sorted(orders, reverse=True))


def _require_one_parent(headings: list[Heading], found: dict[int, ReleaseHeading]) -> None:
    above: list[tuple[Heading, bool]] = []
    parents: dict[int, Heading] = {}
    for heading in headings:
        while above and above[-1][0].level >= heading.level:
            above.pop()
        is_release = heading.index in found
        if is_release:
            around = [each for each, release in above if not release]
            dates = [each for each in around if is_date(each)]
            if dates:
                _refuse_dates(found[heading.index], dates[0])
            if around:
                parents[around[-1].index] = around[-1]
        above.append((heading, is_release))
    first, *others = parents.values() if parents else [None]
    strange = [each for each in others if each is not None and not _is_part(each, first)]
    if first is not None and strange:
        names = _listed(each.text for each in (first, *strange))
        _refuse(
            next(iter(found.values())),
            f"the version headings are under several others: {names}",
            f'name one of them in the configuration, such as changelog = "CHANGELOG.md#{first.text}"',
        )


def _is_part(heading: Heading, first: Heading | None) -> bool:
    """Whether a heading above releases does not name another product than the first one."""
    if first is not None and heading.text.casefold() == first.text.casefold():
        return True
    return bool(_ARCHIVE.search(heading.text) or _GROUP.search(heading.text))


def _require_clear_levels(headings: list[Heading], releases: list[ReleaseHeading]) -> None:
    top = releases[0].heading
    for heading in headings:
        if heading.index > top.index:
            break
        if heading.level >= top.level and is_series(heading):
            _refuse(releases[0], f"the newest releases are in groups, such as {quoted(heading.text)}")
    for one, other in itertools.pairwise(releases):
        is_above = one.written.count(".") == 1 and other.written.startswith(f"{one.written}.")
        if is_above and other.heading.level > one.heading.level:
            _refuse(other, f"{one.written} is a heading above {other.written}, and not beside it")


def _require_dates_in_headings(
    document: MarkdownDocument, headings: list[Heading], releases: list[ReleaseHeading]
) -> None:
    for above, heading in itertools.pairwise(headings):
        between = document.lines[above.end : heading.index]
        if (
            heading == releases[0].heading
            and is_date(above)
            and not any(line.text.strip() for line in between)
        ):
            _refuse_dates(releases[0], above)


def _refuse_dates(release: ReleaseHeading, date: Heading) -> NoReturn:
    _refuse(release, f"the dates are in headings of their own: {quoted(date.text)}")


def _listed(names: Iterable[str]) -> str:
    return listed([quoted(name) for name in names], _LISTED)


def _refuse(release: ReleaseHeading, why: str, hint: str | None = None) -> NoReturn:
    raise InputError(
        f"{why}, in the heading {quoted(release.heading.text)}" if hint is None else why,
        hint=hint
        or "give each product a file, or a heading above its versions, and name it in the configuration, "
        'changelog = "CHANGELOG.md#Heading"; or insert the section by hand',
    )


# --- where sections end ---------------------------------------------------------------------


def _ends(headings: list[Heading], found: dict[int, ReleaseHeading], bottom: int) -> list[int]:
    """Return where each section ends: at the next release, or at a heading that is not part of it."""
    ends: list[int] = []
    current: Heading | None = None
    for heading in headings:
        if heading.index in found:
            if current is not None:
                ends.append(heading.index)
            current = heading
        elif current is not None and (
            heading.level < current.level
            or (heading.level == current.level and not _GROUP.search(heading.text))
        ):
            ends.append(heading.index)
            current = None
    return ends if current is None else [*ends, bottom]
