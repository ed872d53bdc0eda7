"""The promises as a user at a terminal meets them: PATCH only, idempotent, all or nothing, builds go up."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from support.commands import assert_refused, run
from support.krow import (
    API,
    CLIENT,
    CORE,
    PROD,
    SLUG,
    STAFF,
    WEB,
    WEB_LOCK,
    WORKER,
    checkout,
    hotfix,
    lock,
    package,
    pubspec,
)
from support.untouched import state

if TYPE_CHECKING:
    from pathlib import Path

    from support.repositories import Repo

BUMP = ("bump-patch", "worker-mobile")
ALL = ("worker-mobile", "client-mobile", "web", "backend")


@pytest.mark.fault(50)
def test_second_run_touches_nothing(repo: Repo) -> None:
    """Running twice is running once: bytes, times, index and refs are as the first run left them."""
    first = run("bump-patch", *ALL, cwd=checkout(repo).path)
    done = state(repo)
    again = run("bump-patch", *ALL, cwd=repo.path)
    assert (first.code, again.code) == (0, 0)
    assert all(": already " in line for line in again.out.splitlines())
    assert state(repo) == done


@pytest.mark.parametrize("done", range(8))
def test_half_bumped_files_converge(repo: Repo, done: int) -> None:
    """Whatever part of the files is bumped already, the run ends in the same bytes."""
    bumped = {WEB: package("1.4.1"), WEB_LOCK: lock("1.4.1"), CORE: package("0.3.2"), API: package("0.3.2")}
    checkout(repo)
    for number, (path, text) in enumerate(bumped.items()):
        if done >> number & 1:
            repo.write(path, text)
    assert run("bump-patch", "web", "backend", cwd=repo.path).code == 0
    assert {path: (repo.path / path).read_text() for path in bumped} == bumped


def test_committing_the_bump_changes_nothing(repo: Repo) -> None:
    """The baseline is the production tag, so a bump that is committed is not bumped again."""
    run(*BUMP, cwd=hotfix(repo).path)
    repo.commit("fix: crash")
    assert run(*BUMP, cwd=repo.path).out == f"{STAFF}: already 0.1.1+6\n"


@pytest.mark.fault(49)
@pytest.mark.parametrize(
    "version", ["0.2.0+6", "1.0.0+5", "0.1.2+7", "0.0.9+5", "0.1.1-rc.1+6", "0.1.0-rc.1"]
)
def test_only_baseline_and_target_are_accepted(repo: Repo, version: str) -> None:
    """Any other MAJOR, MINOR or PATCH, or a pre-release, is refused with line and all three versions."""
    hotfix(repo).write(STAFF, pubspec(version))
    before = state(repo)
    assert_refused(run(*BUMP, cwd=repo.path), f"{STAFF}:3", version, "0.1.0", "0.1.1", "--from")
    assert state(repo) == before


@pytest.mark.fault(51)
def test_files_that_disagree_are_all_named(repo: Repo) -> None:
    """Every file that is in the way is named in one go, and files that are fine stay unwritten."""
    checkout(repo).write(CORE, package("0.4.0"))
    repo.write(API, package("0.2.0"))
    before = state(repo)
    result = run("bump-patch", "backend", "web", cwd=repo.path)
    assert_refused(result, f"{CORE}:3", f"{API}:3", "0.4.0", "0.2.0")
    assert state(repo) == before


@pytest.mark.fault(31)
def test_lock_out_of_step_names_the_remedy(repo: Repo) -> None:
    """A lock of another version than its package.json is refused with the command of npm that corrects it."""
    checkout(repo).write(WEB_LOCK, lock("1.3.9"))
    assert_refused(run("bump-patch", "web", cwd=repo.path), WEB_LOCK, "npm install --package-lock-only")


@pytest.mark.parametrize(
    "text",
    [
        "name: app\n",
        "",
        "version:\n",
        "version: 0.1\n",
        "version: 0.1.0+5.1\n",
        "version: 0.1.0+abc\n",
        "version: v0.1.0+5\n",
        "version: [0, 1, 0]\n",
        "version: 0.1.0+5\nversion: 0.1.0+5\n",
        "a: &v 0.1.0+5\nversion: *v\n",
        "version: 0.1.0+5\n---\nversion: 0.1.0+5\n",
        "version: 0.1.0+5\n\tbad: [\n",
        "<<<<<<< HEAD\nversion: 0.1.0+5\n=======\nversion: 0.2.0+6\n>>>>>>> other\n",
        "version: 0.1.0+5\nnote: a\x0cb\n",
        "version: 0.1.0+5\nnote: a\x00b\n",
        "version: ٠.١.٠\n",
        f"version: {'9' * 5000}.0.0\n",
        "version: 0.1.0+5\nnote: \udcff\n",
        "\ufeff\ufeffversion: 0.1.0+5\n",
    ],
)
def test_one_broken_file_stops_every_product(repo: Repo, text: str) -> None:
    """A version file that cannot be edited is named, and no file of any named product is written."""
    checkout(repo).write(CLIENT, os.fsencode(text))
    before = state(repo)
    assert_refused(run("bump-patch", *ALL, cwd=repo.path), f"{CLIENT}")
    assert state(repo) == before


@pytest.mark.parametrize("text", ['version: "0.1.0+5" extra\n', "version: 0.1.0+x\n", "a: 1\nversion: 0.1\n"])
def test_broken_file_has_its_line(repo: Repo, text: str) -> None:
    """The error of a broken file begins with path:line:column."""
    hotfix(repo).write(STAFF, text)
    line = text.count("\n")
    assert f"error: {STAFF}:{line}:" in run(*BUMP, cwd=repo.path).err


def test_target_shipped_from_elsewhere_is_refused(repo: Repo) -> None:
    """When the target's production tag exists and HEAD lacks it, that version is taken."""
    hotfix(repo).git("switch", "--quiet", "--create", "other")
    repo.write(STAFF, pubspec("0.1.1+6"))
    repo.commit()
    repo.tag(f"{SLUG}/prod-v0.1.1")
    repo.git("switch", "--quiet", "main")
    before = state(repo)
    assert_refused(run(*BUMP, cwd=repo.path), "0.1.1", f"{SLUG}/prod-v0.1.1")
    assert state(repo) == before


