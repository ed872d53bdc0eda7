"""Merges in a temporary working tree: whatever happens, the user's working tree, index and branches stay.

Real repositories, real hooks, filters, drivers and signatures, and runs that are killed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from krow_versions import files
from krow_versions.errors import Busy, Conflict, GitError, InputError, UnsafePath, UsageError
from krow_versions.git.merging import merge, merge_base, preview_merge
from krow_versions.git.objects import read_objects
from krow_versions.git.own_folder import FOLDER
from support.hang import no_hang
from support.repositories import Repo, executable, hook, opened
from support.story import KILL_PARENT
from support.untouched import as_before

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MESSAGE = "Merge hotfix app 0.1.1 into main\n\n# not a comment\n"
CODE = "a\nb\nc\nd\ne\n"
NAME = "krow-versions-merge"
WORK = f".git/{FOLDER}/{NAME}"


@pytest.fixture
def forked(repo: Repo) -> Repo:
    """A main and a fix, both with another VERSION; the fix is checked out."""
    repo.write("VERSION", "0.1.0\n")
    repo.write("src/code", CODE)
    repo.write("notes", "n\n")
    repo.commit("release")
    repo.git("branch", "fix")
    repo.write("VERSION", "0.2.0\n")
    repo.write("src/code", CODE.replace("a", "A"))
    repo.write("new", "of main\n")
    repo.commit("feat: more")
    repo.git("switch", "--quiet", "fix")
    repo.write("VERSION", "0.1.1\n")
    repo.write("src/code", CODE.replace("e", "E"))
    repo.commit("fix: crash")
    return repo


RESOLVED = {"VERSION": b"0.2.0\n"}


def ids(repo: Repo) -> tuple[str, str]:
    return repo.git("rev-parse", "refs/heads/main"), repo.git("rev-parse", "refs/heads/fix")


def merged(repo: Repo, texts: dict[str, bytes] | None = None, *, tree: str | None = None) -> str:
    """Merge the fix into main, with what git says of it before."""
    ours, theirs = ids(repo)
    if tree is None:
        preview = preview_merge(opened(repo), ours, theirs)
        tree = preview.tree if preview and preview.certain else ""
    return merge(opened(repo), ours, theirs, MESSAGE, RESOLVED if texts is None else texts, tree=tree)


def show(repo: Repo, name: str) -> str:
    return repo.git("cat-file", "blob", name) + "\n"


@contextlib.contextmanager
def nothing_left(repo: Repo) -> Iterator[None]:
    """Fail unless refs, HEAD, index and files are the same, and no other working tree is left."""
    with as_before(repo):
        yield
    assert list((repo.path / ".git" / FOLDER).glob("*")) == []
    assert [path.name for path in (repo.path / ".git/worktrees").glob(f"{NAME}*")] == []
    assert f"{FOLDER}/{NAME}" not in repo.git("worktree", "list")


# --- made ------------------------------------------------------------------------------------------


def test_a_merge_commit_with_the_given_texts(forked: Repo) -> None:
    """Its parents are main and the fix, its message is kept, other files are as git merges them."""
    with nothing_left(forked):
        commit = merged(forked)
    assert forked.git("log", "-1", "--format=%P", commit).split() == [*ids(forked)]
    assert forked.git("log", "-1", "--format=%B", commit) + "\n" == MESSAGE + "\n"
    assert show(forked, f"{commit}:VERSION") == "0.2.0\n"
    assert show(forked, f"{commit}:src/code") == "A\nb\nc\nd\nE\n"
    assert forked.git("ls-tree", "-r", "--name-only", commit).split() == [
        "VERSION",
        "new",
        "notes",
        "src/code",
    ]


def test_a_merge_without_conflicts_needs_no_texts(forked: Repo) -> None:
    """Where both sides have the same version, git makes the commit alone; the message is the same."""
    forked.write("VERSION", "0.2.0\n")
    forked.commit("chore: version")
    with nothing_left(forked):
        commit = merged(forked, {})
    assert forked.git("log", "-1", "--format=%P", commit).split() == [*ids(forked)]
    assert forked.git("log", "-1", "--format=%B", commit) + "\n" == MESSAGE + "\n"
    assert show(forked, f"{commit}:src/code") == "A\nb\nc\nd\nE\n"


def busy_tree(repo: Repo) -> None:
    repo.write("VERSION", "edited\n")
    repo.write("src/code", "staged\n")
    repo.git("add", "src/code")
    repo.write("untracked", "mine\n")
    (repo.path / "notes").unlink()


def under_way(repo: Repo) -> None:
    with contextlib.suppress(AssertionError):
        repo.git("merge", "main")
    assert (repo.path / ".git/MERGE_HEAD").exists()


def detached(repo: Repo) -> None:
    repo.git("switch", "--quiet", "--detach")


def on_main(repo: Repo) -> None:
    repo.git("switch", "--quiet", "main")


def locked_index(repo: Repo) -> None:
    (repo.path / ".git/index.lock").touch()


def same_name(repo: Repo) -> None:
    """A working tree of the user that git calls as it would call ours."""
    repo.git("worktree", "add", "--quiet", f"../{NAME}", "main")


def sparse(repo: Repo) -> None:
    repo.git("sparse-checkout", "set", "src")


def sparse_here_only(repo: Repo) -> None:
    repo.git("config", "extensions.worktreeConfig", "true")
    repo.git("sparse-checkout", "set", "--no-cone", "/src/")


def converting(repo: Repo) -> None:
    repo.git("config", "core.autocrlf", "true")


def fast_forward_only(repo: Repo) -> None:
    repo.git("config", "merge.ff", "only")
    repo.git("config", "merge.log", "5")


def remembering(repo: Repo) -> None:
    repo.git("config", "rerere.enabled", "true")
    repo.git("config", "rerere.autoUpdate", "true")


def conflict_style(repo: Repo) -> None:
    repo.git("config", "merge.conflictStyle", "diff3")


@pytest.mark.parametrize(
    "prepare",
    [
        busy_tree,
        under_way,
        detached,
        on_main,
        locked_index,
        same_name,
        sparse,
        sparse_here_only,
        converting,
        fast_forward_only,
        remembering,
        conflict_style,
    ],
)
def test_the_users_own_state_does_not_matter(forked: Repo, prepare: Callable[[Repo], None]) -> None:
    """Changed files, an operation under way, a lock, sparse files: the merge is made, and they stay."""
    prepare(forked)
    before = sorted((forked.path / ".git/worktrees").glob("*"))
    with nothing_left(forked) if prepare is not same_name else as_before(forked):
        commit = merged(forked)
    assert show(forked, f"{commit}:VERSION") == "0.2.0\n"
    assert show(forked, f"{commit}:src/code") == "A\nb\nc\nd\nE\n"
    assert sorted((forked.path / ".git/worktrees").glob("*")) == before
    assert not (forked.path / ".git/rr-cache").exists() or not [*(forked.path / ".git/rr-cache").iterdir()]


def test_a_merge_from_a_linked_working_tree(forked: Repo, tmp_path: Path) -> None:
    """The temporary one is below the common folder, which all share."""
    forked.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    ours, theirs = ids(forked)
    with as_before(forked):
        commit = merge(opened(tmp_path / "linked"), ours, theirs, MESSAGE, RESOLVED)
    assert show(forked, f"{commit}:VERSION") == "0.2.0\n"
    assert len(forked.git("worktree", "list").splitlines()) == 2


def test_a_merge_in_a_submodule_and_in_its_parent(forked: Repo, tmp_path: Path) -> None:
    """Submodules are not needed for a merge; in one, git's folder is elsewhere."""
    outer = Repo(tmp_path / "outer")
    outer.write("VERSION", "0.1.0\n")
    outer.commit()
    outer.git("submodule", "--quiet", "add", forked.path.as_uri(), "sub")
    outer.git("config", "submodule.recurse", "true")
    outer.commit()
    outer.git("branch", "fix")
    outer.write("VERSION", "0.2.0\n")
    outer.commit()
    outer.git("switch", "--quiet", "fix")
    outer.write("VERSION", "0.1.1\n")
    outer.commit()
    commit = merged(outer)
    assert show(outer, f"{commit}:VERSION") == "0.2.0\n"
    inner = Repo(outer.path / "sub")
    inner.git("branch", "--force", "main", "origin/main")
    commit = merged(inner)
    assert show(inner, f"{commit}:VERSION") == "0.2.0\n"
    assert inner.git("status", "--porcelain") == outer.git("status", "--porcelain") == ""


