"""The questions to git, asked of real repositories with the real program.

Where git itself has to misbehave, another real program named ``git`` stands first on PATH.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from krow_versions import git
from krow_versions.errors import GitError, Unsupported, UsageError
from krow_versions.git import Repository, Tag, open_repository
from krow_versions.git.configuration import flag, read_settings
from krow_versions.git.ref_list import _broken
from support.repositories import opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.repositories import Repo
from support.repositories import names

# --- opening ---------------------------------------------------------------------------------


def test_an_ordinary_repository_is_found_from_a_subfolder(repo: Repo) -> None:
    """Top, common folder, HEAD and branch are those of the enclosing repository."""
    commit = repo.commit()
    (repo.path / "apps" / "mobile").mkdir(parents=True)
    expected = Repository(
        root=str(repo.path),
        common_dir=str(repo.path / ".git"),
        git_dir=str(repo.path / ".git"),
        head=commit,
        branch="refs/heads/main",
        shallow=False,
    )
    assert opened(repo.path / "apps" / "mobile") == expected
    assert opened(repo.path) == expected


def test_a_relative_path_is_one_from_the_current_folder(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder, as the command line gives it, works like any other."""
    monkeypatch.chdir(repo.path)
    assert opened(Path()).root == str(repo.path)


@pytest.mark.fault(83)
def test_an_unborn_branch_has_a_name_but_no_head(repo: Repo) -> None:
    """A repository without a commit is no error, and its tags are none."""
    repository = opened(repo.path)
    assert (repository.head, repository.branch) == (None, "refs/heads/main")
    assert repository.tags(["app"]) == ()


def test_an_unborn_branch_reaches_no_tag(repo: Repo) -> None:
    """Without HEAD nothing is reachable, but tags are still listed."""
    repo.commit()
    repo.tag("app/prod-v0.1.0")
    repo.git("switch", "--quiet", "--orphan", "new")
    assert [(tag.name, tag.reachable) for tag in opened(repo.path).tags(["app"])] == [
        ("app/prod-v0.1.0", False)
    ]


@pytest.mark.fault(83)
def test_a_detached_head_has_no_branch(repo: Repo) -> None:
    """A detached HEAD is a commit without a branch, not a branch called HEAD."""
    commit = repo.commit()
    repo.git("switch", "--quiet", "--detach")
    repository = opened(repo.path)
    assert (repository.head, repository.branch) == (commit, None)


@pytest.mark.parametrize("ref", ["refs/heads/HEAD", "refs/tags/HEAD"])
@pytest.mark.parametrize("detached", [False, True])
def test_a_ref_named_head_does_not_confuse(repo: Repo, ref: str, detached: bool) -> None:
    """HEAD is HEAD also where a branch or tag has that name, which git calls ambiguous."""
    repo.commit("first")
    repo.git("update-ref", ref, "HEAD")
    commit = repo.commit("second")
    if detached:
        repo.git("checkout", "--quiet", "--detach", commit)
    repository = opened(repo.path)
    assert (repository.head, repository.branch) == (commit, None if detached else "refs/heads/main")


@pytest.mark.parametrize("content", ["garbage\n", "", f"{'0' * 40}\n"])
def test_a_broken_branch_is_not_a_new_one(repo: Repo, content: str) -> None:
    """A branch file that git cannot read is an error that names the branch."""
    repo.commit()
    (repo.path / ".git/refs/heads/main").write_text(content)
    with pytest.raises(GitError, match=r"HEAD cannot be read: .*(refs/heads/main|No such ref)"):
        open_repository(str(repo.path))


@pytest.mark.fault(83)
def test_no_repository_is_none(tmp_path: Path) -> None:
    """A folder outside all repositories is an ordinary answer, not an error."""
    assert open_repository(str(tmp_path)) is None


def test_a_ceiling_is_respected(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """GIT_CEILING_DIRECTORIES, which is no repository's own variable, still works."""
    folder = repo.path / "sub"
    folder.mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(repo.path))
    assert open_repository(str(folder)) is None


@pytest.mark.fault(72)
def test_a_missing_folder_and_a_missing_git_differ(tmp_path: Path) -> None:
    """Both raise the same FileNotFoundError; the message names the right one."""
    (tmp_path / "file").touch()
    for name in ("nowhere", "file"):
        with pytest.raises(UsageError, match=f"there is no folder .*{name[:4]}"):
            open_repository(str(tmp_path / name))


