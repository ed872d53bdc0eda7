"""Replacing files while things go wrong: at every operation, by every kind of fault."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import shutil
import signal
import stat
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from krow_versions import files
from krow_versions.errors import ConcurrentEdit, FileSystemError, NotRegularFile
from krow_versions.files.reading import FILE_FLAGS
from support import child
from support.child import NOBODY, OPERATIONS, ROOT, forked
from support.disks import (
    LIMIT,
    PATHS,
    Fault,
    FaultyDisk,
    changes,
    count_operations,
    interrupt,
    io_error,
    kill,
    late,
    leave,
    leftovers,
    make_repo,
    notes_of,
    refuse,
    remake,
    replace,
    state,
    texts,
)
from support.hang import no_hang

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "repo")


# --- a fault at every operation -------------------------------------------------------------


def test_every_operation_is_reached(repo: Path) -> None:
    """The scenario of these tests performs every operation but setting times, which the rollback does, and
    linking, which makes a new file."""
    reached = set(count_operations(repo))
    expected = set(OPERATIONS) - {"utime", "link"}
    assert reached == (expected if ROOT else expected - {"chown"})


@pytest.mark.fault(55, 66)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("fault", [io_error, interrupt, leave])
def test_one_fault_anywhere_leaves_everything_as_it_was(repo: Path, fault: Fault, after: bool) -> None:
    """Whichever single operation fails or is interrupted, bytes, modes, times, owners are as before; but an
    interrupt after the last rename comes too late."""
    operations = count_operations(repo)
    before = state(repo)
    for number, operation in enumerate(operations if fault is io_error else operations[: late(operations)]):
        if fault is not io_error and after and number == late(operations) - 1:
            break
        disk = FaultyDisk(fault, range(number, number + 1), after=after)
        with pytest.raises((FileSystemError, KeyboardInterrupt, SystemExit)) as caught:
            replace(repo, disk)
        error: BaseException = caught.value
        assert state(repo) == before, (number, operation)
        assert number <= operations.index("create") or leftovers(repo) == [], (number, operation)
        assert isinstance(error, FileSystemError) == (fault is io_error)
        if isinstance(error, FileSystemError):
            assert error.message.endswith(": Input/output error")
            assert error.path
        if operation == "lock":
            continue
        replaced = number > operations.index("replace") or (after and operation == "replace")
        outcome = "what was written has been restored" if replaced else "nothing was written"
        assert outcome in notes_of(error) or operation == "replace"
        remake(repo)
    assert replace(repo)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("second", [io_error, interrupt])
def test_an_interrupt_after_the_last_rename_keeps_everything(repo: Path, second: Fault, after: bool) -> None:
    """From the last rename on, an interrupt changes nothing any more, not even a second one or an error
    after it: every file has its new text, no temporary is left, and the note says that all was written."""
    operations = count_operations(repo)
    wanted = [change.data for change in changes(repo)]
    for number in range(late(operations) - after, len(operations)):
        for distance in (1, 2, 5, 99):
            faults = iter([interrupt, second])
            at = range(number, number + distance + 1, distance)
            disk = FaultyDisk(lambda it=faults: next(it)(), at, after=after)  # type: ignore[misc]
            with pytest.raises(KeyboardInterrupt) as caught:
                replace(remake(repo), disk)
            assert (texts(repo), leftovers(repo)) == (wanted, []), (number, distance, disk.done)
            assert "everything was written" in notes_of(caught.value)


@pytest.mark.parametrize("second", [io_error, interrupt])
@pytest.mark.parametrize("distance", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_second_fault_does_not_stop_the_rollback(
    repo: Path, second: Fault, distance: int, after: bool
) -> None:
    """A second Ctrl-C, or another error, during the rollback does not stop it."""
    operations = count_operations(repo)
    before = state(repo)
    for number in range(operations.index("create"), len(operations)):
        faults = iter([interrupt if number < late(operations) - after else io_error, second])
        at = range(number, number + distance + 1, distance)
        disk = FaultyDisk(lambda it=faults: next(it)(), at, after=after)  # type: ignore[misc]
        with pytest.raises((KeyboardInterrupt, FileSystemError)) as caught:
            replace(remake(repo), disk)
        assert (state(repo), leftovers(repo)) == (before, []), (number, operations[number])
        assert "could not be restored" not in notes_of(caught.value)


def test_what_is_restored_is_synced_too(repo: Path) -> None:
    """Each folder is synced after a file in it was restored, for the case of a power cut."""
    first = count_operations(repo).index("fsync_folder")
    disk = FaultyDisk(io_error, range(first, first + 1))
    with pytest.raises(FileSystemError):
        replace(repo, disk)
    undone = [name for name in disk.done[first + 1 :] if name in {"fsync", "replace", "fsync_folder"}]
    assert undone == ["fsync", "replace", "fsync_folder"] * len(PATHS)


@pytest.mark.fault(55)
@pytest.mark.parametrize("second", [io_error, interrupt])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_second_fault_anywhere_does_not_stop_the_rollback(repo: Path, second: Fault, after: bool) -> None:
    """When all is renamed, each operation of the undoing may fail or be interrupted once: all is restored,
    whether the new text is longer or shorter."""

    def replace(root: Path, disk: files.Disk) -> None:
        wanted = changes(root)
        shorter = [files.Replacement(change.read, b"new") for change in wanted[::2]]
        files.replace_all([*shorter, *wanted[1::2]], disk=disk)

    first = count_operations(repo).index("fsync_folder")
    before = state(repo)
    disk = FaultyDisk(io_error, range(first, first + 1), after=after)
    with pytest.raises(FileSystemError):
        replace(repo, disk)
    for number in range(first + 1, len(disk.done)):
        faults = iter([io_error, second])
        at = range(first, number + 1, number - first)
        twice = FaultyDisk(lambda it=faults: next(it)(), at, after=after)  # type: ignore[misc]
        with pytest.raises(FileSystemError) as caught:
            replace(remake(repo), twice)
        assert (state(repo), leftovers(repo)) == (before, []), (number, disk.done[number])
        assert "could not be restored" not in notes_of(caught.value)


@pytest.mark.fault(55)
def test_a_disk_that_fails_for_good_is_reported_file_by_file(repo: Path) -> None:
    """When every operation fails, each file is whole, and those with new text are named."""
    operations = count_operations(repo)
    for number in range(len(operations)):
        before = state(remake(repo))
        wanted = changes(repo)
        disk = FaultyDisk(io_error, range(number, 10**6))
        with pytest.raises(FileSystemError) as caught:
            files.replace_all(wanted, disk=disk)
        for change in wanted:
            text = Path(change.read.target).read_bytes()
            assert text in {change.data, change.read.data}
            is_named = f"'{change.read.path}' could not be restored (Input/output error)" in notes_of(
                caught.value
            )
            assert is_named or text == change.read.data
        if number < operations.index("replace"):
            assert state(repo) == before
        replace(repo)
        assert (texts(repo), leftovers(repo)) == ([change.data for change in wanted], [])


@pytest.mark.fault(65)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_kill_anywhere_leaves_whole_files_and_the_next_run_finishes(repo: Path, after: bool) -> None:
    """Killed at any operation, every file is whole, old or new; the next run converges and cleans up."""
    operations = count_operations(repo)
    for number in range(len(operations)):
        remake(repo)
        wanted = changes(repo)
        disk = FaultyDisk(kill, range(number, number + 1), after=after)
        code = forked(lambda disk=disk: replace(repo, disk))  # type: ignore[misc]
        assert code == -signal.SIGKILL
        for change in wanted:
            assert Path(change.read.target).read_bytes() in {change.data, change.read.data}
        replace(repo, wait=0)
        assert (texts(repo), leftovers(repo)) == ([change.data for change in wanted], [])
        modes = [stat.S_IMODE((repo / path).stat().st_mode) for path in PATHS]
        assert modes == [0o755, 0o640, 0o644, 0o755]


@pytest.mark.fault(66)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_real_signals_are_undone(repo: Path, number: signal.Signals) -> None:
    """After a signal whose handler raises, the old bytes are restored in every phase but the last."""
    before = state(repo)
    wanted = [change.data for change in changes(repo)]

    def handler(*_: object) -> None:
        raise KeyboardInterrupt

    def run(operation: str) -> None:
        signal.signal(number, handler)
        at_operation = count_operations(make_repo(repo.parent / "other")).index(operation) + 1
        at = FaultyDisk(lambda: os.kill(os.getpid(), number), range(at_operation, at_operation + 1))
        with pytest.raises(KeyboardInterrupt):
            replace(repo, at)

    for operation in ("create", "fsync", "replace", "fsync_folder"):
        assert forked(lambda operation=operation: run(operation)) == 0  # type: ignore[misc]
        kept = operation == "fsync_folder"
        assert (texts(repo) == wanted) if kept else (state(repo) == before)
        assert leftovers(repo) == []
        shutil.rmtree(repo.parent / "other")


def test_short_writes_are_continued(repo: Path) -> None:
    """A disk that takes one byte at a time still gets all of them."""

    class SlowDisk(files.Disk):
        def write(self, fd: int, data: memoryview) -> int:
            return super().write(fd, data[:1])

    wanted = [change.data for change in changes(repo)]
    replace(repo, SlowDisk())
    assert texts(repo) == wanted


@pytest.mark.fault(53, 56, 58)
@pytest.mark.parametrize("code", [errno.EACCES, errno.EPERM, errno.EXDEV, errno.ENOSPC, errno.EROFS])
@pytest.mark.parametrize("nth", [0, 1, 2, 3])
def test_refused_rename_is_undone(repo: Path, code: int, nth: int) -> None:
    """Whatever the reason that the n-th rename is refused, those before it are undone."""
    before = state(repo)

    class RefusingDisk(files.Disk):
        renames = 0

        def replace(self, source: str, name: str, folder: int) -> None:
            self.renames += 1
            if self.renames == nth + 1:
                raise OSError(code, os.strerror(code))
            super().replace(source, name, folder)

    with pytest.raises(FileSystemError, match=os.strerror(code)) as caught:
        replace(repo, RefusingDisk())
    assert caught.value.path == PATHS[nth]
    assert (state(repo), leftovers(repo)) == (before, [])


def test_folders_that_cannot_be_synced_are_fine(repo: Path) -> None:
    """A file system without fsync of folders is supported."""
    read_end, write_end = os.pipe()  # fsync of a pipe is EINVAL, as that of a folder is elsewhere.
    try:
        files.DISK.fsync_folder(read_end)
    finally:
        os.close(read_end)
        os.close(write_end)


@pytest.mark.fault(59)
def test_what_cannot_be_kept_is_a_warning(repo: Path) -> None:
    """An owner or attribute that may not be set is a warning, not a failure."""

    class StrictDisk(files.Disk):
        def chown(self, *_: object) -> None:
            refuse()

        def set_attributes(self, _: int, attributes: dict[str, bytes]) -> list[str]:
            return list(attributes)

    warnings = replace(repo, StrictDisk())
    if ROOT:
        assert f"a/one: its owner and group {NOBODY}:{NOBODY} was not kept" in warnings
    if "user.kept" in os.listxattr(repo / "c/real"):
        assert "a/one: its attribute 'user.kept' was not kept" in warnings
    assert "b/link: its set-user-ID or set-group-ID bit was not kept" in warnings
    assert stat.S_IMODE((repo / "a/one").stat().st_mode) == 0o755


@pytest.mark.skipif(not ROOT, reason="giving files away needs root")
def test_a_rollback_never_gives_privileges_of_another_user(repo: Path) -> None:
    """If the owner cannot be restored, the set-user-ID bit is not restored either."""

    class StrictDisk(files.Disk):
        failed = False

        def chown(self, *_: object) -> None:
            refuse()

        def fsync_folder(self, _: int) -> None:
            if not self.failed:
                self.failed = True
                io_error()

    with pytest.raises(FileSystemError):
        replace(repo, StrictDisk())
    status = (repo / "c/real").stat()
    assert (status.st_uid, stat.S_IMODE(status.st_mode)) == (0, 0o755)
    assert (repo / "c/real").read_bytes() == b"old c/real"


@pytest.mark.skipif(not ROOT, reason="giving files away needs root")
def test_group_is_kept_where_the_owner_cannot_be(repo: Path) -> None:
    """When only the owner is refused, the group is kept, and the warning names the owner."""

    class HalfDisk(files.Disk):
        def chown(self, fd: int, uid: int, gid: int) -> None:
            if uid != -1:
                refuse()
            super().chown(fd, uid, gid)

    assert any("its owner" in warning for warning in replace(repo, HalfDisk()))
    status = (repo / "a/one").stat()
    assert (status.st_uid, status.st_gid) == (0, NOBODY)


# --- real disks -----------------------------------------------------------------------------


@pytest.fixture
def foreign(repo: Path) -> Iterator[Path]:
    """Give a repository that belongs to an unprivileged user, in a place where that user may go."""
    place = Path(tempfile.mkdtemp())
    root = make_repo(place / "repo")
    place.chmod(0o755)
    child.give_away(root)
    if ROOT:
        (root / "c/real").chmod(0o4755)
    yield root
    for folder in [root, *root.iterdir()]:
        folder.chmod(0o755)
    shutil.rmtree(place)


def as_nobody(action: Callable[[], object]) -> int:
    def run() -> None:
        child.as_nobody()
        action()

    return forked(run)


def expect_failure(root: Path, reason: str, disk: files.Disk = files.DISK) -> None:
    with pytest.raises(FileSystemError, match=reason) as caught:
        replace(root, disk)
    assert "nothing was written" in notes_of(caught.value) or "has been restored" in notes_of(caught.value)


def test_ordinary_users_can_replace(foreign: Path) -> None:
    """A user without privileges can replace their own files: set-user-ID dropped, attributes kept."""
    assert as_nobody(lambda: replace(foreign)) == 0
    assert [text[:4] for text in texts(foreign)] == [b"new,"] * 4
    assert leftovers(foreign) == []


@pytest.mark.fault(57)
def test_folder_without_permission_is_an_error_and_undone(foreign: Path) -> None:
    """A folder that may not be written to fails the whole change, also the files in other folders."""
    before = state(foreign)
    (foreign / "b").chmod(0o555)
    assert as_nobody(lambda: expect_failure(foreign, "Permission denied")) == 0
    (foreign / "b").chmod(0o755)
    assert state(foreign) == before
    assert len(leftovers(foreign)) == 0


def test_unreadable_files_and_folders_are_errors(foreign: Path) -> None:
    """What may not be read or listed is an error that says so; no pattern skips it in silence."""
    (foreign / "a/one").chmod(0)
    (foreign / "c").chmod(0)

    def run() -> None:
        with pytest.raises(FileSystemError, match="cannot be read: Permission denied"):
            files.read(str(foreign), "a/one", limit=LIMIT)
        with pytest.raises(FileSystemError, match="cannot be listed: Permission denied"):
            files.find(str(foreign), "*/*")

    assert as_nobody(run) == 0


@pytest.mark.skipif(not ROOT, reason="making files of other users needs root")
def test_an_owner_that_cannot_be_kept_is_a_warning(foreign: Path) -> None:
    """Replacing another user's file in one's own folder works, with a warning that the owner changed."""
    os.chown(foreign / "a/one", 0, 0)

    def run() -> None:
        assert "a/one: its owner and group 0:0 was not kept" in replace(foreign)

    assert as_nobody(run) == 0
    assert (foreign / "a/one").stat().st_uid == NOBODY


@pytest.mark.fault(54)
def test_file_size_limit_is_an_error_and_undone(repo: Path) -> None:
    """A limit on file sizes (EFBIG) in the middle of staging leaves everything as it was."""
    before = state(repo)

    def run() -> None:
        wanted = changes(repo)
        wanted[2] = files.Replacement(wanted[2].read, b"x" * 100_000)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        with pytest.raises(FileSystemError, match="File too large") as caught:
            files.replace_all(wanted)
        assert caught.value.path == "b/three"

    assert forked(run) == 0
    assert (state(repo), leftovers(repo)) == (before, [])


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """Give a file system of 64 kB."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    if not ROOT or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting needs root")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.fault(53)
def test_full_disk_is_an_error_and_undone(mounted: Path) -> None:
    """A disk that runs full while staging (ENOSPC) leaves everything as it was."""
    root = make_repo(mounted / "repo")
    before = state(root)
    wanted = [files.Replacement(change.read, b"x" * 30_000) for change in changes(root)]
    with pytest.raises(FileSystemError, match="No space left"):
        files.replace_all(wanted)
    assert (state(root), leftovers(root)) == (before, [])
    replace(root)