def test_tag_of_the_target_with_a_build_in_its_name_is_seen(repo: Repo) -> None:
    """A tag `…/prod-v0.1.1+6` elsewhere means that 0.1.1 is taken, build in its name or not."""
    hotfix(repo).git("switch", "--quiet", "--create", "other")
    repo.commit()
    repo.tag(f"{SLUG}/prod-v0.1.1+6")
    repo.git("switch", "--quiet", "main")
    assert_refused(run(*BUMP, cwd=repo.path), "0.1.1")


@pytest.mark.parametrize(("branch", "code"), [("0.1.1", 0), ("0.1.2", 3), ("0.2.0", 3)])
def test_hotfix_branch_reserves_its_version(repo: Repo, branch: str, code: int) -> None:
    """On hotfix/SLUG-vX only X may be planned."""
    hotfix(repo).git("switch", "--quiet", "--create", f"hotfix/{SLUG}-v{branch}")
    result = run(*BUMP, cwd=repo.path)
    assert result.code == code
    if code:
        assert_refused(result, branch, "0.1.1")


@pytest.mark.fault(52)
def test_highest_reachable_production_tag_wins(repo: Repo) -> None:
    """Order is that of versions, not of names; other stages, junk and other products do not count."""
    for version in ("0.1.9+9", "0.1.10+10"):
        hotfix(repo, version)
    for junk in ("prod-v0.2.0-rc.1", "prod-v01.0.0", "prod-v9", "staging-v0.3.0", "prod-v0.9.0x"):
        repo.tag(f"{SLUG}/{junk}")
    repo.tag(f"{SLUG}-web/prod-v5.0.0")
    repo.git("branch", PROD)
    result = run(*BUMP, "--json", cwd=repo.path).data["products"][0]
    assert (result["baseline"], result["target"]) == ("0.1.10+10", "0.1.11+11")


