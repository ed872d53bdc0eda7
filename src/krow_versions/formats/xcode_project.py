"""The targets of an Xcode project (``project.pbxproj``), and the versions that are written out for them.

Unlike the format, this refuses nothing: a version that cannot be raised overrides another one, too. And it
knows the property list of each target, which decides what its app gets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.edits import lines_in
from krow_versions.errors import FileFormatError
from krow_versions.formats.apple import is_derived
from krow_versions.formats.literals import Written
from krow_versions.formats.openstep import Dictionary, Word, read_openstep
from krow_versions.formats.xcode_targets import BUILD, VERSION, setting_of
from krow_versions.regexes import regex
from krow_versions.values import evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from krow_versions.formats.literals import Kind

    LineOf = Callable[[int], int]

SETTINGS = ("$(", "${")
"""What is before the name of a setting where its value is meant."""
_SHIPPED = ("application", "extension")  # Types of products whose versions Apple compares.
# What is written out in a text that does not parse.
_SETTING = regex(
    r"""(?<![\w.])(MARKETING_VERSION|CURRENT_PROJECT_VERSION)(?:\[[^][\n]*\])?"?[ \t]*=[ \t]*"""
    r"""("[^"\n]*"|[^\s;"]+)[ \t]*;"""
)
_VARIABLE = regex(r"\$(?:\(([A-Z_]+)\)|\{([A-Z_]+)\})")
_NEEDED = regex(
    r"\b(?:PBXProject|PBXNativeTarget|PBXAggregateTarget|XCConfigurationList|XCBuildConfiguration)\b"
)


@frozen
class Target:
    """The settings of a target of an app in one configuration, such as Release.

    Attributes:
        name: its name; empty if no target has these settings.
        values: the versions and builds that are written out for it, inherited ones included.
        plist: the path of its Info.plist from the project's folder; empty if it has none.
        generates: whether Xcode adds its version and build to the Info.plist.
    """

    name: str
    values: tuple[Written, ...]
    plist: str = ""
    generates: bool = False


@frozen
class Project:
    """What is known of an Xcode project.

    Attributes:
        targets: those of apps and extensions, one for each configuration.
        plists: the paths of all Info.plist files that a target names, those of tests included.
    """

    targets: tuple[Target, ...]
    plists: frozenset[str] = frozenset()


def read_project(text: str) -> Project:
    """Read the targets of a project; of a text that does not parse, whatever is written out in it."""
    try:
        return _project(lines_in(text), read_openstep(text, _NEEDED).dictionary("objects"))
    except FileFormatError:
        line_of = lines_in(text)
        found = (
            _written(line_of, match[1], match[2].strip('"'), match.start())
            for match in _SETTING.finditer(text)
        )
        return Project((Target("", tuple(each for each in found if each)),))


def _project(line_of: LineOf, objects: Dictionary) -> Project:
    kinds: dict[str, list[tuple[str, Dictionary]]] = {}
    for identifier in objects.items:
        each = objects.dictionary(identifier)
        kinds.setdefault(each.word("isa"), []).append((identifier, each))
    inherited: dict[str, dict[str, Any]] = {}
    owned: set[str] = set()
    for _, each in kinds.get("PBXProject", ()):
        for identifier, name, settings in _configurations(objects, each):
            inherited[name] = settings.items
            owned.add(identifier)
    targets: list[Target] = []
    plists: set[str] = set()
    for isa in ("PBXNativeTarget", "PBXAggregateTarget"):
        for _, each in kinds.get(isa, ()):
            for identifier, name, settings in _configurations(objects, each):
                owned.add(identifier)
                every = evolve(settings, items={**inherited.get(name, {}), **settings.items})
                target = _target(line_of, each.word("name"), every, name)
                plists |= {target.plist} - {""}
                if isa == "PBXNativeTarget" and _ships(each):
                    targets.append(target)
    for identifier, each in kinds.get("XCBuildConfiguration", ()):
        if identifier not in owned:
            targets.append(_target(line_of, "", each.dictionary("buildSettings"), each.word("name")))
    return Project(tuple(targets), frozenset(plists))


def _ships(target: Dictionary) -> bool:
    kind = target.word("productType")
    return any(each in kind for each in _SHIPPED) if kind else not target.word("name").endswith("Tests")


def _configurations(objects: Dictionary, owner: Dictionary) -> Iterator[tuple[str, str, Dictionary]]:
    """Give the id, the name and the settings of each configuration of a target or project."""
    listed = objects.dictionary(owner.word("buildConfigurationList"))
    for identifier in listed.words("buildConfigurations"):
        configuration = objects.dictionary(identifier)
        yield identifier, configuration.word("name"), configuration.dictionary("buildSettings")


def _target(line_of: LineOf, name: str, settings: Dictionary, configuration: str) -> Target:
    values = (
        _written(line_of, key, word.value, word.span.start, name)
        for key, word in settings.items.items()
        if isinstance(word, Word)
    )
    known = {"SRCROOT": ".", "PROJECT_DIR": ".", "CONFIGURATION": configuration, "TARGET_NAME": name}
    plist = _VARIABLE.sub(
        lambda match: known.get(match[1] or match[2], match[0]), settings.word("INFOPLIST_FILE")
    )
    generates = settings.word("GENERATE_INFOPLIST_FILE").upper() in {"YES", "1", "TRUE"}
    return Target(name, tuple(each for each in values if each), plist, generates)


def _written(line_of: LineOf, key: str, value: str, start: int, target: str = "") -> Written | None:
    name = setting_of(key)
    if name not in {VERSION, BUILD} or not value or is_derived(value):
        return None
    kind: Kind = "version" if name == VERSION else "build"
    return Written(name, kind, value, line_of(start), target)
