"""Who made the production tags, and whether known signers have signed them; for an audit that asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import git, lazy, releases
from krow_versions.errors import InputError
from krow_versions.evidence import Standing, Verdict
from krow_versions.snapshot import TagEvidence
from krow_versions.values import evolve
from krow_versions.workspace.signers import find_signers, roots_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from krow_versions import signatures
    from krow_versions.evidence import TagObject
    from krow_versions.snapshot import ProductState, SignersState, TagState
    from krow_versions.workspace.git_state import GitReader
    from krow_versions.workspace.protocols import Opened
else:
    (signatures,) = lazy.modules("krow_versions", "signatures")


def with_evidence(
    workspace: Opened, reader: GitReader, states: Sequence[ProductState], given: str | None
) -> tuple[ProductState, ...]:
    """Add to the production tags of *states* who made them, and the verdict on their signatures.

    Nothing is read unless the configuration, or the file *given*, asks for it; then one process for each
    repository, and one or more for each signed tag that is not older than ``[audit] since``.

    Args:
        workspace: of the products.
        reader: has read the repositories.
        states: the products.
        given: the signers file, instead of that of the configuration.

    Raises:
        InputError: the file *given* cannot be used.
        GitError: git failed.
        FileSystemError: a file cannot be read, or no temporary folder can be made.
    """
    settings = workspace.config.tags
    verifies = settings.signed or given is not None
    if not verifies and not settings.taggers:
        return tuple(states)
    objects = _objects(reader, states, workspace.config.audit.since)
    state, verdicts = _verdicts(workspace, [*objects.values()], given) if verifies else (None, {})
    lightweight = TagEvidence(verdict=Verdict(Standing.UNSIGNED) if verifies else None)

    def judged(tag: TagState) -> TagState:
        made = objects.get(tag.object_id)
        if made is not None:
            return evolve(tag, evidence=TagEvidence(made.tagger, verdicts.get(made.object_id)))
        return tag if tag.annotated else evolve(tag, evidence=lightweight)

    return tuple(
        evolve(each, repo=evolve(each.repo, signers=state), tags=tuple(map(judged, each.tags)))
        for each in states
    )


def _objects(
    reader: GitReader, states: Sequence[ProductState], since: dt.date | None
) -> dict[str, TagObject]:
    """Read the objects of all annotated production tags from *since* on, by their ids."""
    ids: dict[str, dict[str, None]] = {}
    for state in states:
        seen = reader.seen(state.product.repo)
        for tag in releases.production(state.tags) if seen else ():
            is_older = since is not None and tag.date is not None and tag.date.date() < since
            if seen and tag.annotated and tag.readable and not is_older:
                ids.setdefault(seen.repository.root, {})[tag.object_id] = None
    read = (each for root, some in ids.items() for each in git.read_tag_objects(root, [*some]))
    return {each.object_id: each for each in read if each is not None}


def _verdicts(
    workspace: Opened, objects: Sequence[TagObject], given: str | None
) -> tuple[SignersState, dict[str, Verdict]]:
    """Verify tag objects; without a usable signers file, only those that have no signature are judged."""
    state, signers = find_signers(workspace, given)
    if signers is not None:
        try:
            found = signatures.verify(
                objects, signers, outside=roots_of(workspace), progress=workspace.progress
            )
            return state, dict(zip((each.object_id for each in objects), found, strict=True))
        except InputError as error:  # An OpenPGP key that only gpg could read.
            if given is not None:
                raise
            state = evolve(state, error=error)
    unsigned = (each for each in objects if each.signature is None)
    return state, {each.object_id: Verdict(Standing.UNSIGNED) for each in unsigned}
