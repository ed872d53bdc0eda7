"""A path that cannot be read is an error that names it; only a path that does not exist is absent."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from krow_versions import files
from krow_versions.errors import FileSystemError
from krow_versions.git.ref_files import require_readable_refs
from support import child, krow
from support.untouched import everything

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.repositories import Repo

NAME = "worker-mobile"
MODES = (0o000, 0o400, 0o600)
PACKAGE = '{{"name": "x", "version": "{version}"}}\n'
PATTERNS = {
    "glob": '["p*/package.json"]',
    "deep": '["**/package.json"]',
    "literal": '["p0/package.json", "p1/package.json", "p2/package.json"]',
}
WRITING = ("bump-patch", "p", "--from", "1.0.0")


def config(pattern: str) -> str:
    return f'[products.p]\nslug = "p"\nfiles = {PATTERNS[pattern]}\n'


@pytest.fixture
def packages(new_repo: Callable[[], Repo]) -> Iterator[Repo]:
    """Three packages in a repository that belongs to a user without privileges, who can enter it."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    repo = type(new_repo())(place / "repo")
    for name in ("p0", "p1", "p2"):
        repo.write(f"{name}/package.json", PACKAGE.format(version="1.0.0"))
    repo.write("krow-versions.toml", config("glob"))
    repo.commit()
    repo.tag("p/prod-v1.0.0")
    kv.Workspace.open(repo.path).audit()  # Loads what the child may not be able to read.
    child.give_away(repo.path)
    yield repo
    (repo.path / "p1").chmod(0o755)
    shutil.rmtree(place)


def versions(repo: Repo) -> dict[str, tuple[object, ...]]:
    """Every file of the working tree, with all that must stay as it is when nothing is written."""
    return {path: each for path, each in everything(repo.path).items() if "/.git" not in path}


@pytest.mark.fault(115)
@pytest.mark.skipif(not child.ROOT, reason="root may always start processes, so another user is needed")
def test_where_no_process_may_be_started_nothing_is_concluded(packages: Repo) -> None:
    """Where git cannot be started, a bump and an audit are exit 4, and nothing is written."""
    before = everything(packages.path)
    for command in (("bump-patch", "p"), ("audit",)):
        done = child.run(packages.path, *command, first=child.without_processes)
        assert (done.code, done.out, "git cannot be started" in done.err) == (4, "", True), done
    assert everything(packages.path) == before


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("mode", MODES)
def test_a_folder_without_permission_stops_a_bump(packages: Repo, mode: int, pattern: str) -> None:
    """A folder that may not be entered is an error that names it: exit 4, and no file is raised."""
    packages.write("krow-versions.toml", config(pattern))
    before = versions(packages)
    (packages.path / "p1").chmod(mode)
    done = child.run(packages.path, *WRITING, first=child.as_nobody)
    assert done.code == 4, done
    assert "p1: cannot be " in done.err
    assert "Permission denied" in done.err
    assert "no such file" not in done.err
    (packages.path / "p1").chmod(0o755)
    assert versions(packages) == before


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("mode", MODES)
def test_a_folder_without_permission_is_a_finding(packages: Repo, mode: int, pattern: str) -> None:
    """An audit says that a folder cannot be entered, once, and never that its files are gone."""
    packages.write("krow-versions.toml", config(pattern))
    (packages.path / "p1").chmod(mode)
    done = child.run(packages.path, "audit", "--json", first=child.as_nobody)
    assert done.code == 1, done
    assert "not on disk" not in done.out + done.err
    assert "no such file" not in done.out + done.err
    found = findings(done.out)
    assert found.count(("KV102", "p1")) == 1
    assert "KV101" not in {code for code, _ in found}


def findings(text: str) -> list[tuple[str, str]]:
    """The code and path of each finding."""
    return [(each["code"], each["path"]) for each in json.loads(text)["findings"]]


def test_the_rest_is_audited_all_the_same(packages: Repo) -> None:
    """A folder that cannot be entered hides no fault of the others."""
    packages.write("p2/package.json", "{")
    child.give_away(packages.path)
    (packages.path / "p1").chmod(0)
    done = child.run(packages.path, "audit", "--json", first=child.as_nobody)
    assert {("KV102", "p1"), ("KV103", "p2/package.json")} <= set(findings(done.out))


