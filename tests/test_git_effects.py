"""Effects on a local repository: each is refused before anything changes, or done and verified.

Real repositories, real hooks and filters, and gits that are killed by them.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from krow_versions.errors import Busy, Conflict, GitError, InputError, RefConflict, Unsupported, UsageError
from krow_versions.git import Reach
from krow_versions.git import validation as checked
from krow_versions.git.refs import committer, create_tag, read_ref, require_commit, require_room, resolve
from krow_versions.git.switching import create_branch, fast_forward, switch
from krow_versions.git.working_tree import ChangedPaths, changed_paths
from krow_versions.text.escaping import printable
from support.hang import no_hang, stopped_late
from support.repositories import hook, opened
from support.untouched import as_before, same_working_tree, untouched

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.repositories import Repo

BRANCH = "refs/heads/hotfix/app-v0.1.1"
TAG = "refs/tags/app/prod-v0.1.1"


def head(repo: Repo) -> tuple[str, str]:
    return repo.git("symbolic-ref", "HEAD"), repo.git("rev-parse", "HEAD")


@pytest.fixture
def story(repo: Repo) -> Repo:
    """A release, tagged, and a main that has moved on: files changed, added and deleted."""
    repo.write("VERSION", "0.1.0\n")
    repo.write("gone", "of the release\n")
    repo.write("early", "of the release\n")  # Git writes it before the other one.
    repo.commit("release")
    repo.tag("app/prod-v0.1.0")
    repo.write("VERSION", "0.2.0\n")
    repo.write("new", "of main\n")
    (repo.path / "gone").unlink()
    (repo.path / "early").unlink()
    repo.commit("feat: next")
    return repo


@pytest.fixture
def base(story: Repo) -> str:
    return story.git("rev-parse", "refs/tags/app/prod-v0.1.0^{commit}")


# --- names and ids from outside ------------------------------------------------------------------

BAD_NAMES = [
    *(
        "main",
        "-x",
        "--detach",
        "HEAD",
        "",
        "refs/heads/",
        "refs/heads/-x",
        "refs/heads/a/-b",
        "refs/heads/a..b",
    ),
    *(
        "refs/heads/a@{1}",
        "refs/heads/@",
        "refs/heads/a/@/b",
        "refs/heads/a b",
        "refs/heads/a\nb",
        "refs/heads/.a",
    ),
    *(
        "refs/heads/a.lock",
        "refs/heads/a/",
        "refs/heads//a",
        "refs/heads/a.",
        "refs/heads/a*",
        "refs/heads/a\\b",
    ),
    *("refs/heads/HEAD", f"refs/heads/{'a' * 251}", "refs/heads/a\0", "refs/heads/\ud800", "refs/heads/a~1"),
    *("refs/heads/a^", "refs/heads/a:b", "refs/heads/a\x1b"),
]
NO_BRANCHES = ["refs/tags/app", "refs/remotes/origin/x", f"refs/heads/{'a' * 40}"]
BAD_IDS = ["HEAD", "abc", "--force", "A" * 40, "0" * 40, "a" * 41, "refs/heads/main", "main^{}", ""]


@pytest.mark.parametrize("name", [*BAD_NAMES, *NO_BRANCHES])
def test_a_name_that_is_no_full_name_of_a_branch_is_refused(story: Repo, base: str, name: str) -> None:
    """No text can become an option, a pattern, an expression or another kind of ref (75, 76)."""
    repository = opened(story.path)
    with untouched(story):
        for effect in (create_branch, fast_forward):
            with pytest.raises(UsageError):
                effect(repository, name, base)
        with pytest.raises(UsageError):
            switch(repository, name)
        if name in BAD_NAMES:
            with pytest.raises(UsageError):
                create_tag(repository, name.replace("refs/heads/", "refs/tags/"), base, "m\n")


@pytest.mark.parametrize("object_id", [*BAD_IDS, "f" * 40])
def test_an_id_that_is_no_commit_is_refused(story: Repo, object_id: str) -> None:
    """Only the full id of a commit of this repository is accepted: no expression, no other object."""
    repository = opened(story.path)
    tree = story.git("rev-parse", "HEAD^{tree}")
    with untouched(story):
        for bad in (object_id, tree, story.git("rev-parse", "refs/tags/app/prod-v0.1.0")):
            with pytest.raises(UsageError):
                require_commit(repository, bad)
            with pytest.raises(UsageError):
                create_branch(repository, BRANCH, bad)
            with pytest.raises(UsageError):
                fast_forward(repository, "refs/heads/main", bad)
            with pytest.raises(UsageError):
                create_tag(repository, TAG, bad, "m\n")


NAME_PARTS = st.sampled_from(
    [*"a.-@{/~^:?*[\\ \t\x7f\x01ä\u202e\udcff+", "v0.1.1", "..", "@{", "//", ".lock", "$(id)", "HEAD", "lock"]
)


@settings(max_examples=40)
@given(short=st.lists(NAME_PARTS, min_size=1, max_size=4).map("".join))
def test_every_name_that_passes_is_one_that_git_accepts(short: str) -> None:
    """Our validation is at least as strict as git's own for branches."""
    try:
        checked.branch(f"refs/heads/{short}")
    except UsageError:
        return
    done = subprocess.run(["git", "check-ref-format", "--branch", short], capture_output=True, check=False)
    assert (done.returncode, os.fsdecode(done.stdout)) == (0, f"{short}\n")


