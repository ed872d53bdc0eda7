"""What is in production, and which builds were shipped: from real tags in real repositories."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import krow_versions as kv
from krow_versions.baseline import find_baseline
from krow_versions.errors import Conflict, GitMissing, InputError, PrereleaseVersion, Unsupported, UsageError
from support import krow
from support.samples import past, state

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.repositories import Repo

WORKER = "worker-mobile"
PROD = f"{krow.SLUG}/prod-v"


def release(repo: Repo, version: str, stage: str = "prod", path: str = krow.STAFF) -> None:
    """Commit the worker app at *version* and tag it."""
    repo.write(path, krow.pubspec(version))
    repo.commit(f"chore: {version}")
    repo.tag(f"{krow.SLUG}/{stage}-v{version.partition('+')[0]}")


def planned(repo: Repo, **options: object) -> kv.ProductPlan:
    return kv.Workspace.open(repo.path).plan_bump(WORKER, **options).products[0]  # type: ignore[arg-type]


def summary(plan: kv.ProductPlan) -> tuple[str, str, str]:
    return str(plan.baseline.version), plan.baseline.source, str(plan.target)


def test_the_first_source_is_what_the_caller_says(repo: Repo) -> None:
    """``--from`` wins over tags and commits, with its build where it has one."""
    krow.checkout(repo)
    repo.write(krow.STAFF, krow.pubspec("0.3.0+5"))
    assert summary(planned(repo, from_="0.3.0")) == ("0.3.0", "from", "0.3.1+6")
    assert summary(planned(repo, from_=kv.Version.parse("0.3.0+9"))) == ("0.3.0+9", "from", "0.3.1+10")


@pytest.mark.fault(52)
def test_the_second_source_is_the_highest_production_tag(repo: Repo) -> None:
    """Highest by semver, not by name or date, with the build that its tree has."""
    for version in ("0.9.0+3", "0.10.0+4", "0.8.7+9"):
        release(repo, version)
    repo.write(krow.STAFF, krow.pubspec("0.10.0+4"))
    plan = planned(repo)
    assert summary(plan) == ("0.10.0+4", "tag", "0.10.1+10")
    assert plan.baseline.revision == f"{PROD}0.10.0"


def test_the_third_source_is_the_commit(repo: Repo) -> None:
    """Without a production tag, what HEAD has counts, however far the file on disk is."""
    krow.checkout(repo, tagged=False)
    repo.write(krow.STAFF, krow.pubspec("0.1.1+6"))
    plan = planned(repo)
    assert summary(plan) == ("0.1.0+5", "head", "0.1.1+6")
    assert not plan.files[0].changed


@pytest.mark.parametrize("builds", [(5, 9), (9, 5)])
@pytest.mark.parametrize("source", ["tag", "head"])
def test_of_several_builds_the_highest_is_in_production(source: str, builds: tuple[int, int]) -> None:
    """Where the files of a product carry several builds, the baseline has the highest of them."""
    name = f"{PROD}0.1.0" if source == "tag" else "HEAD"
    files = tuple(past(f"0.1.0+{build}", name, path) for build, path in zip(builds, "ab", strict=True))
    found = state(released=files) if source == "tag" else state(committed=files, tags=())
    assert str(find_baseline(found).version) == "0.1.0+9"


def test_the_last_source_is_the_file_and_says_so(tmp_path: Path) -> None:
    """Outside git, and before the first commit, the file counts; a note says that it is not repeatable."""
    (tmp_path / krow.STAFF).parent.mkdir(parents=True)
    (tmp_path / krow.STAFF).write_text(krow.pubspec("0.1.0+5"))
    plan = kv.Workspace.open(tmp_path).plan_bump(WORKER).products[0]
    assert summary(plan) == ("0.1.0+5", "file", "0.1.1+6")
    assert "not repeatable" in plan.warnings[0]
    assert "name the version that is in production" in plan.warnings[0]


@pytest.mark.fault(83)
def test_an_unborn_branch_has_only_files(repo: Repo) -> None:
    """A repository without a commit falls through to the file."""
    repo.write(krow.STAFF, krow.pubspec("0.1.0+5"))
    assert summary(planned(repo)) == ("0.1.0+5", "file", "0.1.1+6")


@pytest.mark.fault(83)
def test_a_detached_head_is_no_obstacle(repo: Repo) -> None:
    """A bump on a checked-out tag works like on a branch."""
    krow.checkout(repo)
    repo.git("checkout", "--quiet", "--detach")
    assert summary(planned(repo)) == ("0.1.0+5", "tag", "0.1.1+6")


@pytest.mark.fault(52)
@pytest.mark.parametrize(
    "name",
    [
        f"{PROD}0.2.0-rc.1",
        f"{PROD}junk",
        f"{PROD}00.2.0",
        f"{krow.SLUG}/prod-0.9.0",
        f"{krow.SLUG}-web/prod-v0.9.0",
        f"x{krow.SLUG}/prod-v0.9.0",
        f"{krow.SLUG}/staging-v0.9.0",
        "v9.9.9",
    ],
)
def test_what_is_no_production_tag_is_no_baseline(repo: Repo, name: str) -> None:
    """Pre-releases, junk, other stages and products with the same beginning do not count."""
    krow.checkout(repo).tag(name)
    assert planned(repo).baseline.revision == f"{PROD}0.1.0"


def test_a_tag_that_head_does_not_contain_is_no_baseline(repo: Repo) -> None:
    """An older release from another line is not what this checkout's hotfix starts from; its build counts."""
    krow.checkout(repo)
    repo.git("switch", "--quiet", "--create", "other")
    release(repo, "0.0.5+8")
    repo.git("switch", "--quiet", "main")
    assert summary(planned(repo)) == ("0.1.0+5", "tag", "0.1.1+9")


