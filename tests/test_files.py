"""The files room: which paths it refuses, what it finds, and what it keeps when it replaces a file."""

from __future__ import annotations

import glob
import os
import socket
import stat
from collections.abc import Callable  # noqa: TC003 - hypothesis and pytest look annotations up.
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from krow_versions import files
from krow_versions.errors import (
    ConcurrentEdit,
    FileSystemError,
    FileTooLarge,
    KrowVersionsError,
    NotRegularFile,
    UnsafePath,
)
from krow_versions.files.paths import open_folder
from krow_versions.text.paths import has_wildcard
from support.untouched import everything

LIMIT = 1 << 20
SAME_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
AWKWARD_NAMES = [
    "with space",
    "-rf",
    "--help",
    "two\nlines",
    "esc\x1b[2K",
    "tab\t",
    os.fsdecode(b"caf\xe9"),
    "\u202egnp",
    "emoji\U0001f600",
    "*",
    "[x]",
    "back\\slash",
    "n" * 255,
]
GIT_SPELLINGS = [
    ".git/hooks/post-checkout",
    ".git",
    ".GIT/config",
    ".gIt/x",
    "sub/.git/hooks/pre-commit",
    "sub/.git",
    "a/b/.Git/c",
    "./.git/config",
    "sub//.git//config",
    ".git./config",
    ".git /config",
    ".git. ./config",
    "git~1/config",
    "GIT~1/config",
    ".git::$INDEX_ALLOCATION/config",
    ".git:stream",
    ".g\u200cit/config",
    "\ufeff.git/config",
    "sub\\.git\\config",
]
ESCAPES = ["/etc/passwd", "//etc/passwd", "..", "../x", "a/../../x", "sub/..", "a/../VERSION", "./../x"]
NO_NAMES = ["", "nul\0byte", "lone\ud800surrogate"]


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    root = tmp_path / "repo"
    root.mkdir()
    return root


def put(root: Path, path: str, data: bytes = b"version: 0.1.0\n", mode: int = 0o644) -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    file.chmod(mode)
    return file


def replacement(root: Path, path: str, data: bytes = b"version: 0.1.1\n") -> files.Replacement:
    return files.Replacement(files.read(str(root), path, limit=LIMIT), data)


def replace(root: Path, *paths: str, data: bytes = b"version: 0.1.1\n") -> tuple[str, ...]:
    return files.replace_all([replacement(root, path, data) for path in paths])


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


# --- reading --------------------------------------------------------------------------------


def test_reading_gives_exact_bytes_and_place(repo: Path) -> None:
    """A file is read as bytes, with its real place and its state."""
    file = put(repo, "apps/VERSION", b"\xef\xbb\xbf0.1.0\r\n\x00\xff", 0o640)
    found = files.read(str(repo), "apps/VERSION", limit=LIMIT)
    assert found.data == b"\xef\xbb\xbf0.1.0\r\n\x00\xff"
    assert (found.path, found.root, found.target) == ("apps/VERSION", str(repo), str(file))
    assert found.identity == files.Identity.of(file.stat())
    assert found.identity.mode == 0o640


@pytest.mark.parametrize("kind", ["root", "above"])
def test_a_root_is_a_real_path(repo: Path, tmp_path: Path, kind: str) -> None:
    """A root that is, or has become, a link is refused; callers resolve links first."""
    put(repo, "VERSION")
    put(repo, "sub/VERSION")
    link = tmp_path / "link"
    link.symlink_to(repo)
    root = str(link if kind == "root" else link / "sub")
    for door in (
        lambda: files.read(root, "VERSION", limit=LIMIT),
        lambda: files.create(root, "NEW", b""),
        lambda: files.make_folder(root, "new"),
        lambda: files.remove(root, "VERSION"),
        lambda: files.names(root, "."),
    ):
        with pytest.raises(UnsafePath, match="leads out of its repository"):
            door()
    assert names(repo) == {"VERSION", "sub"}
    assert files.read(files.real_path(root), "VERSION", limit=LIMIT).data == b"version: 0.1.0\n"


