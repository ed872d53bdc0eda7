"""Formats of other packages: found by their entry points, checked, and guarded in all that they do.

A package that is broken must not look like a fault of krow-versions, nor of the user's file. So whatever it
does wrong, at its import or later, is a :class:`UsageError` that names it and says how to be rid of it.
"""

from __future__ import annotations

import functools
from importlib.metadata import distributions
from typing import TYPE_CHECKING, Any, get_args

from krow_versions.edits import Span
from krow_versions.errors import FileFormatError, KrowVersionsError, UsageError, raise_all
from krow_versions.formats.model import (
    CORRECT,
    Document,
    Format,
    Kind,
    Outline,
    Packaging,
    Pin,
    Scalar,
)
from krow_versions.formats.registry import BUILT_IN
from krow_versions.text.escaping import quoted, shell_word
from krow_versions.text.words import listed
from krow_versions.values import evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from importlib.metadata import Distribution, EntryPoint

GROUP = "krow_versions.formats"


def names() -> tuple[str, ...]:
    """List the names of formats that other packages add; none of them is loaded."""
    return tuple(_entries())


def named(name: str) -> Format | None:
    """Return the format of that name that another package adds, or None; no other package is loaded.

    Raises:
        UsageError: the package is broken, or several have a format of that name.
    """
    return _load(name) if name in _entries() else None


def knowing(filename: str) -> Format | None:
    """Return the format of another package that knows the base name of a file, or None.

    Raises:
        UsageError: a package is broken, so that it cannot be asked; or several formats know the name.
    """
    known = [each for each in every() if filename in each.filenames]
    if len(known) > 1:
        origins = listed([f"{each.name} of {each.origin}" for each in known])
        raise UsageError(
            f"several formats know the name {quoted(filename)}: {origins}",
            hint=f"name one in the configuration, such as {{ path = ..., format = {quoted(known[0].name)} }}",
        )
    return known[0] if known else None


@functools.cache
def every() -> tuple[Format, ...]:
    """Return all formats that other packages add; raises as :func:`knowing`."""
    found, errors = [], []
    for name in _entries():
        try:
            found.append(_load(name))
        except UsageError as error:
            errors.append(error)
    raise_all(errors)
    return tuple(found)


def blamed(origin: str, what: str) -> UsageError:
    """Give the error for a fault of a package that adds formats.

    Args:
        origin: its name and version.
        what: what it does wrong.
    """
    name, *_ = origin.split()
    return UsageError(
        f"the package {origin}, which adds formats, is broken: {what}",
        hint=f"update it, or uninstall it, such as with: pip uninstall {shell_word(name)}",
    )


@functools.cache
def _entries() -> Mapping[str, tuple[tuple[str, EntryPoint], ...]]:
    """Find the entry points by name, each with the name and version of its package."""
    entries: dict[str, tuple[tuple[str, EntryPoint], ...]] = {}
    seen = set()
    for distribution in distributions():
        text = distribution.read_text("entry_points.txt")
        if text is None or GROUP not in text or (origin := _name_of(distribution)) in seen:
            continue
        seen.add(origin)
        try:
            its = [each for each in distribution.entry_points if each.group == GROUP]
        except Exception as error:
            raise blamed(origin, f"its entry points cannot be read: {_reason(error)}") from error
        for each in its:
            entries[each.name] = (*entries.get(each.name, ()), (origin, each))
    return entries


def _name_of(distribution: Distribution) -> str:
    """Write the name and the version of a package, as far as its metadata has them."""
    found: Any = distribution.metadata or {}  # None where the file is not there, whatever its type says.
    words = (found[key] for key in ("Name", "Version") if key in found)
    return " ".join(words) or "a package without a name"


@functools.cache
def _load(name: str) -> Format:
    """Load a format and check it; the first of several must not win by the order of folders."""
    (origin, entry), *others = _entries()[name]
    which = f"its entry point {entry.name} = {entry.value}"
    if others:
        rivals = listed([origin, *(each for each, _ in others)])
        raise UsageError(
            f"the format {quoted(name)} is there several times: in {rivals}",
            hint=f"uninstall all but one of them, such as: pip uninstall {others[-1][0].split()[0]}",
        )
    if name in BUILT_IN:
        raise blamed(origin, f"{which} has the name of a built-in format")
    try:
        loaded = entry.load()
    except (Exception, SystemExit) as error:
        if isinstance(error, MemoryError):
            raise
        raise blamed(origin, f"{which} cannot be loaded: {_reason(error)}") from error
    if not isinstance(loaded, Format):
        kind = type(loaded).__name__
        raise blamed(origin, f"{which} is no krow_versions.Format, but of the type {kind}")
    wrong = "; ".join(_mistakes(name, loaded))
    if wrong:
        raise blamed(origin, f"{which} is wrong: {wrong}")
    return _guard(evolve(loaded, origin=origin))


