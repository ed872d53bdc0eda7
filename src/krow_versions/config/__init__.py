"""The configuration of a workspace: ``krow-versions.toml``, or a section of ``pyproject.toml``.

Pure: text in, value out. Finding the file and reading it is the workspace's part.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from krow_versions.config.candidates import FoundFile, look
    from krow_versions.config.loading import load
    from krow_versions.config.model import schema
    from krow_versions.config.proposal import propose
    from krow_versions.config.writing import render

__all__ = [
    "FILE_NAME",
    "SECTION",
    "FoundFile",
    "load",
    "look",
    "propose",
    "render",
    "schema",
]

FILE_NAME = "krow-versions.toml"
SECTION = ("tool", "krow-versions")

# Most runs have no configuration: what reads one is loaded when it is first asked for.
_LATER = {
    "FoundFile": "candidates",
    "load": "loading",
    "look": "candidates",
    "propose": "proposal",
    "render": "writing",
    "schema": "model",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"krow_versions.config.{_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
