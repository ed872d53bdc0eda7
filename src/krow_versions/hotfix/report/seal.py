"""A mark in the file of a document that shows whether people have changed it since it was written."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from krow_versions.regexes import regex

_MARK = "<!-- Written by krow-versions. SHA-256 of the text above, to see whether people changed it: {} -->\n"
_SEALED = regex(re.escape(_MARK).replace(r"\{\}", "([0-9a-f]{64})"))
_KEY = "sha256"


def seal_markdown(document: str) -> str:
    """Add the mark to a document in Markdown, which does not show it."""
    return f"{document}\n{_MARK.format(_digest(document))}"


def seal_json(document: dict[str, Any]) -> str:
    """Write a document as JSON with the mark in it."""
    return f"{_dumped(document | {_KEY: _digest(_dumped(document))})}\n"


def is_unchanged(data: bytes) -> bool:
    r"""Whether a file is a document of ours, of any version, that nobody has changed since.

    >>> is_unchanged(seal_markdown("# Incident\n").encode()), is_unchanged(b"# Incident\n")
    (True, False)
    """
    try:
        text = data.decode().replace("\r\n", "\n")  # As git may write it on Windows.
    except UnicodeDecodeError:
        return False
    head, _, last = text.removesuffix("\n").rpartition("\n")
    mark = _SEALED.fullmatch(f"{last}\n")
    return _digest(head) == mark[1] if mark else _is_unchanged_json(text)


def _is_unchanged_json(text: str) -> bool:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if not isinstance(found, dict) or _KEY not in found:
        return False
    mark = found.pop(_KEY)
    return mark == _digest(_dumped(found)) and text == f"{_dumped(found | {_KEY: mark})}\n"


def _dumped(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
