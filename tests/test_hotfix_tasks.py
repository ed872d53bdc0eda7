"""What a step needs, as data: the command that is printed, and the words that ``hotfix next`` runs."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krow_versions.cli.hotfix import hotfix
from krow_versions.hotfix import ANNOUNCEMENT, FOLLOW_UP, ROLLBACK_NOTICE, Task, TaskKind, words_of
from krow_versions.hotfix.tasks import as_task
from krow_versions.planning.commands import Calls

TEXTS = (ANNOUNCEMENT, FOLLOW_UP, ROLLBACK_NOTICE)
SUBJECTS = {
    TaskKind.TICK: ("approval", "smoke-tests"),
    TaskKind.SEND: TEXTS,
    TaskKind.ANNOUNCE: TEXTS,
    TaskKind.WRITE: ("incident-my web-1.4.1.md",),
    TaskKind.SETTLE: ("final",),
}
OURS = [
    (kind, subject)
    for kind in TaskKind
    for subject in SUBJECTS.get(kind, ("",))
    if kind not in {TaskKind.PEOPLE, TaskKind.VERSION}
]
names = st.sampled_from(["web", "my web", "commit", "it's", "-x", "a hotfix deploy --run"])
calls = st.builds(
    Calls, names, st.sampled_from(["", "1.4.1"]), st.sampled_from([(), ("-C", "commit hotfix finish")])
)


@given(calls, st.sampled_from(OURS))
def test_what_is_printed_is_what_is_run(calls: Calls, task: tuple[TaskKind, str]) -> None:
    """A shell reads the command as the words that `next` runs, whatever the product and folder are called."""
    verb, *options = words_of(*task)
    printed = shlex.split(Task.of(calls, *task).command)
    assert printed == ["krow-versions", "hotfix", verb, *calls.named, *calls.options, *options]


@pytest.mark.parametrize(("kind", "subject"), OURS)
def test_each_task_is_a_command_of_the_group(kind: TaskKind, subject: str) -> None:
    """The command exists, and takes these options."""
    verb, *options = words_of(kind, subject)
    with hotfix.commands[verb].make_context(verb, ["web", *options]) as context:
        assert context.params["name"] == "web"


def test_a_command_alone_is_for_people() -> None:
    """What is not said to be a task of a program is none, whatever its text looks like."""
    assert as_task("krow-versions hotfix deploy web --run") == Task(
        "krow-versions hotfix deploy web --run", TaskKind.PEOPLE
    )
    with pytest.raises(ValueError, match="PEOPLE"):
        words_of(TaskKind.PEOPLE)
