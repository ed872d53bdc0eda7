"""Formats: found by name, by file name, by key path, by line template, and in other packages."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import attrs
import pytest

from krow_versions.edits import Span
from krow_versions.errors import (
    InputError,
    InternalError,
    InvalidVersion,
    KrowVersionsError,
    Unsupported,
    UsageError,
)
from krow_versions.formats import (
    BUILT_IN,
    find_version,
    format_for,
    format_named,
    read_version,
    registry,
    replace_version,
    set_version,
)
from krow_versions.version import Version
from support.hang import SECONDS

if TYPE_CHECKING:
    from pathlib import Path

# --- text -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "template", "after"),
    [
        (
            'v = "1.2"\n__version__ = "0.1.0"\n',
            '__version__ = "{version}"',
            'v = "1.2"\n__version__ = "0.1.1+6"\n',
        ),
        ("<string>0.1.0</string>\r\n", "<string>{version}</string>", "<string>0.1.1+6</string>\r\n"),
        ("v 0.1.0-SNAPSHOT", "v {version}-SNAPSHOT", "v 0.1.1+6-SNAPSHOT"),
        ("a.{}* 0.1.0\fx", "a.{}* {version}", "a.{}* 0.1.1+6\fx"),
        (
            'x 10.1.05\n\tversionName "0.1.0+5"',
            'versionName "{version}"',
            'x 10.1.05\n\tversionName "0.1.1+6"',
        ),
    ],
)
def test_a_line_template_picks_one_line(text: str, template: str, after: str) -> None:
    """A template is literal text around the version; every other line is left alone."""
    assert set_version(text, "0.1.1+6", format="text", key=template) == after


@pytest.mark.parametrize(
    "template", ["", "version", "{version}", " {version} ", "{version}{version}", "a\n{version}"]
)
def test_a_template_names_one_version_in_one_line(template: str) -> None:
    """A template without a placeholder, with two, over two lines or with nothing else is refused."""
    with pytest.raises(InputError, match="is not a line template"):
        read_version("version 0.1.0\n", format="text", key=template)


@pytest.mark.fault(29)
@pytest.mark.parametrize(
    ("text", "template"), [('subversion = "0.1.0"', 'version = "{version}"'), ("rev1.0.0", "v{version}")]
)
def test_a_template_begins_where_a_word_begins(text: str, template: str) -> None:
    """The line of another key that only ends like the template is not the version's line."""
    try:
        after = set_version(text, "9.9.9", format="text", key=template)
    except KrowVersionsError:
        after = text
    assert after == text


@pytest.mark.fault(33)
def test_only_line_feeds_end_a_line() -> None:
    """A form feed or U+2028 between the version and its mark does not part them."""
    text = 'v = "0.1.0"\f\u2028\x85\x0b# krow-versions\n# end\n'
    assert set_version(text, "0.1.1", format="text") == text.replace("0.1.0", "0.1.1")


def test_a_marked_line_takes_every_version() -> None:
    """Whatever version semver allows can be written to a marked line."""
    text = 'v = "0.1.0"  # krow-versions\n'
    assert set_version(text, "0.1.1-rc-", format="text") == 'v = "0.1.1-rc-"  # krow-versions\n'


# --- key paths, names, entry points ---------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "key", "after"),
    [
        (
            "version: 1.0.0\nappVersion: '0.1.0'\n",
            "chart",
            "appVersion",
            "version: 1.0.0\nappVersion: '9.9.9'\n",
        ),
        ("image: {tag: 0.1.0}\n", "yaml", "image.tag", "image: {tag: 9.9.9}\n"),
        ('"a.b": {"": 0.1.0}\n', "yaml", '"a.b".""', '"a.b": {"": 9.9.9}\n'),
        (
            '{"packages":{"":{"version":"0.1.0"}}}',
            "json",
            'packages."".version',
            '{"packages":{"":{"version":"9.9.9"}}}',
        ),
        (
            'version = "1.0.0"\n[tool."a.b"]\nv = \'0.1.0\'',
            "toml",
            'tool."a.b".v',
            'version = "1.0.0"\n[tool."a.b"]\nv = \'9.9.9\'',
        ),
        ('{"version":"1.0.0","é b":"0.1.0"}', "package-json", "é b", '{"version":"1.0.0","é b":"9.9.9"}'),
        (
            '{"version":"1.0.0","a":"0.1.0","b":{"c":"0.1.0"}}',
            "json",
            "\na\n  b.c\r\n",
            '{"version":"1.0.0","a":"9.9.9","b":{"c":"9.9.9"}}',
        ),
    ],
)
def test_a_key_path_picks_another_place(text: str, name: str, key: str, after: str) -> None:
    """A dotted key path, its odd parts quoted, says where the version is kept."""
    assert read_version(text, format=name, key=key) == Version(0, 1, 0)
    assert set_version(text, "9.9.9", format=name, key=key) == after


