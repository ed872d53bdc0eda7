"""Findings about repositories and version files: each fault alone."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from support import krow
from support.audits import audit, clean, places_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.repositories import Repo

ALL = ("backend", "client-mobile", "web", "worker-mobile")
SHRINKWRAP = "apps/web/npm-shrinkwrap.json"
# One product with two apps, each with a build, beside a package.json, which has none.
TWO_APPS = """\
[products.app]
slug = "app"
files = ["one/pubspec.yaml", "two/pubspec.yaml", "package.json"]
changelog = "CHANGELOG.md"
"""


def two_apps(repo: Repo, one: str, two: str, *, shipped: str = "0.1.0+5", package: str = "0.1.0") -> Path:
    """Two apps that shipped as *shipped*, and now say *one* and *two*."""
    repo.write("krow-versions.toml", TWO_APPS)
    repo.write("CHANGELOG.md", "| Date | Version | Change |\n|---|---|---|\n| 2026-01-01 | 0.1.0 | First |\n")
    repo.write("package.json", krow.package("0.1.0"))
    for name in ("one", "two"):
        repo.write(f"{name}/pubspec.yaml", krow.pubspec(shipped))
    repo.commit("feat: first release")
    repo.tag("app/prod-v0.1.0")
    repo.write("package.json", krow.package(package))
    repo.write("one/pubspec.yaml", krow.pubspec(one))
    repo.write("two/pubspec.yaml", krow.pubspec(two))
    return repo.path


@pytest.mark.parametrize("history", [False, True])
def test_a_workspace_in_which_everything_agrees_has_no_findings(repo: Repo, history: bool) -> None:
    """Nothing is found where nothing is wrong, not even a note."""
    assert places_of(audit(clean(repo).path, history=history)) == []


def remove_git(repo: Repo) -> None:
    shutil.rmtree(repo.path / ".git")


def break_git(repo: Repo) -> None:
    remove_git(repo)
    (repo.path / ".git").mkdir()


@pytest.mark.parametrize(
    ("seed", "words"),
    [
        pytest.param(remove_git, "is in no git repository", id="no git"),
        pytest.param(break_git, "there is a .git here that git does not recognise", id="broken git"),
    ],
)
def test_without_git_it_is_said_once_per_product(
    repo: Repo, seed: Callable[[Repo], None], words: str
) -> None:
    """Where git cannot be asked, that is the finding, and not that nothing was ever released."""
    seed(clean(repo))
    report = audit(repo.path)
    assert places_of(report) == [("KV001", name, None, None, "") for name in ALL]
    assert all(words in each.message for each in report.findings)


def test_without_the_git_program_a_repository_cannot_be_asked(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without a git program a repository is still one: the finding says why it cannot be read."""
    clean(repo)
    monkeypatch.setenv("PATH", str(tmp_path))
    report = audit(repo.path, "web")
    assert places_of(report) == [("KV001", "web", None, None, "")]
    assert "git" in report.findings[0].message


def test_a_shallow_clone_is_reported(repo: Repo, tmp_path: Path) -> None:
    """Where tags may be missing, nothing is concluded from their absence."""
    clean(repo)
    repo.commit("feat: more")
    cloned = repo.clone(tmp_path / "cloned", "--depth", "1")
    expected = [("KV002", None, None, None, "")]
    assert places_of(audit(cloned.path)) == expected
    cloned.git("fetch", "--quiet", "--depth=1", "origin", "tag", "krow-withus-web/prod-v1.4.0")
    assert places_of(audit(cloned.path)) == expected


def test_a_missing_main_branch_is_reported(repo: Repo) -> None:
    """Without the main branch its content is not known, and nothing else is wrong."""
    clean(repo).git("branch", "--move", "work")
    repo.git("branch", "also")
    report = audit(repo.path)
    assert places_of(report) == [("KV003", None, None, None, "")]
    assert report.ok