def test_ordinary_names_pass() -> None:
    """Usual names of branches and tags are accepted."""
    for short in (
        "main",
        "hotfix/krow-withus-web-v0.1.1",
        "ä/ü",
        "a.b-c_d",
        "a@b",
        "@a",
        "a+b",
        "{a}",
        "lock",
    ):
        assert checked.branch(f"refs/heads/{short}") == short
        assert checked.tag(f"refs/tags/{short}") == short


# --- refs ----------------------------------------------------------------------------------------


def test_a_ref_is_resolved_to_its_commit(story: Repo, base: str) -> None:
    """Branches, lightweight tags, tags and tags of tags lead to commits; what is not there is None."""
    story.tag("twice", "refs/tags/app/prod-v0.1.0")
    story.tag("light", base, annotated=False)
    repository = opened(story.path)
    for tag in ("twice", "light", "app/prod-v0.1.0"):
        assert resolve(repository, f"refs/tags/{tag}") == base
    assert resolve(repository, "refs/heads/main") == repository.head
    assert resolve(repository, "refs/heads/app") is None
    assert resolve(repository, "refs/tags/app") is None  # A folder of tags is no tag.


def test_no_other_ref_stands_in_for_a_missing_one(story: Repo, base: str) -> None:
    """Git's search for short names would find `refs/tags/refs/heads/x` for `refs/heads/x`."""
    story.git("update-ref", "refs/tags/refs/heads/x", base)
    assert story.git("rev-parse", "refs/heads/x") == base
    assert resolve(opened(story.path), "refs/heads/x") is None


def test_a_ref_that_leads_to_no_commit_is_an_error(story: Repo) -> None:
    """A tag on a file, and a ref that git cannot read, are errors, not missing refs."""
    story.tag("blob", "HEAD:VERSION")
    repository = opened(story.path)
    with pytest.raises(GitError, match="leads to no commit"):
        resolve(repository, "refs/tags/blob")
    (story.path / ".git/refs/tags/garbage").write_text("garbage\n")
    with pytest.raises(GitError, match="refs/tags/garbage"):
        resolve(repository, "refs/tags/garbage")


# --- what differs from HEAD ------------------------------------------------------------------------


def test_every_kind_of_difference_is_found(story: Repo) -> None:
    """Index and working tree, additions and deletions, and apart from them what git does not track."""
    story.write(".gitignore", "ignored\n")
    for name in ("staged", "edited", "deleted", "removed", "renamed", "same", "mode"):
        story.write(name, f"the content of {name}\n")
    story.commit()
    repository = opened(story.path)
    assert changed_paths(repository) == ChangedPaths((), ())
    story.write("staged", "1")
    story.git("add", "staged")
    story.write("staged", "the content of staged\n")  # As in HEAD, but the index is not.
    story.write("edited", "1")
    (story.path / "deleted").unlink()
    story.git("rm", "--quiet", "--cached", "removed")
    story.git("mv", "renamed", "to")
    (story.path / "mode").chmod(0o755)
    story.write("meant", "1")
    story.git("add", "--intent-to-add", "meant")
    os.utime(story.path / "same", (1, 1))
    story.write("ignored", "")
    story.write("folder/a", "")
    story.write("folder/b", "")
    with untouched(story):
        found = changed_paths(repository)
    assert sorted(found.tracked) == [
        "deleted", "edited", "meant", "mode", "removed", "renamed", "staged", "to",
    ]  # fmt: skip
    assert sorted(found.untracked) == ["folder/", "removed"]


ODD_NAMES = [
    "a b",
    "-x",
    "ä",
    "line\nbreak",
    "\x1b[2J",
    '"quoted"',
    "tab\there",
    "# x",
    "? x",
    "back\\slash",
    "\udcff",
]


def test_odd_names_come_back_exactly(repo: Repo) -> None:
    """Spaces, line breaks, quotes and undecodable bytes of a path are part of its name (71)."""
    for name in ODD_NAMES:
        repo.write(f"tracked/{name}", "1")
    repo.commit()
    for name in ODD_NAMES:
        repo.write(f"tracked/{name}", "22")
        repo.write(name, "")
    found = changed_paths(opened(repo.path))
    assert sorted(found.tracked) == sorted(f"tracked/{name}" for name in ODD_NAMES)
    assert sorted(found.untracked) == sorted(ODD_NAMES)


def test_conflicts_are_tracked_differences(story: Repo, base: str) -> None:
    """A file with a merge conflict has a form of its own in git's answer."""
    story.git("switch", "--quiet", "-c", "other", base)
    story.write("VERSION", "0.3.0\n")
    story.commit()
    with pytest.raises(AssertionError):
        story.git("merge", "main")
    assert "VERSION" in changed_paths(opened(story.path)).tracked


def test_settings_do_not_change_what_differs(story: Repo) -> None:
    """Stashes, renames, columns, ignored submodules and hidden files of the user's configuration."""
    story.write("VERSION", "stashed")
    story.git("stash")
    story.write("VERSION", "1")
    story.write("unknown", "")
    story.git("mv", "new", "moved")
    before = changed_paths(opened(story.path))
    assert (sorted(before.tracked), before.untracked) == (["VERSION", "moved", "new"], ("unknown",))
    for key, value in {
        "status.showStash": "true", "status.showUntrackedFiles": "no", "status.renames": "copies",
        "status.branch": "true", "status.short": "true", "status.relativePaths": "true",
        "color.status": "always", "column.status": "always", "core.quotePath": "true",
        "diff.ignoreSubmodules": "all",
    }.items():  # fmt: skip
        story.git("config", key, value)
    assert changed_paths(opened(story.path)) == before


