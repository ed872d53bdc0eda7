"""Many workspaces: each is found once, audited by any executor, and reported whatever is wrong with it."""

from __future__ import annotations

import itertools
import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import krow_versions as kv
from krow_versions.errors import KrowVersionsError
from krow_versions.fleet.finding import NOT_ENTERED, find_workspaces, roots_of
from krow_versions.fleet.looking import look
from krow_versions.fleet.processes import Processes
from krow_versions.fleet.report import FleetProduct
from krow_versions.fleet.running import SUBMITTED, audit_here, audit_with
from krow_versions.products import HOME
from support import fleets, krow
from support.repositories import Repo
from support.untouched import untouched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace to copy."""
    return fleets.template(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="module")
def tree(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything that is a workspace, and with what only looks like one."""
    top = tmp_path_factory.mktemp("tree")
    fleets.copies(made, *(top / name for name in ("plain", "deep/er/one", "plain/vendor/nested")))
    krow.hotfix(Repo(top / "krow"))
    repo = Repo(top / "python")
    repo.write("pyproject.toml", '[tool.krow-versions.products.x]\nfiles = ["VERSION"]\n')
    repo.write("other/pyproject.toml", '[project]\nname = "x"\n')
    bare = Repo(top / "other")
    bare.write(f"below/{krow.STAFF}", krow.pubspec("0.1.0+5"))
    fleets.copies(made, bare.path / "node_modules/x", bare.path / ".venv/x", bare.path / "part")
    broken = top / "broken"
    broken.mkdir()
    (broken / "krow-versions.toml").write_text("nonsense = ")
    without_git = top / "files"
    (without_git / krow.STAFF).parent.mkdir(parents=True)
    (without_git / krow.STAFF).write_text(krow.pubspec("0.1.0+5"))
    plain = Repo(top / "plain")
    plain.git("worktree", "add", "--quiet", "--detach", str(top / "linked"))
    plain.git("worktree", "add", "--quiet", "--detach", str(top / "gone"))
    shutil.rmtree(top / "plain/.git/worktrees/gone")
    plain.git("clone", "--quiet", "--bare", ".", str(top / "bare.git"))
    several = top / "several"
    several.mkdir()
    (several / "krow-versions.toml").write_text(
        '[repos]\na = "a"\n[products.x]\nrepo = "a"\nfiles = ["a.json"]\n'
    )
    krow.hotfix(Repo(several / "a"))
    (top / "loop").symlink_to(top)
    (top / "nowhere").symlink_to(top / "nowhere")
    (top / "link").symlink_to(top / "krow")
    return top


FOUND = {"broken", "deep/er/one", "files", "krow", "other/part", "plain", "python", "several"}
SKIPPED = {
    "plain/vendor/nested": "inside the workspace",
    "linked": "linked working tree",
    "gone": "linked working tree",
    "bare.git": "bare repository",
    "link": "a link",
}


def walked(*roots: Path) -> tuple[list[str], dict[str, str]]:
    """Find what is below the roots: the workspaces in their order, and why each other place is skipped."""
    found = [each for each in find_workspaces(roots_of([*map(str, roots)])) if each is not None]
    assert not any(each.error for each in found)
    return (
        [each.path for each in found if not each.skipped],
        {each.path: each.skipped for each in found if each.skipped},
    )


def test_every_workspace_is_found_once(tree: Path) -> None:
    """Every workspace below is found, in the order of names; what only looks like one is named, with why."""
    found, skipped = walked(tree)
    assert found == [str(tree / path) for path in sorted(FOUND, key=lambda path: path.split("/"))]
    assert skipped.keys() == {str(tree / path) for path in SKIPPED}
    assert all(SKIPPED[os.path.relpath(path, tree)] in reason for path, reason in skipped.items())


def test_what_is_found_is_what_opens_there(tree: Path) -> None:
    """A folder is found, or is inside another one, exactly if opening it gives a workspace of that folder."""
    opened = set()
    for folder, names, _ in os.walk(tree):
        names[:] = [
            name for name in names if name not in {".git", *NOT_ENTERED, "linked", "gone", "bare.git"}
        ]
        try:
            workspace = kv.Workspace.open(folder)
        except KrowVersionsError:
            opened |= {folder} if "krow-versions.toml" in os.listdir(folder) else set()
            continue
        own = os.path.dirname(workspace.source) if workspace.source else workspace.repos[HOME]
        opened |= {folder} if own == folder else set()
    found, skipped = walked(tree)
    assert opened == {*found, *(path for path, reason in skipped.items() if "inside" in reason)}


