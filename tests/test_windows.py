"""On Windows: what computes and what only looks works, and what writes is refused with the same words.

It is tried with a Python on Linux that has the names, paths and pipes of Windows (``support.windows``).
"""

from __future__ import annotations

import datetime as dt
import doctest
import errno
import functools
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from krow_versions import files
from krow_versions.errors import KrowVersionsError
from krow_versions.files import reading
from krow_versions.git import running
from support import child, scenes, windows
from support.krow import STAFF
from support.untouched import everything

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.scenes import Scene

PAGE = Path(__file__).parents[1] / "docs/howto-windows.md"
REFUSAL = "error: writing is not supported on Windows: "
LOOKS = (
    "products",
    "show",
    "show --json web",
    "bump-patch web -n",
    "bump-patch web -n --json -m Text",
    "bump-build client-mobile --check",
    "changelog show web",
    "changelog add web --version 1.4.1 -m Text -n",
    "audit --history",
    "audit --format sarif",
    "history worker-mobile",
    "fleet audit . --jobs 1",
    "config check",
    "config path",
    "completion fish",
    "--help",
    "hotfix list",
    "hotfix check worker-mobile",
    "hotfix status worker-mobile",
    "hotfix report worker-mobile",
    "hotfix finish worker-mobile -n",
    "hotfix announce worker-mobile --draft",
    "nonsense",
    "show nobody",
    "show -C none",
)
WRITES = (
    "bump-patch web",
    "bump-patch web backend --no-changelog --json",
    "bump-build client-mobile --above-build 30",
    "changelog add web --version 1.4.1 -m Text",
    "changelog init backend",
    "audit -o report.json --format json",
    "demo",
    "demo new",
    "hotfix start web --issue Text --severity high --impact some --yes",
    "hotfix amend worker-mobile --severity high",
    "hotfix status worker-mobile --done review",
    "hotfix pr worker-mobile --run --yes",
    "hotfix finish worker-mobile --yes",
    "hotfix next worker-mobile --yes",
    "hotfix report worker-mobile -o report.md",
    "hotfix abandon worker-mobile --reason Text --yes",
)
LIBRARY = """
import krow_versions as kv
names = [getattr(kv, name) for name in kv.__all__]
ws = kv.Workspace.open(FOLDER)
plan = ws.plan_bump("web", message="Text")
report = ws.audit(history=True)
(other,) = kv.audit_many([FOLDER])
try:
    ws.apply(plan)
except kv.Unsupported as error:
    said = str(error)
answer = [len(names), str(ws["web"].version), str(plan), plan.diff(), str(ws.plan_build("client-mobile")),
    [each.code for each in report.findings], len(ws.history("web").releases), repr(ws.snapshot())[:8], said]
"""


