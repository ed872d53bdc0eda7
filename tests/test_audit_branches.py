"""The checks of hotfix branches: each finds its own fault, and correct work has no findings."""

from __future__ import annotations

import datetime as dt
import shlex
from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from support import krow
from support.audits import HEADER
from support.audits import released as clean

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.repositories import Repo

NOW = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
SLUG = "krow-withus-web"
BRANCH = f"hotfix/{SLUG}-v1.4.1"
TAG = f"{SLUG}/prod-v1.4.0"
LOG = "apps/web/CHANGELOG.md"


def work(repo: Repo, branch: str, start: str = TAG, *, commits: int = 1) -> None:
    """Put commits on a new branch, and go back to main."""
    repo.git("switch", "--quiet", "--create", branch, start)
    for number in range(commits):
        repo.commit(f"fix: crash {number}")
    repo.git("switch", "--quiet", "main")


def ship(repo: Repo, version: str = "1.4.1") -> None:
    """Commit a version of web, with its row, and tag it in production."""
    repo.write(krow.WEB, krow.package(version))
    repo.write(krow.WEB_LOCK, krow.lock(version))
    log = (repo.path / LOG).read_text()
    repo.write(LOG, log.replace(HEADER, f"{HEADER}| 2026-01-01 | {version} | More |\n"))
    repo.commit(f"chore: {version}")
    repo.tag(f"{SLUG}/prod-v{version}")


def found(repo: Repo, now: dt.datetime = NOW) -> list[tuple[str, str | None, str]]:
    """Code, product and subject of every finding."""
    findings = kv.Workspace.open(repo.path).audit(now=now).findings
    return [(each.code, each.product, each.about) for each in findings]


def hint(repo: Repo) -> str:
    (finding,) = kv.Workspace.open(repo.path).audit(now=NOW).findings
    return finding.hint


# --- one fault, one finding -------------------------------------------------------------------


def no_version(repo: Repo) -> str:
    work(repo, f"hotfix/{SLUG}-login")
    return f"hotfix/{SLUG}-login"


def two_numbers(repo: Repo) -> str:
    work(repo, f"hotfix/{SLUG}-v1.4")
    return f"hotfix/{SLUG}-v1.4"


def pre_release(repo: Repo) -> str:
    work(repo, f"{BRANCH}-login")
    return f"{BRANCH}-login"


def build(repo: Repo) -> str:
    work(repo, f"{BRANCH}+7")
    return f"{BRANCH}+7"


def from_main(repo: Repo) -> str:
    repo.commit("feat: not in production")
    work(repo, BRANCH, "main")
    return BRANCH


def with_main_merged(repo: Repo) -> str:
    work(repo, BRANCH)
    repo.commit("feat: not in production")
    repo.git("switch", "--quiet", BRANCH)
    repo.git("merge", "--quiet", "--no-edit", "main")
    repo.git("switch", "--quiet", "main")
    return BRANCH


def from_an_older_release(repo: Repo) -> str:
    ship(repo)
    work(repo, f"hotfix/{SLUG}-v1.4.2")
    return f"hotfix/{SLUG}-v1.4.2"


def patch_left_out(repo: Repo) -> str:
    work(repo, f"hotfix/{SLUG}-v1.4.2")
    return f"hotfix/{SLUG}-v1.4.2"


def minor(repo: Repo) -> str:
    work(repo, f"hotfix/{SLUG}-v1.5.0")
    return f"hotfix/{SLUG}-v1.5.0"


def without_a_release(repo: Repo) -> str:
    repo.git("switch", "--quiet", "--orphan", BRANCH)
    repo.commit("fix: crash")
    repo.git("switch", "--quiet", "main")
    return BRANCH


def taken(repo: Repo) -> str:
    work(repo, BRANCH)
    ship(repo)
    return BRANCH


def taken_and_gone_on(repo: Repo) -> str:
    ship(repo)
    work(repo, BRANCH, f"{SLUG}/prod-v1.4.1")
    return BRANCH


