"""What the program loads: nothing of a foreign checkout; and what it says when it cannot load its own."""

from __future__ import annotations

import importlib.util
import os
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import krow_versions
from support.commands import MODULE, SCRIPT, assert_refused, hostile
from support.commands import run_anew as run
from support.krow import hotfix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from support.child import Result
    from support.repositories import Repo

PACKAGES = (
    "attr",
    "attrs",
    "cattrs",
    "click",
    "jinja2",
    "markdown_it",
    "ruamel",
    "semver",
    "tomlkit",
    "pandas",
)
# Not those that Python itself loads on its way to us, such as functools: with -m, we cannot prevent that.
STANDARD = (
    "json",
    "tomllib",
    "typing",
    "re",
    "subprocess",
    "datetime",
    "select",
    "tempfile",
    "shlex",
    "string",
)
COMMANDS = (
    ["show"],
    ["bump-patch", "worker-mobile", "-m", "x", "-n"],
    ["audit"],
    ["config", "check"],
    ["--version"],
)


INTERRUPTED = """
import os, runpy, signal, sys
class Finder:
    def find_spec(self, name, *_):
        if name == wanted:
            os.kill(os.getpid(), signal.SIGINT)
wanted = sys.argv.pop(1)
sys.meta_path.insert(0, Finder())
runpy.run_module("krow_versions", run_name="__main__", alter_sys=True)
"""
LOADED = ("krow_versions.cli", "krow_versions.cli.quick", "krow_versions.cli.app", "click")


@pytest.mark.fault(66)
@pytest.mark.parametrize("module", LOADED)
def test_an_interrupt_while_it_is_loading_is_one(repo: Repo, module: str) -> None:
    """Ctrl-C may come before anything is loaded: code 130 and one line, as later."""
    ended = run("-c", INTERRUPTED, module, "products", cwd=repo.path, program=[sys.executable])
    assert (ended.code, ended.out, ended.err) == (130, "", "error: interrupted\n")


@pytest.mark.parametrize("program", [MODULE, SCRIPT, (sys.executable, "-P", "-m", "krow_versions")], ids=str)
def test_modules_of_a_checkout_are_not_run(repo: Repo, program: Sequence[str]) -> None:
    """A module of the current folder is data, whatever it is called, for every way to start the program."""
    hotfix(repo)
    usual = [run(*args, cwd=repo.path, program=SCRIPT) for args in COMMANDS]
    hostile(repo.path, (*PACKAGES, *STANDARD, "krow_plugin"))
    metadata = repo.path / "krow_plugin-1.0.dist-info"
    metadata.mkdir()
    (metadata / "entry_points.txt").write_text("[krow_versions.formats]\nplugin = krow_plugin:FORMAT\n")
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: krow-plugin\nVersion: 1.0\n")
    assert [run(*args, cwd=repo.path, program=program) for args in COMMANDS] == usual
    assert not (repo.path / "hijacked").exists()


@pytest.mark.parametrize("program", [SCRIPT, (sys.executable, "-P", "-m", "krow_versions")], ids=str)
def test_what_is_said_to_be_safe_in_a_checkout_is(repo: Repo, program: Sequence[str]) -> None:
    """`krow-versions` and `python -P -m krow_versions` run nothing of a checkout, whatever it holds."""
    names = (*sys.stdlib_module_names - {"__main__"}, *PACKAGES)
    hostile(hotfix(repo).path, names)
    shutil.copytree(Path(krow_versions.__file__).parent, repo.path / "krow_versions")
    hostile(repo.path / "krow_versions", ("__init__", "__main__"))
    assert run("show", cwd=repo.path, program=program).code == 0
    assert not (repo.path / "hijacked").exists()
    assert not (repo.path / "krow_versions/hijacked").exists()


def test_in_a_folder_that_was_deleted_the_module_begins_as_well(tmp_path: Path) -> None:
    """Where the current folder is no more, both programs say the same."""
    script = 'mkdir gone && cd gone && rmdir ../gone && "$@" --version && "$@" show'
    found = [run("-c", script, "bash", *each, cwd=tmp_path, program=["bash"]) for each in (MODULE, SCRIPT)]
    assert found[0].code != 1
    assert found[0] == found[1]


