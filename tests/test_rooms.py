"""The rooms: each imports only the rooms, the libraries and the effects that are listed for it here."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import krow_versions

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(krow_versions.__file__).parent
WORDS = {"errors", "text"}
VALUES = {*WORDS, "version", "edits", "encoding", "names", "products", "commits"}
SETTINGS = {"settings", "templates", "findings"}
STATE = {*VALUES, *SETTINGS, "formats", "changelog", "bump_rule", "snapshot", "releases", "baseline"}
SHOWN = {"tables", "pictures"}
RESULTS = {"history", "planning", "audit", "hotfix", "config"}
# What each room may import of the others. A new room, or a new arrow, is a decision: it is written here.
ROOMS: dict[str, set[str]] = {
    "text": set(),
    "errors": {"text"},
    "version": WORDS,
    "edits": WORDS,
    "encoding": WORDS,
    "commits": set(),
    "tables": WORDS,
    "pictures": WORDS,
    "names": {*WORDS, "version"},
    "bump_rule": {*WORDS, "version"},
    "products": {*WORDS, "names"},
    "templates": {*WORDS, "products"},
    "settings": {"products"},
    "findings": WORDS,
    "formats": {*WORDS, "version", "edits", "encoding"},
    "changelog": {*WORDS, "version", "edits", "encoding"},
    "snapshot": {*VALUES, "formats"},
    "releases": {*VALUES, "snapshot"},
    "baseline": {*VALUES, "snapshot", "releases"},
    "history": {*VALUES, *SHOWN, "formats", "snapshot", "releases"},
    "config": {*VALUES, *SETTINGS, "formats"},
    "planning": {*STATE, "tables"},
    "audit": {*STATE, *SHOWN, "history"},
    "hotfix": {*STATE, *SHOWN, "planning", "config"},  # The record is read as the configuration is.
    "files": WORDS,
    "git": {*WORDS, "files", "commits", "names"},
    "workspace": {*STATE, *RESULTS, "tables", "files", "git"},
    "cli": {*STATE, *RESULTS, "tables", "files", "git", "workspace"},
    "testing": {"encoding", "changelog", "git", "public"},  # As any importer, by the public names.
}
# Of the standard library, what computes and does nothing else: every room may use it.
PURE = {
    *("__future__", "abc", "bisect", "collections", "contextlib", "copy", "datetime", "difflib", "enum"),
    *(
        "fnmatch",
        "functools",
        "hashlib",
        "heapq",
        "html",
        "importlib",
        "inspect",
        "itertools",
        "json",
        "math",
    ),
    *("operator", "re", "shlex", "stat", "statistics", "string", "struct", "textwrap", "types", "typing"),
    *("unicodedata", "tomllib", "csv", "io", "warnings", "urllib", "pkgutil"),
    *("attrs",),
}
# What reaches the world, and libraries of others, by the rooms that may import them.
EFFECTS: dict[str, set[str]] = {
    "version": {"semver"},
    "formats": {"ruamel"},
    "changelog": {"markdown_it"},
    "config": {"cattrs", "tomlkit"},
    "tables": {"pandas"},
    "pictures": {"matplotlib"},
    "history": {"matplotlib"},
    "audit": {"jinja2", "markdown_it", "matplotlib"},
    "hotfix": {"cattrs", "matplotlib"},
    "files": {"os", "errno", "fcntl", "sys", "time"},
    "git": {"os", "resource", "selectors", "signal", "subprocess", "threading", "time"},
    "workspace": {"os", "shutil", "signal", "subprocess", "threading"},
    "cli": {"click", "os", "selectors", "signal", "sys", "tempfile", "traceback"},
    "testing": {"hypothesis", "os", "pathlib", "tempfile"},
}
# Built-in functions and methods that reach the world, by the rooms that may call them.
CALLS: dict[str, set[str]] = {
    "files": {"os.urandom", "time.monotonic"},
    "git": {"os.environ", "time.monotonic"},
    "workspace": {"datetime.now"},
    "cli": {"os.environ", "open"},
}
REACHING = {"open", "input", "print", "exec", "eval", "compile", "__import__", "breakpoint"}
CLOCKS = {"now", "today", "utcnow", "getenv", "environ", "urandom", "monotonic", "time"}


def room_of(path: Path, source: Path) -> str:
    """Name the room that a module is in."""
    return path.relative_to(source).parts[0].removesuffix(".py")


def imported(tree: ast.Module) -> Iterator[str]:
    """Give the dotted names that a module imports, those for type checkers included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module}.{alias.name}" for alias in node.names)


