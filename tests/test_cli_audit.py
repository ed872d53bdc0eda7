"""``audit`` and ``history`` as a user and a CI job meet them; and that commands load when asked for."""

from __future__ import annotations

import ast
import csv
import io
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import jsonschema  # type: ignore[import-untyped]  # It brings no types.
import pytest

import krow_versions
from krow_versions import Workspace
from krow_versions.cli.app import app
from krow_versions.cli.commands import ACTS, COMMANDS
from krow_versions.cli.demo import make_workspace
from support.child import Result
from support.commands import RAW, assert_refused, run
from support.krow import CLIENT, SLUG, STAFF, WEB, package, pubspec
from support.repositories import Repo
from support.untouched import state

if TYPE_CHECKING:
    from collections.abc import Sequence

ALL = "worker-mobile, client-mobile, web, backend"
CLEAN = f"no findings in {ALL}"
WEB_TAG = "krow-withus-web/prod-v1.4.0"
CONFIG = """\
[repos]
mobile = "krow-mobile"
site = "krow-web"

[products.app]
slug = "app"
repo = "mobile"
files = ["pubspec.yaml"]

[products.site]
slug = "site"
repo = "site"
files = ["web/package.json"]
"""


@pytest.fixture
def clean(tmp_path: Path) -> Repo:
    """A workspace in which everything agrees: that of the demo."""
    make_workspace(str(tmp_path / "krow"))
    return Repo(tmp_path / "krow")


def error(repo: Repo) -> None:
    """Put a file behind production."""
    text = (repo.path / CLIENT).read_text().replace("0.2.3+17", "0.2.2+16")
    repo.write(CLIENT, text)


def warning(repo: Repo) -> None:
    """Make a production tag a lightweight one."""
    repo.git("tag", "--force", WEB_TAG, f"{WEB_TAG}^{{commit}}")


def note(repo: Repo) -> None:
    """Take away all that says that backend was released."""
    for tag in repo.git("tag", "--list", "krow-withus-backend/*").split("\n"):
        repo.git("tag", "--delete", tag)


SEEDS = {"error": error, "warning": warning, "note": note}


def findings(result: Result) -> list[tuple[str, str]]:
    """Id and level of every finding that a run printed as text."""
    lines = re.findall(r"^.+?: (?:. )?(error|warning|note): .* \[(KV[0-9]{3})\]$", result.out, re.MULTILINE)
    return [(code, level) for level, code in lines]


@pytest.mark.parametrize("args", [[], ["--history"], ["--fail-on", "note"], ["web"], ["Staff Mobile", "web"]])
def test_a_clean_workspace_is_0_and_says_so(clean: Repo, args: list[str]) -> None:
    """Nothing found is nothing on stdout, a word on stderr, and nothing touched."""
    before = state(clean)
    result = run("audit", *args, cwd=clean.path)
    names = {"web": "web", "Staff Mobile": "worker-mobile, web"}.get((args or [""])[0], ALL)
    assert (result.code, result.out, result.err) == (0, "", f"no findings in {names}\n")
    assert state(clean) == before


@pytest.mark.parametrize("fail_on", [None, "error", "warning", "note"])
@pytest.mark.parametrize(
    "seeds", [[], ["note"], ["warning"], ["error"], ["note", "warning"], ["error", "note"]]
)
def test_the_exit_code_is_1_from_the_severity_that_is_asked_for(
    clean: Repo, seeds: list[str], fail_on: str | None
) -> None:
    """Findings at or above --fail-on exit 1, default warning; all are printed either way."""
    for each in seeds:
        SEEDS[each](clean)
    result = run("audit", *(["--fail-on", fail_on] if fail_on else []), cwd=clean.path)
    levels = ["error", "warning", "note"]
    reached = levels[: levels.index(fail_on or "warning") + 1]
    assert result.code == int(bool({*seeds} & {*reached}))
    assert {level for _, level in findings(result)} == {*seeds}
    assert [seed for seed in seeds if f"1 {seed}" not in result.err] == []


