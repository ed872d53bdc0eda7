"""One process of git: its arguments, its surroundings, and what becomes of a git that fails or hangs.

Where git itself has to misbehave, another real program named ``git`` stands first on PATH.
"""

from __future__ import annotations

import fcntl
import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krow_versions import git
from krow_versions.errors import GitError, GitMissing, KrowVersionsError, UsageError
from krow_versions.git import Repository, open_repository
from krow_versions.git.repository import _Object, _parsed
from krow_versions.text.escaping import printable
from support.hang import SECONDS, no_hang, stopped_late
from support.repositories import executable, opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.repositories import Repo
from support.repositories import names

CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")


# --- processes and arguments -------------------------------------------------------------------


def test_few_processes_whatever_the_number_of_tags(repo: Repo, spy: Callable[[], list[list[str]]]) -> None:
    """Opening takes one process, tags two, files one, or two if they are many: sizes, then contents."""
    repo.write("VERSION", "1")
    repo.commit()
    for number in range(30):
        repo.tag(f"app/v{number}", annotated=number % 2 == 0)
    spy()
    repository = opened(repo.path)
    assert [call[4] for call in spy()] == ["rev-parse"]
    tags = repository.tags(["app", "web", "backend"])
    assert [call[4] for call in spy()] == ["for-each-ref", "rev-list"]
    repository.blobs([(tag.object_id, path) for tag in tags for path in ("VERSION", "b", "c")])
    assert [call[4:] for call in spy()] == [
        ["cat-file", "--batch", "--buffer"]
    ]  # No -z, for git before 2.38.
    many = [("HEAD", f"{number}") for number in range(3000)]
    assert repository.blobs([*many, ("HEAD", "VERSION")]) == (*[None] * 3000, b"1")
    assert [call[5] for call in spy()] == ["--batch-check", "--batch"]


def test_contents_by_id_come_with_files_at_commits(repo: Repo, spy: Callable[[], list[list[str]]]) -> None:
    """Both are read in one process; None stands for what is over its limit, and what is over the total."""
    repo.write("VERSION", "x" * 10)
    repo.write("big", "y" * 20)
    repo.commit()
    repository = opened(repo.path)
    ids = [repo.git("rev-parse", f"HEAD:{name}") for name in ("VERSION", "big")]
    spy()
    small, big = b"x" * 10, b"y" * 20
    for limit, total, expected in ((20, 30, (small, big)), (19, 30, (small, None)), (20, 29, (small, None))):
        files, contents = repository.read([("HEAD", "VERSION")], ids=ids, limit=limit, total=total)
        assert files == (small,)
        assert tuple(contents[each] for each in ids) == expected
    assert len(spy()) == 3


def _options(repo: Repo, name: str, spy: Callable[[], list[list[str]]]) -> set[str]:
    """Ask everything of a repository whose names are all *name*; return the options that git got."""
    repo.write(name, "1")
    repo.git("commit", "--allow-empty", "--message=empty")
    repo.git("symbolic-ref", "HEAD", f"refs/heads/{name}")
    spy()
    assert opened(repo.path).branch == f"refs/heads/{name}"  # Unborn: the name comes back as a question.
    repo.commit()
    repo.git("update-ref", f"refs/tags/{name}/{name}", "HEAD")
    (repo.path / f".git/refs/tags/{name}/broken").write_text("f" * 40 + "\n")
    repository = opened(repo.path)
    spy()
    open_repository(str(repo.path))
    assert names(repository.tags([name])) == [f"{name}/{name}", f"{name}/broken"]
    wanted = [(f"refs/tags/{name}/{name}", name), (f"refs/heads/{name}", name)]
    assert repository.blobs(wanted) == (b"1", b"1")
    head = repository.head or ""
    return {arg.replace(head, "ID") for call in spy() for arg in call if arg.startswith("-")}


@pytest.mark.fault(76)
@pytest.mark.parametrize(
    "name", ["-x", "--upload-pack=evil", "--exec-path=x", "--format=%(refname)", "$(id)"]
)
def test_no_name_becomes_an_option(
    new_repo: Callable[[], Repo], spy: Callable[[], list[list[str]]], name: str
) -> None:
    """Branches, tags, prefixes and files named like options add no option."""
    assert _options(new_repo(), name, spy) == _options(new_repo(), "a-name", spy)