def test_modes_and_bytes_are_kept(forked: Repo) -> None:
    """An executable stays one, and CRLF and a byte order mark are what was asked for."""
    for branch in ("main", "fix"):
        forked.git("switch", "--quiet", branch)
        forked.git("update-index", "--chmod=+x", "VERSION")
        forked.git("commit", "--quiet", "--message=mode")
        forked.git("checkout", "--quiet", "--", ".")
    text = "\ufeff0.2.0\r\n".encode()
    commit = merged(forked, {"VERSION": text})
    assert forked.git("ls-tree", commit, "VERSION").startswith("100755 ")
    (found,) = read_objects(str(forked.path), [f"{commit}:VERSION"])
    assert found is not None
    assert found.data == text


def test_strange_names_are_names(forked: Repo) -> None:
    """A path that looks like an option or a pattern is this one file."""
    names = ["-x", ":(glob)*", "a b", "[ab]", "ä"]
    for branch, text in (("main", "ours\n"), ("fix", "theirs\n")):
        forked.git("switch", "--quiet", branch)
        for name in names:
            forked.write(name, text)
        forked.commit(branch)
    commit = merged(forked, dict.fromkeys(names, b"both\n") | RESOLVED)
    assert all(show(forked, f"{commit}:{name}") == "both\n" for name in names)


