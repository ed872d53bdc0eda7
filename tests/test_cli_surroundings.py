"""Hostile surroundings: variables, configuration, encodings, limits, and outputs that fail."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from support.commands import RAW, SCRIPT, assert_refused, shell
from support.commands import run_anew as run
from support.krow import PROD, STAFF, checkout, hotfix, package, pubspec
from support.untouched import state

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.repositories import Repo

BUMP = ("bump-patch", "worker-mobile")
DONE = f"{STAFF}: 0.1.0+5 -> 0.1.1+6\n"


@pytest.mark.fault(74)
def test_variables_of_git_turn_nothing_to_another_repository(
    repo: Repo, new_repo: Callable[[], Repo]
) -> None:
    """Inside a hook of another repository the right one is read and written, the other is left alone."""
    other = hotfix(new_repo(), "0.7.0+70")
    before = state(other)
    env = {
        "GIT_DIR": str(other.path / ".git"),
        "GIT_WORK_TREE": str(other.path),
        "GIT_INDEX_FILE": str(other.path / ".git/index"),
        "GIT_OBJECT_DIRECTORY": str(other.path / ".git/objects"),
        "GIT_NAMESPACE": "x",
        "GIT_PREFIX": "apps/",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.worktree",
        "GIT_CONFIG_VALUE_0": str(other.path),
    }
    result = run(*BUMP, cwd=hotfix(repo).path, env=env)
    assert (result.code, result.out) == (0, DONE)
    assert state(other) == before


@pytest.mark.fault(101)
def test_configuration_of_git_changes_no_answer(repo: Repo, tmp_path: Path) -> None:
    """Colours, columns, sorting, pagers and the eol of a user's configuration change nothing."""
    settings = {
        "color.ui": "always", "column.ui": "always", "tag.sort": "version:refname", "core.pager": "false",
        "core.quotePath": "true", "log.showSignature": "true", "core.autocrlf": "true", "core.abbrev": "4",
        "core.fsmonitor": f"touch {tmp_path}/canary", "diff.external": f"touch {tmp_path}/canary",
        "status.showUntrackedFiles": "no", "versionsort.suffix": "-", "grep.lineNumber": "true",
    }  # fmt: skip
    hotfix(repo)
    for name, value in settings.items():
        repo.git("config", name, value)
    result = run(*BUMP, cwd=repo.path)
    assert (result.code, result.out) == (0, DONE)
    assert not (tmp_path / "canary").exists()


@pytest.mark.fault(101, 107, 117)
@pytest.mark.parametrize(
    "env",
    [
        {"GIT_TRACE": "1", "GIT_TRACE2": "1"},
        {"LC_ALL": "C", "LANG": "C", "PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LANGUAGE": "de", "LC_ALL": "de_DE.UTF-8"},
        {"PYTHONINTMAXSTRDIGITS": "0"},
        {"PYTHONWARNINGS": "error"},
        {"PYTHONDEVMODE": "1"},
        {"HOME": None, "XDG_CONFIG_HOME": None, "TERM": None, "LANG": None},
        {"COLUMNS": "20", "TERM": "dumb"},
        {"GIT_CEILING_DIRECTORIES": "/"},
    ],
)
def test_environment_changes_no_answer(repo: Repo, env: dict[str, str | None]) -> None:
    """Whatever the environment says, the same lines on stdout, the same words on stderr, the same bytes."""
    usual = run(*BUMP, "--check", cwd=hotfix(repo).path)
    assert run(*BUMP, "--check", cwd=repo.path, env=env) == usual
    assert run(*BUMP, cwd=repo.path, env=env).out == DONE


@pytest.mark.fault(86)
def test_ceiling_above_the_repository_does_not_hide_it(repo: Repo) -> None:
    """GIT_CEILING_DIRECTORIES can hide a repository from git; then nothing is guessed, let alone twice."""
    hotfix(repo)
    env = {"GIT_CEILING_DIRECTORIES": str(repo.path)}
    for _ in range(2):
        run(*BUMP, cwd=repo.path / "apps", env=env)
    assert b"0.1.2" not in (repo.path / STAFF).read_bytes()


def test_unborn_branch_works_under_trace(repo: Repo) -> None:
    """GIT_TRACE only makes git talk: a repository without a commit gives the same answer."""
    repo.write(STAFF, pubspec("0.1.0+5"))
    assert run(*BUMP, cwd=repo.path, env={"GIT_TRACE": "1"}).out == DONE


