"""Nothing outside of the workspace is read, shown or written, whatever links are in it."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING, Any

import attrs
import pytest

import krow_versions as kv
from krow_versions import files
from krow_versions.errors import ConcurrentEdit, KrowVersionsError, OperationFailed, UnsafePath, UsageError
from support import child
from support.child import OPERATIONS
from support.untouched import everything

if TYPE_CHECKING:
    from pathlib import Path

    from support.repositories import Repo

SECRET = "hunter2-secret"
PACKAGE = '{"name": "x", "version": "1.0.0"}\n'
# Parsers of every format stop in the first line, which an error would quote.
BROKEN = f'= {{ [ "{SECRET}\n'
CONFIG = '[repos]\nx = "{folder}"\n[products.x]\nslug = "x"\nrepo = "x"\nfiles = ["package.json"]\n'
BUMP = ("bump-patch", "x", "--from", "1.0.0")
COMMANDS = (
    BUMP,
    (*BUMP, "-n"),
    ("show",),
    ("products",),
    ("audit",),
    ("audit", "--history"),
    ("history", "x"),
    ("changelog", "add", "x", "-m", "text"),
    ("changelog", "init", "x"),
    ("config", "check"),
    ("hotfix", "list"),
    ("hotfix", "start", "x", "--issue", "a", "--severity", "critical", "--impact", "b", "--no-fetch"),
)


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A folder beside the workspace that must stay as it is, and whose content may never be shown."""
    folder = tmp_path / "victim"
    (folder / "sub").mkdir(parents=True)
    for name in ("package.json", "krow-versions.toml", "pyproject.toml", "VERSION", "sub/package.json"):
        (folder / name).write_text(BROKEN)
    (folder / "CHANGELOG.md").write_text(f"| {SECRET} |\n")
    (folder / "good.json").write_text(PACKAGE)
    return folder


@pytest.fixture
def clone(repo: Repo) -> Repo:
    """A workspace as it comes from a server, with one package."""
    repo.write("real/package.json", PACKAGE)
    repo.write("krow-versions.toml", CONFIG.format(folder="real"))
    repo.commit()
    return repo


def assert_refused(folder: Path, victim: Path, *command: str, codes: tuple[int, ...] = (3,)) -> str:
    before = everything(victim)
    done = child.run(folder, *command)
    assert done.code in codes, (command, done)
    assert SECRET not in done.out + done.err, command
    assert "bug in krow-versions" not in done.err
    assert everything(victim) == before, command
    return done.err


# --- repositories -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["link", "absolute", "above", "chain", "dangling", "git"])
def test_a_repository_that_is_a_link_out_is_refused(clone: Repo, victim: Path, kind: str) -> None:
    """A repository outside of the workspace is refused by key, link and target, whatever the command."""
    folder, targets = (
        "link",
        {
            "link": "../victim",
            "absolute": str(victim),
            "chain": "second",
            "dangling": "../nowhere",
            "git": ".git/hooks",
        },
    )
    if kind == "above":
        folder, targets["above"] = "link/sub", "../victim"
    (clone.path / "second").symlink_to("../victim")
    (clone.path / "link").symlink_to(targets[kind])
    clone.write("krow-versions.toml", CONFIG.format(folder=folder))
    clone.commit()
    for command in COMMANDS:
        said = assert_refused(clone.path, victim, *command)
        assert "krow-versions.toml" in said
        assert "[repos.x]" in said
        assert f"/{folder}'" in said
        assert kind == "git" or ("nowhere" if kind == "dangling" else "victim") in said
        assert "hint: " in said


def test_a_repository_that_is_a_link_inside_is_its_real_folder(clone: Repo) -> None:
    """A link to a folder of the workspace is fine; the workspace has the real one."""
    (clone.path / "link").symlink_to("real")
    clone.write("krow-versions.toml", CONFIG.format(folder="link"))
    workspace = kv.Workspace.open(clone.path)
    assert workspace.repos == {"x": str(clone.path / "real")}
    workspace.apply(workspace.plan_bump("x", from_="1.0.0"))
    assert '"1.0.1"' in (clone.path / "real/package.json").read_text()