@pytest.mark.fault(61, 62)
@pytest.mark.parametrize("path", [*ESCAPES, *GIT_SPELLINGS, *NO_NAMES])
@pytest.mark.parametrize(
    "door",
    [
        lambda root, path: files.read(root, path, limit=LIMIT),
        files.exists,
        files.find,
    ],
    ids=["read", "exists", "find"],
)
def test_paths_may_not_leave_nor_enter_git(repo: Path, path: str, door: Callable[[str, str], object]) -> None:
    """A path that is absolute, has '..' or enters .git in any spelling is refused by its text alone."""
    put(repo, "VERSION")
    put(repo, "sub/.git/config")
    put(repo, ".git/hooks/post-checkout")
    with pytest.raises(UnsafePath) as caught:
        door(str(repo), path)
    assert caught.value.path == path
    assert caught.value.hint
    with pytest.raises(UnsafePath):
        door(str(repo), f"{path}/*" if path else "/*")


@pytest.mark.parametrize(
    "path", [".github/VERSION", ".gitignore", "git/x", "x.git", ".git-x", "...", "a..b/c"]
)
def test_names_that_only_resemble_are_fine(repo: Path, path: str) -> None:
    """A name that only begins like .git or '..' is an ordinary name."""
    put(repo, path)
    assert files.read(str(repo), path, limit=LIMIT).data == b"version: 0.1.0\n"
    assert files.exists(str(repo), path)


def test_links_inside_are_followed(repo: Path) -> None:
    """A link to a file or folder inside the repository leads to its target."""
    real = put(repo, "real/VERSION")
    (repo / "file").symlink_to("real/VERSION")
    (repo / "folder").symlink_to("real")
    assert files.read(str(repo), "file", limit=LIMIT).target == str(real)
    assert files.read(str(repo), "folder/VERSION", limit=LIMIT).target == str(real)


@pytest.mark.fault(61, 62)
@pytest.mark.parametrize("kind", ["file", "folder", "device", "dangling", "sibling", "git", "git-folder"])
def test_links_out_are_refused(repo: Path, tmp_path: Path, kind: str) -> None:
    """A link that leads out of the repository or into .git is refused, whatever is there."""
    put(tmp_path, "out/VERSION")
    put(tmp_path, "repo-sibling/VERSION")  # The root's name is a prefix of this one's.
    put(repo, ".git/hooks/VERSION")
    targets = {
        "file": ("link", tmp_path / "out/VERSION"),
        "folder": ("link/VERSION", tmp_path / "out"),
        "device": ("link", Path("/dev/zero")),
        "dangling": ("link", tmp_path / "nothing"),
        "sibling": ("link/VERSION", tmp_path / "repo-sibling"),
        "git": ("link", repo / ".git/hooks/VERSION"),
        "git-folder": ("link/VERSION", repo / ".git/hooks"),
    }
    path, target = targets[kind]
    (repo / "link").symlink_to(target)
    with pytest.raises(UnsafePath):
        files.read(str(repo), path, limit=LIMIT)


