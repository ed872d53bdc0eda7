"""The gates that a hotfix passes before it is merged, each with what was found and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.config import Hotfix
from krow_versions.hotfix.gates.commits import fix_gates
from krow_versions.hotfix.gates.diff import diff_gates, is_in, product_folders
from krow_versions.hotfix.gates.verdicts import FAILED, PASSED, UNKNOWN, WARNING, Gate, gate
from krow_versions.hotfix.gates.version import version_gates
from krow_versions.tables import Table
from krow_versions.text.words import counted, listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from krow_versions.catalog import Catalog
    from krow_versions.hotfix.facts import Facts

SYMBOLS = {PASSED: "✓", FAILED: "✗", WARNING: "!", UNKNOWN: "?"}


def check(
    facts: Facts,
    catalog: Catalog,
    settings: Hotfix | None = None,
    *,
    limit: int | None = None,
    extra: Iterable[str] = (),
) -> tuple[Gate, ...]:
    """Judge a hotfix by every gate.

    Args:
        facts: what git and the files say.
        catalog: the patterns of tags, for the builds that they shipped.
        settings: the hotfix process's part of the configuration.
        limit: how many changed lines are still a hotfix, where not as the configuration says.
        extra: paths, folders or globs that it may change beside those of the configuration.
    """
    settings = settings or Hotfix()
    found = (
        _branch(facts),
        _base(facts),
        *version_gates(facts, catalog),
        *fix_gates(facts),
        *diff_gates(facts, settings.max_lines if limit is None else limit, (*settings.also, *extra)),
        _main(facts, settings.main),
        _clean(facts),
    )
    if facts.tip is not None:
        return found
    gone = "the branch is gone; its tag is there" if facts.tag else "there is no branch to look at"
    return (found[0], *(gate(each.id, UNKNOWN, gone) for each in found[1:]))


def failed(gates: Iterable[Gate]) -> tuple[Gate, ...]:
    """Give the gates that failed."""
    return tuple(each for each in gates if each.verdict == FAILED)


def gates_table(gates: Iterable[Gate]) -> Table:
    """Show gates as rows: symbol and verdict, title, what was found, what to do."""
    rows = [(f"{SYMBOLS[each.verdict]} {each.verdict}", each.title, each.found, each.todo) for each in gates]
    return Table(("verdict", "gate", "found", "what to do"), tuple(rows))


def ways_out(facts: Facts, main: str = "main") -> tuple[tuple[str, str], ...]:
    """Give the ways on when main has moved past the branch, each with what it costs."""
    pull = f"git merge --ff-only {facts.remote}/{main} && " if facts.remote else ""
    merge = f"git switch {main} && {pull}git merge --no-ff {facts.branch}, then "
    merge += f"krow-versions hotfix finish {facts.product}"
    its_cost = "what is tagged is the tip of the branch, as it was tested; main gets a merge commit, "
    its_cost += "and conflicts in version files and CHANGELOG are resolved by hand"
    whole = f"release {main} as it is, with the fix on it, as a usual release"
    all_of_it = f"the {counted(facts.behind, 'commit')} of {main} that production has not seen ship with it, "
    all_of_it += "and need their own tests; no hotfix tag is made"
    return (merge, its_cost), (whole, all_of_it)


def _branch(facts: Facts) -> Gate:
    start = f"krow-versions hotfix start {facts.product} makes it"
    if facts.tip is None and facts.tag is not None:
        return gate("branch", UNKNOWN, f"{facts.branch} is gone; {facts.tag.name} is there")
    if facts.tip is None:
        return gate("branch", FAILED, f"there is no branch {facts.branch}", start)
    if facts.tag is not None and not facts.finished:
        taken = f"{facts.tag.name} is there already, on another commit: {facts.version} is taken"
        hint = f"git show {facts.tag.name} tells who made it; a tag never moves, so the fix needs another"
        return gate("branch", FAILED, taken, hint)
    if facts.checked_out or facts.merged or facts.tag:
        return gate("branch", PASSED, facts.branch)
    here = facts.state.repo.branch
    where = f"HEAD is on {here}" if here else "HEAD is detached"
    return gate("branch", WARNING, f"{facts.branch}, but {where}", f"git switch {facts.branch}")


def _base(facts: Facts) -> Gate:
    if facts.base is None:
        return gate(
            "base",
            FAILED,
            f"there is no production tag one PATCH below {facts.version}",
            "git fetch --tags, or start the hotfix from the tag that is in production",
        )
    if facts.based:
        return gate("base", PASSED, f"starts from {facts.base.name}")
    return gate(
        "base",
        FAILED,
        f"the branch does not start from {facts.base.name}, or has commits of main that are past it",
        f"git log {facts.base.name}..{facts.branch} shows what it has; "
        f"git rebase --onto {facts.base.name} with the fix alone",
    )


def _main(facts: Facts, main: str) -> Gate:
    if facts.merged:
        return gate("main", PASSED, f"{main} contains the branch")
    if facts.main is None:
        return gate(
            "main", UNKNOWN, f"there is no branch {main} to compare with", f"git fetch, or see {main}"
        )
    if facts.behind == 0:
        return gate("main", PASSED, f"not behind {main}")
    out = "; or: ".join(way for way, _ in ways_out(facts, main))
    return gate("main", FAILED, f"{main} has moved on by {counted(facts.behind, 'commit')}", out)


def _clean(facts: Facts) -> Gate:
    under_way = facts.state.repo.under_way
    if under_way is not None:
        return gate(
            "clean", FAILED, f"a {under_way} is under way", "finish or abort it: git status tells how"
        )
    if facts.dirty:
        return gate(
            "clean",
            FAILED,
            f"not committed: {listed(facts.dirty)}",
            "commit or stash it: git status tells how",
        )
    new = [path for path in facts.untracked if any(is_in(path, each) for each in product_folders(facts))]
    if new:
        return gate(
            "clean",
            WARNING,
            f"not known to git: {listed(new)}",
            "git add and commit what the fix needs: git commit --all leaves new files out",
        )
    if facts.unknown:
        return gate(
            "clean",
            WARNING,
            f"cannot be told without their filter: {listed(facts.unknown)}",
            "git status tells, once for all: run it, then this again",
        )
    return gate("clean", PASSED, "nothing uncommitted" if facts.checked_out else "not checked out")


__all__ = [
    "FAILED",
    "PASSED",
    "SYMBOLS",
    "UNKNOWN",
    "WARNING",
    "Gate",
    "check",
    "failed",
    "gates_table",
    "ways_out",
]
