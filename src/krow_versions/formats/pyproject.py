"""``pyproject.toml``, of Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.errors import VersionNotFound
from krow_versions.formats.model import Format, only_versions, value_at
from krow_versions.formats.toml import read_toml

if TYPE_CHECKING:
    from krow_versions.formats.model import KeyPath


def _keys(data: Any) -> tuple[KeyPath, ...]:
    """Return those of ``project.version`` and ``tool.poetry.version`` that exist (PEP 621, Poetry)."""
    dynamic = value_at(data, ("project", "dynamic"))
    if isinstance(dynamic, list) and "version" in dynamic:
        raise VersionNotFound(
            "the version is dynamic: it is computed when the package is built",
            key="project.dynamic",
            hint="name the file that holds it as a version file of the product, or write project.version",
        )
    keys = (("project", "version"), ("tool", "poetry", "version"))
    return tuple(key for key in keys if value_at(data, key) is not None) or keys[:1]


PYPROJECT = Format("pyproject", read_toml, _keys, ("pyproject.toml",), kind=only_versions, delimited=True)