# --- programs of the user --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "names"),
    [(RESOLVED, {"pre-commit", "commit-msg"}), ({}, {"pre-merge-commit", "commit-msg"})],
    ids=["with texts", "without"],
)
def test_hooks_run_as_in_a_merge_by_hand(forked: Repo, texts: dict[str, bytes], names: set[str]) -> None:
    """The hooks of a merge that git completes, or of a commit that completes a merge; they see all files."""
    log = forked.path / ".git/log"
    for name in ("pre-commit", "pre-merge-commit", "commit-msg"):
        hook(forked, name, f'echo {name} "$(cat VERSION src/code | wc -l)" "$(git rev-parse HEAD)" >> {log}')
    if not texts:
        forked.write("VERSION", "0.2.0\n")
        forked.commit("chore: version")
        log.unlink()
    merged(forked, texts)
    main, _ = ids(forked)
    lines = log.read_text().splitlines()
    assert {line.split()[0] for line in lines} == names
    assert all(line.split()[1:] == ["6", main] for line in lines)


@pytest.mark.parametrize("tracked", [True, False])
@pytest.mark.parametrize("absolute", [True, False])
def test_hooks_in_a_folder_of_their_own_run(forked: Repo, tracked: bool, absolute: bool) -> None:
    """`core.hooksPath` may be relative to the working tree, where hook managers leave untracked files."""
    log = forked.path / ".git/log"
    for branch in ("fix", "main"):
        forked.git("switch", "--quiet", branch)
        executable(forked.path / "tools/hooks/commit-msg", f"#!/bin/sh\necho ran >> {log}\n")
        if tracked:
            forked.commit("hooks")
    forked.git("config", "core.hooksPath", str(forked.path / "tools/hooks") if absolute else "tools/hooks")
    merged(forked)
    assert log.read_text() == "ran\n"


@pytest.mark.parametrize("name", ["pre-commit", "commit-msg"])
def test_a_hook_that_refuses_is_heard(forked: Repo, name: str) -> None:
    """Nothing is left of the merge, and the error has the hook's words."""
    hook(forked, name, "echo write a ticket number >&2; exit 1")
    with nothing_left(forked), pytest.raises(GitError, match="write a ticket number"):
        merged(forked)


def test_a_message_that_a_hook_changes_is_kept(forked: Repo) -> None:
    """A hook may add a line, as hooks of review systems do."""
    hook(forked, "commit-msg", 'echo "Change-Id: I1" >> "$1"')
    assert forked.git("log", "-1", "--format=%B", merged(forked)).endswith("Change-Id: I1\n")


@pytest.mark.parametrize("path", ["VERSION", "src/code", "src/other", "other"])
def test_a_hook_that_changes_what_is_merged_is_an_error(forked: Repo, path: str) -> None:
    """The commit is compared with what was planned; the error names the file."""
    hook(forked, "pre-commit", f"echo other > {path}; git add {path}")
    with nothing_left(forked), pytest.raises(GitError, match=f"changed what is merged: '{path}'"):
        merged(forked)


def test_a_hook_that_makes_another_commit_is_an_error(forked: Repo) -> None:
    """A commit on top of the merge is not the merge."""
    hook(forked, "post-commit", "test -f again || { touch again; git commit -q --allow-empty -m more; }")
    with nothing_left(forked), pytest.raises(GitError, match="another commit than the merge"):
        merged(forked)