def test_text_is_lines_to_parse_by_product_and_a_summary_on_stderr(clean: Repo) -> None:
    """File and line, else the tag; each product by its name; hints below; the counts at the end."""
    error(clean)
    warning(clean)
    result = run("audit", cwd=clean.path)
    lines = result.out.splitlines()
    assert [line for line in lines if re.fullmatch("[a-z-]+", line)] == ["client-mobile", "web"]
    assert lines[1].startswith(f"{CLIENT}:6: error: ")
    assert lines[1].endswith(" [KV202]")
    assert lines[2].startswith("  hint: ")
    assert lines[4].startswith(f"{WEB_TAG}: warning: ")
    assert result.err == f"1 error, 1 warning in {ALL}\nkrow-versions explain KV202 says more\n"
    assert run("audit", "-q", cwd=clean.path) == Result(1, result.out, "")
    only_web = run("audit", "web", cwd=clean.path)
    assert findings(only_web) == [("KV205", "warning")]


def test_colour_comes_with_a_symbol_and_a_word(clean: Repo) -> None:
    """What is coloured says the same without colours."""
    error(clean)
    warning(clean)
    plain, painted = (run("audit", "--color", when, cwd=clean.path).out for when in ("never", "always"))
    assert "\x1b[" not in plain
    stripped = re.sub(r"\x1b\[[0-9;]*m", "", painted)
    assert stripped.replace(": ✗ error: ", ": error: ").replace(": ! warning: ", ": warning: ") == plain
    assert "✗ error" in stripped
    assert not RAW.search(stripped)


@pytest.mark.parametrize("args", [["--json"], ["--format", "json"], ["--json", "--format", "json"]])
def test_json_is_that_of_the_library(clean: Repo, args: list[str]) -> None:
    """--json and --format json print the report as data, the summary stays on stderr."""
    error(clean)
    result = run("audit", *args, cwd=clean.path)
    assert result.code == 1
    assert result.data == Workspace.open(clean.path).audit().to_json()
    (found,) = result.data["findings"]
    assert (found["code"], found["path"], found["line"], result.data["ok"]) == ("KV202", CLIENT, 6, False)


@pytest.mark.parametrize(
    ("name", "args", "begins"),
    [
        ("x.json", [], '{\n  "schema": 1'),
        ("x.SARIF", [], '{\n  "$schema"'),
        ("x.sarif.json", [], '{\n  "$schema"'),
        ("x.html", [], "<!DOCTYPE html>"),
        ("x.txt", [], "client-mobile\n"),
        ("x.xml", [], '<?xml version="1.0"'),
        ("gl-code-quality-report.json", [], '[\n  {\n    "description"'),
        ("x", ["--format", "github"], "::error "),
        ("x.json", ["--format", "sarif"], '{\n  "$schema"'),
        ("x.sarif", ["--json"], '{\n  "schema": 1'),
    ],
)
def test_output_goes_to_a_file_in_the_format_of_its_name(
    clean: Repo, tmp_path: Path, name: str, args: list[str], begins: str
) -> None:
    """-o writes what stdout would get, stdout has the summary, and the exit code is the same."""
    error(clean)
    before = state(clean)
    for path in (tmp_path / name, tmp_path / name):  # The second time it is replaced.
        result = run("audit", "-o", str(path), *args, cwd=clean.path)
        assert (result.code, result.out, result.err) == (1, f"1 error in {ALL}\n", "")
        text = path.read_text(encoding="utf-8")
        assert text.startswith(begins)
        assert text.endswith("\n")
        assert not text.endswith("\n\n")
    assert sorted(os.listdir(tmp_path)) == sorted(["krow", name])
    assert state(clean) == before


def test_output_replaces_what_is_there_and_follows_links(clean: Repo, tmp_path: Path) -> None:
    """An older report of any size is replaced, its mode kept; a link stays a link, wherever it leads."""
    old = tmp_path / "reports/old.txt"
    old.parent.mkdir()
    old.write_text("x" * 100_000)
    old.chmod(0o640)
    link = tmp_path / "links/latest.json"
    link.parent.mkdir()
    link.symlink_to("../reports/old.txt")
    assert run("audit", "-o", "../links/latest.json", cwd=clean.path) == Result(0, f"{CLEAN}\n", "")
    assert json.loads(old.read_text()) == {"schema": 1, "ok": True, "findings": []}
    assert link.is_symlink()
    assert old.stat().st_mode & 0o777 == 0o640


