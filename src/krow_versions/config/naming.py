"""Name the proposed products: short, and each name once."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from typing import TYPE_CHECKING

from krow_versions.config.candidates import higher_up, project_in
from krow_versions.config.fields import NAME
from krow_versions.config.pairing import unscoped
from krow_versions.text.words import as_compared

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from krow_versions.config.candidates import Candidate


def names_of(
    products: Sequence[Candidate], slugs: Sequence[str] = (), taken: Collection[str] = ()
) -> tuple[str, ...]:
    """Name each product after its slug, or its folder and as many parents as make the name unique.

    A product higher in the tree gets the shorter name.

    Args:
        products: the products.
        slugs: the slug of each in its tags, or an empty text.
        taken: names that are used already.
    """
    spelled = [*slugs, *[""] * (len(products) - len(slugs))]
    chosen: dict[int, str] = {}
    used = {*map(as_compared, taken)}
    numbers = Counter[str]()

    def order(index: int) -> tuple[bool, tuple[int, str]]:
        return not spelled[index], higher_up(products[index].folder)

    for index in sorted(range(len(products)), key=order):
        names = itertools.chain(_of_slug(spelled[index]), _of_folder(products[index], numbers))
        name = next(name for name in names if as_compared(name) not in used)
        chosen[index] = name
        used.add(as_compared(name))
    return tuple(chosen[index] for index in range(len(products)))


def _of_slug(slug: str) -> Iterator[str]:
    for name in (unscoped(slug).lower(), _dashed(unscoped(slug)), _dashed(slug)):
        yield from _fitting(name)


def _of_folder(product: Candidate, numbers: Counter[str]) -> Iterator[str]:
    """Yield names from the folder; of *numbers*, those of a word that were yielded before are not again."""
    names = [file.name for file in product.files if file.name]
    if (
        any(not file.path.startswith(f"{product.folder}/") for file in product.files)
        if product.folder
        else not product.files[0].name and len(set(names)) > 1
    ):  # Several packages, none of which is around the others.
        scopes = [name.partition("/")[0].removeprefix("@") for name in names if name.startswith("@")]
        common, number = max(sorted(Counter(scopes).items()), key=lambda pair: pair[1], default=("", 0))
        yield from _of_slug(common if 2 * number > len(names) else product.called)
    folders = f"{product.folder}/{project_in(product)}".split("/")
    parts = [part for part in map(_dashed, folders) if part and part not in _SHELF]
    while len(parts) > 1 and parts[-1] in _GENERIC:
        parts.pop()
    if not parts:
        yield from _of_slug(names[0] if names else product.called)
    for length in range(1, len(parts) + 1):
        yield from _fitting("-".join(parts[-length:]))
    last = parts[-1] if parts else "app"
    yield from _fitting(last)
    word = last[:40]
    yield from _fitting(f"{word}-{product.files[0].format}")
    for number in itertools.count(max(2, numbers[word])):
        numbers[word] = number + 1
        yield from _fitting(f"{word}-{number}")


def _fitting(name: str) -> Iterator[str]:
    if NAME.problem(name) is None and "." not in name:  # In TOML, a dot would need quotes.
        yield name


def _dashed(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


_SHELF = frozenset(["apps", "applications", "services", "packages", "libs", "crates", "src", "src-tauri"])
_GENERIC = frozenset({"frontend", "app", "main", "supporting-files", "resources", "ios", "macos"})
