"""``[hotfix] share = true``: every clone of a hotfix sees the same record, and nobody loses a part of it."""

from __future__ import annotations

import datetime as dt
import json
import os
import pwd
import re
import shlex
from typing import TYPE_CHECKING

import pytest

from support.commands import MODULE, assert_refused, assert_told, at_terminal, done, run, shell
from support.releases import BRANCH, FIX, FIXED, PRODUCT, START
from support.repositories import Repo, executable, hook, refs
from support.servers import Server
from support.untouched import same_working_tree, untouched

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.child import Result

REF = "refs/krow-versions/hotfix/krow-withus-worker-mobile-v0.1.1"
CONFIG = """\
[hotfix]
share = true
[products.worker-mobile]
deploy = ["./deploy.sh", "{tag}"]
"""
KEYS = ("--yes",)
LOOKING = (
    ("status", PRODUCT), ("check", PRODUCT), ("list",), ("report", PRODUCT), ("pr", PRODUCT),
    ("announce", PRODUCT, "--draft"), ("deploy", PRODUCT), ("finish", PRODUCT, "-n"),
    ("next", PRODUCT, "-n"), ("amend", PRODUCT, "--impact", "x", "-n"),
    ("abandon", PRODUCT, "--reason", "x", "-n"), ("rollback", PRODUCT, "--done", "-n"),
    ("rollback", PRODUCT, "--reason", "x", "--decided-by", "x"),
)  # fmt: skip
FACTS = ("summary", "detection", "lucky", "notes")


def configured(repo: Repo) -> Repo:
    """Turn sharing on in a clone, as a configuration in the tree does."""
    (repo.path / ".git/info").mkdir(exist_ok=True)
    (repo.path / ".git/info/exclude").write_text("/krow-versions.toml\n/deploy.sh\n")
    repo.write("krow-versions.toml", CONFIG)
    executable(repo.path / "deploy.sh", "#!/bin/sh\nexit ${CODE:-0}\n")
    return repo


@pytest.fixture
def server(tmp_path: Path) -> Server:
    """A hotfix that is declared here, with sharing on in all clones, and nothing pushed but its record."""
    scene = Server.make(tmp_path)
    for repo in (scene.ours, scene.theirs):
        configured(repo)
    done(scene.hotfix(*START, *KEYS))
    return scene


def cloned(server: Server, folder: Path) -> Repo:
    return configured(server.remote.clone(folder))


def hotfix(repo: Repo, *args: str, **env: str | None) -> Result:
    return run("hotfix", *args, cwd=repo.path, env=env)


def tick(repo: Repo, *boxes: str, **env: str | None) -> Result:
    options = [word for box in boxes for word in ("--done", box)]
    return hotfix(repo, "status", PRODUCT, "--version", "0.1.1", *options, *KEYS, **env)


def note(repo: Repo, *fields: str, **env: str | None) -> Result:
    """Record facts for the incident document, which people may do at any time."""
    options = [word for field in fields for word in ("--say", f"{field}=about {field}")]
    return hotfix(repo, "report", PRODUCT, "--version", "0.1.1", *options, *KEYS, **env)


def ticked(repo: Repo) -> set[str]:
    data = done(hotfix(repo, "status", PRODUCT, "--version", "0.1.1", "--json")).data
    return {each["id"] for each in data["checklist"] if each["done"]}


def noted(repo: Repo) -> set[str]:
    """The facts that a clone knows."""
    text = done(hotfix(repo, "report", PRODUCT, "--version", "0.1.1")).out
    return {field for field in FACTS if f"about {field}" in text}


def record(repo: Repo) -> Path:
    return repo.path / ".git/krow-versions/hotfix/krow-withus-worker-mobile-v0.1.1.toml"


def text_of(server: Server) -> str:
    return server.remote.git("show", f"{REF}:record.toml")


def test_start_shares_what_was_declared(server: Server) -> None:
    """The server has the record as a ref of its own; no branch or tag is pushed."""
    assert "Nobody can log in" in text_of(server)
    assert text_of(server) == record(server.ours).read_text().rstrip("\n")
    assert f"refs/heads/{BRANCH}" not in refs(server.remote)


