"""``hotfix`` as a user meets it: what each command refuses, shows, asks and prints.

Here is also what the tests of the whole story share: a checkout with a bare remote, programs that
record how they were called, and a real terminal to answer on.
"""

from __future__ import annotations

import datetime as dt
import shlex
from typing import TYPE_CHECKING

import pytest

from krow_versions.cli.hotfix import hotfix as group
from krow_versions.cli.hotfix.moments import past_moment
from krow_versions.hotfix.gates import GATES
from support.commands import assert_refused, assert_told, done
from support.krow import SLUG, STAFF
from support.repositories import hook
from support.scenes import BASE, BRANCH, CODE, DECLARED, NAME, TAG, WEB_CODE, WEB_SLUG, Scene, fix
from support.untouched import as_before, untouched

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def dirty(scene: Scene) -> None:
    scene.ours.write(WEB_CODE, "changed\n")


def staged(scene: Scene) -> None:
    dirty(scene)
    scene.ours.git("add", "--all")


def no_tags(scene: Scene) -> None:
    scene.ours.git("push", "--quiet", "origin", f":refs/tags/{BASE}")
    scene.ours.git("tag", "--delete", BASE)


def unreadable(scene: Scene) -> None:
    """The tag's object is gone, here, and the remote does not have the tag."""
    scene.ours.git("push", "--quiet", "origin", f":refs/tags/{BASE}")
    (scene.ours.path / ".git/refs/tags" / BASE).write_text("1" * 40 + "\n")


def other_line(scene: Scene) -> None:
    """The branch is there, from a commit that does not contain the tag."""
    scene.ours.git("switch", "--quiet", "--orphan", BRANCH)
    scene.ours.commit("other")
    scene.ours.git("switch", "--quiet", "main")


def branch_there(scene: Scene) -> None:
    scene.ours.git("push", "--quiet", "origin", f"main:refs/heads/{BRANCH}")
    scene.ours.git("update-ref", "-d", f"refs/remotes/origin/{BRANCH}")
    scene.ours.git("fetch", "--quiet", "origin")


def tag_there(scene: Scene) -> None:
    other = scene.remote.clone(scene.bin.parent / "other")
    other.commit("fix: y")
    other.tag(TAG)
    other.git("push", "--quiet", "origin", TAG)


def remote_gone(scene: Scene) -> None:
    scene.ours.git("remote", "set-url", "origin", (scene.bin.parent / "gone.git").as_uri())


def shallow(scene: Scene) -> None:
    (scene.ours.path / ".git/shallow").write_text(scene.ours.git("rev-parse", "HEAD") + "\n")


def declines(scene: Scene) -> None:
    """No ref may be made any more."""
    hook(
        scene.ours, "reference-transaction", 'test "$1" != prepared || { echo "no refs today" >&2; exit 1; }'
    )


def merging(scene: Scene) -> None:
    (scene.ours.path / ".git/MERGE_HEAD").write_text(scene.ours.git("rev-parse", "HEAD") + "\n")


def locked(scene: Scene) -> None:
    (scene.ours.path / ".git/index.lock").write_text("")


def nothing(scene: Scene) -> None:
    """The state needs no change."""


def prerelease(scene: Scene) -> None:
    scene.ours.tag(f"{SLUG}/prod-v0.2.0-rc.1")


def no_git(scene: Scene) -> None:
    """There is no git: PATH leads nowhere (the test takes it away)."""


Case = tuple["Callable[[Scene], None]", list[str], int, list[str]]