@pytest.mark.fault(114)
def test_arguments_that_no_program_can_be_given(repo: Repo) -> None:
    """NUL and lone surrogates are a UsageError, not an error of the standard library."""
    for argument in ("a\0b", "a\ud800b"):
        with pytest.raises(UsageError):
            git.run(["rev-parse", argument], cwd=str(repo.path))
        with pytest.raises(UsageError):
            open_repository(argument)


# --- environment and configuration -------------------------------------------------------------


def test_the_list_of_local_variables_is_complete(repo: Repo) -> None:
    """Every variable that the installed git lists as local to a repository is removed."""
    assert {*repo.git("rev-parse", "--local-env-vars").split()} <= git.LOCAL_VARIABLES


@pytest.mark.fault(74)
def test_variables_of_another_repository_do_not_count(
    repo: Repo, new_repo: Callable[[], Repo], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a hook of another repository: the right repository is read, with its own tags."""
    repo.commit()
    repo.tag("app/right")
    other = new_repo()
    other.commit("other")
    other.tag("app/wrong")
    right = opened(repo.path)
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.path))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.path / ".git/index"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other.path / ".git/objects"))
    monkeypatch.setenv("GIT_NAMESPACE", "elsewhere")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.bare")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "true")
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'core.bare=true'")
    assert opened(repo.path) == right
    assert names(right.tags(["app"])) == ["app/right"]


@pytest.mark.fault(90, 95)
def test_the_environment_of_git() -> None:
    """Local variables are removed, the user's own are kept, and nothing can prompt or page."""
    local = dict.fromkeys(
        [*git.LOCAL_VARIABLES, "GIT_NAMESPACE", "GIT_CONFIG_KEY_7", "GIT_CONFIG_VALUE_7"], "x"
    )
    own = {"HOME": "/home/me", "GIT_SSH_COMMAND": "ssh -i key", "GIT_CONFIG_GLOBAL": "/home/me/config"}
    forced = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": "false", "GIT_PAGER": "cat"}
    inherited = local | own | {"LC_ALL": "de_DE.UTF-8", "GIT_EDITOR": "vi"}
    settings = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "protocol.ext.allow",
        "GIT_CONFIG_VALUE_0": "never",
    }
    seen = git.environment(inherited)
    assert not Path(seen.pop("GIT_GRAFT_FILE")).exists()
    assert seen == own | forced | settings


def test_git_cannot_read_our_input(program: Callable[[str], Path], tmp_path: Path) -> None:
    """Standard input is empty unless it is given, so that no process waits for a user."""
    program("import sys\nprint(sys.stdin.read())\n")
    code = "import sys; from krow_versions.git import run; print(run(['x'], cwd=sys.argv[1]))"
    command = [sys.executable, "-c", code, str(tmp_path)]
    assert subprocess.run(command, input=b"typed", stdout=subprocess.PIPE, check=True).stdout == b"b'\\n'\n"
    assert git.run(["x"], cwd=str(tmp_path), stdin=b"given") == b"given\n"


@pytest.mark.fault(100)
def test_the_file_system_monitor_of_a_repository_does_not_run(repo: Repo, tmp_path: Path) -> None:
    """A repository's core.fsmonitor is a program; git would run it, and does not here."""
    repo.commit()
    canary, hook = tmp_path / "canary", tmp_path / "hook"
    hook.write_text(f"#!/bin/sh\ntouch '{canary}'\n")
    hook.chmod(0o755)
    repo.git("config", "core.fsmonitor", str(hook))
    repository = opened(repo.path)
    repository.tags([""])
    repository.blobs([("HEAD", "x")])
    git.run(["status", "--porcelain"], cwd=repository.root)
    assert not canary.exists()
    repo.git("status")
    assert canary.exists()  # The trap does work.


@pytest.mark.fault(101)
def test_configuration_does_not_change_answers(repo: Repo) -> None:
    """Colours, columns, quoting, signatures and sorting of the user do not change the answers."""
    repo.write("ä b", "1")
    repo.commit()
    for name in ("app/v1", "app/ä", "app/v10", "app/v9"):
        repo.tag(name)
    before = opened(repo.path)
    tags, blobs = before.tags(["app"]), before.blobs([("refs/tags/app/ä", "ä b")])
    assert (len(tags), blobs) == (4, (b"1",))
    for key, value in {
        "color.ui": "always",
        "column.ui": "always",
        "core.quotePath": "true",
        "core.pager": "false",
        "pager.for-each-ref": "true",
        "log.showSignature": "true",
        "tag.sort": "-version:refname",
        "core.warnAmbiguousRefs": "true",
        "alias.rev-parse": "!false",
    }.items():
        repo.git("config", key, value)
    after = opened(repo.path)
    assert (after, after.tags(["app"]), after.blobs([("refs/tags/app/ä", "ä b")])) == (before, tags, blobs)