def test_all_clones_say_the_same(server: Server, tmp_path: Path) -> None:
    """Status, list, report and announcements of two clones and of a fresh one are equal to the letter."""
    server.fix()
    done(tick(server.ours, "review", "approval"))
    done(server.finish())
    server.push_branch()
    done(hotfix(server.ours, "deploy", PRODUCT, "--run", *KEYS))
    done(note(server.theirs, "detection"))
    done(note(server.ours, "lucky"))
    fresh = cloned(server, tmp_path / "fresh")
    server.theirs.git("fetch", "--quiet", "--tags")
    for repo in (server.ours, server.theirs, fresh):
        repo.git("switch", "--quiet", "main")
        repo.git("merge", "--quiet", "--ff-only", "origin/main")
    commands = (
        ("status", PRODUCT, "--version", "0.1.1", "--json"),
        ("list", "--json"),
        ("report", PRODUCT, "--version", "0.1.1"),
        ("announce", PRODUCT, "--version", "0.1.1", "--draft"),
        ("announce", PRODUCT, "--version", "0.1.1", "--follow-up", "--draft"),
    )
    for command in commands:
        ours, theirs, new = (done(hotfix(each, *command)) for each in (server.ours, server.theirs, fresh))
        texts = [_comparable(each.out, command) for each in (ours, theirs, new)]
        assert texts[0] == texts[1] == texts[2], command
        assert "not shared" not in ours.err + theirs.err + new.err


def _comparable(text: str, command: tuple[str, ...]) -> object:
    """Leave out what is only of one clone: the moment of the writing."""
    if "--json" not in command:
        text = re.sub(r"\([^()]* ago\)", "", text)
        return [line for line in text.split("\n") if not line.startswith(("Written ", "| Written "))]
    data = json.loads(text)
    data.pop("timeline", None)
    return data


def test_two_people_tick_at_once(server: Server) -> None:
    """Whoever comes later merges; each sees the ticks of both, with who said it."""
    done(note(server.theirs, "summary", GIT_COMMITTER_NAME="Bo"))
    done(note(server.ours, "detection"))
    assert noted(server.ours) == noted(server.theirs) == {"summary", "detection"}
    assert 'who = "Bo"' in text_of(server)
    assert 'who = "Release Engineer"' in text_of(server)


def test_offline_counts_what_was_last_seen(server: Server) -> None:
    """Without the server the record is that of the last time, a line says so, and what is said is kept."""
    done(note(server.theirs, "summary"))
    assert noted(server.ours) == {"summary"}
    gone = server.remote.path.rename(server.remote.path.with_name("gone.git"))
    status = done(hotfix(server.ours, "status", PRODUCT))
    assert "what was last seen" in status.err
    assert noted(server.ours) == {"summary"}
    for command in LOOKING:
        assert hotfix(server.ours, *command).err.count("what was last seen") == 1, command
    said = note(server.ours, "detection")
    assert (said.code, "not shared" in said.err) == (0, True), said
    assert noted(server.ours) == {"summary", "detection"}
    gone.rename(server.remote.path)
    assert noted(server.theirs) == {"summary"}
    status = done(hotfix(server.ours, "status", PRODUCT))
    typed = status.err.partition("to share it: krow-versions ")[2].split("\n")[0]
    done(run(*typed.split(), *KEYS, cwd=server.ours.path))
    assert noted(server.theirs) == {"summary", "detection"}
    assert "to share it" not in done(hotfix(server.ours, "status", PRODUCT)).err


def test_a_lock_here_does_not_hide_what_was_shared(server: Server) -> None:
    """A push that has arrived is called shared, though the ref here is locked by a git that was killed."""
    (server.ours.path / f".git/{REF}.lock").touch()
    said = note(server.ours, "summary")
    assert_told(said, 0, "warning: the record is shared on origin, but", ".lock")
    assert "not shared" not in said.err
    assert "about summary" in text_of(server)
    assert noted(server.theirs) == {"summary"}


def test_the_next_command_shares_what_is_not_shared_yet(server: Server) -> None:
    """What could not be pushed goes with whatever is recorded next."""
    refusing = hook(server.remote, "update", "exit 1")
    assert_told(note(server.ours, "summary"), 0, "warning:", REF, "not shared")
    refusing.unlink()
    done(note(server.ours, "detection"))
    assert noted(server.theirs) == {"summary", "detection"}