STARTS: list[Case] = [
    (dirty, [], 3, ["not committed", WEB_CODE, "git stash"]),
    (staged, [], 3, ["not committed", WEB_CODE, "git stash"]),
    (dirty, ["--dry-run"], 3, ["not committed", WEB_CODE]),
    (merging, [], 3, ["in the middle of a merge", "git merge --abort"]),
    (locked, [], 4, ["index.lock", "delete that file"]),
    (no_tags, [], 3, ["no production tag", "nothing to fix in production"]),
    (unreadable, ["--no-fetch"], 3, [BASE, "cannot be read", "git fsck"]),
    (unreadable, [], 4, ["bad object", BASE]),
    (shallow, [], 3, ["shallow", "--unshallow"]),
    (other_line, [], 3, ["0.1.1 is taken", BRANCH, f"was not started from {BASE}", "git log"]),
    (branch_there, [], 3, ["0.1.1 is taken", f"origin has the branch {BRANCH}", f"git switch {BRANCH}"]),
    (branch_there, [f"--from={BASE}"], 3, ["0.1.1 is taken", "somebody works on it"]),
    (
        nothing,
        ["--from=krow-withus-web/prod-v1.4.0"],
        3,
        ["'krow-withus-web/prod-v1.4.0'", f"no production tag of {NAME}"],
    ),
    (nothing, [f"--from={SLUG}/prod-v9.9.9"], 3, ["is no production tag", f"krow-versions history {NAME}"]),
    (nothing, ["--from=main"], 3, ["'main' is no production tag"]),
    (prerelease, [f"--from={SLUG}/prod-v0.2.0-rc.1"], 3, ["is no production tag"]),
    (nothing, ["--issue="], 2, ["--issue is empty"]),
    (nothing, ["--issue= \n"], 2, ["--issue is empty"]),
    (nothing, ["--impact="], 2, ["--impact is empty"]),
    (nothing, ["--severity=critcal"], 2, ["there is no severity 'critcal'", "did you mean CRITICAL?"]),
    (nothing, ["--detected=now"], 2, ["--detected", "'now' is no time"]),
    (nothing, ["--detected=2999-01-01T00:00"], 2, ["--detected", "still to come"]),
    (remote_gone, [], 4, ["does not appear to be a git repository", "--no-fetch"]),
    (declines, [], 4, ["no refs today"]),
    (no_git, [], 4, ["git", "PATH"]),
]


@pytest.mark.fault(72, 81, 84, 85, 92)
@pytest.mark.parametrize(
    "case", STARTS, ids=lambda case: f"{getattr(case[0], '__name__', '')}{''.join(case[1])[:30]}"
)
def test_start_refuses(fresh: Scene, case: Case) -> None:
    """Each obstacle is named with a hint, and every byte is as before."""
    spoil, args, code, words = case
    spoil(fresh)
    env = {"PATH": str(fresh.bin)} if spoil is no_git else {}
    with untouched(fresh.ours, fresh.remote):
        assert_refused(fresh.hotfix("start", *DECLARED, *args, **env), *words, code=code)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((), ("Missing option '--issue'",)),
        (("--issue", "x"), ("Missing option '--severity'",)),
        ((*DECLARED, "--severity", "medium"), ("Start a hotfix all the same?", "no terminal", "--yes")),
    ],
)
def test_start_says_which_words_are_missing(
    fresh: Scene, args: tuple[str, ...], words: tuple[str, ...]
) -> None:
    """What a hotfix cannot be declared without is asked for by its option, and nothing is done."""
    with untouched(fresh.ours, fresh.remote):
        result = fresh.hotfix("start", *args)
    assert result.code == 2
    assert [word for word in words if word not in result.err] == []


@pytest.mark.parametrize(
    "command", ["start", "check", "pr", "finish", "deploy", "announce", "status", "report"]
)
def test_an_unknown_product_is_named(fresh: Scene, command: str) -> None:
    """Every command says which product is not there, which was probably meant, and which there are."""
    args = DECLARED if command == "start" else ()
    with untouched(fresh.ours, fresh.remote):
        result = fresh.run("hotfix", command, "worker-mobil", *args)
    assert_refused(result, "'worker-mobil'", "did you mean worker-mobile?", "backend", code=2)


@pytest.mark.parametrize("command", ["check", "pr", "finish", "deploy", "announce", "status", "report"])
def test_without_a_hotfix_each_command_says_how_to_start_one(fresh: Scene, command: str) -> None:
    """Where no hotfix is under way, the answer is how to start one."""
    with untouched(fresh.ours, fresh.remote):
        result = fresh.hotfix(command)
    assert_refused(result, f"no hotfix of {NAME} is under way", f"krow-versions hotfix start {NAME}")


@pytest.mark.parametrize(
    ("command", "version"),
    [("check", "abc"), ("pr", "0.1"), ("finish", "0.1.1-rc.1"), ("deploy", ""), ("announce", "v0.1.1"),
     ("status", "-1"), ("report", "0.1.1\x1b")],
)  # fmt: skip
def test_a_version_that_is_none_is_wrong_usage(ready: Scene, command: str, version: str) -> None:
    """What --version takes is three numbers."""
    with untouched(ready.ours, ready.remote):
        assert_refused(ready.hotfix(command, "--version", version), "--version", code=2)


def two(scene: Scene) -> None:
    """A second hotfix of the same product, of an older line."""
    scene.ours.git("switch", "--quiet", "main")
    scene.ours.tag(f"{SLUG}/prod-v0.0.4")
    done(scene.hotfix("start", *DECLARED, f"--from={SLUG}/prod-v0.0.4"))
    scene.ours.git("switch", "--quiet", "main")


