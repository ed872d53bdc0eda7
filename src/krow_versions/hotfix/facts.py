"""What git and the files say of one hotfix at one moment: plain data, that the rest is computed from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.commits import Change, Commit
    from krow_versions.snapshot import PastFile, ProductState, TagState
    from krow_versions.version import Version


@attrs.frozen
class Facts:
    """All that git and the files say of one hotfix.

    Attributes:
        state: the product, as it stands in the working tree.
        version: what the hotfix ships, x.y.z.
        branch: the name that its branch must have.
        tip: the commit of that branch here, or None when there is none.
        checked_out: whether HEAD is on it.
        base: the production tag one PATCH below, or None when there is none.
        based: whether the branch contains the base, and nothing of main beyond it.
        commits: of the branch since the base, newest first.
        changes: between the base and the tip, by path.
        at_tip: the version files as committed at the tip.
        changelog_at_tip: the text of the CHANGELOG committed at the tip, or None.
        dirty: tracked paths that differ from HEAD, when the branch is checked out.
        unknown: tracked paths of which only their filter, which did not run, could tell that.
        untracked: paths that git neither tracks nor ignores, when the branch is checked out.
        main: the commit of the main branch as best known, or None.
        behind: how many commits of main the branch lacks.
        merged: whether main contains the tip, and the tip is beyond the base.
        tag: the production tag of the version here, or None.
        tag_at: the commit that it names.
        tag_annotated: whether it is an annotated tag.
        remote: the remote's name, or None when there is none.
        branch_pushed: whether the remote has the branch at the tip; None: not known.
        main_pushed: whether the remote's main contains the tip; None: not known.
        tag_pushed: whether the remote has the tag; None: not known.
        tagged: when the tag was made, or None.
        unasked: why the remote could not be asked, with what to do; None when it was, or was not to be.
    """

    state: ProductState
    version: Version
    branch: str
    tip: str | None = None
    checked_out: bool = False
    base: TagState | None = None
    based: bool = False
    commits: tuple[Commit, ...] = ()
    changes: tuple[Change, ...] = ()
    at_tip: tuple[PastFile, ...] = ()
    changelog_at_tip: str | None = attrs.field(default=None, repr=False)
    dirty: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()
    main: str | None = None
    behind: int = 0
    merged: bool = False
    tag: TagState | None = None
    tag_at: str | None = None
    tag_annotated: bool = False
    remote: str | None = None
    branch_pushed: bool | None = None
    main_pushed: bool | None = None
    tag_pushed: bool | None = None
    tagged: dt.datetime | None = None
    unasked: str | None = None

    @property
    def product(self) -> str:
        """The product's name, as commands take it."""
        return self.state.product.name

    @property
    def finished(self) -> bool:
        """Whether the tag is there and names the tip, as far as there still is a branch."""
        return self.tag is not None and (self.tip is None or self.tag_at == self.tip)
