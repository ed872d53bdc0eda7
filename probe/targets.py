"""What is fuzzed: for each reader of foreign text what it must keep, whatever the text.

A target takes any text. It ends, or raises AssertionError where a law is broken; any other exception is a
failure, too. So the two drivers in ``fuzz.py`` and the tests need to know nothing of what is read.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import partial
from typing import TYPE_CHECKING

import attrs

from krow_versions import testing
from krow_versions.changelog import ChangelogRow, find_in_full, find_releases, insert_row, row_edits
from krow_versions.changelog.document import parse
from krow_versions.commits import kind_of_subject, moment
from krow_versions.config.loading import load
from krow_versions.edits import apply_edits
from krow_versions.encoding import BOM
from krow_versions.errors import ConfigError, InputError, KrowVersionsError, Problems, Unsupported, members
from krow_versions.formats import BUILT_IN, find_version, set_version
from krow_versions.formats.locating import find_in_full as locate
from krow_versions.hotfix.messages import form_of_tag, is_of_hotfix, parse_commit, summary_of_tag
from krow_versions.hotfix.record_file import is_newer, read_record, record_text
from krow_versions.names import HotfixBranch, NamePattern, NameReader, ReleaseTag
from krow_versions.testing.laws import must
from krow_versions.version import Version, build_of
from seeds import COMMITS, CONFIGURATIONS, HEADINGS, NAMES, RECORDS, TABLES, TOKENS, VERSION_FILES, VERSIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from krow_versions.formats import Format, Located

NEW = tuple(map(Version.parse, ("9.8.7", "9.8.7+65", "10.0.0+2100000000")))
ROW = ChangelogRow(dt.date(2031, 12, 24), Version(9, 8, 7), "HOTFIX: `a|b` *c* <d> [e] \\ 😀")


@attrs.frozen
class Target:
    """A reader of foreign text.

    Attributes:
        check: takes a text, and raises if a law is broken.
        seeds: texts that the reader takes.
        tokens: what means something to it.
        corpus: the folders of real files of this kind, where there is a corpus.
    """

    check: Callable[[str], None]
    seeds: tuple[str, ...]
    tokens: tuple[str, ...] = TOKENS
    corpus: tuple[str, ...] = ()


# --- version files --------------------------------------------------------------------------


def check_format(chosen: Format, text: str) -> None:
    """Locate: a version, or a typed error, the same from both readers. Set: the laws of ``testing``."""
    try:
        found = locate(text, chosen)
    except (InputError, Unsupported) as error:
        expected: object = shown(error)
        found = None
    else:
        expected = found
    try:
        quick: object = find_version(text, chosen)
    except (InputError, Unsupported) as error:
        quick = shown(error)
    must(quick == expected, f"the quick reader gives {quick!r}, the parser {expected!r}")
    if found is None:
        return
    body = body_of(found)
    places = [place.scalar for place in found.places]
    must(
        [each.written(each.value) for each in places] == [each.span.of(body) for each in places],
        "a place is wrong",
    )
    for new in NEW:
        check_edit(found, new)


def check_edit(found: Located, new: Version) -> None:
    """An edit that is taken changes the places of the version and nothing else, once, and can be undone."""
    name, text = found.format.name, found.text
    try:
        written = set_version(text, new, format=name)
    except (InputError, Unsupported) as error:
        shown(error)
        return
    after = locate(written, found.format)
    version = after.version
    if version is not None:
        must(version.core == new.core, f"{version} was set in place of {new}")
    if new.build is not None:
        must(build_of(after.held) == new.build, f"the build of {new} was not set")
    must(around(found) == around(after), "something other than the version has changed")
    must(set_version(written, new, format=name) is written, "a second edit changed something")
    if found.version is not None and "0" not in {place.scalar.value[:1] for place in found.places}:
        try:
            undone = set_version(written, found.version, format=name)
        except Unsupported:
            return
        must(locate(undone, found.format).held == found.held, "the edit cannot be undone")


def around(found: Located) -> list[str]:
    """Return the text around the places of a version."""
    body, pieces, at = body_of(found), [], 0
    for span in sorted({place.scalar.span for place in found.places}):
        pieces.append(body[at : span.start])
        at = span.end
    return [found.text[: len(found.text) - len(body)], *pieces, body[at:]]


def body_of(found: Located) -> str:
    return found.text.removeprefix(BOM)


# --- CHANGELOGs -----------------------------------------------------------------------------


def check_changelog(text: str) -> None:
    """Find a table or headings, the same with and without the parser; insert a row by its laws."""
    for heading in (None, *headings(text)):
        read = [
            outcome(partial(function, text, heading=heading)) for function in (find_releases, find_in_full)
        ]
        must(read[0] == read[1], f"the quick reader gives {read[0]!r}, the parser {read[1]!r}")
        check_insert(text, heading)


def headings(text: str) -> Iterable[str]:
    try:
        return dict.fromkeys(each.text for each in parse(text).headings[:3])
    except InputError as error:
        shown(error)
        return ()


def outcome(read: Callable[[], object]) -> object:
    try:
        found: object = read()
    except (InputError, Unsupported) as error:
        return shown(error)
    rows: object = found.rows  # type: ignore[attr-defined]
    return rows


def check_insert(text: str, heading: str | None) -> None:
    """A row that is taken only adds, reads back, and is not added twice."""
    try:
        before = find_in_full(text, heading=heading)
        edits = row_edits(text, ROW, heading=heading)
    except (InputError, Unsupported) as error:
        shown(error)
        return
    must(bool(edits) != before.has(ROW.version), "a row is added exactly if there is none")
    must(all(edit.span.start == edit.span.end for edit in edits), "an insertion replaces something")
    written = apply_edits(text, edits)
    after = find_in_full(written, heading=heading)
    must(after.has(ROW.version), "the new row is not found")
    versions = [row.version for row in after.rows]
    if edits:
        must(len(versions) == len(before.rows) + 1, "more than one row was added")
        versions.remove(ROW.version)
    must(versions == [row.version for row in before.rows], "the other rows have changed")
    must(insert_row(written, ROW, heading=heading) is written, "a second row was added")
    must(find_releases(written, heading=heading).rows == after.rows, "the quick reader sees other rows")


# --- configurations and records -------------------------------------------------------------


def check_configuration(text: str) -> None:
    """Load, or give every mistake with its place; nothing but ConfigError."""
    for section in ((), ("tool", "krow-versions")):
        try:
            load(text, path="krow-versions.toml", section=section)
        except ConfigError as error:
            shown(error)
        except Problems as errors:
            must(all(isinstance(error, ConfigError) for error in members(errors)), str(errors))


def check_record(text: str) -> None:
    """Read a record, or say what is wrong; what is read is written and read as the same."""
    newer = is_newer(text)
    try:
        record = read_record(text)
    except (InputError, Problems) as error:
        must(all(isinstance(each, InputError) for each in members(error)), str(error))
        shown(error)
        return
    must(not newer, "a record is read that is said to be of a newer schema")
    must(read_record(record_text(record)) == record, "the record that is written is another one")


# --- names, versions, messages --------------------------------------------------------------

PATTERNS = tuple(
    map(
        NamePattern, ("{slug}/prod-v{version}", "{version}-{slug}", "v{version}", "{slug}@{version}({build})")
    )
)
READERS = tuple(
    NameReader(tuple((slug, "production", each) for slug in ("web", "@a/b") for each in PATTERNS), whole)
    for whole in (False, True)
)


def check_name(text: str) -> None:
    """A name is read as one that its pattern gives again, or it is none."""
    for pattern in PATTERNS:
        version = pattern.read("web", text)
        if version is not None:
            plain = version.with_build(version.build) if pattern.has_build else version.with_build(None)
            again = pattern.read("web", pattern.format("web", plain))
            must(again == plain, f"{version} is written as a name of {again}")
        found = pattern.parse(text)
        must(
            found is None or pattern.read(found[0], text) == found[1],
            f"{pattern.text} reads {text!r} in two ways",
        )
    for reader in READERS:
        must(reader.read(text) == next(iter(reader.owners(text)), None), "another owner is chosen")
    for kind in (ReleaseTag, HotfixBranch):
        try:
            parsed = kind.parse(text)
        except InputError as error:
            shown(error)
        else:
            again = kind.parse(str(parsed)).version
            must(again == parsed.version.with_build(None), f"{parsed!r} is written as a name of {again}")


# The expression that semver.org gives, with a build of digits alone.
SEMVER = re.compile(
    r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)"
    r"(?:-((?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*))?"
    r"(?:\+([0-9]+))?"
)


def check_version(text: str) -> None:
    """A text of up to 256 characters is a version exactly if semver.org says so; it is kept as written."""
    expected = SEMVER.fullmatch(text) if len(text) <= 256 else None
    try:
        version = Version.parse(text)
    except InputError as error:
        shown(error)
        must(expected is None, f"semver.org takes {text!r}")
        return
    must(expected is not None, f"semver.org refuses {text!r}")
    must(str(version) == text, "a version is not kept as it is written")
    must(Version.parse(str(version)) == version, "a version is read otherwise than written")
    if version.prerelease is None:
        testing.law_next_patch_raises_only_patch(version)
    testing.law_order_is_total(version, NEW[0], Version(0, 0, 0))


def check_message(text: str) -> None:
    """The message of a commit or a tag is read, whatever it holds; no part has a label of its own in it."""
    form = parse_commit(text)
    missing = {"Issue:": form.issue, "Solution:": form.solution, "Tested:": form.tested}
    must(
        {*form.missing} - {"HOTFIX for production"} == {name for name, part in missing.items() if not part},
        "missing",
    )
    plain = text.replace("\r", "")
    must(parse_commit(plain.replace("\n", "\r\n")) == parse_commit(plain), "line ends decide")
    form_of_tag(text)
    summary = summary_of_tag(text)
    must("\n" not in summary, "a summary has several lines")
    is_of_hotfix(text)
    kind = kind_of_subject(text)
    must(kind == kind.lower(), "a type is in lower case")
    moment(text)


def shown(error: KrowVersionsError) -> str:
    """Return what a user sees, which no text may break."""
    text = str(error)
    must(
        re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text) is None,
        f"raw in {text!r}",
    )
    return f"{type(error).__name__}: {text}"


# --- all of them ----------------------------------------------------------------------------

_CORPUS = {"package-json": "package-json", "package-lock": "package-lock", "expo": "expo-app-json"}

TARGETS: dict[str, Target] = {
    name: Target(
        partial(check_format, BUILT_IN[name]), VERSION_FILES[name], corpus=(_CORPUS.get(name, name),)
    )
    for name in BUILT_IN
} | {
    "tables": Target(check_changelog, TABLES, corpus=("changelog-table",)),
    "headings": Target(check_changelog, HEADINGS, corpus=("changelog-other",)),
    "configuration": Target(check_configuration, CONFIGURATIONS),
    "record": Target(check_record, RECORDS),
    "names": Target(check_name, NAMES),
    "version": Target(check_version, VERSIONS),
    "messages": Target(check_message, COMMITS),
}