def test_a_main_branch_of_the_remote_is_enough(repo: Repo, tmp_path: Path) -> None:
    """In a clone, the main branch may be known from the remote alone."""
    cloned = clean(repo).clone(tmp_path / "cloned")
    cloned.git("switch", "--quiet", "--detach")
    cloned.git("branch", "--delete", "--force", "main")
    assert places_of(audit(cloned.path)) == []


def unlink(path: str) -> Callable[[Repo], None]:
    return lambda repo: (repo.path / path).unlink()


def write(path: str, content: str | bytes) -> Callable[[Repo], None]:
    return lambda repo: (repo.write(path, content), None)[1]


def directory(repo: Repo) -> None:
    (repo.path / krow.CLIENT).unlink()
    (repo.path / krow.CLIENT).mkdir()


def link(target: str) -> Callable[[Repo], None]:
    def seed(repo: Repo) -> None:
        (repo.path / krow.CLIENT).unlink()
        (repo.path / krow.CLIENT).symlink_to(target)

    return seed


def half_a_lock(version: str, root: str) -> str:
    return krow.lock(version).replace(f'"name": "web", "version": "{version}"}}', f'"version": "{root}"}}')


OWNER = {"client": "client-mobile", "web": "web", "api": "backend", "core": "backend"}
FAULTS = [
    pytest.param(unlink(krow.CLIENT), "KV101", krow.CLIENT, None, id="missing"),
    pytest.param(directory, "KV102", krow.CLIENT, None, id="a directory"),
    pytest.param(link("nowhere"), "KV102", krow.CLIENT, None, id="a dangling link"),
    pytest.param(link("/etc/passwd"), "KV102", krow.CLIENT, None, id="a link out of it"),
    pytest.param(write(krow.CLIENT, b"version: 0.1.0\xff\n"), "KV102", krow.CLIENT, 1, id="bytes"),
    pytest.param(write(krow.CLIENT, "#" * 2**21), "KV102", krow.CLIENT, None, id="too large"),
    pytest.param(write(krow.WEB, '{\n"version": 1.4.0}'), "KV103", krow.WEB, 2, id="syntax"),
    pytest.param(write(krow.CLIENT, "name: x\n"), "KV103", krow.CLIENT, None, id="none"),
    pytest.param(
        write(krow.CLIENT, "version: 0.2.3+17\nversion: 0.2.3+17\n"), "KV103", krow.CLIENT, 2, id="ambiguous"
    ),
    pytest.param(write(krow.CLIENT, "a: &v 0.2.3\nversion: *v\n"), "KV103", krow.CLIENT, 2, id="alias"),
    pytest.param(
        write(krow.WEB_LOCK, "<<<<<<< a\n=======\n>>>>>>> b\n"),
        "KV103",
        krow.WEB_LOCK,
        1,
        id="a merge conflict in the lock",
    ),
    pytest.param(write(krow.WEB, krow.package("1.4")), "KV104", krow.WEB, 3, id="two numbers"),
    pytest.param(write(krow.WEB, '{"version": 1}'), "KV104", krow.WEB, 1, id="a number"),
    pytest.param(write(krow.CLIENT, krow.pubspec("0.2.3+abc")), "KV104", krow.CLIENT, 3, id="no whole build"),
    pytest.param(write(krow.API, krow.package("0.3.2")), "KV105", krow.CORE, 3, id="half a bump"),
    pytest.param(write(krow.API, krow.package("0.4.0")), "KV105", krow.CORE, 3, id="half a release"),
    pytest.param(write(krow.WEB_LOCK, krow.lock("1.3.9")), "KV106", krow.WEB_LOCK, 1, id="lock"),
    pytest.param(write(SHRINKWRAP, krow.lock("1.4.1")), "KV106", SHRINKWRAP, 1, id="shrinkwrap"),
    pytest.param(
        write(krow.WEB_LOCK, half_a_lock("1.4.0", "1.3.9")), "KV106", krow.WEB_LOCK, 2, id="half a lock"
    ),
    pytest.param(
        write(krow.CLIENT, krow.pubspec("0.2.3+2100000001")), "KV108", krow.CLIENT, 3, id="over the limit"
    ),
]


