"""Plan the CHANGELOG entry of a bump: a row of its version table, or a section under a heading."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from krow_versions import lazy
from krow_versions.changelog import ChangelogRow, find_releases, hotfix_text
from krow_versions.errors import InputError, KrowVersionsError
from krow_versions.planning.commands import Calls
from krow_versions.products import repo_path
from krow_versions.regexes import regex
from krow_versions.text.escaping import printable, quoted
from krow_versions.text.times import iso
from krow_versions.values import evolve, field, frozen

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.changelog import insert
    from krow_versions.snapshot import ChangelogState, ProductState
    from krow_versions.version import Version
else:
    (insert,) = lazy.modules("krow_versions.changelog", "insert")  # Often the entry is there.

# A fix as conventionalcommits.org defines it: type, optional scope, optional "!".
_FIX = regex(r"fix(?:\([^()]*\))?!?:\s*(?P<text>\S.*)", re.IGNORECASE)
_APART = 'Give each a part of its own: changelog = "CHANGELOG.md#Heading"'
# The texts that a plan has already changed, by repository and path: several changes may be in one file.
Texts = dict[tuple[str, str], str]


@frozen
class RowChange:
    """A CHANGELOG before and after; the texts are equal if it already has an entry for that version.

    Args:
        repo: the repository of the CHANGELOG.
        path: its path there.
        row: the entry.
        text_before: the CHANGELOG before.
        text_after: the CHANGELOG after.
        noun: what the entry is there: ``row`` or ``section``.
    """

    repo: str
    path: str
    row: ChangelogRow
    text_before: str = field(repr=False)
    text_after: str = field(repr=False)
    noun: str = field(default="row", repr=False)

    @property
    def changed(self) -> bool:
        """Whether an entry must be written."""
        return self.text_before != self.text_after

    def to_json(self) -> dict[str, Any]:
        """Give the entry as data."""
        return {
            "repo": self.repo,
            "path": self.path,
            "date": iso(self.row.date),
            "version": str(self.row.version),
            "text": self.row.text,
            "changed": self.changed,
        }

    def __str__(self) -> str:
        path, version = printable(repo_path(self.repo, self.path)), self.row.version
        if not self.changed:
            return f"{path}: already has a {self.noun} for {version}"
        day = f"{self.row.date} " if self.row.date else ""
        return f"{path}: {day}{version} {printable(self.row.text)}"


def plan_changelog_row(
    state: ProductState,
    version: Version,
    date: dt.date,
    message: str | None,
    texts: Texts,
    *,
    optional: bool = True,
) -> tuple[RowChange | None, tuple[str, ...]]:
    """Plan the entry of *version* in the CHANGELOG of a product.

    Args:
        state: the product, its CHANGELOG and its commits since the baseline.
        version: the version of the entry.
        date: the day of a new entry.
        message: the text of the entry, or None to take the subject of the only ``fix:`` commit.
        texts: the texts that this plan has already changed; the new one is added, so that two products
            may share a file.
        optional: whether the caller can do without the entry, which a hint then says.

    Returns:
        The change, or None if no entry is written; and the warnings.

    Raises:
        InputError: there is a text, but no CHANGELOG, or no place for it there.
    """
    name, changelog = state.product.name, state.changelog
    if changelog is None:
        error = no_changelog(state, optional=optional)
        if message is not None:
            raise error
        foreign = state.foreign_changelog is not None
        return None, (f"{error.message}; {error.hint}",) if foreign else ()
    if changelog.error is not None:
        raise changelog.error
    where = (changelog.repo, changelog.path)
    before = texts.get(where, changelog.text)
    warnings: tuple[str, ...] = ()
    try:
        old, noun = _row_of(before, version, changelog)
        text = None if old else _text(state, message)
        if old is None and text is None:
            return None, (_no_text(state, changelog, noun),)
        row = old or ChangelogRow(date, version.with_build(None), text or "")
        after = before if old else insert.insert_row(before, row, heading=changelog.heading)
        if old is None:  # Headings may have no dates.
            written, _ = _row_of(after, version, changelog)
            row = evolve(row, date=None if written is None else written.date)
    except KrowVersionsError as error:
        if error.hint and optional:
            error.advise("or leave the CHANGELOG out", keep=True)
        raise error.in_file(repo_path(*where)) from None
    if old and before != changelog.text and not _row_of(changelog.text, version, changelog)[0]:
        whose = f"the {noun} of {row.version} is another product's; {name} gets none"
        warnings = (f"{repo_path(*where)}: {whose}. {_APART}",)
    texts[where] = after
    return RowChange(changelog.repo, changelog.path, row, before, after, noun), warnings


def no_changelog(state: ProductState, *, optional: bool) -> InputError:
    """Give the error for a product without a CHANGELOG; *optional* is that of :func:`plan_changelog_row`."""
    name, why = state.product.name, state.foreign_changelog
    hint = f"make one with {Calls(name).other('changelog init')}"
    if why is not None:
        hint += f', or configure that it is of {name}: changelog = "CHANGELOG.md"'
    if optional:
        hint += ", or leave the CHANGELOG out"
    return InputError(f"{name} has no CHANGELOG{f': {why}' if why else ''}", hint=hint)


def _row_of(text: str, version: Version, changelog: ChangelogState) -> tuple[ChangelogRow | None, str]:
    """Give the entry of *version*, or None, and what an entry is there."""
    bare = version.with_build(None)
    try:
        found = find_releases(text, heading=changelog.heading)
    except InputError:  # No place for an entry is an error only if there is one to write.
        return None, "row"
    if not found.has(bare):
        return None, found.noun
    rows = (ChangelogRow(row.date, bare, row.summary) for row in found.rows if row.version == bare)
    return next(rows, ChangelogRow(None, bare, "")), found.noun


def _text(state: ProductState, message: str | None) -> str | None:
    if message is not None:
        return hotfix_text(message)
    fixes = _fixes(state)
    return hotfix_text(fixes[0]) if len(fixes) == 1 else None


def _fixes(state: ProductState) -> list[str]:
    """Give the subjects of the fixes since the baseline, without the ``fix:``."""
    found = (_FIX.fullmatch(subject) for subject in state.subjects or ())
    return [match["text"] for match in found if match]


def _no_text(state: ProductState, changelog: ChangelogState, noun: str) -> str:
    fixes = _fixes(state)
    why = "there is no fix: commit since the baseline"
    if state.subjects is None:
        why = "the commits since the baseline are not known"
    elif fixes:
        why = f"there are {len(fixes)} fix: commits since the baseline"
        why += f" ({', '.join(quoted(fix) for fix in fixes[:5])})"
    return f"{repo_path(changelog.repo, changelog.path)}: no {noun} is written: {why}; say what changed"
