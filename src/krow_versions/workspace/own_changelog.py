"""Leave out the CHANGELOG at the top of a repository where it is not the product's.

It is taken where nothing else is found, and in a monorepo may be the CHANGELOG of another package. A version
table may be of several products; headings name the versions of one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import lazy
from krow_versions.changelog import VersionTable, find_releases
from krow_versions.errors import InputError, KrowVersionsError
from krow_versions.products import repo_path
from krow_versions.text.escaping import printable
from krow_versions.text.words import listed
from krow_versions.values import evolve
from krow_versions.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from krow_versions.changelog import document, headings
    from krow_versions.products import Catalog, Product
    from krow_versions.snapshot import ChangelogState, ProductState
else:
    document, headings = lazy.modules("krow_versions.changelog", "document headings")

# The newest release may be one that is still to come, or a pre-release.
_NEWEST = 3


def with_own_changelogs(catalog: Catalog, states: Iterable[ProductState]) -> tuple[ProductState, ...]:
    """Return the products, each without a CHANGELOG at the top that is not its own, and with the reason."""
    return tuple(_with_own(catalog, state) for state in states)


def _with_own(catalog: Catalog, state: ProductState) -> ProductState:
    changelog = state.changelog
    why = _why_foreign(catalog, state, changelog) if changelog and changelog.assumed else None
    return evolve(state, changelog=None, foreign_changelog=why) if why else state


def _why_foreign(catalog: Catalog, state: ProductState, changelog: ChangelogState) -> str | None:
    path = printable(repo_path(changelog.repo, changelog.path))
    try:
        found = find_releases(changelog.text)
    except InputError as error:
        parsed = document.parse(changelog.text)
        has_versions = any(headings.read_heading(each) for each in parsed.headings)
        return f"{path}: {error.message}" if has_versions and not parsed.tables else None
    except KrowVersionsError:
        return None  # Nothing is written there; whoever needs it gets the error.
    if isinstance(found, VersionTable):
        return None
    named = found.sections[0].release.name
    for other in catalog.products:
        if other == state.product:
            continue
        first = other.files[0]
        if (first.repo or other.repo) == changelog.repo and "/" not in first.path:
            return f"{path} is beside the version file of {other.name}"
        if named in _names(other) - _names(state.product):
            return f"{path} is of {other.name}, which its headings name"
    cores = [row.version.core for row in found.rows if row.version]
    newest = list(dict.fromkeys(cores if found.newest_first else reversed(cores)))[:_NEWEST]
    if not newest or not set(newest).isdisjoint(_cores(state)):
        return None
    releases = listed([".".join(map(str, core)) for core in newest])
    return f"{path} has the releases of something else: {releases}"


def _names(product: Product) -> set[str]:
    words = (product.name, product.slug, product.title, *product.aliases)
    return {word.casefold() for word in words if word}


def _cores(state: ProductState) -> Iterator[tuple[int, int, int]]:
    """Yield the versions of a product: in its files, at HEAD, and of its tags of any stage."""
    for file in state.files:
        if file.version is not None:
            yield file.version.core
    for past in state.committed:
        try:
            held = past.held()
        except KrowVersionsError:
            continue
        if isinstance(held, Version):
            yield held.core
    yield from (tag.version.core for tag in state.tags if tag.version is not None)
