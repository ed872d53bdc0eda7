"""Two people, or two terminals, do the same at once: it is done once, and the other one hears of it."""

from __future__ import annotations

import contextlib
import shlex
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from krow_versions.git import open_repository
from krow_versions.planning.actions import RunProgram
from krow_versions.workspace.hotfix.records import Records
from support.commands import MODULE, assert_refused, assert_told, done, run
from support.releases import PRODUCT, START, TAG
from support.repositories import executable, hook, refs
from support.servers import TAG_REF, Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.child import Result

CONFIG = """\
[hotfix]
share = {share}
notify = ["./send.sh"]
[products.worker-mobile]
deploy = ["./deploy.sh", "{{tag}}"]
"""
REF = "refs/krow-versions/hotfix/krow-withus-worker-mobile-v0.1.1"
# Says in a file that it has begun, and ends when another file is there.
PROGRAM = """\
#!/bin/sh
echo began >> {folder}/began
for i in $(seq 600); do [ -e {folder}/end ] && break; sleep 0.1; done
exit ${{CODE:-0}}
"""
DEPLOY = ("deploy", PRODUCT, "--run", "--yes")
SEND = ("announce", PRODUCT, "--send", "--yes")
BACK = ("rollback", PRODUCT, "--run", "--yes", "--reason", "It crashes", "--decided-by", "Pia")


class World:
    """A hotfix that is tagged, in two clones, with programs that run until they are allowed to end."""

    def __init__(self, folder: Path, *, share: bool) -> None:
        self.folder = folder
        self.server = Server.make(folder)
        for repo in (self.server.ours, self.server.theirs):
            (repo.path / ".git/info").mkdir(exist_ok=True)
            (repo.path / ".git/info/exclude").write_text("/krow-versions.toml\n/*.sh\n")
            repo.write("krow-versions.toml", CONFIG.format(share=str(share).lower()))
            for name in ("deploy.sh", "send.sh"):
                executable(repo.path / name, PROGRAM.format(folder=folder))
        done(self.server.hotfix(*START, "--yes"))
        self.server.fix()
        done(self.ours("status", PRODUCT, "--done", "review", "--done", "approval", "--yes"))
        done(self.server.finish())
        done(self.ours("status", PRODUCT, "--done", "github-release", "--yes"))
        self.theirs_sees()

    def theirs_sees(self) -> None:
        """The colleague fetches the tag, which deploying needs."""
        self.server.theirs.git("fetch", "--quiet", "--tags", "origin")

    def ours(self, *args: str, **env: str | None) -> Result:
        return run("hotfix", *args, cwd=self.server.ours.path, env=env, program=MODULE)

    def theirs(self, *args: str, **env: str | None) -> Result:
        return run("hotfix", *args, cwd=self.server.theirs.path, env=env, program=MODULE)

    def deployed(self) -> None:
        """It is deployed already."""
        with self.free():
            done(self.ours(*DEPLOY))
        (self.folder / "began").unlink()

    @contextlib.contextmanager
    def free(self) -> Iterator[None]:
        """Programs end at once meanwhile."""
        (self.folder / "end").touch()
        yield
        (self.folder / "end").unlink()

    @contextlib.contextmanager
    def running(self, *args: str, code: int = 0) -> Iterator[None]:
        """A command of ours, whose program runs until the block ends; then it must end with *code*."""
        with ThreadPoolExecutor(1) as pool:
            ended = pool.submit(self.ours, *args)
            for _ in range(600):
                if self.starts or ended.done():
                    break
                time.sleep(0.1)
            try:
                assert self.starts == 1, ended.result()
                yield
            finally:
                (self.folder / "end").touch()
                assert ended.result().code == code, ended.result()
                (self.folder / "end").unlink()

    @property
    def starts(self) -> int:
        """How often a program was started."""
        path = self.folder / "began"
        return len(path.read_text().splitlines()) if path.exists() else 0

    def killed(self, *args: str) -> None:
        """A command of ours that is killed while its program runs."""
        for name in ("deploy.sh", "send.sh"):
            executable(self.server.ours.path / name, "#!/bin/sh\nkill -9 $PPID\n")
        assert self.ours(*args).code == -9
        for name in ("deploy.sh", "send.sh"):
            executable(self.server.ours.path / name, PROGRAM.format(folder=self.folder))


def wait_for(path: Path) -> None:
    """Wait until a program has written a file."""
    for _ in range(600):
        if path.exists() and path.read_text():
            return
        time.sleep(0.1)
    raise AssertionError(f"nobody has made {path}")


@pytest.fixture(params=[False, True], ids=["alone", "shared"])
def world(tmp_path: Path, request: pytest.FixtureRequest) -> World:
    """One world where records are shared, and one where they are not."""
    return World(tmp_path, share=request.param)


