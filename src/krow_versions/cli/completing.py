"""What a shell is offered for the values of options: files are read, and no program is started.

Names of refs are read in git's own files. That is quicker than git, and runs nothing that a checkout of a
stranger names; refs in a reftable are not offered. A shell inserts what is offered unquoted, so only plain
words are: names may come from a clone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from krow_versions import files
from krow_versions.cli.console import Settings
from krow_versions.errors import KrowVersionsError
from krow_versions.git.ref_names import ref_names
from krow_versions.products import HOME, KROW
from krow_versions.regexes import regex
from krow_versions.text.escaping import printable
from krow_versions.values import frozen
from krow_versions.workspace import discovery

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import click

    from krow_versions.products import Catalog, Product
    from krow_versions.version import Version

_MOST = 50  # Versions that are offered, the highest.


def paths(_: click.Context, incomplete: str) -> list[CompletionItem]:
    """Let the shell complete a file."""
    return [CompletionItem(incomplete, type="file")]


def folders(_: click.Context, incomplete: str) -> list[CompletionItem]:
    """Let the shell complete a folder."""
    return [CompletionItem(incomplete, type="dir")]


def products(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """List the names and aliases of products; none if there is no readable configuration."""
    found = _known(ctx)
    known = found.catalog.products if found else ()
    return _plain((name for product in known for name in (product.name, *product.aliases)), incomplete)


def production_tags(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """List the production tags of the product that was typed, or of all, the highest version first."""
    return _plain((name for name, _ in _tags(ctx)), incomplete)


def production_versions(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """List the versions of those tags."""
    return _plain((str(version) for _, version in _tags(ctx)), incomplete)


def hotfix_versions(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """List the versions of the hotfix branches, here and on remotes, of the product that was typed."""
    found = _known(ctx)
    if found is None:
        return []
    wanted = {product.slug for product in _wanted(ctx, found.catalog)}
    names = [*_refs(found, "refs/heads/")]
    names += [name.partition("/")[2] for name in _refs(found, "refs/remotes/")]
    read = filter(None, map(found.catalog.read_branch, names))
    versions = {version for slug, version in read if slug in wanted}
    return _plain(map(str, sorted(versions, reverse=True)), incomplete)


@frozen
class _Known:
    """The products, and the folder of each repository."""

    catalog: Catalog
    repos: Mapping[str, str]


def _known(ctx: click.Context) -> _Known | None:
    settings = ctx.find_object(Settings) or Settings()
    try:
        start, given = files.real_path(settings.workspace), settings.config
        found = discovery.above(start) if given is None else discovery.at(given)
        if found is not None:
            return _Known(found.config.catalog, found.repos)
        return _Known(KROW, {HOME: start})
    except KrowVersionsError:
        return None


def _wanted(ctx: click.Context, catalog: Catalog) -> tuple[Product, ...]:
    """Give the products that were typed, or all."""
    typed = ctx.params.get("name") or ctx.params.get("names")
    # Where the value of an option is missing yet, click has not sorted the words into arguments.
    words = [typed] if isinstance(typed, str) else [*(typed or ctx.args)]
    try:
        return catalog.named(words) if words else catalog.products
    except KrowVersionsError:
        return ()


def _tags(ctx: click.Context) -> list[tuple[str, Version]]:
    found = _known(ctx)
    if found is None:
        return []
    tags = []
    names = [*_refs(found, "refs/tags/")]
    for product in _wanted(ctx, found.catalog):
        for pattern in found.catalog.patterns(product)["production"]:
            tags += [(name, version) for name in names if (version := pattern.read(product.slug, name))]
    return sorted(tags, key=lambda each: each[1], reverse=True)[:_MOST]


def _refs(found: _Known, folder: str) -> Iterator[str]:
    for top in {files.top_of(path) for path in found.repos.values()} - {None}:
        try:
            yield from ref_names(top or "", folder)
        except KrowVersionsError:
            continue


def _plain(words: Iterable[str], incomplete: str) -> list[CompletionItem]:
    plain = (word for word in dict.fromkeys(words) if _WORD.fullmatch(word) and printable(word) == word)
    return [CompletionItem(word) for word in plain if word.startswith(incomplete) and word[0] != "-"]


_WORD = regex(r"[\w@%+,./-]+")