def test_a_submodule_differs_by_its_commit_or_its_files(repo: Repo, new_repo: Callable[[], Repo]) -> None:
    """Another commit or changed files in a submodule are a difference; unknown files in it are unknown.

    Who only looks sees the commit alone: to see more, git would run the filters that the submodule names.
    """
    part = new_repo()
    part.write("file", "1")
    part.commit()
    repo.git("submodule", "--quiet", "add", part.path.as_uri(), "part")
    repo.git("config", "--file=.gitmodules", "submodule.part.ignore", "all")
    repo.commit()
    repository = opened(repo.path)
    assert changed_paths(repository, reach=Reach.ACT) == ChangedPaths((), ())
    repo.write("part/unknown", "1")
    assert changed_paths(repository, reach=Reach.ACT) == ChangedPaths((), ("part",))
    repo.write("part/file", "22")
    assert changed_paths(repository, reach=Reach.ACT) == ChangedPaths(("part",), ())
    assert changed_paths(repository) == ChangedPaths((), ())
    repo.git("-C", "part", "commit", "--quiet", "--all", "--message=x")
    assert changed_paths(repository, reach=Reach.ACT).tracked == ("part",)
    assert changed_paths(repository).tracked == ("part",)


# --- create a branch -------------------------------------------------------------------------------


def test_a_branch_is_created_at_exactly_the_commit(story: Repo, base: str) -> None:
    """HEAD, index and files are those of the commit; untracked files stay; there is no upstream."""
    story.write("untracked", "mine")
    story.git("config", "branch.autoSetupMerge", "always")
    moved = create_branch(opened(story.path), BRANCH, base)
    assert head(story) == (BRANCH, base) == (moved.repository.branch, moved.repository.head)
    assert moved.notes == ()
    assert (story.path / "VERSION").read_text() == "0.1.0\n"
    assert (story.path / "gone").exists()
    assert not (story.path / "new").exists()
    assert (story.path / "untracked").read_text() == "mine"
    assert story.git("status", "--porcelain") == "?? untracked"
    assert story.git("for-each-ref", "--format=%(upstream)", BRANCH) == ""
    assert f"branch: Created from {base}" in (story.path / ".git/logs" / BRANCH).read_text()


def test_other_refs_of_these_names_do_not_confuse(story: Repo, base: str) -> None:
    """A tag called like the branch, and a branch called like the commit, change nothing (80)."""
    story.git("update-ref", BRANCH.replace("heads", "tags"), "main")
    story.git("update-ref", f"refs/heads/{base}", "main")
    create_branch(opened(story.path), BRANCH, base)
    assert head(story) == (BRANCH, base)
    switch(opened(story.path), "refs/heads/main")
    switch(opened(story.path), BRANCH)
    assert head(story) == (BRANCH, base)
    assert (story.path / "VERSION").read_text() == "0.1.0\n"


def test_what_was_opened_long_ago_does_not_count(story: Repo, base: str) -> None:
    """The state is read again before each effect."""
    repository = opened(story.path)
    story.git("switch", "--quiet", "--detach")
    story.commit("later")
    tip = story.git("rev-parse", "HEAD")
    create_branch(repository, BRANCH, base)
    assert head(story) == (BRANCH, base)
    fast_forward(repository, "refs/heads/main", tip)  # It was checked out when the repository was opened.
    assert head(story) == (BRANCH, base)
    assert story.git("rev-parse", "main") == tip
    assert switch(repository, "refs/heads/main").repository.head == tip


def test_a_branch_in_a_linked_worktree(story: Repo, base: str, tmp_path: Path) -> None:
    """The linked working tree moves, the first one stays."""
    story.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "other"))
    with same_working_tree(story):
        create_branch(opened(tmp_path / "other"), BRANCH, base)
    assert opened(tmp_path / "other").branch == BRANCH
    assert (tmp_path / "other/VERSION").read_text() == "0.1.0\n"


def test_a_branch_that_is_there_is_refused(story: Repo, base: str) -> None:
    """The error says where it is, and leads to `git switch` when that is where it should be."""
    repository = opened(story.path)
    story.git("branch", "hotfix/app-v0.1.1", base)
    with untouched(story), pytest.raises(RefConflict, match=f"there already, at {base}") as same:
        create_branch(repository, BRANCH, base)
    assert same.value.hint == "git switch hotfix/app-v0.1.1"
    story.git("branch", "--force", "hotfix/app-v0.1.1", "main")
    with untouched(story), pytest.raises(RefConflict, match=f"at {repository.head}"):
        create_branch(repository, BRANCH, base)


def test_a_branch_that_head_is_on_without_a_commit_is_refused(story: Repo, base: str) -> None:
    """A new branch without a commit has its own index and does not get a commit this way."""
    story.git("symbolic-ref", "HEAD", BRANCH)
    with untouched(story), pytest.raises(RefConflict, match="no commit yet"):
        create_branch(opened(story.path), BRANCH, base)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("other", ["refs/heads/hotfix", "refs/heads/hotfix/app-v0.1.1/x", f"{BRANCH}/x/y"])
