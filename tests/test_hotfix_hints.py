"""The commands that a hotfix names: safe to print, and right where people stand."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import TYPE_CHECKING

import attrs
import pytest

import krow_versions as kv
from krow_versions.hotfix import check
from support.commands import RAW, approve, done, run
from support.releases import BRANCH, FINISH, FIX, FIXED, PRODUCT, START, Released
from support.repositories import executable

if TYPE_CHECKING:
    from pathlib import Path

    from krow_versions.hotfix import Facts

ODD = "a ' b\n\x1b[31mX"
CONFIG = """\
[repos]
mobile = "ours"
other = "other"

[products.worker-mobile]
repo = "mobile"
"""
# Git as a command of a hint, not as the subject of a sentence.
COMMAND = re.compile(r"\bgit (?!-C |says|knows|cannot)(?=[a-z-]+)")


def two(folder: Path) -> Released:
    """A released product in one of the two repositories of a workspace."""
    made = Released.make(folder)
    (folder / "other").mkdir()
    (folder / "krow-versions.toml").write_text(CONFIG)
    return made


@pytest.mark.parametrize("make", [Released.make, two])
def test_the_name_of_a_folder_cannot_write_to_the_terminal(make: object, tmp_path: Path) -> None:
    """Escape sequences and line breaks of a folder's name are escaped in what `start` and `status` print."""
    made = (two if make is two else Released.make)(tmp_path / ODD)
    where = made.ours.path.parent if make is two else made.ours.path
    started = done(run("hotfix", *START, cwd=where))
    status_ = done(run("hotfix", "status", PRODUCT, cwd=where))
    for result in (started, status_):
        assert not RAW.search(result.out)
        assert (r"b\n\x1b[31mX" in result.out) == (make is two)  # Else the path is relative.
    shown = str(kv.Workspace.open(where).hotfix(PRODUCT).status())
    assert not RAW.search(shown)
    assert r"b\n\x1b[31mX" in shown  # The tests stand elsewhere.


def hints(where: Path) -> list[str]:
    """Every text of `check`, `status` and `finish` that may name a command."""
    gates = run("hotfix", "check", PRODUCT, "--json", cwd=where).data["gates"]
    steps = run("hotfix", "status", PRODUCT, "--json", cwd=where).data["steps"]
    finish = run("hotfix", "finish", PRODUCT, "--yes", cwd=where)
    return [
        *(gate["todo"] for gate in gates),
        *(text for step in steps for text in (step["why"], step["command"] or "")),
        *f"{finish.out}{finish.err}".splitlines(),
    ]


def test_commands_of_git_name_the_repository_where_there_are_several(tmp_path: Path) -> None:
    """With two repositories each hint of `check`, `status` and `finish` says in which one git runs."""
    made = two(tmp_path / "a b")
    where, ours = made.ours.path.parent, made.ours
    done(run("hotfix", *START, cwd=where))
    said = hints(where)
    ours.write(FIXED, "fixed()\n")
    said += hints(where)
    ours.commit("fix: half a message")
    said += hints(where)
    ours.commit("feat: more")
    made.move_main(FIXED)
    ours.write("new", "")
    said += hints(where)
    ours.git("switch", "--quiet", "main")
    said += hints(where)
    ours.git("switch", "--quiet", BRANCH)
    ours.git("reset", "--quiet", "--hard", "krow-withus-worker-mobile/prod-v0.1.0")
    (ours.path / "new").unlink()
    made.fix()
    said += hints(where)  # Main has moved on, with what the fix changes: a person must merge.
    ours.git("tag", "krow-withus-worker-mobile/prod-v0.1.1", "main")
    said += hints(where)
    named = f"git -C {shlex.quote(str(ours.path))} "
    assert {word for text in said for word in re.findall(re.escape(named) + r"([a-z-]+)", text)} >= {
        "commit",
        "merge",
        "rebase",
        "show",
        "switch",
    }
    assert [text for text in said if COMMAND.search(text)] == []


def test_each_gate_uses_the_word_for_git_of_the_facts(tmp_path: Path) -> None:
    """What a gate says of git, in states that a short story does not reach, names the repository as well."""
    made = two(tmp_path)
    where = made.ours.path.parent
    done(run("hotfix", *START, cwd=where))
    made.ours.commit(FIX)
    view = kv.Workspace.open(where).hotfix(PRODUCT)
    facts = view.facts()
    changes: list[dict[str, object]] = [
        {"base": None},
        {"based": False},
        {"main": None},
        {"dirty": ("a",)},
        {"unknown": ("a",)},
        {"untracked": (FIXED,)},
        {"state": attrs.evolve(facts.state, repo=attrs.evolve(facts.state.repo, under_way="merge"))},
    ]
    for change in changes:
        changed: Facts = attrs.evolve(facts, **change)  # type: ignore[arg-type]
        texts = [gate.todo for gate in check(changed, view.workspace.catalog)]
        assert any("git -C " in text for text in texts), change
        assert [text for text in texts if COMMAND.search(text)] == []


