"""The lock of an npm workspace stands above its members: each member's entry follows its version."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest

import krow_versions as kv
from krow_versions.formats import MIB
from support import krow, npm
from support.commands import assert_refused, done, run
from support.npm import ROOT_LOCK, A, B, fill, lock_of, manifest, members
from support.repositories import Repo
from support.scenes import DECLARED

if TYPE_CHECKING:
    from pathlib import Path


def texts(repo: Repo, *paths: str) -> dict[str, str]:
    return {path: (repo.path / path).read_text(encoding="utf-8") for path in paths}


def bump(repo: Repo, *names: str, **options: Any) -> kv.Plan:
    workspace = kv.Workspace.open(repo.path)
    plan = workspace.plan_bump(*names, **{"changelog": False, **options})
    workspace.apply(plan)
    return plan


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("name", ["package-lock.json", "npm-shrinkwrap.json"])
def test_the_entry_of_a_member_follows_it(repo: Repo, name: str, version: int) -> None:
    """The lock above gets the member's version at its entry, as npm would write it, and nothing else."""
    fill(repo, members(), lock_of(members(), version))
    repo.git("mv", "-k", ROOT_LOCK, name)
    bump(repo, "b")
    assert texts(repo, name, B) == {
        name: lock_of(members(version="1.4.1"), version),
        B: manifest("b", "1.4.1"),
    }
    assert bump(repo, "b").is_empty


def test_two_products_share_a_lock(repo: Repo) -> None:
    """Products of one workspace are not said to share a file, and one plan edits the lock for both."""
    fill(repo, members())
    kv.Workspace.open(repo.path).check()
    plan = bump(repo, "a", "b")
    after = members(version="1.4.1") | {A: manifest("a", "2.0.1")}
    assert texts(repo, ROOT_LOCK) == {ROOT_LOCK: lock_of(after)}
    assert [action.path for action in plan.actions].count(ROOT_LOCK) == 1  # type: ignore[union-attr]
    assert [str(change) for change in plan.changes] == [
        "package-lock.json: 2.0.0 -> 2.0.1",
        f"{A}: 2.0.0 -> 2.0.1",
        "package-lock.json: 1.4.0 -> 1.4.1",
        f"{B}: 1.4.0 -> 1.4.1",
    ]


def test_every_half_of_a_bump_is_finished(repo: Repo) -> None:
    """Whichever files of two products are written already, the next run gives the same texts."""
    fill(repo, members())
    before = texts(repo, ROOT_LOCK, A, B)
    bump(repo, "a", "b")
    after = texts(repo, ROOT_LOCK, A, B)
    for number in range(len(after)):
        for written in itertools.combinations(after, number):
            for path in after:
                repo.write(path, (after if path in written else before)[path])
            bump(repo, "b", "a")
            assert texts(repo, *after) == after, written


ELSEWHERE = {
    "v1": '{"name": "root", "lockfileVersion": 1, "dependencies": {"b": {"version": "file:packages/b"}}}\n',
    "no entry": lock_of({"package.json": manifest("root", None), A: manifest("a", "2.0.0")}),
    "an entry without a version": lock_of(members() | {B: manifest("b", None)}),
    "a name that is like it": '{"packages": {"": {}, "packages/b2": {"version": "1.4.0"}}}\n',
    "an installed package": '{"packages": {"node_modules/packages/b": {"version": "1.4.0"}}}\n',
    "broken, of something else": '{"packages": {"sites/web": \n',
}