@pytest.mark.parametrize("stage", ["prod-v0.0.7", "staging-v0.2.0", "dev-v0.1.5", "nightly"])
@pytest.mark.parametrize("reachable", [True, False])
def test_builds_rise_above_every_tag_of_any_stage(repo: Repo, stage: str, *, reachable: bool) -> None:
    """The new build is above the highest that any tag of the product ever shipped, wherever it is."""
    repo.commit()
    repo.git("switch", "--quiet", "--create", "other")
    repo.write(STAFF, pubspec("0.0.7+41"))
    repo.commit()
    repo.tag(f"{SLUG}/{stage}")
    if not reachable:
        repo.git("switch", "--quiet", "main")
    assert run(*BUMP, cwd=hotfix(repo).path).out == f"{STAFF}: 0.1.0+5 -> 0.1.1+42\n"


def test_build_shipped_before_the_folder_was_renamed_counts(repo: Repo) -> None:
    """Builds of older tags are found where the file was then: staff/ before worker/."""
    repo.write(STAFF, pubspec("0.0.9+70"))
    repo.commit()
    repo.tag(f"{SLUG}/staging-v0.0.9")
    repo.git("mv", "apps/mobile/apps/staff", "apps/mobile/apps/worker")
    repo.write(WORKER, pubspec("0.1.0+5"))
    repo.commit()
    repo.tag(PROD)
    assert run(*BUMP, cwd=repo.path).out == f"{WORKER}: 0.1.0+5 -> 0.1.1+71\n"


def test_build_of_a_tag_that_cannot_be_parsed_is_reported_even_when_quiet(repo: Repo) -> None:
    """A shipped build that cannot be read is counted, or a warning, even with -q."""
    repo.write(STAFF, "version: 0.0.9+900\nversion: 0.0.9+900\n")
    repo.commit()
    repo.tag(f"{SLUG}/dev-v0.0.9")
    result = run(*BUMP, "-q", cwd=hotfix(repo).path)
    assert f"{SLUG}/dev-v0.0.9" in result.err or "+901" in result.out


def test_broken_tag_is_reported(repo: Repo) -> None:
    """A tag that git cannot read may be the highest build: it is never overlooked in silence."""
    hotfix(repo)
    (repo.path / f".git/refs/tags/{SLUG}/dev-v0.0.9").write_text("")
    result = run(*BUMP, cwd=repo.path)
    assert f"{SLUG}/dev-v0.0.9" in result.err


@pytest.mark.parametrize(
    ("build", "code", "words"),
    [("5", 3, "6"), ("6", 0, "0.1.1+6"), ("99", 0, "0.1.1+99"), ("2100000000", 0, "+2100000000")],
)
def test_given_build(repo: Repo, build: str, code: int, words: str) -> None:
    """--build ships that build, and is refused below what was shipped."""
    result = run(*BUMP, "--build", build, cwd=hotfix(repo).path)
    assert result.code == code
    assert words in result.out + result.err


def test_given_build_is_written_or_there_is_a_word_about_it(repo: Repo) -> None:
    """--build is never ignored in silence: not for a file with a higher build, nor for one without any."""
    hotfix(repo).write(STAFF, pubspec("0.1.1+10"))
    lower = run(*BUMP, "--build", "8", cwd=repo.path)
    assert lower.code == 3 or "0.1.1+8" in lower.out or "--build" in lower.err, lower
    repo.write(WEB, package("1.4.0"))
    none = run("bump-patch", "web", "--build", "8", "--from", "1.4.0", cwd=repo.path)
    assert none.code in {2, 3} or "--build" in none.err, none