def test_a_closed_folder_of_one_product_stops_no_other(packages: Repo) -> None:
    """In KROW's own catalog, a folder that may not be entered is named where it counts, and nowhere else."""
    (packages.path / "krow-versions.toml").unlink()
    for path, text in krow.files().items():
        packages.write(path, text)
    packages.write("CHANGELOG.md", "# Changes\n\n| Date | Version | Change |\n|---|---|---|\n")
    child.give_away(packages.path)
    closed = packages.path / "apps/mobile/apps/staff"
    commands = (
        ("show", "web"),
        ("bump-patch", "web", "-n"),
        ("show", "worker-mobile"),
        ("show",),
        ("config", "check"),
        ("audit", "--json"),
    )
    closed.chmod(0)
    ends = {command: child.run(packages.path, *command, first=child.as_nobody) for command in commands}
    closed.chmod(0o755)
    assert {command: done.code for command, done in ends.items()} == {
        ("show", "web"): 0,
        ("bump-patch", "web", "-n"): 0,
        ("show", "worker-mobile"): 4,
        ("show",): 4,
        ("config", "check"): 4,
        ("audit", "--json"): 1,
    }
    found = [each for each in json.loads(ends["audit", "--json"].out)["findings"] if each["product"] == NAME]
    assert ("KV102", "apps/mobile/apps/staff") in [(each["code"], each["path"]) for each in found]
    assert [each for each in found if each["code"].startswith("KV4")] == []
    assert f"ls -ld {closed}" in ends["show", "worker-mobile"].err


@pytest.mark.parametrize("folder", ["refs/tags/p", "refs/tags", "refs"])
@pytest.mark.parametrize("command", [("show",), ("audit",), ("history", "p"), ("bump-patch", "p", "-n")])
def test_refs_that_cannot_be_listed_are_not_none(
    packages: Repo, command: tuple[str, ...], folder: str
) -> None:
    """Git ignores folders of refs that it cannot open: without tags, there would be no findings."""
    closed = packages.path / ".git" / folder
    closed.chmod(0)
    done = child.run(packages.path, *command, first=child.as_nobody)
    closed.chmod(0o755)
    if folder == "refs":  # Then git takes it for no repository, which is said otherwise.
        assert done.code != 0, done
    else:
        assert (done.code, done.out) == (4, ""), done
        assert f"{folder}: cannot be listed" in done.err
    assert child.run(packages.path, *command, first=child.as_nobody).code in {0, 1}


def test_links_among_the_refs_are_not_followed_far(packages: Repo) -> None:
    """A link to a folder is listed, but links in it are not followed: they may lead in a circle."""
    heads = packages.path / ".git/refs/heads"
    for name, target in (("a", ".."), ("b", ".."), ("top", "/")):
        (heads / name).symlink_to(target)
    require_readable_refs(str(packages.path / ".git"))
    assert child.run(packages.path, "show", first=child.as_nobody).code == 0


def test_a_link_to_itself_among_the_refs_is_not_none(packages: Repo) -> None:
    """Git does not report a folder of refs that is a link to itself."""
    tags = packages.path / ".git/refs/tags"
    (tags / "p").rename(tags / "elsewhere")
    (tags / "p").symlink_to("p")
    done = child.run(packages.path, "show", first=child.as_nobody)
    assert (done.code, "refs/tags/p: cannot be looked at" in done.err) == (4, True), done


@pytest.mark.parametrize("command", [("show",), ("products",), ("config", "check"), ("show", "p")])
def test_other_commands_say_it_too(packages: Repo, command: tuple[str, ...]) -> None:
    """No command ignores a folder that cannot be entered."""
    (packages.path / "p1").chmod(0)
    done = child.run(packages.path, *command, first=child.as_nobody)
    assert done.code == 4, done
    assert "p1: cannot be " in done.err


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE, errno.ELOOP, errno.ENAMETOOLONG])
@pytest.mark.parametrize("path", ["p1", "p1/package.json"])
def test_a_failing_status_is_no_absence(packages: Repo, path: str, code: int, pattern: str) -> None:
    """On any error of a disk but 'does not exist', a bump refuses, and an audit reports it."""
    packages.write("krow-versions.toml", config(pattern))
    before = versions(packages)
    fault = child.failing(packages.path / path, code)
    done = child.run(packages.path, *WRITING, first=fault)
    assert done.code == 4, done
    assert "p1" in done.err
    assert os.strerror(code) in done.err
    assert versions(packages) == before
    done = child.run(packages.path, "audit", "--json", first=child.failing(packages.path / path, code))
    assert done.code == 1, done
    assert "not on disk" not in done.out + done.err
    assert "KV102" in {code for code, _ in findings(done.out)}


@pytest.mark.parametrize("name", ["krow-versions.toml", "pyproject.toml"])
def test_a_configuration_that_cannot_be_looked_at_is_no_absence(packages: Repo, name: str) -> None:
    """A configuration that cannot be looked at or read is an error: it may be the one in force."""
    (packages.path / "krow-versions.toml").unlink()
    packages.write(name, config("glob").replace("[", "[tool.krow-versions.", 1))
    for fault in (child.failing(packages.path / name), child.as_nobody):
        (packages.path / name).chmod(0)
        done = child.run(packages.path / "p0", "show", first=fault)
        assert done.code in {2, 4}, done
        assert name in done.err