@pytest.mark.fault(83)
def test_bare_and_inner_folders_are_refused(repo: Repo, tmp_path: Path) -> None:
    """Where there is no work tree, the error says which case it is and what to do."""
    repo.commit()
    repo.clone(tmp_path / "bare.git", "--bare")
    with pytest.raises(Unsupported, match="bare repository") as bare:
        open_repository(str(tmp_path / "bare.git"))
    with pytest.raises(Unsupported, match="git's own folder") as inner:
        open_repository(str(repo.path / ".git"))
    assert "worktree" in str(bare.value)
    assert "hint" in str(inner.value)


def test_a_broken_link_to_a_repository_is_an_error(tmp_path: Path) -> None:
    """A .git file with a missing target is an error, not the absence of a repository."""
    (tmp_path / ".git").write_text("gitdir: /nowhere/at/all\n")
    with pytest.raises(GitError, match="git rev-parse failed: fatal: "):  # Its words differ between versions.
        open_repository(str(tmp_path))


@pytest.mark.fault(86)
def test_linked_worktrees_share_the_common_folder(repo: Repo, tmp_path: Path) -> None:
    """Locks and records of all worktrees live in one place; HEAD is each one's own."""
    first = repo.commit("first")
    repo.git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "other"))
    repo.commit("second")
    other = opened(tmp_path / "other")
    assert other.common_dir == opened(repo.path).common_dir == str(repo.path / ".git")
    assert (other.root, other.head, other.branch) == (str(tmp_path / "other"), first, "refs/heads/other")


def test_a_submodule_is_its_own_repository(repo: Repo, new_repo: Callable[[], Repo]) -> None:
    """Inside a submodule, it is the submodule that is found, and outside it has no content."""
    part = new_repo()
    commit = part.commit()
    repo.git("submodule", "--quiet", "add", part.path.as_uri(), "part")
    whole = repo.commit()
    inner = opened(repo.path / "part")
    assert (inner.root, inner.head) == (str(repo.path / "part"), commit)
    assert inner.common_dir == str(repo.path / ".git/modules/part")
    assert opened(repo.path).blobs([(whole, "part"), (whole, "part/x")]) == (None, None)


@pytest.mark.parametrize("name", ["a b", "-x", "ä", "line\nbreak", "true\n", "$(id)"])
def test_awkward_folder_names(tmp_path: Path, new_repo: Callable[[], Repo], name: str) -> None:
    """The path of a repository comes back exactly as it is."""
    folder = tmp_path / name
    repo = new_repo()
    commit = repo.commit()
    shutil.move(repo.path, folder)
    repository = opened(folder)
    assert (repository.root, repository.common_dir) == (str(folder), f"{folder}/.git")
    assert repository.head == commit


# --- tags --------------------------------------------------------------------------------------


@pytest.mark.fault(79)
def test_tags_of_every_kind(repo: Repo) -> None:
    """Type, id and reachability of lightweight and annotated tags, of tags on blobs and trees."""
    repo.write("VERSION", "1")
    first = repo.commit("first")
    annotated = repo.tag("app/annotated")
    repo.tag("app/light", annotated=False)
    blob = repo.tag("app/blob", "HEAD:VERSION", annotated=False)
    tree = repo.tag("app/tree", "HEAD^{tree}", annotated=False)
    on_blob = repo.tag("app/on-blob", "HEAD:VERSION")
    nested = repo.tag("app/nested", "refs/tags/app/annotated")
    second = repo.commit("second")
    repo.tag("app/later", annotated=False)
    repo.git("reset", "--quiet", "--hard", first)
    assert opened(repo.path).tags(["app"]) == (
        Tag("app/annotated", annotated, "tag", reachable=True),
        Tag("app/blob", blob, "blob", reachable=False),
        Tag("app/later", second, "commit", reachable=False),
        Tag("app/light", first, "commit", reachable=True),
        Tag("app/nested", nested, "tag", reachable=True),
        Tag("app/on-blob", on_blob, "tag", reachable=False),
        Tag("app/tree", tree, "tree", reachable=False),
    )


@pytest.mark.fault(52)
def test_prefixes_are_folders(repo: Repo) -> None:
    """Neither a tag named like the folder nor a longer folder belongs to it; no tag comes twice."""
    repo.commit()
    for name in ("app", "app2/v1", "web/v1", "web/sub/v2", "Web/v3"):
        repo.tag(name)
    repository = opened(repo.path)
    assert names(repository.tags(["app"])) == []
    assert names(repository.tags(["web", "web/sub", "app2", "web"])) == ["app2/v1", "web/sub/v2", "web/v1"]
    assert names(repository.tags([""])) == ["Web/v3", "app", "app2/v1", "web/sub/v2", "web/v1"]
    assert repository.tags([]) == ()


