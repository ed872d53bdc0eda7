"""What a stranger wrote is shown harmlessly in every output.

Names of tags, branches, files and people, messages, CHANGELOGs, versions and the configuration come from a
repository. Here all of them are hostile at once, and every command prints them in every form that it has.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import pytest

import krow_versions as kv
from krow_versions.audit.render import FORMATS
from support.commands import RAW, run
from support.displays import assert_a_good_display, assert_nothing_raw
from support.pages import assert_a_good_page
from support.repositories import Repo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from support.child import Result

ESCAPES = "\x1b]0;owned\x07\x9b2J\x08\u202e\u2066\u200b\u034f\u3164"
LINES = "\r\n::set-output name=x::y\n::error::forged\n##[error]forged\n##vso[task.complete]forged\n"
MARKUP = "</td></script><script>alert(1)</script><img src=x onerror=alert(1)>\"' onload='x"
SHELL = "$(touch canary)`touch canary`;touch canary"
ALL = f"{ESCAPES}{LINES}{MARKUP} {SHELL} [x](javascript:alert(1)) @everyone | \\"
# What git allows in the name of a ref: no control character, no space, none of ~^:?*[\\.
REF = "\u202e\u200b<img/src=x>\"'&$(touch${IFS}canary)`id`;|@everyone"
FOLDER = f"apps/{ESCAPES}\n::error::x <img src=x> $(touch canary)"
CONFIGURATION = f"""
[products.web]
title = {json.dumps("Web" + MARKUP + SHELL)}
slug = "web"
files = ["apps/*/package.json"]
changelog = "CHANGELOG.md"
deploy = ["./deploy", {json.dumps(MARKUP + SHELL)}, "{{tag}}"]

[hotfix]
label = {json.dumps("URGENT" + MARKUP + SHELL)}
channel = {json.dumps("#" + MARKUP + SHELL)}
contacts = {{ {json.dumps("Engineer" + MARKUP)} = {json.dumps("call " + MARKUP + SHELL)} }}

[audit]
stale_days = 1
"""
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("products",),
    ("show",),
    ("history", "web"),
    ("changelog", "show", "web"),
    ("config", "show"),
    ("bump-patch", "web", "-n"),
    ("audit", "--history", "--incidents"),
    ("agree",),
    ("hotfix", "start", "web", "--issue", ALL, "--severity", "HIGH", "--impact", ALL, "-n"),
    ("hotfix", "list"),
    ("hotfix", "status", "web"),
    ("hotfix", "report", "web"),
    ("hotfix", "check", "web"),
    ("hotfix", "pr", "web"),
    ("hotfix", "deploy", "web"),
    ("hotfix", "announce", "web", "--draft"),
    ("hotfix", "next", "web", "-n"),
    ("init",),
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository in which everything that a stranger can choose is hostile."""
    repo = Repo(tmp_path_factory.mktemp("hostile") / "repo")
    repo.git("config", "user.name", f"Eve {MARKUP.replace('<', '').replace('>', '')}{ESCAPES}")
    repo.write("krow-versions.toml", CONFIGURATION)
    repo.write(f"{FOLDER}/package.json", '{"name": "web", "version": "1.0.0"}\n')
    repo.write(
        "CHANGELOG.md",
        "| Date | Version | Change |\n|---|---|---|\n| x | 1.0.0 | " + MARKUP + ESCAPES + " |\n",
    )
    author = f"--author=Eve {ESCAPES} {SHELL} <eve@example.org>"
    repo.git("add", ".")
    repo.git("commit", "--quiet", "--file=-", author, stdin=f"feat: {ALL}")
    message = ("--cleanup=verbatim", "--file=-")
    repo.git("tag", "--annotate", *message, "web/prod-v1.0.0", stdin=ALL)
    repo.git("tag", "--annotate", *message, f"web/prod-v{REF}", stdin=ALL)
    repo.git("branch", f"hotfix/{REF}")
    repo.git("switch", "--quiet", "--create", "hotfix/web-v1.0.1")
    repo.write("fix.txt", ALL)
    repo.git("add", ".")
    repo.git("commit", "--quiet", "--file=-", author, stdin=f"fix: {ALL}\n\nIssue: {ALL}")
    started = ("start", "web", "--issue", ALL, "--severity", "HIGH", "--impact", ALL, "--no-fetch")
    result = run("hotfix", *started, cwd=repo.path)
    assert result.code == 0, result
    return repo.path


