"""The plan that deploys a hotfix."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from krow_versions import files
from krow_versions.errors import Conflict, UsageError
from krow_versions.hotfix import (
    described,
    in_production,
    require_fetched,
    require_not_older,
    require_not_running,
    require_under_way,
    still_running,
    successes,
)
from krow_versions.names import TAGS
from krow_versions.planning.actions import RunProgram
from krow_versions.planning.plan import HotfixStep, Plan
from krow_versions.text.escaping import shell_word
from krow_versions.text.times import at
from krow_versions.values import frozen
from krow_versions.workspace import main_config

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from krow_versions.hotfix import Facts, HotfixState, InProduction, Record
    from krow_versions.version import Version
    from krow_versions.workspace.hotfix.context import HotfixContext
    from krow_versions.workspace.main_config import MainConfig
    from krow_versions.workspace.protocols import Opened


@frozen
class DeployCommand:
    """The configured command that deploys a product.

    Attributes:
        arguments: the program and its arguments, with placeholders.
        place: where it is configured, if not in the configuration in force; else empty.
    """

    arguments: tuple[str, ...]
    place: str = ""

    def filled(self, tag: str, version: str, slug: str) -> tuple[str, ...]:
        """Give the command that deploys one tag."""
        placeholders = {"{tag}": tag, "{version}": version, "{slug}": slug}
        return filled(self.arguments, placeholders)


def find_command(workspace: Opened, context: HotfixContext) -> DeployCommand | None:
    """Find the command that deploys a product: a hotfix branch may have an older configuration without it.

    Where the configuration in force has none, that of the main branch counts.

    Raises:
        ConfigError: the configuration of the main branch is wrong.
        GitError: git failed.
    """
    name = context.product.name
    if name in workspace.config.deploys:
        return DeployCommand(workspace.config.deploys[name], workspace.found_at)
    found = of_main(workspace, context)
    if found is None or name not in found.config.deploys:
        return None
    return DeployCommand(found.config.deploys[name], found.place)


def of_main(workspace: Opened, context: HotfixContext) -> MainConfig | None:
    """Read the configuration of the main branch, unless that in force lacks something on purpose.

    Raises:
        ConfigError: it is wrong.
        GitError: git failed.
    """
    top = context.repository.root
    home = os.path.dirname(workspace.source) if workspace.source else top
    if files.below(top, files.real_path(home)) is None:
        return None  # It is in a folder with several repositories, and is no file of any branch.
    if workspace.source and main_config.is_edited(top, workspace.source):
        return None  # It says so on purpose, and is not just as old as the branch.
    return main_config.read(top, home)


@frozen
class Production:
    """What is known of production, from all records of the product.

    Attributes:
        current: what is in production, or None if that is not known.
        records: those of all hotfixes.
        deploy: the command that deploys the product, or None.
    """

    current: InProduction | None
    records: tuple[Record, ...]
    deploy: DeployCommand | None

    def is_above(self, version: Version) -> bool:
        """Whether a higher version than *version* is in production."""
        return self.current is not None and self.current.version.core > version.core


def find_production(workspace: Opened, context: HotfixContext, seen: HotfixState) -> Production:
    """Find what is in production, by all records of the product and its tags.

    Raises:
        ConfigError: the configuration of the main branch is wrong.
        GitError: git failed.
    """
    records = (seen.record, *seen.others)
    current = in_production(seen.facts.state.tags, records, context.catalog.tag_reader(context.product))
    return Production(current, records, find_command(workspace, context))


def plan_deploy(
    context: HotfixContext, seen: HotfixState, known: Production, now: dt.datetime, *, again: bool = False
) -> Plan:
    """Plan to run the command that deploys a hotfix; a deployment can be repeated.

    Args:
        context: the repository of the product.
        seen: the hotfix.
        known: what is known of production.
        now: the present moment.
        again: whether to deploy though an attempt may still run.

    Raises:
        UsageError: no command is configured.
        Conflict: an attempt may still run; there is no finished tag, or the remote does not have it; the
            hotfix is abandoned, or older than what is in production.
    """
    facts, name, deploy = seen.facts, context.product.name, known.deploy
    if deploy is None:
        raise UsageError(
            f"no command is configured that deploys {name}",
            hint=f'add to [products.{name}]: deploy = ["./scripts/deploy.sh", "{{tag}}"]; or deploy by hand, '
            f"then: {context.calls.tick('deployed')}",
        )
    require_under_way(seen.record, facts, context.calls.start())
    _require_out(context, facts)
    require_not_older(facts, known.current, context.calls)
    running = still_running(seen.record, now) if again else None
    beyond = running.known if running else None
    require_not_running(seen.record, now, context.calls, beyond=beyond)
    tag = context.tag(facts).removeprefix(TAGS)
    notes = [f"{tag} is deployed since {at(seen.record.deployed)}"] if seen.record.deployed else []
    command = deploy.filled(tag, str(facts.version), context.product.slug)
    notes += [f"the command is that of {deploy.place}"] if deploy.place else []
    run = RunProgram(
        context.product.repo, command, "deployed", context.shown_root,
        tag=tag, beyond=beyond, known=successes(seen.record, tag),
    )  # fmt: skip
    return Plan(
        actions=(run,),
        expects=context.expected(facts),
        notes=tuple(notes),
        warnings=(f"{described(running)}; it may still run",) if running else (),
        step=HotfixStep("deploy", facts.product, facts.version, facts.calls),
    )


def _require_out(context: HotfixContext, facts: Facts) -> None:
    """Refuse to deploy a hotfix that is not tagged, or whose tag is not on the remote."""
    name = context.product.name
    require_fetched(facts)
    if facts.tag is not None and not facts.finished:
        raise Conflict(
            f"{facts.branch} is not at {facts.tag.name}: it has moved since, or the tag is somebody else's",
            hint=f"{context.git} log {shell_word(f'{facts.tag.name}..{facts.branch}')} shows what the "
            "tag lacks; a fix that came later needs a hotfix of its own",
        )
    if not facts.finished:
        raise Conflict(
            f"{name} {facts.version} is not tagged, so there is nothing to deploy",
            hint=context.calls.hotfix("finish"),
        )
    if facts.tag_pushed is False and context.remote is not None:
        raise Conflict(
            f"the tag of {name} {facts.version} is not on {context.remote}, where it is deployed from",
            hint=context.calls.hotfix("finish"),
        )


def filled(arguments: Iterable[str], placeholders: Mapping[str, str]) -> tuple[str, ...]:
    """Fill placeholders into the arguments of a configured program; a value is not looked at again."""
    wanted = re.compile("|".join(map(re.escape, placeholders)))
    return tuple(wanted.sub(lambda found: placeholders[found[0]], each) for each in arguments)
