"""What more releases, lines and rows cost: each is looked at once, and says what pairs would say."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krow_versions import Version, git
from krow_versions.changelog import find_releases
from krow_versions.commits import Entry, EntryChange
from krow_versions.git import Graph
from krow_versions.products import Product, VersionFile
from krow_versions.snapshot import ChangelogState, ProductState, RepoState, TagState
from krow_versions.values import frozen
from krow_versions.workspace.containment import OwnFiles, Question, ask
from krow_versions.workspace.logs import commits_of_log
from krow_versions.workspace.rows import Entries, Steps
from support.repositories import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from support.repositories import Repo

PRODUCT = Product("p", "p", (VersionFile("package.json"),))

# --- graphs ------------------------------------------------------------------------------------


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Commits with parents among those before them."""
    size = draw(st.integers(1, 30))
    parents = {
        str(at): tuple(
            map(str, draw(st.lists(st.integers(0, at - 1), max_size=2, unique=True)) if at else ())
        )
        for at in range(size)
    }
    return Graph(parents, tuple(parents))


@given(graphs(), st.data())
def test_marks_say_what_ancestors_say(graph: Graph, data: st.DataObject) -> None:
    """What contains what is the same, asked for all together or one by one."""
    some = data.draw(st.lists(st.sampled_from(sorted(graph.parents)), unique=True))
    within, held, inside = graph.within(some), graph.held(some), graph.inside(some)
    for commit, other in itertools.product(graph.parents, some):
        assert within.has(commit, other) == (commit in graph.ancestors([other])) == (commit in inside[other])
        assert held.has(commit, other) == (other in graph.ancestors([commit]))


@given(graphs(), st.data())
def test_a_line_shows_a_change_down_to_where_it_came(graph: Graph, data: st.DataObject) -> None:
    """States are first parents that the change does not contain; and contain it, where the line does."""
    commits = st.sampled_from(sorted(graph.parents))
    pairs = data.draw(st.lists(st.tuples(commits, commits), min_size=1))
    found = Steps.of(graph, pairs)
    for line, change in pairs:
        row = found.rows[line][: found.cuts[line, change]]
        expected = graph.mainline(line, change)
        if graph.contains(line, change):
            expected = tuple(each for each in expected if graph.contains(each, change))
        assert tuple(row) == expected


@frozen
class Seen:
    """A repository and its graph, as a reader has them."""

    repository: git.Repository
    graph: Graph


@given(graphs(), st.data())
def test_subjects_are_wanted_of_what_is_on_one_side(graph: Graph, data: st.DataObject) -> None:
    """For releases that HEAD lacks: what each has beyond HEAD, and HEAD beyond each; no merges."""
    commits = st.sampled_from(sorted(graph.parents))
    head, starts = data.draw(commits), data.draw(st.lists(commits, unique=True))
    tags = tuple(
        TagState(f"v{at}.0.0", "production", Version(at, 0, 0), False, commit=commit)
        for at, commit in enumerate(starts)
    )
    state = ProductState(
        PRODUCT, RepoState("r", "/r"), (), tags, changelog=ChangelogState("r", "CHANGELOG.md")
    )
    seen = Seen(git.Repository("/r", "/r", "/r", head, None, False), graph)
    wanted = {each for start in starts for each in (*graph.beyond(start, head), *graph.beyond(head, start))}
    single = {each for each in wanted if len(graph.parents[each]) <= 1}
    assert set(commits_of_log(seen, state, None)) == single


# --- entries -----------------------------------------------------------------------------------

_TREES = st.lists(
    st.dictionaries(st.sampled_from("abc"), st.builds(Entry, st.just("100644"), st.sampled_from("123"))),
    min_size=1,
    max_size=8,
)


def differing(old: dict[str, Entry], new: dict[str, Entry]) -> Iterator[EntryChange]:
    for path in sorted({*old, *new}):
        if old.get(path) != new.get(path):
            yield EntryChange(path, old.get(path), new.get(path))


