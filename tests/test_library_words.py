"""What the library says fits who calls it from Python: it names no option. The command line adds its own."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from krow_versions.cli.answers import FILE
from krow_versions.cli.wording import PHRASES, typed
from krow_versions.hotfix.postmortem import Remarks
from krow_versions.workspace.hotfix.deciding import Correction
from support.commands import run
from support.krow import checkout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.repositories import Repo

SOURCE = Path(kv.__file__).parent
OPTION = re.compile(r"(?<![\w-])(?:--[a-z][a-z-]+|-[Cm](?![\w-]))")
# An option of a command that is written out: it is typed in a shell, by who works in Python, too.
COMMAND = re.compile(
    r"(?:\bgit|\bkrow-versions|\bnpm|\bcargo|\buv|\bgpg|\bgh|\bmerge|\brevert|X) [a-z-]+[^;,]*? "
    r"(?:--[a-z][a-z-]+|-[Cm](?![\w-]))"
)
# Where options stand in texts, and why.
ALLOWED = {
    "audit/": "hints of findings are commands, for people who read the report of a CI system",
    "findings/": "pages about findings, which show the commands to type",
    "git/": "arguments of git, and texts about its configuration",
    "gh.py": "arguments of gh",
    "signatures/": "arguments of gpg and ssh-keygen",
    "hotfix/": "a hotfix is led by people: its steps are commands to type; Calls makes them",
    "workspace/hotfix/": "as in hotfix/",
    "workspace/auditing.py": "the end of a command of git",
    "workspace/running.py": "as in hotfix/",
    "workspace/github.py": "arguments of gh",
    "workspace/sparse.py": "the command of git that brings a file",
    "planning/commands.py": "makes commands",
    "planning/actions.py": "commands of git, which are shown and run",
    "planning/merge.py": "commands of git, which are shown and run",
    "config/model.py": "describes a key of the configuration, for editors",
    "config/proposal.py": "comments in a configuration, for who edits it",
    "releases.py": "an argument of git revert",
    "testing/": "arguments of git",
    "tables/": "custom properties of CSS",
}


@functools.cache
def texts() -> dict[str, list[str]]:
    """The texts of each module, by its path in the package."""
    return {path.relative_to(SOURCE).as_posix(): [*sentences(path)] for path in SOURCE.rglob("*.py")}


def sentences(path: Path) -> Iterator[str]:
    """All texts of a module but its docstrings; values in them are shown as ``X``."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inner = {id(each) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for each in node.values}
    inner |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (str(each.value) if isinstance(each, ast.Constant) else "X" for each in node.values)
            yield "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inner:
            yield node.value


def test_no_text_below_the_command_line_names_an_option() -> None:
    """Texts of the library have no option of ours, but where the list above says why."""
    found, used = [], set()
    for name, said in texts().items():
        if name.startswith("cli/"):
            continue
        bare = [each for each in said if OPTION.search(each) and not COMMAND.search(each)]
        allowed = {each for each in ALLOWED if name == each or (each[-1] == "/" and name.startswith(each))}
        used |= allowed if bare else set()
        found += [] if allowed else [(name, each) for each in bare]
    assert found == []
    assert used == set(ALLOWED)


def test_each_phrase_is_one_of_the_library() -> None:
    """The command line replaces what the library says, and by options that it has."""
    said = "\n".join(each for name, own in texts().items() if name != "cli/wording.py" for each in own)
    options = Path(FILE).read_text(encoding="utf-8")
    for phrase, words in PHRASES.items():
        shown = re.sub(r"^(?:from_|build|above_build)\b.* (?:is|are) for one", "X X for one", phrase)
        # With the name of an argument in it.
        shown = re.sub(r"^(?:from_: |leave above_build out)$", "X", shown)
        assert shown in said, phrase
        assert typed(phrase) == words
        for option in OPTION.findall(words):
            assert option in options


