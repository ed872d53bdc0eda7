"""``build.gradle`` and ``build.gradle.kts``: the literal versions of an Android app, or of a project.

A script is a program, and nothing runs it here. Only what it sets directly is a place:
``versionName "1.4.0"``, ``versionName = "1.4.0"``, ``setVersionName("1.4.0")``, and so for ``versionCode``
and ``version``. Its key path is that of the blocks around it, such as ``android.defaultConfig.versionName``
or ``android.productFlavors.staff.versionCode``; a second one at the same key path has an index.

A version of the project (``version = "1.4.0"``) counts if the file sets no ``versionName``, or derives it
from the project's.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from krow_versions.errors import FileFormatError, InvalidVersion, Unsupported, UsageError, VersionNotFound
from krow_versions.formats.gradle_blocks import UNKNOWN, statements
from krow_versions.formats.gradle_sources import (
    CODE,
    NAME,
    VERSION,
    Setting,
    advise,
    by_template,
    derived_builds,
    from_project,
    read_setting,
    source_of,
)
from krow_versions.formats.gradle_tokens import scan
from krow_versions.formats.model import Document, Format, Scalar, at_key_path, dotted, highest_plus
from krow_versions.regexes import regex
from krow_versions.text.escaping import printable, quoted
from krow_versions.values import evolve, field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from krow_versions.formats.gradle_blocks import Statement
    from krow_versions.formats.model import KeyPath, Kind


@frozen
class Script:
    """What a script sets.

    Attributes:
        text: the whole script.
        literal: key path and value of each place, from first to last.
        derived: key path and setting of what is set to something else.
        variables: what the script sets under other names; the last of a name, and first what it declares.
    """

    text: str
    literal: tuple[tuple[KeyPath, Setting], ...]
    derived: tuple[tuple[KeyPath, Setting], ...]
    variables: dict[str, Setting]


def read_gradle(text: str) -> Document:
    """Parse a build script, whether it is Groovy or Kotlin.

    Raises:
        FileFormatError: it is neither.
        Unsupported: it is both, with different versions.
    """
    script = _script(text)
    data: Any = {}
    position = 0
    around = []
    for key, setting in script.literal:
        _put(data, key, setting.value.value)
        around.append(text[position : setting.value.span.start])
        position = setting.value.span.end
    data[_AROUND] = (*around, text[position:])
    data[_SCRIPT] = _Unseen(script)
    codes = [setting for key, setting in script.derived if _name_of(key) == CODE]
    names = [setting for key, setting in script.literal if _name_of(key) == NAME]
    derived = derived_builds(text, codes, names, script.variables)
    return Document(data, functools.partial(_locate, text, dict(script.literal)), derived=derived)


def _script(text: str) -> Script:
    """Read *text* as Groovy and, if that may matter, as Kotlin."""
    read: list[Script] = []
    errors: list[FileFormatError] = []
    for kotlin in (False, True):
        try:
            found = scan(text, kotlin=kotlin)
            read.append(_settings(text, statements(found)))
        except FileFormatError as error:
            errors.append(error)
        else:
            if not found.peculiar:
                break
    if not read:
        raise max(errors, key=lambda error: (error.line or 0, error.column or 0))
    if len(read) > 1 and read[0].literal != read[1].literal:
        raise Unsupported(
            "it cannot be known whether this is Groovy or Kotlin, which see different versions here",
            hint="simplify the comments and strings before the version",
        )
    return read[0]


def _settings(text: str, found: Iterable[Statement]) -> Script:
    settings: dict[KeyPath, list[Setting]] = {}
    variables: dict[str, Setting] = {}
    for statement in found:
        setting = read_setting(text, statement.items)
        if setting is None:
            continue
        key = None if setting.is_declared else _key_of((*statement.path, *setting.target))
        name = setting.target[-1]
        if key:
            settings.setdefault(key, []).append(setting)
        elif setting.is_declared or name not in variables or not variables[name].is_declared:
            variables[name] = setting
    literal: list[tuple[KeyPath, Setting]] = []
    derived: list[tuple[KeyPath, Setting]] = []
    for key, several in settings.items():
        literals = [each for each in several if each.is_literal]
        literal += (
            [(key, literals[0])]
            if len(literals) == 1
            else [((*key, index), each) for index, each in enumerate(literals)]
        )
        derived += [(key, each) for each in several if not each.is_literal]
    literal.sort(key=lambda pair: pair[1].value.span.start)
    return Script(text, tuple(literal), tuple(derived), variables)


def _key_of(names: Sequence[str]) -> KeyPath | None:
    """Return the key path of a setting with these names, or None if it is no version's."""
    *blocks, name = names
    if "android" in blocks:
        last = len(blocks) - blocks[::-1].index("android")
        blocks = blocks[last:]
        if blocks[:1] == ["defaultConfig"] and blocks[1:2] and blocks[1] in _VARIANTS:
            blocks = blocks[1:]  # Gradle looks names up in the blocks around, too.
        in_place = blocks == ["defaultConfig"] or (len(blocks) == _NAMED and blocks[0] in _VARIANTS)
        if in_place and UNKNOWN not in blocks and name in (NAME, CODE):
            return ("android", *blocks, name)
        return None
    if name == VERSION and (not blocks or (len(blocks) == 1 and blocks[0] in _PROJECTS)):
        return (*blocks, name)
    return None


