"""``pyproject.toml``, of Python."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from krow_versions.errors import VersionNotFound
from krow_versions.formats.model import Format, Packaging, only_versions, value_at
from krow_versions.formats.packages import globs_of
from krow_versions.formats.toml import quick_reader, read_toml
from krow_versions.formats.toml_pins import at_pin, pins_of, pyproject_pins
from krow_versions.formats.uv_lock import UV_LOCK, normalised_name

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def _name(data: Any) -> str | None:
    names = (value_at(data, (*table, "name")) for table in (("project",), ("tool", "poetry")))
    return next((normalised_name(name) for name in names if isinstance(name, str)), None)


def _members(text: str) -> Iterator[str]:
    """Yield the folders of the members of a workspace of uv."""
    yield from globs_of(value_at(read_toml(text).data, ("tool", "uv", "workspace")))


_LOOKS: tuple[KeyPath, ...] = (
    *(("project", "version"), ("project", "name"), ("project", "dynamic")),
    *(("tool", "poetry", "version"), ("tool", "poetry", "name")),
)
PYPROJECT = Format(
    "pyproject",
    read_toml,
    _keys,
    ("pyproject.toml",),
    at=functools.partial(at_pin, find=pyproject_pins),
    companions=(UV_LOCK.name,),
    packaging=Packaging(_name, functools.partial(pins_of, pyproject_pins), (("pyproject.toml", _members),)),
    kind=only_versions,
    delimited=True,
    quick=quick_reader(_keys, *_LOOKS),
)
