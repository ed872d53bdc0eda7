"""KV21x: release tags as evidence of who released what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.audit.model import Check, CheckContext, Occurrence, day_of
from krow_versions.text.escaping import printable, quoted, shell_word

if TYPE_CHECKING:
    from collections.abc import Iterator


def _renamed(context: CheckContext) -> Iterator[Occurrence]:
    """A signature covers the name in the object, not that of the ref."""
    for tag in context.state.tags:
        if tag.stage and tag.readable and tag.named and tag.named != tag.name:
            yield Occurrence(
                f"the object of {printable(tag.name)} is that of the tag {quoted(tag.named)}",
                f"see what it is and who made it: git cat-file tag {shell_word(tag.name)}; if it is a second "
                "name on purpose, ignore this finding with a reason",
                about=tag.name,
                day=day_of(tag.date),
            )


CHECKS: tuple[Check, ...] = (Check("KV215", _renamed),)
