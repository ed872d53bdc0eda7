"""Formats know themselves: what is to be known of a kind of file is asked of its record, not its name."""

from __future__ import annotations

import ast
import inspect
import json
import os
import pickle
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest

import krow_versions
from krow_versions.formats import BUILT_IN, Format, format_named
from support.commands import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.repositories import Repo

SOURCE = Path(krow_versions.__file__).parent
DOCS = Path(__file__).parents[1] / "docs"
NAMES = {name for known in BUILT_IN.values() for name in (known.name, *known.filenames)}
# Words that mean other things as well: an output format, a field, the value of an option.
WORDS = {"text", "json", "VERSION"}
# Where formats and their files are named all the same, and why.
ALLOWED = {
    "products.py": "KROW's own catalog names KROW's files",
    "cli/agree.py": "the example in the help names a file",
    "cli/demo.py": "makes the files of an example",
    "config/candidates.py": "knows manifests that only init reads",
    "config/elsewhere.py": "a pyproject.toml may take its version from another file",
    "config/fields.py": "examples in the schema of the configuration",
    "config/model.py": "the documentation of a key",
    "findings/": "the pages of the findings show examples",
    "testing/locks.py": "draws files of the built-in formats",
    "testing/builds.py": "draws files of the built-in formats",
    "testing/samples.py": "draws files of the built-in formats",
    "testing/values.py": "draws names of files",
    "testing/workspace.py": "draws files of the built-in formats",
    "workspace/overrides.py": "knows which files of other build tools stand beside a pubspec",
    "workspace/main_config.py": "a pyproject.toml may hold the configuration",
}
# Within a longer text, a plain word such as cargo names no format.
_WITHIN = re.compile(
    rf"(?<![\w.-])(?:{'|'.join(re.escape(name) for name in NAMES if not name.isalpha())})(?![\w-]|\.\w)"
)


def named(code: str) -> Iterator[str]:
    """Every literal that names a format or one of its files, and every comparison of a format's name."""
    tree = ast.parse(code)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            if node.value in NAMES - WORDS or _WITHIN.search(node.value):
                yield node.value
        elif isinstance(node, ast.Compare):
            inside = list(ast.walk(node))
            asked = any(isinstance(each, ast.Attribute) and each.attr == "format" for each in inside)
            if asked and any(isinstance(each, ast.Constant) and each.value in NAMES for each in inside):
                yield ast.unparse(node)


def test_no_format_is_asked_by_its_name() -> None:
    """Outside of `formats/` no code names a format or a file of one, but for the few that have a reason."""
    found = {
        path.relative_to(SOURCE).as_posix(): list(named(path.read_text(encoding="utf-8")))
        for path in SOURCE.rglob("*.py")
        if not path.is_relative_to(SOURCE / "formats")
    }
    allowed = tuple(ALLOWED)
    assert {path: names for path, names in found.items() if names and not path.startswith(allowed)} == {}
    named_there = [path for path, names in found.items() if names]
    assert [start for start in allowed if not any(path.startswith(start) for path in named_there)] == []


@pytest.mark.parametrize(
    "code",
    [
        'if file.format == "pubspec": pass',
        'if file.format in {"text", "yaml"}: pass',
        'locks = {"package-lock"}',
        'name.endswith("/package.json")',
        'hint = "run it beside the package-lock.json"',
        'f"{folder}/Cargo.toml"',
    ],
)
def test_a_name_is_seen_wherever_it_stands(code: str) -> None:
    """The test above sees a comparison, a set, a path, a message and a formatted text."""
    assert list(named(code)) != []


@pytest.mark.parametrize(
    "code", ['"""Reads a pubspec.yaml."""', 'kind = "text"', 'x == "charts"', '"my-package.json.bak"']
)
def test_other_texts_name_no_format(code: str) -> None:
    """The documentation of code, an ordinary word and a longer name are none."""
    assert list(named(code)) == []