@pytest.mark.parametrize(("seed", "code", "path", "line"), FAULTS)
def test_one_fault_of_a_file_gives_one_finding(
    repo: Repo, seed: Callable[[Repo], None], code: str, path: str, line: int | None
) -> None:
    """What is wrong with a file is found once, under one id, with its place and what to do."""
    seed(clean(repo))
    report = audit(repo.path)
    assert places_of(report) == [(code, OWNER[path.split("/")[-2]], path, line, "")]
    (finding,) = report.findings
    assert path in finding.message
    assert finding.hint
    assert finding.repo == "."


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(unlink(krow.WEB_LOCK), id="no lock"),
        pytest.param(write(krow.WEB, krow.package("1.4.0+5")), id="a build that npm leaves out of the lock"),
        pytest.param(write(krow.CLIENT, krow.pubspec("0.3.0+18")), id="ahead"),
        pytest.param(write(krow.CLIENT, krow.pubspec("0.3.0-rc.1+18")), id="on the way to a release"),
        pytest.param(write(krow.CLIENT, krow.pubspec("0.2.3+2100000000")), id="at the limit"),
        pytest.param(write(krow.CLIENT, krow.pubspec("0.2.3+0017")), id="padding"),
        pytest.param(write(krow.CLIENT, "\ufeff" + krow.pubspec("0.2.3+17")), id="BOM"),
        pytest.param(write("apps/mobile/package-lock.json", krow.lock("9.9.9")), id="the lock of nobody"),
    ],
)
def test_what_is_no_fault_of_a_file_is_not_found(repo: Repo, seed: Callable[[Repo], None]) -> None:
    """Development, style and files of others are no findings."""
    seed(clean(repo))
    assert places_of(audit(repo.path, "web", "client-mobile")) == []


def test_disagreeing_files_are_all_named(repo: Repo) -> None:
    """The finding names each file with its version, and how to finish what was begun."""
    clean(repo).write(krow.API, krow.package("0.3.2"))
    (finding,) = audit(repo.path).findings
    assert finding.message == f"the files of Backend disagree: {krow.API} says 0.3.2, {krow.CORE} says 0.3.1"
    assert finding.hint == "finish the bump that was begun: krow-versions bump-patch backend"


def test_a_lock_of_a_bump_that_was_cut_off_is_finished_by_a_bump(repo: Repo) -> None:
    """Where npm would bring back the old version, the hint is to run the bump again."""
    clean(repo).write(krow.WEB_LOCK, krow.lock("1.4.1"))
    report = audit(repo.path)
    assert places_of(report) == [("KV106", "web", krow.WEB_LOCK, 1, "")]
    assert report.findings[0].hint.endswith("krow-versions bump-patch web")


def test_a_file_that_cannot_be_read_is_not_found_to_disagree(repo: Repo) -> None:
    """Nothing is said of a version that is not known, and the others are compared without it."""
    clean(repo).write(krow.API, "{")
    repo.write(krow.WEB, "{")
    assert places_of(audit(repo.path)) == [
        ("KV103", "backend", krow.API, 1, ""),
        ("KV103", "web", krow.WEB, 1, ""),
    ]


ONE, TWO = "one/pubspec.yaml", "two/pubspec.yaml"


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        (("0.1.0+5", "0.1.0+5"), []),
        (("0.1.0+7", "0.1.0+6"), [("KV105", "app", TWO, 3, "")]),
        (("0.1.0+7", "0.1.0"), [("KV107", "app", TWO, 3, "")]),
        (("0.1.0+2100000001", "0.1.0+5"), [("KV108", "app", ONE, 3, "")]),
        (("0.1.0+4", "0.1.0+5"), [("KV202", "app", ONE, 3, "")]),
        (("0.0.9+4", "0.1.0+5"), [("KV202", "app", ONE, 3, "")]),
        (("0.1.0-rc.1+6", "0.1.0+6"), [("KV202", "app", ONE, 3, "")]),
    ],
)
def test_builds_of_one_product_are_compared(
    repo: Repo, versions: tuple[str, str], expected: list[tuple[str, str, str, int, str]]
) -> None:
    """Files that carry builds carry the same one; a package.json, which has none, is no exception."""
    assert places_of(audit(two_apps(repo, *versions))) == expected