@pytest.fixture
def shared(tmp_path: Path) -> World:
    return World(tmp_path, share=True)


def test_a_deployment_that_runs_is_named_and_not_started_twice(world: World) -> None:
    """While one runs, ``status`` and a second one say who started it and when; its end closes it."""
    others = [world.ours, world.theirs] if world.server.remote.git("for-each-ref", REF) else [world.ours]
    with world.running(*DEPLOY):
        for other in others:
            shown = " ".join(done(other("status", PRODUCT)).out.split())
            assert "the deployment started" in shown
            assert f"hotfix deploy {PRODUCT} --run --again # if that died" in shown
            refused = other(*DEPLOY)
            assert_refused(refused, "the deployment started", "--again", "--done deployed")
        assert world.starts == 1
    for other in others:
        assert "how it ended is not known" not in done(other("status", PRODUCT)).out
    with world.free():
        done(world.ours(*DEPLOY))


def test_a_deployment_that_ended_meanwhile_does_not_start_again(world: World) -> None:
    """Who has looked before it began, and starts after it ended, finds it done: one of two threads, say."""
    workspace = kv.Workspace.open(world.server.ours.path)
    plan = workspace.hotfix(PRODUCT, "0.1.1").plan_deploy()
    world.deployed()
    step, action = plan.step, plan.actions[0]
    assert step is not None
    assert isinstance(action, RunProgram)
    repository = open_repository(workspace.repos[action.repo])
    assert repository is not None
    records = Records.at(repository, workspace[PRODUCT].product, workspace.clock, "origin")
    with pytest.raises(kv.Conflict, match="was deployed since the plan was made"):
        records.begin(step, action, "Ann", workspace.clock())
    workspace.apply(plan)
    assert not (world.folder / "began").exists()


def test_a_text_is_sent_once_by_one_plan(world: World) -> None:
    """A plan that was applied sends nothing when it is applied again; a record is shared again at most."""
    world.deployed()
    plan = kv.Workspace.open(world.server.ours.path).hotfix(PRODUCT, "0.1.1").plan_send()
    with world.free():
        sent = kv.Workspace.open(world.server.ours.path).apply(plan)
    began = world.folder / "began"
    began.unlink()
    again = kv.Workspace.open(world.server.ours.path).apply(plan)
    ran = [[type(each) for each in applied.actions].count(RunProgram) for applied in (sent, again)]
    assert (ran, began.exists()) == ([1, 0], False)


def test_a_deployment_that_was_killed_is_repeated_on_purpose(world: World) -> None:
    """Its start is left: the same command is refused, and with --again it deploys."""
    world.killed(*DEPLOY)
    assert_refused(world.ours(*DEPLOY), "how it ended is not known", "--again")
    with world.free():
        done(world.ours(*DEPLOY, "--again"))
    data = done(world.ours("status", PRODUCT, "--json")).data
    assert [each["exit_code"] for each in data["deployments"]] == [None, 0]


def test_a_deployment_that_was_killed_is_ticked_by_hand(shared: World) -> None:
    """Who sees that it succeeded says so, in any clone; then nothing is in the way."""
    shared.killed(*DEPLOY)
    done(shared.theirs("status", PRODUCT, "--done", "deployed", "--yes"))
    assert "next:" in done(shared.ours("status", PRODUCT)).out
    with shared.free():
        done(shared.ours(*DEPLOY))


def test_a_rollback_does_not_wait_for_a_deployment(shared: World) -> None:
    """A deployment that may still run is a warning; the same rollback twice is refused."""
    shared.killed(*DEPLOY)
    with shared.running(*BACK):
        assert_refused(shared.theirs(*BACK), "the rollback started", "--again")
        assert_refused(shared.theirs(*DEPLOY), "the rollback started")
    data = done(shared.theirs("status", PRODUCT, "--json")).data
    assert data["rolled_back"]["done"] is True
    assert [each["rollback"] for each in data["deployments"]] == [False, True]


def test_a_rollback_warns_of_a_deployment(world: World) -> None:
    """The attempt is named before the question."""
    world.killed(*DEPLOY)
    with world.free():
        assert "warning: the deployment started" in done(world.ours(*BACK)).err