def test_roots_that_meet_give_each_workspace_once(tree: Path) -> None:
    """Roots that are the same, or one in another, are looked into once; a linked tree may be a root."""
    roots = (tree / "deep", tree, tree / "loop", tree / "deep/er", tree / "linked")
    found, skipped = walked(*roots)
    assert sorted(os.path.relpath(path, tree) for path in found) == sorted({*FOUND, "linked"})
    assert str(tree / "linked") not in skipped


def test_a_configuration_above_a_root_is_that_of_its_repositories(made: Path, tmp_path: Path) -> None:
    """Below a configuration, a repository without one is no workspace, wherever the walk begins."""
    (tmp_path / "krow-versions.toml").write_text(fleets.CONFIG)
    krow.hotfix(Repo(tmp_path / "team/krow"))
    assert walked(tmp_path / "team") == ([], {})
    assert walked(tmp_path) == ([str(tmp_path)], {})


def one_by_one(paths: list[str]) -> dict[str, kv.WorkspaceReport]:
    """Audit each as an importer would without a fleet."""
    return {path: look(path, path and os.path.join(os.getcwd(), path)) for path in paths}


def in_threads(paths: list[str]) -> Iterator[kv.WorkspaceReport]:
    with ThreadPoolExecutor(3) as executor:
        yield from kv.audit_many(paths, executor)


def in_a_process_pool(paths: list[str]) -> Iterator[kv.WorkspaceReport]:
    with ProcessPoolExecutor(1, get_context("spawn")) as executor:
        yield from kv.audit_many(paths, executor)


WAYS: dict[str, Callable[[list[str]], Iterator[kv.WorkspaceReport]]] = {
    "threads": in_threads,
    "process pool": in_a_process_pool,
    "own processes": kv.audit_many,
    "here": lambda paths: audit_here(paths, 1),
}


