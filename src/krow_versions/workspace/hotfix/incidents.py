"""Reading the records of all hotfixes, for an audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import KrowVersionsError
from krow_versions.hotfix.incidents import incident_state
from krow_versions.names import file_slug
from krow_versions.releases import is_production
from krow_versions.snapshot import IncidentState
from krow_versions.values import evolve
from krow_versions.version import Version
from krow_versions.workspace.hotfix.context import HotfixContext
from krow_versions.workspace.hotfix.records import Records
from krow_versions.workspace.hotfix.storage import TextStore

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from krow_versions.git import Repository
    from krow_versions.products import Product
    from krow_versions.snapshot import ProductState
    from krow_versions.workspace.git_state import GitReader
    from krow_versions.workspace.protocols import Opened


def with_incidents(
    workspace: Opened, reader: GitReader, states: Iterable[ProductState]
) -> tuple[ProductState, ...]:
    """Add to the state of each product what is recorded of its hotfixes, here and, if shared, as last seen.

    Raises:
        UnsafePath: the folder of records leads out of git's own.
        FileSystemError: it cannot be listed.
        GitError: git failed.
    """
    contexts: dict[str, HotfixContext] = {}

    def records_of(product: Product, repository: Repository) -> Records:
        if not workspace.config.hotfix.share:
            return Records(TextStore.of(repository), product.name, product.slug, workspace.clock)
        if product.repo not in contexts:
            contexts[product.repo] = HotfixContext.of(workspace, product.name)
        return Records.of(contexts[product.repo].of_product(product))

    found = []
    for state in states:
        repository = reader.look(state.product.repo)[1]
        records = records_of(state.product, repository) if repository else None
        incidents = tuple(_incidents(workspace, records, state)) if records else ()
        found.append(evolve(state, incidents=incidents))
    return tuple(found)


def _incidents(workspace: Opened, records: Records, state: ProductState) -> Iterator[IncidentState]:
    slug = state.product.slug
    dates = {tag.version.core: tag.date for tag in state.tags if tag.version and is_production(tag)}
    longer = [f"{each.slug}-v" for each in workspace.catalog.products if each.slug.startswith(f"{slug}-v")]
    for text in sorted({*records.versions()}):
        if f"{slug}-v{text}".startswith(tuple(longer)):
            continue  # Of another product.
        try:
            version = Version.parse(text)
            record = records.read(version)
        except KrowVersionsError as error:
            yield IncidentState(text, records.store.path(f"{file_slug(slug)}-v{text}.toml"), error)
            continue
        yield incident_state(record, records.path(version), dates.get(version.core))
