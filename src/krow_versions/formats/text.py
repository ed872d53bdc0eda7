"""Plain text: a file that contains only a version, or marked lines of any file.

A line is marked by the word ``krow-versions``, for example in a comment, or by a template from the
user, such as ``versionName "{version}"`` or ``versionCode {build}``. A template is literal text around
``{version}``, ``{build}`` or both, not a regular expression. Several lines are several templates.
"""

from __future__ import annotations

import functools
import itertools
import re
from typing import TYPE_CHECKING, Any

from krow_versions.edits import Span, lines_in
from krow_versions.encoding import BOM
from krow_versions.errors import AmbiguousVersion, InvalidVersion, UsageError, VersionNotFound
from krow_versions.formats.model import (
    Document,
    Format,
    KeyPath,
    Kind,
    Scalar,
    dotted,
    highest_number,
    highest_plus,
)
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted
from krow_versions.text.words import listed
from krow_versions.values import FrozenDict, evolve

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = "krow-versions"


def read_text(text: str) -> Document:
    """Parse a text that is only a version, or that has versions and builds on its marked lines."""
    stripped = text.strip(_BLANK)
    if stripped and "\n" not in stripped and not _MARK.search(stripped):
        start = text.index(stripped)
        return _document(text, {("version",): Span(start, start + len(stripped))})
    found: dict[str, list[Span]] = {"version": [], "build": []}
    for line in _lines(text):
        if _MARK.search(line.of(text)):
            for what, span in _marked(text, line):
                found[what].append(span)
    if not any(found.values()):
        raise VersionNotFound(
            f"there is no line with the mark {MARK}",
            hint=f"put the word {MARK} in a comment on the version's line, or name the line by a template",
        )
    places: dict[KeyPath, Span] = {}
    for what, spans in found.items():
        several = len(spans) > 1
        places |= {(what, index) if several else (what,): span for index, span in enumerate(spans)}
    return _document(text, places)


def at_line(chosen: Format, key: str) -> Format:
    r"""Return *chosen* for the lines that match the templates in *key*, one template a line.

    >>> from krow_versions.formats import set_version
    >>> set_version('minSdk 21\nversionCode 42\nversionName "1.4.0"\n', "1.4.1+43",
    ...             format="text", key='versionName "{version}"\nversionCode {build}')
    'minSdk 21\nversionCode 43\nversionName "1.4.1"\n'
    """
    lines = [line.strip() for line in key.split("\n")] if "\n" in key else [key]
    templates = FrozenDict({template: _pattern(template) for template in lines if template.strip()})
    if not templates or [template.strip() for template in templates] == [VERSION]:
        raise _no_template(key)
    return evolve(
        chosen,
        read=functools.partial(_read_lines, templates),
        keys=_keys,
        kind=_kind,
        build_bound=functools.partial(_bound, templates),
    )


VERSION, BUILD = "{version}", "{build}"


# --- templates ------------------------------------------------------------------------------


def _pattern(template: str) -> re.Pattern[str]:
    """Compile one template."""
    first, *rest = _PLACEHOLDER.split(template)
    fields, literals = rest[::2], [first, *rest[1::2]]
    # Nothing between two placeholders says where the first one ends.
    if not fields or len(set(fields)) < len(fields) or "" in literals[1:-1]:
        raise _no_template(template)
    if not "".join(literals).strip():  # Only a placeholder: then the line has nothing else.
        shape = r"(?=[0-9]+\.[0-9]+\.)" if fields == [VERSION] else ""
        return re.compile(rf"^[ \t]*{shape}{_FIELDS[fields[0]]}[ \t\r]*$", re.MULTILINE)
    # The template must not match in the middle of a longer word or number.
    start = r"(?<![\w.+-])" if not first else r"(?<!\w)" if first[0].isalnum() else ""
    end = r"(?![\w+-])" if literals[-1] or fields[-1] == VERSION else r"(?![\w+-])(?!\.[0-9])"
    middle = "".join(
        _FIELDS[field] + re.escape(literal) for field, literal in zip(fields, literals[1:], strict=True)
    )
    return re.compile(start + re.escape(first) + middle + end)


def _no_template(template: str) -> UsageError:
    return UsageError(
        f"{quoted(template)} is not a line template",
        hint=f'write the line with {VERSION} or {BUILD} in it, such as versionName "{VERSION}"',
    )


def _read_lines(templates: dict[str, re.Pattern[str]], text: str) -> Document:
    """Parse a text that has each template on one line."""
    places: dict[KeyPath, Span] = {}
    for template, pattern in templates.items():
        match = _only_match(text, template, pattern)
        fields = [name for name, value in match.groupdict().items() if value is not None]
        for field in fields:
            if field == "version" and match[field].isdecimal():
                raise InvalidVersion(
                    f"{quoted(match[field])} on the line like {quoted(template)} is a whole number",
                    hint=f"if it is the build, write {BUILD} into the template instead of {VERSION}",
                ).located(text, match.start(field))
            places[(template,) if len(fields) == 1 else (template, field)] = Span(*match.span(field))
    for one, other in itertools.pairwise(sorted(places.values())):
        if one.end > other.start:
            raise AmbiguousVersion(
                "two templates match the same place",
                hint="join them into one, or make each match its own line",
            ).located(text, other.start)
    return _document(text, places)


