"""The pre-commit hooks and the GitHub action: they load, and what they run really runs."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from krow_versions.cli.demo import make_workspace
from support.commands import SCRIPT, hostile
from support.commands import run_anew as run
from support.repositories import executable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from support.child import Result

TOP = Path(__file__).parents[1]
WEB_TAG = "krow-withus-web/prod-v1.4.0"


def manifest(name: str) -> Any:
    """Read a YAML file at the top of the project, strictly."""
    return YAML(typ="safe", pure=True).load((TOP / name).read_text(encoding="utf-8"))


HOOKS = {hook["id"]: hook for hook in manifest(".pre-commit-hooks.yaml")}
ACTION = manifest("action.yml")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace in which everything agrees."""
    make_workspace(str(tmp_path / "krow"))
    return tmp_path / "krow"


def lighten(workspace: Path) -> None:
    """Seed one warning: a production tag that is a lightweight one."""
    commit = f"{WEB_TAG}^{{commit}}"
    assert run("tag", "--force", WEB_TAG, commit, cwd=workspace, program=["git"]).code == 0


def test_hooks_are_what_pre_commit_takes() -> None:
    """Each hook has what pre-commit requires, of the right kind, and is installed from this package."""
    assert [*HOOKS] == ["krow-versions-audit", "krow-versions-config-check"]
    for hook in HOOKS.values():
        assert {"id", "name", "entry", "language"} <= hook.keys()
        assert hook.keys() <= {
            "id", "name", "description", "entry", "language", "pass_filenames", "always_run", "files",
        }  # fmt: skip
        assert (hook["language"], hook["pass_filenames"]) == ("python", False)
    pattern = re.compile(HOOKS["krow-versions-config-check"]["files"])
    assert all(
        pattern.search(path) for path in ("krow-versions.toml", "pyproject.toml", "a/krow-versions.toml")
    )
    assert not any(
        pattern.search(path) for path in ("my-krow-versions.toml", "krow-versions.toml.orig", "a.py")
    )


def test_our_own_hooks_are_the_tools_of_dev_and_keep_exact_bytes() -> None:
    """At our own commits run commands of ``./dev``; what ends lines and files leaves alone what is exact."""
    commands = re.findall(r'^    "(\w+)": \(', (TOP / "dev").read_text(encoding="utf-8"), re.MULTILINE)
    (local,) = manifest(".pre-commit-config.yaml")["repos"]
    assert local["repo"] == "local"
    for hook in local["hooks"]:
        program, *args = shlex.split(hook["entry"])
        if hook["language"] == "system":
            assert (program, args[0] in commands) == ("./dev", True)
        else:
            assert re.search(hook["exclude"], "tests/schemas/sarif-2.1.0.json")
            assert re.search(hook["exclude"], "tests/schemas/junit-10.xsd")
            assert not re.search(hook["exclude"], "src/krow_versions/rule.py")


def test_forms_of_issues_are_what_github_takes() -> None:
    """Each form has a name, a description and fields of known types, with labels and ids of their own."""
    forms = sorted((TOP / ".github/ISSUE_TEMPLATE").glob("*.yml"))
    assert [form.name for form in forms] == ["bug.yml", "idea.yml"]
    for form in (manifest(f".github/ISSUE_TEMPLATE/{name}.yml") for name in ("bug", "idea")):
        assert form.keys() == {"name", "description", "labels", "body"}
        fields = [field for field in form["body"] if field["type"] != "markdown"]
        assert {field["type"] for field in fields} <= {"input", "textarea"}
        assert all(field["attributes"]["label"] for field in fields)
        assert len({field["id"] for field in fields}) == len(fields)
        assert any(field.get("validations", {}).get("required") for field in fields)


@pytest.mark.parametrize("hook", HOOKS.values(), ids=[*HOOKS])
def test_entries_of_hooks_run(workspace: Path, hook: Mapping[str, Any]) -> None:
    """The entry is this program; it passes a workspace that is right, and not one that is wrong."""
    program, *args = shlex.split(hook["entry"])
    assert program == Path(SCRIPT[0]).name
    assert run(*args, cwd=workspace, program=SCRIPT).code == 0
    lighten(workspace)
    (workspace / "krow-versions.toml").write_text("[products.web]\nslgu = 'web'\n")
    assert run(*args, cwd=workspace, program=SCRIPT).code == 2
    (workspace / "krow-versions.toml").write_text("[products.x]\nslug = 'x'\nfiles = ['no/package.json']\n")
    assert run(*args, cwd=workspace, program=SCRIPT).code == (1 if "audit" in args else 2)
    (workspace / "krow-versions.toml").unlink()
    assert run(*args, cwd=workspace, program=SCRIPT).code == ("audit" in args)