def test_a_server_that_refuses_changes_nothing_else(tmp_path: Path) -> None:
    """A hook that declines such refs: a warning, the record stays here, and exit codes are as without."""
    scene = Server.make(tmp_path)
    configured(scene.ours)
    declined = 'case $1 in refs/krow-versions/*) echo "no such refs here" >&2; exit 1;; esac'
    hook(scene.remote, "update", declined)
    assert_told(scene.hotfix(*START, *KEYS), 0, "warning:", "no such refs here", "kept here")
    scene.fix()
    for result in (tick(scene.ours, "review", "approval"), scene.finish("--without-approval", "x")):
        assert result.code == 0, result
    assert_told(hotfix(scene.ours, "deploy", PRODUCT, "--run", *KEYS), 0, "warning:", "no such refs here")
    assert_told(hotfix(scene.ours, "deploy", PRODUCT, "--run", *KEYS, CODE="7"), 4, "exit code 7")
    assert REF not in refs(scene.remote)
    assert {"review", "deployed"} <= ticked(scene.ours)


def test_the_command_that_shares_later_is_to_be_typed_where_people_stand(
    server: Server, tmp_path: Path
) -> None:
    """Also outside of the repository, as every command that is printed."""
    declining = hook(server.remote, "update", "exit 1")
    options = ("-C", str(server.ours.path))
    saying = ("report", PRODUCT, "--version", "0.1.1", *options, "--say", "lucky=about lucky", *KEYS)
    said = run("hotfix", *saying, cwd=tmp_path)
    assert_told(said, 0, "not shared on origin")
    command = said.err.partition("shares it, or: ")[2].split("\n")[0]
    declining.unlink()
    done(run(*shlex.split(command)[1:], *KEYS, cwd=tmp_path))
    assert noted(server.theirs) == {"lucky"}


def test_a_failed_deployment_is_shared(server: Server) -> None:
    """How a deployment ended is in the record of every clone, whatever its exit code."""
    server.fix()
    done(tick(server.ours, "review", "approval"))
    done(server.finish())
    failed = hotfix(server.ours, "deploy", PRODUCT, "--run", *KEYS, CODE="7")
    assert_told(failed, 4, "exit code 7")
    assert "exit_code = 7" in text_of(server)
    done(hotfix(server.ours, "deploy", PRODUCT, "--run", *KEYS))
    assert "exit_code = 0" in text_of(server)


@pytest.mark.parametrize(
    "command",
    [
        ("status", PRODUCT, "--done", "review"),
        ("report", PRODUCT, "--say", "summary=x"),
        ("amend", PRODUCT, "--impact", "Some workers"),
        ("abandon", PRODUCT, "--reason", "x"),
        ("deploy", PRODUCT, "--run"),
        ("finish", PRODUCT, "--without-approval", "x"),
    ],
)
def test_what_is_pushed_is_shown_and_asked(server: Server, command: tuple[str, ...]) -> None:
    """Without a terminal it needs --yes: exit 2, and nothing is recorded here or there; -n shows it."""
    server.fix()
    if command[0] == "deploy":
        done(tick(server.ours, "review", "approval"))
        done(server.finish())
    here = record(server.ours).read_bytes()
    with untouched(server.remote):
        assert_told(hotfix(server.ours, *command), 2, "--yes")
        shown = hotfix(server.ours, *command, "-n")
    assert (shown.code, f"git push origin {REF}" in shown.out) == (0, True), shown
    assert record(server.ours).read_bytes() == here


def test_a_start_is_asked_about_too(tmp_path: Path) -> None:
    """It pushes the record: without a terminal it needs --yes, and nothing is made here or there."""
    scene = Server.make(tmp_path)
    configured(scene.ours)
    with untouched(scene.remote), same_working_tree(scene.ours):
        assert_told(scene.hotfix(*START), 2, "--yes")
        assert f"git push origin {REF}" in scene.hotfix(*START).out
    assert not record(scene.ours).exists()


def test_a_person_is_asked(server: Server) -> None:
    """On a terminal the answer decides."""
    command = (*MODULE, "hotfix", "report", PRODUCT, "--say", "summary=about summary")
    with untouched(server.remote):
        refused = at_terminal(command, "n\n", server.ours.path)
        assert f"git push origin {REF}" in refused.out + refused.err
    assert noted(server.ours) == set()
    agreed = at_terminal(command, "y\n", server.ours.path)
    assert agreed.code == 0, agreed
    assert noted(server.theirs) == {"summary"}


