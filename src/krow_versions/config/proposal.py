"""Propose a ``krow-versions.toml`` for a repository that has none."""

from __future__ import annotations

import fnmatch
import itertools
from typing import TYPE_CHECKING

from krow_versions.config.candidates import NO_VERSION, Candidate, choose, kept
from krow_versions.config.families import find_families
from krow_versions.config.fields import CHANGELOG
from krow_versions.config.naming import names_of
from krow_versions.config.product_text import Proposed, aliases_of, product_text, tags_text
from krow_versions.config.tag_shapes import find_shapes
from krow_versions.config.writing import pair, table
from krow_versions.products import KROW
from krow_versions.text.escaping import printable
from krow_versions.text.words import counted, listed
from krow_versions.values import evolve, frozen

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from krow_versions.config.candidates import FoundFile
    from krow_versions.config.families import Families
    from krow_versions.config.tag_shapes import Shape, Shapes

# Per list; more would hide the rest of the file.
_MOST_LISTED = 20
# The size of ``products`` in krow_versions.config.model.File.
_MOST_PRODUCTS = 1000


@frozen
class Main:
    """The main branch.

    Attributes:
        name: its name.
        is_evident: whether every command finds it without a setting.
    """

    name: str
    is_evident: bool = True


@frozen
class Proposal:
    """A configuration, and what a person should know of it.

    Attributes:
        text: the configuration, with comments.
        products: the products, in its order.
        left_out: what is left out: lines by headings.
    """

    text: str
    products: tuple[Proposed, ...]
    left_out: Mapping[str, tuple[str, ...]]


def propose(
    found: Sequence[FoundFile],
    tags: Sequence[str],
    changelogs: Sequence[str],
    *,
    name: str = "",
    today: dt.date | None = None,
    main: Main | None = None,
) -> Proposal:
    """Write a valid configuration with comments, for a person to review.

    What has release tags becomes a product, spelled as its tags are. So do applications and services.
    Libraries, tests, examples and files without a version are listed with the reason. A KROW checkout
    gets KROW's own products.

    Args:
        found: the possible version files.
        tags: names of all tags, without ``refs/tags/``.
        changelogs: paths of all CHANGELOGs.
        name: the name of the repository.
        today: the day from which on the audit accuses.
        main: the main branch, or None if there is no commit.
    """
    krow, rest = _krow(found, tags)
    own = tuple(f"{_SLUGS[name]}/" for name, _ in krow)
    shapes = find_shapes(tag for tag in tags if not tag.startswith(own))
    families = find_families(kept(rest), shapes)
    unusable = {file for family, _ in families.unusable for file in family.files}
    selection = choose(
        [file for file in rest if file not in unusable],
        [each.files for each in families.families],
        has_tags=bool(families.families or families.unusable),
        is_whole=families.is_whole,
    )
    products = _products(
        krow, [evolve(each, called=name) for each in selection.products], families, changelogs
    )
    left_out = {
        **_left_out_tags(families, shapes),
        **{
            f"Left out, {reason}": tuple(_line(file, reason) for file in files)
            for reason, files in selection.left_out.items()
        },
    }
    if len(products) > _MOST_PRODUCTS:
        names = tuple(each.name for each in products[_MOST_PRODUCTS:])
        left_out[f"Left out, more than {_MOST_PRODUCTS} products"] = names
        products = products[:_MOST_PRODUCTS]
    blocks = [_HEAD, *product_text(products), tags_text(products)]
    if today is not None:
        blocks.append(
            table("audit", [f"since = {today.isoformat()}  # what was released before is not accused"])
        )
    blocks.append(_hotfix(main))
    without = [each.name for each in products if each.changelog is None]
    if without and "CHANGELOG.md" not in changelogs:
        heading = "No CHANGELOG is beside these; krow-versions changelog init makes one"
        blocks.append(_listed(heading, without))
    blocks += [_listed(heading, lines) for heading, lines in left_out.items()]
    return Proposal("\n".join(blocks), products, left_out)


_SLUGS = {product.name: product.slug for product in KROW.products}
_HEAD = """\
# Proposed by krow-versions from the files and tags of this repository: please review it.
# krow-versions config check prints all mistakes; krow-versions show prints the products.
"""
_MORE = """\
# The settings of the hotfix process; the deploy command of a product belongs in its own table,
# such as deploy = ["./scripts/deploy.sh", "{tag}"].
"""
_SETTINGS = """\
# lines = ["release/*"]    # branches that ship later and must get every fix
# merge = "pull-request"   # if people merge on the server; by default a push is tried
# contacts = { "Release Engineer" = "...", "Product Owner" = "...", "DevOps" = "..." }
# channel = "#emergency-releases"
# notify = ["./scripts/notify.sh", "{channel}"]    # gets an announcement on stdin, only with announce --send
"""