def test_names_that_exclude_each_other_are_refused(story: Repo, base: str, other: str, packed: bool) -> None:
    """`hotfix` and `hotfix/x` cannot both be branches: git keeps them as file and folder (78)."""
    story.git("update-ref", other, base)
    if packed:
        story.git("pack-refs", "--all")
    with untouched(story), pytest.raises(RefConflict, match=re.escape(f"'{other}' is there")):
        create_branch(opened(story.path), BRANCH, base)


def test_neighbours_do_not_exclude_each_other(story: Repo, base: str) -> None:
    """Another hotfix, and a name that only begins alike, leave room."""
    for other in ("refs/heads/hotfix/app-v0.1.10", "refs/heads/hotfix/app-v0.1", "refs/heads/hotfixes"):
        story.git("update-ref", other, base)
    require_room(opened(story.path), BRANCH)


@pytest.mark.parametrize(
    ("operation", "commands"),
    [
        ("merge", [["merge", "side"]]),
        ("rebase", [["rebase", "side"]]),
        ("cherry-pick", [["cherry-pick", "side"]]),
        ("revert", [["revert", "--no-edit", "HEAD~1"]]),
        ("bisect", [["bisect", "start"]]),
    ],
)
def test_an_operation_under_way_is_refused(
    story: Repo, base: str, operation: str, commands: list[list[str]]
) -> None:
    """In the middle of a merge and the like nothing moves, and the error names the way out (84)."""
    story.git("branch", "side", base)
    story.git("switch", "--quiet", "side")
    story.write("VERSION", "0.9.0\n")
    story.commit("side")
    story.git("switch", "--quiet", "main")
    story.write("VERSION", "0.2.1\n")
    story.commit("main")
    for command in commands:
        if operation == "bisect":
            story.git(*command)
        else:
            with pytest.raises(AssertionError):
                story.git(*command)
    with untouched(story), pytest.raises(Conflict, match=f"middle of a {operation}") as caught:
        create_branch(opened(story.path), BRANCH, base)
    assert f"git {operation} " in str(caught.value)
    with untouched(story), pytest.raises(Conflict):
        switch(opened(story.path), "refs/heads/side")
    later = story.git("commit-tree", "-p", "main", "-m", "x", "main^{tree}")
    with untouched(story), pytest.raises(Conflict):
        fast_forward(opened(story.path), "refs/heads/main", later)


@pytest.mark.parametrize("staged", [False, True])
def test_changed_tracked_files_are_refused(story: Repo, base: str, staged: bool) -> None:
    """Nobody's unfinished work is carried to another branch; the error names the files (85)."""
    names = ["VERSION", "new"]
    for name in names:
        story.write(name, "unfinished")
    if staged:
        story.git("add", "--all")
    later = story.git("commit-tree", "-p", "HEAD", "-m", "x", "HEAD^{tree}")
    story.git("branch", "side")
    repository = opened(story.path)
    effects: list[Callable[[], object]] = [
        lambda: create_branch(repository, BRANCH, base),
        lambda: switch(repository, "refs/heads/side"),
        lambda: fast_forward(repository, "refs/heads/main", later),
    ]
    for effect in effects:
        with untouched(story), pytest.raises(Conflict, match="'VERSION', 'new'") as caught:
            effect()
        assert isinstance(caught.value, InputError)


@pytest.mark.parametrize("ignored", [False, True])
def test_a_file_in_the_way_is_never_overwritten(story: Repo, base: str, ignored: bool) -> None:
    """A file that git does not track, ignored ones too, survives; the branch is gone again."""
    story.write("gone", "mine")
    if ignored:
        (story.path / ".git/info").mkdir(exist_ok=True)
        (story.path / ".git/info/exclude").write_text("gone\n")
    repository = opened(story.path)
    with as_before(story), pytest.raises(GitError, match="gone"):
        create_branch(repository, BRANCH, base)
    story.git("branch", "side", base)
    with as_before(story), pytest.raises(GitError, match="gone"):
        switch(repository, "refs/heads/side")


