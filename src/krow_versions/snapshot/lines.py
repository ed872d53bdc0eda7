"""Lines of commits that ship later than a fix, and lack it."""

from __future__ import annotations

import attrs


@attrs.frozen
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


@attrs.frozen
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
