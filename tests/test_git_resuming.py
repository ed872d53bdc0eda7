"""A switch that was killed half-way is recognised by what it left, and completed; no edit is lost."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from krow_versions.errors import Conflict
from krow_versions.git import Reach, Unfinished, fast_forward, switch, unfinished
from support.repositories import Repo, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

SIDE = "refs/heads/side"
# What main and the target have of each path; None for nothing. Links are written as ("->", text).
OLD: dict[str, str | None] = {
    "changed": "old\n",
    "deep/changed": "old\n" * 9,
    "removed": "of main\n",
    "deep/removed": "of main\n",
    "added": None,
    "new/added": None,
    "line\nbreak": "old\n",
    "same": "same\n",
    "link": "-> changed",
    "program": "old\n",
}
NEW: dict[str, str | None] = OLD | {
    "changed": "new and longer\n",
    "deep/changed": "new\n" * 9,
    "removed": None,
    "deep/removed": None,
    "added": "added\n",
    "new/added": "added, too\n",
    "line\nbreak": "new\n",
    "link": "-> same",
    "program": "new\n",
}
DIFFERING = [path for path in OLD if OLD[path] != NEW[path]]


def put(repo: Repo, path: str, content: str | None) -> None:
    """Leave a file, a link, or nothing."""
    file = repo.path / path
    if file.is_symlink() or file.exists():
        file.unlink()
    if content is not None and content.startswith("-> "):
        file.parent.mkdir(exist_ok=True)
        file.symlink_to(content.removeprefix("-> "))
    elif content is not None:
        repo.write(path, content).chmod(0o755 if path == "program" else 0o644)


def fill(repo: Repo, files: Mapping[str, str | None]) -> str:
    for path, content in files.items():
        put(repo, path, content)
    return repo.commit()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """On main, beside a branch that differs in all ways."""
    repo = Repo(tmp_path_factory.mktemp("prepared") / "repo")
    fill(repo, OLD)
    repo.git("switch", "--quiet", "--create", "side")
    fill(repo, NEW)
    repo.git("switch", "--quiet", "main")
    return repo.path


@pytest.fixture(scope="module")
def copied(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Repo]:
    folder = tmp_path_factory.mktemp("copies")

    def copy() -> Repo:
        shutil.rmtree(folder / "repo", ignore_errors=True)
        shutil.copytree(prepared, folder / "repo", symlinks=True)
        repo = Repo(folder / "repo")
        repo.git("status")
        return repo

    return copy


def on_disk(repo: Repo) -> dict[str, str | None]:
    found: dict[str, str | None] = dict.fromkeys(OLD)
    for path in repo.path.rglob("*"):
        name = str(path.relative_to(repo.path))
        if path.is_symlink():
            found[name] = f"-> {os.readlink(path)}"
        elif path.is_file() and not name.startswith(".git/"):
            found[name] = path.read_text()
    return found


def leave(repo: Repo, states: Mapping[str, str], *, staged: bool) -> None:
    """Leave what a killed switch leaves: files first, then the index; HEAD is as before."""
    if staged:
        repo.git("read-tree", "side")
    for path, state in states.items():
        if state == "after":
            put(repo, path, NEW[path])
        elif state == "missing":
            put(repo, path, None)


def shown(repo: Repo) -> str:
    return repo.git("status", "--porcelain")


@pytest.mark.fault(93)
@settings(
    max_examples=max(6, settings().max_examples // 12),
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    states=st.fixed_dictionaries(
        {path: st.sampled_from(["before", "after", "missing"]) for path in DIFFERING}
    ),
    part=st.sampled_from([None, "changed", "added", "deep/changed", "new/added"]),
    staged=st.booleans(),
    forward=st.booleans(),
)
def test_what_a_killed_switch_leaves_is_completed(
    copied: Callable[[], Repo], states: dict[str, str], part: str | None, staged: bool, forward: bool
) -> None:
    """Whatever was reached: old, new and missing files, one in part, the index old or new."""
    repo = copied()
    if staged:  # Git writes the index last.
        states, part = dict.fromkeys(states, "after"), None
    if "line\nbreak" in states and states["line\nbreak"] == "after":
        states["line\nbreak"] = "missing"  # Such a name can be compared only by newer versions of git.
    leave(repo, states, staged=staged)
    if part is not None:
        put(repo, part, str(NEW[part])[:4])
    put(repo, "mine", "untracked\n")
    commit = repo.git("rev-parse", "side")
    if forward:
        fast_forward(opened(repo), "refs/heads/main", commit)
    else:
        switch(opened(repo), SIDE)
    assert on_disk(repo) == NEW | {"mine": "untracked\n"}
    assert shown(repo) == "?? mine"
    assert repo.git("rev-parse", "HEAD") == commit
    assert repo.git("symbolic-ref", "HEAD") == ("refs/heads/main" if forward else SIDE)


EDITS: dict[str, str] = {
    "changed": "mine\n",
    "removed": "mine\n",
    "added": "mine\n",
    "same": "mine\n",
    "link": "-> mine",
    "deep/changed": "new\nnew\nmine",
}


@pytest.mark.fault(93)
@pytest.mark.parametrize("path", EDITS)
@pytest.mark.parametrize("staged", [False, True], ids=["disk", "index"])
def test_what_somebody_edits_is_never_overwritten(
    copied: Callable[[], Repo], path: str, staged: bool
) -> None:
    """A file of neither commit is refused, whatever else is half switched; nothing changes."""
    repo = copied()
    leave(repo, {"deep/removed": "after", "program": "after"}, staged=False)
    put(repo, path, EDITS[path])
    if staged:
        repo.git("add", path)
    before = on_disk(repo), shown(repo)
    with pytest.raises(Conflict, match="tracked files differ from HEAD"):
        switch(opened(repo), SIDE)
    assert (on_disk(repo), shown(repo)) == before
    target, changed = repo.git("rev-parse", "side"), ["deep/removed", "program", path]
    tracked = [each for each in changed if OLD[each] is not None or staged]
    found = unfinished(opened(repo), target, tracked, reach=Reach.LOOK)
    assert {"deep/removed", "program"} <= {*found.begun}
    assert (*found.edited, *found.in_the_way) == (path,)


def test_a_file_in_place_of_a_folder_is_somebodys(copied: Callable[[], Repo]) -> None:
    """A file where the target needs a folder would be removed with what it holds: it is refused."""
    repo = copied()
    leave(repo, {"program": "after"}, staged=False)
    put(repo, "new", "mine\n")
    with pytest.raises(Conflict):
        switch(opened(repo), SIDE)
    assert (repo.path / "new").read_text() == "mine\n"


@pytest.mark.parametrize("files", [OLD, NEW], ids=["before", "after"])
def test_a_mode_that_somebody_changed_is_an_edit(
    copied: Callable[[], Repo], files: Mapping[str, str | None]
) -> None:
    """Content of a commit with a mode of neither is refused."""
    repo = copied()
    put(repo, "changed", files["changed"])
    (repo.path / "changed").chmod(0o755)
    with pytest.raises(Conflict, match="'changed'"):
        switch(opened(repo), SIDE)


def test_what_is_staged_is_an_edit_whatever_the_file_holds(copied: Callable[[], Repo]) -> None:
    """The index is restored too, so what somebody has only there would be lost."""
    repo = copied()
    leave(repo, {"program": "after"}, staged=False)
    put(repo, "changed", "mine\n")
    repo.git("add", "changed")
    put(repo, "changed", NEW["changed"])
    with pytest.raises(Conflict, match="'changed'"):
        switch(opened(repo), SIDE)
    assert repo.git("show", ":changed") == "mine"


def test_two_files_in_part_are_somebodys(copied: Callable[[], Repo]) -> None:
    """Git writes one file after the other, so a killed one leaves no two."""
    repo = copied()
    put(repo, "changed", "new")
    put(repo, "deep/changed", "new\n")
    found = unfinished(
        opened(repo), repo.git("rev-parse", "side"), ["changed", "deep/changed"], reach=Reach.LOOK
    )
    assert (found.begun, found.edited) == ((), ("changed", "deep/changed"))


def test_a_name_that_git_cannot_take_line_by_line_is_an_edit(copied: Callable[[], Repo]) -> None:
    """It is named, and git is not asked for other files in its place."""
    repo = copied()
    leave(repo, {"program": "after", "line\nbreak": "after"}, staged=False)
    found = unfinished(
        opened(repo), repo.git("rev-parse", "side"), ["line\nbreak", "program"], reach=Reach.LOOK
    )
    assert (found.begun, found.edited) == (("program",), ("line\nbreak",))


@pytest.mark.parametrize("back", [False, True], ids=["there", "back"])
def test_folders_that_become_files_are_no_edits(repo: Repo, back: bool) -> None:
    """And files that become folders: where the switch has not come to them yet, both are as in HEAD."""
    repo.write("program", "old\n")
    repo.write("file", "a file\n")
    repo.write("folder/inner", "inner\n")
    base = repo.commit()
    repo.git("switch", "--quiet", "--create", "side")
    repo.git("rm", "--quiet", "-r", "file", "folder")
    repo.write("program", "new\n")
    repo.write("file/inner", "inner\n")
    repo.write("folder", "a file\n")
    target = repo.commit()
    if back:
        base, target = target, base
    repo.git("switch", "--quiet", "--detach", base)
    here = opened(repo)
    assert unfinished(here, target, [], reach=Reach.LOOK) == Unfinished()
    repo.write("program", "old\n" if back else "new\n")
    found = unfinished(here, target, ["program"], reach=Reach.LOOK)
    assert found == Unfinished(begun=("program",), written=("program",))
    repo.git("branch", "goal", target)
    switch(here, "refs/heads/goal")
    assert (shown(repo), repo.git("rev-parse", "HEAD")) == ("", target)


def test_a_submodule_stays_as_it_is(repo: Repo) -> None:
    """Its folder is there from an earlier checkout, as git leaves it; it is in nobody's way."""
    repo.write("program", "old\n")
    base = repo.commit()
    repo.git("switch", "--quiet", "--create", "side")
    repo.write("program", "new\n")
    repo.git("add", "program")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{base},sub")
    repo.git("commit", "--quiet", "--message=x")
    target = repo.git("rev-parse", "HEAD")
    repo.git("switch", "--quiet", "main")
    repo.write("sub/file", "of the submodule\n")
    repo.write("program", "new\n")
    found = unfinished(opened(repo), target, ["program"], reach=Reach.LOOK)
    assert found == Unfinished(begun=("program",), written=("program",))


