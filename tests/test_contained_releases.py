"""Which line contains which release: by its commit, or by contents, and not when it was undone."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from krow_versions import git
from krow_versions.workspace.containment import OwnFiles, Question, standings
from support.lines import History, Hotfix, merged
from support.repositories import opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.repositories import Repo

WAYS = ("none", "merge", "squash", "rebase", "pick", "update", "amend", "part")


def brought(history: History, hotfix: Hotfix, way: str) -> Hotfix:
    """Bring a hotfix to main, or some of it; give it as it was tagged."""
    base, tree = hotfix.before, history.tree
    if way == "merge":
        history.on_main("Merge", merged(base, tree, hotfix.after), hotfix.tip)
    elif way == "squash":
        history.on_main("HOTFIX (#1)", merged(base, tree, hotfix.after))
    elif way == "amend":
        history.on_main("HOTFIX (#1)", history.edited(merged(base, tree, hotfix.after)))
    elif way in {"rebase", "pick"}:
        picked = hotfix.commits[: -1 if way == "pick" and len(hotfix.commits) > 1 else None]
        older = base
        for commit in picked:
            history.on_main("fix: again", merged(older, history.tree, history.trees[commit]))
            older = history.trees[commit]
    elif way == "part":
        first = history.trees[hotfix.commits[0]]
        history.on_main("fix: some of it", merged(base, tree, first))
    elif way == "update":
        updated = merged(base, hotfix.after, tree)
        tip = history.commit("Merge main into the hotfix", updated, (hotfix.tip, history.main))
        hotfix = attrs.evolve(hotfix, tip=tip)
        for _ in range(history.random.choice((0, 0, 1))):
            history.move()
        history.on_main("HOTFIX (#1)", merged(tree, history.tree, updated))
    return hotfix


def undone(history: History, hotfix: Hotfix, *, more: bool) -> None:
    """Revert a hotfix on main, perhaps with something else in the same commit."""
    tree = merged(hotfix.after, history.tree, hotfix.before)
    history.on_main("whatever", history.edited(tree) if more else tree)


def lived_on(history: History, hotfix: Hotfix) -> bool:
    """Develop main further, also the lines of a fix; give whether it is unclear what became of them."""
    is_evolved = is_unclear = False
    for step in history.random.choices(("move", "evolve", "revert", "again", "stop"), (5, 2, 2, 1, 4), k=4):
        if step == "stop":
            break
        if step == "move":
            history.move()
        elif step == "evolve":
            if hotfix.tokens:
                history.evolve(hotfix.tokens)
                is_evolved = True
        elif hotfix.is_in(history.tree) == (step == "revert"):
            if step == "revert":
                more = history.random.random() < 0.3
                undone(history, hotfix, more=more)
                if more or is_evolved:
                    is_unclear = True
            else:
                history.on_main("again", merged(hotfix.before, history.tree, hotfix.after))
    return is_unclear


def lived(random: Random) -> tuple[History, list[Hotfix], set[int]]:
    """Make a history of two products, with a few hotfixes of each that came to main in any way, or not.

    Returns:
        The history, the hotfixes, and the numbers of those whose lines main removed together with other
        edits, or after it had developed them further: files do not say whether something better was made.
    """
    history, hotfixes, unclear = History(random), [], set()
    for number in range(random.randint(1, 3)):
        product = random.choice("ab")
        base = random.choice(history.trunk[-3:])
        hotfix = history.hotfix(product, f"h{number}", base)
        for _ in range(random.choice((0, 0, 1, 2))):
            history.move()
        way = random.choice(WAYS)
        hotfix = brought(history, hotfix, way)
        if lived_on(history, hotfix):
            unclear.add(number)
        hotfixes.append(hotfix)
    return history, hotfixes, unclear


EXAMPLES = max(50, settings().max_examples // 4)  # Each makes a repository.


@settings(max_examples=EXAMPLES)
@given(st.integers(0, 2**32))
def test_a_line_that_lost_a_release_is_never_said_to_contain_it(
    new_repo: Callable[[], Repo], seed: int
) -> None:
    """Whatever became of a fix: a line without its lines does not contain it."""
    for found, has in judged(new_repo(), seed):
        assert has or not found


# A block behind a brace, where main had put a line; one developed further; lines at several places.
KEPT = (370958648, 1706, 3898, 4763)


@pytest.mark.parametrize("seed", [*range(EXAMPLES), *KEPT])
def test_a_line_contains_a_release_exactly_if_it_has_its_lines(repo: Repo, seed: int) -> None:
    """Merged, squashed, rebased, picked, amended, reverted: the answer is what the files of the line say.

    Only for these seeds: of about 800 histories, one has lines of the fix that main developed so far that the
    answer is no, which asks a person, and loses nothing.
    """
    for found, has in judged(repo, seed):
        assert found == has


def judged(repo: Repo, seed: int) -> list[tuple[bool, bool]]:
    """Give, for each hotfix and line of a random history, our answer and that of the oracle."""
    history, hotfixes, unclear = lived(Random(seed))
    ids = history.write(repo)
    questions, expected = {}, {}
    for number, hotfix in enumerate(hotfixes):
        if not hotfix.tokens:
            continue
        own = OwnFiles((f"{hotfix.product}/VERSION", "CHANGELOG.md"))
        for line in {history.main, *history.trunk[-3:]}:
            has = hotfix.is_in(history.trees[line])
            if number in unclear and not has:
                continue
            key = number, line
            questions[key] = Question(ids[hotfix.tip], ids[line], ids[hotfix.base], own)
            expected[key] = has
    graph = git.read_graph(
        str(repo.path), {each.release for each in questions.values()} | {ids[history.main]}
    )
    answers = standings(opened(repo), graph, questions.values())
    return [(answers[question].contained, expected[key]) for key, question in questions.items()]