@pytest.mark.parametrize("command", ["check", "pr", "finish", "deploy", "announce", "status", "report"])
def test_which_of_several_hotfixes_has_to_be_said(ready: Scene, command: str) -> None:
    """With several under way and none checked out, nothing is guessed; --version or the branch says which."""
    two(ready)
    with untouched(ready.ours, ready.remote):
        result = ready.hotfix(command)
        assert_refused(result, "several hotfixes", "0.0.5, 0.1.1", "--version")
        told = done(ready.hotfix("status", "--version", "0.1.1", "--json"))
    assert told.data["branch"] == BRANCH
    ready.ours.git("switch", "--quiet", BRANCH)
    assert done(ready.hotfix("status", "--json")).data["version"] == "0.1.1"


RECORD = f".git/krow-versions/hotfix/{SLUG}-v0.1.1.toml"


@pytest.mark.parametrize("command", ["pr", "finish", "announce", "status", "report"])
def test_a_record_that_was_broken_by_hand_is_named(ready: Scene, command: str) -> None:
    """All mistakes in a record are reported at once, each with the file and the key."""
    path = ready.ours.path / RECORD
    text = path.read_text().replace('severity = "CRITICAL"', 'severity = "BAD"\nimpct = "x"')
    path.write_text(text)
    with untouched(ready.ours, ready.remote):
        result = ready.hotfix(command)
    assert_refused(result, str(path), "there is no severity 'BAD'", "'impct'", "did you mean impact?")
    path.write_text("schema = 1\nproduct = \n")
    with untouched(ready.ours, ready.remote):
        assert_refused(ready.hotfix(command), f"{path}:2:", "invalid TOML")


def not_ready(scene: Scene) -> None:
    scene.ours.git("reset", "--quiet", "--hard", "HEAD~1")


def untracked_row(scene: Scene) -> None:
    text = (scene.ours.path / STAFF).read_text().replace("0.1.1+6", "0.2.0+6")
    scene.ours.write(STAFF, text)
    scene.ours.commit("chore: more")


def lightweight(scene: Scene) -> None:
    scene.ours.tag(TAG, annotated=False)


def tag_elsewhere(scene: Scene) -> None:
    scene.ours.tag(TAG, "main")


def tag_differs(scene: Scene) -> None:
    """Ours is right, and the remote has another."""
    scene.ours.tag(TAG)
    tag_there(scene)


def main_moves(scene: Scene, path: str = WEB_CODE) -> None:
    """Another clone pushes to main, and ours knows it."""
    other = scene.remote.clone(scene.bin.parent / "mover")
    other.write(path, "other\n")
    other.commit("feat: more")
    other.git("push", "--quiet", "origin", "main")
    scene.ours.git("fetch", "--quiet", "origin")


def conflicts(scene: Scene) -> None:
    """Main has changed what the fix has changed."""
    main_moves(scene, CODE)


def diverged(scene: Scene) -> None:
    """Main here contains the branch, and lacks what the remote's has."""
    main_moves(scene)
    scene.ours.git("switch", "--quiet", "main")
    scene.ours.git("merge", "--quiet", "--no-ff", "--message=merge", BRANCH)


def tag_known_there(scene: Scene) -> None:
    tag_there(scene)
    scene.ours.git("fetch", "--quiet", "origin", f"refs/tags/{TAG}:refs/tags/{TAG}")


FINISHES: list[Case] = [
    (dirty, [], 3, ["not ready", f"not committed: {WEB_CODE}", f"krow-versions hotfix check {NAME}"]),
    (merging, [], 3, ["a merge is under way"]),
    (not_ready, [], 3, ["must be 0.1.1+6", "has no row for 0.1.1"]),
    (untracked_row, [], 3, ["is 0.2.0+6"]),
    (lightweight, [], 3, [TAG, "a lightweight one", "never moved", f"git show {TAG}"]),
    (tag_elsewhere, [], 3, [TAG, "is there already: at ", "never moved"]),
    (tag_known_there, [], 3, [TAG, "is there already: at ", "never moved"]),
    (tag_differs, [], 3, [TAG, "not the same here and on origin", f"git tag --delete {TAG}"]),
    (conflicts, [], 3, ["without a person: git cannot merge", CODE, "by hand: git switch main"]),
    (conflicts, ["--dry-run"], 3, ["without a person"]),
    (diverged, [], 3, ["origin/main has 1 commit that", "git merge origin/main"]),
    (remote_gone, [], 4, ["does not appear to be a git repository", "--no-fetch"]),
    (declines, [], 4, ["no refs today"]),
    (no_git, [], 4, ["git", "PATH"]),
    (nothing, ["--version", "0.1.9"], 3, ["there is no branch", "hotfix start"]),
]