@pytest.mark.fault(58)
def test_read_only_disk_is_an_error(mounted: Path) -> None:
    """A file system that is mounted read-only (EROFS) is an error, and nothing changes."""
    root = make_repo(mounted / "repo")
    for name in leftovers(root):
        (root / "a" / name).unlink()
    before = state(root)
    subprocess.run(["mount", "-o", "remount,ro", str(mounted)], check=True)
    expect_failure(root, "Read-only file system")
    assert state(root) == before


@pytest.mark.fault(69)
def test_folder_of_another_disk_is_replaced_in_place(tmp_path: Path, mounted: Path) -> None:
    """A folder of the repository on another device works: temporaries stand beside their targets."""
    make_repo(tmp_path / "repo")
    subprocess.run(["mount", "--bind", str(mounted), str(tmp_path / "repo/b")], check=True)
    try:
        for path in ("three", "link"):
            (tmp_path / "repo/b" / path).write_bytes(b"old")
        assert (tmp_path / "repo/b").stat().st_dev != (tmp_path / "repo").stat().st_dev
        replace(tmp_path / "repo")
        assert [text[:4] for text in texts(tmp_path / "repo")] == [b"new,"] * 4
    finally:
        subprocess.run(["umount", str(tmp_path / "repo/b")], check=True)