def test_output_to_stdout(clean: Repo) -> None:
    """A dash is stdout, as without -o."""
    error(clean)
    assert run("audit", "-o", "-", "--json", cwd=clean.path) == run("audit", "--json", cwd=clean.path)


@pytest.mark.parametrize(
    ("args", "words", "code"),
    [
        (["-o", "no/such/x.json"], ["no/such", "no folder"], 2),
        (["-o", "apps"], ["'apps'"], 2),
        (["-o", ""], ["''"], 2),
        (["-o", "/dev/null"], ["null", "device"], 3),
        (["-o", "locked.json"], ["locked.json", "read-only"], 4),
        (["--format", "xml"], ["'xml'", "sarif"], 2),
        (["--fail-on", "fatal"], ["'fatal'", "warning"], 2),
        (["--json", "--format", "text"], ["--json", "--format text"], 2),
        (["wbe"], ["'wbe'", "did you mean web?"], 2),
        (["web", ""], ["''"], 2),
    ],
)
def test_wrong_calls_say_what_is_wrong(clean: Repo, args: list[str], words: list[str], code: int) -> None:
    """Nothing on stdout, nothing written, a way on; never the exit code of findings."""
    error(clean)
    clean.write("locked.json", "{}").chmod(0o444)
    before = state(clean)
    assert_refused(run("audit", *args, cwd=clean.path), *words, code=code)
    assert state(clean) == before


def test_outside_of_any_workspace(tmp_path: Path) -> None:
    """As every command: wrong usage that says where it looked."""
    for command in (["audit"], ["history", "web"]):
        assert_refused(run(*command, cwd=tmp_path), str(tmp_path), code=2)


@pytest.fixture
def several(tmp_path: Path) -> Path:
    """A workspace of two repositories with one fault in each, and nothing tagged."""
    for folder, path, text in (
        ("krow-mobile", "pubspec.yaml", "version: [\n"),
        ("krow-web", "web/package.json", '{\n  "version": 1\n}\n'),
    ):
        repo = Repo(tmp_path / "all" / folder)
        repo.write(path, text)
        repo.commit()
    (tmp_path / "all/krow-versions.toml").write_text(CONFIG)
    return tmp_path / "all"


def test_findings_name_their_repository(several: Path) -> None:
    """Text names the repository as the configuration does, annotations and SARIF its folder."""
    text = run("audit", cwd=several / "krow-web")
    assert text.code == 1
    assert re.search(r"^mobile:pubspec\.yaml:[0-9]+: error: .* \[KV103\]$", text.out, re.MULTILINE)
    assert re.search(r"^site:web/package\.json:2: error: .* \[KV10[34]\]$", text.out, re.MULTILINE)
    for job, prefix in ((None, ""), (str(several), ""), (str(several.parent), "all/"), ("/elsewhere", "")):
        quality = run("audit", "--format", "gitlab", cwd=several, env={"CI_PROJECT_DIR": job}).data
        paths = {each["location"]["path"] for each in quality}
        assert paths == {f"{prefix}krow-mobile/pubspec.yaml", f"{prefix}krow-web/web/package.json"}
        env = {"GITHUB_WORKSPACE": job}
        commands = run("audit", "--format", "github", cwd=several, env=env)
        assert commands.code == 1
        assert f"::error file={prefix}krow-mobile/pubspec.yaml,line=" in commands.out
        assert f"::error file={prefix}krow-web/web/package.json,line=2,title=KV10" in commands.out
        (sarif,) = run("audit", "--format", "sarif", cwd=several, env=env).data["runs"]
        assert sarif["originalUriBaseIds"]["site"]["uri"] == f"{prefix}krow-web/"
        uris = {
            tuple(result["locations"][0]["physicalLocation"]["artifactLocation"].values())
            for result in sarif["results"]
        }
        assert uris == {("pubspec.yaml", "mobile"), ("web/package.json", "site")}


