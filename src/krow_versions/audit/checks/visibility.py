"""KV0xx: what could not be looked at, so that the rest of an audit tells less than it seems to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.audit.model import Check, CheckContext, Occurrence
from krow_versions.text.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Iterator


def _no_git(scene: CheckContext) -> Iterator[Occurrence]:
    error = scene.state.repo.error
    if error is not None:
        said = f"git cannot be asked what was released of {scene.title}: {error.message}"
        yield Occurrence(printable(said), printable(error.hint or "run git status there"))
    elif not scene.has_git:
        yield Occurrence(
            f"{scene.title} is in no git repository, so what was released of it cannot be told",
            "run this in a clone of its repository",
        )


def _shallow(scene: CheckContext) -> Iterator[Occurrence]:
    if scene.state.repo.shallow:
        yield Occurrence(
            "this clone is shallow: tags and history, and with them what was released, may be missing",
            "fetch them: git fetch --tags --unshallow",
        )


def _no_main(scene: CheckContext) -> Iterator[Occurrence]:
    repo = scene.state.repo
    if repo.error is None and repo.head is not None and repo.main is None:
        yield Occurrence(
            "the main branch is neither here nor known from the remote: what is on it cannot be told",
            "fetch it (git fetch), or say in the configuration how it is called: main and remote of [hotfix]",
        )


CHECKS: tuple[Check, ...] = (
    Check("KV001", _no_git),
    Check("KV002", _shallow),
    Check("KV003", _no_main),
)