def reached(tree: ast.Module) -> Iterator[str]:
    """Give the built-in functions that a module calls, and the clocks and environments that it asks."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in REACHING:
            yield node.id
        elif isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            owner = ast.unparse(node.value).rpartition(".")[2]
            if owner in {"date", "datetime", "time", "os"}:
                yield f"{owner}.{node.attr}"


def violations(source: Path) -> list[str]:
    """List everything in *source* that the lists do not allow."""
    found = []
    for path in sorted(source.rglob("*.py")):
        room = room_of(path, source)
        if room in {"__init__", "__main__"}:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        here = path.relative_to(source).as_posix()
        for name in imported(tree):
            first, _, rest = name.partition(".")
            if first == "krow_versions":
                other = rest.split(".")[0]
                if not ((source / other).is_dir() or (source / f"{other}.py").is_file()):
                    other = "public"  # A name of the package itself.
                if other != room and other not in ROOMS.get(room, set()):
                    found.append(f"{here} imports the room {other}")
            elif first not in PURE and first not in EFFECTS.get(room, set()):
                found.append(f"{here} imports {first or name}")
        found += [f"{here} uses {name}" for name in reached(tree) if name not in CALLS.get(room, set())]
    return sorted(set(found))


def test_rooms_keep_to_their_lists() -> None:
    """No room imports, calls or asks for what is not listed for it, and every room is listed."""
    assert violations(SOURCE) == []
    rooms = {room_of(path, SOURCE) for path in SOURCE.rglob("*.py")}
    assert rooms - {"__init__", "__main__"} == ROOMS.keys()


def test_no_two_rooms_import_each_other() -> None:
    """The lists themselves have no circle: rooms can be ordered so that each imports only earlier ones."""
    left = dict(ROOMS)
    while left:
        ready = [room for room, uses in left.items() if not uses & left.keys()]
        assert ready, f"a circle among {sorted(left)}"
        for room in ready:
            del left[room]


def test_the_lists_hold_nothing_that_is_not_used() -> None:
    """An arrow that no module needs any more is taken off the list, so that it cannot come back unseen."""
    used: dict[str, set[str]] = {}
    for path in SOURCE.rglob("*.py"):
        room = room_of(path, SOURCE)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        roots = {name.split(".")[0] for name in imported(tree)}
        used.setdefault(room, set()).update(roots, reached(tree))
    for lists in (EFFECTS, CALLS):
        for room, allowed in lists.items():
            assert allowed <= used[room], room


@pytest.mark.parametrize(
    ("module", "line", "said"),
    [
        (
            "git/process.py",
            "from krow_versions.hotfix import steps",
            "git/process.py imports the room hotfix",
        ),
        ("bump_rule.py", "TEXT = open('VERSION')", "bump_rule.py uses open"),
        ("audit/model.py", "from krow_versions import git", "audit/model.py imports the room git"),
        ("snapshot.py", "import os", "snapshot.py imports os"),
        (
            "hotfix/steps.py",
            "import datetime as d; NOW = d.datetime.now()",
            "hotfix/steps.py uses datetime.now",
        ),
        ("planning/plan.py", "from . import actions", "planning/plan.py imports .None.actions"),
    ],
)
def test_a_planted_fault_is_found(module: str, line: str, said: str, tmp_path: Path) -> None:
    """An upward import, an effect in a pure room, git in a pure room: each is named."""
    copy = tmp_path / "krow_versions"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    with (copy / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    assert violations(copy) == [said]