@pytest.mark.fault(70)
def test_bind_mounts_are_known_to_be_one_file_and_one_folder(repo: Path) -> None:
    """A file or folder with two paths and one inode, as where case does not count, is known as one."""
    other, folder = repo / "b/ONE", repo / "d"
    other.touch()
    folder.mkdir()
    with contextlib.ExitStack() as mounts:
        for source, target in ((repo / "a/one", other), (repo / "a", folder)):
            mount = ["mount", "--bind", str(source), str(target)]
            if not ROOT or subprocess.run(mount, check=False, capture_output=True).returncode:
                pytest.skip("mounting needs root")
            mounts.callback(subprocess.run, ["umount", str(target)], check=True)
        (repo / "a/.git").mkdir()
        reads = [files.read(str(repo), path, limit=LIMIT) for path in ("a/two", "d/two")]
        assert files.replace_all([files.Replacement(one, b"new") for one in reads], wait=0) == ()
        assert (repo / "a/two").read_bytes() == b"new"
        reads = [files.read(str(repo), path, limit=LIMIT) for path in ("a/one", "b/ONE")]
        wanted = [files.Replacement(one, one.path.encode()) for one in reads]
        with pytest.raises(ConcurrentEdit, match="is the same file as 'a/one'"):
            files.replace_all(wanted, wait=0)


