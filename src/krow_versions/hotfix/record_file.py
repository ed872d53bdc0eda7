"""The file of a record: TOML that people can read and correct; read strictly, written as schema 2."""

from __future__ import annotations

import datetime as dt
import functools
from typing import TYPE_CHECKING, Annotated, Any

import attrs

from krow_versions.config.fields import Choice, Size
from krow_versions.config.parsing import expected, parsed, strict, structured
from krow_versions.config.problems import Mistake, Mistakes
from krow_versions.config.writing import pair, table
from krow_versions.encoding import BOM
from krow_versions.errors import FileFormatError, FileTooLarge, InputError
from krow_versions.hotfix.checklist import TICKS
from krow_versions.hotfix.entries import (
    FOLLOW_UP,
    KINDS,
    Abandoned,
    ActionItem,
    Amended,
    Approval,
    Decision,
    Declared,
    Deployment,
    Done,
    Entry,
    Merged,
    Said,
    Sending,
    Sent,
    exact,
)
from krow_versions.hotfix.record import Record
from krow_versions.hotfix.severity import Severity
from krow_versions.text.escaping import quoted
from krow_versions.values import field, frozen
from krow_versions.version import Version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cattrs import Converter

SCHEMA = 2
_HEADER = "# What people said of this hotfix, kept by krow-versions. What git knows is not in here."
# Far more than people write during a hotfix; tomllib takes seconds for some files of megabytes.
_LONGEST = 256 * 1024
_MEND = "correct it by hand, or move it away and declare the hotfix again with krow-versions hotfix start"


def record_text(record: Record) -> str:
    """Write a record as TOML; :func:`read_record` is the inverse for any texts.

    Raises:
        FileTooLarge: it would be longer than any that is read.
    """
    top = {"product": record.product, "slug": record.slug, "version": str(record.version)}
    lines = [_HEADER, pair("schema", SCHEMA), *(pair(*each) for each in top.items()), ""]
    blocks = ["\n".join(lines)]
    for kind in KINDS:
        blocks += [_entry(each) for each in record.entries if type(each) is kind]
    text = "\n".join(blocks)
    if len(text) > _LONGEST:
        raise FileTooLarge(
            f"the record of the hotfix would have {len(text)} characters, and {_LONGEST} is the limit",
            hint="write it in fewer words",
        )
    return text


def _entry(entry: Entry) -> str:
    """Write the table of an entry; what is the default is left out."""
    lines = []
    for each in attrs.fields(type(entry)):
        value = getattr(entry, each.name)
        if each.default is attrs.NOTHING or value != each.default:
            name = each.name.rstrip("_")
            lines.append(pair(name, value.name if isinstance(value, Severity) else value))
    return table(f"[{entry.table}]", lines)


def read_record(text: str, path: str = "hotfix record") -> Record:
    """Read a record strictly.

    Args:
        text: what :func:`record_text` or an older krow-versions wrote, perhaps edited by hand.
        path: the file, for messages.

    Raises:
        InputError: it is not a record, or of a newer schema; all mistakes at once, with line and key.
    """
    if len(text) > _LONGEST:
        raise FileTooLarge("this is longer than any record of a hotfix", path=path, hint=_MEND)
    body = text.removeprefix(BOM)
    try:
        data = parsed(body)
    except FileFormatError as error:
        raise error.advise(_MEND).in_file(path) from None
    schema = data.pop("schema", None)
    reader = _SCHEMAS.get(schema) if type(schema) is int else None
    found: Record | list[Mistake] = reader(data) if reader else [_wrong_schema(schema)]
    if isinstance(found, Record):
        return found
    mistakes = Mistakes(path, body, error_class=InputError)
    for mistake in found:
        mistakes.add(mistake.place, mistake.message, mistake.hint)
    raise mistakes.error()


def is_newer(text: str) -> bool:
    """Whether *text* is a record of a newer schema than :func:`read_record` reads."""
    try:
        schema = parsed(text.removeprefix(BOM)).get("schema") if len(text) <= _LONGEST else None
    except FileFormatError:
        return False
    return type(schema) is int and schema > SCHEMA