@pytest.mark.fault(102)
def test_replacements_do_not_count(repo: Repo) -> None:
    """`git replace` is ignored: a version is that of the commit that was tagged."""
    repo.write("VERSION", "real")
    real = repo.commit("first")
    repo.tag("app/v1")
    repo.write("VERSION", "forged")
    forged = repo.commit("second")
    repo.git("replace", real, forged)
    assert repo.git("show", f"{real}:VERSION") == "forged"
    assert opened(repo.path).blobs([(real, "VERSION"), ("refs/tags/app/v1", "VERSION")]) == (b"real", b"real")


@pytest.mark.fault(102)
def test_grafts_do_not_count(repo: Repo) -> None:
    """The old `info/grafts` changes ancestry; reachability is that of the real parents."""
    repo.commit("first")
    repo.tag("app/v1")
    head = repo.commit("second")
    (repo.path / ".git/info/grafts").write_text(f"{head}\n")
    assert repo.git("rev-list", "--count", "HEAD") == "1"  # The forgery does work.
    assert [tag.reachable for tag in opened(repo.path).tags(["app"])] == [True]


def test_traces_do_not_disturb(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """The output of GIT_TRACE is no failure, not even on a new branch."""
    monkeypatch.setenv("GIT_TRACE", "1")
    assert opened(repo.path).branch == "refs/heads/main"
    repo.write("VERSION", "1")
    repo.commit()
    repo.tag("app/v1")
    repository = opened(repo.path)
    assert [tag.reachable for tag in repository.tags(["app"])] == [True]
    assert repository.blobs([("refs/tags/app/v1", "VERSION")]) == (b"1",)


@pytest.mark.fault(99)
def test_somebody_elses_repository_is_refused_with_gits_hint(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git's own protection stays on; the hint has the command that git names."""
    repo.commit()
    if os.geteuid() == 0:
        os.chown(repo.path, 65534, 65534)
        os.chown(repo.path / ".git", 65534, 65534)
    else:
        monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # What git's own tests use.
    with pytest.raises(GitError) as caught:
        open_repository(str(repo.path))
    assert "dubious ownership" in str(caught.value)
    assert "does not trust" in caught.value.message
    assert f"if you do trust it: git config --global --add safe.directory {repo.path}" == caught.value.hint
    with pytest.raises(GitError, match="dubious"):  # Nothing was set to make it pass.
        open_repository(str(repo.path))


# --- failures of git ---------------------------------------------------------------------------


@pytest.mark.fault(72)
def test_git_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git on PATH the error says so; a missing folder has another error."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitMissing, match="no git program"):
        open_repository(str(tmp_path))
    with pytest.raises(UsageError, match="no folder"):
        open_repository(str(tmp_path / "nowhere"))


def test_a_git_that_cannot_be_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file named git without the right to run is an error of its own."""
    (tmp_path / "git").touch(mode=stat.S_IRUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match="cannot be started: Permission denied"):
        open_repository(str(tmp_path))


VERSION_ONLY = "import sys\nif '--version' in sys.argv:\n    print({version!r})\n    sys.exit({code})\n"


UNKNOWN_OPTION = "sys.stderr.write('unknown option: --no-optional-locks\\n'); sys.exit(129)"
UNKNOWN_SWITCH = "sys.stderr.write('error: unknown switch `z\\n'); sys.exit(1)"
OPTIONS_COME_BACK = "print('\\n'.join(sys.argv[6:]))"  # What git before 2.31 does with `--path-format`.


@pytest.mark.fault(73)
@pytest.mark.parametrize(
    ("behaviour", "version"),
    [
        (UNKNOWN_OPTION, ("git version 1.8.3.1", 0, "1.8.3.1")),
        (UNKNOWN_SWITCH, ("banana \x1b[2J", 0, "banana \\x1b[2J")),
        ("sys.exit(129)", ("", 1, "says ''")),
        (OPTIONS_COME_BACK, ("git version 2.7.4", 0, "2.7.4")),
        ("pass", ("git version 2.39.5 (Apple Git-154)", 0, "Apple Git-154")),
    ],
)
def test_git_too_old_or_odd(
    program: Callable[[str], Path], tmp_path: Path, behaviour: str, version: tuple[str, int, str]
) -> None:
    """A failure that an old git would explain names its version and the one that is needed."""
    said, code, expected = version
    program(VERSION_ONLY.format(version=said, code=code) + behaviour)
    with pytest.raises(GitError) as caught:
        open_repository(str(tmp_path))
    assert expected in str(caught.value)
    assert "2.31 or newer" in str(caught.value)


def test_an_unexpected_answer_is_an_error(program: Callable[[str], Path], tmp_path: Path) -> None:
    """An answer about files that does not match the questions is an error, not content."""
    program(
        VERSION_ONLY.format(version="git version 3", code=0)
        + "sys.stdout.write(sys.stdin.read() + ' moved\\n')"
    )
    folder = str(tmp_path)
    repository = Repository(folder, folder, folder, None, None, shallow=False)
    with pytest.raises(GitError, match="unexpected answer"):
        repository.blobs([("HEAD", "VERSION")])


HOSTILE = "fatal: \x1b]0;x\x07\x9b2J\u202egpj\r https://user:p%40ss@example.org/r.git \udcff"


def test_the_answer_of_newer_gits_for_a_submodule() -> None:
    """Newer gits print `submodule`, not `missing`, for the commit of a submodule: no file either way."""
    requests = [b"HEAD:part", b"HEAD:VERSION"]
    answers = b"a" * 40 + b" submodule\n" + b"b" * 40 + b" blob 1\n"
    found = [None, _Object(b"b" * 40, 1)]
    assert _parsed(answers, requests) == (found, {})
    assert _parsed(answers + b"y\n", requests, whole=True) == (found, {found[1]: b"y"})
    assert _parsed(answers + b"y", requests) is None
    assert _parsed(answers + b"y", requests, whole=True) is None
    assert _parsed(answers[:-2], requests) is None


@pytest.mark.fault(112)
def test_gits_errors_are_escaped(program: Callable[[str], Path], tmp_path: Path) -> None:
    """Escape sequences, bidirectional marks and credentials never get into a message."""
    words = HOSTILE.encode("utf-8", "surrogateescape")
    program(f"import sys\nsys.stderr.buffer.write(b'noise\\n' * 99999 + {words!r})\nsys.exit(128)\n")
    with pytest.raises(GitError) as caught:
        open_repository(str(tmp_path))
    for shown in (str(caught.value), caught.value.message):
        assert not CONTROL.search(shown)
        assert printable(caught.value.message) == caught.value.message
        assert "user" not in shown
        assert "p%40ss" not in shown
        assert "https://***@example.org/r.git" in shown
        assert len(shown) < 1000


def test_a_failure_without_a_message(program: Callable[[str], Path], tmp_path: Path) -> None:
    """When git prints nothing, the error has the exit code or signal."""
    program(
        "import os, signal, sys\nos.kill(os.getpid(), signal.SIGKILL) if 'a' in sys.argv else sys.exit(3)\n"
    )
    with pytest.raises(GitError, match="signal 9"):
        git.run(["a"], cwd=str(tmp_path))
    with pytest.raises(GitError, match="exit code 3"):
        git.run(["b"], cwd=str(tmp_path))
    assert git.execute(["b"], cwd=str(tmp_path)).returncode == 3


# A git with a child (a hook, a helper) that both hold a lock for as long as they live.
HANGING = """
import fcntl, os, signal, sys, time
lock = open(os.path.join(os.path.dirname(__file__), 'lock'), 'w')
fcntl.flock(lock, fcntl.LOCK_EX)
if os.fork() == 0:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    open(os.path.join(os.path.dirname(__file__), 'hangs'), 'w').close()
    time.sleep(600)
def tidy(*_):
    open(os.path.join(os.path.dirname(__file__), 'tidied'), 'w').close()
    sys.exit()
signal.signal(signal.SIGTERM, tidy)
sys.stderr.write('waiting for the helper\\n')
sys.stderr.flush()
time.sleep(600)
"""


def _free(lock: Path) -> bool:
    """Return whether every process that held the lock ends soon."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with lock.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.02)
            else:
                return True
    return False


def test_a_hanging_git_is_stopped_with_its_children(program: Callable[[str], Path], tmp_path: Path) -> None:
    """After the time limit no process of the group is left, and git could clean up first."""
    folder = program(HANGING)
    with (
        no_hang(),
        pytest.raises(GitError, match=r"stopped after [0-9.]+ s: waiting for the helper") as caught,
    ):
        stopped_late(lambda limit: git.run(["fetch"], cwd=str(tmp_path), timeout=limit), folder / "hangs")
    assert "hook" in str(caught.value)
    assert (folder / "hangs").exists()
    assert (folder / "tidied").exists()
    assert _free(folder / "lock")


def test_an_interrupt_stops_git_and_its_children(program: Callable[[str], Path], tmp_path: Path) -> None:
    """Ctrl-C stops git's group, although it is not the terminal's, and the interrupt is raised again."""
    folder = program(HANGING)
    code = (
        "import signal, sys; from krow_versions.git import run\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "try: run(['fetch'], cwd=sys.argv[1])\n"
        "except KeyboardInterrupt: sys.exit(130)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) as process:
        deadline = time.monotonic() + SECONDS
        while not (folder / "hangs").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=SECONDS) == 130
    assert _free(folder / "lock")


# Interrupts a run at the first line that starts git, at the second, and so on, until git is waited for.
INTERRUPTING = """
import os, signal, sys
from krow_versions.git import run

def attempt(at):
    lines, waits = 0, False
    def interrupt(frame, event, _):
        nonlocal lines, waits
        waits = waits or frame.f_code.co_name == "select"
        ours = frame.f_code.co_filename.endswith(("running.py", "subprocess.py", "contextlib.py"))
        lines += ours and event == "line" and (lines > 0 or frame.f_code.co_name == "started")
        if lines == at or waits:
            sys.settrace(None)
            os.kill(os.getpid(), signal.SIGINT)
        return interrupt
    sys.settrace(interrupt)
    try:
        run(["fetch"], cwd=sys.argv[1])
    except KeyboardInterrupt:
        pass
    try:
        sys.exit(f"{at}: {os.waitpid(-1, os.WNOHANG)}")
    except ChildProcessError:  # There is none.
        return waits

signal.signal(signal.SIGINT, signal.default_int_handler)
at = 1
while not attempt(at):
    at += 1
print(at)
"""


def test_an_interrupt_at_any_line_leaves_no_git_behind(tmp_path: Path) -> None:
    """An interrupt while git is being started stops it too: no process is left behind."""
    executable(tmp_path / "git", "#!/bin/sh\nexec /bin/sleep 600\n")
    command = [sys.executable, "-c", INTERRUPTING, str(tmp_path)]
    done = subprocess.run(
        command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 100


@pytest.mark.fault(115)
def test_too_few_file_descriptors(repo: Repo) -> None:
    """A process that cannot be started is an error of git's family, not a traceback."""
    code = (
        "import resource, sys; from krow_versions import errors, git\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (5, 5))\n"
        "try: git.open_repository(sys.argv[1])\n"
        "except errors.GitError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(repo.path)], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("git cannot be started: Too many open files\n", "")


@given(output=st.binary(max_size=120), stderr=st.binary(max_size=120))
def test_no_output_of_git_breaks_the_message(output: bytes, stderr: bytes) -> None:
    """For all bytes that a program can print, the error is one escaped line."""
    finished = git.Finished(1, output, stderr)
    error: KrowVersionsError = git.failure(["x"], finished, os.curdir)
    assert printable(error.message) == error.message


@pytest.mark.parametrize("date", ["@0 -0500", "@99999999999999 +0000"])
def test_a_tag_of_an_impossible_day_hides_none(
    repo: Repo, date: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git dies when it has to print such a date; the tag is listed like any other."""
    repo.commit()
    repo.tag("app/v1")
    monkeypatch.setenv("GIT_COMMITTER_DATE", date)
    subprocess.run(["git", "tag", "-a", "-m", "odd", "app/v2"], cwd=repo.path, check=True)
    found = opened(repo.path).tags(["app"])
    assert [tag.name for tag in found] == ["app/v1", "app/v2"]
    assert [bool(tag.dated) for tag in found] == [True, True]
