"""The whole story of a hotfix through the command line, against a bare remote: alone, and not alone.

What is here, on the remote, in the record and on the terminal is looked at after every step.
"""

from __future__ import annotations

import datetime as dt
import re
import shlex
from typing import TYPE_CHECKING

import pytest

from krow_versions import Workspace
from krow_versions.hotfix import CRITICAL
from krow_versions.hotfix.gates import GATES
from krow_versions.workspace.hotfix.finding import open_hotfix
from support import krow
from support.clocks import launcher
from support.commands import assert_told, at_terminal, done, run
from support.krow import SLUG, STAFF, WEB, pubspec
from support.repositories import Repo, executable, hook
from support.scenes import (
    BASE,
    BRANCH,
    CODE,
    DECLARED,
    EDITOR,
    NAME,
    STAFF_LOG,
    TABLE,
    TAG,
    WEB_CODE,
    WEB_LOG,
    Scene,
    fix,
)
from support.untouched import as_before, untouched

if TYPE_CHECKING:
    from pathlib import Path


def next_of(scene: Scene) -> str | None:
    """What there is to type now, asked of the library: a process less each time."""
    moment = dt.datetime.now(dt.UTC) + scene.later
    return open_hotfix(Workspace.open(scene.ours.path), NAME).status(moment).next_command


def local(scene: Scene) -> dict[str, str]:
    """The refs of our clone, those of the remote that it saw left out."""
    lines = scene.ours.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/tags")
    return dict(line.split(" ") for line in lines.split("\n"))


