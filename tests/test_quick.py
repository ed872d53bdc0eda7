"""Quick readers: whatever one answers, the parser gives the same, and what is written is never left to it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import given, settings

import krow_versions as kv
from krow_versions import testing
from krow_versions.edits import Span
from krow_versions.errors import FileFormatError, InternalError
from krow_versions.formats import (
    BUILT_IN,
    Format,
    Outline,
    Scalar,
    find_version,
    format_named,
    replace_version,
    yaml_tree,
)
from krow_versions.formats.locating import find_in_full
from support.commands import run
from support.quick import answered

if TYPE_CHECKING:
    from support.repositories import Repo

QUICK = [name for name, known in BUILT_IN.items() if known.quick is not None]
PUBSPEC = BUILT_IN["pubspec"]


@settings(max_examples=60)
@given(testing.version_files())
def test_it_gives_what_the_parser_gives(sample: testing.Sample) -> None:
    """Of the difficult files of the testing library, in every format."""
    answered(sample.text, format_named(sample.format, sample.key))


@pytest.mark.parametrize("name", QUICK)
def test_another_reader_is_not_outrun(name: str) -> None:
    """A format whose reader was replaced, as by a plug-in, has no quick answers of the old reader."""
    chosen = BUILT_IN[name]
    other = attrs.evolve(chosen, read=lambda text: chosen.read(f"{text}\n"))
    assert chosen.quick is not None
    assert chosen.quick(other, "version: 1.4.0\n") is None


# --- a reader that is wrong -------------------------------------------------------------------


def lying(version: str, start: int) -> Format:
    """The format of pubspecs with a quick reader that always says the same."""
    outline = Outline({"version": version}, lambda _: Scalar(Span(start, start + len(version)), version))
    return attrs.evolve(PUBSPEC, quick=lambda *_: outline)


def test_what_the_parser_refuses_is_not_written() -> None:
    """If a quick reader answered for a text that the parser refuses, an edit is refused in the same words."""
    text = "version: 1.4.0\nname: a\nname: b\n"
    found = find_version(text, lying("1.4.0", 9))
    assert found.quick
    with pytest.raises(kv.errors.AmbiguousVersion) as expected:
        find_in_full(text, PUBSPEC)
    with pytest.raises(kv.errors.AmbiguousVersion) as refused:
        replace_version(found, kv.Version(1, 4, 1))
    assert str(refused.value) == str(expected.value)


def test_what_the_parser_reads_otherwise_is_not_written() -> None:
    """If a quick reader found another version than the parser, an edit is a bug, and nothing is written."""
    found = find_version("other: 1.4.0\nversion: 1.5.0\n", lying("1.4.0", 7))
    with pytest.raises(InternalError, match="quick reader of pubspec is wrong"):
        replace_version(found, kv.Version(1, 4, 1))


@pytest.mark.parametrize("error", [ValueError("a bug"), FileFormatError("unreadable")])
def test_no_error_of_a_quick_reader_is_seen(error: Exception) -> None:
    """An exception of a quick reader hands over, so every error is worded by the parser."""

    def broken(*_: object) -> Outline | None:
        raise error

    found = find_version("version: 1.4.0\n", attrs.evolve(PUBSPEC, quick=broken))
    assert (str(found.version), found.quick) == ("1.4.0", False)


@pytest.mark.parametrize(
    "text",
    [
        "version: 1.4.0\n<<<<<<< ours\n",
        "version: 1.4.0\n>>>>>>> theirs\n",
        f"version: 1.4.0\n#{' ' * kv.formats.MIB}",
    ],
    ids=["ours", "theirs", "long"],
)
def test_what_is_refused_for_every_format_is_not_asked(text: str) -> None:
    """Conflict marks and the limit of the length hold for quick readers that do not look for them, too."""
    with pytest.raises(kv.errors.InputError) as expected:
        find_in_full(text, PUBSPEC)
    with pytest.raises(kv.errors.InputError) as refused:
        find_version(text, lying("1.4.0", 9))
    assert str(refused.value) == str(expected.value)


# --- who asks it ------------------------------------------------------------------------------

CHARTED = '[products.app]\nslug = "app"\nfiles = ["app/pubspec.yaml", "chart/Chart.yaml"]\n'
APP = "name: app\npublish_to: none\nversion: {}\n"
CHART = "apiVersion: v2\nname: app\nversion: {}\n"


@pytest.fixture
def charted(repo: Repo) -> Repo:
    """An app with a chart, whose release 1.4.0 is followed by a fix."""
    repo.write("krow-versions.toml", CHARTED)
    repo.write("app/pubspec.yaml", APP.format("1.4.0+7"))
    repo.write("chart/Chart.yaml", CHART.format("1.4.0+7"))
    repo.commit("feat: first")
    repo.tag("app/prod-v1.4.0")
    repo.commit("fix: second")
    return repo


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that the parser of YAML was given, in order."""
    texts: list[str] = []
    parse = yaml_tree.parse_yaml

    def counted(text: str) -> kv.formats.Document:
        texts.append(text)
        return parse(text)

    monkeypatch.setattr(yaml_tree, "parse_yaml", counted)
    return texts


def test_only_what_changes_is_parsed(charted: Repo, parsed: list[str]) -> None:
    """Looking at files, also at a tag, parses none in full; a bump parses each once before and once after."""
    workspace = kv.Workspace.open(charted.path)
    assert str(workspace["app"].version) == "1.4.0+7"
    workspace.audit(history=True)
    workspace.history("app")
    assert parsed == []
    plan = workspace.plan_bump("app", changelog=False)
    before, after = ([APP.format(each), CHART.format(each)] for each in ("1.4.0+7", "1.4.1+8"))
    assert sorted(parsed) == sorted(before + after)
    workspace.apply(plan)
    parsed.clear()
    assert workspace.plan_bump("app", changelog=False).is_empty
    assert parsed == []


def test_a_file_that_is_not_plain_is_parsed(charted: Repo, parsed: list[str]) -> None:
    """What the quick reader hands over is parsed as before."""
    text = "version: !!str 1.4.0\nname: {a: b, c: d}\n"
    charted.write("chart/Chart.yaml", text)
    state = kv.Workspace.open(charted.path).snapshot(["app"], log=False).products[0]
    assert [file.path for file in state.files if file.error is not None] == ["chart/Chart.yaml"]
    assert set(parsed) == {text}


@pytest.mark.parametrize(
    "args", [("show",), ("audit",), ("history", "app"), ("bump-patch", "app", "--check")]
)
def test_the_parser_is_not_loaded_for_plain_files(charted: Repo, args: tuple[str, ...]) -> None:
    """A command that only reads plain files loads neither ruamel.yaml nor what is made for it."""
    charted.write("app/pubspec.yaml", APP.format("1.4.1+8"))
    charted.write("chart/Chart.yaml", CHART.format("1.4.1+8"))
    code = (
        "import sys, contextlib, io\nfrom krow_versions.cli.app import app\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
        f"    app({[*args]!r})\nprint(*sys.modules)"
    )
    loaded = run("-c", code, cwd=charted.path, program=[sys.executable]).out.split()
    heavy = ("ruamel", "krow_versions.formats.yaml_tree", "krow_versions.formats.yaml_scanner")
    assert [name for name in loaded if name.startswith(heavy)] == []
    assert "krow_versions.formats.yaml_lines" in loaded
