"""A commit of exactly some files: hooks, signing and identity are the user's, everything else stays."""

from __future__ import annotations

from pathlib import Path

import pytest

import krow_versions as kv
from krow_versions import git
from krow_versions.errors import Busy, Conflict, GitError
from krow_versions.planning.actions import Commit
from krow_versions.planning.plan import Plan
from krow_versions.workspace.applying import apply_plan
from support.commands import done, run
from support.repositories import Repo, executable, hook, opened
from support.story import KILL_PARENT

MESSAGE = "chore: version 0.1.1\n"
ODD = "a [b]*.txt"
CONFIG = """\
[repos]
apps = "apps"
[products.x]
slug = "x"
repo = "apps"
files = [{ path = "VERSION", format = "text" }]
"""


@pytest.fixture
def changed(repo: Repo) -> Repo:
    """Three files that differ from HEAD: one is staged, one is not, one is both."""
    for name in ("VERSION", "staged", ODD):
        repo.write(name, "before\n")
    repo.commit("first")
    for name in ("VERSION", "staged", ODD):
        repo.write(name, "after\n")
    repo.git("add", "staged")
    return repo


@pytest.mark.fault(71, 85)
@pytest.mark.parametrize("path", ["VERSION", ODD])
def test_exactly_the_named_files_are_committed(changed: Repo, path: str) -> None:
    """What else is staged stays staged, what else is changed stays changed, and a path is no pattern."""
    changed.write("a bbb.txt", "would match\n")
    before = changed.git("rev-parse", "HEAD")
    made = git.commit(opened(changed), [path], MESSAGE)
    assert made.repository.head == changed.git("rev-parse", "HEAD")
    assert changed.git("rev-parse", "HEAD^") == before
    assert changed.git("log", "-1", "--format=%B").strip() == MESSAGE.strip()
    assert changed.git("show", "--name-only", "--format=", "-z").strip("\0") == path
    assert changed.git("diff", "--cached", "--name-only") == "staged"
    others = {"VERSION", ODD} - {path}
    assert set(changed.git("diff", "--name-only", "-z").strip("\0").split("\0")) == others


