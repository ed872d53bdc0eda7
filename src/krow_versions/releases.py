"""Which tags are releases to production, and which of them HEAD contains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

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
    """Whether it is called like a production tag; its version may be a pre-release by mistake."""
    return tag.stage == "production"


def is_production(tag: Staged) -> bool:
    """Whether it says that its version was released to production, which no pre-release is."""
    return is_named_production(tag) and tag.version is not None and tag.version.prerelease is None


def production(tags: Iterable[_S]) -> list[_S]:
    """List the releases to production, in the order given."""
    return [tag for tag in tags if is_production(tag)]


def is_contained(tag: TagState) -> bool:
    """Whether HEAD contains what the tag released."""
    return tag.reachable


def contained(tags: Iterable[TagState]) -> list[TagState]:
    """List the tags whose release HEAD contains."""
    return [tag for tag in tags if is_contained(tag)]


def highest(tags: Iterable[_S]) -> _S | None:
    """Give the highest release to production by semver's order, or None."""
    return max(production(tags), key=core_of, default=None)


def of_version(tags: Iterable[_S], core: tuple[int, int, int]) -> _S | None:
    """Give the first release to production of the version whose numbers are *core*, or None."""
    return next((tag for tag in production(tags) if core_of(tag) == core), None)


def core_of(tag: Staged) -> tuple[int, int, int]:
    """Give the numbers of its version; of a tag without one, numbers below every version."""
    return tag.version.core if tag.version else _NONE


def is_behind(version: Version, production: Version) -> bool:
    """Whether a file at *version* is behind what is in production; one without a build is not for that."""
    return version < (production.with_build(None) if version.build is None else production)
