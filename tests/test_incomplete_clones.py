"""Clones that lack history or tags, as CI makes them: it is said what cannot be known, and what helps."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

from support import scenes
from support.audits import clean
from support.commands import run

if TYPE_CHECKING:
    from pathlib import Path

    from support.repositories import Repo

KINDS = {"shallow": ("--depth=1",), "without tags": ("--no-tags",)}
COMMANDS = {
    "history": (("history", "web"), 3),
    "history --json": (("history", "web", "--json"), 3),
    "show": (("show", "web"), 3),
    "bump-patch": (("bump-patch", "web", "-n"), 3),
    "audit": (("audit", "web"), 1),
    "audit --fail-on": (("audit", "web", "--fail-on", "error"), 1),
}


@pytest.fixture
def server(repo: Repo) -> Repo:
    """A repository in which everything agrees, with a commit after its releases."""
    clean(repo).commit("docs: more")
    return repo


@pytest.mark.parametrize(("args", "code"), COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_known_is_said_and_the_hint_helps(
    server: Repo, tmp_path: Path, kind: str, args: tuple[str, ...], code: int
) -> None:
    """No command concludes from missing tags that nothing was released; what it hints is typed, and helps."""
    here = server.clone(tmp_path / "here", *KINDS[kind])
    before = run(*args, cwd=here.path)
    assert before.code == code
    said = before.out + before.err
    assert kind in said
    assert "no releases yet" not in said
    assert "never released" not in said
    words = "git fetch --tags" + (" --unshallow" if kind == "shallow" else "")
    assert words in said
    subprocess.run(shlex.split(words), cwd=here.path, check=True, capture_output=True)
    after = run(*args, cwd=here.path)
    assert after.code == 0
    assert kind not in after.out + after.err


@pytest.mark.parametrize("kind", KINDS)
def test_a_proposal_from_a_part_of_the_tags_says_so_and_the_hint_helps(
    server: Repo, tmp_path: Path, kind: str
) -> None:
    """``init`` writes, but says what it cannot know; after the hint it proposes what a whole clone does."""
    here, whole = server.clone(tmp_path / "here", *KINDS[kind]), server.clone(tmp_path / "whole")
    assert "warning" not in run("init", cwd=whole.path).err
    before = run("init", cwd=here.path)
    assert before.code == 0
    assert "warning: this clone " in before.err
    assert kind in before.err
    (hint,) = re.findall("^  hint: (.*)$", before.err, re.MULTILINE)
    for command in re.findall("(git [^,]*|rm .*?)(?=,| and )", hint):
        subprocess.run(shlex.split(command), cwd=here.path, check=True, capture_output=True)
    assert hint.endswith(" and krow-versions init again")
    after = run("init", cwd=here.path)
    assert "warning" not in after.err
    texts = [(each.path / "krow-versions.toml").read_text(encoding="utf-8") for each in (here, whole)]
    assert texts[0] == texts[1]


def test_a_shallow_clone_with_its_tags_has_a_history(server: Repo, tmp_path: Path) -> None:
    """What is here is listed."""
    here = server.clone(tmp_path / "here", "--depth=1")
    here.git("fetch", "--quiet", "--depth=1", "--tags")
    assert "krow-withus-web/prod-v1.4.0" in run("history", "web", cwd=here.path).out


def test_it_is_said_once_for_a_repository(server: Repo, tmp_path: Path) -> None:
    """What is about a whole repository is one finding, however many products it has."""
    here = server.clone(tmp_path / "here", "--depth=1")
    assert run("audit", cwd=here.path).out.count("[KV002]") == 1
    server.git("branch", "--move", "work")
    server.git("branch", "also")
    assert run("audit", cwd=server.path).out.count("[KV003]") == 1


@pytest.mark.parametrize("name", ["main", "master", "trunk", "develop"])
@pytest.mark.parametrize("has_head", [True, False])
def test_main_is_the_head_of_the_remote(server: Repo, tmp_path: Path, name: str, has_head: bool) -> None:
    """In a clone main is what the remote's HEAD names; without it, a usual name, or the only branch."""
    server.git("branch", "--move", name)
    here = server.clone(tmp_path / "here")
    if not has_head:
        here.git("symbolic-ref", "--delete", "refs/remotes/origin/HEAD")
    assert "[KV003]" not in run("audit", cwd=here.path).out


def test_a_partial_clone_says_what_it_lacks(server: Repo, tmp_path: Path) -> None:
    """Contents of files at tags are not fetched by looking: the hint says how to have them."""
    server.git("config", "uploadpack.allowFilter", "true")
    here = server.clone(tmp_path / "here", "--filter=blob:none")
    for args in (("history", "web"), ("audit", "web", "--history")):
        done = run(*args, cwd=here.path)
        assert done.code in {0, 3}
        assert "partial" in done.err or done.code == 0


# --- every command, in every kind of clone -----------------------------------------------------------

