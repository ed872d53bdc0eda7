"""Plain text: a file that contains only a version, or a marked line of any file.

A line is marked by the word ``krow-versions``, for example in a comment, or by a template from the
user, such as ``versionName "{version}"``. A template is literal text around ``{version}``, not a regular
expression.
"""

from __future__ import annotations

import re

import attrs

from krow_versions.edits import Span
from krow_versions.errors import AmbiguousVersion, UsageError, VersionNotFound
from krow_versions.formats.model import Format, KeyPath, ParsedDocument, Scalar
from krow_versions.text.escaping import quoted

MARK = "krow-versions"
PLACEHOLDER = "{version}"


def read_text(text: str) -> ParsedDocument:
    """Parse a text that is only a version, or that has one on its marked line."""
    stripped = text.strip(_BLANK)
    if stripped and "\n" not in stripped:
        start = text.index(stripped)
        if MARK not in stripped:
            return _document(text, Span(start, start + len(stripped)))
    found = [
        Span(*match.span("version"))
        for line in _lines(text)
        if MARK in line.of(text)
        for match in _VERSION.finditer(text, line.start, line.end)
    ]
    return _document(text, _only(text, found, f"line with the mark {MARK}"))


def at_line(chosen: Format, template: str) -> Format:
    r"""Return *chosen* for the version on the line that matches *template*.

    >>> from krow_versions.formats import set_version
    >>> set_version('version = "1.2"\n__version__ = "0.1.0"\n', "0.1.1",
    ...             format="text", key='__version__ = "{version}"')
    'version = "1.2"\n__version__ = "0.1.1"\n'
    """
    before, _, after = template.partition(PLACEHOLDER)
    if template.count(PLACEHOLDER) != 1 or not (before + after).strip() or "\n" in template:
        raise UsageError(
            f"{quoted(template)} is not a line template",
            hint=f'write the line with {PLACEHOLDER} in it, such as versionName "{PLACEHOLDER}"',
        )
    # The template must not match in the middle of a longer word.
    start = r"(?<![\w.+-])" if not before else r"(?<!\w)" if before[0].isalnum() else ""
    pattern = re.compile(
        start + re.escape(before) + rf"(?P<version>{_WORD})" + re.escape(after) + r"(?![\w+-])"
    )

    def read(text: str) -> ParsedDocument:
        found = [
            Span(*match.span("version"))
            for line in _lines(text)
            for match in pattern.finditer(text, line.start, line.end)
        ]
        return _document(text, _only(text, found, f"line like {quoted(template)}"))

    return attrs.evolve(chosen, read=read)


def _lines(text: str) -> list[Span]:
    """Split at line feeds only: form feeds and U+2028 do not end lines here."""
    ends = [match.start() for match in re.finditer("\n", text)] + [len(text)]
    return [Span(start, end) for start, end in zip([0, *(end + 1 for end in ends)], ends, strict=False)]


def _only(text: str, found: list[Span], what: str) -> Span:
    if not found:
        raise VersionNotFound(
            f"there is no {what}",
            hint=f"put the word {MARK} in a comment on the version's line, or name the line by a template",
        )
    if len(found) > 1:
        raise AmbiguousVersion(
            f"there are {len(found)} versions on a {what}", hint="mark one line with one version"
        ).located(text, found[1].start)
    return found[0]


def _document(text: str, span: Span) -> ParsedDocument:
    data = {"before": text[: span.start], "version": span.of(text), "after": text[span.end :]}

    def locate(_: KeyPath) -> Scalar:
        return Scalar(span, span.of(text))

    return ParsedDocument(data, locate)


_BLANK = " \t\r\n"
_WORD = r"[0-9A-Za-z][0-9A-Za-z.+-]{0,255}"
# A version anywhere in a line: three numbers, and not part of a longer word.
_VERSION = re.compile(
    r"(?<![\w.+-])v?(?P<version>[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]*[0-9A-Za-z-])?)"
    r"(?![\w+-])(?!\.[0-9])"
)

# Not delimited: the text beside a version may belong to the next one.
TEXT = Format("text", read_text, filenames=("VERSION", "VERSION.txt", "version.txt"), at=at_line)
