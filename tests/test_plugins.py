"""Formats of other packages: what they need is public, and one that is broken is named, whatever it does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from support.commands import run
from support.hang import SECONDS
from support.krow import checkout

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from support.repositories import Repo

# A format with one place, `version = 0.1.0`, which imports public names only. `{}` stands for what breaks it.
WORKING = """
import krow_versions as kv

def read(text):
    start = text.index("=") + 2
    def locate(key_path):
        return kv.Scalar(kv.Span(start, len(text.rstrip())), text[start:].rstrip())
    return kv.Document({"version": text[start:].rstrip(), "rest": text[:start]}, locate)

def fail(*_):
    raise RuntimeError("no such luck")

def exit(*_):
    raise SystemExit(0)

def made(**more):
    return kv.Format(**{"name": __name__, "read": read, "filenames": (f"{__name__}.conf",)} | more)
"""
TEXT = "version = 0.1.0+5\n"

# What is wrong with a format, and what is said of it. The file of the last ones is read or written first.
BROKEN = {
    "absent": ("import no_such_module", "cannot be loaded: ModuleNotFoundError: No module named"),
    "crash": ("1 / 0", "cannot be loaded: ZeroDivisionError: division by zero"),
    "leaving": ("import sys; sys.exit(0)", "cannot be loaded: SystemExit: 0"),
    "syntax": ("def (", "cannot be loaded: SyntaxError: "),
    "nameless": ("", "cannot be loaded: AttributeError: module 'nameless' has no attribute 'FORMAT'"),
    "dictionary": ("FORMAT = {}", "is no krow_versions.Format, but of the type dict"),
    "renamed": ("FORMAT = made(name='other')", "its record has the name 'other'"),
    "letters": ("FORMAT = made(filenames='a')", "filenames is not a tuple of texts"),
    "sizes": ("FORMAT = made(max_bytes='1')", "max_bytes is not a number above 0"),
    "lonely": ("FORMAT = made(companions=('no',))", "companions names 'no', which is no"),
    "data": ("FORMAT = made(read={})", "read is no function"),
    "raising": ("FORMAT = made(read=fail)", "function read of its format raised RuntimeError: no "),
    "ending": ("FORMAT = made(read=exit)", "function read of its format raised SystemExit: 0"),
    "nothing": ("FORMAT = made(read=str.split)", "gave ['version', '=', '0.1.0+5'], which is not a D"),
    "keyless": ("FORMAT = made(keys=lambda _: ())", "keys of its format gave (), which is not key"),
    "unkeyed": ("FORMAT = made(keys=lambda _: 'version')", "gave 'version', which is not key p"),
    "mute": ("FORMAT = made(read=lambda text: kv.Document({}, fail))", "function locate of its "),
    "numbers": ("FORMAT = made(read=lambda text: kv.Document({}, lambda _: 7))", "gave 7, which"),
    "long": ("FORMAT = made(read=lambda text: 'x' * 200)", f"gave '{'x' * 78}…, which is not a D"),
    "outside": (
        "FORMAT = made(read=lambda text: kv.Document({}, lambda _: kv.Scalar(kv.Span(90, 95), '0.1.0')))",
        "the version is at Span(start=90, end=95), but the text ends at",
    ),
    "unkind": ("FORMAT = made(kind=lambda *_: 'patch')", "gave 'patch', which is not one of vers"),
    "liar": (
        "FORMAT = made(read=lambda text: kv.Document({'version': 1}, read(text).locate))",
        "nothing was written by its format liar: the edit would change more than the version",
    ),
    "sprinter": (
        "FORMAT = made(quick=lambda _, text: kv.Outline({}, lambda _: kv.Scalar(kv.Span(10, 15), '0.1.0')))",
        "nothing was written by its format sprinter: the quick reader of sprinter is wrong",
    ),
}  # fmt: skip
FAULT = re.compile(r"the package broken-(\w+) 1\.0, which adds formats, is broken: (.*)")


def install(folder: Path, module: str, code: str, entry_points: str = "") -> None:
    """Install a distribution by hand, as pip does it: a module, and a folder of metadata."""
    metadata = folder / f"broken_{module}-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: broken-{module}\nVersion: 1.0\n")
    named = entry_points or f"[krow_versions.formats]\n{module} = {module}:FORMAT\n"
    (metadata / "entry_points.txt").write_text(named)
    (folder / f"{module}.py").write_text(f"{WORKING}\n{code}\n")


def python(folder: Path, code: str, *args: str) -> list[Any]:
    """Run code that prints JSON, with what is installed in a folder."""
    done = subprocess.run(
        [sys.executable, "-c", code, *args],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), *filter(None, sys.path)])},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.stderr == ""
    found: list[Any] = json.loads(done.stdout)
    return found


SET = """
import json, sys
import krow_versions as kv
found = []
for name in sys.argv[2:]:
    try:
        found.append(kv.set_version(sys.argv[1], "0.1.1", format=name))
    except kv.UsageError as error:
        found.append([error.message, error.hint])
