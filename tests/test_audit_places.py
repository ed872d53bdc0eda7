"""What is said of builds that stand in files of their own: audit, history, show, Python and the gates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from krow_versions.audit.drift import drift_of
from support.audits import NOW, audit, places_of
from support.commands import done, run

if TYPE_CHECKING:
    from support.repositories import Repo

NAME, CODE, APP = "gradle.properties", "code.properties", "app.json"
TEXT = "{{ path = '{}', format = 'text', key = '{}' }}"
CONFIG = f"""\
[products.app]
slug = "app"
files = [{TEXT.format(NAME, "VERSION_NAME={version}")}, {TEXT.format(CODE, "VERSION_CODE={build}")}]
changelog = "CHANGELOG.md"
"""
TWO = CONFIG.replace(TEXT.format(NAME, "VERSION_NAME={version}"), f'"{APP}"')
ROWS = "| Date | Version | Change |\n|---|---|---|\n| 2026-01-01 | {} | First |\n"


def expo(version: str, build: int | str) -> str:
    """An app of Expo; the version is on line 3, the builds on lines 4 and 5."""
    builds = f'"ios": {{"buildNumber": "{build}"}},\n"android": {{"versionCode": {build}}}'
    data = f'"version": "{version}",\n{builds}'
    return f'{{\n"expo": {{\n{data}\n}}}}\n'


def say(repo: Repo, version: str, build: int | str) -> None:
    """Write a version into one file and its build into another, each on line 2."""
    repo.write(NAME, f"# The version\nVERSION_NAME={version}\n")
    repo.write(CODE, f"# The build\nVERSION_CODE={build}\n")


def app(repo: Repo, config: str = CONFIG) -> Repo:
    """An app in production with 1.4.0 and build 42, in two files."""
    repo.write("krow-versions.toml", config)
    repo.write("CHANGELOG.md", ROWS.format("1.4.0") + "| 2026-01-01 | 1.5.0 | Next |\n")
    repo.write(APP, expo("1.4.0", 42))
    say(repo, "1.4.0", 42)
    repo.commit("feat: first release")
    repo.tag("app/prod-v1.4.0")
    return repo


@pytest.mark.parametrize("config", [CONFIG, TWO])
def test_a_build_in_a_file_of_its_own_is_no_fault(repo: Repo, config: str) -> None:
    """Where version and build agree, nothing is found, nor in the history."""
    assert places_of(audit(app(repo, config).path, history=True)) == []


@pytest.mark.parametrize(
    ("version", "build", "expected", "says"),
    [
        ("1.4.0", 41, ("KV202", CODE, 2), f"{CODE} says build 41, but 1.4.0+42 is in production"),
        ("1.5.0", 2100000001, ("KV108", CODE, 2), f"{CODE} says build 2100000001, which is over the limit"),
        ("1.3.9", 43, ("KV202", NAME, 2), f"{NAME} says 1.3.9, but 1.4.0+42 is in production"),
    ],
)
def test_a_fault_of_a_build_names_its_own_file_and_line(
    repo: Repo, version: str, build: int, expected: tuple[str, str, int], says: str
) -> None:
    """A build is compared with production and with the limit where it stands."""
    say(app(repo), version, build)
    (finding,) = audit(repo.path).findings
    assert (finding.code, finding.path, finding.line) == expected
    assert finding.message.startswith(says)


def test_a_lower_build_of_a_higher_version_is_reported_once(repo: Repo) -> None:
    """A line whose build a store refuses is one finding, whatever file the build is in."""
    say(app(repo), "1.5.0", 41)
    (finding,) = audit(repo.path).findings
    assert (finding.code, finding.path, finding.line) == ("KV211", CODE, 2)


@pytest.mark.parametrize("history", [False, True])
def test_a_build_may_move_to_another_file(repo: Repo, history: bool) -> None:
    """A file that had a build in production needs none while another file of the product has it."""
    app(repo, TWO)
    repo.write(APP, '{"expo": {"version": "1.4.0"}}')
    assert places_of(audit(repo.path, history=history)) == []
    repo.write(
        "krow-versions.toml", TWO.partition(f", {{ path = '{CODE}'")[0] + ']\nchangelog = "CHANGELOG.md"\n'
    )
    assert places_of(audit(repo.path, history=history)) == [("KV107", "app", APP, 1, "")]


def test_builds_of_two_files_that_differ_are_found_at_the_build(repo: Repo) -> None:
    """The files disagree; the finding is at the lower build, not at the version beside it."""
    app(repo, TWO)
    repo.write(APP, expo("1.5.0", 43))
    say(repo, "", 44)
    (finding,) = audit(repo.path).findings
    assert (finding.code, finding.path, finding.line) == ("KV105", APP, 4)
    assert finding.message == f"the files of app disagree: {APP} says 1.5.0+43, {CODE} says build 44"
    assert finding.hint == "raise the lower one: krow-versions bump-build app"
    done(run("bump-build", "app", cwd=repo.path))
    assert places_of(audit(repo.path)) == []


def test_a_build_over_the_limit_is_found_on_its_line(repo: Repo) -> None:
    """In a file with both, the line is that of the build."""
    app(repo, TWO)
    repo.write(APP, expo("1.5.0", 2100000001))
    say(repo, "", 43)
    codes = [(each.code, each.path, each.line) for each in audit(repo.path).findings]
    assert ("KV108", APP, 4) in codes


def test_history_has_the_build_of_another_file(repo: Repo) -> None:
    """The build of a release is the highest of its files, and builds that go down are found."""
    app(repo)
    say(repo, "1.5.0", 42)
    repo.commit("feat: next")
    repo.tag("app/prod-v1.5.0")
    history = kv.Workspace.open(repo.path).history("app")
    assert [(str(each.version), each.build) for each in history.releases] == [("1.5.0", 42), ("1.4.0", 42)]
    found = {(each.code, each.about) for each in audit(repo.path, history=True).findings}
    assert ("KV303", "app/prod-v1.5.0") in found


def test_the_build_of_a_release_whose_places_disagree_counts(repo: Repo) -> None:
    """A file that disagrees with itself at a tag is reported, and its highest build counts."""
    app(repo, TWO)
    repo.write(APP, expo("1.5.0", 43).replace('"43"', '"50"'))
    say(repo, "", 43)
    repo.commit("feat: next")
    repo.tag("app/prod-v1.5.0")
    repo.write(APP, expo("1.5.0", 51))
    say(repo, "", 51)
    history = kv.Workspace.open(repo.path).history("app")
    assert [each.build for each in history.releases] == [50, 42]
    assert "KV301" in {each.code for each in audit(repo.path, history=True).findings}


def test_a_release_without_its_build_is_found(repo: Repo) -> None:
    """A release whose file of the build is gone was released without one."""
    app(repo)
    say(repo, "1.5.0", 43)
    (repo.path / CODE).unlink()
    repo.commit("feat: next")
    repo.tag("app/prod-v1.5.0")
    say(repo, "1.5.0", 44)
    found = [each for each in audit(repo.path, history=True).findings if each.code == "KV303"]
    assert [each.about for each in found] == ["app/prod-v1.5.0"]
    assert found[0].hint.endswith("write it again, such as 43")


def test_show_has_the_build_of_a_file_without_a_version(repo: Repo) -> None:
    """Every file is shown with what it holds, and nothing is unknown."""
    app(repo)
    shown = json.loads(run("show", "--json", cwd=repo.path).out)["products"][0]
    assert shown["baseline"] == "1.4.0+42"
    assert [each["version"] for each in shown["files"]] == ["+42", "1.4.0"]
    assert [each["line"] for each in shown["files"]] == [2, 2]


def test_the_version_of_a_product_has_the_build_of_its_files(repo: Repo) -> None:
    """A file without a build does not disagree with one that has only a build."""
    app(repo)
    assert str(kv.Workspace.open(repo.path)["app"].version) == "1.4.0+42"
    say(repo, "1.4.0", 43)
    assert str(kv.Workspace.open(repo.path)["app"].version) == "1.4.0+43"


def test_the_product_disagrees_where_two_builds_differ(repo: Repo) -> None:
    """There is no one version where two files have different builds."""
    app(repo, TWO)
    say(repo, "", 43)
    with pytest.raises(kv.Conflict, match=r"app.json is 1.4.0\+42, code.properties is \+43"):
        _ = kv.Workspace.open(repo.path)["app"].version


@pytest.mark.parametrize(("build", "state"), [(41, "behind"), (42, "at production"), (43, "ahead")])
def test_drift_compares_a_build_alone(repo: Repo, build: int, state: str) -> None:
    """A file that has only a build can be read, and is compared with the build in production."""
    say(app(repo), "1.4.0", build)
    snapshot = kv.Workspace.open(repo.path).snapshot()
    drifts = {each.file: each for each in drift_of(snapshot, NOW)}
    assert (drifts[CODE].version, drifts[CODE].state) == (f"+{build}", state)


@pytest.mark.parametrize(("build", "verdict"), [(42, "failed"), (43, "passed")])
def test_the_gate_of_version_files_wants_the_build_raised(repo: Repo, build: int, verdict: str) -> None:
    """A hotfix whose build stands in a file of its own must raise it, too."""
    app(repo)
    repo.git("switch", "--quiet", "--create", "hotfix/app-v1.4.1")
    say(repo, "1.4.1", build)
    repo.write("fix.txt", "fixed\n")
    repo.commit("fix: crash")
    gates = {gate.id: gate for gate in kv.Workspace.open(repo.path).hotfix("app").gates()}
    assert gates["version-files"].verdict == verdict