def test_from_broken_production_to_users_notified(fresh: Scene, tmp_path: Path) -> None:  # noqa: PLR0915
    """Each step does what it says, here, on the remote and in the record, and names the next one."""
    scene, ours = fresh, fresh.ours
    base = ours.git("rev-parse", f"{BASE}^{{commit}}")
    begun, there = local(scene), scene.remote.git("for-each-ref")

    start = done(scene.hotfix("start", *DECLARED, "--environment", "production EU"))
    assert start.out.startswith(f"{BRANCH} starts at {BASE}\ndeclared ")
    assert "CRITICAL, must be fixed in less than 1 hour" in start.out
    assert "Release Engineer: +49 1 23" in start.out
    assert "Channel: #emergency-releases" in start.out
    assert start.err == ""
    assert local(scene) == begun | {f"refs/heads/{BRANCH}": base}
    assert ours.git("branch", "--show-current") == BRANCH
    assert ours.git("status", "--porcelain") == ""
    assert scene.remote.git("for-each-ref") == there
    record = scene.record()
    assert {name: record[name] for name in record if name not in {"started", "severity"}} == {
        "product": NAME, "version": "0.1.1", "base": BASE, "branch": BRANCH,
        "issue": "Crash on login", "impact": "nobody can log in",
        "environment": "production EU", "who": "Release Engineer", "detected": None,
    }  # fmt: skip
    assert record["started"].tzinfo is not None
    assert record["severity"] == CRITICAL
    template = ours.path / f".git/krow-versions/hotfix/{SLUG}-v0.1.1.commit.txt"
    assert template.read_text() == (
        "fix: Crash on login\n\nHOTFIX for production EU\n\nIssue: Crash on login\nSolution: \nTested: \n"
    )
    assert next_of(scene) == f"git commit -a -t {template}"

    fixed = fix(ours)
    assert next_of(scene) == f"krow-versions bump-patch {NAME}"
    bump = done(scene.run("bump-patch", NAME, "-m", "Crash on login", "--date", "2026-03-05"))
    assert bump.out == f"{STAFF}: 0.1.0+5 -> 0.1.1+6\n{STAFF_LOG}: 2026-03-05 0.1.1 HOTFIX: Crash on login\n"
    assert (ours.path / STAFF).read_text() == pubspec("0.1.1+6")
    check = scene.hotfix("check")
    assert check.code == 1
    assert "✗ failed" in check.out
    assert next_of(scene) == "git commit --all"
    tip = ours.commit("chore: version 0.1.1")
    check = done(scene.hotfix("check"))
    assert check.out.count("✓ passed") == len(GATES) - 1  # It is not approved yet.
    assert next_of(scene) == f"krow-versions hotfix pr {NAME} --run"

    with untouched(ours, scene.remote):
        shown = done(scene.hotfix("pr"))
    assert shown.out.startswith("HOTFIX: Crash on login\n\n## URGENT PRODUCTION FIX\n\n")
    for part in ("### Issue\n\nCrash on login\n", "### Impact\n\nnobody can log in\n"):
        assert part in shown.out
    assert "### Solution\n\nAsk first\n\n### Testing\n\nBy hand\n" in shown.out
    pushing = f"git push --atomic origin {tip[:12]}:refs/heads/{BRANCH}\n"
    assert f"{pushing}gh pr create --base main --head {BRANCH} --title" in shown.out
    done(scene.hotfix("pr", "--run", "--yes"))
    assert scene.there(f"refs/heads/{BRANCH}") == tip
    assert scene.there("refs/heads/main") == base
    assert next_of(scene) == f"krow-versions hotfix status {NAME} --done review"
    done(scene.hotfix("status", "--done", "review"))
    assert {*scene.record()["done"]} == {"review"}
    assert next_of(scene) == f"krow-versions hotfix status {NAME} --done approval"
    done(scene.hotfix("status", "--done", "approval"))
    assert next_of(scene) == f"krow-versions hotfix finish {NAME}"

    finish = done(scene.hotfix("finish", "--yes"))
    assert f"{TAG} is merged, tagged and pushed to origin\n" in finish.out
    assert f"gh release create {TAG} --verify-tag" in finish.out
    tag = ours.git("rev-parse", f"refs/tags/{TAG}")
    assert local(scene) == begun | {
        "refs/heads/main": tip, f"refs/heads/{BRANCH}": tip, f"refs/tags/{TAG}": tag,
    }  # fmt: skip
    assert ours.git("cat-file", "-t", tag) == "tag"
    assert ours.git("rev-parse", f"{tag}^{{commit}}") == tip
    assert (
        ours.git("for-each-ref", "--format=%(contents:subject)", f"refs/tags/{TAG}")
        == "HOTFIX: Crash on login"
    )
    assert (scene.there("refs/heads/main"), scene.there(f"refs/tags/{TAG}")) == (tip, tag)
    assert ours.git("rev-list", "--ancestry-path", f"{base}..main").split() == [tip, fixed]
    assert ours.git("branch", "--show-current") == BRANCH
    with untouched(ours, scene.remote):
        again = done(scene.hotfix("finish", "--yes"))
    assert again.out.startswith(f"{TAG} is merged, tagged and pushed: nothing to do\n")
    assert f"next: krow-versions hotfix deploy {NAME} --run\n" in again.err
    assert next_of(scene) == f"krow-versions hotfix deploy {NAME} --run"

    with untouched(ours, scene.remote):
        assert done(scene.hotfix("deploy")).out == f"./scripts/deploy.sh {TAG} 0.1.1\n"
    deploy = done(scene.hotfix("deploy", "--run", "--yes"))
    assert f"deploying {TAG} 0.1.1\n" in deploy.out
    assert "worker-mobile 0.1.1 is deployed" in deploy.err
    assert scene.record()["deploy"]["exit_code"] == 0
    assert next_of(scene) == f"krow-versions hotfix status {NAME} --done smoke-tests"
    assert done(scene.hotfix("status", "--done", "smoke-tests")).out.startswith("☑ smoke-tests: ")
    assert next_of(scene) == f"krow-versions hotfix announce {NAME} --done"

    announced = done(scene.hotfix("announce"))
    assert announced.out.startswith("🚨 PRODUCTION HOTFIX DEPLOYED\n\nProduct: Worker Mobile\n")
    for line in ("Version: 0.1.1 (was 0.1.0)", "Issue: Crash on login", "Solution: Ask first", f"Tag: {TAG}"):
        assert f"{line}\n" in announced.out
    assert "#emergency-releases" in announced.err
    assert next_of(scene) == f"krow-versions hotfix announce {NAME} --done"
    done(scene.hotfix("announce", "--done"))
    assert next_of(scene) == f"krow-versions hotfix status {NAME} --done github-release"
    done(scene.hotfix("status", "--done", "github-release"))
    assert next_of(scene) == f"krow-versions hotfix status {NAME} --done logs-watched"
    scene = scene.after(hours=3)
    assert done(scene.hotfix("status", "--done", "logs-watched")).out.startswith("☑ logs-watched: ")
    assert next_of(scene) == f"krow-versions hotfix announce {NAME} --follow-up --errors TEXT --done"
    scene = scene.after(days=1)
    assert done(scene.hotfix("announce", "--follow-up")).out.startswith("✅ HOTFIX STATUS UPDATE\n")
    done(scene.hotfix("announce", "--follow-up", "--errors", "0", "--done"))

    file = f"incident-{NAME}-0.1.1.md"
    assert next_of(scene) == f"krow-versions hotfix report {NAME} -o {file}"
    listed = done(scene.run("hotfix", "list"))
    assert BRANCH in listed.out
    done(scene.hotfix("report", "-o", str(tmp_path / file)))
    report = (tmp_path / file).read_text(encoding="utf-8")
    assert report.startswith("# Incident: Worker Mobile 0.1.1\n")
    assert report.count("\n- [x] ") == 17  # The last of the 18 boxes is the incident document itself.
    assert next_of(scene) == f"krow-versions hotfix status {NAME} --done incident-documented"
    told = done(scene.hotfix("status", "--done", "incident-documented"))
    assert told.out.endswith("; nothing is left to do\n")
    assert next_of(scene) is None
    ended = scene.record()
    assert {*ended["done"]} >= {
        "github-release", "incident-documented", "logs-watched", "review", "smoke-tests",
        "users-notified",
    }  # fmt: skip
    assert all(isinstance(at, dt.datetime) and at.tzinfo for at in ended["done"].values())
    assert done(scene.run("hotfix", "list")).out == ""
    assert ours.git("status", "--porcelain") == ""


