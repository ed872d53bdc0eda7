"""What a command loads, builds and starts: nothing that it does not use. Times are in ./dev bench."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from support.commands import run, run_anew
from support.krow import checkout, files

if TYPE_CHECKING:
    from pathlib import Path

    from support.repositories import Repo

LOOK = """
import atexit, gc, json, subprocess, sys
started = [0]
def count(self, *args, start=subprocess.Popen.__init__, **options):
    started[0] += 1
    start(self, *args, **options)
def report():
    own = [module for name, module in sys.modules.items() if name.startswith("krow_versions")]
    classes = {each for module in own for each in vars(module).values() if isinstance(each, type)}
    built = [each.__name__ for each in classes if isinstance(vars(each).get("__attrs_attrs__"), tuple)]
    searches = sum(each["collections"] for each in gc.get_stats()) - sum(before)
    found = {"modules": [*sys.modules], "built": built, "processes": started[0]}
    found |= {"searches": searches, "frozen": gc.get_freeze_count()}
    print(json.dumps(found), file=sys.stderr)
atexit.register(report)
subprocess.Popen.__init__ = count
from krow_versions.cli import main
before = [each["collections"] for each in gc.get_stats()]
main()
"""
PARSERS = {"ruamel", "markdown_it", "tomlkit", "tomllib", "plistlib", "xml"}
REST = {
    *("argparse", "asyncio", "attr", "cattrs", "concurrent", "decimal", "difflib", "email", "html", "http"),
    *("importlib.metadata", "jinja2", "logging", "matplotlib", "multiprocessing", "pandas", "semver"),
    *("shutil", "socket", "string", "tempfile", "unittest", "urllib", "zipfile"),
}
ROOMS = {"audit", "hotfix", "findings", "fleet", "history", "pictures", "testing", "gh", "templates"}


def look(repo: Repo, *args: str, code: int = 0) -> dict[str, Any]:
    """Run a command in a process of its own; give what it loaded, built and started."""
    ended = run_anew("-c", LOOK, *args, cwd=repo.path, program=[sys.executable])
    assert ended.code == code, ended
    found: dict[str, Any] = json.loads(ended.err.splitlines()[-1])
    return found


def loaded(found: dict[str, Any], names: set[str]) -> set[str]:
    """Which of some packages were loaded; of ours by the names of rooms."""
    modules = {each.removeprefix("krow_versions.") for each in found["modules"]}
    tops = {each.partition(".")[0] for each in modules}
    return (tops | modules) & names


@pytest.mark.parametrize(
    ("command", "most"),
    [
        (["show"], 107),
        (["bump-patch", "web", "--check"], 134),
        (["bump-patch", "worker-mobile", "--check"], 132),
        (["bump-patch", "worker-mobile", "web"], 137),
    ],
    ids=str,
)
def test_what_only_looks_loads_no_parser_and_builds_no_class(
    repo: Repo, command: list[str], most: int
) -> None:
    """Plain files need no parser, a few values no attrs, versions of three numbers no semver."""
    checkout(repo)
    for path, text in files(worker="0.1.1+6", web="1.4.1").items():
        repo.write(path, text)
    found = look(repo, *command)
    assert loaded(found, PARSERS | REST | ROOMS) == set()
    assert found["built"] == []
    assert found["processes"] <= 5
    assert found["searches"] == 0
    assert found["frozen"] > 0
    own = [each for each in found["modules"] if each.startswith("krow_versions")]
    assert len(own) <= most, own


def test_a_check_needs_no_parser_where_something_would_change(repo: Repo) -> None:
    """What is not written is not proved: the answer and the exit code are those of the whole plan."""
    checkout(repo)
    found = look(repo, "bump-patch", "worker-mobile", "web", "--check", code=1)
    assert loaded(found, PARSERS | REST | ROOMS) == set()


def test_a_bump_that_writes_loads_the_parser_of_its_files_alone(repo: Repo) -> None:
    """What is written is proved by the parser of its format, and by no other."""
    checkout(repo)
    found = look(repo, "bump-patch", "worker-mobile", "--no-changelog")
    assert loaded(found, PARSERS | REST | ROOMS) == {"ruamel"}
    assert found["built"] == []
    assert found["processes"] <= 5


def test_an_audit_loads_what_it_checks_with(repo: Repo) -> None:
    """An audit of plain files needs no parser and no page."""
    checkout(repo)
    found = look(repo, "audit")
    rooms = {"audit", "findings", "history", "hotfix", "pictures", "templates"}
    assert loaded(found, PARSERS | REST | ROOMS) <= {*rooms, "attr", "string"}
    assert found["processes"] <= 6


def test_the_titles_of_findings_load_their_pages_and_nothing_else(repo: Repo) -> None:
    """No repository is looked for, and no program is started."""
    found = look(repo, "explain", "KV2")
    assert loaded(found, PARSERS | REST | ROOMS) == {"findings"}
    assert (found["built"], found["processes"]) == ([], 0)
    own = [each for each in found["modules"] if each.startswith("krow_versions")]
    assert len(own) <= 95, own


def test_the_end_of_a_command_leaves_nothing_undone(repo: Repo, tmp_path: Path) -> None:
    """Python is not taken apart at the end; what asked to be called then is called, and all is printed."""
    checkout(repo)
    folder = tmp_path / "custom"
    folder.mkdir()
    code = "import atexit\natexit.register(lambda: open('called', 'w').close())\n"
    (folder / "sitecustomize.py").write_text(code)
    for command, exit_code in (
        (["show"], 0),
        (["bump-patch", "web", "--check"], 1),
        (["show", "nothing"], 2),
    ):
        usual = run(*command, cwd=repo.path)
        ended = run_anew(*command, cwd=repo.path, env={"PYTHONPATH": str(folder)})
        assert ended == usual
        assert ended.code == exit_code
        (repo.path / "called").unlink()


def test_a_thread_that_still_works_is_waited_for(repo: Repo, tmp_path: Path) -> None:
    """Python waits at its end for threads, such as one of a format of another package; so do we."""
    checkout(repo)
    code = (
        "import threading\n"
        "def work():\n    threading.main_thread().join()\n    open('worked', 'w').close()\n"
        "threading.Thread(target=work).start()\n"
    )
    (tmp_path / "sitecustomize.py").write_text(code)
    assert run_anew("show", cwd=repo.path, env={"PYTHONPATH": str(tmp_path)}).code == 0
    assert (repo.path / "worked").exists()
