"""``agree``: the files of a product, compared without git, and the hook that runs it before a commit."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import venv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from ruamel.yaml import YAML

from krow_versions.formats.registry import _LINES
from support.commands import run
from support.effort import LONG
from support.krow import CORE, WEB, WEB_LOCK, checkout

if TYPE_CHECKING:
    from support.repositories import Repo

TOP = Path(__file__).parents[1]
HOOKS = {each["id"]: each for each in YAML(typ="safe").load(TOP / ".pre-commit-hooks.yaml")}
HOOK = HOOKS["krow-versions-agree"]


def change(repo: Repo, path: str, before: str, after: str) -> None:
    """Change the text of a file."""
    text = (repo.path / path).read_text(encoding="utf-8")
    assert before in text
    repo.write(path, text.replace(before, after))


FAULTS = {
    "a lock": (WEB, '"version": "1.4.0"', '"version": "1.4.1"', "KV106"),
    "a version": (CORE, '"version": "0.3.1"', '"version": "0.3.2"', "KV105"),
    "broken": (CORE, "{", "", "KV103"),
    "no version": (CORE, '"0.3.1"', '"0.3"', "KV104"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_it_finds_what_an_audit_finds_of_the_files(repo: Repo, fault: str) -> None:
    """The same findings, exit code 1, without any git; but only of products that have one of the files."""
    checkout(repo, tagged=False)
    path, before, after, code = FAULTS[fault]
    assert run("agree", cwd=repo.path).code == 0
    change(repo, path, before, after)
    audited = json.loads(run("audit", "--json", cwd=repo.path).out)["findings"]
    wanted = [each for each in audited if each["code"].startswith("KV10")]
    assert code in {each["code"] for each in wanted}
    for files in ([], [path], [path, "README.md"]):
        found = run("agree", *files, "--json", cwd=repo.path, env={"PATH": "/none"})
        assert (found.code, json.loads(found.out)) == (1, {"schema": 1, "ok": False, "findings": wanted})
    other = WEB if path != WEB else CORE
    assert run("agree", other, cwd=repo.path).code == 0


def test_git_is_started_for_a_sparse_checkout_alone(repo: Repo, tmp_path: Path) -> None:
    """With a configuration no git is started, also where HEAD is detached; of a sparse checkout, one."""
    checkout(repo, tagged=False)
    repo.write("krow-versions.toml", "[products.web]\n[products.backend]\n")
    repo.commit("chore: configure")
    log = tmp_path / "started"
    spy = tmp_path / "bin" / "git"
    spy.parent.mkdir()
    spy.write_text(f'#!/bin/sh\necho "$5" >> {log}\nexec {shutil.which("git")} "$@"\n')
    spy.chmod(0o755)

    def started() -> list[str]:
        log.write_text("")
        path = os.pathsep.join((str(spy.parent), os.environ["PATH"]))
        assert run("agree", cwd=repo.path, env={"PATH": path}).code == 0
        return log.read_text().split()

    assert started() == []
    repo.git("switch", "--quiet", "--detach")
    assert started() == []
    repo.git("sparse-checkout", "set", "apps", "backend")
    assert started() == ["ls-files"]


def test_files_are_named_as_from_the_current_folder(repo: Repo) -> None:
    """Paths, absolute ones, and the lock beside a manifest name its product; other files name none."""
    checkout(repo, tagged=False)
    change(repo, WEB, '"version": "1.4.0"', '"version": "1.4.1"')
    folder = repo.path / "apps"
    for name in ("web/package.json", "../apps/web/package-lock.json", str(repo.path / WEB_LOCK)):
        found = run("agree", name, cwd=folder)
        assert (found.code, found.err) == (1, "1 error in web\n")
        assert found.out.startswith(f"web\n{WEB_LOCK}:")
    repo.write("notes.md", "some")
    found = run("agree", "../notes.md", "gone", cwd=folder)
    said = "warning: no such file: gone\nnone of these is a version file of a product\n"
    assert (found.code, found.out, found.err) == (0, "", said)
    assert run("agree", "web", cwd=folder).err == "1 error in web\n"  # A folder stands for its files.
    assert run("agree", "mobile", "-q", cwd=folder).code == 0


def test_the_configuration_names_all_products(repo: Repo) -> None:
    """When the configuration is committed, every product may have other files than before."""
    checkout(repo, tagged=False)
    repo.write("krow-versions.toml", "[products.web]\n[products.backend]\n")
    change(repo, CORE, '"version": "0.3.1"', '"version": "0.3.2"')
    assert run("agree", WEB, cwd=repo.path).err == "no findings in web\n"
    found = run("agree", "krow-versions.toml", cwd=repo.path)
    assert (found.code, found.err) == (1, "1 error in web, backend\n")


def test_the_hook_runs_for_version_files() -> None:
    """Its pattern matches each name that a format is known by, anywhere, and not what has no version."""
    names = [name for _, _, *filenames in _LINES for name in filenames]
    names += ["krow-versions.toml", "Runner-Info.plist", "_version.py", "__about__.py", "version.rb"]
    for name in names:
        assert re.search(HOOK["files"], name), name
        assert re.search(HOOK["files"], f"apps/a b/{name}"), name
    for name in (
        "README.md",
        "conversion.md",
        "src/app.py",
        "my-package.json",
        "package.json.bak",
        "Cargo/toml",
    ):
        assert not re.search(HOOK["files"], name), name
    assert HOOK["entry"] == "krow-versions agree"
    assert HOOK["require_serial"]
    assert "pass_filenames" not in HOOK


@pytest.mark.skipif(not LONG, reason="takes a minute: pip gets pre-commit, and builds this package")
def test_pre_commit_itself_runs_the_hook(repo: Repo, tmp_path: Path) -> None:
    """Staged files that disagree stop a commit; a commit without version files runs nothing."""
    if not (TOP / ".git").exists():
        pytest.skip("this is no clone that pre-commit could fetch the hook from")
    home = tmp_path / "venv"
    venv.create(home, with_pip=True)
    subprocess.run([home / "bin/pip", "-q", "install", "pre-commit"], check=True)
    checkout(repo)
    hook = f"repos:\n- repo: {TOP.as_uri()}\n  rev: {git_head()}\n  hooks:\n  - id: krow-versions-agree\n"
    repo.write(".pre-commit-config.yaml", hook)
    repo.git("add", "--all")

    def run_hook() -> tuple[int, str]:
        cache = {"PRE_COMMIT_HOME": str(tmp_path / "cache"), "PATH": f"{home / 'bin'}:/usr/bin:/bin"}
        done = subprocess.run(
            [home / "bin/pre-commit", "run"], cwd=repo.path, env=os.environ | cache, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout

    assert run_hook()[0] == 0
    change(repo, WEB, '"version": "1.4.0"', '"version": "1.4.1"')
    assert "Skipped" in run_hook()[1]  # It is not staged.
    repo.git("add", "--all")
    code, said = run_hook()
    assert code == 1
    assert f"{WEB_LOCK}:1: error: {WEB_LOCK} says 1.4.0, but {WEB} says 1.4.1 [KV106]" in said


def git_head() -> str:
    """The commit that is checked out here."""
    asked = subprocess.run(["git", "rev-parse", "HEAD"], cwd=TOP, capture_output=True, text=True, check=True)
    return asked.stdout.strip()
