"""``bump-build`` and ``--above-build``: builds go above all that shipped, and above what a store has seen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from krow_versions.errors import UsageError
from support.commands import assert_refused, done, run
from support.krow import API, CLIENT, SLUG, STAFF, WEB, checkout, contents, package, pubspec

if TYPE_CHECKING:
    from pathlib import Path

    from support.repositories import Repo

WORKER = "worker-mobile"
TWO = """
[products.app]
slug = "app"
files = ["a/pubspec.yaml", "b/pubspec.yaml", "package.json"]
"""


@pytest.fixture
def shipped(repo: Repo) -> Repo:
    """Main at 0.2.0+6 with the merged hotfix 0.1.1+6: the same build under two versions."""
    checkout(repo)
    repo.git("switch", "--quiet", "--create", f"hotfix/{SLUG}-v0.1.1")
    repo.write(STAFF, pubspec("0.1.1+6"))
    repo.write("apps/mobile/apps/staff/lib/login.dart", "fixed\n")
    repo.commit("fix: crash")
    repo.tag(f"{SLUG}/prod-v0.1.1")
    repo.git("switch", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-ff", "--no-edit", f"hotfix/{SLUG}-v0.1.1")
    repo.write(STAFF, pubspec("0.2.0+6"))
    repo.commit("chore: 0.2.0")
    return repo


def test_the_build_goes_above_all_that_shipped_and_the_version_stays(shipped: Repo) -> None:
    """One line for the file, the build one above the highest tag's; a second run changes nothing."""
    result = done(run("bump-build", WORKER, cwd=shipped.path))
    assert result.out == f"{STAFF}: 0.2.0+6 -> 0.2.0+7\n"
    assert (shipped.path / STAFF).read_text() == pubspec("0.2.0+7")
    before = contents(shipped.path)
    assert done(run("bump-build", WORKER, cwd=shipped.path)).out == f"{STAFF}: already 0.2.0+7\n"
    assert contents(shipped.path) == before


def test_a_release_that_is_checked_out_gets_a_new_build(repo: Repo) -> None:
    """At the tag itself, whose build a store has burned, the build goes one up, and once."""
    checkout(repo)
    for wanted in ("0.1.0+5 -> 0.1.0+6", "already 0.1.0+6"):
        assert done(run("bump-build", WORKER, cwd=repo.path)).out == f"{STAFF}: {wanted}\n"


@pytest.mark.parametrize("command", ["bump-build", "bump-patch"])
def test_what_a_store_has_seen_counts(repo: Repo, command: str) -> None:
    """``--above-build N`` gives N + 1; again, or with a lower N, nothing changes."""
    checkout(repo)
    version = "0.1.1" if command == "bump-patch" else "0.1.0"
    call = (command, WORKER, "-q", *(["--no-changelog"] if command == "bump-patch" else []))
    assert done(run(*call, "--above-build", "41", cwd=repo.path)).out == f"{STAFF}: 0.1.0+5 -> {version}+42\n"
    for number in ("41", "7", "0", " 41 "):
        again = done(run(*call, "--above-build", number, cwd=repo.path))
        assert again.out == f"{STAFF}: already {version}+42\n"
    assert done(run(*call, cwd=repo.path)).out == f"{STAFF}: already {version}+42\n"
    assert done(run(*call, "--above-build", "42", cwd=repo.path)).out.endswith(f"-> {version}+43\n")


def test_data_and_exit_codes_are_those_of_a_bump(shipped: Repo) -> None:
    """``--json`` has the shape of bump-patch, ``--check`` exits 1 and ``-n`` prints a diff; none writes."""
    before = contents(shipped.path)
    data = json.loads(done(run("bump-build", WORKER, "--json", "-n", cwd=shipped.path)).out)
    file = data["products"][0]["files"][0]
    assert (data["schema"], data["changed"], data["dry_run"]) == (1, True, True)
    assert (file["before"], file["after"], file["changed"]) == ("0.2.0+6", "0.2.0+7", True)
    assert data["products"][0]["target"] == "0.2.0+7"
    assert data["products"][0]["changelog"] is None
    patch = json.loads(done(run("bump-patch", "web", "--json", "-n", cwd=shipped.path)).out)
    assert [*patch] == [*data]
    assert [*patch["products"][0]] == [*data["products"][0]]
    assert "+version: 0.2.0+7" in done(run("bump-build", WORKER, "-n", cwd=shipped.path)).out
    assert run("bump-build", WORKER, "--check", "-q", cwd=shipped.path).code == 1
    assert contents(shipped.path) == before
    done(run("bump-build", WORKER, cwd=shipped.path))
    assert done(run("bump-build", WORKER, "--check", "-q", cwd=shipped.path)).code == 0