@pytest.mark.fault(72)
@pytest.mark.parametrize("case", FINISHES, ids=lambda case: f"{case[0].__name__}{''.join(case[1])}")
def test_finish_refuses(ready: Scene, case: Case) -> None:
    """A gate, main, a tag, the remote or a hook that refuses is named with a hint; nothing is changed."""
    spoil, args, code, words = case
    spoil(ready)
    yes = [] if "--dry-run" in args else ["--yes"]
    env = {"PATH": str(ready.bin)} if spoil is no_git else {}
    with untouched(ready.ours, ready.remote):
        result = ready.hotfix("finish", *yes, *args, **env)
    assert (result.code, "hint:" in result.err) == (code, True), result
    assert [word for word in words if word not in result.err] == [], result.err
    assert "Traceback" not in result.err


def test_finish_without_a_terminal_names_yes(ready: Scene) -> None:
    """What will be done is shown; without a terminal and --yes it is wrong usage, and nothing is done."""
    with untouched(ready.ours, ready.remote):
        result = ready.hotfix("finish")
    tip, main = (ready.ours.git("rev-parse", branch)[:12] for branch in (BRANCH, "main"))
    assert result.out == (
        f"  git tag --annotate {TAG} {tip}    # HOTFIX: Crash on login\n"
        f"  git push --atomic origin {tip}:refs/heads/main refs/tags/{TAG}\n"
        f"  git update-ref refs/heads/main {tip} {main}\n"
    )
    assert result.code == 2
    assert "no terminal" in result.err
    assert "--yes" in result.err


ASKED = [
    ("start", [*DECLARED, "--severity=MEDIUM"], "fresh"),
    ("pr", ["--run"], "ready"),
    ("finish", [], "ready"),
    ("deploy", ["--run"], "finished"),
]


@pytest.mark.parametrize(("command", "args", "stage"), ASKED, ids=[case[0] for case in ASKED])
def test_no_at_a_terminal_changes_nothing_and_yes_does_it(
    command: str, args: list[str], stage: str, request: pytest.FixtureRequest
) -> None:
    """At a real terminal it is asked: no (the default) exits 130 and changes nothing, yes does it."""
    scene: Scene = request.getfixturevalue(stage)
    for answer in ("n\n", "\n", "\x04"):
        with untouched(scene.ours, scene.remote):
            result = scene.at_terminal("hotfix", command, NAME, *args, answer=answer)
        assert result.code == 130, result
        assert "[y/N]" in result.err
        if answer != "\x04":
            assert result.err.endswith("nothing was done: the answer was no\n")
            assert "error:" not in result.err
    assert scene.at_terminal("hotfix", command, NAME, *args).code == 0


DRY = [
    ("start", list(DECLARED), "fresh", f" && git switch {BRANCH}    # {BASE}\n"),
    ("pr", ["--run"], "ready", f":refs/heads/{BRANCH}\ngh pr create --base main --head {BRANCH}"),
    ("pr", [], "ready", "gh pr create"),
    ("finish", ["--run"], "ready", "git push --atomic origin"),
    ("finish", ["--run"], "finished", f"gh release create {TAG}"),
    ("deploy", ["--run"], "finished", f"./scripts/deploy.sh {TAG} 0.1.1\n"),
]


@pytest.mark.parametrize(("command", "args", "stage", "shown"), DRY)
def test_a_dry_run_shows_and_changes_nothing(
    command: str, args: list[str], stage: str, shown: str, request: pytest.FixtureRequest
) -> None:
    """With --dry-run every command that has effects shows them and has none, whatever else is asked."""
    scene: Scene = request.getfixturevalue(stage)
    with untouched(scene.ours, scene.remote):
        result = done(scene.hotfix(command, *args, "--yes", "--dry-run"))
    assert shown in result.out
    assert "nothing was done" in result.err
    assert ("nothing was done: --run" in result.err) == (command == "pr" and "--run" not in args)


@pytest.mark.parametrize("command", sorted({*group.commands}))
def test_every_command_of_the_group_takes_the_same_options(command: str) -> None:
    """A script can give --version, -n, --yes and --json to each of them, and each says what they mean."""
    options = {name: each for each in group.commands[command].params for name in each.opts}
    wanted = {"--version", "-n", "--dry-run", "-y", "--yes", "--json"}
    assert wanted - {*options} == set()
    assert all(getattr(options[name], "help", None) for name in wanted)


