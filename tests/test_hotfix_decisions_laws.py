"""Laws of decisions: whatever people do in whatever order, nothing is lost, and production is known."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import krow_versions as kv
from krow_versions.hotfix import read_record
from krow_versions.workspace.clock import now
from krow_versions.workspace.hotfix.deciding import Correction
from support.krow import SLUG
from support.repositories import executable, refs
from support.scenes import BRANCH, CODE, NAME, TAG, copy

if TYPE_CHECKING:
    from pathlib import Path

    from krow_versions.hotfix import Record
    from support.scenes import Scene

OLDER, BASE = f"{SLUG}/prod-v0.0.9", f"{SLUG}/prod-v0.1.0"
# Deploys a tag; told to fail, a rollback fails before, and anything else after it is there.
COMMAND = """\
#!/bin/sh
case "$(cat {0}/fails)$1" in rollback*) exit 7;; esac
echo "$1" > {0}/production
[ ! -s {0}/fails ] || exit 7
"""
FOLDERS = itertools.count()
FEW = max(4, settings().max_examples // 12)


def record_of(scene: Scene) -> Record:
    """The record of the hotfix."""
    file = scene.ours.path / f".git/krow-versions/hotfix/{SLUG}-v0.1.1.toml"
    text = f'schema = 2\nproduct = "{NAME}"\nslug = "{SLUG}"\nversion = "0.1.1"\n'
    return read_record(file.read_text(encoding="utf-8") if file.exists() else text)


def opened(scene: Scene) -> tuple[kv.Workspace, kv.HotfixView]:
    """The hotfix, with everything read anew."""
    workspace = kv.Workspace.open(scene.ours.path)
    return workspace, workspace.hotfix(NAME, "0.1.1")


DEPLOYING = st.lists(
    st.tuples(st.sampled_from(("deploy", "rollback", "rollback to 0.0.9")), st.booleans()), max_size=5
)


@settings(max_examples=FEW)
@given(DEPLOYING)
def test_production_is_what_the_command_did_last(
    made: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, bool]]
) -> None:
    """After any deployments and rollbacks, failed ones too, the computed version is the one that runs.

    Every attempt is kept, and no rollback goes up.
    """
    scene = shipped(made, tmp_path_factory)
    folder, count = scene.bin.parent, 0
    (folder / "production").write_text(BASE)
    for what, fails in steps:
        workspace, view = opened(scene)
        before = view.production().current
        (folder / "fails").write_text(what.partition(" ")[0] if fails else "")
        to = what.partition(" to ")[2] or None
        try:
            plan = (
                view.plan_deploy()
                if what == "deploy"
                else view.plan_rollback(reason="x", decided_by="Pia", to=to)
            )
        except kv.Conflict:  # There is nothing below the lowest one.
            assert (what == "deploy", str(before and before.version)) == (False, "0.0.9")
            continue
        count += not plan.is_empty
        if fails and not plan.is_empty:
            with pytest.raises(kv.OperationFailed):
                workspace.apply(plan)
        else:
            workspace.apply(plan)
        current = opened(scene)[1].production().current
        assert before is not None
        assert current is not None
        assert current.tag == (folder / "production").read_text().strip()
        assert what == "deploy" or current.version <= before.version
        assert len(record_of(scene).deployments) == count


def shipped(made: tuple[Path, Path], folders: pytest.TempPathFactory) -> Scene:
    """A hotfix that is tagged, with two releases below it, and a command that deploys what it is given."""
    scene = copy(made[1], folders.mktemp(f"deploying{next(FOLDERS)}"))
    scene.ours.tag(OLDER, f"{BASE}^{{}}")
    scene.ours.tag(TAG)
    scene.ours.git("push", "--quiet", "origin", OLDER, TAG)
    executable(scene.ours.path / "scripts/deploy.sh", COMMAND.format(scene.bin.parent))
    return scene


ACTS = st.lists(st.sampled_from(("start", "amend", "abandon", "commit", "drop", "next day")), max_size=7)


@settings(max_examples=FEW)
@given(ACTS)
def test_one_round_is_open_and_nothing_is_lost(
    made: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory, acts: list[str]
) -> None:
    """After any starts, corrections and ends, what was said is kept, and only the newest round counts.

    No command deletes a ref, and a new start has the issue that it was given.
    """
    scene = copy(made[0], tmp_path_factory.mktemp(f"deciding{next(FOLDERS)}"))
    moment, issue = now(), ""
    for number, act in enumerate(acts):
        moment += dt.timedelta(minutes=1)
        before, there = record_of(scene), refs(scene.ours)
        said = before.declaration
        is_open = said is not None and before.abandoned is None
        if act == "next day":
            moment += dt.timedelta(days=2)
        elif act == "commit" and scene.ours.git("branch", "--show-current") == BRANCH:
            scene.ours.write(CODE, f"login({number});\n")
            scene.ours.commit("fix: x")
            continue
        elif act == "drop" and f"refs/heads/{BRANCH}" in there:
            scene.ours.git("switch", "--quiet", "main")
            scene.ours.git("branch", "--quiet", "-D", BRANCH)
            continue
        elif act in {"start", "amend", "abandon"}:
            new = f"issue {number}"
            done = decide(scene, act, new, moment)
            is_old = said is not None and (moment - said.started > dt.timedelta(days=1))
            if act == "start":
                has_branch = f"refs/heads/{BRANCH}" in there
                assert done == (not is_open or (has_branch and not is_old))
                issue = issue if is_open else new
            elif act == "amend":
                assert done == is_open
                issue = new if done else issue
        after = record_of(scene)
        assert set(before.entries) <= set(after.entries)
        assert after.rounds - before.rounds in {0, 1}
        assert there.keys() <= refs(scene.ours).keys() <= there.keys() | {f"refs/heads/{BRANCH}"}
        if after.declaration and not after.abandoned:
            assert after.declaration.issue == issue


def decide(scene: Scene, act: str, text: str, moment: dt.datetime) -> bool:
    """Start, correct or end the hotfix; say whether that was possible."""
    workspace = attrs.evolve(kv.Workspace.open(scene.ours.path), clock=lambda: moment)
    try:
        if act == "start":
            plan = workspace.plan_hotfix(NAME, issue=text, severity="high", impact="x", now=moment)
        else:
            view = workspace.hotfix(NAME, "0.1.1")
            plan = (
                view.plan_amend(Correction(issue=text), now=moment)
                if act == "amend"
                else view.plan_abandon(text, now=moment)
            )
    except kv.Conflict:
        return False
    workspace.apply(plan)
    return True
