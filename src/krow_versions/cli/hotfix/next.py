"""``hotfix next``: the next step after one question, or what it waits for."""

from __future__ import annotations

import contextlib
import shlex
import sys
from typing import TYPE_CHECKING

import attrs

from krow_versions.cli.hotfix.common import command, hotfix, opened, product, version_option
from krow_versions.cli.options import as_json, dry_run_option, yes_option
from krow_versions.cli.plans import ask, carry_out, print_notes, shown
from krow_versions.errors import Conflict
from krow_versions.hotfix.milestones import FOLLOWED_UP_AFTER, WATCH
from krow_versions.planning.actions import WriteFile
from krow_versions.text.times import at, lasting
from krow_versions.workspace.hotfix.advancing import by_people

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings
    from krow_versions.hotfix import HotfixState, Step
    from krow_versions.workspace.hotfix.view import HotfixView


@command("next", "The next step, after one question.")
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
    seen = view.look()
    found = view.status(settings.clock(), seen)
    if found.unasked:
        settings.warning(found.unasked)
    step = found.next
    if step is not None:
        what = f"step {step.number} of {len(found.steps)}, {step.title}: {step.why}"
        settings.note(f"{view.name} {view.version}, {what}")
        return _Next(settings, view, seen, step, yes, dry_run, as_json).do()
    waiting = None if found.is_done else found.following
    if as_json:
        nothing = {"step": None, "waiting": waiting, "changed": False, "dry_run": dry_run}
        settings.json({"schema": 1, **nothing})
    if not found.is_done:
        raise Conflict(found.following, hint=f"see what is known: {view.calls.hotfix('status')}")
    if not as_json:
        settings.data(found.following)
    return None


@attrs.frozen
class _Next:
    """The next step of a hotfix, and the options with which it is done."""

    settings: Settings
    view: HotfixView
    seen: HotfixState
    step: Step
    yes: bool
    dry_run: bool
    as_json: bool

    def do(self) -> int | None:
        """Do it, and give the exit code.

        Raises:
            Conflict: it waits for something, or only a person can do or say it.
            click.Abort: the answer was no.
        """
        words = shlex.split(self.step.command or "")
        self.require_due(words)
        verb, rest = self.verb, words[3:]
        if verb == "next":
            self.apply()
            return None
        if verb == "finish" or (verb in _PROGRAMS and {"--run", "--send"}.intersection(rest)):
            return self.run(verb, *rest, *self.options, *(["--run"] if verb == "finish" else []))
        if verb == "status" and "--done" in rest:
            self.ask(_question(self.seen, rest[rest.index("--done") + 1]))
            return self.run(verb, *rest, "--yes", *(["--json"] if self.as_json else []))
        if verb == "announce":
            return self.announce(rest)
        if verb == "report":
            return self.report(rest)
        raise self.waiting(by_people(self.step))

    def announce(self, rest: list[str]) -> int | None:
        """Show a text for users; where people send it, ask whether it is sent, and record that."""
        is_asked, text = "--done" in rest, [word for word in rest if word != "--done"]
        if not is_asked:
            return self.run("announce", *text, *(["--json"] if self.as_json else []))
        self.run("announce", *text, aside=self.as_json)
        if self.dry_run and not self.as_json:
            return None
        self.ask("Is it sent?")
        return self.run("announce", *rest, "--yes", *(["--json"] if self.as_json else []))

    def report(self, rest: list[str]) -> int | None:
        """Write the incident document, or record that it is final, which only a person can say."""
        if "--state" in rest:
            self.ask("Are all its facts right, so that it is final?")
            return self.reported(rest)
        self.settings.note(f"  {shown(str(self.step.command))}")
        if self.dry_run:
            self.print_step()
            self.settings.note("nothing was done")
            return None
        if not self.yes:
            ask("Write it?")
        return self.reported(rest)

    def reported(self, rest: list[str]) -> int | None:
        """Run the command that writes the document, or records that it is final; it prints no data."""
        code = self.run("report", *rest, "--yes")
        self.print_step(changed=True)
        return code

    def print_step(self, waiting: Conflict | None = None, *, changed: bool = False) -> None:
        """Print the step as data if ``--json``, and what it waits for."""
        if self.as_json:
            self.settings.json(
                {
                    "schema": 1,
                    "step": self.verb,
                    "product": self.view.name,
                    "version": str(self.view.version),
                    "number": self.step.number,
                    "title": self.step.title,
                    "why": self.step.why,
                    "waiting": waiting.message if waiting else None,
                    "way": waiting.hint if waiting else self.step.command,
                    "changed": changed,
                    "dry_run": self.dry_run,
                }
            )

    def waiting(self, error: Conflict) -> Conflict:
        """Give the error, after what it waits for is printed as data if ``--json``."""
        self.print_step(error)
        return error

    @property
    def verb(self) -> str:
        """The command of the group that does it, or ``next``."""
        words = shlex.split(self.step.command or "")
        return words[2] if words[:2] == ["krow-versions", "hotfix"] else "next"

    @property
    def options(self) -> list[str]:
        """The options of this command, for another one."""
        chosen = {"--yes": self.yes, "-n": self.dry_run, "--json": self.as_json}
        return [name for name, given in chosen.items() if given]

    def run(self, verb: str, *rest: str, aside: bool = False) -> int | None:
        """Run another command of the group; with ``--yes`` after an answer, which is asked for only once."""
        found = hotfix.commands[verb]
        where = contextlib.redirect_stdout(sys.stderr) if aside else contextlib.nullcontext()
        try:
            with where:
                code: int | None = found.main(
                    [*rest], prog_name=verb, standalone_mode=False, obj=self.settings
                )
        except Conflict as error:
            if self.dry_run:  # Otherwise it may have printed data.
                self.waiting(error)
            raise
        return code

    def ask(self, question: str) -> None:
        """Ask what only a person can say; without a terminal, and with ``--yes``, nobody says it.

        Raises:
            Conflict: nobody can be asked.
            click.Abort: the answer was no.
        """
        if self.yes or self.dry_run or sys.stdin is None or not sys.stdin.isatty():
            raise self.waiting(
                Conflict(
                    f"only a person can say it, on a terminal: {question} Nothing was done",
                    hint=f"if so: {self.step.command}",
                )
            )
        ask(question)

    def apply(self) -> None:
        """Show the plan of the step, ask, and apply it."""
        try:
            plan = self.view.plan_next(self.seen, self.settings.clock())
        except Conflict as error:
            raise self.waiting(error) from None
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

    def require_due(self, words: list[str]) -> None:
        """Refuse what has its time, until that has come.

        Raises:
            Conflict: it has not.
        """
        after = WATCH if "logs-watched" in words else FOLLOWED_UP_AFTER if "--follow-up" in words else None
        deployed, now, step = self.seen.record.deployed, self.settings.clock(), self.step
        if after is None or deployed is None or now >= deployed + after:
            return
        due = deployed + after
        raise self.waiting(
            Conflict(
                f"step {step.number}, {step.title}, waits for {lasting(due - now)}, until {at(due)}: "
                f"{step.why}; nothing was done",
                hint=f"then: {self.view.calls.hotfix('next')}",
            )
        )


_PROGRAMS = ("pr", "deploy", "announce")  # A decision, such as a rollback, is never made by ``next``.
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
