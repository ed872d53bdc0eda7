"""The targets of an Xcode project, and the places of their versions."""

from __future__ import annotations

from krow_versions.edits import lines_in
from krow_versions.errors import AmbiguousVersion, FileFormatError
from krow_versions.formats.model import CORRECT
from krow_versions.formats.openstep import Dictionary, Word, read_openstep
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted
from krow_versions.values import field, frozen

VERSION, BUILD = "MARKETING_VERSION", "CURRENT_PROJECT_VERSION"
PROJECT = "PBXProject"
"""Stands for the project among the names of targets."""

SettingPath = tuple[str, str, str]
"""The names of a target, of its configuration, and of the setting."""


@frozen
class Outline:
    """What a project consists of.

    Attributes:
        targets: the product type of each target, by its name.
        depends: the names of the targets on which each target depends.
        configurations: the names of the configurations of each target.
        files: the Info.plist and .xcconfig files to which the configurations of each target refer.
        lines: the line of each setting.
    """

    targets: dict[str, str] = field(factory=dict)
    depends: dict[str, tuple[str, ...]] = field(factory=dict)
    configurations: dict[str, list[str]] = field(factory=dict)
    files: dict[str, tuple[str, ...]] = field(factory=dict)
    lines: dict[SettingPath, int] = field(factory=dict)

    def shipped(self) -> tuple[str, ...]:
        """Return the apps and all that is embedded in apps; without any, all targets but tests."""
        apps = [name for name, kind in self.targets.items() if _EMBEDDED.match(kind)]
        others = [name for name, kind in self.targets.items() if kind and not _TEST.match(kind)]
        return tuple(apps or others or [PROJECT])

    def apps(self) -> tuple[str, ...]:
        """Return the apps that are in no other app."""
        shipped = self.shipped()
        inner = {each for name in shipped for each in self.depends.get(name, ())}
        return tuple(name for name in shipped if name not in inner and _APP.match(self.targets.get(name, "")))

    def embedded(self, target: str) -> tuple[str, ...]:
        """Return *target*, and the extensions and apps on which it depends, at any distance."""
        found = {target: None}
        waiting = [target]
        while waiting:
            for name in self.depends.get(waiting.pop(), ()):
                if name not in found and _EMBEDDED.match(self.targets[name]):
                    found[name] = None
                    waiting.append(name)
        return tuple(found)


def setting_of(name: str) -> str:
    """Return the setting without its condition, such as ``[sdk=iphoneos*]``."""
    return name.partition("[")[0]


class Reading:
    """The settings of versions in a project.

    Attributes:
        outline: what the project consists of.
        words: every setting of a version or a build.
        twice: where the second of two settings is.
    """

    def __init__(self, text: str) -> None:
        root = read_openstep(text, _NEEDED)
        self.outline: Outline = Outline()
        self.words: dict[SettingPath, Word] = {}
        self.twice: dict[SettingPath, int] = {}
        self._text, self._objects = text, root.dictionary("objects")
        self._read_configurations: set[str] = set()
        project = self._object(root.word("rootObject"))
        if project.word("isa") != "PBXProject":
            raise FileFormatError("rootObject names no project", hint=CORRECT)
        names = {key: self._object(key).word("name") or key for key in project.words("targets")}
        if len({*names.values(), PROJECT}) <= len(names):
            names = {key: f"{name} {key}" for key, name in names.items()}
        for key, name in names.items():
            target = self._object(key)
            self.outline.targets[name] = target.word("productType")
            depends = (self._object(each).word("target") for each in target.words("dependencies"))
            self.outline.depends[name] = tuple(names[each] for each in depends if each in names)
            self._read(name, target)
        self._read(PROJECT, project)
        line_of = lines_in(text)
        self.outline.lines.update((path, line_of(word.span.start)) for path, word in self.words.items())

    def _read(self, target: str, owner: Dictionary) -> None:
        """Read the configurations of a target or of the project."""
        files: set[str] = set()
        for key in self._object(owner.word("buildConfigurationList")).words("buildConfigurations"):
            if key in self._read_configurations:
                continue
            self._read_configurations.add(key)
            configuration = self._object(key)
            name = configuration.word("name")
            settings = configuration.dictionary("buildSettings")
            based = self._object(configuration.word("baseConfigurationReference"))
            files |= {settings.word("INFOPLIST_FILE"), based.word("path")}
            self.outline.configurations.setdefault(target, []).append(name)
            for setting, value in settings.items.items():
                path = target, name, setting
                if setting_of(setting) in {VERSION, BUILD} and isinstance(value, Word):
                    twice = settings.twice.get(setting, value.span.start if path in self.words else None)
                    if twice is not None:
                        self.twice[path] = twice
                    self.words[path] = value
        self.outline.files[target] = tuple(sorted(files - {""}))

    def _object(self, key: str) -> Dictionary:
        """Return the object called *key*, or an empty one."""
        if key in self._objects.twice:
            raise AmbiguousVersion(
                f"the object {quoted(key)} is there twice",
                hint="remove one of the two: a merge may have left it",
            ).located(self._text, self._objects.twice[key])
        return self._objects.dictionary(key)


# Most objects of a project describe files.
_NEEDED = regex(
    r"PBXProject|PBX(?:Native|Aggregate|Legacy)Target|PBXTargetDependency|XCConfigurationList"
    r"|XCBuildConfiguration|\.xcconfig"
)
_TYPE = r"com\.apple\.product-type\."
_APP = regex(_TYPE + "application")
_EMBEDDED = regex(
    _TYPE
    + r"(?:application|(?:tv-)?app-extension|watchkit2?-extension|extensionkit-extension|xcode-extension)"
)
_TEST = regex(_TYPE + r"bundle\.(?:unit|ui|ocunit)-test")