def test_looking_pushes_nothing(server: Server) -> None:
    """Commands that look fetch the record, and change nothing of the server or of HEAD, index and files."""
    done(note(server.theirs, "summary"))
    refusing = hook(server.remote, "update", "exit 1")
    note(server.ours, "detection")
    refusing.unlink()
    ran = server.ours.path.parent / "ran"
    hook(server.ours, "reference-transaction", f"touch {ran}")
    for command in LOOKING:
        with untouched(server.remote):
            hotfix(server.ours, *command)
        assert not ran.exists(), command


def test_a_branch_that_is_not_pushed_is_waited_for(server: Server) -> None:
    """Who knows a hotfix by its shared record alone is named who has the branch; later, how to get it."""
    theirs, who = server.theirs, "Release Engineer"
    waiting = f"next: krow-versions hotfix status {PRODUCT}    # when {who} has pushed the branch"
    for said in (done(hotfix(theirs, "status", "--quiet")), done(hotfix(theirs, "status"))):
        assert said.out.split("\n")[-2] == waiting
        assert "reflog" not in said.out
    assert _where(theirs) == "origin"
    assert _where(server.ours) == "here"
    for command in (("next", "-n"), ("pr",), ("finish", "-n")):
        assert_refused(hotfix(theirs, *command), f"{who} has", f"hotfix status {PRODUCT}")
    done(hotfix(theirs, "amend", "--impact", "All workers", *KEYS))
    done(note(theirs, "summary"))
    assert done(hotfix(theirs, "status", "--quiet")).out.strip() == waiting
    server.push_branch()
    joining = done(hotfix(theirs, "status", "--quiet")).out.strip().removeprefix("next: ")
    assert _where(theirs) == "origin"
    for typed in joining.split(" && "):
        theirs.git(*typed.split()[1:])
    assert theirs.git("branch", "--show-current") == BRANCH
    assert _where(theirs) == "here"


def _where(repo: Repo) -> str:
    (row,) = done(hotfix(repo, "list", "--json")).data["hotfixes"]
    return str(row["where"])


def test_every_command_fetches_the_record(server: Server, tmp_path: Path) -> None:
    """A fresh clone sees what people said with whatever command comes first."""
    server.fix()
    server.push_branch()
    done(note(server.ours, "summary"))
    for number, command in enumerate(LOOKING):
        fresh = cloned(server, tmp_path / f"fresh{number}")
        hotfix(fresh, *command)
        assert REF in refs(fresh), command


def test_without_share_nothing_is_asked_or_pushed(tmp_path: Path) -> None:
    """The default: the record stays here, ticks need no --yes, and no ref of ours is anywhere."""
    scene = Server.ready(tmp_path)
    done(scene.hotfix("status", PRODUCT, "--done", "review"))
    done(scene.finish())
    for repo in (scene.remote, scene.ours):
        assert not any(ref.startswith("refs/krow-versions") for ref in refs(repo))


@pytest.mark.parametrize("data", ["?", "schema = 3\n", "\x1b]0;x\x07", "x = 1\n" * 100_000])
def test_a_broken_record_stops_nothing(server: Server, data: str) -> None:
    """Whatever a stranger puts there: a warning that names the ref, and every command works as without."""
    blob = server.theirs.git("hash-object", "-w", "--stdin", stdin=data)
    tree = server.theirs.git("mktree", stdin=f"100644 blob {blob}\trecord.toml\n")
    commit = server.theirs.git("commit-tree", tree, "-m", "x")
    server.remote.git("fetch", "--quiet", server.theirs.path.as_uri(), f"+{commit}:{REF}")
    server.fix()
    for command in (("status", PRODUCT), ("list",), ("report", PRODUCT), ("check", PRODUCT)):
        result = hotfix(server.ours, *command)
        assert result.code == 0, result
        assert REF in result.err
        assert "Nobody can log in" in hotfix(server.ours, "report", PRODUCT).out
    assert tick(server.ours, "review", "approval").code == 0
    done(server.finish())
    assert "review" in ticked(server.ours)