def test_a_hook_after_the_checkout_does_not_stop_the_merge(forked: Repo) -> None:
    """A failing `post-checkout`, of a tool that the temporary working tree has not, is no failure."""
    hook(forked, "post-checkout", "exit 3")
    with nothing_left(forked):
        merged(forked)


def test_the_users_signature_is_on_the_commit(forked: Repo) -> None:
    """`commit.gpgSign` works; without a key there is no merge, and not an unsigned one."""
    script = "#!/bin/sh\ncat >/dev/null; echo '[GNUPG:] SIG_CREATED ' >&2\n"
    script += "printf -- '-----BEGIN PGP SIGNATURE-----\\nx\\n-----END PGP SIGNATURE-----\\n'\n"
    program = executable(forked.path / ".git/gpg", script)
    forked.git("config", "gpg.program", str(program))
    forked.git("config", "commit.gpgSign", "true")
    assert "gpgsig -----BEGIN PGP SIGNATURE-----" in forked.git("cat-file", "commit", merged(forked))
    executable(program, "#!/bin/sh\necho 'no secret key' >&2; exit 2\n")
    with nothing_left(forked), pytest.raises(GitError, match=r"no secret key|failed to sign"):
        merged(forked)


def both_change_notes(repo: Repo, attributes: str) -> None:
    """Main and the fix change the same line of a file that has attributes."""
    for branch in ("main", "fix"):
        repo.git("switch", "--quiet", branch)
        repo.write(".gitattributes", attributes)
        repo.write("notes", f"{branch}\n")
        repo.commit(f"notes of {branch}")


def test_a_merge_driver_runs_only_when_the_merge_is_made(forked: Repo) -> None:
    """Looking at a merge runs no program, and leaves its files undecided; making one runs it."""
    both_change_notes(forked, "notes merge=join\n")
    log = forked.path / ".git/log"
    forked.git("config", "merge.join.driver", f"echo ran >> {log}; cat %B >> %A")
    ours, theirs = ids(forked)
    preview = preview_merge(opened(forked), ours, theirs)
    assert preview is not None
    assert {*preview.conflicts} == {"VERSION", "notes"}
    assert (preview.undecided, preview.certain) == (frozenset({"notes"}), False)
    assert not log.exists()
    commit = merged(forked)
    assert (log.read_text(), show(forked, f"{commit}:notes")) == ("ran\n", "main\nfix\n")


def test_a_driver_for_all_files_leaves_all_conflicts_undecided(forked: Repo) -> None:
    """`merge.default` names one for files without an attribute."""
    forked.git("config", "merge.join.driver", "cat %B >> %A")
    ours, theirs = ids(forked)
    known = preview_merge(opened(forked), ours, theirs)
    forked.git("config", "merge.default", "join")
    unknown = preview_merge(opened(forked), ours, theirs)
    assert known is not None
    assert unknown is not None
    assert (known.undecided, known.certain) == (frozenset(), True)
    assert (unknown.undecided, unknown.certain) == (frozenset({"VERSION", "src/code"}), False)
    assert merged(forked)


def test_a_union_is_what_git_makes_of_it(forked: Repo) -> None:
    """The built-in driver `union` runs no program."""
    both_change_notes(forked, "notes merge=union\n")
    commit = merged(forked)
    assert show(forked, f"{commit}:notes") == "main\nfix\n"


@pytest.mark.parametrize("setting", ["true", "false"])
def test_renormalized_files(forked: Repo, setting: str) -> None:
    """With `merge.renormalize` a filter decides, so what git will make of the merge is not known before."""
    both_change_notes(forked, "notes merge=union filter=note\n")
    log = forked.path / ".git/log"
    for part in ("clean", "smudge"):
        forked.git("config", f"filter.note.{part}", f"echo {part} >> {log}; cat")
    forked.git("config", "merge.renormalize", setting)
    preview = preview_merge(opened(forked), *ids(forked))
    assert not log.exists()
    assert preview is not None
    assert preview.certain == (setting == "false")
    assert merged(forked)