CUT = {
    "shallow": (("--depth=1",), "git fetch --tags --unshallow"),
    "without tags": (("--no-tags",), "git fetch --tags"),
}
DECLARED = "--issue Text --severity high --impact some"
# What would say something false if it took what is missing for what was never there.
JUDGE = (
    "show",
    "bump-patch web -n",
    "bump-build client-mobile -n",
    "changelog add web --version 1.4.1 -m Text -n",
    "audit",
    "audit --fail-on error",
    "audit --format json --fail-on error",
    "audit --history",
    "history web",
    "history web --json",
    "fleet audit .",
    "fleet show .",
    f"hotfix start web {DECLARED} -n",
)
FALSE = ("no releases yet", "never released", "no production tag", "matches no file", "no such file")


@pytest.fixture(scope="module")
def source(made: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """The remote of a checkout with releases, in which main has moved on."""
    scene = scenes.copy(made[0], tmp_path_factory.mktemp("source"))
    scene.ours.write("apps/mobile/apps/staff/notes.txt", "more")
    scene.ours.commit("docs: more")
    scene.ours.git("push", "--quiet", "origin", "main")
    scene.remote.git("config", "uploadpack.allowFilter", "true")
    return scene.remote


def _said(here: Repo, command: str) -> tuple[int, str]:
    done = run(*command.split(), cwd=here.path)
    return done.code, done.out + done.err


@pytest.mark.parametrize("kind", CUT)
def test_every_command_says_that_a_clone_is_cut(source: Repo, tmp_path: Path, kind: str) -> None:
    """None that judges releases ends with 0, or says that there are none; one remedy helps all of them."""
    options, remedy = CUT[kind]
    here = source.clone(tmp_path / "here", *options)
    for command in JUDGE:
        code, said = _said(here, command)
        assert code in {1, 3}, (command, said)
        assert [each for each in FALSE if each in said] == [], (command, said)
        if command != "fleet show .":  # Its table has one word for it.
            assert kind in said, command
        if "json" not in command:
            assert remedy in said or "not known" in said, (command, said)
    assert _said(here, "show")[1].count("\nerror: ") == 1  # Of all products together.
    assert re.search("may not be|are not counted", _said(here, "bump-patch web -n --from 1.4.0")[1])
    subprocess.run(shlex.split(remedy), cwd=here.path, check=True, capture_output=True)
    for command in ("bump-build client-mobile -n", "audit --fail-on error", "fleet show .", JUDGE[-1]):
        code, said = _said(here, command)
        assert kind not in said, (command, said)
        assert code == 0, (command, said)


SPARSE = {
    "a lock": ("/*\n!apps/web/package-lock.json", "web", "/apps/web/package-lock.json"),
    "one of several files": ("/*\n!backend/core", "backend", "/backend/core/package.json"),
    "the CHANGELOG": ("/*\n!apps/web/CHANGELOG.md", "web", "/apps/web/CHANGELOG.md"),
    "all files": ("scripts", "web", "apps/web"),
    "all files, in a sparse index": ("scripts", "web", "apps/web"),
}


@pytest.mark.parametrize("kind", SPARSE)
def test_a_sparse_checkout_never_passes_over_a_file(source: Repo, tmp_path: Path, kind: str) -> None:
    """A file of a product that is left out is named, with what brings it; then all is as in a whole clone."""
    patterns, product, added = SPARSE[kind]
    here = source.clone(tmp_path / "here")
    cone = ["--no-cone"] if "!" in patterns else ["--cone"]
    here.git(
        "sparse-checkout", "set", *cone, *(["--sparse-index"] if "index" in kind else []), *patterns.split()
    )
    commands = [
        f"bump-patch {product} -n " + ("--no-changelog" if product == "backend" else "-m Text"),
        f"audit {product} --fail-on error",
    ]
    if kind == "the CHANGELOG":
        commands += [
            "changelog show web",
            "changelog add web -m Text --version 1.4.1 -n",
            "changelog init web",
        ]
    else:
        commands += [f"show {product}", "config check", f"hotfix start {product} {DECLARED} -n"]
    remedy = f"git -C {here.path} sparse-checkout add {added}"
    for command in commands:
        code, said = _said(here, command)
        assert code == (1 if command.startswith("audit") else 3), said
        assert "this sparse checkout leaves it out" in said
        assert remedy in said
        assert [
            each for each in (*FALSE, f"{product} has no CHANGELOG") if each in said
        ] == [] or "core" in added
    subprocess.run(shlex.split(remedy), cwd=here.path, check=True, capture_output=True)
    for command in commands:
        code, said = _said(here, command)
        is_whole = command != "config check" or not kind.startswith("all")
        assert ("this sparse checkout" not in said) == is_whole, said
        assert code == 0 or "already" in said or not is_whole, said


@pytest.mark.parametrize("configured", [True, False])
def test_a_hook_in_a_sparse_checkout_looks_at_the_products_of_its_files(
    source: Repo, tmp_path: Path, configured: bool
) -> None:
    """What is left out of other products stops no commit; what is left out of these products does."""
    here = source.clone(tmp_path / "here")
    if configured:
        here.write("krow-versions.toml", run("config", "show", cwd=here.path).out)
    here.git("sparse-checkout", "set", "--cone", "apps/web", "backend/core")
    assert _said(here, "agree apps/web/package.json") == (0, "no findings in web\n")
    assert _said(here, "agree apps/web") == (0, "no findings in web\n")
    for command in ("agree", "agree backend/core/package.json"):
        code, said = _said(here, command)
        assert (code, "sparse-checkout add backend/api" in said) == (3, True), said


def test_a_configuration_that_a_sparse_checkout_leaves_out_is_not_replaced(
    source: Repo, tmp_path: Path
) -> None:
    """KROW's catalog does not take the place of a configuration that git has, nor does a new proposal."""
    here = source.clone(tmp_path / "here")
    here.git("sparse-checkout", "set", "--no-cone", "/*", "!krow-versions.toml")
    for command in ("products", "show", "audit", "init"):
        code, said = _said(here, command)
        assert (code, "krow-versions.toml: is in git, and this sparse checkout leaves it out" in said) == (
            3,
            True,
        )


@pytest.mark.parametrize("kind", ["replaced", "grafted"])
def test_a_changed_ancestry_changes_no_answer(source: Repo, tmp_path: Path, kind: str) -> None:
    """What git-replace(1) and grafts say of the history of a clone counts for no command."""
    whole, here = source.clone(tmp_path / "whole"), source.clone(tmp_path / "here")
    if kind == "replaced":
        here.git("replace", "--graft", "HEAD")
    else:
        (here.path / ".git/info/grafts").write_text(here.git("rev-parse", "HEAD") + "\n", encoding="ascii")
    for command in ("show", "audit --history", "history web"):
        assert _said(here, command) == _said(whole, command)


@pytest.mark.parametrize("filter_", ["blob:none", "tree:0"])
def test_a_partial_clone_whose_remote_is_gone(source: Repo, tmp_path: Path, filter_: str) -> None:
    """Each command gives the answer of a whole clone, or says that the clone is partial and what helps."""
    whole = source.clone(tmp_path / "whole")
    here = source.clone(tmp_path / "here", f"--filter={filter_}")
    here.git("remote", "set-url", "origin", str(tmp_path / "gone"))
    refused = 0
    for command in (
        "show",
        "bump-patch worker-mobile -n -m Text",
        "audit",
        "audit --fail-on error",
        "history web",
    ):
        answer = _said(here, command)
        if answer != _said(whole, command):
            assert answer[0] == 3
            assert "this clone is partial" in answer[1]
            assert "fetch --refetch origin" in answer[1]
            refused += 1
    assert bool(refused) == (filter_ == "tree:0")


# --- in the middle of a hotfix -------------------------------------------------------------------------

BRANCH = "hotfix/krow-withus-web-v1.4.1"


def test_a_cut_clone_in_the_middle_of_a_hotfix_says_nothing_false(source: Repo, tmp_path: Path) -> None:
    """A job of CI at the branch knows no fix, no size and no main: it says so, and the remedies help."""
    first = source.clone(tmp_path / "first")
    assert run(*f"hotfix start web {DECLARED}".split(), cwd=first.path).code == 0
    first.write("apps/web/login.js", "fixed\n")
    first.git("add", "--all")
    first.commit("fix: crash\n\nHOTFIX for production\nIssue: a\nSolution: b\nTested: c")
    assert run("bump-patch", "web", "-m", "Crash", cwd=first.path).code == 0
    first.git("commit", "--quiet", "--all", "--message", "chore: version")
    first.git("push", "--quiet", "origin", BRANCH)
    for kind, (options, remedy) in CUT.items():
        here = source.clone(tmp_path / kind, *options, "--branch", BRANCH)
        gates = {each["id"]: each for each in json.loads(_said(here, "hotfix check --json")[1])["gates"]}
        assert (gates["base"]["verdict"], gates["base"]["todo"]) == ("failed", remedy)
        assert kind in gates["base"]["found"]
        for id_ in ("commit-message", "one-fix", "holds-fix", "size", "scope"):
            assert gates[id_]["verdict"] == "unknown"
        code, said = _said(here, "hotfix finish -n")
        assert (code, kind in said) == (3, True), said
        subprocess.run(shlex.split(remedy), cwd=here.path, check=True, capture_output=True)
        code, said = _said(here, "hotfix check")
        assert (code, "✗" in said) == (0, False), said
    one = source.clone(tmp_path / "one", "--single-branch", "--branch", BRANCH)
    assert f"{BRANCH} contains the hotfix" not in _said(one, "hotfix check")[1]
    code, said = _said(one, "hotfix finish -n --without-approval text")
    assert (code, "has no branch" in said, "was not fetched" in said) == (3, False, True), said
    (remedy,) = re.findall("^  hint: (.*)$", said, re.MULTILINE)
    subprocess.run(shlex.split(remedy), cwd=one.path, check=True, capture_output=True)
    assert _said(one, "hotfix finish -n --without-approval text")[0] == 0
