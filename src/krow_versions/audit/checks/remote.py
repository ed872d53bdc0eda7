"""KV6xx: tags and branches compared with the remote, if it was asked (``audit --remote``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import releases
from krow_versions.audit.model import Check, CheckContext, Occurrence, day_of
from krow_versions.text.escaping import printable, shell_word
from krow_versions.text.words import by_number, counted, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.snapshot import RemoteState, TagState


def fetching(remote: str, name: str) -> str:
    """Give the command that takes a tag from the remote into this clone, whatever is here by that name."""
    return f"git fetch {shell_word(remote)} {shell_word(f'+refs/tags/{name}:refs/tags/{name}')}"


def _unasked(context: CheckContext) -> Iterator[Occurrence]:
    remote = context.state.repo.remote
    if remote is not None and remote.error is not None:
        yield Occurrence(
            printable(f"{remote.name} was not compared with this clone: {remote.error.message}"),
            printable(remote.error.hint or "run it again when the remote answers"),
        )


def _differing(context: CheckContext) -> Iterator[Occurrence]:
    for remote, tag in _asked(context):
        there = remote.tags.get(tag.name)
        # A runner of CI fetches the commit of an annotated tag as the tag: KV205.
        if there is None or tag.object_id in there:
            continue
        name, ref = printable(tag.name), shell_word(f"refs/tags/{tag.name}")
        same = there[1] == tag.commit
        own, theirs = (tag.object_id, there[0]) if same else (tag.commit, there[1])
        other = f"at commit {tag.commit[:12]}, names another tag object" if same else "names another commit"
        yield Occurrence(
            f"{name}{',' if same else ''} {other} here than on {remote.name}",
            f"here it is {own[:12]}, there {theirs[:12]}; a published tag never changes, so see who made "
            f"which: git fetch {shell_word(remote.name)} {ref} && git show --no-patch {ref} FETCH_HEAD; if "
            f"the one here was never published, take that of {remote.name}: "
            f"{fetching(remote.name, tag.name)}",
            about=tag.name,
            day=day_of(tag.date),
        )


def _not_there(context: CheckContext) -> Iterator[Occurrence]:
    for remote, tag in _asked(context):
        if releases.is_production(tag) and tag.name not in remote.tags:
            name = printable(tag.name)
            yield Occurrence(
                f"{name} is here, but not on {remote.name}: it was never pushed, or was deleted there",
                "if it was there before, ask who deleted it; if it shipped, push it: "
                f"git push {shell_word(remote.name)} {shell_word(f'refs/tags/{tag.name}')}",
                about=tag.name,
                day=day_of(tag.date),
            )


def _not_here(context: CheckContext) -> Iterator[Occurrence]:
    remote = context.state.repo.remote
    if remote is None or remote.error is not None:
        return
    own = {tag.name for tag in context.state.tags}
    product = context.state.product
    reader = context.catalog.tag_reader(*context.catalog.beside(product))
    others = (name for name in remote.tags if name not in own)
    missing = [name for name in others if (found := reader.read(name)) and found[0] == product.slug]
    if missing:
        number = len(missing)
        yield Occurrence(
            f"{counted(number, 'tag')} of {remote.name} {by_number(number, 'is', 'are')} not here: "
            f"{listed(missing, 3)}",
            f"fetch them: git fetch --tags {shell_word(remote.name)}",
            about=missing[0],
        )


def _moved(context: CheckContext) -> Iterator[Occurrence]:
    remote = context.state.repo.remote
    if remote is not None and remote.stale:
        number = len(remote.stale)
        yield Occurrence(
            f"{number} {by_number(number, 'branch of', 'branches of')} {remote.name} "
            f"{by_number(number, 'has', 'have')} moved since the last fetch: {listed(remote.stale, 3)}",
            f"fetch, and audit again: git fetch {shell_word(remote.name)}",
            about=remote.stale[0],
        )


def _asked(context: CheckContext) -> Iterator[tuple[RemoteState, TagState]]:
    """Give the readable release tags here, if the remote has answered."""
    remote = context.state.repo.remote
    if remote is not None and remote.error is None:
        yield from ((remote, tag) for tag in context.state.tags if tag.stage and tag.readable)


CHECKS: tuple[Check, ...] = (
    Check("KV601", _unasked),
    Check("KV602", _differing),
    Check("KV603", _not_there),
    Check("KV604", _not_here),
    Check("KV605", _moved),
)