def _put(data: Any, key: KeyPath, value: str) -> None:
    for part in key[:-1]:
        data = data.setdefault(part, {})
    data[key[-1]] = value


def _locate(text: str, literal: dict[KeyPath, Setting], key: KeyPath) -> Scalar:
    """Return the literal at *key*; raise if it is none of a version or a build."""
    if key not in literal:
        raise VersionNotFound(f"the key {dotted(key)} is not there", hint=_NO_KEY)
    setting = literal[key]
    value, at = setting.value, setting.value.span.start
    written = value.span.of(text)
    if _name_of(key) == CODE:
        if value.style:
            raise Unsupported(
                f"versionCode is the string {printable(written)[:40]}, not a number",
                hint="write it without quotes",
            ).located(text, at)
        if not _PLAIN.fullmatch(written):
            raise Unsupported(
                f"versionCode is written as {_spelling(written)}",
                hint=f"write it in plain digits{_as_decimal(written)}",
            ).located(text, at)
    elif not value.style:
        raise InvalidVersion(f"the version is the number {written[:40]}, not a string", hint=_QUOTES).located(
            text, at
        )
    elif "\\" in written:
        raise Unsupported("the version is written with escapes", hint="write it without").located(text, at)
    return value


def _spelling(written: str) -> str:
    for pattern, name in _SPELLINGS:
        if pattern.fullmatch(written):
            return f"{name}: {written[:40]}"
    return f"{quoted(written[:40])}, which is no whole number"


def _as_decimal(written: str) -> str:
    digits = written.replace("_", "").rstrip("lLgGiI")
    for pattern, base in ((r"0[xX][0-9A-Fa-f]{1,16}", 16), (r"0[bB][01]{1,64}", 2), (r"0[0-7]{1,20}", 8)):
        if re.fullmatch(pattern, digits):
            return f", such as {int(digits, base)}"
    return f", such as {digits}" if _PLAIN.fullmatch(digits) else ""


# --- which places count -------------------------------------------------------------------------


def _keys(data: Any) -> tuple[KeyPath, ...]:
    """Return the key paths of the places, if the user names none."""
    script: Script = data[_SCRIPT].script
    keys = [key for key, _ in script.literal]
    android = [key for key in keys if key[0] == "android"]
    names = [setting for key, setting in script.derived if key[0] == "android" and _name_of(key) == NAME]
    if any(_name_of(key) == NAME for key in android):
        return tuple(android)
    project = [key for key in keys if key[0] != "android"]
    if not names or all(from_project(each, script.variables) for each in names):
        android = project + android
    if android:
        return tuple(android)
    raise _nothing(script)


def _keys_at(path: KeyPath, data: Any) -> tuple[KeyPath, ...]:
    """Return the key paths of the places below *path*, which the user names.

    A variant has what it does not set itself from ``android.defaultConfig``.
    """
    script: Script = data[_SCRIPT].script
    keys = [key for key, _ in script.literal]
    below = [key for key in keys if key[: len(path)] == path]
    if not below:
        derived = [each for each in script.derived if each[0][: len(path)] == path]
        if derived:
            raise _derived(script, derived)
        named = f"; the file has {', '.join(map(dotted, keys))}" if keys else ""
        raise VersionNotFound(
            f"the key {dotted(path)} sets no version{named}", key=dotted(path), hint=_NO_KEY
        )
    own = {_name_of(key) for key in below}
    own |= {_name_of(key) for key, _ in script.derived if key[: len(path)] == path}
    if len(path) == _NAMED + 1 and path[1] in _VARIANTS:
        below += [key for key in keys if key[:2] == _DEFAULT and _name_of(key) not in own]
    return tuple(below)