@pytest.mark.fault(25)
@pytest.mark.parametrize("kind", ["folder", "root", "fifo", "socket", "device", "link-to-fifo", "loop"])
def test_only_regular_files_are_read(repo: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder, pipe, socket, device or loop of links is refused at once, without hanging."""
    monkeypatch.chdir(repo)  # The name of a socket may not be long.
    path = "." if kind == "root" else "thing"
    if kind == "folder":
        Path("thing").mkdir()
    elif kind == "fifo":
        os.mkfifo("thing")
    elif kind == "link-to-fifo":
        os.mkfifo("pipe")
        Path("thing").symlink_to("pipe")
    elif kind == "loop":
        Path("thing").symlink_to("thing")
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("thing")
    elif kind == "device":
        try:
            os.mknod("thing", stat.S_IFCHR | 0o666, os.makedev(1, 5))
        except OSError:
            pytest.skip("making a device needs root")
    with pytest.raises(NotRegularFile, match="not a file"):
        files.read(str(repo), path, limit=LIMIT)


def test_missing_file_is_an_error(repo: Path) -> None:
    """A missing file, or one below a file, is an error that names it."""
    put(repo, "VERSION")
    (repo / "dangling").symlink_to("nothing")
    for path in ("nothing", "a/b/c", "VERSION/x", "dangling", "n" * 256):
        with pytest.raises(FileSystemError) as caught:
            files.read(str(repo), path, limit=LIMIT)
        assert caught.value.path == path
        assert "cannot be read: " in caught.value.message


@pytest.mark.fault(24)
def test_size_is_limited_before_reading(repo: Path) -> None:
    """A file of exactly the limit is read, one byte more is refused; a sparse terabyte at once."""
    put(repo, "exact", b"x" * 100)
    put(repo, "over", b"x" * 101)
    put(repo, "sparse")
    os.truncate(repo / "sparse", 1 << 40)
    assert len(files.read(str(repo), "exact", limit=100).data) == 100
    assert files.read(str(repo), "exact", limit=1 << 62).data == b"x" * 100
    for path in ("over", "sparse"):
        os.utime(repo / path, ns=(1, 1))
        with pytest.raises(FileTooLarge, match="over 100 bytes"):
            files.read(str(repo), path, limit=100)
        assert (repo / path).stat().st_atime_ns == 1  # Not read at all.


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs a file that reports no size")
def test_size_is_limited_while_reading() -> None:
    """A file that says it is empty and is not (procfs) is still read no further than the limit."""
    own = f"/proc/{os.getpid()}"
    assert files.read(own, "status", limit=LIMIT).data.startswith(b"Name:")
    with pytest.raises(FileTooLarge):
        files.read(own, "status", limit=20)


def test_folders_are_walked_without_following_links(repo: Path) -> None:
    """A link that takes a folder's place after its path was resolved is not followed."""
    put(repo, "real/VERSION")
    (repo / "link").symlink_to("real")
    os.close(open_folder(str(repo), ["real"]))
    with pytest.raises(OSError, match="link"):
        open_folder(str(repo), ["link"])


def test_anything_exists_that_has_the_name(repo: Path) -> None:
    """Anything with the name exists, a dangling link too; reading it reports what is wrong."""
    put(repo, "a/VERSION")
    (repo / "dangling").symlink_to("nothing")
    assert [files.exists(str(repo), path) for path in ("a/VERSION", "a", "dangling", "b", "a/VERSION/x")] == [
        True,
        True,
        True,
        False,
        False,
    ]


SEGMENTS = st.sampled_from(
    ["a", "b", ".git", ".GIT", "in", "out", "deep", "up", "..", ".", "", "VERSION", "hooks"]
)


@SAME_FOLDER
@given(st.lists(SEGMENTS, min_size=1, max_size=6))
def test_no_path_ever_leads_out(tmp_path_factory: pytest.TempPathFactory, segments: list[str]) -> None:
    """Every path leads to a file of the repository outside .git, or is an UnsafePath."""
    top = tmp_path_factory.getbasetemp() / "maze"
    root = top / "repo"
    if not root.exists():
        for path in ("a/VERSION", "a/b/VERSION", ".git/hooks/VERSION", "VERSION", "b"):
            put(root, path, b"inside")
        put(top, "VERSION", b"outside")
        (root / "in").symlink_to("a/b")
        (root / "out").symlink_to("..")
        (root / "a/up").symlink_to("..")
        (root / "deep").symlink_to(".git")
        (root / "a/out").symlink_to("../../repo/a")
    path = "/".join(segments)
    try:
        found = files.read(str(root), path, limit=LIMIT)
    except KrowVersionsError:
        return
    assert found.target.startswith(f"{root}/")
    assert "/.git" not in found.target
    assert os.path.realpath(root / path) == found.target
    assert found.data == b"inside"


# --- finding --------------------------------------------------------------------------------


@pytest.fixture
def tree(repo: Path) -> Path:
    for path in (
        "VERSION",
        "backend/api/package.json",
        "backend/jobs/package.json",
        "backend/jobs/node_modules/x/package.json",
        "backend/.hidden/package.json",
        "node_modules/y/package.json",
        ".git/package.json",
        "backend/api/.git/package.json",
        ".config/package.json",
        "lib/[id]/package.json",
        "a1.txt",
        "a2.txt",
        "ab.txt",
        ".a3.txt",
    ):
        put(repo, path)
    (repo / "backend/link").symlink_to("api")
    (repo / "backend/folder.json").mkdir()
    return repo


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("VERSION", ["VERSION"]),
        ("nothing", []),
        ("backend", ["backend"]),
        ("backend/*/package.json", ["backend/api/package.json", "backend/jobs/package.json"]),
        ("backend/*", []),
        ("backend/link/*", ["backend/link/package.json"]),
        ("*/api/package.json", ["backend/api/package.json"]),
        (
            "**/package.json",
            ["backend/api/package.json", "backend/jobs/package.json", "lib/[id]/package.json"],
        ),
        ("**/VERSION", ["VERSION"]),
        ("backend/**", ["backend/api/package.json", "backend/jobs/package.json"]),
        ("**/**/api/**/package.json", ["backend/api/package.json"]),
        ("backend/.*/package.json", ["backend/.hidden/package.json"]),
        ("backend/.hidden/*.json", ["backend/.hidden/package.json"]),
        (".*/package.json", [".config/package.json"]),
        ("[.]*/package.json", []),
        ("node_modules/*/package.json", ["node_modules/y/package.json"]),
        ("node_*/*/package.json", []),
        ("lib/[[]id]/*", ["lib/[id]/package.json"]),
        ("a[0-9].txt", ["a1.txt", "a2.txt"]),
        ("a[!0-9].txt", ["ab.txt"]),
        ("a?.txt", ["a1.txt", "a2.txt", "ab.txt"]),
        ("A?.TXT", []),
        ("./backend//jobs/*.json", ["backend/jobs/package.json"]),
        ("VERSION/*", []),
    ],
)
def test_patterns_find_what_a_shell_would(tree: Path, pattern: str, expected: list[str]) -> None:
    """Wildcards mean the same as in a shell, but never match .git, node_modules or linked folders."""
    assert files.find(str(tree), pattern) == tuple(expected)


