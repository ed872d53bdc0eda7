"""A law: what is printed to be typed is harmless to a shell, whatever the configuration names.

Everything that can be configured is hostile to a shell here, as far as git and the configuration accept it:
main, the remote, lines, names of branches and tags, aliases, files, folders, what deploys and notifies.
No slug, and no name of a product or a repository, may have such characters, and no name begins with a dash.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from typing import TYPE_CHECKING

import attrs
import pytest

from support.commands import done, run
from support.releases import FIX
from support.repositories import Repo, hook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from support.child import Result

BAIT = "'$(>canary)`>canary`;>canary&>canary|\"#!<x>(y)"
MAIN, REMOTE, LINE, ABOVE = f"m{BAIT}", f"o{BAIT}", f"release{BAIT}/1", f"of{BAIT}"
HOTFIX, TAG = f"{ABOVE}/web-v1.0.1", f"web/prod{BAIT}-v1.0.1"
FOLDER, ALIAS = f"where {BAIT} $(touch canary)", f"w {BAIT} $(touch canary)"
FILES = FOLDER.replace("#", "")  # Behind it, a heading of the CHANGELOG is named.
ISSUE = f"Nobody {BAIT} $(touch canary)"
WHOLE = (
    MAIN,
    REMOTE,
    LINE,
    ABOVE,
    TAG.removeprefix("web/").removesuffix("1.0.1"),
    FILES,
    ALIAS,
    ISSUE,
    FOLDER,
)
CONFIGURATION = f"""
[repos]
web = {json.dumps(FOLDER)}
other = "theirs"

[products.web]
repo = "web"
slug = "web"
aliases = [{json.dumps(ALIAS)}]
files = [{json.dumps(f"{FILES}/package.json")}]
changelog = {json.dumps(f"{FILES}/CHANGELOG.md")}
deploy = ["true", {json.dumps(ISSUE)}, "{{tag}}"]

[tags]
production = {json.dumps("{slug}/prod" + BAIT + "-v{version}")}

