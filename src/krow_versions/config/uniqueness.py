"""What may be in a configuration only once: names, slugs, files, folders, and what tags mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.text.words import as_compared
from krow_versions.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from krow_versions.config.positions import KeyPlace
    from krow_versions.config.problems import Mistakes
    from krow_versions.products import Catalog, Product


def check_unique(catalog: Catalog, repos: Mapping[str, str], mistakes: Mistakes) -> None:
    """Note everything that is there twice."""
    if mistakes.is_full:
        return
    _repos(repos, mistakes)
    _slugs(catalog, mistakes)
    _names(catalog, mistakes)
    _files(catalog, repos, mistakes)
    if not len(mistakes):
        _tags(catalog, mistakes)


def _repos(repos: Mapping[str, str], mistakes: Mistakes) -> None:
    first: dict[str, str] = {}
    for name, path in repos.items():
        if first.setdefault(path, name) != name:
            hint = "leave one of them out"
            mistakes.add(("repos", name), f"the repository {first[path]} is in the same folder", hint)


def _slugs(catalog: Catalog, mistakes: Mistakes) -> None:
    first: dict[str, str] = {}
    for product in catalog.products:
        if first.setdefault(product.slug, product.name) != product.name:
            other = first[product.slug]
            mistakes.add(
                ("products", product.name, "slug"),
                f"the product {other} has the slug {product.slug}, too",
                "give each product a slug of its own, or their tags cannot be told apart",
            )


def _names(catalog: Catalog, mistakes: Mistakes) -> None:
    """A name, alias or title leads to one product only, and no alias says what is said already."""
    first: dict[str, str] = {}
    for product in catalog.products:
        own: set[str] = set()
        for name, place in _called(product):
            owner = first.setdefault(as_compared(name), product.name)
            if owner != product.name or as_compared(name) in own:
                hint = "upper and lower case, '-', '_' and spaces make no difference; choose another"
                mistakes.add(place, f"the product {owner} is already called {name}", hint)
            own.add(as_compared(name))
    for product in catalog.products:
        if product.title:
            first.setdefault(as_compared(product.title), product.name)
    for product in catalog.products:
        owner = first[as_compared(product.title)] if product.title else product.name
        if owner != product.name:
            message = f"the product {owner} is already called {product.title}"
            mistakes.add(("products", product.name, "title"), message, "choose another title")


def _called(product: Product) -> Iterator[tuple[str, KeyPlace]]:
    place: KeyPlace = ("products", product.name)
    yield product.name, place
    for index, alias in enumerate(product.aliases):
        yield alias, (*place, "aliases", index)


def _files(catalog: Catalog, repos: Mapping[str, str], mistakes: Mistakes) -> None:
    first: dict[str, str] = {}
    for product in catalog.products:
        for index, file in enumerate(product.files):
            folder = repos.get(file.repo or product.repo)
            if folder is None:
                continue
            for path in filter(None, (file.path, file.otherwise)):
                whole = path if folder == "." else f"{folder}/{path}"
                if whole in first:
                    mistakes.add(
                        ("products", product.name, "files", index),
                        f"{path} is already a version file of the product {first[whole]}",
                        "a file carries the version of one product: leave it out of the other",
                    )
                first.setdefault(whole, product.name)


def _tags(catalog: Catalog, mistakes: Mistakes) -> None:
    """No tag of one product and stage may be read as another's."""
    slugs = {product.slug for product in catalog.products}
    version = Version(1, 2, 3)
    for stage, pattern in catalog.tags.items():
        for product in catalog.products:
            name = pattern.format(product.slug, version)
            for other, reading in catalog.tags.items():
                found = reading.parse(name)
                if found and found[0] in slugs and (other, found[0]) != (stage, product.slug):
                    mistakes.add(
                        ("tags", stage),
                        f"the tag {name} could be of {found[0]} in {other} or of {product.slug} in {stage}",
                        "choose patterns whose tags can be told apart",
                    )
                    return