# --- what cannot be loaded ---------------------------------------------------------------------


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A copy of the package and of what it needs, where it may be damaged."""
    folder = tmp_path / "installed"
    shutil.copytree(Path(krow_versions.__file__).parent, folder / "krow_versions")
    (found,) = importlib.util.find_spec("click").submodule_search_locations  # type: ignore[union-attr,misc]
    shutil.copytree(found, folder / "click")
    return folder


def start(installed: Path, program: str, *args: str) -> Result:
    """Start a program from the damaged copy: the module, or what the script of the installation does."""
    code = "import sys; from krow_versions.cli import main; sys.exit(main())"
    command = [sys.executable, *(["-m", "krow_versions"] if program == "module" else ["-c", code])]
    return run(*args, cwd=installed.parent, env={"PYTHONPATH": str(installed)}, program=command)


def cut(path: Path) -> None:
    path.write_text("")


def broken(path: Path) -> None:
    path.write_text("def (:\n")


def unreadable(path: Path) -> None:
    """Reading it fails with EIO."""
    path.unlink()
    path.symlink_to("/proc/self/mem")


def gone(path: Path) -> None:
    path.unlink()


def other(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00")


def compiled(path: Path) -> None:
    """Its compiled form is cut, as by a full disk; its source is fine."""
    target = importlib.util.cache_from_source(str(path))
    py_compile.compile(str(path), cfile=target, doraise=True)
    os.truncate(target, 40)


DAMAGES = (cut, broken, unreadable, gone, other, compiled)


@pytest.mark.parametrize("program", ["module", "script"])
@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("module", ["click/core.py", "krow_versions/cli/products.py"])
def test_what_cannot_be_loaded_is_said(installed: Path, module: str, damage: object, program: str) -> None:
    """A module that is damaged, in whatever way, is exit 4 with its name, the cause and a remedy."""
    damage(installed / module)  # type: ignore[operator]
    result = start(installed, program, "products")
    assert_refused(result, "cannot be loaded: ", "its installation is damaged", code=4)
    assert result.err.startswith("error: module ")
    assert result.err.count("\n") == 2


# What is between a Python that has started and a command that ends well, in KiB.
ROOM = (5000, 8000, 12000, 15000)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and needs a limit that holds")
@pytest.mark.parametrize("room", ROOM)
def test_too_little_memory_is_said_at_any_moment(repo: Repo, room: int) -> None:
    """No traceback, whatever lacks memory, the message included; nobody is sent to install it again first."""
    code = (
        "import os, resource, sys\n"
        "from krow_versions.cli import main\n"
        "size = int(open('/proc/self/statm').read().split()[0]) * os.sysconf('SC_PAGE_SIZE')\n"
        f"resource.setrlimit(resource.RLIMIT_AS, (size + {room} * 1024,) * 2)\n"
        "main()"
    )
    result = run("audit", cwd=hotfix(repo).path, program=[sys.executable, "-c", code])
    assert result.code in {0, 1, 4}, result
    assert "Traceback" not in result.err
    if result.code == 4:
        assert result.err.count("\n") == 2
        assert "memory" in result.err


def test_an_output_that_fails_as_well_changes_nothing_of_it(installed: Path) -> None:
    """Where it cannot be said either, the exit code is the same."""
    gone(installed / "click/core.py")
    for sink in ("2>/dev/full", "2>&-", "2>&1 | true"):
        code = subprocess.run(
            ["bash", "-o", "pipefail", "-c", f'"$0" -m krow_versions show {sink}', sys.executable],
            env=os.environ | {"PYTHONPATH": str(installed)}, check=False,
        ).returncode  # fmt: skip
        assert code == 4


def test_importers_see_the_error_itself(installed: Path) -> None:
    """A program that imports the package gets Python's own error, as from any other."""
    gone(installed / "krow_versions/version.py")
    for code in ("import krow_versions as kv; kv.Version", "from krow_versions import Version"):
        result = run(
            "-c", code, cwd=installed.parent, env={"PYTHONPATH": str(installed)}, program=[sys.executable]
        )
        assert (result.code, result.err.splitlines()[-1]) == (
            1, "ModuleNotFoundError: No module named 'krow_versions.version'",
        )  # fmt: skip


def test_the_package_itself_loads_nothing() -> None:
    """``import krow_versions`` loads no other module, so that a program can say what it cannot load."""
    code = "import sys; before = set(sys.modules); import krow_versions; print(*set(sys.modules) - before)"
    assert run("-c", code, cwd=Path.cwd(), program=[sys.executable]).out == "krow_versions\n"
