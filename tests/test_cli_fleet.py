"""``fleet``: every workspace below a folder on the command line, and how it ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import krow_versions as kv
from krow_versions.fleet.running import audit_here
from support import child, fleets, krow
from support.commands import RAW, run
from support.hang import no_hang
from support.repositories import Repo

if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = ["schema", "path", "ok", "findings", "products", "error"]
FINDING = ["code", "severity", "product", "repo", "path", "line", "message", "hint"]
PRODUCT = [
    *("product", "version", "baseline", "baseline_source", "baseline_revision", "next", "stages", "drift"),
    "hotfixes",
]


@pytest.fixture(scope="module")
def top(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace that is right, one that is wrong, a broken one, and one in another."""
    folder = tmp_path_factory.mktemp("fleet")
    made = fleets.template(folder / "template")
    top = folder / "top"
    fleets.copies(made, top / "right", top / "low", top / "broken", top / "right/inner", folder / "clean/one")
    fleets.low(top / "low")
    (top / "broken/krow-versions.toml").write_text("nonsense = ")
    (folder / "empty").mkdir()
    return top


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize(("command", "jobs"), [("audit", ()), ("show", ("--jobs", "1"))])
def test_json_is_one_object_a_line(top: Path, command: str, jobs: tuple[str, ...]) -> None:
    """Each workspace is one line of JSON with exactly these keys; notes are on stderr, and the code is 1."""
    result = run("fleet", command, ".", "--json", *jobs, cwd=top)
    found = lines(result.out)
    assert sorted(each["path"] for each in found) == ["broken", "low", "right"]
    assert not jobs or [each["path"] for each in found] == ["broken", "low", "right"]
    for each in found:
        assert [*each] == KEYS
        assert all([*finding] == FINDING for finding in each["findings"])
        assert all([*product] == PRODUCT for product in each["products"])
        path = top / each["path"]
        assert each == json.loads(json.dumps(next(kv.audit_many([path])).to_json())) | {"path": each["path"]}
    assert {each["path"]: (each["ok"], each["error"] is None) for each in found} == {
        "broken": (False, False),
        "low": (False, True),
        "right": (True, True),
    }
    assert result.code == 1
    assert "right/inner: skipped: it is inside the workspace 'right'\n" in result.err
    assert "3 workspaces: 1 without errors and warnings, 1 with findings, 1 not audited\n" in result.err


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["right"], 0),
        (["low"], 1),
        (["broken"], 1),
        (["right", "low"], 1),
        (["right", "../empty"], 2),
        (["../empty"], 2),
        (["nowhere"], 2),
        (["right", "nowhere"], 2),
        (["right/package.json"], 2),
        ([""], 2),
        (["right/.git"], 2),
        ([], 2),
        (["right", "--jobs", "0"], 2),
        (["right", "--jobs", "x"], 2),
        (["right", "--config", "right/krow-versions.toml"], 2),
    ],
)
def test_exit_codes(top: Path, args: list[str], code: int) -> None:
    """0: all are right; 1: a finding or an error; 2: a root that is not there or has none, a wrong option."""
    result = run("fleet", "audit", "--jobs", "1", *args, cwd=top)
    assert result.code == code, result
    assert code != 2 or "hint:" in result.err
    assert "Traceback" not in result.err


def test_an_empty_root_is_named_after_the_results_of_the_others(top: Path) -> None:
    """What was found is printed; then each root without any is an error, with the workspace around it."""
    result = run("fleet", "audit", "right", "../empty", "low/sub", "--json", cwd=top)
    assert (result.code, result.out) == (2, "")  # low/sub is no folder: nothing was begun.
    (top / "low/sub").mkdir(exist_ok=True)
    result = run("fleet", "audit", "right", "../empty", "low/sub", "--json", cwd=top)
    assert [each["path"] for each in lines(result.out)] == ["right"]
    assert "there is no workspace in or below '../empty'" in result.err
    assert f"it is inside the workspace '{top / 'low'}': name that" in result.err


def test_text_for_people(top: Path) -> None:
    """Each workspace is a line with its summary, and its findings or its versions below it."""
    result = run("fleet", "audit", "--jobs", "1", ".", cwd=top)
    broken, low, *findings, right = result.out.splitlines()
    assert broken.startswith("broken: error: ")
    assert "hint: " in broken
    assert low == "low: 1 error in api"
    assert findings[0] == "  api"
    assert findings[1].startswith("  package.json:1: error: ")
    assert right == "right: no findings in api"
    result = run("fleet", "show", "--jobs", "1", ".", cwd=top)
    assert result.out.partition("\n")[2] == (
        "low\n"
        "  product  version  baseline  next  drift   hotfixes\n"
        "  api      1.2.2    1.2.3     ?     behind  1.2.4\n"
        "right\n"
        "  product  version  baseline  next   drift          hotfixes\n"
        "  api      1.2.3    1.2.3     1.2.4  at production  1.2.4\n"
    )
    assert "\x1b[" in run("--color", "always", "fleet", "audit", "low", cwd=top).out


def test_roots_are_named_from_the_folder_of_the_option(top: Path) -> None:
    """With ``-C DIR`` a root is looked for in DIR, and so a path leads there from the current folder."""
    result = run("-C", "top", "fleet", "audit", "right", "low", "--json", "--jobs", "1", cwd=top.parent)
    assert [each["path"] for each in lines(result.out)] == ["top/right", "top/low"]