def test_several_products_are_one_plan(repo: Repo) -> None:
    """All are raised, each above its own tags; if one is refused, none is written."""
    checkout(repo)
    before = contents(repo.path)
    refused = run("bump-build", WORKER, "web", cwd=repo.path)
    assert_refused(refused, "web", "build", WEB)
    assert contents(repo.path) == before
    raised = done(run("bump-build", WORKER, "client-mobile", "-q", cwd=repo.path))
    assert raised.out == f"{STAFF}: 0.1.0+5 -> 0.1.0+6\n{CLIENT}: 0.2.3+17 -> 0.2.3+18\n"


def test_every_file_of_a_product_gets_the_same_build(repo: Repo) -> None:
    """Files with different builds end with one; a file without a build stays as it is."""
    repo.write("krow-versions.toml", TWO)
    for path, build in (("a", 3), ("b", 9)):
        repo.write(f"{path}/pubspec.yaml", pubspec(f"1.0.0+{build}"))
    repo.write("package.json", package("1.0.0"))
    repo.commit()
    repo.tag("app/staging-v1.0.0")
    result = done(run("bump-build", "app", "-q", cwd=repo.path))
    assert result.out == (
        "a/pubspec.yaml: 1.0.0+3 -> 1.0.0+10\nb/pubspec.yaml: 1.0.0+9 -> 1.0.0+10\n"
        "package.json: already 1.0.0\n"
    )


def test_files_at_different_versions_are_refused(repo: Repo) -> None:
    """A half-made bump is finished first: which of the versions the build would be of is not known."""
    repo.write("krow-versions.toml", TWO)
    repo.write("a/pubspec.yaml", pubspec("1.0.0+3"))
    repo.write("b/pubspec.yaml", pubspec("1.0.1+4"))
    repo.write("package.json", package("1.0.0"))
    repo.commit()
    assert_refused(
        run("bump-build", "app", cwd=repo.path), "a/pubspec.yaml is 1.0.0+3", "b/pubspec.yaml is 1.0.1+4"
    )


def test_the_version_may_be_any(repo: Repo) -> None:
    """Neither a version far from production nor a pre-release matters: the version is not touched."""
    checkout(repo)
    for version in ("3.0.0", "0.2.0-rc.1", "0.0.1"):
        repo.write(STAFF, pubspec(f"{version}+2"))
        result = done(run("bump-build", WORKER, "-q", cwd=repo.path))
        assert result.out == f"{STAFF}: {version}+2 -> {version}+6\n"


def test_padding_is_kept(repo: Repo) -> None:
    """``+002702`` becomes ``+002703``."""
    checkout(repo, worker="0.27.2+002702")
    assert done(run("bump-build", WORKER, "-q", cwd=repo.path)).out.endswith("0.27.2+002703\n")


def test_without_git_nothing_that_shipped_is_known(tmp_path: Path) -> None:
    """The build stays, and the note says that none is known; what a store has seen counts all the same."""
    file = tmp_path / STAFF
    file.parent.mkdir(parents=True)
    file.write_text(pubspec("0.1.0+5"))
    kept = done(run("bump-build", WORKER, cwd=tmp_path))
    assert (kept.out, "no tag shows one that has shipped" in kept.err) == (
        f"{STAFF}: already 0.1.0+5\n",
        True,
    )
    raised = done(run("bump-build", WORKER, "--above-build", "8", cwd=tmp_path))
    assert raised.out == f"{STAFF}: 0.1.0+5 -> 0.1.0+9\n"


