"""The status of a hotfix: which steps are done, which is next, and what blocks it; never stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.hotfix.about import About, contested
from krow_versions.hotfix.deployments import deployments_json, deployments_table, rollback_json
from krow_versions.hotfix.done import checklist, checklist_table
from krow_versions.hotfix.ending import ended, ending
from krow_versions.hotfix.landing import lagging
from krow_versions.hotfix.step import BLOCKED, DONE, NEXT, OPEN, Step
from krow_versions.hotfix.step_context import StepContext
from krow_versions.hotfix.steps import STEPS
from krow_versions.hotfix.timeline import timeline
from krow_versions.hotfix.values import sourced
from krow_versions.pictures import draw_milestones
from krow_versions.planning.commands import Calls
from krow_versions.settings import PULL_REQUEST, Hotfix
from krow_versions.tables import Data, Table, Tabular, markup
from krow_versions.tables.plain import wrapped
from krow_versions.text.escaping import printable, shell_comment
from krow_versions.text.times import iso
from krow_versions.values import evolve, field, frozen

if TYPE_CHECKING:
    import datetime as dt

    from matplotlib.axes import Axes

    from krow_versions.hotfix.done import Checked
    from krow_versions.hotfix.entries import Abandoned
    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.gates import Gate
    from krow_versions.hotfix.production import InProduction
    from krow_versions.hotfix.record import Record
    from krow_versions.hotfix.timeline import Timeline
    from krow_versions.hotfix.undoing import Undoing

SCHEMA = 1
_SYMBOLS = {DONE: "✓", NEXT: "→", BLOCKED: "✗", OPEN: "·"}


@frozen(repr=False)
class Status(Tabular):
    """The status of a hotfix; ``str`` shows its steps and the next command.

    Attributes:
        product: its name.
        version: the version that it ships, or None if nothing is known of it.
        branch: its branch, or None if nothing is known of it.
        steps: all eleven.
        boxes: the checklist.
        gates: the verdicts that the steps are computed from.
        timeline: planned against actual, or None if nothing is recorded.
        about: what is wrong, how bad it is, whom to call, and where it is announced.
        unasked: why the remote did not answer, with a hint, or None.
        record: what people said, as far as is known here.
        abandoned: how it ended, if it was abandoned; or None.
        undoing: what a rollback would undo; None if there is nothing to go back to.
        left: what is to be put right in this clone, each with the command for it.
    """

    product: str
    version: str | None
    branch: str | None
    steps: tuple[Step, ...]
    boxes: tuple[Checked, ...]
    gates: tuple[Gate, ...]
    timeline: Timeline | None
    about: About
    unasked: str | None = None
    record: Record | None = field(default=None, repr=False)
    abandoned: Abandoned | None = None
    undoing: Undoing | None = None
    left: tuple[str, ...] = ()

    @property
    def deployments(self) -> Table:
        """Every attempt to deploy it, a rollback included."""
        return deployments_table(self.record)

    @property
    def next(self) -> Step | None:
        """The step to do now, or None if nothing is left to do."""
        return next((step for step in self.steps if step.state in (NEXT, BLOCKED)), None)

    @property
    def next_command(self) -> str | None:
        """The command for the next step, or None if nothing is left to do."""
        return self.next.command if self.next else None

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return all(step.state == DONE for step in self.steps)

    @property
    def following(self) -> str:
        """What to do now, in one line, which a shell takes as it is."""
        if self.abandoned:
            return f"nothing is left to do: it was {ending(self.abandoned)}"
        if self.next:
            until = shell_comment(self.next.until) if self.next.until else ""
            return f"next: {printable(f'{self.next_command or str()}{until}')}"
        return "nothing is left to do" if self.is_done else "whether more is left to do is not known here"

    def to_table(self) -> Table:
        """Show the steps as rows."""
        following = self.next.number if self.next else len(self.steps)
        rows = [
            (f"{step.number}", step.title, f"{_SYMBOLS[step.state]} {step.state}", _why(step, following))
            for step in self.steps
        ]
        documents = (step.to_json() for step in self.steps)
        data = Data.of("number:whole title state why command until", documents)
        return Table(("step", "what", "state", "why"), tuple(rows), self.title, data)

    @property
    def tables(self) -> tuple[Table, ...]:
        """All that is shown: the steps, the checklist, deployments, the timeline, and what it is about."""
        found = [self.to_table(), evolve(checklist_table(self.boxes), caption="Checklist")]
        if self.deployments.rows:
            found.append(evolve(self.deployments, caption="Deployments"))
        if self.timeline:
            found.append(evolve(self.timeline.to_table(), caption="Timeline"))
            found.append(evolve(self.timeline.limits_table(), caption="Time limits"))
        return (*found, evolve(self.about.to_table(), caption="About"))

    def to_text(self, most: int) -> str:
        """Show all of it, first what it is about, and in the last line what to do now.

        Args:
            most: the number of terminal columns that lines may have, except for a command.
        """
        where = self.branch or "no branch, tag or record of it is here"
        head = "\n".join(
            wrapped(
                printable(f"{self.product} {self.record.version if self.record else self.version}: {where}"),
                most,
            )
        )
        # The report and JSON have the rest.
        left_out = {"Timeline": ("due", "source"), "Time limits": ("from", "source")}
        shown = [each.without(*left_out.get(each.caption, ())).to_text(most) for each in self.tables]
        notes = [str(self.timeline.limit)] if self.timeline else []
        notes += str(self.undoing).split("\n") if self.undoing and not self.abandoned else []
        notes = ["\n".join(wrapped(note, most)) for note in notes]
        notes += [printable(f"left over: {each}") for each in self.left]  # A shell takes the command whole.
        return "\n\n".join([head, shown[-1], *shown[:-1], *notes, self.following])

    def to_json(self) -> dict[str, Any]:
        """Give the status as the data that ``hotfix status --json`` prints."""
        about = evolve(self.about, warnings=(*self.about.warnings, *self.left))
        return {
            "schema": SCHEMA,
            "product": self.product,
            "version": self.version,
            "branch": self.branch,
            "done": self.is_done,
            "next_command": self.next_command,
            "steps": [step.to_json() for step in self.steps],
            "checklist": [each.to_json() for each in self.boxes],
            "gates": [gate.to_json() for gate in self.gates],
            "timeline": self.timeline.to_json() if self.timeline else None,
            **about.to_json(),
            "abandoned": self.abandoned
            and {"at": iso(self.abandoned.at), "who": self.abandoned.who, "reason": self.abandoned.reason},
            "deployments": deployments_json(self.record),
            "rollback": self.undoing.to_json() if self.undoing else None,
            "rolled_back": rollback_json(self.record) if self.record else None,
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the milestones against the plan and the limit of the severity.

        Args:
            ax: where to draw, or None for a new figure, which is the ``.figure`` of the result.

        Raises:
            UsageError: matplotlib is not installed.
        """
        if self.timeline is None:
            return draw_milestones((), None, "nothing is recorded", self.title, ax)
        return self.timeline.plot(self.title, ax)

    @property
    def title(self) -> str:
        """The product and its version, as a heading."""
        return f"Hotfix of {self.product}" + (f" {self.version}" if self.version else "")

    def _repr_html_(self) -> str:
        following = self.following if self.next or not self.is_done else f"✓ {self.following}"
        limit = self.timeline.limit if self.timeline else None
        lines = [f"{'✗' if limit.exceeded else '·'} {limit}"] if limit else []
        lines += [f"left over: {each}" for each in self.left]
        return markup.display(markup.Words((following,)), *self.tables, markup.Words(tuple(lines)))

    def __repr__(self) -> str:
        done = sum(1 for step in self.steps if step.state == DONE)
        return f"<Status of {self.product} {self.version}: {done} of {len(self.steps)} steps done>"

    def __str__(self) -> str:
        return f"{self.to_table()}\n{self.following}"


