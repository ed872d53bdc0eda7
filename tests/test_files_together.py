"""Replacing files while others write, too: other programs, and other runs of ours."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from krow_versions import files
from krow_versions.errors import Busy, ConcurrentEdit, FileSystemError, KrowVersionsError, Problems, members
from krow_versions.files.locking import locked_for
from krow_versions.files.paths import TEMPORARY
from support.child import OPERATIONS, forked
from support.disks import (
    LIMIT,
    PATHS,
    FaultyDisk,
    changes,
    io_error,
    leftovers,
    make_repo,
    notes_of,
    replace,
    state,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "repo")


# --- other programs -------------------------------------------------------------------------


def append(root: Path) -> None:
    with (root / "a/two").open("ab") as file:
        file.write(b"!")


def rewrite_in_place(root: Path) -> None:
    status = (root / "a/two").stat()
    (root / "a/two").write_bytes(b"OLD a/two")
    os.utime(root / "a/two", ns=(status.st_atime_ns, status.st_mtime_ns))


def touch(root: Path) -> None:
    os.utime(root / "a/two")


def save_by_renaming(root: Path) -> None:
    shutil.copy2(root / "a/two", root / "saved")
    (root / "saved").rename(root / "a/two")


def remove(root: Path) -> None:
    (root / "a/two").unlink()


def change_mode(root: Path) -> None:
    (root / "a/two").chmod(0o600)


def grow(root: Path) -> None:
    os.truncate(root / "a/two", LIMIT + 1)


def link_away(root: Path) -> None:
    (root / "a/two").rename(root.parent / "victim")
    (root / "a/two").symlink_to(root.parent / "victim")


def make_a_pipe(root: Path) -> None:
    (root / "a/two").unlink()
    os.mkfifo(root / "a/two")


def swap_folder_for_link(root: Path) -> None:
    (root / "a").rename(root.parent / "a")
    (root / "a").symlink_to(root.parent / "a")


def swap_folder_for_copy(root: Path) -> None:
    (root / "a").rename(root / "moved")
    shutil.copytree(root / "moved", root / "a")


def remove_folder(root: Path) -> None:
    shutil.rmtree(root / "a")


def retarget_link_nearby(root: Path) -> None:
    shutil.copy(root / "c/real", root / "c/other")
    (root / "b/link").unlink()
    (root / "b/link").symlink_to("../c/other")


def retarget_link(root: Path) -> None:
    (root / "b/link").unlink()
    (root / "b/link").symlink_to("three")


EDITS = [
    append,
    rewrite_in_place,
    touch,
    save_by_renaming,
    remove,
    change_mode,
    grow,
    link_away,
    make_a_pipe,
    swap_folder_for_link,
    swap_folder_for_copy,
    remove_folder,
    retarget_link_nearby,
    retarget_link,
]


class EditingDisk(files.Disk):
    """A disk on which another program does *edit* right before the first call of *operation*."""

    def __init__(self, operation: str, edit: Callable[[], None]) -> None:
        self.operation = operation
        self.edit: Callable[[], None] | None = edit

    def __getattribute__(self, name: str) -> Any:
        found = object.__getattribute__(self, name)
        if name in OPERATIONS and name == self.operation and self.edit:
            edit, self.edit = self.edit, None
            edit()
        return found


@pytest.mark.fault(67)
@pytest.mark.parametrize("moment", ["lock", "create", "read"])
@pytest.mark.parametrize("edit", EDITS)
def test_edit_of_another_program_is_never_overwritten(
    repo: Path, edit: Callable[[Path], None], moment: str
) -> None:
    """Whatever happens to a file, its link or its folder after it was read: nothing is written."""
    wanted = changes(repo)
    seen: list[dict[str, tuple[object, ...]]] = []

    def happen() -> None:
        edit(repo)
        seen.append(state(repo.parent))

    with pytest.raises((ConcurrentEdit, Problems)) as caught:
        files.replace_all(wanted, disk=EditingDisk(moment, happen))
    one: KrowVersionsError = caught.value
    several = members(one)
    paths = {error.path for error in several if isinstance(error, ConcurrentEdit)}
    assert paths - {"a/one"} <= {
        "b/link"
        if "link" in edit.__name__.split("_") and edit not in {link_away, swap_folder_for_link}
        else "a/two"
    }
    assert paths
    assert state(repo.parent) == seen[0]
    copied = edit is swap_folder_for_copy
    assert len(leftovers(repo.parent)) <= 1 + copied * 3  # What was there, and what was copied along.


def test_all_edited_files_are_named_at_once(repo: Path) -> None:
    """When several files changed meanwhile, the error names every one of them."""
    wanted = changes(repo)
    for path in ("a/one", "b/three"):
        (repo / path).write_bytes(b"edited")
    with pytest.raises(KrowVersionsError) as caught:
        files.replace_all(wanted)
    assert [line.split(":")[0] for line in str(caught.value).splitlines() if "changed" in line] == [
        "a/one",
        "b/three",
    ]


def test_file_that_must_stay_is_compared_too(repo: Path) -> None:
    """A file that is passed with its own bytes stops the change of the others when it was edited."""
    first, second = (files.read(str(repo), path, limit=LIMIT) for path in ("a/one", "a/two"))
    wanted = [files.Replacement(first, b"new"), files.Replacement(second, second.data)]
    for edit in (touch, change_mode, append):
        edit(repo)
        with pytest.raises(ConcurrentEdit, match="a/two"):
            files.replace_all(wanted)
        second = files.read(str(repo), "a/two", limit=LIMIT)
        wanted[1] = files.Replacement(second, second.data)
    assert (repo / "a/one").read_bytes() == b"old a/one"


@pytest.mark.fault(67)
@pytest.mark.parametrize("edit", [append, remove, save_by_renaming])
def test_edit_between_two_renames_is_kept_and_the_first_undone(
    repo: Path, edit: Callable[[Path], None]
) -> None:
    """An editor that saves while files are being renamed keeps its text; the rest is undone."""
    before = state(repo)
    seen: list[dict[str, tuple[object, ...]]] = []

    class LateEdit(files.Disk):
        def replace(self, source: str, name: str, folder: int) -> None:
            super().replace(source, name, folder)
            if not seen:
                edit(repo)
                seen.append(state(repo))

    with pytest.raises(ConcurrentEdit, match="a/two") as caught:
        replace(repo, LateEdit())
    assert "what was written has been restored" in notes_of(caught.value)
    edited, first = str(repo / "a/two"), str(repo / "a/one")
    assert seen[0].pop(first) != before[first]
    after = state(repo)
    assert after.pop(first) == before[first]
    assert after == seen[0]
    assert after.get(edited) != before[edited] or edit is save_by_renaming
    assert leftovers(repo) == []


@pytest.mark.fault(67)
@pytest.mark.parametrize("edit", [append, rewrite_in_place, save_by_renaming, remove, make_a_pipe, grow])
def test_undoing_keeps_its_hands_off_what_others_wrote(repo: Path, edit: Callable[[Path], None]) -> None:
    """A file that another program changed after us is left alone when we undo, and is named."""
    kept: list[object] = []

    class LateFault(files.Disk):
        def fsync_folder(self, _: int) -> None:
            if not kept:
                edit(repo)
                kept.append(state(repo).get(str(repo / "a/two")))
                io_error()

    with pytest.raises(FileSystemError) as caught:
        replace(repo, LateFault())
    assert "'a/two' could not be restored" in notes_of(caught.value)
    assert state(repo).get(str(repo / "a/two")) == kept[0]
    assert [
        text
        for path, text in zip(PATHS, [b"old a/one", b"", b"old b/three", b"old c/real"], strict=True)
        if path != "a/two" and (repo / path).read_bytes() != text
    ] == []
    assert leftovers(repo) == []


@pytest.mark.fault(64)
def test_planted_temporary_is_not_followed(repo: Path, tmp_path: Path) -> None:
    """A link that somebody put where a temporary should go is neither followed nor removed."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    planted: list[str] = []

    class PlantedDisk(files.Disk):
        def temporary_name(self) -> str:
            name = super().temporary_name()
            if not planted:
                planted.append(name)
                (repo / "a" / name).symlink_to(victim)
            return name

    class InterruptedDisk(PlantedDisk):
        def fsync(self, _: int) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replace(repo, InterruptedDisk())
    assert leftovers(repo) == planted
    planted.clear()
    replace(repo, PlantedDisk())
    assert victim.read_bytes() == b"precious"
    assert leftovers(repo) == planted
    assert (repo / "a" / planted[0]).readlink() == victim