print(json.dumps(found))
"""


def test_a_package_that_is_broken_is_named(tmp_path: Path) -> None:
    """Whatever a format does wrong, at its import or in use, is a usage error that names its package."""
    for name, (code, _) in BROKEN.items():
        install(tmp_path, name, code)
    found = dict(zip(BROKEN, python(tmp_path, SET, TEXT, *BROKEN), strict=True))
    for name, (_, words) in BROKEN.items():
        assert isinstance(found[name], list), name
        message, hint = found[name]
        match = FAULT.fullmatch(message)
        assert match, message
        assert match[1] == name
        assert words in message
        assert hint == f"update it, or uninstall it, such as with: pip uninstall broken-{name}"


def test_two_packages_with_one_name_are_both_named(tmp_path: Path) -> None:
    """Which of them would win depends on the order of folders, so none does; nor one named as a built-in."""
    twice = "[krow_versions.formats]\ntwice = {}:FORMAT\n"
    for name in ("first", "second"):
        install(tmp_path, name, "FORMAT = made(name='twice')", twice.format(name))
    [[message, _]] = python(tmp_path, SET, TEXT, "twice")
    assert re.search(r"'twice' is there several times: in broken-\w+ 1.0, broken-\w+ 1.0", message)
    install(tmp_path / "other", "pubspec", "FORMAT = made()")
    [[message, _]] = python(tmp_path / "other", SET, TEXT, "x.conf")
    assert "has the name of a built-in format" in message


@pytest.fixture
def broken(tmp_path: Path) -> Mapping[str, str]:
    """The environment of a package that cannot be loaded."""
    install(tmp_path / "installed", "crash", BROKEN["crash"][0])
    return {"PYTHONPATH": os.pathsep.join([str(tmp_path / "installed"), *filter(None, sys.path)])}


def test_a_broken_package_stops_only_what_needs_it(repo: Repo, broken: Mapping[str, str]) -> None:
    """A command that needs to know a file by its name ends with 2; the others do their work."""
    checkout(repo)
    for command in (["--help"], ["completion", "bash"], ["bump-patch", "web", "-n"]):
        ended = run(*command, cwd=repo.path, env=broken)
        assert (ended.code, ended.err.partition("error")[2]) == (0, ""), command
    refused = run("init", cwd=repo.path, env=broken)
    assert (refused.code, "broken-crash 1.0" in refused.err) == (2, True)
    repo.write("app.conf", TEXT)
    repo.write("krow-versions.toml", '[products.app]\nslug = "app"\nfiles = ["app.conf"]\n')
    repo.commit()
    for command in (["show"], ["bump-patch", "app"]):
        ended = run(*command, cwd=repo.path, env=broken)
        assert (ended.code, ended.out) == (2, ""), command
        assert "the package broken-crash 1.0, which adds formats, is broken" in ended.err
        assert "pip uninstall broken-crash" in ended.err
        assert "bug" not in ended.err


def test_init_finds_the_files_of_a_package(repo: Repo, tmp_path: Path) -> None:
    """A format of another package makes products as a built-in one does."""
    install(tmp_path / "installed", "mine", "FORMAT = made(has_build=True, private=lambda _: True)")
    env = {"PYTHONPATH": os.pathsep.join([str(tmp_path / "installed"), *filter(None, sys.path)])}
    repo.write("app/mine.conf", TEXT)
    repo.commit()
    assert run("init", cwd=repo.path, env=env).code == 0
    assert 'files = ["app/mine.conf"]' in (repo.path / "krow-versions.toml").read_text()


def test_a_format_that_fails_in_use_is_named_by_every_command(repo: Repo, tmp_path: Path) -> None:
    """A function that raises ends a bump with 2, and is what an audit and a table say of the file."""
    install(tmp_path / "installed", "raising", BROKEN["raising"][0])
    env = {"PYTHONPATH": os.pathsep.join([str(tmp_path / "installed"), *filter(None, sys.path)])}
    repo.write("raising.conf", TEXT)
    repo.write("krow-versions.toml", '[products.app]\nslug = "app"\nfiles = ["raising.conf"]\n')
    repo.commit()
    for command, codes in (
        (["show"], {2}),
        (["audit"], {1}),
        (["bump-patch", "app", "--from", "0.1.0"], {2}),
    ):
        ended = run(*command, cwd=repo.path, env=env)
        assert ended.code in codes, ended
        assert "broken-raising 1.0" in ended.out + ended.err
        assert "bug" not in ended.err
        assert "the committed file is meant" not in ended.err
    assert (repo.path / "raising.conf").read_text() == TEXT
