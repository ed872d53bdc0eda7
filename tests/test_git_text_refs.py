"""Texts in refs of their own, on a real bare remote: made, pushed, fetched, read."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from krow_versions.errors import FileTooLarge, GitError, PushRejected, UsageError
from krow_versions.git import Reach, commit_text, fetch_texts, note_texts, push, remote_refs
from support.repositories import Repo, executable, hook, opened, refs
from support.untouched import as_before, untouched

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REF = "refs/krow-versions/hotfix/app-v0.1.1"
FILE = "record.toml"


@pytest.fixture
def remote(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "remote.git", bare=True)


@pytest.fixture
def ours(remote: Repo, repo: Repo) -> Repo:
    """A repository with one commit, pushed."""
    repo.git("remote", "add", "origin", remote.path.as_uri())
    repo.write("VERSION", "0.1.0\n")
    repo.commit("release")
    repo.git("push", "--quiet", "origin", "main")
    return repo


@pytest.fixture
def theirs(ours: Repo, remote: Repo, tmp_path: Path) -> Repo:
    """A colleague's clone."""
    return remote.clone(tmp_path / "theirs")


def shared(repo: Repo, text: str, *parents: str) -> str:
    """Make a commit of a text, and push it; give its id."""
    made = commit_text(opened(repo), FILE, text, parents, "record")
    push(opened(repo), "origin", {REF: made})
    return made


def read(repo: Repo, revision: str, limit: int = 1000) -> bytes | FileTooLarge | None:
    return opened(repo).blobs([(revision, FILE)], limits={FILE: limit})[0]


@pytest.mark.parametrize("text", ["", "a\n", "a\r\nb", "é\0\N{PILE OF POO}\x1b[31m"])
def test_a_text_arrives_as_it_was(ours: Repo, theirs: Repo, text: str) -> None:
    """Byte for byte, under the same ref name, with the history of what was pushed before."""
    first = shared(ours, "first")
    made = shared(ours, text, first)
    assert remote_refs(opened(theirs), "origin", [REF])[REF].object_id == made
    fetch_texts(opened(theirs), "origin", [REF])
    assert read(theirs, made) == text.encode()
    note_texts(opened(theirs), {REF: made})
    assert refs(theirs)[REF] == made
    assert theirs.git("rev-list", REF).split() == [made, first]
    assert theirs.git("ls-tree", "--name-only", REF) == FILE


def test_making_a_commit_moves_nothing(ours: Repo) -> None:
    """No ref, index or file changes, and no filter or hook runs, whatever the repository configures."""
    for name in ("pre-commit", "commit-msg", "post-commit", "reference-transaction"):
        hook(ours, name, "exit 1")
    ours.git("config", "core.autocrlf", "true")
    ours.git("config", "commit.gpgSign", "true")
    ours.git("config", "i18n.commitEncoding", "latin1")
    with untouched(ours):
        made = commit_text(opened(ours), FILE, "a\r\né", [], "Zürich")
    assert read(ours, made) == "a\r\né".encode()
    assert "Zürich" in ours.git("cat-file", "commit", made)


def test_it_takes_three_processes(ours: Repo, spy: Callable[[], list[list[str]]]) -> None:
    """Whatever the number of parents."""
    repository = opened(ours)
    first = commit_text(repository, FILE, "a", [], "one")
    second = commit_text(repository, FILE, "b", [], "two")
    spy()
    commit_text(repository, FILE, "c", [first, second], "three")
    assert len(spy()) == 3


