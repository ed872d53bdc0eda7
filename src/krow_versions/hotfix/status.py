"""Where a hotfix stands: which steps are done, which is next, what blocks it; always recomputed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from krow_versions.hotfix.done import checklist, checklist_table
from krow_versions.hotfix.steps import STEPS, TITLES, StepContext
from krow_versions.hotfix.timeline import timeline
from krow_versions.pictures import draw_milestones
from krow_versions.tables import Table, Tabular, markup
from krow_versions.text.times import iso

if TYPE_CHECKING:
    import datetime as dt

    from matplotlib.axes import Axes

    from krow_versions.hotfix.done import Checked
    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.gates import Gate
    from krow_versions.hotfix.record import Record
    from krow_versions.hotfix.timeline import Timeline

SCHEMA = 1
DONE, NEXT, BLOCKED, OPEN = "done", "next", "blocked", "open"
_SYMBOLS = {DONE: "✓", NEXT: "→", BLOCKED: "✗", OPEN: "·"}


@attrs.frozen
class Step:
    """A step of one hotfix.

    Attributes:
        number: 1 to 11.
        title: what it is called.
        state: ``done``, ``next``, ``blocked`` (it is next, and something stands in its way), ``open``.
        why: what is missing, or empty.
        command: what to type for it, or None when it is done.
    """

    number: int
    title: str
    state: str
    why: str = ""
    command: str | None = None


@attrs.frozen(repr=False)
class Status(Tabular):
    """Where a hotfix stands; ``str`` shows its steps and what to type next.

    Attributes:
        product: its name.
        version: what it ships, or None when nothing is known of it.
        steps: all eleven.
        boxes: the checklist.
        gates: the verdicts that the steps rest on.
        timeline: planned against actual, or None when nothing is recorded.
        unasked: why the remote could not be asked, with what to do, or None.
    """

    product: str
    version: str | None
    branch: str | None
    steps: tuple[Step, ...]
    boxes: tuple[Checked, ...]
    gates: tuple[Gate, ...]
    timeline: Timeline | None
    unasked: str | None = None

    @property
    def next(self) -> Step | None:
        """The step to do now, or None when nothing is left to do."""
        return next((step for step in self.steps if step.state in (NEXT, BLOCKED)), None)

    @property
    def next_command(self) -> str | None:
        """What to type now, or None when nothing is left to do."""
        return self.next.command if self.next else None

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.next is None

    def to_table(self) -> Table:
        """Show the steps as rows."""
        rows = [
            (f"{step.number}", step.title, f"{_SYMBOLS[step.state]} {step.state}", step.why)
            for step in self.steps
        ]
        return Table(("step", "what", "state", "why"), tuple(rows))

    def to_json(self) -> dict[str, Any]:
        """Give the status as the data that ``hotfix status --json`` prints."""
        return {
            "schema": SCHEMA,
            "product": self.product,
            "version": self.version,
            "branch": self.branch,
            "done": self.is_done,
            "next_command": self.next_command,
            "steps": [attrs.asdict(step) for step in self.steps],
            "checklist": [
                {
                    "id": each.box.id,
                    "label": each.box.label,
                    "step": each.box.step,
                    "told_by": each.box.teller,
                    "done": each.done,
                    "at": iso(each.at),
                    "note": each.note,
                }
                for each in self.boxes
            ],
            "gates": [gate.to_json() for gate in self.gates],
            "timeline": self.timeline.to_json() if self.timeline else None,
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the milestones against the plan and the limit of the severity.

        Args:
            ax: where to draw, or None for a figure of its own, which ``.figure`` of the answer is.

        Raises:
            UsageError: matplotlib is not installed.
        """
        title = self.title
        if self.timeline is None:
            return draw_milestones((), None, "nothing is recorded", title, ax)
        return self.timeline.plot(title, ax)

    @property
    def title(self) -> str:
        """What it is about, in a few words."""
        return f"Hotfix of {self.product}" + (f" {self.version}" if self.version else "")

    def _repr_html_(self) -> str:
        told = f"next: {self.next_command}" if self.next else "✓ nothing is left to do"
        boxes = attrs.evolve(checklist_table(self.boxes), caption="Checklist")
        parts = [
            markup.words_of([told]),
            attrs.evolve(self.to_table(), caption=self.title).to_html(),
            boxes.to_html(),
        ]
        if self.timeline:
            limit = self.timeline.limit
            plan = attrs.evolve(self.timeline.to_table(), caption="Timeline")
            parts += [plan.to_html(), markup.words_of([f"{'✗' if limit.exceeded else '·'} {limit}"])]
        return markup.display(*parts)

    def __repr__(self) -> str:
        done = sum(1 for step in self.steps if step.state == DONE)
        return f"<Status of {self.product} {self.version}: {done} of {len(self.steps)} steps done>"

    def __str__(self) -> str:
        told = f"next: {self.next_command}" if self.next else "nothing is left to do"
        return f"{self.to_table()}\n{told}"


def status(
    product: str,
    facts: Facts | None,
    record: Record | None,
    gates: tuple[Gate, ...],
    now: dt.datetime,
    *,
    git: str = "git",
    template: str = "",
) -> Status:
    """Find out where a hotfix stands.

    Args:
        product: the product's name, as commands take it.
        facts: what git and the files say; None when there is no hotfix that they know of.
        record: what people said; None when nothing is recorded here.
        gates: what ``check`` says of *facts*; empty without facts.
        now: the present moment.
        git: how git is called in the repository, such as ``git -C web``.
        template: the file with the message of the commit that fixes, or empty.
    """
    boxes = checklist(facts, record, gates)
    case = StepContext(product, facts, record, gates, boxes, now, git, template)
    version = facts.version if facts else record.version if record else None
    branch = facts.branch if facts else record.branch if record else None
    return Status(
        product,
        None if version is None else str(version),
        branch,
        _steps(case),
        boxes,
        gates,
        timeline(record, facts, now) if record else None,
        facts.unasked if facts else None,
    )


def _steps(case: StepContext) -> tuple[Step, ...]:
    found: list[Step] = []
    waiting = False
    for number, (title, judge) in enumerate(zip(TITLES, STEPS, strict=True), start=1):
        unknown = case.facts is None and 2 < number < 9
        missing = judge(case)
        if missing is None and not unknown:
            found.append(Step(number, title, DONE))
        elif missing is None:
            found.append(Step(number, title, OPEN))
        elif waiting or missing.past:
            found.append(Step(number, title, OPEN, missing.why, missing.command))
        else:
            state = BLOCKED if missing.blocked else NEXT
            found.append(Step(number, title, state, missing.why, missing.command))
            waiting = True
    return tuple(found)
