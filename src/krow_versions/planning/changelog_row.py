"""Plan the CHANGELOG row of a bump."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import attrs

from krow_versions.changelog import ChangelogRow, find_table, hotfix_text, insert_row
from krow_versions.errors import InputError, KrowVersionsError
from krow_versions.planning.commands import Calls
from krow_versions.products import repo_path
from krow_versions.text.escaping import printable, quoted
from krow_versions.text.times import iso

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.snapshot import ChangelogState, ProductState
    from krow_versions.version import Version

# A fix as conventionalcommits.org defines it: type, optional scope, optional "!".
_FIX = re.compile(r"fix(?:\([^()]*\))?!?:\s*(?P<text>\S.*)", re.IGNORECASE)
_APART = 'Give each a table of its own: changelog = "CHANGELOG.md#Heading"'
# The texts that a plan has already changed, by repository and path: several changes may be in one file.
Texts = dict[tuple[str, str], str]


@attrs.frozen
class RowChange:
    """A CHANGELOG before and after; the texts are equal if it already has a row for that version."""

    repo: str
    path: str
    row: ChangelogRow
    text_before: str = attrs.field(repr=False)
    text_after: str = attrs.field(repr=False)

    @property
    def changed(self) -> bool:
        """Whether a row must be written."""
        return self.text_before != self.text_after

    def to_json(self) -> dict[str, Any]:
        """Give the row as data."""
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
            return f"{path}: already has a row for {version}"
        return f"{path}: {self.row.date} {version} {printable(self.row.text)}"


def plan_changelog_row(
    state: ProductState,
    version: Version,
    date: dt.date,
    message: str | None,
    texts: Texts,
    *,
    optional: bool = True,
) -> tuple[RowChange | None, tuple[str, ...]]:
    """Plan the row of *version* in the CHANGELOG of a product.

    Args:
        state: the product, its CHANGELOG and its commits since the baseline.
        version: the version of the row.
        date: the day of a new row.
        message: the text of the row, or None to take the subject of the only ``fix:`` commit.
        texts: the texts that this plan has already changed; the new one is added, so that two products
            may share a file.
        optional: whether the caller can do without the row, which a hint then says.

    Returns:
        The change, or None if no row is written; and the warnings.

    Raises:
        InputError: there is a text, but no CHANGELOG, or not exactly one table in it.
    """
    name, changelog = state.product.name, state.changelog
    if changelog is None:
        if message is None:
            return None, ()
        raise no_changelog(name, optional=optional)
    if changelog.error is not None:
        raise changelog.error
    where = (changelog.repo, changelog.path)
    before = texts.get(where, changelog.text)
    warnings: tuple[str, ...] = ()
    try:
        old = _row_of(before, version, changelog)
        text = None if old else _text(state, message)
        if old is None and text is None:
            return None, (_no_text(state, changelog),)
        row = old or ChangelogRow(date, version.with_build(None), text or "")
        after = before if old else insert_row(before, row, heading=changelog.heading)
    except KrowVersionsError as error:
        if error.hint and optional:
            error.advise("or leave it out with --no-changelog", keep=True)
        raise error.in_file(repo_path(*where)) from None
    if old and before != changelog.text and not _row_of(changelog.text, version, changelog):
        whose = f"the row of {row.version} is another product's; {name} gets none"
        warnings = (f"{repo_path(*where)}: {whose}. {_APART}",)
    texts[where] = after
    return RowChange(changelog.repo, changelog.path, row, before, after), warnings


def no_changelog(name: str, *, optional: bool) -> InputError:
    """Give the error for a product without a CHANGELOG; *optional* is that of :func:`plan_changelog_row`."""
    hint = f"make one with {Calls(name).other('changelog init')}"
    if optional:
        hint += ", or leave it out with --no-changelog"
    return InputError(f"{name} has no CHANGELOG to write a row to", hint=hint)


def _row_of(text: str, version: Version, changelog: ChangelogState) -> ChangelogRow | None:
    """Give the row of *version*, or None if there is none or not exactly one table."""
    bare = version.with_build(None)
    try:
        table = find_table(text, heading=changelog.heading)
    except InputError:  # A missing table is an error only if there is a row to write.
        return None
    if not table.has(bare):
        return None
    rows = (ChangelogRow(row.date, bare, row.text) for row in table.rows if row.version == bare)
    return next(rows, ChangelogRow(None, bare, ""))


def _text(state: ProductState, message: str | None) -> str | None:
    if message is not None:
        return hotfix_text(message)
    fixes = _fixes(state)
    return hotfix_text(fixes[0]) if len(fixes) == 1 else None


def _fixes(state: ProductState) -> list[str]:
    """Give the subjects of the fixes since the baseline, without the ``fix:``."""
    found = (_FIX.fullmatch(subject) for subject in state.subjects or ())
    return [match["text"] for match in found if match]


def _no_text(state: ProductState, changelog: ChangelogState) -> str:
    fixes = _fixes(state)
    why = "there is no fix: commit since the baseline"
    if state.subjects is None:
        why = "the commits since the baseline are not known"
    elif fixes:
        why = f"there are {len(fixes)} fix: commits since the baseline"
        why += f" ({', '.join(quoted(fix) for fix in fixes[:5])})"
    return f"{repo_path(changelog.repo, changelog.path)}: no row is written: {why}; say what changed with -m"
