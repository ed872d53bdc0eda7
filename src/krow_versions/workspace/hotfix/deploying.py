"""Deploying a hotfix with the command that is configured for its product."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import Conflict, UsageError
from krow_versions.names import TAGS
from krow_versions.planning.actions import RunProgram
from krow_versions.planning.plan import Plan
from krow_versions.text.escaping import shell_word
from krow_versions.workspace.hotfix.planned import expected, shown_root, step_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from krow_versions.hotfix import Facts, HotfixState
    from krow_versions.version import Version
    from krow_versions.workspace.hotfix.gathering import HotfixContext
    from krow_versions.workspace.protocols import Opened


def plan_deploy(workspace: Opened, place: HotfixContext, seen: HotfixState) -> Plan:
    """Plan to run the command that deploys a hotfix; a deployment can be repeated.

    Raises:
        UsageError: no command is configured.
        Conflict: the tag is not where it is deployed from.
    """
    facts = seen.facts
    command = deploy_command(workspace, place, facts.version)
    root = shown_root(workspace, place)
    _require_out(place, facts, f"git -C {shell_word(root)}" if root else "git")
    return Plan(
        actions=(RunProgram(place.product.repo, command, "deployed", root),),
        expects=expected(place, facts),
        step=step_of("deploy", facts),
    )


def deploy_command(workspace: Opened, place: HotfixContext, version: Version) -> tuple[str, ...]:
    """Give the configured command that deploys a hotfix, with the tag in it.

    Raises:
        UsageError: none is configured.
    """
    name = place.product.name
    command = workspace.config.deploys.get(name)
    if command is None:
        raise UsageError(
            f"no command is configured that deploys {name}",
            hint=f'add to [products.{name}]: deploy = ["./scripts/deploy.sh", "{{tag}}"]; or deploy by hand, '
            f"then: krow-versions hotfix status {name} --done deployed",
        )
    tag = place.tag(version).removeprefix(TAGS)
    values = {"{tag}": tag, "{version}": str(version), "{slug}": place.product.slug}
    return tuple(_filled(argument, values) for argument in command)


def _require_out(place: HotfixContext, facts: Facts, git: str) -> None:
    """Refuse to deploy what is not tagged, or not on the remote."""
    name = place.product.name
    if facts.tag is not None and not facts.finished:
        raise Conflict(
            f"{facts.branch} is not at {facts.tag.name}: it has moved since, or the tag is somebody else's",
            hint=f"{git} log {facts.tag.name}..{facts.branch} shows what the tag lacks; a fix that came "
            "later needs a hotfix of its own",
        )
    if not facts.finished:
        raise Conflict(
            f"{name} {facts.version} is not tagged, so there is nothing to deploy",
            hint=f"krow-versions hotfix finish {name}",
        )
    if facts.tag_pushed is False and place.remote is not None:
        raise Conflict(
            f"the tag of {name} {facts.version} is not on {place.remote}, where it is deployed from",
            hint=f"krow-versions hotfix finish {name}",
        )


def _filled(argument: str, values: Mapping[str, str]) -> str:
    for placeholder, value in values.items():
        argument = argument.replace(placeholder, value)
    return argument