def status(
    product: str,
    facts: Facts | None,
    record: Record,
    gates: tuple[Gate, ...],
    now: dt.datetime,
    *,
    calls: Calls | None = None,
    template: str = "",
    deploys: bool = True,
    undoing: Undoing | None = None,
    settings: Hotfix | None = None,
    join: str = "",
    elsewhere: bool = False,
    above: InProduction | None = None,
    left: tuple[str, ...] = (),
) -> Status:
    """Compute the status of a hotfix.

    Args:
        product: the product's name, as commands take it.
        facts: what git and the files say; None if there is no hotfix that they know.
        record: what people said.
        gates: the result of ``check`` for *facts*; empty without facts.
        now: the present moment.
        calls: how people call krow-versions and git; default: where they stand in the repository.
        template: the path of the template for the fix commit, or empty.
        deploys: whether a command that deploys the product is configured.
        undoing: what a rollback would undo; None if there is nothing to go back to.
        settings: the settings of the hotfix process, or None for the default ones.
        join: the command that brings its branch here, if only the remote has it.
        elsewhere: whether it was started in another clone, and neither its branch nor its tag is here.
        above: what is in production, if that is a higher version; else None.
        left: what else is to be put right in this clone, each with the command for it.
    """
    boxes, settings = checklist(facts, record, gates), settings or Hotfix()
    case = StepContext(
        product,
        facts,
        record,
        gates,
        boxes,
        now,
        calls or Calls(product),
        template,
        deploys,
        reviewed=settings.merge == PULL_REQUEST,
        join=join,
        elsewhere=elsewhere,
        above=above,
        notifies=settings.notify is not None,
    )
    declared = record.declaration
    version = facts.version if facts else record.version if declared else None
    branch = facts.branch if facts else declared.branch if declared else None
    end, behind = ended(record, facts), lagging(facts) if facts else None
    return Status(
        product,
        None if version is None else str(version),
        branch,
        _over(_steps(case)) if end else _steps(case),
        boxes,
        gates,
        timeline(record, facts, now),
        About.of(
            sourced(facts, record),
            settings,
            advice=not (case.shipped or record.is_deployed),
            warnings=contested(record, case.calls),
        ),
        facts.unasked if facts else None,
        record,
        end,
        undoing,
        (*([f"{behind.why}: {behind.task.command}"] if behind else []), *left),
    )


