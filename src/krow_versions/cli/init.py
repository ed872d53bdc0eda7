"""``init``: propose a configuration for a repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.cli.helping import command
from krow_versions.cli.options import common, pass_settings
from krow_versions.files import WRITTEN
from krow_versions.text.words import counted, listed
from krow_versions.workspace.proposal import init_workspace

if TYPE_CHECKING:
    from krow_versions.cli.console import Settings
    from krow_versions.config import Proposal


@command(
    examples=[
        ("krow-versions init", "write krow-versions.toml for this repository"),
    ]
)
@common
@pass_settings
def init(settings: Settings) -> None:
    """Look at this repository and propose a krow-versions.toml for it; never overwrite one."""
    made = init_workspace(settings.workspace, settings.clock, settings.progress())
    settings.written = lambda: WRITTEN
    settings.data(f"{made.path}: made; read it, then run krow-versions config check")
    for line in _summary(made.proposal):
        settings.note(line)
    if made.lack:
        settings.warning(
            f"this clone {made.lack}, so what was proposed without all tags may be wrong\n"
            f"  hint: {made.remedy}, then rm krow-versions.toml and krow-versions init again"
        )


def _summary(proposal: Proposal) -> list[str]:
    """Say what was found and how sure that is, and what was left out."""
    products = proposal.products
    tagged = [each for each in products if each.family]
    lines = [f"{counted(len(products), 'product')}: {listed([each.name for each in products], 8)}"]
    if tagged:
        lines.append(
            f"{len(tagged)} of them named by {'its' if len(products) == 1 else 'their'} release tags"
        )
    unsure = [each.name for each in tagged if each.family and not each.family.is_sure]
    if unsure:
        lines.append(f"please check: {listed(unsure, 8)}")
    lines += [
        f"{heading[:1].lower()}{heading[1:]}: {len(found)}" for heading, found in proposal.left_out.items()
    ]
    return [*lines, "next: krow-versions show, then krow-versions audit"]