def _hotfix(main: Main | None) -> str:
    name = main.name if main else "main"
    setting = f"{pair('main', name):<25}# by default the branch that the remote's HEAD names"
    if main and not main.is_evident:
        setting = f"{pair('main', name)}  # the remote does not say which branch is main: please check"
        return f"{_MORE}[hotfix]\n{setting}\n{_SETTINGS}"
    return f"{_MORE}# [hotfix]\n# {setting}\n{_SETTINGS}"


def _products(
    krow: Sequence[tuple[str, Candidate]],
    candidates: Sequence[Candidate],
    families: Families,
    changelogs: Iterable[str],
) -> tuple[Proposed, ...]:
    """Name the products, and find their slugs, aliases and CHANGELOGs."""
    its = [None if each.family is None else families.families[each.family] for each in candidates]
    names = names_of(
        candidates, [family.slug if family else "" for family in its], [name for name, _ in krow]
    )
    products = [Proposed(name, _SLUGS[name], product) for name, product in krow]
    products += [
        Proposed(name, (family and family.slug) or name, product, family)
        for name, product, family in zip(names, candidates, its, strict=True)
    ]
    beside = _beside(changelogs)
    return aliases_of([evolve(each, changelog=beside.get(each.candidate.folder)) for each in products])


_CHANGELOGS = ("changelog.md", "changes.md", "history.md", "releases.md")


def _beside(paths: Iterable[str]) -> dict[str, str]:
    """Return the CHANGELOG in each folder."""
    found: dict[str, tuple[int, str]] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        if name.lower() in _CHANGELOGS and CHANGELOG.problem(path) is None and "#" not in path:
            rank = (_CHANGELOGS.index(name.lower()), path)
            found[folder] = min(rank, found.get(folder, rank))
    return {folder: path for folder, (_, path) in found.items()}


def _left_out_tags(families: Families, shapes: Shapes) -> dict[str, tuple[str, ...]]:
    """Return what the tags name that is no product: lines by headings."""
    lines = {
        "Left out, although it has release tags": [
            f"{printable(family.files[0].path)} ({printable(fault)}); {_shapes(family.shapes)}"
            for family, fault in families.unusable
        ],
        "Tags of no package here": [_shape(shape) for shape in families.unknown],
        "Tags from before the packages got tags together": [_shape(shape) for shape in families.older],
        "Tags that name no product, of a version that no file has": [
            _shape(shape) for shape in families.plain
        ],
    }
    if shapes.others:
        number = len(shapes.others)
        names = listed([name for name in shapes.others if name.strip()], 5)
        lines[f"Without a version of three numbers, {counted(number, 'tag')}"] = [names]
    return {heading: tuple(found) for heading, found in lines.items() if found}


def _shapes(shapes: Iterable[Shape]) -> str:
    return "; ".join(map(_shape, itertools.islice(shapes, 3)))


def _shape(shape: Shape) -> str:
    name = printable(f"{shape.before}*{shape.after}")
    number = len(shape.releases) or shape.prereleases
    kind = "release" if shape.releases else "pre-release"
    return f"{name} ({counted(number, kind)}, newest {printable(shape.newest)})"


def _line(file: FoundFile, reason: str) -> str:
    why = f" ({printable(file.fault)})" if reason == NO_VERSION and file.fault else ""
    version = f" {printable(file.version)}" if file.version else ""
    return f"{printable(file.path)}{version}{why}"


def _listed(heading: str, lines: Sequence[str]) -> str:
    shown = [f"#   {line}\n" for line in lines[:_MOST_LISTED]]
    left = len(lines) - _MOST_LISTED
    return "".join((f"# {heading}:\n", *shown, f"#   and {left} more\n" if left > 0 else ""))


def _krow(
    found: Sequence[FoundFile], tags: Iterable[str]
) -> tuple[list[tuple[str, Candidate]], list[FoundFile]]:
    """Return KROW's own products and the other files; no products if this is not a KROW checkout.

    KROW's tags or mobile applications identify one, because many repositories have an ``apps/web``.
    """
    products = []
    taken: set[FoundFile] = set()
    for product in KROW.products:
        files = tuple(
            file
            for file in sorted(found, key=lambda file: file.path)
            if file.version is not None
            and any(
                pattern and _matches(file.path, pattern)
                for known in product.files
                for pattern in (known.path, known.otherwise)
            )
        )
        if files:
            products.append((product.name, Candidate(files[0].path.rpartition("/")[0], files)))
            taken |= {*files}
    prefixes = tuple(f"{product.slug}/" for product in KROW.products)
    is_krow = any(tag.startswith(prefixes) for tag in tags) or any("mobile" in name for name, _ in products)
    return (products, [file for file in found if file not in taken]) if is_krow else ([], list(found))


def _matches(path: str, pattern: str) -> bool:
    parts, patterns = path.split("/"), pattern.split("/")
    return len(parts) == len(patterns) and all(map(fnmatch.fnmatchcase, parts, patterns))