def test_two_names_of_one_folder_are_refused(clone: Repo) -> None:
    """A link to the folder of another repository is refused like the same path."""
    (clone.path / "link").symlink_to("real")
    text = CONFIG.format(folder="real").replace("x = ", 'y = "link"\nx = ')
    clone.write("krow-versions.toml", text)
    with pytest.raises(UsageError, match="same folder") as caught:
        kv.Workspace.open(clone.path)
    assert caught.value.key == "repos.x"


def test_a_workspace_may_be_reached_through_a_link(clone: Repo, tmp_path: Path) -> None:
    """A folder that the user names is followed, links and all: ``-C link``, ``--config link/FILE``."""
    (tmp_path / "link").symlink_to(clone.path)
    link = tmp_path / "link"
    for named in (
        ["-C", str(link)],
        ["-C", str(link / "real")],
        ["--config", str(link / "krow-versions.toml")],
    ):
        done = child.run(tmp_path, *named, *BUMP, "-n")
        assert done.code == 0, done
        assert "1.0.0 -> 1.0.1" in done.out
    assert kv.Workspace.open(link).repos == {"x": str(clone.path / "real")}


def test_a_mapping_may_name_any_folder(clone: Repo, tmp_path: Path) -> None:
    """A workspace that is made from a mapping may name any folder, and links are followed."""
    (tmp_path / "link").symlink_to(clone.path / "real")
    product = kv.Product("x", "x", (kv.VersionFile("package.json"),))
    workspace = kv.Workspace(kv.Catalog((product,)), {".": str(tmp_path / "link")})
    assert workspace.repos == {".": str(clone.path / "real")}
    workspace.apply(workspace.plan_bump("x", from_="1.0.0"))
    assert '"1.0.1"' in (clone.path / "real/package.json").read_text()


