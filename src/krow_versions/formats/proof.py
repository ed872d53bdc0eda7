"""Write a version into every place of a text, and prove that nothing else changed.

Of the place that a format's parser found, a splice replaces the characters; a second parse proves the
edit. Parsers never write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.edits import Edit, apply_edits
from krow_versions.encoding import BOM, require_readable
from krow_versions.errors import KrowVersionsError
from krow_versions.formats.composing import padding
from krow_versions.formats.locating import Located, disproved, too_deep
from krow_versions.version import Version, build_of, require_short

if TYPE_CHECKING:
    from krow_versions.formats.model import KeyPath, Kind, Place
    from krow_versions.version import Held


def new_values(located: Located, held: Held) -> tuple[str, ...]:
    """Return the value of each place of *located* once it holds *held*.

    A version without a build leaves the places of builds as they are; a build alone leaves the version. A
    text that takes no build gets none.
    """
    build = build_of(held)
    version = held if isinstance(held, Version) else located.version
    kinds = {place.kind for place in located.places}
    if version is not None and version is not held:
        version = version.with_build(build if version.build is not None else None)
    if version is not None and not located.takes_build:
        version = version.with_build(None)
    return tuple(_new_value(place, version, build, kinds) for place in located.places)


def replace_version(located: Located, held: Held) -> str:
    """Write *held* into every place of *located*, prove the edit, and return the new text.

    Raises:
        FileTooLarge, InvalidVersion: the new text, or the version in it, is longer than any that is read.
        InputError, Unsupported: the parser refuses the text, which so far only a quick reader has seen.
        InternalError: the proof failed: a second parse found something other than the new values in
            these places and the old content everywhere else.
    """
    chosen, pairs = located.format, _pairs(located, held)
    written = _spliced(located, pairs)
    if written == located.text:
        return written
    located = located.in_full
    body, after = located.text.removeprefix(BOM), written.removeprefix(BOM)
    keys = tuple(place.key for place in located.places)
    expected = with_values(located.data, {place.key: value for place, value in pairs})
    try:
        proof = (located.again or chosen.read)(after)
        proven = (
            proof.data == expected
            and chosen.keys(proof.data) == keys
            and all(proof.locate(place.key).value == value for place, value in pairs)
        )
    except RecursionError:
        raise too_deep() from None
    except KrowVersionsError as error:
        raise disproved(
            chosen, f"the edited text does not parse: {error.message}", before=body, after=after
        ) from error
    if not proven:
        raise disproved(chosen, "the edit would change more than the version", before=body, after=after)
    return written


def unproven(located: Located, held: Held) -> str:
    """Write *held* into every place of *located* and return the new text, which nobody may write unproven."""
    return _spliced(located, _pairs(located, held))


def _pairs(located: Located, held: Held) -> list[tuple[Place, str]]:
    return list(zip(located.places, new_values(located, held), strict=True))


def _spliced(located: Located, pairs: list[tuple[Place, str]]) -> str:
    if all(place.scalar.value == value for place, value in pairs):
        return located.text
    body = located.text.removeprefix(BOM)
    for _, value in pairs:
        require_short(value)  # Else the next run could not read it.
    edits = [Edit(place.scalar.span, place.scalar.written(value)) for place, value in pairs]
    after = located.text[: len(located.text) - len(body)] + apply_edits(body, edits)
    return require_readable(after, located.format.max_bytes, hint="make the file shorter, then run it again")


def _new_value(place: Place, version: Version | None, build: int | None, kinds: set[Kind]) -> str:
    old = place.scalar.value
    if place.kind == "build":
        return old if build is None else f"{build:0{padding(old)}d}"
    if version is None:
        return old
    if place.kind == "quad":
        return "{}.{}.{}.0".format(*version.core)
    carried_elsewhere = "build" in kinds or (place.kind == "version" and "full" in kinds)
    if carried_elsewhere and "+" not in old:
        return str(version.with_build(None))
    return str(version)


def with_values(data: Any, values: dict[KeyPath, Any]) -> Any:
    """Copy *data* with other values at some key paths; only the dicts and lists on the paths are copied."""
    if () in values:
        return values[()]
    below: dict[str | int, dict[KeyPath, Any]] = {}
    for (part, *rest), value in values.items():
        below.setdefault(part, {})[tuple(rest)] = value
    changed = data.copy()
    for part, inner in below.items():
        changed[part] = with_values(data[part], inner)
    return changed
