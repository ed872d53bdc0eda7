"""Branches that are made, checked out and moved: refused before anything, or done and verified.

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

from krow_versions.errors import Busy, Conflict, GitError, InputError, RefConflict, Unsupported
from krow_versions.git.refs import require_room
from krow_versions.git.switching import create_branch, fast_forward, switch
from support.hang import no_hang, stopped_late
from support.repositories import hook, opened
from support.untouched import as_before, same_working_tree, untouched

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.repositories import Repo
from support.story import BRANCH, KILL_PARENT, head

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


@pytest.mark.fault(80)
def test_other_refs_of_these_names_do_not_confuse(story: Repo, base: str) -> None:
    """A tag called like the branch, and a branch called like the commit, change nothing."""
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


@pytest.mark.fault(78)
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("other", ["refs/heads/hotfix", "refs/heads/hotfix/app-v0.1.1/x", f"{BRANCH}/x/y"])
def test_names_that_exclude_each_other_are_refused(story: Repo, base: str, other: str, packed: bool) -> None:
    """`hotfix` and `hotfix/x` cannot both be branches: git keeps them as file and folder."""
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


@pytest.mark.fault(84)
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
    """In the middle of a merge and the like nothing moves, and the error names the way out."""
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


@pytest.mark.fault(85)
@pytest.mark.parametrize("staged", [False, True])
def test_changed_tracked_files_are_refused(story: Repo, base: str, staged: bool) -> None:
    """Nobody's unfinished work is carried to another branch; the error names the files."""
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


@pytest.mark.fault(92)
@pytest.mark.parametrize("lock", ["index.lock", "HEAD.lock", f"{BRANCH}.lock"])
def test_a_lock_is_refused_and_never_removed(story: Repo, base: str, lock: str) -> None:
    """The error names the lock, since when it is there, and what to do."""
    file = story.path / ".git" / lock
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    os.utime(file, (1767225600, 1767225600))
    with untouched(story), pytest.raises(Busy, match=re.escape(str(file))) as caught:
        create_branch(opened(story.path), BRANCH, base)
    assert "since 2026-01-01 00:00:00 UTC" in caught.value.message
    assert (caught.value.lock, caught.value.since) == (str(file), dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert isinstance(caught.value, Busy)


@pytest.mark.fault(89)
def test_a_hook_that_fails_afterwards_is_a_note(story: Repo, base: str) -> None:
    """`post-checkout` fails, git's exit code is 1, and the branch exists: success, with a note."""
    hook(story, "post-checkout", "echo 'no \033[31m good' >&2; exit 1")
    moved = create_branch(opened(story.path), BRANCH, base)
    assert head(story) == (BRANCH, base)
    assert story.git("status", "--porcelain") == ""
    assert moved.notes == (
        "a hook of git switch failed with exit code 1: no \\x1b[31m good; the branch was switched",
    )


@pytest.mark.fault(90)
def test_a_hook_that_hangs_afterwards_is_stopped(story: Repo, base: str) -> None:
    """After the time limit the state decides, not the exit code."""
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


@pytest.mark.fault(94)
def test_a_hook_that_declines_the_branch_changes_nothing(story: Repo, base: str) -> None:
    """`reference-transaction` declines before any file changes."""
    hook(story, "reference-transaction", '[ "$1" != prepared ] || { echo not today >&2; exit 1; }')
    with as_before(story), pytest.raises(GitError, match="not today"):
        create_branch(opened(story.path), BRANCH, base)


@pytest.mark.fault(93)
@pytest.mark.parametrize("moment", ["prepared", "committed"])
def test_git_killed_while_the_branch_is_made(story: Repo, base: str, moment: str) -> None:
    """Before or after the ref is written: no half-made branch stays, and HEAD has not moved."""
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


@pytest.mark.fault(93)
def test_git_killed_while_files_are_written(story: Repo, base: str) -> None:
    """Files, HEAD and refs are as before; what git left is its lock, which the next run names."""
    smudge(story, "gone", "kill -9 $(cut -d' ' -f5 /proc/self/stat); sleep 0.2")  # The group's leader.
    with as_before(story), pytest.raises(GitError, match="signal 9"):
        create_branch(opened(story.path), BRANCH, base)
    with untouched(story), pytest.raises(Busy, match=r"index\.lock"):
        create_branch(opened(story.path), BRANCH, base)
    (story.path / ".git/index.lock").unlink()
    story.git("config", "--remove-section", "filter.ours")
    create_branch(opened(story.path), BRANCH, base)
    assert head(story) == (BRANCH, base)


@pytest.mark.fault(93)
def test_git_killed_when_it_has_written_only_new_files(story: Repo, base: str) -> None:
    """Nothing says that git wrote them, so none is removed: the branch stays, and the hint completes it."""
    story.git("switch", "--quiet", "--detach", base)
    story.write("late", "of later\n")
    story.write("added", "of later\n")
    later = story.commit("feat: only new files")
    story.git("switch", "--quiet", "--detach", base)
    smudge(story, "late", "kill -9 $(cut -d' ' -f5 /proc/self/stat); sleep 0.2")
    with pytest.raises(GitError, match="signal 9") as caught:
        create_branch(opened(story.path), BRANCH, later)
    advised = re.fullmatch(r".*: (rm \S+); then run it again, which completes it", caught.value.hint or "")
    assert advised, caught.value.hint
    subprocess.run(advised[1], shell=True, check=True)
    story.git("config", "--remove-section", "filter.ours")
    switch(opened(story.path), BRANCH)
    assert (head(story), story.git("status", "--porcelain")) == ((BRANCH, later), "")


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


@pytest.mark.fault(93)
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


@pytest.mark.fault(86)
def test_a_branch_of_another_worktree_is_refused(story: Repo, base: str, tmp_path: Path) -> None:
    """The error says where the branch is checked out."""
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


@pytest.mark.fault(98)
def test_what_is_no_fast_forward_is_refused(story: Repo, base: str) -> None:
    """The error names both commits, and how many each side has."""
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


@pytest.mark.fault(82)
def test_ancestry_of_a_shallow_clone_is_not_known(story: Repo, tmp_path: Path) -> None:
    """In a shallow clone ancestry is not known, and not guessed."""
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


@pytest.mark.fault(94)
@pytest.mark.parametrize("how", ["exit 1", KILL_PARENT])
def test_a_fast_forward_that_stops_half_way_is_undone(story: Repo, base: str, how: str) -> None:
    """Git merges the files before a hook may decline the ref; files and index go back."""
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


@pytest.mark.fault(90)
def test_a_ref_that_moved_although_the_hook_hangs(story: Repo, base: str) -> None:
    """Stopped in its last hook, git has moved the ref: success, with a note."""
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
