"""The commit graph, branches and tracked files, compared with git itself."""

from __future__ import annotations

import fnmatch
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import krow_versions as kv
from krow_versions import files, git
from krow_versions.commits import moment
from krow_versions.errors import UsageError
from krow_versions.git.index import fits
from support.repositories import opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.repositories import Repo

# Of each commit, how many steps back each of its parents stands in the list of all commits.
_HISTORIES = st.lists(st.lists(st.integers(1, 6), max_size=3, unique=True), min_size=1, max_size=14)


def make_history(repo: Repo, steps: list[list[int]]) -> list[str]:
    """Make commits with these parents, merges and several roots among them; give their ids."""
    tree = repo.git("mktree")
    commits: list[str] = []
    for number, back in enumerate(steps):
        parents = [commits[-step] for step in back if step <= len(commits)]
        options = [word for parent in parents for word in ("-p", parent)]
        commits.append(repo.git("commit-tree", *options, "-m", str(number), tree))
    return commits


@settings(max_examples=20)
@given(_HISTORIES, st.data())
def test_the_graph_is_that_of_git(
    new_repo: Callable[[], Repo], steps: list[list[int]], data: st.DataObject
) -> None:
    """What commits contain, and the highest of the ranked ones below each, is what git says."""
    repo = new_repo()
    commits = make_history(repo, steps)
    tips = data.draw(st.lists(st.sampled_from(commits), min_size=1, max_size=3))
    graph = git.read_graph(opened(repo).root, tips)
    listed = set(repo.git("rev-list", *tips).split())
    assert set(graph.parents) == listed == graph.ancestors(tips)
    seen: set[str] = set()
    for commit, parents in graph.parents.items():
        assert seen.issuperset(parents)
        seen.add(commit)
    ranked = data.draw(st.lists(st.sampled_from(sorted(listed)), unique=True))
    contained = {each: set(repo.git("rev-list", each).split()) for each in ranked}
    expected = {
        each: max(rank for rank, other in enumerate(ranked) if other in contained[each] - {each})
        for each in ranked
        if contained[each].intersection(ranked) - {each}
    }
    assert graph.highest_below({each: rank for rank, each in enumerate(ranked)}) == expected


@settings(max_examples=20)
@given(_HISTORIES, st.data())
def test_what_one_commit_has_beyond_another_is_what_git_says(
    new_repo: Callable[[], Repo], steps: list[list[int]], data: st.DataObject
) -> None:
    """Commits of a range, children before parents, and containment: of any two commits of the graph."""
    repo = new_repo()
    commits = make_history(repo, steps)
    some = st.sampled_from(commits)
    base, tip = data.draw(some), data.draw(some)
    graph = git.read_graph(opened(repo).root, [base, tip, *data.draw(st.lists(some, max_size=2))])
    beyond = graph.beyond(base, tip)
    assert sorted(beyond) == sorted(repo.git("rev-list", tip, f"^{base}").split())
    for at, commit in enumerate(beyond):
        assert not set(graph.parents[commit]) & set(beyond[:at])
    assert graph.contains(tip, base) == (base in repo.git("rev-list", tip).split())
    bases = repo.git("merge-base", "--all", base, tip).split() if graph.merge_base(base, tip) else [None]
    assert graph.merge_base(base, tip) in bases
    assert graph.newest_in(graph.ancestors([base]), tip) in bases
    assert not graph.contains(tip, "f" * 40)


@settings(max_examples=20)
@given(_HISTORIES, st.data())
def test_a_graph_grows_by_what_it_lacks(
    new_repo: Callable[[], Repo], steps: list[list[int]], data: st.DataObject
) -> None:
    """Reading on from a graph gives what reading all at once does; what it has is not read again."""
    repo = new_repo()
    some = st.lists(st.sampled_from(make_history(repo, steps)), min_size=1, max_size=3)
    root, (first, second) = opened(repo).root, data.draw(st.tuples(some, some))
    known = git.read_graph(root, first)
    grown = git.read_graph(root, second, known)
    assert grown.parents == git.read_graph(root, [*first, *second]).parents
    seen: set[str] = set()
    for commit, parents in grown.parents.items():
        assert seen.issuperset(parents)
        seen.add(commit)
    assert git.read_graph(root, second, grown) is grown


