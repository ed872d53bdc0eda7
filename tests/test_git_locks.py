"""Git's locks, here and on the remote: each is named with its time and a remedy that works."""

from __future__ import annotations

import os
import re
import shlex
from typing import TYPE_CHECKING

import pytest

from krow_versions.errors import Busy, GitError
from krow_versions.git.locks import named_in, named_there, require_unlocked, seen, standing
from krow_versions.git.process import Reach, run
from support.commands import done
from support.repositories import opened, refs
from support.scenes import BRANCH, TAG
from support.untouched import untouched

if TYPE_CHECKING:
    from pathlib import Path

    from support.repositories import Repo
    from support.scenes import Scene

MADE = 1767225600  # 2026-01-01
SINCE = "since 2026-01-01 00:00:00 UTC"
TAG_REF, MAIN = f"refs/tags/{TAG}", "refs/heads/main"


def lock(folder: Path, name: str) -> Path:
    """Leave a lock as a git that was killed long ago does."""
    path = folder / f"{name}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.utime(path, (MADE, MADE))
    return path


def remedied(words: str) -> None:
    """Run exactly the command that the words name."""
    words = words.replace("those files", "that file")
    (command,) = re.findall(r"(?<=delete that file: )rm .*(?=; then run it again)", words)
    program, *paths = shlex.split(command)
    assert program == "rm"
    for path in paths:
        os.unlink(path)


@pytest.mark.fault(92)
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("packed-refs", ["pack-refs", "--all"]),
        ("config", ["config", "a.b", "c"]),
        ("index", ["add", "--all"]),
        ("HEAD", ["symbolic-ref", "HEAD", "refs/heads/other"]),
        ("refs/heads/side", ["update-ref", "refs/heads/side", "HEAD"]),
        ("shallow", ["fetch", "--quiet", "--depth=1", ".", "HEAD"]),
    ],
)
def test_what_git_could_not_lock_is_named(repo: Repo, name: str, arguments: list[str]) -> None:
    """Whichever lock stops a git, the error has its path, its time and the command that removes it."""
    repo.write("a", "1")
    repo.commit()
    repo.write("a", "2")
    repo.commit()
    path = lock(repo.path / ".git", name)
    with pytest.raises(GitError, match="git's lock") as caught:
        run(arguments, cwd=str(repo.path), reach=Reach.ACT)
    assert f"git's lock '.git/{name}.lock' has been there {SINCE}" in caught.value.message
    assert path.exists()
    remedied(str(caught.value.hint))
    run(arguments, cwd=str(repo.path), reach=Reach.ACT)


@pytest.mark.fault(92)
def test_every_lock_is_listed(repo: Repo, tmp_path: Path) -> None:
    """Those of the working tree, of all working trees, and of refs; in a linked working tree, too."""
    repo.commit()
    linked = tmp_path / "linked"
    repo.git("worktree", "add", "--quiet", "-b", "other", str(linked))
    here = opened(linked)
    names = ("index", "HEAD", "ORIG_HEAD")
    own = [lock(repo.path / ".git/worktrees/linked", name) for name in names]
    shared = [lock(repo.path / ".git", name) for name in (MAIN, "packed-refs", "config", "shallow")]
    lock(repo.path / ".git", "index")  # Of another working tree.
    assert [each.path for each in standing(here, [MAIN, MAIN])] == [str(path) for path in (*own, *shared)]
    with pytest.raises(Busy) as caught:
        require_unlocked(here, [MAIN])
    assert [str(path) in str(caught.value) for path in (*own, shared[0])] == [True] * 4
    remedied(str(caught.value.hint))
    require_unlocked(here, [MAIN])