@pytest.fixture(scope="module")
def scene(made: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """A hotfix under way, and an uncommitted edit nowhere."""
    scene = scenes.copy(made[1], tmp_path_factory.mktemp("windows"))
    scene.ours.git("remote", "set-url", "origin", scene.remote.path.as_uri())
    return scene


@pytest.fixture(scope="module")
def answered(scene: Scene) -> dict[str, Any]:
    """What all commands say, and what they have changed."""
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    root = scene.ours.path.parent
    scene.bin.mkdir(exist_ok=True)
    before = everything(root)
    folder = str(scene.ours.path)
    asked = [[folder, *command.split()] for command in (*LOOKS, *WRITES)]
    code = [LIBRARY.replace("FOLDER", repr(windows.windows_path(folder)))]
    said = windows.ask(scene.bin, code=code, commands=asked, now=now.isoformat())
    library, *answers = said["answers"]
    return {
        "library": library,
        "commands": dict(zip((*LOOKS, *WRITES), answers, strict=True)),
        "changed": said["changed"],
        "now": now,
        "same": everything(root) == before | everything(scene.bin),
    }


@pytest.mark.parametrize("command", LOOKS)
def test_what_only_looks_says_what_it_says_elsewhere(
    scene: Scene, answered: dict[str, Any], command: str
) -> None:
    """A command that only looks gives the same exit code and the same words as on Linux, paths apart."""
    code, out, err = answered["commands"][command]
    here = child.run(scene.ours.path, *command.split(), clock=lambda: answered["now"])
    assert (code, *map(windows.here, (out, err))) == (here.code, *map(windows.here, (here.out, here.err)))


@pytest.mark.parametrize("command", WRITES)
def test_what_writes_is_refused(answered: dict[str, Any], command: str) -> None:
    """A command that writes is refused with exit code 3, always with the same words and a way out."""
    code, out, err = answered["commands"][command]
    assert code == 3, err
    assert [REFUSAL in err, "hint: run this in WSL" in err, "Traceback" in err] == [True, True, False], err
    assert not out or command.startswith("hotfix")


def test_nothing_is_written(answered: dict[str, Any]) -> None:
    """None of all these commands calls what changes a file, and every file is as it was."""
    assert (answered["changed"], answered["same"]) == ([], True)


def test_the_library_reads_plans_and_audits(scene: Scene, answered: dict[str, Any]) -> None:
    """Every public name is there; plans and reports are those of Linux; applying one is refused."""
    names: dict[str, Any] = {}
    code = LIBRARY.replace("FOLDER", repr(str(scene.ours.path))).replace("ws.apply(plan)", "said = ''")
    exec(code, names)
    *same, said = answered["library"]
    assert same == names["answer"][:-1]
    assert said.startswith("writing is not supported on Windows")


def test_the_page_for_windows_is_right(tmp_path: Path, answered: dict[str, Any]) -> None:
    """Its examples give what they show there, and the refusal that it shows is the real one."""
    page = PAGE.read_text(encoding="utf-8")
    example = "".join(re.findall(r"^```pycon\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    assert len(doctest.DocTestParser().get_examples(example)) > 5
    code = f"""
import doctest
test = doctest.DocTestParser().get_doctest({example!r}, {{}}, "page", None, 0)
answer = doctest.DocTestRunner().run(test).failed"""
    assert windows.ask(tmp_path, code=[code])["answers"] == [0]
    (shown,) = re.findall(r"^error: .*\n  hint: .*\n", page, re.MULTILINE)
    assert shown in answered["commands"]["bump-patch web"][2]


# --- the parts that differ, on real files and pipes -----------------------------------------------


def _outcome(action: Callable[[], object]) -> object:
    try:
        return action()
    except (OSError, KrowVersionsError) as error:
        return type(error), getattr(error, "errno", None)


def test_reading_without_open_folders_gives_the_same(tmp_path: Path) -> None:
    """Whatever lies in a folder is read, or refused, as where folders are opened."""
    (tmp_path / "file").write_bytes(b"1.2.3\r\n")
    (tmp_path / "large").write_bytes(b"x" * 20)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/file").write_bytes(b"")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "linked").symlink_to("folder")
    os.mkfifo(tmp_path / "pipe")
    for folder in ("", "folder", "linked", "none"):
        for name in ("file", "large", "folder", "link", "linked", "pipe", "none"):
            place = os.path.join(str(tmp_path), folder).rstrip("/")
            by_path, by_folder = (
                _outcome(functools.partial(read, place, name, name, 10))
                for read in (reading.read_unlinked, reading.read_in)
            )
            if folder == "linked":
                assert [by_path, by_folder] == [(OSError, errno.ELOOP), (NotADirectoryError, errno.ENOTDIR)]
            else:
                assert by_path == by_folder


@pytest.mark.parametrize("moment", ["before it is opened", "after it is read"])
def test_a_link_that_comes_meanwhile_is_found(
    tmp_path: Path, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without open folders too, no file is read through a link that another program puts in its place."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/file").write_bytes(b"secret")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/file").write_bytes(b"public")
    name = "lstat" if moment == "before it is opened" else "close"
    real = getattr(os, name)

    def swapping(*args: Any) -> Any:
        result = real(*args)
        monkeypatch.undo()
        (tmp_path / "folder").rename(tmp_path / "old")
        (tmp_path / "folder").symlink_to("secret")
        return result

    monkeypatch.setattr(os, name, swapping)
    with pytest.raises(OSError, match="symbolic links"):
        reading.read_unlinked(str(tmp_path / "folder"), "file", "file", 10)
    assert files.read(str(tmp_path), "old/file", limit=10).data == b"public"


PROGRAMS = {
    "echo": ("import sys; sys.stdout.write(sys.stdin.read()); sys.stderr.write('e')", 5),
    "deaf": ("import sys; sys.stdin.close(); print('done'); sys.exit(3)", 5),
    "flood": ("import sys\nwhile True: sys.stderr.write('x' * 1000)", 5),
    "slow": ("import time; time.sleep(60)", 0.3),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_exchange_by_threads_gives_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads, for where pipes cannot be waited for, give the same data, errors and limits."""
    program, seconds = PROGRAMS[name]
    outcomes = []
    for exchange in (running._exchange, running._exchange_by_threads):
        monkeypatch.setattr(running, "_exchange", exchange)
        command = [os.fsencode(each) for each in (sys.executable, "-I", "-c", program)]

        def run(command: list[bytes] = command) -> object:
            with running.started(command, cwd="/", env={}, has_input=True) as process:
                printed = running.communicate(process, b"0123456789" * 50_000, seconds, 1 << 20)
            return process.returncode, printed

        try:
            outcomes.append(run())
        except (subprocess.TimeoutExpired, running.TooMuch) as error:
            outcomes.append((type(error), str(error)[:12]))
    assert outcomes[0] == outcomes[1]
    for each in threading.enumerate():
        if each is not threading.main_thread() and each.daemon:
            each.join(5)


def test_a_path_of_windows_is_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """There, what is written with a backslash or a drive leads out of a folder, and is refused."""
    assert files.paths.safe_parts(f"a\\..\\{STAFF}")
    monkeypatch.setattr(os, "sep", "\\")
    for path in ("..\\x", "a\\b", "C:x", "C:/x", "file:stream"):
        with pytest.raises(KrowVersionsError, match="is no file name"):
            files.paths.safe_parts(path)
