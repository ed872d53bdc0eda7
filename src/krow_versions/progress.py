"""The progress of long work, as a caller who wants to show it sees it; by default nobody does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_Item = TypeVar("_Item")

Tick: TypeAlias = Callable[[], object]
"""Says that one more step is done."""


class Progress(Protocol):
    """Sees each part of long work begin, and then its steps, one call of the :data:`Tick` for each."""

    def __call__(self, words: str, total: int | None, /) -> Tick:
        """Begin a part.

        Args:
            words: what is done, for people: ``reading files``.
            total: the number of its steps, which are all done at its end; None if that is not known.
        """


def unseen(_: str, __: int | None) -> Tick:
    """See nothing."""
    return _nothing


def steps_of(items: Collection[_Item], words: str, progress: Progress) -> Iterable[_Item]:
    """Give *items*, one step each: it is done when the next one is asked for.

    >>> list(steps_of("ab", "reading letters", lambda words, total: lambda: print(f"{words}: 1 of {total}")))
    reading letters: 1 of 2
    reading letters: 1 of 2
    ['a', 'b']
    """
    return items if progress is unseen or not items else ticked(items, progress(words, len(items)))


def ticked(items: Iterable[_Item], tick: Tick) -> Iterator[_Item]:
    """Give *items* as :func:`steps_of` does, of a part that has begun."""
    for item in items:
        yield item
        tick()


def _nothing() -> None:
    pass