@pytest.mark.parametrize(
    "prefix", ["a*", "a b", "../x", "/a", "a/", "a\n", "a\0b", "[ab]", "a@{1}", "\ud800"]
)
def test_prefixes_that_no_tag_can_have_are_refused(repo: Repo, prefix: str) -> None:
    """A pattern, a NUL or a lone surrogate is a UsageError, not a wider pattern."""
    with pytest.raises(UsageError):
        opened(repo.path).tags([prefix])


@pytest.mark.fault(81)
def test_clones_without_tags_have_none(repo: Repo, tmp_path: Path) -> None:
    """A clone with `--no-tags` and a shallow clone have no tags; the second is marked as shallow."""
    repo.commit("first")
    repo.tag("app/prod-v0.1.0")
    repo.commit("second")
    bare_of_tags = opened(repo.clone(tmp_path / "a", "--no-tags").path)
    shallow = opened(repo.clone(tmp_path / "b", "--depth=1").path)
    assert (bare_of_tags.tags(["app"]), bare_of_tags.shallow) == ((), False)
    assert (shallow.tags(["app"]), shallow.shallow) == ((), True)


def test_a_shallow_repository_says_so(repo: Repo, tmp_path: Path) -> None:
    """Ancestry is wrong in a shallow clone, and `shallow` says so."""
    repo.commit("first")
    repo.tag("app/prod-v0.1.0")
    repo.commit("second")
    clone = repo.clone(tmp_path / "clone", "--depth=1")
    clone.git("fetch", "--quiet", "--depth=1", "origin", "tag", "app/prod-v0.1.0")
    cut, full = opened(clone.path), opened(repo.path)
    assert [tag.reachable for tag in full.tags(["app"])] == [True]
    assert [tag.reachable for tag in cut.tags(["app"])] == [False]
    assert (full.shallow, cut.shallow) == (False, True)


@pytest.mark.fault(80)
def test_a_branch_of_the_same_name_is_not_the_tag(repo: Repo) -> None:
    """Full names are not ambiguous when a tag and a branch have the same name."""
    repo.write("VERSION", "tagged")
    tagged = repo.commit("first")
    repo.tag("app/v1", annotated=False)
    repo.write("VERSION", "branched")
    repo.commit("second")
    repo.git("update-ref", "refs/heads/app/v1", "HEAD")
    repository = opened(repo.path)
    assert [tag.object_id for tag in repository.tags(["app"])] == [tagged]
    assert repository.blobs([("refs/tags/app/v1", "VERSION"), ("refs/heads/app/v1", "VERSION")]) == (
        b"tagged",
        b"branched",
    )


def _object_file(repo: Repo, object_id: str) -> Path:
    file = repo.path / ".git/objects" / object_id[:2] / object_id[2:]
    file.chmod(0o644)
    return file


def _missing(repo: Repo) -> None:
    _object_file(repo, repo.tag("app/bad", "app/good")).unlink()


def _corrupt(repo: Repo) -> None:
    _object_file(repo, repo.tag("app/bad", "app/good")).write_bytes(b"junk")


def _cut_off(repo: Repo) -> None:
    file = _object_file(repo, repo.tag("app/bad", "app/good"))
    file.write_bytes(file.read_bytes()[:40])


def _missing_commit(repo: Repo) -> None:
    repo.tag("app/bad", "elsewhere", annotated=False)
    _object_file(repo, repo.git("rev-parse", "elsewhere")).unlink()


def _annotated_on_missing_commit(repo: Repo) -> None:
    repo.tag("app/bad", "elsewhere")
    _object_file(repo, repo.git("rev-parse", "elsewhere")).unlink()


def _annotated_on_corrupt_commit(repo: Repo) -> None:
    repo.tag("app/bad", "elsewhere")
    _object_file(repo, repo.git("rev-parse", "elsewhere")).write_bytes(b"junk")


def _garbage(repo: Repo) -> None:
    (repo.path / ".git/refs/tags/app/bad").write_text("garbage\n")


def _empty(repo: Repo) -> None:
    (repo.path / ".git/refs/tags/app/bad").touch()


def _null(repo: Repo) -> None:
    (repo.path / ".git/refs/tags/app/bad").write_text(f"{'0' * 40}\n")


DAMAGES = [
    _missing,
    _corrupt,
    _cut_off,
    _missing_commit,
    _annotated_on_missing_commit,
    _annotated_on_corrupt_commit,
    _garbage,
    _empty,
    _null,
]