@pytest.mark.fault(71, 107)
@pytest.mark.parametrize(
    "env",
    [
        {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "latin-1:strict"},
    ],
)
def test_names_beyond_ascii_in_any_locale(repo: Repo, env: dict[str, str]) -> None:
    """A folder beyond ASCII is bumped and printed in any locale, escaped where it cannot be encoded."""
    checkout(repo).write("backend/zażółć-漢/package.json", package("0.3.1"))
    repo.commit()
    result = run("bump-patch", "backend", "-n", cwd=repo.path, env=env)
    assert (result.code, result.out.count(": 0.3.1 -> 0.3.2\n")) == (0, 3)
    result = run("bump-patch", "backend", cwd=repo.path, env=env)
    assert (result.code, result.out.count("\n")) == (0, 3)
    assert "0.3.2" in (repo.path / "backend/zażółć-漢/package.json").read_text()


@pytest.mark.fault(108)
@pytest.mark.parametrize(
    ("output", "code"),
    [
        ("$KV bump-patch worker-mobile >&-", 0),
        ("$KV bump-patch worker-mobile 2>&-", 0),
        ("$KV bump-patch worker-mobile <&- >&- 2>&-", 0),
        ("$KV bump-patch worker-mobile >/dev/full", 0),
        ("$KV bump-patch worker-mobile 2>/dev/full", 0),
        ("$KV bump-patch worker-mobile >/dev/full 2>&1", 0),
        ("$KV bump-patch worker-mobile --json >/dev/full", 0),
        ("set -o pipefail; $KV bump-patch worker-mobile | head -0", 0),
        ("set -o pipefail; $KV bump-patch worker-mobile 2>&1 | true", 0),
        ("$KV bump-patch worker-mobile; $KV bump-patch worker-mobile --check >/dev/full", 0),
    ],
)
def test_output_that_fails_changes_no_work_and_no_exit_code(repo: Repo, output: str, code: int) -> None:
    """With a closed, full or broken output the work is done, the exit code kept, and no traceback shown."""
    result = shell(output, cwd=hotfix(repo).path)
    assert "Traceback" not in result.err
    assert "Exception ignored" not in result.err
    assert "a bug in" not in result.err
    assert result.code == code, result
    assert (repo.path / STAFF).read_text() == pubspec("0.1.1+6")


@pytest.mark.fault(108)
@pytest.mark.parametrize("redirect", [">&-", ">/dev/full", "| true", "2>/dev/full", "2>&-"])
@pytest.mark.parametrize("args", ["--help", "bump-patch -h", "--version", "bump-patch nope", "show", ""])
def test_output_that_fails_elsewhere(repo: Repo, args: str, redirect: str) -> None:
    """Help, version, tables and errors survive a failing output as well, with their own exit codes."""
    code = {"bump-patch nope": 2, "": 2}.get(args, 0)
    result = shell(f"set -o pipefail; $KV {args} {redirect}", cwd=hotfix(repo).path)
    assert (result.code, "Traceback" in result.err, "a bug in" in result.err) == (code, False, False), result


@pytest.mark.fault(108)
def test_full_output_is_reported(repo: Repo) -> None:
    """That stdout could not be written is said on stderr."""
    assert "No space left" in shell("$KV show >/dev/full", cwd=hotfix(repo).path).err


@pytest.mark.fault(115)
@pytest.mark.parametrize("files", [5, 6, 7, 8, 9, 10, 12, 16])
def test_few_file_descriptors(repo: Repo, files: int) -> None:
    """Under a low limit of open files: done, or an error of the file system with nothing written."""
    before = state(hotfix(repo))
    result = shell(f"ulimit -n {files}; $KV bump-patch worker-mobile", cwd=repo.path)
    assert result.code in {0, 4}, result
    assert "Traceback" not in result.err
    if result.code:
        assert state(repo) == before


