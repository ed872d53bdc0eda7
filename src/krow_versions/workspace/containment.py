"""Which lines contain which releases: what :mod:`krow_versions.containment` must know, asked of git.

The number of processes does not grow with the number of questions, tags or commits: one where the files that
a release changed are the same in the line, otherwise two, and the contents of files. Nothing is asked where
commits alone give the answer.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from krow_versions import containment, git
from krow_versions.commits import kind_of_subject
from krow_versions.containment import Answer, Standing, is_undone, judge
from krow_versions.progress import Progress, steps_of, unseen
from krow_versions.values import evolve, field, frozen
from krow_versions.workspace.own_files import OwnFiles, own_files
from krow_versions.workspace.questions import Case, Question, case_of
from krow_versions.workspace.rows import Entries, Steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from krow_versions.commits import Entry, EntryChange
    from krow_versions.containment import Texts, Verdict, Version


__all__ = ["Asked", "OwnFiles", "Question", "ask", "own_files", "standings"]


def standings(
    repository: git.Repository, graph: git.Graph, questions: Iterable[Question]
) -> dict[Question, Answer]:
    """Answer all *questions* about one repository together.

    A line contains a release that is its ancestor, or that it has under other commits, as after a squash, a
    rebase or a cherry-pick; not if it has undone it since. That is asked for fixes only: a release of many
    commits or files was developed in the line, and its commit is the answer. What contents cannot show, such
    as a fix that was written anew, is ``ABSENT``: people decide.

    Args:
        repository: no shallow clone: ancestry would not be known.
        graph: contains all commits of the questions.
        questions: any number.

    Raises:
        Unsupported: a file that must be compared is missing in a partial clone.
        GitError: git failed.
    """
    asked = ask(repository, graph, questions)
    _, contents = repository.read([], ids=asked.ids, limit=FILE_LIMIT, total=TOTAL_LIMIT)
    return asked.answers(contents)


FILE_LIMIT = 4 << 20
"""Bytes of a content that is compared as text."""
TOTAL_LIMIT = 128 << 20
"""Bytes of all contents that are compared."""


def ask(
    repository: git.Repository,
    graph: git.Graph,
    questions: Iterable[Question],
    commits: Iterable[str] = (),
    progress: Progress = unseen,
) -> Asked:
    """Ask git all that :func:`standings` needs, but for contents; two processes, one, or none.

    Args:
        repository: as of :func:`standings`.
        graph: as of :func:`standings`.
        questions: as of :func:`standings`.
        commits: subjects of these are wanted, too, if a process is needed anyway.
        progress: sees the steps.

    Raises:
        GitError: git failed.
    """
    found: dict[Question, Answer] = {}
    cases = []
    wanted = dict.fromkeys(questions)
    inside = graph.inside({question.line: None for question in wanted})
    for question in steps_of(wanted, _COMPARING, progress):
        case = case_of(graph, question, inside[question.line])
        if isinstance(case, Answer):
            found[question] = case
        else:
            cases.append(case)
    if not cases:
        return Asked(found)
    row = graph.in_order(each for case in cases for each in (case.question.release, case.question.line))
    pairs = [(case.start, case.question.release) for case in cases]
    pairs += itertools.pairwise(row)
    tick = progress(_LISTING, 1)
    first = git.compare(repository, [*pairs, *((commit, commit) for commit in commits)])
    tick()
    made: dict[tuple[object, ...], tuple[EntryChange, ...]] = {}
    for case in cases:
        if case.change not in made:
            every = first.changes(case.start, case.question.release)
            made[case.change] = _without(case.question.own, every, strict=case.is_ancestor)
    paths = {each.path for own in made.values() for each in own}
    entries = Entries.of(row, lambda older, newer: first.changes(older, newer, paths))
    changes: dict[Case, _Change] = {}
    for case in steps_of(cases, _COMPARING, progress):
        question, own = case.question, made[case.change]
        moved = {each.path: entries.at(question.line, each.path, each.after) for each in own}
        if all(moved[each.path] == each.after for each in own) and (own or case.is_ancestor):
            found[question] = Answer(Standing.ANCESTOR if case.is_ancestor else Standing.EQUAL)
        elif not own:
            found[question] = judge(())
        elif case.is_ancestor and len(own) > _MOST_FILES:
            found[question] = Answer(Standing.ANCESTOR)
        else:
            changes[case] = _Change(question.line, question.release, own, {}, moved)
    histories = _histories(repository, graph, changes, progress) if changes else {}
    return Asked(found, histories, first.subjects)


@frozen
class _Change:
    """A change and the line that may have it.

    Attributes:
        line: the last commit of the line.
        until: the line is searched down to what this commit contains.
        changes: what is looked for.
        later: the entries in the release, of paths that it changed again after *changes*.
        moved: the entries in the line, by path.
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