def test_sarif_of_the_command_is_valid(clean: Repo) -> None:
    """What is printed is a SARIF 2.1.0 document with the version of this package."""
    for seed in SEEDS.values():
        seed(clean)
    document = run("audit", "--history", "--format", "sarif", cwd=clean.path).data
    schema = json.loads((Path(__file__).parent / "schemas/sarif-2.1.0.json").read_text(encoding="utf-8"))
    jsonschema.Draft4Validator(schema).validate(document)
    driver = document["runs"][0]["tool"]["driver"]
    assert driver["version"] == krow_versions.__version__
    assert {"KV201", "KV202", "KV205"} <= {result["ruleId"] for result in document["runs"][0]["results"]}


def test_a_step_summary_is_appended_on_github(clean: Repo, tmp_path: Path) -> None:
    """Only for annotations, behind what other steps wrote; where it fails, a warning says so."""
    error(clean)
    summary = tmp_path / "summary.md"
    summary.write_text("# before\n")
    env = {"GITHUB_STEP_SUMMARY": str(summary)}
    run("audit", "--json", cwd=clean.path, env=env)
    assert summary.read_text() == "# before\n"
    result = run("audit", "--format", "github", cwd=clean.path, env=env)
    assert (result.code, result.out.count("\n")) == (1, 1)
    written = summary.read_text()
    assert written.startswith("# before\n### krow-versions audit\n")
    assert "| client-mobile | 1 | 0 | 0 |" in written
    assert "KV202" in written
    failed = run("audit", "--format", "github", cwd=clean.path, env={"GITHUB_STEP_SUMMARY": str(tmp_path)})
    assert (failed.code, failed.out) == (1, result.out)
    assert ": the summary of the step could not be written: " in failed.err


def test_without_git_the_files_are_still_looked_at(tmp_path: Path) -> None:
    """A plain folder: that nothing is known of releases is found, once per product, and no crash."""
    for path, text in ((STAFF, pubspec("0.1.0+5")), (WEB, package("1.4.0"))):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(text)
    result = run("audit", cwd=tmp_path)
    assert result.code == 1
    assert [code for code, _ in findings(result) if code < "KV400"] == ["KV001", "KV001"]


@pytest.mark.parametrize("damage", ["no HEAD", "no program"])
def test_git_that_cannot_be_asked_is_a_finding_or_an_error(clean: Repo, damage: str) -> None:
    """With a repository that git cannot read, or without git, it is said; never "no findings"."""
    if damage == "no HEAD":
        (clean.path / ".git/HEAD").unlink()
    result = run("audit", cwd=clean.path, env={"PATH": "/nonexistent"} if damage == "no program" else None)
    assert result.code in {1, 3, 4}, result
    assert "Traceback" not in result.err
    assert "git" in result.out + result.err
    assert "no findings" not in result.err
    if result.code == 1:
        assert {code for code, _ in findings(result)} >= {"KV001"}


def test_a_shallow_clone_is_reported(clean: Repo, tmp_path: Path) -> None:
    """Where history is cut off, tags may be missing: that is a finding, and nothing else is made of it."""
    clean.commit("docs: more")
    shallow = clean.clone(tmp_path / "shallow", "--depth=1")
    result = run("audit", "web", cwd=shallow.path)
    assert (result.code, findings(result)) == (1, [("KV002", "warning")])


def test_history_lists_releases_newest_first(clean: Repo) -> None:
    """One row per release of any stage; JSON as promised, CSV and Markdown with the same rows."""
    clean.write(STAFF, "\n")
    text = run("history", "Worker Mobile", cwd=clean.path)
    assert (text.code, text.err) == (0, "")
    heads, *rows = (re.split(" {2,}", line) for line in text.out.splitlines())
    assert heads == ["tag", "stage", "version", "build", "date", "days since", "commit"]
    tags = [row[0] for row in rows]
    assert sorted(tags) == sorted(clean.git("tag", "--list", f"{SLUG}/*").split("\n"))
    data = run("history", "worker-mobile", "--json", cwd=clean.path).data
    assert data == Workspace.open(clean.path).history("worker-mobile").to_json()
    assert (data["schema"], data["product"]) == (1, "worker-mobile")
    assert [release["tag"] for release in data["releases"]] == tags
    head = clean.git("rev-parse", f"{SLUG}/prod-v0.1.0^{{commit}}")
    (production,) = (each for each in data["releases"] if each["stage"] == "production")
    assert {"version": "0.1.0", "build": 5, "commit": head}.items() <= production.items()
    assert run("history", "web", "--format", "json", cwd=clean.path).data["product"] == "web"
    table = run("history", "worker-mobile", "--format", "csv", cwd=clean.path).out
    assert [row[0] for row in csv.reader(io.StringIO(table, newline=""))] == ["tag", *tags]
    marked = run("history", "worker-mobile", "--format", "markdown", cwd=clean.path).out
    assert [line.split(" | ")[0].removeprefix("| ") for line in marked.splitlines()[2:]] == tags