@pytest.mark.parametrize("lock", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_lock_without_the_entry_is_no_companion(repo: Repo, lock: str) -> None:
    """It is not listed, not changed and not missed; none is made."""
    fill(repo, members(), lock)
    assert [
        file.path
        for file in kv.Workspace.open(repo.path).find_files(kv.Workspace.open(repo.path)["b"].product)
    ] == [B]
    assert [str(change) for change in bump(repo, "b").changes] == [f"{B}: 1.4.0 -> 1.4.1"]
    assert texts(repo, ROOT_LOCK) == {ROOT_LOCK: lock}


BROKEN = {
    "no JSON": ('{"packages": {"packages/b": {"version": "1.4.0"},}}\n', "invalid JSON", 1),
    "a conflict": (
        '{"packages": {\n<<<<<<< HEAD\n"packages/b": {"version": "1.4.0"}}}\n',
        "merge conflict",
        2,
    ),
    "two entries": (
        '{"packages": {"packages/b": {"version": "1.4.0"},\n "packages/b": {"version": "1.4.0"}}}\n',
        "is there 2 times",
        2,
    ),
    "a number": ('{"packages": {"packages/b": {"version": 1}}}\n', "not a string", 1),
    "escapes": ('{"packages": {"packages\\/b": {"version": "1\\u002e4.0"}}}\n', "escapes", 1),
    "out of step": ('{"packages": {"packages/b": {"version": "1.3.9"}}}\n', "1.3.9", 1),
}


@pytest.mark.parametrize(("lock", "why", "line"), BROKEN.values(), ids=BROKEN)
def test_an_entry_that_cannot_follow_is_refused(repo: Repo, lock: str, why: str, line: int) -> None:
    """The error names the lock and the line, and nothing is changed."""
    fill(repo, members(), lock)
    repo.tag("b/prod-v1.4.0")
    result = run("bump-patch", "b", "--no-changelog", cwd=repo.path)
    assert_refused(result, why, f"{ROOT_LOCK}:{line}:")
    assert repo.git("status", "--porcelain") == ""


def test_a_lock_out_of_step_is_found_with_its_place(repo: Repo) -> None:
    """The audit names the lock, the line and the entry, and the command that repairs it."""
    stale = lock_of(members(version="1.3.9"))
    fill(repo, members(), stale)
    found = [each for each in kv.Workspace.open(repo.path).audit("b").findings if each.code == "KV106"]
    (finding,) = found
    assert (finding.path, finding.line) == (ROOT_LOCK, line_of(stale, '"1.3.9"'))
    assert 'packages."packages/b".version' in finding.message
    assert "npm install --package-lock-only" in finding.hint
    repo.write(ROOT_LOCK, lock_of(members()))
    assert "KV106" not in {each.code for each in kv.Workspace.open(repo.path).audit().findings}


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_a_large_lock_follows_too(repo: Repo) -> None:
    """More than 1 MiB is only scanned, and the entry is found and replaced all the same."""
    large = json.loads(lock_of(members()))
    large["packages"]["node_modules/x"] = {"integrity": "0" * MIB}
    text = json.dumps(large, indent=2)
    fill(repo, members(), text)
    bump(repo, "a", "b")
    assert (repo.path / ROOT_LOCK).read_text() == text.replace('"1.4.0"', '"1.4.1"').replace(
        '"2.0.0"', '"2.0.1"'
    )


def test_locks_are_looked_for_up_to_the_top_of_the_repository(tmp_path: Path) -> None:
    """A lock between follows by its own folder, and one above the repository is not touched."""
    above = lock_of({"repo/packages/b/package.json": manifest("b")})
    (tmp_path / ROOT_LOCK).write_text(above)
    repo = fill(Repo(tmp_path / "repo"), members())
    between = f"packages/{ROOT_LOCK}"
    repo.write(between, lock_of({"b/package.json": manifest("b")}))
    repo.commit()
    bump(repo, "b")
    assert (tmp_path / ROOT_LOCK).read_text() == above
    assert texts(repo, ROOT_LOCK, between) == {
        ROOT_LOCK: lock_of(members(version="1.4.1")),
        between: lock_of({"b/package.json": manifest("b", "1.4.1")}),
    }


def test_a_lock_above_leaves_the_changelog_where_it_is(repo: Repo) -> None:
    """The CHANGELOG is beside the first version file; a lock of several products is none."""
    table = "| Date | Version | Change |\n|---|---|---|\n"
    repo.write("CHANGELOG.md", table)
    repo.write("packages/b/CHANGELOG.md", table)
    fill(repo, members())
    plan = kv.Workspace.open(repo.path).plan_bump("b", message="x")
    assert [change.path for change in plan.changes][-1] == "packages/b/CHANGELOG.md"
    listed = json.loads(done(run("products", "--json", cwd=repo.path)).out)["products"]
    assert listed[1]["files"] == [ROOT_LOCK, B]


WEB, API = krow.WEB, krow.API


def workspace_of(web: str, api: str, pin: str = "") -> dict[str, str]:
    return {
        "package.json": manifest("root", None, private=True, workspaces=["apps/*", "backend/*"]),
        WEB: manifest("web", web),
        API: manifest("api", api, **({"dependencies": {"web": pin}} if pin else {})),
    }


def committed(repo: Repo, manifests: dict[str, str], message: str) -> None:
    for path, text in manifests.items():
        repo.write(path, text)
    repo.write(ROOT_LOCK, lock_of(manifests))
    repo.write("apps/web/CHANGELOG.md", "| Date | Version | Change |\n|---|---|---|\n")
    repo.write("apps/web/login.ts", "login()\n")
    repo.commit(message)


def verdicts(repo: Repo) -> dict[str, tuple[str, str]]:
    return {
        gate.id: (gate.verdict, gate.found) for gate in kv.Workspace.open(repo.path).hotfix("web").gates()
    }


@pytest.mark.parametrize("pinned", [False, True])
def test_a_hotfix_with_a_shared_lock_passes_and_merges(tmp_path: Path, pinned: bool) -> None:
    """What the bump changes is no fix, and outside of no product; a main that moved on keeps its versions.

    So it is with a pin in another product, which moves with the bump.
    """
    remote = Repo(tmp_path / "origin.git", bare=True)
    repo = Repo(tmp_path / "ours")

    def at(web: str, api: str) -> dict[str, str]:
        return workspace_of(web, api, web if pinned else "")

    committed(repo, at("0.1.0", "0.3.0"), "feat: first")
    repo.tag("krow-withus-web/prod-v0.1.0")
    committed(repo, at("0.2.0", "0.4.0"), "feat: next")
    repo.git("remote", "add", "origin", str(remote.path))
    repo.git("push", "--quiet", "origin", "main", "--tags")
    repo.git("remote", "set-head", "origin", "main")
    done(run("hotfix", "start", "web", *DECLARED, cwd=repo.path))
    done(run("bump-patch", "web", "--pins", "-m", "Crash on login", cwd=repo.path))
    assert texts(repo, API, ROOT_LOCK) == {
        API: at("0.1.1", "0.3.0")[API],
        ROOT_LOCK: lock_of(at("0.1.1", "0.3.0")),
    }
    repo.commit("chore: version")
    found = verdicts(repo)
    assert (found["holds-fix"][0], found["scope"][0]) == ("failed", "passed"), found
    template = next((repo.path / ".git/krow-versions/hotfix").glob("*.commit.txt")).read_text()
    repo.write("apps/web/login.ts", "ask(); login()\n")
    repo.commit(template.replace("Solution: ", "Solution: Ask").replace("Tested: ", "Tested: By hand"))
    found = verdicts(repo)
    assert {found[name][0] for name in ("holds-fix", "scope", "version-files", "patch-only")} == {"passed"}
    repo.git("push", "--quiet", "origin", "HEAD")
    done(run("hotfix", "finish", "web", "--yes", "--without-approval", "a test", cwd=repo.path))
    merged = at("0.2.0", "0.4.0")
    assert remote.git("show", f"main:{ROOT_LOCK}") + "\n" == lock_of(merged)
    assert remote.git("show", f"main:{API}") + "\n" == merged[API]
    assert remote.git("show", "main:apps/web/login.ts") == "ask(); login()"
    findings = kv.Workspace.open(repo.path).audit("web").findings
    assert [each for each in findings if each.code.startswith("KV2")] == []


def test_more_than_a_pin_in_another_product_is_outside(tmp_path: Path) -> None:
    """A change beside the pin is a change of the other product, also where the fix itself is in place."""
    repo = Repo(tmp_path / "ours")
    committed(repo, workspace_of("0.1.0", "0.3.0", "0.1.0"), "feat: first")
    repo.tag("krow-withus-web/prod-v0.1.0")
    done(run("hotfix", "start", "web", *DECLARED, cwd=repo.path))
    done(run("bump-patch", "web", "--pins", "--no-changelog", cwd=repo.path))
    repo.write("apps/web/login.ts", "ask(); login()\n")
    text = (repo.path / API).read_text()
    repo.write(API, text.replace('"dependencies"', '"private": true,\n  "dependencies"'))
    repo.commit("fix: all")
    verdict, said = verdicts(repo)["scope"]
    assert verdict == "failed"
    assert API in said
    assert ROOT_LOCK not in said


def test_an_entry_that_is_configured_by_hand_is_not_listed_twice(repo: Repo) -> None:
    """Who named the entry before it was a companion has it once."""
    key = "'packages.\"packages/b\".version'"
    entry = f'{{ path = "{ROOT_LOCK}", key = {key} }}'
    config = npm.CONFIG.replace('"packages/b/package.json"', f'"packages/b/package.json", {entry}')
    fill(repo, members(), config=config)
    assert [change.path for change in bump(repo, "b").changes] == [ROOT_LOCK, B]