def test_a_taken_target_is_refused(repo: Repo) -> None:
    """When somebody shipped the target from elsewhere, nobody ships it twice."""
    krow.checkout(repo)
    repo.git("switch", "--quiet", "--create", "other")
    release(repo, "0.1.1+6")
    repo.git("switch", "--quiet", "main")
    with pytest.raises(Conflict, match=f"0.1.1 is taken: there is the tag {PROD}0.1.1"):
        planned(repo)


def test_a_hotfix_branch_of_another_version_is_refused(repo: Repo) -> None:
    """On the branch of another version something is wrong; on its own, or another product's, not."""
    krow.checkout(repo)
    repo.git("switch", "--quiet", "--create", f"hotfix/{krow.SLUG}-v0.1.2")
    with pytest.raises(Conflict, match=r"is for 0\.1\.2, but the next version is 0\.1\.1"):
        planned(repo)
    for fine in (f"hotfix/{krow.SLUG}-v0.1.1", "hotfix/krow-withus-web-v9.9.9"):
        repo.git("switch", "--quiet", "--create", fine)
        assert summary(planned(repo))[2] == "0.1.1+6"


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 60), st.sampled_from(["prod", "staging", "dev", "qa"])),
        max_size=6,
        unique_by=lambda each: (each[0], each[2]),
    )
)
def test_a_build_is_above_every_build_of_every_stage(
    new_repo: Callable[[], Repo], shipped: list[tuple[int, int, str]]
) -> None:
    """Whatever stage a tag is of, even one nobody declared, its build is not shipped again."""
    repo = new_repo()
    for patch, build, stage in shipped:
        release(repo, f"0.1.{patch}+{build}", stage)
    release(repo, "0.2.0+1")
    assert planned(repo).target.build == 1 + max([1, *(build for _, build, _ in shipped)])


def test_a_build_under_the_target_may_ship_once_more(repo: Repo) -> None:
    """A build staged under the target goes to production as it is: the floor is that build."""
    krow.checkout(repo)
    release(repo, "0.1.1+9", "staging")
    plan = planned(repo)
    assert (str(plan.target), plan.files[0].changed) == ("0.1.1+9", False)


