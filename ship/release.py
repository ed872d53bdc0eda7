"""Tag this version and push the tag, if everything is clean: ``./dev release [--yes]``.

What is wrong is said all at once, and nothing is done then. Else every check is run for exactly this commit,
what will be done is shown, and it is done after a yes. Nothing is forced. Nothing is published: the command
that uploads the files is printed. After an interruption, the same command goes on.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import krow_versions as kv

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
DIST = ROOT / "build" / "dist"
PROVEN = ROOT / "build" / "proven.json"
MAIN = "main"


def main(*args: str) -> None:
    """Release what HEAD is, or say why not."""
    if not {*args} <= {"--yes"}:
        sys.exit("release: takes --yes alone: without it, you are asked")
    project = tomllib.loads(_text("pyproject.toml"))["project"]
    version, source = project["version"], project["urls"]["Source"]
    tag, head = f"v{version}", asked("rev-parse", "HEAD")
    remote, theirs = server(tag)
    if theirs.get(f"refs/tags/{tag}^{{}}") == head:
        print(f"{tag} is released already, at this commit")
        say_upload()
        return
    refuse([*_problems(tag, head, remote, theirs, source), *_unwritten(version)])
    prove(head)
    # The proof took minutes: who else pushed, and what else was changed meanwhile?
    remote, theirs = server(tag)
    refuse([*_problems(tag, head, remote, theirs, source)])
    made = asked("rev-parse", "--verify", "--quiet", f"refs/tags/{tag}")
    tagging = ["git", "tag", "--annotate", f"--message=krow-versions {version}", tag, head]
    pushing = ["git", "push", remote, f"refs/tags/{tag}"]
    actions = [pushing] if made else [tagging, pushing]
    for action in actions:
        print(f"  {shlex.join(action)}")
    if "--yes" not in args and not _agreed(tag):
        sys.exit(f"release: nothing was done: {tag} waits for your yes, or for --yes")
    for action in actions:
        if subprocess.call(action, cwd=ROOT):
            sys.exit(
                f"release: FAILED: {shlex.join(action)}; after the correction, run the same command again"
            )
    say_upload()


def server(tag: str) -> tuple[str, dict[str, str]]:
    """Ask the remote where its main and tag are: its name, which may be empty, and ids by full name."""
    names = asked("remote").split()
    name = "origin" if "origin" in names else names[0] if len(names) == 1 else ""
    if not name:
        return "", {}
    refs = asked("ls-remote", "--", name, f"refs/heads/{MAIN}", f"refs/tags/{tag}", f"refs/tags/{tag}^{{}}")
    return name, {ref: object_id for object_id, ref in (line.split("\t") for line in refs.splitlines())}


def _problems(tag: str, head: str, remote: str, theirs: dict[str, str], source: str) -> Iterator[str]:
    """Say what of git is not as it must be, each with what to do."""
    if changed := asked("status", "--porcelain"):
        yield f"the work tree is not clean: commit or remove\n{changed}"
    if (branch := asked("branch", "--show-current")) != MAIN:
        yield f"this is {branch or 'no branch'}, and a release is made of {MAIN}: git switch {MAIN}"
    if not remote:
        yield "there is no remote to push the tag to, or several without an origin: git remote add origin URL"
        return
    if place(asked("remote", "get-url", "--push", remote)) != place(source):
        yield f"{remote} is not the Source of pyproject.toml, {source}: users would be led to another place"
    if theirs.get(f"refs/heads/{MAIN}") != head:
        yield f"{MAIN} of {remote} is not at this commit: git pull --ff-only, then git push {remote} {MAIN}"
    if f"refs/tags/{tag}" in theirs:
        yield f"{tag} is released, at another commit: ./dev run bump-patch krow-versions -m WHAT"
    elif (made := asked("rev-parse", "--verify", "--quiet", f"refs/tags/{tag}")) and (
        asked("cat-file", "-t", made) != "tag" or asked("rev-parse", f"{made}^{{commit}}") != head
    ):
        yield f"here, {tag} is a lightweight tag or one of another commit: git tag -d {tag}"


def place(url: str) -> str:
    """Give what different addresses of the same repository have in common."""
    url = re.sub(r"^[a-z+]+://", "", url)
    url = re.sub(r"^[^/@]+@([^/:]+):(?!\d+/)", r"\1/", url)
    return re.sub(r"^[^/@]+@", "", url).removesuffix("/").removesuffix(".git").lower()


def _unwritten(version: str) -> Iterator[str]:
    """Say what CHANGELOG.md lacks, and what our own audit finds."""
    text = _text("CHANGELOG.md")
    row = kv.read_rows(text)[0]
    if str(row.version) != version:
        yield f"CHANGELOG.md has no row for {version} at the top of its table: add it, or raise the version"
    elif f"\n## {version} - {row.date}\n" not in text:
        yield f"CHANGELOG.md has no section '## {version} - {row.date}': give Unreleased this heading"
    waiting = re.search(r"^## Unreleased\n(?P<what>.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if waiting and waiting["what"].strip():
        yield f"CHANGELOG.md has entries under Unreleased: they belong under {version}"
    report = kv.Workspace.open(ROOT).audit(history=True)
    for finding in report.findings:
        if finding.severity != "note":
            yield f"krow-versions audit --history: {finding.message} [{finding.code}]"


def refuse(problems: list[str]) -> None:
    """End if there is a problem, and say all of them."""
    for problem in problems:
        print(f"release: {problem}", file=sys.stderr)
    if problems:
        sys.exit("release: nothing was done")


def prove(head: str) -> None:
    """Run every check of CI and of the package for this commit, unless both have passed for exactly it.

    The note of that is outside of what is committed, and names the commit and the files that were built.
    """
    if PROVEN.exists() and json.loads(PROVEN.read_text(encoding="utf-8")) == _proof(head):
        print("the checks have passed for this commit")
        return
    PROVEN.unlink(missing_ok=True)
    for command in ("check", "package"):
        environment = os.environ | {"HYPOTHESIS_PROFILE": "ci"}
        if subprocess.call([ROOT / "dev", command], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL):
            sys.exit(f"release: ./dev {command} failed: nothing was done")
    if asked("status", "--porcelain") or asked("rev-parse", "HEAD") != head:
        sys.exit("release: the checkout was changed while it was checked: nothing was done")
    PROVEN.write_text(json.dumps(_proof(head)), encoding="utf-8")


def _proof(head: str) -> dict[str, str]:
    files = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(DIST.glob("*"))}
    return {"commit": head, **files}


def _agreed(tag: str) -> bool:
    return sys.stdin.isatty() and input(f"Release {tag}? [y/N] ").strip().lower() in ("y", "yes")


def say_upload() -> None:
    """Print what publishes the files, which is left to people."""
    files = [str(file.relative_to(ROOT)) for file in sorted(DIST.glob("krow_versions-*"))]
    print(f"to publish it: {shlex.join(['build/venv-package/bin/twine', 'upload', *files])}")


def asked(*args: str) -> str:
    """Ask git; empty where a ref is asked for that does not exist. Whatever else git cannot say ends this."""
    done = subprocess.run(["git", *args], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode and "--quiet" not in args:
        sys.exit(f"release: git {shlex.join(args)}: {done.stderr.strip()}")
    return done.stdout.rstrip("\n")


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