def test_a_graph_without_tips_is_empty(repo: Repo) -> None:
    """An empty graph has no ancestors, and neither has a commit that is not in a graph."""
    commit = repo.commit()
    empty = git.read_graph(opened(repo).root, [])
    assert dict(empty.parents) == {}
    assert empty.ancestors([commit]) == frozenset()
    assert empty.highest_below({commit: 1}) == {}


def test_what_is_no_commit_is_not_in_the_graph(repo: Repo) -> None:
    """A tag of a file or a folder hides no commit."""
    repo.write("a", "a")
    commit = repo.commit()
    blob, tree = repo.git("rev-parse", "HEAD:a"), repo.git("rev-parse", "HEAD^{tree}")
    assert set(git.read_graph(opened(repo).root, [blob, tree, commit]).parents) == {commit}


def test_a_shallow_clone_has_a_short_graph(repo: Repo, tmp_path_factory: pytest.TempPathFactory) -> None:
    """In a shallow clone no commit has a parent that is not in the graph."""
    for _ in range(4):
        repo.commit()
    clone = repo.clone(tmp_path_factory.mktemp("shallow") / "clone", "--depth=2")
    graph = git.read_graph(opened(clone).root, [clone.git("rev-parse", "HEAD")])
    assert [len(parents) for parents in graph.parents.values()] == [0, 1]


# --- branches ---------------------------------------------------------------------------------


def test_branches_are_listed_by_name_and_folder(repo: Repo) -> None:
    """A full name names one branch, a folder all below it, and nothing else is listed."""
    commit = repo.commit()
    for name in ("hotfix/a", "hotfix/b/c", "hotfixes", "other", "main-x"):
        repo.git("branch", name)
    repo.git("update-ref", "refs/remotes/origin/hotfix/a", commit)
    found = git.branches(
        opened(repo), ["refs/heads/main", "refs/heads/hotfix/", "refs/remotes/origin/hotfix/"]
    )
    names = [
        "refs/heads/hotfix/a",
        "refs/heads/hotfix/b/c",
        "refs/heads/main",
        "refs/remotes/origin/hotfix/a",
    ]
    assert [branch.ref for branch in found] == names
    dated = repo.git("log", "-1", "--format=%cd", "--date=raw")
    assert {(branch.commit, branch.dated.replace("Z", "+00:00")) for branch in found} == {(commit, dated)}
    assert git.branches(opened(repo), []) == ()


def test_a_folder_of_the_name_is_another_branch(repo: Repo) -> None:
    """``refs/heads/main`` is no folder, although git takes it for one."""
    repo.commit()
    repo.git("branch", "release/1")
    assert git.branches(opened(repo), ["refs/heads/release"]) == ()
    assert len(git.branches(opened(repo), ["refs/heads/release/"])) == 1


def test_a_damaged_branch_hides_no_other(repo: Repo) -> None:
    """A branch whose commit is not here is left out."""
    commit = repo.commit()
    repo.git("branch", "hotfix/whole")
    (repo.path / ".git/refs/heads/hotfix/gone").write_text("a" * 40 + "\n")
    (repo.path / ".git/refs/heads/hotfix/empty").write_text("")
    (found,) = git.branches(opened(repo), ["refs/heads/hotfix/"])
    assert (found.ref, found.commit) == ("refs/heads/hotfix/whole", commit)
    assert found.dated
    repo.git("branch", "--delete", "--force", "hotfix/whole")
    assert git.branches(opened(repo), ["refs/heads/hotfix/"]) == ()