@pytest.mark.parametrize("lock", ["index.lock", "HEAD.lock", f"{BRANCH}.lock"])
def test_a_lock_is_refused_and_never_removed(story: Repo, base: str, lock: str) -> None:
    """The error names the lock, since when it is there, and what to do (92)."""
    file = story.path / ".git" / lock
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    os.utime(file, (1767225600, 1767225600))
    with untouched(story), pytest.raises(Busy, match=re.escape(str(file))) as caught:
        create_branch(opened(story.path), BRANCH, base)
    assert "since 2026-01-01 00:00:00 UTC" in caught.value.message
    assert (caught.value.lock, caught.value.since) == (str(file), dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert isinstance(caught.value, Busy)


def test_a_hook_that_fails_afterwards_is_a_note(story: Repo, base: str) -> None:
    """`post-checkout` fails, git's exit code is 1, and the branch exists: success, with a note (89)."""
    hook(story, "post-checkout", "echo 'no \033[31m good' >&2; exit 1")
    moved = create_branch(opened(story.path), BRANCH, base)
    assert head(story) == (BRANCH, base)
    assert story.git("status", "--porcelain") == ""
    assert moved.notes == ("git switch failed: no \\x1b[31m good",)


def test_a_hook_that_hangs_afterwards_is_stopped(story: Repo, base: str) -> None:
    """After the time limit the state decides, not the exit code (90)."""
    reached = story.path / ".git/reached"
    hook(story, "post-checkout", f"touch {reached}; sleep 600")
    with no_hang():
        moved = stopped_late(
            lambda limit: create_branch(opened(story.path), BRANCH, base, timeout=limit), reached
        )
    assert head(story) == (BRANCH, base)
    assert "stopped after " in moved.notes[0]


def test_a_hook_that_changes_files_is_a_note(story: Repo, base: str) -> None:
    """Files that a hook changed stay, and a note names them."""
    hook(story, "post-checkout", "echo generated > VERSION")
    moved = create_branch(opened(story.path), BRANCH, base)
    assert head(story) == (BRANCH, base)
    assert len(moved.notes) == 1
    assert "'VERSION'" in moved.notes[0]


def test_a_hook_that_goes_elsewhere_is_an_error(story: Repo, base: str) -> None:
    """HEAD on another branch than the requested one is an error."""
    story.git("branch", "trap")
    hook(story, "post-checkout", "git symbolic-ref HEAD refs/heads/trap")
    with pytest.raises(GitError, match="HEAD was moved to 'refs/heads/trap'"):
        create_branch(opened(story.path), BRANCH, base)
    assert story.git("for-each-ref", BRANCH) == ""


def test_a_hook_that_declines_the_branch_changes_nothing(story: Repo, base: str) -> None:
    """`reference-transaction` declines before any file changes (94)."""
    hook(story, "reference-transaction", '[ "$1" != prepared ] || { echo not today >&2; exit 1; }')
    with as_before(story), pytest.raises(GitError, match="not today"):
        create_branch(opened(story.path), BRANCH, base)


KILL_PARENT = "kill -9 $PPID; sleep 0.2"


@pytest.mark.parametrize("moment", ["prepared", "committed"])
def test_git_killed_while_the_branch_is_made(story: Repo, base: str, moment: str) -> None:
    """Before or after the ref is written: no half-made branch stays, and HEAD has not moved (93)."""
    once = story.path / ".git/once"
    hook(
        story,
        "reference-transaction",
        f'[ "$1" = {moment} ] && mkdir {once} 2>/dev/null && {{ {KILL_PARENT}; }}; exit 0',
    )
    with as_before(story), pytest.raises(GitError, match="signal 9"):
        create_branch(opened(story.path), BRANCH, base)
    assert once.exists()
    if moment == "prepared":  # What a killed git leaves is named, and is the user's to remove.
        with pytest.raises(Busy):
            create_branch(opened(story.path), BRANCH, base)
        (story.path / ".git" / f"{BRANCH}.lock").unlink()
    create_branch(opened(story.path), BRANCH, base)
    assert head(story) == (BRANCH, base)


def smudge(repo: Repo, path: str, script: str) -> None:
    """Make the user's configuration pass a file through a program when git writes it."""
    program = repo.path / ".git/smudge"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    (repo.path / ".git/info").mkdir(exist_ok=True)
    (repo.path / ".git/info/attributes").write_text(f"{path} filter=ours\n")
    repo.git("config", "filter.ours.smudge", str(program))
    repo.git("config", "filter.ours.clean", "cat")
    repo.git("config", "filter.ours.required", "true")


def test_git_killed_while_files_are_written(story: Repo, base: str) -> None:
    """Files, HEAD and refs are as before; what git left is its lock, which the next run names (93)."""
    smudge(story, "gone", "kill -9 $(cut -d' ' -f5 /proc/self/stat); sleep 0.2")  # The group's leader.
    with as_before(story), pytest.raises(GitError, match="signal 9"):
        create_branch(opened(story.path), BRANCH, base)
    with untouched(story), pytest.raises(Busy, match=r"index\.lock"):
        create_branch(opened(story.path), BRANCH, base)
    (story.path / ".git/index.lock").unlink()
    story.git("config", "--remove-section", "filter.ours")
    create_branch(opened(story.path), BRANCH, base)
    assert head(story) == (BRANCH, base)


def test_what_somebody_edits_meanwhile_is_kept(story: Repo, base: str) -> None:
    """Only files that git wrote are restored; an edited file stays and is named."""
    smudge(story, "VERSION", "cat >/dev/null; echo edited > VERSION; echo mine > gone; kill -9 $PPID; exit 1")
    with pytest.raises(GitError, match="'VERSION'") as caught:
        create_branch(opened(story.path), BRANCH, base)
    assert "git restore" in str(caught.value)
    assert (story.path / "VERSION").read_text() == "edited\n"
    assert (story.path / "gone").read_text() == "mine\n"
    assert (story.path / "new").read_text() == "of main\n"
    assert story.git("for-each-ref", BRANCH) == ""


@pytest.mark.parametrize("done", [False, True])
def test_an_interrupt_leaves_nothing_half_made(story: Repo, base: str, done: bool) -> None:
    """Ctrl-C while files are written: all is as before; in the last hook: all is done, and stays."""
    begun = story.path / ".git/begun"
    if done:
        hook(story, "post-checkout", f"touch {begun}; sleep 600")
    else:
        smudge(story, "gone", f"touch {begun}; sleep 600")
    code = (
        "import signal, sys; from krow_versions.git import open_repository\n"
        "from krow_versions.git.switching import create_branch\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "try: create_branch(open_repository(sys.argv[1]), *sys.argv[2:])\n"
        "except KeyboardInterrupt: sys.exit(130)"
    )
    with (
        contextlib.nullcontext() if done else as_before(story),
        no_hang(),
        subprocess.Popen([sys.executable, "-c", code, str(story.path), BRANCH, base]) as process,
    ):
        while not begun.exists():
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
    if done:
        assert head(story) == (BRANCH, base)
        assert story.git("status", "--porcelain") == ""


def test_a_tree_that_cannot_be_read_is_reported(story: Repo, base: str) -> None:
    """A filter that fails does not hide whether HEAD has moved, nor why it has not."""
    smudge(story, "gone", "cat")
    story.git("config", "filter.ours.clean", "false")
    hook(story, "post-checkout", "sleep 0.02; touch gone")  # So that git looks into the file.
    moved = create_branch(opened(story.path), BRANCH, base)
    assert head(story) == (BRANCH, base)
    assert ["clean filter 'ours' failed" in note for note in moved.notes] == [True]


def test_git_killed_after_everything_is_success(story: Repo, base: str) -> None:
    """Killed in its last hook, git has done all: files, index and HEAD agree."""
    hook(story, "post-checkout", KILL_PARENT)
    moved = create_branch(opened(story.path), BRANCH, base)
    assert "signal 9" in moved.notes[0]
    assert head(story) == (BRANCH, base)
    assert story.git("status", "--porcelain") == ""


# --- switch ----------------------------------------------------------------------------------------


def test_switch_to_where_head_is_does_nothing(story: Repo) -> None:
    """Also with changed files, since nothing moves."""
    story.write("VERSION", "unfinished")
    with untouched(story):
        assert switch(opened(story.path), "refs/heads/main").repository == opened(story.path)


def test_switch_guesses_nothing(story: Repo, tmp_path: Path) -> None:
    """A branch that only a remote has is not here, and is not created in passing."""
    story.git("branch", "side")
    clone = story.clone(tmp_path / "clone")
    with untouched(clone), pytest.raises(RefConflict, match="no branch 'side'"):
        switch(opened(clone.path), "refs/heads/side")


def test_a_branch_of_another_worktree_is_refused(story: Repo, base: str, tmp_path: Path) -> None:
    """The error says where the branch is checked out (86)."""
    story.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "other tree"), base)
    repository = opened(story.path)
    effects: list[Callable[[], object]] = [
        lambda: switch(repository, "refs/heads/side"),
        lambda: fast_forward(repository, "refs/heads/side", repository.head or ""),
    ]
    for effect in effects:
        with untouched(story), pytest.raises(RefConflict, match=f"'{tmp_path}/other tree'"):
            effect()