@pytest.mark.fault(94)
@pytest.mark.parametrize("damage", DAMAGES)
def test_one_bad_tag_hides_no_other(repo: Repo, damage: Callable[[Repo], None]) -> None:
    """Whatever is wrong with one tag, it is listed as missing, and all others as usual."""
    repo.write("VERSION", "1")
    repo.git("switch", "--quiet", "-c", "elsewhere")
    repo.commit("off the main line")
    repo.git("switch", "--quiet", "-c", "aside")
    repo.commit("further off")
    unreachable = repo.tag("app/aside", annotated=False)
    repo.git("switch", "--quiet", "--orphan", "main")
    repo.write("VERSION", "1")
    light = repo.commit("main")
    good = repo.tag("app/good")
    repo.tag("app/light", annotated=False)
    blob = repo.tag("app/on-blob", "HEAD:VERSION")
    damage(repo)
    tags = {tag.name: tag for tag in opened(repo.path).tags(["app"])}
    assert list(tags) == ["app/aside", "app/bad", "app/good", "app/light", "app/on-blob"]
    bad = tags.pop("app/bad")
    assert (bad.object_type, bad.reachable) == ("missing", False)
    assert [*tags.values()] == [
        Tag("app/aside", unreachable, "commit", reachable=False),
        Tag("app/good", good, "tag", reachable=True),
        Tag("app/light", light, "commit", reachable=True),
        Tag("app/on-blob", blob, "tag", reachable=False),
    ]


def test_a_broken_ref_of_another_folder_is_not_listed(repo: Repo) -> None:
    """A broken ref in another folder is no tag of this product."""
    repo.commit()
    repo.tag("app/v1")
    repo.tag("web/v1")
    (repo.path / ".git/refs/tags/web/v1").write_text("garbage\n")
    (repo.path / ".git/refs/tags/app2").mkdir()
    (repo.path / ".git/refs/tags/app2/v1").write_text("garbage\n")
    assert names(opened(repo.path).tags(["app"])) == ["app/v1"]
    assert names(opened(repo.path).tags(["app", "app2"])) == ["app/v1", "app2/v1"]
    assert names(opened(repo.path).tags(["app", "web/sub"])) == ["app/v1"]
    words = b"".join(
        b"warning: ignoring broken ref refs/%s\n" % ref
        for ref in (b"tags/web/v1", b"heads/app", b"tags/app/v2")
    )
    broken = _broken(git.Finished(0, b"", words), ("refs/tags/app/",))
    assert broken == [git.Ref("refs/tags/app/v2", "", "missing", "")]


def test_a_damaged_history_is_an_error(repo: Repo) -> None:
    """When HEAD's own history cannot be walked, reachability is not guessed."""
    repo.commit("first")
    repo.tag("app/v1")
    lost = repo.commit("second")
    repo.commit("third")
    _object_file(repo, lost).unlink()
    with pytest.raises(GitError, match=lost):  # `for-each-ref --merged` says nothing at all.
        opened(repo.path).tags(["app"])


# --- blobs -------------------------------------------------------------------------------------


def test_contents_come_in_the_order_of_the_questions(repo: Repo) -> None:
    """Every kind of revision, repeated and missing ones, in the order of the questions."""
    repo.write("a/VERSION", "1\r\n")
    repo.write("empty", "")
    first = repo.commit("first")
    tag = repo.tag("app/v1")
    repo.write("a/VERSION", b"\xff\x00\n\n2")
    repo.commit("second")
    asked = [
        ("HEAD", "a/VERSION"),
        (first, "a/VERSION"),
        (tag, "a/VERSION"),
        ("refs/tags/app/v1", "a/VERSION"),
        (first, "nowhere"),
        ("refs/tags/nowhere", "a/VERSION"),
        ("f" * 40, "a/VERSION"),
        (first, "a"),
        (first, "a/VERSION/x"),
        ("HEAD", "empty"),
        ("refs/heads/main", "a/VERSION"),
        (first, "a/VERSION"),
    ]
    old, new = b"1\r\n", b"\xff\x00\n\n2"
    expected = (new, old, old, old, None, None, None, None, None, b"", new, old)
    assert opened(repo.path).blobs(asked) == expected
    assert opened(repo.path).blobs([]) == ()


FILE_NAMES = st.text(
    st.one_of(
        st.sampled_from("-ab \n\r\t\"'\\:^{}@~*?[$`ä\u2028\x1b"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0/"),
    ),
    min_size=1,
    max_size=12,
).filter(lambda name: name not in {".", ".."} and len(name.encode()) < 200)
CONTENTS = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [b"\n", b"\n\n", b"x missing\n", b"a" * 40 + b" blob 3\nabc\n", b"a" * 40 + b" missing\n"]
    ),
)


