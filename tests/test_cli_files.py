"""Odd version files, interruptions at any moment, and runs at the same time."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.commands import MODULE, RAW, assert_refused, shell
from support.commands import run_anew as run
from support.hang import SECONDS
from support.krow import SLUG, STAFF, WEB, WEB_LOCK, WORKER, checkout, hotfix, package, pubspec
from support.untouched import state

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.repositories import Repo

BUMP = ("bump-patch", "worker-mobile")
DONE = f"{STAFF}: 0.1.0+5 -> 0.1.1+6\n"
MANY = 60


def start(*args: str, cwd: Path, path: str | None = None) -> subprocess.Popen[bytes]:
    env = os.environ | ({"PATH": path} if path else {})
    return subprocess.Popen(
        [*MODULE, *args], cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, process_group=0
    )


def many(repo: Repo) -> Repo:
    """A backend of many services, so that a run can be met in the middle."""
    for number in range(MANY):
        repo.write(f"backend/s{number:02}/package.json", package("0.3.1"))
    repo.commit()
    repo.tag("krow-withus-backend/prod-v0.3.1")
    return repo


def versions(repo: Repo) -> set[bytes]:
    return {path.read_bytes() for path in repo.path.glob("backend/*/package.json")}


def temporaries(repo: Repo) -> list[Path]:
    return [path for path in repo.path.rglob(".krow-versions*") if ".git" not in path.parts]


def sleepy_git(folder: Path) -> str:
    """A PATH whose git notes its process id, waits for the file ``go``, and then is the real one."""
    fake = folder / "bin/git"
    fake.parent.mkdir()
    wait = f"until [ -e {folder}/go ]; do sleep 0.05; done"
    fake.write_text(f'#!/bin/sh\necho $$ >> {folder}/pids\n{wait}\nPATH="${{PATH#*:}}" exec git "$@"\n')
    fake.chmod(0o755)
    return f"{fake.parent}:{os.environ['PATH']}"


def wait_for(condition: Callable[[], object]) -> None:
    until = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.001)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.fault(60)
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_version_file_that_is_a_link_inside(repo: Repo, kind: str) -> None:
    """A link inside the repository stays a link, its target is bumped; builds at tags are seen through it."""
    repo.write(WORKER, pubspec("0.0.9+40"))
    link = repo.path / (STAFF if kind == "file" else os.path.dirname(STAFF))
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(f"../worker{'/pubspec.yaml' if kind == 'file' else ''}")
    repo.commit()
    repo.tag(f"{SLUG}/dev-v0.0.9")
    repo.write(WORKER, pubspec("0.1.0+5"))
    repo.commit()
    repo.tag(f"{SLUG}/prod-v0.1.0")
    result = run(*BUMP, cwd=repo.path)
    assert result.code == 0, result
    assert result.out in {f"{path}: 0.1.0+5 -> 0.1.1+41\n" for path in (STAFF, WORKER)}
    assert link.is_symlink()
    assert (repo.path / WORKER).read_text() == pubspec("0.1.1+41")


@pytest.mark.fault(25, 57)
@pytest.mark.parametrize("kind", ["out", "dangling", "loop", "git", "directory", "fifo", "read-only"])
def test_version_file_that_may_not_be_written(repo: Repo, tmp_path: Path, kind: str) -> None:
    """A link out of the repository, a pipe, a folder, a read-only file: refused by name, nothing written."""
    outside = tmp_path / "outside.yaml"
    outside.write_text(pubspec("0.1.0+5"))
    file = checkout(repo).path / STAFF
    file.chmod(0o444)
    if kind != "read-only":
        file.unlink()
    if kind in {"out", "dangling", "loop", "git"}:
        config = str(repo.path / ".git/config")
        targets = {"out": str(outside), "dangling": "nowhere", "loop": file.name, "git": config}
        file.symlink_to(targets[kind])
    if kind == "directory":
        file.mkdir()
    if kind == "fifo":
        os.mkfifo(file)
    before = state(repo)
    assert_refused(
        run("bump-patch", "web", "worker-mobile", cwd=repo.path),
        STAFF,
        code=(4 if kind in {"read-only", "dangling"} else 3),
    )
    assert state(repo) == before
    assert outside.read_text() == pubspec("0.1.0+5")


@pytest.mark.fault(59, 63)
def test_mode_is_kept_and_hard_links_are_reported(repo: Repo, tmp_path: Path) -> None:
    """The mode stays; that the other name of a hard link keeps the old bytes is a warning, not an error."""
    file = hotfix(repo).path / STAFF
    file.chmod(0o640)
    os.link(file, tmp_path / "other")
    result = run(*BUMP, cwd=repo.path)
    assert (result.code, result.out) == (0, DONE)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert f"warning: {STAFF}" in result.err
    assert "error:" not in result.err


@pytest.mark.fault(71, 109)
@pytest.mark.parametrize("name", ["\x1b[2J\x1b]0;x\x07", "a\nbackend: forged", "\u202egnp", "\udcff"])
def test_names_of_folders_never_reach_the_terminal_raw(repo: Repo, name: str) -> None:
    """Hostile folder names are bumped like others; every output shows them escaped, one line per file."""
    checkout(repo).write(f"backend/{name}/package.json", package("0.3.1"))
    repo.commit()
    for args in (["products"], ["show"], ["show", "--json"], ["bump-patch", "backend", "-n"]):
        result = run(*args, cwd=repo.path)
        assert result.code == 0, result
        assert not RAW.search(result.out + result.err)
        assert not any("\udc80" <= character <= "\udcff" for character in result.out + result.err)
        assert not any(line.startswith("backend: forged") for line in result.out.splitlines())
    result = run("bump-patch", "backend", "--json", cwd=repo.path)
    assert f"backend/{name}/package.json" in {file["path"] for file in result.data["products"][0]["files"]}
    assert (repo.path / f"backend/{name}/package.json").read_text() == package("0.3.2")


@pytest.mark.fault(109)
def test_hostile_text_in_a_broken_file_is_shown_escaped(repo: Repo) -> None:
    """An error quotes the line of the file, with what it hides made visible."""
    hotfix(repo).write(STAFF, "version: '0.1.0\u202e\u200b+5' # \u2066\n")
    assert_refused(run(*BUMP, cwd=repo.path), f"{STAFF}:1:", "\\u202e\\u200b")


@pytest.mark.fault(66)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_while_git_works(repo: Repo, tmp_path: Path, number: signal.Signals) -> None:
    """A signal while git hangs ends both: exit 130, one line of words, nothing written, no process left."""
    before = state(hotfix(repo))
    process = start(*BUMP, cwd=repo.path, path=sleepy_git(tmp_path))
    wait_for(lambda: (tmp_path / "pids").exists() and (tmp_path / "pids").read_text().endswith("\n"))
    process.send_signal(number)
    out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, out, err) == (130, b"", b"error: interrupted\n")
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    wait_for(lambda: not any(map(alive, pids)))
    assert state(repo) == before


@pytest.mark.fault(66)
def test_nohup_is_respected(repo: Repo, tmp_path: Path) -> None:
    """A run under nohup (SIGHUP ignored) goes on when the terminal is closed."""
    script = 'trap "" HUP; exec "$0" -m krow_versions bump-patch worker-mobile'
    env = os.environ | {"PATH": sleepy_git(tmp_path)}
    process = subprocess.Popen(
        ["bash", "-c", script, sys.executable], cwd=hotfix(repo).path, env=env, stdout=subprocess.PIPE
    )
    wait_for((tmp_path / "pids").exists)
    process.send_signal(signal.SIGHUP)
    (tmp_path / "go").touch()
    out, _ = process.communicate(timeout=SECONDS)
    assert (process.returncode, out.decode()) == (0, DONE)


@pytest.mark.fault(66)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("moment", ["staging", "renaming"])
def test_interrupted_while_writing(repo: Repo, number: signal.Signals, moment: str) -> None:
    """A signal while files are written restores all (130), or comes too late, which is said (130) or has
    ended already (0); no temporary is left."""
    last = many(repo).path / f"backend/s{MANY - 1}/package.json"
    first = repo.path / "backend/s00/package.json"
    old = last.stat().st_ino, first.stat().st_ino
    process = start("bump-patch", "backend", cwd=repo.path)
    wait_for(lambda: (moment == "staging" and temporaries(repo)) or first.stat().st_ino != old[1])
    process.send_signal(number)
    _, err = process.communicate(timeout=SECONDS)
    assert process.returncode in {0, 130}, err
    written = process.returncode == 0 or b"everything was written" in err
    assert versions(repo) == {package("0.3.2" if written else "0.3.1").encode()}
    assert temporaries(repo) == []
    assert b"Traceback" not in err
    assert written or b"restored" in err or b"nothing was written" in err


@pytest.mark.fault(65)
@pytest.mark.parametrize("moment", ["staging", "renaming"])
def test_killed_while_writing(repo: Repo, moment: str) -> None:
    """After kill -9 each file is whole, and the same command finishes the work and clears the rest."""
    first = many(repo).path / "backend/s00/package.json"
    old = first.stat().st_ino
    process = start("bump-patch", "backend", cwd=repo.path)
    wait_for(lambda: (moment == "staging" and temporaries(repo)) or first.stat().st_ino != old)
    process.kill()
    process.communicate(timeout=SECONDS)
    assert versions(repo) <= {package("0.3.1").encode(), package("0.3.2").encode()}
    assert run("bump-patch", "backend", cwd=repo.path).code == 0
    assert versions(repo) == {package("0.3.2").encode()}
    assert temporaries(repo) == []


@pytest.mark.fault(68)
def test_runs_at_the_same_time(repo: Repo) -> None:
    """Several runs at once: each succeeds or says that another was there; the files are bumped once."""
    many(repo)
    processes = [start("bump-patch", "backend", cwd=repo.path) for _ in range(4)]
    ends = [(*process.communicate(timeout=SECONDS), process.returncode) for process in processes]
    assert {code for *_, code in ends} <= {0, 3, 4}, ends
    assert 0 in {code for *_, code in ends}
    assert not any(b"Traceback" in err for _, err, _ in ends)
    assert versions(repo) == {package("0.3.2").encode()}
    assert temporaries(repo) == []


@pytest.mark.fault(68)
def test_another_run_that_holds_the_lock(repo: Repo) -> None:
    """While another program holds the lock for long, a run gives up with exit 4 and nothing written."""
    before = state(hotfix(repo))
    script = "exec 8<. 9<.git; flock 8; flock 9; $KV bump-patch worker-mobile"
    result = shell(script, cwd=repo.path)
    assert_refused(result, "lock", code=4)
    assert state(repo) == before


@pytest.mark.fault(85)
def test_other_files_of_the_user_stay_as_they_are(repo: Repo) -> None:
    """Staged, unstaged and untracked work of the user is left exactly, in the same file and elsewhere."""
    checkout(repo).write("notes.txt", "mine")
    repo.write(WEB, package("1.4.0").replace("{\n", '{\n  "mine": true,\n', 1))
    repo.git("add", WEB)
    staged = repo.git("ls-files", "--stage")
    assert run("bump-patch", "web", cwd=repo.path).code == 0
    assert repo.git("ls-files", "--stage") == staged
    assert '"mine": true' in (repo.path / WEB).read_text()
    assert sorted(repo.git("status", "--porcelain").splitlines()) == sorted(
        [f"MM {WEB}", f" M {WEB_LOCK}", "?? notes.txt"]
    )
