"""Wrong calls, odd places to call from, and what help says."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING

import pytest

from support.commands import assert_refused, run
from support.krow import STAFF, checkout, hotfix
from support.untouched import state

if TYPE_CHECKING:
    from pathlib import Path

    from support.repositories import Repo

COMMANDS = ("products", "show", "bump-patch", "demo")
COMMON = ("-C, --workspace", "-q, --quiet", "-v, --verbose", "--color", "--debug", "-h, --help")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["bump-patch", "worker-mobil"], ["'worker-mobil'", "did you mean worker-mobile?"]),
        (["show", "Staf Mobile"], ["'Staf Mobile'", "did you mean staff-mobile?"]),
        (["bump-patch", ""], ["''"]),
        (["bump-patch"], ["PRODUCT"]),
        (["bumppatch", "web"], ["'bumppatch'", "did you mean bump-patch?"]),
        (["bump-minor", "web"], ["bump-minor", "PATCH", "bump-patch"]),
        (["bump-major"], ["bump-major", "PATCH", "bump-patch"]),
        (["bump-patch", "web", "--from", "1.4"], ["--from", "'1.4'", "1.4.0"]),
        (["bump-patch", "web", "--from", "v1.4.0"], ["--from", "'v1.4.0'"]),
        (["bump-patch", "web", "--from", "1.4.0 "], ["--from", "'1.4.0 '"]),
        (["bump-patch", "web", "--from", "١.٤.٠"], ["--from"]),
        (["bump-patch", "web", "--from", "1.4.0+5.1"], ["--from", "+5.1"]),
        (["bump-patch", "web", "--from", "9" * 5000 + ".0.0"], ["--from"]),
        (["bump-patch", "web", "--build", "x"], ["--build", "'x'"]),
        (["bump-patch", "web", "--build", "-1"], ["--build", "-1"]),
        (["bump-patch", "web", "client-mobile", "--from", "1.4.0"], ["--from"]),
        (["bump-patch", "worker-mobile", "client-mobile", "--build", "9"], ["--build"]),
        (["bump-patch", "web", "--dryrun"], ["--dryrun", "--dry-run"]),
        (["products", "extra"], ["extra"]),
        (["--color", "purple", "products"], ["--color", "purple"]),
        (["products", "-C"], ["-C"]),
        (["-C", "no/such/folder", "show"], ["no/such/folder"]),
        (["-C", STAFF, "show"], [STAFF]),
        (["demo", "a", "b"], ["b"]),
        (["-q"], ["command"]),
    ],
)
def test_wrong_usage_is_2_with_a_way_on(repo: Repo, args: list[str], words: list[str]) -> None:
    """A wrong call exits 2, changes nothing, repeats what was wrong and says what to do."""
    before = state(checkout(repo))
    assert_refused(run(*args, cwd=repo.path), *words, code=2)
    assert state(repo) == before


def test_nothing_at_all_shows_the_help(tmp_path: Path) -> None:
    """Without a command the help is on stderr, and the exit code is that of wrong usage."""
    result = run(cwd=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert all(command in result.err for command in COMMANDS)


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("command", [(), *((each,) for each in COMMANDS)])
def test_help_works_everywhere_and_names_every_option(
    tmp_path: Path, flag: str, command: tuple[str, ...]
) -> None:
    """-h exits 0 on stdout anywhere, even outside any workspace, and lists what there is."""
    result = run(*command, flag, cwd=tmp_path)
    assert (result.code, result.err) == (0, "")
    own = {
        (): ["--version", *COMMANDS],
        ("products",): ["--json"],
        ("show",): ["--json"],
        ("bump-patch",): ["--from", "--build", "-n, --dry-run", "--check", "--json"],
    }
    assert [word for word in (*COMMON, *own.get(command, [])) if word not in result.out] == []


def test_version_is_that_of_the_package(tmp_path: Path) -> None:
    """--version prints one line of data."""
    result = run("--version", cwd=tmp_path)
    assert (result.code, result.err) == (0, "")
    assert re.fullmatch(r"krow-versions [0-9]+\.[0-9]+\.[0-9]+\S*\n", result.out)


def test_bump_of_a_product_that_is_not_here(repo: Repo) -> None:
    """A known product without files in this workspace is wrong usage that names the files."""
    assert_refused(run("bump-patch", "web", cwd=hotfix(repo).path), "web", "apps/web/package.json", code=2)


@pytest.mark.parametrize("command", [["products"], ["show"], ["bump-patch", "web"]])
def test_no_workspace(tmp_path: Path, command: list[str]) -> None:
    """Outside any workspace every command says where it looked, and for what."""
    assert_refused(run(*command, cwd=tmp_path), str(tmp_path), "apps/web/package.json", "-C", code=2)


def test_repository_without_products(repo: Repo) -> None:
    """A repository without any version file is no workspace."""
    repo.commit()
    assert_refused(run("show", cwd=repo.path), str(repo.path), code=2)


@pytest.mark.fault(83)
@pytest.mark.parametrize("place", [".git", "bare"])
def test_places_without_a_work_tree_are_refused(repo: Repo, tmp_path: Path, place: str) -> None:
    """Inside git's own folder and in a bare repository there is nothing to version."""
    hotfix(repo).clone(tmp_path / "bare", "--bare")
    folder = repo.path / ".git" if place == ".git" else tmp_path / "bare"
    assert_refused(run("bump-patch", "worker-mobile", cwd=folder), "work tree")


