"""The record of a kind of finding, and its page for reports, documentation and terminals."""

from __future__ import annotations

from typing import Literal

from krow_versions.regexes import regex
from krow_versions.values import frozen

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""The most severe first; errors and warnings make the exit code 1."""

_LINK = regex(r"\[(`[^`]*`|[^\]`]*)\]\([^)]*\)")


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

    def to_markdown(self) -> str:
        """Return its page, without id and title."""
        how = "\n\n".join(self.how)
        older = " Not reported of what is older than `[audit] since`." if self.of_past else ""
        return (
            f"Severity: {self.severity}.{older}\n\n"
            f"**What.** {self.what}\n\n"
            f"**Why it matters.** {self.why}\n\n"
            f"**How to fix it.** {how}\n\n"
            f"**Example.**\n\n{block('text', self.example)}"
        )


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