def test_a_date_that_git_cannot_write_hides_no_branch(repo: Repo) -> None:
    """Git dies on a commit before 1970 in its zone, as from a clock that was never set."""
    tree = repo.git("mktree")
    for number, date in enumerate(("0 -0500", "99999999999999999 +0000", "1700000000 +0530")):
        written = f"tree {tree}\nauthor A <a@b.c> {date}\ncommitter A <a@b.c> {date}\n\nx\n"
        commit = repo.git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=written)
        repo.git("update-ref", f"refs/heads/hotfix/{number}", commit)
    found = git.branches(opened(repo), ["refs/heads/hotfix/"])
    assert [str(moment(branch.dated)) for branch in found] == [
        "1969-12-31 19:00:00-05:00",
        "None",
        "2023-11-15 03:43:20+05:30",
    ]


@pytest.mark.parametrize("name", ["main", "--all", "refs/heads/a b", "refs/heads/*", "refs/heads/../x"])
def test_a_name_that_no_ref_has_is_refused(repo: Repo, name: str) -> None:
    """No name becomes an option or a pattern."""
    repo.commit()
    with pytest.raises(UsageError):
        git.branches(opened(repo), [name])


# --- what git tracks --------------------------------------------------------------------------

_NAMES = st.sampled_from(["a", "b.json", ".c", "node_modules", "x[1]", "a*", "B", "ä b"])
_SEGMENTS = st.sampled_from(
    ["*", "**", "a", "?", "*.json", ".*", "[ab]*", "[!a]*", "x[[]1]", "x[1]", "node_modules", "B"]
)
_TREES = st.lists(st.lists(_NAMES, min_size=1, max_size=4).map(tuple), min_size=1, max_size=10, unique=True)


@settings(max_examples=40)
@example([("a",), ("a.d", "b.json"), ("x", ".c", "b.json")], ["**", "*"])
@example([("a", "b", "b.json")], ["a"])
@example([("a", "b", "b.json")], ["*"])
@given(_TREES, st.lists(_SEGMENTS, min_size=1, max_size=4))
def test_tracked_files_are_those_that_are_found(
    new_repo: Callable[[], Repo], paths: list[tuple[str, ...]], pattern: list[str]
) -> None:
    """In a clean working tree git tracks, for a glob, the files that the same glob finds on disk."""
    taken = set(paths)
    assume(not any(path[:length] in taken for path in paths for length in range(1, len(path))))
    repo = new_repo()
    for path in paths:
        repo.write("/".join(path), "x")
    repo.commit()
    glob = "/".join(pattern)
    found = [each for each in files.find(str(repo.path), glob) if (repo.path / each).is_file()]
    assert sorted(git.tracked(opened(repo), [glob])) == found


def fits_by_definition(path: list[str], pattern: list[str]) -> bool:
    """What a glob means, by trying every way: exponential, so for small inputs only."""
    if not path or not pattern:
        return not path and not pattern
    name, segment = path[0], pattern[0]
    if any(wildcard in segment for wildcard in "*?["):
        hidden = name == "node_modules" or (name[0] == "." and segment[0] != ".")
        matches = not hidden and fnmatch.fnmatchcase(name, segment)
    else:
        matches = name == segment
    if segment != "**":
        return matches and fits_by_definition(path[1:], pattern[1:])
    if len(pattern) == 1:
        return matches and (len(path) == 1 or fits_by_definition(path[1:], pattern))
    return fits_by_definition(path, pattern[1:]) or (matches and fits_by_definition(path[1:], pattern))


@settings(max_examples=500)
@example(["a"], ["**", "**"])
@example(["a"], ["a", "**"])
@example(["a", ".c"], ["**", ".*"])
@given(
    st.lists(st.sampled_from(["a", "B", ".c", "node_modules", "b.json", "x[1]"]), min_size=1, max_size=6),
    st.lists(_SEGMENTS, min_size=1, max_size=6),
)
def test_a_glob_means_what_it_meant(path: list[str], pattern: list[str]) -> None:
    """A path fits a glob exactly when some way of taking its segments one after the other does."""
    assert fits(path, pattern) == fits_by_definition(path, pattern)


