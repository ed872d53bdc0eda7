"""What a step of a hotfix needs, as data: what is typed for it, and what ``hotfix next`` does for it."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from krow_versions.hotfix.entries import ANNOUNCEMENT, FOLLOW_UP, ROLLBACK_NOTICE
from krow_versions.text.escaping import shell_command
from krow_versions.values import frozen

if TYPE_CHECKING:
    from krow_versions.planning.commands import Calls


class TaskKind(enum.Enum):
    """What is done for a step."""

    PEOPLE = "only people can do it, such as a fix or a decision"
    VERSION = "version files and CHANGELOG are changed and committed"
    REQUEST = "the branch is pushed, and its pull request is opened"
    FINISH = "it is merged, tagged and pushed"
    RELEASE = "its GitHub Release is made"
    DEPLOY = "the configured command deploys it"
    TICK = "a person says that a box is done: the subject"
    SEND = "the configured program sends a text: the subject"
    ANNOUNCE = "a person sends a text, the subject, and says so"
    WRITE = "the incident document is written to a file: the subject"
    SETTLE = "a person says how far the incident document is: the subject"


@frozen
class Task:
    """What a step needs.

    Attributes:
        command: exactly what people type for it.
        kind: what it is.
        subject: the box, text, file or state that it is about; else empty.
    """

    command: str
    kind: TaskKind = TaskKind.PEOPLE
    subject: str = ""

    @classmethod
    def of(cls, calls: Calls, kind: TaskKind, subject: str = "") -> Task:
        """Give the task that one command of ``hotfix`` does.

        >>> from krow_versions.planning.commands import Calls
        >>> Task.of(Calls("web"), TaskKind.TICK, "approval").command
        'krow-versions hotfix status web --done approval'
        """
        verb, *options = words_of(kind, subject)
        return cls(calls.hotfix(verb, shell_command(options)), kind, subject)


def as_task(task: Task | str) -> Task:
    """Give a task; a command alone is for people."""
    return task if isinstance(task, Task) else Task(task)


def words_of(kind: TaskKind, subject: str = "") -> tuple[str, ...]:
    """Give the command of ``hotfix`` that does a task, and its options.

    >>> words_of(TaskKind.SEND, "follow_up")
    ('announce', '--follow-up', '--errors', 'TEXT', '--send')
    """
    match kind:
        case TaskKind.REQUEST:
            return "pr", "--run"
        case TaskKind.FINISH:
            return ("finish",)
        case TaskKind.RELEASE:
            return "finish", "--run"
        case TaskKind.DEPLOY:
            return "deploy", "--run"
        case TaskKind.TICK:
            return "status", "--done", subject
        case TaskKind.SEND:
            return "announce", *_sent_by(subject), "--send"
        case TaskKind.ANNOUNCE:
            return "announce", *_sent_by(subject), "--done"
        case TaskKind.WRITE:
            return "report", "-o", subject
        case TaskKind.SETTLE:
            return "report", "--state", subject
    raise ValueError(kind)


def text_options(text: str) -> tuple[str, ...]:
    """Give the option of ``hotfix announce`` that chooses a text; none for the announcement."""
    return _TEXT_OPTIONS[text]


def announce_call(calls: Calls, text: str, way: str) -> str:
    """Give the command that shows, sends or notes a text; *way* is an option of ``hotfix announce``."""
    options = text_options(text) if way == "--draft" else _sent_by(text)
    return calls.hotfix("announce", shell_command((*options, way)))


def _sent_by(text: str) -> tuple[str, ...]:
    """Give the options for a text that is sent: for the status update people say the errors since."""
    return (*text_options(text), *(ERRORS if text == FOLLOW_UP else ()))


ERRORS = ("--errors", "TEXT")
"""The option that says the errors since the deployment, and the placeholder for them."""


_TEXT_OPTIONS: dict[str, tuple[str, ...]] = {
    ANNOUNCEMENT: (),
    FOLLOW_UP: ("--follow-up",),
    ROLLBACK_NOTICE: ("--rollback",),
}