def test_a_variable_that_names_a_configuration_is_refused(top: Path) -> None:
    """One configuration is not that of all workspaces, and it is not ignored silently either."""
    result = run("fleet", "audit", ".", cwd=top, env={"KROW_VERSIONS_CONFIG": str(top / "x.toml")})
    assert (result.code, result.out) == (2, "")
    assert "KROW_VERSIONS_CONFIG" in result.err


@pytest.mark.skipif(not child.ROOT, reason="only root can become another user")
def test_a_folder_that_cannot_be_listed_is_an_error(top: Path, tmp_path: Path) -> None:
    """It may hold workspaces, so it has a line with its error; the others are audited."""
    fleets.copies(top / "right", tmp_path / "right")
    (tmp_path / "closed").mkdir()
    child.give_away(tmp_path)
    os.chmod(tmp_path / "closed", 0)
    made = (each for each in tmp_path.parents if each.name.startswith(("pytest-", "popen-")))
    for folder in (tmp_path, *made):
        os.chmod(folder, 0o755)
    result = child.run(tmp_path, "fleet", "audit", ".", "--json", "--jobs", "1", first=child.as_nobody)
    closed, right = lines(result.out)
    assert (closed["path"], closed["ok"], right["ok"]) == ("closed", False, True)
    assert "cannot be listed: Permission denied" in closed["error"]
    assert result.code == 1


def test_names_that_could_forge_lines_are_escaped(top: Path, tmp_path: Path) -> None:
    """The name of a folder is anybody's: it stays in its line, and reaches no terminal raw."""
    fleets.copies(top / "low", tmp_path / "a\n\x1b[2K\u202e: ok")
    (tmp_path / "bare\x1b[2K").mkdir()
    for name in ("HEAD", "objects", "refs"):
        (tmp_path / "bare\x1b[2K" / name).mkdir()
    for more in ((), ("--json",)):
        result = run("fleet", "audit", ".", *more, cwd=tmp_path)
        assert result.code == 1
        assert not RAW.search(result.out + result.err)
    assert len(lines(result.out)) == 1


def test_what_is_deleted_meanwhile_is_an_error(top: Path, tmp_path: Path) -> None:
    """A workspace that is gone when its turn comes has a line with its error, and the others have theirs."""
    paths = fleets.copies(top / "right", tmp_path / "a", tmp_path / "b")

    def vanishing() -> Any:
        yield paths[0]
        shutil.rmtree(paths[1])
        yield paths[1]

    first, second = audit_here(vanishing(), 1)
    assert {first.path: first.ok, second.path: second.ok} == {paths[0]: True, paths[1]: False}
    assert "-C" not in (second.error or "")  # An option of commands for one workspace.


HANGS = """
import os, sys, time
with open({folder!r} + f"/pids.{{os.getpid()}}", "w") as file:
    file.write(f"{{os.getpid()}} {{os.getppid()}}")
time.sleep(600)
"""


def alive(pid: int) -> bool:
    """Whether a process is there and is no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupt_ends_all_at_once(
    top: Path, tmp_path: Path, program: Callable[[str], Path], number: int, jobs: str
) -> None:
    """Ctrl-C at a terminal goes to the whole group: code 130, no traceback, and no process is left."""
    fleets.copies(top.parent / "clean/one", *(tmp_path / "x" / str(index) for index in range(4)))
    program(HANGS.format(folder=str(tmp_path)))
    command = [sys.executable, "-m", "krow_versions", "fleet", "audit", "x", "--jobs", jobs]
    with (
        no_hang(),
        subprocess.Popen(
            command,
            cwd=tmp_path,
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        while len(noted := [*tmp_path.glob("pids.*")]) < int(jobs) or not all(
            each.stat().st_size for each in noted
        ):
            time.sleep(0.01)
        pids = {int(pid) for each in noted for pid in each.read_text().split()}
        (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
        out, err = process.communicate()
        assert (process.returncode, out, err) == (130, "", "error: interrupted\n")
        while any(map(alive, pids)):
            time.sleep(0.01)


def test_the_main_modules_of_a_checkout_are_not_run(top: Path, tmp_path: Path) -> None:
    """Worker processes do not look for modules in the current folder, which may be a stranger's."""
    fleets.copies(top / "right", tmp_path / "a", tmp_path / "b")
    for name in ("attr", "json", "pickle", "krow_versions", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'hijacked')!r}, 'a').write({name!r})\n")
    program = [str(Path(sys.executable).with_name("krow-versions"))]
    if not Path(program[0]).exists():
        program = [sys.executable, "-P", "-m", "krow_versions"]
    result = run("fleet", "audit", ".", "--jobs", "2", cwd=tmp_path, program=program)
    assert result.code == 0, result
    assert not (tmp_path / "hijacked").exists()


def test_products_without_a_configuration(tmp_path: Path) -> None:
    """A checkout of KROW needs no configuration in a fleet either."""
    krow.checkout(Repo(tmp_path / "krow"))
    result = run("fleet", "show", ".", "--json", cwd=tmp_path)
    (found,) = lines(result.out)
    assert [each["product"] for each in found["products"]] == [
        "worker-mobile",
        "client-mobile",
        "web",
        "backend",
    ]
    shown = run("show", "--json", cwd=tmp_path / "krow").data["products"]
    same = ("product", "baseline", "baseline_source", "baseline_revision", "next")
    assert [{key: each[key] for key in same} for each in found["products"]] == [
        {key: each[key] for key in same} for each in shown
    ]
