"""Pull requests and releases through the real gh, the newest and an old one, on a server like GitHub's."""

from __future__ import annotations

import itertools
import json
import os
import shlex
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from krow_versions import Workspace, gh
from krow_versions.errors import OperationFailed
from krow_versions.planning.actions import RunProgram
from krow_versions.workspace.applying import apply_plan
from support.commands import assert_told, done
from support.github import ADDRESS, PLACE
from support.krow import STAFF, pubspec
from support.repositories import executable, refs
from support.scenes import BRANCH, CODE, NAME, TAG
from support.untouched import untouched

if TYPE_CHECKING:
    from collections.abc import Callable

    import krow_versions as kv
    from support.hosted import Hosted

PAGE = f"http://{PLACE}/pull/1"


@pytest.fixture
def view(hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> kv.HotfixView:
    """The hotfix in the library, in the environment of the commands."""
    for name, value in (hosted.github.env | hosted.scene.env()).items():
        monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(name, value)
    return Workspace.open(hosted.scene.ours.path).hotfix(NAME)


def test_it_is_opened_once(hosted: Hosted) -> None:
    """--run makes the label, pushes, opens and prints the page; run again it does nothing, and prints it."""
    github, scene = hosted.github, hosted.scene
    with untouched(scene.ours, scene.remote):
        shown = done(hosted.hotfix("pr"))
    assert f"gh label create --color B60205 --repo {PLACE} -- URGENT\ngh pr create --base main" in shown.out
    assert (github.labels, github.pulls) == (["bug"], [])
    first = done(hosted.hotfix("pr", "--run", "--yes"))
    assert first.out.endswith(f"\n{PAGE}\n")
    assert f"when it is approved: krow-versions hotfix finish {NAME}" in first.err
    (pull,) = github.pulls
    assert (pull.branch, pull.base, pull.title, pull.labels) == (
        BRANCH,
        "main",
        "HOTFIX: Crash on login",
        ["URGENT"],
    )
    assert pull.body.startswith("## URGENT PRODUCTION FIX\n")
    assert pull.head == scene.ours.git("rev-parse", BRANCH) == scene.there(f"refs/heads/{BRANCH}")
    assert {*scene.record()["done"]} == {"review"}
    with untouched(scene.ours, scene.remote):
        again = done(hosted.hotfix("pr", "--run"))  # Nothing is left to agree to.
    assert again.out.endswith(f"\n{PAGE}\n")
    assert f"pull request #1 is open: {PAGE}" in again.err
    assert github.pulls == [pull]


def test_each_action_that_is_shown_is_done(hosted: Hosted) -> None:
    """The JSON before and after has the same actions, and what is typed by hand has the same effect."""
    planned = done(hosted.hotfix("pr", "--json", "--dry-run")).data
    applied = done(hosted.hotfix("pr", "--run", "--yes", "--json")).data
    assert planned["actions"] == applied["actions"]
    assert [action["action"] for action in planned["actions"]] == ["push", "run-program", "run-program"]
    assert all(action["place"] == PLACE for action in planned["actions"][1:])


def test_what_is_there_is_used(hosted: Hosted) -> None:
    """A label of the same name, in whatever case, and a colleague's pull request are not made again."""
    hosted.github.labels.append("Urgent")
    hosted.push(BRANCH)
    hosted.github.open(BRANCH)
    result = done(hosted.hotfix("pr", "--run", "--yes"))
    assert result.out.endswith(f"\n{PAGE}\n")
    assert (hosted.github.labels, len(hosted.github.pulls)) == (["bug", "Urgent"], 1)
    assert {*hosted.scene.record()["done"]} == {"review"}


def test_new_commits_are_pushed_to_an_open_one(hosted: Hosted) -> None:
    """Where the pull request is open and the branch has more, --run pushes and nothing else."""
    done(hosted.hotfix("pr", "--run", "--yes"))
    hosted.scene.ours.write(CODE, "login(token);\n")
    tip = hosted.scene.ours.commit("test: more")
    planned = done(hosted.hotfix("pr", "--json", "--dry-run")).data
    assert [action["action"] for action in planned["actions"]] == ["push"]
    assert done(hosted.hotfix("pr", "--run", "--yes")).out.endswith(f"\n{PAGE}\n")
    hosted.github.refresh()
    assert [pull.head for pull in hosted.github.pulls] == [tip]


def test_without_the_right_to_make_a_label_it_is_opened_without(hosted: Hosted) -> None:
    """Somebody who may only read gets a warning about the label, and the pull request."""
    hosted.github.may = "READ"
    result = done(hosted.hotfix("pr", "--run", "--yes"))
    assert "the label 'URGENT' was not made" in result.err
    assert "it was opened without the label 'URGENT'" in result.err
    assert result.out.endswith(f"\n{PAGE}\n")
    assert [pull.labels for pull in hosted.github.pulls] == [[]]
    assert {*hosted.scene.record()["done"]} == {"review"}


def test_without_the_right_to_give_a_label_it_is_opened_all_the_same(hosted: Hosted) -> None:
    """A pull request that gh opened before it failed is found, and what gh said is a warning."""
    hosted.github.may = "READ"
    hosted.github.labels.append("URGENT")
    result = done(hosted.hotfix("pr", "--run", "--yes"))
    assert "is there, but gh said" in result.err
    assert result.out.endswith(f"\n{PAGE}\n")
    assert len(hosted.github.pulls) == 1


def test_what_a_colleague_makes_meanwhile_is_used(hosted: Hosted, view: kv.HotfixView) -> None:
    """Label, pull request and release that appear between plan and effect are found, not an error."""
    github = hosted.github
    plan = view.plan_pr()
    github.labels.append("urgent")
    hosted.push(BRANCH)
    github.open(BRANCH)
    applied = apply_plan(view.workspace, plan)
    assert (applied.urls, applied.warnings) == ((PAGE,), ())
    assert (len(github.pulls), github.labels) == (1, ["bug", "urgent"])
    plan = view.plan_finish(release=True)
    page = f"http://{PLACE}/releases/tag/{TAG}"
    github.releases.append({"id": 1, "tag_name": TAG, "html_url": page, "draft": False})
    applied = apply_plan(view.workspace, plan)
    assert (applied.urls, applied.warnings) == ((page,), ())
    assert len(github.releases) == 1
    assert {*hosted.scene.record()["done"]} == {"github-release", "review"}


@pytest.mark.parametrize("deleted", [False, True])
def test_one_that_is_merged_meanwhile_is_used(hosted: Hosted, view: kv.HotfixView, deleted: bool) -> None:
    """A pull request that was opened and merged between plan and effect is found, in the same run."""
    hosted.push(BRANCH)
    plan = view.plan_pr()
    hosted.github.merge(hosted.github.open(BRANCH))
    if deleted:
        hosted.scene.remote.git("update-ref", "-d", f"refs/heads/{BRANCH}")
    applied = apply_plan(view.workspace, plan)
    assert (applied.urls, applied.warnings) == ((PAGE,), ())
    assert len(hosted.github.pulls) == 1
    assert done(hosted.hotfix("pr", "--run", "--yes")).out.endswith(f"\n{PAGE}\n")


@pytest.mark.parametrize("deleted", [False, True])
def test_nothing_is_opened_for_what_is_out(hosted: Hosted, deleted: bool) -> None:
    """With its tag on the remote and main containing it, there is nothing to review: that is said."""
    done(hosted.hotfix("finish", "--yes"))
    if deleted:
        hosted.scene.ours.git("switch", "--quiet", "main")
        hosted.scene.ours.git("branch", "--quiet", "-D", BRANCH)
    with untouched(hosted.scene.ours, hosted.scene.remote):
        result = done(hosted.hotfix("pr", "--run", "--yes"))
    assert f"{TAG} is out: main contains the hotfix, and origin has its tag" in result.err
    assert hosted.github.pulls == []
    assert "gh pr create" not in done(hosted.hotfix("pr")).out


@pytest.mark.parametrize("how", ["merge", "squash"])
def test_what_github_merged_and_deleted_is_finished_in_another_clone(hosted: Hosted, how: str) -> None:
    """Where the branch is nowhere and its pull request is merged, the hint brings it to be finished."""
    scene = hosted.scene
    tip = approve(hosted)["commit"]["oid"]
    scene.remote.git("update-ref", "refs/pull/1/head", tip)  # As GitHub keeps it.
    hosted.github.merge(hosted.github.pulls[0], how)
    scene.remote.git("update-ref", "-d", f"refs/heads/{BRANCH}")
    scene.ours.git("switch", "--quiet", "main")
    scene.ours.git("branch", "--quiet", "-D", BRANCH)
    scene.ours.git("fetch", "--quiet", "--prune")
    shutil.rmtree(scene.ours.path / ".git/krow-versions")
    assert_told(hosted.hotfix("finish", "--yes"), 3, "if one was merged on origin", "--version VERSION")
    result = hosted.hotfix("finish", "--yes", "--version", "0.1.1")
    assert_told(result, 3, f"pull request #1 is merged: {PAGE}", "refs/pull/1/head")
    assert "hotfix start" not in result.err
    fetch = result.err.partition("hint: ")[2].partition(" && ")[0]
    scene.ours.git(*shlex.split(fetch)[1:])
    done(hosted.hotfix("finish", "--yes"))
    assert scene.there(f"refs/tags/{TAG}")


def test_a_recorded_hotfix_is_not_started_again(hosted: Hosted) -> None:
    """Where the branch was lost, `finish` says how to make it again at its commit, which then ships."""
    scene = hosted.scene
    tip = scene.ours.git("rev-parse", BRANCH)
    scene.ours.git("switch", "--quiet", "main")
    scene.ours.git("branch", "--quiet", "-D", BRANCH)
    result = hosted.hotfix("finish", "--yes")
    assert_told(result, 3, "though it is recorded here", f"git branch {BRANCH} COMMIT")
    assert "hotfix start" not in result.err
    scene.ours.git("branch", BRANCH, tip)
    done(hosted.hotfix("finish", "--yes"))


def merged(hosted: Hosted) -> None:
    hosted.github.merge(hosted.github.open(BRANCH))


def merged_and_deleted(hosted: Hosted) -> None:
    hosted.github.merge(hosted.github.open(BRANCH), "squash")
    hosted.scene.remote.git("update-ref", "-d", f"refs/heads/{BRANCH}")


def closed(hosted: Hosted) -> None:
    hosted.github.open(BRANCH).state = "CLOSED"


def closed_after_a_merge(hosted: Hosted) -> None:
    merged(hosted)
    closed(hosted)


def draft(hosted: Hosted) -> None:
    hosted.github.open(BRANCH).draft = True


def elsewhere(hosted: Hosted) -> None:
    hosted.scene.remote.git("update-ref", "refs/heads/release/2", "refs/heads/main")
    hosted.github.open(BRANCH, base="release/2")


def merged_elsewhere(hosted: Hosted) -> None:
    elsewhere(hosted)
    hosted.github.merge(hosted.github.pulls[0])


def twice(hosted: Hosted) -> None:
    hosted.github.open(BRANCH)
    elsewhere(hosted)


def of_a_fork(hosted: Hosted) -> None:
    hosted.github.open(BRANCH, fork="stranger")


SEEN: dict[Callable[[Hosted], None], tuple[int, tuple[str, ...]]] = {
    merged: (0, ("pull request #1 is merged", f"next: krow-versions hotfix finish {NAME}")),
    merged_and_deleted: (0, ("pull request #1 is merged", f"next: krow-versions hotfix finish {NAME}")),
    closed: (1, ("pull request #1 was closed without a merge, so another one is opened",)),
    closed_after_a_merge: (0, ("pull request #1 is merged", "other pull requests of this branch: #2")),
    draft: (0, ("pull request #1 is open as a draft",)),
    elsewhere: (0, ("pull request #1 is for release/2, not for main",)),
    merged_elsewhere: (1, ("pull request #1 is merged", "is for release/2, not for main\n")),
    twice: (0, ("pull request #1 is open", "other pull requests of this branch: #2")),
    of_a_fork: (1, ()),
}


@pytest.mark.parametrize("before", SEEN, ids=lambda before: before.__name__)
def test_what_is_unusual_is_said(hosted: Hosted, before: Callable[[Hosted], None]) -> None:
    """Merged, closed, draft, for another branch, several, a fork's: it is said, and what counts is found."""
    made, words = SEEN[before]
    hosted.push(BRANCH)
    before(hosted)
    there, count = refs(hosted.scene.remote), len(hosted.github.pulls)
    result = done(hosted.hotfix("pr", "--run", "--yes"))
    assert [word for word in words if word not in result.err] == [], result.err
    assert len(hosted.github.pulls) == count + made
    assert refs(hosted.scene.remote) == there
    assert result.out.rstrip().endswith(f"/pull/{count + 1 if made else 1}")


def approve(hosted: Hosted) -> Any:
    hosted.push(BRANCH)
    return hosted.github.review(hosted.github.open(BRANCH))


def approve_an_older_one(hosted: Hosted) -> None:
    approve(hosted)
    hosted.scene.ours.write(CODE, "login(token);\n")
    hosted.scene.ours.commit("test: more")
    hosted.push(BRANCH)


def dismiss(hosted: Hosted) -> None:
    approve(hosted)["state"] = "DISMISSED"


def take_back(hosted: Hosted) -> None:
    approve(hosted)
    hosted.github.review(hosted.github.pulls[0], "CHANGES_REQUESTED")


def not_pushed(hosted: Hosted) -> None:
    approve(hosted)
    hosted.scene.ours.write(CODE, "login(token);\n")
    hosted.scene.ours.commit("test: more")


def approve_oneself(hosted: Hosted) -> None:
    hosted.push(BRANCH)
    hosted.github.review(hosted.github.open(BRANCH), by="author")


def approve_and_merge(hosted: Hosted) -> None:
    approve(hosted)
    hosted.github.merge(hosted.github.pulls[0], "squash")


REVIEWS: dict[Callable[[Hosted], object], bool] = {
    approve: True,
    approve_and_merge: True,
    approve_an_older_one: False,
    dismiss: False,
    take_back: False,
    not_pushed: False,
    approve_oneself: False,
    merged: False,
}


@pytest.mark.parametrize("before", REVIEWS, ids=lambda before: before.__name__)
def test_an_approval_is_seen_of_exactly_this_tip(
    hosted: Hosted, view: kv.HotfixView, before: Callable[[Hosted], object]
) -> None:
    """The facts say which commit is approved: it is the tip only if somebody else approved just that."""
    if before is merged:
        hosted.push(BRANCH)
    before(hosted)
    facts = view.look().facts
    assert facts.github == PLACE
    assert facts.pull_request is not None
    assert (facts.pull_request.approved_head == facts.tip) is REVIEWS[before]
    is_merged = before in {approve_and_merge, merged}
    assert (facts.pull_request.merge_commit == hosted.scene.there("refs/heads/main")) is is_merged


def test_the_release_is_made_once(hosted: Hosted) -> None:
    """finish --run makes it and prints its page; run again it is found, and never made a second time."""
    page = f"http://{PLACE}/releases/tag/{TAG}"
    approve(hosted)
    done(hosted.hotfix("status", "--done", "approval"))
    first = done(hosted.hotfix("finish", "--run", "--yes"))
    assert page in first.out.split("\n")
    (release,) = hosted.github.releases
    assert (release["tag_name"], release["name"]) == (TAG, TAG)
    assert "make_latest" not in release
    record = hosted.scene.record()
    assert "github-release" in record["done"]
    for args in (["--run", "--yes"], ["--yes"]):
        assert "nothing to do" in done(hosted.hotfix("finish", *args)).out
    assert hosted.github.releases == [release]


def test_what_is_only_noted_needs_no_terminal(hosted: Hosted) -> None:
    """Where all that is left is to note in the record what somebody did, nobody is asked."""
    approve(hosted)
    done(hosted.hotfix("status", "--done", "approval"))
    done(hosted.hotfix("finish", "--yes"))
    page = f"http://{PLACE}/releases/tag/{TAG}"
    hosted.github.releases.append({"id": 1, "tag_name": TAG, "html_url": page, "draft": False})
    assert "nothing to do" in done(hosted.hotfix("finish", "--run")).out
    assert "github-release" in hosted.scene.record()["done"]


def test_a_release_that_somebody_made_is_found(hosted: Hosted) -> None:
    """One that is there is noted as made; a draft is not, and it is said."""
    approve(hosted)
    done(hosted.hotfix("status", "--done", "approval"))
    done(hosted.hotfix("finish", "--yes"))
    page = f"http://{PLACE}/releases/tag/{TAG}"
    release = {"id": 1, "tag_name": TAG, "html_url": page, "draft": True}
    hosted.github.releases.append(release)
    result = done(hosted.hotfix("finish", "--run", "--yes"))
    assert f"the release is there: {page}, but only as a draft: publish it" in result.err
    assert "done" not in hosted.scene.record()
    release["draft"] = False
    result = done(hosted.hotfix("finish", "--run", "--yes"))
    assert f"the release is there: {page}\n" in result.err
    assert "gh release create" not in result.out
    assert "github-release" in hosted.scene.record()["done"]


def test_the_release_of_an_older_line_is_not_the_latest(hosted: Hosted, view: kv.HotfixView) -> None:
    """Where a higher version is in production, the release says that it is not the latest."""
    scene = hosted.scene
    scene.ours.tag(TAG.replace("0.1.1", "0.2.0"), "main")
    plan = view.plan_finish(release=True, fetch=False)
    (argv,) = (action.argv for action in plan.actions if isinstance(action, RunProgram))
    assert "--latest=false" in argv
    scene.ours.git("push", "--quiet", "origin", f"{BRANCH}:refs/tags/{TAG}")
    gh.execute(argv[1:], PLACE)
    assert hosted.github.releases[0]["make_latest"] == "false"


GARBAGE = json.dumps({"data": {"repository": {"pullRequests": {"nodes": [{
    "headRefName": BRANCH, "headRepositoryOwner": {"login": "krow"}, "state": "\x1b[2J", "url": "js:x",
}]}}}})  # fmt: skip
WRONG: dict[str, tuple[tuple[int, str, str], str]] = {
    "token": ((401, "application/json", '{"message": "Bad credentials"}'), "HTTP 401"),
    "rights": ((403, "application/json", '{"message": "no"}'), "HTTP 403"),
    "hidden": (
        (200, "application/json", '{"data": null, "errors": [{"type": "NOT_FOUND", "message": "no such"}]}'),
        "no such",
    ),
    "page": ((200, "text/html", "<html>Sign in</html>"), "invalid character '<'"),
    "gateway": ((502, "text/html", "<html>Bad gateway</html>"), "HTTP 502"),
    "nothing": ((200, "application/json", ""), "gh pr view failed"),
    "garbage": ((200, "application/json", GARBAGE), "gh gave an unexpected answer"),
}  # fmt: skip


def assert_by_hand(hosted: Hosted, result: Any, said: str) -> None:
    """The branch is pushed, and what is left is said: by hand, and how to say that it is done."""
    done(result)
    assert said in result.err, result.err
    assert f"krow-versions hotfix status {NAME} --done review" in result.err
    assert "gh pr create --base main" in done(hosted.hotfix("pr")).out
    assert hosted.scene.there(f"refs/heads/{BRANCH}") == hosted.scene.ours.git("rev-parse", BRANCH)
    assert hosted.github.pulls == []
    assert "done" not in hosted.scene.record()


@pytest.mark.parametrize("case", WRONG)
def test_a_server_that_fails_does_not_block(hosted: Hosted, case: str) -> None:
    """Whatever GitHub answers instead: the branch is pushed, the reason is said, people go on by hand."""
    (code, kind, text), said = WRONG[case]
    hosted.github.wrong = lambda _: (code, kind, text)
    assert_by_hand(hosted, hosted.hotfix("pr", "--run", "--yes"), said)


def test_what_cannot_be_made_is_a_failure(hosted: Hosted) -> None:
    """Where GitHub refuses to make it: exit 4, why, what is done, and the next run goes on from there."""
    refused = (500, "application/json", '{"message": "we are sorry"}')
    makes = {"PullRequestCreate", "POST /repos/krow/withus/releases"}
    hosted.github.wrong = lambda asked: refused if asked in makes else None
    result = hosted.hotfix("pr", "--run", "--yes")
    assert_told(result, 4, "gh ended with exit code 1: ", "HTTP 500", "done: git push", "--done review")
    assert hosted.scene.there(f"refs/heads/{BRANCH}") == hosted.scene.ours.git("rev-parse", BRANCH)
    done(hosted.hotfix("status", "--done", "approval"))
    result = hosted.hotfix("finish", "--run", "--yes")
    assert_told(result, 4, "HTTP 500", "done: git push", "--done github-release")
    assert "done" not in hosted.scene.record()
    hosted.github.wrong = lambda _: None
    again = done(hosted.hotfix("finish", "--json", "--dry-run")).data
    assert [action["action"] for action in again["by_hand"]] == ["run-program"]
    assert again["actions"] == []
    done(hosted.hotfix("finish", "--run", "--yes"))
    assert len(hosted.github.releases) == 1


def test_who_is_not_logged_in_goes_on_by_hand(hosted: Hosted) -> None:
    """Without a token gh is not logged in: that is said, with the command for it."""
    result = hosted.hotfix("pr", "--run", "--yes", GH_TOKEN=None, GH_HOST=None)
    assert_by_hand(hosted, result, "gh is not logged in to github.localhost")
    assert "gh auth login --hostname github.localhost" in result.err


@pytest.mark.parametrize("args", [(), ("--run", "--yes")])
def test_a_question_for_the_merge_that_fails_does_not_block(hosted: Hosted, args: tuple[str, ...]) -> None:
    """Where GitHub fails at the pull request of the merge, `pr` says so, and uses what is there."""
    ours = hosted.scene.ours
    ours.git("switch", "--quiet", "main")
    ours.write(STAFF, pubspec("0.2.0+9"))
    ours.commit("feat: more")
    hosted.push("main")
    ours.git("switch", "--quiet", BRANCH)
    done(hosted.hotfix("pr", "--run", "--yes"))
    assert [pull.branch for pull in hosted.github.pulls] == [f"merge/{BRANCH}"]
    number = itertools.count()

    def wrong(asked: str) -> tuple[int, str, str] | None:
        is_second = asked == "PullRequestForBranch" and next(number) == 1
        return (502, "text/html", "<html>Bad gateway</html>") if is_second else None

    hosted.github.wrong = wrong
    result = done(hosted.hotfix("pr", *args))
    assert next(number) > 1
    assert f"the pull request of merge/{BRANCH} was not looked for: gh pr view failed: HTTP 502" in result.err
    assert len(hosted.github.pulls) == 1


def test_a_remote_that_is_not_on_github(hosted: Hosted) -> None:
    """A path is no repository of GitHub, unless GH_REPO names the one that belongs to it."""
    hosted.scene.ours.git("remote", "set-url", "origin", hosted.scene.remote.path.as_uri())
    result = hosted.hotfix("pr", "--run", "--yes")
    assert_by_hand(hosted, result, "is not that of a repository on GitHub")
    assert "export GH_REPO=HOST/OWNER/NAME" in result.err
    named = done(hosted.hotfix("pr", "--run", "--yes", GH_REPO=PLACE))
    assert named.out.endswith(f"\n{PAGE}\n")


def name_remote(hosted: Hosted, address: str) -> None:
    """Give the remote another address, which git finds at the same place."""
    hosted.scene.ours.git("remote", "set-url", "origin", address)
    hosted.scene.ours.git("config", f"url.{hosted.scene.remote.path.as_uri()}.insteadOf", address)


def test_a_remote_that_is_a_fork(hosted: Hosted) -> None:
    """Where GH_REPO names the repository that the remote is a fork of, the branch is named with its owner."""
    name_remote(hosted, "https://github.localhost/somebody/withus.git")
    for _ in range(2):
        result = done(hosted.hotfix("pr", "--run", "--yes", GH_REPO=PLACE))
        assert result.out.endswith(f"\n{PAGE}\n")
    assert [(pull.fork, pull.branch) for pull in hosted.github.pulls] == [("somebody", BRANCH)]


def test_a_server_that_hangs_is_left(hosted: Hosted, view: kv.HotfixView) -> None:
    """A question has a time limit, after which gh is ended."""
    program = executable(hosted.scene.bin / "gh.slow", "#!/bin/sh\nsleep 600\n")
    (hosted.scene.bin / "gh").unlink()
    program.rename(hosted.scene.bin / "gh")
    with pytest.raises(OperationFailed, match=r"was stopped after 0\.2 s"):
        gh.execute(["pr", "view"], PLACE, timeout=0.2)


def test_gh_stands_outside_of_every_repository(hosted: Hosted, view: kv.HotfixView) -> None:
    """What git gh starts has no repository, so that nothing which one configures can run."""
    log = shlex.quote(str(hosted.scene.bin / "log"))
    caller = 'tr "\\0" " " < /proc/$PPID/cmdline | head -n1'
    note = f'{{ {caller}; pwd; echo "$GIT_DIR"; }} | tr "\\n" "|" >> {log}; echo >> {log}'
    executable(hosted.scene.bin / "git", f'#!/bin/sh\n{note}\nexec {shutil.which("git")} "$@"\n')
    apply_plan(view.workspace, view.plan_pr())
    assert len(hosted.github.pulls) == 1
    calls = [line.split("|") for line in (hosted.scene.bin / "log").read_text().split("\n") if line]
    by_gh = [(folder, git_dir) for caller, folder, git_dir, *_ in calls if caller.startswith("gh ")]
    assert 0 < len(by_gh) < len(calls)
    assert {*by_gh} == {("/", os.devnull)}


def test_a_gh_in_the_checkout_is_not_run(hosted: Hosted) -> None:
    """A relative folder of PATH can be a stranger's: no gh is looked for there."""
    (hosted.scene.bin / "gh").unlink()
    canary = hosted.scene.ours.path / "canary"
    executable(hosted.scene.ours.path / "tools/gh", f"#!/bin/sh\ntouch {shlex.quote(str(canary))}\n")
    result = done(hosted.hotfix("pr", "--run", "--yes", PATH=f"tools{os.pathsep}.{os.pathsep}/usr/bin:/bin"))
    assert "there is no gh program here" in result.err
    assert not canary.exists()


def test_a_token_goes_to_its_own_server_alone(hosted: Hosted) -> None:
    """The address of a remote can be a stranger's: no token for an enterprise server is sent there."""
    name_remote(hosted, "https://github.stranger.example/krow/withus.git")
    secret = {"GH_ENTERPRISE_TOKEN": "secret", "GITHUB_ENTERPRISE_TOKEN": "secret"}
    github = hosted.github
    done(hosted.hotfix("pr", "--run", "--yes", **secret))
    assert {token for _, token in github.asked} <= {""}
    assert (
        "gh is not logged in to github.stranger.example"
        in done(hosted.hotfix("pr", "--run", GH_TOKEN=None, GH_HOST=None, **secret)).err
    )
    github.asked.clear()
    done(hosted.hotfix("pr", GH_HOST="github.stranger.example", **secret))
    assert {token for _, token in github.asked} == {"token secret"}  # The user has named the server.


def test_a_token_for_github_is_for_github(hosted: Hosted) -> None:
    """GH_TOKEN and GITHUB_TOKEN go to GitHub's own hosts and to GH_HOST, in a codespace as well."""
    name_remote(hosted, "https://github.stranger.example/krow/withus.git")
    github = hosted.github
    for name in ("GH_TOKEN", "GITHUB_TOKEN"):
        env = {"GH_TOKEN": None, name: "secret", "CODESPACES": "true"}
        for host in (None, "github.localhost"):
            done(hosted.hotfix("status", GH_HOST=host, **env))
    assert {token for _, token in github.asked} <= {""}
    github.asked.clear()
    name_remote(hosted, ADDRESS)
    done(hosted.hotfix("status", GH_HOST="GitHub.LocalHost"))
    assert {token for _, token in github.asked} == {"token token"}


@pytest.mark.parametrize("host", ["github.com", "krow.ghe.com"])
def test_the_hosts_of_github_need_no_name(
    hosted: Hosted, view: kv.HotfixView, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """The tokens for GitHub reach its own hosts; those for an enterprise server do not."""
    log = hosted.scene.bin / "tokens"
    (hosted.scene.bin / "gh").unlink()
    note = f'echo "$GH_TOKEN $GITHUB_TOKEN $GH_ENTERPRISE_TOKEN $CODESPACES" >> {shlex.quote(str(log))}'
    executable(hosted.scene.bin / "gh", f"#!/bin/sh\n{note}\n")
    monkeypatch.delenv("GH_HOST", raising=False)
    for name in ("GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "CODESPACES"):
        monkeypatch.setenv(name, name.lower())
    gh.execute(["pr", "view"], f"{host}/krow/withus")
    gh.execute(["pr", "view"], f"not-{host}.example/krow/withus")
    assert [line.split() for line in log.read_text().splitlines()] == [["gh_token", "github_token"], []]


def test_whoever_names_the_repository_names_the_server(hosted: Hosted) -> None:
    """GH_REPO is the user's own word: the token for an enterprise server goes to its host."""
    named = {"GH_REPO": "GitHub.Company.example/krow/withus", "GH_HOST": None, "GH_TOKEN": None}
    done(hosted.hotfix("status", GH_ENTERPRISE_TOKEN="secret", **named))
    assert {token for _, token in hosted.github.asked} == {"token secret"}


def test_a_gh_that_prints_without_an_end_is_stopped(hosted: Hosted, view: kv.HotfixView) -> None:
    """What gh prints is bounded, and the error names gh."""
    (hosted.scene.bin / "gh").unlink()
    executable(hosted.scene.bin / "gh", "#!/bin/sh\nexec head -c 1000000000 /dev/zero\n")
    with pytest.raises(OperationFailed, match="gh pr was stopped, because it printed more than 16 MiB"):
        gh.execute(["pr", "view"], PLACE)


@pytest.mark.parametrize("before", [approve, approve_an_older_one, take_back, approve_oneself])
def test_what_github_approved_ships(hosted: Hosted, before: Callable[[Hosted], object]) -> None:
    """`finish` needs no tick where GitHub shows an approval of exactly this tip; no other counts."""
    hosted.scene.unapprove()
    before(hosted)
    tip = hosted.scene.ours.git("rev-parse", BRANCH)
    result = hosted.hotfix("finish", "--yes")
    if before is approve:
        assert f"{tip[:12]} is approved on the server" in done(hosted.hotfix("status", "--json")).out
        assert (done(result).code, hosted.scene.there("refs/heads/main")) == (0, tip)
    else:
        assert_told(result, 3, f"{tip[:12]}", "--done approval")


def test_what_is_next_leads_to_the_end(hosted: Hosted) -> None:
    """Whoever types what status says is next gets from the review to the deployment, with no box ticked."""
    github, typed = hosted.github, []
    hosted.scene.unapprove()
    for _ in range(6):
        command = done(hosted.hotfix("status", "--json")).data["next_command"]
        typed.append(command)
        if command.endswith("--done approval"):
            github.review(github.pulls[0])
            break
        done(hosted.run(*shlex.split(command)[1:], "--yes"))
    step = f"krow-versions hotfix {{}} {NAME}"
    assert typed == [f"{step.format('pr')} --run", f"{step.format('status')} --done approval"]