def _only_match(text: str, template: str, pattern: re.Pattern[str]) -> re.Match[str]:
    found = list(pattern.finditer(text))
    if not found:
        other = template.replace(BUILD, VERSION)
        match = None if VERSION in template else _pattern(other).search(text)
        if match and _THREE.match(match["version"]):
            raise VersionNotFound(
                f"there is no whole number on a line like {quoted(template)}",
                hint=f"if it is the version, write {VERSION} into the template instead of {BUILD}",
            )
        raise VersionNotFound(
            f"there is no line like {quoted(template)}",
            hint="copy the line of the file into the template, and write "
            f"{VERSION} or {BUILD} where the value is: x.y.z, or a whole number",
        )
    if len(found) > 1:
        line_of = lines_in(text)
        lines = listed((str(line_of(match.start())) for match in found), 50)
        raise AmbiguousVersion(
            f"there are {len(found)} versions on a line like {quoted(template)}: lines {lines}",
            hint="write more of the line into the template, so that only one line matches",
        ).located(text, found[1].start())
    return found[0]


def _bound(templates: dict[str, re.Pattern[str]], data: bytes) -> int:
    """Return the highest build that a template could find."""
    text = data.decode(errors="replace").removeprefix(BOM)
    found = (match.groupdict().get("build") for each in templates.values() for match in each.finditer(text))
    return max(highest_plus(data), *(int(digits) for digits in found if digits), -1)


# --- marked lines ---------------------------------------------------------------------------


def _marked(text: str, line: Span) -> Iterator[tuple[str, Span]]:
    """Yield the version of a marked line, or its build if it has none, or nothing if it has no digit."""
    for what, pattern in (("version", _VERSION), ("build", _NUMBER)):
        found = [Span(*match.span(what)) for match in pattern.finditer(text, line.start, line.end)]
        if len(found) > 1:
            raise AmbiguousVersion(
                f"there are {len(found)} {what}s on a line with the mark {MARK}",
                hint="name the line by a template",
            ).located(text, found[1].start)
        if found:
            yield what, found[0]
            return
    digit = re.compile("[0-9]").search(text, line.start, line.end)
    if digit:
        raise VersionNotFound(
            f"the line with the mark {MARK} has neither a version x.y.z nor a whole number",
            hint=f"write one of them, or remove the word {MARK} from this line",
        ).located(text, digit.start())


def _marked_bound(data: bytes) -> int:
    """Return the highest number on the marked lines, or behind a ``+``."""
    marked = (line for line in data.split(b"\n") if MARK.encode() in line)
    return max(highest_plus(data), *map(highest_number, marked), -1)


def _lines(text: str) -> Iterator[Span]:
    """Split at line feeds only: form feeds and U+2028 do not end lines here."""
    start = 0
    for line in text.split("\n"):
        yield Span(start, start + len(line))
        start += len(line) + 1


# --- both -----------------------------------------------------------------------------------


def _document(text: str, places: dict[KeyPath, Span]) -> Document:
    """Return a document whose data has the value of each place, and the text around them."""
    spans = sorted(places.values())
    ends, starts = [0, *(span.end for span in spans)], [*(span.start for span in spans), len(text)]
    data: dict[Any, Any] = {_REST: [text[end:start] for end, start in zip(ends, starts, strict=True)]}
    for (first, *rest), span in places.items():
        if rest:
            data.setdefault(first, {})[rest[0]] = span.of(text)
        else:
            data[first] = span.of(text)

    def locate(key_path: KeyPath) -> Scalar:
        span = places.get(key_path)
        if span is None:
            raise VersionNotFound(f"there is no place {dotted(key_path)}", hint="name a line by a template")
        return Scalar(span, span.of(text))

    return Document(data, locate)


def _keys(data: Any) -> tuple[KeyPath, ...]:
    found = ((key, value) for key, value in data.items() if key != _REST)
    return tuple(
        path
        for key, value in found
        for path in ([(key, inner) for inner in value] if isinstance(value, dict) else [(key,)])
    )


def _kind(key: KeyPath, _: str) -> Kind:
    """Say what the last name in *key* stands for: a template, ``version`` or ``build``."""
    name = next(part for part in reversed(key) if isinstance(part, str))
    return "build" if "build" in name and VERSION not in name else "full"


_THREE = regex(r"[0-9]+\.[0-9]+\.[0-9]")
_REST = ("the rest",)  # Differs from every template, because they are strings.
_BLANK = " \t\r\n"
_PLACEHOLDER = regex(r"(\{version\}|\{build\})")
_FIELDS = {
    VERSION: r"(?P<version>[0-9A-Za-z][0-9A-Za-z.+-]{0,255})",
    BUILD: r"(?P<build>[0-9]{1,256})",
}
# Not the name of a file or of a folder, such as krow-versions.toml.
_MARK = regex(rf"(?<![\w.-]){MARK}(?![\w-]|\.\w)")
# A version anywhere in a line: three numbers, and not part of a longer word.
_VERSION = regex(
    r"(?<![\w.+-])v?(?P<version>[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]*[0-9A-Za-z-])?)"
    r"(?![\w+-])(?!\.[0-9])"
)
_NUMBER = regex(r"(?<![\w.+-])(?P<build>[0-9]{1,256})(?![\w+-])(?!\.[0-9])")

# Not delimited: the text beside a version may belong to the next one.
TEXT = Format(
    "text",
    read_text,
    _keys,
    filenames=("VERSION", "VERSION.txt", "version.txt"),
    at=at_line,
    kind=_kind,
    build_bound=_marked_bound,
)
