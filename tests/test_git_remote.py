"""Fetching and pushing, with a real bare repository as the remote, its hooks, and a second clone."""

from __future__ import annotations

import os
import pickle
import re
from typing import TYPE_CHECKING

import pytest

from krow_versions.errors import GitError, PushRejected, UsageError
from krow_versions.git import Reach
from krow_versions.git.pushing import _answers, push
from krow_versions.git.remotes import DifferingTag, RemoteRef, fetch, remote_names, remote_refs
from krow_versions.text.escaping import printable
from support.hang import no_hang, stopped_late
from support.repositories import Repo, hook, opened, refs
from support.untouched import as_before, untouched

if TYPE_CHECKING:
    from pathlib import Path

MAIN = "refs/heads/main"
TAG = "refs/tags/app/prod-v0.1.1"
WANTED = [MAIN, "refs/heads/hotfix/*", "refs/tags/app/*"]


@pytest.fixture
def remote(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "remote.git", bare=True)


@pytest.fixture
def ours(remote: Repo, repo: Repo) -> Repo:
    """A repository with one release, pushed."""
    repo.git("remote", "add", "origin", remote.path.as_uri())
    repo.write("VERSION", "0.1.0\n")
    repo.commit("release")
    repo.tag("app/prod-v0.1.0")
    repo.git("push", "--quiet", "origin", "main", "app/prod-v0.1.0")
    return repo


@pytest.fixture
def theirs(ours: Repo, remote: Repo, tmp_path: Path) -> Repo:
    """A colleague's clone."""
    return remote.clone(tmp_path / "theirs")


def released(repo: Repo) -> dict[str, str]:
    """Commit and tag the next release; what has to be pushed."""
    repo.write("VERSION", "0.1.1\n")
    commit = repo.commit("fix: crash")
    return {MAIN: commit, TAG: repo.tag(TAG.removeprefix("refs/tags/"))}


# --- names -----------------------------------------------------------------------------------------


@pytest.mark.fault(77)
def test_only_the_name_of_a_remote_is_a_remote(ours: Repo, remote: Repo, tmp_path: Path) -> None:
    """No URL, path, program or option reaches git, which would run some of them."""
    canary = tmp_path / "canary"
    repository = opened(ours)
    assert remote_names(repository) == ("origin",)
    for name in (
        f"ext::touch {canary}", f"--upload-pack=touch {canary}", remote.path.as_uri(), str(remote.path), ".",
        "", "-", "--all", "Origin", "origin ", "origin\n", "nowhere", "\ud800", "a\0b",
    ):  # fmt: skip
        with untouched(ours, remote):
            with pytest.raises(UsageError, match=r"there is no remote .*here") as caught:
                fetch(repository, name, WANTED)
            with pytest.raises(UsageError):
                remote_refs(repository, name, WANTED)
            with pytest.raises(UsageError):
                push(repository, name, {MAIN: repository.head or ""})
        assert "remotes are 'origin'" in str(caught.value)
        assert printable(caught.value.message) == caught.value.message
    assert not canary.exists()


def test_a_remote_that_looks_like_an_option_is_refused(ours: Repo) -> None:
    """Also if the configuration has a remote of such a name."""
    ours.git("config", "remote.--all.url", "x")
    assert "--all" in remote_names(opened(ours))
    with untouched(ours), pytest.raises(UsageError):
        fetch(opened(ours), "--all", WANTED)


def test_no_remote_at_all(repo: Repo) -> None:
    """The error leads to `git remote add`."""
    repo.commit()
    assert remote_names(opened(repo)) == ()
    with pytest.raises(UsageError, match=r"git remote add NAME URL"):
        fetch(opened(repo), "origin", WANTED)


