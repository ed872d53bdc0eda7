"""The configuration of a workspace: ``krow-versions.toml``, or a section of ``pyproject.toml``.

Pure: text in, value out. Finding the file and reading it is the workspace's part.
"""

from __future__ import annotations

from krow_versions.config.found import FoundFile, look
from krow_versions.config.json_schema import schema
from krow_versions.config.loading import load
from krow_versions.config.mistakes import ConfigError, ConfigErrors
from krow_versions.config.proposal import propose
from krow_versions.config.value import Config, Hotfix
from krow_versions.config.writing import render

__all__ = [
    "FILE_NAME",
    "SECTION",
    "Config",
    "ConfigError",
    "ConfigErrors",
    "FoundFile",
    "Hotfix",
    "load",
    "look",
    "propose",
    "render",
    "schema",
]

FILE_NAME = "krow-versions.toml"
SECTION = ("tool", "krow-versions")
