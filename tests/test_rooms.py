"""The rooms: each imports only the rooms, the libraries and the effects that are listed for it here."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import krow_versions

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(krow_versions.__file__).parent
# What each room may import of the others, lowest first, and nothing else: a new room, or a new arrow, is
# a decision, which is written here. "public" is the package itself, as importers see it. Every room may
# use those in COMMON.
ROOMS: dict[str, str] = {
    "lazy": "",
    "regexes": "",
    "values": "text",
    "commits": "",
    "containment": "commits text",
    "findings": "",
    "text": "",
    "progress": "",
    "errors": "text",
    "edits": "errors",
    "encoding": "errors",
    "evidence": "text errors encoding",
    "files": "text errors",
    "pictures": "text errors",
    "tables": "text errors",
    "version": "text errors",
    "bump_rule": "errors version",
    "changelog": "text errors edits encoding version",
    "formats": "text errors edits encoding version",
    "git": "commits text errors evidence files",
    "names": "text errors version",
    "products": "text errors names tables version",
    "pull_requests": "text errors",
    "gh": "text errors git pull_requests",
    "signatures": "commits errors progress evidence files git",
    "testing": "public encoding changelog git",
    "from_type": "testing",
    "settings": "products",
    "snapshot": "commits errors evidence encoding tables version formats names products",
    "templates": "text errors",
    "config": "findings text errors encoding version formats names products settings templates",
    "history": "text errors encoding progress pictures tables version formats snapshot",
    "releases": "text version snapshot",
    "builds": "errors version bump_rule products snapshot releases",
    "audit": (
        "evidence findings text errors progress pictures tables version bump_rule changelog formats products "
        "settings "
        "snapshot history releases builds names"
    ),
    "baseline": "errors version snapshot releases",
    "planning": (
        "text errors tables version bump_rule changelog formats names products snapshot releases builds "
        "baseline"
    ),
    "hotfix": (
        "commits text errors encoding names pictures tables version changelog formats products pull_requests "
        "settings snapshot releases templates config planning"
    ),
    "workspace": (
        "commits containment text errors evidence progress encoding files tables version changelog formats "
        "gh git signatures names products pull_requests "
        "settings snapshot config history releases builds audit baseline planning hotfix"
    ),
    "fleet": "findings text errors files names tables version git products snapshot config audit workspace",
    "cli": (
        "findings text errors progress files tables version changelog git names products snapshot config "
        "history audit planning hotfix workspace fleet"
    ),
}
# Of the standard library, what computes and does nothing else: every room may use it.
PURE = (
    "__future__ abc attrs base64 bisect collections contextlib copy csv datetime difflib enum fnmatch "
    "functools hashlib html importlib inspect io itertools json math operator pkgutil re shlex stat string "
    "textwrap tomllib types typing unicodedata urllib zlib"
)
# What reaches the world, and libraries of others, by the rooms that may import them.
EFFECTS: dict[str, set[str]] = {
    "values": {"threading"},
    "version": {"semver"},
    "formats": {"ruamel", "xml"},
    "changelog": {"markdown_it"},
    "config": {"cattrs", "tomlkit"},
    "tables": {"jinja2", "markupsafe", "pandas"},
    "pictures": {"builtins", "matplotlib"},  # Whether IPython runs is seen in builtins.
    "history": {"matplotlib"},
    "audit": {"markdown_it", "matplotlib", "xml"},
    "hotfix": {"cattrs", "matplotlib"},
    "files": {"os", "errno", "fcntl", "shutil", "sys", "time"},
    "gh": {"os", "sys"},
    "git": {
        "getpass",
        "os",
        "resource",
        "selectors",
        "shutil",
        "signal",
        "subprocess",
        "sys",
        "threading",
        "time",
    },
    "signatures": {"os", "tempfile"},
    "workspace": {"errno", "os", "random", "signal", "subprocess", "threading", "time"},
    "fleet": {"concurrent", "os", "pickle", "queue", "signal", "subprocess", "sys", "threading"},
    "cli": {
        "atexit",
        "click",
        "gc",
        "os",
        "selectors",
        "signal",
        "sys",
        "tempfile",
        "threading",
        "traceback",
    },
    "from_type": {"hypothesis", "sys"},
    "testing": {"hypothesis", "os", "pathlib", "tempfile"},
}
# Built-in functions and methods that reach the world, by the rooms that may call them.
CALLS: dict[str, set[str]] = {
    "files": {"os.urandom", "time.monotonic"},
    "gh": {"os.environ"},
    "git": {"os.environ", "time.monotonic"},
    "signatures": {"open", "os.environ"},
    "workspace": {"datetime.now"},
    "cli": {"os.environ", "open"},
}
# What stands in for libraries, and loads or builds what they have when it is first used.
COMMON = {"lazy", "regexes", "values"}
REACHING = {"open", "input", "print", "exec", "eval", "compile", "__import__", "breakpoint"}
CLOCKS = {"now", "today", "utcnow", "getenv", "environ", "urandom", "monotonic", "time"}


def room_of(path: Path, source: Path) -> str:
    """Name the room that a module is in."""
    return path.relative_to(source).parts[0].removesuffix(".py")


def room_named(name: str, source: Path) -> str | None:
    """Name the room of an imported name: ``public`` for one of the package itself, None for another's."""
    first, _, rest = name.partition(".")
    if first != "krow_versions":
        return None
    room = rest.partition(".")[0]
    return room if (source / room).is_dir() or (source / f"{room}.py").is_file() else "public"


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
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in {"io.open", "io.FileIO"}:
            yield ast.unparse(node)


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
            first = name.partition(".")[0]
            if other := room_named(name, source):
                if other != room and other not in {*COMMON, *ROOMS.get(room, "").split()}:
                    found.append(f"{here} imports the room {other}")
            elif first not in PURE.split() and first not in EFFECTS.get(room, set()):
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
    left = {room: set(uses.split()) - {"public"} for room, uses in ROOMS.items()}
    while left:
        ready = [room for room, uses in left.items() if not uses & left.keys()]
        assert ready, f"a circle among {sorted(left)}"
        for room in ready:
            del left[room]