def test_what_is_next_leads_from_start_to_end(fresh: Scene) -> None:
    """Whoever types nothing but what `status` says is next, and fixes the code once, gets to the end."""
    scene = fresh
    editor = executable(scene.bin / "editor", EDITOR)
    done(scene.hotfix("start", *DECLARED))
    scene.ours.write(CODE, "askForToken();\nlogin();\n")
    typed = follow(scene, editor)
    step = f"krow-versions hotfix {{}} {NAME}"
    assert [command.replace(str(scene.ours.path), "HERE") for command in typed] == [
        f"git commit -a -t .git/krow-versions/hotfix/{SLUG}-v0.1.1.commit.txt",
        f"krow-versions bump-patch {NAME}",
        "git commit --all",
        f"{step.format('pr')} --run",
        f"{step.format('status')} --done review",
        f"{step.format('status')} --done approval",
        step.format("finish"),
        f"{step.format('deploy')} --run",
        f"{step.format('status')} --done smoke-tests",
        f"{step.format('announce')} --done",
        f"{step.format('status')} --done github-release",
        f"{step.format('status')} --done logs-watched",
        f"{step.format('announce')} --follow-up --errors TEXT --done",
        f"{step.format('report')} -o incident-{NAME}-0.1.1.md",
        f"{step.format('status')} --done incident-documented",
    ]
    status = done(scene.after(days=30).hotfix("status", "--json")).data
    assert [step["state"] for step in status["steps"]] == ["done"] * 11
    assert [box["id"] for box in status["checklist"] if box["done"] is not True] == []
    assert (scene.ours.path / STAFF_LOG).read_text().count("HOTFIX: Crash on login") == 1
    assert scene.there(f"refs/tags/{TAG}") == scene.ours.git("rev-parse", f"refs/tags/{TAG}")


def follow(scene: Scene, editor: Path, name: str = NAME, cwd: Path | None = None) -> list[str]:
    """Type what is next, at a terminal, answering yes, until nothing is left to do; give all that.

    Where it waits for a moment, two days pass.

    In a folder of several repositories the library gives the next command, which saves a process.
    """
    typed: list[str] = []
    folder = cwd or scene.ours.path
    while True:
        if cwd is None:
            status = done(scene.run("hotfix", "status", name, "--json")).data
            command = status["next_command"]
            waits = any(
                "watched until" in step["why"] for step in status["steps"] if step["state"] == "blocked"
            )
        else:
            view = open_hotfix(Workspace.open(cwd), name)
            found = view.status(dt.datetime.now(dt.UTC) + scene.later)
            command, waits = found.next_command, "watched until" in (found.next.why if found.next else "")
        if command is None:
            return typed
        if waits:
            scene = scene.after(days=2)
            continue
        assert len(typed) < 20, typed
        assert [*typed[-1:]] != [command], f"it leads nowhere: {command}"
        typed.append(command)
        words = shlex.split(command)
        program = [*launcher(scene.later), *words[1:]] if words[0] == "krow-versions" else words
        env = scene.env({"GIT_EDITOR": str(editor)})
        result = at_terminal(program, "y\ny\n", folder, env)
        assert result.code == 0, (command, result)