def test_a_lock_is_named_as_whose_it_is(tmp_path: Path) -> None:
    """What the git of a remote could not lock is not ours, though it is on this machine; a path is shown
    from the top only if it is below that, not in a clone whose name begins alike."""
    path = lock(tmp_path / "clone-2/.git", "index")
    said = f"fatal: Unable to create '{path}': File exists.\n".encode()
    found = named_in(said, str(tmp_path / "clone"))
    assert found is not None
    assert (found.path, found.shown) == (str(path), str(path))
    assert named_in(b"remote: " + said, str(tmp_path / "clone")) is None
    assert named_in(said.replace(str(tmp_path).encode() + b"/", b"../"), str(tmp_path / "clone")) == found
    below = seen(str(path), str(tmp_path / "clone-2"))
    assert below is not None
    assert below.shown == ".git/index.lock"


@pytest.mark.parametrize(
    ("said", "path"),
    [
        (
            b"remote: error: cannot lock ref 'a': Unable to create '/srv/x.git/./a.lock': File exists.   \n",
            "/srv/x.git/a.lock",
        ),
        (b"error: cannot lock ref 'a': Unable to create '/here/a.lock': File exists.\n", None),
        (b"remote: error: cannot lock ref 'refs/heads/main': is at 1 but expected 2\n", None),
    ],
)
def test_what_a_server_could_not_lock(said: bytes, path: str | None) -> None:
    """Only what the git of the remote says is read as its lock."""
    assert named_there(said) == path


@pytest.mark.fault(92)
@pytest.mark.parametrize("name", [MAIN, TAG_REF])
def test_a_lock_on_the_remote(ready: Scene, name: str) -> None:
    """It is named with its time and with who may remove it; nothing has changed; later the same run ends."""
    path = lock(ready.remote.path, name)
    with untouched(ready.remote):
        result = ready.hotfix("finish", "--yes")
    assert result.code == 4, result
    assert f"git's lock '{path}' has been there {SINCE}, on 'origin'" in result.err
    assert "whoever runs the server removes exactly that file" in result.err
    assert TAG_REF not in refs(ready.ours)
    path.unlink()
    done(ready.hotfix("finish", "--yes"))
    assert refs(ready.remote)[TAG_REF] == refs(ready.ours)[TAG_REF]


@pytest.mark.fault(92)
@pytest.mark.parametrize("name", ["index", "HEAD", MAIN])
def test_main_here_waits_for_a_lock(ready: Scene, name: str) -> None:
    """It is out, and main here is behind: status names it and the lock, with commands that work."""
    lock(ready.ours.path / ".git", name)
    result = done(ready.hotfix("finish", "--yes"))
    named = f"git's lock '.git/{name}.lock' has been there {SINCE}"
    assert f"main here was not brought forward: {named}" in result.err
    here, there = refs(ready.ours), refs(ready.remote)
    assert (here[TAG_REF], here[f"refs/heads/{BRANCH}"]) == (there[TAG_REF], there[MAIN])
    assert here[MAIN] != there[MAIN]
    behind = "main here is behind origin/main: git fetch origin main:main"
    shown, data = done(ready.hotfix("status")).out, done(ready.hotfix("status", "--json")).data
    assert f"\nleft over: {behind}\n" in shown
    assert f"\nleft over: {named}, for " in shown
    assert data["warnings"][0] == behind
    assert data["warnings"][1].startswith(named)
    remedied(shown)
    ready.ours.git(*behind.partition(": ")[2].split()[1:])
    assert refs(ready.ours)[MAIN] == there[MAIN]
    assert "left over" not in done(ready.hotfix("status")).out


@pytest.mark.fault(92)
@pytest.mark.parametrize("name", ["packed-refs", "config", "shallow"])
def test_status_names_every_lock(ready: Scene, name: str) -> None:
    """A lock that stops nothing yet is named by status, with the command that removes it."""
    path = lock(ready.ours.path / ".git", name)
    shown = done(ready.hotfix("status")).out
    assert f"\nleft over: git's lock '.git/{name}.lock' has been there {SINCE}" in shown
    remedied(shown)
    assert not path.exists()
