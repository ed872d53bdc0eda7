"""The dry run: a diff that git can apply, that gives the bytes of the real run, and no colour unasked."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from support.commands import MODULE, RAW, run
from support.hang import SECONDS
from support.krow import API, CORE, STAFF, WEB, WEB_LOCK, checkout, hotfix, package, pubspec
from support.untouched import state

if TYPE_CHECKING:
    from support.repositories import Repo

BUMP = ("bump-patch", "worker-mobile")


def dry_run(repo: Repo, *names: str) -> str:
    """The diff alone, as it leaves the program."""
    result = run("bump-patch", *names, "-n", "-q", cwd=repo.path)
    assert result.code == 0, result
    return result.out[result.out.index("--- ") :]


def assert_applies(repo: Repo, *names: str) -> None:
    """`git apply` of the dry run's diff gives exactly the bytes that the real run writes."""
    before = state(repo)
    diff = dry_run(repo, *names)
    assert state(repo) == before
    files = [path for path in repo.path.rglob("*") if path.suffix in {".yaml", ".json"}]
    old = {path: path.read_bytes() for path in files}
    assert run("bump-patch", *names, cwd=repo.path).code == 0
    wanted = {path: path.read_bytes() for path in files}
    assert wanted != old
    for path, data in old.items():
        path.write_bytes(data)
    repo.git("apply", "--whitespace=nowarn", "-", stdin=os.fsencode(diff))
    assert {path: path.read_bytes() for path in files} == wanted


@pytest.mark.parametrize(
    "text",
    [
        pubspec("0.1.0+5"),
        pubspec("0.1.0+5").replace("\n", "\r\n"),
        pubspec("0.1.0+5").removesuffix("\n"),
        "name: app\r\nversion: 0.1.0+5",
        "version: 0.1.0+5",
        "a: 1\r\nversion: 0.1.0+5\nb: 2\r\n",
        "# \t tabs\t\nversion: '0.1.0+5'\t# \t\nb: 1\n",
        "a: '\\ No newline at end of file'\nversion: 0.1.0+5\n-- b: 1\n",
        "\n\n\nversion: 0.1.0+5\n\n\n",
        "a: é漢🚀\nversion: 0.1.0+5\n",
        "\ufeffname: app\nversion: 0.1.0+5\n",
        "description: '👨\u200d👩\u200d👧 app'\nversion: 0.1.0+5\n",
        "description: soft\u00adhyphen\nversion: 0.1.0+5\n",
    ],
)
def test_diff_applies_to_the_same_bytes(repo: Repo, text: str) -> None:
    """CRLF, mixed endings, tabs, a BOM, invisible letters, a missing last line break: git takes the diff."""
    hotfix(repo).write(STAFF, text)
    assert_applies(repo, "worker-mobile")


def test_diff_of_several_products_applies_from_the_top(repo: Repo) -> None:
    """The diff of a whole plan is one patch, with paths from the top of the repository."""
    assert_applies(checkout(repo), "worker-mobile", "client-mobile", "web", "backend")
    assert re.findall(r"^\+\+\+ (.*)$", dry_run_again(repo), re.MULTILINE) == [
        f"b/{path}" for path in (WEB_LOCK, WEB, API, CORE)
    ]


def dry_run_again(repo: Repo) -> str:
    repo.git("checkout", "--quiet", "--", "apps/web", "backend")
    return dry_run(repo, "web", "backend")


@pytest.mark.parametrize(
    "name", ["my api", "ünïcode", "a'b", "tab\tname", 'quo"te', "back\\slash", "new\nline"]
)
def test_diff_applies_whatever_the_folder_is_called(repo: Repo, name: str) -> None:
    """Names of folders with blanks, quotes, tabs or line breaks are written so that git finds the file."""
    checkout(repo).write(f"backend/{name}/package.json", package("0.3.1"))
    repo.commit()
    assert_applies(repo, "backend")


@pytest.mark.parametrize(
    "text",
    [
        "# \u202etxet\nversion: 0.1.0+5 # \u2066\n",
        "a: 1\rversion: 0.1.0+5\rb: 2\r",
        "a: 1\r\n\rb: 2\nversion: 0.1.0+5\n",
        "a: 'x\x85y\u2028z'\nversion: 0.1.0+5\n",
    ],
)
def test_diff_that_must_be_escaped_is_reported(repo: Repo, text: str) -> None:
    """Bidi marks, C1 and lone CR near the version never leave raw; that the diff does not apply is said."""
    hotfix(repo).write(STAFF, text)
    result = run(*BUMP, "-n", cwd=repo.path)
    assert not RAW.search(result.out.replace("\r\n", "\n"))
    assert "+++ b/" in result.out
    assert STAFF in result.err


def test_nothing_to_do_has_no_diff(repo: Repo) -> None:
    """Where nothing would change, the dry run is the list alone."""
    run(*BUMP, cwd=hotfix(repo).path)
    assert run(*BUMP, "-n", cwd=repo.path).out == f"{STAFF}: already 0.1.1+6\n"


@pytest.mark.parametrize(
    ("args", "env", "coloured"),
    [
        ([], {}, False),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
        (["--color=auto"], {}, False),
    ],
)
def test_colour(repo: Repo, args: list[str], env: dict[str, str], *, coloured: bool) -> None:
    """--color beats NO_COLOR, which beats FORCE_COLOR; piped there is none; JSON has none ever."""
    clean = {"NO_COLOR": None, "FORCE_COLOR": None} | env
    hotfix(repo)
    assert ("\x1b[" in run(*BUMP, "-n", *args, cwd=repo.path, env=clean).out) is coloured
    assert ("\x1b[" in run("bump-patch", "nope", *args, cwd=repo.path, env=clean).err) is coloured
    assert "\x1b[" not in run(*BUMP, "--json", *args, cwd=repo.path, env=clean).out


@pytest.mark.parametrize("kind", ["xterm", "dumb"])
def test_colour_on_a_terminal(repo: Repo, kind: str) -> None:
    """On a terminal that has colours the diff has them, and taking them away gives the plain diff."""
    plain = run(*BUMP, "-n", cwd=hotfix(repo).path).out
    ours, theirs = pty.openpty()
    env = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    env["TERM"] = kind
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        subprocess.run(
            [*MODULE, *BUMP, "-n", "-q"], cwd=repo.path, env=env, stdout=theirs, check=True, timeout=SECONDS
        )
        os.close(theirs)
        shown = terminal.read(65536).decode().replace("\r\n", "\n")
    assert ("\x1b[32m+version: 0.1.1+6" in shown) == (kind == "xterm")
    assert ("\x1b" in shown) == (kind == "xterm")
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown) == plain


@pytest.mark.fault(118)
def test_optimised_python_keeps_every_check(repo: Repo) -> None:
    """`python -O` gives the same answers and refusals: no check is an assertion."""
    program = [sys.executable, "-O", "-m", "krow_versions"]
    hotfix(repo)
    for version in ("0.1.0+5", "0.2.0+6", "0.1.0+x"):
        repo.write(STAFF, pubspec(version))
        assert run(*BUMP, "-n", cwd=repo.path, program=program) == run(*BUMP, "-n", cwd=repo.path)