def test_history_warns_of_files_that_could_not_be_read_then(repo: Repo) -> None:
    """A file broken at a tag is a warning that names tag and file, and no row is lost for it."""
    for number in range(25):
        repo.write(STAFF, f"version: [{number}\n")
        repo.commit()
        repo.tag(f"{SLUG}/dev-v0.0.{number}")
    repo.write(STAFF, pubspec("0.1.0+5"))
    repo.commit()
    repo.tag(f"{SLUG}/prod-v0.1.0")
    result = run("history", "worker-mobile", cwd=repo.path)
    assert (result.code, result.out.count("\n")) == (0, 27)
    assert f"warning: {SLUG}/dev-v0.0.24:{STAFF}: " in result.err
    assert "and 5 more; --verbose shows all" in result.err
    whole = run("history", "worker-mobile", "-v", "--json", cwd=repo.path)
    assert whole.err.count("warning: ") == 25
    assert len(whole.data["releases"]) == 26


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["nope"], ["'nope'", "worker-mobile"]),
        ([], ["PRODUCT"]),
        (["web", "client-mobile"], ["client-mobile"]),
        (["web", "--json", "--format", "csv"], ["--json", "csv"]),
        (["web", "--format", "html"], ["'html'"]),
    ],
)
def test_wrong_calls_of_history(clean: Repo, args: list[str], words: list[str]) -> None:
    """Wrong usage is 2, in words."""
    assert_refused(run("history", *args, cwd=clean.path), *words, code=2)


def test_history_of_a_product_without_releases(clean: Repo) -> None:
    """No release is no error: headings only, and a word about it."""
    note(clean)
    result = run("history", "backend", cwd=clean.path)
    assert (result.code, result.out.count("\n")) == (0, 1)
    assert result.err == "backend has no releases yet\n"
    assert run("history", "backend", "--json", cwd=clean.path).data["releases"] == []


def test_hostile_names_reach_no_terminal(clean: Repo) -> None:
    """Tags that git allows and a terminal should not see are escaped in every format."""
    commit = clean.git("rev-parse", "HEAD")
    names = [b"krow-withus-web/prod-v1.4.\xff", "krow-withus-web/prod-\u202ev9.9.9\x9b31m".encode()]
    ref = clean.path / ".git/packed-refs"
    packed = ref.read_bytes() if ref.exists() else b"# pack-refs with: peeled fully-peeled sorted \n"
    ref.write_bytes(packed + b"".join(commit.encode() + b" refs/tags/" + name + b"\n" for name in names))
    clean.git("tag", "--list")
    for args in (["audit"], ["audit", "--json"], ["audit", "--format", "github"], ["history", "web"]):
        result = run(*args, cwd=clean.path)
        assert result.code in {0, 1}, result
        assert not RAW.search(result.out + result.err)
        assert not re.search("[\ud800-\udfff]", result.out + result.err)
    assert ("KV206", "warning") in findings(run("audit", cwd=clean.path))


def loaded(*args: str, cwd: Path, env: dict[str, str] | None = None) -> set[str]:
    """The modules that a run of the program has loaded at its end."""
    code = (
        "import sys, contextlib, io\nfrom krow_versions.cli.app import app\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
        f"    app({list(args)!r})\nprint(*sys.modules)"
    )
    return {*run("-c", code, cwd=cwd, env=env, program=[sys.executable]).out.split()}