THREE = """\
[repos]
mobile = "krow-mobile"
web = "krow-web"
backend = "krow-backend"

[products.worker-mobile]
repo = "mobile"
deploy = ["./deploy.sh", "{tag}"]

[products.web]
repo = "web"
deploy = ["./deploy.sh", "{tag}"]

[products.backend]
repo = "backend"
deploy = ["./deploy.sh", "{tag}"]
"""
REPOS = {
    "krow-mobile": (NAME, SLUG, "0.1.0", "0.1.1",
                    {STAFF: pubspec("0.1.0+5"), CODE: "", STAFF_LOG: TABLE.format("0.1.0")}),
    "krow-web": ("web", "krow-withus-web", "1.4.0", "1.4.1",
                 {WEB: krow.package("1.4.0"), krow.WEB_LOCK: krow.lock("1.4.0"), WEB_CODE: "",
                  WEB_LOG: TABLE.format("1.4.0")}),
    "krow-backend": ("backend", "krow-withus-backend", "0.3.1", "0.3.2",
                     {krow.API: krow.package("0.3.1"), krow.CORE: krow.package("0.3.1"),
                      "backend/api/login.ts": "", "CHANGELOG.md": TABLE.format("0.3.1")}),
}  # fmt: skip


@pytest.mark.fault(106)
def test_three_repositories_each_with_its_hotfix(tmp_path: Path) -> None:
    """In a workspace of three repositories a hotfix of each product goes its way from one folder, by what
    is next; each stays in its own repository, and `list` shows all."""
    scenes = {}
    (tmp_path / "krow-versions.toml").write_text(THREE)
    editor = executable(tmp_path / "bin/editor", EDITOR)
    for folder, (name, slug, version, _, contents) in REPOS.items():
        remote, ours = Repo(tmp_path / f"{folder}.git", bare=True), Repo(tmp_path / folder)
        for path, text in contents.items():
            ours.write(path, text)
        executable(ours.path / "deploy.sh", '#!/bin/sh\necho "$1" > ../deployed-$(basename "$PWD")\n')
        ours.commit("feat: first release")
        ours.tag(f"{slug}/prod-v{version}")
        ours.git("remote", "add", "origin", remote.path.as_uri())
        ours.git("push", "--quiet", "--tags", "origin", "main")
        scenes[name] = Scene(ours, remote, tmp_path / "bin")
    untouched_so_far = [scenes["web"].ours, scenes["backend"].ours]
    with untouched(*untouched_so_far):
        done(scenes[NAME].run("hotfix", "start", NAME, *DECLARED, cwd=tmp_path))
    for name in ("web", "backend"):
        done(scenes[name].run("hotfix", "start", name, *DECLARED, cwd=tmp_path))
    rows = done(scenes[NAME].run("hotfix", "list", "--json", cwd=tmp_path)).data["hotfixes"]
    assert [(row["product"], row["version"]) for row in rows] == [
        (name, target) for name, _, _, target, _ in REPOS.values()
    ]
    for folder, (name, slug, version, target, contents) in REPOS.items():
        scene = scenes[name]
        assert scene.ours.git("branch", "--show-current") == f"hotfix/{slug}-v{target}"
        code = next(path for path, text in contents.items() if not text)
        scene.ours.write(code, "askForToken();\n")
        others = [each for other, each in scenes.items() if other != name]
        with untouched(*(each.ours for each in others), *(each.remote for each in others)):
            typed = follow(scene, editor, name, tmp_path)
        assert typed[0].startswith(f"git -C {scene.ours.path} commit -a -t .git/")
        tip = scene.ours.git("rev-parse", "HEAD")
        assert scene.there("refs/heads/main") == scene.ours.git("rev-parse", "main") == tip
        tag = f"{slug}/prod-v{target}"
        assert scene.there(f"refs/tags/{tag}") == scene.ours.git("rev-parse", f"refs/tags/{tag}")
        assert (tmp_path / f"deployed-{folder}").read_text() == f"{tag}\n"
        assert scene.record(f"{slug}-v{target}")["base"] == f"{slug}/prod-v{version}"
        records = scene.ours.path.glob(".git/krow-versions/hotfix/*.toml")
        assert {each.name for each in records} == {f"{slug}-v{target}.toml"}
    days_later = scenes[NAME].after(days=9)
    assert done(days_later.run("hotfix", "list", "--json", cwd=tmp_path)).data["hotfixes"] == []


