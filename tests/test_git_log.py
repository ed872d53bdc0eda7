"""Questions about history, asked of real repositories."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from krow_versions.commits import Change, moment
from krow_versions.errors import GitError, Unsupported, UsageError
from krow_versions.git.log import changes, commits, count, is_ancestor, known_commits
from support.repositories import opened

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.repositories import Repo


def raw_commit(
    repo: Repo, message: bytes, *, author: bytes = b"A <a@b> 1767225600 +0100", more: bytes = b""
) -> str:
    """Make a commit of exactly these bytes on top of HEAD."""
    tree, parent = repo.git("rev-parse", "HEAD^{tree}", "HEAD").split()
    content = b"tree %s\nparent %s\nauthor %s\ncommitter A <a@b> 1767225600 +0000\n%s\n%s" % (
        tree.encode(), parent.encode(), author, more, message,
    )  # fmt: skip
    commit = repo.git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=content)
    repo.git("update-ref", "HEAD", commit)
    return commit


@pytest.fixture
def first(repo: Repo) -> str:
    return repo.commit("first")


# --- commits ---------------------------------------------------------------------------------------


def test_commits_are_newest_first(repo: Repo, first: str) -> None:
    """Id, subject, body, the author's date in the author's zone, and the number of parents."""
    fix = raw_commit(
        repo, b"fix: crash\non login\n\nIssue: 7\n\n# kept\n", author=b"A <a@b> 1767225600 +0530"
    )
    repo.git("switch", "--quiet", "-c", "side", first)
    side = repo.commit("side")
    repo.git("switch", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-edit", "side")
    merge = repo.git("rev-parse", "HEAD")
    found = commits(opened(repo.path), first, "HEAD")
    assert [found[0].id, found[0].parents] == [merge, 2]
    assert {each.id for each in found} == {merge, fix, side}
    (ours,) = (each for each in found if each.id == fix)
    assert (ours.subject, ours.body, ours.parents) == ("fix: crash on login", "Issue: 7\n\n# kept\n", 1)
    assert ours.date == dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert ours.date.isoformat() == "2026-01-01T05:30:00+05:30"
    assert commits(opened(repo.path), "HEAD", first) == ()
    assert commits(opened(repo.path), fix, "refs/heads/main")[0].id == merge


def test_children_stand_before_parents_whatever_the_clock_said(repo: Repo, first: str) -> None:
    """A commit with a wrong date still comes before its parent."""
    parent = repo.commit("parent")
    repo.git("switch", "--quiet", "-c", "side")
    tree = repo.git("rev-parse", "HEAD^{tree}")
    content = f"tree {tree}\nparent {parent}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nold clock"
    old = repo.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=content)
    repo.git("update-ref", "HEAD", old)
    repo.git("switch", "--quiet", "main")
    other = repo.commit("other")
    repo.git("merge", "--quiet", "--no-edit", "side")
    merge = repo.git("rev-parse", "HEAD")
    found = [each.id for each in commits(opened(repo.path), first, "HEAD")]
    assert found == [merge, other, old, parent]


AWKWARD = [
    b"subject",
    b"\x1b[2J\r\x07 subject\n\nbody \xe2\x80\xae\n",
    b"caf\xe9\n\n\xff\xfe",
    b"",
    b"\n\n\nlate subject\n\n\n\nbody\n\n",
    b"commit " + b"a" * 40 + b"\n\ncommit " + b"b" * 40 + b"\n",
    b"s\n\n" + b"x" * 10_000 + b"\x85\xe2\x80\xa8\x0c\n",
    b"%H%x00 $(id)\n\n--\n",
]


@pytest.mark.parametrize("message", AWKWARD)
def test_no_message_disturbs_its_neighbours(repo: Repo, first: str, message: bytes) -> None:
    """Whatever bytes a message holds, each commit has its own subject and body."""
    ids = [raw_commit(repo, each) for each in (b"before", message, b"after\n\nbody\n")]
    found = commits(opened(repo.path), first, "HEAD")
    assert [each.id for each in found] == ids[::-1]
    assert [found[0].subject, found[0].body, found[2].subject] == ["after", "body\n", "before"]
    paragraphs = message.decode("utf-8", "replace").strip("\n").partition("\n\n")
    assert found[1].subject.split() == paragraphs[0].split()
    assert found[1].body.strip("\n") == paragraphs[2].strip("\n")


def test_another_encoding_is_read_as_such(repo: Repo, first: str) -> None:
    """A commit may say in which encoding it was written."""
    raw_commit(repo, b"caf\xe9", more=b"encoding ISO-8859-1\n")
    assert [each.subject for each in commits(opened(repo.path), first, "HEAD")] == ["café"]


@pytest.mark.fault(101)
def test_settings_do_not_change_the_log(repo: Repo, first: str) -> None:
    """Signatures, notes, colours, dates and mail maps of the configuration are not in the answer."""
    repo.commit("sécond")
    repo.git("notes", "add", "--message=note", "HEAD")
    before = commits(opened(repo.path), first, "HEAD")
    assert len(before) == 1
    for key, value in {
        "log.showSignature": "true", "log.date": "relative", "log.decorate": "full", "color.ui": "always",
        "log.follow": "true", "format.pretty": "fuller", "notes.displayRef": "refs/notes/*",
        "i18n.logOutputEncoding": "ISO-8859-1", "log.mailmap": "true",
    }.items():  # fmt: skip
        repo.git("config", key, value)
    assert commits(opened(repo.path), first, "HEAD") == before


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        (b"A <a@b> 0 -1200", "1969-12-31T12:00:00-12:00"),
        (b"A <a@b> 1767225600 -0000", "2026-01-01T00:00:00+00:00"),
        (b"A <a@b> 99999999999999 +0000", "1970-01-01T00:00:00+00:00"),
        (b"A <a@b> 1767225600 +9959", "1970-01-01T00:00:00+00:00"),
        (b"A <a@b>", "1970-01-01T00:00:00+00:00"),
    ],
)
def test_dates_of_all_kinds(repo: Repo, first: str, author: bytes, expected: str) -> None:
    """An impossible date is 1970-01-01, as git shows it, and no crash."""
    raw_commit(repo, b"x", author=author)
    assert [each.date.isoformat() for each in commits(opened(repo.path), first, "HEAD")] == [expected]


@given(raw=st.one_of(st.text(max_size=30), st.from_regex(r"-?[0-9]{1,20} [+-][0-9]{4}", fullmatch=True)))
@example(raw="999999999999999999 +0000")
@example(raw="-999999999999999999 +2400")
def test_no_date_breaks_the_answer(raw: str) -> None:
    """For all texts there is a time with a zone, or none."""
    found = moment(raw)
    assert found is None or found.utcoffset() is not None


# --- changes -----------------------------------------------------------------------------------------


def test_lines_are_counted_for_each_path(repo: Repo, new_repo: Callable[[], Repo]) -> None:
    """Added, changed, deleted, renamed, binary, of another mode, and a submodule."""
    part = new_repo()
    part.commit()
    repo.write("changed", "1\n2\n3\n")
    repo.write("deleted", "1\n2\n")
    repo.write("renamed", "1\n2\n3\n4\n5\n")
    repo.write("binary", b"\0\1")
    repo.write("mode", "1\n")
    repo.write("same", "1\n")
    base = repo.commit()
    repo.write("changed", "1\nx\n3\n4\n")
    (repo.path / "deleted").unlink()
    repo.git("mv", "renamed", "to")
    repo.write("binary", b"\0\2")
    (repo.path / "mode").chmod(0o755)
    repo.write("folder/added", "1\n")
    repo.git("submodule", "--quiet", "add", part.path.as_uri(), "part")
    repo.commit()
    repo.git("config", "diff.ignoreSubmodules", "all")
    assert changes(opened(repo.path), base, "HEAD") == (
        Change(".gitmodules", 3, 0),
        Change("binary", None, None),
        Change("changed", 2, 1),
        Change("deleted", 0, 2),
        Change("folder/added", 1, 0),
        Change("mode", 0, 0),
        Change("part", 1, 0),
        Change("renamed", 0, 5),
        Change("to", 5, 0),
    )
    assert changes(opened(repo.path), "HEAD", "HEAD") == ()


@pytest.mark.fault(71)
def test_odd_names_of_changed_paths(repo: Repo, first: str) -> None:
    """Tabs, line breaks, arrows and undecodable bytes are part of the name."""
    names = ["a\tb", "a\nb", "a => b", "{a => b}/c", "-x", '"q"', "\udcff", "1\t2\tc"]
    for name in names:
        repo.write(name, "1\n")
    repo.commit()
    found = changes(opened(repo.path), first, "HEAD")
    assert sorted(each.path for each in found) == sorted(names)
    assert {(each.added, each.deleted) for each in found} == {(1, 0)}


@pytest.mark.fault(100)
def test_nobodys_diff_program_runs(repo: Repo, tmp_path: Path) -> None:
    """External diffs and text conversions of a hostile configuration do not run."""
    canary, program = tmp_path / "canary", tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {canary}\n")
    program.chmod(0o755)
    repo.write(".gitattributes", "* diff=evil\n")
    repo.write("file", "1\n")
    base = repo.commit()
    repo.write("file", "2\n")
    repo.commit()
    for key, value in {
        "diff.external": str(program), "diff.evil.command": str(program), "diff.evil.textconv": str(program),
        "diff.renames": "copies", "diff.noprefix": "true", "diff.ignoreSubmodules": "all",
        "diff.relative": "true", "color.diff": "always",
    }.items():  # fmt: skip
        repo.git("config", key, value)
    assert changes(opened(repo.path), base, "HEAD") == (Change("file", 1, 1),)
    assert not canary.exists()
    repo.git("diff", base, "HEAD")
    assert canary.exists()  # The trap does work.


# --- how points relate -------------------------------------------------------------------------------


def test_ancestors_and_counts(repo: Repo, first: str) -> None:
    """A commit contains itself and its past; counts go one way."""
    repo.tag("app/v1")
    repo.commit("second")
    repo.git("switch", "--quiet", "-c", "side", first)
    repo.commit("side")
    repository = opened(repo.path)
    assert is_ancestor(repository, "refs/tags/app/v1", "refs/heads/main")
    assert is_ancestor(repository, first, first)
    assert not is_ancestor(repository, "refs/heads/main", first)
    assert not is_ancestor(repository, "refs/heads/main", "HEAD")
    assert [count(repository, first, "refs/heads/main"), count(repository, "refs/heads/main", first)] == [
        1,
        0,
    ]


@pytest.mark.fault(82)
def test_a_shallow_clone_never_says_no(repo: Repo, first: str, tmp_path: Path) -> None:
    """In a shallow clone yes is an answer, and no is an error."""
    second = repo.commit("second")
    third = repo.commit("third")
    clone = repo.clone(tmp_path / "clone", "--depth=2")
    clone.git("fetch", "--quiet", "--depth=1", "origin", first)
    assert is_ancestor(opened(clone.path), third, third)
    with pytest.raises(Unsupported, match="shallow clone"):
        is_ancestor(opened(clone.path), first, second)


@pytest.mark.fault(76)
@pytest.mark.parametrize(
    "revision", ["main", "--all", "HEAD~1", "@", "", "refs/heads/a..b", "^HEAD", "abc", "a b"]
)
def test_only_full_names_and_ids_are_revisions(repo: Repo, first: str, revision: str) -> None:
    """Nothing from outside becomes an option, a range or an expression."""
    repository = opened(repo.path)
    for question in (commits, changes, count, is_ancestor):
        for pair in ((revision, "HEAD"), ("HEAD", revision)):
            with pytest.raises(UsageError):
                question(repository, *pair)


def test_what_is_not_there_is_an_error(repo: Repo, first: str) -> None:
    """A missing revision is never an empty answer."""
    for question in (commits, changes, count, is_ancestor):
        for missing in ("f" * 40, "refs/heads/nowhere"):
            with pytest.raises(GitError):
                question(opened(repo.path), missing, "HEAD")


def test_the_commits_that_are_here_are_known(repo: Repo, first: str, tmp_path: Path) -> None:
    """Full ids give the commits that are here, in that order; what is no commit is left out."""
    second = repo.commit("second\n\nIts body\n")
    blob = repo.git("hash-object", "-w", "--stdin", stdin="x")
    asked = [second, "e" * 40, blob, "f" * 64, first]
    found = known_commits(opened(repo), asked)
    assert [(each.id, each.subject, each.body) for each in found] == [
        (second, "second", "Its body\n"),
        (first, "first", ""),
    ]
    assert known_commits(opened(repo), []) == ()
    with pytest.raises(UsageError):
        known_commits(opened(repo), ["HEAD"])
    clone = repo.clone(tmp_path / "clone", "--depth=1")
    assert [each.id for each in known_commits(opened(clone), asked)] == [second]