[hotfix]
branch = {json.dumps(ABOVE + "/{slug}-v{version}")}
main = {json.dumps(MAIN)}
remote = {json.dumps(REMOTE)}
lines = [{json.dumps(LINE)}]
channel = {json.dumps("#" + ISSUE)}
contacts = {{ {json.dumps("Engineer " + BAIT)} = {json.dumps("call " + BAIT)} }}
notify = ["cat", {json.dumps(ISSUE)}, "{{tag}}"]
"""
PROGRAM = re.compile(
    r"(?<![\w.'/\"-])(?:krow-versions (?:hotfix|bump|changelog|audit|show|history|config)"
    r"|(?:gh|rm|cd) (?=['a-z])|git (?!cannot|has|or\b|is\b|keeps|does|allows|had|knows)(?=['a-z-]))"
)
BEGINNING = re.compile(r"^(?=  (?:git |gh |w=|cd |[$#]))", re.MULTILINE)
PREVIEW, FINISH = ("finish", "-n"), ("finish", "--yes")


def commands_in(text: str) -> Iterator[str]:
    """Give each command in *text*: from its program on, up to where the sentence goes on."""
    for line in text.split("\n"):
        end = 0
        while found := PROGRAM.search(line, end):
            end = _end(line, found.start())
            yield line[found.start() : end]


def _end(line: str, at: int) -> int:
    quote = ""
    while at < len(line):
        if quote:
            quote = "" if line[at] == quote else quote
        elif line[at] in "'\"":
            quote = line[at]
        elif re.match(r"[;,)](?:[ ;,]|$)", line[at:]):
            return at
        at += 1
    return at


@attrs.frozen
class Scene:
    """A bare remote, our clone in a workspace of two repositories, a colleague's clone, and a shell."""

    folder: Path
    seen: set[str] = attrs.field(factory=set)

    @classmethod
    def make(cls, folder: Path) -> Scene:
        scene = cls(folder)
        Repo(folder / "remote.git", bare=True).git("symbolic-ref", "HEAD", f"refs/heads/{MAIN}")
        ours = scene.ours
        ours.git("checkout", "--quiet", "--orphan", MAIN)
        ours.git("remote", "add", REMOTE, "../remote.git")
        ours.git("config", "user.name", f"Eve {BAIT.replace('<', '').replace('>', '')}")
        ours.write(f"{FILES}/package.json", '{"name": "web", "version": "1.0.0"}\n')
        ours.write(
            f"{FILES}/CHANGELOG.md",
            "| Date | Version | Change |\n|---|---|---|\n| 2026-01-01 | 1.0.0 | x |\n",
        )
        ours.write(f"{FILES}/login.js", "login()\n")
        ours.commit("feat: first release")
        ours.tag(TAG.replace("1.0.1", "1.0.0"))
        ours.git("branch", LINE)
        ours.git("push", "--quiet", REMOTE, MAIN, LINE, "--tags")
        (folder / "krow-versions.toml").write_text(CONFIGURATION)
        theirs = scene.theirs
        theirs.git("remote", "add", "origin", "../remote.git")
        scene.pull()
        (folder / "else where").mkdir()
        stubs = folder / "stubs"
        stubs.mkdir()
        for name in ("git", "gh", "krow-versions", "rm"):
            (stubs / name).write_text(f'#!/bin/sh\nprintf \'%s\\0\' {name} "$@" >>"$LOG"\n')
            (stubs / name).chmod(0o755)
        return scene

    @property
    def remote(self) -> Repo:
        return Repo(self.folder / "remote.git")

    @property
    def ours(self) -> Repo:
        return Repo(self.folder / FOLDER)

    @property
    def theirs(self) -> Repo:
        return Repo(self.folder / "theirs")

    def pull(self, branch: str = MAIN) -> Repo:
        """Bring the colleague's clone to a branch of the remote."""
        self.theirs.git("fetch", "--quiet", "origin")
        self.theirs.git("switch", "--quiet", "--force-create", branch, f"refs/remotes/origin/{branch}")
        return self.theirs

    def push(self, path: str, content: str, branch: str = MAIN) -> None:
        """A colleague brings a commit to a branch of the remote."""
        theirs = self.pull(branch)
        theirs.write(path, content)
        theirs.commit("feat: more")
        theirs.git("push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")

    def type(self, *args: str) -> Result:
        """Type a command where neither the workspace nor the repository is."""
        result = run(*args, "-C", f"../{FOLDER}", cwd=self.folder / "else where")
        assert result.code in {0, 1, 2, 3, 4}, result
        assert "a bug in" not in result.err
        return result

    def hotfix(self, *args: str) -> Result:
        return self.type("hotfix", *args)

    def fix(self) -> None:
        """Commit the fix, the version and its row."""
        self.ours.write(f"{FILES}/login.js", "ready() && login()\n")
        self.ours.commit(FIX)
        done(self.type("bump-patch", ALIAS, "-m", "Crash"))
        self.ours.commit("chore: 1.0.1")

    def approve(self) -> None:
        """Say that the hotfix is reviewed and approved."""
        done(self.hotfix("status", "--done", "review", "--done", "approval"))

    def audit(self) -> None:
        """Audit everything, and do what is said."""
        result = self.type("audit", "--history", "--remote", "--all")
        problems = [self.problem(command) for command in {*commands_in(result.out + result.err)}]
        assert not any(problems), "\n".join(filter(None, problems))

    def judge(self, *commands: tuple[str, ...]) -> None:
        """Type commands: what they print to be typed is harmless."""
        problems = [problem for args in commands for problem in self._problems(args)]
        assert not any(problems), "\n".join(filter(None, problems))

    def _problems(self, args: tuple[str, ...]) -> Iterator[str]:
        result = self.hotfix(*args)
        out = result.out
        if "-n" in args:
            yield self.problem_of_script(out)
            out = ""
        elif args[0] == "status" or "--yes" in args:
            # A table breaks lines wherever a cell is full, and so do messages in commands that are run.
            out = "\n".join(line for line in out.split("\n") if line.startswith("next:"))
        for command in {*commands_in(f"{out}\n{result.err}")} - self.seen:
            self.seen.add(command)
            yield self.problem(command)

    def problem_of_script(self, text: str) -> str:
        """Run a preview as the script that it is, without the body of a pull request before it."""
        scripts = (BEGINNING.split(part, maxsplit=1)[1:] for part in text.split("\nby hand:"))
        return "".join(self._run("".join(each)) for each in scripts)

    def problem(self, command: str) -> str:
        """Say how a command is not one of words, each hostile value in one of them; or is not harmless."""
        try:
            words = shlex.split(command)
        except ValueError as error:
            return f"{error}: {command}"
        return _torn(words, command) or self._run(command)

    def _run(self, script: str) -> str:
        """Run a script in a real shell, and say how it is not what was meant."""
        log = self.folder / "log"
        log.write_bytes(b"")
        variables = {
            "PATH": f"{self.folder / 'stubs'}:{os.environ['PATH']}",
            "LOG": str(log),
            "EDITOR": "true",
        }
        shell = subprocess.run(
            ["sh", "-c", script], cwd=self.folder / "else where", env=os.environ | variables,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        made = [*self.folder.rglob("canary")]
        for each in made:
            each.unlink()
        if shell.stderr or made:
            return f"{shell.stderr or 'it makes the canary'}: {script}"
        return _torn(log.read_text().split("\0"), script)


def _torn(words: Iterable[str], script: str) -> str:
    torn = [word for word in words if "canary" in word and not any(whole in word for whole in WHOLE)]
    return f"{torn}: {script}" if torn else ""


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """A release in production."""
    return Scene.make(tmp_path)


START = ("start", ALIAS, "--issue", ISSUE, "--severity", "HIGH", "--impact", ISSUE)


def test_a_hotfix_from_its_start_to_its_rollback(scene: Scene) -> None:
    """In every state, and in every refusal."""
    scene.judge(("status",), ("deploy",), ("announce",), ("rollback",))
    scene.ours.write(f"{FILES}/login.js", "halfway\n")
    scene.judge(START)
    scene.ours.git("checkout", "--quiet", "--", ".")
    scene.judge((*START, "-n"), START, ("check",))
    scene.fix()
    scene.judge(PREVIEW)  # Not approved.
    scene.approve()
    scene.judge(PREVIEW, ("pr", "-n"))
    refusing = hook(scene.remote, "pre-receive", "exit 1")
    scene.judge(("pr", "--run", "--yes"))
    refusing.unlink()
    scene.ours.git("switch", "--quiet", "--detach")
    scene.ours.git("branch", "--quiet", "--delete", "--force", HOTFIX)
    scene.judge(FINISH)
    scene.ours.git("switch", "--quiet", "--create", HOTFIX)
    scene.push(f"{FILES}/package.json", '{"name": "web", "version": "1.1.0"}\n')
    scene.judge(PREVIEW)  # Main has moved on.
    scene.push(f"{FILES}/login.js", "logout()\n")
    scene.ours.git("fetch", "--quiet", REMOTE)
    scene.judge(PREVIEW, ("pr", "-n"))  # It is in conflict.
    scene.ours.git("push", "--quiet", REMOTE, HOTFIX)
    scene.push("more.js", "more()\n", HOTFIX)
    scene.judge((*FINISH, "--no-fetch"))  # The remote's branch has more.
    scene.ours.git("fetch", "--quiet", REMOTE)
    scene.judge(PREVIEW)
    scene.ours.write("mine.js", "mine()\n")
    scene.ours.commit("test: mine")
    scene.judge(("status",))  # Neither contains the other.
    scene.ours.git("reset", "--quiet", "--hard", "HEAD^")
    scene.remote.git("update-ref", "-d", f"refs/heads/{HOTFIX}")
    scene.judge(("status",))  # It is deleted there.


def test_a_hotfix_that_is_out_or_undone(scene: Scene) -> None:
    """Finished, deployed, missing on a line, undone on main; and main changes by pull requests."""
    done(scene.hotfix(*START))
    scene.fix()
    scene.approve()
    config = scene.folder / "krow-versions.toml"
    config.write_text(f'{CONFIGURATION}merge = "pull-request"\n')
    scene.judge(FINISH)
    config.write_text(CONFIGURATION)
    scene.remote.git("branch", "--move", MAIN, "aside")
    scene.judge(FINISH)  # The remote has no main.
    scene.remote.git("branch", "--move", "aside", MAIN)
    scene.ours.git("fetch", "--quiet", REMOTE)
    scene.ours.git("update-ref", "-d", f"refs/remotes/{REMOTE}/{MAIN}")
    scene.judge((*FINISH, "--no-fetch"))
    scene.judge(FINISH)
    assert TAG in scene.remote.git("tag", "--list")
    scene.judge(("status",), ("finish", "--carry-to", LINE, "-n"), ("list",))
    done(scene.hotfix("deploy", "--run", "--yes"))
    scene.judge(("announce", "--draft"), ("report",))
    scene.judge(("rollback", "--reason", "x", "--decided-by", "y", "-n"))
    theirs = scene.pull()
    theirs.git("revert", "--no-edit", "HEAD^")
    theirs.git("push", "--quiet", "origin", f"HEAD:refs/heads/{MAIN}")
    scene.ours.git("fetch", "--quiet", REMOTE)
    scene.judge(("check",), PREVIEW)
    scene.audit()


def test_an_abandoned_hotfix(scene: Scene) -> None:
    """What it has left is put aside, here and on the remote, and made anew."""
    done(scene.hotfix(*START))
    scene.fix()
    scene.ours.git("push", "--quiet", REMOTE, HOTFIX)
    scene.judge(("abandon", "--reason", "wrong"), FINISH, (*START, "-n"))