@pytest.mark.fault(58)
def test_immutable_file_is_an_error_and_undone(repo: Path) -> None:
    """A file that even root may not replace (chattr +i) fails the change, which is undone."""
    file = str(repo / "b/three")
    before = state(repo)
    if (
        not ROOT
        or not shutil.which("chattr")
        or subprocess.run(["chattr", "+i", file], check=False).returncode
    ):
        pytest.skip("making files immutable needs root and a file system that can")
    try:
        expect_failure(repo, "Operation not permitted")
    finally:
        subprocess.run(["chattr", "-i", file], check=True)
    assert (state(repo), leftovers(repo)) == (before, [])


def test_a_file_that_changes_while_it_is_read_is_an_error(tmp_path: Path) -> None:
    """A read never gives a mixture: a file that another program is writing is an error."""
    file = tmp_path / "growing"
    file.write_bytes(b"x" * (1 << 22))
    child = os.fork()
    if child == 0:
        fd = os.open(file, os.O_WRONLY | os.O_APPEND)
        for _ in range(1 << 20):
            os.write(fd, b"x")
        os._exit(0)
    told_off = False
    try:
        for _ in range(100):
            try:
                assert set(files.read(str(tmp_path), "growing", limit=1 << 24).data) == {ord("x")}
            except ConcurrentEdit:
                told_off = True
                break
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert told_off


@pytest.mark.fault(25)
def test_reading_never_waits_for_a_pipe(repo: Path) -> None:
    """A pipe that replaces a file between the check and the open does not hang the read."""
    os.mkfifo(repo / "pipe")
    with no_hang():
        fd = os.open(repo / "pipe", FILE_FLAGS)
        os.close(fd)
        with pytest.raises(NotRegularFile):
            files.read(str(repo), "pipe", limit=LIMIT)