def test_every_trait_is_documented() -> None:
    """Each attribute of a format is in its documentation, in the order in which it is given."""
    said = re.findall(r"^    (\w+): ", inspect.getdoc(Format) or "", re.MULTILINE)
    assert said == [field.name for field in attrs.fields(Format)]
    for name in {*said} - {"name", "read", "keys", "at", "origin"}:
        assert f"\n| `{name}` |" in (DOCS / "howto-format.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("known", BUILT_IN.values(), ids=BUILT_IN)
def test_every_format_is_documented(known: Format) -> None:
    """The page on formats has a line for each, with the names of its files."""
    (line,) = re.findall(
        rf"^\| `{known.name}` \|.*", (DOCS / "formats.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert [name for name in known.filenames if f"`{name}`" not in line] == []


@pytest.mark.parametrize("known", BUILT_IN.values(), ids=BUILT_IN)
def test_traits_agree(known: Format) -> None:
    """A companion is a lock whose files have names; no file name is of two formats."""
    assert all(BUILT_IN[name].is_lock and BUILT_IN[name].filenames for name in known.companions)
    others = {name for other in BUILT_IN.values() if other is not known for name in other.filenames}
    assert others.isdisjoint(known.filenames)
    assert not known.is_lock or any(known.name in other.companions for other in BUILT_IN.values())


PLUGIN = """
import attrs
from krow_versions import Format
from krow_versions.formats.yaml import read_yaml

LOUD = Format("loud", read_yaml, filenames=("LOUD.yaml",), has_build=True, companions=("loud-lock",))
LOCK = Format("loud-lock", read_yaml, filenames=("LOUD.lock",), lock_command="loud lock")
APP = Format(
    "loud-app",
    read_yaml,
    lambda data: tuple((key,) for key in ("NAME", "CODE") if key in data),
    ("LOUD.app",),
    kind=lambda key_path, value: "build" if key_path == ("CODE",) else "version",
)
"""


@pytest.fixture
def plugin(tmp_path: Path) -> dict[str, str]:
    """The environment in which another package brings two formats, a file and its lock."""
    metadata = tmp_path / "plugin/loud-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: loud\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[krow_versions.formats]\nloud = loud:LOUD\nloud-lock = loud:LOCK\nloud-app = loud:APP\n"
    )
    (metadata.parent / "loud.py").write_text(PLUGIN)
    return {"PYTHONPATH": os.pathsep.join([str(metadata.parent), *filter(None, sys.path)])}


def test_a_format_of_another_package_has_every_trait(repo: Repo, plugin: dict[str, str]) -> None:
    """Its lock is found and bumped with it, its own command updates it, and a build may be missing."""
    repo.write(
        "krow-versions.toml", '[products.loud]\nslug = "loud"\nfiles = ["*/LOUD.yaml", "*/package.json"]\n'
    )
    repo.write("a/LOUD.yaml", "version: 1.4.0+7\n")
    repo.write("a/LOUD.lock", "version: 1.4.0\n")
    repo.write("b/LOUD.yaml", "version: 1.4.0\n")
    repo.write("c/package.json", '{"version": "1.4.0+7"}')
    repo.write("d/package.json", '{"version": "1.4.0"}')
    repo.commit()
    found = json.loads(run("audit", "--format", "json", cwd=repo.path, env=plugin).out)["findings"]
    assert [each["path"] for each in found if each["code"] == "KV107"] == ["b/LOUD.yaml"]
    repo.write("a/LOUD.lock", "version: 1.3.0\n")
    found = json.loads(run("audit", "--format", "json", cwd=repo.path, env=plugin).out)["findings"]
    assert [each["hint"] for each in found if each["code"] == "KV106"] == ["run loud lock beside it"]
    refused = run("bump-patch", "loud", "--no-changelog", cwd=repo.path, env=plugin)
    assert (refused.code, "a lock out of step: loud lock" in refused.err) == (3, True)
    repo.write("a/LOUD.lock", "version: 1.4.0+7\n")
    assert run("bump-patch", "loud", "--no-changelog", cwd=repo.path, env=plugin).code == 0
    after = {path.name: path.read_text() for path in (repo.path / "a").iterdir()}
    assert after == {"LOUD.yaml": "version: 1.4.1+8\n", "LOUD.lock": "version: 1.4.1+8\n"}


def test_a_format_of_another_package_has_builds(repo: Repo, plugin: dict[str, str]) -> None:
    """Its builds count at tags, rise with the version, and are in the history, also in a file without one."""
    files = '["app/LOUD.app", "code/LOUD.app"]'
    repo.write("krow-versions.toml", f'[products.loud]\nslug = "loud"\nfiles = {files}\n')
    repo.write("app/LOUD.app", "NAME: 1.5.0 # next\nCODE: 42\n")
    repo.write("code/LOUD.app", "CODE: '0061'\n")
    repo.commit()
    repo.tag("loud/staging-v1.5.0")
    repo.write("app/LOUD.app", "NAME: 1.4.0 # next\nCODE: 42\n")
    repo.write("code/LOUD.app", "CODE: '0042'\n")
    repo.commit()
    repo.tag("loud/prod-v1.4.0")
    done = run("bump-patch", "loud", "--no-changelog", cwd=repo.path, env=plugin)
    assert done.code == 0, done.err
    after = {name: (repo.path / name / "LOUD.app").read_text() for name in ("app", "code")}
    assert after == {"app": "NAME: 1.4.1 # next\nCODE: 62\n", "code": "CODE: '0062'\n"}
    assert run("bump-patch", "loud", "--no-changelog", "--check", cwd=repo.path, env=plugin).code == 0
    repo.commit()
    repo.tag("loud/prod-v1.4.1")
    releases = json.loads(run("history", "loud", "--json", cwd=repo.path, env=plugin).out)["releases"]
    assert {each["version"]: each["build"] for each in releases} == {"1.4.1": 62, "1.5.0": 61, "1.4.0": 42}


KEYS = {
    "gradle": "android.defaultConfig.versionName",
    "text": "version {version}",
    "xcode": "MARKETING_VERSION",
}


@pytest.mark.parametrize("name", BUILT_IN)
def test_what_was_read_at_a_key_goes_to_other_processes(name: str) -> None:
    """A format can be pickled, also for the version at a key: the files of a snapshot have it."""
    for key in (None, KEYS.get(name, "dependencies.version")):
        chosen = format_named(name, key)
        assert pickle.loads(pickle.dumps(chosen)).name == chosen.name


def test_what_was_read_is_equal_in_other_processes(repo: Repo) -> None:
    """A snapshot that was pickled is equal, whatever functions its formats are made of."""
    repo.write("package.json", '{"version": "1.4.0"}')
    repo.write("values.yaml", "image: {tag: 1.4.0}\n")
    files = '["package.json", {path = "values.yaml", format = "yaml", key = "image.tag"}]'
    repo.write("krow-versions.toml", f'[products.web]\nslug = "web"\nfiles = {files}\n')
    repo.commit("feat: first")
    snapshot = krow_versions.Workspace.open(repo.path).snapshot(log=False)
    assert pickle.loads(pickle.dumps(snapshot)) == snapshot
