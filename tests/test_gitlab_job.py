"""The jobs of the page on GitLab: GitLab's schema takes them, and their scripts do what the page says."""

from __future__ import annotations

import json
import re
import shlex
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from krow_versions.cli.demo import make_workspace
from support.commands import run_anew
from support.repositories import Repo, executable

if TYPE_CHECKING:
    from support.child import Result

PAGE = Path(__file__).parents[1] / "docs/howto-gitlab.md"
(TEXT,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
JOBS: dict[str, Any] = YAML(typ="safe", pure=True).load(TEXT)


@pytest.fixture
def job(tmp_path: Path) -> Repo:
    """What a job has: a commit without a branch, and the branches and tags of the server."""
    make_workspace(str(tmp_path / "krow"))
    Repo(tmp_path / "krow").git("clone", "--quiet", "--bare", ".", "../server.git")
    (tmp_path / "builds/krow").mkdir(parents=True)
    made = Repo(tmp_path / "builds/krow")
    made.git("remote", "add", "origin", str(tmp_path / "server.git"))
    made.git("fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
    made.git("checkout", "--quiet", "--detach", "origin/main")
    executable(
        tmp_path / "bin/krow-versions",
        f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m krow_versions "$@"\n',
    )
    return made


def play(job: Repo, name: str) -> Result:
    """Run the script of a job as the runner does: in one shell, which ends at the first line that fails."""
    path = f"{job.path.parents[1] / 'bin'}:/usr/bin:/bin"
    script = "\n".join(["set -eo pipefail", *JOBS[name]["script"]])
    env = {"PATH": path, "CI_PROJECT_DIR": str(job.path)}
    return run_anew("-c", script, cwd=job.path, env=env, program=["bash"])


def test_the_schema_of_gitlab_takes_the_file(tmp_path: Path) -> None:
    """The schema of GitLab's editor has nothing against it, and finds a key that is not known."""
    (tmp_path / "good.yml").write_text(TEXT)
    (tmp_path / "bad.yml").write_text(TEXT.replace("codequality:", "quality:"))
    judge = ("-m", "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci", "-o", "JSON")
    judged = run_anew(*judge, "good.yml", "bad.yml", cwd=tmp_path, program=[sys.executable])
    assert {each["filename"] for each in judged.data["errors"]} == {"bad.yml"}


def test_the_job_writes_its_reports_and_fails_only_for_findings(job: Repo) -> None:
    """Both files are there before and after findings; what GitLab is to read is what the script wrote."""
    reports = JOBS["versions"]["artifacts"]["reports"]
    assert JOBS["versions"]["artifacts"]["when"] == "always"
    passed = play(job, "versions")
    assert (passed.code, "no findings" in passed.err) == (0, True)
    assert json.loads((job.path / reports["codequality"]).read_text()) == []
    assert not ET.parse(job.path / reports["junit"]).findall(".//failure")
    job.git(
        "tag",
        "--force",
        "--no-annotate",
        "krow-withus-web/prod-v1.4.0",
        "krow-withus-web/prod-v1.4.0^{commit}",
    )
    failed = play(job, "versions")
    assert failed.code == 1
    assert "[KV205]" in failed.out
    (found,) = json.loads((job.path / reports["codequality"]).read_text())
    assert (job.path / found["location"]["path"]).is_file()
    (failure,) = ET.parse(job.path / reports["junit"]).findall(".//failure")
    assert "[KV205]" in (failure.text or "")
    job.write("krow-versions.toml", "[products]\nweb = 1\n")
    wrong = play(job, "versions")
    assert (wrong.code != 0, wrong.err.count("error: ")) == (True, 1)  # It ends at its first line.


def test_the_job_of_a_hotfix_runs_on_its_branch() -> None:
    """The rule has the beginning of the name of a hotfix branch, and the job what each job needs."""
    (rule,) = JOBS["hotfix"]["rules"]
    assert re.search(rule["if"].partition("/")[2][:-1].replace("\\/", "/"), "hotfix/krow-withus-web-v1.4.1")
    assert {each.get("extends") for name, each in JOBS.items() if not name.startswith(".")} == {
        ".krow-versions"
    }
    assert JOBS[".krow-versions"]["variables"] == {"GIT_STRATEGY": "clone", "GIT_DEPTH": "0"}