def test_names_in_commands_are_quoted(tmp_path: Path) -> None:
    """A branch whose name a shell would read as more than one word is quoted in every hint."""
    made = two(tmp_path)
    where = made.ours.path.parent
    done(run("hotfix", *START, cwd=where))
    made.fix()
    view = kv.Workspace.open(where).hotfix(PRODUCT)
    facts = attrs.evolve(view.facts(), branch="hotfix/$(touch x)", checked_out=False)
    texts = [gate.todo for gate in check(facts, view.workspace.catalog)]
    assert sum("'hotfix/$(touch x)'" in text for text in texts) == 1
    assert all("'hotfix/$(touch x)'" in text for text in texts if "touch" in text)


def test_what_is_next_without_a_command_that_deploys(tmp_path: Path) -> None:
    """Where no command is configured, `finish` and `status` say to deploy by hand, and to tick that."""
    made = Released.make(tmp_path)
    done(run("hotfix", *START, cwd=made.ours.path))
    made.fix()
    approve(made.ours.path, PRODUCT)
    finished = done(run("hotfix", "finish", PRODUCT, "--yes", cwd=made.ours.path))
    command = f"krow-versions hotfix status {PRODUCT} --done deployed"
    assert "deploy it by hand" in finished.err
    assert command in finished.err
    assert "hotfix deploy" not in finished.err
    view = kv.Workspace.open(made.ours.path).hotfix(PRODUCT)
    view.tick(["github-release"])
    assert view.status().next_command == command
    done(run(*command.split()[1:], cwd=made.ours.path))


def test_what_is_next_after_a_hook_that_fails(tmp_path: Path) -> None:
    """A hook that fails after the switch is named as such, since the branch was switched."""
    made = Released.make(tmp_path)
    executable(made.ours.path / ".git/hooks/post-checkout", "#!/bin/sh\nexit 1\n")
    started = done(run("hotfix", *START, cwd=made.ours.path))
    assert "a hook of git switch failed with exit code 1; the branch was switched" in started.err


def test_views_of_one_hotfix_are_equal(tmp_path: Path) -> None:
    """A view can be in a set: product, version and repository make it; it is shown as one short line."""
    made = two(tmp_path / "one")
    done(run("hotfix", *START, cwd=made.ours.path.parent))
    view, again = (kv.Workspace.open(made.ours.path.parent).hotfix(PRODUCT) for _ in range(2))
    other = two(tmp_path / "two")
    done(run("hotfix", *START, cwd=other.ours.path.parent))
    elsewhere = kv.Workspace.open(other.ours.path.parent).hotfix(PRODUCT)
    assert {view, again, view.without_asking()} == {view}
    assert len({view, elsewhere, attrs.evolve(view, version=kv.Version(0, 1, 2))}) == 3
    assert repr(view) == "<Hotfix of worker-mobile 0.1.1>"


@pytest.mark.parametrize("elsewhere", [False, True], ids=["edited", "in another working tree"])
def test_a_main_that_was_not_moved_is_moved_by_what_is_printed(tmp_path: Path, elsewhere: bool) -> None:
    """Main here cannot move while `finish` runs; the command for later names its folder, and works."""
    made = two(tmp_path / "a b")
    where, ours = made.ours.path.parent, made.ours
    done(run("hotfix", *START, cwd=where))
    made.fix()
    approve(where, PRODUCT)
    if elsewhere:
        ours.git("worktree", "add", "--quiet", "../main here", "main")
    else:
        ours.git("switch", "--quiet", "main")
        ours.write(FIXED, "edited()\n")
    result = done(run("hotfix", *FINISH, cwd=where))
    ours.git("restore", ".")
    command = re.search(r"was not brought forward: .*; later: (git .*)", result.err)
    assert command is not None
    assert not COMMAND.search(command[1])
    subprocess.run(["sh", "-c", command[1]], cwd=where, check=True, capture_output=True)
    assert ours.git("rev-parse", "main") == made.remote.git("rev-parse", "main")
