"""What all formats share: JSON whose texts are safe to print."""

from __future__ import annotations

import json
from typing import Any

from krow_versions.text.escaping import safe


def written(document: object) -> str:
    r"""Write JSON in ASCII, every text in it safe even for who prints a value of it.

    >>> written({"tag": "prod-v1.0.0\x9b"})
    '{\n  "tag": "prod-v1.0.0\\\\x9b"\n}'
    """
    return json.dumps(_safe(document), indent=2)


def _safe(value: Any) -> Any:
    if isinstance(value, str):
        return safe(value)
    if isinstance(value, dict):
        return {safe(key): _safe(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_safe(each) for each in value]
    return value