def test_no_option_makes_a_command_that_looks_do_anything(ready: Scene) -> None:
    """With -n and --yes, check and list print what they print without."""
    for command in (("check", NAME), ("list",)):
        plain = ready.run("hotfix", *command, "--version", "0.1.1")
        with untouched(ready.ours, ready.remote):
            assert ready.run("hotfix", *command, "--version", "0.1.1", "-n", "--yes") == plain


@pytest.mark.parametrize("command", [("amend", "--impact", "Ada"), ("abandon", "--reason", "It was Ada")])
def test_a_decision_is_data(ready: Scene, command: tuple[str, ...]) -> None:
    """With --json what was recorded, or would be, is one object, and words go to stderr."""
    (shown, kept) = (done(ready.hotfix(*command, "--json", *more)) for more in (["-n"], []))
    assert (shown.data["dry_run"], kept.data["dry_run"]) == (True, False)
    assert kept.data["changed"]
    assert [each["action"] for each in kept.data["actions"]] == [
        each["action"] for each in shown.data["actions"]
    ]


@pytest.mark.parametrize("args", [(), ("-n",), ("--run",), ("--run", "-n")])
def test_a_pull_request_says_each_thing_once(fresh: Scene, args: tuple[str, ...]) -> None:
    """Of the gates that fail, no words stand twice, and the last line says how to open it all the same."""
    done(fresh.hotfix("start", *DECLARED))
    result = fresh.hotfix("pr", *args)
    lines = result.err.splitlines()
    assert len(lines) == len({*lines})
    if result.code:
        assert (result.code, result.err.count("there is no fix: commit")) == (3, 1)
    else:
        way = "without -n it" if "--run" in args else "--run"
        assert lines[-1] == f"nothing was done: {way} pushes the branch and opens the pull request"


@pytest.mark.parametrize(("command", "args", "stage"), ASKED, ids=[case[0] for case in ASKED])
def test_json_of_a_step_is_its_plan_done_or_not(
    command: str, args: list[str], stage: str, request: pytest.FixtureRequest
) -> None:
    """--json gives the same plan before, with -n, and after; else nothing is on stdout."""
    scene: Scene = request.getfixturevalue(stage)
    with untouched(scene.ours, scene.remote):
        planned = done(scene.hotfix(command, *args, "--json", "--dry-run")).data
        refused = scene.hotfix(command, *args, "--json")
    assert (refused.code, refused.out) == (2, "")
    assert all(each["command"].split("\n")[0] in refused.err for each in planned["actions"])
    result = done(scene.hotfix(command, *args, "--json", "--yes"))
    assert (planned["dry_run"], result.data["dry_run"], planned["changed"]) == (True, False, True)
    assert (result.data["step"], result.data["product"], result.data["version"]) == (command, NAME, "0.1.1")
    kinds = [[each["action"] for each in data["actions"]] for data in (planned, result.data)]
    assert kinds[0] == kinds[1] != []
    assert result.out.isascii()
    assert ("deploying" in result.err) == (command == "deploy")


def test_json_of_check_status_and_list(ready: Scene) -> None:
    """What programs read has a schema, every field, and nothing but ASCII."""
    check = done(ready.hotfix("check", "--json"))
    assert {*check.data} == {"schema", "product", "version", "ok", "gates"}
    assert (check.data["schema"], check.data["ok"]) == (1, True)
    assert [gate["id"] for gate in check.data["gates"]] == list(GATES)
    assert {*check.data["gates"][0]} == {"id", "title", "verdict", "found", "todo"}
    status = done(ready.hotfix("status", "--json"))
    assert {*status.data} == {
        "schema", "product", "version", "branch", "done", "next_command", "steps", "checklist", "gates",
        "timeline", "abandoned", "deployments", "rollback", "rolled_back", "said", "contacts", "channel",
        "warnings",
    }  # fmt: skip
    assert (status.data["version"], len(status.data["steps"]), len(status.data["checklist"])) == (
        "0.1.1",
        11,
        18,
    )
    listed = done(ready.run("hotfix", "list", "--json"))
    (row,) = listed.data["hotfixes"]
    assert {name: row[name] for name in ("product", "version", "branch", "severity")} == {
        "product": NAME, "version": "0.1.1", "branch": BRANCH, "severity": "CRITICAL",
    }  # fmt: skip
    assert dt.datetime.fromisoformat(row["declared"]).tzinfo is not None
    assert row["next"] == f"krow-versions hotfix finish {NAME}"
    assert all(each.out.isascii() for each in (check, status, listed))
    dirty(ready)
    wrong = ready.hotfix("check", "--json")
    assert (wrong.code, wrong.data["ok"]) == (1, False)