# --- refusals ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["bump-build", "bump-patch"])
@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("", ["--above-build is empty", "command"]),
        ("  ", ["--above-build is empty"]),
        ("-1", ["--above-build", "'-1'", "whole number"]),
        ("4.5", ["'4.5'"]),
        ("null", ["'null'"]),
        ("1_000", ["'1_000'"]),
        ("+5", ["'+5'"]),
        ("٤", ["--above-build"]),
        ("1 2", ["'1 2'"]),
    ],
)
def test_what_is_no_whole_number_is_refused(repo: Repo, command: str, number: str, words: list[str]) -> None:
    """A command that failed prints nothing: that is said, and nothing is changed."""
    checkout(repo)
    before = contents(repo.path)
    assert_refused(run(command, WORKER, f"--above-build={number}", cwd=repo.path), *words, code=2)
    assert contents(repo.path) == before


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("bump-patch", WORKER, "--build", "9", "--above-build", "8"), ["--build and --above-build"]),
        (("bump-patch", WORKER, "client-mobile", "--above-build", "8"), ["--above-build is for one product"]),
        (("bump-build", WORKER, "client-mobile", "--above-build", "8"), ["--above-build is for one product"]),
        (("bump-build",), ["PRODUCT"]),
        (("bump-build", WORKER, "--build", "8"), ["--build"]),
        (("bump-patch", WORKER, "--build", ""), ["--build is empty"]),
    ],
)
def test_a_wrong_call_is_refused(repo: Repo, args: tuple[str, ...], words: list[str]) -> None:
    """The number of a store belongs to one app; two ways to say a build contradict each other."""
    checkout(repo)
    assert_refused(run(*args, cwd=repo.path), *words, code=2)


@pytest.mark.parametrize("command", ["bump-build", "bump-patch"])
def test_a_product_without_builds_has_none_to_raise(repo: Repo, command: str) -> None:
    """A number for files that carry no build is refused, not ignored."""
    checkout(repo)
    assert_refused(run(command, "web", "--above-build", "8", cwd=repo.path), "build")
    assert (repo.path / WEB).read_text() == package("1.4.0")
    assert (repo.path / API).read_text() == package("0.3.1")


@pytest.mark.parametrize("command", ["bump-build", "bump-patch"])
@pytest.mark.parametrize(
    ("name", "text", "first"),
    [
        ("build.gradle", 'android { defaultConfig { versionName "1.4.0" } }\n', "versionCode = 1"),
        ("gradle.properties", "versionName=1.4.0\n", "versionCode=1"),
        ("app.json", '{"expo": {"version": "1.4.0", "android": {}}}\n', '"versionCode": 1'),
        ("pubspec.yaml", "version: 1.4.0\n", "+1 after the version"),
        ("package.json", '{"version": "1.4.0"}\n', ""),
        ("pyproject.toml", '[project]\nversion = "1.4.0"\n', ""),
    ],
)
def test_a_first_build_is_written_where_the_format_has_it(
    repo: Repo, command: str, name: str, text: str, first: str
) -> None:
    """The remedy is ``+1`` only where stores read one, and none for a kind of file without builds."""
    repo.write(name, text)
    repo.write("krow-versions.toml", f'[products.app]\nfiles = ["{name}"]\n')
    repo.commit("chore: begin")
    refused = run(command, "app", "--above-build", "8", cwd=repo.path)
    assert_refused(refused, name, "app has no build", first)
    assert ("by hand" in refused.err, "+1" in refused.err) == (bool(first), first.startswith("+1"))


@pytest.mark.parametrize("command", ["bump-build", "bump-patch"])
@pytest.mark.parametrize("seen", ["2099999999", "2100000000", "9" * 240, "9" * 5000])
def test_no_build_over_the_limit_is_written(repo: Repo, command: str, seen: str) -> None:
    """The limit itself may be written, one more may not; the message says where to look."""
    checkout(repo)
    result = run(command, WORKER, "-q", "--above-build", seen, cwd=repo.path)
    if seen == "2099999999":
        assert "+2100000000" in done(result).out
    else:
        assert_refused(result, WORKER, f"{STAFF}:3", "2100000000", "max_build")
        assert seen != "2100000000" or "2100000001" in result.err
        assert (repo.path / STAFF).read_text() == pubspec("0.1.0+5")


def test_a_build_that_is_over_the_limit_already_is_not_kept_silently(repo: Repo) -> None:
    """A date in the place of a build is named, with its file, its line and ``max_build``."""
    checkout(repo)
    repo.write(STAFF, pubspec("0.1.0+202604302301"))
    result = run("bump-build", WORKER, cwd=repo.path)
    assert_refused(result, WORKER, f"{STAFF}:3", "202604302301", "max_build")


