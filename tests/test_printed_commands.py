"""A law: each command that a hotfix command prints, typed where it was printed, is of the same hotfix."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import attrs
import pytest

from krow_versions.planning.commands import Calls, joining
from support.commands import done, run, shell
from support.effort import LONG
from support.krow import SLUG, STAFF
from support.releases import BASE, BRANCH, CHANGELOG, FIX, FIXED, START
from support.servers import Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.child import Result

NAME, FOLDER = "phones", "it's $(touch hijacked) here"
PRODUCT = f"""
[products.{NAME}]
slug = "{SLUG}"
files = ["{STAFF}"]
changelog = "{CHANGELOG}"
"""
REVIEWED = '[hotfix]\nmerge = "pull-request"\n'
REPOSITORIES = '[repos]\nmobile = "ours"\nother = "theirs"\n'
WAYS: dict[str, tuple[str, tuple[str, ...]]] = {
    "here": ("ours", ()),
    "below": ("ours/apps", ()),
    "-C": ("else where", ("-C", "../ours")),
    "--config": ("else where", ("--config", "../ours/krow-versions.toml")),
    "repositories": (".", ()),
}
PRINTED = re.compile(r"krow-versions hotfix ([a-z]+) (?=['a-z])")
GIT = re.compile(r"\bgit (?:-C (?:'(?:[^']|'\"'\"')*'|\S+) )?(?=(?:commit|switch|status|push|reflog|fetch) )")
LOOKING = (("status",), ("check",), ("pr",), ("finish", "-n"))


@attrs.frozen
class Caller:
    """Somebody who types commands in a folder, with some options."""

    server: Server
    folder: Path
    options: tuple[str, ...]

    def type(self, *args: str) -> Result:
        """Type a command of ``hotfix``."""
        result = run("hotfix", *args, *self.options, cwd=self.folder)
        assert result.code in {0, 1, 2, 3}, result
        return result

    def judge(self, version: str, *named: str) -> str:
        """Type all that looks at one hotfix: each command in it is of that one. Give what is next."""
        said = [self.type(args[0], *named, *args[1:]) for args in LOOKING]
        said.append(self.type("finish", *named, "--no-fetch"))  # Refused, or it cannot ask.
        # The body of the pull request is for people in other checkouts.
        lines = "\n".join(f"{each.out}\n{each.err}" for each in said).split("\n")
        texts = "\n".join(line for line in lines if not line.startswith("**If it fails:**"))
        commands = set(printed(texts))
        assert commands
        for command in commands:
            assert (command, self.resolve(command)) == (command, (NAME, version))
        for beginning in set(GIT.findall(texts)):
            top = done(self.shell(f"{beginning}rev-parse --show-toplevel")).out.strip()
            assert (beginning, top) == (beginning, str(self.server.ours.path))
        assert not list(self.server.ours.path.parent.rglob("hijacked"))
        return said[0].out.splitlines()[-1]

    def resolve(self, words: str) -> tuple[str, str]:
        """Type the beginning of a printed command; give the product and version that it is of."""
        data = done(run("hotfix", "status", *shlex.split(words), "--json", cwd=self.folder)).data
        return data["product"], data["version"]

    def shell(self, line: str) -> Result:
        return shell(line, cwd=self.folder)


def printed(text: str) -> Iterator[str]:
    """Give the words by which each printed command says of which hotfix it is, quoted."""
    for found in PRINTED.finditer(text):
        rest = text[found.end() :].partition("\n")[0]
        lexer = shlex.shlex(rest, posix=True, punctuation_chars=";&")
        lexer.whitespace_split = True
        words = [next(lexer, "")]
        assert words != [""], text[found.start() - 200 : found.end() + 100]
        while (word := next(lexer, "")) in {"--version", "-C", "--config"}:
            words += [word, next(lexer)]
        if found[1] != "start":
            yield shlex.join(word.rstrip(",)") for word in words)


@pytest.fixture(params=WAYS if LONG else ["-C", "repositories"])
def caller(tmp_path: Path, request: pytest.FixtureRequest) -> Caller:
    """People who stand in the repository, below it, elsewhere, or above two repositories."""
    where, options = WAYS[request.param]
    folder = tmp_path / FOLDER
    server = Server.make(folder)
    (folder / "else where").mkdir()
    if where == ".":
        (folder / "krow-versions.toml").write_text(f'{REPOSITORIES}{PRODUCT}repo = "mobile"\n{REVIEWED}')
    else:
        (server.ours.path / "krow-versions.toml").write_text(f"{PRODUCT}{REVIEWED}")
    return Caller(server, folder / where, options)


def test_each_printed_command_is_of_the_same_hotfix(caller: Caller) -> None:
    """From the start on: blocked, waiting for people, in the middle of a merge, beside another hotfix."""
    ours, server = caller.server.ours, caller.server
    done(caller.type("start", NAME, *START[2:]))
    assert "commit -a" in caller.judge("0.1.1")
    ours.write(FIXED, "fixed()\n")
    ours.git("commit", "--quiet", "--all", "--message=fix: half a message")
    assert "commit --amend" in caller.judge("0.1.1")
    ours.git("commit", "--quiet", "--amend", "--message", FIX)
    bump = caller.judge("0.1.1")
    done(caller.shell(bump.removeprefix("next: ").replace("krow-versions", "$KV", 1)))
    assert "commit --all" in caller.judge("0.1.1")
    ours.git("commit", "--quiet", "--all", "--message=chore: 0.1.1")
    assert f"hotfix pr {shlex.quote(NAME)}" in caller.judge("0.1.1")
    server.push_branch()
    done(caller.type("status", "--done", "review"))
    waiting = caller.judge("0.1.1")
    assert waiting.endswith(f"--done approval    # when {ours.git('rev-parse', 'HEAD')[:12]} is approved")
    done(caller.shell(waiting.removeprefix("next: ").replace("krow-versions", "$KV", 1)))
    assert "hotfix finish" not in caller.judge("0.1.1")  # That cannot be done now.
    server.move_main(FIXED)
    ours.git("fetch", "--quiet")
    with pytest.raises(AssertionError):
        ours.git("merge", "origin/main")
    assert caller.judge("0.1.1").endswith("status")
    ours.git("merge", "--abort")
    # Another hotfix of the same product, and HEAD on neither branch.
    server.theirs.git("tag", "-am", "x", f"{SLUG}/prod-v0.2.0")
    server.theirs.git("push", "--quiet", "origin", "--tags")
    ours.git("switch", "--quiet", "main")
    done(caller.type("start", NAME, *START[2:]))
    assert caller.judge("0.2.1")
    assert caller.judge("0.1.1", NAME, "--version", "0.1.1")
    ours.git("switch", "--quiet", "--detach", "main")
    for version in ("0.1.1", "0.2.1"):
        assert caller.judge(version, "--version", version)
    rows = done(caller.type("list", "--json")).data["hotfixes"]
    assert [row["version"] for row in rows] == ["0.1.1", "0.2.1"]
    assert f"{NAME} --version 0.1.1" in rows[0]["next"]
    assert f"switch hotfix/{SLUG}-v0.2.1" in rows[1]["next"]


@pytest.mark.parametrize("state", ["not fetched", "fetched", "deleted"])
def test_a_recorded_hotfix_without_its_branch_is_not_started_again(tmp_path: Path, state: str) -> None:
    """Where a record but no branch is here, what is next brings it back; `start` would make another."""
    server = Server.make(tmp_path)
    done(server.hotfix(*START))
    tip = server.fix()
    if state != "deleted":
        server.push_branch()
    server.ours.git("switch", "--quiet", "main")
    server.ours.git("branch", "--quiet", "-D", BRANCH)
    if state == "not fetched":
        server.ours.git("update-ref", "-d", f"refs/remotes/origin/{BRANCH}")
    line = done(server.hotfix("status", START[1])).out.splitlines()[-1]
    assert "hotfix start" not in line
    if state != "not fetched":
        assert line.startswith("next: git reflog" if state == "deleted" else "next: krow-versions ")
        return
    done(shell(line.removeprefix("next: "), cwd=server.ours.path))
    assert server.ours.git("rev-parse", BRANCH) == tip
    assert server.ours.git("branch", "--show-current") == BRANCH


def test_a_declaration_of_an_older_line_names_its_tag(tmp_path: Path) -> None:
    """A branch of an older line that nobody declared is declared as that one, not as the newest."""
    server = Server.make(tmp_path)
    server.release_main()
    server.theirs.git("tag", "-am", "x", f"{SLUG}/prod-v0.2.0")
    server.theirs.git("push", "--quiet", "origin", "--tags")
    server.ours.git("fetch", "--quiet", "--tags")
    server.start_by_hand()
    server.fix()
    line = done(server.hotfix("status")).out.splitlines()[-1]
    assert f"--from {BASE}" in line
    command = line.removeprefix("next: krow-versions").replace("LEVEL", "HIGH")
    done(shell(f"$KV{command}", cwd=server.ours.path))
    assert server.ours.git("branch", "--show-current") == BRANCH


def test_words_are_quoted() -> None:
    """Product, options and branch are words of a shell, whatever is in them."""
    calls = Calls("a b", "0.1.1", ("-C", "c d"), "/e f")
    assert calls.tick("review") == "krow-versions hotfix status 'a b' --version 0.1.1 -C 'c d' --done review"
    assert calls.other("bump-patch") == "krow-versions bump-patch 'a b' -C 'c d'"
    assert calls.listing() == "krow-versions hotfix list -C 'c d'"
    assert joining(calls.git, "o p", "$x") == "git -C '/e f' fetch 'o p' '$x:$x' && git -C '/e f' switch '$x'"