def test_a_repository_that_becomes_a_link_while_it_is_opened_is_refused(
    clone: Repo, victim: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link that replaces a repository after it was checked is not followed."""
    real, swapped = os.stat, False

    def stat(path: Any, *args: Any, **more: Any) -> os.stat_result:
        nonlocal swapped
        found = real(path, *args, **more)
        if path == str(clone.path / "real") and not swapped:
            swapped = True
            (clone.path / "real").rename(clone.path / "away")
            (clone.path / "real").symlink_to(victim)
        return found

    monkeypatch.setattr(os, "stat", stat)
    with pytest.raises(UnsafePath, match="became a link"):
        kv.Workspace.open(clone.path)
    assert swapped


# --- what is in a repository --------------------------------------------------------------------


@pytest.mark.fault(61)
@pytest.mark.parametrize(
    "path", ["package.json", "folder/package.json", "*.json", "*/package.json", "**/*.json"]
)
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_version_files_that_lead_out_are_refused(clone: Repo, victim: Path, path: str, kind: str) -> None:
    """No version file outside of its repository is read or quoted, whether a path or a pattern names it."""
    (clone.path / "real/package.json").unlink()
    if kind == "file":
        (clone.path / "real/package.json").symlink_to(victim / "package.json")
        (clone.path / "real/folder").mkdir()
        (clone.path / "real/folder/package.json").symlink_to(victim / "package.json")
    else:
        (clone.path / "real/folder").symlink_to(victim)
    clone.write("krow-versions.toml", CONFIG.format(folder="real").replace("package.json", path))
    for command in COMMANDS:
        said = assert_refused(clone.path, victim, *command, codes=(0, 1, 2, 3))
        assert "lock.json" not in said


def test_changelogs_that_lead_out_are_refused(clone: Repo, victim: Path) -> None:
    """No CHANGELOG outside of its repository is read, quoted or written."""
    (clone.path / "real/CHANGELOG.md").symlink_to(victim / "CHANGELOG.md")
    for command in (*COMMANDS, ("changelog", "show", "x")):
        assert_refused(clone.path, victim, *command, codes=(0, 1, 3, 4))
    (clone.path / "real/CHANGELOG.md").unlink()
    (clone.path / "real/docs").symlink_to(victim)
    text = CONFIG.format(folder="real") + 'changelog = "docs/NEW.md"\n'
    clone.write("krow-versions.toml", text)
    said = assert_refused(clone.path, victim, "changelog", "init", "x")
    assert "docs/NEW.md" in said


@pytest.mark.parametrize("name", ["krow-versions.toml", "pyproject.toml"])
def test_a_configuration_that_leads_out_is_refused(clone: Repo, victim: Path, name: str) -> None:
    """A configuration that is a link out is refused by name, and nothing of it is quoted."""
    (clone.path / "krow-versions.toml").unlink()
    (victim / name).write_text(f"krow-versions = {BROKEN}")
    (clone.path / name).symlink_to(victim / name)
    for command in COMMANDS:
        said = assert_refused(clone.path, victim, *command, codes=(2,))
        assert name in said
        assert "leads out" in said
    assert_refused(clone.path, victim, "--config", name, "show", codes=(2,))


# --- git's own folder ---------------------------------------------------------------------------


def test_a_pyproject_that_cannot_be_read_counts_only_where_it_might(clone: Repo, victim: Path) -> None:
    """A link inside the repository is read, one out of it is refused, unless a krow-versions.toml counts."""
    text = (clone.path / "krow-versions.toml").read_text()
    clone.write("shared.toml", "[project]\nname = 'x'\n")
    clone.write("sub/keep", "")
    (clone.path / "pyproject.toml").unlink(missing_ok=True)
    (clone.path / "sub/pyproject.toml").unlink(missing_ok=True)
    (clone.path / "sub/pyproject.toml").symlink_to("../shared.toml")
    assert kv.Workspace.open(clone.path / "sub").source == str(clone.path / "krow-versions.toml")
    (clone.path / "pyproject.toml").symlink_to(victim / "pyproject.toml")
    assert kv.Workspace.open(clone.path).source == str(clone.path / "krow-versions.toml")
    (clone.path / "krow-versions.toml").unlink()
    with pytest.raises(UsageError, match="leads out") as refused:
        kv.Workspace.open(clone.path)
    assert "where a krow-versions.toml is beside it, that one counts" in str(refused.value.hint)
    clone.write("krow-versions.toml", text)
    assert kv.Workspace.open(clone.path).source == str(clone.path / "krow-versions.toml")


@pytest.mark.parametrize("link", ["krow-versions", "krow-versions/hotfix"])
def test_records_do_not_lead_out(clone: Repo, victim: Path, link: str) -> None:
    """Records, templates and kept configurations are neither read nor written outside of git's folder."""
    for name in ("x-v1.0.1.toml", "x-v1.0.1.config.toml", "x-v1.0.1.commit.txt"):
        (victim / name).write_text(f"# refs/heads/main .\n{BROKEN}")
    (victim / "hotfix").symlink_to(".")
    clone.tag("x/prod-v1.0.0")
    place = clone.path / ".git" / link
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(victim)
    head = clone.git("symbolic-ref", "HEAD")
    for command in COMMANDS[-1], ("hotfix", "list"), ("hotfix", "status", "x", "--version", "1.0.1"):
        said = assert_refused(clone.path, victim, *command)
        assert "krow-versions/hotfix" in said
    assert clone.git("symbolic-ref", "HEAD") == head
    (clone.path / "krow-versions.toml").unlink()
    assert_refused(clone.path, victim, "show")


def test_a_record_that_is_a_link_out_is_refused(clone: Repo, victim: Path) -> None:
    """One record, or one kept configuration, that is a link is refused by name."""
    clone.tag("x/prod-v1.0.0")
    folder = clone.path / ".git/krow-versions/hotfix"
    folder.mkdir(parents=True)
    (folder / "x-v1.0.1.toml").symlink_to(victim / "VERSION")
    said = assert_refused(clone.path, victim, "hotfix", "status", "x", "--version", "1.0.1")
    assert "x-v1.0.1.toml" in said
    (folder / "x-v1.0.1.config.toml").symlink_to(victim / "VERSION")
    (clone.path / "krow-versions.toml").unlink()
    assert_refused(clone.path, victim, "show")


@pytest.mark.parametrize("home", ["../victim", "/etc", "link", ".git", ""])
def test_a_kept_configuration_counts_in_the_working_tree_only(clone: Repo, victim: Path, home: str) -> None:
    """A kept configuration that somebody changed to count elsewhere is refused by name."""
    folder = clone.path / ".git/krow-versions/hotfix"
    folder.mkdir(parents=True)
    (clone.path / "link").symlink_to(victim)
    text = '[products.x]\nslug = "x"\nfiles = ["package.json"]\n'
    (folder / "x-v1.0.1.config.toml").write_text(f"# refs/heads/main {home}\n{text}")
    (clone.path / "krow-versions.toml").unlink()
    said = assert_refused(clone.path, victim, *BUMP)
    assert "x-v1.0.1.config.toml:1" in said
    (folder / "x-v1.0.1.config.toml").write_text(f"# refs/heads/main .\n[repos]\nx = 'link'\n{text}")
    said = assert_refused(clone.path, victim, *BUMP)
    assert "[repos.x]" in said


# --- outputs ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "case",
    [
        ("results.sarif", "../victim/results.sarif", "results.sarif"),
        ("results.sarif", "../victim/VERSION", "results.sarif"),
        ("results.sarif", ".git/hooks/post-checkout", "results.sarif"),
        ("results.sarif", "second", "results.sarif"),
        ("out", "../victim", "out/results.sarif"),
        ("out", "../victim", "out/sub/results.sarif"),
        ("out", ".git", "out/results.sarif"),
        ("real/out", "../../victim", "real/out/results.sarif"),
        ("real/out", "../../victim", "real/out/../results.sarif"),
        ("none", "nothing", ".git/hooks/post-checkout"),
    ],
)
@pytest.mark.parametrize("way", ["here", "absolute", "through a link", "from a folder below"])
def test_outputs_do_not_leave_by_a_link(
    clone: Repo, victim: Path, case: tuple[str, str, str], way: str
) -> None:
    """``-o`` inside the workspace follows no link out of it, nor into git's folder; both are named."""
    link, target, output = case
    (clone.path / link).symlink_to(target)
    (clone.path / "second").symlink_to("../victim/new")
    (clone.path.parent / "mine").symlink_to(clone.path)
    spelled = {
        "here": output,
        "absolute": str(clone.path / output),
        "through a link": str(clone.path.parent / "mine" / output),
        "from a folder below": f"../{output}",
    }[way]
    before = everything(clone.path / ".git/hooks")
    at = clone.path / "real" if way == "from a folder below" else clone.path
    said = assert_refused(at, victim, "audit", "-o", spelled)
    assert output in said
    assert "leads " in said
    assert everything(clone.path / ".git/hooks") == before