def test_nobody_can_commit_too(ours: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a runner whose git knows no identity, the commit is made all the same."""
    for role in ("AUTHOR", "COMMITTER"):
        for part in ("NAME", "EMAIL"):
            monkeypatch.delenv(f"GIT_{role}_{part}")
    ours.git("config", "user.useConfigOnly", "true")
    made = commit_text(opened(ours), FILE, "a", [], "record")
    assert ours.git("log", "-1", "--format=%an %cn", made) == "krow-versions krow-versions"
    ours.git("config", "user.name", "Ann")
    ours.git("config", "user.email", "ann@example.org")
    named = commit_text(opened(ours), FILE, "a", [], "record")
    assert ours.git("log", "-1", "--format=%an %cn", named) == "Ann Ann"


def test_a_push_is_a_lease(ours: Repo, theirs: Repo) -> None:
    """Whoever pushes from an older text is refused as moved, and nothing is lost there."""
    first = shared(ours, "first")
    fetch_texts(opened(theirs), "origin", [REF])
    second = shared(theirs, "second", first)
    with pytest.raises(PushRejected) as caught:
        shared(ours, "other", first)
    assert caught.value.moved
    with pytest.raises(PushRejected) as caught:
        shared(ours, "new")
    assert caught.value.moved
    assert remote_refs(opened(ours), "origin", [REF])[REF].object_id == second


def test_fetching_moves_nothing_and_runs_nothing(ours: Repo, theirs: Repo) -> None:
    """No ref, no FETCH_HEAD, no hook, no maintenance; only objects arrive."""
    made = shared(ours, "first")
    theirs.git("config", "gc.auto", "1")
    theirs.git("config", "fetch.writeCommitGraph", "true")
    theirs.git("config", "remote.origin.fetch", "+refs/*:refs/*")
    ran = theirs.path / "ran"
    for name in ("reference-transaction", "pre-auto-gc"):
        hook(theirs, name, f"echo {name} >> '{ran}'")
    with untouched(theirs):
        fetch_texts(opened(theirs), "origin", [REF])
    assert read(theirs, made) == b"first"
    note_texts(opened(theirs), {REF: made})
    assert not ran.exists()


@pytest.mark.parametrize("key", ["core.alternateRefsCommand", "fetch.bundleURI", "remote.origin.uploadpack"])
def test_a_program_of_the_repository_is_not_run_to_fetch(ours: Repo, theirs: Repo, key: str) -> None:
    """Not where something is only looked at; the error names the key."""
    shared(ours, "first")
    ran = theirs.path.parent / "ran"
    program = executable(theirs.path.parent / "evil", f"#!/bin/sh\ntouch '{ran}'\n")
    shutil.copytree(ours.path, theirs.path.parent / "more")
    alternates = theirs.path / ".git/objects/info/alternates"
    alternates.write_text(f"{theirs.path.parent}/more/.git/objects\n")
    theirs.git("config", key, str(program))
    with untouched(theirs), pytest.raises(GitError, match=key.lower()):
        fetch_texts(opened(theirs), "origin", [REF])
    assert not ran.exists()
    if key == "core.alternateRefsCommand":  # It would have run.
        fetch_texts(opened(theirs), "origin", [REF], reach=Reach.ACT)
        assert ran.exists()


def test_a_partial_clone_gets_the_text_too(ours: Repo, remote: Repo, tmp_path: Path) -> None:
    """The filter of the clone does not leave the text out, and stays configured."""
    remote.git("config", "uploadpack.allowFilter", "true")
    partial = remote.clone(tmp_path / "partial", "--filter=blob:none")
    made = shared(ours, "first")
    before = partial.git("config", "--list", "--local")
    fetch_texts(opened(partial), "origin", [REF])
    assert read(partial, made) == b"first"
    assert partial.git("config", "--list", "--local") == before


def test_a_shallow_clone_gets_and_gives_texts(ours: Repo, remote: Repo, tmp_path: Path) -> None:
    """Its own depth stays as it is."""
    ours.commit("another")
    ours.git("push", "--quiet", "origin", "main")
    shallow = remote.clone(tmp_path / "shallow", "--depth=1")
    before = (shallow.path / ".git/shallow").read_bytes()
    first = shared(ours, "first")
    fetch_texts(opened(shallow), "origin", [REF])
    second = shared(shallow, "second", first)
    assert remote_refs(opened(ours), "origin", [REF])[REF].object_id == second
    assert (shallow.path / ".git/shallow").read_bytes() == before


def test_sizes_are_known_before_contents(ours: Repo, theirs: Repo) -> None:
    """A text over the limit is an error as a value, and not read; what is no commit has no text."""
    made = shared(ours, "x" * 1001)
    fetch_texts(opened(theirs), "origin", [REF])
    assert isinstance(read(theirs, made), FileTooLarge)
    blob = ours.git("hash-object", "-w", "--stdin", stdin="x")
    assert read(ours, blob) is None
    assert read(ours, ours.git("rev-parse", "main")) is None


def test_only_names_below_our_folder_are_texts(ours: Repo, remote: Repo) -> None:
    """A value that could be an option or another ref reaches no git."""
    made = commit_text(opened(ours), FILE, "a", [], "record")
    for ref in (
        "refs/krow-versions/",
        "refs/krow-versions/a..b",
        "refs/krow-versions/-x",
        "refs/notes/x",
        "x",
    ):
        with untouched(ours, remote):
            with pytest.raises(UsageError):
                fetch_texts(opened(ours), "origin", [ref])
            with pytest.raises(UsageError):
                note_texts(opened(ours), {ref: made})
    with untouched(ours), pytest.raises(UsageError):
        commit_text(opened(ours), FILE, "a", ["--all"], "record")


def test_what_the_remote_lacks_is_an_error(ours: Repo) -> None:
    """And nothing changes here."""
    with as_before(ours), pytest.raises(GitError):
        fetch_texts(opened(ours), "origin", [REF])