# --- fast-forward ----------------------------------------------------------------------------------


def test_a_branch_that_is_checked_out_moves_with_its_files(story: Repo, base: str) -> None:
    """Files, index and HEAD agree afterwards, whatever is configured for merges."""
    tip = story.git("rev-parse", "main")
    create_branch(opened(story.path), BRANCH, base)
    short = BRANCH.removeprefix("refs/heads/")
    for key, value in {
        f"branch.{short}.mergeOptions": "--no-ff --squash", "merge.ff": "false", "merge.autoStash": "true",
        "merge.stat": "true", "pull.rebase": "true",
    }.items():  # fmt: skip
        story.git("config", key, value)
    moved = fast_forward(opened(story.path), BRANCH, tip)
    assert (head(story), moved.notes) == ((BRANCH, tip), ())
    assert (story.path / "VERSION").read_text() == "0.2.0\n"
    assert story.git("status", "--porcelain") == ""
    with untouched(story):
        assert fast_forward(opened(story.path), BRANCH, tip).notes == ()


def test_a_branch_without_a_working_tree_moves_alone(story: Repo, base: str) -> None:
    """Only the ref moves, with changed files around too, since none of them is touched."""
    tip = story.git("rev-parse", "main")
    story.git("branch", "side", base)
    story.write("VERSION", "unfinished")
    with same_working_tree(story):
        fast_forward(opened(story.path), "refs/heads/side", tip)
    assert story.git("rev-parse", "side") == tip
    assert "Fast-forward" in story.git("reflog", "-1", "side")


def test_what_is_no_fast_forward_is_refused(story: Repo, base: str) -> None:
    """The error names both commits, and how many each side has (98)."""
    story.git("switch", "--quiet", "-c", "side", base)
    story.commit("one")
    tip = story.commit("two")
    main = story.git("rev-parse", "main")
    for branch in ("main", "side"):
        story.git("switch", "--quiet", branch)
        with untouched(story), pytest.raises(RefConflict) as caught:
            fast_forward(opened(story.path), "refs/heads/main", tip)
        assert f"from {main} to {tip}: it has 1 commit " in caught.value.message
        assert "lacks 2 commits" in caught.value.message


def test_backwards_is_no_fast_forward(story: Repo, base: str) -> None:
    """An older commit is refused."""
    with untouched(story), pytest.raises(RefConflict, match=r"has 1 commit .* lacks 0 commits"):
        fast_forward(opened(story.path), "refs/heads/main", base)


def test_a_missing_branch_is_not_created(story: Repo, base: str) -> None:
    """A fast-forward needs an existing branch."""
    with untouched(story), pytest.raises(RefConflict, match="no branch 'side'"):
        fast_forward(opened(story.path), "refs/heads/side", base)