@given(_TREES)
def test_steps_along_a_row_say_what_each_pair_says(trees: list[dict[str, Entry]]) -> None:
    """An entry in one commit follows from the entry in any other and the steps between neighbours."""
    row = [*map(str, range(len(trees)))]
    entries = Entries.of(row, lambda older, newer: differing(trees[int(older)], trees[int(newer)]))
    for (one, tree), (_, other) in itertools.product(zip(row, trees, strict=True), repeat=2):
        for path in "abc":
            assert entries.at(one, path, other.get(path)) == tree.get(path)


@pytest.mark.parametrize(
    "path", ["a/b.json", "b.json", "x/CHANGELOG.md", "a/b/lock", "c/lock", "node_modules/p"]
)
def test_own_files_are_those_of_the_globs(path: str) -> None:
    """Paths without wildcards are looked up; the answer is that of all patterns, tried one by one."""
    own = OwnFiles(("./a//b.json", "*/CHANGELOG.md", "*"), ("*/b/lock", "lock"))
    patterns = [each for each in own.paths + own.locks if own.paths.count(each) or each.endswith("lock")]
    assert own.have(path) == bool(git.matching([path], patterns))


def test_lines_and_releases_are_compared_in_a_row(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four releases and four lines are not sixteen comparisons of trees."""
    base = repo.commit("feat: first")
    fixes, lines = [], []
    for at in range(4):
        repo.git("switch", "--quiet", "--detach", base)
        repo.write("fix", f"{at}\n")
        fixes.append(repo.commit(f"fix: {at}"))
        repo.git("switch", "--quiet", "--detach", base)
        repo.write("line", f"{at}\n")
        lines.append(repo.commit(f"feat: {at}"))
    graph = git.read_graph(str(repo.path), [*fixes, *lines])
    asked: list[Collection[tuple[str, str]]] = []
    compare = git.compare

    def counted(repository: git.Repository, pairs: Collection[tuple[str, str]], *rest: Any) -> Any:
        asked.append(set(pairs))
        return compare(repository, pairs, *rest)

    monkeypatch.setattr(git, "compare", counted)
    ask(opened(repo), graph, [Question(fix, line) for fix in fixes for line in lines])
    assert [*map(len, asked)] == [4 + 7, 4]


# --- rows --------------------------------------------------------------------------------------


@pytest.mark.parametrize("headings_only", [False, True], ids=["table", "headings"])
def test_a_changelog_is_read_once_for_all_releases(
    monkeypatch: pytest.MonkeyPatch, headings_only: bool
) -> None:
    """Whether it has a version is asked for each release, and each row is read for the first of them."""
    versions = [Version(1, minor, 0) for minor in range(50)]
    text = "".join(f"## {version}\n\n- x\n\n" for version in versions)
    if not headings_only:
        text = "| Version | Change |\n|---|---|\n" + "".join(f"| {version} | x |\n" for version in versions)
    listing = find_releases(text)
    read: list[Version] = []
    with_build: Callable[[Version, int | None], Version] = Version.with_build

    def counted(version: Version, build: int | None) -> Version:
        read.append(version)
        return with_build(version, build)

    monkeypatch.setattr(Version, "with_build", counted)
    assert all(listing.has(version) for version in versions)
    assert not listing.has(Version(2, 0, 0))
    assert len(read) == 2 * len(versions) + 1


# --- paths -------------------------------------------------------------------------------------


def test_many_paths_are_asked_for_by_their_folders(repo: Repo) -> None:
    """More paths than a command line has room for do not make git print all others, too."""
    older = repo.commit("feat: first")
    paths = [f"lib/{at % 7}/{at}" for at in range(510)]
    for path in [*paths, *(f"other/{at}" for at in range(20))]:
        repo.write(path, "x\n")
    newer = repo.commit("feat: many")
    found = git.compare(opened(repo), [(older, newer)], paths)
    assert sorted(each.path for each in found.changes(older, newer)) == sorted(paths)