@given(files=st.dictionaries(FILE_NAMES, CONTENTS, min_size=1, max_size=5), absent=FILE_NAMES)
@example(files={"a missing": b"1", "a": b"2"}, absent="a missing\nb")
@example(files={"0": b""}, absent="0\r")  # Without -z, git drops the carriage return.
@example(files={"-x": b"HEAD:-x missing\n", "a\nHEAD:b": b""}, absent="b missing")
def test_what_was_stored_is_read(new_repo: Callable[[], Repo], files: dict[str, bytes], absent: str) -> None:
    """For all names and contents: reading gives the bytes that a tree was made of."""
    repo = new_repo()
    entries = b""
    for name, content in files.items():
        blob = repo.git("hash-object", "-w", "--stdin", stdin=content)
        entries += f"100644 blob {blob}\t{name}\0".encode()
    tree = repo.git("mktree", "-z", stdin=entries)
    repository = opened(repo.path)
    asked = [*files, absent, *reversed(files)]
    assert repository.blobs([(tree, name) for name in asked]) == tuple(files.get(name) for name in asked)


def test_a_symbolic_link_gives_its_text(repo: Repo) -> None:
    """The documented limit: git stores the target of a link as its content."""
    (repo.path / "link").symlink_to("VERSION")
    commit = repo.commit()
    assert opened(repo.path).blobs([(commit, "link")]) == (b"VERSION",)


@pytest.mark.parametrize(
    "revision",
    [
        "",
        "main",
        "--all",
        "-x",
        "HEAD\n",
        "HEAD~1",
        "refs/heads/a b",
        "refs/heads/a:b",
        "refs/\0",
        "a" * 39,
        ":/x",
        "@",
    ],
)
def test_revisions_that_could_be_something_else_are_refused(repo: Repo, revision: str) -> None:
    """Only HEAD, full names and full ids are revisions here; nothing can add a question."""
    with pytest.raises(UsageError):
        opened(repo.path).blobs([(revision, "VERSION")])


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../x", "./x", "a//b", "a/../b", "a/", "a\0b", "\ud800"])
def test_paths_that_are_not_from_the_top_are_refused(repo: Repo, path: str) -> None:
    """Git would die on `../x` and read `./x` as relative: neither is passed on."""
    with pytest.raises(UsageError):
        opened(repo.path).blobs([("HEAD", path)])


def test_many_questions_and_answers_do_not_block(repo: Repo) -> None:
    """Input and output larger than the buffer of a pipe are exchanged at the same time."""
    repo.write("VERSION", "x" * 3000)
    commit = repo.commit()
    refs = [f"refs/tags/a-long-folder-of-tags/prod-v0.1.{number}" for number in range(3000)]
    repo.git("update-ref", "--stdin", stdin="".join(f"create {ref} {commit}\n" for ref in refs))
    assert opened(repo.path).blobs([(ref, "VERSION") for ref in refs]) == (b"x" * 3000,) * 3000


def test_a_corrupt_blob_is_an_error(repo: Repo) -> None:
    """Content that cannot be read is an error, not a missing file."""
    repo.write("VERSION", "1")
    repo.commit()
    blob = repo.git("rev-parse", "HEAD:VERSION")
    _object_file(repo, blob).write_bytes(b"junk")
    with pytest.raises(GitError, match=blob[:12]):
        opened(repo.path).blobs([("HEAD", "VERSION")])


def test_a_boolean_is_read_as_git_reads_it(repo: Repo) -> None:
    """In whatever way it is written; the last of several counts, and a key without a value is true."""
    true, false = (
        ["true", "YES", "On", "1", "2", "-1", "007", "1k"],
        ["false", "NO", "Off", "0", "+0", "-0", "0k"],
    )
    texts = [*true, *false]
    lines = ["[my]\n\tbare\n\tempty =\n\ttwo = true\n\ttwo = no\n"]
    lines += [f"\tkey{number} = {text}\n" for number, text in enumerate(texts)]
    with (repo.path / ".git/config").open("a") as file:
        file.writelines(lines)
    keys = ["my.bare", "my.empty", "my.two", *(f"my.key{number}" for number in range(len(texts)))]
    settings = read_settings(str(repo.path))
    for key in keys:
        assert flag(settings, key) is (repo.git("config", "--type=bool", key) == "true"), key
    assert flag(settings, "my.none") is None