def test_ancestry_of_a_shallow_clone_is_not_known(story: Repo, tmp_path: Path) -> None:
    """In a shallow clone ancestry is not known, and not guessed (82)."""
    old = story.git("rev-parse", "main")
    for number in range(3):
        story.commit(f"{number}")
    tip = story.git("rev-parse", "main")
    clone = story.clone(tmp_path / "clone", "--depth=1")
    clone.git("fetch", "--quiet", "--depth=1", "origin", old)
    clone.git("update-ref", "refs/heads/side", old)
    with untouched(clone), pytest.raises(Unsupported, match="shallow"):
        fast_forward(opened(clone.path), "refs/heads/side", tip)
    clone.git("fetch", "--quiet", "--unshallow")
    fast_forward(opened(clone.path), "refs/heads/side", tip)
    assert clone.git("rev-parse", "side") == tip


def test_a_hook_after_the_merge_is_a_note(story: Repo, base: str) -> None:
    """`post-merge` cannot undo the merge; its message is a note."""
    tip = story.git("rev-parse", "main")
    create_branch(opened(story.path), BRANCH, base)
    hook(story, "post-merge", "echo rebuild >&2; exit 1")
    moved = fast_forward(opened(story.path), BRANCH, tip)
    assert (head(story), moved.notes) == ((BRANCH, tip), ("rebuild",))


@pytest.mark.parametrize("how", ["exit 1", KILL_PARENT])
def test_a_fast_forward_that_stops_half_way_is_undone(story: Repo, base: str, how: str) -> None:
    """Git merges the files before a hook may decline the ref; files and index go back (94)."""
    tip = story.git("rev-parse", "main")
    create_branch(opened(story.path), BRANCH, base)
    script = f'[ "$1" != prepared ] || ! grep -q refs/heads/ || {{ {how}; }}'
    file = hook(story, "reference-transaction", script)
    with as_before(story), pytest.raises(GitError):
        fast_forward(opened(story.path), BRANCH, tip)
    file.unlink()
    for lock in (".git/HEAD.lock", f".git/{BRANCH}.lock"):
        (story.path / lock).unlink(missing_ok=True)
    fast_forward(opened(story.path), BRANCH, tip)
    assert head(story) == (BRANCH, tip)