def test_who_is_known_without_an_identity(server: Server) -> None:
    """On a runner whose git knows nobody, entries are of the login, or else of the account."""
    nobody = {f"GIT_{role}_{part}": None for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    server.theirs.git("config", "user.useConfigOnly", "true")
    done(note(server.theirs, "summary", **nobody, LOGNAME="runner"))
    assert 'who = "runner"' in text_of(server)
    variables = dict.fromkeys(("LOGNAME", "USER", "LNAME", "USERNAME"))
    done(note(server.theirs, "detection", **nobody, **variables))
    assert f'who = "{pwd.getpwuid(os.getuid()).pw_name}"' in text_of(server)
    assert noted(server.ours) == {"summary", "detection"}


def test_two_runs_at_once_lose_nothing_here(server: Server) -> None:
    """Two commands of one clone that record at the same moment: both are kept, and both are shared."""
    boxes = ("summary", "detection", "lucky", "notes")
    children = []
    for box in boxes:
        child = os.fork()
        if child == 0:
            os._exit(0 if note(server.ours, box).code == 0 else 1)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * len(boxes)
    assert noted(server.ours) == noted(server.theirs) == {*boxes}


@pytest.mark.parametrize("share", [False, True])
def test_sharing_costs_a_few_processes(
    tmp_path: Path, spy: Callable[[], list[list[str]]], share: bool
) -> None:
    """A look takes three more where nothing is new, whatever was shared before."""
    scene = Server.make(tmp_path)
    if share:
        configured(scene.ours)
    done(scene.hotfix(*START, *KEYS))
    spy()
    done(scene.hotfix("status", PRODUCT))
    first = len(spy())
    done(scene.hotfix("report", PRODUCT, "--say", "summary=x", *KEYS))
    assert len(spy()) <= first + (30 if share else 2)
    done(scene.hotfix("status", PRODUCT))
    assert len(spy()) == first


def test_a_refused_plan_takes_back_only_its_own(server: Server) -> None:
    """Where finish fails after it has noted a reason, that is taken back, here and there."""
    server.fix()
    refusing = hook(server.remote, "pre-receive", "cat | grep -q refs/heads/ && exit 1; exit 0")
    failed = server.finish("--without-approval", "Nobody is awake")
    assert failed.code in {3, 4}, failed
    refusing.unlink()
    assert "Nobody is awake" not in record(server.ours).read_text()
    assert "Nobody is awake" not in text_of(server)


def test_start_elsewhere_knows_what_was_declared(server: Server) -> None:
    """A colleague who declares the same hotfix reads that somebody works on it."""
    server.push_branch()
    assert_refused(hotfix(server.theirs, *START, *KEYS), "somebody works on it")
    with same_working_tree(server.theirs):
        assert "CRITICAL" in done(hotfix(server.theirs, "list")).out


def test_an_entry_of_a_wrong_clock_blocks_nobody(server: Server) -> None:
    """It is kept and shared, everybody hears of it, and what others say counts all the same."""
    with record(server.ours).open("a", encoding="utf-8") as file:
        file.write('\n[[done]]\nat = 9998-12-31T23:59:59Z\nwho = "Eve"\nbox = "review"\nundone = true\n')
        file.write('\n[[abandoned]]\nat = 9998-12-31T23:59:59Z\nround = 9999\nreason = "x"\n')
    server.ours.write(FIXED, "fixed()\n")
    server.ours.git("commit", "--quiet", "--message", FIX, "--", FIXED)
    told = done(tick(server.ours, "review")).err
    assert "an entry of Eve, [done], is dated 9998-12-31 23:59" in told
    assert "an entry of somebody, [abandoned], is dated" in told
    done(note(server.theirs, "lucky"))
    for repo in (server.ours, server.theirs):
        assert "review" in ticked(repo)
        assert noted(repo) == {"lucky"}
    assert text_of(server).count("9998") == 2


LOOKERS = ("check", "announce --draft", "status", "list", "report")


def test_looking_fetches_the_record_and_runs_no_program_of_the_repository(
    server: Server, tmp_path: Path
) -> None:
    """Every command that looks fetches it, but runs no hook; where the repository steers that, none does."""
    ran, known = tmp_path / "ran", set[str]()
    for name in ("reference-transaction", "pre-push", "post-update", "post-merge", "pre-auto-gc"):
        hook(server.ours, name, f"echo {name} >> {shlex.quote(str(ran))}")
    for command, field in zip(LOOKERS, FACTS, strict=False):
        done(note(server.theirs, field))
        name, *options = command.split()
        product = () if name == "list" else (PRODUCT,)
        assert hotfix(server.ours, name, *product, *options).code in {0, 1}
        seen = server.ours.git("show", f"{REF}:record.toml")
        known |= {each for each in FACTS if f"about {each}" in seen}
        assert field in known
    server.ours.git(
        "config", "remote.origin.uploadpack", f"echo pack >> {shlex.quote(str(ran))}; git-upload-pack"
    )
    before = refs(server.ours)
    done(note(server.theirs, "root-cause"))
    assert_told(hotfix(server.ours, "check", PRODUCT), 1, "warning:", "what was last seen counts")
    assert refs(server.ours) == before
    assert not ran.exists()


def test_two_faults_for_one_version_are_named(server: Server) -> None:
    """Who declares without knowing of another declaration is not lost: each clone names both of them."""
    other = ("--issue", "Wrong sums", "--severity", "medium", "--impact", "Accounting")
    start = ("hotfix", "start", PRODUCT, *other, "--no-fetch", *KEYS)
    later, env = dt.timedelta(minutes=1), {"GIT_COMMITTER_NAME": "Bo"}
    done(run(*start, cwd=server.theirs.path, env=env, later=later))
    said = "Bo declared another fault for this version: MEDIUM, Wrong sums: Accounting"
    for repo in (server.ours, server.theirs):
        status = ("status", PRODUCT, "--version", "0.1.1")
        assert said in " ".join(done(hotfix(repo, *status)).out.split())
        (warning,) = done(hotfix(repo, *status, "--json")).data["warnings"]
        assert (said in warning, "hotfix amend" in warning) == (True, True)
        assert said in done(hotfix(repo, "list")).err
        report = done(hotfix(repo, "report", PRODUCT, "--version", "0.1.1")).out
        assert "| declared: CRITICAL, Nobody can log in |" in report
        assert "| declared in another clone, too: MEDIUM, Wrong sums |" in report


def test_the_same_fault_declared_twice_is_no_news(server: Server) -> None:
    """Two people who say the same need not agree on anything."""
    done(hotfix(server.theirs, *START, "--no-fetch", *KEYS, GIT_COMMITTER_NAME="Bo"))
    status = done(hotfix(server.ours, "status", PRODUCT, "--version", "0.1.1", "--json")).data
    assert status["warnings"] == []


@pytest.mark.parametrize("behind", [0, 1])
def test_what_was_abandoned_is_no_new_hotfix(server: Server, behind: int) -> None:
    """After a new start, a colleague's branch of the abandoned hotfix is none; what is printed helps."""
    theirs, version = server.theirs, ("--version", "0.1.1")
    server.fix()
    server.push_branch()
    theirs.git("fetch", "--quiet", "origin", f"{BRANCH}:{BRANCH}")
    theirs.git("switch", "--quiet", BRANCH)
    theirs.git("reset", "--quiet", "--hard", f"HEAD~{behind}")
    assert step(theirs, 2)["state"] == "done"
    done(server.hotfix("abandon", PRODUCT, "--reason", "x", *KEYS))
    server.ours.git("switch", "--quiet", "main")
    server.ours.git("branch", "--quiet", "-D", BRANCH)
    server.ours.git("push", "--quiet", "origin", "--delete", BRANCH)
    anew = ("--issue", "Wrong sums", "--severity", "high", "--impact", "Accounting")
    done(server.hotfix("start", PRODUCT, *anew, *KEYS))
    assert step(server.ours, 2)["state"] == "done"

    assert [step(theirs, number)["state"] for number in (2, 3, 4, 5)] == ["blocked", *["open"] * 3]
    said = "is that of the abandoned hotfix"
    check = hotfix(theirs, "check", PRODUCT)
    assert (check.code, said in check.out) == (1, True)
    with untouched(server.remote):
        for command in (("pr", PRODUCT, "--run"), ("finish", PRODUCT)):
            assert_refused(hotfix(theirs, *command, *KEYS), said, "branch --move")
    done(shell(step(theirs, 2)["command"], cwd=theirs.path))
    assert (step(theirs, 2)["state"], step(theirs, 3)["state"]) == ("done", "next")
    assert theirs.git("branch", "--list", f"{BRANCH}-abandoned")
    assert hotfix(theirs, "check", PRODUCT, *version).out.count(said) == 0


def step(repo: Repo, number: int) -> dict[str, str]:
    data = done(hotfix(repo, "status", PRODUCT, "--version", "0.1.1", "--json")).data
    found: dict[str, str] = data["steps"][number - 1]
    return found