def _at(chosen: Format, key: str) -> Format:
    (path,) = at_key_path(chosen, key).keys(None)
    if path[0] not in ("android", VERSION, *_PROJECTS):
        raise UsageError(
            f"{quoted(key)} is no place of a version in a build script",
            hint='name one like "android.productFlavors.staff", "android.defaultConfig" or "version"',
        )
    return evolve(chosen, keys=functools.partial(_keys_at, path))


def _nothing(script: Script) -> VersionNotFound:
    android = [each for each in script.derived if each[0][0] == "android"]
    if android or script.derived:
        return _derived(script, android or list(script.derived))
    error = VersionNotFound("there is no versionName, versionCode or version", hint=_NO_KEY)
    other = next((script.variables[name] for name in (NAME, VERSION) if name in script.variables), None)
    if other is None or not other.is_literal:
        return error
    error.message += " of the app or of the project; this one is of something else"
    return error.advise(f"if it is meant, {advise([by_template(script.text, other)])}").located(
        script.text, other.value.span.start
    )


def _derived(script: Script, derived: Sequence[tuple[KeyPath, Setting]]) -> VersionNotFound:
    """Make the error for values that the script takes from elsewhere."""
    firsts: dict[str, Setting] = {}
    for key, setting in derived:
        firsts.setdefault(_name_of(key), setting)
    sources = {name: source_of(script.text, each, script.variables) for name, each in firsts.items()}
    lines = {name: script.text.count("\n", 0, each.value.span.start) + 1 for name, each in firsts.items()}
    first = derived[0]
    said = [f"{name} in line {lines[name]} {source.says}" for name, source in sources.items()]
    said[0] = f"{_name_of(first[0])} {sources[_name_of(first[0])].says}"  # The error shows its line itself.
    error = VersionNotFound("; ".join(said), key=dotted(first[0]), hint=advise(sources.values()))
    return error.located(script.text, first[1].value.span.start)


def _name_of(key: KeyPath) -> str:
    return next(part for part in reversed(key) if isinstance(part, str))


def _kind(key: KeyPath, value: str) -> Kind:
    if _name_of(key) == CODE:
        return "build"
    return "version" if _name_of(key) == NAME and "+" not in value else "full"


def _choice(key: KeyPath) -> str:
    if isinstance(key[-1], int):
        return ""
    return f'or choose one with key = "{dotted(key[:-1] if key[0] == "android" else key)}"'


def _build_bound(data: bytes) -> int:
    """Return an upper bound: the highest number behind a versionCode, or any if comments are between."""
    found = [match[1] for match in _CODES.finditer(data)]
    if None in found:
        found = _ALL_DIGITS.findall(data)
    return max(highest_plus(data), *map(int, filter(None, found)), -1)


@frozen
class _Unseen:
    """A script that the comparison of two texts does not see: the text around the places says it all."""

    script: Script = field(eq=False)


_AROUND, _SCRIPT = ("the text around",), ("the script",)  # Differ from all names, which are strings.
_NAMED = 2
_VARIANTS = ("productFlavors", "buildTypes")
_PROJECTS = ("allprojects", "subprojects")
_DEFAULT = ("android", "defaultConfig")
_PLAIN = regex(r"0|[1-9][0-9]*")
_SPELLINGS = (
    (regex(r"0[0-7]+"), "an octal number"),
    (regex(r"0[xX]\w+"), "a hexadecimal number"),
    (regex(r"0[bB]\w+"), "a binary number"),
    (regex(r"[0-9]+[lLgGiI]"), "a number with a suffix"),
    (regex(r"0[0-9]+"), "a number with leading zeros"),
    (regex(r"[0-9][0-9_]*"), "a number with underscores"),
)
_QUOTES = 'put it in quotes, such as "1.4.0"'
_NO_KEY = (
    'add versionName "1.4.0" or version = "1.4.0" by hand, name another place with key, or name the file '
    "that has the version, such as gradle.properties"
)
_CODES = regex(rb"""ersionCode[\s=(\\"'\]]*(?:([0-9]{1,256})|/)""")
_ALL_DIGITS = regex(rb"[0-9]{1,256}")

GRADLE = Format(
    "gradle",
    read_gradle,
    _keys,
    filenames=("build.gradle", "build.gradle.kts"),
    at=_at,
    sparse=True,
    kind=_kind,
    build_bound=_build_bound,
    choice=_choice,
    first_build="versionCode = 1 beside versionName",
)
