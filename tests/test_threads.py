"""Threads of one process that apply plans in one workspace: one does it, no other writes anything."""

from __future__ import annotations

import datetime as dt
import inspect
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from krow_versions import files
from krow_versions.errors import ConcurrentEdit
from krow_versions.files import locking
from support.krow import STAFF, WEB
from support.releases import BRANCH, PRODUCT, Released
from support.untouched import untouched

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NOW = dt.datetime(2026, 3, 5, 14, 0, tzinfo=dt.UTC)


@pytest.fixture
def world(tmp_path: Path) -> Released:
    return Released.make(tmp_path / "world")


def start(workspace: kv.Workspace, name: str = PRODUCT) -> kv.Plan:
    return workspace.plan_hotfix(name, issue="Crash", severity="high", impact="all staff", now=NOW)


def raced(workspace: kv.Workspace, plans: Sequence[kv.Plan]) -> list[kv.Applied | BaseException]:
    """Apply each plan in a thread of its own, all at once; give what came of each."""
    together = threading.Barrier(len(plans))

    def apply(plan: kv.Plan) -> kv.Applied:
        together.wait()
        return workspace.apply(plan)

    with ThreadPoolExecutor(len(plans)) as pool:
        ends = [pool.submit(apply, plan) for plan in plans]
        return [end.exception() or end.result() for end in ends]


def test_of_threads_with_one_plan_one_does_it(world: Released) -> None:
    """The others find it done, whether it writes files or moves branches; nothing is done twice."""
    workspace = kv.Workspace.open(world.ours.path)
    for plan in (workspace.plan_bump(PRODUCT, "web", changelog=False), start(workspace)):
        ends = raced(workspace, [plan] * 4)
        assert all(isinstance(each, kv.Applied) for each in ends), ends
        assert sorted(not each.is_empty for each in ends if isinstance(each, kv.Applied)) == [False] * 3 + [
            True
        ]
        world.ours.git("checkout", "--quiet", ".")


def test_of_threads_with_different_plans_one_wins(world: Released) -> None:
    """Whoever comes later is refused, because another is at work or was; all is as the winner planned it."""
    workspace = kv.Workspace.open(world.ours.path)
    plans = [workspace.plan_bump(PRODUCT, build=number, changelog=False) for number in (6, 7, 8)]
    ends = raced(workspace, plans)
    (done,) = [each for each in ends if isinstance(each, kv.Applied)]
    (write,) = done.actions
    assert (world.ours.path / STAFF).read_text() == getattr(write, "after", None)
    refused = [each for each in ends if not isinstance(each, kv.Applied)]
    assert all(isinstance(each, kv.Busy | ConcurrentEdit) for each in refused), refused
    world.ours.git("checkout", "--quiet", ".")
    ends = raced(workspace, [start(workspace), start(workspace, "web")])
    (lost,) = [each for each in ends if not isinstance(each, kv.Applied)]
    assert isinstance(lost, kv.Busy | ConcurrentEdit), lost
    hotfixes = world.ours.git("for-each-ref", "--format=%(refname:short)", "refs/heads/hotfix/").split()
    assert hotfixes == [world.ours.git("symbolic-ref", "--short", "HEAD")]


def test_a_thread_that_waits_too_long_gets_busy(world: Released, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has written nothing; when the lock is free, the same plan is applied."""
    for patient in (inspect.unwrap(locking.locked), files.replace_all):
        defaults = patient.__kwdefaults__
        assert defaults is not None
        monkeypatch.setitem(defaults, "wait", 0.05)  # Instead of seconds.
    workspace = kv.Workspace.open(world.ours.path)
    for plan, folder in (
        (workspace.plan_bump("web", changelog=False), world.ours.path),
        (start(workspace), world.ours.path / ".git"),
    ):
        with locking.locked(str(folder)), untouched(world.ours), pytest.raises(kv.Busy, match="another run"):
            workspace.apply(plan)
        assert workspace.apply(plan).actions == plan.actions
        world.ours.git("checkout", "--quiet", ".")
    assert world.ours.git("symbolic-ref", "--short", "HEAD") == BRANCH
    assert (world.ours.path / WEB).exists()