@pytest.fixture
def other(ready: Scene, tmp_path: Path) -> Scene:
    """A colleague's clone of the same remote, made before our hotfix is out."""
    return Scene(ready.remote.clone(tmp_path / "colleague"), ready.remote, ready.bin)


def move_main(other: Scene) -> str:
    """The colleague pushes a feature to main."""
    other.ours.write(WEB_CODE, "feature();\n")
    commit = other.ours.commit("feat: a feature")
    other.ours.git("push", "--quiet", "origin", "main")
    return commit


@pytest.mark.fault(98)
def test_main_moves_and_the_merge_is_made(ready: Scene, other: Scene) -> None:
    """Main gets a merge with both, the tested tip the tag, and main here follows."""
    feature = move_main(other)
    tip = ready.ours.git("rev-parse", BRANCH)
    result = done(ready.hotfix("finish", "--yes"))
    assert f"main has moved on by 1 commit: it gets a merge, in which {NAME} is 0.1.1+6" in result.err
    main = ready.there("refs/heads/main")
    assert ready.ours.git("rev-parse", "main") == main
    assert ready.ours.git("rev-list", "--parents", "-1", main).split() == [main, feature, tip]
    assert ready.there(f"refs/tags/{TAG}") == ready.ours.git("rev-parse", f"refs/tags/{TAG}")
    assert ready.ours.git("rev-parse", f"{TAG}^{{commit}}") == tip
    again = done(ready.hotfix("finish", "--yes"))
    assert "nothing to do" in again.out
    done(ready.hotfix("deploy", "--run", "--yes"))


def test_main_moves_and_main_is_released(ready: Scene, other: Scene) -> None:
    """People may release main with the fix on it instead: no tag of ours, and the hotfix is over."""
    move_main(other)
    ready.ours.git("fetch", "--quiet", "origin")
    fixed = ready.ours.git("log", "--grep=HOTFIX for", "--format=%H", BRANCH)
    ours = ready.ours
    ours.git("switch", "--quiet", "main")
    ours.git("merge", "--quiet", "--ff-only", "origin/main")
    ours.git("cherry-pick", fixed)
    ours.write(STAFF, pubspec("0.2.0+7"))
    ours.commit("chore: release 0.2.0")
    ours.tag(f"{SLUG}/prod-v0.2.0")
    ours.git("push", "--quiet", "--atomic", "origin", "main", f"{SLUG}/prod-v0.2.0")
    assert BRANCH in done(ready.run("hotfix", "list")).out
    ours.git("branch", "--quiet", "-D", BRANCH)
    assert done(ready.run("hotfix", "list")).out == ""
    done(ready.hotfix("start", *DECLARED))
    assert ours.git("branch", "--show-current") == f"hotfix/{SLUG}-v0.2.1"


def take_tag(other: Scene) -> str:
    """The colleague ships another fix under the same version."""
    other.ours.commit("fix: another one")
    other.ours.tag(TAG)
    other.ours.git("push", "--quiet", "origin", TAG)
    return other.there(f"refs/tags/{TAG}")


def test_the_tag_is_taken_before_the_start(fresh: Scene, tmp_path: Path) -> None:
    """A tag that was made elsewhere is seen before anything begins: the next hotfix starts from it."""
    other = Scene(fresh.remote.clone(tmp_path / "colleague"), fresh.remote, fresh.bin)
    take_tag(other)
    before = local(fresh)
    assert_told(fresh.hotfix("start", *DECLARED, f"--from={BASE}"), 3, "0.1.1 is taken", f"{TAG} is tagged")
    assert local(fresh) == before | {f"refs/tags/{TAG}": fresh.there(f"refs/tags/{TAG}")}
    assert fresh.ours.git("branch", "--show-current") == "main"
    done(fresh.hotfix("start", *DECLARED))
    assert fresh.ours.git("branch", "--show-current") == f"hotfix/{SLUG}-v0.1.2"


