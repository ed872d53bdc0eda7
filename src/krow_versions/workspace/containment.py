"""Which lines contain which releases: what :mod:`krow_versions.containment` must know, asked of git.

The number of processes does not grow with the number of questions, tags or commits: one where the files that
a release changed are the same in the line, otherwise two, and the contents of files. Nothing is asked where
commits alone give the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import containment, git
from krow_versions.commits import kind_of_subject
from krow_versions.containment import Answer, Standing, is_undone, judge
from krow_versions.progress import Progress, steps_of, unseen
from krow_versions.values import evolve, field, frozen
from krow_versions.workspace.own_files import OwnFiles, own_files
from krow_versions.workspace.questions import Case, Question, case_of

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
    inside: dict[str, frozenset[str]] = {}
    for question in steps_of(dict.fromkeys(questions), _COMPARING, progress):
        if question.line not in inside:
            inside[question.line] = graph.ancestors([question.line])
        case = case_of(graph, question, inside[question.line])
        if isinstance(case, Answer):
            found[question] = case
        else:
            cases.append(case)
    if not cases:
        return Asked(found)
    pairs = [(case.start, case.question.release) for case in cases]
    pairs += [(case.question.release, case.question.line) for case in cases]
    tick = progress(_LISTING, 1)
    first = git.compare(repository, [*pairs, *((commit, commit) for commit in commits)])
    tick()
    changes: dict[Case, _Change] = {}
    for case in steps_of(cases, _COMPARING, progress):
        question = case.question
        wanted = _without(question.own, first.changes[case.start, question.release], strict=case.is_ancestor)
        moved = _after(first.changes[question.release, question.line])
        change = _Change(question.line, question.release, wanted, {}, moved)
        if all(change.now(each) == each.after for each in wanted) and (wanted or case.is_ancestor):
            found[question] = Answer(Standing.ANCESTOR if case.is_ancestor else Standing.EQUAL)
        elif not wanted:
            found[question] = judge(())
        elif case.is_ancestor and len(wanted) > _MOST_FILES:
            found[question] = Answer(Standing.ANCESTOR)
        else:
            changes[case] = change
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
    lines = {
        (each.line, each.until): graph.states(each.line, each.until)
        for each in steps_of(changes.values(), _FOLLOWING, progress)
    }
    steps = {commit for line in lines.values() for commit in line}.union(*commits.values())
    pairs = [(graph.parents[commit][0], commit) for commit in steps if graph.parents[commit]]
    pairs += [(commit, case.question.release) for case, own in commits.items() for commit in own]
    paths = {each.path for change in changes.values() for each in change.changes}
    tick = progress(_LISTING, 1)
    seen = git.compare(repository, pairs, paths)
    tick()
    found = {}
    for case, change in steps_of(changes.items(), _FOLLOWING, progress):
        versions = {each.path: [containment.Version(change.now(each))] for each in change.changes}
        line = lines[change.line, change.until]
        first = graph.parents[line[-1]][0] if line and case.is_ancestor else None
        # After a fast-forward the release is a state of the line itself: no commit brought it.
        brought = line[-1] if first and not graph.contains(first, change.until) else None
        for commit in line:
            for parent in graph.parents[commit][:1]:
                for each in seen.changes[parent, commit]:
                    known = versions.get(each.path)
                    if known is not None and len(known) < _MOST_VERSIONS:
                        known[-1] = evolve(known[-1], made_by=commit)
                        known.append(containment.Version(each.before, is_origin=commit == brought))
        parts = []
        for commit in commits[case]:
            if kind_of_subject(seen.subjects[commit]) == "fix":
                step = seen.changes[graph.parents[commit][0], commit]
                made = [each for each in step if each.path in versions]
                later = _after(seen.changes[commit, case.question.release])
                parts.append(evolve(change, changes=tuple(made), later=later))
        merges = frozenset(commit for commit in line if len(graph.parents[commit]) > 1)
        found[case] = _History(change, [each for each in parts if each.changes] or [change], versions, merges)
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
