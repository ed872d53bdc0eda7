"""``hotfix next``: the next step after one question, or what it waits for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from krow_versions.cli.hotfix.common import command, hotfix, looked, opened, product, version_option
from krow_versions.cli.options import as_json, dry_run_option, yes_option
from krow_versions.cli.plans import ask, ask_text, carry_out, print_notes, shown
from krow_versions.errors import Conflict
from krow_versions.hotfix import ERRORS, TaskKind, words_of
from krow_versions.hotfix.milestones import apart
from krow_versions.planning.actions import WriteFile
from krow_versions.text.times import at
from krow_versions.values import frozen
from krow_versions.workspace.hotfix.advancing import by_people

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings
    from krow_versions.hotfix import HotfixState, Step, Task
    from krow_versions.planning.plan import Plan
    from krow_versions.workspace.hotfix.view import HotfixView


@command(
    "next",
    "The next step, after one question.",
    [
        ("krow-versions hotfix next -n", "show the next step, do nothing"),
        ("krow-versions hotfix next --yes", "do it, without a question"),
    ],
)
@product
@version_option
@yes_option
@dry_run_option
@as_json
def next_(
    settings: Settings, *, name: str | None, version: str | None, yes: bool, dry_run: bool, as_json: bool
) -> int | None:
    """Do the next step of PRODUCT's hotfix after one question, or say what it waits for.

    What only people can say, such as an approval, is asked on a terminal; --yes never says it for them.
    Where it waits for people or time, or needs a person, the exit code is 3, and what to type is printed.
    Nothing is done twice: after an interruption, the next run goes on.
    """
    view = opened(settings, name, version)
    seen = looked(settings, view)
    found = view.status(settings.clock(), seen)
    if found.unasked:
        settings.warning(found.unasked)
    step = found.next
    if step is not None and step.task is not None:
        what = f"step {step.number} of {len(found.steps)}, {step.title}: {step.why}"
        settings.note(f"{view.name} {view.version}, {what}")
        return _Next(settings, view, seen, step, step.task, yes, dry_run, as_json).do()
    if not found.is_done:
        raise Conflict(found.following, hint=f"see what is known: {view.calls.hotfix('status')}")
    if as_json:
        settings.json({"schema": 1, "step": None, "changed": False, "dry_run": dry_run})
    else:
        settings.data(found.following)
    return None


@frozen
class _Next:
    """The next step of a hotfix, and the options with which it is done."""

    settings: Settings
    view: HotfixView
    seen: HotfixState
    step: Step
    task: Task
    yes: bool
    dry_run: bool
    as_json: bool

    def do(self) -> int | None:
        """Do it, and give the exit code.

        Raises:
            Conflict: it waits for something, or only a person can do or say it.
            click.Abort: the answer was no.
        """
        self.require_due()
        match self.task.kind:
            case TaskKind.VERSION:
                self.apply(self.view.plan_next(self.seen, self.settings.clock()))
                return None
            case TaskKind.SEND:
                return self.run(*self.said(self.words), *self.options)
            case TaskKind.REQUEST | TaskKind.RELEASE | TaskKind.DEPLOY:
                return self.run(*self.words, *self.options)
            case TaskKind.FINISH:
                return self.run(*self.words, *self.options, "--run")
            case TaskKind.TICK:
                self.ask(_question(self.seen, self.task.subject))
                return self.run(*self.words, "--yes", *(["--json"] if self.as_json else []))
            case TaskKind.ANNOUNCE:
                return self.announce()
            case TaskKind.WRITE:
                return self.write()
            case TaskKind.SETTLE:
                self.ask("Are all its facts right, so that it is final?")
                return self.run(*self.words, "--yes")
            case TaskKind.PEOPLE:
                raise self.waiting(by_people(self.step))

    def announce(self) -> int | None:
        """Show a text for users; ask whether people have sent it, and record that."""
        words = [*self.words] if self.dry_run else self.said(self.words)
        self.run(*(word for word in words if word != "--done"))
        if self.dry_run:
            return None
        self.ask("Is it sent?")
        return self.run(*words, "--yes")

    def said(self, words: tuple[str, ...]) -> list[str]:
        """Put in how many errors there were, if that is to be said, which only people can."""
        if ERRORS[0] not in words:
            return [*words]
        self.require_person("How many errors were there since the deployment?", "say it")
        place = words.index(ERRORS[0]) + 1
        return [*words[:place], ask_text("Errors since the deployment"), *words[place + 1 :]]

    def write(self) -> int | None:
        """Write the incident document."""
        self.settings.note(f"  {shown(self.task.command)}")
        if self.dry_run:
            self.settings.note("nothing was done")
            return None
        if not self.yes:
            ask("Write it?")
        return self.run(*self.words, "--yes")

    @property
    def words(self) -> tuple[str, ...]:
        """The command of the group that does it, and its options."""
        return words_of(self.task.kind, self.task.subject)

    @property
    def options(self) -> list[str]:
        """The options of this command, for another one."""
        chosen = {"--yes": self.yes, "-n": self.dry_run, "--json": self.as_json}
        return [name for name, given in chosen.items() if given]

    def run(self, verb: str, *options: str) -> int | None:
        """Run another command of the group for this hotfix."""
        calls = self.view.calls
        found = hotfix.commands[verb].main(
            [*calls.named, *calls.options, *options],
            prog_name=verb,
            standalone_mode=False,
            obj=self.settings,
        )
        code: int | None = found
        return code

    def ask(self, question: str) -> None:
        """Ask what only a person can say; without a terminal, and with ``--yes``, nobody says it.

        Raises:
            Conflict: nobody can be asked.
            click.Abort: the answer was no.
        """
        self.require_person(question, "if so")
        ask(question)

    def require_person(self, question: str, way: str) -> None:
        """Refuse what only a person can say, without a terminal, and with ``--yes``.

        Raises:
            Conflict: nobody can be asked.
        """
        if self.yes or self.dry_run or sys.stdin is None or not sys.stdin.isatty():
            error = Conflict(
                f"only a person can say it, on a terminal: {question} Nothing was done",
                hint=f"{way}: {self.task.command}",
            )
            raise self.waiting(error)

    def apply(self, plan: Plan) -> None:
        """Show a plan, ask, and apply it."""
        say = self.settings.note if self.as_json else self.settings.data
        for change in plan.changes:
            say(str(change))
        for action in plan.actions:
            if not isinstance(action, WriteFile):
                say(f"  {shown(action.command)}")
        print_notes(self.settings, plan)
        if self.dry_run:
            if self.as_json:
                self.settings.json(plan.to_json(dry_run=True))
            self.settings.note("nothing was done")
            return
        if not self.yes:
            ask("Do this?")
        carry_out(self.settings, self.view.workspace, plan, as_json=self.as_json)
        self.settings.note(f"next: {self.view.calls.hotfix('next')}")

    def require_due(self) -> None:
        """Refuse what has its time, until that has come.

        Raises:
            Conflict: it has not.
        """
        step, due = self.step, self.step.due
        if due is None:
            return
        left = apart(self.settings.clock(), due)
        raise self.waiting(
            Conflict(
                f"step {step.number}, {step.title}, waits for {left}, until {at(due)}: {step.why}; "
                "nothing was done",
                hint=f"then: {self.view.calls.hotfix('next')}",
            )
        )

    def waiting(self, error: Conflict) -> Conflict:
        """Give the error; with ``--json``, what it waits for is printed as data before."""
        if self.as_json:
            step = {name: getattr(self.step, name) for name in ("number", "title", "why")}
            self.settings.json(
                {
                    "schema": 1,
                    "step": words_of(self.task.kind, self.task.subject)[0] if self.is_ours else None,
                    "product": self.view.name,
                    "version": str(self.view.version),
                    **step,
                    "waiting": error.message,
                    "way": error.hint,
                    "changed": False,
                    "dry_run": self.dry_run,
                }
            )
        return error

    @property
    def is_ours(self) -> bool:
        """Whether a command of the group does it."""
        return self.task.kind not in (TaskKind.PEOPLE, TaskKind.VERSION)


_QUESTIONS = {
    "review": "Is the review asked for, as URGENT?",
    "deployed": "Is it deployed?",
    "smoke-tests": "Does it launch, do the core features work, and are there no new errors?",
    "logs-watched": "Were error logs and user reports watched for 2 hours, and is the fix verified?",
    "users-notified": "Are the users notified?",
    "github-release": "Is the GitHub Release made?",
    "incident-documented": "Is the incident document answered and filed?",
}


def _question(seen: HotfixState, box: str) -> str:
    """Give the question whose answer ticks a box."""
    tip = str(seen.facts.tip or seen.facts.tag_at)[:12]
    return f"Is exactly {tip} approved?" if box == "approval" else _QUESTIONS[box]
