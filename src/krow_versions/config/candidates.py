"""What ``krow-versions init`` finds in a repository: plain data, made from paths and texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from krow_versions.encoding import BOM
from krow_versions.errors import KrowVersionsError
from krow_versions.formats import find_version, format_for

if TYPE_CHECKING:
    from krow_versions.formats import Format


@attrs.frozen
class FoundFile:
    """A file that may carry a version.

    Attributes:
        path: relative to its repository.
        format: the name of its format.
        version: the version in it as written, or None.
        private: whether it says of itself that it is not published as a package.
        fault: why its version cannot be read, or None.
    """

    path: str
    format: str
    version: str | None = None
    private: bool = False
    fault: str | None = None


def look(path: str, text: str) -> FoundFile:
    r"""Look at the text of a file whose name tells its format.

    Raises:
        Unsupported: the name tells none.

    >>> look("apps/shop/pubspec.yaml", "publish_to: none\nversion: 0.1.0+5\n")
    FoundFile(path='apps/shop/pubspec.yaml', format='pubspec', version='0.1.0+5', private=True, fault=None)
    """
    chosen = format_for(path)
    try:
        located = find_version(text, chosen)
    except KrowVersionsError as error:
        return FoundFile(path, chosen.name, None, chosen.private(_data(chosen, text)), error.message)
    return FoundFile(path, chosen.name, str(located.version), chosen.private(located.data))


def _data(chosen: Format, text: str) -> Any:
    try:
        return chosen.read(text.removeprefix(BOM)).data
    except Exception:  # noqa: BLE001 - Parsers leak exceptions of many kinds; the fault is told already.
        return None
