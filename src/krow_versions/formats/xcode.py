"""``project.pbxproj``, of Xcode: the literal versions in the build configurations of the app's targets.

Apple requires that the extensions, the watch app and the App Clip of an app have its version (technical
note TN2420), so these are one product. Frameworks, tools and tests have versions of their own; they count
only in a project without an app.

The data is a dict of targets, of their configurations, and of their settings, with the text around the
settings: the proof is that this text is the same, and that the same settings are found in it.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from krow_versions.errors import AmbiguousVersion, Unsupported, VersionNotFound
from krow_versions.formats.apple import build_kind, is_derived, only_derived, refused_build, refused_version
from krow_versions.formats.model import (
    MIB,
    Document,
    Format,
    KeyPath,
    Kind,
    Scalar,
    dotted,
    highest_plus,
)
from krow_versions.formats.xcode_targets import (
    BUILD,
    PROJECT,
    VERSION,
    Outline,
    Reading,
    SettingPath,
    setting_of,
)
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted
from krow_versions.values import evolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def read_xcode(text: str) -> Document:
    """Parse a project in the style that Xcode writes."""
    other = _OTHER_STYLE.match(text)
    if other:
        raise Unsupported(
            f"the project is written as {'XML' if other[1] == '<' else 'JSON'}, not as Xcode writes it",
            hint="open it in Xcode, change something and save it: Xcode rewrites the file",
        )
    reading = Reading(text)
    settings: dict[Any, Any] = {}
    for (target, configuration, name), word in reading.words.items():
        settings.setdefault(target, {}).setdefault(configuration, {})[name] = word.value
    spans = sorted(word.span for word in reading.words.values())
    around = zip(
        [0, *(span.end for span in spans)], [*(span.start for span in spans), len(text)], strict=True
    )
    rest = tuple(text[start:end] for start, end in around)
    data = {**settings, _OUTLINE: reading.outline, _REST: rest}
    return Document(data, functools.partial(_locate, text, reading))


def _locate(text: str, reading: Reading, key_path: KeyPath) -> Scalar:
    target, configuration, name = map(str, key_path)
    word = reading.words[target, configuration, name]
    if (target, configuration, name) in reading.twice:
        raise AmbiguousVersion(
            f"{dotted(key_path)} is there twice", key=dotted(key_path), hint="remove one of the two lines"
        ).located(text, reading.twice[target, configuration, name])
    refused = refused_build if setting_of(name) == BUILD else refused_version
    problem = refused(dotted(key_path), word.value) if word.value.strip() else None
    if problem:
        raise problem.advise(_advice(reading, name, word.value, problem.hint)).located(text, word.span.start)
    return Scalar(word.span, word.value, word.style)


def _advice(reading: Reading, name: str, value: str, hint: str | None) -> str:
    """Say what to write instead of *value*, and on which lines."""
    lines = reading.outline.lines
    shipped = {PROJECT, *reading.outline.shipped()}
    own = {path: word for path, word in reading.words.items() if path[2] == name and path[0] in shipped}
    refused = refused_build if setting_of(name) == BUILD else refused_version
    right = [path for path, word in own.items() if not is_derived(word.value) and not refused("", word.value)]
    if len({own[path].value for path in right}) == 1:
        hint = f"write {own[right[0]].value}, as on line {lines[right[0]]} ({dotted(right[0])})"
    wrong = sorted(lines[path] for path, word in own.items() if word.value == value)
    return (
        f"{hint}; {quoted(value)} is on the lines {', '.join(map(str, wrong)):.200}"
        if len(wrong) > 1
        else f"{hint}"
    )


# --- which settings count ---------------------------------------------------------------------


def _keys(data: Any, target: str | None = None) -> tuple[KeyPath, ...]:
    """Return the settings of the app's targets that are literal, and those that they inherit.

    Args:
        data: the data of the document.
        target: the only target whose settings count, with what is embedded in it; None for all apps.
    """
    outline: Outline = data[_OUTLINE]
    if target is not None and target not in outline.targets:
        names = ", ".join(map(quoted, outline.targets))
        raise VersionNotFound(
            f"there is no target {quoted(target)}", key=target, hint=f"the targets are {names:.300}"
        )
    if target is None:
        _refuse_several(data, outline.apps())
    targets = outline.shipped() if target is None else outline.embedded(target)
    found = tuple(_settings(data, targets))
    literal = tuple(path for path in found if not is_derived(_value(data, path)))
    if literal:
        return literal
    if found:
        raise only_derived(setting_of(found[0][2]), [_value(data, path) for path in found])
    files = sorted({file for name in targets for file in outline.files.get(name, ())})
    where = f"the targets refer to {', '.join(files):.300}" if files else "such as the app's Info.plist"
    raise VersionNotFound(
        f"no target of an app has {VERSION} or {BUILD}",
        key=VERSION,
        hint=f"name the file that has the version as the version file; {where}",
    )


def _settings(data: Any, targets: Iterable[str]) -> Iterator[SettingPath]:
    """Yield the settings of *targets*, and those of the project that one of them inherits."""
    outline: Outline = data[_OUTLINE]
    inherited: dict[SettingPath, None] = {}
    for target in targets:
        for configuration in outline.configurations.get(target, ()):
            settings = data.get(target, {}).get(configuration, {})
            yield from ((target, configuration, name) for name in settings)
            for name in data.get(PROJECT, {}).get(configuration, {}) if target != PROJECT else ():
                if _INHERITED in settings.get(setting_of(name), _INHERITED):
                    inherited[PROJECT, configuration, name] = None
    yield from inherited


def _refuse_several(data: Any, apps: Iterable[str]) -> None:
    """Refuse apps that have different versions: which one is meant cannot be guessed."""
    for setting in (VERSION, BUILD):
        said = {app: _said(data, app, setting) for app in apps}
        if len({frozenset(values) for values in said.values() if values}) > 1:
            lines = dict.fromkeys(
                f"line {data[_OUTLINE].lines[path]} ({dotted(path)}) says {quoted(value)}"
                for values in said.values()
                for value, path in values.items()
            )
            targets = " or ".join(quoted(app) for app, values in said.items() if values)
            raise AmbiguousVersion(
                f"the apps have different versions: {', '.join(lines)}",
                key=setting,
                hint=f"name the one that is meant as the key of the file, such as key = {targets:.200}",
            )


def _said(data: Any, target: str, setting: str) -> dict[str, SettingPath]:
    """Return the literal values of a target, each with the first setting that has it."""
    found: dict[str, SettingPath] = {}
    for path in _settings(data, [target]):
        if setting_of(path[2]) == setting and not is_derived(_value(data, path)):
            found.setdefault(_value(data, path), path)
    return found


def _value(data: Any, path: SettingPath) -> str:
    target, configuration, name = path
    value: str = data[target][configuration][name]
    return value


def _at(chosen: Format, key: str) -> Format:
    """Return *chosen* for the target called *key*."""
    return evolve(chosen, keys=functools.partial(_keys, target=key))


def _is_app(data: Any) -> bool:
    return bool(data and data[_OUTLINE].apps())


def _kind(key_path: KeyPath, value: str) -> Kind:
    return build_kind(value) if setting_of(str(key_path[-1])) == BUILD else "version"


def _build_bound(data: bytes) -> int:
    found = _BUILD_VALUE.findall(data)
    builds = (int(digits) if digits.isdigit() else _UNKNOWN for digits in found)
    return max(highest_plus(data), *builds, -1)


_OUTLINE, _REST = ("outline",), ("the rest",)  # Differ from the names of targets, which are strings.
_INHERITED = "$(inherited)"
_OTHER_STYLE = regex(r"\s*+(?:(<)|\{\s*+\"(?:[^\"\\]|\\.)*+\"\s*+:)")
# The digits behind a setting of the build, or a comment, foreign space or fifth condition, behind which they
# are not sought.
_BUILD_VALUE = regex(
    rb"""CURRENT_PROJECT_VERSION(?:\[(?:[^"'\\\[]++|\\[\s\S])*+){0,4}+["']?+\s*+(?:=\s*+["']?)?([0-9]{1,256}|[/\xe2\[])"""
)
_UNKNOWN: int = 10**256

XCODE = Format(
    "xcode",
    read_xcode,
    _keys,
    ("project.pbxproj",),
    32 * MIB,
    _at,
    private=_is_app,
    kind=_kind,
    build_bound=_build_bound,
    first_build="CURRENT_PROJECT_VERSION = 1 beside MARKETING_VERSION",
    delimited=True,
)
