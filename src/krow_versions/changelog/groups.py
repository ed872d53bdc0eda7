"""Find the heading of fixes in the sections of a CHANGELOG: ``### Fixed``, ``**Bug fixes:**``."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from krow_versions.changelog.sections import typical
from krow_versions.regexes import regex
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from krow_versions.changelog.document import Block, MarkdownDocument
    from krow_versions.changelog.sections import Section

_LABEL = regex(
    r"[ ]{0,3}(?:(?P<bold>\*\*|__)(?P<text>[^*_]+)(?P=bold):?|(?P<plain>[^\s.!?*_`#][^.!?*_`]{0,40}):)\s*"
)
_EMOJI_CODE = regex(r":[a-z0-9_+-]+:")
LISTS = frozenset(("bullet_list", "ordered_list"))
# The names of fixes, the best first.
_FIXES = (
    regex(r"(?:bugs? )?fix(?:e[sd])?|bug ?fix(?:es)?|bugs? fixed|fixed bugs?|bugs|patch changes"),
    regex(r"(?:bugs? )?fix(?:e[sd])?\b.*|bug ?fix(?:es)?\b.*|(?:\w+ )?bug ?fix(?:es)?\b.*"),
)
_NOT_FIXES = regex(r"\b(?:security|known|not|documentation|docs|test|perf\w*|depend\w*)\b")
# What fixes are called in files that have had none, by the names of the other groups.
_KINDS = (
    ({"added", "changed", "deprecated", "removed", "security"}, "Fixed"),
    ({"major changes", "minor changes"}, "Patch Changes"),
    ({"features", "performance improvements", "reverts", "breaking changes"}, "Bug Fixes"),
)


@frozen
class _Label:
    """The heading of a group: its lines in the document, its words, and the blank lines below."""

    block: Block
    words: str
    gap: int

    @property
    def kind(self) -> tuple[str, str]:
        """What all groups of a file have in common."""
        return self.block.kind, self.block.markup


def group_lines(document: MarkdownDocument, near: Sequence[Section]) -> list[str]:
    """Return the lines of the heading of fixes, with the blank lines below; none if the file has no groups.

    Args:
        document: the text.
        near: the sections that determine the style, the nearest to the new one first.
    """
    labels = [list(_labels(document, section)) for section in near]
    with_items = [
        bool(found) for found, section in zip(labels, near, strict=True) if found or _has_items(section)
    ]
    if not with_items or not typical(with_items):
        return []
    grouped = [found for found in labels if found]
    kind = typical([found[0].kind for found in grouped])
    fixes = [label for found in grouped if (label := _fix(found, kind)) is not None]
    if fixes:
        texts = [_lines(document, label) for label in fixes]
        chosen = fixes[texts.index(typical(texts))]
        return [*_lines(document, chosen), *[""] * typical([label.gap for label in fixes])]
    others = [label for found in grouped for label in found if label.kind == kind]
    words = {label.words for label in others}
    for names, fixed in _KINDS:
        if names & words:
            model = next(label for label in others if label.words in names)
            (line, *below) = _lines(document, model)
            old = re.search(r"[^\W_][^*_:#]*[^\W_]", line)
            if old is None or below:
                return []
            new = line[: old.start()] + fixed + line[old.end() :]
            return [new, *[""] * typical([label.gap for label in others])]
    return []


def _labels(document: MarkdownDocument, section: Section) -> Iterator[_Label]:
    """Yield the headings of groups: the highest level of headings, or else paragraphs above lists."""
    blocks = section.body
    levels = [
        len(block.markup) if block.markup[0] == "#" else 2 for block in blocks if block.kind == "heading"
    ]
    top = min(levels, default=0)
    for block, following in itertools.zip_longest(blocks, blocks[1:]):
        text = document.lines[block.index].text
        if block.kind == "heading" and top:
            if (len(block.markup) if block.markup[0] == "#" else 2) == top:
                yield _label(document, block, text)
        elif (
            not top
            and block.kind == "paragraph"
            and block.end == block.index + 1
            and following is not None
            and following.kind in LISTS
            and _LABEL.fullmatch(text)
        ):
            yield _label(document, block, text)


def _label(document: MarkdownDocument, block: Block, text: str) -> _Label:
    gap = 0
    while block.end + gap < len(document.lines) and not document.lines[block.end + gap].text.strip():
        gap += 1
    letters = "".join(sign if sign.isalnum() else " " for sign in _EMOJI_CODE.sub(" ", text))
    return _Label(block, " ".join(letters.split()).casefold(), min(gap, 3))


def _fix(labels: list[_Label], kind: tuple[str, str]) -> _Label | None:
    for pattern in _FIXES:
        for label in labels:
            if label.kind == kind and pattern.fullmatch(label.words) and not _NOT_FIXES.search(label.words):
                return label
    return None


def _lines(document: MarkdownDocument, label: _Label) -> tuple[str, ...]:
    return tuple(line.text.rstrip() for line in document.lines[label.block.index : label.block.end])


def _has_items(section: Section) -> bool:
    return any(block.kind in LISTS for block in section.body)
