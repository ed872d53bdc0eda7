"""The law of quick readers, for every format that has one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from krow_versions.encoding import BOM
from krow_versions.errors import KrowVersionsError
from krow_versions.formats import find_version
from krow_versions.formats.locating import find_in_full

if TYPE_CHECKING:
    from krow_versions.formats import Format


def answered(text: str, chosen: Format) -> bool:
    """Whether the quick reader answers for *text*; then the parser must give the same, also to all traits.

    The quick reader alone is asked, too: it must not answer for a text that the parser refuses, even if that
    has no version. An error is the same on both ways.
    """
    body = text.removeprefix(BOM)
    outline = chosen.quick(chosen, body) if chosen.quick is not None else None
    if outline is not None:
        document = chosen.read(body)
        assert _traits(chosen, outline.data) == _traits(chosen, document.data)
    try:
        found = find_version(text, chosen)
    except KrowVersionsError as error:
        with pytest.raises(KrowVersionsError, match=f"^{re.escape(str(error))}$"):
            find_in_full(text, chosen)
        return False
    if not found.quick:
        return False
    whole = find_in_full(text, chosen)
    assert found == whole
    assert (found.line, found.build_line, found.takes_build) == (
        whole.line,
        whole.build_line,
        whole.takes_build,
    )
    assert found.in_full == whole
    return True


def _traits(chosen: Format, data: Any) -> list[Any]:
    """Ask everything that may be asked of an outline."""
    packaging = chosen.packaging
    asked = [chosen.keys, chosen.private, chosen.packaged]
    asked += [packaging.name, packaging.gives, packaging.takes] if packaging is not None else []
    return [_answer(each, data) for each in asked]


def _answer(ask: Any, data: Any) -> Any:
    try:
        return ask(data)
    except KrowVersionsError as error:
        return str(error)