def test_what_is_no_file_is_found_too(repo: Path, tmp_path: Path) -> None:
    """A pipe or dangling link matches, so that reading reports it; a link to a folder does not."""
    os.mkfifo(repo / "a.pipe")
    (repo / "a.link").symlink_to("nothing")
    (repo / "a.loop").symlink_to("a.loop")
    (repo / "a.out").symlink_to(tmp_path)
    assert files.find(str(repo), "a.*") == ("a.link", "a.loop", "a.pipe")
    assert files.find(str(repo), "a.pipe") == ("a.pipe",)
    for path in files.find(str(repo), "a.*"):
        with pytest.raises((NotRegularFile, FileSystemError)):
            files.read(str(repo), path, limit=LIMIT)


@pytest.mark.parametrize("pattern", ["out/*", "*/out/*", "out/secret/*"])
def test_named_link_out_is_refused_in_patterns(repo: Path, tmp_path: Path, pattern: str) -> None:
    """A pattern that names a link out of the repository is refused, not searched."""
    put(tmp_path, "elsewhere/secret/VERSION")
    put(repo, "a/VERSION")
    for link in ("out", "a/out"):
        (repo / link).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnsafePath):
        files.find(str(repo), pattern)


def test_finding_is_fast_on_patterns_made_to_be_slow(repo: Path) -> None:
    """Many '**' and '*' do not multiply: every folder is visited once per segment."""
    put(repo, "/".join("a" * 60).removeprefix("/") + "/VERSION")
    put(repo, "x" * 200)
    assert files.find(str(repo), "/".join(["**", "a"] * 12) + "/**/nothing") == ()
    assert files.find(str(repo), "*x" * 60 + "y") == ()


