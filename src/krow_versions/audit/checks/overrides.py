"""Versions and builds in the files of other build tools, which take the place of a pubspec's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.audit.model import Occurrence, shown_path
from krow_versions.products import repo_path
from krow_versions.text.escaping import printable
from krow_versions.text.words import by_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from krow_versions.audit.model import CheckContext
    from krow_versions.formats.literals import Written
    from krow_versions.snapshot import FileState, OverrideState

_MOST = 6  # Lines in a message; an app with many flavours has dozens.


def overridden(context: CheckContext) -> Iterator[Occurrence]:
    """Report each key of each file once, at the first place that differs, or else at the first."""
    for override in context.state.overrides:
        path = printable(repo_path(override.repo, override.path))
        if override.error is not None:
            yield Occurrence(
                f"whether it overrides {shown_path(override.source)} is not known: "
                f"{printable(override.error.where)}: {printable(override.error.message)}",
                printable(override.error.hint or "correct the file, or restore it from git"),
                override.path,
                override.error.line,
                repo=override.repo,
            )
            continue
        for key in dict.fromkeys(value.key for value in override.values):
            values = [value for value in override.values if value.key == key]
            wanted, found = _wanted(override.source, values[0]), _listed(values)
            differing = [value for value in values if not override.agrees(value)]
            source = shown_path(override.source)
            says = f"but {source} says {wanted}" if differing else f"and no bump of {source} raises it"
            yield Occurrence(
                f"{path} has {key} {found}, {says}",
                _way(context.name, override, key, wanted if differing else None),
                override.path,
                (differing or values)[0].line,
                about=key,
                repo=override.repo,
            )


def _wanted(source: FileState, value: Written) -> str:
    if value.kind == "version":
        return str(source.version.with_build(None)) if source.version else "?"
    return "no build" if source.build is None else f"build {source.build}"


def _listed(values: Iterable[Written]) -> str:
    """List each value with its targets and lines: ``1.0 for Share (lines 3 and 9)``."""
    by_value: dict[str, list[Written]] = {}
    for each in values:
        by_value.setdefault(each.value, []).append(each)
    return ", ".join(f"{printable(value)}{_where(found)}" for value, found in by_value.items())


def _where(values: list[Written]) -> str:
    targets = [*dict.fromkeys(value.target for value in values if value.target)]
    lines = [str(line) for line in sorted({value.line for value in values})]
    words = f" for {printable(', '.join(targets))}" if targets else ""
    if targets or len(lines) > 1:
        more = f" and {len(lines) - _MOST} more" if len(lines) > _MOST else ""
        words += f" ({by_number(len(lines), 'line', 'lines')} {', '.join(lines[:_MOST])}{more})"
    return words


def _way(name: str, override: OverrideState, key: str, wanted: str | None) -> str:
    """Say how a value is derived from the pubspec, or how it moves with it."""
    flutter = {"version": "FLUTTER_BUILD_NAME", "build": "FLUTTER_BUILD_NUMBER"}
    kind = next(value.kind for value in override.values if value.key == key)
    if override.path == override.source.path:
        return f"remove {key}: without it the package gets the version of the pubspec"
    if override.path.endswith((".gradle", ".kts")):
        way = f"write {key} = flutter.{key}"
    elif override.path.endswith(".plist"):
        way = f"write $({flutter[kind]}) there"
    else:
        way = f'write {key} = "$({flutter[kind]})"'
    right = f"write {wanted.removeprefix('build ')} there and " if wanted and wanted != "no build" else ""
    return f"{way}; or {right}name the file among the files of {name}, so that a bump raises it"