_MOST_FILES = 100  # Of a fix that a line may have undone: one of more was developed in the line.
_MOST_VERSIONS = 200  # Of one path in one line: what is older than these is not looked at.
_COMPARING, _FOLLOWING, _LISTING = "comparing releases", "following changes", "listing changes"


@frozen
class _History:
    """A change, and the states of its paths in the line, newest first.

    Attributes:
        change: the whole change.
        parts: it, or what each ``fix:`` commit of a release made, where the line has the release by commits.
        versions: by path.
        merges: the commits of the line that are merges.
    """

    change: _Change
    parts: Sequence[_Change]
    versions: dict[str, list[Version]]
    merges: frozenset[str]

    def is_touched(self, each: EntryChange) -> bool:
        """Whether the line has a path in any other state than before the change."""
        return any(version.entry != each.before for version in self.versions[each.path])


@frozen
class Asked:
    """Questions, and what git said about them but for contents.

    Attributes:
        found: the answers that are known already.
        histories: what answers the others.
        subjects: the first lines of the messages of commits.
    """

    found: Mapping[Question, Answer]
    histories: Mapping[Case, _History] = field(factory=dict)
    subjects: Mapping[str, str] = field(factory=dict)

    @property
    def ids(self) -> dict[str, None]:
        """The ids of the contents that are needed, those of the lines' last states first.

        None of a path that each state of the line has as it was before the change.
        """
        last, older = set(), set()
        for history in self.histories.values():
            for each in history.change.changes:
                if history.is_touched(each):
                    last |= containment.needed(each, [history.change.now(each)])
            for part in history.parts:
                for each in part.changes:
                    if part is not history.change or history.is_touched(each):
                        entries = (version.entry for version in history.versions[each.path])
                        older |= containment.needed(each, [part.released(each), *entries])
        return dict.fromkeys((*sorted(last), *sorted(older)))

    def answers(
        self, contents: Mapping[str, bytes | None], progress: Progress = unseen
    ) -> dict[Question, Answer]:
        """Answer all questions, with the contents of :attr:`ids`."""
        if not self.histories:
            return dict(self.found)
        texts = containment.Texts(contents)
        judged = {
            case.question: _judged(case, history, texts)
            for case, history in steps_of(self.histories.items(), _COMPARING, progress)
        }
        return {**self.found, **judged}


def _judged(case: Case, history: _History, texts: Texts) -> Answer:
    answer, change = _shown(case, history, texts), history.change
    is_lacking = answer.standing is Standing.EQUAL and any(
        containment.would_alter(each, change.now(each), texts) for each in change.changes
    )
    answer = evolve(answer, by_merge=answer.undone_by in history.merges)
    return Answer(Standing.ABSENT) if is_lacking else answer