@pytest.mark.parametrize("key", ["", "\n", "a\n.", ".", "a..b", '"a', 'a"b"', "version.", ".version"])
@pytest.mark.parametrize("name", ["yaml", "json", "toml"])
def test_what_is_no_key_path_is_refused(name: str, key: str) -> None:
    """A key path with empty or half-quoted parts is an error that shows how to write one."""
    with pytest.raises(InputError, match="is not a key path"):
        format_named(name, key)


def test_formats_are_known_by_file_name() -> None:
    """The last part of a path decides, exactly; a format's name can be a file name too."""
    known = {
        "apps/a/pubspec.yaml": "pubspec",
        "x/package-lock.json": "package-lock",
        "npm-shrinkwrap.json": "package-lock",
    }
    known |= {
        "Cargo.toml": "cargo",
        "a/pyproject.toml": "pyproject",
        "Chart.yaml": "chart",
        "app.json": "expo",
        "app/build.gradle": "gradle",
        "app/build.gradle.kts": "gradle",
        "gradle.properties": "gradle-properties",
        "VERSION": "text",
    }
    assert {path: format_for(path).name for path in known} == known
    assert read_version("version: 0.1.0", format="pubspec.yaml") == Version(0, 1, 0)


@pytest.mark.parametrize(
    "path", ["settings.gradle", "package.json/", "", "Pubspec.yaml", "my-package.json", "pubspec.yaml.bak"]
)
def test_unknown_file_names_are_refused(path: str) -> None:
    """A file that no format knows is an error with the configuration that names one."""
    with pytest.raises(Unsupported) as caught:
        format_for(path)
    assert 'format = "text"' in str(caught.value)


def test_unknown_formats_are_refused() -> None:
    """A format that does not exist is a usage error that lists those that do."""
    with pytest.raises(UsageError, match="there is no format 'nope'") as caught:
        read_version("0.1.0", format="nope")
    assert ", ".join(sorted(BUILT_IN)) in str(caught.value)


def test_what_is_written_is_a_version() -> None:
    """A new version that is none is refused before the text is read."""
    with pytest.raises(InvalidVersion, match="'junk'"):
        set_version("no version here", "junk", format="pubspec")


def test_only_a_version_is_written() -> None:
    """What is neither a Version nor text is refused, not printed into the file."""
    with pytest.raises(InvalidVersion):
        set_version("version: 0.1.0\n", None, format="pubspec")  # type: ignore[arg-type]


def test_another_package_adds_a_format(tmp_path: Path) -> None:
    """A distribution with an entry point of the group `krow_versions.formats` adds a format by its name."""
    metadata = tmp_path / "shouting-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: shouting\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[krow_versions.formats]\nshouting = shouting:SHOUTING\n")
    (tmp_path / "shouting.py").write_text(
        "import attrs\n"
        "from krow_versions.formats import BUILT_IN\n"
        "SHOUTING = attrs.evolve(BUILT_IN['yaml'], name='shouting', filenames=('LOUD.yaml',), "
        "keys=lambda data: (('VERSION',),))\n"
    )
    program = (
        "from krow_versions.formats import format_for, set_version\n"
        "print(format_for('a/LOUD.yaml').name, set_version('VERSION: 0.1.0', '0.1.1', format='shouting'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
        capture_output=True,
        text=True,
        check=True,
        timeout=SECONDS,
    )
    assert done.stdout == "shouting VERSION: 0.1.1\n"


@pytest.mark.parametrize("lie", ["style", "span"])
def test_an_edit_that_would_change_more_is_our_bug(lie: str) -> None:
    """Promise 3: the second parse finds what a lying format does, and nothing is given back."""
    pubspec = format_named("pubspec")
    text = "version: 0.1.0\nname: x\n"
    located = find_version(text, pubspec)
    (place,) = located.places
    scalar = place.scalar
    wider = Span(scalar.span.start, scalar.span.end + 8)
    lying = attrs.evolve(scalar, style="[") if lie == "style" else attrs.evolve(scalar, span=wider)
    located = attrs.evolve(located, places=(attrs.evolve(place, scalar=lying),))
    with pytest.raises(InternalError) as caught:
        replace_version(located, Version.parse("0.1.1"))
    assert caught.value.before == text


def test_the_registry_says_what_the_formats_say() -> None:
    """Names and file names are known without the formats, and are those of the formats."""
    for name, _, *filenames in registry._LINES:
        known = BUILT_IN[name]
        assert (known.name, known.filenames) == (name, tuple(filenames))
        assert [BUILT_IN.known_by(each) for each in filenames] == [known] * len(filenames)


def test_a_format_is_loaded_when_it_is_asked_for() -> None:
    """The names of all formats load none; one of them loads its own modules."""
    code = (
        "import sys; from krow_versions.formats import BUILT_IN, format_for; list(BUILT_IN); "
        "print('krow_versions.formats.xcode' in sys.modules); format_for('project.pbxproj'); "
        "print('krow_versions.formats.xcode' in sys.modules, 'krow_versions.formats.gradle' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == "False\nTrue False\n"