def test_filters_run_as_the_user_has_them(forked: Repo) -> None:
    """A clean filter, such as that of Git LFS, sees the text; what it changes is an error, and not silent."""
    for branch in ("main", "fix"):
        forked.git("switch", "--quiet", branch)
        forked.write(".gitattributes", "VERSION filter=upper\n")
        forked.commit("attributes")
    forked.git("config", "filter.upper.clean", "tr a-z A-Z")
    forked.git("config", "filter.upper.smudge", "cat")
    assert merged(forked)
    with nothing_left(forked), pytest.raises(GitError, match="changed what is merged: 'VERSION'"):
        merged(forked, {"VERSION": b"v0.2.0\n"})


# --- refused ---------------------------------------------------------------------------------------


def code_conflict(repo: Repo) -> None:
    repo.write("src/code", CODE.replace("a", "Ä"))
    repo.commit("fix: the same line")


@pytest.mark.parametrize("texts", [RESOLVED, {}], ids=["with texts", "without"])
def test_other_files_in_conflict_are_named(forked: Repo, texts: dict[str, bytes]) -> None:
    """Nothing is changed; the preview knows them before."""
    code_conflict(forked)
    ours, theirs = ids(forked)
    preview = preview_merge(opened(forked), ours, theirs)
    assert preview is not None
    assert {*preview.conflicts} == {"VERSION", "src/code"}
    with nothing_left(forked), pytest.raises(Conflict, match=r"cannot merge .*'src/code'") as error:
        merged(forked, texts)
    assert ("'VERSION'" in error.value.message) == (not texts)


def test_a_file_that_main_has_deleted_is_a_conflict(forked: Repo) -> None:
    """The preview has only the sides that there are."""
    forked.git("switch", "--quiet", "main")
    (forked.path / "VERSION").unlink()
    forked.commit("feat: no version")
    preview = preview_merge(opened(forked), *ids(forked))
    assert preview is not None
    assert {*preview.conflicts["VERSION"]} == {1, 3}
    with nothing_left(forked), pytest.raises(Conflict, match="'VERSION'"):
        merged(forked, {})


def test_a_file_that_main_has_renamed_is_in_conflict_at_its_new_name(forked: Repo) -> None:
    """Git follows the rename; all three sides are under the new name."""
    text = "".join(f"line {number}\n" for number in range(20))
    for branch, name in (("main", "old"), ("fix", "old")):
        forked.git("switch", "--quiet", branch)
        forked.git("checkout", "--quiet", "main", "--", ".")
        forked.write(name, text)
        forked.commit("base of both")
    forked.git("reset", "--quiet", "--hard", "main")
    forked.git("switch", "--quiet", "main")
    forked.git("mv", "old", "renamed")
    forked.write("renamed", text.replace("line 3\n", "ours\n"))
    forked.commit("rename")
    forked.git("switch", "--quiet", "fix")
    forked.write("old", text.replace("line 3\n", "theirs\n"))
    forked.commit("change")
    preview = preview_merge(opened(forked), *ids(forked))
    assert preview is not None
    assert {path: {*stages} for path, stages in preview.conflicts.items()} == {"renamed": {1, 2, 3}}
    commit = merged(forked, {"renamed": b"both\n"})
    assert show(forked, f"{commit}:renamed") == "both\n"


def test_a_symbolic_link_has_no_text(forked: Repo) -> None:
    """A side that is no regular file is not among those that can be merged."""
    (forked.path / "VERSION").unlink()
    (forked.path / "VERSION").symlink_to("notes")
    forked.commit("link")
    preview = preview_merge(opened(forked), *ids(forked))
    assert preview is not None
    assert all(3 not in stages for stages in preview.conflicts.values())