def test_builds_shipped_from_the_older_folder_count(repo: Repo) -> None:
    """The app moved from ``worker`` to ``staff``; builds shipped before the move are not used again."""
    release(repo, "0.1.0+50", "dev", krow.WORKER)
    repo.git("rm", "--quiet", "-r", "apps")
    release(repo, "0.1.0+5")
    assert str(planned(repo).target) == "0.1.1+51"


def test_a_tag_without_a_readable_file_counts_as_none(repo: Repo) -> None:
    """A tree that lacks the file is passed over; a broken file is, too, and that is said."""
    repo.write("README.md", "first\n")
    repo.commit()
    repo.tag(f"{krow.SLUG}/dev-v0.0.1")
    release(repo, "0.0.2+99: broken", "dev")
    release(repo, "0.1.0+5")
    plan = planned(repo)
    assert str(plan.target) == "0.1.1+6"
    assert any(f"{krow.SLUG}/dev-v0.0.2" in warning and "not counted" in warning for warning in plan.warnings)


def test_a_build_below_the_floor_is_refused(repo: Repo) -> None:
    """``--build`` cannot go below what was shipped; above, it is taken."""
    krow.checkout(repo)
    with pytest.raises(InputError, match="build 5 is below 6"):
        planned(repo, build=5)
    assert str(planned(repo, build=60).target) == "0.1.1+60"


@pytest.mark.fault(47)
def test_a_prerelease_in_the_commit_is_no_baseline(repo: Repo) -> None:
    """A pre-release at HEAD, without any tag, is refused with its file."""
    krow.checkout(repo, tagged=False, worker="0.1.0-rc.1+5")
    with pytest.raises(PrereleaseVersion) as caught:
        planned(repo)
    assert caught.value.path == krow.STAFF


@pytest.mark.fault(81, 82)
def test_a_shallow_clone_without_tags_is_refused(repo: Repo, tmp_path: Path) -> None:
    """What is in production there is not known; the ways out are named, and work."""
    krow.checkout(repo)
    repo.commit("fix: something")
    clone = repo.clone(tmp_path / "shallow", "--depth=1")
    with pytest.raises(Unsupported, match="git fetch --tags --unshallow"):
        planned(clone)
    assert summary(planned(clone, from_="0.1.0+5")) == ("0.1.0+5", "from", "0.1.1+6")
    clone.git("fetch", "--quiet", "--tags", "--unshallow")
    assert summary(planned(clone)) == ("0.1.0+5", "tag", "0.1.1+6")


@pytest.mark.parametrize("newer", [False, True])
def test_a_shallow_clone_may_lack_the_newest_release(repo: Repo, tmp_path: Path, newer: bool) -> None:
    """Of a product without builds, too: where no tag is here, or a newer one is not contained, as far as
    one can see, the history that was cut off may say otherwise."""
    krow.checkout(repo)
    repo.commit("fix: something")
    if newer:
        repo.tag("krow-withus-web/prod-v1.4.1")
    clone = repo.clone(tmp_path / "shallow", "--depth=1")
    if newer:
        repo.git("switch", "--quiet", "--create", "other")
        repo.commit("another line")
        repo.tag("krow-withus-web/prod-v1.5.0")
        clone.git("fetch", "--quiet", "--depth=1", "origin", "tag", "krow-withus-web/prod-v1.5.0")
    with pytest.raises(Unsupported, match="shallow"):
        kv.Workspace.open(clone.path).plan_bump("web")


def test_a_shallow_clone_cannot_count_builds(repo: Repo, tmp_path: Path) -> None:
    """Even with its production tag, a shallow clone may lack a staging tag with a higher build: promise 6."""
    krow.checkout(repo)
    repo.git("switch", "--quiet", "--create", "side")
    release(repo, "0.1.1+40", "staging")
    clone = repo.clone(tmp_path / "shallow", "--depth=1", f"--branch={PROD}0.1.0")
    with pytest.raises(Unsupported, match="builds already shipped"):
        planned(clone)
    assert "shallow" in planned(clone, from_="0.1.0+5").warnings[0]
    assert kv.Workspace.open(clone.path).plan_bump("web").changes


