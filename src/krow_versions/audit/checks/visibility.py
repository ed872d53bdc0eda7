"""KV0xx: what could not be read, so that the rest of the audit is incomplete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.audit.model import Check, CheckContext, Occurrence
from krow_versions.text.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Iterator


def _no_git(context: CheckContext) -> Iterator[Occurrence]:
    error = context.state.repo.error
    if error is not None:
        said = f"git cannot be asked what was released of {context.title}: {error.message}"
        yield Occurrence(printable(said), printable(error.hint or "run git status there"))
    elif not context.has_git:
        yield Occurrence(
            f"{context.title} is in no git repository, so what was released of it is not known",
            "run this in a clone of its repository",
        )


def _shallow(context: CheckContext) -> Iterator[Occurrence]:
    if context.state.repo.shallow:
        yield Occurrence(
            "this clone is shallow: tags and history, and with them what was released, may be missing",
            "fetch them: git fetch --tags --unshallow",
        )
    elif context.state.repo.untagged:
        yield Occurrence(
            "this clone was made without tags, so what was released is not known",
            "fetch them: git fetch --tags",
        )


def _no_main(context: CheckContext) -> Iterator[Occurrence]:
    repo = context.state.repo
    if repo.error is None and repo.head is not None and repo.main is None:
        yield Occurrence(
            "the main branch is neither here nor known from the remote: what is on it is not known",
            "fetch it (git fetch), or say in the configuration how it is called: main and remote of [hotfix]",
        )


CHECKS: tuple[Check, ...] = (
    Check("KV001", _no_git),
    Check("KV002", _shallow),
    Check("KV003", _no_main),
)
