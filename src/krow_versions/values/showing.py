"""How a value is shown in one short line: with its contents if they are small, else with their numbers."""

from __future__ import annotations

from typing import Any

from krow_versions.text.escaping import printable

LONGEST = 200
"""Characters of the line, whatever the size of the value."""
_MANY = 16  # Members of a field that are not even looked at.
_PART = 40  # Characters of a field of a value that is too long to be shown as a whole.


def shown(value: Any) -> str:
    """Return the line of a value, as attrs would show it if that is short."""
    fields = [each for each in value.__shape__.fields if each.repr]
    name = type(value).__qualname__.rsplit(">.", 1)[-1]
    held = [(each, value.__dict__[each.name]) for each in fields]
    if not any(isinstance(found, tuple | frozenset | dict) and len(found) > _MANY for _, found in held):
        whole = f"{name}({', '.join(f'{each.name}={_shown(each, found)}' for each, found in held)})"
        if len(whole) <= LONGEST:
            return whole
    parts = [f"{each.name}={_brief(each, found)}" for each, found in held]
    return shortened(f"{name}({', '.join(parts)})", end=", ...)")


def shortened(text: str, end: str = "...>") -> str:
    """Escape what does not show, and cut what is too long for one short line, which then ends with *end*."""
    text = printable(text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - len(end)]}{end}"


def _shown(field: Any, value: Any) -> str:
    return (field.repr if callable(field.repr) else repr)(value)


def _brief(field: Any, value: Any) -> str:
    if isinstance(value, tuple | frozenset | dict) and value:
        return f"<{len(value)}>"
    if isinstance(value, str | bytes) and len(value) > _PART:
        value = value[:_PART]
    found = _shown(field, value)
    return found if len(found) <= _PART else f"{found[: _PART - 3]}..."