def refusals(ws: kv.Workspace) -> Iterator[Callable[[], object]]:
    yield lambda: kv.Workspace.open("no-such-folder")
    yield lambda: ws.plan_bump("web", from_="x")
    yield lambda: ws.plan_bump("web", from_="1.0.0-rc.1")
    yield lambda: ws.plan_bump("web", build=5)
    yield lambda: ws.plan_bump("web", "backend", from_="1.4.0", build=1)
    yield lambda: ws.plan_bump("worker-mobile", build=6, above_build=5)
    yield lambda: ws.plan_bump("worker-mobile", build=2)
    yield lambda: ws.plan_bump("client-mobile", message="")
    yield lambda: ws.plan_bump("client-mobile", message="x")
    yield lambda: ws.plan_build("web", "backend", above_build=4)
    yield lambda: ws.plan_build("web", above_build=4)
    yield lambda: ws.plan_row("web", version="x")
    yield lambda: ws.audit(signers="no-such-file")
    yield lambda: ws["nothing"]
    yield lambda: ws.hotfix("web")
    yield lambda: kv.Version.parse("1.0.0-rc.1").next_patch()
    yield lambda: kv.bump(kv.Version(1, 4, 0), [kv.Version(1, 3, 0)]).files[0]
    yield lambda: kv.bump(kv.Version(1, 4, 0), [kv.Version(1, 6, 0)]).files[0]
    old = kv.Version(0, 1, 0, build=5)
    yield lambda: kv.bump(old, [old], [kv.Shipped(None, 9)], build=3)
    yield lambda: kv.insert_row("# Changes\n", kv.ChangelogRow(None, kv.Version(1, 0, 0), "x"))


def test_no_refusal_of_the_library_names_an_option(repo: Repo) -> None:
    """Errors, their hints and the warnings of plans have words for a Python user."""
    checkout(repo, worker="0.3.0+5")
    repo.tag("krow-withus-worker-mobile/prod-v0.1.0+5")
    ws = kv.Workspace.open(repo.path)
    refused = 0
    for call in refusals(ws):
        try:
            words = str(call())
        except (kv.KrowVersionsError, TypeError) as error:
            words, refused = str(error), refused + 1
        assert not OPTION.search(re.sub(r"\b(?:git|krow-versions) [^;,\n]*", "", words)), words
    assert refused > 14


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["show", "-C", "gone"], "name one with -C"),
        (["bump-patch", "web", "--from", "x"], "--from: 'x'"),
        (["bump-patch", "web", "--from", "1.0.0-rc.1"], "such as --from 0.1.0"),
        (["bump-patch", "web", "--build", "5"], "leave --build out"),
        (
            ["bump-patch", "web", "backend", "--from", "1.4.0", "--build", "1"],
            "--from and --build are for one",
        ),
    ],
)
def test_the_command_line_names_its_options(repo: Repo, command: list[str], words: str) -> None:
    """Who types a command reads which option to give."""
    checkout(repo)
    ended = run(*command, cwd=repo.path)
    assert ended.code in {2, 3}
    assert words in ended.err


def test_no_refusal_of_a_hotfix_names_an_option(repo: Repo) -> None:
    """Options stand in the commands that people are to type, and nowhere else."""
    checkout(repo)
    ws = kv.Workspace.open(repo.path)
    ws.apply(ws.plan_hotfix("web", issue="Crash", severity="high", impact="all"))
    hotfix = ws.hotfix("web")
    refused: list[Callable[[], object]] = [
        hotfix.plan_rollback,
        lambda: hotfix.plan_rollback(to="x", reason="worse", decided_by="Pia"),
        lambda: hotfix.plan_amend(Correction()),
        lambda: hotfix.plan_remarks(Remarks(facts={"no-such": "x"})),
        lambda: hotfix.plan_remarks(Remarks(closed=("no-such",))),
        lambda: hotfix.plan_remarks(Remarks(action="new")),
        lambda: ws.hotfix("backend"),
    ]
    for call in refused:
        with pytest.raises(kv.KrowVersionsError) as caught:
            call()
        words = re.sub(r"\b(?:git|krow-versions) [^;,\n]*", "", str(caught.value))
        assert not OPTION.search(words), words