def test_the_action_is_composite_and_says_what_it_takes() -> None:
    """Every input has words and a default, every input is used, and none is put into a script as text."""
    assert (ACTION["runs"]["using"], [*ACTION["inputs"]]) == (
        "composite", ["products", "history", "remote", "signers", "fail-on", "workspace", "sarif"],
    )  # fmt: skip
    for given in ACTION["inputs"].values():
        assert given["description"]
        assert (given["required"], type(given["default"])) == (False, str)
    used: set[str] = set()
    for step in ACTION["runs"]["steps"]:
        assert step["shell"] == "bash"
        assert "${{" not in step["run"]
        for name, value in step.get("env", {}).items():
            used.add(re.fullmatch(r"\$\{\{ inputs\.([a-z-]+) \}\}", value)[1])  # type: ignore[index]
            assert f"${name}" in step["run"]
    assert used == ACTION["inputs"].keys()


def test_the_action_installs_this_checkout() -> None:
    """The first step installs from the action's own folder, away from the job's Python."""
    install = ACTION["runs"]["steps"][0]["run"]
    assert '-I -m venv "$RUNNER_TEMP/krow-versions"' in install
    assert 'bin/python" -I -m pip ' in install
    assert install.rstrip().endswith('install --quiet --disable-pip-version-check "$GITHUB_ACTION_PATH"')
    assert (TOP / "pyproject.toml").is_file()


def test_the_action_is_what_the_schema_of_github_takes(tmp_path: Path) -> None:
    """The schema that editors use has nothing against it, and is a judge: a step without a shell is found."""
    text = (TOP / "action.yml").read_text(encoding="utf-8")
    (tmp_path / "good.yml").write_text(text)
    (tmp_path / "bad.yml").write_text(text.replace("      shell: bash\n", ""))
    judge = ("-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions", "-o", "JSON")
    judged = run(*judge, "good.yml", "bad.yml", cwd=tmp_path, program=[sys.executable])
    assert {each["filename"] for each in judged.data["errors"]} == {"bad.yml"}


def pythons() -> dict[str, Path]:
    """The Pythons of this machine by their versions: those of pyenv, and of PATH by their names."""
    root = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    found = {each.parts[-3]: each for each in root.glob("versions/3.*/bin/python3")}
    for minor in range(4, 20):
        if program := shutil.which(f"python3.{minor}"):
            found.setdefault(f"3.{minor}", Path(program))
    return {version: path for version, path in found.items() if len(version.split(".")) > 1}


PYTHONS = pythons()
FLOOR = tuple(
    map(int, re.findall(r'requires-python = ">=(\d+)\.(\d+)"', (TOP / "pyproject.toml").read_text())[0])
)


def minor(version: str) -> tuple[int, ...]:
    """The first two numbers of a version."""
    return tuple(map(int, version.split(".")[:2]))


def install(folder: Path, python: Path | None) -> Result:
    """Run the first step where *python* is python3, as far as it goes without a network."""
    programs = folder.parent / "programs"
    programs.mkdir()
    if python is not None:
        (programs / "python3").symlink_to(python)
    (programs / "bash").symlink_to(str(shutil.which("bash")))
    empty = folder.parent / "action"
    empty.mkdir()
    return step(0, folder, PATH=str(programs), GITHUB_ACTION_PATH=str(empty))


@pytest.mark.parametrize("version", sorted({minor(each) for each in PYTHONS if minor(each) < FLOOR}) or [()])
def test_the_action_says_what_it_needs_where_python_is_too_old(
    workspace: Path, version: tuple[int, ...]
) -> None:
    """One line for GitHub says what is there, what is needed and which step gives it; pip is not begun."""
    if not version:
        pytest.skip("no Python below the lowest one is on this machine")
    python = next(path for name, path in PYTHONS.items() if minor(name) == version)
    result = install(workspace, python)
    needed = ".".join(map(str, FLOOR))
    assert (result.code, result.err) == (2, "")
    there = ".".join(map(str, version))
    assert re.fullmatch(
        rf"::error title=krow-versions needs Python {needed} or newer::python3 is {there}\.[0-9]+; "
        r"put a step before this one: uses: actions/setup-python@v[0-9]+, with python-version: '3\.[0-9]+'\n",
        result.out,
    )
    assert not (workspace.parent / "temporary").exists()


