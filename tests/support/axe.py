"""axe-core, which looks for what keeps people from reading a page; ``./dev browser`` gets it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from support.chromium import Browser

FILE = next(Path(__file__).parents[2].glob("build/axe-*/*/axe.min.js"), None)
needs_axe = pytest.mark.skipif(FILE is None, reason="there is no axe-core here: ./dev browser gets it")


def faults(chromium: Browser) -> list[str]:
    """What axe finds on the page that is open, by all its rules, best practices included."""
    assert FILE
    chromium.value(FILE.read_text(encoding="utf-8") + ";undefined")
    found = chromium.value(
        "axe.run(document, {resultTypes: ['violations']}).then(result => result.violations.map("
        "each => [each.id, each.help, ...each.nodes.map(node => `${node.html}: ${node.failureSummary}`)]))"
    )
    return [" ".join(each) for each in found]