def test_from_anywhere_and_by_any_name(fresh: Scene, tmp_path: Path) -> None:
    """-C names the workspace, and a product is called by its alias; the record has its own name."""
    args = ("-C", str(fresh.ours.path), "hotfix")
    done(fresh.run(*args, "start", "staff-mobile", *DECLARED, cwd=tmp_path))
    assert fresh.record()["product"] == NAME
    assert fresh.ours.git("branch", "--show-current") == BRANCH
    told = done(
        fresh.run("hotfix", "status", "Staff Mobile", "-C", str(fresh.ours.path), "--json", cwd=tmp_path)
    )
    assert (told.data["product"], told.data["branch"]) == (NAME, BRANCH)


def test_an_older_line(fresh: Scene) -> None:
    """--from starts at a tag that is not the newest; the next PATCH of that line is shipped, and no other."""
    fresh.ours.tag(f"{WEB_SLUG}/prod-v1.3.4")
    fresh.ours.git("push", "--quiet", "origin", f"{WEB_SLUG}/prod-v1.3.4")
    branch = f"hotfix/{WEB_SLUG}-v1.3.5"
    result = done(fresh.run("hotfix", "start", "web", *DECLARED, f"--from={WEB_SLUG}/prod-v1.3.4"))
    assert f"{branch} starts at {WEB_SLUG}/prod-v1.3.4" in result.out
    assert fresh.ours.git("branch", "--show-current") == branch
    assert fresh.ours.git("rev-parse", "HEAD") == fresh.ours.git(
        "rev-parse", f"{WEB_SLUG}/prod-v1.3.4^{{commit}}"
    )
    record = fresh.record(f"{WEB_SLUG}-v1.3.5")
    assert (record["version"], record["base"]) == ("1.3.5", f"{WEB_SLUG}/prod-v1.3.4")


def test_a_dry_run_of_a_review_is_refused_where_the_run_is(ready: Scene) -> None:
    """``pr --run -n`` does not promise what ``pr --run`` refuses; without ``--run`` the text is shown."""
    ready.ours.write(CODE, "askForToken();\n")
    for more in ((), ("-n",)):
        assert_told(ready.hotfix("pr", "--run", "--yes", *more), 3, "not ready for its review", CODE)
    assert f"warning: not committed: {CODE}" in done(ready.hotfix("pr", "-n")).err


def test_without_a_remote_it_works_and_says_so(fresh: Scene) -> None:
    """Where there is no remote, tags and branches of the clone count, and nothing is pushed."""
    fresh.ours.git("remote", "remove", "origin")
    assert "there is no remote origin here" in done(fresh.hotfix("start", *DECLARED)).err
    tip = fix(fresh.ours)
    done(fresh.run("bump-patch", NAME, "-m", "Crash on login"))
    tip = fresh.ours.commit("chore: version")
    assert_told(fresh.hotfix("pr", "--run", "--yes"), 3, "no remote origin", "--done review")
    assert done(fresh.hotfix("status", "--json")).data["next_command"].endswith("--done review")
    done(fresh.hotfix("status", "--done", "review", "--done", "approval"))
    result = done(fresh.hotfix("finish", "--yes"))
    assert f"{TAG} is merged, tagged; there is no remote origin\n" in result.out
    assert fresh.ours.git("rev-parse", "main", f"{TAG}^{{commit}}").split() == [tip, tip]
    assert "gh release" not in result.out
    again = done(fresh.hotfix("finish", "--yes"))
    assert f"{TAG} is merged, tagged: nothing to do" in again.out
    done(fresh.hotfix("deploy", "--run", "--yes"))


def test_a_hook_that_fails_after_the_switch_is_only_reported(fresh: Scene) -> None:
    """When post-checkout fails all is done already: the start goes on, and its complaint is shown."""
    hook(fresh.ours, "post-checkout", 'echo "cannot warm the cache" >&2; exit 1')
    result = done(fresh.hotfix("start", *DECLARED))
    assert "cannot warm the cache" in result.err
    assert fresh.ours.git("branch", "--show-current") == BRANCH
    assert fresh.record()["issue"] == "Crash on login"