def test_hooks_run_and_sign_as_the_user_has_them(
    changed: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit-msg hook may change the message, and the user's signing program signs."""
    signer = executable(
        tmp_path / "signer",
        "#!/bin/sh\ncat > /dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\n"
        "echo '-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----'\n",
    )
    user = tmp_path / "user.cfg"
    user.write_text(f"[gpg]\n\tprogram = {signer}\n[commit]\n\tgpgSign = true\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(user))
    hook(changed, "commit-msg", 'echo "Signed-off-by: me" >> "$1"')
    git.commit(opened(changed), ["VERSION"], MESSAGE)
    text = changed.git("cat-file", "commit", "HEAD")
    assert "Signed-off-by: me" in text
    assert "BEGIN PGP SIGNATURE" in text


@pytest.mark.fault(87)
def test_a_hook_that_declines_leaves_everything_as_it_was(changed: Repo) -> None:
    """After a pre-commit hook that fails there is no commit, and the index is as before."""
    hook(changed, "pre-commit", "echo no lint today >&2; exit 1")
    before = (changed.git("rev-parse", "HEAD"), changed.git("status", "--porcelain"))
    with pytest.raises(GitError, match="no lint today"):
        git.commit(opened(changed), ["VERSION"], MESSAGE)
    assert (changed.git("rev-parse", "HEAD"), changed.git("status", "--porcelain")) == before


def test_a_hook_afterwards_undoes_nothing(changed: Repo) -> None:
    """Once HEAD has moved the commit is made, whatever a post-commit hook says; its words are a note."""
    hook(changed, "post-commit", "echo could not tell the others >&2; exit 1")
    made = git.commit(opened(changed), ["VERSION"], MESSAGE)
    assert made.repository.head == changed.git("rev-parse", "HEAD")
    assert any("could not tell the others" in note for note in made.notes)


@pytest.mark.fault(88)
def test_a_hook_that_changes_what_is_committed_is_an_error(changed: Repo) -> None:
    """A hook that puts something else into the commit is an error that names the file: nothing is silent."""
    hook(changed, "pre-commit", "echo hooked > VERSION; git add VERSION")
    with pytest.raises(GitError, match="the commit is made, but a hook has changed in it: 'VERSION'"):
        git.commit(opened(changed), ["VERSION"], MESSAGE)
    assert changed.git("show", "HEAD:VERSION") == "hooked"


def test_a_link_is_committed_as_what_it_is(changed: Repo) -> None:
    """A version file may be a link: what it leads to is no change of a hook."""
    (changed.path / ODD).unlink()
    (changed.path / ODD).symlink_to("VERSION")
    git.commit(opened(changed), [ODD, "VERSION"], MESSAGE)
    assert changed.git("show", f"HEAD:{ODD}") == "VERSION"


@pytest.mark.fault(93)
def test_the_index_is_brought_to_a_commit_that_was_cut_off(changed: Repo) -> None:
    """A git killed once HEAD has moved leaves the old index: its lock is named, the next run repairs it."""
    killing = hook(changed, "reference-transaction", f'[ "$1" != committed ] || {{ {KILL_PARENT}; }}')
    with pytest.raises(Busy, match="the commit is made") as caught:
        git.commit(opened(changed), ["VERSION"], MESSAGE)
    killing.unlink()
    assert changed.git("show", "HEAD:VERSION") == "after"
    assert changed.git("diff", "--cached", "--name-only").split() == ["VERSION", "staged"]
    assert caught.value.lock is not None
    Path(caught.value.lock).unlink()
    before = changed.git("rev-parse", "HEAD")
    made = git.commit(opened(changed), ["VERSION"], MESSAGE)
    assert (made.repository.head, len(made.notes)) == (before, 1)
    assert changed.git("diff", "--cached", "--name-only") == "staged"


def middle_of_a_merge(repo: Repo) -> None:
    repo.git("stash", "--quiet")
    repo.git("switch", "--quiet", "--create", "other", "HEAD")
    repo.write("VERSION", "other\n")
    repo.commit("other")
    repo.git("switch", "--quiet", "main")
    repo.write("VERSION", "ours\n")
    repo.commit("ours")
    with pytest.raises(AssertionError):
        repo.git("merge", "other")


def locked(repo: Repo) -> None:
    (repo.path / ".git/index.lock").touch()


def unchanged(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "HEAD", "--", "VERSION")


def untracked(repo: Repo) -> None:
    repo.git("rm", "--quiet", "--cached", "VERSION")
    repo.git("commit", "--quiet", "--message=no VERSION")


@pytest.mark.parametrize(
    ("spoil", "kind", "said"),
    [
        (middle_of_a_merge, Conflict, "in the middle of a merge"),
        (locked, Busy, "lock"),
        (unchanged, GitError, "no changes added|nothing to commit|nothing added"),
        (untracked, GitError, "did not match"),
    ],
)
def test_what_cannot_be_committed_is_refused(
    changed: Repo, spoil: object, kind: type[Exception], said: str
) -> None:
    """In a merge, beside another git, without a change, or for a file that git does not track."""
    spoil(changed)  # type: ignore[operator]
    before = changed.git("rev-parse", "HEAD")
    with pytest.raises(kind, match=said):
        git.commit(opened(changed), ["VERSION"], MESSAGE)
    assert changed.git("rev-parse", "HEAD") == before


def test_the_action_is_what_its_command_does(tmp_path: Path) -> None:
    """A plan commits a file in a folder below the top of git; the command that it shows does the same."""
    commits = []
    for by_hand in (False, True):
        repo = Repo(tmp_path / str(by_hand))
        repo.write(f"apps/{ODD}", "before\n")
        repo.write("krow-versions.toml", CONFIG)
        repo.write("apps/VERSION", "0.1.0\n")
        repo.commit("first")
        repo.write(f"apps/{ODD}", "after\n")
        action = Commit("apps", (ODD,), MESSAGE, root=str(repo.path / "apps"))
        if by_hand:
            done(run("-c", action.command, cwd=tmp_path, program=["bash"]))
        else:
            applied = apply_plan(kv.Workspace.open(repo.path), Plan(actions=(action,)))
            assert applied.actions == (action,)
        commits.append(repo.git("log", "-1", "--format=%T %B"))
    assert commits[0] == commits[1]
