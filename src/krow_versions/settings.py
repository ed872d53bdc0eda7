"""What a configuration means: the values that the other rooms work with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions.products import HOME, KROW, Catalog

if TYPE_CHECKING:
    import datetime as dt
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
        max_lines: how many changed lines it may have before it counts as big.
        also: paths and globs that it may change beside the folders of its product.
        texts: templates that replace built-in texts of the process, by name.
    """

    main: str = "main"
    remote: str = "origin"
    label: str = "URGENT"
    contacts: Mapping[str, str] = attrs.field(factory=dict)
    channel: str | None = None
    max_lines: int = 200
    also: tuple[str, ...] = ()
    texts: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class Ignore:
    """A finding that is known and need not be shown until a day.

    Attributes:
        code: the id of the finding, such as ``KV205``.
        reason: why it may be ignored.
        until: the last day on which it is.
        product: only of this product, or None for all.
        about: only what is about this tag, branch, version or file; None for all.
    """

    code: str
    reason: str
    until: dt.date
    product: str | None = None
    about: str | None = None


@attrs.frozen
class Audit:
    """What an audit needs to know.

    Attributes:
        severity: how grave a finding counts, by its id, where not as usual.
        ignore: findings that are known.
        stale_days: after how many days without a commit a hotfix branch is stale.
    """

    severity: Mapping[str, str] = attrs.field(factory=dict)
    ignore: tuple[Ignore, ...] = ()
    stale_days: int = 14


@attrs.frozen
class Config:
    """A whole configuration; ``Config()`` is what a checkout without a file has.

    Attributes:
        catalog: products in the order of the file, patterns of tags and branches.
        repos: repository names and their paths, relative to the configuration's folder.
        hotfix: the settings of the hotfix process.
        deploys: by product name the command that deploys it, placeholders in it, where there is one.
        audit: the settings of the audit.
    """

    catalog: Catalog = KROW
    repos: Mapping[str, str] = attrs.field(factory=lambda: {HOME: HOME})
    hotfix: Hotfix = Hotfix()
    deploys: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    audit: Audit = Audit()