def test_a_hook_that_declines_the_push_leaves_a_state_that_goes_on(ready: Scene) -> None:
    """A failing pre-push hook is exit 4 in its words; nothing is on the remote, and a later run ends well."""
    before = ready.remote.git("for-each-ref")
    hook(ready.ours, "pre-push", 'echo "no pushes on Fridays" >&2; exit 1')
    for _ in range(2):
        result = ready.hotfix("finish", "--yes")
        assert_told(result, 4, "no pushes on Fridays", "hint:")
        assert ready.remote.git("for-each-ref") == before
    (ready.ours.path / ".git/hooks/pre-push").unlink()
    done(ready.hotfix("finish", "--yes"))
    tip = ready.ours.git("rev-parse", BRANCH)
    assert ready.there("refs/heads/main") == tip
    assert ready.there(f"refs/tags/{TAG}") == ready.ours.git("rev-parse", f"refs/tags/{TAG}")


def test_without_gh_the_branch_is_pushed_and_the_rest_is_printed(ready: Scene) -> None:
    """--run without a gh program: pushed, exit 0, and what to do by hand is named, with how to say so."""
    result = done(ready.hotfix("pr", "--run", "--yes"))
    assert "there is no gh program here" in result.err
    assert f"krow-versions hotfix status {NAME} --done review" in result.err
    assert ready.there(f"refs/heads/{BRANCH}") == ready.ours.git("rev-parse", BRANCH)
    assert "done" not in ready.record()
    result = done(ready.hotfix("finish", "--run", "--yes"))
    assert f"gh release create {TAG} --verify-tag" in result.out
    assert "--done github-release" in result.err
    assert "done" not in ready.record()


def test_no_fetch_starts_without_the_remote(fresh: Scene) -> None:
    """When the remote is gone, --no-fetch uses what is known of it here."""
    remote_gone(fresh)
    done(fresh.hotfix("start", *DECLARED, "--no-fetch"))
    assert fresh.ours.git("branch", "--show-current") == BRANCH


def test_starting_again_continues_and_keeps_what_was_said(fresh: Scene) -> None:
    """A second start changes nothing that was recorded, and says so; work on the branch is no obstacle."""
    done(fresh.hotfix("start", *DECLARED))
    before = fresh.record()
    fresh.ours.write(CODE, "half a fix\n")
    with untouched(fresh.remote), as_before(fresh.ours):
        again = done(fresh.hotfix("start", *DECLARED, "--issue=Something else"))
    assert f"{BRANCH} is there already; this continues it" in again.out
    assert "what was said then stays" in again.err
    assert "krow-versions hotfix amend" in again.err
    assert fresh.record() == before


@pytest.mark.fault(83)
def test_from_a_detached_head(fresh: Scene) -> None:
    """A hotfix can be started and finished from a detached HEAD."""
    fresh.ours.git("switch", "--quiet", "--detach")
    done(fresh.hotfix("start", *DECLARED))
    fix(fresh.ours)
    done(fresh.run("bump-patch", NAME, "-m", "Crash on login"))
    tip = fresh.ours.commit("chore: version")
    fresh.approve()
    fresh.ours.git("switch", "--quiet", "--detach", "main")
    done(fresh.hotfix("finish", "--yes"))
    assert fresh.there("refs/heads/main") == tip
    assert fresh.ours.git("rev-parse", "main") == tip


@pytest.mark.parametrize(
    ("boxes", "code", "words"),
    [
        (["smoke-test"], 2, ["no box 'smoke-test'", "did you mean smoke-tests?"]),
        (["merged"], 3, ["merged is not ticked by hand: git shows it", "krow-versions hotfix finish"]),
        (["review", "total-time"], 3, ["total-time is not ticked by hand"]),
    ],
)
def test_a_box_that_nobody_ticks(ready: Scene, boxes: list[str], code: int, words: list[str]) -> None:
    """A box that git decides, or an unknown one, cannot be ticked; then no box of the call is ticked."""
    with untouched(ready.ours, ready.remote):
        result = ready.hotfix("status", *(f"--done={box}" for box in boxes))
    assert_refused(result, *words, code=code)


def test_without_a_declaration_start_is_next(ready: Scene) -> None:
    """Where nothing is declared, boxes of the branch are ticked all the same, and start is next."""
    (ready.ours.path / RECORD).unlink()
    done(ready.hotfix("status", "--done", "review"))
    told = done(ready.hotfix("status", "--json")).data
    assert told["next_command"].startswith(f"krow-versions hotfix start {NAME}")
    done(ready.hotfix("start", *DECLARED))
    assert ready.record()["issue"] == "Crash on login"


@pytest.mark.parametrize("output", ["", ".", "nowhere/report.md"])
def test_a_report_goes_to_a_file_that_can_be(ready: Scene, output: str) -> None:
    """A path that cannot be written is wrong usage, and nothing is recorded."""
    with untouched(ready.ours, ready.remote):
        assert_refused(ready.hotfix("report", "-o", output), "--output", code=2)