@pytest.mark.fault(43)
def test_a_build_or_version_that_apple_does_not_take_is_refused(repo: Repo) -> None:
    """The App Store takes 18 digits: the last such build is written where it is allowed, none above it."""
    key = "<key>{}</key><string>{}</string>"

    def plist(version: str, build: int) -> str:
        values = key.format("CFBundleShortVersionString", version) + key.format("CFBundleVersion", build)
        return f'<plist version="1.0"><dict>{values}</dict></plist>'

    last = 10**18 - 1
    product = '[products.app]\nslug = "app"\nfiles = ["Info.plist"]\n'
    repo.write("krow-versions.toml", product)
    repo.write("Info.plist", plist("1.4.0", last - 1))
    repo.commit("chore: begin")
    refused = run("bump-patch", "app", cwd=repo.path)
    assert_refused(
        refused, "Info.plist:1", "over the limit of 2100000000", "the App Store none of over 18 digits"
    )
    repo.write("krow-versions.toml", f"{product}max_build = {last}\n")
    done(run("bump-patch", "app", cwd=repo.path))
    assert (repo.path / "Info.plist").read_text() == plist("1.4.1", last)
    repo.commit("chore: 1.4.1")
    assert_refused(run("bump-patch", "app", cwd=repo.path), "Info.plist:1", f"over the limit of {last}")
    repo.write("Info.plist", plist("1.4.1.0", 7))
    assert_refused(run("bump-patch", "app", cwd=repo.path), "Info.plist:1", "not x.y.z")


@pytest.mark.parametrize(("seen", "lower"), [((), True), (("--above-build", "2100000000"), False)])
def test_a_build_over_the_limit_that_only_a_file_has_may_be_lowered(
    repo: Repo, seen: tuple[str, ...], *, lower: bool
) -> None:
    """The file that has it is named, of several; after the remedy the build is raised."""
    repo.write("krow-versions.toml", TWO)
    repo.write("a/pubspec.yaml", pubspec("1.4.0+5"))
    repo.write("b/pubspec.yaml", pubspec("1.4.0+202604302301"))
    repo.write("package.json", package("1.4.0"))
    repo.commit("chore: begin")
    refused = run("bump-build", "app", *seen, cwd=repo.path)
    assert_refused(refused, "b/pubspec.yaml:", "max_build")
    assert ("write a lower one there" in refused.err) == lower
    repo.write("b/pubspec.yaml", pubspec("1.4.0+6"))
    repo.commit("fix: the build")
    assert run("bump-build", "app", *seen, cwd=repo.path).code == (0 if lower else 3)


def test_what_stands_in_the_way_of_a_bump_does_so_here(shipped: Repo) -> None:
    """An unfinished merge, a broken file, a shallow clone: refused with the remedy, nothing written."""
    clone = shipped.clone(shipped.path.parent / "shallow", "--depth=1")
    refused = run("bump-build", WORKER, cwd=clone.path)
    assert_refused(refused, "shallow", "git fetch --tags --unshallow")
    assert "--from" not in refused.err
    shipped.git("switch", "--quiet", "--create", "other", "HEAD~1")
    shipped.write(STAFF, pubspec("0.3.0+9"))
    shipped.commit()
    with pytest.raises(AssertionError, match="git merge main"):
        shipped.git("merge", "main")
    assert_refused(run("bump-build", WORKER, cwd=shipped.path), STAFF)
    shipped.write(STAFF, pubspec("0.3.0+9"))
    assert_refused(run("bump-build", WORKER, cwd=shipped.path), "merge is under way")


def test_a_tag_that_cannot_be_read_is_no_guess(repo: Repo) -> None:
    """A newer production tag that leads nowhere is refused, as by a bump; an older one is a warning."""
    checkout(repo)
    blob = repo.git("hash-object", "-w", "--stdin", stdin="no commit")
    repo.tag(f"{SLUG}/prod-v0.0.9", blob, annotated=False)
    warned = done(run("bump-build", WORKER, "-n", cwd=repo.path))
    assert "prod-v0.0.9" in warned.err
    repo.tag(f"{SLUG}/prod-v0.1.1", blob, annotated=False)
    assert_refused(run("bump-build", WORKER, cwd=repo.path), "prod-v0.1.1", "git fsck")


def test_a_caller_in_python_hears_the_same(repo: Repo) -> None:
    """A plan of builds is a plan; a build below 0 is refused, what is no number is a TypeError."""
    workspace = kv.Workspace.open(checkout(repo).path)
    plan = workspace.plan_build(WORKER, above_build=9)
    assert [str(change.after) for change in plan.products[0].files] == ["0.1.0+10"]
    workspace.apply(plan)
    assert workspace.plan_build(WORKER, above_build=9).is_empty
    for method in (workspace.plan_build, workspace.plan_bump):
        with pytest.raises(UsageError, match="above_build"):
            method(WORKER, above_build=-1)
        for wrong in ("5", True, 5.0):
            with pytest.raises(TypeError, match="whole number"):
                method(WORKER, above_build=wrong)  # type: ignore[arg-type]
        with pytest.raises(UsageError, match="no product"):
            method()
