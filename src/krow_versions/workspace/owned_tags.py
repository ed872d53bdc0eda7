"""Whose tags are whose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.names import TAGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from krow_versions import git
    from krow_versions.products import Catalog, Product


def tag_homes(catalog: Catalog, products: Sequence[Product]) -> list[str]:
    """Give the full names of the folders that hold every tag of some products, with a slash at the end."""
    folders = {*catalog.tag_folders(products), *(f"{product.slug}/" for product in products)}
    return [TAGS + each for each in sorted(folders)]


def owned_tags(
    catalog: Catalog, refs: Iterable[git.Ref], products: Sequence[Product]
) -> dict[str, list[tuple[git.Ref, str | None]]]:
    """Return the tags of each product by its slug, with their stages, in one pass.

    A tag that no pattern of a product in the same repositories matches is of those in whose folder it is,
    with None as its stage.

    Args:
        catalog: all products.
        refs: of one repository.
        products: those that have tags or files there.
    """
    repos = {product.repo for product in products}
    others = [each for each in catalog.products if each.repo in repos]
    reader = catalog.tag_reader(*{each.slug: each for each in [*products, *others]}.values())
    found: dict[str, list[tuple[git.Ref, str | None]]] = {product.slug: [] for product in products}
    for each in refs:
        if not each.ref.startswith(TAGS):
            continue
        name = each.ref.removeprefix(TAGS)
        if read := reader.read(name):
            if read[0] in found:
                found[read[0]].append((each, read[1]))
            continue
        for slug in _around(name):
            if slug in found:
                found[slug].append((each, None))
    return found


def _around(name: str) -> Iterable[str]:
    """Yield every folder around a name."""
    while slash := name.rpartition("/")[0]:
        yield slash
        name = slash
