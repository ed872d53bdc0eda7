"""Lines of commits: those that ship later than a fix and lack it, and those that ship next."""

from __future__ import annotations

from krow_versions.values import frozen


@frozen
class Lacked:
    """A fix that a line lacks.

    Attributes:
        tag: the name of its production tag.
        undone: whether the line had it, and has undone it.
        undone_by: the commit that undid it, if it is known.
        by_merge: whether that is a merge.
    """

    tag: str
    undone: bool = False
    undone_by: str | None = None
    by_merge: bool = False


@frozen
class LineState:
    """What ships later than some fixes of a product, and those of them that it lacks.

    Attributes:
        kind: ``main``, ``branch`` (one of ``[hotfix] lines``) or ``tag`` (a production tag).
        name: of the branch, with its remote if it is only there, or of the tag.
        refs: its full names, here and as last fetched; ``beside`` has the files of a branch at them.
        contains: the highest production tag of the product whose commit it contains, or None.
        lacks: those fixes.
    """

    kind: str
    name: str
    refs: tuple[str, ...] = ()
    contains: str | None = None
    lacks: tuple[Lacked, ...] = ()


@frozen
class OpenLine:
    """A line that a product may ship from next.

    Attributes:
        kind: ``main``, ``branch`` (one of ``[hotfix] lines``), ``hotfix`` (an open hotfix branch), or
            ``checkout`` (what is checked out, if it is none of these and none of them contains it).
        name: of the branch, with its remote if it is only there.
        branch: the name of the branch without its remote; empty if HEAD is detached.
        refs: the full names of its newest commits, here and as last fetched; ``beside`` has the files there.
        is_here: whether its newest state is that of the files on disk.
        is_behind: whether the branch here lacks commits of the one on the remote.
    """

    kind: str
    name: str
    branch: str
    refs: tuple[str, ...] = ()
    is_here: bool = False
    is_behind: bool = False
