"""Reading the records of all hotfixes of a product, for an audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import KrowVersionsError
from krow_versions.hotfix.incidents import incident_state
from krow_versions.releases import is_production
from krow_versions.snapshot import IncidentState
from krow_versions.version import Version
from krow_versions.workspace.hotfix.records import Records
from krow_versions.workspace.hotfix.storage import TextStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.git import Repository
    from krow_versions.products import Catalog
    from krow_versions.snapshot import ProductState


def incidents_of(catalog: Catalog, repository: Repository, state: ProductState) -> Iterator[IncidentState]:
    """Give the incidents of a product; a record that cannot be read is one with its error.

    Raises:
        UnsafePath: the folder of records leads out of git's own.
        FileSystemError: it cannot be listed.
    """
    product = state.product
    records = Records(TextStore.of(repository), product.name, product.slug)
    dates = {tag.version.core: tag.date for tag in state.tags if tag.version and is_production(tag)}
    longer = [f"{each.slug}-v" for each in catalog.products if each.slug.startswith(f"{product.slug}-v")]
    for text in sorted(records.versions()):
        if f"{product.slug}-v{text}".startswith(tuple(longer)):
            continue  # Of another product.
        try:
            version = Version.parse(text)
            record = records.read(version)
        except KrowVersionsError as error:
            yield IncidentState(text, records.store.path(f"{product.slug}-v{text}.toml"), error)
            continue
        yield incident_state(record, records.path(version), dates.get(version.core))