def test_a_branch_that_moves_meanwhile_is_not_lost(
    story: Repo, base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ref moves only from the value that was read."""
    story.git("branch", "side", base)
    tip = story.git("rev-parse", "main")
    other = story.git("commit-tree", "-p", base, "-m", "other", "main^{tree}")
    program = tmp_path / "bin/git"  # Another one moves the branch just before we do.
    program.parent.mkdir()
    real = shutil.which("git")
    quicker = f'case " $* " in *" update-ref "*) {real} update-ref refs/heads/side {other};; esac'
    program.write_text(f'#!/bin/sh\n{quicker}\nexec {real} "$@"\n')
    program.chmod(0o755)
    with monkeypatch.context() as patch:
        patch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
        with pytest.raises(GitError, match=f"is at {other} but expected {base}"):
            fast_forward(opened(story.path), "refs/heads/side", tip)
    assert story.git("rev-parse", "side") == other


def test_a_ref_that_moved_although_the_hook_hangs(story: Repo, base: str) -> None:
    """Stopped in its last hook, git has moved the ref: success, with a note (90)."""
    story.git("branch", "side", base)
    tip = story.git("rev-parse", "main")
    reached = story.path / ".git/reached"
    hook(story, "reference-transaction", f'[ "$1" != committed ] || {{ touch {reached}; sleep 600; }}')
    with no_hang():
        moved = stopped_late(
            lambda limit: fast_forward(opened(story.path), "refs/heads/side", tip, timeout=limit), reached
        )
    assert "stopped after " in moved.notes[0]
    assert story.git("rev-parse", "side") == tip


# --- tags ------------------------------------------------------------------------------------------


def message_of(repo: Repo, tag: str) -> str:
    return repo.git("cat-file", "tag", tag).partition("\n\n")[2]


@pytest.mark.parametrize(
    "message",
    [
        "HOTFIX: crash\n\n# not a comment\n\n\n  indented  \ntrailing   \n",
        "# only\n",
        "no line break",
        "\n\nleading",
        "ESC \x1b[2J and \u202e bidi\r\n",
        "x" * 10_000,
        "ünïcödé 🚨\n",
        "-----BEGIN\n--cleanup=strip\n",
    ],
)
def test_a_message_is_kept_as_it_is(story: Repo, base: str, message: str) -> None:
    """No line is dropped, none is trimmed, and none becomes an option (105)."""
    made = create_tag(opened(story.path), TAG, base, message)
    assert story.git("cat-file", "-t", TAG) == "tag"
    assert story.git("rev-parse", TAG) == made
    assert story.git("rev-parse", f"{TAG}^{{}}") == base
    assert f"{message_of(story, TAG)}\n" == message.removesuffix("\n") + "\n"


@pytest.mark.parametrize("message", ["", " \n", "a\0b", "lone \ud800"])
def test_a_message_that_no_tag_can_have_is_refused(story: Repo, base: str, message: str) -> None:
    """An empty message, NUL and lone surrogates are a UsageError, escaped."""
    with untouched(story), pytest.raises(UsageError) as caught:
        create_tag(opened(story.path), TAG, base, message)
    assert printable(str(caught.value)) == str(caught.value)


def test_the_same_tag_is_nothing_to_do(story: Repo, base: str) -> None:
    """An annotated tag at that commit is what was wanted, whatever its message."""
    first = create_tag(opened(story.path), TAG, base, "one\n")
    with untouched(story):
        assert create_tag(opened(story.path), TAG, base, "two\n") == first


@pytest.mark.parametrize(
    ("target", "annotated", "reason"),
    [
        ("main", True, "at {main}, not at"),
        ("main", False, "at {main}, not at"),
        ("base", False, "lightweight"),
        ("HEAD:VERSION", True, "a tag that leads to no commit"),
        ("HEAD:VERSION", False, "a blob that leads to no commit"),
    ],
)
def test_another_tag_is_never_moved(
    story: Repo, base: str, target: str, annotated: bool, reason: str
) -> None:
    """Elsewhere, lightweight or on a file: the error says which, and the tag stays (79)."""
    story.tag(TAG.removeprefix("refs/tags/"), base if target == "base" else target, annotated=annotated)
    expected = reason.format(main=story.git("rev-parse", "main"))
    with untouched(story), pytest.raises(RefConflict, match=expected):
        create_tag(opened(story.path), TAG, base, "m\n")


@pytest.mark.parametrize("other", ["refs/tags/app/prod-v0.1.1/x", "refs/tags/web"])
def test_tags_that_exclude_each_other_are_refused(story: Repo, base: str, other: str) -> None:
    """`web` and `web/prod-v1` cannot both be tags (78)."""
    story.git("update-ref", other, base)
    wanted = TAG if other.startswith(TAG) else "refs/tags/web/prod-v1"
    with untouched(story), pytest.raises(RefConflict, match=re.escape(f"'{other}' is there")):
        create_tag(opened(story.path), wanted, base, "m\n")


def test_without_an_identity_nothing_is_made(story: Repo, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tagger is checked first, and the error says how to configure one (91)."""
    repository = opened(story.path)
    assert committer(repository) == "Release Engineer"
    for name in ("NAME", "EMAIL"):
        monkeypatch.delenv(f"GIT_COMMITTER_{name}")
        monkeypatch.delenv(f"GIT_AUTHOR_{name}")
    story.git("config", "user.useConfigOnly", "true")
    with untouched(story), pytest.raises(InputError, match=r"git config user\.name"):
        create_tag(repository, TAG, base, "m\n")
    story.git("config", "user.name", "Ünï <x> Code")
    story.git("config", "user.email", "a@example.org")
    assert committer(repository) == "Ünï x Code"


def signer(repo: Repo, script: str) -> None:
    """Make the user's configuration sign tags with a program of ours."""
    file = repo.path / ".git/gpg"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    repo.git("config", "gpg.program", str(file))
    repo.git("config", "tag.gpgSign", "true")


def test_the_users_signature_is_on_the_tag(story: Repo, base: str) -> None:
    """`tag.gpgSign` works, and the signature begins a line of its own."""
    signer(
        story,
        "cat >/dev/null; echo '[GNUPG:] SIG_CREATED ' >&2\n"
        "printf -- '-----BEGIN PGP SIGNATURE-----\\nx\\n-----END PGP SIGNATURE-----\\n'",
    )
    create_tag(opened(story.path), TAG, base, "no line break")
    assert message_of(story, TAG).split("\n")[:2] == ["no line break", "-----BEGIN PGP SIGNATURE-----"]


def test_a_signature_that_fails_changes_nothing(story: Repo, base: str) -> None:
    """Without a key there is no tag, and not an unsigned one (91)."""
    signer(story, "echo 'no secret key' >&2; exit 2")
    with untouched(story), pytest.raises(GitError, match=r"no secret key|failed to sign"):
        create_tag(opened(story.path), TAG, base, "m\n")


def test_a_signature_that_hangs_is_stopped(story: Repo, base: str) -> None:
    """A pass phrase that nobody enters ends with the time limit (90)."""
    signer(story, "sleep 600")
    with untouched(story), no_hang(), pytest.raises(GitError, match="stopped after 1 s"):
        create_tag(opened(story.path), TAG, base, "m\n", timeout=1)


def test_a_hook_that_declines_the_tag_changes_nothing(story: Repo, base: str) -> None:
    """`reference-transaction` declines: there is no tag (94)."""
    hook(story, "reference-transaction", '[ "$1" != prepared ] || exit 1')
    with as_before(story), pytest.raises(GitError):
        create_tag(opened(story.path), TAG, base, "m\n")


def test_git_killed_after_the_tag_is_success(story: Repo, base: str) -> None:
    """The tag exists, so it is a success, whatever the exit of git (93)."""
    hook(story, "reference-transaction", f'[ "$1" != committed ] || {{ {KILL_PARENT}; }}')
    made = create_tag(opened(story.path), TAG, base, "m\n")
    found = read_ref(opened(story.path), TAG)
    assert found is not None
    assert (found.object_id, found.object_type, found.commit) == (made, "tag", base)


def test_a_locked_tag_is_refused(story: Repo, base: str) -> None:
    """The lock of the tag is named and stays (92)."""
    lock = story.path / ".git" / f"{TAG}.lock"
    lock.touch()
    with untouched(story), pytest.raises(Busy, match=re.escape(str(lock))):
        create_tag(opened(story.path), TAG, base, "m\n")