def _over(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Leave open what an abandoned hotfix lacks: no step is the next."""
    return tuple(
        evolve(each, state=OPEN, task=None) if each.state in (NEXT, BLOCKED) else each for each in steps
    )


def _why(step: Step, following: int) -> str:
    """Give what a step lacks, unless that is shown once the steps before it are done."""
    return step.why if step.number <= following else ""


def _steps(case: StepContext) -> tuple[Step, ...]:
    found: list[Step] = []
    waiting, rollback = False, case.record.rollback
    # What else is missing waits until production is back, or until the tag is here that others made.
    urgent = {
        "Deploy": rollback is not None and not rollback.is_done,
        "Tag": case.facts is not None and case.facts.tag_there is not None,
    }
    first = next((list(STEPS).index(title) + 1 for title, comes_first in urgent.items() if comes_first), 1)
    for number, (title, judge) in enumerate(STEPS.items(), start=1):
        unknown = (case.facts is None or case.facts.left) and 2 < number < 9
        missing = judge(case)
        if missing is None:
            found.append(Step(number, title, OPEN if unknown else DONE))
            continue
        state = BLOCKED if missing.blocked else NEXT
        if waiting or missing.past or number < first:
            state = OPEN
        else:
            waiting = True
        found.append(Step(number, title, state, missing.why, missing.task, missing.until, missing.due))
    return tuple(found)
