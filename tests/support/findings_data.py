"""What the report page says about each finding, taken from ``docs/findings.md``, where people edit it.

After a change there, run ``python tests/support/findings_data.py``.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

TOP = Path(__file__).parents[2]
SOURCE = TOP / "docs/findings.md"
TARGET = TOP / "src/krow_versions/audit/page/findings.json"
_SECTION = re.compile(r"^## (KV[0-9]{3}): (.*)$", re.MULTILINE)
_PART = re.compile(r"^\*\*(What|Why it matters|How to fix it|Example)\.\*\*", re.MULTILINE)
_LINK = re.compile(r"\[(`[^`]*`|[^\]`]*)\]\([^)]*\)")
_NAMES = {"What": "what", "Why it matters": "why", "How to fix it": "how"}


def documented() -> dict[str, dict[str, str]]:
    """Give title, what, why and how by id, in Markdown without links: a page of its own leads nowhere."""
    found = {}
    pieces = _SECTION.split(SOURCE.read_text(encoding="utf-8"))[1:]
    for code, title, body in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        parts = _PART.split(body)[1:]
        told = dict(zip(parts[::2], parts[1::2], strict=True))
        texts = {name: _LINK.sub(r"\1", told[part]).strip() for part, name in _NAMES.items()}
        found[code] = {"title": title, **texts}
    return found


def written() -> str:
    """Give the file as it must be."""
    return json.dumps(documented(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(written(), encoding="utf-8")
