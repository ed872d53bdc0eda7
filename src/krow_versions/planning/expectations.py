"""What a plan expects to be unchanged when it is applied; ``repo`` and ``path`` are those of actions."""

from __future__ import annotations

from krow_versions.values import field, frozen


@frozen
class FileHolds:
    """A file that needs no change, with the text that it holds."""

    repo: str
    path: str
    text: str = field(repr=False)


@frozen
class HeadAt:
    """The branch and the commit of HEAD.

    Attributes:
        branch: full name of the branch, or None if HEAD is detached.
        commit: full id, or None on a branch without a commit.
    """

    repo: str
    branch: str | None
    commit: str | None


@frozen
class RefAt:
    """The commit of a branch or tag.

    Attributes:
        ref: its full name.
        commit: the full id of the commit, or None if the ref must not exist.
        tag: the full id of the tag object, if the ref must be that annotated tag.
    """

    repo: str
    ref: str
    commit: str | None
    tag: str | None = None


@frozen
class ProductionAt:
    """The highest production tag of a product, among those known here.

    Attributes:
        product: the product's name.
        tag: the tag's name, without ``refs/tags/``.
    """

    repo: str
    product: str
    tag: str


@frozen
class TagsAt:
    """All tags of a product here.

    Attributes:
        product: the product's name.
        tags: their names, without ``refs/tags/``, each with the full id of its commit; that is empty where
            it cannot be read.
    """

    repo: str
    product: str
    tags: tuple[tuple[str, str], ...] = field(repr=False)


Expectation = FileHolds | HeadAt | RefAt | ProductionAt | TagsAt
