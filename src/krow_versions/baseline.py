"""The baseline: the version in production, from the first of four sources that applies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import releases
from krow_versions.errors import Conflict, KrowVersionsError, Unsupported, UsageError, raise_all
from krow_versions.values import frozen
from krow_versions.version import Version, with_highest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from krow_versions.snapshot import PastFile, ProductState, TagState
    from krow_versions.version import Held


@frozen
class Baseline:
    """The version in production, and its source.

    Attributes:
        version: with its build, if any.
        source: ``from`` (the caller), ``tag``, ``head`` (the commit) or ``file``.
        revision: the tag's name, ``HEAD``, or None.
        by_content: whether HEAD has the change of that tag under other commits.
    """

    version: Version
    source: str
    revision: str | None = None
    by_content: bool = False

    @property
    def explanation(self) -> str:
        """The source in words."""
        return {
            "from": "as it was given",
            "tag": f"production tag {self.revision}"
            + (", whose change HEAD has under other commits" if self.by_content else ""),
            "head": "committed at HEAD, which contains no production tag: the next commit changes it",
            "file": "the file itself",
        }[self.source]


def find_baseline(state: ProductState, from_: Version | None = None) -> Baseline:
    """Find the version in production, from the first of the four sources of the bump rule that applies.

    Raises:
        Conflict: the files of the product disagree at HEAD, or on disk without git; or none of them has
            a version there.
        Unsupported: the clone is shallow or without tags, so tags may be missing.
        GitError: git cannot be asked about this repository.
        KrowVersionsError: a file at HEAD or at the tag cannot be read.
    """
    if from_ is not None:
        return Baseline(from_, "from")
    tag = trusted_tag(state, _OTHERWISE)
    if tag is not None and tag.version is not None:
        released = (past for past in state.released if past.revision == tag.name)
        held = _held_in(released, f"a tag is not corrected: {_NAME_IT}")
        return Baseline(with_highest(tag.version, held.values()), "tag", tag.name, not tag.reachable)
    if state.committed:
        hint = f"the committed file is meant, not the one on disk: commit the correction, or {_NAME_IT}"
        committed = _held_in(state.committed, hint)
        return Baseline(_agreed(state, committed, "at HEAD", hint), "head", "HEAD")
    on_disk = {file.path: file.located.held for file in state.files if file.located is not None}
    return Baseline(_agreed(state, on_disk, "on disk", f"correct the files, or {_NAME_IT}"), "file")


_NAME_IT = "name the version that is in production"


def _held_in(committed: Iterable[PastFile], hint: str) -> dict[str, Held]:
    """Return what committed files hold, by path; raise the errors of all that cannot be read, with *hint*."""
    held, errors = {}, []
    for past in committed:
        try:
            held[past.path] = past.held()
        except KrowVersionsError as error:
            blames_a_package = isinstance(error, UsageError)  # Then no correction of the file helps.
            errors.append(error if blames_a_package else error.advise(hint))
    raise_all(errors)
    return held


_OTHERWISE = ", or name the version that is in production"


def trusted_tag(state: ProductState, otherwise: str = "") -> TagState | None:
    """Return the highest production tag in HEAD, if no higher one can be missing or broken.

    Args:
        state: the product.
        otherwise: what helps, too; it is added to the hints.

    Raises:
        Conflict: a higher production tag cannot be read.
        Unsupported: the clone is shallow or without tags, so tags may be missing.
        GitError: git cannot be asked about this repository.
    """
    if state.repo.error is not None:
        raise state.repo.error
    found = releases.highest(releases.contained(state.tags))
    for tag in state.tags:
        newer = found is None or releases.core_of(tag) > releases.core_of(found)
        if releases.is_named_production(tag) and not tag.readable and newer:
            raise Conflict(
                f"the production tag {tag.name} cannot be read: it names no commit that is here",
                hint=f"git fsck shows what is broken; fetch the tag again{otherwise}",
            )
    if state.repo.untagged:
        raise Unsupported(
            f"{state.repo.clone} was made without tags, so what was released is not known",
            path=state.repo.root,
            hint=f"fetch them with git fetch --tags{otherwise}",
        )
    has_builds = any(file.build is not None for file in state.files)
    newest = releases.highest(state.tags)
    if state.repo.shallow and (has_builds or found is None or found is not newest):
        raise Unsupported(
            f"{state.repo.clone} is shallow: tags, and builds already shipped, may be missing",
            path=state.repo.root,
            hint=f"fetch them with git fetch --tags --unshallow{otherwise}",
        )
    return found


def _agreed(state: ProductState, held: dict[str, Held], where: str, hint: str) -> Version:
    """Return the one version of all files, with the highest of their builds; *hint*: what to do else."""
    versions = {path: each for path, each in held.items() if isinstance(each, Version)}
    if not versions:
        raise Conflict(
            f"no file of {state.product.name} has a version {where}, so what is in production is unknown",
            hint=hint,
        )
    if len({version.core for version in versions.values()}) > 1:
        listed = ", ".join(f"{path} is {version}" for path, version in sorted(versions.items()))
        raise Conflict(
            f"the files of {state.product.name} disagree {where}: {listed}",
            hint=hint,
        )
    return with_highest(next(iter(versions.values())), held.values())
