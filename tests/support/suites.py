"""The figures of the suites of others, as docs/reliability.md has them; each test counts its own again."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/reliability.md"
ROW = re.compile(r"^\| ([^|]+) \| ([0-9,]+) \| ([0-9,]+) \| ([0-9,]+) \| ([0-9,]+) \|", re.MULTILINE)


def figures(suite: str) -> tuple[int, ...]:
    """Give the numbers of a suite's row: cases, edited or read, refused, and known exceptions."""
    rows = {row[0]: row[1:] for row in ROW.findall(PAGE.read_text(encoding="utf-8"))}
    return tuple(int(number.replace(",", "")) for number in rows[suite])