def test_outputs_beside_a_workspace_in_a_subfolder_do_not_leave_by_a_link(clone: Repo, victim: Path) -> None:
    """The whole clone is a stranger's, not only the folder that the configuration is in."""
    (clone.path / "sub2").mkdir()
    (clone.path / "krow-versions.toml").rename(clone.path / "sub2/krow-versions.toml")
    text = (clone.path / "sub2/krow-versions.toml").read_text()
    clone.write("sub2/package.json", '{"version": "1.0.0"}')
    clone.write("sub2/krow-versions.toml", '[products.w]\nslug = "w"\nfiles = ["package.json"]\n')
    assert text
    (clone.path / "out.sarif").symlink_to(victim / "new")
    said = assert_refused(clone.path, victim, "audit", "-C", "sub2", "-o", "out.sarif")
    assert "out.sarif: leads out of the workspace" in said


def test_reports_of_hotfixes_do_not_leave_by_a_link(clone: Repo, victim: Path) -> None:
    """``hotfix report -o`` is refused in the same way, and nothing is noted."""
    clone.tag("x/prod-v1.0.0")
    assert child.run(clone.path, *COMMANDS[-1]).code == 0
    (clone.path / "report.md").symlink_to(victim / "report.md")
    assert_refused(clone.path, victim, "hotfix", "report", "x", "-o", "report.md")