NAMES = st.sampled_from(["a", "b", "ab", "x.json", ".h", "[a]", "a*", "é", "-", " "])
PATTERNS = st.sampled_from(
    ["*", "**", "a", "?", "a*", "[a-b]", "[!a]", ".*", "*.json", "[[]a]", "b", "é", "*[", " "]
)


@SAME_FOLDER
@given(
    st.sets(st.lists(NAMES, min_size=1, max_size=4).map("/".join), max_size=8),
    st.lists(PATTERNS, min_size=1, max_size=4),
)
def test_finding_agrees_with_the_standard_library(
    tmp_path_factory: pytest.TempPathFactory, paths: set[str], segments: list[str]
) -> None:
    """Without links and special folders, patterns find what ``glob.glob`` finds."""
    root = tmp_path_factory.mktemp("glob")
    for path in sorted(paths):
        file = root / path
        if not file.exists() and not any(parent.is_file() for parent in file.parents):
            put(root, path)
    pattern = "/".join(segments)
    matches = glob.glob(pattern, root_dir=root, recursive=True)
    expected = {path for path in matches if not path.endswith("/") and not (root / path).is_dir()}
    if has_wildcard(pattern):
        assert set(files.find(str(root), pattern)) == expected


# --- replacing ------------------------------------------------------------------------------


@pytest.mark.fault(59)
def test_replacing_writes_exact_bytes_and_keeps_the_mode(repo: Path) -> None:
    """The file has exactly the new bytes and its old mode, and nothing else has changed."""
    modes = {"plain": 0o644, "sub/script": 0o755, "sub/private": 0o600, "odd": 0o222}
    for path, mode in modes.items():
        put(repo, path, mode=mode)
    assert replace(repo, *modes, data=b"\xff\x00\r\n") == ()
    assert {path: stat.S_IMODE((repo / path).stat().st_mode) for path in modes} == modes
    assert {str(f.relative_to(repo)) for f in repo.rglob("*") if f.is_file()} == set(modes)
    assert {(repo / path).read_bytes() for path in modes} == {b"\xff\x00\r\n"}


@SAME_FOLDER
@given(old=st.binary(max_size=300), new=st.binary(max_size=300), mode=st.integers(0, 0o1777))
def test_replacing_is_exact_for_all_bytes_and_modes(
    tmp_path_factory: pytest.TempPathFactory, old: bytes, new: bytes, mode: int
) -> None:
    """Reading back gives what was written, and the mode that was there, for any bytes and any mode."""
    root = tmp_path_factory.mktemp("exact")
    mode |= 0o600
    put(root, "f", old, mode)
    assert replace(root, "f", data=new) == ()
    back = files.read(str(root), "f", limit=LIMIT)
    assert (back.data, back.identity.mode) == (new, mode)
    assert names(root) == {"f"}


@pytest.mark.fault(71)
@pytest.mark.parametrize("name", AWKWARD_NAMES)
def test_awkward_names_are_just_names(repo: Path, name: str) -> None:
    """Newlines, escapes, dashes, undecodable bytes and wildcards in names change nothing."""
    put(repo, name)
    os.link(repo / name, repo / "other")
    (warning,) = replace(repo, name)
    assert (repo / name).read_bytes() == b"version: 0.1.1\n"
    assert warning.isprintable()
    assert names(repo) == {name, "other"}


