"""An independent reader of old-style property lists, by recursive descent, for tests."""

from __future__ import annotations

import re
from typing import Any

_TOKEN = re.compile(
    r"""//[^\r\n]*|/\*.*?\*/|("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|<[^>]*>|[{}()=;,]|[^\s{}()=;,"'<]+)""",
    re.DOTALL,
)


def read_project(text: str) -> Any:
    """Read a property list into dicts, lists and texts; words in quotes lose them."""
    tokens = [match[1] for match in _TOKEN.finditer(text) if match[1]]
    value = _value(tokens)
    assert tokens == []
    return value


def _value(tokens: list[str]) -> Any:
    token = tokens.pop(0)
    if token == "{":
        pairs = {}
        while tokens[0] != "}":
            key = _value(tokens)
            assert tokens.pop(0) == "="
            pairs[key] = _value(tokens)
            assert tokens.pop(0) == ";"
        tokens.pop(0)
        return pairs
    if token == "(":
        items = []
        while tokens[0] != ")":
            items.append(_value(tokens))
            if tokens[0] == ",":
                tokens.pop(0)
        tokens.pop(0)
        return items
    return token[1:-1] if token[0] in "\"'" else token