@pytest.mark.fault(42)
@pytest.mark.parametrize(
    ("args", "version"),
    [(["--build", "2100000001"], "0.1.0+5"), ([], "0.1.0+2100000000"), (["--build", "9" * 4000], "0.1.0+5")],
)
def test_no_build_over_the_limit(repo: Repo, args: list[str], version: str) -> None:
    """No build over 2100000000 is written, computed or given."""
    before = state(hotfix(repo, version))
    assert_refused(run(*BUMP, *args, cwd=repo.path), "2100000000")
    assert state(repo) == before


@pytest.mark.fault(42)
def test_highest_build_of_all_is_still_written(repo: Repo) -> None:
    """2099999999 goes to 2100000000, and once more finds nothing to do."""
    hotfix(repo, "0.1.0+2099999999")
    assert run(*BUMP, cwd=repo.path).out.endswith("-> 0.1.1+2100000000\n")
    assert run(*BUMP, cwd=repo.path).out == f"{STAFF}: already 0.1.1+2100000000\n"


def test_zero_padding_and_absent_builds_are_kept(repo: Repo) -> None:
    """+002702 goes to +002703; a pubspec without a build stays without."""
    hotfix(repo, "0.27.2+002702").write(CLIENT, pubspec("0.2.3"))
    repo.commit()
    assert run("bump-patch", "worker-mobile", "client-mobile", cwd=repo.path).out.splitlines() == [
        f"{STAFF}: 0.27.2+002702 -> 0.27.3+002703",
        f"{CLIENT}: 0.2.3 -> 0.2.4",
    ]


def test_baseline_of_a_commit_without_tags(repo: Repo) -> None:
    """Without any production tag the version at HEAD is the baseline, whatever the file holds."""
    repo.write(STAFF, pubspec("0.1.0+5"))
    repo.commit()
    for wanted in ("0.1.0+5 -> 0.1.1+6", "already 0.1.1+6"):
        result = run(*BUMP, cwd=repo.path)
        assert (result.out, "HEAD" in result.err) == (f"{STAFF}: {wanted}\n", True)


@pytest.mark.fault(47)
def test_from_a_prerelease_or_before_the_files(repo: Repo) -> None:
    """A pre-release is no baseline, and --from cannot jump over what a file holds."""
    hotfix(repo)
    assert_refused(run(*BUMP, "--from", "0.1.0-rc.1", cwd=repo.path), "0.1.0-rc.1", "pre-release")
    assert_refused(run(*BUMP, "--from", "0.0.9", cwd=repo.path), f"{STAFF}:3", "0.0.9", "0.1.0+5")


@pytest.mark.fault(81)
def test_shallow_clone_without_its_tags(repo: Repo, tmp_path: Path) -> None:
    """Where the production tag was cut off nothing is guessed: refused, with the way to fetch it."""
    hotfix(repo).commit("later")
    clone = repo.clone(tmp_path / "clone", "--depth=1")
    assert_refused(run(*BUMP, cwd=clone.path), "shallow", "git fetch", "--from")
    assert run(*BUMP, "--from", "0.1.0+5", cwd=clone.path).code == 0


def test_twenty_thousand_tags(repo: Repo) -> None:
    """Among 20,000 tags the highest production tag and the highest build are found, in bounded time."""
    repo.write(STAFF, pubspec("0.0.1+88888"))
    odd = repo.commit()
    repo.write(STAFF, pubspec("0.1.0+5"))
    head = repo.commit()
    lines = [f"create refs/tags/{SLUG}/prod-v0.{n}.{m} {head}" for n in range(2, 100) for m in range(100)]
    lines += [f"create refs/tags/{SLUG}/dev-v{n}.0.1 {head}" for n in range(10_200)]
    lines[12_345] = f"create refs/tags/{SLUG}/staging-v0.0.1 {odd}"
    repo.git("update-ref", "--stdin", stdin="\n".join(lines) + "\n")
    repo.git("pack-refs", "--all")
    repo.write(STAFF, pubspec("0.99.99+5"))
    result = run(*BUMP, cwd=repo.path)
    assert (result.code, result.out) == (0, f"{STAFF}: 0.99.99+5 -> 0.99.100+88889\n")