def _reason(error: BaseException) -> str:
    """Write the kind and the words of an error on one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:200]


def _short(found: object) -> str:
    """Write a value, with a mark where it is cut off."""
    return whole if len(whole := repr(found)) <= 80 else f"{whole[:79]}…"


def _mistakes(name: str, loaded: Any) -> Iterable[str]:
    """Say what is wrong with the attributes of a format; each function is judged when it has answered."""
    if loaded.name != name:
        yield f"its record has the name {_short(loaded.name)}"
    for attribute, (meaning, is_right) in _VALUES.items():
        if not is_right(getattr(loaded, attribute)):
            yield f"{attribute} is not {meaning}"
            return
    for each in loaded.companions:
        if each not in BUILT_IN and each not in _entries():
            yield f"companions names {quoted(each)}, which is no format here"
    for attribute in _ANSWERS:
        if not callable(getattr(loaded, attribute)) and (attribute, loaded.quick) != ("quick", None):
            yield f"{attribute} is no function"


def _are(kind: type, found: object) -> bool:
    return isinstance(found, tuple) and all(isinstance(each, kind) for each in found)


def _is_scalar(found: Any) -> bool:
    parts: tuple[Any, ...] = (found.span, found.value, found.style) if isinstance(found, Scalar) else ()
    return len(parts) == 3 and isinstance(parts[0], Span) and _are(str, parts[1:])


def _are_keys(found: object) -> bool:
    return isinstance(found, tuple) and all(each and _are(str | int, each) for each in found)  # type: ignore[arg-type]  # A union is fine for isinstance.


# What each other attribute is, and whether a value is that.
_VALUES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "filenames": ("a tuple of texts", lambda found: _are(str, found)),
    "companions": ("a tuple of texts", lambda found: _are(str, found)),
    "max_bytes": ("a number above 0", lambda found: isinstance(found, int) and found > 0),
    "lock_command": ("a text", lambda found: isinstance(found, str)),
    "exclusion": ("a text", lambda found: isinstance(found, str)),
    "first_build": ("a text", lambda found: isinstance(found, str)),
    "packaging": ("a Packaging or None", lambda found: isinstance(found, Packaging | None)),
}
_ANYTHING = ("true or false", lambda _: True)  # Everything is one of the two.
# What each function of a format answers, and whether an answer is that.
_ANSWERS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "read": ("a Document", lambda found: isinstance(found, Document)),
    "keys": ("key paths, at least one", lambda found: _are_keys(found) and bool(found)),
    "at": ("a Format", lambda found: isinstance(found, Format)),
    "private": _ANYTHING,
    "packaged": _ANYTHING,
    "entry": ("a key or None", lambda found: isinstance(found, str | None)),
    "copies": ("a tuple of keys", lambda found: _are(str, found)),
    "kind": (f"one of {', '.join(get_args(Kind))}", lambda found: found in get_args(Kind)),
    "build_bound": ("a whole number", lambda found: isinstance(found, int)),
    "choice": ("a text", lambda found: isinstance(found, str)),
    "quick": ("an Outline or None", lambda found: isinstance(found, Outline | None)),
}
_PARTS = {
    "locate": ("a Scalar with a Span", _is_scalar),
    "seen": ("a Scalar or None", lambda found: found is None or _is_scalar(found)),
    "name": ("a text or None", lambda found: isinstance(found, str | None)),
    "pins": ("Pins", lambda found: _are(Pin, found)),
    "members": ("globs", lambda found: _are(str, found)),
    "gives": _ANYTHING,
    "takes": _ANYTHING,
}


@frozen
class _Guarded:
    """A function of another package's format: what it raises or answers wrongly, is the fault of that."""

    origin: str
    attribute: str
    function: Callable[..., Any]

    def __call__(self, *args: Any) -> Any:
        try:
            found = self._called(*args)
        except (KrowVersionsError, MemoryError):
            raise
        except (Exception, SystemExit) as error:
            if self.attribute == "read" and isinstance(error, ValueError | RecursionError):
                raise FileFormatError(  # As json.loads refuses a text.
                    f"the file does not parse, says {self.origin}: {_reason(error)}", hint=CORRECT
                ) from error
            raise self._blamed(f"raised {_reason(error)}") from error
        meaning, is_right = (_ANSWERS | _PARTS)[self.attribute]
        if not is_right(found):
            raise self._blamed(f"gave {_short(found)}, which is not {meaning}")
        return self._guarded(found)

    def _called(self, *args: Any) -> Any:
        if self.attribute == "quick" and isinstance(args[0].read, _Guarded):
            args = (evolve(args[0], read=args[0].read.function), *args[1:])  # It may compare it with its own.
        found = self.function(*args)
        return tuple(found) if self.attribute in {"pins", "members"} else found

    def _blamed(self, what: str) -> UsageError:
        return blamed(self.origin, f"the function {self.attribute} of its format {what}")

    def _guarded(self, found: Any) -> Any:
        """Guard the functions of an answer, too."""
        if isinstance(found, Format):
            return _guard(evolve(found, origin=self.origin))
        if isinstance(found, Document):
            again = found.again and _over(self.origin, "read", found.again)
            return evolve(found, locate=_over(self.origin, "locate", found.locate), again=again)
        if isinstance(found, Outline):
            return evolve(found, locate=_over(self.origin, "seen", found.locate))
        return found


def _guard(chosen: Format) -> Format:
    """Guard every function of a format of another package, except those that it has from us."""
    its = {name: _over(chosen.origin, name, getattr(chosen, name)) for name in _ANSWERS}
    packaging = chosen.packaging
    if packaging is not None:
        parts = {name: _over(chosen.origin, name, getattr(packaging, name)) for name in _PACKAGING}
        roots = tuple((name, _over(chosen.origin, "members", read)) for name, read in packaging.roots)
        packaging = evolve(packaging, **parts, roots=roots)
    return evolve(chosen, **its, packaging=packaging)


_PACKAGING = ("name", "pins", "gives", "takes")


def _over(origin: str, attribute: str, function: Any) -> Any:
    home = getattr(getattr(function, "func", function), "__module__", None) or ""
    ours = isinstance(function, _Guarded) or home.startswith("krow_versions.")
    return function if function is None or ours else _Guarded(origin, attribute, function)