@pytest.mark.fault(64)
def test_names_of_temporaries_cannot_be_guessed() -> None:
    """A thousand names are a thousand different ones, all of which the next run recognises."""
    names = {files.DISK.temporary_name() for _ in range(1000)}
    assert len(names) == 1000
    assert all(TEMPORARY.fullmatch(name) for name in names)


# --- two runs at once -----------------------------------------------------------------------


@pytest.mark.fault(68)
def test_a_second_run_reports_that_another_is_busy(repo: Path) -> None:
    """While another holds the lock, a run waits as long as it may and no longer, and writes nothing."""
    before = state(repo)
    fd = os.open(repo, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        for wait in (0.0, 0.2):
            begun = time.monotonic()
            with pytest.raises(Busy, match=str(repo)) as caught:
                replace(repo, wait=wait)
            assert time.monotonic() - begun >= wait
            assert caught.value.hint
        assert state(repo) == before
        assert len(leftovers(repo)) == 1  # Not ours to clear without the lock.
    finally:
        os.close(fd)
    replace(repo, wait=0)


def test_a_run_with_nothing_to_write_clears_only_what_no_other_run_needs(repo: Path) -> None:
    """It removes temporary files, too, but not those of a run that is at work; and it does not wait."""
    right = [files.Replacement(each.read, each.read.data) for each in changes(repo)]
    with files.locked(str(repo)):
        assert files.replace_all(right) == ()
        files.clear_beside(str(repo), ["a/one", "/elsewhere", "gone/one"])
        assert len(leftovers(repo)) == 1
    assert files.replace_all(right) == ()
    assert leftovers(repo) == []
    (repo / "a" / files.DISK.temporary_name()).touch()
    files.clear_beside(str(repo), ["/elsewhere", "a/one"])
    assert leftovers(repo) == []


def test_what_is_kept_after_an_interrupt_is_on_the_disk(repo: Path) -> None:
    """An interrupt that comes when all is renamed leaves no folder unsynchronised."""

    class Interrupted(files.Disk):
        synced = 0

        def fsync_folder(self, folder: int) -> None:
            self.synced += 1
            if self.synced == 1:
                raise KeyboardInterrupt
            super().fsync_folder(folder)

    disk, wanted = Interrupted(), changes(repo)
    with pytest.raises(KeyboardInterrupt) as caught:
        files.replace_all(wanted, disk=disk)
    assert "everything was written" in notes_of(caught.value)
    assert disk.synced == 1 + len(wanted)


def test_locks_are_released_after_success_and_failure(repo: Path) -> None:
    """However a run ends, its locks and open files are gone."""
    descriptors = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0
    for disk in (FaultyDisk(io_error, range(20, 21)), files.DISK, files.DISK):
        with contextlib.suppress(FileSystemError):
            replace(repo, disk, wait=0)
    if descriptors:
        assert len(list(Path("/proc/self/fd").iterdir())) == descriptors


def test_second_lock_that_is_busy_frees_the_first(repo: Path) -> None:
    """A run that gets only one of its two locks gives that one back."""
    (repo / "b/.git").touch()
    with files.locked(str(repo / "b")):
        with pytest.raises(Busy):
            files.replace_all(changes(repo), wait=0)
        assert files.replace_all(changes(repo)[:2], wait=0) is not None


@pytest.mark.parametrize("turn", range(6))
def test_locks_are_taken_in_one_order(repo: Path, turn: int) -> None:
    """Whatever order a run names files in, it locks their trees in the order of their paths, as every run
    does: two runs never hold what the other waits for."""
    folders = [repo / name for name in "abcdef"]
    held = {}
    for folder in folders:
        (folder / ".git").mkdir(parents=True)
        (folder / "file").write_bytes(b"old")
        held[folder] = os.open(folder, os.O_RDONLY)
        fcntl.flock(held[folder], fcntl.LOCK_EX)
    reads = [files.read(str(folder), "file", limit=LIMIT) for folder in folders]
    given = [*reads[turn:], *reads[:turn]][:: 1 if turn % 2 else -1]
    wanted = [files.Replacement(one, b"new") for one in given]
    try:
        for folder in folders:  # The run is stopped by the first that is held still.
            with pytest.raises(Busy, match=f"'{folder}'"):
                files.replace_all(wanted, wait=0)
            for order in (folders, folders[::-1]):
                with pytest.raises(Busy, match=f"'{folder}'"), locked_for(map(str, order), wait=0):
                    pass
            os.close(held.pop(folder))
        files.replace_all(wanted, wait=0)
    finally:
        for fd in held.values():
            os.close(fd)


def test_where_folders_cannot_be_locked_a_file_is(repo: Path) -> None:
    """On a file system that locks no folders, as NFS, a lock file does the same."""

    class NetworkDisk(files.Disk):
        def lock(self, fd: int) -> bool:
            if stat.S_ISDIR(os.fstat(fd).st_mode):
                raise OSError(errno.EBADF, "Bad file descriptor")
            return super().lock(fd)

    replace(repo, NetworkDisk())
    (repo / "a/one").write_bytes(b"again")
    with (repo / "krow-versions.lock").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(Busy, match=r"krow-versions\.lock"):
            replace(repo, NetworkDisk(), wait=0)


@pytest.mark.fault(68)
def test_runs_at_once_never_mix_and_lose_nothing(tmp_path: Path) -> None:
    """Three processes that count up two files together end with every step counted, in both files."""
    steps = 25
    for path in ("x", "y"):
        (tmp_path / path).write_bytes(b"0")

    def count() -> None:
        done = 0
        while done < steps:
            try:
                both = [files.read(str(tmp_path), path, limit=99) for path in ("x", "y")]
                number = b"%d" % (int(both[0].data) + 1)
                files.replace_all([files.Replacement(one, number) for one in both], wait=60)
                done += 1
            except KrowVersionsError as error:
                if not isinstance(error, ConcurrentEdit) and "problems" not in error.message:
                    raise

    children = [os.fork() for _ in range(1)]
    if children == [0]:
        os._exit(max(forked_together([count, count])))
    codes = [forked(count), os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1])]
    assert codes == [0, 0]
    assert {(tmp_path / path).read_bytes() for path in ("x", "y")} == {b"%d" % (3 * steps)}
    assert {file.name for file in tmp_path.iterdir()} == {"x", "y"}


def forked_together(actions: list[Callable[[], object]]) -> list[int]:
    """Run all *actions*, each in its own child process, at once."""
    children = []
    for action in actions:
        child = os.fork()
        if child == 0:
            os._exit(forked(action))
        children.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