def test_a_build_that_production_had_is_missed(repo: Repo) -> None:
    """A file whose release had a build has to have one, whatever the other files have."""
    root = two_apps(repo, "0.1.0", "0.1.0")
    report = audit(root)
    assert places_of(report) == [("KV107", "app", ONE, 3, ""), ("KV107", "app", TWO, 3, "")]
    assert "0.1.0+5 in production (app/prod-v0.1.0)" in report.findings[0].message


def test_a_product_that_never_had_builds_needs_none(repo: Repo) -> None:
    """A pubspec without a build stays without."""
    assert places_of(audit(two_apps(repo, "0.1.0", "0.1.0", shipped="0.1.0"))) == []


def test_a_file_that_shipped_without_a_build_needs_none(repo: Repo) -> None:
    """The build that the file had in production counts, not that of another file of the product."""
    root = two_apps(repo, "0.1.0+5", "0.1.0")
    repo.commit("fix: no build")
    repo.git("tag", "--delete", "app/prod-v0.1.0")
    repo.tag("app/prod-v0.1.0")
    assert places_of(audit(root)) == []


def test_a_limit_of_the_product_counts(repo: Repo) -> None:
    """A limit in the configuration takes the place of Android's."""
    root = two_apps(repo, "0.1.0+6", "0.1.0+6")
    repo.write("krow-versions.toml", TWO_APPS + "max_build = 5\n")
    assert places_of(audit(root)) == [("KV108", "app", ONE, 3, ""), ("KV108", "app", TWO, 3, "")]


def test_a_file_that_is_configured_and_not_there_is_missing(repo: Repo) -> None:
    """The finding names what the configuration asks for; that git never knew it makes no difference."""
    root = two_apps(repo, "0.1.0+5", "0.1.0+5")
    repo.write("krow-versions.toml", TWO_APPS.replace('"package.json"', '"package.json", "gone/*.json"'))
    report = audit(root)
    assert places_of(report) == [("KV101", "app", "gone/*.json", None, "")]
    assert report.findings[0].hint == "correct the path, or leave the file out of the product"


def test_a_glob_without_its_files_is_not_reported_beside_them(repo: Repo) -> None:
    """A file that git knows and the disk does not is found once, not again for the glob."""
    root = two_apps(repo, "0.1.0+5", "0.1.0+5")
    repo.write("krow-versions.toml", TWO_APPS.replace('"package.json"', '"*.json"'))
    (repo.path / "package.json").unlink()
    assert places_of(audit(root)) == [("KV101", "app", "package.json", None, "")]


def test_what_a_file_says_is_escaped_in_a_message(repo: Repo) -> None:
    """No control character of a file reaches the reader."""
    clean(repo).write(krow.CLIENT, "a: &x\x1b[2K 0.1.0\nversion: *x\n")
    repo.write(krow.WEB, '{"version": "1.4.0\\u001b[2K"}')
    report = audit(repo.path)
    assert {each.product for each in report.findings} == {"client-mobile", "web"}
    assert "\x1b" not in "".join(each.message + each.hint for each in report.findings)


@pytest.mark.parametrize(
    ("version", "severity"),
    [
        ("2.5.0.dev0", "note"),
        ("2.5.0rc1", "note"),
        ("2.5.0.post1", "error"),
        ("2.5", "error"),
        ("2.5.0.x", "error"),
    ],
)
def test_a_pre_release_of_python_is_a_note(repo: Repo, version: str, severity: str) -> None:
    """Main is at a pre-release between two releases, in the form of PEP 440; nothing is wrong with it."""
    repo.write("krow-versions.toml", '[products.app]\nfiles = ["pyproject.toml"]\n')
    repo.write("pyproject.toml", f'[project]\nname = "app"\nversion = "{version}"\n')
    repo.commit()
    found = [each for each in audit(repo.path).findings if each.code == "KV104"]
    assert [each.severity for each in found] == [severity]
