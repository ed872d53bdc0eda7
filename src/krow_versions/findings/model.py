"""The record of a kind of finding, and its page for reports, documentation and terminals."""

from __future__ import annotations

from typing import Literal

from krow_versions.regexes import regex
from krow_versions.values import frozen

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""The most severe first; errors and warnings make the exit code 1."""

BREAK = "\n\n"
"""What is between two parts of a page."""

_LINK = regex(r"\[(`[^`]*`|[^\]`]*)\]\([^)]*\)")
_PAGE = regex(r"\]\((?P<page>[a-z-]+)\.md")


@frozen
class FindingKind:
    """A kind of finding, with its page in Markdown.

    Links are to pages of the documentation; other findings are referred to by id.

    Attributes:
        code: its id, such as ``KV202``, which is never reused.
        severity: its default severity, which the configuration can replace.
        title: what is wrong, in a few words.
        what: what was found.
        why: why it matters.
        how: how to fix it, as paragraphs and blocks to copy.
        example: the line that an audit prints.
        of_past: whether it accuses what has a day, so that ``[audit] since`` leaves it out if it is older.
        of_repository: whether it is about a whole repository, so that it is reported once for all products.
    """

    code: str
    severity: Severity
    title: str
    what: str
    why: str
    how: tuple[str, ...]
    example: str
    of_past: bool = False
    of_repository: bool = False

    @property
    def severities(self) -> str:
        """Its severity, and what it leaves out, as the first paragraph of its page."""
        older = " Not reported of what is older than `[audit] since`." if self.of_past else ""
        return f"Severity: {self.severity}.{older}"

    @property
    def sections(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The heading, and the paragraphs and blocks in Markdown, of each section of its page."""
        return (
            ("What", (self.what,)),
            ("Why it matters", (self.why,)),
            ("How to fix it", self.how),
            ("Example", (block("text", self.example),)),
        )

    def to_markdown(self) -> str:
        """Return its page, without id and title."""
        parts = [self.severities]
        for heading, texts in self.sections:
            start = f"**{heading}.**{BREAK if is_block(texts[0]) else ' '}"
            parts.append(start + BREAK.join(texts))
        return BREAK.join(parts)

    def to_text(self) -> str:
        """Return its page as plain text: headings on lines of their own, blocks indented, no links."""
        parts = [without_links(self.severities)]
        for heading, texts in self.sections:
            shown = (f"{heading}:", *(_plain(each) for each in texts))
            parts.append(BREAK.join(shown))
        return BREAK.join(parts)


@frozen
class Group:
    """Findings about one subject.

    Attributes:
        prefix: the beginning of their ids.
        about: the subject.
        kinds: the findings, by id.
    """

    prefix: str
    about: str
    kinds: tuple[FindingKind, ...]


def without_links(markdown: str) -> str:
    """Replace links by their text, for output without the pages that they lead to.

    >>> without_links("[ignore it](howto-ignore.md) with a reason")
    'ignore it with a reason'
    """
    return _LINK.sub(r"\1", markdown)


def linked(markdown: str, documentation: str | None) -> str:
    """Return *markdown* with links to the pages of the *documentation*; without links if that is None.

    >>> linked("[ignore it](howto-ignore.md#for-a-time)", "https://docs.example.org/krow-versions")
    '[ignore it](https://docs.example.org/krow-versions/howto-ignore.html#for-a-time)'
    """
    if documentation is None:
        return without_links(markdown)
    return _PAGE.sub(lambda match: f"]({documentation}/{match['page']}.html", markdown)


def is_block(text: str) -> bool:
    """Whether a part of a page is a block of code."""
    return text.startswith("```")


def lines_of(block: str) -> list[str]:
    """Return the lines in a block of code."""
    return block.split("\n")[1:-1]


def _plain(text: str) -> str:
    if is_block(text):
        return "\n".join(f"    {line}".rstrip() for line in lines_of(text))
    return without_links(text)


def sh(*lines: str) -> str:
    """Write a block of shell commands."""
    return block("sh", *lines)


def toml(*lines: str) -> str:
    """Write a block of a configuration."""
    return block("toml", *lines)


def yaml(*lines: str) -> str:
    """Write a block of a version file."""
    return block("yaml", *lines)


def block(language: str, *lines: str) -> str:
    """Write a block in some language."""
    return "\n".join((f"```{language}", *lines, "```"))
