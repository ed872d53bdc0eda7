"""What the steps of a hotfix are judged by, and what one of them still needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.hotfix.approval import is_out
from krow_versions.hotfix.gates import GATES, PASSED, WARNING
from krow_versions.hotfix.tasks import Task, TaskKind, as_task
from krow_versions.text.escaping import shell_word
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.hotfix.done import Checked
    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.gates import Gate
    from krow_versions.hotfix.production import InProduction
    from krow_versions.hotfix.record import Record
    from krow_versions.planning.commands import Calls


@frozen
class OpenPoint:
    """What a step still needs.

    Attributes:
        why: what is missing.
        task: what to do about it; a command alone is for people.
        blocked: whether the command alone is not enough.
        past: whether later steps are done, so that it is shown, but is not the next step.
        until: when that can be done, if that is not now: ``when ... is approved``.
        due: the moment before which it cannot be done, if that has not come.
    """

    why: str
    task: Task = field(converter=as_task)
    blocked: bool = False
    past: bool = False
    until: str = ""
    due: dt.datetime | None = None


@frozen
class StepContext:
    """The input of every step.

    ``calls`` says how krow-versions and git are called, ``template`` the path of the commit template;
    ``deploys`` says whether a command that deploys the product is configured, ``reviewed`` whether main
    changes by pull requests only; ``join`` brings a branch that only the remote has here;
    ``elsewhere`` says whether it was started in another clone, and neither its branch nor its tag is here;
    ``above`` is what is in production, if that is a higher version; ``notifies`` whether a program that
    sends texts is configured.
    """

    product: str
    facts: Facts | None
    record: Record
    gates: tuple[Gate, ...]
    boxes: tuple[Checked, ...]
    now: dt.datetime
    calls: Calls
    template: str = ""
    deploys: bool = True
    reviewed: bool = False
    join: str = ""
    elsewhere: bool = False
    above: InProduction | None = None
    notifies: bool = False

    @property
    def shipped(self) -> bool:
        """Whether there is a production tag, so that the steps before it are over."""
        return self.facts is not None and (self.facts.finished or self.facts.finished_there)

    @property
    def unrecorded(self) -> bool:
        """Whether it is out, and nothing is recorded here of what people did since."""
        return not self.record.is_tracked and self.facts is not None and is_out(self.facts) is True

    def run(self, command: str, rest: str = "") -> str:
        """Give the ``krow-versions`` command for this product; one of ``hotfix`` is of this hotfix."""
        of_hotfix = command.removeprefix("hotfix ")
        return self.calls.other(command, rest) if of_hotfix == command else self.calls.hotfix(of_hotfix, rest)

    @property
    def git(self) -> str:
        """How people call git in the repository."""
        return self.calls.git

    @property
    def commit(self) -> str:
        """The git command that commits all changes."""
        return f"{self.git} commit --all"

    @property
    def commit_fix(self) -> str:
        """The git command that commits the fix."""
        return f"{self.git} commit -a -t {shell_word(self.template)}" if self.template else self.commit

    def task(self, kind: TaskKind, subject: str = "") -> Task:
        """Give a task of this hotfix."""
        return Task.of(self.calls, kind, subject)

    def tick(self, box: str) -> Task:
        """Give the task to tick a box."""
        return self.task(TaskKind.TICK, box)

    def wrong(self, *steps: int, without: str = "") -> Gate | None:
        """Give the first gate of *steps* that is not passed, ignoring the gate *without*."""
        gates = (gate for gate in self.gates if GATES[gate.id].step in steps and gate.id != without)
        return next((gate for gate in gates if gate.verdict not in (PASSED, WARNING)), None)
