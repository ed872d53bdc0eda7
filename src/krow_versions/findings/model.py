"""What is said of a finding, wherever it is shown: a report, the documentation, a terminal."""

from __future__ import annotations

import re
from typing import Literal

import attrs

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""From the gravest; errors and warnings make the exit code 1."""

_LINK = re.compile(r"\[(`[^`]*`|[^\]`]*)\]\([^)]*\)")


@attrs.frozen
class FindingKind:
    """One kind of finding, with its page in Markdown.

    Links lead to pages of the documentation; other findings are named by their ids alone.

    Attributes:
        code: its id, such as ``KV202``, which is never used for anything else.
        severity: what it counts as, unless the configuration says otherwise.
        title: what is wrong, in a few words.
        what: what was found.
        why: why it matters.
        how: how to fix it: paragraphs, and blocks to copy.
        example: the line that an audit prints.
    """

    code: str
    severity: Severity
    title: str
    what: str
    why: str
    how: tuple[str, ...]
    example: str

    def to_markdown(self) -> str:
        """Write its page, without its id and title."""
        how = "\n\n".join(self.how)
        return (
            f"Severity: {self.severity}.\n\n"
            f"**What.** {self.what}\n\n"
            f"**Why it matters.** {self.why}\n\n"
            f"**How to fix it.** {how}\n\n"
            f"**Example.**\n\n{_block('text', self.example)}"
        )


@attrs.frozen
class Group:
    """Findings about one subject.

    Attributes:
        prefix: what their ids begin with.
        about: the subject.
        kinds: the findings, by id.
    """

    prefix: str
    about: str
    kinds: tuple[FindingKind, ...]


def without_links(markdown: str) -> str:
    """Keep the words of links alone, where there are no pages that they could lead to.

    >>> without_links("[ignore it](howto-ignore.md) with a reason")
    'ignore it with a reason'
    """
    return _LINK.sub(r"\1", markdown)


def sh(*lines: str) -> str:
    """Write commands to type."""
    return _block("sh", *lines)


def toml(*lines: str) -> str:
    """Write a part of a configuration."""
    return _block("toml", *lines)


def yaml(*lines: str) -> str:
    """Write a part of a version file."""
    return _block("yaml", *lines)


def _block(language: str, *lines: str) -> str:
    return "\n".join((f"```{language}", *lines, "```"))