_GLOB = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
from krow_versions import files, git
root, pattern = sys.argv[1:]
repository = git.open_repository(root)
print(files.find(root, pattern), git.tracked(repository, [pattern]))
"""


@pytest.mark.parametrize(
    "pattern",
    ["**/" * 14 + "x", "**/a/" * 14 + "x", "**/a/" * 100 + "x", f"**/{'*a' * 120}*b"],
    ids=["many **", "many ** with a name between", "very many **", "many * in a name"],
)
def test_a_glob_takes_time_in_proportion_to_its_length(repo: Repo, pattern: str) -> None:
    """However many wildcards a glob has, no way of matching is tried twice: seconds, not hours."""
    for depth in range(1, 31):
        repo.write("a/" * depth + "v", "x")
    repo.write("a" * 250, "x")
    repo.commit()
    done = subprocess.run(
        [sys.executable, "-c", _GLOB, str(repo.path), pattern], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "() ()\n", "")


def test_tracked_files_are_each_listed_once(repo: Repo) -> None:
    """Several patterns, a conflict, a submodule: each file once, and no folder."""
    repo.write("a/v", "1")
    repo.write("b", "1")
    first = repo.commit()
    repo.git("switch", "--quiet", "--create", "other")
    repo.write("b", "2")
    repo.commit()
    repo.git("switch", "--quiet", "main")
    repo.write("b", "3")
    repo.commit()
    with pytest.raises(AssertionError, match="exit code 1"):
        repo.git("merge", "--quiet", "other")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{first},sub")
    assert git.tracked(opened(repo), ["b", "*", "a/*", "sub", "a"]) == ("a/v", "b")
    assert git.tracked(opened(repo), []) == ()


@pytest.mark.fault(104)
def test_a_sparse_checkout_lacks_no_file(repo: Repo) -> None:
    """What the user left out on purpose is not tracked here."""
    repo.write("web/package.json", "{}")
    repo.write("api/package.json", "{}")
    repo.commit()
    repo.git("sparse-checkout", "set", "web")
    assert git.tracked(opened(repo), ["*/package.json"]) == ("web/package.json",)


def test_globs_are_those_of_fnmatch(repo: Repo) -> None:
    """A backslash is a character, as on disk; for git's own globs it is an escape."""
    repo.write("a\\b", "x")
    repo.write("ab", "x")
    repo.commit()
    assert fnmatch.fnmatchcase("a\\b", "a\\?")
    assert git.tracked(opened(repo), ["a\\?"]) == ("a\\b",)


# --- the workspace ----------------------------------------------------------------------------


@settings(max_examples=15)
@given(_HISTORIES, st.data())
def test_a_release_contains_the_highest_that_git_says(
    new_repo: Callable[[], Repo], steps: list[list[int]], data: st.DataObject
) -> None:
    """``above`` is the highest other release among those that ``--is-ancestor`` finds, on branches or not."""
    repo = new_repo()
    repo.write("package.json", '{"version": "0.0.1"}')
    repo.write("krow-versions.toml", '[products.web]\nslug = "web"\nfiles = ["package.json"]\n')
    head = repo.commit()
    commits = [*make_history(repo, steps), head]
    at = data.draw(st.lists(st.sampled_from(commits), min_size=1, max_size=6))
    for number, commit in enumerate(at):
        repo.git("tag", f"web/prod-v0.0.{number}", commit)
    repo.tag("web/prod-v0.0.9")
    at += [head] * (9 - len(at)) + [head]
    releases = [
        number
        for number in range(10)
        if number < len(at) and repo.git("tag", "--list", f"web/prod-v0.0.{number}")
    ]
    history = kv.Workspace.open(repo.path).history("web")
    for release in history.releases:
        own = release.version.patch
        contained = set(repo.git("rev-list", release.commit).split())
        below = [
            number
            for number in releases
            if at[number] in contained and (at[number] != at[own] or number < own)
        ]
        assert release.above == (f"web/prod-v0.0.{max(below)}" if below else None)