def test_the_lists_hold_nothing_that_is_not_used() -> None:
    """An arrow that no module needs any more is taken off the list, so that it cannot come back unseen."""
    used: dict[str, set[str]] = {}
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = list(imported(tree))
        roots = {name.split(".")[0] for name in names}
        rooms = {other for name in names if (other := room_named(name, SOURCE))}
        used.setdefault(room_of(path, SOURCE), set()).update(roots, rooms, reached(tree))
    assert set().union(*used.values()) >= set(PURE.split())
    for room, uses in ROOMS.items():
        assert set(uses.split()) | EFFECTS.get(room, set()) | CALLS.get(room, set()) <= used[room], room


def test_the_page_of_the_architecture_has_every_room() -> None:
    """Each room has a line in its table, and in its picture a place above or beside what it may import."""
    page = Path(__file__).parents[1] / "docs/architecture.md"
    text = page.read_text(encoding="utf-8").partition("## The rooms")[2]
    assert sorted(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == sorted(ROOMS)
    layers = re.findall(r"^\| (.*?) *\|", text.split("```")[1], re.MULTILINE)
    place = {room: number for number, layer in enumerate(layers) for room in layer.split()}
    assert place.keys() | {"testing", "from_type"} == ROOMS.keys()
    upward = [(room, use) for room in place for use in ROOMS[room].split() if place[use] < place[room]]
    assert upward == []


@pytest.mark.parametrize(
    ("module", "line", "said"),
    [
        (
            "git/process.py",
            "from krow_versions.hotfix import steps",
            "git/process.py imports the room hotfix",
        ),
        ("bump_rule.py", "TEXT = open('VERSION')", "bump_rule.py uses open"),
        ("bump_rule.py", "import io; TEXT = io.open('VERSION')", "bump_rule.py uses io.open"),
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