def test_a_closed_folder_of_the_built_in_catalog_is_an_error(packages: Repo) -> None:
    """Without a configuration, a folder of KROW's own catalog that cannot be entered is an error."""
    (packages.path / "krow-versions.toml").unlink()
    packages.write("backend/api/package.json", PACKAGE.format(version="1.0.0"))
    child.give_away(packages.path)
    (packages.path / "backend/api").chmod(0)
    done = child.run(packages.path, "bump-patch", "backend", "--from", "1.0.0", first=child.as_nobody)
    (packages.path / "backend/api").chmod(0o755)
    assert done.code == 4, done
    assert "backend/api: cannot be " in done.err


@pytest.mark.parametrize("mode", MODES)
def test_init_skips_nothing(packages: Repo, mode: int) -> None:
    """``init`` proposes nothing while there is a folder, or a file, that it cannot read."""
    (packages.path / "krow-versions.toml").unlink()
    for path in ("p1", "p1/package.json"):
        (packages.path / path).chmod(mode & 0o200 if "/" in path else mode)
        done = child.run(packages.path, "init", first=child.as_nobody)
        (packages.path / "p1").chmod(0o755)
        assert done.code == 4, done
        assert "p1" in done.err
        assert not (packages.path / "krow-versions.toml").exists()


def test_records_that_cannot_be_read_are_no_absence(packages: Repo) -> None:
    """A folder of hotfix records that may not be entered is an error, not a hotfix without record."""
    folder = packages.path / ".git/krow-versions/hotfix"
    folder.mkdir(parents=True)
    (folder / "p-v1.0.1.toml").write_text("x")
    child.give_away(packages.path)
    for mode in MODES:
        folder.chmod(mode)
        done = child.run(packages.path, "hotfix", "list", first=child.as_nobody)
        folder.chmod(0o755)
        assert done.code == 4, (mode, done)
        assert "hotfix" in done.err


def test_a_kept_configuration_that_cannot_be_read_is_no_absence(packages: Repo) -> None:
    """A saved configuration that cannot be read is an error; KROW's catalog does not replace it."""
    folder = packages.path / ".git/krow-versions/hotfix"
    folder.mkdir(parents=True)
    (folder / "p-v1.0.1.config.toml").write_text(f"# refs/heads/main .\n{config('glob')}")
    (packages.path / "krow-versions.toml").unlink()
    child.give_away(packages.path)
    assert child.run(packages.path, "products", first=child.as_nobody).code == 0
    for path in (folder, folder / "p-v1.0.1.config.toml"):
        path.chmod(0)
        done = child.run(packages.path, "products", first=child.as_nobody)
        path.chmod(0o755)
        assert done.code == 4, done
        assert "hotfix" in done.err


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO, errno.ELOOP, errno.ENAMETOOLONG])
@pytest.mark.parametrize("look", [files.exists, files.find])
def test_only_what_does_not_exist_is_absent(
    tmp_path: Path, code: int, look: Callable[[str, str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """ENOENT and ENOTDIR mean that nothing is there; every other error is raised, with its path."""
    (tmp_path / "file").touch()
    assert not look(str(tmp_path), "nothing")
    assert not look(str(tmp_path), "file/x")
    with monkeypatch.context() as patch:
        real = os.lstat

        def lstat(path: str) -> os.stat_result:
            if path == str(tmp_path / "file"):
                raise OSError(code, os.strerror(code))
            return real(path)

        patch.setattr(os, "lstat", lstat)
        with pytest.raises(FileSystemError, match="cannot be ") as caught:
            look(str(tmp_path), "file")
    assert caught.value.hint


def test_a_link_that_cannot_be_followed_is_no_absence(packages: Repo) -> None:
    """A link to a folder that may not be entered is an error that names the link, whatever the pattern."""
    packages.write("p0/sub/package.json", PACKAGE.format(version="1.0.0"))
    packages.write("closed/sub/package.json", PACKAGE.format(version="1.0.0"))
    (packages.path / "p1/sub").symlink_to("../closed/sub")
    child.give_away(packages.path)
    for pattern in ("p*/sub/package.json", "p1/sub/package.json", "p1/sub/*.json"):
        packages.write("krow-versions.toml", f'[products.p]\nslug = "p"\nfiles = ["{pattern}"]\n')
        before = versions(packages)
        (packages.path / "closed").chmod(0)
        done = child.run(packages.path, *WRITING, first=child.as_nobody)
        (packages.path / "closed").chmod(0o755)
        assert done.code == 4, (pattern, done)
        assert "p1/sub" in done.err
        assert "Permission denied" in done.err
        assert versions(packages) == before
