"""Which lines contain which releases: what :mod:`krow_versions.containment` must know, asked of git.

The number of processes does not grow with the number of questions, tags or commits: one where the files that
a release changed are the same in the line, three where the line has changed them, too, and at most nine where
it must be found out what has become of a change. Nothing is asked where commits alone give the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions import git
from krow_versions.commits import kind_of_subject
from krow_versions.containment import (
    Answer,
    Sought,
    Standing,
    State,
    Texts,
    Version,
    is_settled,
    is_undone,
    judge,
    needed,
)
from krow_versions.formats import companions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from krow_versions.commits import Entry, EntryChange
    from krow_versions.containment import Verdict
    from krow_versions.products import Product


@attrs.frozen
class OwnFiles:
    """The files of a product that every bump changes: they say nothing about a fix.

    Attributes:
        paths: its version files and its CHANGELOG, from the top of the repository; globs are allowed.
        locks: the names of the lock files that are beside them.
    """

    paths: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()

    def have(self, path: str) -> bool:
        """Whether *path* is one of them."""
        if git.matching([path], self.paths):
            return True
        folder, slash, name = path.rpartition("/")
        beside = [f"{folder}{slash}{each.rpartition('/')[2]}" for each in self.paths]
        return name in self.locks and bool(git.matching(beside, self.paths))


def own_files(product: Product, repo: str, prefix: str, also: Iterable[str] = ()) -> OwnFiles:
    """Return the own files of *product* in one repository.

    Args:
        product: the product.
        repo: the name of the repository.
        prefix: of the paths of that repository, from the top of git's working tree.
        also: further paths, such as those that were found on disk.
    """
    home = repo == product.repo
    files = [file for file in product.files if (file.repo or product.repo) == repo]
    named = (product.changelog or "").partition("#")[0]
    paths = [path for file in files for path in (file.path, file.otherwise) if path]
    beside = [f"{path.rpartition('/')[0]}/CHANGELOG.md".lstrip("/") for path in paths] if not named else []
    paths += [*beside, *([named or "CHANGELOG.md"] if home else []), *also]
    locks = (lock for file in files for lock in companions(file.path, file.format))
    names = dict.fromkeys(name for lock in locks for name in lock.filenames)
    return OwnFiles(tuple(prefix + path for path in dict.fromkeys(paths)), tuple(names))


@attrs.frozen
class Question:
    """Whether a line contains a release, or what shall be one.

    Attributes:
        release: the commit of a tag, or the tip of a hotfix branch; a full id.
        line: the last commit of a branch, or the commit of another tag; a full id.
        base: the commit of the production tag that the release was started from, one PATCH below, or None.
            With it, only what came after it is asked for, and a line that contains the release by its commit
            is searched for a revert.
        own: the files that are not compared, unless the release changed no others.
        whole: whether all that the line lacks of the release is asked for, what is below *base* included.
    """

    release: str
    line: str
    base: str | None = None
    own: OwnFiles = OwnFiles()
    whole: bool = False


def standings(
    repository: git.Repository, graph: git.Graph, questions: Iterable[Question]
) -> dict[Question, Answer]:
    """Answer all *questions* about one repository together.

    A line contains a release that is its ancestor, or that it has under other commits, as after a squash, a
    rebase or a cherry-pick; not if it has undone it since. What contents cannot show, such as a fix that was
    written anew, is ``ABSENT``: people decide.

    Args:
        repository: no shallow clone: ancestry would not be known.
        graph: contains all commits of the questions.
        questions: any number.

    Raises:
        Unsupported: a file that must be compared is missing in a partial clone.
        GitError: git failed.
    """
    asked = tuple(dict.fromkeys(questions))
    found: dict[Question, Answer] = {}
    cases = []
    for question in asked:
        case = _case(graph, question)
        if isinstance(case, Answer):
            found[question] = case
        else:
            cases.append(case)
    return found | (_Asking(repository, graph).settle(cases) if cases else {})


@attrs.frozen
class _Case:
    """A question that commits alone do not answer.

    Attributes:
        question: the question.
        start: the commit that the change is taken from.
        is_ancestor: whether the line contains the commit of the release.
    """

    question: Question
    start: str
    is_ancestor: bool


def _case(graph: git.Graph, question: Question) -> _Case | Answer:
    release, line, base = question.release, question.line, question.base
    if graph.contains(line, release):
        start = graph.merge_base(base, release) if base else None
        if start is None or release in {start, line}:
            return Answer(Standing.ANCESTOR)
        return _Case(question, start, is_ancestor=True)
    start = graph.merge_base(release, line)
    if base is not None and not question.whole and (start is None or not graph.contains(start, base)):
        start = graph.merge_base(base, release)  # The line was cut before *base*.
    return Answer(Standing.ABSENT) if start is None else _Case(question, start, is_ancestor=False)


@attrs.frozen
class _Change:
    """A change and the line that may have it.

    Attributes:
        line: the last commit of the line.
        until: the line is searched down to what this commit contains.
        changes: what is looked for.
        later: the entries in the release, of paths that it changed again after *changes*.
        moved: the entries in the line, of paths that differ between the release and the line.
    """

    line: str
    until: str
    changes: tuple[EntryChange, ...]
    later: Mapping[str, Entry | None]
    moved: Mapping[str, Entry | None]

    def released(self, change: EntryChange) -> Entry | None:
        """Return the entry of a path in the release."""
        return self.later.get(change.path, change.after)

    def now(self, change: EntryChange) -> Entry | None:
        """Return the entry of a path in the line."""
        return self.moved.get(change.path, self.released(change))


_FILE_LIMIT = 4 << 20
_TOTAL_LIMIT = 128 << 20
_MOST_VERSIONS = 200  # Of one path in one line: what is older than these is not looked at.


@attrs.frozen
class _Asking:
    """Asks git, and passes on what it says.

    Attributes:
        repository: the repository.
        graph: its commits.
    """

    repository: git.Repository
    graph: git.Graph

    def settle(self, cases: Sequence[_Case]) -> dict[Question, Answer]:
        """Answer questions; those that are harder take more processes, together."""
        pairs = [(case.start, case.question.release) for case in cases]
        pairs += [(case.question.release, case.question.line) for case in cases]
        differing = git.tree_changes(self.repository, pairs)
        changes: dict[_Case, _Change] = {}
        for case in cases:
            question = case.question
            wanted = _without(question.own, differing[case.start, question.release], strict=case.is_ancestor)
            moved = _after(differing[question.release, question.line])
            changes[case] = _Change(question.line, question.release, wanted, {}, moved)
        texts = self._read(
            needed(each, [change.now(each)])
            for change in changes.values()
            for each in change.changes
            if not is_settled(each, change.now(each))
        )
        found: dict[Question, Answer] = {}
        doubtful: list[_Case] = []
        for case, change in changes.items():
            shown = {
                state for each in change.changes for state in Sought(each, texts).states(change.now(each))
            }
            if shown <= {State.APPLIED} and (shown or case.is_ancestor):
                is_there = True
            else:
                is_there = case.is_ancestor and State.APPLIED in shown and State.UNDONE not in shown
            if is_there:
                found[case.question] = Answer(Standing.ANCESTOR if case.is_ancestor else Standing.EQUAL)
            else:
                doubtful.append(case)
        return found | (self._searched({case: changes[case] for case in doubtful}) if doubtful else {})

    def _searched(self, changes: Mapping[_Case, _Change]) -> dict[Question, Answer]:
        """Answer questions by the history of the lines."""
        parts: dict[_Case, Sequence[_Change]] = {case: [change] for case, change in changes.items()}
        parts |= self._fixes({case: change for case, change in changes.items() if case.is_ancestor})
        judged = iter(self._judged([change for own in parts.values() for change in own]))
        found: dict[Question, Answer] = {}
        for case, own in parts.items():
            verdicts = [next(judged) for _ in own]
            if not case.is_ancestor:
                found[case.question] = judge(verdicts[0])
                continue
            undone = next((each for each in verdicts if is_undone(each)), None)
            by = next((each.undone_by for each in undone or () if each.undone_by), None)
            found[case.question] = Answer(Standing.ANCESTOR if undone is None else Standing.REVERTED, by)
        return found

    def _fixes(self, changes: Mapping[_Case, _Change]) -> dict[_Case, Sequence[_Change]]:
        """Split the changes of releases into those of their ``fix:`` commits, where there are any."""
        commits = {
            case: [
                commit
                for commit in self.graph.beyond(case.start, case.question.release)
                if len(self.graph.parents[commit]) == 1
            ]
            for case in changes
        }
        subjects = git.subjects(self.repository, {each for own in commits.values() for each in own})
        fixes = {
            case: [commit for commit in own if kind_of_subject(subjects[commit]) == "fix"]
            for case, own in commits.items()
        }
        pairs = [
            pair
            for case, own in fixes.items()
            for commit in own
            for pair in ((self.graph.parents[commit][0], commit), (commit, case.question.release))
        ]
        differing = git.tree_changes(self.repository, pairs)
        split: dict[_Case, Sequence[_Change]] = {}
        for case, whole in changes.items():
            own = []
            for commit in fixes[case]:
                parent = self.graph.parents[commit][0]
                made = _without(case.question.own, differing[parent, commit], strict=True)
                later = _after(differing[commit, case.question.release])
                own.append(attrs.evolve(whole, changes=made, later=later))
            split[case] = [each for each in own if each.changes] or [whole]
        return split

    def _judged(self, changes: Sequence[_Change]) -> list[list[Verdict]]:
        """Follow the paths of each change back through its line, and judge every piece that was released."""
        lines = {(each.line, each.until): self.graph.states(each.line, each.until) for each in changes}
        steps = dict.fromkeys(
            (self.graph.parents[commit][0], commit)
            for line in lines.values()
            for commit in line
            if self.graph.parents[commit]
        )
        paths = {each.path for change in changes for each in change.changes}
        differing = git.tree_changes(self.repository, steps, paths) if paths else {}
        versions: list[dict[str, list[Version]]] = []
        for change in changes:
            own = {each.path: [Version(change.now(each))] for each in change.changes}
            line = lines[change.line, change.until]
            brought = line[-1] if line and self.graph.contains(change.line, change.until) else None
            for commit in line:
                for parent in self.graph.parents[commit][:1]:
                    for each in differing.get((parent, commit), ()):
                        known = own.get(each.path)
                        if known is not None and len(known) < _MOST_VERSIONS:
                            known[-1] = attrs.evolve(known[-1], made_by=commit)
                            known += [Version(each.before)] if commit != brought else []
            versions.append(own)
        texts = self._read(
            needed(each, [change.released(each), *(version.entry for version in own[each.path])])
            for change, own in zip(changes, versions, strict=True)
            for each in change.changes
            if any(version.entry != each.before for version in own[each.path])
        )
        return [
            [verdict for each in change.changes for verdict in _verdicts(change, each, own[each.path], texts)]
            for change, own in zip(changes, versions, strict=True)
        ]

    def _read(self, ids: Iterable[set[str]]) -> Texts:
        wanted = set().union(*ids)
        if not wanted:
            return Texts({})
        _, contents = self.repository.read([], ids=wanted, limit=_FILE_LIMIT, total=_TOTAL_LIMIT)
        return Texts(contents)


def _verdicts(
    change: _Change, each: EntryChange, versions: Sequence[Version], texts: Texts
) -> Iterator[Verdict]:
    """Judge the pieces of one path that are in the release: what it replaced itself does not count."""
    sought = Sought(each, texts)
    for verdict, released in zip(
        sought.verdicts(versions), sought.states(change.released(each)), strict=True
    ):
        if released is State.APPLIED:
            yield verdict


def _without(own: OwnFiles, changes: Sequence[EntryChange], *, strict: bool) -> tuple[EntryChange, ...]:
    """Leave out a product's own files; if nothing else was changed, and not *strict*, leave out nothing."""
    others = tuple(each for each in changes if not own.have(each.path))
    return others if others or strict else tuple(changes)


def _after(changes: Iterable[EntryChange]) -> dict[str, Entry | None]:
    return {each.path: each.after for each in changes}
