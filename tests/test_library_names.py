"""What importers call a workspace by: names of products, moments, and the methods of a mapping."""

from __future__ import annotations

import datetime as dt
import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import krow_versions as kv
from krow_versions.hotfix.postmortem import Remarks
from krow_versions.workspace.hotfix.deciding import Correction
from support.krow import checkout
from support.releases import PRODUCT, Released
from support.untouched import untouched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.repositories import Repo

NAIVE = dt.datetime(2026, 3, 5, 14, 0)  # noqa: DTZ001 - That is what must be refused.
MOMENT = re.compile(r"\bdt\.datetime\b")
DECLARED: dict[str, Any] = {"issue": "Crash", "severity": "high", "impact": "all staff"}
# What the methods that take a moment need besides it.
GIVEN: dict[str, dict[str, Any]] = {
    "plan_hotfix": {"name": PRODUCT, **DECLARED},
    "plan_amend": {"correction": Correction(issue="Crash on login")},
    "plan_abandon": {"reason": "not needed"},
    "plan_rollback": {"reason": "worse", "decided_by": "Ada"},
    "plan_remarks": {"remarks": Remarks(facts={"summary": "x"})},
    "tick": {"boxes": ["approval"]},
    "ticked": {"boxes": ["approval"]},
    "text": {"name": "announcement"},
}


# --- moments ---------------------------------------------------------------------------------------


def takers() -> Iterator[tuple[Any, str, str]]:
    """Every public method and function that takes a moment, by its annotations: owner, name, argument."""
    for name in kv.__all__:
        owner = getattr(kv, name)
        own = inspect.getmembers(owner, inspect.isfunction) if isinstance(owner, type) else [(name, owner)]
        for method, function in own:
            if inspect.isfunction(function) and not method.startswith("_"):
                kinds = inspect.get_annotations(function).items()
                found = [each for each, kind in kinds if MOMENT.search(str(kind)) and each != "return"]
                yield from ((owner, method, argument) for argument in found)


def test_the_methods_that_take_a_moment_are_known() -> None:
    """The law below is about all of them."""
    found = {(owner.__name__, method, argument) for owner, method, argument in takers()}
    assert {("Workspace", "audit", "now"), ("Workspace", "plan_hotfix", "detected")} <= found
    assert {owner for owner, _, _ in found} == {"Workspace", "HotfixView"}
    assert len(found) >= 18


@pytest.fixture(scope="module")
def hotfix(tmp_path_factory: pytest.TempPathFactory) -> tuple[Released, kv.HotfixView]:
    """A hotfix under way."""
    made = Released.make(tmp_path_factory.mktemp("names") / "world")
    workspace = kv.Workspace.open(made.ours.path)
    workspace.apply(workspace.plan_hotfix(PRODUCT, **DECLARED, now=NAIVE.replace(tzinfo=dt.UTC)))
    return made, workspace.hotfix()


@pytest.mark.parametrize(("owner", "method", "argument"), [*takers()], ids=str)
def test_a_moment_without_a_zone_is_refused(
    hotfix: tuple[Released, kv.HotfixView], owner: type, method: str, argument: str
) -> None:
    """The error names the argument, and a way to give a zone; nothing is written."""
    made, view = hotfix
    value = view if owner is kv.HotfixView else kv.Workspace.open(made.ours.path)
    with (
        untouched(made.ours),
        pytest.raises(kv.UsageError, match=f"^{argument}: .* has no time zone") as caught,
    ):
        getattr(value, method)(**GIVEN.get(method, {}), **{argument: NAIVE})
    assert f"{argument}.astimezone()" in str(caught.value.hint)
    with pytest.raises(TypeError, match=f"^{argument} must be a datetime"):
        getattr(value, method)(**GIVEN.get(method, {}), **{argument: "2026-03-05"})


def test_a_clock_without_a_zone_is_refused(repo: Repo) -> None:
    """A workspace's own clock is no way around that."""
    opened = kv.Workspace.open(checkout(repo).path)
    with pytest.raises(kv.UsageError, match="has no time zone"):
        kv.Workspace(opened.catalog, opened.repos, clock=lambda: NAIVE).audit()


# --- a mapping -------------------------------------------------------------------------------------


def test_a_workspace_is_a_mapping_of_its_products(repo: Repo) -> None:
    """It has what every mapping has, takes aliases, and stays a value."""
    workspace = kv.Workspace.open(checkout(repo).path)
    names = ["worker-mobile", "client-mobile", "web", "backend"]
    assert isinstance(workspace, Mapping)
    assert [*workspace] == [*workspace.keys()] == [each.name for each in workspace.values()] == names
    assert [(name, view.name) for name, view in workspace.items()] == [(name, name) for name in names]
    assert dict(workspace)["web"] == workspace["web"] == workspace.get("Web")
    assert "staff-mobile" in workspace
    for nothing in ("nothing", "", None, 5, Path("web"), ["web"]):
        assert nothing not in workspace
        assert workspace.get(nothing) is None  # type: ignore[arg-type]  # That is the test.
    match workspace:
        case {"web": view}:
            assert view.name == "web"
    assert (workspace, hash(workspace)) == (again := kv.Workspace.open(repo.path), hash(again))
    assert workspace != dict(workspace)


def test_what_is_not_there_is_a_key_error_with_a_hint(repo: Repo) -> None:
    """Who knows mappings, and who knows this library, catch it; its words are those of an error."""
    checkout(repo)
    (repo.path / "apps/web/package.json").unlink()
    workspace = kv.Workspace.open(repo.path)
    for kind in (KeyError, kv.UsageError):
        with pytest.raises(kind) as caught:
            workspace["wbe"]
        assert str(caught.value).startswith("there is no product 'wbe'\n  hint: did you mean web?")
    with pytest.raises(KeyError, match="web is not in this workspace"):
        workspace["web"]
    assert "web" not in workspace


# --- names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["plan_bump", "plan_build", "plan_row", "audit", "show"])
def test_names_are_given_one_by_one(repo: Repo, method: str) -> None:
    """A list of names, and what is no name, is an error that shows the call to write instead."""
    call = getattr(kv.Workspace.open(checkout(repo).path), method)
    for wrong, found, shown in (
        (["web", "backend"], "a list", "'web', 'backend'"),
        (("web",), "a tuple", "'web'"),
        (None, "None", "'web'"),
        (Path("web"), "a PosixPath", "'web'"),
        (b"web", "bytes", "'web'"),
    ):
        words = f"{method} takes names of products one by one, not {found}: {method}({shown})"
        with pytest.raises(TypeError, match=f"^{re.escape(words)}$"):
            call(wrong)


def test_one_name_is_no_list_of_names(repo: Repo) -> None:
    """What takes several at once says so when it gets one."""
    workspace = kv.Workspace.open(checkout(repo).path)
    with pytest.raises(TypeError, match=re.escape("in a list: ['web'], not 'web'")):
        workspace.snapshot("web")
    with pytest.raises(kv.UsageError, match="is one path, not several"):
        kv.audit_many(str(repo.path))


def test_the_function_plans_for_a_snapshot(repo: Repo) -> None:
    """Who means the method is shown it."""
    checkout(repo)
    for wrong in ("web", ["web"], None, kv.Workspace.open(repo.path)):
        with pytest.raises(
            TypeError, match=re.escape("plan_bump takes a snapshot: plan_bump(workspace.snapshot")
        ):
            kv.plan_bump(wrong)  # type: ignore[arg-type]  # That is the test.