@pytest.mark.parametrize("flags", [(), ("--no-fetch",)])
def test_the_tag_is_taken_before_the_finish(ready: Scene, other: Scene, flags: tuple[str, ...]) -> None:
    """A version that was shipped elsewhere meanwhile is refused, known of or not; the tag there stays."""
    taken = take_tag(other)
    main, before = ready.there("refs/heads/main"), local(ready)
    result = ready.hotfix("finish", "--yes", *flags)
    if flags:
        assert_told(result, 4, "'origin' refused", f"refs/tags/{TAG}", "nothing has changed, here or there")
        assert local(ready) == before
        result = ready.hotfix("finish", "--yes")
    assert_told(result, 3, f"the tag {TAG} is there already", "never moved", f"git show {TAG}")
    assert local(ready) == before | {f"refs/tags/{TAG}": taken}
    assert (ready.there(f"refs/tags/{TAG}"), ready.there("refs/heads/main")) == (taken, main)
    assert next_of(ready) == f"krow-versions hotfix check {NAME}"
    check = ready.hotfix("check")
    assert (check.code, "0.1.1 is taken" in check.out) == (1, True)


def test_the_same_hotfix_is_started_elsewhere(fresh: Scene, tmp_path: Path) -> None:
    """The second person learns of the branch on the remote, joins with the printed command, and continues."""
    other = Scene(fresh.remote.clone(tmp_path / "colleague"), fresh.remote, fresh.bin)
    done(other.hotfix("start", *DECLARED))
    tip = fix(other.ours)
    other.ours.git("push", "--quiet", "origin", BRANCH)
    before = local(fresh)
    result = fresh.hotfix("start", *DECLARED)
    assert_told(result, 3, f"origin has the branch {BRANCH}, so somebody works on it", f"git switch {BRANCH}")
    assert local(fresh) == before
    assert not (fresh.ours.path / ".git/krow-versions").exists()
    joining = re.search(r"join them: (git .*?);", result.err)
    assert joining is not None
    done(run("-c", joining[1], cwd=fresh.ours.path, program=["bash"]))
    assert fresh.ours.git("rev-parse", "HEAD") == tip
    assert str(next_of(fresh)).startswith(f"krow-versions hotfix start {NAME} --issue TEXT ")
    done(fresh.hotfix("start", *DECLARED))
    assert next_of(fresh) == f"krow-versions bump-patch {NAME}"


def test_a_hotfix_of_another_product_is_no_concern(ready: Scene, other: Scene) -> None:
    """Another product's hotfix, started, pushed and tagged on its own branch, changes nothing for ours."""
    done(other.run("hotfix", "start", "web", *DECLARED))
    other.ours.write(WEB_CODE, "mended();\n")
    other.ours.commit("fix: web")
    other.ours.tag("krow-withus-web/prod-v1.4.1")
    branch = "hotfix/krow-withus-web-v1.4.1"
    other.ours.git("push", "--quiet", "origin", branch, "krow-withus-web/prod-v1.4.1")
    done(ready.hotfix("check"))
    done(ready.hotfix("finish", "--yes"))
    tip = ready.ours.git("rev-parse", BRANCH)
    assert ready.there("refs/heads/main") == tip
    assert ready.there(f"refs/heads/{branch}") == other.ours.git("rev-parse", branch)


def test_a_push_between_our_fetch_and_our_push(ready: Scene, other: Scene) -> None:
    """When another clone is faster by a moment the remote refuses all, the tag is gone again, exit 4; the
    next run sees what has moved, and merges."""
    other.ours.write(WEB_CODE, "feature();\n")
    feature = other.ours.commit("feat: a feature")
    hook(
        ready.ours,
        "pre-push",
        f"unset GIT_DIR; git -C {shlex.quote(str(other.ours.path))} push -q origin main",
    )
    with as_before(ready.ours):
        result = ready.hotfix("finish", "--yes")
    assert_told(result, 4, "'origin' refused 'refs/heads/main'", "nothing has changed, here or there")
    assert ready.there("refs/heads/main") == feature
    assert ready.there(f"refs/tags/{TAG}") == ""
    (ready.ours.path / ".git/hooks/pre-push").unlink()
    assert "it gets a merge" in done(ready.hotfix("finish", "--yes")).err
