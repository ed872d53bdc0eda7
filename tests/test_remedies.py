"""Refusals: all faults at once, each with its place, and a remedy that ends them when it is done."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from krow_versions.errors import FileFormatError, InputError
from support.commands import assert_refused, run
from support.krow import (
    API,
    CORE,
    SLUG,
    STAFF,
    WEB,
    checkout,
    hotfix,
    package,
    pubspec,
)

if TYPE_CHECKING:
    from support.child import Result
    from support.repositories import Repo

BUMP = ("bump-patch", "worker-mobile", "--no-changelog")


def errors(result: Result) -> list[str]:
    """Give the first words of each error."""
    return [
        line.removeprefix("error: ").split(": ")[0]
        for line in result.err.splitlines()
        if line[:7] == "error: "
    ]


def configure(repo: Repo, text: str) -> None:
    repo.write("krow-versions.toml", text)


# --- several faults ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command", [("bump-patch", "backend", "web", "-m", "x"), ("changelog", "add", "backend", "-m", "x")]
)
def test_no_fault_hides_another(repo: Repo, command: tuple[str, ...]) -> None:
    """CASES C8: a broken file, a conflict in another, a CHANGELOG without a place for a row: all at once."""
    checkout(repo).write("CHANGELOG.md", b"\xff")
    repo.write(CORE, '{"version"}\n')
    repo.write(API, package("0.9.0"))
    repo.write(WEB, "{")
    result = run(*command, cwd=repo.path)
    assert_refused(result)
    web = [f"{WEB}:1:2"] if "web" in command else []
    assert errors(result) == [f"{CORE}:1:11", f"{API}:3", "CHANGELOG.md:1", *web]


def test_show_names_every_fault(repo: Repo) -> None:
    """CASES C8: `show` names each broken file and each conflict, of all products."""
    checkout(repo).write(CORE, '{"version"}\n')
    repo.write(API, package("0.9.0"))
    repo.write(WEB, "{")
    result = run("show", cwd=repo.path)
    assert result.code == 3
    assert set(errors(result)) == {f"{CORE}:1:11", f"{WEB}:1:2"}
    assert f"backend has no next version: {API}:3" in result.err


def test_several_faults_are_an_exception_group(repo: Repo) -> None:
    """CASES C8, E2: from Python, `except*` takes conflicts and broken files apart."""
    checkout(repo).write(CORE, '{"version"}\n')
    repo.write(API, package("0.9.0"))
    found: dict[str, list[str | None]] = {}
    try:
        kv.Workspace.open(repo.path).plan_bump("backend")
    except* kv.Conflict as group:
        found["conflicts"] = [error.path for error in group.exceptions if isinstance(error, kv.Conflict)]
    except* FileFormatError as group:
        found["broken"] = [error.path for error in group.exceptions if isinstance(error, FileFormatError)]
    assert found == {"conflicts": [API], "broken": [CORE]}


def test_a_merge_under_way_does_not_hide_broken_files(repo: Repo) -> None:
    """CASES C8: conflict marks in two files and the merge that made them are named together, once."""
    checkout(repo).git("switch", "--quiet", "--create", "other")
    for version, branch in (("0.3.5", "other"), ("0.3.6", "main")):
        repo.git("switch", "--quiet", branch)
        for path in (CORE, API):
            repo.write(path, package(version))
        repo.commit()
    with pytest.raises(AssertionError):
        repo.git("merge", "other")
    result = run("bump-patch", "backend", "--no-changelog", cwd=repo.path)
    assert_refused(result, "merge conflict mark", "a merge is under way")
    assert [where.rpartition("/")[2] for where in errors(result)[:2]] == ["package.json:3:1"] * 2
    assert len(errors(result)) == 3


def test_files_at_head_are_all_named(repo: Repo) -> None:
    """CASES C8, B5: without a tag, each committed file that cannot be read is named."""
    checkout(repo, tagged=False).write(CORE, '{"version"}\n')
    repo.write(API, "{")
    repo.commit()
    result = run("bump-patch", "backend", "--no-changelog", cwd=repo.path)
    assert_refused(result, "commit the correction", "bump-patch --from VERSION")
    assert set(errors(result)) == {f"{CORE}:1:11", f"{API}:1:2", f"HEAD:{CORE}:1:11", f"HEAD:{API}:1:2"}


# --- a revision -------------------------------------------------------------------------------

BROKEN = {
    "zeros": pubspec("0.10.00+106"),
    "syntax": "version: 0.10.0+106\nname: [\n",
    "marks": "<<<<<<< a\nversion: 0.10.0+106\n=======\nversion: 0.9.0+1\n>>>>>>> b\n",
    "too large": f"version: 0.10.0+106\n# {'x' * (1 << 20)}\n",
    "two builds": "version: 0.10.0+x\n",
    "nothing": "name: krow\n",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize(
    "command", [BUMP, ("show", "worker-mobile"), ("changelog", "add", "worker-mobile", "-m", "x")]
)
def test_a_fault_at_head_ends_when_the_correction_is_committed(
    repo: Repo, text: str, command: tuple[str, ...]
) -> None:
    """CASES B5: the committed file is meant; the corrected file on disk is not, until it is committed."""
    repo.write(STAFF, text)
    repo.commit()
    repo.write(STAFF, pubspec("0.10.0+106"))
    result = run(*command, cwd=repo.path)
    assert result.code == 3
    assert errors(result)[0].startswith(f"HEAD:{STAFF}")
    assert "the committed file is meant, not the one on disk: commit the correction, or" in result.err
    repo.commit()
    bumped = run(*BUMP, cwd=repo.path)
    assert (bumped.code, bumped.out) == (0, f"{STAFF}: 0.10.0+106 -> 0.10.1+107\n")


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("tagged", [False, True])
def test_a_fault_at_a_revision_does_not_matter_with_from(repo: Repo, text: str, *, tagged: bool) -> None:
    """CASES B5: `--from VERSION`, which the error names, replaces what HEAD or a tag would say."""
    repo.write(STAFF, text)
    repo.commit()
    if tagged:
        repo.tag(f"{SLUG}/prod-v0.10.0")
    repo.write(STAFF, pubspec("0.10.0+106"))
    if tagged:
        repo.commit()
    revision = f"{SLUG}/prod-v0.10.0" if tagged else "HEAD"
    result = run(*BUMP, cwd=repo.path)
    assert_refused(result, f"{revision}:{STAFF}", "bump-patch --from VERSION")
    assert ("a tag is not corrected" in result.err) == tagged
    bumped = run(*BUMP, "--from", "0.10.0+106", cwd=repo.path)
    assert (bumped.code, bumped.out) == (0, f"{STAFF}: 0.10.0+106 -> 0.10.1+107\n")


# --- builds over the limit --------------------------------------------------------------------

DATED = 202604302301


def limit_named(result: Result) -> int:
    """Give the ``max_build`` that the hint says to set."""
    found = re.search(
        r"set max_build = ([0-9]+) in \[products\.worker-mobile\] of the configuration", result.err
    )
    assert found, result.err
    return int(found[1])


@pytest.mark.parametrize(
    ("released", "here", "options", "places"),
    [
        (None, f"0.9.2+{DATED}", (), [f"{STAFF}:3"]),
        (f"0.9.2+{DATED}", f"0.9.2+{DATED}", (), [f"{STAFF}:3", "TAG:3"]),
        (f"0.9.2+{DATED}", "0.9.2+7", (), ["TAG:3"]),
        (f"0.9.2+{DATED}", "0.9.3+7", (), ["TAG:3"]),
        ("0.9.2+5", f"0.9.3+{DATED}", (), [f"{STAFF}:3"]),
        ("0.9.2+2100000000", "0.9.2+7", (), ["TAG:3"]),
        ("0.9.2+5", "0.9.2+2100000000", (), [f"{STAFF}:3"]),
        ("0.9.2+5", "0.9.2+5", ("--build", "2100000001"), ["worker-mobile"]),
        (f"0.9.2+{DATED}", "0.9.2+5", ("--build", "7"), ["TAG:3"]),
        ("0.9.2+5", "0.9.2+5", ("--from", f"0.9.2+{DATED}"), ["worker-mobile"]),
        ("0.9.2+5", f"0.9.2+{'9' * 30}", (), [f"{STAFF}:3"]),
    ],
)
def test_a_build_over_the_limit_is_named_and_the_limit_can_be_raised(
    repo: Repo, released: str | None, here: str, options: tuple[str, ...], places: list[str]
) -> None:
    """CASES B6: product, file, line, value and `max_build`; the limit that the hint names is enough."""
    repo.write(STAFF, pubspec(released or here))
    repo.commit()
    if released:
        repo.tag(f"{SLUG}/prod-v0.9.2")
    repo.write(STAFF, pubspec(here))
    result = run(*BUMP, *options, cwd=repo.path)
    assert_refused(result, "worker-mobile: ", "is over the limit of 2100000000 (max_build)")
    assert errors(result) == [each.replace("TAG", f"{SLUG}/prod-v0.9.2:{STAFF}") for each in places]
    configure(repo, f"[products.worker-mobile]\nmax_build = {limit_named(result)}\n")
    again = run(*BUMP, *(options if "7" not in options else ()), cwd=repo.path)  # 7 is below what shipped.
    assert again.code == 0, again.err


@pytest.mark.parametrize("released", [None, "0.9.2+5"])
def test_a_build_over_the_limit_that_never_shipped_can_be_lowered(repo: Repo, released: str | None) -> None:
    """CASES B6: the hint says to lower it and commit that where no tag has it, and that is enough."""
    repo.write(STAFF, pubspec(released or f"0.9.2+{DATED}"))
    repo.commit()
    if released:
        repo.tag(f"{SLUG}/prod-v0.9.2")
    repo.write(STAFF, pubspec(f"0.9.2+{DATED}"))
    repo.commit()
    assert_refused(run(*BUMP, cwd=repo.path), "if it never shipped, write a lower one there, and commit it")
    repo.write(STAFF, pubspec("0.9.2+6"))
    repo.commit()
    assert run(*BUMP, cwd=repo.path).out == f"{STAFF}: 0.9.2+6 -> 0.9.3+7\n"


def test_a_build_that_a_tag_has_is_not_to_be_lowered(repo: Repo) -> None:
    """CASES B6: what has shipped cannot be taken back, so the hint does not say so."""
    hotfix(repo, f"0.9.2+{DATED}")
    result = run(*BUMP, cwd=repo.path)
    assert_refused(result)
    assert "lower" not in result.err


def test_each_file_over_the_limit_is_named_beside_conflicts(repo: Repo) -> None:
    """CASES B6, C8: several files over the limit, and a conflict in another, are errors of one run."""
    for name in "abcd":
        repo.write(f"{name}/pubspec.yaml", pubspec("0.9.2+4"))
    configure(repo, '[products.app]\nslug = "app"\nfiles = ["*/pubspec.yaml"]\n')
    repo.commit()
    repo.tag("app/prod-v0.9.2")
    for name, version in (("a", f"0.9.2+{DATED}"), ("b", "0.9.2+2100000000"), ("d", "3.0.0+1")):
        repo.write(f"{name}/pubspec.yaml", pubspec(version))
    result = run("bump-patch", "app", cwd=repo.path)
    assert_refused(result, f"the build {DATED} is over", "the next build after 2100000000 is over")
    assert errors(result) == ["a/pubspec.yaml:3", "b/pubspec.yaml:3", "d/pubspec.yaml:3"]
    with pytest.raises(InputError):
        kv.Workspace.open(repo.path).plan_bump("app", build=1)


def test_show_refuses_a_build_over_the_limit_too(repo: Repo) -> None:
    """CASES B4, B6: `show` says what `bump-patch` says."""
    hotfix(repo, f"0.9.2+{DATED}")
    result = run("show", "worker-mobile", cwd=repo.path)
    assert result.code == 3
    assert f"the build {DATED} is over the limit of 2100000000 (max_build)" in result.err