def test_nothing_to_replace_touches_nothing(repo: Path) -> None:
    """No replacements, or only those that change nothing, take no lock and leave every time as it is."""
    put(repo, "a")
    os.utime(repo, ns=(1, 1))
    before = everything(repo)
    assert files.replace_all([]) == ()
    with files.locked(str(repo)):
        assert files.replace_all([replacement(repo, "a", b"version: 0.1.0\n")]) == ()
    assert (everything(repo), repo.stat().st_mtime_ns) == (before, 1)


def test_what_is_already_right_stays_untouched_beside_a_change(repo: Path) -> None:
    """A file whose new bytes are its old ones keeps inode and times while another is replaced."""
    put(repo, "a")
    put(repo, "right", b"same", 0o444)
    before = (repo / "right").stat()
    changes = [replacement(repo, "a"), replacement(repo, "right", b"same")]
    assert files.replace_all(changes) == ()
    assert files.Identity.of((repo / "right").stat()) == files.Identity.of(before)


@pytest.mark.parametrize("is_link", [False, True])
def test_a_folder_that_cannot_be_locked(repo: Path, is_link: bool) -> None:
    """A folder to lock that is gone, or became a link, is an error that names it; nothing is written."""
    put(repo, "folder/a")
    wanted = [replacement(repo, "folder/a")]
    (repo / "folder").rename(repo / "moved")
    if is_link:
        (repo / "folder").symlink_to("moved")
    before = everything(repo)
    with pytest.raises(FileSystemError, match="cannot be locked"):
        files.replace_all(wanted)
    assert everything(repo) == before


@pytest.mark.fault(60)
def test_link_stays_and_its_target_is_replaced(repo: Path) -> None:
    """A version file that is a link inside the repository stays one; what it leads to changes."""
    put(repo, "real/VERSION", mode=0o600)
    (repo / "VERSION").symlink_to("real/VERSION")
    assert replace(repo, "VERSION") == ()
    assert (repo / "VERSION").readlink() == Path("real/VERSION")
    assert (repo / "real/VERSION").read_bytes() == b"version: 0.1.1\n"
    assert names(repo / "real") == {"VERSION"}


def test_one_file_under_two_names_is_written_once(repo: Path) -> None:
    """A file that is reached by two names gets its new text once, or is refused for two texts."""
    put(repo, "real")
    (repo / "link").symlink_to("real")
    one, same, other = (
        replacement(repo, "real"),
        replacement(repo, "link"),
        replacement(repo, "link", b"other"),
    )
    before = everything(repo)
    with pytest.raises(ConcurrentEdit, match="same file as 'real'"):
        files.replace_all([one, other])
    assert everything(repo) == before
    assert files.replace_all([one, same]) == ()
    assert (repo / "real").read_bytes() == b"version: 0.1.1\n"


@pytest.mark.fault(57)
def test_read_only_files_are_refused_before_anything_is_staged(repo: Path) -> None:
    """A file without any write bit is refused by name, since renaming would go round its mode."""
    put(repo, "a")
    put(repo, "b", mode=0o444)
    put(repo, "c", mode=0o555)
    os.utime(repo, ns=(1, 1))
    before = everything(repo)
    with pytest.raises(FileSystemError, match="read-only, and so are 'c'") as caught:
        replace(repo, "a", "b", "c")
    assert (caught.value.path, everything(repo), repo.stat().st_mtime_ns) == ("b", before, 1)


@pytest.mark.fault(63)
def test_hard_links_give_a_warning(repo: Path) -> None:
    """Another name of a file keeps the old bytes: a warning, unless it changes as well."""
    put(repo, "a")
    os.link(repo / "a", repo / "b")
    os.link(repo / "a", repo / "c")
    (warning,) = replace(repo, "a")
    assert warning == "a: 2 other names of this file (hard links) will keep the old content"
    assert (repo / "b").read_bytes() == b"version: 0.1.0\n"
    assert replace(repo, "b", "c") == ()
    assert (repo / "c").read_bytes() == b"version: 0.1.1\n"