def test_folder_that_is_gone(tmp_path: Path) -> None:
    """A current folder that was removed is the user's problem, reported as an error, not as our bug."""
    gone = tmp_path / "gone"
    gone.mkdir()
    script = 'cd "$1" && rmdir "$1" && exec "$2" -m krow_versions show'
    result = run("-c", script, "bash", str(gone), sys.executable, cwd=tmp_path, program=["bash"])
    assert result.code in {2, 4}
    assert "bug" not in result.err


def test_subfolder_detached_head_and_linked_worktree(repo: Repo, tmp_path: Path) -> None:
    """The enclosing repository is found from a subfolder, on a detached HEAD, in a linked worktree."""
    hotfix(repo).git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    before = state(repo)
    result = run("bump-patch", "worker-mobile", cwd=tmp_path / "linked/apps/mobile")
    assert (result.code, result.out) == (0, f"{STAFF}: 0.1.0+5 -> 0.1.1+6\n")
    assert b"0.1.1+6" in (tmp_path / "linked" / STAFF).read_bytes()
    assert state(repo) == before


def test_no_git_repository(tmp_path: Path) -> None:
    """Without git the file is the baseline; that this is not repeatable is said, with --from as the way."""
    file = tmp_path / STAFF
    file.parent.mkdir(parents=True)
    file.write_text("version: 0.1.0+5\n")
    result = run("bump-patch", "worker-mobile", "--check", cwd=file.parent)
    assert (result.code, result.out) == (1, f"{STAFF}: 0.1.0+5 -> 0.1.1+6\n")
    assert "not repeatable" in result.err
    assert "--from" in result.err
    for wanted in (f"{STAFF}: 0.1.0+5 -> 0.1.1+6\n", f"{STAFF}: already 0.1.1+6\n"):
        assert run("bump-patch", "worker-mobile", "--from", "0.1.0+5", cwd=tmp_path).out == wanted
    assert sorted(os.listdir(tmp_path)) == ["apps"]


@pytest.mark.fault(72)
def test_git_program_that_is_missing_is_not_no_git(repo: Repo) -> None:
    """In a repository without a git program on PATH nothing may be guessed: exit 4, nothing written."""
    before = state(hotfix(repo))
    result = run("bump-patch", "worker-mobile", cwd=repo.path, env={"PATH": "/nonexistent"})
    assert state(repo) == before
    assert_refused(result, "git", code=4)


def test_repository_that_git_cannot_recognise_is_not_no_git(repo: Repo) -> None:
    """A `.git` that git does not take for a repository (HEAD lost in a crash) is no reason to guess."""
    (hotfix(repo).path / ".git/HEAD").unlink()
    result = run("bump-patch", "worker-mobile", cwd=repo.path)
    assert result.code in {3, 4}
    assert b"0.1.0+5" in (repo.path / STAFF).read_bytes()


def test_quiet_silences_notes_but_no_errors(repo: Repo) -> None:
    """-q leaves stderr empty on success, and says errors all the same."""
    hotfix(repo)
    assert run("bump-patch", "worker-mobile", "-q", "-n", cwd=repo.path).err == ""
    assert "nope" in run("bump-patch", "nope", "-q", cwd=repo.path).err


def test_only_debug_shows_a_traceback(repo: Repo) -> None:
    """The same error with --debug has its traceback behind the same words."""
    hotfix(repo).write(STAFF, "version: 1.0\n")
    short, long = (run("bump-patch", "worker-mobile", *flag, cwd=repo.path) for flag in ([], ["--debug"]))
    assert "Traceback" not in short.err
    assert "Traceback" in long.err
    assert long.err.startswith(short.err)
    assert (short.code, short.out) == (long.code, long.out) == (3, "")


@pytest.mark.parametrize("flag", ["-n", "--check", "--json"])
def test_refusals_are_alike_in_every_mode(repo: Repo, flag: str) -> None:
    """--dry-run, --check and --json refuse what the run would refuse, with the same words."""
    hotfix(repo).write(STAFF, "version: 0.1.0+5\nversion: 0.1.0+5\n")
    plain = run("bump-patch", "worker-mobile", cwd=repo.path)
    assert run("bump-patch", "worker-mobile", flag, cwd=repo.path) == plain
    assert_refused(plain, f"{STAFF}:2", "version")


def test_show_prints_what_it_can_beside_an_error(repo: Repo) -> None:
    """A broken file does not hide the other products: they are shown, and the exit code is 3."""
    checkout(repo).write(STAFF, "version: [\n")
    result = run("show", "--json", cwd=repo.path)
    assert result.code == 3
    assert f"{STAFF}:" in result.err
    shown = {each["product"]: each["files"][0]["version"] for each in json.loads(result.out)["products"]}
    assert shown == {"worker-mobile": None, "client-mobile": "0.2.3+17", "web": "1.4.0", "backend": "0.3.1"}
