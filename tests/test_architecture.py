"""The rooms: which may import which, what importing loads, what may have effects."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from _pytest.assertion.rewrite import AssertionRewritingHook

import krow_versions
from support import untouched

SOURCE = Path(krow_versions.__file__).parent
LATE = {
    "formats/literals.py": {"krow_versions.formats.plist.read_plist"},
    "cli/__init__.py": {
        *("krow_versions.cli.app.app", "krow_versions.cli.quick.is_answered"),
        *("krow_versions.cli.loading.end_unloaded", "krow_versions.cli.loading.end_interrupted"),
    },
    "from_type.py": {"krow_versions.testing.values.STRATEGIES"},  # When Hypothesis first draws.
    "files/leftovers.py": {  # Only after a kill.
        *("krow_versions.files.disk", "krow_versions.files.locking", "krow_versions.files.staging"),
    },
    "cli/fleet.py": {"krow_versions.fleet.page.write_page"},  # Where a page is wanted.
    "cli/app.py": {"krow_versions.cli.shells.register"},  # Where a shell asks what to offer.
    "cli/completion.py": {"krow_versions.cli.shells.script_of"},
    "cli/options.py": {"krow_versions.cli.completing"},  # When a shell asks for words.
    "cli/quick.py": {"krow_versions.cli.console.print_rest"},
    "cli/console.py": {"krow_versions.cli.progress.Line"},  # Only on a terminal.
    "formats/toml.py": {"krow_versions.formats.toml_outline.quick_toml"},  # Where many files are read.
    "formats/toml_lock.py": {"krow_versions.formats.toml_lock_outline.quick_lock"},
    "formats/yaml.py": {
        *("krow_versions.formats.yaml_lines.outline_of", "krow_versions.formats.yaml_tree.parse_yaml"),
    },
    "workspace/applying.py": {"krow_versions.workspace.hotfix.records.Records"},
    "workspace/overrides.py": {"krow_versions.formats.xcode_project.read_project"},
    "workspace/running.py": {"krow_versions.hotfix.announce_call", "krow_versions.workspace.github"},
}
HEAVY = (
    "krow_versions.audit",
    "krow_versions.hotfix",
    "krow_versions.formats.xcode_project",
    "pandas",
    "numpy",
    "csv",
    "ruamel",
    "tomlkit",
    "tomllib",
    "markdown_it",
    "cattrs",
    "jinja2",
    "matplotlib",
    "hypothesis",
    "importlib.metadata",
)
# These take every failure for absence, or cannot fail where they have to: ``files`` has what does.
BLIND = {
    *("exists", "lexists", "isfile", "isdir", "islink", "ismount", "samefile", "realpath", "abspath"),
    *("is_file", "is_dir", "is_symlink", "is_mount", "glob", "rglob"),
}
ALLOWED = {
    "files/paths.py": {"realpath"},  # The one that turns its failure into a refusal.
    # Of a DirEntry: they raise all but "does not exist".
    "files/globbing.py": {"is_dir", "is_symlink"},
    "git/ref_files.py": {"is_dir", "is_symlink"},
    "git/running.py": {"isfile"},  # Looks for a program as a shell does.
    "fleet/finding.py": {"is_dir", "is_symlink"},
    "testing/bump.py": {"is_file", "rglob"},  # Looks at what it has just made itself.
}


def modules() -> list[tuple[str, Path]]:
    """Every module of the rooms, with the room's name."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        room = path.relative_to(SOURCE).parts[0].removesuffix(".py")
        if room not in {"__init__", "__main__", "testing"}:
            found.append((room, path))
    return found


def imports(path: Path) -> list[tuple[str, int]]:
    """The absolute names that a module imports, with the depth of the statement (0: at the top)."""
    found: list[tuple[str, int]] = []

    def visit(node: ast.AST, depth: int) -> None:
        for child in ast.iter_child_nodes(node):
            inner = depth + isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            if isinstance(child, ast.Import):
                found.extend((alias.name, depth) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, f"{path}: imports are absolute"
                found.extend((f"{child.module}.{alias.name}", depth) for alias in child.names)
            visit(child, inner)

    visit(ast.parse(path.read_text(encoding="utf-8")), 0)
    return found


def graph(source: Path) -> dict[str, set[str]]:
    """The modules below *source*, each with the modules that it imports anywhere in its text."""
    paths = {
        ".".join(("krow_versions", *path.relative_to(source).with_suffix("").parts)): path
        for path in source.rglob("*.py")
    }
    paths = {name.removesuffix(".__init__"): path for name, path in paths.items()}
    # A name that is no module is one in a module.
    return {
        module: {name if name in paths else name.rpartition(".")[0] for name, _ in imports(path)}
        & paths.keys()
        for module, path in paths.items()
    }


def circles(modules: dict[str, set[str]]) -> set[tuple[str, ...]]:
    """The groups of modules that each reach one another."""
    reached = {name: set(imported) for name, imported in modules.items()}
    for middle, beyond in reached.items():
        for found in reached.values():
            if middle in found:
                found.update(beyond)
    return {
        tuple(sorted(other for other in found if name in reached[other]))
        for name, found in reached.items()
        if name in found
    }


def test_no_module_imports_one_that_imports_it() -> None:
    """There is no circle of imports, those for annotations included: each module can be read after others."""
    assert circles(graph(SOURCE)) == set()


def test_a_circle_is_seen(tmp_path: Path) -> None:
    """Two modules that import each other are a circle, also when one does for its annotations only."""
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "__init__.py").write_text("from krow_versions.room.part import x\n")
    (tmp_path / "room" / "part.py").write_text("if TYPE_CHECKING:\n    from krow_versions.room import Room\n")
    (tmp_path / "other.py").write_text("from krow_versions import room\n")
    assert circles(graph(tmp_path)) == {("krow_versions.room", "krow_versions.room.part")}