@pytest.mark.fault(59)
@pytest.mark.parametrize("bits", [0o4000, 0o2000, 0o6000])
def test_privileges_of_the_old_bytes_are_dropped(repo: Path, bits: int) -> None:
    """New bytes never run as another user: set-user-ID and set-group-ID are dropped, with a warning."""
    put(repo, "a", mode=0o755 | bits)
    if not (repo / "a").stat().st_mode & bits:
        pytest.skip("this file system gives no such bits")
    (warning,) = replace(repo, "a")
    assert "set-user-ID" in warning
    assert stat.S_IMODE((repo / "a").stat().st_mode) == 0o755


@pytest.mark.fault(59)
@pytest.mark.skipif(os.geteuid() != 0, reason="giving files away needs root")
def test_owner_and_group_are_kept(repo: Path) -> None:
    """A file of another user stays that user's."""
    put(repo, "a", mode=0o640)
    os.chown(repo / "a", 65534, 1234)
    assert replace(repo, "a") == ()
    status = (repo / "a").stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (65534, 1234, 0o640)


@pytest.mark.fault(59)
def test_extended_attributes_are_kept(repo: Path) -> None:
    """The new file has the extended attributes of the old one."""
    put(repo, "a")
    try:
        os.setxattr(repo / "a", "user.origin", b"\x00\xff")
    except (OSError, AttributeError):
        pytest.skip("no extended attributes here")
    assert replace(repo, "a") == ()
    assert os.getxattr(repo / "a", "user.origin") == b"\x00\xff"


def access_list(group: int) -> bytes:
    """A POSIX access control list that lets user 65534 read and write; *group* for the group."""
    entries = [(0x01, 6, -1), (0x02, 6, 65534), (0x04, group, -1), (0x10, 6, -1), (0x20, 4, -1)]
    fields = [
        tag.to_bytes(2, "little") + bits.to_bytes(2, "little") + (who & 0xFFFFFFFF).to_bytes(4, "little")
        for tag, bits, who in entries
    ]
    return (2).to_bytes(4, "little") + b"".join(fields)


@pytest.mark.fault(59)
def test_access_lists_are_kept_and_not_inherited(repo: Path) -> None:
    """The new file has the access control list of the old one, without the folder's default one."""
    put(repo, "listed")
    put(repo, "plain")
    try:
        os.setxattr(repo / "listed", "system.posix_acl_access", access_list(4))
        os.setxattr(repo, "system.posix_acl_default", access_list(7))
    except (OSError, AttributeError):
        pytest.skip("no access control lists here")
    mode = (repo / "listed").stat().st_mode
    assert replace(repo, "listed", "plain") == ()
    assert os.getxattr(repo / "listed", "system.posix_acl_access") == access_list(4)
    assert (repo / "listed").stat().st_mode == mode
    assert os.listxattr(repo / "plain") == []
    assert stat.S_IMODE((repo / "plain").stat().st_mode) == 0o644


def test_leftovers_of_a_killed_run_are_cleared(repo: Path) -> None:
    """Temporary files are removed, also beside files that are already right; similar names stay."""
    put(repo, "a/f")
    put(repo, "b/right", b"same")
    name = files.DISK.temporary_name()
    for folder in ("a", "b"):
        put(repo, f"{folder}/{name}")
        put(repo, f"{folder}/.krow-versions-mine.tmp")
        put(repo, f"{folder}/{name}.bak")
    (repo / "a" / files.DISK.temporary_name()).mkdir()
    changes = [replacement(repo, "a/f"), replacement(repo, "b/right", b"same")]
    assert files.replace_all(changes) == ()
    kept = {f"{name}.bak", ".krow-versions-mine.tmp"}
    assert {file.name for file in (repo / "a").iterdir() if file.is_file()} == {"f", *kept}
    assert names(repo / "b") == {"right", *kept}