@pytest.mark.parametrize(
    ("args", "module"),
    [
        (["bump-patch", "web", "-n"], "bump_patch"),
        (["show"], "show"),
        (["config", "show"], "config"),
        (["audit"], "audit"),
        (["--help"], None),
        (["adit"], None),
    ],
)
def test_a_command_loads_itself_and_no_other(clean: Repo, args: list[str], module: str | None) -> None:
    """A command loads no other command; help and "did you mean" load none."""
    own = {each.module for each in COMMANDS.values()}
    names = loaded(*args, cwd=clean.path)
    assert "krow_versions.cli.app" in names
    assert {each for each in own if f"krow_versions.cli.{each}" in names} == ({module} if module else set())
    assert any(name.startswith("krow_versions.audit") for name in names) == (module == "audit")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_registry_says_what_commands_are(name: str) -> None:
    """Each entry leads to a command of that name, a group to the same commands, with a word on each."""
    command = app.get_command(click.Context(app), name)
    assert command is not None
    assert command.name == name
    commands = command.commands if isinstance(command, click.Group) else {}
    effect = COMMANDS[name].effect
    assert set(commands) == (set() if isinstance(effect, str) else set(effect))
    assert re.fullmatch(r"[A-Z].{10,50}\.", COMMANDS[name].short)
    assert all(each.get_short_help_str(100).endswith(".") for each in commands.values())


@pytest.mark.parametrize(
    ("path", "effect"), [each for command in COMMANDS.values() for each in command.effects]
)
def test_what_acts_can_be_tried_and_is_confirmed(path: str, effect: str) -> None:
    """A command that acts takes --yes and --dry-run; of the others, only those of a hotfix do."""
    command: click.Command = app
    for name in path.split():
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), name)
        assert found is not None
        command = found
    options = {option for each in command.params for option in each.opts}
    assert ("--yes" in options) == (effect == ACTS or path.startswith("hotfix "))
    assert "--dry-run" in options or effect != ACTS


def test_only_few_modules_load_by_name() -> None:
    """Imports by a name escape the test of rooms, so only registries and what loads late use them."""
    source = Path(krow_versions.__file__).parent
    found = {
        str(path.relative_to(source))
        for path in source.rglob("*.py")
        if path.name != "__init__.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute | ast.Name | ast.alias)
        and {"import_module", "__import__"} & {getattr(node, each, "") for each in ("attr", "id", "name")}
    }
    assert found == {"cli/app.py", "formats/registry.py", "lazy.py"}


def completions(words: Sequence[str], cwd: Path) -> list[str]:
    """What bash is offered for the last of *words*."""
    env = {
        "_KROW_VERSIONS_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["krow-versions", *words]),
        "COMP_CWORD": str(len(words)),
    }
    program = shutil.which("krow-versions", path=str(Path(sys.executable).parent))
    assert program
    result = run(cwd=cwd, env=env, program=[program])
    assert result.err == ""
    return [line.partition(",")[2] for line in result.out.splitlines()]


def test_completion_offers_commands_and_their_options(tmp_path: Path) -> None:
    """The names of commands, the group's own options, and what a command takes."""
    assert completions([""], tmp_path) == sorted(COMMANDS)
    assert completions(["au"], tmp_path) == ["audit"]
    assert "--workspace" in completions(["--w"], tmp_path)
    assert completions(["audit", "--format", "s"], tmp_path) == ["sarif"]
    assert completions(["audit", "--fail-on", ""], tmp_path) == ["error", "warning", "note"]


@pytest.mark.parametrize("words", [["nonsense", ""], ["nonsense", "--f"], ["bump-minor", "x", ""]], ids=str)
def test_completion_behind_a_word_that_is_no_command_prints_no_error(
    tmp_path: Path, words: list[str]
) -> None:
    """Whoever presses Tab is still typing: nothing is written between what they type."""
    completions(words, tmp_path)


