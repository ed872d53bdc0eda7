"""``package.json`` and its locks, of npm."""

from __future__ import annotations

from json import loads
from typing import TYPE_CHECKING, Any

from krow_versions.errors import VersionNotFound
from krow_versions.formats.json import json_at, json_format, reaching
from krow_versions.formats.model import Package, Packaging, Pin, dotted, only_versions, parsed_key, value_at
from krow_versions.formats.packages import inside
from krow_versions.formats.yaml import plain_yaml, read_yaml
from krow_versions.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.formats.model import Format, KeyPath

_TOP: KeyPath = ("version",)
_ROOT: KeyPath = ("packages", "", "version")
_RELOCK = "npm install --package-lock-only"
_SECTIONS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
# Sections that replace what packages require: npm's, Yarn's and pnpm's.
_OVERRIDES: tuple[KeyPath, ...] = (("overrides",), ("resolutions",), ("pnpm", "overrides"))
# A range with one version in it, by the grammar of node-semver; workspace: is pnpm's and Yarn's. Possessive
# repeats (``*+``) do not backtrack, so matching is linear in time.
_RANGE = regex(
    r"[ ]*+(?:workspace:)?+[ ]*+(?P<sign>\^?)[=v ]*+"
    r"(?P<version>[0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)[ ]*"
)


# --- package.json ------------------------------------------------------------------------------


def _is_private(data: Any) -> bool:
    return value_at(data, ("private",)) is True


def _name(data: Any) -> str | None:
    name = value_at(data, ("name",))
    return name if isinstance(name, str) and name else None


def _pins(data: Any) -> Iterator[Pin]:
    for section in _SECTIONS:
        yield from _pins_in(data, (section,))
    for section_path in _OVERRIDES:
        yield from _pins_in(data, section_path)


def _pins_in(data: Any, path: KeyPath, parent: str = "") -> Iterator[Pin]:
    """Yield the pins in an object of a section; those of npm's overrides may be nested."""
    section = value_at(data, path)
    for key, value in section.items() if isinstance(section, dict) else ():
        here = (*path, key)
        name = key if path[0] in _SECTIONS else parent if key == "." else _overridden(key)
        if isinstance(value, dict) and path[0] == "overrides":
            yield from _pins_in(data, here, name)
        elif isinstance(value, str) and _is_exact(value) and '"' not in key:
            yield Pin(dotted(here), name)


def _is_exact(value: str) -> bool:
    """Whether one PATCH only is in a range: ``^0.0.3`` has no other, and ``^0.1.3`` has."""
    found = _RANGE.fullmatch(value)
    return found is not None and (not found["sign"] or found["version"].startswith("0.0."))


def _overridden(key: str) -> str:
    """Return the name of the package that an override is for.

    >>> [_overridden(key) for key in ("b", "b@^1", "@s/b@1", "a>b", "**/b", "a/@s/b")]
    ['b', 'b', '@s/b', 'b', 'b', '@s/b']
    """
    *scopes, last = key.rpartition(">")[2].strip().split("/")
    scope = f"{scopes[-1]}/" if scopes and scopes[-1].startswith("@") else ""
    return scope + (last.partition("@")[0] or last)


def _members(text: str) -> list[str]:
    """Return the globs of a ``package.json`` or ``lerna.json``."""
    data = loads(text)
    found = data.get("workspaces", data.get("packages")) if isinstance(data, dict) else None
    return _texts(found.get("packages") if isinstance(found, dict) else found)


def _members_of_pnpm(text: str) -> list[str]:
    return _texts((plain_yaml(text) or read_yaml(text)).data.get("packages"))


def _texts(found: Any) -> list[str]:
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


# --- locks -------------------------------------------------------------------------------------


def _lock_keys(data: Any) -> tuple[KeyPath, ...]:
    """Return the top version and, since lockfileVersion 2, that of the root package.

    Source: npm's documentation of package-lock.json, "packages".
    """
    packages, present = data.get("packages"), ["version" in data]
    if isinstance(packages, dict):
        entry = packages.get("")
        present.append(isinstance(entry, dict) and "version" in entry)
    if not any(present):
        raise VersionNotFound("the lock file has no version of its own package", key="version", hint=_HINT)
    if not all(present):
        absent = _ROOT if present[0] else _TOP
        raise VersionNotFound(f"the key {dotted(absent)} is not there", key=dotted(absent), hint=_HINT)
    return (_TOP, _ROOT)[: len(present)]


def _entry(package: Package) -> str | None:
    """Return the key of a member of a workspace, or of a package that is required as ``file:``."""
    return dotted(("packages", package.folder, "version")) if package.folder else None


def _copies(package: Package, pin: Pin) -> tuple[str, ...]:
    """Return where a lock repeats the pin of a member; lockfileVersion 2 has it once more, for npm 6."""
    section, *name = parsed_key(pin.key)
    if section not in _SECTIONS:
        return ()
    repeated = dotted(("packages", package.folder, section, *name))
    if package.name is None or not package.folder:
        return (repeated,)
    return (repeated, dotted(("dependencies", package.name, "requires", *name)))


def _at(chosen: Format, key: str) -> Format:
    """Return *chosen* for the version at *key*, which may be a part of a pin."""
    path = parsed_key(key)
    section = path[2:] if path[0] == "packages" else path[2:] if path[2:3] == ("requires",) else path
    is_pin = len(section) > 1 and (section[0] in {*_SECTIONS, "requires"} or _is_override(section))
    return inside(reaching(chosen, path), path, _RANGE) if is_pin else json_at(chosen, key)


def _is_override(path: KeyPath) -> bool:
    return any(path[: len(section)] == section != path for section in _OVERRIDES)


_HINT = f"bring the lock in step with its package.json: {_RELOCK}"

PACKAGE_LOCK = json_format(
    "package-lock",
    (_TOP, _ROOT),
    once=("packages",),  # With two, an edit would miss one.
    at=_at,
    keys=_lock_keys,
    filenames=("package-lock.json", "npm-shrinkwrap.json"),
    lock_command=_RELOCK,
    entry=_entry,
    copies=_copies,
    kind=only_versions,
)
PACKAGE_JSON = json_format(
    "package-json",
    (_TOP, ("private",), ("name",)),  # For large files, which have no tree.
    at=_at,
    filenames=("package.json",),
    companions=(PACKAGE_LOCK.name,),
    private=_is_private,
    packaging=Packaging(
        _name,
        _pins,
        (("package.json", _members), ("lerna.json", _members), ("pnpm-workspace.yaml", _members_of_pnpm)),
    ),
    kind=only_versions,
)