@frozen(kw_only=True)
class _File:
    """The keys of the file, except ``schema``."""

    product: str
    slug: str
    version: Version
    declared: tuple[Declared, ...] = ()
    amended: tuple[Amended, ...] = ()
    done: tuple[Done, ...] = ()
    approved: tuple[Approval, ...] = ()
    merged: tuple[Merged, ...] = ()
    deployed: tuple[Deployment, ...] = ()
    decided: tuple[Decision, ...] = ()
    sending: tuple[Sending, ...] = ()
    sent: tuple[Sent, ...] = ()
    said: tuple[Said, ...] = ()
    action: tuple[ActionItem, ...] = ()
    abandoned: tuple[Abandoned, ...] = ()


def _present(data: dict[str, Any]) -> Record | list[Mistake]:
    found = structured(data, _File, _converter())
    if isinstance(found, list):
        return found
    entries = [each for kind in KINDS for each in getattr(found, kind.table)]
    return Record(found.product, found.slug, found.version, tuple(entries))


@frozen
class _Deploy:
    at: dt.datetime | None = None
    exit_code: Annotated[int, Size(1 - 2**32, 2**32 - 1)] | None = None


@frozen(kw_only=True)
class _First:
    """The keys of the file in schema 1, except ``schema``."""

    product: str
    slug: str
    version: Version
    base: str
    branch: str
    issue: str
    severity: Severity
    impact: str
    environment: str = "production"
    who: str = ""
    detected: dt.datetime | None = None
    started: dt.datetime
    announced: dt.datetime | None = None
    followed_up: dt.datetime | None = None
    reported: dt.datetime | None = None
    notes: str = ""
    deploy: _Deploy = _Deploy()
    done: dict[Annotated[str, Choice("a box that people tick", dict.fromkeys(TICKS, ""))], dt.datetime] = (
        field(factory=dict)
    )


def _first(data: dict[str, Any]) -> Record | list[Mistake]:
    found = structured(data, _First, _converter())
    if isinstance(found, list):
        return found
    return Record(found.product, found.slug, found.version, tuple(_converted(found)))


def _converted(file: _First) -> Iterator[Entry]:
    """Give the entries for what schema 1 held; who said it is only known of the declaration."""
    names = ("base", "branch", "issue", "severity", "impact", "environment", "who", "detected")
    yield Declared(at=file.started, **{name: getattr(file, name) for name in names})
    for name, when in file.done.items():
        if name == "approval":  # It named no commit, and so it approves none.
            yield Approval(at=when)
        else:
            yield Done(at=when, box=name)
    if file.deploy.at is not None:
        code, when = file.deploy.exit_code, file.deploy.at
        yield Deployment(at=when, tag="", ended=when, exit_code=code, by_hand=code is None)
    if file.followed_up is not None:
        yield Sent(at=file.followed_up, text=FOLLOW_UP, by_hand=True)
    if file.reported is not None:
        yield Said(at=file.reported, field="written", text="")
    if file.notes:
        yield Said(at=file.started, field="notes", text=file.notes)


_SCHEMAS: dict[int, Callable[[dict[str, Any]], Record | list[Mistake]]] = {1: _first, SCHEMA: _present}


@functools.cache
def _converter() -> Converter:
    from cattrs import override
    from cattrs.gen import make_dict_structure_fn

    converter = strict()
    converter.register_structure_hook(dt.datetime, lambda value, _: exact(expected(value, dt.datetime)))
    converter.register_structure_hook(Severity, lambda value, _: Severity.parse(expected(value, str)))
    converter.register_structure_hook(Version, lambda value, _: _three_numbers(expected(value, str)))
    inner = make_dict_structure_fn(Decision, converter, from_=override(rename="from"))
    converter.register_structure_hook(Decision, lambda value, _: inner(expected(value, dict), Decision))
    return converter


def _three_numbers(text: str) -> Version:
    version = Version.parse(text)
    if version.prerelease is not None or version.build is not None:
        raise InputError(f"{quoted(text)} must be three numbers, such as 0.1.1")
    return version


def _wrong_schema(schema: Any) -> Mistake:
    if type(schema) is int and schema > SCHEMA:
        message = f"this record is of a newer schema, and this krow-versions reads up to {SCHEMA}"
        return Mistake(("schema",), message, "a newer krow-versions wrote it: install that one")
    return Mistake(("schema",), f"schema must be {SCHEMA}", _MEND)
