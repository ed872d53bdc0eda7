"""``hotfix pr``: the pull request, shown or opened."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import click

from krow_versions.cli.hotfix.common import command, looked, opened, product, version_option
from krow_versions.cli.options import as_json, dry_run_option, yes_option
from krow_versions.cli.plans import carry_out, confirm, not_run, shown
from krow_versions.errors import Conflict
from krow_versions.hotfix import failed, require_ready
from krow_versions.planning.actions import WriteRecord
from krow_versions.text.escaping import printable

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings
    from krow_versions.hotfix import HotfixState
    from krow_versions.workspace.hotfix.view import HotfixView


@command(
    "pr",
    "Title, body and command of the pull request.",
    [
        ("krow-versions hotfix pr", "title, body, and the command"),
        ("krow-versions hotfix pr --run --yes", "push the branch and open it"),
    ],
)
@product
@version_option
@click.option("--run", is_flag=True, help="Push the branch and open the pull request with gh.")
@yes_option
@dry_run_option
@as_json
def pr(
    settings: Settings,
    *,
    name: str | None,
    version: str | None,
    run: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Show the pull request of PRODUCT's hotfix; with --run, push the branch and open it.

    Gates that fail are named; with --run it is refused then.
    """
    acts = run and not dry_run
    view = opened(settings, name, version, acts=acts)
    seen = looked(settings, view, fetch=acts)
    plan = view.plan_pr(seen)
    say = functools.partial(settings.outcome if acts else settings.show, as_json=as_json)
    title, body = view.pull_request(seen)
    say(f"{title}\n\n{body}")
    if run:
        _require_ready(view, seen)
    for warning in dict.fromkeys((*(gate.found for gate in failed(seen.gates)), *plan.warnings)):
        settings.warning(warning)
    if not acts:
        if as_json:
            settings.json(plan.to_json(dry_run=True))
        else:
            commands = (*plan.commands, *(action.command for action in plan.by_hand))
            settings.data("\n".join(map(shown, commands)))
        for note in () if plan.by_hand else plan.notes:
            settings.note(note)
        settings.note(not_run("pushes the branch and opens the pull request", run=run))
        return
    if not all(isinstance(action, WriteRecord) for action in plan.actions):
        confirm(settings, "Do this?", plan, yes=yes, as_json=as_json, above=body)
    applied = carry_out(settings, view.workspace, plan, as_json=as_json)
    found = seen.facts.pull_request
    if found is not None and found.asks and not applied.urls:
        say(printable(found.url))
    for note in plan.notes:
        settings.note(note)


def _require_ready(view: HotfixView, seen: HotfixState) -> None:
    """Refuse to open the pull request of what is not ready for its review, or where there is no server."""
    if view.context.remote is None:
        remote = view.context.settings.remote
        raise Conflict(
            f"there is no remote {remote} here, so there is nowhere to open a pull request",
            hint=f"have it reviewed with the text above, then: {view.calls.tick('review')}",
        )
    require_ready(seen.facts, seen.gates)