@pytest.mark.parametrize("what", [DEPLOY, SEND], ids=["deploy", "announce"])
def test_who_loses_the_race_starts_nothing(shared: World, what: tuple[str, ...]) -> None:
    """Where the start of a colleague arrives between our look and our start, ours does not start."""
    if what is SEND:
        shared.deployed()
    ours = f"cd {shared.server.ours.path} && env -u GIT_DIR {shlex.join((*MODULE, 'hotfix', *what))}"
    script = f"[ ! -e {shared.folder}/began ] || exit 0\n"
    script += f"({ours}; echo $? > {shared.folder}/code) >/dev/null 2>&1 </dev/null &\n"
    script += f"for i in $(seq 600); do [ -e {shared.folder}/began ] && exit 0; sleep 0.1; done; exit 1"
    hook(shared.server.theirs, "pre-push", script)
    lost = shared.theirs(*what)
    assert_told(lost, 3, "started" if what is DEPLOY else "has begun to send it at", "--again")
    assert "not shared" not in lost.err
    (shared.folder / "end").touch()
    wait_for(shared.folder / "code")
    assert ((shared.folder / "code").read_text(), shared.starts) == ("0\n", 1)
    assert "how it ended is not known" not in done(shared.theirs("status", PRODUCT)).out


def test_a_text_is_sent_by_one_of_all(world: World) -> None:
    """While one sends, another one does not, and hears who does; a text without an end is sent on purpose."""
    world.deployed()
    others = [world.ours, world.theirs] if world.server.remote.git("for-each-ref", REF) else [world.ours]
    with world.running(*SEND):
        for other in others:
            assert_refused(other(*SEND), "has begun to send it at", "--done", "--send --again")
            assert "has begun to send it at" in done(other("announce", PRODUCT)).err
        assert world.starts == 1
    for other in others:
        assert "it was sent at" in done(other(*SEND)).err
    assert world.starts == 1


def test_a_text_whose_program_failed_is_sent_again(world: World) -> None:
    """A failure releases it, in all clones: the next run sends it."""
    world.deployed()
    executable(world.server.ours.path / "send.sh", "#!/bin/sh\nexit 5\n")
    assert world.ours(*SEND).code == 4
    with world.free():
        other = world.theirs if world.server.remote.git("for-each-ref", REF) else world.ours
        executable(world.server.ours.path / "send.sh", "#!/bin/sh\nexit 0\n")
        assert "it is sent" in done(other(*SEND)).err


def test_a_text_whose_program_was_killed_is_sent_again_on_purpose(world: World) -> None:
    """Nobody knows whether it has arrived: it is named, and sent again, or ticked, by people only."""
    world.deployed()
    world.killed(*SEND)
    assert done(world.ours("announce", PRODUCT, "--json")).data["sent"] is None
    assert_refused(world.ours(*SEND), "has begun to send it at", "--send --again")
    done(world.ours("status", PRODUCT, "--done", "smoke-tests", "--yes"))
    assert "has begun to send it at" in " ".join(done(world.ours("status", PRODUCT)).out.split())
    with world.free():
        done(world.ours(*SEND, "--again"))
    assert done(world.ours("announce", PRODUCT, "--json")).data["sent"]["by_hand"] is False


@pytest.mark.parametrize("what", [DEPLOY, SEND], ids=["deploy", "announce"])
def test_a_server_that_takes_no_records_stops_nothing(shared: World, what: tuple[str, ...]) -> None:
    """Where the start cannot be shared, that is a warning; in this clone it still counts."""
    if what is SEND:
        shared.deployed()
    hook(shared.server.remote, "update", f'case "$1" in {REF}) echo "no such refs here" >&2; exit 1;; esac')
    with shared.running(*what):
        assert shared.ours(*what).code == 3
    assert shared.starts == 1
    with shared.free():
        result = shared.ours(*what)
    assert result.code == 0, result
    assert_told(shared.ours("report", PRODUCT, "--say", "notes=x", "--yes"), 0, "no such refs here")


def test_who_loses_the_race_to_finish_hears_that_it_is_out(tmp_path: Path) -> None:
    """The colleague's finish arrives while ours is under way: nothing changes here, and that is said."""
    ours = Server.ready(tmp_path)
    ours.push_branch()
    theirs = ours.another(tmp_path / "another")
    theirs.approve()
    # Their push arrives as ours begins.
    pushed = f"cd {theirs.ours.path} && env -u GIT_DIR {' '.join(MODULE)} hotfix finish {PRODUCT} --yes"
    hook(ours.ours, "pre-push", f"{pushed} >{tmp_path}/said 2>&1 </dev/null || cat {tmp_path}/said >&2")
    before = refs(ours.ours, "refs/heads/", "refs/tags/")
    lost = ours.finish()
    assert TAG_REF in refs(ours.remote), lost
    assert_told(lost, 4, TAG, "somebody else has just finished it", f"hotfix status {PRODUCT}")
    assert refs(ours.ours, "refs/heads/", "refs/tags/") == before
    (ours.ours.path / ".git/hooks/pre-push").unlink()
    assert ours.finish().code == 0