def assert_harmless(result: Result) -> None:
    """Nothing raw, and no line that a terminal or a runner of CI would take for its own."""
    printed = result.out + result.err
    assert_nothing_raw(printed)
    assert not RAW.search(printed)
    assert not [each for each in "\u034f\u3164" if each in printed]
    assert "a bug in" not in printed
    assert not re.search(r"^\s*::|##(?:vso)?\[", printed, re.MULTILINE)


@pytest.mark.fault(109, 111)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_commands_print_it_harmlessly(hostile: Path, command: tuple[str, ...]) -> None:
    """On a terminal, in a log and as JSON: one line stays one line, and nothing raw is printed."""
    shown = run(*command, cwd=hostile)
    assert shown.code in {0, 1, 3}, shown
    assert_harmless(shown)
    as_data = run(*command, "--json", cwd=hostile)
    if as_data.code != 2:  # Not all commands print data.
        assert_harmless(as_data)
        assert isinstance(json.loads(as_data.out or "{}"), dict)
    assert not [*hostile.parent.rglob("canary")]


def lines_of_github(text: str) -> None:
    """Every line is a command of a workflow that we wrote."""
    for line in text.splitlines():
        assert line.startswith(("::error ", "::warning ", "::notice "))
        assert line.count("::") == 2, line


READ: dict[str, Callable[[str], Any]] = {
    "text": lambda text: assert_harmless(run_of(text)),
    "json": json.loads,
    "sarif": json.loads,
    "gitlab": json.loads,
    "junit": ET.fromstring,
    "github": lines_of_github,
    "html": assert_a_good_page,
}
"""What reads each output format strictly."""


def run_of(text: str) -> Result:
    """A text as if it had been printed."""
    from support.child import Result

    return Result(0, text, "")


@pytest.mark.fault(109, 110)
@pytest.mark.parametrize("name", FORMATS)
def test_every_report_is_harmless(hostile: Path, name: str) -> None:
    """A report with hostile words is read strictly by what its format is for, and holds nothing raw."""
    report = run("audit", "--history", "--incidents", "--all", "--format", name, cwd=hostile)
    assert report.code == 1, report
    assert_nothing_raw(report.out)
    READ[name](report.out)


def displayed(root: Path) -> Iterable[Any]:
    """Everything that a notebook shows of a workspace."""
    workspace = kv.Workspace.open(str(root))
    report, hotfix = workspace.audit(history=True), workspace.hotfix("web")
    yield from (workspace, report, workspace.history("web"), workspace.plan_bump("web", changelog=False))
    yield hotfix.status()


@pytest.mark.fault(110)
def test_displays_are_harmless(hostile: Path) -> None:
    """Displays of a notebook hold no element but ours; and a ``repr`` is one line."""
    for each in displayed(hostile):
        assert_a_good_display(each._repr_html_())
        assert_nothing_raw(each._repr_html_())
        assert_nothing_raw(repr(each), lines="")
        assert_nothing_raw(str(each))


def test_a_fleet_is_harmless(hostile: Path) -> None:
    """So is the report of many workspaces, as text, as JSON lines and as a page."""
    shown = run("fleet", "audit", str(hostile), "--jobs", "1", cwd=hostile)
    assert_harmless(shown)
    lines = run("fleet", "audit", str(hostile), "--jobs", "1", "--json", cwd=hostile).out
    assert_nothing_raw(lines)
    assert [json.loads(line)["error"] for line in lines.splitlines()] == [None]
    page = run("fleet", "audit", str(hostile), "--jobs", "1", "--format", "html", cwd=hostile).out
    assert_nothing_raw(page)
    assert "<img" not in page
    assert "<script" not in page
