"""Real git repositories, and what tests do in them that no command of ours does."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
from pathlib import Path

from krow_versions.git import Repository, Tag, open_repository

_FIRST_COMMIT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class Repo:
    """A real repository in a folder; made there when it does not exist yet.

    Commits and tags carry fixed dates, one minute apart, so that ids are the same in every run.
    """

    def __init__(self, path: Path, *, bare: bool = False) -> None:
        self.path = path
        self._minutes = 0
        if not (path / ".git").exists() and not (path / "HEAD").exists():
            path.mkdir(parents=True, exist_ok=True)
            self.git("init", "--quiet", "--initial-branch=main", *(["--bare"] if bare else []))

    def git(self, *args: str, stdin: str | bytes = b"") -> str:
        """Run git in this repository; give its output without the last line break."""
        date = (_FIRST_COMMIT + dt.timedelta(minutes=self._minutes)).isoformat()
        done = subprocess.run(
            ["git", *args],
            cwd=self.path,
            env=os.environ | {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date},
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            words = done.stderr.decode("utf-8", "backslashreplace")
            raise AssertionError(f"git {' '.join(args)}: exit code {done.returncode}: {words}")
        return os.fsdecode(done.stdout).removesuffix("\n")

    def write(self, path: str, content: str | bytes) -> Path:
        """Write a file of the work tree, exactly these bytes (text as UTF-8)."""
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def commit(self, message: str = "change") -> str:
        """Commit all there is in the work tree, even nothing; give the commit's id."""
        self._minutes += 1
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", f"--message={message}")
        return self.git("rev-parse", "HEAD")

    def tag(self, name: str, target: str = "HEAD", *, annotated: bool = True) -> str:
        """Tag a revision; give the id of what the tag names (the tag object, or the target)."""
        self._minutes += 1
        self.git("tag", *(["--annotate", f"--message={name}"] if annotated else []), "--", name, target)
        return self.git("rev-parse", f"refs/tags/{name}")

    def clone(self, path: Path, *options: str) -> Repo:
        """Clone this repository over git's own transport, as from a server."""
        self.git("clone", "--quiet", *options, "--", self.path.as_uri(), str(path))
        cloned = Repo(path)
        cloned._minutes = self._minutes
        return cloned


def opened(place: Repo | Path) -> Repository:
    """Open what is known to be a repository, as the library does."""
    repository = open_repository(str(place.path if isinstance(place, Repo) else place))
    assert repository is not None
    return repository


def refs(repo: Repo, *folders: str) -> dict[str, str]:
    """Every ref, or those of some folders: full name to the id of its object."""
    lines = repo.git("for-each-ref", "--format=%(refname) %(objectname)", *folders).splitlines()
    return dict(line.split(" ") for line in lines)


def hook(repo: Repo, name: str, script: str) -> Path:
    """Install a shell script as a hook, of a bare repository too."""
    folder = repo.path / (".git/hooks" if (repo.path / ".git").exists() else "hooks")
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


def fuse(repo: Repo, name: str, script: str, after: int = 1) -> Path:
    """Install a hook that acts only once, at its n-th call; give its file."""
    count = 'echo >> "$0.calls"; n=$(wc -l < "$0.calls")'
    return hook(repo, name, f'{count}; if [ "$n" = {after} ]; then {script}; fi')


def defuse(*hooks: Path) -> None:
    """Take hooks away again, and how often they were called."""
    for file in hooks:
        file.unlink()
        Path(f"{file}.calls").unlink(missing_ok=True)


def clear_locks(repo: Repo) -> list[str]:
    """Delete the locks that a killed git has left, as its error message says."""
    folder = repo.path / ".git"
    found = sorted(folder.rglob("*.lock"))
    for lock in found:
        os.unlink(lock)
    return [str(lock.relative_to(folder)) for lock in found]


def executable(path: Path, script: str) -> Path:
    """Write a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script, encoding="utf-8")
    path.chmod(0o755)
    return path


def names(tags: tuple[Tag, ...]) -> list[str]:
    return [tag.name for tag in tags]
