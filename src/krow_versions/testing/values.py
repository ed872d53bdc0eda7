"""Strategies for the public values, which ``st.from_type`` draws by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from krow_versions import (
    Catalog,
    Edit,
    Finding,
    HotfixBranch,
    Product,
    Release,
    ReleaseTag,
    Shipped,
    Span,
    Version,
    VersionFile,
)
from krow_versions.testing.changelog import changelog_rows
from krow_versions.testing.sample import versions

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

_SLUGS = st.from_regex(r"[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,9}){0,2}", fullmatch=True)
_FOLDERS = st.sampled_from(["", "apps/web/", "apps/mobile/", "packages/a b/"])
_NAMES = st.sampled_from(["pubspec.yaml", "package.json", "Chart.yaml", "pyproject.toml", "VERSION"])
_STAGES = st.sampled_from(["production", "staging", "development"])
_NUMBERS = st.integers(0, 10**6)


def _versions() -> SearchStrategy[Version]:
    return st.booleans().flatmap(lambda prereleases: versions(prereleases=prereleases))


def _files() -> SearchStrategy[VersionFile]:
    return st.builds(VersionFile, st.builds(str.__add__, _FOLDERS, _NAMES))


def _products() -> SearchStrategy[Product]:
    files = st.lists(_files(), min_size=1, max_size=3, unique=True).map(tuple)
    return st.builds(Product, _SLUGS, _SLUGS, files, title=st.text(max_size=9), pins=st.booleans())


def _catalogs() -> SearchStrategy[Catalog]:
    products = st.lists(_products(), max_size=3, unique_by=(lambda each: each.name, lambda each: each.slug))
    return st.builds(Catalog, products.map(tuple))


def _spans() -> SearchStrategy[Span]:
    return st.tuples(_NUMBERS, _NUMBERS).map(lambda ends: Span(*sorted(ends)))


def _findings() -> SearchStrategy[Finding]:
    codes = st.from_regex(r"KV[1-6][0-9]{2}", fullmatch=True)
    severities = st.sampled_from(["error", "warning", "note"])
    paths, lines = st.none() | st.builds(str.__add__, _FOLDERS, _NAMES), st.none() | st.integers(1, 999)
    words = st.text(max_size=40)
    return st.builds(Finding, codes, severities, st.none() | _SLUGS, _SLUGS, paths, lines, words, words)


def _releases() -> SearchStrategy[Release]:
    tags, dates = _SLUGS.map("{}/v1.0.0".format), st.none() | st.datetimes(timezones=st.timezones())
    commits, builds = st.from_regex("[0-9a-f]{40}", fullmatch=True), st.none() | _NUMBERS
    return st.builds(Release, tags, _STAGES, versions(), builds, dates, commits)


STRATEGIES: dict[str, Callable[[], SearchStrategy[Any]]] = {
    "Catalog": _catalogs,
    "ChangelogRow": changelog_rows,
    "Edit": lambda: st.builds(Edit, _spans(), st.text(max_size=9)),
    "Finding": _findings,
    "HotfixBranch": lambda: st.builds(HotfixBranch, _SLUGS, versions()),
    "Product": _products,
    "Release": _releases,
    "ReleaseTag": lambda: st.builds(ReleaseTag, _SLUGS, _STAGES, versions()),
    "Shipped": lambda: st.builds(Shipped, st.none() | versions(), _NUMBERS),
    "Span": _spans,
    "Version": _versions,
    "VersionFile": _files,
}
"""How each value is drawn, by its public name."""