def test_outputs_outside_of_the_workspace_may_follow_links(clone: Repo, tmp_path: Path) -> None:
    """Outside of the workspace, links are followed, and inside it links to places inside."""
    (tmp_path / "there").mkdir()
    (tmp_path / "mine").symlink_to("there")
    (clone.path / "latest").symlink_to("real")
    for output in ("../mine/a.json", str(tmp_path / "mine/b.json"), "latest/c.json", "new.json"):
        assert child.run(clone.path, "audit", "-o", output).code in {0, 1}
    assert sorted(path.name for path in (tmp_path / "there").iterdir()) == ["a.json", "b.json"]
    assert (clone.path / "real/c.json").exists()
    assert (clone.path / "new.json").exists()


def test_demo_does_not_leave_by_a_link(clone: Repo, victim: Path) -> None:
    """``demo FOLDER`` in a working tree makes nothing outside of it, nor in git's folder."""
    (victim / "empty").mkdir()
    (clone.path / "demo").symlink_to(victim / "empty")
    (clone.path / "out").symlink_to(victim)
    for folder in ("demo", "out/new", ".git/new"):
        assert_refused(clone.path, victim, "demo", folder)
    assert not (clone.path / ".git/new").exists()


def test_init_does_not_leave_by_a_link(clone: Repo, victim: Path) -> None:
    """``init`` writes no configuration through a link, and proposes nothing of what is outside."""
    (clone.path / "krow-versions.toml").unlink()
    (clone.path / "krow-versions.toml").symlink_to(victim / "new.toml")
    assert_refused(clone.path, victim, "init")
    (clone.path / "krow-versions.toml").unlink()
    (clone.path / "out").symlink_to(victim)
    (clone.path / "package.json").symlink_to(victim / "package.json")
    before = everything(victim)
    done = child.run(clone.path, "init")
    assert SECRET not in done.out + done.err + (clone.path / "krow-versions.toml").read_text()
    assert everything(victim) == before


# --- links that take a place meanwhile ----------------------------------------------------------


class SwappingDisk(files.Disk):
    """A disk on which another program swaps *place* for a link to *target* before the n-th operation."""

    def __init__(self, number: int, place: Path, target: Path) -> None:
        self.number = number
        self.place = place
        self.target = target
        self.done = 0

    def __getattribute__(self, name: str) -> Any:
        if name in OPERATIONS:
            if self.done == self.number:
                self.place.rename(self.place.with_name("away"))
                self.place.symlink_to(self.target)
            self.done += 1
        return object.__getattribute__(self, name)


@pytest.mark.fault(61)
@pytest.mark.parametrize("place", ["repo", "repo/real", "repo/real/a", "repo/real/a/package.json"])
def test_links_that_take_a_place_while_files_are_replaced_lead_nowhere(tmp_path: Path, place: str) -> None:
    """At every operation, whatever is swapped for a link to a copy outside, nothing outside is written."""
    victim, number, done = tmp_path / "victim", 0, False
    while not done:
        for name in ("repo", "victim"):
            shutil.rmtree(tmp_path / name, ignore_errors=True)
            for path in ("real/a/package.json", "a/package.json", "package.json"):
                (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / name / path).write_text(PACKAGE)
        read = files.read(str(tmp_path / "repo/real"), "a/package.json", limit=99)
        before = everything(victim)
        inner = place.removeprefix("repo").removeprefix("/")
        disk = SwappingDisk(number, tmp_path / place, victim / inner)
        with contextlib.suppress(UnsafePath, OperationFailed, ConcurrentEdit):
            files.replace_all([files.Replacement(read, b"new")], disk=disk)
        assert everything(victim) == before, number
        done = disk.done <= number
        for left in ("away", "repo/away", "repo/real/away", "repo/real/a/away"):
            moved = tmp_path / left
            if moved.is_dir():
                shutil.rmtree(moved)
            moved.unlink(missing_ok=True)
        if (tmp_path / "repo").is_symlink():
            (tmp_path / "repo").unlink()
        number += 1
    assert number > 8


