"""Which tags are releases to production, and which of them HEAD contains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from krow_versions.text.escaping import shell_word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from krow_versions.snapshot import TagState
    from krow_versions.version import Version


class Staged(Protocol):
    """Anything with a stage and a version: a tag of a snapshot, a release of a history."""

    @property
    def stage(self) -> str | None: ...

    @property
    def version(self) -> Version | None: ...


_S = TypeVar("_S", bound=Staged)
_NONE = (-1, -1, -1)  # Below every version.


def is_named_production(tag: Staged) -> bool:
    """Whether its name is that of a production tag; its version may be a pre-release by mistake."""
    return tag.stage == "production"


def is_production(tag: Staged) -> bool:
    """Whether it is a release to production, which a pre-release never is."""
    return is_named_production(tag) and tag.version is not None and tag.version.prerelease is None


def production(tags: Iterable[_S]) -> list[_S]:
    """List the releases to production, in the given order."""
    return [tag for tag in tags if is_production(tag)]


def is_contained(tag: TagState) -> bool:
    """Whether HEAD contains the release, under whatever commits, and has not undone it."""
    return tag.contained


def contained(tags: Iterable[TagState]) -> list[TagState]:
    """List the tags whose releases HEAD contains."""
    return [tag for tag in tags if is_contained(tag)]


def highest(tags: Iterable[_S]) -> _S | None:
    """Return the highest release to production by semver's order, or None."""
    return max(production(tags), key=core_of, default=None)


def of_version(tags: Iterable[_S], core: tuple[int, int, int]) -> _S | None:
    """Return the first release to production of the version with the numbers *core*, or None."""
    return next((tag for tag in production(tags) if core_of(tag) == core), None)


def below(tags: Iterable[_S], tag: Staged) -> _S | None:
    """Return the release to production one PATCH below *tag*, which a hotfix starts from, or None."""
    major, minor, patch = core_of(tag)
    return of_version(tags, (major, minor, patch - 1)) if patch > 0 else None


def core_of(tag: Staged) -> tuple[int, int, int]:
    """Return the numbers of its version; without a version, numbers below every version."""
    return tag.version.core if tag.version else _NONE


def is_behind(version: Version, production: Version) -> bool:
    """Whether *version* of a file is below production; builds are compared only if the file has one."""
    return version < (production.with_build(None) if version.build is None else production)


def bringing_back(git: str, undone_by: str | None, tag: str, *, by_merge: bool, branch: str = "") -> str:
    """Say how a line gets back what it had and has undone: a merge of the tag would do nothing.

    Args:
        git: the command, such as ``git``.
        undone_by: the commit that undid it, if it is known.
        tag: the tag of the release.
        by_merge: whether that commit is a merge.
        branch: that is to be checked out first.
    """
    switch = f"{git} switch {shell_word(branch)}, then " if branch else ""
    if undone_by is None:
        return f"see what undid it: {git} log -p {shell_word(f'{tag}..{branch}')}, and revert that"
    mainline = "-m 1 " if by_merge else ""
    return (
        f"see why: {git} show {undone_by[:12]}; to bring it back: {switch}{git} revert {mainline}{undone_by}"
    )
