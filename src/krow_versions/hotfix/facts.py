"""The facts of one hotfix at one moment, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import KrowVersionsError
from krow_versions.names import TAGS
from krow_versions.planning.commands import Calls
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.commits import Change, Commit
    from krow_versions.products import Catalog
    from krow_versions.pull_requests import PullRequest
    from krow_versions.snapshot import PastFile, ProductState, TagState
    from krow_versions.version import Version


@frozen
class Facts:
    """What git and the files say of one hotfix.

    Attributes:
        state: the product in the working tree.
        version: the version that the hotfix ships, x.y.z.
        branch: the name that its branch must have.
        tip: the commit of the branch, or None if there is no branch; merges of main into it on top, as the
            button "Update branch" makes them, are not shipped, and left out.
        updated_to: the commit of the branch with those, or None if there are none.
        found_as: what counted as the branch where there is no local one: the full name of the tag, once
            there is one, or of the remote-tracking branch, or ``HEAD``, if it is detached and the version was
            named; else None.
        checked_out: whether HEAD is on the branch.
        base: the production tag one PATCH below, or None if there is none.
        based: whether the branch contains the base, and no commits of main after it.
        commits: the commits of the branch since the base, newest first.
        left: the last commit of an abandoned hotfix of the same version, if the branch has its commits; else
            empty.
        origins: commits that fixes were picked from, if their own message lacks a part and they are here.
        changes: the changed paths between the base and the tip, or the tag.
        at_tip: the version files as committed at the tip.
        pins_at_tip: the places where other packages require its version, as committed at the tip.
        at_base: those of them that differ, as committed at the base; only read if nothing else differs
            but locks and the CHANGELOG.
        changelog_at_tip: the text of the CHANGELOG committed at the tip, or None.
        dirty: tracked paths that differ from HEAD, if the working tree is that of the branch.
        unknown: tracked paths that could not be compared with HEAD, because their filter did not run.
        untracked: paths that git neither tracks nor ignores, if the working tree is that of the branch.
        main_name: the short name of the main branch.
        main: the commit of main that the hotfix is compared with, or None: that of the remote, as last
            fetched; or that of this clone, if there is no remote, or if it has a merge of the hotfix.
        behind: how many commits of main the branch lacks.
        merged: whether main contains the hotfix, by its commits or by its contents, and has not undone it.
        landed: the first commit on main's own line with the content of the branch, or None.
        undone: whether main had the hotfix, and has undone it since.
        undone_by: the commit that undid it, if it is known.
        by_merge: whether that is a merge.
        main_here: the commit of main in this clone, or None.
        main_there: the commit of main on the remote as last fetched, or None.
        main_moved: whether the remote's main, when asked, was at another commit than *main_there*.
        requested: the commit of the branch on the remote that holds a merge for a pull request, or None.
        requested_whole: whether that contains the tip.
        main_in: the commits among the tip and *main_there* that contain *main_here*.
        main_lacks: how many commits of *main_there* main here lacks, if it contains the hotfix; else 0.
        main_elsewhere: another working tree in which main is checked out, or None.
        newer: the highest production tag, if its version is above this one: then this is an older line.
        tag: the local production tag of the version, or None.
        tag_at: the commit that it names.
        tag_object: the id of the object that it is: of an annotated tag, not its commit.
        tag_there: the name of the tag of the version that the remote has, if it is not here; else None.
        tag_there_at: the commit that it names.
        tag_annotated: whether the tag is an annotated one, here or else on the remote.
        tag_message: its message, if it is an annotated tag of this hotfix.
        tag_landed: whether it names, instead of the tip, a commit on main with the same content.
        remote: the remote's name, or None if there is none.
        remote_head: the short name of the branch that the remote's HEAD names; None if not known.
        remote_main: whether the remote has the main branch; None if not known.
        branch_there: the commit of the branch on the remote; None if it has none, or if not known.
        branch_was_there: whether the remote has had the branch, as far as this clone has seen.
        ahead: how many commits of the branch *branch_there* lacks.
        lacking: how many commits of *branch_there* the branch lacks; None if they are not here.
        branch_pushed: whether the remote has the branch at the tip, or with merges of main into it alone on
            top, as the button "Update branch" makes them; None if not known.
        main_pushed: whether the remote's main contains the tip; None if not known.
        tag_pushed: whether the remote has the tag; None if not known.
        tagged: when the tag was made, or None.
        unasked: why the remote did not answer, with a hint; None if it did, or was not asked.
        github: the repository of the remote on GitHub, ``HOST/OWNER/NAME``, if ``gh`` was asked there.
        pull_request: that of the branch, as GitHub showed it; None if there is none, or it was not seen.
        unseen: why GitHub was not asked or gave no answer, on one line; None if it did, or nobody asked.
        calls: how people call krow-versions and git for it.
    """

    state: ProductState
    version: Version
    branch: str
    tip: str | None = None
    updated_to: str | None = None
    found_as: str | None = None
    checked_out: bool = False
    base: TagState | None = None
    based: bool = False
    commits: tuple[Commit, ...] = ()
    left: str = ""
    origins: tuple[Commit, ...] = ()
    changes: tuple[Change, ...] = ()
    at_tip: tuple[PastFile, ...] = ()
    pins_at_tip: tuple[PastFile, ...] = ()
    at_base: tuple[PastFile, ...] = ()
    changelog_at_tip: str | None = field(default=None, repr=False)
    dirty: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()
    main_name: str = "main"
    main: str | None = None
    behind: int = 0
    merged: bool = False
    landed: str | None = None
    undone: bool = False
    undone_by: str | None = None
    by_merge: bool = False
    main_here: str | None = None
    main_there: str | None = None
    main_moved: bool = False
    requested: str | None = None
    requested_whole: bool = False
    main_in: tuple[str, ...] = ()
    main_lacks: int = 0
    main_elsewhere: str | None = None
    newer: TagState | None = None
    tag: TagState | None = None
    tag_at: str | None = None
    tag_object: str | None = None
    tag_there: str | None = None
    tag_there_at: str | None = None
    tag_annotated: bool = False
    tag_message: str = field(default="", repr=False)
    tag_landed: bool = False
    remote: str | None = None
    remote_head: str | None = None
    remote_main: bool | None = None
    branch_there: str | None = None
    branch_was_there: bool = False
    ahead: int = 0
    lacking: int | None = 0
    branch_pushed: bool | None = None
    main_pushed: bool | None = None
    tag_pushed: bool | None = None
    tagged: dt.datetime | None = None
    unasked: str | None = None
    github: str | None = None
    pull_request: PullRequest | None = None
    unseen: str | None = None
    calls: Calls = field(repr=False)

    @calls.default
    def _calls(self) -> Calls:
        return Calls(self.product)

    def tag_name(self, catalog: Catalog) -> str:
        """Return the name of its production tag: that of the one that exists, or of the one to be made.

        A name that needs a build has that of the files at the tip; ``*`` stands for it while they have none.
        """
        if self.tag is not None or self.tag_there is not None:
            return self.tag.name if self.tag else str(self.tag_there)
        builds = [build for file in self.at_tip if (build := _build_of(file)) is not None]
        return catalog.tag(self.state.product, self.version.with_build(max(builds, default=None)))

    @property
    def git(self) -> str:
        """How people call git in its repository, such as ``git -C web``."""
        return self.calls.git

    @property
    def product(self) -> str:
        """The product's name, as commands take it."""
        return self.state.product.name

    @property
    def is_by_tag(self) -> bool:
        """Whether there is no branch here, and the tag counted as it."""
        return self.found_as is not None and self.found_as.startswith(TAGS)

    @property
    def tip_here(self) -> str | None:
        """The commit of the local branch, or None if there is none."""
        return (self.updated_to or self.tip) if self.found_as is None else None

    @property
    def is_here(self) -> bool:
        """Whether the working tree is that of the branch: HEAD is on it, or detached at its tip."""
        head = self.state.repo
        at = (self.updated_to, self.tip)
        return self.checked_out or (head.branch is None and head.head is not None and head.head in at)

    @property
    def finished(self) -> bool:
        """Whether there is a tag, and it names the tip or the same content if the branch still exists."""
        return self.tag is not None and (self.tip is None or self.tag_at == self.tip or self.tag_landed)

    @property
    def finished_there(self) -> bool:
        """Whether the remote has a tag that is not here, and it names the tip, if there is one here."""
        return self.tag_there is not None and self.tip in (None, self.tag_there_at)

    @property
    def is_known(self) -> bool:
        """Whether there is a branch or a tag of it."""
        return bool(self.tip or self.tag or self.tag_there)


def _build_of(file: PastFile) -> int | None:
    try:
        return file.highest_build()
    except KrowVersionsError:
        return None
