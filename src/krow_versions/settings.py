"""A configuration as values, which the other rooms work with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.products import HOME, KROW, Catalog
from krow_versions.values import evolve, field, frozen

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping


AUTO, PUSH, PULL_REQUEST = "auto", "push", "pull-request"
MERGES = {
    AUTO: "by a push where the server takes it, otherwise by the pull request",
    PUSH: "by a push",
    PULL_REQUEST: "by the pull request, which people merge on the server",
}
"""The ways in which a hotfix is brought to main, by the name that the configuration gives them."""


@frozen
class Hotfix:
    """The settings of the hotfix process; the pattern of its branches is in the catalog.

    Attributes:
        main: the branch that hotfixes are merged into; None for the default branch of the remote, or else
            of the repository.
        lines: names and globs of the branches, besides main, that ship later and must get every fix.
        merge: the way in which a hotfix is brought to main, one of :data:`MERGES`.
        remote: the remote to push to.
        share: whether the record of a hotfix is kept on the remote, too.
        label: the label of the pull request.
        contacts: by role or name, how to reach them, in the order of the file.
        channel: where hotfixes are announced, or None.
        notify: the program that sends an announcement, which it gets on stdin, and its arguments; or None.
        max_lines: number of changed lines above which a hotfix is big.
        also: paths and globs that a hotfix may change besides the folders of its product.
        texts: templates that replace built-in texts of the process, by name.
    """

    main: str | None = None
    lines: tuple[str, ...] = ()
    merge: str = AUTO
    remote: str = "origin"
    share: bool = False
    label: str = "URGENT"
    contacts: Mapping[str, str] = field(factory=dict)
    channel: str | None = None
    notify: tuple[str, ...] | None = None
    max_lines: int = 200
    also: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(factory=dict)

    def of(self, remotes: Collection[str]) -> Hotfix:
        """Take the only remote that there is for ``origin``, unless another one is configured.

        Args:
            remotes: the names of those that there are.
        """
        if self.remote != Hotfix().remote or self.remote in remotes or len(remotes) != 1:
            return self
        return evolve(self, remote=next(iter(remotes)))


@frozen
class Ignore:
    """A known finding that is not reported until a day.

    Attributes:
        code: the id of the finding, such as ``KV205``.
        reason: why it is ignored.
        until: the last day on which it is ignored.
        product: only for this product, or None for all.
        about: only for this tag, branch, version or file, or None for all.
    """

    code: str
    reason: str
    until: dt.date
    product: str | None = None
    about: str | None = None


@frozen
class Audit:
    """The settings of the audit.

    Attributes:
        severity: severities that replace the default ones, by the id of the finding.
        ignore: known findings.
        stale_days: number of days without a commit after which a hotfix branch is stale.
        since: the day of adoption: what is older is not accused; None for everything.
    """

    severity: Mapping[str, str] = field(factory=dict)
    ignore: tuple[Ignore, ...] = ()
    stale_days: int = 14
    since: dt.date | None = None


@frozen
class Tags:
    """Who makes production tags, and who may sign them; the patterns of tags are in the catalog.

    Attributes:
        signed: whether they must be signed by a known signer.
        signers: the file of the known signers, relative to the configuration's folder; or None.
        taggers: who makes them, each as a mail address or as ``Name <mail>``; empty for anybody.
    """

    signed: bool = False
    signers: str | None = None
    taggers: tuple[str, ...] = ()


@frozen
class Config:
    """A whole configuration; ``Config()`` is the default.

    Attributes:
        catalog: products in the order of the file, patterns of tags and branches.
        repos: paths of the repositories by name, relative to the configuration's folder.
        hotfix: the settings of the hotfix process.
        deploys: by product name, the command that deploys it, with placeholders.
        audit: the settings of the audit.
        tags: who makes production tags.
    """

    catalog: Catalog = KROW
    repos: Mapping[str, str] = field(factory=lambda: {HOME: HOME})
    hotfix: Hotfix = Hotfix()
    deploys: Mapping[str, tuple[str, ...]] = field(factory=dict)
    audit: Audit = Audit()
    tags: Tags = Tags()
