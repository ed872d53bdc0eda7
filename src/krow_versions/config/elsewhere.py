"""Find the version of a Python package that its ``pyproject.toml`` takes from a file beside it.

Hatch and setuptools read it there when the package is built. A release tag then names the ``pyproject.toml``,
and a bump must write the other file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from krow_versions.config.candidates import FoundFile, can_be_written, look
from krow_versions.errors import KrowVersionsError
from krow_versions.formats import find_version, format_for, format_named, value_at
from krow_versions.products import VersionFile
from krow_versions.values import evolve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def look_around(path: str, text: str, read: Callable[[str], str | None]) -> FoundFile:
    r"""Read a file as :func:`look` does, and the file beside it that it takes its version from.

    Args:
        path: the path of the file.
        text: its text.
        read: returns the text of a file beside it, or None if there is none.

    >>> text = '[project]\nname = "x"\ndynamic = ["version"]\n[tool.hatch.version]\npath = "x/__init__.py"\n'
    >>> look_around("libs/x/pyproject.toml", text, {"libs/x/x/__init__.py": '__version__ = "1.2.3"\n'}.get)
    FoundFile(path='libs/x/pyproject.toml', ..., version='1.2.3', private=False, fault=None, name='x')
    """
    found = look(path, text)
    if found.format != "pyproject" or found.version is not None:
        return found
    folder, slash, _ = path.rpartition("/")
    for relative, word in _places(format_for(path).read(text.removeprefix("\ufeff")).data):
        beside = f"{folder}{slash}{relative}"
        held = read(beside) if can_be_written(beside) else None
        if held is None:
            continue
        for key in _templates(held, word):
            try:
                version = find_version(held, format_named("text", key)).version
            except KrowVersionsError:
                continue
            if version is not None:
                return evolve(
                    found,
                    version=str(version),
                    fault=None,
                    odd=False,
                    source=VersionFile(beside, format="text", key=key),
                )
    return found


def _places(data: Any) -> Iterator[tuple[str, str]]:
    """Yield paths that may hold the version, each with the name of the variable; empty for a whole file."""
    hatch = value_at(data, ("tool", "hatch", "version", "path"))
    if isinstance(hatch, str):
        yield hatch.removeprefix("./"), "__version__"
        yield hatch.removeprefix("./"), "VERSION"
    dynamic = ("tool", "setuptools", "dynamic", "version")
    file = value_at(data, (*dynamic, "file"))
    for path in file if isinstance(file, list) else [file]:
        if isinstance(path, str):
            yield path.removeprefix("./"), ""
    name = value_at(data, (*dynamic, "attr"))
    if isinstance(name, str) and re.fullmatch(r"\w+(\.\w+)+", name):
        *modules, word = name.split(".")
        for top in ("", "src/"):
            yield f"{top}{'/'.join(modules)}.py", word
            yield f"{top}{'/'.join(modules)}/__init__.py", word


def _templates(text: str, word: str) -> Iterator[str | None]:
    """Yield the template of each line that gives a version to the variable, or None for a whole file."""
    if not word:
        yield None
        return
    for match in re.finditer(rf"^({word}\b[^\n=]*=[ \t]*)(['\"])[^'\"\n]*\2", text, re.MULTILINE):
        yield f"{match[1]}{match[2]}{{version}}{match[2]}"
