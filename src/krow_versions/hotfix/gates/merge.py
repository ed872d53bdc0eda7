"""The gates of the merge: main can take the hotfix, and everything is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.hotfix.gates.fix import is_in, product_folders
from krow_versions.hotfix.gates.model import FAILED, PASSED, UNKNOWN, WARNING, GateKind, Ruling
from krow_versions.hotfix.landing import undone, undone_hint
from krow_versions.text.escaping import shell_word
from krow_versions.text.words import counted, listed

if TYPE_CHECKING:
    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.gates.model import Subject


def new_files(facts: Facts) -> tuple[str, ...]:
    """Give the paths in the product that git neither knows nor ignores."""
    folders = product_folders(facts)
    return tuple(path for path in facts.untracked if any(is_in(path, folder) for folder in folders))


def _main(subject: Subject) -> Ruling:
    facts, main = subject.facts, subject.facts.main_name
    if facts.newer is not None:
        return Ruling(
            PASSED, f"an older line: {facts.newer.name} is in production, and {main} stays as it is"
        )
    if facts.undone:
        return Ruling(FAILED, undone(facts), undone_hint(facts))
    if facts.merged:
        return Ruling(PASSED, f"{main} contains the hotfix")
    if facts.main is None:
        return Ruling(
            UNKNOWN,
            f"there is no branch {main} to compare with",
            f"{facts.git} fetch, or see {shell_word(main)}",
        )
    if facts.behind == 0:
        return Ruling(PASSED, f"not behind {main}")
    moved = f"{main} has moved on by {counted(facts.behind, 'commit')}: finish merges the hotfix into it"
    return Ruling(PASSED, moved)


def _clean(subject: Subject) -> Ruling:
    facts = subject.facts
    under_way = facts.state.repo.under_way
    if under_way is not None:
        return Ruling(
            FAILED, f"a {under_way} is under way", f"finish or abort it: {facts.git} status shows how"
        )
    if facts.dirty:
        return Ruling(
            FAILED,
            f"not committed: {listed(facts.dirty)}",
            f"commit or stash it: {facts.git} status shows how",
        )
    new = new_files(facts)
    if new:
        return Ruling(
            FAILED,
            f"not known to git: {listed(new)}",
            f"{facts.git} add and commit what the fix needs: {facts.git} commit --all leaves new files out; "
            "delete the others, or ignore them: in .gitignore, or for this clone alone in .git/info/exclude",
        )
    if facts.unknown:
        return Ruling(
            WARNING,
            f"not known without their filter: {listed(facts.unknown)}",
            f"{facts.git} status compares them, once for all: run it, then this again",
        )
    return Ruling(PASSED, "nothing uncommitted" if facts.is_here else "not checked out")


GATES = (
    GateKind("main", "main can take it", 7, _main),
    GateKind("clean", "nothing is uncommitted", 3, _clean),
)