@pytest.mark.parametrize(("room", "path"), modules(), ids=lambda value: str(value).rpartition("/")[2])
def test_no_import_inside_a_function_dodges_a_cycle(room: str, path: Path) -> None:
    """Imports inside functions are for heavy libraries; of our own rooms, for what a bump does not need."""
    inner = {name for name, depth in imports(path) if depth and name.startswith("krow_versions.")}
    assert inner == LATE.get(path.relative_to(SOURCE).as_posix(), set())


def test_nothing_takes_a_failure_for_absence() -> None:
    """Whether something exists, and where a link leads, is asked of ``files``, which reports failures."""
    found: dict[str, set[str]] = {}
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in BLIND:
                owner = ast.unparse(node.value)
                if owner == "os.path" or (id(node) in called and owner != "files"):
                    found.setdefault(path.relative_to(SOURCE).as_posix(), set()).add(node.attr)
            assert not isinstance(node, ast.ImportFrom) or node.module not in {"os.path", "posixpath"}
    assert found == ALLOWED


def test_one_module_looks_at_the_clock() -> None:
    """Only ``workspace.clock`` asks for the present moment, and only ``workspace.programs`` sets handlers."""
    asked: dict[str, set[str]] = {}
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {
                *("dt.datetime.now", "dt.date.today", "dt.datetime.utcnow", "time.time"),
                "signal.signal",
            }:
                asked.setdefault(path.relative_to(SOURCE).as_posix(), set()).add(ast.unparse(node.func))
    assert asked == {
        "workspace/clock.py": {"dt.datetime.now"},
        "workspace/programs.py": {"signal.signal"},
        "git/running.py": {"signal.signal"},  # While git starts, so that no interrupt leaves it behind.
    }


def test_the_clock_is_passed_in() -> None:
    """Only a workspace and the command line name the clock of this machine: as a default."""
    named = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        for name in node.names
        if name.name == "clock" or (node.module or "", name.name) == ("krow_versions.workspace.clock", "now")
    }
    assert named == {"workspace/__init__.py", "cli/app.py", "cli/console.py"}


def test_importing_loads_nothing_heavy() -> None:
    """``import krow_versions`` and its command line load no parser and no metadata."""
    code = "import sys, krow_versions.cli.app; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "krow_versions.workspace" in loaded
    assert [name for name in loaded if name.startswith((*HEAVY, "krow_versions.config.loading"))] == []


def test_the_shop_window_is_sorted_and_complete() -> None:
    """``__all__`` is sorted, all of it is there, and ``dir`` shows it with ``__version__``."""
    assert krow_versions.__all__ == sorted(krow_versions.__all__)
    assert all(hasattr(krow_versions, name) for name in krow_versions.__all__)
    assert set(dir(krow_versions)) == {*krow_versions.__all__, "__version__"}
    assert krow_versions.__version__


def test_no_module_hides_a_name_of_its_package() -> None:
    """What a package loads when asked has the name of no module in it: once loaded, that would be found."""
    for path in SOURCE.rglob("__init__.py"):
        package = import_module(".".join(("krow_versions", *path.parent.relative_to(SOURCE).parts)))
        if hasattr(package, "__getattr__"):
            assert set(package.__all__) & {each.name for each in iter_modules(package.__path__)} == set()


def test_rooms_are_there_without_an_import_of_their_own() -> None:
    """``kv.errors`` is there as type checkers say, though nothing is loaded before it is asked for."""
    code = "import krow_versions as kv; print(kv.errors.Busy.__name__, hasattr(kv, 'nothing'))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == "Busy False\n"


def test_tests_take_helpers_from_support_alone() -> None:
    """No module of tests imports another: what two of them need is in ``support``, once."""
    folder = Path(__file__).parent
    modules = {path.stem for path in folder.glob("*.py")}
    taken = {
        (path.name, name)
        for path in folder.rglob("*.py")
        for name, _ in imports(path)
        if name.partition(".")[0] in modules
    }
    assert taken == set()


def test_asserts_of_helpers_bite() -> None:
    """pytest rewrites the asserts in ``support``, or ``python -O`` would leave them out."""
    assert isinstance(untouched.__loader__, AssertionRewritingHook)


def test_rooms_stay_small() -> None:
    """No module is longer than 350 lines."""
    long = {
        str(path.relative_to(SOURCE)): lines
        for path in SOURCE.rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 350
    }
    assert long == {}


def test_dry_runs_are_for_the_command_line() -> None:
    """Below the command line nothing is asked whether to do what it does; a plan's JSON only repeats it."""
    asked = {
        node.name
        for room, path in modules()
        if room != "cli"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and "dry_run" in {each.arg for each in (*node.args.args, *node.args.kwonlyargs)}
    }
    assert asked == {"to_json"}
