"""The law of quick readers, for every format that has one, and the parser that is asked in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from krow_versions.encoding import BOM
from krow_versions.errors import KrowVersionsError
from krow_versions.formats.locating import find_in_full, find_version

if TYPE_CHECKING:
    from krow_versions.formats import Format


def answered(text: str, chosen: Format) -> bool:
    """Whether the quick reader finds the version; whatever it answers, the parser gives the same.

    The same version and places, and the same to all that is asked of the content, also where that has no
    version. For a text that the parser refuses there is no answer.
    """
    body = text.removeprefix(BOM)
    outline = chosen.quick(chosen, body) if chosen.quick is not None else None
    if outline is None:
        return False
    try:
        whole = find_in_full(text, chosen)
    except KrowVersionsError as error:
        _require_the_error(text, chosen, str(error))
        # It may parse all the same: the version is missing or wrong, or only the text around is refused.
        assert _traits(chosen, outline.data) == _traits(chosen, chosen.read(body).data)
        return False
    assert _traits(chosen, outline.data) == _traits(chosen, whole.data)
    found = find_version(text, chosen)
    assert found == whole
    assert (found.line, found.build_line) == (whole.line, whole.build_line)
    assert (found.takes_build, found.described()) == (whole.takes_build, whole.described())
    return found.quick


def _require_the_error(text: str, chosen: Format, expected: str) -> None:
    with pytest.raises(KrowVersionsError) as refused:
        find_version(text, chosen)
    assert str(refused.value) == expected


def _traits(chosen: Format, data: Any) -> list[Any]:
    """Ask the content everything that may be asked of an outline."""
    packaging = chosen.packaging
    asked = [chosen.keys, chosen.private, chosen.packaged]
    asked += [packaging.name, packaging.gives, packaging.takes] if packaging is not None else []
    return [_answer(each, data) for each in asked]


def _answer(ask: Any, data: Any) -> Any:
    try:
        return ask(data)
    except KrowVersionsError as error:
        return str(error)
