"""Load a configuration, with the checks that a schema cannot express."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from krow_versions.config.model import (
    AuditTable,
    FileTable,
    HotfixTable,
    IgnoreTable,
    ProductTable,
    TagsTable,
)
from krow_versions.config.parsing import read_data, read_shape
from krow_versions.config.problems import Mistakes
from krow_versions.encoding import BOM
from krow_versions.errors import InternalError, KrowVersionsError
from krow_versions.formats import format_for, format_named
from krow_versions.names import BRANCH_PATTERN, TAG_PATTERNS, NamePattern
from krow_versions.products import HOME, KROW, Catalog, Product, VersionFile, split_place
from krow_versions.settings import Audit, Config, Hotfix, Ignore, Tags
from krow_versions.templates import check_template
from krow_versions.text.escaping import quoted
from krow_versions.text.paths import has_wildcard, parts_of
from krow_versions.text.words import as_compared, did_you_mean
from krow_versions.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from krow_versions.config.model import File
    from krow_versions.config.problems import KeyPlace


def load(text: str, *, path: str, section: tuple[str, ...] = ()) -> Config:
    r"""Read a configuration.

    A product with the name of one of KROW's inherits from it what the text omits. With ``[products]``
    there are only the products in the text; without, KROW's four.

    Args:
        text: the content of the file.
        path: the file, for messages.
        section: the section of the file: ``("tool", "krow-versions")`` in a ``pyproject.toml``.

    Raises:
        ConfigError: a mistake, with line and key path; Problems for several.

    What depends on the disk is not checked here: the matches of globs, links out of a repository, names
    that differ only in case.

    >>> config = load('[products.web]\ntitle = "Shop"\n', path="krow-versions.toml")
    >>> [(product.title, product.slug) for product in config.catalog.products]
    [('Shop', 'krow-withus-web')]
    """
    mistakes = Mistakes(path, text.removeprefix(BOM), section)
    data = read_data(mistakes)
    file = read_shape(data, mistakes)
    config = None
    if file is not None:
        named = {key: tuple(value) if isinstance(value, dict) else () for key, value in data.items()}
        config = _meaning(file, mistakes, named=named)
    mistakes.raise_all()
    if config is None:  # pragma: no cover - Only if a check refuses without noting a mistake.
        raise InternalError("the configuration was refused without a mistake")
    return config


BUILT_IN = {product.name: product for product in KROW.products}


def _meaning(file: File, mistakes: Mistakes, *, named: Mapping[str, Iterable[str]]) -> Config:
    """Make the configuration of *file*; the result is valid only if no mistakes were added.

    Args:
        file: the structured file.
        mistakes: mistakes are added to it.
        named: the keys below each key at the top of the file, also those with mistakes.
    """
    repos = {name: folder_of(path) for name, path in (file.repos or {HOME: HOME}).items()}
    known = list(dict.fromkeys([*(file.repos or ()), *named.get("repos", ())])) or [HOME]
    tables = file.products or {name: ProductTable() for name in BUILT_IN}
    products = tuple(_product(name, table, known, mistakes) for name, table in tables.items())
    hotfix = file.hotfix or HotfixTable()
    branch = NamePattern(hotfix.branch) if hotfix.branch else BRANCH_PATTERN
    catalog = Catalog(products, _tags(file.tags or TagsTable(), mistakes), branch)
    _check_unique(catalog, repos, mistakes)
    settings = _set_values(hotfix)
    settings.pop("branch", None)
    for name, template in settings.get("texts", {}).items():
        for problem in check_template(name, template):
            mistakes.add(("hotfix", "texts", name), problem.message, problem.hint)
    deploys = {name: table.deploy for name, table in tables.items() if table.deploy}
    is_known = "products" not in named or file.products is not None
    names = list(dict.fromkeys([*tables, *named.get("products", ())])) if is_known else None
    audit = _audit(file.audit or AuditTable(), names, mistakes)
    return Config(catalog, repos, Hotfix(**settings), deploys, audit, _evidence(file.tags or TagsTable()))


def folder_of(path: str) -> str:
    """Normalize a path: without empty parts and ``.``, except ``.`` itself."""
    return "/".join(parts_of(path)) or "."


def _product(name: str, table: ProductTable, repos: list[str], mistakes: Mistakes) -> Product:
    place: KeyPlace = ("products", name)
    base = BUILT_IN.get(name) or Product(name, name, ())
    repo = table.repo
    if repo is not None:
        _check_repo(repo, repos, (*place, "repo"), mistakes)
    elif len(repos) > 1:
        message = f"the product {name} does not say which repository its tags are in"
        listed = " or ".join(f'"{known}"' for known in repos)
        mistakes.add((*place, "repo"), message, f"add to [products.{name}]: repo = {listed}")
    if table.files is None and not base.files and not mistakes.is_full:
        hint = "add files = [...]; " + did_you_mean(name, BUILT_IN, "the built-in products")
        mistakes.add((*place, "files"), f"the product {name} has no files", hint)
    files = base.files
    if table.files is not None:
        files = tuple(
            _file(entry, (*place, "files", index), repos, mistakes) for index, entry in enumerate(table.files)
        )
    return Product(
        name=name,
        slug=table.slug or base.slug,
        files=files,
        title=base.title if table.title is None else table.title,
        aliases=base.aliases if table.aliases is None else table.aliases,
        repo=repo or (repos[0] if repos else HOME),
        changelog=_changelog(table.changelog) or base.changelog,
        max_build=table.max_build or base.max_build,
        pins=base.pins if table.pins is None else table.pins,
        tags={
            stage: tuple(map(NamePattern, dict.fromkeys(texts)))
            for stage, texts in (attrs.asdict(table.tags, recurse=False) if table.tags else {}).items()
            if texts
        },
    )


def _file(entry: str | FileTable, place: KeyPlace, repos: list[str], mistakes: Mistakes) -> VersionFile:
    if isinstance(entry, FileTable):
        repo, path, format_, key = entry.repo, entry.path, entry.format, entry.key
        repo_place: KeyPlace = (*place, "repo")
    else:
        (repo, path), format_, key = split_place(entry), None, None
        repo_place = place
    if repo is not None:
        _check_repo(repo, repos, repo_place, mistakes)
    if mistakes.is_full:
        return VersionFile(path)
    try:
        if format_ is not None:
            chosen = format_named(format_)
        elif has_wildcard(path.rpartition("/")[2]):
            chosen = None  # Every match of the glob has the format of its name.
        else:
            chosen = format_for(path)
    except KrowVersionsError as error:
        wrong = place if format_ is None else (*place, "format")
        mistakes.add(wrong, error.message, error.hint)
        chosen = None
    if key is not None and chosen is not None:
        try:
            chosen.at(chosen, key)
        except KrowVersionsError as error:
            mistakes.add((*place, "key"), error.message, error.hint)
    return VersionFile(folder_of(path), None, repo, format_, key)


def _check_repo(name: str, known: Iterable[str], place: KeyPlace, mistakes: Mistakes) -> None:
    if name not in known and not mistakes.is_full:
        hint = did_you_mean(name, known, "the repositories")
        mistakes.add(place, f"there is no repository {quoted(name)} in [repos]", hint)


def _audit(table: AuditTable, products: list[str] | None, mistakes: Mistakes) -> Audit:
    """Make the settings of the audit; *products* is None if their names could not be read."""
    ignore = table.ignore or ()
    for index, entry in enumerate(ignore):
        name = entry.product
        if name is not None and products is not None and name not in products and not mistakes.is_full:
            hint = did_you_mean(name, products, "the products")
            mistakes.add(("audit", "ignore", index, "product"), f"there is no product {quoted(name)}", hint)
    return Audit(**_set_values(table) | {"ignore": tuple(Ignore(**_set_values(entry)) for entry in ignore)})


def _evidence(table: TagsTable) -> Tags:
    signed = table.signers is not None if table.signed is None else table.signed
    return Tags(signed, table.signers and folder_of(table.signers), table.taggers or ())


def _set_values(table: AuditTable | HotfixTable | IgnoreTable) -> dict[str, Any]:
    """Return the values that are set in *table*."""
    return attrs.asdict(table, recurse=False, filter=lambda _, value: value is not None)


def _changelog(text: str | None) -> str | None:
    if text is None:
        return None
    path, mark, heading = text.partition("#")
    return f"{folder_of(path)}{mark}{heading.strip()}"


def _tags(table: TagsTable, mistakes: Mistakes) -> Mapping[str, NamePattern]:
    texts: dict[str, str | None] = attrs.asdict(table)
    tags = {
        stage: NamePattern(text) if (text := texts[stage]) else TAG_PATTERNS[stage] for stage in TAG_PATTERNS
    }
    for stage, pattern in tags.items():
        for other, its_pattern in tags.items():
            is_cause = texts[stage] is not None and (texts[other] is None or other < stage)
            if other != stage and its_pattern == pattern and is_cause:
                hint = "give each stage a pattern of its own"
                mistakes.add(("tags", stage), f"tags of {other} have the same pattern", hint)
    return tags


# --- what may be there only once ------------------------------------------------------------


def _check_unique(catalog: Catalog, repos: Mapping[str, str], mistakes: Mistakes) -> None:
    """Add a mistake for everything that must be unique and is not."""
    if mistakes.is_full:
        return
    _check_repos(repos, mistakes)
    _check_slugs(catalog, mistakes)
    _check_names(catalog, mistakes)
    _check_files(catalog, repos, mistakes)
    if not len(mistakes):
        _check_tags(catalog, mistakes)


def _check_repos(repos: Mapping[str, str], mistakes: Mistakes) -> None:
    first: dict[str, str] = {}
    for name, path in repos.items():
        if first.setdefault(path, name) != name:
            hint = "leave one of them out"
            mistakes.add(("repos", name), f"the repository {first[path]} is in the same folder", hint)


def _check_slugs(catalog: Catalog, mistakes: Mistakes) -> None:
    first: dict[str, Product] = {}
    for product in catalog.products:
        other = first.setdefault(product.slug.casefold(), product)
        if other is not product:
            mistakes.add(
                ("products", product.name, "slug"),
                f"the product {other.name} has the slug {other.slug}, "
                + ("too" if other.slug == product.slug else "which is the same where case does not count"),
                "give each product a slug of its own",
            )


def _check_names(catalog: Catalog, mistakes: Mistakes) -> None:
    """Names, aliases and titles are unique among products, and names and aliases within one."""
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


def _check_files(catalog: Catalog, repos: Mapping[str, str], mistakes: Mistakes) -> None:
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


def _check_tags(catalog: Catalog, mistakes: Mistakes) -> None:
    """A tag can be of one product and stage only, in every repository."""
    version = Version(1, 2, 3, build=4)
    beside: dict[str, list[Product]] = {}
    for product in catalog.products:
        for repo in _repos_of(product):
            beside.setdefault(repo, []).append(product)
    readers = {repo: catalog.tag_reader(*products) for repo, products in beside.items()}
    for product in catalog.products:
        for stage, patterns in catalog.patterns(product).items():
            place = ("products", product.name, "tags", stage) if stage in product.tags else ("tags", stage)
            for pattern in patterns:
                name = pattern.format(product.slug, version)
                for repo in _repos_of(product):
                    found = readers[repo].owners(name)
                    if len({each[:2] for each in found}) > 1:
                        owners = " or of ".join(f"{slug} in {other}" for slug, other, _ in found)
                        hint = "choose patterns that cannot match the same tag, such as those with {slug}"
                        mistakes.add(place, f"the tag {name} could be of {owners}", hint)
                        return


def _repos_of(product: Product) -> list[str]:
    """Return the repositories in which tags of a product are read, each once."""
    return [*dict.fromkeys([product.repo, *(file.repo or product.repo for file in product.files)])]