def test_a_shipped_target_is_not_shipped_again(repo: Repo) -> None:
    """After a revert, an old ``--from`` would give a version and build that is in production already."""
    krow.checkout(repo)
    release(repo, "0.1.1+6")
    repo.write(krow.STAFF, krow.pubspec("0.1.0+5"))
    repo.commit("revert")
    with pytest.raises(Conflict, match="has been shipped"):
        planned(repo, from_="0.1.0+5")
    repo.write(krow.STAFF, krow.pubspec("0.1.1+6"))
    assert not planned(repo, from_="0.1.0+5").files[0].changed


def test_a_branch_whose_version_is_tagged_is_done(repo: Repo) -> None:
    """On the hotfix branch, after its tag, there is nothing to bump, and no second hotfix begins."""
    krow.checkout(repo)
    repo.git("switch", "--quiet", "--create", f"hotfix/{krow.SLUG}-v0.1.1")
    release(repo, "0.1.1+6")
    with pytest.raises(Conflict, match="is done"):
        planned(repo)


def test_production_tags_elsewhere_are_reported(repo: Repo) -> None:
    """When older production tags exist and HEAD contains none, the commit counts, with a warning."""
    krow.checkout(repo, tagged=False)
    repo.git("switch", "--quiet", "--create", "other")
    release(repo, "0.0.5+8")
    repo.git("switch", "--quiet", "main")
    plan = planned(repo)
    assert summary(plan) == ("0.1.0+5", "head", "0.1.1+9")
    assert f"does not contain the production tag {PROD}0.0.5" in plan.warnings[0]


def test_a_number_in_a_comment_does_not_hide_a_build(repo: Repo) -> None:
    """A file whose comment has a greater +number is read, and the lower build of another tag still counts."""
    repo.write(krow.STAFF, "# see +99\n" + krow.pubspec("0.0.1+7"))
    repo.commit()
    repo.tag(f"{krow.SLUG}/dev-v0.0.1")
    release(repo, "0.1.1+12", "dev")  # Read first, for its name: the floor is 12 as yet.
    release(repo, "0.0.2+12", "staging")
    release(repo, "0.1.0+5")
    assert str(planned(repo).target) == "0.1.1+13"


@pytest.mark.fault(84)
@pytest.mark.parametrize("operation", ["merge", "rebase", "cherry-pick", "revert", "bisect"])
def test_nothing_is_bumped_in_the_middle_of_something(repo: Repo, operation: str) -> None:
    """While git waits for the user, HEAD and files are not what they will be."""
    krow.checkout(repo)
    repo.git("switch", "--quiet", "--create", "other")
    repo.write("a", "theirs")
    repo.commit("theirs")
    repo.git("switch", "--quiet", "main")
    repo.write("a", "ours")
    repo.commit("ours")
    repo.write("a", "ours again")
    repo.commit("ours again")
    arguments = {"revert": ["HEAD~1"], "bisect": ["start"]}.get(operation, ["other"])
    with contextlib.suppress(AssertionError):  # The conflict.
        repo.git(operation, *arguments)
    with pytest.raises(Conflict, match="under way"):
        planned(repo)
    repo.git(operation, "reset" if operation == "bisect" else "--abort")
    assert summary(planned(repo))[2] == "0.1.1+6"


@pytest.mark.fault(104)
def test_a_version_file_that_git_does_not_know_is_reported(repo: Repo) -> None:
    """A file that is ignored, or new, is raised, and that git does not have it is a warning."""
    repo.write(".gitignore", "core/\n")
    krow.checkout(repo)
    plan = kv.Workspace.open(repo.path).plan_bump("backend").products[0]
    assert [change.path for change in plan.files if change.changed] == [krow.API, krow.CORE]
    assert any(krow.CORE in warning for warning in plan.warnings)


