"""What Hypothesis calls when it is imported, so that ``st.from_type(krow_versions.Version)`` works at once.

It is an entry point of the group ``hypothesis``: it runs in each test run of all who have both installed.
So it loads nothing. A class is registered when it is first asked for; its strategy is loaded when Hypothesis
first draws it.
"""

from __future__ import annotations

import sys
from typing import Any

NAMES = (
    "Catalog",
    "ChangelogRow",
    "Edit",
    "Finding",
    "HotfixBranch",
    "Product",
    "Release",
    "ReleaseTag",
    "Shipped",
    "Span",
    "Version",
    "VersionFile",
)
"""The values that ``st.from_type`` draws; each is public."""


def register() -> None:
    """Register the values that are loaded already, and each of the others as soon as it is."""
    package: Any = sys.modules[__name__.rpartition(".")[0]]
    loading = package.__getattr__

    def load(name: str) -> object:
        found: object = loading(name)
        if name in NAMES:
            _register(name, found)
        return found

    package.__getattr__ = load
    for name in NAMES:
        if name in vars(package):
            _register(name, vars(package)[name])


def _register(name: str, found: Any) -> None:
    from hypothesis import strategies  # Only here: it may be what is being imported.

    def draw(_: object) -> Any:
        from krow_versions.testing.values import STRATEGIES

        return STRATEGIES[name]()

    strategies.register_type_strategy(found, draw)
