"""``explain``: the page of a finding in the terminal, as the documentation has it."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING, Any

import click

from krow_versions.cli.about import program
from krow_versions.cli.console import paint
from krow_versions.cli.helping import Words, command
from krow_versions.cli.options import as_json, common, pass_settings
from krow_versions.errors import UsageError, raise_all
from krow_versions.findings import (
    FINDINGS,
    GROUPS,
    FindingKind,
    Group,
    group_of,
    is_block,
    lines_of,
    page_of,
    without_links,
)
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted
from krow_versions.text.words import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from krow_versions.cli.console import Settings

    _Paint = Callable[[str, str], str]

SCHEMA = 1
_GROUPS = {group.prefix: group for group in GROUPS}
_INDENT = "  "
_CODE = regex("`[^`]*`")
_JOINT = "\u00a0"  # No line breaks there.


@command(
    examples=[
        ("krow-versions explain KV202", "what the finding means, and how to fix it"),
        ("krow-versions explain KV2", "the findings of a group"),
        ("krow-versions explain", "all findings"),
    ]
)
@click.argument("codes", metavar="[CODE]...", nargs=-1, type=Words((*FINDINGS, *_GROUPS)))
@as_json
@common
@pass_settings
def explain(settings: Settings, codes: tuple[str, ...], *, as_json: bool) -> None:
    """Print the page of each finding: what it is, why it matters, how to fix it.

    CODE is an id as an audit prints it, such as KV202, or KV2 for the titles of a group. Without CODE, all
    titles are listed. No repository is needed.
    """
    shown = _named(codes or tuple(_GROUPS))
    if as_json:
        kinds = dict.fromkeys(kind for each in shown for kind in _kinds_of(each))
        documentation = program()[1]
        settings.json({"schema": SCHEMA, "findings": [_json(kind, documentation) for kind in kinds]})
        return
    painted: _Paint = paint if settings.colored(sys.stdout) else lambda text, _: text
    settings.data("\n\n".join(_text(each, painted) for each in shown))


def _named(codes: Iterable[str]) -> list[FindingKind | Group]:
    """Return the findings and groups of these ids, each once."""
    typed = {code.upper(): code for code in codes}
    found = {code: FINDINGS.get(code) or _GROUPS.get(code.removesuffix("XX")) for code in typed}
    raise_all(_unknown(code, typed[code]) for code, each in found.items() if each is None)
    return [each for each in dict.fromkeys(found.values()) if each is not None]


def _unknown(code: str, typed: str) -> UsageError:
    near = nearest(code, FINDINGS)
    meant = f"did you mean {near} ({FINDINGS[near].title})? " if near else ""
    hint = f"{meant}krow-versions explain lists all findings"
    return UsageError(f"there is no finding {quoted(typed)}", hint=hint)


def _kinds_of(shown: FindingKind | Group) -> tuple[FindingKind, ...]:
    return shown.kinds if isinstance(shown, Group) else (shown,)


def _json(kind: FindingKind, documentation: str | None) -> dict[str, Any]:
    return {
        "code": kind.code,
        "severity": kind.severity,
        "title": kind.title,
        "group": group_of(kind.code).about,
        "what": without_links(kind.what),
        "why": without_links(kind.why),
        "how": [without_links(each) for each in kind.how],
        "example": kind.example,
        "url": page_of(kind.code, documentation),
    }


def _text(shown: FindingKind | Group, paint: _Paint) -> str:
    if isinstance(shown, Group):
        titles = (f"{_INDENT}{each.code}  {each.severity:7}  {each.title}" for each in shown.kinds)
        return "\n".join((paint(f"{shown.prefix}xx: {shown.about}", "product"), *titles))
    width = click.get_current_context().make_formatter().width
    severity = shown.severities.replace(shown.severity, paint(shown.severity, shown.severity), 1)
    parts = [paint(f"{shown.code}: {shown.title}", "product") + f"\n{severity}"]
    for heading, texts in shown.sections:
        first, *more = (_part(each, width) for each in texts)
        parts += [f"{paint(heading, 'product')}\n{first}", *more]
    url = page_of(shown.code, program()[1])
    return "\n\n".join([*parts, *([url] if url else [])])


def _part(text: str, width: int) -> str:
    """Return a paragraph in lines, or a block of code as it is."""
    if is_block(text):
        return "\n".join(f"{_INDENT * 3}{line}".rstrip() for line in lines_of(text))
    whole = _CODE.sub(lambda match: match[0].replace(" ", _JOINT), without_links(text))
    lines = textwrap.wrap(
        whole,
        width,
        initial_indent=_INDENT,
        subsequent_indent=_INDENT,
        break_on_hyphens=False,
        break_long_words=False,
    )
    return "\n".join(lines).replace(_JOINT, " ")
