"""The names that the production tag of a version may have, here and on a remote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.names import TAGS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from krow_versions.products import Catalog, Product
    from krow_versions.version import Version


def tag_in(catalog: Catalog, product: Product, refs: Iterable[str], version: Version) -> str | None:
    """Give the full name of the production tag of *version* among *refs*, or None."""
    reader = catalog.tag_reader(*catalog.beside(product))
    for ref in refs:
        found = reader.read(ref.removeprefix(TAGS)) if ref.startswith(TAGS) else None
        if found and found[:2] == (product.slug, "production") and found[2].core == version.core:
            return ref
    return None


def tags_asked(catalog: Catalog, product: Product, version: Version) -> list[str]:
    """Give what the production tag of *version* may be called, for a remote: full names and folders."""
    slug, asked = product.slug, []
    for each in catalog.patterns(product)["production"]:
        folder = f"{each.folder(slug)}/".lstrip("/")
        asked.append(TAGS + (f"{folder}*" if each.has_build else each.format(slug, version)))
    return asked
