"""A report as JSON: the document of ``Report.to_json``."""

from __future__ import annotations

import json
from typing import Any

from krow_versions.audit.render.model import OutputFormat
from krow_versions.text.escaping import safe


class OwnText(str):
    """A text of this program in a document: it quotes nobody, and may have several lines."""

    __slots__ = ()


def written(document: object, *, indent: int | None = 2) -> str:
    r"""Write JSON in ASCII, in which every text is safe to print after decoding too.

    With *indent* None it is one line.

    >>> written({"tag": "prod-v1.0.0\x9b"})
    '{\n  "tag": "prod-v1.0.0\\\\x9b"\n}'
    """
    return json.dumps(_safe(document), indent=indent)


FORMAT = OutputFormat("json", "programs", lambda report, _: written(report.to_json()), endings=(".json",))


def _safe(value: Any) -> Any:
    if isinstance(value, str):
        return value if isinstance(value, OwnText) else safe(value)
    if isinstance(value, dict):
        return {safe(key): _safe(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_safe(each) for each in value]
    return value
