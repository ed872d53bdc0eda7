"""What an audit asks about lines costs no walk of the history for each fix."""

from __future__ import annotations

from typing import Any

import pytest

from krow_versions.git import Graph
from krow_versions.products import Product, VersionFile
from krow_versions.snapshot import LineState, ProductState, RepoState, TagState
from krow_versions.version import Version
from krow_versions.workspace.later_lines import Fixes, Kinship, Later, tags


class Counted(dict[str, tuple[str, ...]]):
    """The parents of commits; counts how often they are asked for."""

    asked = 0

    def __getitem__(self, key: str) -> Any:
        self.asked += 1
        return super().__getitem__(key)


def asked(fixes: int, *, whole: bool) -> int:
    """How often the graph of 1,000 commits is asked, for fixes that each have a branch of their own."""
    parents = Counted({f"m{at}": (f"m{at - 1}",) if at else () for at in range(1000)})
    found = []
    for at in range(1, fixes + 1):
        start = f"m{at * 1000 // fixes - 1}"
        parents[f"f{at}"] = (start,)
        for patch, commit in enumerate((start, f"f{at}")):
            version = Version.parse(f"1.{at}.{patch}")
            found.append(TagState(f"p/prod-v{version}", "production", version, False, commit=commit))
    product = Product("p", "p", (VersionFile("package.json"),))
    state = ProductState(product, RepoState("r", "/r"), (), tuple(found))
    lines = [Later(LineState("main", "main"), ("m999",)), *tags(state, whole=whole)]
    every = Fixes(state, Kinship.of(Graph(parents, ("m999",)), lines, [state]), "")
    parents.asked = 0
    questions = [question for line in lines for question in every.questions(line)]
    assert len(questions) >= fixes * 2
    for line in lines:
        every.lacked(line, {})
    return parents.asked


@pytest.mark.parametrize("whole", [False, True])
def test_more_fixes_ask_the_graph_no_more_often(whole: bool) -> None:
    """The history is walked once for all lines: neither for each fix nor for each newer release."""
    assert asked(200, whole=whole) <= 1.1 * asked(40, whole=whole)
    assert asked(40, whole=whole) <= 3000