def test_remotes_are_called_as_git_calls_them(ours: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dots, slashes, upper case, the user's own configuration, what only looks like a remote."""
    home = ours.path.parent / "user.gitconfig"
    home.write_text('[remote "user"]\nurl = x\n[remote]\npushDefault = nobody\n[remotes]\ngroup = a b\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home))
    for key in ("remote.a.b.url", "remote.x/y.fetch", "remote.Z.tagOpt", "remote./s.url", "branch.n.remote"):
        ours.git("config", key, "x")
    assert remote_names(opened(ours)) == tuple(ours.git("remote").splitlines())
    assert remote_names(opened(ours)) == ("Z", "a.b", "origin", "user", "x/y")


def test_the_configuration_is_of_the_moment_at_which_it_was_asked_for(ours: Repo) -> None:
    """A repository that was opened keeps what it read, without secrets in its form as text or as bytes."""
    repository = opened(ours)
    assert remote_names(repository) == ("origin",)
    ours.git("config", "remote.later.url", "https://user:secret@example.org/x")
    assert remote_names(repository) == ("origin",)
    again = opened(ours)
    assert remote_names(again) == ("later", "origin")
    assert again == repository
    assert "secret" not in repr((again, again.settings()))
    assert b"secret" not in pickle.dumps(again)
    assert pickle.loads(pickle.dumps(again)) == again


@pytest.mark.fault(76)
@pytest.mark.parametrize(
    "ref",
    [
        "main",
        "*",
        "refs/*",
        "refs/heads/*",
        "refs/heads/a*",
        "+refs/heads/main",
        "a:b",
        "refs/heads/-x",
        "^x",
    ],
)
def test_only_full_names_and_folders_are_asked_for(ours: Repo, ref: str) -> None:
    """No refspec of another form, and nothing that would force, is passed on."""
    repository = opened(ours)
    with untouched(ours):
        with pytest.raises(UsageError):
            fetch(repository, "origin", [ref])
        with pytest.raises(UsageError):
            remote_refs(repository, "origin", [ref])
        with pytest.raises(UsageError):
            push(repository, "origin", {ref: repository.head or ""})
        with pytest.raises(UsageError):
            push(repository, "origin", {MAIN: ref})


# --- what a remote has -------------------------------------------------------------------------------


def test_what_a_remote_has(ours: Repo, remote: Repo) -> None:
    """Branches and tags by name and by folder, peeled; nothing else, and nothing is changed here."""
    commit = ours.git("rev-parse", "main")
    light = ours.tag("app/light", annotated=False)
    tag = ours.git("rev-parse", "app/prod-v0.1.0")
    for ref in (
        "refs/heads/hotfix/a", "refs/heads/hotfix/b/c", "refs/heads/hotfixes", "refs/heads/x/refs/heads/main",
        "refs/tags/app2/v1", "refs/tags/x/refs/tags/app/v1",
    ):  # fmt: skip
        ours.git("push", "--quiet", "origin", f"{commit}:{ref}")
    ours.git("push", "--quiet", "origin", "refs/tags/app/light")
    branch = RemoteRef(commit, commit)
    with untouched(ours, remote):
        assert remote_refs(opened(ours), "origin", WANTED) == {
            MAIN: branch,
            "refs/heads/hotfix/a": branch,
            "refs/heads/hotfix/b/c": branch,
            "refs/tags/app/light": RemoteRef(light, light),
            "refs/tags/app/prod-v0.1.0": RemoteRef(tag, commit),
        }
        exact = ["refs/tags/app/prod-v0.1.0", "refs/tags/app/nowhere"]
        assert remote_refs(opened(ours), "origin", exact) == {exact[0]: RemoteRef(tag, commit)}
        assert remote_refs(opened(ours), "origin", []) == {}


@pytest.mark.fault(95)
def test_a_remote_that_is_gone(ours: Repo, remote: Repo, tmp_path: Path) -> None:
    """An error with git's message, and nothing has changed here."""
    wanted = released(ours)
    os.rename(remote.path, tmp_path / "moved.git")
    repository = opened(ours)
    with untouched(ours):
        with pytest.raises(GitError, match=r"git ls-remote failed: .*remote\.git"):
            remote_refs(repository, "origin", WANTED)
        with pytest.raises(GitError, match=r"git fetch failed: .*remote\.git"):
            fetch(repository, "origin", WANTED)
        with pytest.raises(GitError, match=r"git push failed: .*remote\.git.* not known") as caught:
            push(repository, "origin", wanted)
    assert "pushing again is harmless" in str(caught.value)


# --- fetch -------------------------------------------------------------------------------------------


def test_fetch_brings_what_was_asked_for(ours: Repo, theirs: Repo) -> None:
    """Branches to their remote-tracking names, tags to their own; no local branch moves."""
    wanted = released(theirs)
    theirs.tag("web/v1")
    theirs.git(
        "push", "--quiet", "--tags", "origin", "main", "main:refs/heads/hotfix/x", "main:refs/heads/other"
    )
    before = refs(ours)
    ours.write("VERSION", "unfinished")
    assert fetch(opened(ours), "origin", WANTED) == ()
    assert refs(ours) == before | {
        "refs/remotes/origin/main": wanted[MAIN],
        "refs/remotes/origin/hotfix/x": wanted[MAIN],
        TAG: wanted[TAG],
    }
    assert (ours.path / "VERSION").read_text() == "unfinished"
    assert fetch(opened(ours), "origin", WANTED) == ()
    assert fetch(opened(ours), "origin", []) == ()
    assert not (ours.path / ".git/FETCH_HEAD").exists()


def test_a_branch_that_was_forced_is_followed(ours: Repo, theirs: Repo) -> None:
    """The remote-tracking branch follows the remote, also backwards."""
    theirs.git("commit", "--quiet", "--amend", "--message=other")
    theirs.git("push", "--quiet", "--force", "origin", "main")
    fetch(opened(ours), "origin", [MAIN])
    assert refs(ours)["refs/remotes/origin/main"] == refs(theirs)[MAIN]


@pytest.mark.fault(97)
def test_tags_that_differ_are_kept_and_reported(ours: Repo, theirs: Repo) -> None:
    """Tags here stay, everything else is fetched, and both objects are reported."""
    mine = ours.tag("app/v2")
    ours.tag("app/mine")
    their_refs = released(theirs)
    other = theirs.tag("app/v2")
    theirs.git("push", "--quiet", "--tags", "origin", "main")
    before = refs(ours)
    expected = (DifferingTag("refs/tags/app/v2", mine, other),)
    for _ in range(2):
        assert fetch(opened(ours), "origin", WANTED) == expected
        assert refs(ours) == before | {"refs/remotes/origin/main": their_refs[MAIN], TAG: their_refs[TAG]}


def test_a_branch_that_is_not_there_is_an_error(ours: Repo) -> None:
    """Asked for by name, it has to be there; folders may be empty."""
    with as_before(ours), pytest.raises(GitError, match="refs/heads/master"):
        fetch(opened(ours), "origin", ["refs/heads/master"])
    fetch(opened(ours), "origin", ["refs/heads/nothing/*", "refs/tags/nothing/*"])


def test_what_cannot_be_stored_is_an_error(ours: Repo, theirs: Repo) -> None:
    """A tag whose name is a folder of other tags is an error, not a difference."""
    released(theirs)
    theirs.tag("app/v2")
    theirs.git("push", "--quiet", "--tags", "origin", "main")
    ours.tag("app/v2")
    ours.git("tag", TAG.removeprefix("refs/tags/") + "/x")
    with pytest.raises(GitError, match="app/prod-v0"):
        fetch(opened(ours), "origin", WANTED)


def test_configuration_does_not_widen_a_fetch(ours: Repo, theirs: Repo) -> None:
    """Pruning, mirroring and tags of the configuration delete, move and bring nothing."""
    theirs.commit("later")
    theirs.tag("web/v1")
    theirs.git("push", "--quiet", "--tags", "origin", "main")
    ours.tag("app/mine")
    ours.git("update-ref", "refs/remotes/origin/hotfix/old", "main")
    ours.git("switch", "--quiet", "-c", "work")
    before = refs(ours)
    for key, value in {
        "fetch.prune": "true", "fetch.pruneTags": "true", "remote.origin.prune": "true",
        "remote.origin.fetch": "+refs/*:refs/*", "remote.origin.tagOpt": "--tags",
        "submodule.recurse": "true", "fetch.recurseSubmodules": "true", "fetch.parallel": "4",
        "gc.auto": "1", "fetch.output": "compact",
    }.items():  # fmt: skip
        ours.git("config", key, value)
    assert fetch(opened(ours), "origin", WANTED) == ()
    assert refs(ours) == before | {"refs/remotes/origin/main": refs(theirs)[MAIN]}
    assert not [*(ours.path / ".git").glob("gc.*")]
    assert not [*(ours.path / ".git/objects/pack").glob("*.bitmap")]


@pytest.mark.fault(90)
def test_a_fetch_that_hangs_is_stopped(ours: Repo, tmp_path: Path) -> None:
    """A server that does not answer ends at the time limit, which the caller can set."""
    program = tmp_path / "hang"
    program.write_text("#!/bin/sh\nsleep 600\n")
    program.chmod(0o755)
    ours.git("config", "remote.origin.uploadpack", str(program))
    with untouched(ours), no_hang():
        with pytest.raises(GitError, match="git fetch was stopped after 1 s"):
            fetch(opened(ours), "origin", WANTED, timeout=1)
        with pytest.raises(GitError, match="git ls-remote was stopped after 1 s"):
            remote_refs(opened(ours), "origin", WANTED, timeout=1, reach=Reach.ACT)


# --- push --------------------------------------------------------------------------------------------


def test_branch_and_tag_arrive_together(ours: Repo, remote: Repo) -> None:
    """One push; what was there already is left out of the answer, and pushing again does nothing."""
    wanted = released(ours)
    before = refs(remote)
    assert push(opened(ours), "origin", wanted) == (MAIN, TAG)
    assert refs(remote) == before | wanted
    assert ours.git("rev-parse", "refs/remotes/origin/main") == wanted[MAIN]
    with untouched(remote):
        assert push(opened(ours), "origin", wanted) == ()
        assert push(opened(ours), "origin", {}) == ()


def test_the_rest_is_pushed(ours: Repo, remote: Repo) -> None:
    """After an interruption only what is missing moves."""
    wanted = released(ours)
    ours.git("push", "--quiet", "origin", "main")
    assert push(opened(ours), "origin", wanted) == (TAG,)
    assert refs(remote).items() >= wanted.items()


def test_configuration_does_not_widen_a_push(ours: Repo, remote: Repo) -> None:
    """Other tags, other branches and submodules stay here, and nothing is forced."""
    wanted = released(ours)
    ours.tag("secret")
    ours.git("branch", "side")
    before = refs(remote)
    for key, value in {
        "push.followTags": "true", "push.default": "matching", "push.recurseSubmodules": "on-demand",
        "remote.origin.push": "+refs/*:refs/*", "color.push": "always", "submodule.recurse": "true",
        "remote.pushDefault": "nowhere", "push.autoSetupRemote": "true",
    }.items():  # fmt: skip
        ours.git("config", key, value)
    assert push(opened(ours), "origin", wanted) == (MAIN, TAG)
    assert refs(remote) == before | wanted


@pytest.mark.fault(95)
def test_a_main_that_has_moved_on_is_not_forced(ours: Repo, theirs: Repo, remote: Repo) -> None:
    """The error names the ref that is the cause first, and the tag does not arrive alone."""
    theirs.commit("meanwhile")
    theirs.git("push", "--quiet", "origin", "main")
    wanted = released(ours)
    with (
        untouched(ours, remote),
        pytest.raises(PushRejected, match="'origin' refused 'refs/heads/main'") as caught,
    ):
        push(opened(ours), "origin", wanted)
    assert [*caught.value.reasons] == [MAIN, TAG]
    assert caught.value.reasons[MAIN] in {"fetch first", "non-fast-forward"}
    assert "atomic" in caught.value.reasons[TAG]


@pytest.mark.fault(95)
def test_a_tag_that_is_elsewhere_there_is_not_moved(ours: Repo, theirs: Repo, remote: Repo) -> None:
    """Their tag stays, and main is not pushed without ours."""
    theirs.tag(TAG.removeprefix("refs/tags/"))
    theirs.git("push", "--quiet", "origin", TAG)
    wanted = released(ours)
    with untouched(ours, remote), pytest.raises(PushRejected) as caught:
        push(opened(ours), "origin", wanted)
    assert next(iter(caught.value.reasons.items())) == (TAG, "already exists")


@pytest.mark.fault(95)
def test_a_hook_that_declines_one_ref_declines_all(ours: Repo, remote: Repo) -> None:
    """The error has the remote's reason and its hook's message, escaped; nothing changes here."""
    update = hook(
        remote,
        "update",
        'case "$1" in refs/heads/*) exit 0;; esac\n'
        'printf "release \\033[31m freeze https://me:secret@example.org/x\\n" >&2; exit 1',
    )
    wanted = released(ours)
    with as_before(ours), as_bare(remote), pytest.raises(PushRejected) as caught:
        push(opened(ours), "origin", wanted)
    assert next(iter(caught.value.reasons.items())) == (TAG, "hook declined")
    assert "remote: release \\x1b[31m freeze https://***@example.org/x" in caught.value.message
    assert printable(str(caught.value), keep="\n") == str(caught.value)
    update.unlink()
    assert push(opened(ours), "origin", wanted) == (MAIN, TAG)


class as_bare:  # noqa: N801
    """Fails unless the refs of a bare repository are the same."""

    def __init__(self, repo: Repo) -> None:
        self.repo = repo

    def __enter__(self) -> None:
        self.before = refs(self.repo)

    def __exit__(self, *_: object) -> None:
        assert refs(self.repo) == self.before


@pytest.mark.fault(87)
def test_the_users_own_hook_may_decline(ours: Repo, remote: Repo) -> None:
    """`pre-push` runs, gets the refs, and when it declines nothing is pushed."""
    seen = ours.path / ".git/seen"
    file = hook(ours, "pre-push", f"cat > {seen}; echo run the tests first >&2; exit 1")
    wanted = released(ours)
    with as_bare(remote), pytest.raises(GitError, match="run the tests first"):
        push(opened(ours), "origin", wanted)
    assert MAIN in seen.read_text()
    assert TAG in seen.read_text()
    file.unlink()
    assert push(opened(ours), "origin", wanted) == (MAIN, TAG)


@pytest.mark.fault(96)
def test_a_remote_without_transactions_is_refused(ours: Repo, remote: Repo) -> None:
    """There is no fallback that could leave the tag without main."""
    remote.git("config", "receive.advertiseAtomic", "false")
    wanted = released(ours)
    with untouched(ours, remote), pytest.raises(GitError, match="atomic") as caught:
        push(opened(ours), "origin", wanted)
    assert "nothing was pushed" in str(caught.value)


@pytest.mark.fault(90)
def test_a_push_that_hangs_before_anything_is_an_error(ours: Repo, remote: Repo) -> None:
    """Stopped in the user's hook, nothing has arrived, which is checked on the remote."""
    hook(ours, "pre-push", "sleep 600")
    wanted = released(ours)
    with as_bare(remote), no_hang(), pytest.raises(GitError, match="stopped after 4 s") as caught:
        push(opened(ours), "origin", wanted, timeout=4)  # As long for the remote's answer afterwards.
    assert f"does not have '{MAIN}', '{TAG}'" in caught.value.message


@pytest.mark.fault(95)
def test_a_push_whose_answer_is_lost_is_checked_on_the_remote(ours: Repo, remote: Repo) -> None:
    """Everything arrived before the remote's last hook hung: the remote is asked, and it is done."""
    reached = remote.path / "reached"
    hook(remote, "post-receive", f"touch {reached}; sleep 600")
    wanted = released(ours)
    with no_hang():
        arrived = stopped_late(lambda limit: push(opened(ours), "origin", wanted, timeout=limit), reached)
    assert arrived == (MAIN, TAG)
    assert refs(remote).items() >= wanted.items()


@pytest.mark.fault(93)
@pytest.mark.parametrize(("name", "arrives"), [("pre-receive", False), ("post-receive", True)])
def test_a_git_that_is_killed_while_pushing(ours: Repo, remote: Repo, name: str, arrives: bool) -> None:
    """Killed before or after the remote accepted it: the state of the remote decides."""
    pid = ours.path / ".git/pid"
    hook(ours, "pre-push", f"cut -d' ' -f5 /proc/self/stat > {pid}")  # The group's leader: git itself.
    script = hook(remote, name, f"kill -9 $(cat {pid}); sleep 0.3; exit 1")
    wanted = released(ours)
    if arrives:
        assert push(opened(ours), "origin", wanted) == (MAIN, TAG)
        return
    with as_bare(remote), pytest.raises(GitError, match="signal 9"):
        push(opened(ours), "origin", wanted)
    script.unlink()
    assert push(opened(ours), "origin", wanted) == (MAIN, TAG)


def test_a_lost_answer_is_not_checked_at_another_url(ours: Repo, remote: Repo, tmp_path: Path) -> None:
    """Where the remote is pushed to another place than it is fetched from, that one cannot be asked."""
    wanted = released(ours)
    push(opened(ours), "origin", wanted)
    elsewhere = Repo(tmp_path / "elsewhere.git", bare=True)
    ours.git("config", "remote.origin.pushurl", elsewhere.path.as_uri())
    hook(elsewhere, "pre-receive", "sleep 600")
    with no_hang(), pytest.raises(GitError, match="stopped after 1 s") as caught:
        push(opened(ours), "origin", wanted, timeout=1)
    assert "not known" in str(caught.value)
    assert refs(elsewhere) == {}


def test_several_places_of_one_remote(ours: Repo, remote: Repo, tmp_path: Path) -> None:
    """A remote may be pushed to several places: one that refuses makes the push refused."""
    wanted = released(ours)
    second = Repo(tmp_path / "second.git", bare=True)
    hook(second, "update", "exit 1")
    for place in (second, remote):
        ours.git("config", "--add", "remote.origin.pushurl", place.path.as_uri())
    with as_bare(second), pytest.raises(PushRejected):
        push(opened(ours), "origin", wanted)


@pytest.mark.fault(112)
def test_passwords_of_a_remote_are_not_shown(ours: Repo) -> None:
    """The URL of a remote may hold a password; no message does."""
    ours.git("config", "remote.origin.url", "https://me:p%40ss@example.invalid/r.git")
    for effect in (fetch, remote_refs):
        with pytest.raises(GitError) as caught:
            effect(opened(ours), "origin", WANTED)
        assert not re.search("p%40ss|me:", str(caught.value))


def test_the_worst_of_several_answers_counts() -> None:
    """A ref that one URL refused is refused, whatever the others answer; other lines are ignored."""
    lines = [
        b"To x", b"!\ta:refs/heads/main\t[remote rejected] (no \x1b[1m (a://b:c@d))",
        b"=\ta:refs/tags/v1\t[up to date]",
        b"To y", b" \ta:refs/heads/main\taaa..bbb", b"*\ta:refs/tags/v1\t[new tag]", b"Done", b"",
    ]  # fmt: skip
    assert _answers(b"\n".join(lines)) == {
        MAIN: ("!", r"no \x1b[1m (a://***@d)"),
        "refs/tags/v1": ("*", "[new tag]"),
    }
