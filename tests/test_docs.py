"""Every example of the README and the docs is run, and what they say of the code is so."""

from __future__ import annotations

import datetime as dt
import doctest
import importlib.util
import os
import pkgutil
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import click
import matplotlib as mpl
import pytest

import krow_versions
from krow_versions import cli, testing
from krow_versions.cli.app import app
from krow_versions.cli.commands import ACTS, COMMANDS, LOOKS, WRITES
from krow_versions.cli.demo import make_workspace
from krow_versions.config import load, schema
from krow_versions.findings import FINDINGS
from krow_versions.workspace.clock import now
from support import clocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

TOP = Path(__file__).parents[1]
DOCS = TOP / "docs"
PAGES = [
    *(TOP / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted([*DOCS.glob("*.md"), *DOCS.glob("decisions/*.md")]),
]


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, DOCS / "_ext" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MADE: dict[str, str] = _module("pages_of_krow").pages()
TEXTS = {
    str(page.relative_to(DOCS if DOCS in page.parents else TOP)): page.read_text("utf-8") for page in PAGES
}
TEXTS["generated/findings.md"] = MADE["findings.md"]  # Part of findings.md.
FENCE = r"^```{kind}\n(?P<body>.*?)^```$"
BLOCK = re.compile(FENCE.format(kind=r"(?P<kind>\w+)"), re.MULTILINE | re.DOTALL)
REPOS = '[repos]\nmobile = "mobile"\nweb = "web"\nbackend = "backend"\n'
CELL = re.compile(FENCE.format(kind=r"\{code-cell\} python"), re.MULTILINE | re.DOTALL)
# A command, with the lines of its here-document where it has one.
COMMAND = re.compile(r"^\$ (.*<<'END'\n(?:.*\n)*?END|.*)$", re.MULTILINE)
# Pages whose blocks of commands follow one another in one workspace; elsewhere each begins anew.
STORIES = {
    *("tutorial.md", "tutorial-repositories.md", "howto-refused.md"),
    *("tutorial-hotfix.md", "howto-finish-refused.md", "howto-decide.md", "howto-post-mortem.md"),
    *("howto-share.md", "howto-build.md", "howto-signed-tags.md", "adopt.md"),
}
# What differs between runs, besides the folder: times, the day of adoption, and ids of commits.
VARYING = re.compile(
    r"(?<=^since = )[0-9-]{10}|\b[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} [+-][0-9]{2}:[0-9]{2}|"
    r"\b[0-9a-f]{12}\b",
    re.MULTILINE,
)
LINK = re.compile(r"\]\((?!https?:)(?P<target>[^)#]+)")


def blocks(kind: str) -> Iterator[object]:
    """The fenced blocks of a kind, named by page and line."""
    for page, text in TEXTS.items():
        for match in BLOCK.finditer(text):
            if match["kind"] == kind:
                line = text.count("\n", 0, match.start()) + 1
                yield pytest.param(match["body"], id=f"{page}:{line}")


def stories() -> Iterator[object]:
    """The blocks of commands that follow one another, each with the time that has passed on its page."""
    for page, text in TEXTS.items():
        found = [
            (clocks.passed(text[: match.start()]), match["body"], text.count("\n", 0, match.start()) + 1)
            for match in BLOCK.finditer(text)
            if match["kind"] == "console"
        ]
        if page in STORIES:
            yield pytest.param([each[:2] for each in found], id=page)
        else:
            yield from (pytest.param([each[:2]], id=f"{page}:{each[2]}") for each in found)


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which ``krow`` is the workspace of the demo."""
    make_workspace(str(tmp_path / "krow"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("body", [*blocks("pycon")])
def test_python_examples_are_true(body: str, demo: Path) -> None:
    """Each block gives what it shows; blocks of one page may use the names of its first."""
    names: dict[str, object] = {}
    exec("import krow_versions as kv", names)
    test = doctest.DocTestParser().get_doctest(body, names, "docs", None, 0)
    printed: list[str] = []
    flags = doctest.IGNORE_EXCEPTION_DETAIL if "Traceback" in body else 0
    doctest.DocTestRunner(optionflags=flags).run(test, out=printed.append)
    assert "".join(printed) == ""


@pytest.mark.parametrize("story", [*stories()])
def test_console_examples_are_true(story: list[tuple[dt.timedelta, str]], demo: Path) -> None:
    """Each story, run in a new demo workspace, prints what it shows, stdout and stderr together."""
    if any("ssh-keygen" in body for _, body in story) and shutil.which("ssh-keygen") is None:
        pytest.skip("there is no ssh-keygen here")
    folders = (str(demo / "bin"), str(Path(sys.executable).parent), os.environ["PATH"])
    # Without OLDPWD: `cd -` must not lead from the demo to where the tests were started.
    variables = {name: value for name, value in os.environ.items() if name != "OLDPWD"}
    variables |= {"PATH": os.pathsep.join(folders), "FOLDER": str(demo / "folder")}
    folder = demo / "krow"
    for later, body in story:
        if later:
            clocks.install(demo / "bin", later)
        session = ""
        for command in COMMAND.findall(body):
            done = subprocess.run(
                ["bash", "-c", f'{command}\nstatus=$?; pwd > "$FOLDER"; exit $status'],
                cwd=folder,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            session += f"$ {command}\n{VARYING.sub('…', done.stdout.replace(str(demo), '…'))}"
            folder = Path((demo / "folder").read_text().strip())
        assert session == body


def test_a_page_can_say_that_time_has_passed(demo: Path) -> None:
    """The comments before an example add up; its commands have the clock that is ahead by as much."""
    later = clocks.passed("a <!-- clock: +2 h --> b\n<!-- clock: +5 min -->\n<!-- clock: +1 d -->")
    assert later == dt.timedelta(days=1, hours=2, minutes=5)
    clocks.install(demo / "bin", later)
    before = now()
    for folder, expected in (("bin", later), ("", dt.timedelta())):
        row = subprocess.run(
            ["krow-versions", "bump-patch", "web", "-m", "Crash", "--dry-run", "-C", str(demo / "krow")],
            env=os.environ
            | {"PATH": os.pathsep.join((str(demo / folder), str(Path(sys.executable).parent), os.defpath))},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        days = {f"{(moment + expected).date()}" for moment in (before, now())}
        assert any(f"+| {day} | 1.4.1 |" in row for day in days)


@pytest.mark.parametrize("page", TEXTS)
def test_links_lead_somewhere(page: str) -> None:
    """Every relative link of a page is a file of the project."""
    text = re.sub(r"`[^`\n]*`", "", TEXTS[page])
    folder = TOP if (TOP / page).exists() else DOCS / "decisions" if page.startswith("decisions/") else DOCS
    assert [match["target"] for match in LINK.finditer(text) if not (folder / match["target"]).exists()] == []


@pytest.mark.parametrize("body", [*blocks("python")])
def test_python_files_are_tests_that_pass(body: str, tmp_path: Path) -> None:
    """Each block of whole Python is a module of tests, and they pass; a tool of the reader's is in it."""
    module = tmp_path / "test_example.py"
    module.write_text(body, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, str(module)]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=os.environ | {"CI": "true"},  # By this, Hypothesis limits no time.
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("body", [*blocks("toml")])
def test_configurations_are_right(body: str) -> None:
    """Each block of TOML is a configuration that the loader takes, but for what is not ours to read."""
    if "[project." not in body:
        text = REPOS if 'repo = "' in body.replace("repo      =", "repo =") else ""
        load(f"{body}\n{text}", path="krow-versions.toml")


@pytest.mark.parametrize("body", [*blocks("sh"), *blocks("yaml")])
def test_commands_in_scripts_are_there(body: str) -> None:
    """Each call of krow-versions in a script or a job of CI has arguments that the command line takes."""
    for line in re.findall(r"^(?:    - )?(krow-versions .*)", body, re.MULTILINE):
        call = re.split(r" (?:&&|\|\||;) ", line)[0]
        _parse(app, shlex.split(call, comments=True)[1:])


def _parse(command: click.Command, args: list[str]) -> None:
    """Parse the arguments of a command, and run nothing."""
    # A command keeps the help option that it has in its first context, so that must be the true one.
    context = click.Context(command, **command.context_settings)
    while isinstance(command, click.Group):
        found = command.get_command(context, args[0])
        assert found is not None, args[0]
        command, args = found, args[1:]
    command.make_context(command.name, args, parent=context)


def test_what_ci_uses_exists() -> None:
    """The page on CI names inputs of the action and ids of the hooks that exist."""
    told = (DOCS / "howto-ci.md").read_text(encoding="utf-8")
    action = (TOP / "action.yml").read_text(encoding="utf-8")
    given = re.findall(r"krow-versions@.*\n +with:\n((?: {10}.*\n)+)", told)
    assert given
    for name in re.findall(r"([\w-]+):", "".join(given)):
        assert f"\n  {name}:\n" in action
    hooks = re.findall(r"- id: (\S+)", (TOP / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert sorted(re.findall(r"- id: (\S+)", told)) == sorted(hooks)


def test_every_finding_has_its_section() -> None:
    """The generated page has one section for each finding, in their order, with a target for its id."""
    sections = re.findall(r"^\((\w+)\)=\n\n## (\w+): (.*)$", MADE["findings.md"], re.MULTILINE)
    assert sections == [(code, code, kind.title) for code, kind in FINDINGS.items()]
    assert MADE["findings.md"].count("\n## ") == len(FINDINGS)
    assert "{include} generated/findings.md" in TEXTS["findings.md"]


def test_named_ids_are_findings() -> None:
    """No page speaks of an id that is none."""
    for page, text in TEXTS.items():
        assert set(re.findall(r"\bKV[0-9]{3}\b", text)) <= set(FINDINGS), page


def test_named_tests_are_there() -> None:
    """The tests that hold a promise, and those of the evidence, exist; each promise names some."""
    text = (DOCS / "promises.md").read_text(encoding="utf-8")
    for section in text.split("\n## ")[1:]:
        named = re.findall(r"`(tests/\w+\.py)::(\w+)`", section)
        assert named, section.partition("\n")[0]
        for path, name in named:
            assert f"\ndef {name}(" in (TOP / path).read_text(encoding="utf-8"), f"{path}::{name}"
    assert len(re.findall(r"^## [1-9]\. ", text, re.MULTILINE)) == 9
    named = re.findall(r"`(tests/\w+\.py)(?:::(\w+))?`", TEXTS["reliability.md"])
    assert named
    for path, name in named:
        assert not name or f"\ndef {name}(" in (TOP / path).read_text(encoding="utf-8"), f"{path}::{name}"
        assert (TOP / path).exists(), path


@pytest.mark.parametrize("page", sorted(DOCS.glob("decisions/*.md")), ids=lambda page: page.name)
def test_decisions_have_their_parts_and_name_what_is_there(page: Path) -> None:
    """A decision has a number, its three parts, and names modules and tests that exist."""
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(page.name[:4])}. ")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    for path, name in re.findall(r"`(tests/\w+\.py)::(\w+)`", text):
        assert f"\ndef {name}(" in (TOP / path).read_text(encoding="utf-8"), f"{path}::{name}"
    for name in re.findall(r"`(krow_versions\.[\w.]+)`", text):
        assert pkgutil.resolve_name(name), name


def named_files(text: str) -> dict[str, list[Path]]:
    """The files of the project that a text names, by the path as written; capitals stand for any name."""
    paths = re.findall(r"\b(?:src|tests|docs|probe)/[\w/*-]+(?:\.\w+)?", text)
    return {path: [*TOP.glob(re.sub("NAME|GROUP", "*", path))] for path in paths}


def test_recipes_name_what_is_there() -> None:
    """CONTRIBUTING names files and commands that exist; in each step of a recipe, names are in its files."""
    text = TEXTS["CONTRIBUTING.md"]
    assert [path for path, found in named_files(text).items() if not found] == []
    commands = re.findall(r'^    "(\w+)": \(', (TOP / "dev").read_text(encoding="utf-8"), re.MULTILINE)
    assert {*re.findall(r"\./dev (\w+)", text)} <= {*commands}
    _, *recipes = text[text.index("## Recipes") :].split("\n### ")
    assert [recipe.split("\n")[0] for recipe in recipes] == [
        *("A format", "A finding", "A gate", "An output format", "A command")
    ]
    for recipe in recipes:
        for step in re.findall(r"^[0-9]\. (.*\n(?:   .*\n)*)", recipe, re.MULTILINE):
            files = [file for found in named_files(step).values() for file in found if file.is_file()]
            code = "".join(file.read_text(encoding="utf-8") for file in files)
            names = re.findall(r"`@?(\w+)[`(]", step)
            assert [name for name in names if not re.search(rf"\b{name}\b", code)] == [], step


def test_the_architecture_is_that_of_the_code() -> None:
    """Each name on the page of the architecture exists; each of its four ways has 6 to 12 numbered steps."""
    text = TEXTS["architecture.md"]
    names = re.findall(r"`(krow_versions\.[\w.]+)`", text)
    assert all(pkgutil.resolve_name(name) for name in names)
    ways = text.split("\n## ")[3:]
    assert len(ways) == 4
    for way in ways:
        steps = re.findall(r"^([0-9]+)\. ((?:.*\n)(?:   .*\n)*)", way, re.MULTILINE)
        assert [int(number) for number, _ in steps] == [*range(1, len(steps) + 1)]
        assert 6 <= len(steps) <= 12


def test_the_table_of_programs_says_what_commands_do() -> None:
    """The page on security says of each command what git may run, as its effect in the registry has it."""
    text = (DOCS / "security.md").read_text(encoding="utf-8")
    table = text[text.index("## Which command runs what") : text.index('"Nothing" means')]
    rows = re.findall(r"^\| (`.*) \| (.*) \| (.*)\|$", table, re.MULTILINE)
    for path, effect in (each for command in COMMANDS.values() for each in command.effects):
        found = [row[1:] for row in rows if re.search(rf"`{path}[` ]", row[0])]
        runs = " ".join(git for git, _ in found)
        assert ("`git " in runs) == (effect == ACTS), path
        assert (runs == "nothing") == (effect in {LOOKS, WRITES}), path
        assert effect != WRITES or re.search("writes|makes", found[0][1]), path
    for path, name in re.findall(r"`(tests/\w+\.py)(?:::(\w+))?`", text):
        assert not name or f"\ndef {name}(" in (TOP / path).read_text(encoding="utf-8"), f"{path}::{name}"
        assert (TOP / path).exists()


def test_every_command_has_its_section() -> None:
    """The page on the command line has a section for each command, and names each of a group in it."""
    text = TEXTS["cli.md"]
    for command in COMMANDS.values():
        heading = re.search(rf"^## .*\b{command.name}\b.*$", text, re.MULTILINE)
        assert heading, command.name
        section = text[heading.end() :].partition("\n## ")[0]
        missing = [path for path, _ in command.effects if " " in path and f"`{path}" not in section]
        assert missing == []


def test_exit_codes_are_those_of_the_program() -> None:
    """The page on exit codes and the command line itself have the same table."""
    told = (DOCS / "exit-codes.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| ([0-9]+) \| (.*) \|$", told, re.MULTILINE)
    assert table == re.findall(r"^([0-9]+) +(.*)$", cli.__doc__ or "", re.MULTILINE)


def test_the_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cells of the notebook run one after the other, and leave nothing behind."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setitem(mpl.rcParams, "backend", "agg")  # No window is opened, whatever screen there is.
    names: dict[str, object] = {}
    cells = CELL.findall((DOCS / "audit-notebook.md").read_text(encoding="utf-8"))
    for cell in cells:
        exec(re.sub(r"\A(?::.*\n)+", "", cell), names)
    assert len(cells) > 5
    assert list(tmp_path.iterdir()) == []
    codes: Any = names["report"]
    assert {"KV106", "KV205", "KV303", "KV402"} <= {finding.code for finding in codes.findings}
    names["plt"].close("all")  # type: ignore[attr-defined]


def test_the_picture_of_the_readme() -> None:
    """It is small, asks for nothing from elsewhere, and can be read in light and in dark."""
    text = (DOCS / "_static" / "releases.svg").read_text(encoding="utf-8")
    assert len(text) < 40_000
    tree = ET.fromstring(text)
    assert {each.tag.partition("}")[2] for each in tree.iter()} <= {
        "svg", "style", "g", "defs", "path", "use", "clipPath", "rect",
    }  # fmt: skip
    assert set(re.findall(r"\bhttps?:[^\"]*", text)) == {"http://www.w3.org/2000/svg"}
    assert "color: #1b1f24; background: #ffffff" in text
    assert "(prefers-color-scheme: dark)" in text
    made = _module("picture_of_krow").picture()
    markers = [part.count("<use ") for part in (made, text)]
    assert markers[0] == markers[1] > 30, "run docs/_ext/picture_of_krow.py"


def test_every_public_name_is_in_the_reference() -> None:
    """Each name for importers has one entry, and each command a page."""
    entries = [
        (module, name)
        for path, text in MADE.items()
        if path.startswith("api/")
        for module, part in re.findall(r"currentmodule:: (\S+)\n((?:(?!.. currentmodule).*\n)*)", text)
        for name in re.findall(r"^\.\. auto\w+:: (\w+)$", part, re.MULTILINE)
    ]
    assert len(entries) == len(set(entries))
    public = {*(("krow_versions", name) for name in krow_versions.__all__)}
    assert public | {("krow_versions.testing", name) for name in testing.__all__} <= set(entries)
    commands = app.list_commands(click.Context(app))
    assert sorted(path for path in MADE if path.startswith("commands/")) == sorted(
        f"commands/{name}.rst" for name in commands
    )


def test_every_key_of_the_configuration_is_in_the_reference() -> None:
    """The keys of the schema and those of the page are the same."""
    page = MADE["configuration-keys.md"]
    told = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    tables = {
        name
        for place in re.findall(r"^### `(.*)`$", page, re.MULTILINE)
        for name in re.findall(r"\w+", place)
    }
    assert sorted(set(told) | tables - {"NAME"}) == sorted(_keys(schema()))


def _keys(schema: dict[str, Any]) -> set[str]:
    """Every key of every table of a schema, however deep."""
    found = set(schema.get("properties", {}))
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    inner += [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)]
    return found.union(*map(_keys, inner))
