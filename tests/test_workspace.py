"""Workspaces in real repositories: what is seen, what a plan says, and what applying it writes."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import krow_versions as kv
from krow_versions.errors import (
    AmbiguousVersion,
    ConcurrentEdit,
    Conflict,
    FileFormatError,
    Problems,
    UsageError,
    members,
)
from support import krow

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.repositories import Repo

PRODUCTS = ("worker-mobile", "client-mobile", "web", "backend")
BEFORE = krow.files()
AFTER = krow.files(worker="0.1.1+6", client="0.2.4+18", web="1.4.1", api="0.3.2")


def put(repo: Repo, texts: dict[str, str]) -> None:
    for path, text in texts.items():
        repo.write(path, text)


def held(repo: Repo) -> dict[str, str]:
    return {path: (repo.path / path).read_bytes().decode() for path in AFTER}


def open_at(repo: Repo) -> kv.Workspace:
    return kv.Workspace.open(repo.path)


@pytest.mark.fault(51)
@settings(max_examples=20)
@given(st.sets(st.sampled_from(sorted(BEFORE))), st.permutations(PRODUCTS), st.data())
def test_any_mix_of_bumped_files_converges(
    new_repo: Callable[[], Repo], done: set[str], order: list[str], data: st.DataObject
) -> None:
    """Half-bumped files, committed or not, in any order of products, end in the bytes of a whole run."""
    repo = krow.checkout(new_repo())
    put(repo, {path: AFTER[path] for path in done})
    if data.draw(st.booleans()):
        repo.commit("chore: half of the bump")
    workspace = open_at(repo)
    workspace.apply(workspace.plan_bump(*order))
    assert held(repo) == AFTER
    again = workspace.plan_bump(*order)
    assert again.is_empty
    assert workspace.apply(again).changes == ()


@settings(max_examples=10)
@given(st.permutations(PRODUCTS))
def test_products_one_by_one_or_together_are_the_same(new_repo: Callable[[], Repo], order: list[str]) -> None:
    """Bumping products in calls of their own writes what one plan over all of them writes."""
    repo = krow.checkout(new_repo())
    workspace = open_at(repo)
    for name in order:
        workspace.apply(workspace.plan_bump(name))
    assert held(repo) == AFTER


@pytest.mark.fault(50)
def test_a_second_run_touches_nothing(repo: Repo) -> None:
    """After a bump the files are not written again: their times and inodes stay."""
    workspace = open_at(krow.checkout(repo))
    workspace.apply(workspace.plan_bump(*PRODUCTS))
    before = {path: (repo.path / path).stat() for path in AFTER}
    workspace.apply(workspace.plan_bump(*PRODUCTS))
    after = {path: (repo.path / path).stat() for path in AFTER}
    for path in AFTER:
        assert (before[path].st_ino, before[path].st_mtime_ns) == (
            after[path].st_ino,
            after[path].st_mtime_ns,
        )


def test_a_plan_writes_nothing(repo: Repo) -> None:
    """Planning, printing and diffing leave every file, the index and the refs as they were."""
    krow.checkout(repo)
    state = krow.contents(repo.path), repo.git("for-each-ref"), repo.git("status", "--porcelain")
    plan = open_at(repo).plan_bump(*PRODUCTS)
    assert str(plan)
    assert plan.diff()
    assert (krow.contents(repo.path), repo.git("for-each-ref"), repo.git("status", "--porcelain")) == state


@pytest.mark.fault(106)
def test_one_broken_file_stops_every_product(repo: Repo) -> None:
    """Every problem of every product is reported at once, with its file, and nothing is written."""
    krow.checkout(repo)
    repo.write(krow.WEB, '{"version": "1.4.0", "version": "1.4.0"}')
    repo.write(krow.CLIENT, "version: [")
    before = krow.contents(repo.path)
    with pytest.raises(Problems) as caught:
        open_at(repo).plan_bump(*PRODUCTS)
    assert [(type(error), error.path) for error in members(caught.value)] == [
        (FileFormatError, krow.CLIENT),
        (AmbiguousVersion, krow.WEB),
    ]
    assert krow.contents(repo.path) == before


@pytest.mark.fault(67)
def test_a_file_changed_after_the_plan_is_not_overwritten(repo: Repo) -> None:
    """An edit of a file between plan and apply wins, and no other file is written."""
    workspace = open_at(krow.checkout(repo))
    plan = workspace.plan_bump("web", "backend")
    repo.write(krow.WEB_LOCK, BEFORE[krow.WEB_LOCK] + "\n")
    before = krow.contents(repo.path)
    with pytest.raises(ConcurrentEdit) as caught:
        workspace.apply(plan)
    assert caught.value.path == krow.WEB_LOCK
    assert krow.contents(repo.path) == before


@pytest.mark.fault(3, 6, 8, 59)
def test_bytes_and_mode_are_kept(repo: Repo) -> None:
    """BOM, CRLF, a missing final newline and the mode survive a bump."""
    old = b"\xef\xbb\xbfname: x\r\nversion:  '0.1.0+5'\t# keep\r\nlast: 1"
    krow.checkout(repo)
    file = repo.write(krow.STAFF, old)
    file.chmod(0o755)
    workspace = open_at(repo)
    workspace.apply(workspace.plan_bump("worker-mobile"))
    assert file.read_bytes() == old.replace(b"0.1.0+5", b"0.1.1+6")
    assert stat.S_IMODE(file.stat().st_mode) == 0o755


@pytest.mark.fault(31)
def test_lock_files_come_with_their_package(repo: Repo) -> None:
    """A lock or shrinkwrap beside a package.json is part of the change; none is created."""
    krow.checkout(repo)
    shrinkwrap = "backend/core/npm-shrinkwrap.json"
    repo.write(shrinkwrap, '{"version": "0.3.1", "lockfileVersion": 1}')
    plan = open_at(repo).plan_bump("web", "backend")
    paths = [change.path for change in plan.changes]
    assert paths == [krow.WEB_LOCK, krow.WEB, krow.API, shrinkwrap, krow.CORE]


@pytest.mark.fault(31)
def test_a_lock_out_of_step_is_a_conflict(repo: Repo) -> None:
    """A lock at another version is refused, with the command that corrects it."""
    krow.checkout(repo)
    repo.write(krow.WEB_LOCK, krow.lock("1.3.9"))
    with pytest.raises(Conflict, match="npm install --package-lock-only") as caught:
        open_at(repo).plan_bump("web")
    assert caught.value.path == krow.WEB_LOCK


@pytest.mark.fault(49)
@pytest.mark.parametrize("version", ["0.2.0+6", "1.0.0+6", "0.1.2+7", "0.0.9+4", "0.1.1-rc.1+6"])
def test_drift_is_a_conflict(repo: Repo, version: str) -> None:
    """A file past production by more than a PATCH, or behind it, is refused."""
    krow.checkout(repo)
    repo.write(krow.STAFF, krow.pubspec(version))
    with pytest.raises(Conflict) as caught:
        open_at(repo).plan_bump("worker-mobile")
    assert (caught.value.path, caught.value.line) == (krow.STAFF, 3)
    assert version in str(caught.value)


@pytest.mark.fault(51)
def test_files_of_one_product_that_disagree_are_refused(repo: Repo) -> None:
    """Before the first tag, files at different versions are reported, both with their path."""
    krow.checkout(repo, tagged=False)
    repo.write(krow.API, krow.package("0.3.0"))
    repo.commit("chore: oops")
    with pytest.raises(Conflict, match=f"{krow.API} is 0.3.0, {krow.CORE} is 0.3.1"):
        open_at(repo).plan_bump("backend")


def test_staff_is_taken_before_worker(repo: Repo) -> None:
    """The worker app lives in ``staff``, or in ``worker`` where only that exists."""
    krow.checkout(repo)
    repo.write(krow.WORKER, krow.pubspec("0.1.0+5"))
    assert [file.path for file in open_at(repo)["staff-mobile"].files] == [krow.STAFF]
    (repo.path / krow.STAFF).unlink()
    assert [file.path for file in open_at(repo)["staff-mobile"].files] == [krow.WORKER]


def test_an_absent_product_is_not_there(repo: Repo) -> None:
    """A product without files is not listed, and asking for it says which files were looked for."""
    repo.write(krow.WEB, krow.package("1.4.0"))
    workspace = open_at(repo)
    assert list(workspace) == ["web"]
    with pytest.raises(UsageError, match="worker-mobile is not in this workspace") as caught:
        workspace.plan_bump("worker-mobile")
    assert krow.STAFF in str(caught.value)


@pytest.mark.parametrize(
    ("name", "meant"), [("web-", "web"), ("worker mobil", "worker-mobile"), ("stafmobile", "staff-mobile")]
)
def test_an_unknown_product_names_the_nearest(repo: Repo, name: str, meant: str) -> None:
    """A misspelled name is answered with the probable one."""
    with pytest.raises(UsageError, match=f"did you mean {meant}"):
        open_at(krow.checkout(repo)).plan_bump(name)


@pytest.mark.parametrize("name", ["worker-mobile", "Worker Mobile", "staff-mobile", "STAFF_MOBILE"])
def test_a_product_answers_to_its_names(repo: Repo, name: str) -> None:
    """Name, title and alias, in any case, are one product."""
    assert open_at(krow.checkout(repo))[name].name == "worker-mobile"


def test_a_product_shows_itself(repo: Repo) -> None:
    """The view of a product gives version, files, CHANGELOG and baseline."""
    krow.checkout(repo)
    repo.write("apps/web/CHANGELOG.md", "# Changelog\n")
    repo.write("CHANGELOG.md", "# Changelog\n")
    workspace = open_at(repo)
    assert str(workspace["worker-mobile"].version) == "0.1.0+5"
    assert workspace["web"].changelog == "apps/web/CHANGELOG.md"
    assert workspace["worker-mobile"].changelog == "CHANGELOG.md"
    assert workspace["web"].baseline.revision == "krow-withus-web/prod-v1.4.0"
    assert workspace["web"].paths == (krow.WEB_LOCK, krow.WEB)


def test_no_workspace_says_what_was_looked_for(tmp_path: Path) -> None:
    """An empty folder, a repository without products, and no folder at all are wrong usage."""
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(UsageError, match=r"hint: (name a folder|open a KROW)"):
            kv.Workspace.open(folder)


def test_a_workspace_can_be_made_from_parts(repo: Repo) -> None:
    """Another tool names products and repositories itself."""
    repo.write("VERSION", "1.0.0\n")
    repo.write("app.gradle", 'versionName "1.0.0" // krow-versions\nversionCode 7\n')
    product = kv.Product(
        "tool", "tool", (kv.VersionFile("VERSION"), kv.VersionFile("*.gradle", format="text"))
    )
    workspace = kv.Workspace(kv.Catalog((product,)), {".": str(repo.path)})
    workspace.apply(workspace.plan_bump("tool", from_="1.0.0"))
    assert (repo.path / "VERSION").read_text() == "1.0.1\n"
    assert (repo.path / "app.gradle").read_text() == 'versionName "1.0.1" // krow-versions\nversionCode 7\n'


@pytest.mark.fault(116)
def test_two_versions_in_one_file_are_both_raised(repo: Repo) -> None:
    """Products, or version files of one product, may meet in one file by their keys: no edit is lost."""
    repo.write("v.json", '{"web": "1.0.0", "api": "1.0.0"}')
    web, api = (kv.VersionFile("v.json", format="json", key=key) for key in ("web", "api"))
    for products in (
        (kv.Product("web", "web", (web,)), kv.Product("api", "api", (api,))),
        (kv.Product("web", "web", (web, api)),),
    ):
        repo.write("v.json", '{"web": "1.0.0", "api": "1.0.0"}')
        repo.commit()
        workspace = kv.Workspace(kv.Catalog(products), {".": str(repo.path)})
        workspace.apply(workspace.plan_bump(*workspace))
        assert (repo.path / "v.json").read_text() == '{"web": "1.0.1", "api": "1.0.1"}'


def test_a_hotfix_is_found_from_python(repo: Repo) -> None:
    """``workspace.hotfix`` gives the one under way, by name or alias, and says where it stands."""
    krow.checkout(repo)
    repo.git("switch", "--quiet", "--create", f"hotfix/{krow.SLUG}-v0.1.1")
    workspace = kv.Workspace.open(repo.path)
    found = workspace.hotfix("staff-mobile")
    assert (found.name, str(found.version)) == ("worker-mobile", "0.1.1")
    assert found.status().next is not None
    assert workspace.hotfix("worker-mobile", "0.1.1") == found
    with pytest.raises(kv.UsageError, match="is not a version"):
        workspace.hotfix("worker-mobile", "0.1")
    with pytest.raises(kv.Conflict, match="no hotfix of web is under way"):
        workspace.hotfix("web")