@pytest.mark.fault(103)
def test_line_ends_are_those_on_disk(repo: Repo) -> None:
    """Whatever git converts at commit, the bytes on disk keep their CRLF."""
    repo.write(".gitattributes", "* text eol=crlf\n")
    text = krow.pubspec("0.1.0+5").replace("\n", "\r\n")
    krow.checkout(repo)
    repo.write(krow.STAFF, text)
    workspace = kv.Workspace.open(repo.path)
    workspace.apply(workspace.plan_bump(WORKER))
    assert (repo.path / krow.STAFF).read_bytes().decode() == text.replace(
        "version: 0.1.0+5 ", "version: 0.1.1+6 ", 1
    )
    repo.commit("bump")
    assert repo.git("status", "--porcelain") == ""
    assert workspace.plan_bump(WORKER).is_empty


@pytest.mark.fault(72)
def test_no_git_program_leaves_from(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git on PATH only ``--from`` gives what is in production, with a warning."""
    krow.checkout(repo)
    monkeypatch.setenv("PATH", "")
    plan = planned(repo, from_="0.1.0+5")
    assert summary(plan) == ("0.1.0+5", "from", "0.1.1+6")
    assert "builds already shipped are not counted" in plan.warnings[0]
    with pytest.raises(GitMissing):
        planned(repo)


def test_a_repository_that_git_does_not_know_is_no_plain_folder(repo: Repo) -> None:
    """A ``.git`` that git does not recognise is refused: what is in production is not known."""
    krow.checkout(repo)
    (repo.path / ".git" / "HEAD").unlink()
    with pytest.raises(Unsupported, match="does not recognise"):
        planned(repo)


def test_an_unreadable_production_tag_is_not_passed_over(repo: Repo) -> None:
    """A newer production tag whose commit is gone may be what is in production; an older one is no matter."""
    krow.checkout(repo)
    blob = repo.git("hash-object", "-w", "--stdin", stdin="no commit")
    repo.tag(f"{PROD}0.0.9", blob, annotated=False)
    assert summary(planned(repo))[1] == "tag"
    repo.tag(f"{PROD}0.2.0", blob, annotated=False)
    with pytest.raises(Conflict, match=r"prod-v0\.2\.0 cannot be read"):
        planned(repo)


@pytest.mark.fault(60)
def test_a_version_file_may_be_a_link(repo: Repo) -> None:
    """A link inside the repository is followed, on disk and in commits; the link stays."""
    repo.write(krow.WORKER, krow.pubspec("0.1.0+5"))
    link = repo.path / krow.STAFF
    link.parent.mkdir(parents=True)
    link.symlink_to("../worker/pubspec.yaml")
    repo.commit()
    repo.tag(f"{PROD}0.1.0")
    workspace = kv.Workspace.open(repo.path)
    workspace.apply(workspace.plan_bump(WORKER))
    assert link.is_symlink()
    assert (repo.path / krow.WORKER).read_text() == krow.pubspec("0.1.1+6")


def test_from_must_be_a_version(repo: Repo) -> None:
    """A bad ``--from`` is wrong usage, and ``--from`` is for one product."""
    workspace = kv.Workspace.open(krow.checkout(repo).path)
    with pytest.raises(UsageError, match=r"from_: .0\.1. is not a version"):
        workspace.plan_bump(WORKER, from_="0.1")
    with pytest.raises(PrereleaseVersion, match="from_"):
        workspace.plan_bump(WORKER, from_="0.1.0-rc.1")
    with pytest.raises(UsageError, match="one product"):
        workspace.plan_bump(WORKER, "web", from_="0.1.0")


@pytest.mark.parametrize("tags", [1, 40])
def test_git_is_asked_few_questions(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tags: int
) -> None:
    """A bump takes four processes of git, whatever the number of tags."""
    krow.checkout(repo)
    for number in range(tags):
        repo.tag(f"{krow.SLUG}/dev-v0.0.{number}")
    real = shutil.which("git")
    log = tmp_path / "log"
    spy = tmp_path / "bin" / "git"
    spy.parent.mkdir()
    spy.write_text(f'#!/bin/sh\necho "$@" >> {log}\nexec {real} "$@"\n')
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{spy.parent}:{os.environ['PATH']}")
    workspace = kv.Workspace.open(repo.path)
    workspace.apply(workspace.plan_bump(WORKER))
    assert len(log.read_text().splitlines()) <= 5