@pytest.fixture(scope="module")
def several(made: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Workspaces that are right, that are wrong, and that are no workspaces at all."""
    top = tmp_path_factory.mktemp("several")
    paths = fleets.copies(made, *(top / name for name in ("right", "low", "broken", "headless")))
    fleets.low(top / "low")
    (top / "broken/krow-versions.toml").write_text("nonsense = ")
    (top / "headless/.git/HEAD").write_text("nonsense\n")
    (top / "nothing").mkdir()
    return [*paths, *map(str, (top / "nothing", top / "gone")), "", "a\0b", "\udcff"]


@pytest.mark.parametrize("way", WAYS)
def test_any_executor_gives_what_each_audit_gives(way: str, several: list[str]) -> None:
    """One report for each path, equal to that of its own audit, whichever executor runs it."""
    reports = list(WAYS[way](several))
    assert len(reports) == len(several)
    assert {report.path: report for report in reports} == one_by_one(several)


def test_a_report_says_what_the_workspace_says(several: list[str]) -> None:
    """Its findings are those of ``audit``, its products those of ``show``; else it has an error."""
    right, low, broken, headless, *wrong = (look(path, path) for path in several)
    assert right == kv.WorkspaceReport(several[0], (), (right.products[0],))
    assert right.products[0] == FleetProduct(
        product="api",
        version="1.2.3",
        next="1.2.4",
        stages={"production": "1.2.3", "staging": "1.3.0"},
        drift="at production",
        hotfixes=("1.2.4",),
        baseline="1.2.3",
        baseline_source="tag",
        baseline_revision="api/prod-v1.2.3",
    )
    assert right.ok
    assert low.findings == kv.Workspace.open(several[1]).audit().findings != ()
    assert (low.ok, low.error, low.products[0].drift, low.products[0].next) == (False, None, "behind", None)
    assert (headless.ok, headless.error, headless.findings[0].code) == (False, None, "KV001")
    for report in (broken, *wrong):
        assert (report.ok, report.findings, report.products) == (False, (), ())
        assert report.error
        assert "\n" not in report.error
    assert all("invalid TOML" in shown for shown in (repr(broken), str(broken), broken._repr_html_()))


def test_what_goes_to_a_worker_and_back_is_small(several: list[str]) -> None:
    """A path in, a few hundred bytes out: no snapshot, no text of a file."""
    assert len(pickle.dumps((look, several[0], several[0], None))) < 200 + 2 * len(several[0])
    for path in several:
        report = look(path, path)
        assert pickle.loads(pickle.dumps(report)) == report
        assert hash(report) == hash(look(path, path))
        assert len(pickle.dumps(report)) < 1500


def test_looking_at_a_fleet_changes_nothing(several: list[str]) -> None:
    """Not a byte, also in git's own folder."""
    repos = [Repo(Path(path)) for path in several[:3]]
    with untouched(*repos):
        assert len(list(audit_here(several[:3], 1))) == 3


class Counting(ThreadPoolExecutor):
    """Counts the calls that it has and that have not ended."""

    def __init__(self) -> None:
        super().__init__(2)
        self.lock = threading.Lock()
        self.open = self.most = self.all = 0

    def submit(self, fn: Any, /, *args: Any, **more: Any) -> Future[Any]:
        with self.lock:
            self.all += 1
            self.open += 1
            self.most = max(self.most, self.open)
        future = super().submit(fn, *args, **more)
        future.add_done_callback(self._ended)
        return future

    def _ended(self, _: object) -> None:
        with self.lock:
            self.open -= 1


def test_few_are_submitted_at_a_time_and_none_is_kept(tmp_path: Path) -> None:
    """Of endless paths as many are taken as are audited, and a few more; closing cancels the rest."""
    taken = itertools.count()
    paths = (f"{tmp_path}/{next(taken)}" for _ in itertools.repeat(None))
    with Counting() as executor:
        reports = audit_with(paths, executor, 8)
        for _ in range(50):
            next(reports)
        assert executor.most <= 8
        assert next(taken) <= 50 + 8
        reports.close()
        assert executor.all <= 50 + 8
    with Counting() as executor:
        assert len(list(kv.audit_many([str(tmp_path / "x")] * (SUBMITTED + 20), executor))) == SUBMITTED + 20
        assert executor.most <= SUBMITTED


class Waiting(Executor):
    """Runs nothing until it is asked to."""

    def __init__(self) -> None:
        self.calls: list[tuple[Future[Any], Any, Any]] = []

    def submit(self, fn: Any, /, *args: Any, **more: Any) -> Future[Any]:
        assert not more
        future: Future[Any] = Future()
        self.calls.append((future, fn, args))
        return future

    def run(self, number: int) -> None:
        future, function, args = self.calls[number]
        future.set_result(function(*args))


def test_results_come_as_they_are_there() -> None:
    """What is done first comes first, also while nothing more is found."""
    executor = Waiting()

    def places() -> Iterator[str | None]:
        yield from ("/a", "/b")
        executor.run(1)
        yield None
        raise AssertionError("the result of /b was there")

    reports = audit_with(places(), executor, 8)
    assert next(reports).path == "/b"
    reports.close()
    assert executor.calls[0][0].cancelled()


def test_an_executor_that_takes_nothing_loses_nothing(several: list[str]) -> None:
    """Of an executor that is shut down, each path has a report that says so."""
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    reports = list(kv.audit_many(several, executor))
    assert [report.path for report in reports] == several
    assert all("after shutdown" in (report.error or "") for report in reports)


def test_a_call_that_was_cancelled_has_a_report() -> None:
    """A path whose future somebody else has cancelled is an entry with an error."""
    executor = Waiting()

    def places() -> Iterator[str | None]:
        yield "/a"
        executor.calls[0][0].cancel()

    (report,) = audit_with(places(), executor, 8)
    assert "CancelledError" in (report.error or "")


def test_a_worker_that_dies_takes_nothing_else_with_it(
    made: Path, tmp_path: Path, program: Callable[[str], Path]
) -> None:
    """The workspace that its worker had gets an error; all others are audited, by new processes."""
    real = shutil.which("git")
    program(
        "import os, signal, sys\n"
        "if 'deadly' in os.getcwd():\n    os.kill(os.getppid(), signal.SIGKILL)\n"
        f"os.execv({real!r}, ['git', *sys.argv[1:]])\n"
    )
    paths = fleets.copies(made, *(tmp_path / name for name in ("a", "deadly", "b", "c", "d")))
    reports = {report.path: report for report in audit_here(paths, 2)}
    assert reports.keys() == {*paths}
    assert [path for path in paths if reports[path].error] == [paths[1]]
    assert "SIGKILL" in (reports[paths[1]].error or "")
    assert all(reports[path].ok for path in paths if path != paths[1])


def test_one_workspace_is_audited_in_this_process(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if several might be audited at a time; a second one makes processes."""
    called: list[str] = []
    call = Processes._call

    def noted(self: Processes, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        called.append(args[0])
        return call(self, function, args, kwargs)

    monkeypatch.setattr(Processes, "_call", noted)
    paths = fleets.copies(made, tmp_path / "a", tmp_path / "b")
    assert [report.path for report in audit_here(paths[:1], 2)] == paths[:1]
    assert called == []
    assert {report.path for report in audit_here(paths, 2)} == {*paths} == {*called}


def test_processes_end_with_the_iterator(made: Path, tmp_path: Path) -> None:
    """Whether it is closed or just forgotten: no process is left."""
    paths = fleets.copies(made, tmp_path / "a", tmp_path / "b")
    for end in (lambda reports: reports.close(), lambda _: None):
        reports = audit_here(paths, 2)
        assert next(reports).ok
        end(reports)
        del reports
        assert children() == []


def children() -> list[str]:
    """The processes that this one has started and that are still there, but for those of other tests."""
    listed = subprocess.run(
        ["ps", "-o", "args=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=False
    )
    return [line for line in listed.stdout.splitlines() if "krow_versions.fleet" in line]


def test_processes_are_an_executor() -> None:
    """Results and errors come back, also one that cannot be sent; after the end nothing is taken."""
    with Processes(1) as executor:
        assert executor.submit(divmod, 7, 2).result() == (3, 1)
        with pytest.raises(ZeroDivisionError):
            executor.submit(divmod, 7, 0).result()
        with pytest.raises(KrowVersionsError, match="Hostile"):
            executor.submit(eval, "(_ for _ in ()).throw(type('Hostile', (Exception,), {})())").result()
        assert executor.submit(print, "not a word of the conversation").result() is None
        first = executor.submit(os.getpid).result()
        assert first == executor.submit(os.getpid).result() != os.getpid()
        assert executor.submit(os.getpgrp).result() == first  # Ctrl-C is not for it.
    with pytest.raises(RuntimeError):
        executor.submit(divmod, 7, 2)


STUBBORN = """
import os, signal, threading, time
from krow_versions.fleet.processes import Processes

executor = Processes(1)
executor.submit(signal.signal, signal.SIGTERM, signal.SIG_IGN).result()
executor.submit(time.sleep, 600)
threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
executor.close()
"""


def test_an_interrupt_does_not_wait_for_a_worker_that_does_not_end() -> None:
    """Whoever presses Ctrl-C again, while a worker is given time to stop its git, is out at once."""
    ended = subprocess.run([sys.executable, "-c", STUBBORN], capture_output=True, check=False, timeout=20)
    assert (ended.returncode, b"KeyboardInterrupt" in ended.stderr) == (-signal.SIGINT, True)


CALL = pickle.dumps((os.getpid, (), {}))


@pytest.mark.parametrize("call", [CALL, CALL[:9], b""], ids=["whole", "part", "none"])
def test_a_worker_whose_caller_is_gone_ends_without_a_word(call: bytes) -> None:
    """A caller that was killed takes no answer: its worker ends, and puts no traceback on the terminal."""
    code = "from krow_versions.fleet.processes import serve; serve()"
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, stderr=pipe) as worker:
        assert worker.stdin
        assert worker.stdout
        assert worker.stderr
        worker.stdout.close()
        worker.stdin.write(call)
        worker.stdin.close()
        assert (worker.stderr.read(), worker.wait()) == (b"", 0)


@pytest.mark.parametrize("path", ["krow", b"krow", Path("krow")])
def test_one_path_is_not_many(path: Any) -> None:
    """The letters of a path are no paths: who gives one instead of several gets an error at once."""
    with pytest.raises(kv.UsageError, match="one path"):
        kv.audit_many(path)


DASK = """
import sys
from dask.distributed import Client, LocalCluster
import krow_versions as kv

if __name__ == "__main__":
    with (
        LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None) as cluster,
        Client(cluster) as client,
        client.get_executor() as executor,
    ):
        for report in kv.audit_many(sys.argv[1:], executor):
            print(report.path, report.ok)
"""


@pytest.mark.skipif(
    find_spec("distributed") is None, reason="Dask is not installed: the extra is called fleet"
)
def test_a_cluster_of_dask_is_an_executor(made: Path, tmp_path: Path) -> None:
    """The workers of a cluster audit what is sent to them, and what is wrong comes back as a report."""
    paths = [*fleets.copies(made, tmp_path / "a", tmp_path / "b"), str(tmp_path / "gone")]
    (tmp_path / "script.py").write_text(DASK)
    command = [sys.executable, "-W", "error", "script.py", *paths]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert sorted(done.stdout.splitlines()) == [f"{path} {not path.endswith('gone')}" for path in paths], done


def test_a_script_without_a_guard_runs_once(made: Path, tmp_path: Path) -> None:
    """A worker process runs nothing of the program that audits: no guard is needed around it."""
    paths = fleets.copies(made, tmp_path / "a", tmp_path / "b")
    script = tmp_path / "script.py"
    script.write_text(
        "from krow_versions.fleet.running import audit_here\nprint('once')\n"
        f"for report in audit_here({paths!r}, 2):\n    print(report.ok)\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("once\nTrue\nTrue\n", "")
