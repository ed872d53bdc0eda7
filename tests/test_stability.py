"""The page on stability holds what the program has, and each public name has an example that is run."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import krow_versions as kv
from krow_versions.cli import app

DOCS = Path(__file__).parents[1] / "docs"
# What has no example, and why.
NO_EXAMPLE = {
    "KeyPath": "a type for annotations",
    "Kind": "a type for annotations",
    "Outline": "for formats of other packages that are read often; howto-format.md says when",
    "Package": "given to a format by the program",
    "Packaging": "for formats of package managers; cargo.py is the example",
    "Pin": "made by a Packaging",
}


def examples() -> str:
    """All lines of pages that tests run, and a line for each name with a doctest in its docstring."""
    pages = (DOCS / name for name in ("api.md", "howto-python.md", "howto-format.md", "howto-fleet.md"))
    found = [line for page in pages for line in page.read_text(encoding="utf-8").splitlines()]
    for name in kv.__all__:
        public: Any = getattr(kv, name)
        own = [public, *vars(public).values()] if inspect.isclass(public) else [public]
        found += [f"kv.{name}" for each in own if ">>>" in str(getattr(each, "__doc__", ""))]
    return "\n".join(found)


def test_each_public_name_has_an_example() -> None:
    """Each name is used in an example, is an error that one of them catches or names, or has a reason."""
    text = examples()
    without = [name for name in kv.__all__ if not re.search(rf"\bkv\.{name}\b", text)]
    assert [name for name in without if name not in NO_EXAMPLE] == []
    assert [name for name in NO_EXAMPLE if name not in kv.__all__] == []


def test_the_exit_codes_are_those_of_the_program() -> None:
    """The page on stability, that on exit codes and the program have the same codes."""
    own = {app.USAGE, app.REFUSED, app.FAILED, app.BUG, app.INTERRUPTED, 0, 1}
    said = re.findall(r"^\| ([0-9]+) \|", (DOCS / "exit-codes.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert {int(code) for code in said} == own
    (line,) = re.findall(r"exit codes: (.*)\.", (DOCS / "stability.md").read_text(encoding="utf-8"))
    assert {int(code) for code in re.findall("[0-9]+", line)} == own