def _shown(case: Case, history: _History, texts: Texts) -> Answer:
    change = history.change
    shown = {state for each in change.changes for state in texts.sought(each).states(change.now(each))}
    if shown == {containment.State.APPLIED}:
        return Answer(Standing.ANCESTOR if case.is_ancestor else Standing.EQUAL)
    if case.is_ancestor and containment.State.APPLIED in shown and containment.State.UNDONE not in shown:
        return Answer(Standing.ANCESTOR)
    verdicts = [
        [
            verdict
            for each in part.changes
            for verdict in _verdicts(part, each, history.versions[each.path], texts)
        ]
        for part in history.parts
    ]
    if not case.is_ancestor:
        return judge(verdicts[0])
    undone = next((each for each in verdicts if is_undone(each)), None)
    by = next((each.undone_by for each in undone or () if each.undone_by), None)
    return Answer(Standing.ANCESTOR if undone is None else Standing.REVERTED, by)


def _histories(
    repository: git.Repository, graph: git.Graph, changes: Mapping[Case, _Change], progress: Progress
) -> dict[Case, _History]:
    """Follow the paths of each change back through its line; one process."""
    commits = {
        case: [
            commit
            for commit in (graph.beyond(case.start, case.question.release) if case.is_ancestor else ())
            if len(graph.parents[commit]) == 1
        ]
        for case in changes
    }
    paths = {each.path for change in changes.values() for each in change.changes}
    lines = Steps.of(graph, ((each.line, each.until) for each in changes.values()))
    pairs = lines.pairs.union(
        (graph.parents[commit][0], commit) for own in commits.values() for commit in own
    )
    pairs |= {(commit, case.question.release) for case, own in commits.items() for commit in own}
    tick = progress(_LISTING, 1)
    seen = git.compare(repository, sorted(pairs), paths)
    tick()
    made = lines.changes(lambda older, newer: seen.changes(older, newer, paths))
    found = {}
    for case, change in steps_of(changes.items(), _FOLLOWING, progress):
        line, until = change.line, change.until
        brought = lines.brought(line, until) if case.is_ancestor else None
        versions = {
            each.path: _states(
                change.now(each), made[line].get(each.path, ()), lines.cuts[line, until], brought
            )
            for each in change.changes
        }
        parts = []
        for commit in commits[case]:
            if kind_of_subject(seen.subjects[commit]) == "fix":
                own = seen.changes(graph.parents[commit][0], commit, versions)
                later = _after(seen.changes(commit, case.question.release, paths))
                parts.append(evolve(change, changes=own, later=later))
        parts = [each for each in parts if each.changes] or [change]
        found[case] = _History(change, parts, versions, lines.merges)
    return found


def _states(
    now: Entry | None, steps: Iterable[tuple[int, str, EntryChange]], cut: int, brought: str | None
) -> list[Version]:
    """List the states of a path in a line, newest first, down to a place in the line."""
    found = [containment.Version(now)]
    for at, commit, change in steps:
        if at >= cut or len(found) == _MOST_VERSIONS:
            break
        found[-1] = evolve(found[-1], made_by=commit)
        found.append(containment.Version(change.before, is_origin=commit == brought))
    return found


def _verdicts(
    change: _Change, each: EntryChange, versions: Sequence[Version], texts: Texts
) -> Iterator[Verdict]:
    """Judge the pieces of one path that are in the release: what it replaced itself does not count."""
    sought = texts.sought(each)
    for verdict, released in zip(
        sought.verdicts(versions), sought.states(change.released(each)), strict=True
    ):
        if released is containment.State.APPLIED:
            yield verdict


def _without(own: OwnFiles, changes: Sequence[EntryChange], *, strict: bool) -> tuple[EntryChange, ...]:
    """Leave out a product's own files; if nothing else was changed, and not *strict*, leave out nothing."""
    others = tuple(each for each in changes if not own.have(each.path))
    return others if others or strict else tuple(changes)


def _after(changes: Iterable[EntryChange]) -> dict[str, Entry | None]:
    return {each.path: each.after for each in changes}