@pytest.mark.fault(115)
@pytest.mark.parametrize("kibibytes", [50_000, 70_000, 80_000])
def test_little_memory(repo: Repo, kibibytes: int) -> None:
    """Without enough memory: done, or an error that says so, with nothing written."""
    checkout(repo)
    many = ",".join(['{"b": [1, 2]}'] * 400_000)
    repo.write("apps/web/package-lock.json", f'{{"version": "1.4.0", "a": [{many}]}}')
    before = state(repo)
    result = shell(f"ulimit -v {kibibytes}; $KV bump-patch web --no-changelog", cwd=repo.path)
    assert result.code in {0, 4}, result
    assert ("Traceback" in result.err, "a bug in" in result.err) == (False, False), result
    if result.code:
        assert state(repo) == before
        assert "memory" in result.err


@pytest.mark.fault(54)
def test_files_may_not_grow(repo: Repo) -> None:
    """Where writing fails (EFBIG), every file is as before, no temporary is left, and the exit code is 4."""
    before = state(checkout(repo))
    result = shell("ulimit -f 0; $KV bump-patch worker-mobile web backend", cwd=repo.path)
    assert_refused(result, code=4)
    assert state(repo) == before


@pytest.mark.fault(99)
def test_repository_of_somebody_else(repo: Repo) -> None:
    """What git does not trust (safe.directory) is refused with git's own way to trust it."""
    before = state(hotfix(repo))
    result = run(*BUMP, cwd=repo.path, env={"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"})
    assert_refused(result, "safe.directory", code=4)
    assert state(repo) == before


@pytest.mark.fault(114)
@pytest.mark.parametrize(
    "args",
    [
        ["bump-patch", "caf\udce9"],
        ["-C", "caf\udce9", "show"],
        ["bump-patch", "web", "--from", "\udce9"],
        ["\udce9"],
        ["--\udce9"],
        ["demo", "x", "\udce9"],
        ["bump-patch", "a\nerror: forged \x1b[2J\u202e"],
        ["products", "a\nerror: forged \x1b[2J\u202e"],
        ["--color", "a\nerror: forged \x1b[2J\u202e", "show"],
        ["show", "--a\nerror: forged\x1b"],
        ["bump-patch", "web", "--build", "1\nerror: forged\x1b"],
    ],
)
def test_arguments_that_are_no_text(repo: Repo, args: list[str]) -> None:
    """Lone surrogates, control characters and line breaks of arguments come back escaped, on their line."""
    result = run(*args, cwd=checkout(repo).path)
    assert_refused(result, code=2)
    assert not any(line.startswith("error: forged") for line in result.err.splitlines())
    assert result.err.isprintable() or result.err.replace("\n", "").isprintable()


@pytest.mark.fault(109, 112)
def test_words_of_git_are_escaped(repo: Repo, tmp_path: Path) -> None:
    """What a git program says to stderr is quoted in the error: escaped, without credentials, exit 4."""
    fake = tmp_path / "bin/git"
    fake.parent.mkdir()
    fake.write_text(
        "#!/bin/sh\n"
        "printf 'fatal: \\033]0;x\\007 \\302\\233 \\342\\200\\256 https://u:p@h/r\\n' >&2\nexit 128\n"
    )
    fake.chmod(0o755)
    result = run(*BUMP, cwd=hotfix(repo).path, env={"PATH": f"{fake.parent}:{os.environ['PATH']}"})
    assert (result.code, result.out) == (4, "")
    assert "\\x1b]0;x\\x07" in result.err
    assert "https://***@h/r" in result.err
    assert not RAW.search(result.err)


def test_modules_in_the_repository_are_not_loaded(repo: Repo) -> None:
    """A repository with its own semver.py or json.py is data: the program does not import it."""
    for name in ("semver", "json", "attrs", "click", "ruamel", "difflib", "git"):
        hotfix(repo).write(
            f"{name}.py", "raise SystemExit('hijacked')\n"
        ) if name == "semver" else repo.write(f"{name}.py", "raise SystemExit('hijacked')\n")
    assert run(*BUMP, "-n", cwd=repo.path, program=SCRIPT).out.startswith(DONE)


def test_branch_with_the_name_of_the_tag_and_hostile_branches(repo: Repo) -> None:
    """Bidi and quotes in the name of the branch, and a branch called like the tag, change nothing."""
    hotfix(repo).git("branch", PROD)
    repo.git("switch", "--quiet", "--create", "hotfix/\u202e$(id)'-v9.9.9")
    result = run(*BUMP, cwd=repo.path)
    assert (result.code, result.out) == (0, DONE)
    assert not RAW.search(result.out + result.err)
