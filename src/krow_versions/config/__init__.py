"""The configuration of a workspace: ``krow-versions.toml``, or a section of ``pyproject.toml``.

It is read from text; finding and reading the file is the workspace's task.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.lazy import attributes

if TYPE_CHECKING:
    from krow_versions.config.candidates import SPECIAL, FoundFile, look
    from krow_versions.config.elsewhere import look_around
    from krow_versions.config.loading import load
    from krow_versions.config.model import schema
    from krow_versions.config.proposal import Main, Proposal, propose
    from krow_versions.config.writing import render

__all__ = [
    "FILE_NAME",
    "SECTION",
    "SPECIAL",
    "FoundFile",
    "Main",
    "Proposal",
    "load",
    "look",
    "look_around",
    "propose",
    "render",
    "schema",
]

FILE_NAME = "krow-versions.toml"
SECTION = ("tool", "krow-versions")

# Loaded on demand, because most runs have no configuration.
if not TYPE_CHECKING:  # A checker sees the imports above, so that a name which is not there is an error.
    __getattr__ = attributes(
        __name__,
        {
            "candidates": "FoundFile SPECIAL look",
            "elsewhere": "look_around",
            "loading": "load",
            "model": "schema",
            "proposal": "Main Proposal propose",
            "writing": "render",
        },
    )