def test_an_unknown_committer_is_an_input_error(forked: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hint says which settings are missing."""
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{name}_NAME")
        monkeypatch.delenv(f"GIT_{name}_EMAIL")
    forked.git("config", "user.useConfigOnly", "true")
    with nothing_left(forked), pytest.raises(InputError, match="who commits"):
        merged(forked)


@pytest.mark.parametrize("which", [0, 1])
def test_a_commit_that_is_not_here_is_an_error(forked: Repo, which: int) -> None:
    """Nothing is left of it."""
    ours, theirs = ("1" * 40 if number == which else each for number, each in enumerate(ids(forked)))
    with nothing_left(forked), pytest.raises(GitError):
        merge(opened(forked), ours, theirs, MESSAGE, {})
    with pytest.raises(GitError, match="merge-tree failed"):
        preview_merge(opened(forked), ours, theirs)


def test_only_full_ids(forked: Repo) -> None:
    """No value from outside can become an option."""
    ours, theirs = ids(forked)
    for pair in (("--help", theirs), (ours, "main"), (ours[:12], theirs)):
        for call in (preview_merge, merge_base):
            with pytest.raises(UsageError):
                call(opened(forked), *pair)
        with as_before(forked), pytest.raises(UsageError):
            merge(opened(forked), *pair, MESSAGE, {})


def test_what_is_merged_already_is_no_merge(forked: Repo) -> None:
    """Git says that it is up to date, and makes nothing; that does not count as a merge."""
    main, _ = ids(forked)
    with nothing_left(forked), pytest.raises(GitError, match="another commit than the merge"):
        merge(opened(forked), main, forked.git("rev-parse", f"{main}^"), MESSAGE, {})


def test_a_folder_that_leads_elsewhere_is_not_used(forked: Repo, tmp_path: Path) -> None:
    """Nothing is written or removed through a link out of git's folder."""
    (tmp_path / "elsewhere" / NAME).mkdir(parents=True)
    (tmp_path / "elsewhere" / NAME / "kept").touch()
    (forked.path / ".git" / FOLDER).symlink_to(tmp_path / "elsewhere")
    with as_before(forked), pytest.raises(UnsafePath):
        merged(forked)
    assert (tmp_path / "elsewhere" / NAME / "kept").exists()


def test_a_link_in_place_of_the_working_tree_is_removed_alone(forked: Repo, tmp_path: Path) -> None:
    """What it leads to stays."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/kept").touch()
    (forked.path / ".git" / FOLDER).mkdir()
    (forked.path / WORK).symlink_to(tmp_path / "elsewhere")
    with nothing_left(forked):
        merged(forked)
    assert (tmp_path / "elsewhere/kept").exists()


# --- base ------------------------------------------------------------------------------------------


def test_the_base_of_two_commits(forked: Repo) -> None:
    """The best common ancestor; None if there is none."""
    ours, theirs = ids(forked)
    assert merge_base(opened(forked), ours, theirs) == forked.git("rev-parse", f"{ours}^")
    other = forked.git("commit-tree", "-m", "alone", f"{ours}^{{tree}}")
    assert merge_base(opened(forked), ours, other) is None


OLD = """
import os, sys
if "merge-tree" in sys.argv:
    print("usage: git merge-tree <base-tree> <branch1> <branch2>", file=sys.stderr)
    sys.exit(129)
os.execv({!r}, ["git", *sys.argv[1:]])
"""


def test_an_old_git_cannot_look_at_a_merge(forked: Repo, program: Callable[[str], Path]) -> None:
    """Before 2.38 nothing is known before; the merge itself works."""
    real = shutil.which("git")
    program(OLD.format(real))
    assert preview_merge(opened(forked), *ids(forked)) is None
    commit = merged(forked, tree="")
    assert show(forked, f"{commit}:VERSION") == "0.2.0\n"


# --- interrupted -----------------------------------------------------------------------------------


def test_another_run_that_merges_is_not_disturbed(forked: Repo) -> None:
    """While a run holds the lock, its working tree is not touched."""
    (forked.path / WORK).mkdir(parents=True)
    (forked.path / WORK / "of the other run").touch()
    with files.locked(str(forked.path / ".git" / FOLDER)), pytest.raises(Busy):
        merged(forked)
    assert (forked.path / WORK / "of the other run").exists()


def half_made(repo: Repo, stage: str) -> None:
    """Leave what a `git worktree add` leaves that is killed at some moment."""
    work, kept = repo.path / WORK, repo.path / ".git/worktrees" / NAME
    if stage != "folder only":
        kept.mkdir(parents=True)
        (kept / "locked").write_text("initializing")
    if stage not in {"locked only", "gitdir"}:
        work.mkdir(parents=True)
        (work / "file").write_text("x")
    if stage in {"gitdir", "both", "index.lock"}:
        (kept / "gitdir").write_text(f"{work}/.git\n")
    if stage == "relative":
        (kept / "gitdir").write_text(f"../../{FOLDER}/{NAME}/.git\n")
    if stage in {"both", "index.lock"}:
        (work / ".git").write_text(f"gitdir: {kept}\n")
        (kept / "HEAD").write_text("ref: refs/heads/x\n")
        (kept / "commondir").write_text("../..\n")
    if stage == "index.lock":
        (kept / "index.lock").touch()


@pytest.mark.parametrize(
    "stage", ["folder only", "locked only", "gitdir", "no gitdir", "both", "index.lock", "relative"]
)
def test_what_a_killed_run_has_left_is_removed(forked: Repo, stage: str) -> None:
    """Whatever git had made of the working tree, the next merge removes it, and works."""
    half_made(forked, stage)
    with nothing_left(forked):
        merged(forked)


@pytest.mark.parametrize("name", ["post-checkout", "pre-commit", "commit-msg", "post-commit"])
def test_a_git_that_is_killed_in_the_middle_leaves_nothing(forked: Repo, name: str) -> None:
    """The killed git's locks are in the temporary working tree, and go with it."""
    file = hook(forked, name, KILL_PARENT)
    with nothing_left(forked):
        if name == "post-commit":  # The commit is made already; whatever the exit code, it is compared.
            with contextlib.suppress(GitError):
                merged(forked)
        else:
            with pytest.raises(GitError, match="signal 9"):
                merged(forked)
    file.unlink()
    merged(forked)


def test_a_git_that_is_killed_while_files_are_written_leaves_nothing(forked: Repo) -> None:
    """A smudge filter ends the git that checks out the temporary working tree."""
    forked.write(".git/info/attributes", "VERSION filter=end\n")
    forked.git("config", "filter.end.smudge", "kill -9 $(cut -d' ' -f5 /proc/self/stat); sleep 0.2")
    with nothing_left(forked), pytest.raises(GitError, match="worktree"):
        merged(forked)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_removes_the_working_tree(forked: Repo, number: int) -> None:
    """Ctrl-C in the middle of a hook: git is stopped, and nothing is left."""
    begun = forked.path / ".git/begun"
    hook(forked, "pre-commit", f"touch {begun}; sleep 600")
    code = (
        "import signal, sys; from krow_versions.git import open_repository\n"
        "from krow_versions.git.merging import merge\n"
        "for each in (signal.SIGINT, signal.SIGTERM): signal.signal(each, signal.default_int_handler)\n"
        "try: merge(open_repository(sys.argv[1]), *sys.argv[2:], 'm', {'VERSION': b'x'})\n"
        "except KeyboardInterrupt: sys.exit(130)"
    )
    command = [sys.executable, "-c", code, str(forked.path), *ids(forked)]
    with nothing_left(forked), no_hang(), subprocess.Popen(command) as process:
        while not begun.exists():
            time.sleep(0.02)
        process.send_signal(number)
        assert process.wait() == 130


def test_a_git_that_still_works_for_a_killed_run_does_not_hinder_the_next(forked: Repo) -> None:
    """The hook of a killed run goes on writing into the folder for a while."""
    begun = forked.path / ".git/begun"
    endless = f"touch {begun}; for n in $(seq 300); do mkdir -p late; echo $n > late/$n; sleep 0.01; done"
    file = hook(forked, "pre-commit", endless)
    code = (
        "import sys; from krow_versions.git import open_repository\n"
        "from krow_versions.git.merging import merge\n"
        "merge(open_repository(sys.argv[1]), *sys.argv[2:], 'm', {'VERSION': b'x'})"
    )
    command = [sys.executable, "-c", code, str(forked.path), *ids(forked)]
    with no_hang(), subprocess.Popen(command) as process:
        while not begun.exists():
            time.sleep(0.02)
        process.kill()
    file.unlink()
    with as_before(forked):
        commit = merged(forked)
    assert show(forked, f"{commit}:VERSION") == "0.2.0\n"


def test_a_merge_takes_few_processes(forked: Repo, spy: Callable[[], list[list[str]]]) -> None:
    """One to look, and four to make it."""
    repository = opened(forked)
    repository.settings()
    spy()
    preview = preview_merge(repository, *ids(forked))
    assert preview is not None
    assert [args[4] for args in spy() if "merge-tree" in args] == ["merge-tree"]
    merge(repository, *ids(forked), MESSAGE, RESOLVED, tree=preview.tree)
    made = [args[4] for args in spy() if args[0] == "-c"]
    assert made == ["worktree", "merge", "commit", "cat-file"]


def test_hooks_of_other_working_trees_see_their_own(forked: Repo) -> None:
    """A hook that calls git gets the temporary working tree, not the user's."""
    log = forked.path / ".git/log"
    hook(forked, "pre-commit", f"git rev-parse --show-toplevel > {log}")
    merged(forked)
    assert log.read_text().strip() == os.path.realpath(forked.path / WORK)
