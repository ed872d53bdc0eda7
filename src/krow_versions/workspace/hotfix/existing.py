"""Which hotfixes of a product exist: by branches, remote-tracking branches, tags and records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import git, releases
from krow_versions.errors import Conflict, KrowVersionsError
from krow_versions.names import HEADS
from krow_versions.text.words import listed
from krow_versions.version import Version
from krow_versions.workspace.hotfix.records import Records

if TYPE_CHECKING:
    from collections.abc import Iterable

    from krow_versions.hotfix import HotfixState
    from krow_versions.workspace.hotfix.context import HotfixContext

_MOST = 5


def hotfix_branches(context: HotfixContext) -> tuple[git.Ref, ...]:
    """List the branches here, and on the remote as last fetched, that may be hotfixes of any product."""
    home = context.catalog.branch.home
    folder = f"{HEADS}{home}/" if home else HEADS
    return git.branches(context.repository, [folder, *([context.tracked(folder)] if context.remote else [])])


def versions(context: HotfixContext, branches: Iterable[git.Ref]) -> list[Version]:
    """Find every version that has a branch or a record here, in order."""
    found = {version for branch in branches if (version := context.reserved(branch.ref))}
    for text in Records.of(context).versions():
        try:
            found.add(Version.parse(text))
        except KrowVersionsError:
            continue
    return sorted(found)


def require_existing(context: HotfixContext, seen: HotfixState) -> None:
    """Refuse a version of which nothing is known: no branch, no tag, no record, here and on the remote.

    Raises:
        Conflict: it is such a version.
    """
    facts = seen.facts
    if facts.is_known or facts.branch_there or seen.record.entries:
        return
    found = set(versions(context, hotfix_branches(context)))
    found |= {tag.version.with_build(None) for tag in releases.production(facts.state.tags) if tag.version}
    names = [str(version) for version in sorted(found, reverse=True)]
    more = [f"{len(names) - _MOST} older ones"] if len(names) > _MOST else []
    known = listed([*names[:_MOST], *more]) if names else "no version"
    asked = "" if facts.unasked is None else f" here, and {context.remote} did not answer"
    raise Conflict(
        f"nothing is known of {facts.product} {facts.version}: it has no branch, tag or record{asked}",
        hint=f"known of {facts.product} is: {known}; to start a hotfix: {context.calls.start()}",
    )
