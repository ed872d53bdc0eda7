"""The file of a record: TOML that people can read and edit, written and read field by field."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, TypeVar

from krow_versions.catalog import did_you_mean
from krow_versions.errors import FileFormatError, FileTooLarge, InputError, KrowVersionsError, raise_all
from krow_versions.hotfix.checklist import TICKS
from krow_versions.hotfix.severity import Severity
from krow_versions.text.escaping import quoted, toml_string
from krow_versions.version import Version

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SCHEMA = 1
HEADER = "# What people said of this hotfix, kept by krow-versions. What git can tell is not in here."
# Far more than people write in the heat of a hotfix; tomllib takes seconds for some files of megabytes.
LONGEST = 256 * 1024

_T = TypeVar("_T")
_PLACE = re.compile(r" \(at line ([0-9]+), column ([0-9]+)\)$")


def moment(value: dt.datetime) -> dt.datetime:
    """Give *value* to the second, with its offset from UTC in place of its zone.

    Raises:
        InputError: it has no zone, so it is no moment.
    """
    offset = value.utcoffset()
    if offset is None:
        raise InputError(f"the time {value} has no zone", hint="write it like 2026-03-05T14:02:00+00:00")
    # TOML has no offsets with seconds in them, which zones had a century ago.
    whole = dt.timedelta(minutes=offset // dt.timedelta(minutes=1))
    # A day is kept free at both ends, for what is planned around it.
    if not 1 < value.year < dt.MAXYEAR:
        raise InputError(f"the time {value} is beyond what a calendar holds")
    return value.astimezone(dt.timezone(whole)).replace(microsecond=0)


def write_fields(fields: Mapping[str, Any]) -> str:
    """Write the fields of a record, those that are None left out."""
    top = {name: fields[name] for name in _TOP}
    deploy = {"at": fields["deployed"], "exit_code": fields["exit_code"]}
    lines = [HEADER, f"schema = {SCHEMA}", *_pairs(top)]
    if any(value is not None for value in deploy.values()):
        lines += ["", "[deploy]", *_pairs(deploy)]
    if fields["ticks"]:
        lines += ["", "[done]", *_pairs(fields["ticks"])]
    return "\n".join(lines) + "\n"


def read_fields(text: str, path: str) -> dict[str, Any]:
    """Read the fields of a record; a field that is left out is not among them.

    Raises:
        InputError: every mistake, each with file and key, all at once; or a newer schema.
    """
    data = _parsed(text, path)
    _check_schema(data.pop("schema", None), path)
    table = _Table(data, path)
    fields = {name: table.take(name, read, needed=name in _NEEDED) for name, read in _TOP.items()}
    deploy, done = table.take("deploy", _table), table.take("done", _table)
    nested = _Table(deploy or {}, path, "deploy.")
    fields["deployed"] = nested.take("at", _moment)
    fields["exit_code"] = nested.take("exit_code", _number)
    ticks = _Table(done or {}, path, "done.")
    fields["ticks"] = {name: ticks.take(name, _moment) for name in TICKS if name in (done or {})}
    errors = [
        *table.problems((*_TOP, "deploy", "done"), "keys"),
        *nested.problems(("at", "exit_code"), "keys"),
        *ticks.problems(TICKS, "boxes that people tick"),
    ]
    raise_all(errors)
    return {name: value for name, value in fields.items() if value is not None}


class _Table:
    """One table of the file: what is taken from it, what is wrong in it, what nobody asked for."""

    def __init__(self, data: dict[str, Any], path: str, prefix: str = "") -> None:
        self._data = dict(data)
        self._path = path
        self._prefix = prefix
        self._errors: list[KrowVersionsError] = []

    def take(self, name: str, read: Callable[[Any], _T], *, needed: bool = False) -> _T | None:
        if name not in self._data:
            if needed:
                self._errors.append(InputError(f"{name} is missing, and no hotfix is without it"))
                self._errors[-1].in_file(self._path, self._prefix + name)
            return None
        try:
            return read(self._data.pop(name))
        except KrowVersionsError as error:
            self._errors.append(error.in_file(self._path, self._prefix + name))
            return None

    def problems(self, known: tuple[str, ...], what: str) -> list[KrowVersionsError]:
        for name in self._data:
            error = InputError(f"{quoted(name)} is not known here", hint=did_you_mean(name, known, what))
            self._errors.append(error.in_file(self._path, self._prefix + name))
        return self._errors


def _parsed(text: str, path: str) -> dict[str, Any]:
    import tomllib

    if len(text) > LONGEST:
        raise FileTooLarge("this is longer than any record of a hotfix", path=path, hint=_MEND)
    body = text.removeprefix("\ufeff")
    try:
        return tomllib.loads(body)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
    except (ValueError, RecursionError):
        raise FileFormatError("invalid TOML", path=path, hint=_MEND) from None
    place = _PLACE.search(message)
    what = message[: place.start()] if place else message
    wrong = FileFormatError(f"invalid TOML: {what}", path=path, hint=_MEND)
    if place:
        wrong.line, wrong.column = int(place[1]), int(place[2])
    raise wrong


def _check_schema(schema: Any, path: str) -> None:
    if type(schema) is int and schema > SCHEMA:
        raise InputError(
            f"this record is of schema {schema}, and this krow-versions reads up to {SCHEMA}",
            path=path,
            key="schema",
            hint="a newer krow-versions wrote it: install that one",
        )
    if type(schema) is not int or schema != SCHEMA:
        raise InputError(f"schema must be {SCHEMA}", path=path, key="schema", hint=_MEND)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise InputError(f"must be text in quotes, not {_kind(value)}")
    return value


def _moment(value: Any) -> dt.datetime:
    if not isinstance(value, dt.datetime):
        raise InputError(
            f"must be a time, not {_kind(value)}", hint="write it like 2026-03-05T14:02:00+00:00, no quotes"
        )
    return moment(value)


def _number(value: Any) -> int:
    if type(value) is not int:
        raise InputError(f"must be a whole number, not {_kind(value)}")
    if abs(value) >= 2**32:
        raise InputError("is greater than any exit code")
    return value


def _table(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"must be a table, not {_kind(value)}")
    return value


def _kind(value: Any) -> str:
    kinds = {str: "text", bool: "true or false", int: "a number", float: "a number", dict: "a table"}
    return kinds.get(type(value), "a list" if isinstance(value, list) else "a date or time")


def _version(value: Any) -> Version:
    version = Version.parse(_text(value))
    if version.prerelease is not None or version.build is not None:
        raise InputError(f"{quoted(str(version))} must be three numbers, such as 0.1.1")
    return version


def _severity(value: Any) -> Severity:
    return Severity.parse(_text(value))


_TOP: dict[str, Callable[[Any], Any]] = {
    "product": _text,
    "slug": _text,
    "version": _version,
    "base": _text,
    "branch": _text,
    "issue": _text,
    "severity": _severity,
    "impact": _text,
    "environment": _text,
    "who": _text,
    "detected": _moment,
    "started": _moment,
    "announced": _moment,
    "followed_up": _moment,
    "reported": _moment,
    "notes": _text,
}
_NEEDED = ("product", "slug", "version", "base", "branch", "issue", "severity", "impact", "started")
_MEND = "mend it by hand, or move it away and declare the hotfix again with krow-versions hotfix start"


def _pairs(values: Mapping[str, Any]) -> list[str]:
    return [f"{name} = {_value(value)}" for name, value in values.items() if value is not None]


def _value(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    return toml_string(str(value))