def taken_by_a_squash_on_a_tag_only(repo: Repo) -> str:
    """The release is on no branch."""
    work(repo, BRANCH)
    repo.git("switch", "--quiet", "--detach", TAG)
    repo.write(krow.WEB, krow.package("1.4.1"))
    repo.commit("fix: crash")
    repo.tag(f"{SLUG}/staging-v1.4.1")
    repo.git("tag", "--annotate", "--message=x", f"{SLUG}/prod-v1.4.1")
    repo.git("switch", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-edit", f"{SLUG}/prod-v1.4.1", "--no-ff", "--message=merge")
    repo.write(krow.WEB_LOCK, krow.lock("1.4.1"))
    repo.write(LOG, f"{HEADER}| 2026-01-01 | 1.4.1 | More |\n")
    repo.commit()
    return BRANCH


def reserved_twice(repo: Repo) -> str:
    work(repo, BRANCH)
    work(repo, f"{BRANCH}-login")
    return "1.4.1"


FAULTS = [
    (no_version, "KV501"),
    (two_numbers, "KV501"),
    (pre_release, "KV501"),
    (build, "KV501"),
    (from_main, "KV502"),
    (with_main_merged, "KV502"),
    (from_an_older_release, "KV502"),
    (patch_left_out, "KV502"),
    (minor, "KV502"),
    (without_a_release, "KV502"),
    (taken, "KV503"),
    (taken_and_gone_on, "KV503"),
    (taken_by_a_squash_on_a_tag_only, "KV503"),
    (reserved_twice, "KV504"),
]


@pytest.mark.parametrize(("seed", "code"), FAULTS, ids=lambda value: getattr(value, "__name__", value))
def test_a_fault_is_found_once(repo: Repo, seed: Callable[[Repo], str], code: str) -> None:
    """Each fault gives exactly the finding that names the branch."""
    about = seed(clean(repo))
    assert found(repo) == [(code, "web", about)]


@pytest.mark.parametrize(("seed", "code"), FAULTS, ids=lambda value: getattr(value, "__name__", value))
def test_a_branch_and_its_remote_are_one(
    repo: Repo, tmp_path: Path, seed: Callable[[Repo], str], code: str
) -> None:
    """A remote branch is reported as remote; a branch that is local too is reported once."""
    about = seed(clean(repo))
    clone = repo.clone(tmp_path / "clone")
    assert found(clone) == [(code, "web", about if code == "KV504" else f"origin/{about}")]
    for ref in clone.git("for-each-ref", "--format=%(refname)", "refs/remotes/origin/hotfix").split():
        clone.git("branch", "--no-track", ref.removeprefix("refs/remotes/origin/"), ref)
    assert found(clone) == [(code, "web", about)]


def test_a_name_of_no_product_is_found(repo: Repo) -> None:
    """A stray among the hotfixes belongs to no product; its remote counterpart is the same one."""
    clean(repo)
    for name in ("hotfix/login", "hotfix/krow-withus-website-v1.0.0", f"hotfix/{SLUG}site"):
        work(repo, name)
    assert sorted(found(repo)) == [
        ("KV501", None, f"hotfix/{SLUG}site"),
        ("KV501", None, "hotfix/krow-withus-website-v1.0.0"),
        ("KV501", None, "hotfix/login"),
    ]


def test_a_stray_and_its_remote_are_one(repo: Repo, tmp_path: Path) -> None:
    """A branch that is local and on the remote is reported once."""
    work(clean(repo), "hotfix/login")
    clone = repo.clone(tmp_path / "clone")
    assert found(clone) == [("KV501", None, "origin/hotfix/login")]
    clone.git("branch", "--no-track", "hotfix/login", "origin/hotfix/login")
    assert found(clone) == [("KV501", None, "hotfix/login")]


def test_a_stray_of_one_repository_is_found_once(repo: Repo, tmp_path: Path) -> None:
    """Folders of one repository, and its linked worktrees, may be configured as several."""
    for folder in ("one", "two"):
        repo.write(f"{folder}/package.json", krow.package("1.0.0"))
    repo.commit()
    repo.git("branch", "hotfix/login")
    repo.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    (tmp_path / "krow-versions.toml").write_text(
        '[repos]\none = "repo/one"\ntwo = "repo/two"\nlinked = "linked"\n'
        '[products.web]\nrepo = "one"\nfiles = ["package.json"]\n'
        '[products.backend]\nrepo = "two"\nfiles = ["package.json"]\n'
        '[products.client-mobile]\nrepo = "linked"\nfiles = ["one/package.json"]\n'
    )
    findings = kv.Workspace.open(tmp_path).audit(now=NOW).findings
    assert [(each.repo, each.about) for each in findings if each.code == "KV501"] == [("one", "hotfix/login")]


def test_a_branch_that_has_diverged_is_found(repo: Repo, tmp_path: Path) -> None:
    """Local and remote branch each have commits that the other lacks; ahead or behind is no finding."""
    work(clean(repo), BRANCH, commits=2)
    clone = repo.clone(tmp_path / "clone")
    clone.git("branch", "--no-track", BRANCH, f"origin/{BRANCH}~1")
    assert found(clone) == []
    clone.git("switch", "--quiet", BRANCH)
    clone.commit("fix: otherwise")
    clone.git("switch", "--quiet", "main")
    (finding,) = kv.Workspace.open(clone.path).audit(now=NOW).findings
    assert (finding.code, finding.about) == ("KV504", BRANCH)
    assert f"'{BRANCH}' and 'origin/{BRANCH}' have diverged" in finding.message
    clone.git("branch", "--force", BRANCH, f"origin/{BRANCH}")
    clone.git("switch", "--quiet", BRANCH)
    clone.commit("fix: more")
    assert found(clone) == []


def test_a_stale_branch_is_found(repo: Repo) -> None:
    """A branch without a commit for longer than is set is noted; on the last day it is not."""
    work(clean(repo), BRANCH)
    last = dt.datetime.fromisoformat(repo.git("log", "-1", "--format=%cI", BRANCH))
    assert found(repo, last + dt.timedelta(days=14)) == []
    late = last + dt.timedelta(days=14, seconds=1)
    assert found(repo, late) == [("KV505", "web", BRANCH)]
    (finding,) = kv.Workspace.open(repo.path).audit(now=late).findings
    assert finding.severity == "note"
    repo.git("merge", "--quiet", "--ff-only", BRANCH)
    assert found(repo, late) == []


# --- no fault, no finding ---------------------------------------------------------------------


def under_way(repo: Repo) -> None:
    work(repo, BRANCH)
    repo.commit("feat: main goes on")


def just_started(repo: Repo) -> None:
    repo.git("switch", "--quiet", "--create", BRANCH, TAG)


def merged(repo: Repo) -> None:
    work(repo, BRANCH)
    repo.git("merge", "--quiet", "--ff-only", BRANCH)


def finished(repo: Repo) -> None:
    repo.git("switch", "--quiet", "--create", BRANCH)
    ship(repo)
    repo.git("switch", "--quiet", "main")
    repo.git("merge", "--quiet", "--ff-only", BRANCH)
    repo.commit("feat: main goes on")


def finished_by_a_merge(repo: Repo) -> None:
    repo.git("switch", "--quiet", "--create", BRANCH)
    repo.commit("fix: crash")
    repo.git("switch", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-ff", "--message=merge", BRANCH)
    ship(repo)


def finished_before_main_has_it(repo: Repo) -> None:
    """Tagged, but not merged: the finding is about the tag, not the branch."""
    repo.commit("feat: main goes on")
    repo.git("switch", "--quiet", "--create", BRANCH, TAG)
    ship(repo)


def older_line(repo: Repo) -> None:
    repo.commit("feat: more")
    ship(repo, "1.5.0")
    work(repo, BRANCH)
    work(repo, f"hotfix/{SLUG}-v1.5.1", f"{SLUG}/prod-v1.5.0")


def other_products(repo: Repo) -> None:
    work(repo, "hotfix/krow-withus-backend-v0.3.2", "main")
    work(repo, "hotfix/krow-withus-client-mobile-v0.2.4", "main")
    work(repo, "feature/hotfix-login", "main")
    work(repo, "hotfixes/login", "main")


@pytest.mark.parametrize(
    "seed", [under_way, just_started, merged, finished, finished_by_a_merge, older_line, other_products]
)
def test_no_fault_is_silent(repo: Repo, seed: Callable[[Repo], None]) -> None:
    """Correct hotfixes, and their finished branches, have no findings, not even notes."""
    seed(clean(repo))
    assert found(repo) == []


def test_a_finished_branch_is_silent_before_main_has_it(repo: Repo) -> None:
    """Tagged, but not merged: the only finding is about the tag."""
    finished_before_main_has_it(clean(repo))
    assert [(code, about) for code, _, about in found(repo)] == [("KV204", f"{SLUG}/prod-v1.4.1")]


def test_a_branch_that_shipped_under_another_commit_is_finished(repo: Repo) -> None:
    """The server squashed it, and the squash is tagged: what the branch had is in its release."""
    clean(repo)
    repo.git("switch", "--quiet", "--create", BRANCH, TAG)
    repo.write("apps/web/login.ts", "login();\n")
    repo.commit("fix: crash")
    repo.git("switch", "--quiet", "main")
    assert found(repo) == []
    repo.git("merge", "--squash", BRANCH)
    ship(repo)
    assert found(repo) == []
    repo.git("switch", "--quiet", BRANCH)
    repo.write("apps/web/logout.ts", "logout();\n")
    repo.commit("fix: more")
    repo.git("switch", "--quiet", "main")
    assert found(repo) == [("KV503", "web", BRANCH)]


def test_a_finished_branch_reserves_nothing(repo: Repo) -> None:
    """Beside the branch of a release that is out, another one of its version is misnamed at most."""
    finished(clean(repo))
    work(repo, f"{BRANCH}-login", f"{SLUG}/prod-v1.4.0")
    assert found(repo) == [("KV501", "web", f"{BRANCH}-login")]


def test_a_shallow_clone_has_no_findings_about_starts(repo: Repo, tmp_path: Path) -> None:
    """In a shallow clone nothing is reported about where a branch was started, or what contains it."""
    work(clean(repo), BRANCH, commits=3)
    clone = repo.clone(tmp_path / "clone", "--depth=1", "--no-single-branch")
    assert not [each for each in found(clone) if each[0].startswith("KV5")]


def test_branches_outside_a_folder_are_left_alone(repo: Repo) -> None:
    """With a pattern without a folder, only what is called like a hotfix is one."""
    repo.write(
        "krow-versions.toml",
        '[products.web]\nslug = "web"\nfiles = ["package.json"]\n'
        '[hotfix]\nbranch = "{slug}-hotfix-v{version}"\n',
    )
    repo.write("package.json", krow.package("1.4.0"))
    repo.write("CHANGELOG.md", f"{HEADER}| 2026-01-01 | 1.4.0 | First |\n")
    repo.commit()
    repo.tag("web/prod-v1.4.0")
    for name in ("website", "web-login", "web", "web-hotfixes", "web-hotfix-v1.4.1"):
        work(repo, name, "web/prod-v1.4.0")
    assert found(repo) == []
    work(repo, "web-hotfix-vlogin", "main")
    assert found(repo) == [("KV501", "web", "web-hotfix-vlogin")]


def test_a_branch_below_the_name_of_main_is_no_hotfix(repo: Repo) -> None:
    """Git lists ``main/x`` for ``main``; it is another branch."""
    clean(repo)
    repo.git("switch", "--quiet", "--create", "work")
    repo.git("branch", "--delete", "--force", "main")
    repo.git("branch", "main/old")
    assert {code for code, _, _ in found(repo)} == {"KV003"}


def test_hints_can_be_typed(repo: Repo) -> None:
    """The name of a branch does nothing in the shell that a hint is pasted into."""
    name = f"hotfix/{SLUG}-$(touch${{IFS}}x);'"
    work(clean(repo), name)
    command = hint(repo).removeprefix("rename it: ").removesuffix("; or delete it")
    assert shlex.split(command) == ["git", "branch", "-m", name, BRANCH]
    repo.git(*shlex.split(command)[1:])
    assert found(repo) == []


@pytest.mark.parametrize("remote", ["origin", "upstream", "team/server"])
def test_the_only_remote_is_where_main_is(repo: Repo, tmp_path: Path, remote: str) -> None:
    """A clone knows main from its only remote, whatever that is called; of two others, neither is taken."""
    clean(repo).git("branch", "--move", "develop")
    repo.git("branch", "next")
    copy = repo.clone(tmp_path / "copy", f"--origin={remote}")
    copy.git("switch", "--quiet", "--create", "feature")
    copy.git("branch", "--delete", "develop")
    assert found(copy) == []
    copy.git("branch", "other")  # The only branch would be main.
    copy.git("remote", "add", "fork", repo.path.as_uri())
    copy.git("fetch", "--quiet", "fork")
    assert {code for code, _, _ in found(copy)} == (set() if remote == "origin" else {"KV003"})


def test_what_git_says_of_main_is_enough(repo: Repo, tmp_path: Path) -> None:
    """The commands that the finding names make main known to a clone that does not know it."""
    clean(repo).git("branch", "--move", "develop")
    repo.git("branch", "next")
    copy = repo.clone(tmp_path / "copy")
    copy.git("remote", "set-head", "origin", "--delete")
    copy.git("switch", "--quiet", "--create", "feature")
    finding, *_ = kv.Workspace.open(copy.path).audit(now=NOW).findings
    assert finding.code == "KV003"
    assert "git remote set-head origin --auto" in finding.hint
    copy.git("remote", "set-head", "origin", "--auto")
    assert found(copy) == []