def test_without_a_commit_there_was_no_switch(repo: Repo) -> None:
    """On a branch without a commit, what is tracked is somebody's."""
    found = unfinished(opened(repo), "1" * 40, ["staged"], reach=Reach.LOOK)
    assert found == Unfinished(edited=("staged",))


@pytest.mark.parametrize("value", ["false", "no", "off", "0"])
def test_where_modes_do_not_count_only_the_content_does(copied: Callable[[], Repo], value: str) -> None:
    """On a file system that keeps no modes, a file with the target's content is the target's."""
    repo = copied()
    repo.git("config", "core.filemode", value)
    put(repo, "changed", NEW["changed"])
    (repo.path / "changed").chmod(0o755)
    found = unfinished(opened(repo), repo.git("rev-parse", "side"), ["changed"], reach=Reach.LOOK)
    assert (found.begun, found.edited) == (("changed",), ())


def test_changes_alone_are_no_killed_switch(copied: Callable[[], Repo]) -> None:
    """Without a file that a switch has begun, what differs is edited."""
    repo = copied()
    put(repo, "same", "mine\n")
    found = unfinished(opened(repo), repo.git("rev-parse", "side"), ["same"], reach=Reach.LOOK)
    assert (found.begun, found.edited) == ((), ("same",))


def test_line_ends_are_compared_as_git_does(copied: Callable[[], Repo]) -> None:
    """A file that git writes with CRLF is the one of its commit."""
    repo = copied()
    repo.git("config", "core.autocrlf", "true")
    repo.git("checkout", "--quiet", "--force", "HEAD")
    put(repo, "changed", "new and longer\r\n")
    switch(opened(repo), SIDE)
    assert shown(repo) == ""
    put(repo, "mine", "untracked\n")
