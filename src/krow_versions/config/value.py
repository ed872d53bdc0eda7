"""What a configuration means: the values that the other rooms work with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions.catalog import HOME, KROW, Catalog

if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.frozen
class Hotfix:
    """What the hotfix process needs to know; the pattern of its branches is in the catalog.

    Attributes:
        main: the branch that hotfixes are merged to.
        remote: the remote that is pushed to.
        label: the label of the pull request.
        contacts: role or name, and how to reach them, in the order of the file.
        channel: where a hotfix is announced, or None.
    """

    main: str = "main"
    remote: str = "origin"
    label: str = "URGENT"
    contacts: Mapping[str, str] = attrs.field(factory=dict)
    channel: str | None = None


@attrs.frozen
class Config:
    """A whole configuration; ``Config()`` is what a checkout without a file has.

    Attributes:
        catalog: products in the order of the file, patterns of tags and branches.
        repos: repository names and their paths, relative to the configuration's folder.
        hotfix: the settings of the hotfix process.
        deploys: by product name the command that deploys it, placeholders in it, where there is one.
    """

    catalog: Catalog = KROW
    repos: Mapping[str, str] = attrs.field(factory=lambda: {HOME: HOME})
    hotfix: Hotfix = Hotfix()
    deploys: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