def test_completion_offers_products_without_git(tmp_path: Path) -> None:
    """Names and aliases: KROW's own, or those of the nearest configuration; nothing where that is wrong."""
    assert completions(["bump-patch", "w"], tmp_path) == ["worker-mobile", "web"]
    assert completions(["hotfix", "status", "st"], tmp_path) == ["staff-mobile"]
    config = tmp_path / "krow-versions.toml"
    odd = "mobile$(touch x)"  # A shell would read more in it than a word.
    config.write_text(f'[products.app]\nfiles = ["VERSION"]\naliases = ["mobile", "{odd}"]\n')
    (tmp_path / "VERSION").write_text("1.0.0\n")
    for command in (["show"], ["audit"], ["history"], ["changelog", "add"], ["hotfix", "start"]):
        assert completions([*command, ""], tmp_path) == ["app", "mobile"]
    inner = tmp_path / "inner"
    inner.mkdir()
    assert completions(["-C", str(tmp_path), "show", "a"], inner) == ["app"]
    config.write_text("[what]\n")
    assert completions(["show", ""], tmp_path) == [""]  # No product: an empty answer.


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_completion_is_printed(tmp_path: Path, shell: str) -> None:
    """Each shell's script calls the program back."""
    result = run("completion", shell, cwd=tmp_path)
    assert result.code == 0
    assert f"_KROW_VERSIONS_COMPLETE={shell}_complete" in result.out


def test_bash_takes_the_script(tmp_path: Path) -> None:
    """A real bash that has loaded the script is offered products."""
    program = Path(sys.executable).parent
    script = (
        'eval "$(krow-versions completion bash)"; COMP_WORDS=(krow-versions bump-patch wo); COMP_CWORD=2; '
        '_krow_versions_completion krow-versions wo bump-patch; echo "${COMPREPLY[@]}"'
    )
    result = run(
        "--noprofile",
        "--norc",
        "-c",
        script,
        cwd=tmp_path,
        program=["bash"],
        env={"PATH": f"{program}:{os.environ['PATH']}"},
    )
    assert (result.out, result.err) == ("worker-mobile\n", "")


# Accepted as aliases; the last two are invisible in part.
ODD = ("$(touch x)", "$(>x)", "`>x`", "a;>x", "a&>x", "a|b", "a>x", "it's", 'a"b', "~", "a b", "#a", "a*",
       "{a,b}", "!!", "a\\b", "a\U000e0041", "a\ufe0f")  # fmt: skip
PLAIN = ("m@b.il", "b\u00fcro", "a%+,./-b_1")


def test_what_bash_is_offered_is_a_word_that_runs_nothing(tmp_path: Path) -> None:
    """Bash inserts a candidate as it is: each is one word, itself; other names are left out."""
    config = tmp_path / "krow-versions.toml"
    aliases = json.dumps([*ODD, *PLAIN], ensure_ascii=False)
    config.write_text(f'[products.app]\nfiles = ["VERSION"]\naliases = {aliases}\n', encoding="utf-8")
    (tmp_path / "VERSION").write_text("1.0.0\n")
    script = (
        'eval "$(krow-versions completion bash)"; COMP_WORDS=(krow-versions bump-patch ""); COMP_CWORD=2; '
        '_krow_versions_completion krow-versions "" bump-patch; '
        'for each in "${COMPREPLY[@]}"; do eval "printf \'%s\\n\' $each"; done'
    )
    program = Path(sys.executable).parent
    path = {"PATH": f"{program}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    result = run("--noprofile", "--norc", "-c", script, cwd=tmp_path, program=["bash"], env=path)
    assert (result.out.splitlines(), result.err) == (["app", *PLAIN], "")
    assert {each.name for each in tmp_path.iterdir()} == {"krow-versions.toml", "VERSION"}
    assert run("config", "check", cwd=tmp_path).code == 0  # So all of them are accepted.


@pytest.mark.parametrize("alias", ["-x", "--help", "a\u200b", "\u2800"])
def test_no_alias_is_an_option_or_invisible(tmp_path: Path, alias: str) -> None:
    """The configuration refuses such an alias, and nothing is offered."""
    (tmp_path / "VERSION").write_text("1.0.0\n")
    config = tmp_path / "krow-versions.toml"
    config.write_text(f'[products.app]\nfiles = ["VERSION"]\naliases = {json.dumps([alias])}\n')
    assert completions(["show", ""], tmp_path) == [""]
    assert_refused(run("config", "check", cwd=tmp_path), "aliases", code=2)