def test_list_says_when_there_is_none(fresh: Scene) -> None:
    """Without a hotfix under way there is a note on stderr, and an empty list as JSON."""
    with untouched(fresh.ours, fresh.remote):
        result = done(fresh.run("hotfix", "list"))
        assert (result.out, result.err) == ("", "no hotfix is under way\n")
        assert done(fresh.run("hotfix", "list", "--json")).data == {"schema": 1, "hotfixes": []}


@pytest.mark.parametrize(("now", "said", "day"), [("00:10", "23:50", 4), ("14:10", "14:05", 5)])
def test_a_time_of_day_is_the_last_one(now: str, said: str, day: int) -> None:
    """After midnight, 23:50 was yesterday; a time today that has passed is today."""
    moment = dt.datetime.fromisoformat(f"2026-03-05T{now}").astimezone()
    found = past_moment("--detected", said, moment)
    assert found == dt.datetime.fromisoformat(f"2026-03-{day:02d}T{said}").astimezone()


def test_each_reason_is_printed_once_and_the_help_shows_the_way(fresh: Scene) -> None:
    """A fault that fails two gates is one reason; the help of the group shows the steps line by line."""
    done(fresh.hotfix("start", *DECLARED))
    result = fresh.hotfix("finish", "--yes")
    assert_refused(result, "there is no fix: commit")
    assert result.err.count("there is no fix: commit") == 1
    help_ = done(fresh.run("hotfix", "--help")).out
    assert "\n    start -> fix and commit -> bump-patch -> check -> pr\n" in help_


def test_a_branch_that_was_amended_after_the_push_goes_on_as_the_hint_says(ready: Scene) -> None:
    """Nothing is forced: the push is refused, and the commands that the hint names let it go on."""
    done(ready.hotfix("pr", "--run", "--yes"))
    ready.ours.git("commit", "--amend", "--quiet", "--message=chore: version, reworded")
    result = ready.hotfix("pr", "--run", "--yes")
    hint = f"git fetch origin && git merge origin/{BRANCH}"
    assert_told(result, 4, "non-fast-forward", hint)
    assert "--force" not in result.err
    for command in hint.split(" && "):
        ready.ours.git(*shlex.split(command)[1:])
    done(ready.hotfix("pr", "--run", "--yes"))
    assert ready.there(f"refs/heads/{BRANCH}") == ready.ours.git("rev-parse", BRANCH)


def test_list_leaves_out_what_is_in_no_repository(ready: Scene) -> None:
    """A product whose folder is in no git repository hides no hotfix of the others."""
    folder = ready.ours.path.parent
    (folder / "no-git").mkdir()
    (folder / "no-git/package.json").write_text('{"name": "x", "version": "1.0.0"}\n')
    (folder / "krow-versions.toml").write_text(
        '[repos]\nours = "krow"\nelse = "no-git"\n'
        f'[products.{NAME}]\nslug = "{SLUG}"\nrepo = "ours"\nfiles = ["{STAFF}"]\n'
        '[products.else]\nslug = "else"\nrepo = "else"\nfiles = ["package.json"]\n'
    )
    assert f"{NAME}  0.1.1" in done(ready.run("hotfix", "list", cwd=folder)).out


def test_a_commit_after_the_tag_is_not_called_untagged(finished: Scene) -> None:
    """A branch that moved on after its release is reported, and is not deployed."""
    finished.ours.git("switch", "--quiet", BRANCH)
    finished.ours.write(CODE, "later();\n")
    finished.ours.commit("fix: later")
    result = finished.hotfix("deploy", "--run", "--yes")
    assert_refused(result, f"{BRANCH} is not at {TAG}", f"git log {TAG}..{BRANCH}")


def test_a_version_that_nobody_knows_is_refused_with_how_to_start_it(fresh: Scene) -> None:
    """Status of a version without branch, tag or record names those that exist, and how to start one."""
    result = fresh.hotfix("status", "--version", "9.9.9")
    assert_refused(result, f"nothing is known of {NAME} 9.9.9", "0.1.0", "hotfix start")


def test_finish_of_what_is_deployed_does_not_lead_to_deploying_again(finished: Scene) -> None:
    """Run again after the deployment, finish leads to the status, not to a second deployment."""
    done(finished.hotfix("deploy", "--run", "--yes"))
    told = done(finished.hotfix("finish")).err
    assert told.endswith(f"next: krow-versions hotfix status {NAME}\n")