def test_the_action_says_what_it_needs_where_there_is_no_python(workspace: Path) -> None:
    """The same line, and no other from it."""
    result = install(workspace, None)
    assert result.code == 2
    assert result.out.startswith("::error title=krow-versions needs Python ")
    assert "::python3 is not there; put a step before" in result.out


def step(number: int, folder: Path, /, **env: str | None) -> Result:
    """Run a step as the runner does: in the checkout, by bash."""
    script = folder.parent / "step.sh"
    script.write_text(ACTION["runs"]["steps"][number]["run"])
    bash = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
    env = {"RUNNER_TEMP": str(folder.parent / "temporary"), **env}
    return run(str(script), cwd=folder, env=env, program=bash)


def act(folder: Path, /, **inputs: str) -> Result:
    """Run the last step, with the Python of this environment as the installed one."""
    program = folder.parent / "temporary/krow-versions/bin/python"
    if not program.exists():
        executable(program, f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    env: dict[str, str | None] = {"GITHUB_WORKSPACE": str(folder.parent), "GITHUB_STEP_SUMMARY": None}
    for name, expression in ACTION["runs"]["steps"][-1]["env"].items():
        key = expression.split("inputs.")[1].split(" ")[0]
        env[name] = inputs.get(key, ACTION["inputs"][key]["default"])
    return step(-1, folder, PYTHONPATH=".", **env)


@pytest.mark.parametrize("number", [0, 1])
def test_the_action_runs_nothing_of_the_checkout(workspace: Path, number: int) -> None:
    """No step runs a module of the checkout, whatever it is called, even where PYTHONPATH names it."""
    names = ("venv", "ensurepip", "pip", "krow_versions", "attr", "click", "json", "subprocess", "functools")
    hostile(workspace, names)
    if number:
        assert act(workspace).code == 0
    else:  # As far as it goes without a network: pip finds nothing to install.
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        empty = workspace.parent / "action"
        empty.mkdir()
        installed = step(0, workspace, PATH=path, GITHUB_ACTION_PATH=str(empty), PYTHONPATH=".")
        assert installed.code
        assert "::error" not in installed.out  # This Python is new enough.
    assert not (workspace / "hijacked").exists()


def test_the_action_passes_what_is_right_and_fails_on_findings(workspace: Path) -> None:
    """Exit codes and annotations are those of the command; paths are relative to the job's folder."""
    assert (act(workspace).code, act(workspace).out) == (0, "")
    assert " title=KV601 " in act(workspace, remote="true").out
    assert "no file 'nowhere'" in act(workspace, signers="nowhere").err
    lighten(workspace)
    found = act(workspace)
    assert (found.code, found.out.count("\n")) == (1, 1)
    assert found.out.startswith("::warning title=KV205 ")
    assert act(workspace, products="web worker-mobile\n").code == 1
    assert act(workspace, products="worker-mobile  client-mobile").code == 0
    assert act(workspace, **{"fail-on": "error"}).code == 0
    assert act(workspace, history="true").code == 1
    assert act(workspace.parent / "krow", workspace="apps/web").code == 1


@pytest.mark.parametrize(
    "inputs",
    [
        {"products": "wbe"}, {"products": "--help"}, {"products": "$(touch x) `touch x` ; touch x"},
        {"products": "--help", "sarif": "../x.sarif"}, {"fail-on": "x"}, {"history": "yes"},
        {"workspace": "nowhere"}, {"sarif": "no/such/x.sarif"}, {"remote": "--yes"}, {"signers": "--help"},
    ],
)  # fmt: skip
def test_wrong_inputs_of_the_action_are_wrong_usage(workspace: Path, inputs: dict[str, str]) -> None:
    """A wrong input fails the job in words, is no option, and is never run."""
    before = sorted(each.name for each in workspace.iterdir())
    result = act(workspace, **inputs)
    assert result.code == 2
    assert result.out + result.err
    assert "Usage:" not in result.out
    assert sorted(each.name for each in workspace.iterdir()) == before


def test_the_action_writes_sarif_beside_the_annotations(workspace: Path) -> None:
    """The file holds the same findings, and is there when the job fails because of them."""
    lighten(workspace)
    result = act(workspace, sarif="../found.sarif")
    assert result.code == 1
    assert "::warning title=KV205 " in result.out
    document = json.loads((workspace.parent / "found.sarif").read_text())
    assert [each["ruleId"] for each in document["runs"][0]["results"]] == ["KV205"]