@pytest.mark.parametrize("place", ["", "real", "real/package.json"])
def test_links_that_take_a_place_between_plan_and_apply_lead_nowhere(
    clone: Repo, tmp_path: Path, victim: Path, place: str
) -> None:
    """A repository, a folder above it or a file that became a link since the plan is refused."""
    shutil.copytree(clone.path, tmp_path / "copy")
    before = everything(tmp_path / "copy")
    workspace = kv.Workspace.open(clone.path)
    plan = workspace.plan_bump("x", from_="1.0.0")
    (clone.path / place).rename(tmp_path / "away")
    (clone.path / place).symlink_to(tmp_path / "copy" / place)
    with pytest.raises(KrowVersionsError) as caught:
        workspace.apply(plan)
    assert isinstance(caught.value, UnsafePath | OperationFailed | ConcurrentEdit)
    assert everything(tmp_path / "copy") == before
    with pytest.raises(KrowVersionsError):
        _ = workspace["x"].version
    if not place.endswith("json"):
        for look in (workspace.show, workspace.audit):
            with pytest.raises(UnsafePath, match="became a link"):
                look()


def test_a_copy_of_a_workspace_follows_no_link_that_came_later(clone: Repo, tmp_path: Path) -> None:
    """A workspace with another clock or progress has the folders that were checked when it was opened."""
    workspace = kv.Workspace.open(clone.path)
    (clone.path / "real").rename(tmp_path / "away")
    (clone.path / "real").symlink_to(tmp_path / "away")
    again = attrs.evolve(workspace, progress=workspace.progress)
    assert again.repos == workspace.repos
    with pytest.raises(UnsafePath, match="became a link"):
        again.plan_bump("x", from_="1.0.0")


def test_links_that_are_swapped_all_the_time_are_no_bug(clone: Repo, victim: Path) -> None:
    """While another process swaps a repository for a link and back, a bump ends with 0, 2, 3 or 4."""
    good = victim / "repository"
    shutil.copytree(clone.path / "real", good)
    before = everything(victim)
    real, away = clone.path / "real", clone.path / "away"
    swapper = os.fork()
    if swapper == 0:
        while True:
            real.rename(away)
            real.symlink_to(good)
            real.unlink()
            away.rename(real)
    try:
        codes = {child.run(clone.path, *BUMP).code for _ in range(60)}
    finally:
        os.kill(swapper, 9)
        os.waitpid(swapper, 0)
    assert codes <= {0, 2, 3, 4}
    assert everything(victim) == before


def test_resolving_that_fails_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link that is swapped for a file between looking and following is a refusal, never a bug."""
    (tmp_path / "link").symlink_to("file")
    real = os.lstat

    def lstat(path: Any, *args: Any, **more: Any) -> os.stat_result:
        found = real(path, *args, **more)
        if path == str(tmp_path / "link") and (tmp_path / "link").is_symlink():
            (tmp_path / "link").unlink()
            (tmp_path / "link").touch()
        return found

    monkeypatch.setattr(os, "lstat", lstat)
    with pytest.raises(UnsafePath, match="cannot be followed"):
        files.read(str(tmp_path), "link", limit=99)


def test_a_current_folder_that_is_gone_is_wrong_usage(tmp_path: Path) -> None:
    """In a folder that was removed, every command says so."""
    (tmp_path / "gone").mkdir()
    for command in (("show",), ("init",), ("demo", "x"), ("audit", "-o", "x"), ("--config", "x", "show")):
        (tmp_path / "gone").mkdir(exist_ok=True)
        done = child.run(tmp_path / "gone", *command, first=(tmp_path / "gone").rmdir)
        assert done.code in {2, 4}, (command, done)
        assert "folder" in done.err
